"""Who the notices of the seals in force name, as linkage takes them."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa

from sealscrub.identifiers.linkage_fields import FIELDS, SUFFIX

from .bulk_rows import Schema
from .link_events import standing_seals
from .notice_columns import PERSON_FIELDS
from .schema import EVENT_PERSONS
from .seal_state import known_rows, read_events, read_keys

__all__: list[str] = []

_PERSONS: Schema = {"event_id": pl.Int64} | dict.fromkeys(PERSON_FIELDS, pl.String)
_PER_PERSON = "person_arrest"
"""Its key is a person's number and the date of an arrest."""
_SUFFIX = rf"({SUFFIX})\.?"


def persons_of(connection: sa.Connection, epoch: int, as_of: dt.date) -> pl.DataFrame:
    """Rows of linkage's fields, of each seal that is sealed or withheld on a day."""
    events = read_events(connection, epoch)
    ours = events.join(standing_seals(events, as_of), on="seal_id", how="semi").select("event_id", "seal_id")
    notices = known_rows(connection, EVENT_PERSONS, _PERSONS, epoch).join(ours, on="event_id")
    keys = read_keys(connection, epoch)
    numbers = _numbers(keys, ours)
    named = pl.concat([notices, _aliases(notices)], how="diagonal").join(
        numbers, on="seal_id", how="full", coalesce=True
    )
    nothing = [pl.lit(None, pl.String).alias(name) for name in FIELDS if name not in named.columns]
    rows = named.with_columns(nothing).select(pl.col("seal_id").alias("id"), *FIELDS).unique()
    return rows.filter(pl.any_horizontal(pl.col(FIELDS).is_not_null())).sort("id", *FIELDS)


def _numbers(keys: dict[str, pl.DataFrame], ours: pl.DataFrame) -> pl.DataFrame:
    """The persons' numbers of each seal, of the scheme that linkage compares."""
    empty = pl.DataFrame(schema={"event_id": pl.Int64, "value": pl.String})
    alone = keys.get("nysid", empty)
    dated = keys.get(_PER_PERSON, empty).with_columns(pl.col("value").str.split("@").list.first())
    both = pl.concat([alone.select(empty.columns), dated.select(empty.columns)])
    return both.join(ours, on="event_id").select("seal_id", nysid="value").unique()


def _aliases(notices: pl.DataFrame) -> pl.DataFrame:
    """A row for each other name: ``LAST, FIRST``, or ``FIRST LAST``, several divided by semicolons.

    A suffix stays with the last name, wherever it is.
    """
    named = notices.filter(pl.col("aliases").is_not_null())
    each = named.with_columns(pl.col("aliases").str.split(";")).explode("aliases")
    whole = pl.col("aliases").str.strip_chars().str.replace(rf"(?i),\s*{_SUFFIX}\s*,", " $1,")
    each = each.with_columns(
        aliases=whole.str.replace(rf"(?i)[\s,]+{_SUFFIX}$", ""), ending=whole.str.extract(rf"(?i)[\s,]+{_SUFFIX}$", 1)
    )
    parts = pl.col("aliases").str.split_exact(",", 1)
    comma = pl.col("aliases").str.contains(",", literal=True)
    last_word, others = pl.col("aliases").str.extract("([^ ]*)$", 1), pl.col("aliases").str.replace(" ?[^ ]*$", "")
    last = pl.when(comma).then(parts.struct.field("field_0")).otherwise(last_word).str.strip_chars()
    first = pl.when(comma).then(parts.struct.field("field_1")).otherwise(others)
    found = each.with_columns(last_name=last, other=first.str.strip_chars())
    found = found.filter(pl.col("last_name").str.len_bytes() > 0)
    given = pl.when(pl.col("other").str.len_bytes() > 0).then("other").otherwise("first_name")
    suffixed = pl.concat_str("last_name", "ending", separator=" ", ignore_nulls=True)
    return found.with_columns(first_name=given, last_name=suffixed).drop("other", "ending")
