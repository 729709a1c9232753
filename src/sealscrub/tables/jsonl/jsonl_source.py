"""Scan and scrub of JSON Lines, plain or compressed. Lines that stay are kept byte for byte."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Collection
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput

from ..aggregate_mark import MARK, refuse_marked
from ..changes import RowEdit
from ..row_verdicts import Matcher
from ..text.blocks import BLOCK_SIZE, MAX_RECORD, cut_blocks
from ..text.compression import ByteSink
from ..text.dialect import Dialect
from ..text.encoding import invalid_at
from ..text.records import BlockFault
from ..text.row_fates import Fates, FileCounts, Progress
from ..text.row_work import RowWork
from ..text.text_blocks import BlockDone, scrub_blocks
from ..text.text_source import TextSource
from .json_columns import JsonColumns, JsonLines, split_lines
from .line_habits import LineEditor

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
        self._again: Callable[[], JsonlSource] = lambda: JsonlSource(
            path, encoding=encoding, block_size=block_size, max_record=max_record, use=use
        )

    def again(self) -> JsonlSource:
        """Open the file once more, to read the same blocks."""
        return self._again()

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
        if not len(rows):
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        return JsonColumns.read(rows, columns, keys=keys, whole=True).frame


def scrub_jsonl(
    source: JsonlSource,
    matcher: Matcher,
    out: ByteSink | None,
    quarantine: ByteSink | None = None,
    edit: RowEdit | None = None,
    progress: Progress | None = None,
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
    edit : RowEdit, optional
        What happens to the matched lines that stay. Where it sets values the file is read twice: they are
        written as the lines that are not matched write them, in whichever block.
    progress : callable, optional
        Called with the rows and the bytes on disk that are done.

    Returns
    -------
    FileCounts

    Raises
    ------
    ColumnError
        If no line has a field that the matcher or the edit names.
    UnreadableInput
        If a line is not a JSON object, or a key's field appears twice in it or holds what can be no key, or the file
        changed between two readings.
    """
    setting = edit is not None and bool(edit.set)
    editor = None if edit is None else LineEditor.of(edit)
    work = _LineWork(source, matcher, editor, write=out is not None or setting, quarantine=quarantine is not None)
    return (work.run_twice if setting else work.run)(out, quarantine, progress)


class _LineWork(RowWork[JsonLines]):
    """What is done to each block, in whichever thread: at once, or looking first and writing then."""

    def __init__(self, source: JsonlSource, matcher: Matcher, editor: LineEditor | None, **how: bool) -> None:
        super().__init__(source, matcher, editor, **how)
        self.source: JsonlSource = source
        self.editor: LineEditor | None = editor
        self._present: set[str] = set()
        self._samples: list[Counter[str]] = []
        self._fates: dict[bytes, npt.NDArray[np.uint8]] = {}

    def run_twice(self, out: ByteSink | None, quarantine: ByteSink | None, progress: Progress | None) -> FileCounts:
        """Look first, in the whole file, for how its lines write the values that are set; then write."""

        def tell(before: int, rows: int) -> Progress | None:
            return progress and (lambda done, position: progress(rows or done, (before + position) // 2))

        found = scrub_blocks(self.source, self._judge_block, None, None, tell(0, 0))
        self.counted(found)
        with self.source.again() as again:
            counts = scrub_blocks(again, self._write_again, out, quarantine, tell(self.source.position(), found.rows))
        if counts != found:
            raise self._file_changed()
        return self.counted(counts)

    def _judge_block(self, block: bytes) -> BlockDone:
        """Judge the lines of a block, and remember what happens to each."""
        lines = self.source.split(block)
        fate = self.fate(lines)
        # the same block has the same lines, and these the same fates, wherever it is
        self._fates[_digest(block)] = np.packbits([fate.removed, fate.quarantined, fate.edited], axis=1)
        return BlockDone(b"", b"", fate.counts(), lines.lines)

    def _write_again(self, block: bytes) -> BlockDone:
        """Write what stays of a block, whose lines were judged before."""
        lines = self.source.split(block)
        bits = self._fates.get(_digest(block))
        if bits is None:
            raise self._file_changed()
        return self.written(lines, Fates(*np.unpackbits(bits, axis=1, count=len(lines)).astype(np.bool_)))

    def _file_changed(self) -> UnreadableInput:
        return UnreadableInput("the file changed while it was read", where=self.source.name, hint="run it again.")

    def keys(self, rows: JsonLines, columns: tuple[str, ...]) -> pl.DataFrame:
        """Read the fields that the matcher reads, and remember which fields are there."""
        read = JsonColumns.read(rows, columns, keys=columns)
        self._present |= read.present
        self._samples.append(read.sampled)
        return read.frame

    def counted(self, counts: FileCounts) -> FileCounts:
        """Refuse fields that no line has, and add the fields in which an edit marks its lines."""
        wanted = (*self._matcher.columns, *(self.editor.paths if self.editor is not None else ()))
        present = self._present | (self.editor.present if self.editor is not None else set())
        absent = [path for path in wanted if path not in present]
        if absent and counts.rows:
            raise ColumnError.absent(absent[0], self._common_fields(), where=self.source.name)
        return super().counted(counts)

    def _common_fields(self) -> list[str]:
        """List fields that many lines have: objects keyed by ids have fields that are no one's business."""
        sampled = sum(self._samples, Counter())
        least = max(2, max(sampled.values(), default=0) // 2)
        return sorted(name for name, count in sampled.items() if count >= least)


def _digest(block: bytes) -> bytes:
    return blake2b(block, digest_size=16).digest()
