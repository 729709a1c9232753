"""Rows that cannot be read or registered, in a private file of the format that they came in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.atomic_write import placed_file
from sealscrub.errors import NoticeError, UsageError

from .sheet_rows import Sheet

__all__ = ["Problem", "check_reject_file", "problem_lines", "refuse_rows", "reject_rows", "write_rejects"]

#: Line, column and reason of what is wrong with a row.
Problem = tuple[int, str, str]

_MODE = 0o600
_MOST_SHOWN = 20
_MOST_NUMBERS = 5


def check_reject_file(path: Path, *taken: Path | None) -> None:
    """Refuse a reject file that would overwrite the file that is read, or the registry.

    Parameters
    ----------
    path : Path
        Where rejects are to go.
    *taken : Path or None
        Files of the run; None is passed over.

    Raises
    ------
    UsageError
        When the reject file is one of them.

    Examples
    --------
    >>> check_reject_file(Path("rejects.csv"), Path("notices.csv"))
    """
    for other in taken:
        if other is not None and path.exists() and other.exists() and path.samefile(other):
            raise UsageError("it would replace an input", where=str(path), hint="choose another file.")


def refuse_rows(sheet: Sheet, problems: Sequence[Problem], what: str, *, hint: str) -> NoReturn:
    """Raise an error that says in which lines what is wrong, and no value.

    Parameters
    ----------
    sheet : Sheet
    problems : sequence of (int, str, str)
        Line, column (empty: none) and reason.
    what : str
        What is wrong with these rows, after their number: ``are not notices``.
    hint : str

    Raises
    ------
    NoticeError
        Always.

    Examples
    --------
    >>> from sealscrub.custodian.sheets import read_sheet
    >>> pl.DataFrame({"seal_id": ["S1"]}).write_csv("notices.csv")
    >>> refuse_rows(read_sheet("notices.csv"), [(2, "seal_id", "is unknown")], "are not notices", hint="fix them.")
    Traceback (most recent call last):
    ...
    sealscrub.errors.NoticeError: ...1 of 1 rows are not notices...
    """
    unit = "row" if sheet.form == "parquet" else "line"
    shown = problem_lines(problems, unit)
    rows = len({line for line, _, _ in problems})
    raise NoticeError(
        "\n".join([f"{rows} of {sheet.height} rows {what}:", *shown]),
        problems=problems,
        where=str(sheet.path),
        hint=hint,
    )


def problem_lines(problems: Sequence[Problem], unit: str = "line") -> list[str]:
    """Say what is wrong with rows: a line for each column and reason, with the numbers of the rows.

    Parameters
    ----------
    problems : sequence of Problem
    unit : str
        What the numbers count.

    Examples
    --------
    >>> problem_lines([(2, "seal_id", "is missing"), (5, "seal_id", "is missing"), (5, "", "is there twice")])
    ['  lines 2 and 5, column seal_id: is missing', '  line 5: is there twice']
    """
    alike: dict[tuple[str, str], list[int]] = {}
    for line, column, reason in problems:
        alike.setdefault((column, reason), []).append(line)
    shown = [
        f"  {_numbers(unit, lines)}{f', column {column}' if column else ''}: {reason}"
        for (column, reason), lines in list(alike.items())[:_MOST_SHOWN]
    ]
    return [*shown, *([f"  … and {len(alike) - _MOST_SHOWN} more reasons"] if len(alike) > _MOST_SHOWN else [])]


def _numbers(unit: str, lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"{unit} {lines[0]}"
    more = len(lines) - _MOST_NUMBERS
    shown = lines if more < 1 else lines[:_MOST_NUMBERS]
    listed = ", ".join(map(str, shown[:-1] if more < 1 else shown))
    return f"{unit}s {listed} and {lines[-1] if more < 1 else f'{more:,} more'}"


def write_rejects(sheet: Sheet, bad: npt.NDArray[np.bool_], path: Path) -> None:
    """Write the bad rows as they were, under the file's own header, so they can be fixed and added again.

    Parameters
    ----------
    sheet : Sheet
    bad : numpy.ndarray of bool
        For each row, whether it is written.
    path : Path
        The file (0600), in the sheet's format.

    Raises
    ------
    WriteFailed
        When the file cannot be written.

    Examples
    --------
    >>> from sealscrub.custodian.sheets import read_sheet
    >>> pl.DataFrame({"seal_id": ["S1", "S2"]}).write_csv("notices.csv")
    >>> write_rejects(read_sheet("notices.csv"), np.array([False, True]), Path("rejects.csv"))
    >>> Path("rejects.csv").read_text().split()
    ['seal_id', 'S2']
    """
    with placed_file(path, mode=_MODE) as file:
        if sheet.form == "parquet":
            names = dict(zip(sheet.frame.columns, sheet.columns, strict=True))
            sheet.frame.filter(pl.Series(bad)).rename(names).write_parquet(file)
        elif sheet.form == "jsonl":
            file.write("".join(_json_lines(sheet, bad)).encode())
        else:
            file.write(_csv_text(sheet, bad).encode())


def reject_rows(sheet: Sheet, problems: Iterable[Problem], path: Path) -> int:
    """Write the rows that have problems, and broken lines, as :func:`write_rejects` does; say how many.

    Parameters
    ----------
    sheet : Sheet
    problems : iterable of (int, str, str)
        Line, column and reason.
    path : Path

    Returns
    -------
    int

    Raises
    ------
    WriteFailed
        When the file cannot be written.

    Examples
    --------
    >>> from sealscrub.custodian.sheets import read_sheet
    >>> pl.DataFrame({"seal_id": ["S1", "S2"]}).write_csv("notices.csv")
    >>> reject_rows(read_sheet("notices.csv"), [(3, "seal_id", "is missing")], Path("rejects.csv"))
    1
    """
    bad = np.isin(sheet.lines, sorted({line for line, _, _ in problems}))
    write_rejects(sheet, bad, path)
    return int(bad.sum()) + len(sheet.broken)


def _csv_text(sheet: Sheet, bad: npt.NDArray[np.bool_]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sheet.delimiter, lineterminator="\n")
    writer.writerow(sheet.columns)
    rows = dict(zip(sheet.lines[bad].tolist(), sheet.frame.filter(pl.Series(bad)).iter_rows(), strict=True))
    for line in sorted({*rows, *sheet.broken}):
        if line in rows:
            writer.writerow(rows[line])
        else:
            out.write(sheet.broken[line][1].rstrip("\r\n") + "\n")
    return out.getvalue()


def _json_lines(sheet: Sheet, bad: npt.NDArray[np.bool_]) -> list[str]:
    lines = {int(sheet.lines[row]): sheet.raw[row] for row in np.flatnonzero(bad)}
    lines |= {line: text for line, (_, text) in sheet.broken.items()}
    return [f"{lines[line]}\n" for line in sorted(lines)]
