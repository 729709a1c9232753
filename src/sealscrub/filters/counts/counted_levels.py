"""The levels of a column that events are counted by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UsageError

__all__ = ["levels_of", "places_of"]


def levels_of(column: pl.Series, levels: Iterable[Any] | None) -> pl.Series:
    """Give the levels by which a column is counted: those that are declared, or those that it holds, in order.

    Raises
    ------
    UsageError
        When the declared ones are of another type, or an event has none of them.
    """
    if levels is None:
        return column.unique().sort(nulls_last=True)
    try:
        axis = pl.Series(column.name, list(levels), column.dtype, strict=True).unique(maintain_order=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        raise UsageError(f"the levels of {column.name!r} are of another type than the column") from None
    if not column.is_in(axis.implode(), nulls_equal=True).all():
        raise UsageError(f"an event has a level of {column.name!r} that is not among levels=", hint="name all levels.")
    return axis


def places_of(column: pl.Series, axis: pl.Series) -> npt.NDArray[np.int64]:
    """Give the number of the level that each event has."""
    numbered = pl.DataFrame({"level": axis, "at": np.arange(len(axis))})
    joined = (
        column.alias("level").to_frame().join(numbered, on="level", how="left", nulls_equal=True, maintain_order="left")
    )
    return joined["at"].to_numpy().astype(np.int64)
