"""Scan and scrub of JSON Lines, plain or compressed. Lines that stay come out byte for byte."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ColumnError, ConfigError, UsageError

from .blocks import BLOCK_SIZE, MAX_RECORD, cut_blocks
from .compression import ByteSink, Compression
from .dialect import Dialect
from .encoding import TextEncoding, invalid_at
from .json_columns import JsonColumns, JsonLines, split_lines
from .json_exact import JsonFault, edited_line
from .records import BlockFault
from .rows import FileCounts, Matcher, Progress, RowEdit, fates
from .scrubbing import BlockDone, scrub_blocks
from .stream import TextStream
from .survivors import rewritten, selected, without

__all__ = ["JsonlSource", "scrub_jsonl"]


class JsonlSource:
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

    Raises
    ------
    UsageError
        If there is no such file.
    ConfigError
        If the encoding is not one of Unicode's.
    UnreadableInput
        If the file is damaged.
    """

    prefix = b""
    newline = b"\n"

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        encoding: str | None = None,
        block_size: int = BLOCK_SIZE,
        max_record: int = MAX_RECORD,
    ) -> None:
        self._stream = TextStream(path, encoding, may_be_empty=True)
        if not self.encoding.unicode:
            self.close()
            raise ConfigError("JSON is UTF-8, UTF-16 or UTF-32", where=self.name)
        lines = Dialect(quoted=False)
        self._blocks = cut_blocks(self._stream.read, lines, size=block_size, longest=max_record)
        self._consumed = False

    @property
    def name(self) -> str:
        """The file's name in messages."""
        return self._stream.name

    @property
    def encoding(self) -> TextEncoding:
        """How the file's text is encoded."""
        return self._stream.encoding

    @property
    def compression(self) -> Compression:
        """How the file is compressed."""
        return self._stream.compression

    def position(self) -> int:
        """Count the bytes read from the disk so far."""
        return self._stream.position()

    def blocks(self) -> Iterator[bytes]:
        """Give the file's blocks of whole lines, once.

        Raises
        ------
        UsageError
            If they were given before.
        BlockFault
            If a line is too long.
        """
        if self._consumed:
            raise UsageError("a source is read once", where=self.name, hint="open it again.")
        self._consumed = True
        yield from self._blocks

    def split(self, block: bytes) -> JsonLines:
        """Split a block into lines, checked to be text.

        Raises
        ------
        BlockFault
            If it is not.
        """
        at = invalid_at(block)
        if at is not None:
            raise BlockFault("a byte that is no UTF-8", block.count(b"\n", 0, at))
        return split_lines(block)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def scrub_jsonl(
    source: JsonlSource,
    matcher: Matcher,
    out: ByteSink | None,
    quarantine: ByteSink | None = None,
    edit: RowEdit | None = None,
    progress: Progress | None = None,
) -> FileCounts:
    """Take the matched lines out of a file of JSON Lines; every other line comes out byte for byte.

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
    edit : RowEdit, optional
        What happens to the matched lines that stay.
    progress : callable, optional
        Is told the rows and the bytes on disk that are done.

    Returns
    -------
    FileCounts

    Raises
    ------
    ColumnError
        If no line has a field that the matcher or the edit names.
    UnreadableInput
        If a line is no JSON object, or a key's field stands twice in it or holds what can be no key.
    """
    work = _Work(source, matcher, edit, write=out is not None, quarantine=quarantine is not None)
    counts = scrub_blocks(source, work, out, quarantine, progress)
    absent = [path for path in work.wanted if path not in work.present]
    if absent and counts.rows:
        raise ColumnError.absent(absent[0], work.known(), where=source.name)
    return replace(counts, unseen=work.unseen()) if counts.edited else counts


class _Work:
    """What is done to each block, in whichever thread."""

    def __init__(
        self, source: JsonlSource, matcher: Matcher, edit: RowEdit | None, *, write: bool, quarantine: bool
    ) -> None:
        self._source = source
        self._matcher = matcher
        self._write = write
        self._quarantine = quarantine
        self._texts: dict[str, str | None] | None = None
        if edit is not None:
            twice = set(edit.null) & set(edit.set)
            if twice:
                raise ConfigError(f"column {min(twice)!r} is to be both nulled and set")
            self._texts = dict.fromkeys(edit.null) | dict(edit.set)
        self._keys = tuple(matcher.columns)
        self.wanted = tuple(dict.fromkeys((*self._keys, *(self._texts or ()))))
        self.present: set[str] = set()
        self._samples: list[Counter[str]] = []
        self._seen: set[str] = set()

    def __call__(self, block: bytes) -> BlockDone:
        lines = self._source.split(block)
        if not len(lines):
            return BlockDone(block, b"", FileCounts(), lines.lines)
        columns = JsonColumns.read(lines, self._keys)
        self.present |= columns.present
        self._samples.append(columns.sampled)
        verdicts = self._matcher.judge(columns.frame)
        fate = fates(verdicts, quarantine=self._quarantine, edit=self._texts is not None)
        leave, kept, aside = fate.leave, b"", b""
        if self._texts:
            self._look_for(lines, ~np.asarray(verdicts.matched, dtype=np.bool_) & ~leave)
        if self._write and fate.edited.any():
            kept = self._edited(lines, fate.edited, leave)
        elif self._write:
            kept = without(block, lines.starts[leave], lines.stops[leave])
        if fate.quarantined.any():
            aside = selected(block, lines.starts[fate.quarantined], lines.stops[fate.quarantined])
        return BlockDone(kept, aside, fate.counts(), lines.lines)

    def _look_for(self, lines: JsonLines, among: npt.NDArray[np.bool_]) -> None:
        """Notice which edited fields are there, and which have the same value in a line of these."""
        texts = self._texts or {}
        columns = JsonColumns.read(lines, tuple(texts), keys=False)
        self.present |= columns.present
        for path, text in texts.items():
            same = columns.nulls[path] if text is None else columns.frame[path].eq_missing(text).to_numpy()
            if (same & among).any():
                self._seen.add(path)

    def _edited(self, lines: JsonLines, edited: npt.NDArray[np.bool_], leave: npt.NDArray[np.bool_]) -> bytes:
        rows = np.flatnonzero(edited | leave)
        texts = [b""] * rows.size
        for at in np.flatnonzero(edited[rows]).tolist():
            try:
                texts[at] = edited_line(lines.line(rows[at]), self._texts or {})
            except JsonFault as fault:
                raise fault.at(int(lines.numbers[rows[at]])) from None
        return rewritten(lines.data, lines.starts[rows], lines.stops[rows], texts)

    def known(self) -> list[str]:
        """List fields that many lines have: objects keyed by ids have fields that are nobody's business."""
        sampled = sum(self._samples, Counter())
        least = max(2, max(sampled.values(), default=0) // 2)
        return sorted(name for name, count in sampled.items() if count >= least)

    def unseen(self) -> tuple[str, ...]:
        """Name the edited fields in which no other line has the same value."""
        return tuple(path for path in self._texts or () if path not in self._seen)
