"""The registry's tables.

Events and their keys are numbered without gaps in the order in which they were recorded, and an epoch says which
numbers are its own: once committed, it is full. The guards hold the database itself to that.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = ["EPOCHS", "EVENTS", "EVENT_KEYS", "EVENT_PERSONS", "META", "SCHEMA_VERSION", "TABLES", "metadata"]

SCHEMA_VERSION = 1

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
    Column("source_name", Text, nullable=False),
    Column("source_sha256", String(64), nullable=False),
    Column("source_rows", _Number, nullable=False),
    Column("first_event", _Number, nullable=False),
    Column("last_event", _Number, nullable=False),
    Column("first_key", _Number, nullable=False),
    Column("last_key", _Number, nullable=False),
)

# One row for each event of one seal. Dates are ISO 8601.
EVENTS = Table(
    "events",
    metadata,
    Column("event_id", _Number, primary_key=True, autoincrement=False),
    Column("epoch", _Number, nullable=False),
    Column("position", _Number, nullable=False),
    Column("seal_id", Text, nullable=False),
    Column("event", String(8), nullable=False),
    Column("regime", String(60)),
    Column("effective_from", String(10), nullable=False),
    Column("notified_on", String(10)),
    Column("basis", String(8), nullable=False),
    Column("rule_version", Text),
    Column("source_document", Text),
    Column("has_person", SmallInteger, nullable=False),
    Column("fingerprint", LargeBinary(16), nullable=False),
    UniqueConstraint("seal_id", "fingerprint", name="events_once"),
)

EVENT_KEYS = Table(
    "event_keys",
    metadata,
    Column("key_id", _Number, primary_key=True, autoincrement=False),
    Column("event_id", _Number, nullable=False),
    Column("scheme", String(80), nullable=False),
    Column("value", Text, nullable=False),
    Index("event_keys_by_event", "event_id"),
    Index("event_keys_by_value", "value", "scheme"),
)

# For text and linkage; never published.
EVENT_PERSONS = Table(
    "event_persons",
    metadata,
    Column("event_id", _Number, primary_key=True, autoincrement=False),
    Column("last_name", Text),
    Column("first_name", Text),
    Column("aliases", Text),
    Column("birth_date", String(10)),
    Column("arrest_date", String(10)),
    Column("charge", Text),
)

TABLES = (META, EPOCHS, EVENTS, EVENT_KEYS, EVENT_PERSONS)
