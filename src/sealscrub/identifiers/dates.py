"""Dates as they stand beside a person's number in a composite key."""

from __future__ import annotations

import numpy as np
import polars as pl

from .cleaning import NOTHING, Flags, Status

__all__: list[str] = []

# A month before a day is how American files write it ([own]): 03/04/2021 is the fourth of March.
_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d", "%Y/%m/%d", "%m-%d-%Y")
_TIME_OF_DAY = r"[T ]\d{1,2}:\d{2}.*$"


def canonical_date(column: pl.Series) -> tuple[pl.Series, Flags]:
    """ISO text of the day in each row, and its status; a day that is written in another way is unparsable."""
    status = np.zeros(len(column), np.uint8)
    if column.dtype in (pl.Date, pl.Datetime):
        days = column.cast(pl.Date)
        status[days.is_null().to_numpy()] = Status.NULL
        return days.dt.strftime("%Y-%m-%d"), status
    if column.dtype.is_float():
        status[:] = np.where(column.is_null().to_numpy(), Status.NULL, Status.DAMAGED)
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(column)), status
    text = column.cast(pl.String, strict=False).str.strip_chars().str.replace(_TIME_OF_DAY, "")
    none = text.is_null() | text.str.to_uppercase().is_in(pl.Series(sorted(NOTHING)).implode()).fill_null(value=True)
    frame = pl.DataFrame({"text": text})
    days = frame.select(pl.coalesce(pl.col("text").str.to_date(f, strict=False) for f in _FORMATS)).to_series()
    plausible = days.dt.year().is_between(1900, 2199).fill_null(value=False)
    status[(~plausible).to_numpy()] = Status.UNPARSABLE
    status[none.to_numpy()] = Status.NULL
    iso = frame.select(pl.when(plausible & ~none).then(days.dt.strftime("%Y-%m-%d"))).to_series()
    return iso, status
