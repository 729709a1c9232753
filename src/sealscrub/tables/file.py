"""One file as a table: its rows handed out in order, and written again with what changes."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from sealscrub.errors import UsageError

from .changes import TableChange
from .file_state import FileState
from .reading_options import ReadAs
from .table import FILE_NAME, Table
from .text.compression import Compression

__all__ = ["FileTable", "Opening", "SourceFile"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a run.

    Attributes
    ----------
    path : Path
        Where it is.
    relative : Path
        Where it goes below an output folder.
    format : str
        What it is.
    part : str or None
        Which table of it is meant, if a file holds several: what follows ``#``.
    """

    path: Path
    relative: Path
    format: str
    part: str | None = None

    @property
    def partitions(self) -> list[str]:
        """Names of the folders above what was named that hold a value of a column: ``borough=K``."""
        above = self.path.absolute().parts[: -len(self.relative.parts)]
        return list(itertools.takewhile(lambda name: "=" in name.strip("="), reversed(above)))

    @property
    def name(self) -> str:
        """What it is called in errors and reports."""
        name = str(self.relative.with_name(self.path.name))
        return name if self.part is None else f"{name}#{self.part}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a file is opened.

    Attributes
    ----------
    read_as : ReadAs
        How text is read.
    keep_levels : collection of str
        Categorical columns whose list of levels is fixed by declaration and stays whole.
    keep_metadata : collection of str
        Entries of metadata that stay.
    keep_index : bool
        Leave the gaps in a pandas ``RangeIndex``.
    use : str or None
        For which it is read: lines of JSON with figures of an aggregate report are refused for another one.
    """

    read_as: ReadAs = field(default_factory=ReadAs)
    keep_levels: Collection[str] = ()
    keep_metadata: Collection[str] = ()
    keep_index: bool = False
    use: str | None = None


class FileTable(Table):
    """One file, read and never changed.

    A format names itself, and does what a table does.

    Parameters
    ----------
    source : SourceFile
        The file.
    opening : Opening, optional
        How it is opened.

    Raises
    ------
    UnreadableInput
        When it is not of its format.
    """

    format: ClassVar[str]
    """What the format is called: ``csv``."""
    suffixes: ClassVar[tuple[str, ...]] = ()
    """Suffixes of its files, in lower case."""
    magic: ClassVar[bytes] = b""
    """What each of its files begins with, if that shows the format."""
    writes: ClassVar[tuple[str, ...]] = ()
    """Formats in which it is written, if that is not its own; the first is that of a folder's files."""
    read_as: ClassVar[tuple[str, ...]] = ()
    """Attributes of :class:`ReadAs` that have an effect on it, but for the format."""
    empty: ClassVar[bool] = False
    """Whether a file that holds nothing is a table without rows."""

    def __init__(self, source: SourceFile, opening: Opening | None = None) -> None:
        self.source, self.path, self.name = source, source.path, source.name
        self.opening = opening or Opening()
        self.state = FileState.of(source.path)
        self.counted: int | None = None
        self.outputs = (Compression.NONE, Compression.NONE)
        self.output_formats = (self.written_as[0], self.written_as[0])

    @property
    def place(self) -> Path:
        """The file."""
        return self.path

    @classmethod
    def relative(cls, path: Path, part: str | None = None) -> Path:
        """Say where a file of this place goes: to the same, unless the format is written as another one."""
        return path

    def arrow(self) -> Any:
        """Give the file as a pyarrow Table, if the format is read as one; None otherwise."""
        return None

    def arrow_batches(self, rows: int) -> Iterator[Any]:
        """Give the rows as Arrow has them, so many at a time, if the format is read so; at least one batch."""
        raise UsageError("is not read as Arrow", where=self.name, hint="write it as Parquet first.")

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of columns, and those of the file and its folders: below the one named, and of partitions."""
        yield from super().names()
        parts = [*self.source.partitions, *self.source.relative.parts]
        yield FILE_NAME, [*parts, *(part[: part.index(".", 1)] for part in parts if "." in part[1:])]

    def common_columns(self) -> list[str]:
        """Names of the columns, or of the fields that most of the first rows have."""
        return self.columns

    @property
    def written_as(self) -> tuple[str, ...]:
        """Formats in which it is written."""
        return self.writes or (self.format,)

    @property
    def compression(self) -> Compression:
        """How the file as a whole is compressed."""
        return Compression.NONE

    @property
    def rows(self) -> int | None:
        """Number of rows; None until the file was read to its end once."""
        return self.counted

    @abstractmethod
    def changed(self, change: TableChange, target: Path, start: int = 0) -> tuple[int, int]:
        """Write the file with its part of a change, which begins at `start`; say how many rows were and are."""

    def within(self, change: TableChange, start: int) -> TableChange:
        """Take the file's part of a change, which begins at `start`.

        Raises
        ------
        UsageError
            When the file has more rows.
        """
        rows = self.rows or 0
        if start + rows > len(change.keep):
            raise UsageError(f"has more rows than the {len(change.keep)} of the change", where=self.name)
        return change.within(start, start + rows)
