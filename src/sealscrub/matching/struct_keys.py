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
from sealscrub.identifiers import Status, canonicalise_parts, get_scheme
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
    parts = get_scheme(scheme).parts
    read = _parts(structs, scheme)
    if prod(map(len, read)) > _MOST_CHOICES:
        yield from _row_by_row(read, len(structs), scheme)
        return
    for chosen in product(*read):
        if len({at for at, _ in chosen}) == len(parts):
            keys = canonicalise_parts(dict(zip(parts, (column for _, column in chosen), strict=True)), scheme)
            rows = np.flatnonzero(keys.status == Status.OK)
            if len(rows):
                yield rows, keys.values.gather(rows)


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


def _row_by_row(read: list[Part], rows: int, scheme: str) -> Iterator[tuple[npt.NDArray[np.int64], pl.Series]]:
    """Put parts together if there are too many fields to try all of them in every struct."""
    choices, names = _choices(read, rows), get_scheme(scheme).parts
    for row in np.flatnonzero((choices > 0) & (choices <= _MOST_CHOICES)).tolist():
        there = [[(at, value) for at, column in part if (value := column[row]) is not None] for part in read]
        keys = [chosen for chosen in product(*there) if len({at for at, _ in chosen}) == len(names)]
        columns = {
            name: pl.Series([chosen[at][1] for chosen in keys], dtype=pl.String) for at, name in enumerate(names)
        }
        made = canonicalise_parts(columns, scheme)
        good = np.flatnonzero(made.status == Status.OK)
        yield np.full(len(good), row), made.values.gather(good)


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
