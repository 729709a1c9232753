"""Scrub on frames: for every container the world without, and what the caller can ask for beside."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from hypothesis import given, settings

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, IncompleteError, UncheckedKeys, UsageError
from sealscrub.matching import Policy
from sealscrub.transforms import Scrubbed
from sealscrub.transforms.scrub_report_values import Verdict

from .arrests import ANY, CLEAR, LENIENT, NULLS, ON, SCHEMA, SEALED, WITHHELD, Arrest, arrests, arrow, index, without

Build = Callable[[Sequence[Arrest]], Any]
QUARANTINE = Policy(quarantine=True, accept="null", max_unparsable=1)


def relation(rows: Sequence[Arrest]) -> Any:
    connection = duckdb.connect()
    connection.register("arrests", arrow(rows))
    return connection.sql("SELECT * FROM arrests")


def pandas_numpy(rows: Sequence[Arrest]) -> pd.DataFrame:
    frame = arrow(rows).to_pandas()
    text = object if pd.__version__ < "3" else "str"  # pandas 2 makes the text "nan" of a null
    frame["offense"] = frame["offense"].astype(text).astype("category")  # levels in order, as pandas makes them
    return frame


def record_batch(rows: Sequence[Arrest]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in arrow(rows).columns], schema=SCHEMA)


NULLABLE = {"arrest_no": "string", "precinct": "Int64", "score": "Float64", "note": "string"}
BUILDS: dict[str, Build] = {
    "pandas[numpy]": pandas_numpy,
    "pandas[nullable]": lambda rows: pandas_numpy(rows).astype(NULLABLE),
    "pandas[pyarrow]": lambda rows: arrow(rows).to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda rows: pl.DataFrame(arrow(rows)),
    "polars[lazy]": lambda rows: pl.DataFrame(arrow(rows)).lazy(),
    "pyarrow": arrow,
    "pyarrow[batch]": record_batch,
    "pyarrow[reader]": lambda rows: arrow(rows).to_reader(max_chunksize=3),
    "pyarrow[dataset]": lambda rows: ds.dataset([ds.dataset(arrow(rows[:3])), ds.dataset(arrow(rows[3:]))]),
    "duckdb": relation,
}
containers = pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS.keys())


def table_of(data: Any) -> pa.Table:
    if isinstance(data, pd.DataFrame):
        return pa.Table.from_pandas(data)
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        return data.to_arrow()
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if isinstance(data, pa.RecordBatchReader):
        return data.read_all()
    if isinstance(data, ds.Dataset):
        return data.to_table()
    return data if isinstance(data, pa.Table) else data.to_arrow_table()


def rows_of(data: Any) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in table_of(data).columns), strict=True))


def ipc(data: Any) -> bytes:
    sink = io.BytesIO()
    table = table_of(data)
    if isinstance(data, duckdb.DuckDBPyRelation):  # whose export leaves chance bytes under nulls
        columns = [pa.array(column.to_pylist(), column.type) for column in table.columns]
        table = pa.Table.from_arrays(columns, schema=table.schema)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


@containers
@settings(max_examples=12, deadline=None)
@given(rows=arrests())
def test_what_comes_back_is_the_world_without(build: Build, rows: list[Arrest]) -> None:
    data, world = build(rows), build(without(rows, "sealed", "withheld"))
    clean = ss.scrub(data, index(), ON, policy=NULLS)
    assert isinstance(clean, ds.Dataset if isinstance(data, ds.Dataset) else type(data))
    expected = ss.scrub(world, index(), ON, policy=NULLS)
    written = ipc(clean)
    assert written == ipc(expected)
    again = clean if not isinstance(clean, pa.RecordBatchReader) else pa.ipc.open_stream(written)
    found = ss.scan(again, index(), ON, policy=NULLS)
    assert not found.found
    if not isinstance(clean, pa.RecordBatchReader):
        assert ipc(ss.scrub(clean, index(), ON, policy=NULLS)) == written
    plain = without(rows, "sealed", "withheld")
    assert rows_of(pa.ipc.open_stream(written).read_all()) == rows_of(table_of(build(plain)))


@settings(max_examples=12, deadline=None)
@given(arrests())
def test_every_container_keeps_the_same_rows(rows: list[Arrest]) -> None:
    kept = {
        name: [row[0] for row in rows_of(ss.scrub(build(rows), index(), ON, policy=NULLS))]
        for name, build in BUILDS.items()
    }
    expected = [row.key for row in without(rows, "sealed", "withheld")]
    assert kept == dict.fromkeys(kept, expected)


@settings(max_examples=12, deadline=None)
@given(arrests())
def test_piece_by_piece_is_as_the_whole(rows: list[Arrest]) -> None:
    whole = rows_of(ss.scrub(arrow(rows), index(), ON, policy=NULLS))
    pieces = [rows_of(ss.scrub(arrow([row]), index(), ON, policy=NULLS)) for row in rows]
    assert list(itertools.chain(*pieces)) == whole


@containers
def test_the_input_is_left_as_it_was(build: Build) -> None:
    data = build([Arrest("sealed", SEALED[0]), Arrest("clear", CLEAR[0])])
    if isinstance(data, pa.RecordBatchReader):
        pytest.skip("a reader is read once")
    written = ipc(data)
    ss.scrub(data, index(), ON, policy=NULLS)
    assert ipc(data) == written


@containers
@settings(max_examples=6, deadline=None)
@given(rows=arrests(ANY))
def test_unchecked_rows_stop_the_scrub_or_leave_it(build: Build, rows: list[Arrest]) -> None:
    unchecked = [row for row in rows if row.kind in ("near", "unparsable")]
    if unchecked:
        with pytest.raises(UncheckedKeys) as caught:
            ss.scrub(build(rows), index(), ON, policy=LENIENT)
        assert caught.value.report is not None
        assert caught.value.report.verdict is Verdict.INCOMPLETE
        assert caught.value.report.tables[0].unchecked == len(unchecked)
    split = ss.scrub(build(rows), index(), ON, policy=QUARANTINE, detail=True)
    kept = [row.key for row in without(rows, "sealed", "withheld", "near", "unparsable")]
    assert [row[0] for row in rows_of(split.data)] == kept
    assert [row[0] for row in rows_of(split.quarantined)] == [row.key for row in unchecked]
    assert split.report.complete
    assert split.report.tables[0].quarantined == len(unchecked)
    accepting = Policy(accept="near,unparsable,null", max_unparsable=1)
    kept = [row.key for row in without(rows, "sealed", "withheld")]
    assert [row[0] for row in rows_of(ss.scrub(build(rows), index(), ON, policy=accepting))] == kept


@settings(max_examples=20, deadline=None)
@given(arrests(ANY))
def test_the_mask_aligns_other_arrays(rows: list[Arrest]) -> None:
    data = arrow(rows)
    split = ss.scrub(data, index(), ON, policy=QUARANTINE, detail=True, positions=True)
    assert isinstance(split, Scrubbed)
    stays = np.array([row.kind in ("clear", "null") for row in rows], dtype=bool)
    assert split.mask.tolist() == stays.tolist()
    assert split.kept_indices_.tolist() == np.flatnonzero(stays).tolist()
    assert data.take(pa.array(split.kept_indices_)).column("arrest_no").equals(split.data.column("arrest_no"))
    assert split.report.tables[0].removed + split.data.num_rows + split.quarantined.num_rows == len(rows)
    assert split.report.tables[0].positions == tuple(at for at, row in enumerate(rows) if row.barred)
    assert str(len(rows)) not in repr(split)


def test_withheld_rows_stay_where_they_are_allowed() -> None:
    rows = [Arrest("withheld", WITHHELD[0]), Arrest("sealed", SEALED[0]), Arrest("clear", CLEAR[0])]
    kept = ss.scrub(arrow(rows), index(), ON, policy=Policy(allow="withheld", accept="null"), detail=True)
    assert rows_of(kept.data)[0][0] == WITHHELD[0]
    assert (kept.report.tables[0].removed, kept.report.tables[0].keys[0].withheld) == (1, 1)
    assert kept.quarantined is None


def test_a_matched_key_outweighs_one_that_cannot_be_checked() -> None:
    data = pl.DataFrame({"this": [SEALED[0], "K1460000O"], "that": ["K1460000O", CLEAR[0]]})
    on = {"arrest_number": ["this", "that"]}
    split = ss.scrub(data, index(), on, policy=QUARANTINE, detail=True)
    assert split.data.height == 0
    assert split.quarantined.rows() == [("K1460000O", CLEAR[0])]
    assert split.report.tables[0].removed == 1


@containers
def test_dry_run_returns_the_report_alone(build: Build) -> None:
    data = build([Arrest("sealed", SEALED[0]), Arrest("clear", CLEAR[0])])
    report = ss.scrub(data, index(), ON, dry_run=True, policy=NULLS)
    assert report.verdict is Verdict.DRY_RUN
    assert report.tables[0].removed == 1


EDITED = [
    Arrest("sealed", SEALED[0], 75, "theft", 0.1, None, "secret"),
    Arrest("clear", CLEAR[0], 75, "assault", None, dt.datetime(2020, 1, 1), None),
    Arrest("clear", CLEAR[1], 40, None, 0.9, None, "open"),
    Arrest("null", None, 41, "theft", 0.2, None, "open"),
]


@containers
def test_matched_rows_can_stay_without_their_values(build: Build) -> None:
    clean = ss.scrub(
        build(EDITED),
        index(),
        ON,
        null_columns=["arrest_no", "note", "offense"],
        set_values={"precinct": 40},
        policy=NULLS,
    )
    expected = Arrest("null", None, 40, None, 0.1, None, None)
    before = rows_of(table_of(build([expected, *EDITED[1:]])))
    assert rows_of(clean) == before
    assert b"secret" not in ipc(clean)
    assert ss.scan(table_of(clean), index(), ON, policy=NULLS).clean


@pytest.mark.thinned(together=1)
@containers
@pytest.mark.parametrize(
    "edit",
    [
        {"null_columns": ["precinct"]},
        {"set_values": {"precinct": 99}},
        {"set_values": {"note": "never seen"}},
        {"set_values": {"offense": "never seen"}},
    ],
)
def test_an_edit_that_marks_the_row_is_refused_unless_accepted(build: Build, edit: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="mark"):
        ss.scrub(build(EDITED), index(), ON, policy=NULLS, **edit)
    (column,) = edit.get("null_columns") or edit["set_values"]
    marked = ss.scrub(build(EDITED), index(), ON, accept_marks=[column], policy=NULLS, **edit)
    value = rows_of(table_of(marked))[0][arrow([]).column_names.index(column)]
    assert value == (None if "null_columns" in edit else edit["set_values"][column])


@containers
def test_an_edit_marks_nothing_where_nothing_matched(build: Build) -> None:
    clean = ss.scrub(build(EDITED[1:]), index(), ON, null_columns=["precinct"], policy=NULLS)
    assert ipc(clean) == ipc(ss.scrub(build(EDITED[1:]), index(), ON, policy=NULLS))


def test_edit_and_quarantine_go_together() -> None:
    rows = [*EDITED, Arrest("near", "K1460000O")]
    split = ss.scrub(
        arrow(rows), index(), ON, null_columns=["arrest_no"], policy=QUARANTINE, detail=True, positions=True
    )
    assert [row[0] for row in rows_of(split.data)] == [None, CLEAR[0], CLEAR[1], None]
    assert split.quarantined.num_rows == 1
    table = split.report.tables[0]
    assert (table.removed, table.changed, table.quarantined, table.positions) == (0, 1, 1, (0,))


@pytest.mark.parametrize(
    "edit", [{"null_columns": ["absent"]}, {"set_values": {"absent": 1}}, {"keep_levels": ["absent"]}]
)
def test_a_column_that_is_not_there_cannot_be_edited(edit: dict[str, Any]) -> None:
    for rows in (EDITED, EDITED[1:]):
        with pytest.raises(ss.errors.ColumnError):
            ss.scrub(arrow(rows), index(), ON, policy=NULLS, **edit)


def test_one_column_cannot_be_nulled_and_set() -> None:
    with pytest.raises(UsageError, match="null"):
        ss.scrub(arrow(EDITED), index(), ON, null_columns=["note"], set_values={"note": "open"}, policy=NULLS)


def test_levels_that_only_removed_rows_used_go_unless_declared() -> None:
    rows = [Arrest("sealed", SEALED[0], offense="arson"), Arrest("clear", CLEAR[0], offense="theft")]
    for build in (BUILDS["pandas[numpy]"], BUILDS["pyarrow"]):
        went, stayed = (
            ss.scrub(build(rows), index(), ON, policy=NULLS),
            ss.scrub(build(rows), index(), ON, keep_levels=["offense"], policy=NULLS),
        )
        assert b"arson" not in ipc(went)
        levels = table_of(stayed).column("offense").chunk(0).dictionary.to_pylist()
        assert levels == ["arson", "theft"]


def test_a_range_index_is_counted_anew_unless_asked() -> None:
    frame = arrow([Arrest("sealed", SEALED[0]), *(Arrest("clear", key) for key in CLEAR[:3])]).to_pandas()
    assert ss.scrub(frame, index(), ON, policy=NULLS).index.equals(pd.RangeIndex(3))
    assert ss.scrub(frame, index(), ON, keep_index=True, policy=NULLS).index.tolist() == [1, 2, 3]
    named = frame.set_index(pd.Index(["a", "b", "c", "d"], name="row"))
    assert ss.scrub(named, index(), ON, policy=NULLS).index.tolist() == ["b", "c", "d"]


def test_a_lazy_query_is_run_once() -> None:
    """Run again, a query may give its rows in another order; a mask from the first run would let sealed rows pass."""
    base = pl.DataFrame({"arrest_no": [SEALED[0], *CLEAR]})
    runs = itertools.count()

    def turned(frame: pl.DataFrame) -> pl.DataFrame:
        by = next(runs) % frame.height
        return pl.concat([frame.tail(frame.height - by), frame.head(by)])

    clean = ss.scrub(base.lazy().map_batches(turned), index(), ON, policy=NULLS)
    assert sorted(clean.collect()["arrest_no"].to_list()) == sorted(CLEAR)


def test_files_and_frames_take_their_own_arguments(tmp_path: Any) -> None:
    data = arrow(EDITED)
    for asked in ({"output": tmp_path / "x"}, {"quarantine": tmp_path / "x"}):
        with pytest.raises(ConfigError):
            ss.scrub(data, index(), ON, policy=NULLS, **asked)
    with pytest.raises(ConfigError, match="output"):
        ss.scrub(tmp_path / "data.csv", index(), ON, policy=NULLS)


def test_low_coverage_stops_a_scrub_and_carries_its_report() -> None:
    both = ss.datasets.example_index({"arrest_number": SEALED, "opaque:x": ["1"] * 1})
    data = pl.DataFrame({"arrest_no": CLEAR, "x": ["2"] * len(CLEAR)})
    with pytest.raises(IncompleteError) as caught:
        ss.scrub(data, both, {"opaque:x": "x"}, policy=NULLS)
    assert caught.value.report is not None
    assert ss.scrub(data, both, {"opaque:x": "x"}, policy=Policy(min_coverage=0)).height == len(CLEAR)
    assert ss.scrub(data, both, {"opaque:x": "x", "arrest_number": "arrest_no"}, policy=NULLS).height == len(CLEAR)


def test_keys_can_stand_in_any_type_that_holds_text() -> None:
    texts = [SEALED[0], CLEAR[0], None]
    columns = [
        pa.array(texts),
        pa.array(texts, pa.large_string()),
        pa.array(texts, pa.string_view()),
        pa.array(texts).dictionary_encode(),
        pa.array([text and text.encode() for text in texts], pa.binary()),
        pa.array([text and text.encode() for text in texts], pa.binary(9)),
    ]
    for column in columns:
        clean = ss.scrub(pa.table({"arrest_no": column}), index(), ON, policy=NULLS)
        assert clean.num_rows == 2
        assert clean.schema.field(0).type == column.type


@pytest.mark.parametrize("name", ["*", "^a.*$", "^.*$", "a+b", "a.b", "é", "a\nb", "%s", "{}", "0"])
def test_a_key_column_is_found_by_its_name_whatever_that_is(name: str) -> None:
    data = pl.DataFrame({"a1": CLEAR[:3], name: [CLEAR[0], SEALED[0], CLEAR[1]], "a2": CLEAR[:3]})
    for frame in (data, data.lazy(), data.to_arrow(), data.to_pandas()):
        split = ss.scrub(frame, index(), {"arrest_number": name}, detail=True, policy=NULLS)
        assert split.mask.tolist() == [True, False, True]
        assert table_of(split.data).column_names == ["a1", name, "a2"]


def test_a_relation_on_a_connection_that_keeps_no_order_is_refused() -> None:
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    relation = connection.sql("SELECT 'M14000017' AS arrest_no")
    for run in (ss.scan, ss.scrub):
        with pytest.raises(UsageError, match="no order") as refused:
            run(relation, example_index(["K14612345"]), {"arrest_number": "arrest_no"})
        assert "SET preserve_insertion_order = true" in str(refused.value)
    connection.execute("SET preserve_insertion_order = true")
    assert len(ss.scrub(relation, example_index(["K14612345"]), {"arrest_number": "arrest_no"})) == 1
