"""DuckDB: what is written holds what the world without would have held, and no other page."""

from __future__ import annotations

import datetime as dt
import decimal
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput, UsageError, WriteFailed
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.database import DatabaseSource, DatabaseStore, open_store
from sealscrub.tables.database.database_source import TableName

from .changes import Row, all_stay, changed, changes, without

CANARY = "CANARY-K14612345"
TYPES = {
    "arrest_no": "VARCHAR",
    "n": "INTEGER",
    "mood": "ENUM('calm', 'it''s')",
    "large": "HUGEINT",
    "price": "DECIMAL(18, 3)",
    "score": "DOUBLE",
    "made_on": "DATE",
    "made_at": "TIMESTAMP",
    "seen_at": "TIMESTAMPTZ",
    "code": "UUID",
    "photo": "BLOB",
    "tags": "VARCHAR[]",
    "pair": "STRUCT(a INTEGER, b VARCHAR)",
    "either": "UNION(a INTEGER, b VARCHAR)",
    "flags": "BIT",
    "span": "INTERVAL",
}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6)
numbers = st.integers(-(2**31), 2**31 - 1)
moods = st.sampled_from(["calm", "it's"])
dates = st.dates()
times = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))
large = st.integers(-(2**127), 2**127 - 1)
prices = st.decimals(-(10**9), 10**9, places=3)
values: dict[str, st.SearchStrategy[Any]] = {
    "arrest_no": texts,
    "n": numbers,
    "mood": moods,
    "large": large,
    "price": prices,
    "score": st.floats(allow_nan=False),
    "made_on": dates,
    "made_at": times,
    "seen_at": times.map(lambda time: time.replace(tzinfo=dt.UTC)),
    "code": st.uuids(),
    "photo": st.binary(max_size=4),
    "tags": st.lists(st.none() | texts, max_size=3),
    "pair": st.fixed_dictionaries({"a": numbers, "b": texts}),
    "either": numbers | texts,
    "flags": st.text("01", min_size=1, max_size=9),
    "span": st.integers(0, 10**9).map(lambda seconds: dt.timedelta(seconds=seconds)),
}
rows_of = st.lists(st.tuples(*(st.none() | values[name] for name in TYPES)), max_size=7)
PATCHED = {
    "n": (pl.Int32(), numbers),
    "mood": (pl.Enum(["calm", "it's"]), moods),
    "large": (pl.String(), large.map(str)),
    "price": (pl.Decimal(18, 3), prices),
    "made_at": (pl.Datetime("us"), times),
    "code": (pl.String(), st.uuids().map(str)),
    "tags": (pl.List(pl.String()), values["tags"]),
    "arrest_no": (pl.String(), texts),
}


def build(path: Path, rows: Sequence[Row]) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE arrests ({', '.join(f'{name} {kind}' for name, kind in TYPES.items())})")
        connection.execute("CREATE INDEX by_number ON arrests (arrest_no)")
        marks = ", ".join(f"CAST(? AS {kind})" for kind in TYPES.values())
        for row in rows:
            connection.execute(f"INSERT INTO arrests SELECT {marks}", row)
    return path


def opened(path: Path) -> DatabaseStore:
    return open_store(DatabaseSource.parse(f"{path.name}#arrests", path.parent))


def stored(path: Path) -> list[Row]:
    """Give how DuckDB stores the table, less the places in the file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            "SELECT row_group_id, column_name, segment_id, segment_type, start, count, compression, stats, "
            "has_updates, persistent FROM pragma_storage_info('arrests') ORDER BY ALL"
        ).fetchall()


def facts(path: Path) -> tuple[Any, ...]:
    """Give the rows in their order, as text too, and how DuckDB stores them."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        shown = ", ".join(f"CAST({name} AS VARCHAR)" for name in TYPES)
        rows = connection.execute(f"SELECT {shown}, typeof(either) FROM arrests ORDER BY rowid").fetchall()
        declared = connection.execute("SELECT sql FROM duckdb_tables() UNION ALL SELECT sql FROM duckdb_indexes()")
        return rows, stored(path), declared.fetchall()


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_the_new_file_holds_the_world_without(data: st.DataObject) -> None:
    rows = data.draw(rows_of)
    change = data.draw(changes(len(rows), PATCHED))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = build(folder / "before.duckdb", rows)
        before = source.read_bytes()
        with opened(source) as store:
            store.write({"arrests": change}, folder / "after.duckdb")
        with opened(build(folder / "without.duckdb", changed(rows, [*TYPES], change))) as store:
            left = store.open_table("arrests", "arrests").rows
            store.write({"arrests": all_stay(left)}, folder / "world.duckdb")
        assert facts(folder / "after.duckdb") == facts(folder / "world.duckdb")
        assert facts(folder / "after.duckdb")[0] == facts(folder / "without.duckdb")[0]
        assert source.read_bytes() == before
        names = sorted(path.name for path in folder.iterdir())
        assert names == ["after.duckdb", "before.duckdb", "without.duckdb", "world.duckdb"]


