"""A file as it is: its columns as text, and the line on which each row begins.

CSV, TSV and JSON Lines (UTF-8, or UTF-16 with a byte-order mark) are read as text, so no id passes through a number.
Parquet keeps its types: what a column of integers or floats is worth as a key,
:func:`sealscrub.identifiers.canonicalise` says.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from sealscrub.errors import UnreadableInput, UsageError

__all__ = ["Sheet", "read_sheet"]

_DELIMITERS = (",", ";", "\t", "|")
_FORMS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_WORKBOOK = "save the sheet as CSV (UTF-8); make its ids and days text first, so that they stay as they are."
_HINTS = {".xlsx": _WORKBOOK, ".xls": _WORKBOOK, ".ods": _WORKBOOK}
_PARQUET_MAGIC = b"PAR1"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 1 << 20  # bytes in which a header ends
_BLOCK, _LARGEST_BLOCK = 1 << 22, (1 << 31) - 1

Lines = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """What a file holds.

    Attributes
    ----------
    path : Path
        The file.
    form : str
        ``csv``, ``jsonl`` or ``parquet``.
    sha256 : str
        Digest of the file's bytes.
    columns : tuple of str
        Names of the columns, as the file has them.
    frame : polars.DataFrame
        The rows that could be read; columns are named by their position, ``"0"``, ``"1"``, …
    lines : numpy.ndarray of int64
        Line on which each row begins, 1-based; in Parquet the number of the row.
    delimiter : str
        What is between two cells of CSV.
    broken : mapping of int to (str, str)
        By line, why a row could not be read, and the row as it was.
    raw : tuple of str
        The lines of JSON Lines that could be read, as they were.

    Examples
    --------
    >>> pl.DataFrame({"seal_id": ["S1", "S2"]}).write_csv("notices.csv")
    >>> sheet = read_sheet("notices.csv")
    >>> sheet.form, sheet.frame["0"].to_list()
    ('csv', ['S1', 'S2'])
    """

    path: Path
    form: str
    sha256: str
    columns: tuple[str, ...]
    frame: pl.DataFrame
    lines: Lines
    delimiter: str = ","
    broken: dict[int, tuple[str, str]] = field(default_factory=dict)
    raw: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """How many rows the file has, blank lines left out."""
        return len(self.lines) + len(self.broken)

    def __repr__(self) -> str:
        return f"Sheet({str(self.path)!r}, {len(self.frame)} rows)"


def read_sheet(path: str | Path) -> Sheet:
    """Read a file of rows.

    Parameters
    ----------
    path : str or Path
        CSV, TSV, Parquet or JSON Lines, by its name and what it holds.

    Raises
    ------
    UsageError
        When the file does not exist, or its name says no format that is read.
    UnreadableInput
        When it is empty, damaged, truncated, or not of the format that it claims.

    Examples
    --------
    >>> pl.DataFrame({"seal_id": ["S1"], "event": ["sealed"]}).write_csv("notices.csv")
    >>> sheet = read_sheet("notices.csv")
    >>> sheet.columns, sheet.lines.tolist()
    (('seal_id', 'event'), [2])
    """
    path = Path(path)
    content = _content(path)
    form = _form(path, content)
    if form == "parquet":
        return _parquet(path, content)
    if content.startswith(_UTF_16):
        digest = hashlib.sha256(content).hexdigest()
        return replace(_text_sheet(path, form, _from_utf_16(path, content)), sha256=digest)
    return _text_sheet(path, form, content)


def _text_sheet(path: Path, form: str, content: bytes) -> Sheet:
    if not content[:_HEAD].strip(b"\xef\xbb\xbf \t\r\n"):
        _unreadable(path, "the file is empty", "its first line names the columns.")
    sheet = _jsonl(path, content) if form == "jsonl" else _csv(path, content)
    pa.default_memory_pool().release_unused()  # what the parser of a large file held
    return sheet


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError("the file does not exist", where=str(path)) from None
    except IsADirectoryError:
        raise UsageError("is a folder", where=str(path), hint="give one file.") from None
    except OSError as error:
        _unreadable(path, f"cannot be read ({error.strerror})")


def _from_utf_16(path: Path, content: bytes) -> bytes:
    """The same text as UTF-8: a spreadsheet saves Unicode text so."""
    try:
        return content.decode("utf-16").encode()
    except UnicodeDecodeError:
        _unreadable(path, "is damaged UTF-16, or truncated", "get a new copy of the file, or save it as UTF-8.")


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        _unreadable(path, f"line {line} is not UTF-8", "convert the file: iconv -f WINDOWS-1252 -t UTF-8.")


def _check_text(path: Path, content: bytes) -> None:
    """Refuse bytes that are not UTF-8, before a reader meets them, without a copy of them all."""
    whole = [None, pa.py_buffer(np.array([0, len(content)], np.int64)), pa.py_buffer(content)]
    try:
        pa.Array.from_buffers(pa.large_string(), 1, whole).validate(full=True)
    except pa.ArrowInvalid:
        _decoded(path, content)


def _form(path: Path, content: bytes) -> str:
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise UsageError(
            f"unsupported file suffix {path.suffix or '(none)'}",
            where=str(path),
            hint=_HINTS.get(path.suffix.lower(), f"use one of {', '.join(_FORMS)}."),
        )
    is_parquet = content.startswith(_PARQUET_MAGIC)
    if is_parquet != (form == "parquet") and content:
        _unreadable(path, "is not a Parquet file" if form == "parquet" else "is a Parquet file by another name")
    return form


def _parquet(path: Path, content: bytes) -> Sheet:
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError, ValueError):
        _unreadable(path, "is damaged or truncated", "get a new copy of the file.")
    return Sheet(
        path=path,
        form="parquet",
        sha256=hashlib.sha256(content).hexdigest(),
        columns=tuple(frame.columns),
        frame=frame.rename({name: str(at) for at, name in enumerate(frame.columns)}),
        lines=np.arange(1, len(frame) + 1),
    )


def _jsonl(path: Path, content: bytes) -> Sheet:
    text = _decoded(path, content)
    columns: dict[str, list[str | None]] = {}
    broken: dict[int, tuple[str, str]] = {}
    lines: list[int] = []
    raw: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_record)
            if "\\u" in line:
                json.dumps(record, ensure_ascii=False).encode()  # half of a surrogate pair is not text
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            broken[number] = ("is not a JSON object, or names a field twice", line)
            continue
        for name in record:
            columns.setdefault(name, [None] * len(lines))
        for name, cells in columns.items():
            cells.append(_json_text(record.get(name)))
        lines.append(number)
        raw.append(line)
    return Sheet(
        path=path,
        form="jsonl",
        sha256=hashlib.sha256(content).hexdigest(),
        columns=tuple(columns),
        frame=pl.DataFrame({str(at): pl.Series(cells, dtype=pl.String) for at, cells in enumerate(columns.values())}),
        lines=np.array(lines, np.int64),
        broken=broken,
        raw=tuple(raw),
    )


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError
    return record


def _json_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(_json_text(item) or "" for item in value)
    return json.dumps(value)


def _csv(path: Path, content: bytes) -> Sheet:
    if not content.isascii():
        _check_text(path, content)  # before the parser, whose call-backs cannot raise
    head = content[:_HEAD].decode("utf-8-sig", errors="replace")
    delimiter = "\t" if path.suffix.lower() in (".tsv", ".tab") else _delimiter(head)
    try:
        header = next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [])
    except csv.Error:
        header = []
    if not header:
        _unreadable(path, "the first line names no columns", "a file begins with their names.")
    frame, ragged = _cells(path, content, len(header), delimiter)
    _refuse_open_quote(path, content, frame, ragged)
    lines, ragged_lines = _lines(header, frame, ragged)
    blank = frame.select(pl.all_horizontal(pl.all() == "")).to_series().to_numpy()
    if blank.any():
        frame, lines = frame.filter(pl.Series(~blank)), lines[~blank]
    return Sheet(
        path=path,
        form="csv",
        sha256=hashlib.sha256(content).hexdigest(),
        columns=tuple(header),
        frame=frame,
        lines=lines,
        delimiter=delimiter,
        broken={
            int(line): (f"has {row.actual_columns} cells, the header has {len(header)}", row.text)
            for line, row in zip(ragged_lines, ragged, strict=True)
            if row.text.strip()
        },
    )


def _cells(path: Path, content: bytes, width: int, delimiter: str) -> tuple[pl.DataFrame, list[pacsv.InvalidRow]]:
    """The cells as text, in columns named by their position, and the rows of another width."""
    for block in (_BLOCK, _LARGEST_BLOCK):  # which no row may be longer than
        ragged: list[pacsv.InvalidRow] = []
        with contextlib.suppress(pa.ArrowInvalid):
            return pl.concat(_blocks(content, width, delimiter, min(block, len(content) + 1), ragged)), ragged
    return _unreadable(path, "cannot be read as CSV", "check quotes and delimiters.")


def _blocks(
    content: bytes, width: int, delimiter: str, block: int, ragged: list[pacsv.InvalidRow]
) -> Iterator[pl.DataFrame]:
    def skip(row: pacsv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    names = [str(at) for at in range(width)]
    options = {
        "read_options": pacsv.ReadOptions(
            column_names=names, skip_rows_after_names=1, use_threads=False, block_size=block
        ),
        "parse_options": pacsv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
        ),
        "convert_options": pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
        ),
    }
    yield pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    for batch in pacsv.open_csv(pa.BufferReader(content), **options):
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a batch makes a frame
        yield frame


def _delimiter(text: str) -> str:
    """The delimiter that the header has most of."""
    header = text.lstrip().split("\n", 1)[0]
    return max(_DELIMITERS, key=header.count)


def _lines(header: list[str], frame: pl.DataFrame, ragged: list[pacsv.InvalidRow]) -> tuple[Lines, Lines]:
    """On which line each row begins, and each ragged one; cells may hold line breaks."""
    bad = np.array([row.number - 1 for row in ragged], np.int64)
    total = 1 + len(frame) + len(bad)
    good = np.setdiff1d(np.arange(1, total), bad, assume_unique=True)
    breaks = np.zeros(total, np.int64)
    breaks[0] = sum(cell.count("\n") for cell in header)
    breaks[good] = frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True))).to_series()
    breaks[bad] = [row.text.count("\n") for row in ragged]
    first = 1 + np.arange(total) + np.cumsum(breaks) - breaks
    return first[good], first[bad]


def _refuse_open_quote(path: Path, content: bytes, frame: pl.DataFrame, ragged: list[pacsv.InvalidRow]) -> None:
    """A quote that is never closed swallows the rest of the file into one cell."""
    if content.count(b'"') % 2:
        last = frame.tail(1).select(pl.any_horizontal(pl.all().str.contains("\n", literal=True))).to_series().any()
        if last or any("\n" in row.text.strip() for row in ragged[-1:]):
            _unreadable(path, "a quote is opened and never closed", "the file may be truncated: get a new copy.")


def _unreadable(path: Path, what: str, hint: str = "") -> NoReturn:
    raise UnreadableInput(what, where=str(path), hint=hint) from None
