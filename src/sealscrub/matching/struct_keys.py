"""Keys of several columns whose parts stand in one struct, or in structs within it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError
from sealscrub.identifiers import Status, canonicalise_parts, get_scheme
from sealscrub.identifiers.canonical import canonicalise_part

__all__ = ["keys_in_structs"]

_MOST = 4_096  # choices of fields


def keys_in_structs(structs: pl.Series, scheme: str) -> Iterator[tuple[npt.NDArray[np.int64], pl.Series]]:
    """Put together what may be a key of a composite scheme in each struct.

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
    fields = list(_fields(structs))
    read = [
        [(at, column) for at, field in enumerate(fields) if (column := _read(field, part)) is not None]
        for part in parts
    ]
    for count, chosen in enumerate(product(*read)):
        if count == _MOST:
            return
        if len({at for at, _ in chosen}) == len(parts):
            keys = canonicalise_parts(dict(zip(parts, (column for _, column in chosen), strict=True)), scheme)
            rows = np.flatnonzero(keys.status == Status.OK)
            if len(rows):
                yield rows, keys.values.gather(rows)


def _fields(structs: pl.Series) -> Iterator[pl.Series]:
    for each in structs.struct.unnest().get_columns() if structs.struct.fields else ():
        if each.dtype == pl.Struct:
            yield from _fields(each)
        else:
            yield each


def _read(column: pl.Series, part: str) -> pl.Series | None:
    """Read a field as a part of a key; None where it has none."""
    try:
        values = canonicalise_part(column.alias(part), part).values
    except ColumnError:
        return None
    return values if values.null_count() < len(values) else None
