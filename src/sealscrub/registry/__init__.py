"""The custodian's record of seals: append-only, bitemporal, and the only place that holds identifiers.

:class:`Registry` registers notices, answers questions about two times, and publishes indexes. Nobody but the
custodian needs it: everyone else works with what it publishes.
"""

from .adding import AddResult
from .answers import Changes, Event, Person, Seal
from .migrating import migrate
from .notices import Basis, EventKind
from .publishing import Published
from .registry import Registry

__all__ = ["AddResult", "Basis", "Changes", "Event", "EventKind", "Person", "Published", "Registry", "Seal", "migrate"]
