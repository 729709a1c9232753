"""One file of a table of a plan: its rows handed out in order, and written anew with what changes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from sealscrub.frames.changes import TableChange

from .compression import Compression, open_text_output
from .unchanged import FileState

__all__ = ["TablePart", "text_output"]


class TablePart(ABC):
    """One file, read and never changed.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What it is called in errors.

    Raises
    ------
    UnreadableInput
        When it is not of its format.
    ColumnError
        When two of its columns have one name.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.state = FileState.of(path)
        self.counted: int | None = None

    @property
    def rows(self) -> int | None:
        """Number of rows; None until the file was read to its end once."""
        return self.counted

    @property
    @abstractmethod
    def columns(self) -> list[str]:
        """Names of the columns."""

    @property
    def marks(self) -> list[str]:
        """Names under which the mark of an aggregate report can stand."""
        return self.columns

    def types(self, columns: Sequence[str]) -> list[Any]:
        """Types of columns; text unless the format has others."""
        return [pl.String()] * len(columns)

    @abstractmethod
    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of all rows, in their order."""

    @abstractmethod
    def changed(self, change: TableChange, start: int, target: Path) -> tuple[int, int]:
        """Write the file with its part of a change, which begins at `start`; say how many rows were and are."""

    @abstractmethod
    def replaced(self, rows: pl.DataFrame, target: Path) -> None:
        """Write other rows as this file's are written."""


def text_output(stack: ExitStack, path: Path, compression: Compression) -> BinaryIO:
    """Open a file and what compresses into it; the stack closes both."""
    file = stack.enter_context(path.open("wb"))
    return stack.enter_context(open_text_output(file, compression))
