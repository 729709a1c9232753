"""Tables in text (CSV, TSV): rows whose record may not be returned are removed, the others are as they came."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sealscrub.errors import Refused, SealscrubError, UnreadableInput

from ..barred_records import Judgement
from ..json_answers.json_text import Limits
from ..json_answers.numbers_in_elements import SameNumbers, is_whole

__all__ = ["TableStream", "is_table"]

_TABLES = frozenset(
    {
        "application/csv",
        "application/x-csv",
        "text/comma-separated-values",
        "text/csv",
        "text/tab-separated-values",
        "text/tsv",
        "text/x-comma-separated-values",
        "text/x-csv",
    }
)
_DELIMITERS = ",;\t|"
_CHARSETS = frozenset({"", "ascii", "us-ascii", "utf-8", "utf8"})


@dataclass(slots=True)
class _Row:
    text: bytes
    fields: list[str]
    problem: SealscrubError | None = None  # raised if the row stays


def is_table(media_type: str) -> bool:
    """Whether a media type is a table's."""
    return media_type in _TABLES


class TableStream:
    """Guards a table row by row.

    Parameters
    ----------
    judgement : Judgement
        By which every row is judged: the table is one answer.
    charset : str
        That the answer says.
    limits : Limits
        How long a row may be.
    allow_absent : bool
        Whether no row need have a key.
    independent : collection of str
        Columns whose numbers are the same without the sealed records; an asterisk stands for all.

    Raises
    ------
    Refused
        When it is in another charset than UTF-8.
    """

    def __init__(
        self,
        judgement: Judgement,
        charset: str,
        limits: Limits,
        *,
        allow_absent: bool = False,
        independent: Collection[str] = (),
    ) -> None:
        if charset not in _CHARSETS:
            raise Refused("a table is not in UTF-8", where="answer")
        self._judgement, self._limits, self._allow_absent = judgement, limits, allow_absent
        self._independent = independent
        self._held = self._end = b""
        self._names: list[str] = []
        self._delimiter = ","
        self._rows = 0
        self._has_key = False
        self._same = SameNumbers()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Give the rows that are complete, without those that may not be returned."""
        rows, self._held = _split_rows(self._held + piece)
        if len(self._held) > self._limits.bytes:
            raise Refused("a row is too long", where="answer")
        yield from self._guarded_rows(rows)

    def close(self) -> Iterator[bytes]:
        """Give the last row, which may lack its end: then the last that stays lacks it, too.

        Raises
        ------
        Refused
            When no row had a key, or a column may say how many rows there were.
        """
        held, self._held = self._held, b""
        yield from self._guarded_rows([held] if held else [])
        if not held:
            yield self._end
        if not self._names:
            raise _no_columns()
        if self._rows and not self._has_key and not self._allow_absent:
            raise Refused("no row of the table has a key", where="answer", hint="set allow_absent=True.")
        if self._same.may_count:
            raise _counts()

    def _guarded_rows(self, rows: Sequence[bytes]) -> Iterator[bytes]:
        if rows and not self._names:
            self._read_names(rows[0])
            yield self._with_end_before(rows[0])
            rows = rows[1:]
        read = [self._fields(row) for row in rows]
        gone = iter(self._barred_rows([row.fields for row in read if row.fields]))
        left = [row for row in read if not row.fields or not next(gone)]
        self._check(left)
        yield b"".join(self._with_end_before(row.text) for row in left)

    def _with_end_before(self, row: bytes) -> bytes:
        """A row without its end, after the end of the row before: what ends the last row that stays is known later."""
        text = row.rstrip(b"\r\n") if row.endswith(b"\n") else row
        before, self._end = self._end, row[len(text) :]
        return before + text

    def _barred_rows(self, rows: Sequence[list[str]]) -> list[bool]:
        if not rows:
            return []
        columns = {name: self._names.index(name) for name in self._judgement.judge.columns}
        keys = {name: [fields[at] if at < len(fields) else "" for fields in rows] for name, at in columns.items()}
        return [bool(gone) for gone in self._judgement.gone_of(keys)]

    def _check(self, rows: Sequence[_Row]) -> None:
        """Refuse what cannot be read or may count rows, in single rows that are kept."""
        if not rows:
            return
        keys = [self._names.index(name) for name in self._judgement.judge.columns]
        free = [
            at
            for at, name in enumerate(self._names)
            if at not in keys and name not in self._independent and "*" not in self._independent
        ]
        for row in rows:
            fields = row.fields
            if row.problem is not None:
                raise row.problem
            if len(fields) != len(self._names):
                raise Refused("a row of the table does not have as many fields as the first", where="answer")
            if any(is_whole(fields[at]) for at in free):
                raise _counts()
            self._has_key = self._has_key or any(fields[at].strip() for at in keys)
            self._rows += 1
            self._same.add({at: fields[at] for at in free})

    def _read_names(self, row: bytes) -> None:
        wanted = set(self._judgement.judge.columns)
        for delimiter in _DELIMITERS:
            self._delimiter = delimiter
            read = self._fields(row.removeprefix(b"\xef\xbb\xbf"))
            if read.problem is not None:
                raise read.problem
            names = read.fields
            if wanted <= set(names):
                if any(names.count(name) > 1 for name in wanted):
                    raise Refused("the table has a key column twice", where="answer")
                self._names = names
                return
        raise _no_columns()

    def _fields(self, row: bytes) -> _Row:
        """Read a row; of one that is not well written and has no line break, as much as says whose it is."""
        is_utf8 = True
        try:
            text = row.decode()
        except UnicodeDecodeError:
            text, is_utf8 = row.decode(errors="replace"), False
        text = text.rstrip("\r\n")
        found = self._parsed(text, strict=True)
        if found is not None and is_utf8:
            return _Row(row, found)
        problem = UnreadableInput(
            "a row of the table cannot be read", where="answer", hint="write it as RFC 4180 describes."
        )
        loosely = None if "\n" in text or "\r" in text else self._parsed(text, strict=False)
        return _Row(row, loosely or [], problem)

    def _parsed(self, text: str, *, strict: bool) -> list[str] | None:
        found: list[list[str]] = []
        with contextlib.suppress(csv.Error):  # whose words may hold the row
            found = list(csv.reader([text], delimiter=self._delimiter, strict=strict)) or [[]]
        return found[0] if len(found) == 1 else None


def _split_rows(text: bytes) -> tuple[list[bytes], bytes]:
    """Rows with their ends, and what is not a whole row yet: a line break between quotes ends none."""
    rows: list[bytes] = []
    open_row: list[bytes] = []
    quotes = 0
    for line in _lines(text):
        open_row.append(line)
        quotes += line.count(b'"')
        if quotes % 2 == 0 and line.endswith(b"\n"):
            rows.append(b"".join(open_row))
            open_row, quotes = [], 0
    return rows, b"".join(open_row)


def _lines(text: bytes) -> list[bytes]:
    *lines, last = text.split(b"\n")
    return [*(line + b"\n" for line in lines), *([last] if last else [])]


def _no_columns() -> Refused:
    return Refused(
        "the table does not have the declared key columns",
        where="answer",
        hint="the first row must name the columns; columns= names the key columns.",
    )


def _counts() -> Refused:
    return Refused(
        "a column of the table may count its rows",
        where="answer",
        hint="independent= names columns whose numbers are the same without the sealed records.",
    )
