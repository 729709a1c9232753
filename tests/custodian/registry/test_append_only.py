"""The database itself refuses to rewrite the registry, whatever tool tries it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from sealscrub.custodian.registry import Registry

from .custodian import Custodian, notice

TABLES = [
    "meta",
    "epochs",
    "events",
    "event_keys",
    "event_persons",
    "link_events",
    "link_bounds",
    "link_runs",
    "link_known",
    "link_draws",
]
LINK = (
    "(event_id, epoch, seal_id, namespace, row_id, event, basis, effective_from)"
    " VALUES ({}, {}, 'S1', 'v', 'r', 'revoke', 'clerk', '2020-01-01')"
)
MADE = "VALUES ({}, {}, 'v', 'm', 1000, 0.05, 0.99, '2020-01-01', 1, 0, '')"
EVENT = (
    "(event_id, epoch, position, seal_id, event, effective_from, basis, fingerprint)"
    " VALUES ({}, {}, 2, 'S9', 'vacated', '2020-01-01', 'notice', x'{}')"
)
CLOCK = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

REWRITES = [
    *(f"DELETE FROM {table}" for table in TABLES if table not in ("link_runs", "link_known", "link_draws")),
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
    f"INSERT INTO events {EVENT.format(5, 1, '00')}",
    f"INSERT INTO events {EVENT.format(5, 7, '00')}",
    f"INSERT INTO events {EVENT.format(0, 5, '00')}",
    "INSERT INTO event_keys VALUES (1, 'docket', '2014KN000001')",
    "INSERT INTO event_keys VALUES (2, 'docket', '2014KN000001')",
    "INSERT OR REPLACE INTO event_persons (event_id, last_name) VALUES (1, 'ROE')",
    "INSERT INTO event_persons (event_id, last_name) VALUES (2, 'ROE')",
    "UPDATE link_events SET event = 'revoke'",
    "UPDATE link_bounds SET lower = 1",
    f"INSERT INTO link_events {LINK.format(3, 3)}",
    f"INSERT INTO link_events {LINK.format(4, 7)}",
    f"INSERT OR REPLACE INTO link_events {LINK.format(3, 5)}",
    f"INSERT INTO link_bounds {MADE.format(4, 4)}",
    f"INSERT OR REPLACE INTO link_bounds {MADE.format(4, 5)}",
    # The recorded time is the store's.
    "INSERT INTO epochs VALUES (5, '2001-01-01T00:00:00.000Z', 'n', 'd', 1, 5)",
    f"INSERT INTO epochs VALUES (5, {CLOCK}, 'n', 'd', 1, 5)",
    f"INSERT INTO epochs VALUES (9, {CLOCK}, 'n', 'd', 1, 4)",
    f"INSERT OR REPLACE INTO epochs VALUES (1, {CLOCK}, 'n', 'd', 1, 4)",
]


def dump(place: Path) -> list[str]:
    with closing(sqlite3.connect(place)) as connection:
        return list(connection.iterdump())


def schema(place: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(place)) as connection:
        return set(connection.execute("SELECT name, sql FROM sqlite_schema"))


@pytest.fixture
def filled(tmp_path: Path, filled_once: Path) -> Iterator[Custodian]:
    made = Custodian(tmp_path, copied=filled_once)
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    custodian = Custodian(tmp_path_factory.mktemp("filled"))
    custodian.add(notice("S1", arrest_number="K14612345", last_name="DOE"))
    custodian.add(notice("S2", arrest_number="K14612346"))
    links = pl.DataFrame({"seal": ["S1"], "row": ["r"], "weight": [9.0], "band": ["sealed"]})
    custodian.registry.add_links(links, namespace="v", file=custodian.folder / "notices1.csv")
    bound = SimpleNamespace(lower=0.9, method="m", n=1000, alpha=0.05)
    custodian.registry.record_bound("v", bound, file=custodian.folder / "notices1.csv")
    custodian.registry.close()
    return custodian.folder


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


_RUN = "VALUES ({}, {}, 'v', 'x', 'm', '1', 1, '2020-01-01')"
_KNOWN = "VALUES ({}, {}, 'v', '', 'S1', 'r', 'same')"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM link_runs",
        "DELETE FROM link_known",
        "DELETE FROM link_draws",
        "UPDATE link_draws SET seed = '9'",
        "UPDATE link_runs SET seals_epoch = 9",
        "UPDATE link_known SET known = 'same'",
        f"INSERT INTO link_runs {_RUN.format(5, 7)}",
        f"INSERT OR REPLACE INTO link_runs {_RUN.format(5, 5)}",
        f"INSERT INTO link_known {_KNOWN.format(7, 9)}",
        f"INSERT OR REPLACE INTO link_known {_KNOWN.format(6, 6)}",
    ],
)
def test_what_was_compared_and_what_is_known_is_not_rewritten(filled: Custodian, statement: str) -> None:
    file, registry = filled.folder / "notices1.csv", filled.registry
    links = pl.DataFrame({"seal": ["S1"], "row": ["r"], "weight": [9.0], "band": ["sealed"]})
    run = registry.link_work("v", extract="x", model="m").run
    registry.add_links(links.clear(), namespace="v", model="m", run=run, file=file)
    pairs = pl.DataFrame({"seal": ["S1"], "row": ["q"], "known": ["not"]})
    registry.record_known_pairs("v", pairs, batch="", file=file)
    registry.record_draw("v", pairs, extract="x", model="m", frame=None, seed=1, seals_epoch=3, file=file)
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