@settings(max_examples=10, deadline=None)
@given(rows_of)
def test_types_are_exact_where_polars_has_them(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as name, opened(build(Path(name, "a.duckdb"), rows)) as store:
        table = store.open_table("arrests", "main.Arrests")
        assert table.unreadable == ["either"]
        wanted = [name for name in TYPES if name != "either"]
        frame = pl.concat(table.batches(wanted))
        exact = [name for name in wanted if name not in ("large", "code", "flags", "span")]
        places = [[*TYPES].index(name) for name in exact]
        assert frame.select(exact).rows() == [tuple(row[at] for at in places) for row in rows]
        assert frame["large"].to_list() == [None if row[3] is None else str(row[3]) for row in rows]
        codes = [None if text is None else uuid.UUID(text) for text in frame["code"]]
        assert codes == [row[9] for row in rows]
        with pytest.raises(ColumnError, match="either"):
            table.batches(["either"])


def many(path: Path, rows: int) -> Path:
    """Make a table of several row groups, in which rows have been deleted before."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE arrests AS SELECT i AS n, CASE WHEN i % 3 = 0 THEN 'K' || i ELSE $1 || i END AS arrest_no, "
            f"CAST(i / 7 AS DECIMAL(12, 2)) AS price FROM range({rows}) t(i)",
            [CANARY],
        )
        connection.execute("DELETE FROM arrests WHERE n % 1000 = 999")
        connection.execute("CREATE TABLE unplanned AS SELECT $1 AS x FROM range(1000)", [CANARY])
    return path


def test_nothing_of_what_went_is_in_a_large_file(tmp_path: Path) -> None:
    source = many(tmp_path / "a.duckdb", 300_000)
    with opened(source) as store:
        table = store.open_table("arrests", "arrests")
        frame = pl.concat(table.batches(["n", "arrest_no"]))
        assert frame["n"].is_sorted()
        sealed = frame["arrest_no"].str.starts_with(CANARY).to_numpy()
        spared = sealed & (frame["n"].to_numpy() % 2 == 0)
        at = np.flatnonzero(spared)
        patch = Patch(at, pl.Series([None] * len(at), dtype=pl.String))
        written = store.write({"arrests": TableChange(~sealed | spared, {"arrest_no": patch})}, tmp_path / "b.duckdb")
    assert written.left_out == ("table main.unplanned",)
    assert CANARY.encode() in source.read_bytes()
    assert CANARY.encode() not in (tmp_path / "b.duckdb").read_bytes()
    with duckdb.connect(str(tmp_path / "b.duckdb")) as connection:
        found = connection.sql("SELECT n, arrest_no FROM arrests ORDER BY rowid").to_arrow_table()
    expected = frame.filter(~sealed | spared).with_columns(
        arrest_no=pl.when(pl.col("arrest_no").str.starts_with(CANARY)).then(None).otherwise("arrest_no")
    )
    assert pl.DataFrame(found).equals(expected)
    # the world without has row groups of the same size, compressed alike
    with opened(tmp_path / "b.duckdb") as store:
        store.write({"arrests": all_stay(expected.height)}, tmp_path / "c.duckdb")
    assert stored(tmp_path / "b.duckdb") == stored(tmp_path / "c.duckdb")


SCHEMA = [
    "CREATE SCHEMA city",
    "CREATE TYPE city.mood AS ENUM ('calm')",
    "CREATE SEQUENCE ids START 100",
    "CREATE TABLE people (id INTEGER PRIMARY KEY DEFAULT nextval('ids'), boss INTEGER REFERENCES people (id), "
    'twice INTEGER GENERATED ALWAYS AS (id * 2), "odd "" name" VARCHAR NOT NULL)',
    "CREATE TABLE arrests (n INTEGER UNIQUE, person INTEGER REFERENCES people (id), mood city.mood, CHECK (n > 0))",
    "CREATE TABLE unplanned (x VARCHAR)",
    "CREATE TABLE city.arrests (n INTEGER)",
    "CREATE VIEW busy AS SELECT n FROM arrests",
    "CREATE VIEW city.busier AS SELECT * FROM busy",
    "CREATE VIEW a_reaching AS SELECT * FROM unplanned",
    "CREATE MACRO twice(a) AS a * 2",
    "COMMENT ON TABLE arrests IS 'it''s'",
    "COMMENT ON COLUMN arrests.n IS 'number'",
    f"""INSERT INTO people ("odd "" name") VALUES ('{CANARY}'), ('b'), ('c')""",
    "UPDATE people SET boss = 101 WHERE id = 102",
    "INSERT INTO arrests VALUES (1, 100, 'calm'), (2, 101, NULL), (3, NULL, NULL)",
]


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "estate.duckdb")) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
    return tmp_path / "estate.duckdb"


def test_the_schema_is_copied_and_sequences_go_on_after_what_is_left(estate: Path) -> None:
    target = estate.with_name("b.duckdb")
    with opened(estate) as store:
        store.commented.add(TableName.parse("main.arrests"))
        written = store.write(
            {"people": without(3, 0, 2), "arrests": without(3, 0), "city.arrests": all_stay(0)}, target
        )
    assert written.left_out == ("macro main.twice", "table main.unplanned", "view main.a_reaching")
    assert written.tables == ("city.arrests", "main.arrests", "main.people")
    with duckdb.connect(str(target)) as connection:
        assert connection.execute("FROM city.busier ORDER BY n").fetchall() == [(2,), (3,)]
        connection.execute("""INSERT INTO people ("odd "" name") VALUES ('new')""")
        assert connection.execute("SELECT id, twice FROM people ORDER BY id").fetchall() == [(101, 202), (102, 204)]
        comments = "SELECT comment FROM duckdb_tables() UNION ALL SELECT comment FROM duckdb_columns()"
        assert {text for (text,) in connection.execute(comments).fetchall() if text} == {"it's", "number"}
        for broken in ("INSERT INTO arrests VALUES (-1, NULL, NULL)", "INSERT INTO arrests VALUES (9, 77, NULL)"):
            with pytest.raises(duckdb.ConstraintException):
                connection.execute(broken)


def test_comments_go_unless_they_are_kept(estate: Path) -> None:
    target = estate.with_name("b.duckdb")
    with opened(estate) as store:
        rows = {"people": without(3, 0, 2), "arrests": without(3, 0), "city.arrests": all_stay(0)}
        written = store.write(rows, target)
    assert "comment of main.arrests" in written.left_out
    with duckdb.connect(str(target)) as connection:
        comments = "SELECT comment FROM duckdb_tables() UNION ALL SELECT comment FROM duckdb_columns()"
        assert not [text for (text,) in connection.execute(comments).fetchall() if text]


def test_broken_constraints_and_bad_wishes_leave_nothing(estate: Path) -> None:
    target = estate.with_name("b.duckdb")
    null = TableChange(np.ones(3, np.bool_), {'odd " name': Patch(np.array([0]), pl.Series([None], dtype=pl.String))})
    cases: list[tuple[type[Exception], dict[str, Any]]] = [
        (WriteFailed, {"people": without(3, 0), "arrests": all_stay(3)}),
        (WriteFailed, {"people": null, "arrests": all_stay(3)}),
        (ConfigError, {"arrests": all_stay(3)}),
        (ConfigError, {"people": all_stay(3), "main.people": all_stay(3)}),
        (ConfigError, {"busy": all_stay(3)}),
        (UsageError, {"people": all_stay(4)}),
        (UsageError, {"people": pl.DataFrame({"id": [1]})}),
    ]
    with opened(estate) as store:
        for kind, wanted in cases:
            with pytest.raises(kind) as caught:
                store.write(wanted, target)
            assert CANARY not in str(caught.value)
        with pytest.raises(UsageError, match="already exists"):
            store.write({"people": all_stay(3)}, estate)
    assert [path.name for path in estate.parent.iterdir()] == ["estate.duckdb"]


def test_rows_altogether_others(tmp_path: Path) -> None:
    row = dict.fromkeys(TYPES)
    row |= {"arrest_no": CANARY, "n": 1, "mood": "calm", "price": decimal.Decimal("1.500"), "tags": ["a", None]}
    source = build(tmp_path / "a.duckdb", [tuple(row.values())])
    with opened(source) as store:
        table = store.open_table("arrests", "arrests")
        readable = [name for name in TYPES if name != "either"]
        frame = next(table.batches(readable)).with_columns(arrest_no=pl.lit("K2"), either=None).select([*TYPES])
        table.replaced(pl.concat([frame, frame]), tmp_path / "b.duckdb")
    rows = facts(tmp_path / "b.duckdb")[0]
    assert len(rows) == 2
    assert rows[0][:5] == ("K2", "1", "calm", None, "1.500")
    assert CANARY.encode() not in (tmp_path / "b.duckdb").read_bytes()


def test_a_view_that_reaches_a_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("CREATE TABLE arrests (n INTEGER)")
        connection.execute(f"CREATE VIEW reaching AS FROM read_csv('{tmp_path}/secret.csv')")
    with opened(tmp_path / "a.duckdb") as store:
        assert store.write({"arrests": all_stay(0)}, tmp_path / "b.duckdb").left_out == ("view main.reaching",)


def test_a_file_that_somebody_writes_to_or_that_is_damaged_is_refused(estate: Path) -> None:
    with duckdb.connect(str(estate)), pytest.raises(UnreadableInput):
        opened(estate)
    estate.write_bytes(estate.read_bytes()[:5000])
    with pytest.raises(UnreadableInput) as caught:
        opened(estate)
    assert CANARY not in str(caught.value)


def test_a_column_called_rowid_is_refused(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("CREATE TABLE arrests (rowid INTEGER)")
    with opened(tmp_path / "a.duckdb") as store, pytest.raises(ConfigError, match="rowid"):
        store.open_table("arrests", "arrests")
