"""What a request holds, in whatever it comes: the keys of its records, and those that stay without their keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ColumnError, ConfigError, Spelled, UsageError
from sealscrub.matching.key_columns import On
from sealscrub.tables import frame_adapter
from sealscrub.tables.containers import is_frame, kept_rows, row_count, without_columns
from sealscrub.tables.key_sources import key_batch

__all__ = ["Fields", "Records", "named_on", "read_records"]

Fields = pl.DataFrame | Mapping[str, Sequence[Any]]
"""Key fields of some records: a frame, or lists of Python values."""


def named_on(on: Any) -> On:
    """Read ``on=`` where columns of arrays are named by their position: ``{"arrest_number": 0}``."""
    if not isinstance(on, Mapping):
        return on if isinstance(on, str) else list(on)
    return {scheme: _texts(named) for scheme, named in on.items()}


def _texts(named: Any) -> Any:
    if isinstance(named, int | np.integer) and not isinstance(named, bool):
        return str(int(named))
    if isinstance(named, Iterable) and not isinstance(named, str | bytes):
        return [_texts(each) for each in named]
    return named


class Records(ABC):
    """The records of a request."""

    single = False

    def __init__(self, data: Any, columns: tuple[str, ...], where: str) -> None:
        self.data, self.columns, self.where = data, columns, where

    @property
    def rows(self) -> int:
        """How many there are."""
        return row_count(self.data)

    @abstractmethod
    def keys(self) -> Fields:
        """Give the key fields."""

    def check(self, keep: Mask) -> None:
        """Refuse records that stay and lack a key field.

        Raises
        ------
        ColumnError
            When one does: if a record has no id, it says so.
        """
        return

    def kept(self, keep: Mask, taken_off: Collection[str]) -> Any:
        """Give the records that stay, of the same kind, as if there had been no others, less some fields."""
        return kept_rows(self.data, keep)


class FrameRecords(Records):
    """Rows of a frame."""

    def keys(self) -> Fields:
        return frame_adapter(self.data).key_batch(self.columns)

    def kept(self, keep: Mask, taken_off: Collection[str]) -> Any:
        return frame_adapter(without_columns(self.data, taken_off)).keep(keep)


class DictRecords(Records):
    """A list of mappings."""

    def keys(self) -> Fields:
        return {name: [record.get(name) for record in self.data] for name in self.columns}

    def check(self, keep: Mask) -> None:
        for name in self.columns:
            lacks = [name not in record for record in self.data]
            if any(lacks) and (np.array(lacks) & keep).any():
                raise _no_key(name, self.where)

    def kept(self, keep: Mask, taken_off: Collection[str]) -> Any:
        stay = [record for record, stays in zip(self.data, keep.tolist(), strict=True) if stays]
        if not taken_off:
            return stay
        return [{name: value for name, value in record.items() if name not in taken_off} for record in stay]


class ColumnRecords(Records):
    """A mapping of names to columns."""

    @property
    def rows(self) -> int:
        return row_count(self.data[self.columns[0]])

    def keys(self) -> Fields:
        return key_batch(
            np.zeros(self.rows),
            pl.DataFrame({n: _without_nan(self.data[n]) for n in self.columns}),
            self.columns,
            self.where,
        )

    def kept(self, keep: Mask, taken_off: Collection[str]) -> Any:
        return {name: kept_rows(column, keep) for name, column in self.data.items() if name not in taken_off}


class ArrayRecords(Records):
    """Rows of an array, or a list of lists, whose key columns are named by their position."""

    def keys(self) -> Fields:
        for name in self.columns:
            if not name.isdecimal():
                raise ConfigError(
                    f"the rows have no column {name!r}",
                    where=self.where,
                    hint=Spelled(
                        'an array has columns by position: on={"arrest_number": 0}; or give keys=, one for each row.',
                        "an array has columns by position: --on arrest_number=0.",
                    ),
                )
        if isinstance(self.data, np.ndarray):
            wide = [name for name in self.columns if int(name) >= self.data.shape[1]]
            if wide:
                raise _no_key(wide[0], self.where)
            return {name: _without_nan(self.data[:, int(name)]) for name in self.columns}
        at = {name: int(name) for name in self.columns}
        return {name: _without_nan([row[p] if p < len(row) else None for row in self.data]) for name, p in at.items()}

    def check(self, keep: Mask) -> None:
        for name in self.columns:
            if not all(int(name) < len(row) for row, stays in zip(self.data, keep.tolist(), strict=True) if stays):
                raise _no_key(name, self.where)

    def kept(self, keep: Mask, taken_off: Collection[str]) -> Any:
        kept = kept_rows(self.data, keep)
        gone = sorted({int(name) for name in taken_off})
        if not gone:
            return kept
        if isinstance(kept, np.ndarray):
            rest = np.delete(kept, gone, axis=1)
            return np.asfortranarray(rest) if _by_column(self.data) else np.ascontiguousarray(rest)
        return [[value for at, value in enumerate(row) if at not in gone] for row in kept]


class KeyedRecords(Records):
    """Rows of anything, with their keys next to them."""

    def __init__(self, data: Any, beside: Any, columns: tuple[str, ...], where: str) -> None:
        super().__init__(data, columns, where)
        self.beside = beside

    def keys(self) -> Fields:
        beside = self.beside
        if isinstance(beside, Mapping):
            beside = pl.DataFrame({str(name): _without_nan(column) for name, column in beside.items()})
        return key_batch(self.data, beside, self.columns, self.where)

    def kept(self, keep: Mask, taken_off: Collection[str]) -> Any:
        if is_frame(self.data):
            return frame_adapter(without_columns(self.data, taken_off)).keep(keep)
        kept = kept_rows(self.data, keep)
        if taken_off and isinstance(kept, list) and all(isinstance(record, Mapping) for record in kept):
            return [{name: value for name, value in record.items() if name not in taken_off} for record in kept]
        return kept


class IdRecords(KeyedRecords):
    """Ids themselves, of which nothing is taken off."""

    def __init__(self, data: Any, columns: tuple[str, ...], where: str) -> None:
        super().__init__(data, data, columns, where)

    def keys(self) -> Fields:
        if isinstance(self.data, list | tuple):
            return {self.columns[0]: self.data}
        return key_batch(np.zeros(self.rows), self.data, self.columns, self.where)

    def kept(self, keep: Mask, taken_off: Collection[str]) -> Any:
        return kept_rows(self.data, keep)


class OneRecord(Records):
    """One record on its own, a mapping, or only an id."""

    single = True
    rows = 1

    def keys(self) -> Fields:
        if isinstance(self.data, Mapping):
            return {name: [self.data.get(name)] for name in self.columns}
        return {self.columns[0]: [self.data]}

    def check(self, keep: Mask) -> None:
        for name in self.columns:
            if keep[0] and isinstance(self.data, Mapping) and name not in self.data:
                raise _no_key(name, self.where)

    def kept(self, keep: Mask, taken_off: Collection[str]) -> Any:
        if not taken_off or not isinstance(self.data, Mapping):
            return self.data
        return {name: value for name, value in self.data.items() if name not in taken_off}


def read_records(data: Any, beside: Any, columns: tuple[str, ...], where: str) -> Records:
    """Read what a request holds.

    Parameters
    ----------
    data : frame, array, sparse matrix, list, mapping, str or int
        Rows, records, ids, one record or one id.
    beside : array, frame, mapping of columns, or None
        Keys of the records, if `data` does not hold them.
    columns : tuple of str
        The key fields.
    where : str
        What the request is called in errors.

    Raises
    ------
    UsageError
        When nothing here can distinguish its records.
    """
    if beside is not None:
        return KeyedRecords(data, beside, columns, where)
    if is_frame(data):
        return FrameRecords(data, columns, where)
    if isinstance(data, Mapping):
        lists = bool(columns) and all(_is_column(data.get(name)) for name in columns)
        return ColumnRecords(data, columns, where) if lists else OneRecord(data, columns, where)
    if isinstance(data, list | tuple):
        return _read_list(data, columns, where)
    if isinstance(data, np.ndarray) and data.ndim == 2:
        return ArrayRecords(data, columns, where)
    if isinstance(data, str | bytes | int | np.integer) and not isinstance(data, bool):
        _check_alone(columns, where)
        return OneRecord(data, columns, where)
    if getattr(data, "ndim", 1) == 1 and hasattr(data, "__len__"):
        _check_alone(columns, where)
        return IdRecords(data, columns, where)
    raise UsageError(
        f"the keys of a {type(data).__name__} cannot be read",
        where=where,
        hint=Spelled(
            "give a frame in memory, an array, a list of records, or keys=, one for each row.",
            "give a table of records.",
        ),
    )


def _read_list(data: Sequence[Any], columns: tuple[str, ...], where: str) -> Records:
    kinds = set(map(type, data))  # of each kind once: there may be many records
    if are(kinds, Mapping):
        return DictRecords(data, columns, where)
    if are(kinds, list, tuple, np.ndarray):
        return ArrayRecords(data, columns, where)
    if any(issubclass(kind, Mapping | list | tuple | np.ndarray) for kind in kinds):
        raise UsageError("the records are not all of one kind", where=where, hint="give a list of mappings.")
    _check_alone(columns, where)
    return IdRecords(data, columns, where)


def are(kinds: set[type], *wanted: type) -> bool:
    """Whether all these kinds are of those that are wanted."""
    return all(issubclass(kind, wanted) for kind in kinds)


def _check_alone(columns: tuple[str, ...], where: str) -> None:
    if len(columns) != 1:
        raise ConfigError(
            "bare ids are of one key field, and on names several",
            where=where,
            hint=Spelled("give records with these fields, or keys= as a frame.", "give records with these fields."),
        )


def _no_key(name: str, where: str) -> ColumnError:
    return ColumnError(
        f"records that would be answered have no key field {name!r}",
        where=where,
        hint="give it in each record, as None if the record has no such id.",
    )


def _is_column(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray | pl.Series) or type(value).__name__ in ("Series", "Index")


def _by_column(data: Any) -> bool:
    flags = getattr(data, "flags", None)
    return flags is not None and flags.f_contiguous and not flags.c_contiguous


def _without_nan(column: Any) -> Any:
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    return [None if isinstance(value, float) and value != value else value for value in values]
