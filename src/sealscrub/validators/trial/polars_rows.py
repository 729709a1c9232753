"""Rows of polars' frames."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from .table_rows import Refill, Rows, TableRows, Unfit

__all__ = ["PolarsRows"]

_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError, ValueError, OverflowError)

_FEW_LEVELS = 5


class PolarsRows(TableRows):
    """Rows of a ``DataFrame`` or ``LazyFrame``; a lazy frame comes back as one."""

    def __init__(self, data: pl.DataFrame | pl.LazyFrame) -> None:
        self._lazy = isinstance(data, pl.LazyFrame)
        self._frame = data.collect() if isinstance(data, pl.LazyFrame) else data
        self.height, self.width = self._frame.shape

    def ordered(self, order: Rows) -> Any:
        return self._to_container([series.gather(order) for series in self._frame.get_columns()])

    def refilled(self, refills: Mapping[int, Refill]) -> Any:
        columns = self._frame.get_columns()
        for position, refill in refills.items():
            series, fresh = columns[position], refill.fresh
            if fresh is not None:
                series = series.cast(fresh.dtype) if fresh.dtype != series.dtype else series
                series = series.rechunk().append(fresh)
            columns[position] = series.gather(refill.sources).alias(columns[position].name)
        return self._to_container(columns)

    def column_of(self, position: int, values: list[Any]) -> pl.Series:
        kind = self._frame.dtypes[position]
        if isinstance(kind, pl.Enum):
            known = kind.categories.to_list()
            kind = pl.Enum([*known, *(each for each in dict.fromkeys(values) if each not in set(known))])
        try:
            made = _series_of(values, kind)
        except _FAILURES:
            raise Unfit from None
        if made.dtype != kind or made.null_count() != sum(each is None for each in values):
            raise Unfit
        return made

    def fits(self, position: int, value: Any) -> bool:
        return isinstance(self._frame.dtypes[position], pl.Enum | pl.String) or super().fits(position, value)

    def read(self, position: int, column: Any = None) -> list[Any]:
        series = self._frame.to_series(position) if column is None else column
        return list((series.to_physical() if series.dtype.is_temporal() else series).to_list())

    def distinct(self, position: int) -> tuple[Rows, list[Any]]:
        series = self._frame.to_series(position)
        rows = np.arange(self.height)
        with contextlib.suppress(*_FAILURES):  # objects, and some nested values
            rows = series.arg_unique().sort().to_numpy().astype(np.intp)
        return rows, self.read(position, series.gather(rows))

    def is_text(self, position: int) -> bool:
        kind = self._frame.dtypes[position]
        if kind == pl.Object:
            known = [each for each in self.read(position) if each is not None]
            return bool(known) and all(isinstance(each, str) for each in known)
        return isinstance(kind, pl.String | pl.Categorical | pl.Enum)

    def spare_levels(self, position: int) -> list[Any] | None:
        kind = self._frame.dtypes[position]
        if not isinstance(kind, pl.Enum):
            return None
        used = set(self._frame.to_series(position).unique().to_list())
        return [level for level in kind.categories.to_list() if level not in used]

    def inner_texts(self, position: int) -> Sequence[str]:
        levels = dict.fromkeys(_inner_levels(self._frame.dtypes[position]))
        used = set(_texts_within(self.read(position))) if levels else set()
        return (*[level for level in levels if level not in used][:_FEW_LEVELS], *super().inner_texts(position))

    def _to_container(self, columns: list[pl.Series]) -> Any:
        named = dict(zip(self._frame.columns, columns, strict=True))  # a series without a name would get one
        frame = pl.DataFrame(named) if named else self._frame
        return frame.lazy() if self._lazy else frame


def _inner_levels(kind: Any) -> Iterator[str]:
    """Give the levels that a type declares at any depth."""
    if isinstance(kind, pl.Enum):
        yield from kind.categories
    elif isinstance(kind, pl.Struct):
        for field in kind.fields:
            yield from _inner_levels(field.dtype)
    elif isinstance(kind, pl.List | pl.Array):
        yield from _inner_levels(kind.inner)


def _texts_within(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts_within(part)


def _series_of(values: list[Any], kind: Any) -> pl.Series:
    if isinstance(kind, pl.Categorical):
        return pl.Series(values, dtype=pl.String, strict=True).cast(kind)
    if kind.is_temporal() and all(isinstance(each, int) for each in values):
        return pl.Series(values, dtype=pl.Int64, strict=True).cast(kind)
    return pl.Series(values, dtype=kind, strict=True)
