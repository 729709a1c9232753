"""Scan and scrub of JSON Lines, plain or compressed. Lines that stay come out byte for byte."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import blake2b
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput, UsageError
from sealscrub.frames.aggregate_mark import MARK, refuse_marked

from .blocks import BLOCK_SIZE, MAX_RECORD, cut_blocks
from .compression import ByteSink, Compression
from .dialect import Dialect
from .encoding import TextEncoding, invalid_at
from .json_columns import JsonColumns, JsonLines, split_lines
from .json_edit import LineEdit
from .json_exact import JsonFault
from .json_writing import Writing
from .records import BlockFault
from .rows import Fates, FileCounts, Matcher, Progress, RowEdit, fates
from .scrubbing import BlockDone, scrub_blocks
from .stream import TextStream
from .survivors import rewritten, selected, without

__all__ = ["JsonlSource", "scrub_jsonl"]

_MARKED = re.compile(rb'"[^"\\\n]*(' + MARK.encode() + rb')[^"\\\n]*"\s*:')


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
    use : str, optional
        For which the lines are read: figures of an aggregate report are refused for every other one.

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
        use: str | None = None,
    ) -> None:
        self._use = use
        self._stream = TextStream(path, encoding, may_be_empty=True)
        if not self.encoding.unicode:
            self.close()
            raise ConfigError("JSON is UTF-8, UTF-16 or UTF-32", where=self.name)
        lines = Dialect(quoted=False)
        self._blocks = cut_blocks(self._stream.read, lines, size=block_size, longest=max_record)
        self._consumed = False
        self._again: Callable[[], JsonlSource] = lambda: JsonlSource(
            path, encoding=encoding, block_size=block_size, max_record=max_record, use=use
        )

    def again(self) -> JsonlSource:
        """Open the file once more, to read the same blocks."""
        return self._again()

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
        MarkedAggregate
            If a field of it is the mark of an aggregate report.
        """
        if self._use is not None and MARK.encode() in block:
            refuse_marked([field.decode() for field in _MARKED.findall(block)], self._use, where=self.name)
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
        What happens to the matched lines that stay. Where it sets values the file is read twice: they are
        written as the lines that are not matched write them, in whichever block.
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
        If a line is no JSON object, or a key's field stands twice in it or holds what can be no key, or the file
        changed between two readings.
    """
    work = _Work(source, matcher, edit, write=out is not None, quarantine=quarantine is not None)
    if edit is not None and edit.set:
        return _scrub_twice(source, work, out, quarantine, progress)
    counts = scrub_blocks(source, work, out, quarantine, progress)
    work.check_present(counts)
    return replace(counts, unseen=work.unseen()) if counts.edited else counts


def _scrub_twice(
    source: JsonlSource, work: _Work, out: ByteSink | None, quarantine: ByteSink | None, progress: Progress | None
) -> FileCounts:
    """Look first, in the whole file, for how its lines write the values that are set; then write."""

    def tell(before: int, rows: int) -> Progress | None:
        return progress and (lambda done, position: progress(rows or done, (before + position) // 2))

    found = scrub_blocks(source, work.look, None, None, tell(0, 0))
    work.check_present(found)
    with source.again() as again:
        counts = scrub_blocks(again, work.write, out, quarantine, tell(source.position(), found.rows))
    if counts != found:
        raise work.changed()
    return replace(counts, unseen=work.unseen()) if counts.edited else counts


class _Work:
    """What is done to each block, in whichever thread: at once, or looking first and writing then."""

    def __init__(
        self, source: JsonlSource, matcher: Matcher, edit: RowEdit | None, *, write: bool, quarantine: bool
    ) -> None:
        self._source = source
        self._matcher = matcher
        self._write = write
        self._quarantine = quarantine
        self._writing = None if edit is None else Writing.of(edit)
        self._keys = tuple(matcher.columns)
        self.wanted = tuple(dict.fromkeys((*self._keys, *(self._writing.paths if self._writing else ()))))
        self.present: set[str] = set()
        self._samples: list[Counter[str]] = []
        self._judged: dict[bytes, npt.NDArray[np.uint8]] = {}
        self._marks: set[str] = set()

    def __call__(self, block: bytes) -> BlockDone:
        """Judge the lines of a block and write what stays."""
        lines = self._source.split(block)
        fate = self._fate(lines)
        return self._done(lines, fate, self._writing.edit() if self._writing else None)

    def look(self, block: bytes) -> BlockDone:
        """Judge the lines of a block, and remember what becomes of each."""
        lines = self._source.split(block)
        fate = self._fate(lines)
        # the same block has the same lines, and these the same fates, wherever it stands
        self._judged[_digest(block)] = np.packbits([fate.removed, fate.quarantined, fate.edited], axis=1)
        return BlockDone(b"", b"", fate.counts(), lines.lines)

    def write(self, block: bytes) -> BlockDone:
        """Write what stays of a block, whose lines were judged before."""
        lines = self._source.split(block)
        bits = self._judged.get(_digest(block))
        if bits is None:
            raise self.changed()
        fate = Fates(*np.unpackbits(bits, axis=1, count=len(lines)).astype(np.bool_))
        return self._done(lines, fate, self._writing.edit() if self._writing else None)

    def changed(self) -> UnreadableInput:
        """Say that the second reading was not as the first."""
        return UnreadableInput("the file changed while it was read", where=self._source.name, hint="run it again.")

    def _fate(self, lines: JsonLines) -> Fates:
        if not len(lines):
            return Fates(*np.zeros((3, 0), dtype=np.bool_))
        columns = JsonColumns.read(lines, self._keys)
        self.present |= columns.present
        self._samples.append(columns.sampled)
        verdicts = self._matcher.judge(columns.frame)
        fate = fates(verdicts, quarantine=self._quarantine, edit=self._writing is not None)
        if self._writing and self._writing.paths:
            others = ~np.asarray(verdicts.matched, dtype=np.bool_) & ~fate.leave
            self.present |= self._writing.look_for(lines, others)
        return fate

    def _done(self, lines: JsonLines, fate: Fates, edit: LineEdit | None) -> BlockDone:
        leave, kept, aside = fate.leave, b"", b""
        if edit is not None and fate.edited.any():
            kept = self._edited(lines, fate.edited, leave, edit)
        elif self._write:
            kept = without(lines.data, lines.starts[leave], lines.stops[leave])
        if fate.quarantined.any():
            aside = selected(lines.data, lines.starts[fate.quarantined], lines.stops[fate.quarantined])
        return BlockDone(kept, aside, fate.counts(), lines.lines)

    def _edited(
        self, lines: JsonLines, edited: npt.NDArray[np.bool_], leave: npt.NDArray[np.bool_], edit: LineEdit
    ) -> bytes:
        rows = np.flatnonzero(edited | leave)
        texts = [b""] * rows.size
        for at in np.flatnonzero(edited[rows]).tolist():
            try:
                texts[at], marks = edit.applied(lines.line(rows[at]))
            except JsonFault as fault:
                raise fault.at(int(lines.numbers[rows[at]])) from None
            self._marks |= marks
        return rewritten(lines.data, lines.starts[rows], lines.stops[rows], texts)

    def check_present(self, counts: FileCounts) -> None:
        """Refuse fields that no line has.

        Raises
        ------
        ColumnError
            If there is one.
        """
        absent = [path for path in self.wanted if path not in self.present]
        if absent and counts.rows:
            raise ColumnError.absent(absent[0], self._known(), where=self._source.name)

    def _known(self) -> list[str]:
        """List fields that many lines have: objects keyed by ids have fields that are nobody's business."""
        sampled = sum(self._samples, Counter())
        least = max(2, max(sampled.values(), default=0) // 2)
        return sorted(name for name, count in sampled.items() if count >= least)

    def unseen(self) -> tuple[str, ...]:
        """Name the edited fields in which no other line has what was written, or not in one way."""
        return self._writing.unseen(self._marks) if self._writing else ()


def _digest(block: bytes) -> bytes:
    return blake2b(block, digest_size=16).digest()
