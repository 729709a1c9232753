"""Scan and scrub of delimited text. Rows that stay are kept byte for byte."""

from __future__ import annotations

from ..row_verdicts import Matcher
from ..text.compression import ByteSink
from ..text.row_fates import FileCounts, Progress, Tell
from ..text.row_work import RowWork
from .delimited_source import DelimitedSource

__all__ = ["scrub_delimited"]


def scrub_delimited(
    source: DelimitedSource,
    matcher: Matcher,
    out: ByteSink | None,
    quarantine: ByteSink | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> FileCounts:
    """Remove the matched rows from a delimited file; every other row is kept byte for byte.

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
    progress : callable, optional
        Called with the rows and the bytes on disk that are done.
    tell : callable, optional
        Called with the rows of a block and the verdicts about them, in their order.

    Returns
    -------
    FileCounts

    Raises
    ------
    ColumnError
        If a column that the matcher names is absent.
    UnreadableInput
        If the file is damaged, ragged, of another encoding, or otherwise not what its header promises. What
        was written until then is to be thrown away.
    """
    source.numbers(tuple(matcher.columns))
    work = RowWork(source, matcher, write=out is not None, quarantine=quarantine is not None)
    return work.run(out, quarantine, progress, tell)
