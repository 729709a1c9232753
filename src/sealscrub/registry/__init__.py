"""The custodian's record of seals: append-only, bitemporal, and the only place that holds identifiers.

:class:`Registry` registers notices, answers questions about two times, and publishes indexes. Nobody but the
custodian needs it: everyone else works with what it publishes.
"""

from sealscrub.errors import MissingExtra

try:
    import sqlalchemy as _  # noqa: F401 - the files of this room import it: say here, once, what brings it
except ImportError:
    raise MissingExtra.of("SQLAlchemy", "registry") from None

from .adding import AddResult
from .answers import Changes, Event, Person, Seal
from .correcting import Corrected, CorrectionReason
from .deriving import Derived
from .migrating import migrate
from .notices import Basis, EventKind
from .publishing import Published
from .publishing_names import PublishedText
from .registry import Registry
from .roles import role_statements
from .unlocking import EncryptionKey, KeyCommand, KeyService

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
    "Person",
    "Published",
    "PublishedText",
    "Registry",
    "Seal",
    "migrate",
    "role_statements",
]
