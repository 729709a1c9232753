"""Extracts, files for clerks and spills that are left over, and which of them are to be deleted."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Final

import polars as pl

from sealscrub.errors import IncompleteError, UsageError
from sealscrub.extracts import extract_day, is_extract
from sealscrub.file_system import is_open_folder, open_to_others, readable
from sealscrub.identifiers.linkage_fields import written_days
from sealscrub.tables.formats import format_begun
from sealscrub.tables.sources import find_sources, open_file

from .review_files import COLUMNS, REVIEW, SAMPLE, WRITTEN

__all__ = ["HeldFile", "held_files", "left_spills"]

_HEAD: Final = 1 << 16
_SPILLED: Final = "sealscrub-*/duckdb_temp_*"
_WORKBOOK_HEADS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_WORKBOOK_SUFFIXES: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_MARKS: Final = (",", ";", "\t", "|")


@dataclass(frozen=True, kw_only=True)
class HeldFile:
    """A file of names.

    Attributes
    ----------
    path : Path
        Where it is.
    kind : str
        ``extract``, ``review``, ``sample``, ``spill``: what a training that was killed has left, or ``workbook``: one
        that cannot be read, so it may be a review.
    since : datetime.date
        The day on which it was made, as it says itself, or on which it was last changed (UTC), whichever is earlier.
    overdue : bool
        Whether it is older than is allowed.
    exposed : bool
        Whether other accounts may read it, or replace it in its folder.

    Examples
    --------
    >>> file = HeldFile(path=Path("vendor.linkin"), kind="extract", since=dt.date(2026, 1, 2), overdue=True)
    >>> file.kind, file.overdue
    ('extract', True)
    """

    path: Path
    kind: str
    since: dt.date
    overdue: bool
    exposed: bool = False


def held_files(places: Iterable[str | Path], *, days: int = 30, today: dt.date | None = None) -> tuple[HeldFile, ...]:
    r"""Say which extracts and clerks' files are in some places, and which are overdue for deletion.

    Parameters
    ----------
    places : iterable of str or Path
        Files and folders; these with all that is below them.
    days : int
        Days after which they must be deleted.
    today : datetime.date, optional
        The day; today by default (UTC).

    Returns
    -------
    tuple of HeldFile
        In the order of their paths.

    Raises
    ------
    UsageError
        When a place does not exist, or the days are below zero.
    UnreadableInput
        When a file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "review.csv"
    >>> _ = path.write_text(",".join([*COLUMNS, WRITTEN]) + "\nreview,opaque:vendor,0,S1,r1,9,,2026-01-02\n")
    >>> [(each.kind, each.overdue) for each in held_files([path], today=dt.date(2026, 3, 1))]
    [('review', True)]
    """
    if days < 0:
        raise UsageError("days must be 0 or more", hint="30 is usual.")
    day = today or dt.datetime.now(dt.UTC).date()
    found = []
    for path in sorted({file for place in places for file in _files(Path(place))}):
        with readable(path), path.open("rb") as file:
            kind, made = _file_kind_and_day(file.read(_HEAD), path)
            changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date()
        if kind:
            since = min(changed, made or changed)
            late = (day - since).days > days
            found.append(HeldFile(path=path, kind=kind, since=since, overdue=late, exposed=_is_exposed(path)))
    return tuple(found)


def _is_exposed(path: Path) -> bool:
    folder = path.absolute().parent
    reached = folder.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH)
    return is_open_folder(folder) or bool(reached and open_to_others(path))


def left_spills(*, days: int = 30, today: dt.date | None = None) -> tuple[HeldFile, ...]:
    """Say which files trainings have left in the temporary folder, since they were killed or still run.

    Parameters
    ----------
    days : int
        Days after which they must be deleted.
    today : datetime.date, optional
        The day; today by default (UTC).

    Returns
    -------
    tuple of HeldFile
        In the order of their paths; without those of other accounts.

    Examples
    --------
    >>> {each.kind for each in left_spills()} <= {"spill"}
    True
    """
    day = today or dt.datetime.now(dt.UTC).date()
    found = []
    folder = tempfile.gettempdir()
    for path in sorted(Path(folder, each) for each in glob(_SPILLED, root_dir=folder)):  # folders may go meanwhile
        with contextlib.suppress(OSError):  # a training that ends meanwhile deletes its own
            since = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date()
            found.append(HeldFile(path=path, kind="spill", since=since, overdue=(day - since).days > days))
    return tuple(found)


def _files(place: Path) -> Iterator[Path]:
    if not place.exists():
        raise UsageError("does not exist", where=str(place), hint="give files or folders.")
    yield from (path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]


def _file_kind_and_day(head: bytes, path: Path) -> tuple[str, dt.date | None]:
    """What a file is, and the day that it states: by its columns, in whatever form a clerk's program has saved it."""
    if is_extract(head):
        return "extract", extract_day(head)
    if head.startswith(_WORKBOOK_HEADS):
        read = _workbook(path)
        if read is None:
            return ("workbook" if path.suffix.lower() in _WORKBOOK_SUFFIXES else ""), None
        columns, first = read
    else:
        columns, first = _text(head)
        if not set(COLUMNS) <= set(columns):
            columns, first = _table(path, head)
    if not set(COLUMNS) <= set(columns):
        return "", None
    row = dict(zip(columns, first, strict=False))
    days = written_days(pl.Series([row.get(WRITTEN)], dtype=pl.String))
    return SAMPLE if row.get("kind") == SAMPLE else REVIEW, days[0]


def _table(path: Path, head: bytes) -> tuple[list[str], list[str]]:
    """The columns of a file in whichever format and its first row, as far as they can be read."""
    begun = format_begun(head)
    columns: list[str] = []
    first: tuple[object, ...] = ()
    with contextlib.suppress(UsageError, IncompleteError):  # it is not a table, or is damaged
        table = open_file(find_sources(path, begun.format if begun else None).files[0])
        columns = sorted(table.common_columns(), key=lambda name: name not in ("kind", WRITTEN))
        if set(COLUMNS) <= set(columns):
            told = [name for name in columns if name in ("kind", WRITTEN)]
            first = next((row for batch in table.batches(told) for row in batch.head(1).iter_rows()), ())
    return columns, [str(each) for each in first]


def _workbook(path: Path) -> tuple[list[str], list[str]] | None:
    """The columns and the first row of a workbook's sheet for a clerk, empty without one; None if it cannot be read."""
    try:
        import python_calamine
    except ImportError:
        return None
    try:
        book = python_calamine.load_workbook(str(path))
        sheets = [book.get_sheet_by_index(at).to_python(nrows=2) for at in range(len(book.sheet_names))]
    except (OSError, ValueError, python_calamine.CalamineError):
        return None
    told = [[[str(cell).strip() for cell in row] for row in sheet] for sheet in sheets if sheet]
    none: list[list[str]] = [[]]
    ours = next((sheet for sheet in told if set(COLUMNS) <= set(sheet[0])), none)
    return ours[0], ours[1] if len(ours) > 1 else []


def _text(head: bytes) -> tuple[list[str], list[str]]:
    """The columns of a file of text and its first row; nothing if it has none."""
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace").lstrip()
    if text.startswith("{"):
        try:
            record = json.loads(text.partition("\n")[0])
        except ValueError:
            return [], []
        return list(record), [str(each) for each in record.values()]
    header = text.partition("\n")[0]
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(_MARKS, key=header.count))
        return [name.strip() for name in next(rows, [])], next(rows, [])
    except csv.Error:
        return [], []
