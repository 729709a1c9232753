"""Files with a change are the files in which the change stood from the start."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import ColumnError, UnreadableInput, UsageError
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.reading_options import ReadAs

from ..transforms.arrests import NULLS, ON, SCHEMA, Arrest, arrests, arrow, index
from ..transforms.parquet_writers import WAYS, WRITERS

property_test = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FORMATS = ["csv", "quoted", "texts quoted", "latin", "crlf", "jsonl"]


def everything(rows: int, **patches: Patch) -> TableChange:
    return TableChange(np.ones(rows, dtype=np.bool_), patches)


def all_of(table: FilesTable) -> pl.DataFrame:
    return pl.concat(list(table.batches(table.columns)))


def opened(path: Path, **how: Any) -> FilesTable:
    return FilesTable("arrests", path.name, root=path.parent, **how)


def to_other_world(before: FilesTable, after: FilesTable, keep: Any) -> TableChange:
    """Give the change that leads from one to the other."""
    one, two = all_of(before), all_of(after)
    patches = {}
    for name in one.columns:
        rows = np.flatnonzero((~one[name].eq_missing(two[name])).to_numpy())
        patches[name] = Patch(rows, two[name].gather(rows))
    return TableChange(keep, patches)


@st.composite
def two_worlds(draw: st.DrawFn) -> tuple[list[Arrest], list[Arrest], Any]:
    """Draw arrests, the same with other values in some cells, and which stay."""
    before = draw(arrests(max_rows=10))
    others = draw(arrests(max_rows=10))
    after = []
    for old, new in zip(before, (others * 10)[: len(before)] if others else before, strict=True):
        names = draw(st.sets(st.sampled_from(["precinct", "offense", "score", "made_on", "note"])))
        changed = replace(old, **{name: getattr(new, name) for name in names})
        if changed.score == old.score:  # zero and minus zero count as one value, which is not a change
            changed = replace(changed, score=old.score)
        after.append(changed)
    keep = draw(st.lists(st.booleans(), min_size=len(before), max_size=len(before)))
    return before, after, np.array(keep, dtype=np.bool_)


# ---- Parquet


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("writer", WRITERS)
@property_test
@given(drawn=two_worlds(), how=WAYS)
def test_a_changed_parquet_is_the_file_in_which_it_stood_from_the_start(
    writer: str, drawn: Any, how: Any, extra: str, tmp_path: Path
) -> None:
    before, after, keep = drawn
    known = {row.offense for row in before}  # where an ordered list has a new level, only its writer knows
    after = [row if row.offense in known else replace(row, offense=None) for row in after]
    paths = [tmp_path / f"{name}.parquet" for name in ("before", "after", "world", "got", "expected")]
    write, how = WRITERS[writer], {**how, "extra": extra}
    for rows, path in zip((before, after, list(compress(after, keep))), paths, strict=False):
        write(rows, path, how)
    if not pq.read_schema(paths[0]).equals(pq.read_schema(paths[2])):  # pandas takes nothing but nulls for another type
        return
    change = to_other_world(opened(paths[0]), opened(paths[1]), keep)

    opened(paths[0]).changed(change, paths[3])

    opened(paths[2]).changed(everything(int(keep.sum())), paths[4])
    assert pq.read_table(paths[3]).to_pydict() == pq.read_table(paths[4]).to_pydict()
    if how["index"] == "range" and before and keep.any():
        assert paths[3].read_bytes() == paths[4].read_bytes()


@pytest.fixture(params=["fast", "slow", "levels", "both"])
def extra(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("writer", WRITERS)
@property_test
@given(rows=arrests(), how=WAYS)
def test_a_parquet_that_only_loses_rows_is_as_scrubbed(
    writer: str, rows: list[Arrest], how: Any, extra: str, tmp_path: Path
) -> None:
    path, scrubbed, got = (tmp_path / f"{name}.parquet" for name in ("data", "scrubbed", "got"))
    WRITERS[writer](rows, path, {**how, "extra": extra})
    ss.scrub(path, index(), ON, output=scrubbed, policy=NULLS)

    opened(path).changed(TableChange(np.array([not row.barred for row in rows], dtype=np.bool_)), got)

    assert got.read_bytes() == scrubbed.read_bytes()


@pytest.mark.parametrize("writer", WRITERS)
def test_parquet_batches_are_the_table(writer: str, extra: str, tmp_path: Path) -> None:
    rows = [Arrest("clear", f"B1680000{at}", precinct=at, note=None if at % 2 else "n") for at in range(7)]
    path = tmp_path / "data.parquet"
    WRITERS[writer](rows, path, {"group": 3, "codec": "zstd", "dictionary": True, "index": "range", "extra": extra})

    values = all_of(opened(path))

    assert values["precinct"].to_list() == list(range(7))
    assert values.schema["offense"] == pl.String
    assert values.schema["made_on"].is_temporal()
    assert values.select(SCHEMA.names).rows() == [row.values for row in rows]
    assert [batch.shape for batch in opened(path).batches([])] == [(7, 0)]


def test_other_rows_are_written_as_the_file_of_them_is(extra: str, tmp_path: Path) -> None:
    rows = [Arrest("clear", f"B1680000{at}", precinct=at, offense="theft" if at % 2 else "fraud") for at in range(7)]
    for name in WRITERS:
        one, two, got, expected = (tmp_path / f"{name}-{which}.parquet" for which in ("1", "2", "got", "expected"))
        how = {"group": 3, "codec": "zstd", "dictionary": True, "index": "range", "extra": extra}
        WRITERS[name](rows, one, how)
        WRITERS[name](rows[:0:-1], two, how)

        opened(one).replaced(all_of(opened(two)), got)

        opened(two).changed(everything(6), expected)
        assert pq.read_table(got).to_pydict() == pq.read_table(expected).to_pydict()
        assert pq.read_schema(got).equals(pq.read_schema(expected), check_metadata=True)
        assert got.read_bytes() == expected.read_bytes()


@pytest.mark.parametrize("nested", [False, True], ids=["fast", "slow"])
def test_a_value_that_a_parquet_column_cannot_hold_is_refused_unseen(nested: bool, tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    schema = pa.schema([pa.field("x", pa.int8()), pa.field("must", pa.int64(), nullable=False)])
    table = pa.table({"x": [1, 2], "must": [1, 2]}, schema=schema)
    if nested:
        table = table.append_column("l", pa.array([[1], [2]]))
    pq.write_table(table, path)
    for name, value in (("x", 987654), ("x", "987654"), ("x", 1.5), ("must", None)):
        with pytest.raises(UsageError, match="cannot hold") as caught:
            opened(path).changed(everything(2, **{name: Patch(np.array([1]), pl.Series([value]))}), tmp_path / "out")
        assert "987654" not in str(caught.value)


# ---- text


def by_format(rows: Sequence[Arrest], path: Path, format: str) -> dict[str, Any]:
    """Write rows as text, and say how they are to be read."""
    if format == "jsonl":
        lines = [
            {name: value if value is None or isinstance(value, int | float) else str(value) for name, value in members}
            for members in (zip(SCHEMA.names, row.values, strict=True) for row in rows)
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return {"read_as": ReadAs(format="jsonl")}
    out = io.StringIO(newline="")
    quoting = {"quoted": csv.QUOTE_ALL, "texts quoted": csv.QUOTE_NONNUMERIC}.get(format, csv.QUOTE_MINIMAL)
    writer = csv.writer(out, quoting=quoting, lineterminator="\r\n" if format == "crlf" else "\n")
    writer.writerow(SCHEMA.names)
    for row in rows:
        writer.writerow(
            ["" if value is None else value if isinstance(value, int | float) else str(value) for value in row.values]
        )
    encoding = "latin-1" if format == "latin" else "utf-8"
    path.write_bytes(out.getvalue().encode(encoding))
    return {"read_as": ReadAs(format="csv", delimiter=",", encoding=encoding)}


@pytest.mark.parametrize("format", FORMATS)
@property_test
@given(drawn=two_worlds())
def test_a_changed_text_is_the_file_in_which_it_stood_from_the_start(format: str, drawn: Any, tmp_path: Path) -> None:
    before, after, keep = drawn
    if format in ("jsonl", "texts quoted"):  # an empty text is null to a plan, and rows that stay reveal each column
        before, after = ([replace(row, note=row.note or None) for row in rows] for rows in (before, after))
        models = [Arrest("clear", "B16800001", note="a"), Arrest("clear", "B16800002", 1, None, None, None, None)]
        before, after, keep = [*before, *models], [*after, *models], np.append(keep, [True, True])
    paths = [tmp_path / name for name in ("before", "after", "world", "got")]
    for rows, path in zip((before, after, list(compress(after, keep))), paths, strict=False):
        how = by_format(rows, path, format)
    if not before:
        return
    change = to_other_world(opened(paths[0], **how), opened(paths[1], **how), keep)

    opened(paths[0], **how).changed(change, paths[3])

    assert paths[3].read_bytes() == paths[2].read_bytes()


@pytest.mark.parametrize("format", FORMATS)
@property_test
@given(rows=arrests())
def test_text_that_only_loses_rows_is_as_scrubbed(format: str, rows: list[Arrest], tmp_path: Path) -> None:
    rows = [*rows, Arrest("clear", "B16800001")]
    suffix = "jsonl" if format == "jsonl" else "csv"
    path, scrubbed, got = (tmp_path / f"{name}.{suffix}" for name in ("data", "scrubbed", "got"))
    how = by_format(rows, path, format)
    ss.scrub(path, index(), ON, output=scrubbed, read_as=how["read_as"], policy=NULLS)

    opened(path, **how).changed(TableChange(np.array([not row.barred for row in rows])), got)

    assert got.read_bytes() == scrubbed.read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_other_rows_are_written_as_the_text_of_them_is(format: str, tmp_path: Path) -> None:
    rows = [Arrest("clear", f"B1680000{at}", precinct=at, note="été, and" if at % 2 else "n") for at in range(7)]
    one, two, got = (tmp_path / name for name in ("1", "2", "got"))
    how = by_format(rows, one, format)
    by_format(rows[:0:-1], two, format)

    opened(one, **how).replaced(all_of(opened(two, **how)), got)

    assert got.read_bytes() == two.read_bytes()


def test_a_line_keeps_its_bytes_but_for_the_values_that_change(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.write_text('{"n": 1, "t": true,"s":"x", "l": [1, 2]}\n{"t":null}\n{"n":7, "t": false, "s": "5", "l": []}\n')
    change = everything(
        3,
        n=Patch(np.array([0, 1]), pl.Series(["12", None])),
        t=Patch(np.array([0, 1]), pl.Series([None, "true"])),
        s=Patch(np.array([0]), pl.Series(["8"])),
        l=Patch(np.array([0]), pl.Series(["[3]"])),
    )

    opened(path).changed(change, out)

    assert out.read_text() == (
        '{"n": 12, "t": null,"s":"8", "l": [3]}\n{"t":true}\n{"n":7, "t": false, "s": "5", "l": []}\n'
    )


def test_a_value_of_another_kind_than_its_member_has_is_refused_unseen(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": 1}\n{"n": 2}\n')
    with pytest.raises(UsageError, match="cannot hold") as caught:
        opened(path).changed(everything(2, n=Patch(np.array([0]), pl.Series(["CANARY"]))), tmp_path / "out.jsonl")
    assert "CANARY" not in str(caught.value)


def test_json_that_is_no_string_is_handed_out_as_its_json(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": {"b": [1,  2]}, "c": 1.50, "d": "", "e": false}\n{"f": "x\\ty", "a": null}\n')
    table = opened(path)
    assert table.columns == ["a", "c", "d", "e", "f"]
    assert all_of(table).rows() == [
        ('{"b": [1,  2]}', "1.50", None, "false", None),
        (None, None, None, None, "x\ty"),
    ]
    assert table.rows == 2


# ---- folders


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
def test_a_folder_is_one_table_file_by_file(format: str, tmp_path: Path) -> None:
    folder, out, world = tmp_path / "data", tmp_path / "out", tmp_path / "world"
    rows = [Arrest("clear", f"B1680000{at}", precinct=at, note="n") for at in range(9)]
    files = {f"2020/a.{format}": rows[:3], f"2021/b.{format}": rows[3:6], f"c.{format}": rows[6:]}
    for name, part in files.items():
        _write_part(part, folder / name, format)
    table = opened(folder)
    keep = np.array([True, False, True, False, False, False, True, True, True])
    new = pl.Series(["41", "42"] if table.text else [41, 42])

    assert all_of(table)["precinct"].cast(pl.Int64).to_list() == list(range(9))
    table.changed(TableChange(keep, {"precinct": Patch(np.array([2, 7]), new)}), out)

    _write_part([rows[0], replace(rows[2], precinct=41)], world / f"2020/a.{format}", format)
    _write_part([rows[6], replace(rows[7], precinct=42), rows[8]], world / f"c.{format}", format)
    expected = tmp_path / "expected"
    opened(world).changed(everything(5), expected)
    assert sorted(path.relative_to(out) for path in out.rglob("*")) == [
        Path("2020"), Path(f"2020/a.{format}"), Path(f"c.{format}")
    ]  # fmt: skip
    for name in (f"2020/a.{format}", f"c.{format}"):
        assert (out / name).read_bytes() == (expected / name).read_bytes()
    assert table.files == tuple(folder / name for name in files)
    assert table.folder
    with pytest.raises(UsageError, match="several files"):
        table.replaced(all_of(table), tmp_path / "other")


def _write_part(rows: Sequence[Arrest], path: Path, format: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if format == "parquet":
        pq.write_table(arrow(rows), path)
    else:
        by_format(rows, path, format)


def test_files_of_other_columns_types_or_formats_are_no_table(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.csv").write_text("x,y\n1,2\n")
    (tmp_path / "a/2.csv").write_text("x,z\n1,2\n")
    with pytest.raises(ColumnError, match="first file"):
        opened(tmp_path / "a")
    (tmp_path / "a/2.csv").unlink()
    pl.DataFrame({"x": [1], "y": [2]}).write_parquet(tmp_path / "a/2.parquet")
    with pytest.raises(UsageError, match="formats"):
        opened(tmp_path / "a")
    (tmp_path / "a/1.csv").unlink()
    pl.DataFrame({"x": [1], "y": [2.0]}).write_parquet(tmp_path / "a/3.parquet")
    table = opened(tmp_path / "a")
    assert [batch["x"].to_list() for batch in table.batches(["x"])] == [[1], [1]]
    with pytest.raises(UsageError, match="another type"):
        list(table.batches(["y"]))


# ---- refusals


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
def test_a_file_that_changes_between_reading_and_writing_is_unreadable(format: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{format}"
    rows = [Arrest("clear", "B16800001"), Arrest("clear", "B16800002")]
    _write_part(rows, path, format)
    table = opened(path)
    all_of(table)
    _write_part([*rows, *rows], path, format)
    with pytest.raises(UnreadableInput, match="changed"):
        table.changed(everything(2), tmp_path / f"out.{format}")


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
def test_a_change_of_another_table_is_refused(format: str, tmp_path: Path) -> None:
    path, out = tmp_path / f"a.{format}", tmp_path / f"out.{format}"
    _write_part([Arrest("clear", "B16800001"), Arrest("clear", "B16800002")], path, format)
    for rows in (1, 3):
        with pytest.raises(UsageError, match=r"of the change|does not fit"):
            opened(path).changed(everything(rows), out)
    with pytest.raises(ColumnError):
        opened(path).changed(everything(2, precint=Patch(np.array([0]), pl.Series(["1"]))), out)
    with pytest.raises(ColumnError):
        list(opened(path).batches(["precint"]))
    with pytest.raises(UsageError, match="no output given"):
        opened(path).changed(everything(2), None)


def test_a_new_value_of_a_text_file_is_text(tmp_path: Path) -> None:
    for format in ("csv", "jsonl"):
        path = tmp_path / f"a.{format}"
        _write_part([Arrest("clear", "B16800001")], path, format)
        with pytest.raises(UsageError, match="not text"):
            opened(path).changed(everything(1, precinct=Patch(np.array([0]), pl.Series([1]))), tmp_path / "out")


def test_a_ragged_file_is_unreadable_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,2\n3\n")
    with pytest.raises(UnreadableInput, match="line 3"):
        all_of(opened(path))
    with pytest.raises(UnreadableInput, match="line 3"):
        opened(path).changed(everything(2), tmp_path / "out.csv")
