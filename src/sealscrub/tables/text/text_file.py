"""What delimited files and JSON Lines have in common: blocks of whole rows, and bytes that stay as they were."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

import numpy as np
import polars as pl

from sealscrub.errors import SealscrubError, UnreadableInput, UsageError

from ..changes import RowEdit, TableChange
from ..file import FileTable, Opening, SourceFile
from ..row_verdicts import Matcher, RowVerdicts
from ..table import FoundRows, TableProgress, Written
from .compression import ByteSink, Compression, open_text_output
from .pipeline import in_order
from .records import BlockFault
from .row_fates import FileCounts, Progress, Tell, at_line
from .text_blocks import BlockDone, write_blocks
from .text_source import BlockRows, TextSource

__all__ = ["Rewriter", "Scrub", "TextFile", "text_output"]

_Source = TypeVar("_Source", bound=TextSource[Any])
_Rows = TypeVar("_Rows", bound=BlockRows)
_Rows_contra = TypeVar("_Rows_contra", bound=BlockRows, contravariant=True)

Scrub = Callable[
    [_Source, Matcher, ByteSink | None, ByteSink | None, Progress | None, Tell | None],
    FileCounts,
]
"""Judges the rows of an open file, tells the verdicts, and writes what stays and what is set aside, in one pass."""


class Rewriter(Protocol[_Rows_contra]):
    """Writes the rows of a block with what changes in them. Threads share it."""

    def __call__(self, rows: _Rows_contra, change: TableChange, /) -> bytes:
        """Give the block's bytes with its part of a change."""


def text_output(stack: ExitStack, path: Path, compression: Compression) -> BinaryIO:
    """Open a file and what compresses into it; the stack closes both, so a full disk is noticed."""
    file = stack.enter_context(path.open("wb"))
    return stack.enter_context(open_text_output(file, compression))


