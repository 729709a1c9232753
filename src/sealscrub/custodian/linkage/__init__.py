"""Finding records of sealed arrests that share no identifier with the seals, and saying how many may be missed.

:func:`train` makes a :class:`LinkModel` on one extract, :func:`link` decides by it on another, and
:func:`recall_bound` says from a sample that a person has read how much of what is there was found.
"""

from importlib.util import find_spec

from sealscrub.errors import MissingExtra

if find_spec("rapidfuzz") is None or find_spec("splink") is None:
    raise MissingExtra.of("rapidfuzz" if find_spec("splink") else "splink", "linkage")

from sealscrub.boundary import bound_room
from sealscrub.identifiers.linkage_fields import FIELDS

from .best_matches import best_rows, draw_sample
from .group_rates import by_group
from .known_pairs import KnownPairs, known_pairs
from .link_model import LinkModel, starting_model
from .pair_marks import pair_marks
from .recall_bound import Bound, recall_bound, recall_bound_from_two_systems
from .recall_drill import DrillResult, link_drill
from .seal_links import Links, link, link_new
from .splink_training import train

__all__ = [
    "FIELDS",
    "Bound",
    "DrillResult",
    "KnownPairs",
    "LinkModel",
    "Links",
    "best_rows",
    "by_group",
    "draw_sample",
    "known_pairs",
    "link",
    "link_drill",
    "link_new",
    "pair_marks",
    "recall_bound",
    "recall_bound_from_two_systems",
    "starting_model",
    "train",
]

bound_room(__name__)
