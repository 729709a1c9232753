"""Which data sets, models and services there are, how each was last checked, and which copies are overdue.

:func:`read_inventory` reads what there is from TOML, :func:`survey` says when each was last scrubbed or certified,
against which epoch, with what proof; :func:`find_copies` lists what was superseded and is to be deleted.
"""

from sealscrub.boundary import bound_room

from .coverage_report import Coverage, due_of
from .coverage_survey import survey
from .evidence_files import LoggedScrub
from .inventory import (
    Inventory,
    ListedCache,
    ListedData,
    ListedIndex,
    ListedPlan,
    ListedService,
    read_inventory,
)
from .last_checks import Evidence, Item, ItemKind, Proof, Standing
from .old_copies import Copies, Copy, find_copies

__all__ = [
    "Copies",
    "Copy",
    "Coverage",
    "Evidence",
    "Inventory",
    "Item",
    "ItemKind",
    "ListedCache",
    "ListedData",
    "ListedIndex",
    "ListedPlan",
    "ListedService",
    "LoggedScrub",
    "Proof",
    "Standing",
    "due_of",
    "find_copies",
    "read_inventory",
    "survey",
]

bound_room(__name__)
