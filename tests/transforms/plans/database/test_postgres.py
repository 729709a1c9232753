"""PostgreSQL: a new schema that is the world without. ``SEALSCRUB_POSTGRES_URL`` names a server; ``-m postgres``."""

# ruff: noqa: S608 - statements made of names in this file

from __future__ import annotations

import datetime as dt
import decimal
import os
import secrets
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput, UsageError, WriteFailed
from sealscrub.transforms.changes import Patch, TableChange
from sealscrub.transforms.plans.database import DatabaseSource, open_store
from sealscrub.transforms.plans.database.postgres_store import PostgresStore

from .changes import Row, all_stay, changed, changes, without

pytestmark = pytest.mark.postgres

CANARY = "CANARY-K14612345"
TYPES = {
    "arrest_no": "text",
    "padded": "char(4)",
    "n": "integer",
    "small": "smallint",
    "big": "bigint",
    "price": "numeric(18, 3)",
    "loose": "numeric",
    "score": "double precision",
    "part": "real",
    "yes": "boolean",
    "made_on": "date",
    "made_at": "timestamp",
    "seen_at": "timestamptz",
    "clock": "time",
    "code": "uuid",
    "photo": "bytea",
    "tags": "text[]",
    "counts": "bigint[]",
    "facts": "jsonb",
    "span": "interval",
    "at": "point",
}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6)
times = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30))
ints = st.integers(-(2**31), 2**31 - 1)
prices = st.decimals(-(10**9), 10**9, places=3)
values: dict[str, st.SearchStrategy[Any]] = {
    "arrest_no": texts,
    "padded": st.text("ab", min_size=4, max_size=4),
    "n": ints,
    "small": st.integers(-(2**15), 2**15 - 1),
    "big": st.integers(-(2**63), 2**63 - 1),
    "price": prices,
    "loose": st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6),
    "score": st.floats(),
    "part": st.floats(width=32),
    "yes": st.booleans(),
    "made_on": st.dates(),
    "made_at": times,
    "seen_at": times.map(lambda time: time.replace(tzinfo=dt.UTC)),
    "clock": st.times(),
    "code": st.uuids(),
    "photo": st.binary(max_size=4),
    "tags": st.lists(st.none() | texts, max_size=3),
    "counts": st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=3),
    "facts": st.dictionaries(texts, ints | texts, max_size=2).map(psycopg.types.json.Jsonb),
    "span": st.integers(0, 10**9).map(lambda seconds: dt.timedelta(seconds=seconds)),
    "at": st.tuples(ints, ints).map(str),
}
PATCHED: dict[str, tuple[pl.DataType, st.SearchStrategy[Any]]] = {
    "arrest_no": (pl.String(), texts),
    "big": (pl.Int64(), values["big"]),
    "price": (pl.Decimal(18, 3), prices),
    "score": (pl.Float64(), values["score"]),
    "part": (pl.Float32(), values["part"]),
    "yes": (pl.Boolean(), st.booleans()),
    "made_on": (pl.Date(), st.dates()),
    "made_at": (pl.Datetime("us"), times),
    "seen_at": (pl.Datetime("us", "UTC"), values["seen_at"]),
    "clock": (pl.Time(), st.times()),
    "code": (pl.String(), st.uuids().map(str)),
    "photo": (pl.Binary(), values["photo"]),
    "tags": (pl.List(pl.String()), values["tags"]),
    "counts": (pl.List(pl.Int64()), values["counts"]),
}
rows_of = st.lists(st.tuples(*(st.none() | values[name] for name in TYPES)), max_size=6)


def server() -> str:
    url = os.environ.get("SEALSCRUB_POSTGRES_URL")
    if not url:
        pytest.skip("SEALSCRUB_POSTGRES_URL names no server")
    return url.replace("+psycopg", "")


@pytest.fixture
def estate() -> Iterator[Estate]:
    with psycopg.connect(server(), autocommit=True) as connection:
        made = Estate(connection, f"test {secrets.token_hex(6)}")
        connection.execute(f'CREATE SCHEMA "{made.schema}"')
        connection.execute(f"SET search_path = \"{made.schema}\"; SET TimeZone = 'UTC'")
        yield made
        found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [f"{made.schema}%"])
        for (name,) in found.fetchall():
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')


