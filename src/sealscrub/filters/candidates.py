"""The records of a ranking in whatever holds them, once those that may not be returned are removed."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, UsageError
from sealscrub.tables import frame_adapter
from sealscrub.tables.containers import is_frame, kept_rows
from sealscrub.tables.levels import LevelRules

from .request_records import are

__all__ = ["Candidates", "candidates_of"]

Order = npt.NDArray[np.intp]


class Candidates(ABC):
    """Records of one kind of container."""

    def __init__(self, data: Any) -> None:
        self.data = data

    @property
    @abstractmethod
    def names(self) -> Sequence[str]:
        """Fields that any of them has."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.data)

    @abstractmethod
    def scores(self, name: str) -> npt.NDArray[Any]:
        """Give a field as numbers; NaN if a record has none."""

    @abstractmethod
    def arranged(self, order: Order, changed: Mapping[str, Any]) -> Any:
        """Give records in an order, with new values of fields, which are in that order."""


class DictCandidates(Candidates):
    """A list of mappings."""

    @property
    def names(self) -> Sequence[str]:
        first = list(self.data[0]) if self.data else []
        if len(set(first).union(*self.data)) == len(first):  # as in most rankings
            return first
        return list(dict.fromkeys(name for names in dict.fromkeys(map(tuple, self.data)) for name in names))

    def scores(self, name: str) -> npt.NDArray[Any]:
        return numbers([record.get(name) for record in self.data], name)

    def arranged(self, order: Order, changed: Mapping[str, Any]) -> Any:
        records = self.data
        found = [records[at] for at in order.tolist()]
        if not changed:
            return found
        columns = {name: values.tolist() for name, values in changed.items()}
        return [
            {name: columns[name][at] if name in columns else value for name, value in record.items()}
            for at, record in enumerate(found)
        ]


class PairCandidates(Candidates):
    """Ids and scores, an array of each."""

    @property
    def names(self) -> Sequence[str]:
        return ("ids", "scores")

    @property
    def rows(self) -> int:
        return len(self.data[0])

    def scores(self, name: str) -> npt.NDArray[Any]:
        values = self.data[1]
        return numbers(values if isinstance(values, list | tuple) else np.asarray(values), name)

    def arranged(self, order: Order, changed: Mapping[str, Any]) -> Any:
        return tuple(_take_rows(part, order) for part in self.data)


class FrameCandidates(Candidates):
    """Rows of a frame."""

    @property
    def names(self) -> Sequence[str]:
        return frame_adapter(self.data).columns

    @property
    def rows(self) -> int:
        return frame_adapter(self.data).rows

    def scores(self, name: str) -> npt.NDArray[Any]:
        values = frame_adapter(self.data).values([name]).to_series()
        if not values.dtype.is_numeric():
            raise _no_score(name)
        if values.dtype.is_integer() and not values.null_count():
            return values.to_numpy()
        return values.cast(pl.Float64).fill_null(np.nan).to_numpy()

    def arranged(self, order: Order, changed: Mapping[str, Any]) -> Any:
        data = _rows(self.data, order)
        for name, values in changed.items():
            at = self.names.index(name)
            if isinstance(data, pl.DataFrame):
                data = data.with_columns(pl.Series(name, values).cast(data.schema[name]))
            elif hasattr(data, "iloc"):
                column = sys.modules["pandas"].Series(values, index=data.index, name=data.columns[at])
                data.isetitem(at, column.astype(data.dtypes.iloc[at]))
            else:
                import pyarrow as pa

                data = data.set_column(at, data.schema.field(at), pa.array(values).cast(data.schema.field(at).type))
        return data


def candidates_of(data: Any) -> Candidates:
    """Read the records of a ranking.

    Raises
    ------
    UsageError
        When they are of no kind that is known here.
    """
    if is_frame(data):
        return FrameCandidates(data)
    if isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], Mapping):
        return PairCandidates(data)
    if isinstance(data, list | tuple) and are(set(map(type, data)), Mapping):
        return DictCandidates(data)
    raise UsageError(
        f"a {type(data).__name__} is not a ranking that is known here",
        hint="give a frame, a list of dicts, a pair (ids, scores), a generator, or a callable(offset, limit).",
    )


def numbers(values: Any, name: str) -> npt.NDArray[Any]:
    """Read scores as numbers, whole ones exactly; NaN if there is none.

    Raises
    ------
    UsageError
        When one is not a number.
    """
    if isinstance(values, list | tuple):
        kinds = set(map(type, values))
        if not are(kinds, int, float, np.number, type(None)):
            raise _no_score(name)
        whole = are(kinds, int, np.integer)
        try:
            return np.array(values, np.int64 if whole and values else np.float64)
        except OverflowError:
            return np.array(values, np.float64)
    if values.dtype.kind not in "iuf":
        raise _no_score(name)
    return np.asarray(values)


def _no_score(name: str) -> UsageError:
    return ColumnError(f"the field {name!r} holds no scores", hint="name the field with the raw score as a number.")


def _take_rows(values: Any, order: Order) -> Any:
    if isinstance(values, list | tuple):
        return [values[at] for at in order.tolist()]
    if hasattr(values, "iloc"):
        return values.iloc[order]
    return values.take(order) if hasattr(values, "take") else values[order]


def _rows(data: Any, order: Order) -> Any:
    """Give rows of a frame in an order; labels that count its rows count them again."""
    if isinstance(data, pl.DataFrame):
        return data[order.tolist()]
    if not hasattr(data, "iloc"):
        return data.take(order)
    pandas = sys.modules["pandas"]
    found = data.iloc[order].copy()
    if isinstance(data.index, pandas.RangeIndex):
        found.index = pandas.RangeIndex(len(found), name=data.index.name)
    return found


def survivors(data: Any, keep: npt.NDArray[np.bool_], keys: Iterable[str]) -> Any:
    """Give the records that stay, of the same kind, without a trace of the others."""
    if isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], Mapping):
        ids, scores = data
        named = {ids.name} if isinstance(ids, pl.Series) else set()
        return kept_rows(ids, keep, LevelRules(frozenset(named))), kept_rows(scores, keep)
    return kept_rows(data, keep, LevelRules(frozenset(keys)))
