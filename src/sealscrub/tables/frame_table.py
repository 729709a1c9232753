"""A frame in memory as a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from . import frame_adapter
from .aggregate_mark import marks_of
from .changes import RowEdit, TableChange
from .levels import LevelRules, Suspect
from .row_verdicts import Matcher, Remaining, RowMask
from .table import COLUMN_NAMES, FoundRows, Table, TableProgress, Wanted
from .value_free_errors import unquoted

__all__ = ["FrameTable"]


class FrameTable(Table):
    """A frame of any container that is known here.

    Parameters
    ----------
    name : str
        What the plan calls it.
    data : frame
        The container; a lazy one is run once.
    keep_levels : collection of str
        Categorical columns whose list of levels is fixed by declaration and stays whole.
    keep_metadata : collection of str
        Entries of metadata that stay.

    Raises
    ------
    UsageError
        When `data` is not a container that is known here.
    UnreadableInput
        When its own library cannot read it.

    Examples
    --------
    >>> import numpy as np
    >>> from sealscrub.tables.changes import Patch
    >>> table = FrameTable("people", pl.DataFrame({"person": [1, 2, 3], "priors": [2, 0, 1]}))
    >>> patch = Patch(np.array([0]), pl.Series([1]))
    >>> table.changed(TableChange(np.array([True, True, False]), {"priors": patch}), None).rows()
    [(1, 1), (2, 0)]
    """

    returned = True

    def __init__(
        self,
        name: str,
        data: Any,
        *,
        keep_levels: Collection[str] = (),
        keep_metadata: Collection[str] = (),
        keep_index: bool = False,
    ) -> None:
        self.name = name
        self._keep_levels, self._keep_index = tuple(keep_levels), keep_index
        with unquoted(name):
            frame = frame_adapter(data, keep_metadata)
            if frame.lazy:  # run again, a query may give its rows in another order, or other rows
                frame = frame_adapter(data.collect(engine="streaming").lazy(), keep_metadata)
            self._frame, self._marks = frame, marks_of(data, frame.columns)

    @property
    def columns(self) -> list[str]:
        """Names of the columns in their order."""
        return self._frame.columns

    @property
    def marks(self) -> list[str]:
        """Names under which a mark can be."""
        return self._marks

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        """Names of the entries of metadata that what comes back does not have."""
        return self._frame.lost_metadata

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of metadata say in texts, by their names."""
        return self._frame.metadata

    @property
    def row_numbers(self) -> tuple[str, ...]:
        """What may number the rows next to the columns, and is not counted again."""
        return self._frame.row_numbers

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of columns and axes."""
        yield from super().names()
        yield COLUMN_NAMES, self._frame.axis_names

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._frame.rows

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        self._frame.knowing(levels)

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels that no row uses and are of interest, of every list that the frame holds."""
        with unquoted(self.name):
            return self._frame.unused_levels(suspect)

    def limits_texts(self, column: str) -> bool:
        """Say whether the type of a column holds not every text: it lists its values, or is JSON."""
        return self._frame.limits_texts(column)

    def mixes_types(self, column: str, rows: RowMask | None) -> bool:
        """Say whether a column has texts and other values in some rows; all rows by default."""
        return self._frame.mixes_types(column, rows)

    def readable(self, column: str, rows: RowMask) -> pl.Series | None:
        """Give some rows of a column of any type; None if it cannot be read."""
        with unquoted(self.name):
            return self._frame.readable(column, rows)

    def dict_keys(self, column: str) -> pl.Series | None:
        """As :meth:`.FrameAdapter.dict_keys`."""
        return self._frame.dict_keys(column)

    def holds_null(self, column: str) -> bool:
        """Say whether a column can hold a null."""
        return self._frame.holds_null(column)

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, in one batch."""
        with unquoted(self.name):
            batch = self._frame.values(columns)
        yield batch

    def key_batches(self, columns: Sequence[str], keys: Collection[str]) -> Iterator[pl.DataFrame]:
        """Give columns as :meth:`batches` does, and keys of a type that polars has not as they are judged."""
        with unquoted(self.name):
            made = [self._frame.value_or_key(name, is_key=name in keys) for name in dict.fromkeys(columns)]
        yield pl.DataFrame(made) if made else pl.DataFrame(height=self.rows)

    def judged_batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row as they are judged, in one batch."""
        with unquoted(self.name):
            batch = self._frame.key_batch(columns)
        yield batch

    def types(self, columns: Sequence[str]) -> list[Any]:
        """Types in which columns are handed out."""
        return self._frame.values(columns).dtypes

    def find(self, matcher: Matcher, progress: TableProgress = lambda rows, share: None) -> FoundRows:
        """Judge every row."""
        with unquoted(self.name):
            verdicts = matcher.judge(self._frame.key_batch(matcher.columns))
        progress(self.rows, 1.0)
        return FoundRows(keep=verdicts.keep, matched=verdicts.matched, unchecked=verdicts.unchecked)

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, and an index, of rows that stay; None if one cannot be read."""
        with unquoted(self.name):
            rows = remaining.judge(self._frame.key_batch(remaining.columns))
            frame = self._frame
            if not rows.keep.all():  # first: how a column of objects is read depends on its values
                frame = frame_adapter(frame.keep(rows.keep), frame.keep_metadata)
            places = frame.places(lambda name: rows.as_they_were(name)[rows.keep])
            found = [(name, values) for name, values in places if name not in declared]
        for name, values in found:
            if values is None or wanted(values.dtype):
                yield name, values

    def _edited_columns(self, edit: RowEdit) -> dict[str, pl.Series]:
        """Give the columns that an edit changes; of those that become null, which may be of any type, the presence."""
        with unquoted(self.name):
            nulls = {name: self._frame.presence(name) for name in edit.null}
            return nulls | {name: self._frame.values([name]).to_series() for name in edit.set}

    def set_aside(self, found: FoundRows, target: Any) -> Any:
        """Give the rows that could not be checked, under their places in a pandas index."""
        with unquoted(self.name):
            return self._frame.keep(found.unchecked, keep_index=True)

    def changed(self, change: TableChange, target: Path | None = None) -> Any:
        """Give the container with a change, as if the removed rows had never been in it."""
        with unquoted(self.name):
            return self._frame.changed(change, self._keep_levels, keep_index=self._keep_index)

    def replaced(self, rows: pl.DataFrame, target: Path | None = None) -> Any:
        """Give a container of the same kind and types with other rows altogether."""
        with unquoted(self.name):
            return self._frame.replaced(rows, self._keep_levels)