class Estate:
    """A schema of its own, and those whose names begin with its name."""

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self.connection = connection
        self.schema = schema

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.connection.execute(statement)

    def opened(self) -> PostgresStore:
        store = open_store(DatabaseSource.parse(f"{server()}#public.arrests", "."))
        assert isinstance(store, PostgresStore)
        return store

    def named(self, table: str, schema: str = "") -> str:
        return f'"{schema or self.schema}".{table}'

    def rows(self, table: str, schema: str = "", shown: str = "*") -> list[Row]:
        return self.connection.execute(f"SELECT {shown} FROM {self.named(table, schema)} ORDER BY ctid").fetchall()

    def schemas(self) -> list[str]:
        found = self.connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [f"{self.schema}%"])
        return sorted(name for (name,) in found.fetchall())


def fill(estate: Estate, table: str, rows: Sequence[Row]) -> None:
    estate.run(
        f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} ({', '.join(f'{k} {v}' for k, v in TYPES.items())})"
    )
    marks = ", ".join(f"%s::{kind}" for kind in TYPES.values())
    for row in rows:
        estate.connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)


SHOWN = ", ".join(f"{name}::text" for name in TYPES)


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_the_new_schema_is_the_world_without(estate: Estate, data: st.DataObject) -> None:
    rows = data.draw(rows_of)
    change = data.draw(changes(len(rows), PATCHED))
    fill(estate, "arrests", rows)
    fill(estate, "world", changed(rows, [*TYPES], change))
    before = estate.rows("arrests", shown=f"{SHOWN}, ctid, xmin::text")
    new = f"{estate.schema} new"
    with estate.opened() as store:
        table = store.open_table("arrests", estate.named("arrests"))
        frame = pl.concat(table.batches(table.columns))
        kept = table.changed(change, None)
        store.write({estate.named("arrests"): change}, new)
    assert estate.rows("arrests", new, SHOWN) == estate.rows("world", shown=SHOWN)
    assert estate.rows("arrests", shown=f"{SHOWN}, ctid, xmin::text") == before
    check_exact(frame, rows)
    with estate.opened() as store:
        world = store.open_table("world", estate.named("world"))
        assert pl.concat(world.batches(world.columns)).equals(kept)
    estate.run(f'DROP SCHEMA "{new}" CASCADE')


def check_exact(frame: pl.DataFrame, rows: Sequence[Row]) -> None:
    exact = [name for name in TYPES if name not in ("loose", "code", "facts", "span", "at", "score", "part")]
    places = [[*TYPES].index(name) for name in exact]
    assert frame.select(exact).rows() == [tuple(row[at] for at in places) for row in rows]
    for name in ("score", "part"):
        wanted = pl.Series(name, [row[[*TYPES].index(name)] for row in rows], frame[name].dtype)
        assert frame[name].equals(wanted, null_equal=True)
    codes = [None if code is None else uuid.UUID(code) for code in frame["code"]]
    assert codes == [row[[*TYPES].index("code")] for row in rows]


SCHEMA = [
    "CREATE TABLE people (id serial PRIMARY KEY, boss int REFERENCES people, name text NOT NULL UNIQUE)",
    "CREATE TABLE arrests (n int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person int, twice int GENERATED ALWAYS AS "
    "(person * 2) STORED, note text DEFAULT 'none' COLLATE \"C\", CONSTRAINT noted CHECK (note <> ''))",
    "ALTER TABLE arrests ADD CONSTRAINT of_person FOREIGN KEY (person) REFERENCES people ON DELETE CASCADE",
    "CREATE TABLE unplanned (x text)",
    "CREATE INDEX by_note ON arrests (lower(note)) WHERE person > 0",
    "CREATE VIEW a_busier AS SELECT 1 AS one",
    "CREATE VIEW busy AS SELECT n, name FROM arrests JOIN people ON person = id",
    "CREATE OR REPLACE VIEW a_busier AS SELECT count(*)::int AS one FROM busy",
    "CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM arrests",
    "CREATE VIEW reaching AS SELECT x FROM unplanned",
    "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER suppressing BEFORE UPDATE ON arrests FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE TRIGGER lost BEFORE UPDATE ON arrests FOR EACH ROW EXECUTE FUNCTION nothing()",
    "COMMENT ON TABLE arrests IS 'it''s'",
    "GRANT SELECT ON arrests TO PUBLIC",
    f"INSERT INTO people (name) VALUES ('{CANARY}'), ('b'), ('c')",
    "UPDATE people SET boss = 2 WHERE id = 3",
    "INSERT INTO arrests (person, note) VALUES (1, 'x'), (2, 'y'), (NULL, NULL), (3, 'z')",
    "UPDATE arrests SET note = 'yy' WHERE n = 2",
    "DELETE FROM arrests WHERE n = 4",
]


