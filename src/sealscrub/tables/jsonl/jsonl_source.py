"""Scan and scrub of JSON Lines, plain or compressed. Lines that stay are kept byte for byte."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection

import polars as pl

from sealscrub.errors import ColumnError, ConfigError

from ..aggregate_mark import MARK, refuse_marked
from ..row_verdicts import Matcher
from ..text.blocks import BLOCK_SIZE, MAX_RECORD, cut_blocks
from ..text.compression import ByteSink
from ..text.dialect import Dialect
from ..text.encoding import invalid_at
from ..text.records import BlockFault
from ..text.row_fates import FileCounts, Progress, Tell
from ..text.row_work import RowWork
from ..text.text_source import TextSource
from .json_columns import JsonColumns, JsonLines, split_lines

__all__ = ["JsonlSource", "scrub_jsonl"]

_MARKED_VALUE = re.compile(rb'"(' + MARK.encode() + rb')"', re.IGNORECASE)
_MARK_NAME = re.compile(rb'"([^"\\\n]*(?:ealscrub|EALSCRUB)[^"\\\n]*)"\s*:')


class JsonlSource(TextSource[JsonLines]):
    """A file of JSON Lines, open. A file that holds nothing has no rows.

    Parameters
    ----------
    path : str or path-like
        The file: plain, gzip or zstd.
    encoding : str, optional
        By default UTF-8, unless a byte-order mark says UTF-16 or UTF-32.
    block_size : int
        About how many bytes are worked on at a time.
    max_record : int
        The most bytes that one line may have.
    use : str, optional
        For which the lines are read: figures of an aggregate report are refused for every other one.

    Raises
    ------
    UsageError
        If the file does not exist.
    ConfigError
        If the encoding is not one of Unicode's.
    UnreadableInput
        If the file is damaged.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        encoding: str | None = None,
        block_size: int = BLOCK_SIZE,
        max_record: int = MAX_RECORD,
        use: str | None = None,
    ) -> None:
        super().__init__(path, encoding, may_be_empty=True, use=use)
        if not self.encoding.unicode:
            self.close()
            raise ConfigError("JSON is UTF-8, UTF-16 or UTF-32", where=self.name)
        lines = Dialect(quoted=False)
        self._blocks = cut_blocks(self.read, lines, size=block_size, longest=max_record)

    def split(self, block: bytes) -> JsonLines:
        """Split a block into lines, checked to be text."""
        if self._use is not None and (b"ealscrub" in block or b"EALSCRUB" in block):
            named = [*_MARK_NAME.findall(block), *_MARKED_VALUE.findall(block)]
            refuse_marked([field.decode() for field in named], self._use, where=self.name)
        at = invalid_at(block)
        if at is not None:
            raise BlockFault("a byte that is not UTF-8", block.count(b"\n", 0, at))
        return split_lines(block)

    def values(self, rows: JsonLines, columns: tuple[str, ...], keys: Collection[str] = ()) -> pl.DataFrame:
        """Read fields as text: a string is its text, any other value its JSON, if it is not one of the keys."""
        if not len(rows) or not columns:
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String), height=len(rows))
        return JsonColumns.read(rows, columns, keys=keys, whole=True).frame


def scrub_jsonl(
    source: JsonlSource,
    matcher: Matcher,
    out: ByteSink | None,
    quarantine: ByteSink | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> FileCounts:
    """Remove the matched lines from a file of JSON Lines; every other line is kept byte for byte.

    Parameters
    ----------
    source : JsonlSource
        The file, not read yet.
    matcher : Matcher
        Judges the lines by top-level fields or dotted paths; it is called from several threads.
    out : binary file or None
        Takes what is left; None to scan only.
    quarantine : binary file, optional
        Takes the lines that could not be checked; they leave the output.
    progress : callable, optional
        Called with the rows and the bytes on disk that are done.
    tell : callable, optional
        Called with the lines of a block and the verdicts about them, in their order.

    Returns
    -------
    FileCounts

    Raises
    ------
    ColumnError
        If no line has a field that the matcher names.
    UnreadableInput
        If a line is not a JSON object, or a key's field appears twice in it or holds what can be no key.
    """
    work = _LineWork(source, matcher, write=out is not None, quarantine=quarantine is not None)
    counts = work.run(out, quarantine, progress, tell)
    if counts.rows:
        work.refuse_absent()
    return counts


class _LineWork(RowWork[JsonLines]):
    """What is done to each block, in whichever thread."""

    def __init__(self, source: JsonlSource, matcher: Matcher, **how: bool) -> None:
        super().__init__(source, matcher, **how)
        self._wanted = tuple(matcher.columns)
        self._present: set[str] = set()
        self._samples: list[Counter[str]] = []

    def keys(self, rows: JsonLines, columns: tuple[str, ...]) -> pl.DataFrame:
        """Read the fields that the matcher reads, and remember which fields are there."""
        read = JsonColumns.read(rows, columns, keys=columns)
        self._present |= read.present
        self._samples.append(read.sampled)
        return read.frame

    def refuse_absent(self) -> None:
        """Refuse fields that no line has; the error lists those that many have, not names that name records."""
        absent = [path for path in self._wanted if path not in self._present]
        if absent:
            sampled = sum(self._samples, Counter())
            least = max(2, max(sampled.values(), default=0) // 2)
            common = sorted(name for name, count in sampled.items() if count >= least)
            raise ColumnError.absent(absent[0], common, where=self.source.name)
