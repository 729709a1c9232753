"""A CSV file for a clerk to fill in, as a spreadsheet shows and saves it: written, guarded and read in one way."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from sealscrub.atomic_write import placed_file
from sealscrub.custodian.sheets import Sheet, read_sheet, refuse_rows
from sealscrub.errors import ColumnError, UsageError
from sealscrub.reports.csv import cell_meant, guarded_cell

__all__ = ["AnswerSheet", "read_answer_sheet", "write_answer_sheet"]


class AnswerSheet(NamedTuple):
    """What was read: the file, and its rows by their lines, as texts without spaces around them."""

    sheet: Sheet
    lines: dict[int, dict[str, str]]


def write_answer_sheet(
    place: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], *, what: str, hint: str
) -> None:
    """Write rows in a file of mode 0600, unless it would replace another file, or answers.

    Parameters
    ----------
    place : Path
    columns : sequence of str
        The clerk's is ``answer``.
    rows : iterable of sequence
        A text that a spreadsheet would run as a formula gets an apostrophe in front.
    what, hint : str
        For errors: what such a file is called, and what to do with answers in it.

    Raises
    ------
    UsageError
        When a file is there that holds answers, or another one.
    WriteFailed
        When it cannot be written; what was there is as it was.
    """
    if place.exists() and place.stat().st_size:
        sheet = read_sheet(place)
        if not set(columns) <= set(sheet.columns):
            raise UsageError(f"is not {what} and would be overwritten", where=str(place), hint="choose another place.")
        answers = sheet.frame[str(sheet.columns.index("answer"))].cast(pl.String).str.strip_chars()
        if sheet.broken or (answers.fill_null("") != "").any():
            raise UsageError("contains answers that would be lost", where=str(place), hint=hint)
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows(map(guarded_cell, row) for row in rows)
    with placed_file(place, mode=0o600) as file:
        file.write(text.getvalue().encode())


def read_answer_sheet(place: Path, columns: Sequence[str], *, hint: str = "") -> AnswerSheet:
    """Read such a file.

    Parameters
    ----------
    place : Path
    columns : sequence of str
    hint : str
        What to do if it is another file, beside giving the right one.

    Raises
    ------
    ColumnError
        When a column is missing.
    NoticeError
        When lines cannot be read; they are named, and no values.
    """
    sheet = read_sheet(place)
    if sheet.broken:
        broken = [(line, "", why) for line, (why, _) in sheet.broken.items()]
        refuse_rows(sheet, broken, "cannot be read; nothing was imported", hint="save it as CSV.")
    if missing := [name for name in columns if name not in sheet.columns]:
        reads = f"give the file that law review export wrote, with all its columns{hint}."
        raise ColumnError.absent(missing, where=str(place), otherwise=reads)
    frame = sheet.frame.rename({str(at): name for at, name in enumerate(sheet.columns)}).select(columns)
    frame = frame.cast(pl.String).with_columns(pl.all().fill_null("").str.strip_chars())
    rows = ({name: cell_meant(cell).strip() for name, cell in row.items()} for row in frame.iter_rows(named=True))
    return AnswerSheet(sheet, dict(zip(sheet.lines.tolist(), rows, strict=True)))
