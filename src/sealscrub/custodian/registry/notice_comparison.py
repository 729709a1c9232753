"""What notices and orders say about the actions that dispositions say about: the same, or something else.

The same words count whichever comes first: dispositions after notices, notices after dispositions, or both later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import polars as pl
import sqlalchemy as sa

from sealscrub.custodian.law import JURISDICTIONS, jurisdiction
from sealscrub.identifiers import Level, get_scheme

from .bulk_rows import Schema, lookup_frame
from .notice_rows import Basis
from .required_states import BESIDE
from .schema import EVENT_KEYS, EVENTS

__all__ = ["Contradiction"]

#: The line of a file on which an action begins, and what a notice and the dispositions say about it.
Contradiction = tuple[int, str]

STATED: Schema = {
    "event_id": pl.Int64,
    "seal_id": pl.String,
    "event": pl.String,
    "regime": pl.String,
    "effective_from": pl.String,
    "rule_version": pl.String,
}
_KEY_SCHEMA: Schema = {"seal_id": pl.String, "scheme": pl.String, "value": pl.String}
_OPEN = ("open", "vacated", "released")
_LAPSING_EVENTS = ("vacated", "released")
_FEW_ROWS = 100_000
_DERIVED = str(Basis.DERIVED)


@dataclass(frozen=True, eq=False)
class Comparison:
    """What came of it.

    Attributes
    ----------
    confirmed : int
        Actions of which a notice says the same.
    contradictions : tuple of (int, str)
        By the line on which the action begins.
    held_back : polars.Series of String
        Ids of records that are not written, since they would take back what a notice says about a whole arrest.
    """

    confirmed: int
    contradictions: tuple[Contradiction, ...]
    held_back: pl.Series

    def __repr__(self) -> str:
        return f"Comparison({self.confirmed} confirmed, {len(self.contradictions)} contradicted)"


def met(
    derived: pl.DataFrame, derived_keys: pl.DataFrame, noted: pl.DataFrame, noted_keys: pl.DataFrame
) -> pl.DataFrame:
    """Pairs of what dispositions and what a notice or an order say about one action, and ``what`` is between them.

    Parameters
    ----------
    derived, noted : polars.DataFrame
        One row a seal: ``seal_id``, ``event``, ``regime``, ``effective_from``; of `derived` also ``rule_version``.
    derived_keys, noted_keys : polars.DataFrame
        ``seal_id``, ``scheme``, ``value``: published keys.

    Returns
    -------
    polars.DataFrame
        Columns of `derived`, those of `noted` with the suffix ``_noted``, ``whole`` (a notice of an arrest that names
        no action of it) and ``what``: null if they meet.
    """
    ours, theirs = _levelled(derived_keys), _levelled(noted_keys)
    narrow = ours.filter(pl.col("of_action") | ~pl.col("named"))
    of_arrest = ours.filter(~pl.col("of_action") & pl.col("named"))
    own = derived.select("seal_id").join(noted.select("seal_id"), on="seal_id")
    joined = [
        own.with_columns(seal_id_noted="seal_id", whole=pl.lit(value=False)),
        _seal_pairs(narrow, theirs, whole=False),
        _seal_pairs(of_arrest, theirs.filter(~pl.col("named")), whole=True),
    ]
    pairs = pl.concat(joined).unique(["seal_id", "seal_id_noted"], keep="first", maintain_order=True)
    said = noted.select(pl.all().name.suffix("_noted"))
    both = pairs.join(_with_play(derived), on="seal_id").join(said, on="seal_id_noted")
    return both.with_columns(what=_difference_text()).drop("in_play")


def _levelled(keys: pl.DataFrame) -> pl.DataFrame:
    levels = {name: str(get_scheme(name).level) for name in keys["scheme"].unique()}
    level = pl.col("scheme").cast(pl.String).replace_strict(levels, return_dtype=pl.String, default=None)
    levelled = keys.with_columns(of_action=level == str(Level.ACTION))
    return levelled.with_columns(named=pl.col("of_action").any().over("seal_id"))


def _seal_pairs(ours: pl.DataFrame, theirs: pl.DataFrame, *, whole: bool) -> pl.DataFrame:
    pairs = ours.join(theirs, on=["scheme", "value"], suffix="_noted")
    return pairs.select("seal_id", "seal_id_noted", whole=pl.lit(value=whole))


def _difference_text() -> pl.Expr:
    event, noted = pl.col("event"), pl.col("event_noted")
    sealed = event == "sealed"
    both = sealed & (noted == "sealed")
    return (
        pl.when(event.is_in(_OPEN) & (noted == "sealed") & pl.col("whole"))
        .then(pl.lit("a notice seals its arrest, and the dispositions do not seal it"))
        .when(event.is_in(_OPEN) & (noted == "sealed"))
        .then(pl.lit("a notice seals it, and the dispositions do not"))
        .when(event.is_in(_OPEN) & (noted == "withheld") & ~pl.col("whole"))
        .then(pl.lit("a notice withholds it, and the dispositions do not"))
        .when(_excluded() & (noted == "sealed") & pl.col("whole"))
        .then(pl.lit("a notice seals its arrest under a regime that the dispositions exclude"))
        .when(_excluded() & (noted == "sealed"))
        .then(pl.lit("a notice seals it under a regime that the dispositions exclude"))
        .when(sealed & noted.is_in(_LAPSING_EVENTS))
        .then(pl.lit("a notice ended its seal, and the dispositions seal it"))
        .when(sealed & (noted == "open") & ~pl.col("whole"))
        .then(pl.lit("a notice leaves it open, and the dispositions seal it"))
        .when(both & (pl.col("regime") != pl.col("regime_noted")))
        .then(pl.lit("a notice seals it under another regime"))
        .when(both & (pl.col("effective_from") != pl.col("effective_from_noted")) & ~pl.col("whole"))
        .then(pl.lit("a notice seals it from another day"))
    )


def _with_play(derived: pl.DataFrame) -> pl.DataFrame:
    """Next to each record, the regimes that its rules leave open; null if any may be."""
    versions = derived["rule_version"].unique().to_list()
    told = pl.DataFrame(
        {"rule_version": versions, "in_play": [regimes_in_play(version) for version in versions]},
        schema={"rule_version": pl.String, "in_play": pl.List(pl.String)},
    )
    return derived.join(told, on="rule_version", how="left", nulls_equal=True, maintain_order="left")


def regimes_in_play(rule_version: str | None) -> list[str] | None:
    """The regimes of some rules: what is withheld by a doubt of the law, or until a day, excludes none."""
    regimes = _regimes_of_rules()
    found = [regimes.get(rule) for rule in (rule_version or "").partition(BESIDE)[0].split()]
    if not found or any(each is None for each in found):
        return None
    return sorted(frozenset[str]().union(*(each for each in found if each is not None)))


@cache
def _regimes_of_rules() -> dict[str, frozenset[str]]:
    """By ``RULE@VERSION``, the names under which it seals; notices write a statute's, or a paragraph's own."""
    return {
        f"{rule.id}@{rule.version}": frozenset({group.regime, rule.regime or group.regime, rule.id.rpartition("/")[0]})
        for name in JURISDICTIONS
        for group in jurisdiction(name).regimes
        for rule in group.rules
    }


def _excluded() -> pl.Expr:
    """Whether dispositions leave open only other regimes than the one that a notice names, as after a guilty plea."""
    others = ~pl.col("in_play").list.contains(pl.col("regime_noted"))
    return (pl.col("event") == "withheld") & others.fill_null(value=False)


def confirming() -> pl.Expr:
    """Whether a pair says the same: sealed, under one regime and from one day."""
    return (pl.col("event") == "sealed") & (pl.col("event_noted") == "sealed") & pl.col("what").is_null()


def last_of(events: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """The last of each seal's events that has taken effect by a day."""
    effective = events.filter(pl.col("effective_from") <= as_of.isoformat())
    return effective.sort("effective_from", "event_id").unique("seal_id", keep="last", maintain_order=True)


