"""JSON Lines of a plan: members change where a value does, and every other byte is as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.errors import ColumnError
from sealscrub.frames.changes import TableChange

from ..options import ReadAs
from .json_columns import JsonColumns, JsonLines, member_names
from .json_patches import Habits, LinePatches
from .jsonl import JsonlSource
from .part import text_output
from .records import BlockFault
from .rows import at_line
from .stream import encoded
from .survivors import Ending
from .text_part import Rewriter, TextPart

__all__ = ["JsonlPart"]

_ROWS = 1 << 16


class JsonlPart(TextPart[JsonlSource, JsonLines]):
    """A file of JSON Lines, plain or compressed."""

    def __init__(self, path: Path, name: str, read_as: ReadAs) -> None:
        super().__init__(path, name)
        self._encoding = read_as.encoding
        self.open().close()

    @cached_property
    def _names(self) -> list[str]:
        names: dict[str, None] = {}
        lines = 0
        for _, rows in self.blocks():
            if len(rows):
                try:
                    names.update(dict.fromkeys(member_names(rows)))
                except BlockFault as fault:
                    raise at_line(fault, lines, self.name) from None
            lines += rows.lines
        return list(names)

    @property
    def columns(self) -> list[str]:
        """Names of the fields of its objects, in the order in which they first come; the file is read for them."""
        return list(self._names)

    def open(self) -> JsonlSource:
        """Open the file."""
        return JsonlSource(self.path, encoding=self._encoding)

    def split(self, source: JsonlSource, block: bytes) -> JsonLines:
        """Split a block into lines."""
        return source.split(block)

    def read(self, source: JsonlSource, rows: JsonLines, columns: tuple[str, ...]) -> pl.DataFrame:
        """Read fields as text: a string is its text, any other value its JSON."""
        if not len(rows):
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        return JsonColumns.read(rows, columns, keys=False, whole=True).frame

    def rewriter(self, source: JsonlSource, change: TableChange, start: int) -> Rewriter[JsonLines]:
        """Make what writes the lines with their part of a change; the file is read before for how it writes."""
        return LinePatches.of(change, self._habits(list(change.patches), change, start))

    def _habits(self, paths: Sequence[str], change: TableChange | None, start: int) -> Habits:
        habits = Habits(paths)
        if change is not None and not any(len(patch.rows) for patch in change.patches.values()):
            return habits
        lines, at = 0, start
        for _, rows in self.blocks():
            whole = TableChange(np.ones(len(rows), dtype=np.bool_))
            try:
                habits.look(rows, whole if change is None else change.within(at, at + len(rows)))
            except BlockFault as fault:
                raise at_line(fault, lines, self.name) from None
            lines += rows.lines
            at += len(rows)
        return habits

    def replaced(self, rows: pl.DataFrame, target: Path) -> None:
        """Write other rows as the file's lines are written; a null is left out where lines leave fields out."""
        names = self.columns
        for name in names:
            if name not in rows.columns:
                raise ColumnError.absent(name, rows.columns, where=self.name)
        habits = self._habits(names, None, 0)
        nulls, ended = self._nulls(names), True
        for _, lines in self.blocks():
            ended = lines.data.endswith(b"\n")
        with ExitStack() as stack:
            source = stack.enter_context(self.open())
            sink = Ending(encoded(text_output(stack, target, source.compression), source.encoding))
            for piece in rows.select(names).iter_slices(_ROWS):
                sink.write("".join(_written(piece, habits, nulls)).encode())
            sink.finish(ended=ended)

    def _nulls(self, names: list[str]) -> frozenset[str]:
        """Name the fields that stand as null in some line."""
        found: set[str] = set()
        for _, rows in self.blocks():
            if len(rows):
                columns = JsonColumns.read(rows, tuple(names), keys=False)
                found |= {name for name in names if columns.nulls[name].any()}
        return frozenset(found)


def _written(rows: pl.DataFrame, habits: Habits, nulls: frozenset[str]) -> Iterator[str]:
    opening, colon, comma, closing = habits.spacing or ("", ": ", ", ", "")
    for record in rows.iter_rows():
        members = []
        for name, value in zip(rows.columns, record, strict=True):
            if value is not None:
                members.append(f"{json.dumps(name)}{colon}{habits.literal(name, value)}")
            elif name in nulls:
                members.append(f"{json.dumps(name)}{colon}null")
        yield "{" + opening + comma.join(members) + closing + "}\n"