def wanted(estate: Estate, **given: Any) -> dict[str, Any]:
    return {estate.named(table): given.get(table, all_stay(3)) for table in ("people", "arrests")}


def test_the_schema_is_made_anew_and_swapped_in(estate: Estate) -> None:
    estate.run(*SCHEMA)
    kept = f"{estate.schema} kept"
    with estate.opened() as store:
        table = store.open_table("arrests", estate.named("arrests"))
        numbers = pl.concat(table.batches(["n", "note"]))
        assert numbers.rows() == [(1, "x"), (3, None), (2, "yy")]
        gone = numbers["n"].to_numpy() != 1
        patch = Patch(np.array([2]), pl.Series(["new"]))
        written = store.write(
            wanted(estate, people=without(3, 0), arrests=TableChange(gone, {"note": patch})), f"{estate.schema} new"
        )
        assert written.left_out == ("function nothing", "table unplanned", "trigger lost", "view reaching")
        done = store.swap(written, kept)
    assert kept in done.notes[-1]
    assert "dropped" in done.notes[-1]
    assert estate.schemas() == [estate.schema, kept]
    estate.run(f'DROP SCHEMA "{kept}" CASCADE')  # nothing hangs on it any more
    assert estate.rows("arrests") == [(3, None, None, None), (2, 2, 4, "new")]
    assert estate.rows("arrests", shown="ctid::text") == [("(0,1)",), ("(0,2)",)]
    assert estate.connection.execute("SELECT * FROM busy").fetchall() == [(2, "b")]
    assert estate.connection.execute("SELECT * FROM a_busier").fetchall() == [(1,)]
    assert estate.connection.execute("SELECT * FROM counted").fetchall() == [(2,)]
    estate.run("INSERT INTO people (name) VALUES ('new')", "INSERT INTO arrests (person) VALUES (2)")
    assert estate.rows("people", shown="id") == [(2,), (3,), (4,)]
    assert estate.rows("arrests", shown="n, note")[-1] == (4, "none")
    for broken in (
        "INSERT INTO arrests (person) VALUES (77)",
        "INSERT INTO arrests (note) VALUES ('')",
        "INSERT INTO people (name) VALUES ('b')",
    ):
        with pytest.raises(psycopg.errors.IntegrityError):
            estate.run(broken)
    names = "SELECT indexname FROM pg_indexes WHERE schemaname = %s ORDER BY 1"
    assert [name for (name,) in estate.connection.execute(names, [estate.schema]).fetchall()] == [
        "arrests_pkey",
        "by_note",
        "people_name_key",
        "people_pkey",
    ]
    facts = "SELECT obj_description('arrests'::regclass), has_table_privilege('pg_monitor', 'arrests', 'SELECT')"
    assert estate.connection.execute(facts).fetchall() == [("it's", True)]