def compare_derived(
    connection: sa.Connection, states: pl.DataFrame, keys_of_states: Callable[[], pl.DataFrame], as_of: dt.date
) -> Comparison:
    """Compare what is derived of some actions with what notices and orders say about them on a day.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    states : polars.DataFrame
        ``row`` (the line), ``seal_id``, ``event``, ``regime``, ``effective_from``, ``rule_version``: one row an action.
    keys_of_states : callable
        Asked if there are notices: ``row`` (position in `states`), ``scheme``, ``value``, ``published``.
    as_of : datetime.date
    """
    nothing = pl.Series("seal_id", [], dtype=pl.String)
    noted = EVENTS.c.basis != _DERIVED
    if connection.execute(sa.select(EVENTS.c.event_id).where(noted).limit(1)).first() is None:
        return Comparison(0, (), nothing)
    keys = keys_of_states()
    named_columns = ("row", "seal_id", "event", "regime", "rule_version")
    derived = states.select(*named_columns, pl.col("effective_from").cast(pl.String))
    ours = keys.filter("published").join(
        derived.select("seal_id").with_row_index("at").select("seal_id", row=pl.col("at").cast(keys["row"].dtype)),
        on="row",
    )
    seals = pl.concat([_with_value(connection, noted, ours["value"]), derived["seal_id"]]).unique()
    theirs = last_of(_events(connection, noted, seals), as_of)
    held = _keys(connection, theirs["seal_id"])
    pairs = met(derived, ours.select(list(_KEY_SCHEMA)), theirs, held)
    against = pairs.filter(pl.col("what").is_not_null())
    named = _levelled(ours.select(list(_KEY_SCHEMA))).filter("named")["seal_id"].unique()
    weakening = against.filter(
        (pl.col("event") == "open") & (pl.col("whole") | ~pl.col("seal_id").is_in(named.implode()))
    )
    agreed = pairs.filter(confirming()).join(against, on="seal_id", how="anti")["seal_id"].n_unique()
    said = against.select("row", "what").unique().sort("row", "what")
    return Comparison(agreed, tuple(said.iter_rows()), weakening["seal_id"].unique())


