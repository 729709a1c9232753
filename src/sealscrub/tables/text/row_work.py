"""Judging the rows of a text file, and writing in the same pass those that stay, byte for byte."""

from __future__ import annotations

from typing import Generic, TypeVar

import polars as pl

from ..row_verdicts import Matcher
from .compression import ByteSink
from .pipeline import in_order
from .row_fates import FileCounts, Progress, Tell, fates
from .survivors import selected, without
from .text_blocks import BlockDone, write_blocks
from .text_source import BlockRows, TextSource

__all__ = ["RowWork"]

_Rows = TypeVar("_Rows", bound=BlockRows)


class RowWork(Generic[_Rows]):
    """What is done to each block of a text file, in whichever thread.

    Parameters
    ----------
    source : TextSource
        The file.
    matcher : Matcher
        Judges the rows.
    write, quarantine : bool
        Whether the rows that stay are written, and whether those that could not be checked go elsewhere.
    """

    def __init__(self, source: TextSource[_Rows], matcher: Matcher, *, write: bool, quarantine: bool) -> None:
        self.source = source
        self._matcher = matcher
        self._write = write
        self._quarantine = quarantine

    def __call__(self, block: bytes) -> BlockDone:
        """Judge the rows of a block and write what stays."""
        rows = self.source.split(block)
        if not len(rows):
            return BlockDone(rows.data if self._write else b"", b"", FileCounts(), rows.lines)
        verdicts = self._matcher.judge(self.keys(rows, tuple(self._matcher.columns)))
        fate, kept, aside = fates(verdicts, quarantine=self._quarantine), b"", b""
        if self._write:
            kept = without(rows.data, rows.starts[fate.leave], rows.stops[fate.leave])
        if fate.quarantined.any():
            aside = selected(rows.data, rows.starts[fate.quarantined], rows.stops[fate.quarantined])
        return BlockDone(kept, aside, fate.counts(), rows.lines, rows, verdicts)

    def keys(self, rows: _Rows, columns: tuple[str, ...]) -> pl.DataFrame:
        """Read the columns that the matcher reads."""
        return self.source.values(rows, columns)

    def run(
        self,
        out: ByteSink | None,
        quarantine: ByteSink | None,
        progress: Progress | None,
        tell: Tell | None = None,
    ) -> FileCounts:
        """Work on every block of the file and write what is left, in one pass."""
        return write_blocks(self.source, lambda blocks: in_order(blocks, self), out, quarantine, progress, tell)
