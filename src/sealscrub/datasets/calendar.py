"""The ten years of the city, as day numbers from its first day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from .draws import Integers

__all__ = ["AS_OF", "DAYS", "FIRST_DAY", "LAST_ARREST", "as_dates", "day_of", "years"]

#: First day on which somebody is arrested.
FIRST_DAY = dt.date(2014, 1, 1)
#: Last day on which somebody is arrested.
LAST_ARREST = dt.date(2023, 12, 31)
#: The day as of which the city's records are written; nothing in them is later.
AS_OF = dt.date(2024, 12, 31)

#: Number of days on which there are arrests.
DAYS = (LAST_ARREST - FIRST_DAY).days + 1

_EPOCH = (FIRST_DAY - dt.date(1970, 1, 1)).days


def day_of(date: dt.date) -> int:
    """Day number of a date: 0 is :data:`FIRST_DAY`."""
    return (date - FIRST_DAY).days


def as_dates(days: Integers) -> pl.Series:
    """Dates of day numbers; a day number before the year 1900 stands for no date."""
    dates = pl.Series((days + _EPOCH).astype(np.int32)).cast(pl.Date)
    missing = pl.Series(days < -50_000)
    return dates.set(missing, None) if missing.any() else dates


def years(days: Integers) -> Integers:
    """Calendar years of day numbers."""
    return (days + _EPOCH).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
