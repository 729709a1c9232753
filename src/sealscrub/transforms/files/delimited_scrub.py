"""Scan and scrub of delimited text. Rows that stay come out byte for byte."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .compression import ByteSink
from .delimited import DelimitedSource
from .field_edit import FieldEdit
from .rows import FileCounts, Matcher, Progress, RowEdit, fates
from .scrubbing import BlockDone, scrub_blocks
from .survivors import selected, without
from .values import key_columns

__all__ = ["scrub_delimited"]


def scrub_delimited(
    source: DelimitedSource,
    matcher: Matcher,
    out: ByteSink | None,
    quarantine: ByteSink | None = None,
    edit: RowEdit | None = None,
    progress: Progress | None = None,
) -> FileCounts:
    """Take the matched rows out of a delimited file; every other row comes out byte for byte.

    Parameters
    ----------
    source : DelimitedSource
        The file, not read yet.
    matcher : Matcher
        Judges the rows; it is called from several threads.
    out : binary file or None
        Takes what is left; None to scan only.
    quarantine : binary file, optional
        Takes the header and the rows that could not be checked; they leave the output.
    edit : RowEdit, optional
        What happens to the matched rows that stay.
    progress : callable, optional
        Is told the rows and the bytes on disk that are done.

    Returns
    -------
    FileCounts

    Raises
    ------
    ColumnError
        If a column that the matcher or the edit names is absent.
    UnreadableInput
        If the file is damaged, ragged, of another encoding, or otherwise not what its header promises. What
        was written until then is to be thrown away.
    """
    work = _Work(source, matcher, edit, write=out is not None, quarantine=quarantine is not None)
    counts = scrub_blocks(source, work, out, quarantine, progress)
    return counts if work.edit is None or not counts.edited else replace(counts, unseen=work.edit.unseen())


class _Work:
    """What is done to each block, in whichever thread."""

    def __init__(
        self,
        source: DelimitedSource,
        matcher: Matcher,
        edit: RowEdit | None,
        *,
        write: bool,
        quarantine: bool,
    ) -> None:
        self._source = source
        self._matcher = matcher
        self._keys = source.numbers(tuple(matcher.columns))
        self._write = write
        self._quarantine = quarantine
        self.edit = None if edit is None else FieldEdit.of(edit, source)

    def __call__(self, block: bytes) -> BlockDone:
        records = self._source.split(block)
        if not len(records):
            return BlockDone(block, b"", FileCounts(), records.lines)
        verdicts = self._matcher.judge(key_columns(records, self._keys, self._source.encoding))
        fate = fates(verdicts, quarantine=self._quarantine, edit=self.edit is not None)
        leave, kept, aside = fate.leave, b"", b""
        if self.edit is not None:
            self.edit.look_for(records, ~np.asarray(verdicts.matched, dtype=np.bool_) & ~leave)
        if self._write and self.edit is not None and fate.edited.any():
            kept = self.edit.applied(records, fate.edited, leave)
        elif self._write:
            kept = without(block, records.starts[leave], records.stops[leave])
        if fate.quarantined.any():
            aside = selected(block, records.starts[fate.quarantined], records.stops[fate.quarantined])
        return BlockDone(kept, aside, fate.counts(), records.lines)
