"""Sheets of Excel workbooks: read, and written as CSV or Parquet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from sealscrub.boundary.extras import EXTRAS
from sealscrub.errors import SealscrubError, UnreadableInput, UsageError

from ..arrow.whole_file import WholeFile
from ..parquet.parquet_names import distinct_names

__all__ = ["Format"]

EXTRAS["python_calamine"] = ("python-calamine", "excel")

_EXACT = 2**53
_MOST_SHOWN = 12


class Format(WholeFile):
    """A sheet of a workbook, its first row the header."""

    format = "excel"
    suffixes = (".xlsx",)
    magic = b""  # any ZIP file begins as a workbook does
    writes = ("parquet", "csv")
    empty_texts = False

    @classmethod
    def relative(cls, path: Path, part: str | None = None) -> Path:
        """Say where a sheet goes: to a Parquet file, which keeps its types."""
        return path.with_name(f"{path.stem}-{part}.parquet" if part else f"{path.stem}.parquet")

    def read_table(self) -> Any:
        """Read the sheet that is named, or the only one."""
        import python_calamine

        try:
            book = python_calamine.load_workbook(str(self.path))
            sheet = book.get_sheet_by_name(self._sheet(book.sheet_names))
            merged = sheet.merged_cell_ranges or []
            rows = sheet.to_python(skip_empty_area=False)
        except SealscrubError:
            raise
        except (OSError, ValueError, python_calamine.CalamineError):
            raise UnreadableInput(
                "this cannot be read as a workbook", where=str(self.path), hint="see that the file is whole."
            ) from None
        if merged:
            (top, left), (bottom, right) = merged[0]
            raise UnreadableInput(
                f"cells are merged, such as {_cell(top, left)}:{_cell(bottom, right)}, and which row has their value "
                "is not known",
                where=self.name,
                hint="unmerge them, and write the value into each row that has it.",
            )
        names = self._header(rows[0] if rows else [])
        columns = [_column([row[at] for row in rows[1:]]).alias(str(at)) for at in range(len(names))]
        return pl.DataFrame(columns).to_arrow().rename_columns(names)

    def write_table(self, table: Any, target: Path, format: str) -> None:
        """Write a table in one of the formats that are written."""
        if format == "csv":
            names = table.column_names
            frame = pl.DataFrame(pl.from_arrow(table.rename_columns(distinct_names(names))))
            with target.open("wb") as file:
                file.write(_line(names))
                frame.write_csv(file, include_header=False)
        else:
            pq.write_table(table, target, compression="zstd")

    def _sheet(self, names: Sequence[str]) -> str:
        wanted = self.source.part
        if wanted is None and len(names) == 1:
            return names[0]
        if wanted in names:
            return str(wanted)
        listed = ", ".join(map(repr, names[:_MOST_SHOWN])) + (", …" if len(names) > _MOST_SHOWN else "")
        why = "has several sheets" if wanted is None else f"has no sheet {wanted!r}"
        raise UsageError(
            f"the workbook {why}: {listed}",
            where=str(self.path),
            hint=f"name the sheet: {self.path.name}#{names[0]}.",
        )

    def _header(self, row: Sequence[Any]) -> list[str]:
        names: list[str] = []
        for at, name in enumerate(row):
            if not isinstance(name, str):
                raise UnreadableInput(
                    f"the cell {_cell(0, at)} of the header holds no text",
                    where=self.name,
                    hint="the first row of a sheet names its columns; remove what is above it or next to it.",
                )
            names.append(name)
        if not any(name.strip() for name in names):
            raise UnreadableInput("the sheet does not begin with a header: its first row is blank", where=self.name)
        return names


def _line(names: Sequence[str]) -> bytes:
    """Write names as a line of CSV; a blank one stays blank."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(names)
    return line.getvalue().encode()


def _cell(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def _column(cells: Sequence[Any]) -> pl.Series:
    """Make cells a column of one type; text if they are of several, whole numbers if all are whole."""
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {float} or kinds == {int} or kinds == {int, float}:
        whole = all(value is None or (float(value).is_integer() and abs(value) < _EXACT) for value in values)
        number = int if whole else float
        return pl.Series([None if value is None else number(value) for value in values])
    if kinds == {dt.date, dt.datetime}:
        return pl.Series([_midnight(value) for value in values], dtype=pl.Datetime("us"))
    if len(kinds) > 1:
        return pl.Series([None if value is None else _text(value) for value in values], dtype=pl.String)
    return pl.Series(values, dtype=None if kinds else pl.String)


def _midnight(value: Any) -> Any:
    plain = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return dt.datetime.combine(value, dt.time()) if plain else value


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
