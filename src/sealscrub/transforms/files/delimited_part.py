"""Delimited files of a plan: fields change where a value does, and every other byte is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, cast

import numpy as np
import polars as pl

from sealscrub.errors import UsageError
from sealscrub.frames.changes import Patch, TableChange

from ..options import ReadAs
from .delimited import DelimitedSource
from .dialect import LF
from .field_edit import written_field
from .field_habits import FieldHabits
from .part import text_output
from .records import Records
from .stream import encoded
from .survivors import Ending, rewritten, without
from .text_part import Rewriter, TextPart
from .values import key_columns

__all__ = ["DelimitedPart"]

_ROWS = 1 << 16


class DelimitedPart(TextPart[DelimitedSource, Records]):
    """A delimited text file, plain or compressed."""

    def __init__(self, path: Path, name: str, read_as: ReadAs) -> None:
        super().__init__(path, name)
        self._read_as = read_as
        with self.open() as source:
            self._columns = list(source.columns)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, as the header has them."""
        return list(self._columns)

    def open(self) -> DelimitedSource:
        """Open the file."""
        return DelimitedSource(
            self.path,
            delimiter=self._read_as.delimiter,
            encoding=self._read_as.encoding,
            quoting=cast(Literal["minimal", "none"], self._read_as.quoting),
        )

    def split(self, source: DelimitedSource, block: bytes) -> Records:
        """Split a block into records."""
        return source.split(block)

    def read(self, source: DelimitedSource, rows: Records, columns: tuple[str, ...]) -> pl.DataFrame:
        """Read columns of a block's records as text."""
        return key_columns(rows, source.numbers(columns), source.encoding)

    def rewriter(self, source: DelimitedSource, change: TableChange, start: int) -> Rewriter[Records]:
        """Make what writes the records with their part of a change; other fields tell when a column is quoted."""
        return _FieldPatches(source, change, self._habits(source, change, start))

    def _habits(self, source: DelimitedSource, change: TableChange, start: int) -> FieldHabits:
        columns = source.numbers(tuple(change.patches))
        habits = FieldHabits(columns)
        if not source.dialect.quoted:
            return habits
        lengths = {name: (len(patch.values), patch.values.null_count()) for name, patch in change.patches.items()}
        values = [name for name, (count, nulls) in lengths.items() if count > nulls]
        nulls = [name for name, (_, nulls) in lengths.items() if nulls]
        at = start
        if values or nulls:
            for _, rows in self.blocks():  # most often the first block tells
                if at + len(rows) > len(change.keep):
                    break
                habits.look(rows, change.within(at, at + len(rows)))
                at += len(rows)
                if habits.known(values, nulls):
                    break
        return habits

    def replaced(self, rows: pl.DataFrame, target: Path) -> None:
        """Write other rows under the file's header, in its dialect, encoding and compression."""
        self.state.check(self.name)
        ended = True
        with self.open() as source:
            habits = FieldHabits(source.numbers(source.columns))
        for source, records in self.blocks():
            ended = records.data.endswith(source.newline)
            if source.dialect.quoted and len(records):
                habits.look(records, TableChange(np.ones(len(records), dtype=np.bool_)))
        with ExitStack() as stack:
            source = stack.enter_context(self.open())
            sink = Ending(encoded(text_output(stack, target, source.compression), source.encoding))
            sink.write(_ended(source.prefix, source))
            for piece in _lines(source, rows, habits):
                sink.write(piece)
            sink.finish(ended=ended)
        self.state.check(self.name)


def _line_end(source: DelimitedSource) -> bytes:
    if source.dialect.newline != LF:
        return source.newline
    return b"\r\n" if source.prefix.endswith(b"\r\n") else b"\n"


def _ended(header: bytes, source: DelimitedSource) -> bytes:
    return header if header.endswith(source.newline) else header + _line_end(source)


def _lines(source: DelimitedSource, rows: pl.DataFrame, habits: FieldHabits) -> Iterator[bytes]:
    delimiter, end = bytes([source.dialect.delimiter]), _line_end(source)
    for piece in rows.select(list(source.columns)).iter_slices(_ROWS):
        fields = [written_fields(column, source, habits) for column in piece.get_columns()]
        yield b"".join(delimiter.join(record) + end for record in zip(*fields, strict=True))


def written_fields(values: pl.Series, source: DelimitedSource, habits: FieldHabits) -> list[bytes]:
    """Write values as fields, null as an empty one; each distinct value once.

    Raises
    ------
    UsageError
        If they are no text.
    ConfigError
        If one cannot be written in the file's dialect and encoding.
    """
    if values.dtype == pl.Null:
        values = values.cast(pl.String)
    if values.dtype != pl.String:
        raise UsageError(f"new values of the column {values.name!r} are no text, and the file holds text")
    known: dict[str, bytes] = {}
    made = []
    for value in values.to_list():
        text = value or ""
        if text not in known:
            quoted = habits.quoted(values.name, null=not text)
            known[text] = written_field(values.name, text, source, quoted)
        made.append(known[text])
    return made


class _FieldPatches:
    """Puts new values into the fields of records."""

    def __init__(self, source: DelimitedSource, change: TableChange, habits: FieldHabits) -> None:
        self._source = source
        self._habits = habits
        self._numbers = source.numbers(tuple(change.patches))

    def __call__(self, rows: Records, change: TableChange) -> bytes:
        leave = ~change.keep
        starts, stops = [rows.starts[leave]], [rows.stops[leave]]
        texts = [b""] * int(np.count_nonzero(leave))
        for name, patch in change.patches.items():
            made = self._texts(name, patch, change)
            if made is None:
                continue
            at, written = made
            begin, end = rows.field(self._numbers[name])
            starts.append(begin[at])
            stops.append(end[at])
            texts += written
        if len(starts) == 1:
            return without(rows.data, starts[0], stops[0])
        return rewritten(rows.data, np.concatenate(starts), np.concatenate(stops), texts)

    def _texts(self, name: str, patch: Patch, change: TableChange) -> tuple[np.ndarray, list[bytes]] | None:
        stays = change.keep[patch.rows]
        if not stays.any():
            return None
        values = patch.values.filter(pl.Series(stays)).alias(name)
        return patch.rows[stays], written_fields(values, self._source, self._habits)
