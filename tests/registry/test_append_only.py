"""The database itself refuses to rewrite the registry, whatever tool tries it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sealscrub.registry import Registry

from .custodian import Custodian, notice

TABLES = ["meta", "epochs", "events", "event_keys", "event_persons"]
EVENT = (
    "(event_id, epoch, position, seal_id, event, effective_from, basis, fingerprint)"
    " VALUES ({}, {}, 2, 'S9', 'vacated', '2020-01-01', 'notice', x'{}')"
)
CLOCK = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

REWRITES = [
    *(f"DELETE FROM {table}" for table in TABLES),
    "UPDATE meta SET value = '9'",
    "UPDATE epochs SET recorded_at = '2001-01-01T00:00:00.000Z'",
    "UPDATE events SET event = 'vacated'",
    "UPDATE OR REPLACE events SET event_id = 1",
    "UPDATE event_keys SET value = 'K14000001'",
    "UPDATE event_persons SET last_name = NULL",
    "INSERT INTO meta VALUES ('schema_version', '2')",
    "INSERT OR REPLACE INTO meta VALUES ('registry_id', 'other')",
    f"INSERT OR REPLACE INTO events {EVENT.format(1, 1, '00')}",
    f"INSERT INTO events {EVENT.format(1, 1, '00')} ON CONFLICT DO UPDATE SET event = 'vacated'",
    # What was not known at an epoch cannot be made to have been.
    f"INSERT INTO events {EVENT.format(3, 1, '00')}",
    f"INSERT INTO events {EVENT.format(3, 7, '00')}",
    f"INSERT INTO events {EVENT.format(0, 3, '00')}",
    "INSERT INTO event_keys VALUES (1, 'docket', '2014KN000001')",
    "INSERT INTO event_keys VALUES (2, 'docket', '2014KN000001')",
    "INSERT OR REPLACE INTO event_persons (event_id, last_name) VALUES (1, 'ROE')",
    "INSERT INTO event_persons (event_id, last_name) VALUES (2, 'ROE')",
    # The recorded time is the store's.
    "INSERT INTO epochs VALUES (3, '2001-01-01T00:00:00.000Z', 'n', 'd', 1, 3)",
    f"INSERT INTO epochs VALUES (3, {CLOCK}, 'n', 'd', 1, 3)",
    f"INSERT INTO epochs VALUES (9, {CLOCK}, 'n', 'd', 1, 2)",
    f"INSERT OR REPLACE INTO epochs VALUES (1, {CLOCK}, 'n', 'd', 1, 2)",
]


def dump(place: Path) -> list[str]:
    with closing(sqlite3.connect(place)) as connection:
        return list(connection.iterdump())


def schema(place: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(place)) as connection:
        return set(connection.execute("SELECT name, sql FROM sqlite_schema"))


@pytest.fixture
def filled(custodian: Custodian) -> Custodian:
    custodian.add(notice("S1", arrest_number="K14612345", last_name="DOE"))
    custodian.add(notice("S2", arrest_number="K14612346"))
    return custodian


@pytest.mark.parametrize("statement", REWRITES)
def test_nothing_is_rewritten(filled: Custodian, statement: str) -> None:
    place = filled.folder / "seals.db"
    before = dump(place)

    with (
        closing(sqlite3.connect(place, isolation_level=None)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)

    assert dump(place) == before


def test_a_registered_event_is_not_replaced_under_a_new_number(filled: Custodian) -> None:
    place = filled.folder / "seals.db"
    before = dump(place)
    statement = (
        "INSERT OR REPLACE INTO events SELECT 3, 3, position, seal_id, 'vacated', regime, effective_from, notified_on,"
        " basis, rule_version, source_document, fingerprint, reason FROM events WHERE event_id = 1"
    )

    with (
        closing(sqlite3.connect(place, isolation_level=None)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)

    assert dump(place) == before


def test_after_a_large_import_the_guards_are_up_again(custodian: Custodian) -> None:
    rows = [notice(f"S{n}", docket=f"2014KN{n:06d}") for n in range(1, 10_102)]
    assert custodian.add(*rows).registered == 10_101

    empty = custodian.folder / "empty.db"
    Registry.create(empty).close()
    assert schema(custodian.folder / "seals.db") == schema(empty)
