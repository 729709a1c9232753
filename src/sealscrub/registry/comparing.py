"""What notices and orders say of the actions that dispositions tell of: the same, or something else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from sealscrub.identifiers import Level, get_scheme

from .bulk import Schema, lookup_frame
from .notices import Basis
from .schema import EVENT_KEYS, EVENTS

__all__: list[str] = []

_NOTED: Schema = {
    "event_id": pl.Int64,
    "seal_id": pl.String,
    "event": pl.String,
    "regime": pl.String,
    "effective_from": pl.String,
    "scheme": pl.String,
    "value": pl.String,
}
_ENDED = ("vacated", "released")


@dataclass(frozen=True, eq=False)
class Comparison:
    """What came of it.

    Attributes
    ----------
    confirmed : int
        Actions of which a notice says the same.
    contradictions : mapping of str to str
        By id of the derived record, what a notice says against it.
    """

    confirmed: int
    contradictions: dict[str, str]

    def __repr__(self) -> str:
        return f"Comparison({self.confirmed} confirmed, {len(self.contradictions)} contradicted)"


def compare_with_notices(
    connection: sa.Connection, wanted: pl.DataFrame, keys: pl.DataFrame, as_of: dt.date
) -> Comparison:
    """Compare what is derived of some actions with what notices and orders say of them on a day.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    wanted : polars.DataFrame
        ``seal_id``, ``event``, ``regime``: one row an action.
    keys : polars.DataFrame
        ``row`` (position in `wanted`), ``scheme``, ``value``.
    as_of : datetime.date
    """
    noted = EVENTS.c.basis != str(Basis.DERIVED)
    if connection.execute(sa.select(EVENTS.c.event_id).where(noted).limit(1)).first() is None:
        return Comparison(0, {})
    narrow = _of_actions(keys)
    query = (
        sa.select(*(EVENTS.c[name] for name in list(_NOTED)[:5]), EVENT_KEYS.c.scheme, EVENT_KEYS.c.value)
        .join(EVENTS, EVENTS.c.event_id == EVENT_KEYS.c.event_id)
        .where(noted)
    )
    found = lookup_frame(connection, query, EVENT_KEYS.c.value, narrow["value"].unique(), _NOTED)
    found = found.filter(pl.col("effective_from") <= as_of.isoformat())
    last = found.sort("effective_from", "event_id").unique(["seal_id", "scheme", "value"], keep="last")
    named = wanted.with_row_index("at").select(pl.col("at").alias("row"), "seal_id", derived="event", under="regime")
    both = narrow.join(last, on=["scheme", "value"], suffix="_noted").join(named, on="row", suffix="_derived")
    said = both.select(
        "seal_id_derived",
        against=pl.when((pl.col("derived") == "open") & pl.col("event").is_in(["sealed", "withheld"]))
        .then(pl.lit("a notice seals it, and the dispositions do not"))
        .when((pl.col("derived") == "sealed") & pl.col("event").is_in(list(_ENDED)))
        .then(pl.lit("a notice ended its seal, and the dispositions seal it"))
        .when((pl.col("derived") == "sealed") & (pl.col("event") == "sealed") & (pl.col("regime") != pl.col("under")))
        .then(pl.lit("a notice seals it under another regime")),
        same=(pl.col("derived") == "sealed") & (pl.col("event") == "sealed"),
    )
    against = dict(
        said.filter(pl.col("against").is_not_null()).select("seal_id_derived", "against").sort("seal_id_derived").rows()
    )
    confirmed = said.filter("same")["seal_id_derived"].unique()
    return Comparison(len([seal for seal in confirmed if seal not in against]), against)


def _of_actions(keys: pl.DataFrame) -> pl.DataFrame:
    """Keys that name an action; of what has none, those that name its arrest."""
    levels = {name: str(get_scheme(name).level) for name in keys["scheme"].unique()}
    levelled = keys.filter("published").with_columns(
        level=pl.col("scheme").replace_strict(levels, return_dtype=pl.String, default=None)
    )
    action = pl.col("level") == str(Level.ACTION)
    return levelled.filter(action | ~action.any().over("row")).select("row", "scheme", "value")
