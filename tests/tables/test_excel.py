"""Workbooks: what is named and never guessed, and what the cells of a column come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
import xlsxwriter

import sealscrub as ss
from sealscrub.errors import ColumnError, UnreadableInput, UsageError
from sealscrub.tables.opener import read_frame

from ..transforms.arrests import CLEAR, ON, SEALED, index


def book(path: Path, *fill: Callable[[Any, Any], None], names: tuple[str, ...] = ("Arrests", "Notes")) -> Path:
    made = xlsxwriter.Workbook(str(path))
    for name, each in zip(names, fill, strict=False):
        each(made, made.add_worksheet(name))
    made.close()
    return path


def arrests(_: Any, sheet: Any) -> None:
    for at, row in enumerate([("arrest_no", "n"), (SEALED[0], 1), (CLEAR[0], 2)]):
        sheet.write_row(at, 0, row)


def notes(_: Any, sheet: Any) -> None:
    sheet.write_row(0, 0, ["note"])


def test_of_several_sheets_one_has_to_be_named(tmp_path: Path) -> None:
    path = book(tmp_path / "book.xlsx", arrests, notes)
    with pytest.raises(UsageError, match="'Arrests', 'Notes'") as caught:
        ss.scan(path, index(), ON)
    assert "book.xlsx#Arrests" in str(caught.value)
    with pytest.raises(UsageError, match="no sheet 'Absent'"):
        ss.scan(f"{path}#Absent", index(), ON)
    report = ss.scrub(f"{path}#Arrests", index(), ON, output=tmp_path / "clean.csv")
    assert report.tables[0].name == "book.xlsx#Arrests"
    assert (tmp_path / "clean.csv").read_text() == f"arrest_no,n\n{CLEAR[0]},2\n"


def test_merged_cells_are_named(tmp_path: Path) -> None:
    def merged(made: Any, sheet: Any) -> None:
        arrests(made, sheet)
        sheet.merge_range("A4:A6", CLEAR[1])

    with pytest.raises(UnreadableInput, match="A4:A6") as caught:
        ss.scan(book(tmp_path / "book.xlsx", merged), index(), ON)
    assert CLEAR[1] not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "match"), [(["a", 7], "B1"), (["a", True], "B1"), ([None, None], "its first row is blank")]
)
def test_a_header_is_one_of_names(tmp_path: Path, header: list[Any], match: str) -> None:
    def odd(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, [1, 2])

    with pytest.raises(UnreadableInput, match=match):
        read_frame(book(tmp_path / "book.xlsx", odd))


@pytest.mark.parametrize("names", [["n", "arrest_no", "n"], [None, "arrest_no", "n"], [None, "arrest_no", None]])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_columns_are_found_by_their_place(tmp_path: Path, names: list[str | None], suffix: str) -> None:
    def sheet(_: Any, made: Any) -> None:
        for at, row in enumerate([names, ("a", SEALED[0], 1), ("b", CLEAR[0], 2)]):
            made.write_row(at, 0, row)

    path, clean = book(tmp_path / "book.xlsx", sheet), tmp_path / f"clean{suffix}"
    ss.scrub(path, index(), ON, output=clean)

    header = [name or "" for name in names]
    if suffix == ".csv":
        assert clean.read_text() == f"{','.join(header)}\nb,{CLEAR[0]},2\n"
    else:
        read = pq.ParquetFile(clean).read()
        assert read.schema.names == header
        assert [column.to_pylist() for column in read.columns] == [["b"], [CLEAR[0]], [2]]
    assert ss.scan(clean, index(), ON).clean


def test_a_key_column_is_named_by_one_header(tmp_path: Path) -> None:
    def sheet(_: Any, made: Any) -> None:
        made.write_row(0, 0, ["arrest_no", "arrest_no"])
        made.write_row(1, 0, [SEALED[0], CLEAR[0]])

    with pytest.raises(ColumnError, match="columns 1 and 2"):
        ss.scan(book(tmp_path / "book.xlsx", sheet), index(), ON)


def test_cells_become_columns_of_one_type(tmp_path: Path) -> None:
    def cells(made: Any, sheet: Any) -> None:
        day, time = (
            made.add_format({"num_format": "yyyy-mm-dd"}),
            made.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        )
        sheet.write_row(0, 0, ["whole", "part", "mixed", "truth", "none", "day", "time"])
        sheet.write_row(1, 0, [1, 1, 7, True])
        sheet.write_row(2, 0, [2, 0.5, "x", False])
        for at in (1, 2):
            sheet.write_datetime(at, 5, dt.datetime(2020, 1, at), day)
            sheet.write_datetime(at, 6, dt.datetime(2020, 1, at, 5, 30), time)

    frame = read_frame(book(tmp_path / "book.xlsx", cells))
    kinds = [pl.Int64(), pl.Float64(), pl.String(), pl.Boolean(), pl.String(), pl.Date(), pl.Datetime("us")]
    assert frame.dtypes == kinds
    assert frame["mixed"].to_list() == ["7", "x"]
    assert frame["none"].null_count() == 2


def test_an_output_of_another_format_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "book.xlsx", arrests)
    with pytest.raises(UsageError, match="parquet or csv"):
        ss.scrub(path, index(), ON, output=tmp_path / "clean.xlsx")
    ss.scrub(path, index(), ON, output=tmp_path / "clean.parquet")
    assert pl.read_parquet(tmp_path / "clean.parquet").rows() == [(CLEAR[0], 2)]
