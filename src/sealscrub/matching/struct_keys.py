"""Keys of several columns whose parts are in one struct, or in structs within it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ColumnError
from sealscrub.identifiers import get_scheme
from sealscrub.identifiers.canonical import canonicalise_part

__all__ = ["keys_in_structs", "untried_structs"]

Part = list[tuple[int, pl.Series]]

_MOST_CHOICES = 4_096  # choices of fields in a struct


def keys_in_structs(structs: pl.Series, scheme: str) -> Iterator[tuple[npt.NDArray[np.int64], pl.Series]]:
    """Put together what may be a key of a composite scheme in each struct, but for :func:`untried_structs`.

    Parameters
    ----------
    structs : polars.Series of Struct
        Without nulls.
    scheme : str
        A composite scheme. No field is two of its parts.

    Yields
    ------
    rows : ndarray of int64
        The structs, by their places.
    keys : polars.Series
        Canonical values.

    Examples
    --------
    >>> people = pl.Series([{"who": {"nysid": "12345678A"}, "on": "01/05/2014"}])
    >>> [keys.to_list() for rows, keys in keys_in_structs(people, "person_arrest")]
    [['12345678A@2014-01-05']]
    """
    read = _parts(structs, scheme)
    if prod(map(len, read)) > _MOST_CHOICES:
        yield from _row_by_row(read, len(structs))
        return
    filled = [[(at, column, column.is_not_null().to_numpy()) for at, column in part] for part in read]
    for chosen in product(*filled):
        if len({at for at, _, _ in chosen}) == len(read):
            rows = np.flatnonzero(np.logical_and.reduce([there for _, _, there in chosen]))
            if len(rows):
                yield rows, _joined([column.gather(rows) for _, column, _ in chosen])


def untried_structs(structs: pl.Series, scheme: str) -> Mask:
    """Say which structs hold so many parts of a key of a composite scheme that they are not put together.

    That depends on what a struct holds itself, and on no other.

    >>> many = {f"n{at}": "12345678A" for at in range(70)} | {f"d{at}": "2014-01-05" for at in range(70)}
    >>> people = pl.Series([many, {**dict.fromkeys(many), "n1": "12345678A", "d1": "2014-01-05"}])
    >>> untried_structs(people, "person_arrest").tolist()
    [True, False]
    """
    if sum(1 for _ in _fields(structs)) ** len(get_scheme(scheme).parts) <= _MOST_CHOICES:
        return np.zeros(len(structs), bool)
    return _choices(_parts(structs, scheme), len(structs)) > _MOST_CHOICES


def _parts(structs: pl.Series, scheme: str) -> list[Part]:
    """Read every field as each part of a key."""
    fields = list(_fields(structs))
    return [
        [(at, column) for at, field in enumerate(fields) if (column := _read(field, part)) is not None]
        for part in get_scheme(scheme).parts
    ]


def _choices(read: list[Part], rows: int) -> npt.NDArray[np.float64]:
    """How many ways there are to choose the parts of a key in each struct."""
    made = np.ones(rows)
    for part in read:
        made *= np.sum([column.is_not_null().to_numpy() for _, column in part], axis=0) if part else 0
    return made


def _joined(parts: list[pl.Series]) -> pl.Series:
    """Put canonical parts together, as :func:`~sealscrub.identifiers.canonicalise_parts` does."""
    columns = pl.DataFrame([part.alias(str(at)) for at, part in enumerate(parts)])
    return columns.select(pl.concat_str(pl.all(), separator="@")).to_series()


def _row_by_row(read: list[Part], rows: int) -> Iterator[tuple[npt.NDArray[np.int64], pl.Series]]:
    """Put parts together if there are too many fields to try all of them in every struct."""
    choices = _choices(read, rows)
    for row in np.flatnonzero((choices > 0) & (choices <= _MOST_CHOICES)).tolist():
        there = [[(at, value) for at, column in part if (value := column[row]) is not None] for part in read]
        chosen = [some for some in product(*there) if len({at for at, _ in some}) == len(read)]
        keys = pl.Series(["@".join(value for _, value in some) for some in chosen], dtype=pl.String)
        yield np.full(len(keys), row), keys


def _fields(structs: pl.Series) -> Iterator[pl.Series]:
    for each in structs.struct.unnest().get_columns() if structs.struct.fields else ():
        if each.dtype == pl.Struct:
            yield from _fields(each)
        else:
            yield each


def _read(column: pl.Series, part: str) -> pl.Series | None:
    """Read a field as a part of a key; None if it has none."""
    try:
        values = canonicalise_part(column.alias(part), part).values
    except ColumnError:
        return None
    return values if values.null_count() < len(values) else None
