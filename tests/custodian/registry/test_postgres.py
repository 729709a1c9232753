"""The same registry on PostgreSQL. Runs where SEALSCRUB_POSTGRES_URL names a server: ``pytest -m postgres``."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
import sqlalchemy as sa

from sealscrub.custodian.registry import EncryptionKey, Registry, migrate
from sealscrub.errors import IncompleteError, KeyFileError, NoticeError, RegistryError, UsageError

from .custodian import Custodian, notice, reason, write_notices
from .dispositions import DAY, derive, write
from .dispositions import ROWS as ROWS_OF_CHARGES

pytestmark = pytest.mark.postgres

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
ROWS = [
    notice("S1", arrest_number="K14612345", docket="2014KN012345", notified_on="2020-02-03", last_name="DÖE\t\\N"),
    notice("S2", "withheld", arrest_number="M15000001", nysid="12345678A", arrest_date="2015-03-04"),
    notice("S3", docket="2016BX000007", charge="PL 155.25\nPL 165.40"),
]
REWRITES = [
    *(f"DELETE FROM {table}" for table in TABLES),
    *(f"TRUNCATE {table}" for table in TABLES),
    "UPDATE meta SET value = '9'",
    "UPDATE epochs SET recorded_at = 'x'",
    "UPDATE events SET event = 'vacated'",
    "UPDATE event_keys SET value = 'x'",
    "UPDATE event_persons SET last_name = 'x'",
    "INSERT INTO meta VALUES ('other', '2')",
    "INSERT INTO events SELECT * FROM events ON CONFLICT (event_id) DO UPDATE SET event = 'vacated'",
    "INSERT INTO events SELECT 4, 1, 2, 'S9', 'vacated', NULL, '2020-01-01', NULL, 'notice', NULL, NULL, '\\x00', NULL",
    "INSERT INTO event_keys VALUES (1, 'docket', '2014KN000001')",
    "INSERT INTO event_persons (event_id) VALUES (2)",
    "UPDATE link_events SET event = 'revoke'",
    "INSERT INTO link_events VALUES (1, 2, 'S1', 'v', 'r', 'revoke', NULL, NULL, NULL, 'clerk', '2020-01-01')",
    "INSERT INTO link_bounds VALUES (9, 9, 'v', 'm', 1000, 0.05, 0.99, '2020-01-01', 1, 1, 'f')",
    "INSERT INTO epochs VALUES (9, 'x', 'n', 'd', 1, 3)",
    "INSERT INTO epochs VALUES (2, 'x', 'n', 'd', 1, 3)",
]


@pytest.fixture
def place() -> Iterator[str]:
    """The URL of an empty schema of its own."""
    base = os.environ.get("SEALSCRUB_POSTGRES_URL")
    if not base:
        pytest.skip("SEALSCRUB_POSTGRES_URL names no server")
    name = f"test_{secrets.token_hex(6)}"
    url = sa.make_url(base).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


@pytest.fixture
def shared(tmp_path: Path, place: str) -> Iterator[Custodian]:
    made = Custodian(tmp_path, place)
    yield made
    made.registry.close()


def execute(place: str, statement: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(place)
    try:
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def test_a_life(shared: Custodian) -> None:
    assert shared.add(*ROWS).registered == 3
    assert (shared.add(*ROWS).known, shared.registry.epoch) == (3, 1)
    shared.add(notice("", "vacated", docket="CR-000007-16BX", effective_from="2021-05-06"))

    assert [(seal.seal_id, seal.state) for seal in shared.registry.seals()] == [
        ("S1", "sealed"),
        ("S2", "withheld"),
        ("S3", "vacated"),
    ]
    assert [seal.state for seal in shared.registry.seals(epoch=1)] == ["sealed", "withheld", "sealed"]
    (event, _) = shared.registry.history("docket", "2016BX000007")
    assert event.person is not None
    assert event.person.charge == "PL 155.25\nPL 165.40"
    assert abs(event.recorded_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert shared.registry.history("docket", "2014KN012345")[0].person.last_name == "DÖE\t\\N"
    assert shared.registry.changes(1).states == {"S3": ("sealed", "vacated")}
    assert shared.published() == {
        ("arrest_number", "K14612345"): "sealed",
        ("docket", "2014KN012345"): "sealed",
        ("arrest_number", "M15000001"): "withheld",
        ("person_arrest", "12345678A@2015-03-04"): "withheld",
    }


def test_links_and_their_bound(shared: Custodian) -> None:
    shared.add(*ROWS)
    links = pl.DataFrame(
        {"seal": ["S1", "S3"], "row": ["a", "b"], "weight": [9.5, None], "band": ["sealed", "withheld"]}
    )
    options = {"namespace": "vendor", "file": shared.file(notice()), "effective_from": dt.date(2020, 1, 1)}
    assert shared.registry.add_links(links, **options).epoch == 2
    assert shared.registry.revoke_links(links.head(1), **options).epoch == 3
    bound = SimpleNamespace(lower=0.97, method="m", n=1000, alpha=0.05)
    assert shared.registry.record_bound("vendor", bound, file=options["file"]) == 4
    assert shared.registry.links(epoch=2)["weight"].to_list() == [9.5, None]
    index = shared.index()
    assert [reason(index, "opaque:vendor", row) for row in "ab"] == ["", "withheld"]
    assert index.linked["opaque:vendor"].lower == 0.97


def test_bad_rows_register_nothing(shared: Custodian) -> None:
    with pytest.raises(NoticeError):
        shared.add(*ROWS, notice("CANARY", "vacated"))
    assert shared.registry.epoch == 0
    assert shared.add(*ROWS, notice("S4", docket="bad"), reject_file=shared.folder / "r.csv").registered == 3


@pytest.mark.parametrize("statement", REWRITES)
def test_nothing_is_rewritten(shared: Custodian, place: str, statement: str) -> None:
    shared.add(*ROWS)
    before = [execute(place, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]
    with pytest.raises(sa.exc.DBAPIError) as caught:
        execute(place, statement)
    assert "append-only" in str(caught.value) or "duplicate key" in str(caught.value)
    assert [execute(place, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES] == before


def test_the_recorded_time_is_the_stores(shared: Custodian, place: str) -> None:
    shared.add(*ROWS)
    execute(
        place,
        "INSERT INTO events SELECT 4, 2, 2, 'S9', 'open', NULL, '2020-01-01', NULL, 'notice', NULL, NULL, '\\x00', NULL"
        "; INSERT INTO epochs VALUES (2, '1999-01-01T00:00:00.000Z', 'n', 'd', 1, 4)",
    )
    ((first,), (second,)) = execute(place, "SELECT recorded_at FROM epochs ORDER BY epoch")
    assert first <= second


def test_it_moves_both_ways_and_publishes_the_same_bytes(shared: Custodian, place: str) -> None:
    for number, row in enumerate(ROWS):
        shared.registry.add(write_notices(shared.folder / f"{number}.csv", [row]))
    file = shared.folder / "copy.db"
    digest = migrate(place, file)
    moved = place.replace("test_", "moved_")
    execute(place, f"CREATE SCHEMA {sa.make_url(moved).query['options'].split('=')[1]}")
    try:
        migrate(file, moved)
        there, back = shared.registry, Custodian.__new__(Custodian)
        published = []
        for registry in (there, Registry.open(file), Registry.open(moved)):
            with registry:
                back.__dict__.update(shared.__dict__ | {"registry": registry})
                published.append(back.publish().path.read_bytes())
                assert [event.source for event in registry.changes(0).events] == ["0.csv:2", "1.csv:2", "2.csv:2"]
        assert len(set(published)) == 1
        assert len(digest) == 64
        with pytest.raises(RegistryError, match="already"):
            migrate(file, moved)
    finally:
        execute(place, f"DROP SCHEMA {sa.make_url(moved).query['options'].split('=')[1]} CASCADE")


def test_an_encrypted_one_names_nobody_and_answers_the_same(shared: Custodian, place: str, tmp_path: Path) -> None:
    shared.add(*ROWS)
    EncryptionKey.create(tmp_path / "registry.key")
    hidden = place.replace("test_", "hidden_")
    execute(place, f"CREATE SCHEMA {(name := sa.make_url(hidden).query['options'].split('=')[1])}")
    try:
        migrate(place, hidden, new_encryption_key=tmp_path / "registry.key")
        with Registry.open(hidden, encryption_key=tmp_path / "registry.key") as registry:
            assert registry.seals() == shared.registry.seals()
            assert registry.history("docket", "2016BX000007") == shared.registry.history("docket", "2016BX000007")
            more = shared.file(notice("", "vacated", docket="2016BX000007", effective_from="2021-05-06"))
            assert registry.add(more).registered == 1
            assert registry.add(shared.file(*ROWS)).known == 3
        held = str([execute(hidden, f"SELECT * FROM {table}") for table in TABLES])
        clear = str([execute(place, f"SELECT * FROM {table}") for table in TABLES])
        for said in (
            "K14612345",
            "2014KN012345",
            "M15000001",
            "12345678A",
            "2016BX000007",
            "DÖE",
            "155.25",
            "notices1",
        ):
            assert said in clear
            assert said not in held
        with pytest.raises(KeyFileError):
            Registry.open(hidden)
    finally:
        execute(place, f"DROP SCHEMA {name} CASCADE")


def test_one_writer_at_a_time(shared: Custodian, place: str) -> None:
    shared.add(*ROWS)
    engine = sa.create_engine(place)
    with engine.connect() as other, Registry.open(place, wait=0.2) as registry:
        other.exec_driver_sql("LOCK TABLE epochs IN EXCLUSIVE MODE")
        assert len(registry.seals()) == 3
        with pytest.raises(IncompleteError, match="another process is writing"):
            registry.add(shared.file(notice("S9", docket="2014KN000009")))
    engine.dispose()
    assert shared.add(notice("S9", docket="2014KN000009")).epoch == 2


def test_many_rows(shared: Custodian) -> None:
    count = 30_000
    frame = pl.DataFrame({"n": range(1, count + 1)}).select(
        seal_id=pl.format("S{}", "n"),
        event=pl.lit("sealed"),
        effective_from=pl.lit("2020-01-01"),
        docket=pl.format("2014KN{}", pl.col("n").cast(pl.String).str.zfill(6)),
    )
    frame.write_parquet(shared.folder / "many.parquet")
    assert shared.registry.add(shared.folder / "many.parquet").registered == count
    assert shared.registry.add(shared.folder / "many.parquet").known == count
    assert shared.publish().entries == count


def test_dispositions_make_the_same_records_as_in_a_file(shared: Custodian, tmp_path: Path) -> None:
    rows = [*ROWS_OF_CHARGES, "2018KN000010,12,K18000010,2018-01-01,1,PL 120.00,M,PENDING,2018-05-02"]
    beside = tmp_path / "beside"
    beside.mkdir()
    embedded = Custodian(beside)
    told = notice("N1", docket="2018KN000010", effective_from="2018-05-02")
    ended = notice("", "vacated", docket="2018KN000001", effective_from="2019-01-01")
    said: list[list[object]] = []
    appended: list[list[int]] = []
    for custodian in (shared, embedded):
        first = [derive(custodian, *rows, dry_run=True), derive(custodian, *rows), derive(custodian, *rows)]
        appended.append([each.appended for each in first])
        results = [
            *first,
            custodian.add(told),
            derive(custodian, *rows),
            derive(custodian, *(row.replace("PENDING", "ACQUITTED") for row in rows)),
            custodian.add(ended),
            derive(custodian, *rows, "2018KN000011,13,SECRET,,1,,,PENDING,2018-01-01", reject_file=tmp_path / "r.csv"),
        ]
        seals = [(seal.seal_id, seal.state, seal.regime, seal.effective_from) for seal in custodian.registry.seals(DAY)]
        lists = [custodian.registry.reconcile(DAY).rows(), custodian.registry.status(DAY).rows()]
        said.append([results, seals, *lists, custodian.published()])
    embedded.registry.close()
    assert said[0] == said[1]
    assert appended == [[6, 6, 0]] * 2


def test_derive_is_all_or_nothing_where_another_writes(shared: Custodian, place: str) -> None:
    engine = sa.create_engine(place)
    with engine.connect() as other, Registry.open(place, wait=0.2) as registry:
        other.exec_driver_sql("LOCK TABLE epochs IN EXCLUSIVE MODE")
        path = write(shared, *ROWS_OF_CHARGES)
        assert registry.derive(path, as_of=DAY, dry_run=True).appended == 5
        with pytest.raises(IncompleteError, match="another process is writing"):
            registry.derive(path, as_of=DAY)
    engine.dispose()
    assert shared.registry.epoch == 0


def test_what_is_not_there_is_an_error_that_shows_no_password(place: str) -> None:
    with pytest.raises(RegistryError, match="is not a registry"):
        Registry.open(place)
    absent = sa.make_url(place).set(database="absent", password="SECRETWORD", query={})  # noqa: S106
    with pytest.raises((RegistryError, IncompleteError)) as caught:
        Registry.open(absent.render_as_string(hide_password=False))
    assert "SECRETWORD" not in str(caught.value)
    unreachable = absent.set(port=1)
    with pytest.raises(IncompleteError) as failed:
        Registry.open(unreachable.render_as_string(hide_password=False))
    assert "SECRETWORD" not in str(failed.value)
    with pytest.raises(UsageError):
        Registry.open("oracle://host/db")


def test_a_registry_is_made_once(shared: Custodian, place: str) -> None:
    with pytest.raises(RegistryError, match="already"):
        Registry.create(place)


def test_a_row_that_the_server_refuses_goes_with_no_error(tmp_path: Path, place: str) -> None:
    """PostgreSQL says the whole row."""
    Registry.create(place).close()
    execute(place, "ALTER TABLE event_keys ADD CHECK (length(value) < 5)")
    with Registry.open(place) as registry, pytest.raises(IncompleteError) as raised:
        registry.add(write_notices(tmp_path / "notices.csv", ROWS))
    assert (raised.value.__context__, raised.value.__cause__) == (None, None)
