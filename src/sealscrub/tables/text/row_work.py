"""Scan and scrub of the rows of a text file. Rows that stay are kept byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask

from ..row_verdicts import Matcher
from .compression import ByteSink
from .row_fates import Fates, FileCounts, Progress, fates
from .survivors import selected, without
from .text_blocks import BlockDone, scrub_blocks
from .text_source import BlockRows, TextSource

__all__ = ["RowEditor", "RowWork"]

_Rows = TypeVar("_Rows", bound=BlockRows)
_Rows_contra = TypeVar("_Rows_contra", bound=BlockRows, contravariant=True)


class RowEditor(Protocol[_Rows_contra]):
    """Changes matched rows that stay, so they look like the others. Threads share it."""

    def look_for(self, rows: _Rows_contra, among: Mask, /) -> None:
        """Notice how these rows write what is written."""

    def applied(self, rows: _Rows_contra, edited: Mask, leave: Mask, /) -> bytes:
        """Give a block with some rows edited and others left out."""

    def unseen(self) -> Sequence[str]:
        """Name the columns in which no other row has, byte for byte, what was written."""


class RowWork(Generic[_Rows]):
    """What is done to each block of a text file, in whichever thread.

    Parameters
    ----------
    source : TextSource
        The file.
    matcher : Matcher
        Judges the rows.
    editor : RowEditor, optional
        What happens to the matched rows that stay.
    write, quarantine : bool
        Whether the rows that stay are written, and whether those that could not be checked go elsewhere.
    """

    def __init__(
        self,
        source: TextSource[_Rows],
        matcher: Matcher,
        editor: RowEditor[_Rows] | None,
        *,
        write: bool,
        quarantine: bool,
    ) -> None:
        self.source = source
        self.editor = editor
        self._matcher = matcher
        self._write = write
        self._quarantine = quarantine

    def __call__(self, block: bytes) -> BlockDone:
        """Judge the rows of a block and write what stays."""
        rows = self.source.split(block)
        return self.written(rows, self.fate(rows))

    def keys(self, rows: _Rows, columns: tuple[str, ...]) -> pl.DataFrame:
        """Read the columns that the matcher reads."""
        return self.source.values(rows, columns)

    def fate(self, rows: _Rows) -> Fates:
        """Judge rows, and show the editor those that do not match."""
        if not len(rows):
            return Fates(*np.zeros((3, 0), dtype=np.bool_))
        verdicts = self._matcher.judge(self.keys(rows, tuple(self._matcher.columns)))
        fate = fates(verdicts, quarantine=self._quarantine, edit=self.editor is not None)
        if self.editor is not None:
            self.editor.look_for(rows, ~np.asarray(verdicts.matched, dtype=np.bool_) & ~fate.leave)
        return fate

    def written(self, rows: _Rows, fate: Fates) -> BlockDone:
        """Write what stays of a block, and what is set aside."""
        leave, kept, aside = fate.leave, b"", b""
        if self._write and self.editor is not None and fate.edited.any():
            kept = self.editor.applied(rows, fate.edited, leave)
        elif self._write:
            kept = without(rows.data, rows.starts[leave], rows.stops[leave])
        if fate.quarantined.any():
            aside = selected(rows.data, rows.starts[fate.quarantined], rows.stops[fate.quarantined])
        return BlockDone(kept, aside, fate.counts(), rows.lines)

    def run(self, out: ByteSink | None, quarantine: ByteSink | None, progress: Progress | None) -> FileCounts:
        """Work on every block of the file and write what is left, in one pass."""
        return self.counted(scrub_blocks(self.source, self, out, quarantine, progress))

    def counted(self, counts: FileCounts) -> FileCounts:
        """Add to the counts of the whole file the columns in which an edit marks its rows."""
        if self.editor is None or not counts.edited:
            return counts
        return replace(counts, unseen=tuple(self.editor.unseen()))