def compare_noted(connection: sa.Connection, events: pl.DataFrame, keys: pl.DataFrame, as_of: dt.date) -> Comparison:
    """Compare some notices that have just been registered with what is derived of their actions, on a day.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    events : polars.DataFrame
        ``row``, ``line``, ``seal_id``: once for each seal that a notice is about.
    keys : polars.DataFrame
        ``row``, ``scheme``, ``value``, ``published``.
    as_of : datetime.date
    """
    nothing = pl.Series("seal_id", [], dtype=pl.String)
    is_derived = EVENTS.c.basis == _DERIVED
    many = len(events) > _FEW_ROWS
    if many and connection.execute(sa.select(EVENTS.c.event_id).where(is_derived).limit(1)).first() is None:
        return Comparison(0, (), nothing)
    values = keys.filter("published").join(events.select("row").unique(), on="row", how="semi")["value"]
    fresh = events["seal_id"].unique()
    of_values = _with_value(connection, is_derived, values)
    derived = last_of(_events(connection, is_derived, pl.concat([of_values, fresh]).unique()), as_of)
    if derived.is_empty():
        return Comparison(0, (), nothing)
    noted = last_of(_events(connection, EVENTS.c.basis != _DERIVED, fresh), as_of)
    pairs = met(derived, _keys(connection, derived["seal_id"]), noted, _keys(connection, noted["seal_id"]))
    lines = events.select("line", seal_id_noted="seal_id").unique()
    said = pairs.join(lines, on="seal_id_noted")
    against = said.filter(pl.col("what").is_not_null()).select("line", "what").unique().sort("line", "what")
    agreed = said.filter(confirming()).join(against, on="line", how="anti")["seal_id"].n_unique()
    return Comparison(agreed, tuple(against.iter_rows()), nothing)


def _with_value(connection: sa.Connection, basis: sa.ColumnElement[bool], values: pl.Series) -> pl.Series:
    """Seals of which an event of some basis carries one of some keys."""
    query = (
        sa.select(EVENTS.c.seal_id).distinct().join(EVENT_KEYS, EVENT_KEYS.c.event_id == EVENTS.c.event_id).where(basis)
    )
    return lookup_frame(connection, query, EVENT_KEYS.c.value, values.unique(), {"seal_id": pl.String})["seal_id"]


def _events(connection: sa.Connection, basis: sa.ColumnElement[bool], seals: pl.Series) -> pl.DataFrame:
    query = sa.select(*(EVENTS.c[name] for name in STATED)).where(basis)
    return lookup_frame(connection, query, EVENTS.c.seal_id, seals, STATED)


def _keys(connection: sa.Connection, seals: pl.Series) -> pl.DataFrame:
    """The published keys of some seals."""
    query = sa.select(EVENTS.c.seal_id, EVENT_KEYS.c.scheme, EVENT_KEYS.c.value).join(
        EVENT_KEYS, EVENT_KEYS.c.event_id == EVENTS.c.event_id
    )
    held = lookup_frame(connection, query, EVENTS.c.seal_id, seals, _KEY_SCHEMA).unique()
    names = [name for name in held["scheme"].unique() if get_scheme(name).published]
    return held.filter(pl.col("scheme").is_in(names))