class TextFile(FileTable, Generic[_Source, _Rows]):
    """A text file, plain or compressed, read in blocks of whole rows."""

    text = True
    one_pass: Scrub[_Source]
    """What scrubs the file in one pass."""

    def __init__(self, source: SourceFile, opening: Opening | None = None) -> None:
        super().__init__(source, opening)
        with self.open() as opened:
            self._compression = opened.compression
            self._columns = list(getattr(opened, "columns", ()))
        self.outputs = (self._compression, self._compression)

    @abstractmethod
    def open(self) -> _Source:
        """Open the file."""

    @abstractmethod
    def rewriter(self, source: _Source, change: TableChange, start: int) -> Rewriter[_Rows]:
        """Make what writes the rows of the file, which is open, with its part of a change."""

    @property
    def compression(self) -> Compression:
        """How the file as a whole is compressed."""
        return self._compression

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of all rows as text, in their order; null if there is nothing."""
        return self.key_batches(columns, ())

    def values(self, source: _Source, rows: _Rows, columns: tuple[str, ...], keys: Collection[str]) -> pl.DataFrame:
        """Read columns of a block's rows as text; any text may be a key."""
        return source.values(rows, columns)

    def key_batches(self, columns: Sequence[str], keys: Collection[str]) -> Iterator[pl.DataFrame]:
        """Give columns as :meth:`batches` does, and refuse what can be no key in those that are `keys`."""
        names = tuple(dict.fromkeys(columns))
        lines = 0
        for source, rows in self.noticed_blocks():
            lines = lines or source.prefix.count(source.newline)
            try:
                frame = self.values(source, rows, names, keys) if names else pl.DataFrame(height=len(rows))
            except BlockFault as fault:
                raise at_line(fault, lines, self.name) from None
            lines += rows.lines
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
                for rows in in_order(source.blocks(), source.split):
                    yield source, rows
                    lines += rows.lines
                    count += len(rows)
            except BlockFault as fault:
                raise at_line(fault, lines, self.name) from None
        self.state.check(self.name)
        self.counted = count

    def noticed_blocks(self) -> Iterator[tuple[_Source, _Rows]]:
        """Give the rows as :meth:`blocks` does; a format notices here what only reading them all shows."""
        return self.blocks()

    def whole(self) -> bytes:
        """Give all of the file as UTF-8, whatever its encoding and compression."""
        with self.open() as source:
            head, encoding = source.prefix, source.encoding
        text = b"".join([head, *(rows.data for _, rows in self.blocks())])
        return text if encoding.unicode else text.decode(encoding.inner).encode()

    def changed(self, change: TableChange, target: Path, start: int = 0) -> tuple[int, int]:
        """Write the file with its part of a change; rows without a new value are kept byte for byte."""
        return self._write(change, target, start, self.outputs[0])

    def set_aside(self, found: FoundRows, target: Any) -> None:
        """Write the rows that could not be checked."""
        self._write(TableChange(found.unchecked), target, 0, self.outputs[1])

    def _write(self, change: TableChange, target: Path, start: int, compression: Compression) -> tuple[int, int]:
        self.state.check(self.name)
        with ExitStack() as stack:
            source = self.open()
            stack.enter_context(source)
            rewriter = self.rewriter(source, change, start)

            def placed(blocks: Iterator[bytes]) -> Iterator[tuple[_Rows, TableChange]]:
                at = start
                for rows in in_order(blocks, source.split):
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

            out = text_output(stack, target, compression)
            try:
                counts = write_blocks(source, lambda blocks: in_order(placed(blocks), done), out)
            except UnreadableInput as error:
                error.where = error.where or self.name
                raise
        self.state.check(self.name)
        self.counted = counts.rows
        return counts.rows, counts.rows - counts.removed

    @abstractmethod
    def others_with(
        self, change: TableChange, columns: Mapping[str, pl.Series], start: int = 0
    ) -> dict[str, list[int]]:
        """Count the other rows of the file that have each distinct new value of an edit, byte for byte."""

    def find(self, matcher: Matcher, progress: TableProgress = lambda rows, share: None) -> FoundRows:
        """Judge every row."""
        return self._one_pass(matcher, None, None, progress)

    def scrub(
        self,
        matcher: Matcher,
        target: Path | None,
        aside: Path | None = None,
        *,
        edit: RowEdit | None = None,
        positions: bool = False,
        progress: TableProgress = lambda rows, share: None,
    ) -> Written:
        """Judge every row and write what stays in one streaming pass; an edit finds first, and writes then."""
        if positions:
            raise UsageError(
                "positions are known only for Parquet files and frames",
                where=self.name,
                hint="leave positions out, or read the file into a frame.",
            )
        if edit is not None:
            return super().scrub(matcher, target, aside, edit=edit, progress=progress)
        found = self._one_pass(matcher, target, aside, progress)
        return Written(int(found.keep.sum()), found=found)

    def _one_pass(
        self,
        matcher: Matcher,
        target: Path | None,
        aside: Path | None,
        progress: TableProgress,
        tell: Tell = lambda rows, verdicts: None,
    ) -> FoundRows:
        self.state.check(self.name)
        size = max(1, self.path.stat().st_size)
        known: list[RowVerdicts] = []

        def note(rows: _Rows, verdicts: RowVerdicts) -> None:
            known.append(verdicts)
            tell(rows, verdicts)

        with ExitStack() as stack:
            opened = self.open()
            stack.enter_context(opened)
            out = text_output(stack, target, self.outputs[0]) if target else None
            apart = text_output(stack, aside, self.outputs[1]) if aside else None
            try:
                type(self).one_pass(
                    opened, matcher, out, apart, lambda rows, at: progress(rows, min(1.0, at / size)), note
                )
            except SealscrubError:
                self.state.check(self.name)  # what is wrong with a file that changed is that it did
                raise
        self.state.check(self.name)
        found = FoundRows.of(known)
        self.counted = len(found.keep)
        return found
