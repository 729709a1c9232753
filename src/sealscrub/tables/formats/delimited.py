"""Delimited text, such as CSV: fields change where a value does, and every other byte is as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from operator import ge
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import polars as pl

from sealscrub.errors import UsageError

from ..changes import TableChange
from ..delimited.delimited_scrub import scrub_delimited
from ..delimited.delimited_source import DelimitedSource
from ..delimited.field_edit import fields_with, with_fields, written_field
from ..delimited.field_habits import FieldHabits
from ..edit_patches import distinct_values, value_counts
from ..parquet.parquet_names import called, distinct_names, share_names
from ..row_verdicts import Remaining
from ..table import Wanted
from ..text.dialect import LF
from ..text.records import Records
from ..text.stream import encoded
from ..text.survivors import Ending
from ..text.text_file import Rewriter, TextFile, text_output
from ..text.text_values import key_columns

__all__ = ["Format"]

_ROWS = 1 << 16


class Format(TextFile[DelimitedSource, Records]):
    """A delimited text file, plain or compressed."""

    format = "csv"
    suffixes = (".csv", ".tsv", ".tab", ".txt", ".psv")
    read_as = ("delimiter", "encoding", "quoting")
    one_pass = staticmethod(scrub_delimited)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, as the header has them."""
        return list(self._columns)

    def open(self) -> DelimitedSource:
        """Open the file."""
        how = self.opening.read_as
        return DelimitedSource(
            self.path,
            delimiter=how.delimiter,
            encoding=how.encoding,
            quoting=cast(Literal["minimal", "none"], how.quoting),
            use=self.opening.use,
        )

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, of the rows that stay; columns may share a name."""
        if not share_names(self.columns):
            yield from super().undeclared(remaining, declared, wanted)
            return
        names = distinct_names(self.columns)
        for source, rows in self.blocks():
            source.numbers(remaining.columns)
            batch = key_columns(rows, {name: at for at, name in enumerate(names)}, source.encoding)
            stays = remaining.judge(batch)
            for name in names:
                if called(name) not in declared:
                    as_it_was = pl.Series(stays.as_they_were(called(name)))
                    yield called(name), batch.get_column(name).filter(as_it_was)

    def rewriter(self, source: DelimitedSource, change: TableChange, start: int) -> Rewriter[Records]:
        """Make what writes the records with their part of a change; other fields show when a column is quoted."""
        return _FieldPatches(source, change, self._habits(source, change, start))

    def others_with(
        self, change: TableChange, columns: Mapping[str, pl.Series], start: int = 0
    ) -> dict[str, list[int]]:
        """Count the other rows of the file that have each distinct new value of an edit, byte for byte."""
        edited = {name: patch for name, patch in change.patches.items() if patch.edited}
        with self.open() as source:
            numbers, habits = source.numbers(tuple(edited)), self._habits(source, change, start)
            values = {name: pl.Series(name, distinct_values(patch), pl.String) for name, patch in edited.items()}
            texts = {name: written_fields(each, source, habits) for name, each in values.items()}
        needed = {name: value_counts(patch) for name, patch in edited.items()}
        counts, at = {name: [0] * len(fields) for name, fields in texts.items()}, start
        for _, rows in self.blocks():
            if all(all(map(ge, counts[name], needed[name])) for name in counts) or at + len(rows) > len(change.keep):
                break
            within = change.within(at, at + len(rows))
            for name, fields in texts.items():
                among = within.others(name)
                for number, text in enumerate(fields):
                    if counts[name][number] < needed[name][number]:
                        counts[name][number] += fields_with(text, rows, numbers[name], among)
            at += len(rows)
        return counts

    def _habits(self, source: DelimitedSource, change: TableChange, start: int) -> FieldHabits:
        columns = source.numbers(tuple(change.patches))
        habits = FieldHabits(columns)
        if not source.dialect.quoted:
            return habits
        new = {name: set(distinct_values(patch)) for name, patch in change.patches.items()}
        values = [name for name, some in new.items() if some - {None, ""}]
        nulls, empties = ([name for name, some in new.items() if value in some] for value in (None, ""))
        at = start
        if any(new.values()):
            for _, rows in self.blocks():  # most often the first block shows it
                if at + len(rows) > len(change.keep):
                    break
                habits.look(rows, change.within(at, at + len(rows)))
                at += len(rows)
                if habits.known(values, nulls, empties):
                    break
        return habits

    def frame(
        self,
        *,
        typed: bool = False,
        schema: Mapping[str, pl.DataType] | None = None,
        texts: Collection[str] = (),
    ) -> pl.DataFrame:
        """Give every row in one frame."""
        if not typed:
            return super().frame()
        with self.open() as source:
            dialect = source.dialect
        return pl.read_csv(
            self.whole(),
            schema=schema,
            schema_overrides={name: pl.String() for name in texts if name in self.columns},
            separator=chr(dialect.delimiter),
            quote_char='"' if dialect.quoted else None,
            eol_char=chr(dialect.newline),
            infer_schema_length=None,
        )

    def pandas_frame(self, *, typed: bool = False, texts: Collection[str] = ()) -> Any:
        """Give every row in one frame of pandas."""
        if not typed:
            return super().pandas_frame()
        import pandas as pd

        with self.open() as source:
            dialect = source.dialect
        return pd.read_csv(
            io.BytesIO(self.whole()),
            sep=chr(dialect.delimiter),
            quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
            dtype=dict.fromkeys(texts, "str"),
        )

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
            sink = Ending(encoded(text_output(stack, target, self.outputs[0]), source.encoding))
            sink.write(_with_line_end(source.prefix, source))
            for piece in _lines(source, rows, habits):
                sink.write(piece)
            sink.finish(ended=ended)
        self.state.check(self.name)


def _line_end(source: DelimitedSource) -> bytes:
    if source.dialect.newline != LF:
        return source.newline
    return b"\r\n" if source.prefix.endswith(b"\r\n") else b"\n"


def _with_line_end(header: bytes, source: DelimitedSource) -> bytes:
    return header if header.endswith(source.newline) else header + _line_end(source)


def _lines(source: DelimitedSource, rows: pl.DataFrame, habits: FieldHabits) -> Iterator[bytes]:
    delimiter, end = bytes([source.dialect.delimiter]), _line_end(source)
    for piece in rows.select(list(source.columns)).iter_slices(_ROWS):
        fields = [written_fields(column, source, habits) for column in piece.get_columns()]
        yield b"".join(delimiter.join(record) + end for record in zip(*fields, strict=True))


def written_fields(values: pl.Series, source: DelimitedSource, habits: FieldHabits) -> list[bytes]:
    """Write values as fields, null as an empty one, as is an empty text if no other is quoted; each value once.

    Raises
    ------
    UsageError
        If they are not text.
    ConfigError
        If one cannot be written in the file's dialect and encoding.
    """
    if values.dtype == pl.Null:
        values = values.cast(pl.String)
    if values.dtype != pl.String:
        raise UsageError(f"new values of the column {values.name!r} are not text, and the file holds text")
    known: dict[str | None, bytes] = {}
    made = []
    for value in values.to_list():
        if value not in known:
            known[value] = written_field(values.name, value or "", source, habits.quoted(values.name, value))
        made.append(known[value])
    return made


class _FieldPatches:
    """Puts new values into the fields of records."""

    def __init__(self, source: DelimitedSource, change: TableChange, habits: FieldHabits) -> None:
        self._source = source
        self._habits = habits
        self._numbers = source.numbers(tuple(change.patches))

    def __call__(self, rows: Records, change: TableChange) -> bytes:
        fields = []
        for name, patch in change.patches.items():
            stays = change.keep[patch.rows]
            if stays.any():
                values = patch.values.filter(pl.Series(stays)).alias(name)
                texts = written_fields(values, self._source, self._habits)
                fields.append((self._numbers[name], patch.rows[stays], texts))
        return with_fields(rows, ~change.keep, fields)
