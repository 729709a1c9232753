"""What a plan asks of a table, wherever it is kept: a frame, files, or a table of a database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.frames.changes import TableChange

__all__ = ["PlanTable"]


class PlanTable(ABC):
    """One table of an estate, read and never changed.

    Attributes
    ----------
    name : str
        What the plan calls it.
    text : bool
        Whether values are handed out, and taken back, as text (delimited text, JSON Lines).
    """

    name: str
    text: bool = False

    @property
    @abstractmethod
    def columns(self) -> list[str]:
        """Names of the columns in their order."""

    @property
    def marks(self) -> list[str]:
        """Names under which the mark of an aggregate report can stand."""
        return self.columns

    @property
    @abstractmethod
    def rows(self) -> int | None:
        """Number of rows; None where only reading tells."""

    @abstractmethod
    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, in the table's order.

        A null, and in formats of text an empty field, is null. In JSON Lines a string is its text, and any other
        value its JSON. The types of the columns are the same in every batch.

        Raises
        ------
        ColumnError
            When a column is not there.
        UnreadableInput
            When the table cannot be read to its end.
        """

    @abstractmethod
    def changed(self, change: TableChange, target: Path | None) -> Any:
        """Give the table with a change, less every trace of what went; files and tables write it to `target`."""

    @abstractmethod
    def replaced(self, rows: pl.DataFrame, target: Path | None) -> Any:
        """Give the table with other rows altogether, in the format, schema and dialect that it has.

        `rows` has the table's columns, in the types in which :meth:`batches` hands them out.
        """
