"""Lists that polars keeps in the type of a column: the categories of an ``Enum``, at every depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from ..levels import Stays, in_use

__all__ = ["as_lists", "listed_types", "relisted"]


def listed_types(series: pl.Series) -> Iterator[tuple[pl.Series, pl.Series]]:
    """Give of each Enum of a column, at every depth, its categories, and those in use, as text."""
    if isinstance(series.dtype, pl.Enum):
        yield series.dtype.categories, series.unique().drop_nulls().cast(pl.String)
    for child in _children(series):
        yield from listed_types(child)


def relisted(kept: pl.Series, stays: Stays | None, within: Stays) -> pl.Series:
    """Give the survivors of a column the categories that stay.

    Parameters
    ----------
    kept : polars.Series
        The column with the rows that stay.
    stays : callable, optional
        Which categories of the column's own Enum stay that no row uses; without it none does, and those that
        rows use are sorted.
    within : callable
        The same of an Enum in lists, arrays and structs.
    """
    if not isinstance(kept.dtype, pl.Enum):
        dtype = _relisted_type(kept, within)
        return kept if dtype == kept.dtype else kept.cast(as_lists(dtype)).cast(dtype)
    levels = kept.dtype.categories
    used = in_use(_codes(kept), len(levels))
    if stays is None:
        return kept.cast(pl.Enum(levels.filter(pl.Series(used)).sort()))
    return kept.cast(pl.Enum(levels.filter(pl.Series(used | stays(levels, used)))))


def as_lists(dtype: Any) -> Any:
    """Give a type with lists in the place of arrays: polars casts no array of one ``Enum`` to one of another.

    >>> as_lists(pl.Array(pl.Int8, 2))
    List(Int8)
    """
    if isinstance(dtype, pl.List | pl.Array):
        return pl.List(as_lists(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(field.name, as_lists(field.dtype)) for field in dtype.fields])
    return dtype


def _relisted_type(series: pl.Series, stays: Stays) -> Any:
    dtype = series.dtype
    if isinstance(dtype, pl.Enum):
        levels = dtype.categories
        used = in_use(_codes(series), len(levels))
        return pl.Enum(levels.filter(pl.Series(used | stays(levels, used))))
    children = [_relisted_type(child, stays) for child in _children(series)]
    if isinstance(dtype, pl.List):
        return pl.List(*children)
    if isinstance(dtype, pl.Array):
        return pl.Array(children[0], dtype.size)
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(field.name, made) for field, made in zip(dtype.fields, children, strict=True)])
    return dtype


def _children(series: pl.Series) -> list[pl.Series]:
    """Take a column apart, as far as there may be an Enum below."""
    dtype = series.dtype
    if not _holds_enum(dtype):
        return [pl.Series([], dtype=part) for part in _parts(dtype)]
    if isinstance(dtype, pl.List):
        return [series.list.explode()]
    if isinstance(dtype, pl.Array):
        return [series.arr.explode()]
    if isinstance(dtype, pl.Struct):
        return [series.struct.field(field.name) for field in dtype.fields]
    return []


def _parts(dtype: Any) -> list[Any]:
    if isinstance(dtype, pl.Struct):
        return [field.dtype for field in dtype.fields]
    return [dtype.inner] if isinstance(dtype, pl.List | pl.Array) else []


def _holds_enum(dtype: Any) -> bool:
    return isinstance(dtype, pl.Enum) or any(map(_holds_enum, _parts(dtype)))


def _codes(series: pl.Series) -> Any:
    return series.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
