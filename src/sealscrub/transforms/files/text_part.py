"""Text files of a plan: what delimited files and JSON Lines have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
import polars as pl

from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.frames.changes import TableChange

from .delimited import DelimitedSource
from .json_columns import JsonLines
from .jsonl import JsonlSource
from .part import TablePart, text_output
from .pipeline import in_order
from .records import BlockFault, Records
from .rows import FileCounts, at_line
from .scrubbing import BlockDone, write_blocks

__all__ = ["Rewriter", "TextPart"]

_Source = TypeVar("_Source", DelimitedSource, JsonlSource)
_Rows = TypeVar("_Rows", Records, JsonLines)
_Rows_contra = TypeVar("_Rows_contra", Records, JsonLines, contravariant=True)


class Rewriter(Protocol[_Rows_contra]):
    """Writes the rows of a block with what changes in them. Threads share it."""

    def __call__(self, rows: _Rows_contra, change: TableChange, /) -> bytes:
        """Give the block's bytes with its part of a change."""


class TextPart(TablePart, Generic[_Source, _Rows]):
    """A text file, read in blocks of whole rows."""

    @abstractmethod
    def open(self) -> _Source:
        """Open the file."""

    @abstractmethod
    def split(self, source: _Source, block: bytes) -> _Rows:
        """Split a block into rows."""

    @abstractmethod
    def read(self, source: _Source, rows: _Rows, columns: tuple[str, ...]) -> pl.DataFrame:
        """Read columns of a block's rows as text."""

    @abstractmethod
    def rewriter(self, source: _Source, change: TableChange, start: int) -> Rewriter[_Rows]:
        """Make what writes the rows of the file, which is open, with its part of a change."""

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of all rows as text, in their order; null where nothing stands."""
        names = tuple(dict.fromkeys(columns))
        for source, rows in self.blocks():
            frame = self.read(source, rows, names) if names else pl.DataFrame(height=len(rows))
            if len(rows):
                yield frame

    def blocks(self) -> Iterator[tuple[_Source, _Rows]]:
        """Give the rows of the file, block by block.

        Raises
        ------
        UnreadableInput
            If the file is not what it should be, with the line, or is another one by now.
        """
        self.state.check(self.name)
        count = 0
        with self.open() as source:
            lines = source.prefix.count(source.newline)
            try:
                for rows in in_order(source.blocks(), lambda block: self.split(source, block)):
                    yield source, rows
                    lines += rows.lines
                    count += len(rows)
            except BlockFault as fault:
                raise at_line(fault, lines, self.name) from None
        self.state.check(self.name)
        self.counted = count

    def changed(self, change: TableChange, start: int, target: Path) -> tuple[int, int]:
        """Write the file with its part of a change; rows without a new value come out byte for byte."""
        self.state.check(self.name)
        with ExitStack() as stack:
            source = stack.enter_context(self.open())
            rewriter = self.rewriter(source, change, start)

            def placed(blocks: Iterator[bytes]) -> Iterator[tuple[_Rows, TableChange]]:
                at = start
                for rows in in_order(blocks, lambda block: self.split(source, block)):
                    if at + len(rows) > len(change.keep):
                        self.state.check(self.name)
                        raise UsageError(f"has more rows than the {len(change.keep)} of the change", where=self.name)
                    yield rows, change.within(at, at + len(rows))
                    at += len(rows)

            def done(item: tuple[_Rows, TableChange]) -> BlockDone:
                rows, within = item
                gone = int(np.count_nonzero(~within.keep))
                kept = rewriter(rows, within) if len(rows) else rows.data
                return BlockDone(kept, b"", FileCounts(len(rows), gone), rows.lines)

            out = text_output(stack, target, source.compression)
            try:
                counts = write_blocks(source, lambda blocks: in_order(placed(blocks), done), out)
            except UnreadableInput as error:
                error.where = error.where or self.name
                raise
        self.state.check(self.name)
        self.counted = counts.rows
        return counts.rows, counts.rows - counts.removed
