"""From what the registry says to what it should say: the events that are to be appended, and no others."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa

from .bulk_rows import Schema, lookup_frame
from .notice_rows import Basis, EventKind
from .required_states import BESIDE
from .schema import EVENTS

__all__: list[str] = []

_EVENT_SCHEMA: Schema = {
    "seal_id": pl.String,
    "event": pl.String,
    "effective_from": pl.String,
    "event_id": pl.Int64,
    "basis": pl.String,
    "rule_version": pl.String,
}
_SEALED, _WITHHELD, _OPEN = (str(kind) for kind in (EventKind.SEALED, EventKind.WITHHELD, EventKind.OPEN))
_ENDS = {_SEALED: str(EventKind.VACATED), _WITHHELD: str(EventKind.RELEASED)}


def turned(connection: sa.Connection, wanted: pl.DataFrame, as_of: dt.date, document: str) -> pl.DataFrame:
    """Events that bring each record of a derived seal to the state that is wanted on a day.

    A record that says so already gets none, so deriving again changes nothing. One whose last word is a notice's
    or an order's is left to the custodian. What is learnt late of an earlier day is written for that day, and again for
    the last day on which the record says otherwise, whose word would stand else.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    wanted : polars.DataFrame
        ``seal_id``, ``event`` (``sealed``, ``withheld`` or ``open``), ``effective_from``, ``rule_version``, and what
        else a row holds.
    as_of : datetime.date
    document : str
        What the events rest on: it distinguishes those of one run from the same ones of another.

    Returns
    -------
    polars.DataFrame
        Rows of `wanted`, with ``source_document``, and whether it says something new of the record (``again``).
    """
    query = sa.select(*(EVENTS.c[name] for name in _EVENT_SCHEMA))
    held = lookup_frame(connection, query, EVENTS.c.seal_id, wanted["seal_id"].unique(), _EVENT_SCHEMA)
    held = held.with_columns(pl.col("effective_from").str.to_date("%Y-%m-%d"), rules=_rules())
    current = held.filter(pl.col("effective_from") <= as_of).sort("effective_from", "event_id")
    current = current.unique("seal_id", keep="last").select(
        "seal_id", was="event", since="effective_from", by="basis", was_rules="rules"
    )
    both = wanted.with_columns(rules=_rules()).join(current, on="seal_id", how="left", maintain_order="left")
    both = both.filter(pl.col("by").is_null() | (pl.col("by") == str(Basis.DERIVED)))
    ended = pl.col("was").is_in(list(_ENDS)) & (pl.col("event") == _OPEN)
    same = (pl.col("was") == pl.col("event")) | ((pl.col("event") == _OPEN) & ~pl.col("was").is_in(list(_ENDS)))
    new = ~same.fill_null(value=False)
    both = both.with_columns(
        event=pl.when(ended).then(pl.col("was").replace_strict(_ENDS, default=None)).otherwise("event"), new=new
    )
    begins = pl.col("event").is_in([_SEALED, _WITHHELD])
    late = pl.col("effective_from") < pl.col("since")
    now = both.filter("new").with_columns(effective_from=pl.max_horizontal("effective_from", "since"))
    before = both.filter(pl.col("new") & late.fill_null(value=False) & begins)
    restated = both.filter(~pl.col("new") & begins & _differs_from_recorded())
    known = held.select("seal_id", "event", "effective_from", "rules")
    said = restated.join(known, on=["seal_id", "event", "effective_from", "rules"], how="semi")["seal_id"]
    # On an earlier day it cannot become the last word; on the same one, it does.
    restated = restated.filter(~pl.col("seal_id").is_in(said.implode()) | (pl.col("effective_from") == pl.col("since")))
    parts = [part.with_columns(again=pl.lit(again)) for part, again in ((now, True), (before, True), (restated, False))]
    kept = [name for name in wanted.columns if name != "action"]
    events = pl.concat(parts).sort("row", "effective_from").select(*kept, "again")
    return events.with_columns(source_document=pl.lit(document))


def _rules() -> pl.Expr:
    """Identity and version of the rules, without those of the texts and the law as a whole."""
    return pl.col("rule_version").str.split(BESIDE).list.first().fill_null("")


def _differs_from_recorded() -> pl.Expr:
    """Whether a state that stands rests on other rules now, or begins on another day."""
    moved = (pl.col("event") == _SEALED) & (pl.col("effective_from") != pl.col("since"))
    return (pl.col("rules") != pl.col("was_rules")) | moved
