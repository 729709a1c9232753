"""What a nested column is made of, one level down."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["inner_values"]

Rows = npt.NDArray[np.int64]


def inner_values(values: pl.Series) -> list[tuple[str, pl.Series, Rows]] | None:
    """Give the columns within a nested one, each with its path and the rows that its values are of; None if plain.

    Parameters
    ----------
    values : polars.Series
        Of any type; structs without nulls.

    Examples
    --------
    >>> [(path, inner.to_list(), rows.tolist()) for path, inner, rows in inner_values(pl.Series([["a", "b"], ["c"]]))]
    [('[]', ['a', 'b', 'c'], [0, 0, 1])]
    """
    rows, kind = np.arange(len(values)), values.dtype
    if kind == pl.Map:
        pair = pl.Struct({"key": kind.key, "value": kind.value})  # type: ignore[attr-defined]  # a Map, which has them
        return [("", values.cast(pl.List(pair)), rows)]
    if kind in (pl.List, pl.Array):
        within = pl.DataFrame({"row": rows, "values": values.alias("values")}).explode("values")
        return [("[]", within["values"], within["row"].to_numpy())]
    if kind == pl.Struct:
        fields = values.struct.unnest().get_columns() if values.struct.fields else ()
        return [(f".{field.name}", field, rows) for field in fields]
    return None
