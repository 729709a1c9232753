"""A file as a table: its columns, a pass that only finds, and a pass that writes what stays."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import numpy as np

from sealscrub.errors import ColumnError, ConfigError, UsageError
from sealscrub.frames.aggregate_mark import refuse_marked
from sealscrub.matching import KeyColumn, TableMatcher, parse_on
from sealscrub.matching.key_columns import On

from ..options import Options
from ..sources import FileFormat, SourceFile, format_named, refuse_partition_keys
from .compression import Compression, compression_named, open_text_output
from .delimited import DelimitedSource
from .delimited_scrub import scrub_delimited
from .jsonl import JsonlSource, scrub_jsonl
from .parquet import FoundRows, ParquetTable
from .rows import FileCounts

__all__ = ["FileTable", "Written", "open_table"]

FileProgress = Callable[[int, float], None]  # rows so far, share of the file that is done


@dataclass(frozen=True, slots=True)
class Written:
    """How a file was written, for the report."""

    rows: int
    slow_columns: tuple[str, ...] = ()
    positions: tuple[int, ...] | None = None


class FileTable(ABC):
    """One file of a run."""

    def __init__(self, source: SourceFile, options: Options) -> None:
        self.source = source
        self.options = options
        self.out_compression = self.aside_compression = Compression.NONE

    @property
    def name(self) -> str:
        """What it is called in errors and reports."""
        return str(self.source.relative)

    def keys(self, on: On) -> tuple[KeyColumn, ...]:
        """Read which columns are keys, and check that the file has them."""
        refuse_marked(self.marks, self.options.use, where=self.name)
        named = [column for key in parse_on(on) for column in key.columns]
        refuse_partition_keys(self.source, named, self.columns)
        return parse_on(on, self.columns, where=self.name)

    def check_names(self, output: Path, aside: Path | None) -> None:
        """Check the names of the output and of the quarantine, and let them say how these are compressed."""
        for path in (output, aside):
            if path is not None:
                self._check_name(path)
        self.out_compression = self.compression_of(output)
        self.aside_compression = self.compression_of(aside or output)

    def _check_name(self, path: Path) -> None:
        """Refuse a name that says another format than this file's, in which the output is written.

        Raises
        ------
        ConfigError
            When the suffix is another format's, or names a compression of a Parquet file.
        """
        written, named = self.source.format, format_named(path)
        if named is not None and named != written:
            raise ConfigError(
                f"the name says {named}, and what is written is {written}, as the input is",
                where=str(path),
                hint="give the output a suffix of the input's format.",
            )
        if written == FileFormat.PARQUET and compression_named(path) != Compression.NONE:
            raise ConfigError(
                "Parquet compresses inside, and a file of it is not compressed again",
                where=str(path),
                hint="leave the last suffix out.",
            )

    def compression_of(self, path: Path) -> Compression:
        """How an output of this name is compressed: as its name says, or as this file where it says nothing."""
        claimed = compression_named(path)
        if claimed != Compression.NONE or format_named(path) is not None:
            return claimed
        return self.compression

    @property
    def compression(self) -> Compression:
        """How the file as a whole is compressed."""
        return Compression.NONE

    @property
    @abstractmethod
    def columns(self) -> list[str] | None:
        """Names of the columns; None where only reading the file through tells (JSON Lines)."""

    @property
    def marks(self) -> list[str]:
        """Names under which a mark can stand; those in JSON Lines are found as these are read."""
        return self.columns or []

    @abstractmethod
    def find(self, matcher: TableMatcher, progress: FileProgress) -> tuple[int, ...] | None:
        """Judge every row and write nothing; positions of matched rows, where they were asked for."""

    @abstractmethod
    def write(self, matcher: TableMatcher, part: Path, quarantine: Path | None, progress: FileProgress) -> Written:
        """Judge every row, and write those that stay, and those that are set aside."""


def open_table(source: SourceFile, options: Options) -> FileTable:
    """Open a file of a run by its format.

    Raises
    ------
    UnreadableInput
        When it is not of its format.
    ColumnError
        When two of its columns have one name.
    """
    if source.format == FileFormat.PARQUET:
        return ParquetFileTable(source, options)
    return TextFileTable(source, options)


class ParquetFileTable(FileTable):
    """A Parquet file."""

    def __init__(self, source: SourceFile, options: Options) -> None:
        super().__init__(source, options)
        self._table = ParquetTable(source.path)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self._table.columns

    @property
    def marks(self) -> list[str]:
        """Names of the columns, and what the metadata say."""
        return self._table.marks

    def find(self, matcher: TableMatcher, progress: FileProgress) -> tuple[int, ...] | None:
        """Judge every row and write nothing; an edit that would mark rows is refused here as well."""
        self._check_named()
        found = self._find(matcher, progress)
        if self.options.edit is not None:
            self._table.check_edit(found, self.options.edit)
        return self._positions(found)

    def write(self, matcher: TableMatcher, part: Path, quarantine: Path | None, progress: FileProgress) -> Written:
        """Write in one pass where every column is fast and nothing has to be known before; else find first."""
        edit, keep_levels = self.options.edit, self.options.keep_levels
        self._check_named()
        slow = self._table.slow_columns(edit)
        before = slow or quarantine is not None or self.options.positions or self._table.levelled_columns(keep_levels)
        if not before:
            self._table.write(matcher, part, self._counted(progress))
            return Written(ParquetTable(part).rows)
        found = self._find(matcher, progress)
        if slow:
            self._table.write_slow(found, part, edit, keep_levels)
        else:
            self._table.write_rows(found.keep, part, keep_levels)
        if quarantine is not None and found.unchecked.any():
            self._table.write_aside(found.unchecked, quarantine)
        return Written(ParquetTable(part).rows, slow, self._positions(found))

    def _find(self, matcher: TableMatcher, progress: FileProgress) -> FoundRows:
        return self._table.find(matcher, self._counted(progress))

    def _check_named(self) -> None:
        """Refuse an edit of a column that is not there: matched rows would stay as they are."""
        edit = self.options.edit
        for name in (*self.options.keep_levels, *(edit.columns if edit is not None else ())):
            if name not in self.columns:
                raise ColumnError.absent(name, self.columns, where=self.name)

    def _positions(self, found: FoundRows) -> tuple[int, ...] | None:
        return tuple(np.flatnonzero(found.matched).tolist()) if self.options.positions else None

    def _counted(self, progress: FileProgress) -> Callable[[int], None]:
        done, lock = 0, threading.Lock()

        def count(rows: int) -> None:
            nonlocal done
            with lock:  # batches are judged in several threads, and what is told only grows
                done += rows
                progress(done, done / max(1, self._table.rows))

        return count


class TextFileTable(FileTable):
    """A delimited or JSONL file, plain or compressed."""

    def __init__(self, source: SourceFile, options: Options) -> None:
        super().__init__(source, options)
        with self._open() as opened:
            self._columns = None if isinstance(opened, JsonlSource) else list(opened.columns)
            self._compression = opened.compression
        self.out_compression = self.aside_compression = self._compression

    @property
    def compression(self) -> Compression:
        """How the file as a whole is compressed."""
        return self._compression

    @property
    def columns(self) -> list[str] | None:
        """Names of the columns; None for JSON Lines."""
        return self._columns

    def find(self, matcher: TableMatcher, progress: FileProgress) -> tuple[int, ...] | None:
        """Judge every row and write nothing; an edit that would mark rows is refused here as well."""
        self._run(matcher, None, None, progress)
        return None

    def write(self, matcher: TableMatcher, part: Path, quarantine: Path | None, progress: FileProgress) -> Written:
        """Write in one streaming pass; in two where values are set in JSON Lines."""
        counts = self._run(matcher, part, quarantine, progress)
        return Written(counts.rows - counts.removed - counts.quarantined)

    def _run(
        self, matcher: TableMatcher, part: Path | None, quarantine: Path | None, progress: FileProgress
    ) -> FileCounts:
        if self.options.positions:
            raise UsageError(
                "positions are told of Parquet files and frames only",
                where=self.name,
                hint="leave positions out, or read the file into a frame.",
            )
        counts = self._scrubbed(matcher, part, quarantine, progress)
        edit = self.options.edit
        marks = [name for name in counts.unseen if edit is not None and name not in edit.accept_marks]
        if marks:
            raise UsageError(
                f"the column {marks[0]!r} has this value in no other row: the edit would mark the rows that matched",
                where=self.name,
                hint=f"drop the rows, edit another column, or accept it with --accept-marks {marks[0]}.",
            )
        return counts

    def _scrubbed(
        self, matcher: TableMatcher, part: Path | None, quarantine: Path | None, progress: FileProgress
    ) -> FileCounts:
        size = max(1, self.source.path.stat().st_size)

        def tell(rows: int, position: int) -> None:
            progress(rows, min(1.0, position / size))

        with ExitStack() as stack:
            opened = self._open()
            stack.callback(opened.close)
            out = _output(stack, part, self.out_compression) if part else None
            aside = _output(stack, quarantine, self.aside_compression) if quarantine else None
            edit = self._text_edit()
            if isinstance(opened, JsonlSource):
                return scrub_jsonl(opened, matcher, out, aside, edit, tell)
            return scrub_delimited(opened, matcher, out, aside, edit, tell)

    def _text_edit(self) -> TextEdit | None:
        edit = self.options.edit
        if edit is None:
            return None
        texts = {name: self._text(name, value) for name, value in edit.set.items()}
        return TextEdit(edit.null, texts, frozenset(n for n, value in edit.set.items() if isinstance(value, bool)))

    def _text(self, column: str, value: object) -> str:
        if value is None:
            raise UsageError(f"the value to set in the column {column!r} is None", hint="name it in null_columns.")
        if isinstance(value, bool) and self.source.format == FileFormat.JSONL:
            return "true" if value else "false"
        return str(value)

    def _open(self) -> DelimitedSource | JsonlSource:
        read_as = self.options.read_as
        if self.source.format == FileFormat.JSONL:
            return JsonlSource(self.source.path, encoding=read_as.encoding, use=self.options.use)
        return DelimitedSource(
            self.source.path,
            delimiter=read_as.delimiter,
            encoding=read_as.encoding,
            quoting=cast(Literal["minimal", "none"], read_as.quoting),
        )


@dataclass(frozen=True, slots=True)
class TextEdit:
    """An edit whose values are text."""

    null: tuple[str, ...]
    set: Mapping[str, str]
    truths: frozenset[str]


def _output(stack: ExitStack, path: Path, compression: Compression) -> BinaryIO:
    """Open a file and what compresses into it; the stack closes both, so that a full disk is noticed."""
    file = stack.enter_context(path.open("wb"))
    return stack.enter_context(open_text_output(file, compression))
