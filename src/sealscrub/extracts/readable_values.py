"""Which dates and NYSIDs of a source linkage can read."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from sealscrub.identifiers import Status, canonicalise
from sealscrub.identifiers.linkage_fields import birth_years, written_days

__all__ = ["READ", "plain_dates", "readable"]

READ: Final = {"birth_date": "a date", "arrest_date": "a date", "nysid": "a NYSID"}
"""The fields of which a value that cannot be read links nothing, and what they hold."""


def plain_dates(column: pl.Series) -> pl.Series:
    """Write dates that can be read as ``YYYY-MM-DD``; other texts stay as they are."""
    plain = written_days(column).dt.strftime("%Y-%m-%d")
    return plain.zip_with(plain.is_not_null(), column).alias(column.name)


def readable(column: pl.Series, name: str) -> tuple[int, int]:
    """How many values of a field are filled, and how many of these can be read."""
    if name == "nysid":
        return len(column) - column.null_count(), int(np.count_nonzero(canonicalise(column, name).status == Status.OK))
    good = written_days(column).is_not_null()
    if name == "birth_date":
        good |= birth_years(column).is_not_null()
    return len(column) - column.null_count(), int(good.sum())
