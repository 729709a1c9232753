"""What every container can do: name its columns, hand out its keys, return its survivors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import polars as pl

from sealscrub.errors import ColumnError, UsageError

from .changes import NewValues, Patches, TableChange
from .levels import LevelRules, Stays, kept_key
from .row_verdicts import RowMask

if TYPE_CHECKING:
    from .levels import Suspect

__all__ = ["FrameAdapter"]


class FrameAdapter(ABC):
    """One container, read and never changed.

    Subclasses know a library: they name the columns, hand them out, answer whether some rows hold a value,
    and build the container of survivors. What is allowed is decided here, once for all of them.

    Examples
    --------
    >>> from sealscrub.tables import frame_adapter
    >>> adapter = frame_adapter(pl.DataFrame({"id": ["K14612345"], "age": [20]}))
    >>> adapter.library, adapter.columns
    ('polars', ['id', 'age'])
    """

    library: ClassVar[str]
    lazy: ClassVar[bool] = False
    keep_metadata: Collection[str] = frozenset()
    """Names of the entries of metadata that stay in what comes back; structure is made again without being named."""
    levels: LevelRules = LevelRules()

    def knowing(self, levels: LevelRules) -> Self:
        """Learn which columns are keys, and which levels may be in no list; gives itself."""
        self.levels = levels
        return self

    @abstractmethod
    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels that no row uses, of every list that the container holds.

        Parameters
        ----------
        suspect : callable
            Says which levels are of interest: from a column and a series of them, as key values, to a mask.

        Returns
        -------
        list of (str, polars.Series)
            The column or other place of each list, and those of its levels that are of interest and not in use.
        """

    @property
    @abstractmethod
    def columns(self) -> list[str]:
        """Names of the columns in their order, as text; a name can be there more than once."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """Number of rows."""

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        """Names of the entries of metadata that what comes back does not have."""
        return ()

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of metadata say in texts, by their names."""
        return {}

    @property
    def axis_names(self) -> list[str]:
        """Names other than those of columns, such as that of an index, without those that a scrub removes."""
        return []

    @property
    def row_numbers(self) -> tuple[str, ...]:
        """What may number the rows next to the columns, and is not counted again."""
        return ()

    def key_batch(self, columns: Sequence[str]) -> pl.DataFrame:
        """Hand out columns for the matcher.

        Integers, floats and Booleans keep their type, texts are exact, categoricals come as ``Categorical``.
        A float column stays one, so the matcher can say that its ids are damaged; so does every float in
        a column of mixed values, which comes as text (``123456.0``).

        Parameters
        ----------
        columns : sequence of str
            Columns to hand out.

        Returns
        -------
        polars.DataFrame
            These columns under these names, as many rows as the container.

        Raises
        ------
        ColumnError
            When a column is absent or there more than once.
        UsageError
            When the values of a column cannot be keys.
        """
        found = [(name, self.position(name)) for name in dict.fromkeys(columns)]
        made = {name: self._keys(position) for name, position in found}
        return pl.DataFrame(made) if made else pl.DataFrame(height=self.rows)

    def keep(
        self,
        mask: RowMask,
        *,
        keep_index: bool = False,
        keep_levels: Collection[str] = (),
    ) -> Any:
        """Return what came in, as if the removed rows had never been in it.

        Parameters
        ----------
        mask : ndarray of bool, shape (rows,)
            Rows that stay.
        keep_index : bool
            Leave the gaps in a pandas ``RangeIndex`` instead of counting again.
        keep_levels : collection of str
            Categorical columns whose list of levels is fixed by declaration and stays whole.

        Returns
        -------
        object
            A container of the same kind, which shares no memory with this one.

        Raises
        ------
        ColumnError
            When `keep_levels` name a column that is absent or there more than once.
        """
        return self.changed(TableChange(mask), keep_levels, keep_index=keep_index)

    def values(self, columns: Sequence[str]) -> pl.DataFrame:
        """Hand out columns typed: dates as dates, integers as integers, categoricals as text, lists as lists.

        Raises
        ------
        ColumnError
            When a column is absent or there more than once.
        UsageError
            When a column is of a type that polars does not have.
        """
        found = [(name, self.position(name)) for name in dict.fromkeys(columns)]
        made = {name: self._values(position).alias(name) for name, position in found}
        return pl.DataFrame(made) if made else pl.DataFrame(height=self.rows)

    def value_or_key(self, column: str, *, is_key: bool) -> pl.Series:
        """Hand out a column typed, or a key as text if polars has not its type."""
        position = self.position(column)
        try:
            return self._values(position).alias(column)
        except UsageError:
            if not is_key:
                raise
        return self._keys(position).cast(pl.String).alias(column)

    def places(self, stays: Callable[[str], RowMask]) -> Iterator[tuple[str, pl.Series | None]]:
        """Give some rows of every column by its place, as values or, if polars has not its type, as keys; else None."""
        for position, name in enumerate(self.columns):
            yield name, self._readable(position, stays(name))

    def readable(self, column: str, rows: RowMask) -> pl.Series | None:
        """Give some rows of one column of any type, as :meth:`places` does."""
        return self._readable(self.position(column), rows)

    def _readable(self, position: int, rows: RowMask) -> pl.Series | None:
        for read in (self._values, self._keys):
            try:
                return read(position).filter(pl.Series(rows))
            except UsageError:
                continue
        return None

    def columns_in_order(self) -> list[pl.Series]:
        """Hand out every column typed, by its place: a name can be there more than once.

        Raises
        ------
        UsageError
            When a column is of a type that polars does not have.
        """
        return [self._values(position) for position in range(len(self.columns))]

    def changed(self, change: TableChange, keep_levels: Collection[str] = (), *, keep_index: bool = False) -> Any:
        """Return what came in with a change, as if the removed rows had never been in it.

        Levels are those of a container in which the new values had been from the start.

        Parameters
        ----------
        change : TableChange
            Its new values are of the types in which :meth:`values` hands the columns out; columns of any type become
            null by an edit.
        keep_levels, keep_index
            As of :meth:`keep`.

        Raises
        ------
        ColumnError
            When a column is absent or there more than once.
        UsageError
            When a column cannot hold a new value exactly.
        """
        self._check_length(change.keep)
        levels = self._kept_positions(keep_levels)
        return self._survivors(change.keep, self._new_values(change), keep_index, levels)

    def _new_values(self, change: TableChange) -> Patches:
        """Give the new values of a change in the container's own kind of columns."""
        patches = {}
        for name, patch in change.patches.items():
            position = self.position(name)
            if len(patch.rows) and not 0 <= int(patch.rows[0]) <= int(patch.rows[-1]) < self.rows:
                raise UsageError(f"a new value of the column {name!r} is for a row that does not exist")
            stays = change.keep[patch.rows]
            if stays.any():
                values = patch.values.filter(pl.Series(stays))
                nulls = patch.edited and values.null_count() == len(values)
                fitted = None if nulls else self._fitted_column(position, values, change.keep)
                patches[position] = NewValues(patch.rows[stays], fitted)
        return patches

    def replaced(self, rows: pl.DataFrame, keep_levels: Collection[str] = ()) -> Any:
        """Give a container of the same kind and types with other rows altogether.

        Raises
        ------
        ColumnError
            When `rows` lacks a column.
        UsageError
            When a column cannot hold a value exactly, or rows have an index that is not given.
        """
        levels = self._kept_positions(keep_levels)
        for name in self.columns:
            self.position(name)
            ColumnError.require([name], rows.columns)
        fitted = [
            self._fitted_column(position, rows.to_series(rows.get_column_index(name)))
            for position, name in enumerate(self.columns)
        ]
        return self._assemble_container(fitted, rows.height, levels)

    def position(self, column: str) -> int:
        """Find a column by name.

        Raises
        ------
        ColumnError
            When it is absent or there more than once.
        """
        names = self.columns
        count = names.count(column)
        if count == 0:
            raise ColumnError.absent(column, names)
        if count > 1:
            raise ColumnError(f"{count} columns are called {column!r}", hint="rename all but one of them.")
        return names.index(column)

    def _kept_positions(self, keep_levels: Collection[str]) -> frozenset[int]:
        """Find the columns whose list stays whole; a key column is not one of them, since its levels are values."""
        for name in keep_levels:
            if name in self.levels.keys:
                raise kept_key(name)
        return frozenset(self.position(name) for name in keep_levels)

    def _staying_levels(self, position: int, keep_levels: frozenset[int], *, declared: bool = False) -> Stays | None:
        """Say which levels of a column stay that no row uses; None if there are none."""
        if self.columns[position] in self.levels.keys or not (declared or position in keep_levels):
            return None
        return self.levels.stays_in(self.columns[position])

    def _check_length(self, mask: RowMask) -> None:
        if mask.dtype != np.bool_ or mask.shape != (self.rows,):
            raise UsageError(
                f"a mask of {mask.dtype}, shape {mask.shape}, does not fit {self.rows} rows",
                hint="pass one bool for each row.",
            )

    def presence(self, column: str) -> pl.Series:
        """Say, of a column of any type, which rows have a value: true, or else null."""
        return self._presence(self.position(column)).alias(column)

    @abstractmethod
    def _keys(self, position: int) -> pl.Series: ...

    @abstractmethod
    def _values(self, position: int) -> pl.Series:
        """Hand a column out typed."""

    @abstractmethod
    def _presence(self, position: int) -> pl.Series:
        """Say, of a column of any type, which rows have a value: true, or else null."""

    @abstractmethod
    def _fitted_column(self, position: int, values: pl.Series, stays: RowMask | None = None) -> Any:
        """Make values a column of the container's own kind, by its rows that stay; refuse those that do not fit."""

    def limits_texts(self, column: str) -> bool:
        """Say whether the type of a column holds not every text: it lists its values or orders them, or is JSON."""
        return False

    def mixes_types(self, column: str, rows: RowMask | None) -> bool:
        """Say whether a column has texts and other values in some rows; all rows by default."""
        return False

    def dict_keys(self, column: str) -> pl.Series | None:
        """Give the keys of dicts in each row, which its values as a struct do not show; None if there are no dicts."""
        return None

    def holds_null(self, column: str) -> bool:
        """Say whether a column can hold a null."""
        return self._holds_null(self.position(column))

    @abstractmethod
    def _assemble_container(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        """Make a container of other columns of the same types."""

    @abstractmethod
    def _holds_null(self, position: int) -> bool: ...

    @abstractmethod
    def _survivors(self, mask: RowMask, patches: Patches, keep_index: bool, keep_levels: frozenset[int]) -> Any: ...