def test_no_dead_tuple_and_no_byte_of_what_went_is_in_the_new_tables(estate: Estate, tmp_path: Path) -> None:
    estate.run(
        "CREATE TABLE arrests (n int, note text)",
        f"INSERT INTO arrests SELECT i, '{CANARY}' || i FROM generate_series(1, 20000) i",
    )
    at = np.arange(20_000)
    change = TableChange(at % 3 > 0, {"note": Patch(at, pl.Series([f"K{n}" for n in at]))})
    with estate.opened() as store:
        store.write({estate.named("arrests"): change}, f"{estate.schema} new")
    estate.run("CHECKPOINT")
    files = {}
    for schema in (estate.schema, f"{estate.schema} new"):
        name = estate.named("arrests", schema)
        found = estate.connection.execute("SELECT pg_read_binary_file(pg_relation_filepath(%s))", [name]).fetchone()
        assert found is not None
        files[schema] = bytes(found[0])
    assert CANARY.encode() in files[estate.schema]
    assert CANARY.encode() not in files[f"{estate.schema} new"]
    assert estate.rows("arrests", f"{estate.schema} new", "n") == [(int(n) + 1,) for n in at[at % 3 > 0]]


def test_rows_altogether_others(estate: Estate) -> None:
    rows = [tuple(dict.fromkeys(TYPES, None).values()) for _ in range(2)]
    fill(estate, "arrests", rows)
    with estate.opened() as store:
        table = store.open_table("arrests", estate.named("arrests"))
        frame = next(table.batches(table.columns)).with_columns(
            arrest_no=pl.Series(["", None]), price=pl.Series([decimal.Decimal("1.500")] * 2, dtype=pl.Decimal(18, 3))
        )
        store.write({estate.named("arrests"): frame}, f"{estate.schema} new")
    found = estate.rows("arrests", f"{estate.schema} new", "arrest_no, price")
    assert found == [("", decimal.Decimal("1.500")), (None, decimal.Decimal("1.500"))]


def test_a_writer_between_reading_and_writing_is_noticed(estate: Estate) -> None:
    for statement in (
        "INSERT INTO arrests (note) VALUES ('late')",
        "UPDATE arrests SET note = note",
        "DELETE FROM arrests WHERE n = 3",
    ):
        estate.run("DROP TABLE IF EXISTS arrests, people CASCADE", *SCHEMA[:3], *SCHEMA[-5:])
        with estate.opened() as store:
            table = store.open_table("arrests", estate.named("arrests"))
            store.open_table("people", estate.named("people"))
            assert table.rows == 3
            estate.run(statement)
            assert table.changed(all_stay(3), None).height == 3  # one snapshot
            with pytest.raises(UnreadableInput, match="changed since"):
                store.write(wanted(estate), f"{estate.schema} new")
            with pytest.raises(UsageError, match="anew"):
                list(table.batches(["n"]))
        assert estate.schemas() == [estate.schema]


def test_a_writer_between_writing_and_swapping_is_noticed(estate: Estate) -> None:
    estate.run(*SCHEMA)
    with estate.opened() as store:
        written = store.write(wanted(estate), f"{estate.schema} new")
        assert "20" not in repr(written.notes)
        estate.run("UPDATE people SET boss = NULL WHERE id = 2")
        with pytest.raises(UnreadableInput, match="people"):
            store.swap(written, f"{estate.schema} kept")
    assert estate.schemas() == [estate.schema, f"{estate.schema} new"]


def test_what_hangs_on_the_tables_from_outside_is_named(estate: Estate) -> None:
    estate.run(*SCHEMA, f'CREATE SCHEMA "{estate.schema} other"')
    estate.run(f'CREATE VIEW "{estate.schema} other".outside AS SELECT * FROM people')
    with estate.opened() as store:
        written = store.write(wanted(estate), f"{estate.schema} new")
        with pytest.raises(ConfigError, match="outside"):
            store.swap(written, f"{estate.schema} kept")
        estate.run(f'DROP VIEW "{estate.schema} other".outside')
        with pytest.raises(WriteFailed):
            store.swap(written, f"{estate.schema} other")
        store.swap(written, f"{estate.schema} kept")


