"""A frame in memory as a table of a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.frames import frame_adapter
from sealscrub.frames.aggregate_mark import marks_of
from sealscrub.frames.changes import TableChange
from sealscrub.frames.unquoted import unquoted

from .table import PlanTable

__all__ = ["FrameTable"]


class FrameTable(PlanTable):
    """A frame of any container that is known here.

    Parameters
    ----------
    name : str
        What the plan calls it.
    data : frame
        The container; a lazy one is run once.
    keep_levels : collection of str
        Categorical columns whose list of levels is fixed by declaration and stays whole.

    Raises
    ------
    UsageError
        When `data` is no container that is known here.
    UnreadableInput
        When its own library cannot read it.

    Examples
    --------
    >>> import numpy as np
    >>> from sealscrub.frames.changes import Patch
    >>> table = FrameTable("people", pl.DataFrame({"person": [1, 2, 3], "priors": [2, 0, 1]}))
    >>> patch = Patch(np.array([0]), pl.Series([1]))
    >>> table.changed(TableChange(np.array([True, True, False]), {"priors": patch}), None).rows()
    [(1, 1), (2, 0)]
    """

    def __init__(self, name: str, data: Any, *, keep_levels: Collection[str] = ()) -> None:
        self.name = name
        self._keep_levels = tuple(keep_levels)
        with unquoted(name):
            frame = frame_adapter(data)
            if frame.lazy:  # run anew, a query may give its rows in another order, or other rows
                frame = frame_adapter(data.collect(engine="streaming").lazy())
            self._frame, self._marks = frame, marks_of(data, frame.columns)
            for column in frame.columns:
                frame.position(column)

    @property
    def columns(self) -> list[str]:
        """Names of the columns in their order."""
        return self._frame.columns

    @property
    def marks(self) -> list[str]:
        """Names under which a mark can stand."""
        return self._marks

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._frame.rows

    def holds_null(self, column: str) -> bool:
        """Say whether a column can hold a null."""
        return self._frame.holds_null(column)

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, in one batch."""
        with unquoted(self.name):
            batch = self._frame.values(columns)
        yield batch

    def changed(self, change: TableChange, target: Path | None = None) -> Any:
        """Give the container with a change, less every trace of what went."""
        with unquoted(self.name):
            return self._frame.changed(change, self._keep_levels)

    def replaced(self, rows: pl.DataFrame, target: Path | None = None) -> Any:
        """Give a container of the same kind and types with other rows altogether."""
        with unquoted(self.name):
            return self._frame.replaced(rows, self._keep_levels)
