"""Parquet: the output is what it would be in the world without, by whichever path and whoever wrote the input."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import ColumnError, IncompleteError, UnreadableInput, UsageError
from sealscrub.matching import Policy
from sealscrub.transforms.files.parquet import ROW_GROUP_ROWS

from .arrests import ANY, CLEAR, ON, SEALED, Arrest, arrests, arrow, index, many, without

CANARY = "CANARY-5b0e-long-enough-to-live-outside-a-view"
Write = Callable[[Sequence[Arrest], Path, Any], None]


def _table(rows: Sequence[Arrest], extra: str) -> pa.Table:
    """The rows with columns that need another path: nested and half-seconds, or levels that have an order."""
    table = arrow(rows)
    if extra == "slow":
        notes = pa.array([[row.note, row.offense] for row in rows], pa.list_(pa.string()))
        times = pa.array([row.made_on and row.made_on.time() for row in rows], pa.time64("us"))
        table = table.append_column("notes", notes).append_column("at", times)
    if extra == "levels":
        levels = ["fraud", "theft", "zoning", "assault"]
        used = [level for level in levels if level in {row.offense for row in rows}]
        codes = pa.array([None if row.offense is None else used.index(row.offense) for row in rows], pa.int8())
        ranked = pa.DictionaryArray.from_arrays(codes, pa.array(used, pa.string()), ordered=True)
        table = table.append_column("ranked", ranked)
    return table


def by_pyarrow(rows: Sequence[Arrest], path: Path, how: Any) -> None:
    table = _table(rows, how["extra"])
    pq.write_table(table, path, row_group_size=how["group"], compression=how["codec"], use_dictionary=how["dictionary"])


def by_pandas(rows: Sequence[Arrest], path: Path, how: Any) -> None:
    frame = _table(rows, how["extra"]).to_pandas()
    for name in ("offense", "ranked"):
        if name in frame:
            levels = frame[name].cat.categories.astype("str")
            frame[name] = frame[name].cat.set_categories(levels if frame[name].cat.ordered else sorted(levels))
    if how["index"] == "named":
        frame.index = pd.Index([f"row of {row.key}" for row in rows], name="row", dtype="str")
    elif how["index"] == "column":
        frame = frame.set_index("precinct")
    elif how["index"] == "steps":
        frame.index = pd.RangeIndex(10, 10 + 5 * len(rows), 5)
    codec = "none" if how["codec"] == "none" else how["codec"]
    frame.to_parquet(path, row_group_size=how["group"], compression=None if codec == "none" else codec)


def by_polars(rows: Sequence[Arrest], path: Path, how: Any) -> None:
    frame = pl.DataFrame(_table(rows, how["extra"]))
    codec = "uncompressed" if how["codec"] == "none" else how["codec"]
    frame.write_parquet(path, row_group_size=how["group"], compression=codec)


def by_duckdb(rows: Sequence[Arrest], path: Path, how: Any) -> None:
    connection = duckdb.connect()
    connection.register("arrests", _table(rows, how["extra"]))
    codec = {"none": "uncompressed"}.get(how["codec"], how["codec"])
    connection.sql("SELECT * FROM arrests").to_parquet(str(path), compression=codec)


WRITERS: dict[str, Write] = {
    "pyarrow": by_pyarrow, "pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb
}  # fmt: skip
ways = st.fixed_dictionaries(
    {
        "group": st.sampled_from([1, 3, 100]),
        "codec": st.sampled_from(["snappy", "zstd", "gzip", "none"]),
        "dictionary": st.booleans(),
        "index": st.sampled_from(["range", "named", "column", "steps"]),
    }
)


def scrub(path: Path, **options: Any) -> bytes:
    out = path.with_name("out.parquet")
    ss.scrub(path, index(), ON, output=out, **options)
    return out.read_bytes()


def content(path: Path | bytes) -> dict[str, list[Any]]:
    table = pq.read_table(pa.BufferReader(path) if isinstance(path, bytes) else path, partitioning=None)
    return table.to_pydict()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parquet")


@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=8, deadline=None)
@given(rows=arrests(), how=ways)
def test_what_is_written_is_the_world_without(
    folder: Path, writer: str, extra: str, rows: list[Arrest], how: dict[str, Any]
) -> None:
    _check_nullity(folder, writer, extra, rows, how)


@pytest.mark.long
@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=300, deadline=None)
@given(rows=arrests(max_rows=40), how=ways)
def test_what_is_written_is_the_world_without_at_length(
    folder: Path, writer: str, extra: str, rows: list[Arrest], how: dict[str, Any]
) -> None:
    _check_nullity(folder, writer, extra, rows, how)


def _check_nullity(folder: Path, writer: str, extra: str, rows: list[Arrest], how: dict[str, Any]) -> None:
    data, world = folder / "data.parquet", folder / "world.parquet"
    how = how | {"extra": extra}
    if writer == "pandas":  # which tells a column's type by its values; a table without any has none
        rows = [*rows, Arrest("clear", CLEAR[0])]
    WRITERS[writer](rows, data, how)
    WRITERS[writer](without(rows, "sealed", "withheld"), world, how)
    written = scrub(data)
    assert written == scrub(world)
    kept = np.array([not row.barred for row in rows], dtype=bool)
    assert content(written) == pq.read_table(data).filter(pa.array(kept)).to_pydict()
    if rows:  # of no rows, DuckDB and pandas tell no types
        expected = pq.read_schema(data).remove_metadata()
        assert pq.read_schema(pa.BufferReader(written)).remove_metadata().equals(expected, check_metadata=True)
    again = folder / "again.parquet"
    again.write_bytes(written)
    assert scrub(again) == written
    assert not ss.scan(again, index(), ON).found


@settings(max_examples=10, deadline=None)
@given(rows=arrests(), how=ways)
def test_pandas_reads_back_what_pandas_would_have_written(
    folder: Path, rows: list[Arrest], how: dict[str, Any]
) -> None:
    data, world = folder / "data.parquet", folder / "world.parquet"
    for extra in ("fast", "slow", "levels"):
        by_pandas(rows, data, how | {"extra": extra})
        by_pandas(without(rows, "sealed", "withheld"), world, how | {"extra": extra})
        scrub(data)
        clean, expected = pd.read_parquet(folder / "out.parquet"), pd.read_parquet(world)
        if len(expected):
            pd.testing.assert_frame_equal(clean, expected)
        assert clean.index.equals(expected.index)


@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
def test_nothing_that_only_a_removed_row_held_is_in_the_file(tmp_path: Path, extra: str) -> None:
    rows = [Arrest("clear", key) for key in CLEAR] * 3
    rows[40] = Arrest("sealed", SEALED[0], 122, CANARY, 0.123456789, dt.datetime(1999, 9, 9), CANARY)
    for writer in WRITERS.values():
        how = {"extra": extra if extra != "levels" else "fast", "group": 7, "codec": "none", "index": "named"}
        writer(rows, tmp_path / "data.parquet", how | {"dictionary": True})
        before, after = (tmp_path / "data.parquet").read_bytes(), scrub(tmp_path / "data.parquet")
        for trace in (CANARY.encode(), SEALED[0].encode(), np.float64(0.123456789).tobytes()):
            assert trace in before
            assert trace not in after


@pytest.mark.parametrize("kind", ["fast", "slow", "levels"])
def test_row_groups_are_filled_to_a_fixed_size(tmp_path: Path, kind: str) -> None:
    """Were they not, their sizes would tell where rows went."""
    count = 2 * ROW_GROUP_ROWS + 1000
    keys = pa.array(many(count, sealed_each=7))
    sealed = np.array([at % 7 == 0 for at in range(count)])
    table = pa.table({"arrest_no": keys, "n": np.arange(count, dtype=np.int32)})
    if kind == "slow":
        table = table.append_column("at", pa.array((np.arange(count) % 86_400).astype(np.int32), pa.time32("s")))
    if kind == "levels":
        words = pa.array(["c", "b", "a"])
        codes = pa.array(np.arange(count) % 3, pa.int8())
        table = table.append_column("ranked", pa.DictionaryArray.from_arrays(codes, words, ordered=True))
    world = table.filter(pa.array(~sealed))
    pq.write_table(table, tmp_path / "data.parquet", row_group_size=50_000)
    pq.write_table(world, tmp_path / "world.parquet", row_group_size=70_000)
    written = scrub(tmp_path / "data.parquet")
    assert written == scrub(tmp_path / "world.parquet")
    file = pq.ParquetFile(pa.BufferReader(written))
    sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
    assert sizes == [ROW_GROUP_ROWS, world.num_rows - ROW_GROUP_ROWS]
    assert file.read().cast(world.schema).combine_chunks().equals(world.combine_chunks())


def test_every_row_is_judged_once_and_never_a_statistic(tmp_path: Path) -> None:
    """A filter that is pushed into the reader is tried on the least and greatest key of each row group as well."""
    keys = [SEALED[0]] * 50 + [CLEAR[0]] * 50 + many(50) + [None] * 50
    table = pa.table({"arrest_no": keys, "n": range(200)})
    for group in (1, 10, 50, 200):
        pq.write_table(table, tmp_path / "data.parquet", row_group_size=group, write_page_index=True)
        report = ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet")
        (key,) = report.tables[0].keys
        sealed = sum(value in SEALED for value in keys)
        assert (key.rows, key.sealed, key.null) == (200, sealed, 50)
        assert report.tables[0].removed == sealed
        assert content(tmp_path / "out.parquet")["n"] == [at for at, value in enumerate(keys) if value not in SEALED]
        (found,) = ss.scan(tmp_path / "data.parquet", index(), ON).tables[0].keys
        assert found == key


@pytest.mark.parametrize("keys", [[], [SEALED[0]] * 5, [CLEAR[0]] * 5, [None] * 5])
@pytest.mark.parametrize("codec", ["snappy", "zstd", "gzip", "brotli", "lz4", "none"])
@pytest.mark.parametrize("slow", [False, True])
def test_none_all_or_no_rows_removed(tmp_path: Path, keys: list[str | None], codec: str, slow: bool) -> None:
    table = pa.table({"arrest_no": pa.array(keys, pa.string()), "n": pa.array(range(len(keys)), pa.int64())})
    if slow:
        table = table.append_column("l", pa.array([[1]] * len(keys), pa.list_(pa.int8())))
    pq.write_table(table, tmp_path / "data.parquet", compression=codec)
    written = scrub(tmp_path / "data.parquet")
    expected = table.filter(pa.array([key not in SEALED for key in keys], pa.bool_()))
    out = pq.ParquetFile(pa.BufferReader(written))
    assert out.read().equals(expected)
    if expected.num_rows:
        codecs = {out.metadata.row_group(0).column(at).compression for at in range(table.num_columns)}
        assert codecs == {pq.ParquetFile(tmp_path / "data.parquet").metadata.row_group(0).column(0).compression}
    else:
        assert out.num_row_groups == 0
    pq.write_table(table.slice(0, 0), tmp_path / "data.parquet")
    assert expected.num_rows or scrub(tmp_path / "data.parquet") == written


HOSTILE = [
    "*",
    "^a.*$",
    "^.*$",
    "a.b",
    "a+b",
    "é ☃",
    "a\nb",
    "a\x00b",
    "",
    " ",
    "[x]",
    "{}",
    "%s",
    "n" * 3000,
    '"',
    "a,b",
]


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])  # --on names no column that has no name
def test_a_column_is_found_by_its_name_whatever_that_is(tmp_path: Path, name: str) -> None:
    keys = many(9)
    texts = pa.array(["x", "y", None] * 3)
    columns = {
        "a1": pa.array(CLEAR[:9]), name: pa.array(keys), "a": pa.StructArray.from_arrays([pa.array(range(9))], ["b"])
    }  # fmt: skip
    fast = {"a1": texts.dictionary_encode(), name: pa.array(keys).dictionary_encode(), "z": texts}
    for table in (pa.table(columns), pa.table(fast)):
        pq.write_table(table, tmp_path / "data.parquet")
        report = ss.scrub(tmp_path / "data.parquet", index(), {"arrest_number": name}, output=tmp_path / "out.parquet")
        assert report.tables[0].keys[0].sealed == 3
        kept = [at for at, key in enumerate(keys) if key not in SEALED]
        assert content(tmp_path / "out.parquet") == table.take(kept).to_pydict()
        assert pq.read_schema(tmp_path / "out.parquet").names == table.schema.names


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_of_other_columns_pass(tmp_path: Path, name: str) -> None:
    texts = pa.array(["x", "y", None] * 3).dictionary_encode()
    ranked = pa.DictionaryArray.from_arrays(texts.indices, texts.dictionary, ordered=True)
    for column in (texts, ranked):
        table = pa.table({"x": ["t"] * 9, name: column, "arrest_no": many(9)})
        pq.write_table(table, tmp_path / "data.parquet")
        scrub(tmp_path / "data.parquet")
        kept = [at for at, key in enumerate(many(9)) if key not in SEALED]
        assert content(tmp_path / "out.parquet") == table.take(kept).to_pydict()


@pytest.mark.parametrize("name", ["[x].parquet", "a b.parquet", "*.parquet", "?.parquet", "year=2020.parquet", "é.pq"])
def test_paths_are_names_and_no_patterns(tmp_path: Path, name: str) -> None:
    place = tmp_path / "year=2020" / "in[1]"
    place.mkdir(parents=True)
    pq.write_table(pa.table({"arrest_no": [CLEAR[0]]}), place / "x.parquet")
    pq.write_table(pa.table({"arrest_no": many(6), "n": range(6)}), place / name)
    ss.scrub(place / name, index(), ON, output=tmp_path / f"out {name}")
    assert pq.read_schema(tmp_path / f"out {name}").names == ["arrest_no", "n"]
    assert content(tmp_path / f"out {name}")["n"] == [1, 2, 4, 5]


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    name = "n" * 247 + ".parquet"
    pq.write_table(pa.table({"arrest_no": many(6)}), tmp_path / name)
    ss.scrub(tmp_path / name, index(), ON, output=tmp_path / ("o" * 247 + ".parquet"))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_thousand_columns(tmp_path: Path) -> None:
    columns = {f"c{at}": pa.array(np.arange(30) + at) for at in range(999)}
    table = pa.table({"arrest_no": many(30), **columns})
    pq.write_table(table, tmp_path / "data.parquet")
    scrub(tmp_path / "data.parquet")
    kept = [at for at, key in enumerate(many(30)) if key not in SEALED]
    assert pq.read_table(tmp_path / "out.parquet").equals(table.take(kept))


def test_one_column_alone(tmp_path: Path) -> None:
    for column in (pa.array(many(6)), pa.array(many(6)).dictionary_encode()):
        pq.write_table(pa.table({"arrest_no": column}), tmp_path / "data.parquet")
        assert content(scrub(tmp_path / "data.parquet"))["arrest_no"] == [key for key in many(6) if key not in SEALED]


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table([many(3), many(3)], names=["arrest_no", "arrest_no"]), tmp_path / "data.parquet")
    with pytest.raises(ColumnError, match="arrest_no"):
        ss.scan(tmp_path / "data.parquet", index(), ON)


@settings(max_examples=10, deadline=None)
@given(rows=arrests(ANY), extra=st.sampled_from(["fast", "slow", "levels"]))
def test_quarantine_takes_what_could_not_be_checked(folder: Path, rows: list[Arrest], extra: str) -> None:
    how = {"extra": extra, "group": 3, "codec": "zstd", "dictionary": True}
    by_pyarrow(rows, folder / "data.parquet", how)
    by_pyarrow(without(rows, "sealed", "withheld", "near", "unparsable"), folder / "world.parquet", how)
    aside = folder / "aside.parquet"
    aside.unlink(missing_ok=True)
    policy = Policy(max_unparsable=1)
    unchecked = [row.key for row in rows if row.kind in ("near", "unparsable")]
    if unchecked:
        with pytest.raises(IncompleteError):
            scrub(folder / "data.parquet", policy=policy)
    written = scrub(folder / "data.parquet", policy=policy, quarantine=aside)
    if unchecked:
        assert content(aside)["arrest_no"] == unchecked
        assert aside.stat().st_mode & 0o777 == 0o600
    else:
        assert not aside.exists()
    assert written == scrub(folder / "world.parquet")


def test_positions_are_those_of_matched_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"arrest_no": many(10)}), tmp_path / "data.parquet", row_group_size=3)
    scanned = ss.scan(tmp_path / "data.parquet", index(), ON, positions=True)
    scrubbed = ss.scrub(tmp_path / "data.parquet", index(), ON, positions=True, output=tmp_path / "out.parquet")
    assert scanned.tables[0].positions == scrubbed.tables[0].positions == (0, 3, 6, 9)
    assert ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "o.parquet").tables[0].positions is None


EDITED = [
    Arrest("sealed", SEALED[0], 75, "theft", 0.1, None, CANARY),
    Arrest("clear", CLEAR[0], 75, "assault", None, dt.datetime(2020, 1, 1), None),
    Arrest("clear", CLEAR[1], 40, None, 0.9, None, "open"),
    Arrest("null", None, 41, "theft", 0.2, None, "open"),
]


@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
@pytest.mark.parametrize("writer", WRITERS)
def test_matched_rows_can_stay_without_their_values(tmp_path: Path, writer: str, extra: str) -> None:
    how = {"extra": extra, "group": 2, "codec": "none", "index": "range", "dictionary": True}
    WRITERS[writer](EDITED, tmp_path / "data.parquet", how)
    before = content(tmp_path / "data.parquet")
    null = ["arrest_no", "note", "offense"] + (["notes"] if extra == "slow" else [])
    written = scrub(tmp_path / "data.parquet", null_columns=null, set_values={"precinct": "40"}, accept_marks=["notes"])
    expected = before | {name: [None, *before[name][1:]] for name in null}
    expected["precinct"] = [40, *before["precinct"][1:]]
    assert content(written) == expected
    assert CANARY.encode() not in written
    assert pq.read_schema(pa.BufferReader(written)).types == pq.read_schema(tmp_path / "data.parquet").types


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    "edit",
    [
        {"null_columns": ["precinct"]},
        {"set_values": {"precinct": "99"}},
        {"set_values": {"note": "never seen"}},
        {"set_values": {"offense": "never seen"}},
    ],
)
def test_an_edit_that_marks_the_row_is_refused_unless_accepted(
    tmp_path: Path, edit: dict[str, Any], dry_run: bool
) -> None:
    pq.write_table(arrow(EDITED), tmp_path / "data.parquet", row_group_size=2)
    out = None if dry_run else tmp_path / "out.parquet"
    with pytest.raises(UsageError, match="mark"):
        ss.scrub(tmp_path / "data.parquet", index(), ON, output=out, dry_run=dry_run, **edit)
    assert not (tmp_path / "out.parquet").exists()
    (column,) = edit.get("null_columns") or edit["set_values"]
    report = ss.scrub(
        tmp_path / "data.parquet", index(), ON, output=out, dry_run=dry_run, accept_marks=[column], **edit
    )
    assert (report.tables[0].changed, report.tables[0].removed) == (1, 0)
    if out:
        given = "precinct" if column == "precinct" else None
        value = edit.get("set_values", {}).get(column)
        assert content(out)[column][0] == (int(value) if value and given else value)


def test_an_edit_of_a_column_that_is_absent(tmp_path: Path) -> None:
    pq.write_table(arrow(EDITED), tmp_path / "data.parquet")
    for edit in ({"null_columns": ["absent"]}, {"set_values": {"absent": "1"}}, {"keep_levels": ["absent"]}):
        with pytest.raises(ColumnError, match="absent"):
            scrub(tmp_path / "data.parquet", **edit)


def test_edits_keep_a_categorical_what_it_was(tmp_path: Path) -> None:
    frame = pd.DataFrame({"arrest_no": many(6), "made": pd.Categorical(["N", "Y", "N", "Y", "Y", "Y"])})
    frame["level"] = pd.Categorical(["c", "b", "a", "b", "b", "a"], categories=["c", "b", "a"], ordered=True)
    frame.to_parquet(tmp_path / "data.parquet")
    scrub(tmp_path / "data.parquet", set_values={"made": "Y", "level": "b"}, null_columns=["arrest_no"],
          accept_marks=["arrest_no"])  # fmt: skip
    clean = pd.read_parquet(tmp_path / "out.parquet")
    assert clean["made"].tolist() == ["Y", "Y", "N", "Y", "Y", "Y"]
    assert clean["level"].tolist() == ["b", "b", "a", "b", "b", "a"]
    assert clean["made"].cat.categories.tolist() == ["N", "Y"]
    assert clean["level"].cat.categories.tolist() == ["b", "a"]
    assert clean["level"].cat.ordered


def test_levels_go_with_their_rows_unless_declared(tmp_path: Path) -> None:
    frame = pd.DataFrame({"arrest_no": many(6)})
    frame["plain"] = pd.Categorical(["z", "b", "a", "z", "a", "b"])
    frame["found"] = pd.Categorical(["z", "b", "a", "z", "a", "b"], categories=["z", "b", "a"])
    frame["ranked"] = pd.Categorical(["z", "b", "a", "z", "a", "b"], categories=["y", "z", "b", "a"], ordered=True)
    frame["number"] = pd.Categorical([9, 2, 1, 9, 1, 2])
    frame.to_parquet(tmp_path / "data.parquet")
    for slow in (False, True):
        if slow:
            frame.assign(at=dt.time(1, 2)).to_parquet(tmp_path / "data.parquet")
        scrub(tmp_path / "data.parquet")
        clean = pd.read_parquet(tmp_path / "out.parquet")
        levels = {name: clean[name].cat.categories.tolist() for name in ("plain", "found", "ranked")}
        assert levels == {"plain": ["a", "b"], "found": ["b", "a"], "ranked": ["b", "a"]}
        metadata = pq.read_schema(tmp_path / "out.parquet").pandas_metadata
        counts = {entry["name"]: entry["metadata"] for entry in metadata["columns"] if entry["metadata"]}
        assert {name: fact["num_categories"] for name, fact in counts.items()} == dict.fromkeys(
            ["plain", "found", "ranked", "number"], 2
        )
        scrub(tmp_path / "data.parquet", keep_levels=["plain", "ranked"])
        clean = pd.read_parquet(tmp_path / "out.parquet")
        assert clean["plain"].cat.categories.tolist() == ["a", "b", "z"]
        assert clean["ranked"].cat.categories.tolist() == ["y", "z", "b", "a"]
        kept = {
            entry["name"]: entry["metadata"]
            for entry in pq.read_schema(tmp_path / "out.parquet").pandas_metadata["columns"]
        }
        assert (kept["plain"]["num_categories"], kept["ranked"]["num_categories"]) == (3, 4)


def test_pandas_metadata_counts_what_is_there(tmp_path: Path) -> None:
    pd.DataFrame({"arrest_no": many(10), "n": range(10)}).to_parquet(tmp_path / "data.parquet")
    scrub(tmp_path / "data.parquet")
    (noted,) = pq.read_schema(tmp_path / "out.parquet").pandas_metadata["index_columns"]
    assert noted["stop"] == 6
    assert pd.read_parquet(tmp_path / "out.parquet").index.equals(pd.RangeIndex(6))


@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
def test_a_damaged_file_is_refused_or_read_as_it_reads(tmp_path: Path, extra: str) -> None:
    """Each byte flipped in turn: an error of ours without values, or the rows that pyarrow reads from it."""
    rows = [Arrest("sealed", SEALED[0], note=CANARY), *(Arrest("clear", key, note=CANARY) for key in CLEAR)]
    how = {"extra": extra, "group": 9, "codec": "snappy", "dictionary": True}
    by_pyarrow(rows, tmp_path / "data.parquet", how)
    whole = (tmp_path / "data.parquet").read_bytes()
    path, out = tmp_path / "damaged.parquet", tmp_path / "out.parquet"
    random = np.random.default_rng(7)
    said: list[str] = []
    for at in random.choice(len(whole), 150, replace=False):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << int(random.integers(8))
        path.write_bytes(bytes(damaged))
        out.unlink(missing_ok=True)
        try:
            ss.scrub(path, index(), ON, output=out, policy=Policy(accept="near,unparsable", max_unparsable=1))
        except ss.errors.SealscrubError as error:
            said.append(str(error))
            assert not out.exists()
        else:
            keys = pq.read_table(out, columns=["arrest_no"]).column(0)  # which may be no UTF-8 any more
            assert SEALED[0].encode() not in keys.cast(pa.binary()).to_pylist()
        assert sorted(tmp_path.iterdir()) == sorted(
            {path, tmp_path / "data.parquet"} | ({out} if out.exists() else set())
        )
    assert len(said) > 20
    assert CANARY not in "".join(said)
    assert SEALED[0] not in "".join(said)


@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
def test_a_truncated_file_is_refused(tmp_path: Path, extra: str) -> None:
    how = {"extra": extra, "group": 9, "codec": "snappy", "dictionary": True}
    by_pyarrow([Arrest("clear", key) for key in CLEAR], tmp_path / "data.parquet", how)
    whole = (tmp_path / "data.parquet").read_bytes()
    for size in itertools.chain(range(1, len(whole), len(whole) // 25), [len(whole) - 1]):
        (tmp_path / "cut.parquet").write_bytes(whole[:size])
        with pytest.raises(UnreadableInput, match=r"cut\.parquet"):
            ss.scrub(tmp_path / "cut.parquet", index(), ON, output=tmp_path / "out.parquet")
        assert not (tmp_path / "out.parquet").exists()


def test_progress_only_grows_and_ends_at_the_end(tmp_path: Path) -> None:
    count = 300_000
    table = pa.table({"arrest_no": many(count), "n": np.arange(count)})
    slow = table.append_column("l", pa.array([[1]] * count, pa.list_(pa.int8())))
    for data in (table, slow):
        pq.write_table(data, tmp_path / "data.parquet", row_group_size=20_000)
        told = _told(tmp_path / "data.parquet")
        assert {name for name, _, _ in told} == {"data.parquet"}
        assert [rows for _, rows, _ in told] == sorted(rows for _, rows, _ in told)
        assert told[-1][1:] == (count, 1.0)
        assert len(told) > 1


def _told(path: Path) -> list[tuple[str, int, float]]:
    told: list[tuple[str, int, float]] = []
    out = path.with_name("out.parquet")
    ss.scrub(path, index(), ON, output=out, progress=lambda *what: told.append(what))
    return told


def test_an_error_of_the_callers_progress_is_the_callers(tmp_path: Path) -> None:
    pq.write_table(pa.table({"arrest_no": many(9)}), tmp_path / "data.parquet")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet", progress=interrupt)
    assert not (tmp_path / "out.parquet").exists()


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"arrest_no": many(9), "l": [[1]] * 9}), path)
    other = pa.table({"arrest_no": list(reversed(many(9))), "l": [[1]] * 9})

    def replace(*_: object) -> None:
        pq.write_table(other, tmp_path / "new.parquet")
        (tmp_path / "new.parquet").replace(path)

    with pytest.raises(UnreadableInput, match="changed"):
        ss.scrub(path, index(), ON, output=tmp_path / "out.parquet", progress=replace)
    assert not (tmp_path / "out.parquet").exists()
