"""The registry's tables.

Events are numbered in the order in which they were recorded. The row of an epoch is written last, when its events
are there, and says the number of the last of them: that closes the epoch, and the guards let nothing into it any
more. What identifies anyone, or says so in free text, is encrypted in a registry that is encrypted at rest.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    column,
    table,
)

__all__: list[str] = []

SCHEMA_VERSION = 3

AT_REST = "at_rest"
EQUAL, HIDDEN = "equal", "hidden"
"""How a column is encrypted: so that rows are found by it, or so that equal values differ."""
_EQUAL, _HIDDEN = {AT_REST: EQUAL}, {AT_REST: HIDDEN}

metadata = MetaData()

_Number = BigInteger().with_variant(Integer, "sqlite")

# What the file is: schema version, the registry's id, and after a migration the digest of the one before it.
META = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

# One row for each committed change. Times are UTC, ISO 8601 to the millisecond, by the store's clock.
EPOCHS = Table(
    "epochs",
    metadata,
    Column("epoch", _Number, primary_key=True, autoincrement=False),
    Column("recorded_at", String(24), nullable=False),
    Column("source_name", Text, nullable=False, info=_HIDDEN),
    Column("source_sha256", Text, nullable=False, info=_HIDDEN),
    Column("source_rows", _Number, nullable=False),
    Column("last_event", _Number, nullable=False),
)

# One row for each event of one seal. Dates are ISO 8601.


def _numbered() -> tuple[Column[int], Column[int]]:
    """Columns of a table whose rows are events: numbered together with those of the other tables, and of an epoch."""
    return Column("event_id", _Number, primary_key=True, autoincrement=False), Column("epoch", _Number, nullable=False)


def _system() -> Column[str]:
    """The system that a row is about."""
    return Column("namespace", String(80), nullable=False)


EVENTS = Table(
    "events",
    metadata,
    *_numbered(),
    Column("position", _Number, nullable=False),
    Column("seal_id", Text, nullable=False, info=_EQUAL),
    Column("event", String(8), nullable=False),
    Column("regime", String(60)),
    Column("effective_from", String(10), nullable=False),
    Column("notified_on", String(10)),
    Column("basis", String(8), nullable=False),
    Column("rule_version", Text),
    Column("source_document", Text, info=_HIDDEN),
    Column("fingerprint", LargeBinary, nullable=False, info=_EQUAL),
    Column("reason", String(24)),
    Index("events_once", "seal_id", "fingerprint", unique=True),
)

EVENT_KEYS = Table(
    "event_keys",
    metadata,
    Column("event_id", _Number, nullable=False),
    Column("scheme", String(80), nullable=False),
    Column("value", Text, nullable=False, info=_EQUAL),
    Index("event_keys_by_event", "event_id"),
    Index("event_keys_by_value", "value", "scheme"),
)

# For text and linkage; never published.
EVENT_PERSONS = Table(
    "event_persons",
    metadata,
    Column("event_id", _Number, primary_key=True, autoincrement=False),
    Column("last_name", Text, info=_HIDDEN),
    Column("first_name", Text, info=_HIDDEN),
    Column("aliases", Text, info=_HIDDEN),
    Column("birth_date", Text, info=_HIDDEN),
    Column("arrest_date", Text, info=_HIDDEN),
    Column("charge", Text, info=_HIDDEN),
)

# Rows of a named system that are about a sealed arrest and share no identifier with its notice. Numbered with EVENTS.
LINK_EVENTS = Table(
    "link_events",
    metadata,
    *_numbered(),
    Column("seal_id", Text, nullable=False, info=_EQUAL),
    _system(),
    Column("row_id", Text, nullable=False, info=_EQUAL),
    Column("event", String(8), nullable=False),
    Column("band", String(8)),
    Column("weight", Double),
    Column("model", Text),
    Column("basis", String(8), nullable=False),
    Column("effective_from", String(10), nullable=False),
    Column("seen", Text, info=_HIDDEN),
)

# How many of the seals that a named system should hold its links find, at least. Numbered with EVENTS.
LINK_BOUNDS = Table(
    "link_bounds",
    metadata,
    *_numbered(),
    _system(),
    Column("method", Text, nullable=False),
    Column("sampled", _Number, nullable=False),
    Column("alpha", Double, nullable=False),
    Column("lower", Double, nullable=False),
    Column("made_on", String(10), nullable=False),
    Column("drawn_at", _Number, nullable=False),
    Column("draws", _Number, nullable=False),
    Column("frame", Text, nullable=False),
)

# Which seals were drawn for a bound, from which and by whom, and a keyed digest of what a clerk was given to read.
# Numbered with EVENTS.
LINK_DRAWS = Table(
    "link_draws",
    metadata,
    *_numbered(),
    _system(),
    Column("extract", Text, nullable=False, info=_HIDDEN),
    Column("model", Text, nullable=False),
    Column("seals_epoch", _Number, nullable=False),
    Column("drawn_on", String(10), nullable=False),
    Column("frame", Text, nullable=False),
    Column("framed", _Number, nullable=False),
    Column("in_force", _Number, nullable=False),
    Column("sampled", _Number, nullable=False),
    Column("seed", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("key", Text, nullable=False, info=_HIDDEN),
    Column("digest", Text, nullable=False, info=_HIDDEN),
)

# Which extract was compared, by which model and release, with the seals in force on a day as known at an epoch: so that
# only what differs is compared the next time. Numbered with EVENTS.
LINK_RUNS = Table(
    "link_runs",
    metadata,
    *_numbered(),
    _system(),
    Column("extract", Text, nullable=False, info=_HIDDEN),
    Column("model", Text, nullable=False),
    Column("release", Text, nullable=False),
    Column("seals_epoch", _Number, nullable=False),
    Column("as_of", String(10), nullable=False),
)

# Pairs of which it is known whether they are the same, shown to a clerk. Numbered with EVENTS.
LINK_KNOWN = Table(
    "link_known",
    metadata,
    *_numbered(),
    _system(),
    Column("batch", Text, nullable=False, info=_HIDDEN),
    Column("seal_id", Text, nullable=False, info=_EQUAL),
    Column("row_id", Text, nullable=False, info=_EQUAL),
    Column("known", String(8), nullable=False),
)

NUMBERED = (EVENTS, LINK_EVENTS, LINK_BOUNDS, LINK_RUNS, LINK_KNOWN, LINK_DRAWS)
"""Tables whose rows are the events that an epoch closes over."""

# A view on PostgreSQL, for those who may count seals and may not read their ids (sealscrub registry roles).
DECISIONS = table(
    "decisions",
    *(column(name) for name in ("event_id", "seal_id", "event", "regime", "effective_from", "notified_on", "basis")),
)

INDEXES = (*EVENTS.indexes, *EVENT_KEYS.indexes)
