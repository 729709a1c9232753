"""The custodian's record of seals: append-only, bitemporal, and the only place that holds identifiers.

:class:`Registry` registers notices, answers questions about two times, and publishes indexes. No one but the
custodian needs it: everyone else works with what it publishes.
"""

from sealscrub.errors import MissingExtra

try:
    import sqlalchemy as _  # noqa: F401 - the files of this room import it: say here, once, what brings it
except ImportError:
    raise MissingExtra.of("sqlalchemy", "registry") from None

from sealscrub.boundary import bound_room

from .at_rest_key import EncryptionKey, KeyCommand, KeyService
from .corrections import Corrected, CorrectionReason
from .derivation import Derived
from .index_publication import Published
from .link_draws import LinkDraw
from .link_events import LinkBasis, Linked
from .link_runs import LinkRun, LinkWork
from .migration import migrate
from .name_publication import PublishedText
from .notice_intake import AddResult
from .notice_rows import Basis, EventKind
from .registry_answers import Changes, Event, Person, Seal
from .republication import republish
from .roles import role_statements
from .seal_registry import Registry

__all__ = [
    "AddResult",
    "Basis",
    "Changes",
    "Corrected",
    "CorrectionReason",
    "Derived",
    "EncryptionKey",
    "Event",
    "EventKind",
    "KeyCommand",
    "KeyService",
    "LinkBasis",
    "LinkDraw",
    "LinkRun",
    "LinkWork",
    "Linked",
    "Person",
    "Published",
    "PublishedText",
    "Registry",
    "Seal",
    "migrate",
    "republish",
    "role_statements",
]

bound_room(__name__)
