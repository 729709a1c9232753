"""SQLite: what is written is, byte for byte, what the world without would have held."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput, UsageError, WriteFailed
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.database import DatabaseSource, DatabaseStore, Written, open_store

from .changes import Row, all_stay, changed, changes, without

CANARY = "CANARY-K14612345"
SCHEMA = """
CREATE TABLE arrests (arrest_no TEXT NOT NULL, n INTEGER, score REAL, photo BLOB, loose, made_on DATE);
CREATE TABLE people (person_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, born NUMERIC,
                     twice INTEGER AS (born * 2) STORED);
CREATE TABLE links (a TEXT, b INT, weight REAL, PRIMARY KEY (b DESC, a)) WITHOUT ROWID;
CREATE TABLE unplanned (x TEXT);
CREATE INDEX by_number ON arrests (arrest_no, n);
CREATE VIEW busy AS SELECT arrest_no FROM arrests WHERE n > 3;
CREATE VIEW busier AS SELECT * FROM busy;
CREATE VIEW reaching AS SELECT x FROM unplanned, arrests;
CREATE TRIGGER kept AFTER INSERT ON arrests BEGIN UPDATE people SET born = 1; END;
CREATE TRIGGER lost AFTER INSERT ON arrests BEGIN DELETE FROM unplanned; END;
"""
COLUMNS = {
    "arrests": ["arrest_no", "n", "score", "photo", "loose", "made_on"],
    "people": ["person_id", "name", "born"],
    "links": ["a", "b", "weight"],
}
numbers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
dates = st.dates().map(str)
arrest_rows = st.lists(
    st.tuples(
        texts,
        st.none() | numbers,
        st.none() | floats,
        st.none() | st.binary(max_size=4),
        st.none() | numbers | floats | texts,
        st.none() | dates,
    ),
    max_size=12,
)


def build(path: Path, arrests: Sequence[Row] = (), people: Sequence[Row] = (), links: Sequence[Row] = ()) -> Path:
    """Make a database with these rows."""
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.execute("INSERT INTO unplanned VALUES (?)", [CANARY])
    for table, rows in (("arrests", arrests), ("people", people), ("links", links)):
        marks = ", ".join("?" for _ in COLUMNS[table])
        columns = ", ".join(COLUMNS[table])
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
    connection.commit()
    connection.close()
    return path


def opened(path: Path) -> DatabaseStore:
    return open_store(DatabaseSource.parse(f"{path.name}#arrests", path.parent))


def write(path: Path, target: Path, **wanted: Any) -> Written:
    with opened(path) as store:
        counts = {name: store.open_table(name, name).rows for name in COLUMNS}
        return store.write({name: wanted.get(name, all_stay(counts[name])) for name in COLUMNS}, target)


def contents(path: Path) -> dict[str, list[Row]]:
    connection = sqlite3.connect(path)
    found = {
        table: connection.execute(f"SELECT *, {', '.join(f'typeof({name})' for name in names)} FROM {table}").fetchall()
        for table, names in COLUMNS.items()
    }
    connection.close()
    return found


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_the_new_file_is_the_world_without(data: st.DataObject) -> None:
    arrests = data.draw(arrest_rows)
    people = [
        (None, f"{at}{name}", born)
        for at, (name, born) in enumerate(data.draw(st.lists(st.tuples(texts, st.integers(0, 99)))))
    ]
    links = data.draw(st.lists(st.tuples(texts, numbers, floats), unique_by=lambda row: row[:2], max_size=9))
    people = [(at + 1, *row[1:]) for at, row in enumerate(people)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = build(folder / "before.db", arrests, people, links)
        links = [row[:3] for row in contents(source)["links"]]
        wanted = {
            "arrests": data.draw(changes(len(arrests), {"n": (pl.Int64(), numbers), "score": (pl.Float64(), floats)})),
            "people": data.draw(changes(len(people), {"born": (pl.Float64(), floats)})),
            "links": data.draw(changes(len(links), {"weight": (pl.Float64(), floats)})),
        }
        before = source.read_bytes()
        write(source, folder / "after.db", **wanted)
        left = {
            table: changed(rows, COLUMNS[table], wanted[table])
            for table, rows in zip(COLUMNS, (arrests, people, links), strict=True)
        }
        world = build(folder / "without.db", **left)
        write(world, folder / "world.db")
        assert contents(folder / "after.db") == contents(world)
        assert (folder / "after.db").read_bytes() == (folder / "world.db").read_bytes()
        assert source.read_bytes() == before
        assert sorted(path.name for path in folder.iterdir()) == ["after.db", "before.db", "without.db", "world.db"]


@settings(max_examples=15, deadline=None)
@given(arrest_rows)
def test_values_are_handed_out_by_declared_type(arrests: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as name, opened(build(Path(name, "a.db"), arrests)) as store:
        table = store.open_table("arrests", "ARRESTS")
        frame = pl.concat(table.batches(table.columns))
        assert frame.dtypes == [pl.String, pl.Int64, pl.Float64, pl.Binary, pl.String, pl.String]
        as_text = [(*row[:4], row[4] if isinstance(row[4], str | None) else repr(row[4]), row[5]) for row in arrests]
        assert frame.rows() == as_text
        assert table.rows == len(arrests)


def test_nothing_of_what_went_is_in_the_file(tmp_path: Path) -> None:
    rows = [(f"{CANARY}{at}" if at % 3 else f"K{at}", at, at / 7, CANARY.encode(), CANARY, None) for at in range(4000)]
    links = [(f"{CANARY}{at}", at, 0.5) for at in range(2000)]
    source = build(tmp_path / "a.db", rows, [(None, CANARY, 3)], links)
    at = np.arange(4000)
    gone = {
        name: Patch(at, pl.Series([None] * 4000, dtype=dtype))
        for name, dtype in (("photo", pl.Binary()), ("loose", pl.String()))
    }
    write(
        source,
        tmp_path / "b.db",
        arrests=TableChange(at % 3 == 0, gone),
        people=without(1, 0),
        links=without(2000, *range(1, 2000)),
    )
    written = (tmp_path / "b.db").read_bytes()
    assert written.count(CANARY.encode()) == 1  # the link that stays
    assert CANARY.encode() in source.read_bytes()


def test_views_triggers_and_indexes_that_need_nothing_else_are_copied(tmp_path: Path) -> None:
    written = write(build(tmp_path / "a.db", [("K1", 5, None, None, None, None)]), tmp_path / "b.db")
    assert written.left_out == ("table unplanned", "trigger lost", "view reaching")
    assert written.tables == ("arrests", "links", "people")
    connection = sqlite3.connect(tmp_path / "b.db")
    assert connection.execute("SELECT * FROM busier").fetchall() == [("K1",)]
    names = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL")
    assert sorted(names.fetchall()) == [("by_number",), ("kept",)]
    connection.close()


def test_rows_altogether_others(tmp_path: Path) -> None:
    source = build(tmp_path / "a.db", [(CANARY, 1, None, b"x", None, None)])
    with opened(source) as store:
        table = store.open_table("arrests", "arrests")
        rows = pl.concat([next(table.batches(table.columns)).with_columns(arrest_no=pl.lit("K2"))] * 2)
        table.replaced(rows, tmp_path / "b.db")
        assert table.replaced(rows, None) is rows
        assert table.changed(without(1, 0), None).height == 0
    with opened(tmp_path / "b.db") as store:
        assert store.open_table("arrests", "arrests").changed(all_stay(2), None).equals(rows)
    assert CANARY.encode() not in (tmp_path / "b.db").read_bytes()


def test_a_value_that_does_not_fit_its_type_must_be_declared(tmp_path: Path) -> None:
    source = build(tmp_path / "a.db", [("K1", 5, None, None, None, None), ("K2", CANARY, None, None, None, None)])
    with opened(source) as store:
        with pytest.raises(UnreadableInput, match="'n'") as caught:
            list(store.open_table("arrests", "arrests").batches(["n"]))
        assert CANARY not in str(caught.value)
        table = store.open_table("arrests", "arrests", types={"n": "text"})
        assert next(table.batches(["n"]))["n"].to_list() == ["5", CANARY]
        nothing = Patch(np.array([1]), pl.Series([None], dtype=pl.String))
        table.changed(TableChange(np.ones(2, np.bool_), {"n": nothing}), tmp_path / "b.db")
    assert CANARY.encode() not in (tmp_path / "b.db").read_bytes()


FOREIGN = """
CREATE TABLE people (id INTEGER PRIMARY KEY);
CREATE TABLE arrests (n INTEGER, person INTEGER REFERENCES people (id), name TEXT NOT NULL);
"""


def foreign(path: Path) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(FOREIGN)
    connection.executemany("INSERT INTO people VALUES (?)", [(1,), (2,)])
    connection.executemany("INSERT INTO arrests VALUES (?, ?, ?)", [(1, 1, CANARY), (2, 2, "b"), (3, 9, "dangling")])
    connection.commit()
    connection.close()
    return path


def test_references_are_looked_after(tmp_path: Path) -> None:
    null = Patch(np.array([0]), pl.Series([None], dtype=pl.String))
    with opened(foreign(tmp_path / "a.db")) as store:
        with pytest.raises(ConfigError, match="people"):
            store.write({"arrests": all_stay(3)}, tmp_path / "b.db")
        for wanted in (
            {"arrests": all_stay(3), "people": without(2, 0)},
            {"arrests": TableChange(np.ones(3, np.bool_), {"name": null}), "people": all_stay(2)},
        ):
            with pytest.raises(WriteFailed, match="arrests") as caught:
                store.write(wanted, tmp_path / "b.db")
            assert CANARY not in str(caught.value)
        store.write({"arrests": without(3, 0), "people": without(2, 0)}, tmp_path / "b.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "b.db"]


def test_a_store_reads_one_state(tmp_path: Path) -> None:
    source = build(tmp_path / "a.db", [("K1", 1, None, None, None, None)])
    connection = sqlite3.connect(source, timeout=0)
    connection.execute("PRAGMA journal_mode = WAL")
    with opened(source) as store:
        table = store.open_table("arrests", "arrests")
        connection.execute("DELETE FROM arrests")
        connection.commit()
        assert sum(frame.height for frame in table.batches(["n"])) == 1
        table.changed(all_stay(1), tmp_path / "b.db")
        with pytest.raises(UnreadableInput, match="was changed"):
            list(table.batches(["n"]))
    connection.close()
    assert len(contents_of(tmp_path / "b.db")) == 1


def contents_of(path: Path) -> list[Row]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT * FROM arrests").fetchall()
    connection.close()
    return rows


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_encoding_page_size_and_numbers_stay(encoding: str, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db")
    for pragma in (f"encoding = '{encoding}'", "page_size = 8192", "user_version = 7", "application_id = 9"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute('CREATE TABLE arrests ("odd "" name" TEXT, rowid TEXT)')
    connection.execute("INSERT INTO arrests VALUES ('é', 'x')")
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()
    with opened(tmp_path / "a.db") as store:
        assert next(store.open_table("arrests", "arrests").batches(['odd " name'])).rows() == [("é",)]
        store.write({"arrests": all_stay(1)}, tmp_path / "b.db")
    first, second = (path.read_bytes()[:100] for path in (tmp_path / "a.db", tmp_path / "b.db"))
    assert [first[a:b] for a, b in ((16, 18), (56, 64), (68, 72))] == [
        second[a:b] for a, b in ((16, 18), (56, 64), (68, 72))
    ]


def test_bad_wishes_are_refused(tmp_path: Path) -> None:
    source = build(tmp_path / "a.db", [(CANARY, 1, None, None, None, None)])
    with opened(source) as store:
        table = store.open_table("arrests", "arrests")
        for name in ("absent", 'arrests"; DROP TABLE people; --', "other.arrests", "busy"):
            with pytest.raises(ConfigError):
                store.open_table("t", '"' + name.replace('"', '""') + '"' if '"' in name else name)
        with pytest.raises(ColumnError):
            list(table.batches(["arrest_no", "absent"]))
        for wanted in (
            all_stay(2),
            TableChange(np.ones(1, np.bool_), {"n": Patch(np.array([0]), pl.Series(["x"]))}),
            TableChange(np.ones(1, np.bool_), {"n": Patch(np.array([4]), pl.Series([4]))}),
            pl.DataFrame({"n": [1]}),
        ):
            with pytest.raises(UsageError):
                store.write({"arrests": wanted}, tmp_path / "b.db")
        with pytest.raises(ConfigError):
            store.write({"arrests": all_stay(1), "main.arrests": all_stay(1)}, tmp_path / "b.db")
        generated = TableChange(
            np.ones(0, np.bool_), {"twice": Patch(np.zeros(0, np.int64), pl.Series([], dtype=pl.Int64))}
        )
        with pytest.raises(UsageError, match="computed"):
            store.write({"people": generated}, tmp_path / "b.db")
        with pytest.raises(UsageError, match="already exists"):
            store.write({"arrests": all_stay(1)}, source)
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]


def test_a_damaged_file_is_unreadable(tmp_path: Path) -> None:
    rows = [(f"{CANARY}{at}", at, None, None, None, None) for at in range(2000)]
    source = build(tmp_path / "a.db", rows)
    source.write_bytes(source.read_bytes()[:9000])
    with pytest.raises(UnreadableInput) as caught, opened(source) as store:
        list(store.open_table("arrests", "arrests").batches(["arrest_no"]))
    assert CANARY not in str(caught.value)
