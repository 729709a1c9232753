"""What a record says that is linked to a seal by names and dates, and the days that its source writes.

Both sides of linkage read the same: the data's host, which says what cannot be read, and the custodian's.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from .canonical import canonicalise_part

__all__: list[str] = []

FIELDS: Final[tuple[str, ...]] = (
    *("last_name", "first_name", "middle_name", "birth_date", "arrest_date", "charge", "sex", "race", "nysid"),
)
"""Each is text, as its source writes it, or null. None of them is ever inferred from another."""

SUFFIX: Final = r"JR|SR|II|III|IV|2ND|3RD|4TH|JUNIOR|SENIOR"
"""What follows a name, as a part of a regular expression."""

_TIME_OF_DAY: Final = r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9.]+)?\s*([AaPp][Mm])?\s*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?$"
_OTHER_DATES: Final = (
    (r"^([0-9]{8})\.0+$", "${1}", "%Y%m%d"),
    (r"^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}$", "${0}", "%d.%m.%Y"),
    (r"^([0-9]{1,2})[- ]?([A-Za-z]{3})[- ]?([0-9]{4})$", "${1}-${2}-${3}", "%d-%b-%Y"),
)
"""Spellings that keys do not have, and that mean only one day: with dots, the day comes first."""
_OTHERS: Final = [
    pl.when(pl.col("text").str.contains(form))
    .then(pl.col("text").str.replace(form, parts))
    .str.to_date(reading, strict=False)
    .dt.strftime("%Y-%m-%d")
    for form, parts, reading in _OTHER_DATES
]


def written_days(column: pl.Series) -> pl.Series:
    """Read the day that each text means; null if it means none.

    A point in time is the day that its own clock shows, whatever its offset. An exact key reads no time in UTC, since
    its day may be the next one here. Linkage allows for that by its window.

    Examples
    --------
    >>> written_days(pl.Series(["2019-03-04T23:50Z", "4-Mar-2019", "04.03.2019", "3/4/19"])).dt.day().to_list()
    [4, 4, 4, None]
    """
    once = column.drop_nulls().unique().alias("raw")
    text = once.str.strip_chars().str.replace(_TIME_OF_DAY, "").alias("text")
    days = canonicalise_part(text, "date").values
    if days.null_count():
        others = text.to_frame().select(pl.coalesce(_OTHERS)).to_series()
        days = days.zip_with(days.is_not_null(), canonicalise_part(others, "date").values)
    table = pl.DataFrame([once, days.str.to_date("%Y-%m-%d", strict=False).alias("day")])
    return pl.DataFrame({"raw": column}).join(table, on="raw", how="left", maintain_order="left")["day"]


def birth_years(column: pl.Series) -> pl.Series:
    """Read texts that state no more of a birth date than its year.

    Examples
    --------
    >>> birth_years(pl.Series(["1984", "1990-00-00", "1984-07-31"])).to_list()
    [1984, 1990, None]
    """
    return column.str.extract(r"^\s*((?:19|20)\d\d)(?:-00-00)?\s*$", 1).cast(pl.Int16)
