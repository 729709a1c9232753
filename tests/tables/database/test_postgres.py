"""PostgreSQL: a new schema that is the world without. ``SEALSCRUB_POSTGRES_URL`` names a server; ``-m postgres``."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput, UsageError, WriteFailed
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.database import DatabaseSource, open_store

from .changes import Row, all_stay, changed, changes, without
from .postgres_estate import CANARY, SCHEMA, Estate, wanted

pytestmark = pytest.mark.postgres

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


def fill(postgres: Estate, table: str, rows: Sequence[Row]) -> None:
    postgres.run(
        f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} ({', '.join(f'{k} {v}' for k, v in TYPES.items())})"
    )
    marks = ", ".join(f"%s::{kind}" for kind in TYPES.values())
    for row in rows:
        postgres.connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)


SHOWN = ", ".join(f"{name}::text" for name in TYPES)


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_the_new_schema_is_the_world_without(postgres: Estate, data: st.DataObject) -> None:
    rows = data.draw(rows_of)
    change = data.draw(changes(len(rows), PATCHED))
    fill(postgres, "arrests", rows)
    fill(postgres, "world", changed(rows, [*TYPES], change))
    before = postgres.rows("arrests", shown=f"{SHOWN}, ctid, xmin::text")
    new = f"{postgres.schema} new"
    with postgres.opened() as store:
        table = store.open_table("arrests", postgres.named("arrests"))
        frame = pl.concat(table.batches(table.columns))
        kept = table.changed(change, None)
        store.write({postgres.named("arrests"): change}, new)
    assert postgres.rows("arrests", new, SHOWN) == postgres.rows("world", shown=SHOWN)
    assert postgres.rows("arrests", shown=f"{SHOWN}, ctid, xmin::text") == before
    check_exact(frame, rows)
    with postgres.opened() as store:
        world = store.open_table("world", postgres.named("world"))
        assert pl.concat(world.batches(world.columns)).equals(kept)
    postgres.run(f'DROP SCHEMA "{new}" CASCADE')


def check_exact(frame: pl.DataFrame, rows: Sequence[Row]) -> None:
    exact = [name for name in TYPES if name not in ("loose", "code", "facts", "span", "at", "score", "part")]
    places = [[*TYPES].index(name) for name in exact]
    assert frame.select(exact).rows() == [tuple(row[at] for at in places) for row in rows]
    for name in ("score", "part"):
        wanted = pl.Series(name, [row[[*TYPES].index(name)] for row in rows], frame[name].dtype)
        assert frame[name].equals(wanted, null_equal=True)
    codes = [None if code is None else uuid.UUID(code) for code in frame["code"]]
    assert codes == [row[[*TYPES].index("code")] for row in rows]


def test_no_dead_tuple_and_no_byte_of_what_went_is_in_the_new_tables(postgres: Estate, tmp_path: Path) -> None:
    postgres.run(
        "CREATE TABLE arrests (n int, note text)",
        f"INSERT INTO arrests SELECT i, '{CANARY}' || i FROM generate_series(1, 20000) i",
    )
    at = np.arange(20_000)
    change = TableChange(at % 3 > 0, {"note": Patch(at, pl.Series([f"K{n}" for n in at]))})
    with postgres.opened() as store:
        store.write({postgres.named("arrests"): change}, f"{postgres.schema} new")
    postgres.run("CHECKPOINT")
    files = {}
    for schema in (postgres.schema, f"{postgres.schema} new"):
        name = postgres.named("arrests", schema)
        found = postgres.connection.execute("SELECT pg_read_binary_file(pg_relation_filepath(%s))", [name]).fetchone()
        assert found is not None
        files[schema] = bytes(found[0])
    assert CANARY.encode() in files[postgres.schema]
    assert CANARY.encode() not in files[f"{postgres.schema} new"]
    assert postgres.rows("arrests", f"{postgres.schema} new", "n") == [(int(n) + 1,) for n in at[at % 3 > 0]]


def test_rows_altogether_others(postgres: Estate) -> None:
    rows = [tuple(dict.fromkeys(TYPES, None).values()) for _ in range(2)]
    fill(postgres, "arrests", rows)
    with postgres.opened() as store:
        table = store.open_table("arrests", postgres.named("arrests"))
        frame = next(table.batches(table.columns)).with_columns(
            arrest_no=pl.Series(["", None]), price=pl.Series([decimal.Decimal("1.500")] * 2, dtype=pl.Decimal(18, 3))
        )
        store.write({postgres.named("arrests"): frame}, f"{postgres.schema} new")
    found = postgres.rows("arrests", f"{postgres.schema} new", "arrest_no, price")
    assert found == [("", decimal.Decimal("1.500")), (None, decimal.Decimal("1.500"))]


def test_broken_constraints_and_bad_wishes_leave_nothing(postgres: Estate) -> None:
    postgres.run(*SCHEMA)
    null = TableChange(np.ones(3, np.bool_), {"name": Patch(np.array([0]), pl.Series([None], dtype=pl.String))})
    generated = TableChange(np.ones(3, np.bool_), {"twice": Patch(np.array([0]), pl.Series([1], dtype=pl.Int32))})
    people = postgres.named("people")
    cases: list[tuple[type[Exception], dict[str, Any]]] = [
        (WriteFailed, wanted(postgres, people=without(3, 0))),
        (WriteFailed, wanted(postgres, people=null)),
        (ConfigError, {postgres.named("arrests"): all_stay(3)}),
        (UsageError, wanted(postgres, arrests=generated)),
        (UsageError, wanted(postgres, people=all_stay(4))),
        (ConfigError, {postgres.named("busy"): all_stay(1)}),
        (ConfigError, {postgres.named("absent"): all_stay(1)}),
        (ConfigError, {people: all_stay(3), f'"{postgres.schema}"."people"': all_stay(3)}),
    ]
    for kind, changes_of in cases:
        with postgres.opened() as store, pytest.raises(kind) as caught:
            store.write(changes_of, f"{postgres.schema} new")
        assert CANARY not in str(caught.value)
    with postgres.opened() as store, pytest.raises(WriteFailed):
        store.write(wanted(postgres), postgres.schema)
    with postgres.opened() as store:
        with pytest.raises(ColumnError):
            store.open_table("t", postgres.named("people")).batches(["absent"])
        with pytest.raises(UsageError):
            store.write(wanted(postgres), Path("new"))
    assert postgres.schemas() == [postgres.schema]


def test_what_would_tie_the_new_schema_to_the_earlier_one_is_refused(postgres: Estate) -> None:
    postgres.run("CREATE TYPE mood AS ENUM ('calm', 'it''s')", "CREATE TABLE arrests (mood mood)")
    postgres.run("INSERT INTO arrests VALUES ('it''s'), (NULL)")
    with postgres.opened() as store:
        table = store.open_table("arrests", postgres.named("arrests"))
        frame = next(table.batches(["mood"]))
        assert frame.schema == {"mood": pl.Enum(["calm", "it's"])}
        assert frame.rows() == [("it's",), (None,)]
        with pytest.raises(ConfigError, match="arrests"):
            store.write({postgres.named("arrests"): all_stay(2)}, f"{postgres.schema} new")
    assert postgres.schemas() == [postgres.schema]


def test_tables_that_hide_rows_or_keep_none_are_refused(postgres: Estate) -> None:
    postgres.run(
        "CREATE TABLE secured (n int)",
        "ALTER TABLE secured ENABLE ROW LEVEL SECURITY",
        "CREATE TABLE parted (n int) PARTITION BY RANGE (n)",
        "CREATE TABLE part PARTITION OF parted FOR VALUES FROM (1) TO (2)",
    )
    with postgres.opened() as store:
        for table in ("secured", "parted", "part"):
            with pytest.raises(ConfigError):
                store.open_table(table, postgres.named(table))


def test_values_without_a_place_in_polars_must_be_declared(postgres: Estate) -> None:
    postgres.run("CREATE TABLE arrests (made_on date, clock time)", "INSERT INTO arrests VALUES ('infinity', '24:00')")
    for column, text in (("made_on", "infinity"), ("clock", "24:00:00")):
        with postgres.opened() as store, pytest.raises(UnreadableInput, match="text"):
            list(store.open_table("arrests", postgres.named("arrests")).batches([column]))
        with postgres.opened() as store:
            table = store.open_table("arrests", postgres.named("arrests"), types={column: "text"})
            assert next(table.batches([column])).rows() == [(text,)]
            patch = Patch(np.array([0]), pl.Series([text]))
            store.write(
                {postgres.named("arrests"): TableChange(np.ones(1, np.bool_), {column: patch})},
                f"{postgres.schema} {column}",
            )
        assert postgres.rows("arrests", f"{postgres.schema} {column}", "made_on::text, clock::text") == [
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