def test_broken_constraints_and_bad_wishes_leave_nothing(estate: Estate) -> None:
    estate.run(*SCHEMA)
    null = TableChange(np.ones(3, np.bool_), {"name": Patch(np.array([0]), pl.Series([None], dtype=pl.String))})
    generated = TableChange(np.ones(3, np.bool_), {"twice": Patch(np.array([0]), pl.Series([1], dtype=pl.Int32))})
    people = estate.named("people")
    cases: list[tuple[type[Exception], dict[str, Any]]] = [
        (WriteFailed, wanted(estate, people=without(3, 0))),
        (WriteFailed, wanted(estate, people=null)),
        (ConfigError, {estate.named("arrests"): all_stay(3)}),
        (UsageError, wanted(estate, arrests=generated)),
        (UsageError, wanted(estate, people=all_stay(4))),
        (ConfigError, {estate.named("busy"): all_stay(1)}),
        (ConfigError, {estate.named("absent"): all_stay(1)}),
        (ConfigError, {people: all_stay(3), f'"{estate.schema}"."people"': all_stay(3)}),
    ]
    for kind, changes_of in cases:
        with estate.opened() as store, pytest.raises(kind) as caught:
            store.write(changes_of, f"{estate.schema} new")
        assert CANARY not in str(caught.value)
    with estate.opened() as store, pytest.raises(WriteFailed):
        store.write(wanted(estate), estate.schema)
    with estate.opened() as store:
        with pytest.raises(ColumnError):
            store.open_table("t", estate.named("people")).batches(["absent"])
        with pytest.raises(UsageError):
            store.write(wanted(estate), Path("new"))
    assert estate.schemas() == [estate.schema]


def test_what_would_tie_the_new_schema_to_the_earlier_one_is_refused(estate: Estate) -> None:
    estate.run("CREATE TYPE mood AS ENUM ('calm', 'it''s')", "CREATE TABLE arrests (mood mood)")
    estate.run("INSERT INTO arrests VALUES ('it''s'), (NULL)")
    with estate.opened() as store:
        table = store.open_table("arrests", estate.named("arrests"))
        frame = next(table.batches(["mood"]))
        assert frame.schema == {"mood": pl.Enum(["calm", "it's"])}
        assert frame.rows() == [("it's",), (None,)]
        with pytest.raises(ConfigError, match="arrests"):
            store.write({estate.named("arrests"): all_stay(2)}, f"{estate.schema} new")
    assert estate.schemas() == [estate.schema]


def test_tables_that_hide_rows_or_keep_none_are_refused(estate: Estate) -> None:
    estate.run(
        "CREATE TABLE secured (n int)",
        "ALTER TABLE secured ENABLE ROW LEVEL SECURITY",
        "CREATE TABLE parted (n int) PARTITION BY RANGE (n)",
        "CREATE TABLE part PARTITION OF parted FOR VALUES FROM (1) TO (2)",
    )
    with estate.opened() as store:
        for table in ("secured", "parted", "part"):
            with pytest.raises(ConfigError):
                store.open_table(table, estate.named(table))


def test_values_without_a_place_in_polars_must_be_declared(estate: Estate) -> None:
    estate.run("CREATE TABLE arrests (made_on date, clock time)", "INSERT INTO arrests VALUES ('infinity', '24:00')")
    for column, text in (("made_on", "infinity"), ("clock", "24:00:00")):
        with estate.opened() as store:
            with pytest.raises(UnreadableInput, match="text"):
                list(store.open_table("arrests", estate.named("arrests")).batches([column]))
        with estate.opened() as store:
            table = store.open_table("arrests", estate.named("arrests"), types={column: "text"})
            assert next(table.batches([column])).rows() == [(text,)]
            patch = Patch(np.array([0]), pl.Series([text]))
            store.write(
                {estate.named("arrests"): TableChange(np.ones(1, np.bool_), {column: patch})},
                f"{estate.schema} {column}",
            )
        assert estate.rows("arrests", f"{estate.schema} {column}", "made_on::text, clock::text") == [
            ("infinity", "24:00:00")
        ]


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    source = DatabaseSource.parse(
        "postgresql://ann:s3cret-canary@127.0.0.1:1/estate?connect_timeout=2#public.arrests", "."
    )
    with pytest.raises(UnreadableInput) as caught:
        open_store(source)
    assert "s3cret-canary" not in str(caught.value)
    assert caught.value.__cause__ is None
