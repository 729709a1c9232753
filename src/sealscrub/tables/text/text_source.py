"""A text file that is read once, in blocks of whole records, whatever its format."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UsageError

from .stream import TextStream

__all__ = ["BlockRows", "TextSource"]


class BlockRows(Protocol):
    """The rows of a block: its bytes, where each row begins and where the next line does, and how many lines it has."""

    @property
    def data(self) -> bytes:
        """The block."""

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """Where each row begins."""

    @property
    def stops(self) -> npt.NDArray[np.int64]:
        """Where the line after each row begins."""

    @property
    def lines(self) -> int:
        """How many lines the block has."""

    def __len__(self) -> int: ...


_Rows = TypeVar("_Rows", bound=BlockRows)


class TextSource(TextStream, Generic[_Rows]):
    """An open text file, read once; what cuts it into blocks is a part of its format.

    Parameters
    ----------
    path, encoding, may_be_empty
        See :class:`TextStream`.
    use : str, optional
        For which the rows are read: figures of an aggregate report are refused for every other one.

    Attributes
    ----------
    prefix : bytes
        What comes before the first record: the header.
    """

    prefix = b""
    _blocks: Iterator[bytes]

    def __init__(
        self, path: str | os.PathLike[str], encoding: str | None, *, may_be_empty: bool = False, use: str | None = None
    ) -> None:
        super().__init__(path, encoding, may_be_empty=may_be_empty)
        self._use = use
        self._consumed = False

    @property
    def newline(self) -> bytes:
        """The last byte of a line end."""
        return b"\n"

    def blocks(self) -> Iterator[bytes]:
        """Give the file's blocks of whole records after the header, once.

        Raises
        ------
        UsageError
            If they were given before.
        BlockFault
            If the file cannot be cut into records.
        """
        if self._consumed:
            raise UsageError("a source can be read only once", where=self.name, hint="open it again.")
        self._consumed = True
        yield from self._blocks

    @abstractmethod
    def split(self, block: bytes) -> _Rows:
        """Split a block into rows, checked to be text.

        Raises
        ------
        BlockFault
            If it is not, or not as the format has to be.
        MarkedAggregate
            If a value is the mark of an aggregate report.
        """

    @abstractmethod
    def values(self, rows: _Rows, columns: tuple[str, ...]) -> pl.DataFrame:
        """Read columns of a block's rows as text, null if there is nothing."""
