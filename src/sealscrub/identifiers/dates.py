"""Dates as they are next to a person's number in a composite key."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from sealscrub.errors import ColumnError

from .cleaned_text import IS_DAMAGED, NOTHING, Flags, Status
from .day_forms import FORMS, MIDNIGHT_ELSEWHERE, TIME_OF_DAY, YEARS, judge_day
from .one_value import settled_texts
from .texts_of_bytes import key_texts

__all__: list[str] = []

_SOME = 200  # texts that are read more quickly one by one
_UNIVERSAL = frozenset({"UTC", "Etc/UTC", "Z", "+00:00", "GMT", "Etc/GMT", "Universal", "Zulu"})
_AS_TEXT = (pl.String, pl.Categorical, pl.Enum, pl.Null)
_TEXT = pl.col("text").str.strip_chars().str.replace(MIDNIGHT_ELSEWHERE, "").str.replace(TIME_OF_DAY, "")
_NONE = (pl.col("null") | pl.col("text").str.to_uppercase().is_in(sorted(NOTHING)).fill_null(value=False)).alias("none")
_DAY = pl.coalesce(  # each text is read in the one form that it has
    [
        pl.when(pl.col("text").str.contains(form)).then(pl.col("text")).str.to_date(reading, strict=False)
        for form, reading in FORMS
    ]
).alias("day")
_PLAUSIBLE = pl.col("day").dt.year().is_between(*YEARS).fill_null(value=False).alias("plausible")
_WRITTEN = pl.when(pl.col("plausible") & ~pl.col("none")).then(pl.col("day").dt.strftime("%Y-%m-%d"))


def canonical_date(column: pl.Series) -> tuple[pl.Series, Flags]:
    """ISO text of the day in each row, and its status; a day that is written in another way is unparsable.

    A point in time is the day that its own clock shows: of a column with a time zone, the local day there. A time of
    day in UTC, or with an offset, does not give the local day, and is unparsable.

    Raises
    ------
    ColumnError
        When the type of the column can hold no dates.
    """
    status = np.zeros(len(column), np.uint8)
    dtype = column.dtype
    if dtype.is_float() or (isinstance(dtype, pl.Decimal) and dtype.scale):
        present = column.is_not_null() & (column.is_not_nan() if dtype.is_float() else True)
        status[:] = np.where(present.to_numpy(), Status.DAMAGED, Status.NULL)
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(column)), status
    if dtype in (pl.Date, pl.Datetime):
        read = pl.DataFrame(
            {"day": _local_days(column), "none": column.is_null(), "damaged": np.zeros(len(column), bool)}
        )
    else:
        text = _as_text(column)
        if len(text) <= _SOME and text.null_count() == column.null_count():
            status[column.is_null().to_numpy()] = Status.NULL
            few = settled_texts(text, status, judge_day)
            if few is not None:
                return few, status
            status[:] = 0
        read = pl.DataFrame({"text": text, "null": column.is_null()}).with_columns_seq(_TEXT)
        read = read.select_seq(_DAY, _NONE, IS_DAMAGED.alias("damaged"))
    read = read.with_columns_seq(_PLAUSIBLE)
    status[~read["plausible"].to_numpy()] = Status.UNPARSABLE
    status[read["damaged"].to_numpy()] = Status.DAMAGED
    status[read["none"].to_numpy()] = Status.NULL
    return read.select_seq(_WRITTEN).to_series(), status


def _as_text(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if dtype == pl.Binary:
        text = key_texts(column)
    elif dtype in _AS_TEXT or dtype.is_integer() or isinstance(dtype, pl.Decimal):
        text = column.cast(pl.String)
    else:
        raise ColumnError(
            f"a column of type {type(dtype).__name__.lower()} holds no dates",
            where=f"column {column.name!r}",
            hint="give the column that holds the dates, as dates or as text.",
        )
    return text


def _local_days(column: pl.Series) -> pl.Series:
    """The day of each date or point in time; null if a time of day in UTC leaves it open."""
    days = column.dt.date()
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone in _UNIVERSAL:
        midnight = column.dt.time() == dt.time()
        return pl.DataFrame({"day": days, "sure": midnight}).select(pl.when("sure").then("day")).to_series()
    return days
