"""What the registry should say about each action: sealed, withheld or open, under which regime, by which rules."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from hashlib import blake2b
from itertools import product

import polars as pl

from sealscrub.custodian.law import Answer, ChargeRows, Decision, Decisions, Jurisdiction, bars, uses_of
from sealscrub.identifiers import canonicalise

from .notice_rows import Basis, EventKind

__all__: list[str] = []

#: Parts the rules of a decision from the versions of everything else that made it.
BESIDE = "; "


def wanted_states(charges: ChargeRows, decisions: Decisions, as_of: dt.date, place: Jurisdiction) -> pl.DataFrame:
    """One row an action, in their order: ``action``, the fields of a notice, and nothing that identifies it but ids.

    What is sealed is so from the day on which the law seals it. What is withheld or open is so from the last day on
    which something happened to it, as far as the file shows.
    """
    happened = charges.rows.filter(pl.col("event_date") <= as_of).group_by("action").agg(pl.col("event_date").max())
    shapes = pl.DataFrame(
        [_of_shape(at, shape, as_of, place.version) for at, shape in enumerate(decisions.shapes)],
        schema={"shape": pl.Int64, "event": pl.String, "regime": pl.String, "rule_version": pl.String},
        orient="row",
    )
    states = decisions.actions.join(shapes, on="shape", maintain_order="left").join(
        happened, on="action", how="left", maintain_order="left"
    )
    begun = [pl.when(pl.col(name) <= as_of).then(pl.col(name)) for name in ("event_date", "arrest_date", "crime_date")]
    since = (
        pl.when(pl.col("event") == str(EventKind.SEALED))
        .then("legal_from")
        .otherwise(pl.coalesce(*begun, pl.lit(as_of)))
    )
    return states.select(
        "action",
        "event",
        "regime",
        "rule_version",
        seal_id=_ids(states, place),
        effective_from=since,
        basis=pl.lit(str(Basis.DERIVED)),
    )


def _of_shape(at: int, decision: Decision, on: dt.date, rules: str) -> tuple[int, str, str | None, str]:
    event = EventKind.SEALED if decision.answer is Answer.SEALED else EventKind.OPEN
    event = EventKind.WITHHELD if decision.withheld else event
    named = " ".join(f"{rule}@{version}" for rule, version in decision.rules)
    regime = strictest(decision.regimes, on) if event is not EventKind.OPEN else None
    return at, str(event), regime, f"{named}{BESIDE}{rules}{BESIDE}{decision.map_version}"


@lru_cache(maxsize=256)
def strictest(regimes: tuple[str, ...], on: dt.date) -> str | None:
    """The regime that bars whatever any of some bars; none if no single one does.

    A record without a regime bars every use but aggregate reports, as one of an unknown regime does.
    """
    barred = {
        name: {(use, who) for use, who in product(*uses_of(name)) if bars(name, use=use, audience=who, on=on)}
        for name in regimes
    }
    everything = set[tuple[str, str]]().union(*barred.values())
    return next((name for name, held in barred.items() if held == everything), None)


def _ids(states: pl.DataFrame, place: Jurisdiction) -> pl.Series:
    """Ids of the records: the same for one docket, or else one arrest, and one defendant, in whatever spelling."""
    numbers = []
    for name in ("docket", "indictment", "arrest_number", "tracking_number"):
        read = canonicalise(states[name], place.schemes.get(name, f"opaque:{place.name}"))
        numbers.append(states.select(pl.coalesce(pl.Series(name, read.values), pl.col(name)).alias(name)).to_series())
    named = pl.DataFrame([*numbers, states["arrest_date"].cast(pl.String), states["defendant_id"]])
    instrument = pl.coalesce("docket", "indictment")
    arrest = pl.coalesce("arrest_number", "tracking_number", "arrest_date").fill_null("")
    parts = [
        instrument.fill_null(""),
        pl.when(instrument.is_null()).then(arrest).otherwise(pl.lit("")),
        pl.col("defendant_id").fill_null(""),
    ]
    said = named.select(pl.concat_str(*parts, separator="\x1f")).to_series()
    return pl.Series(
        [f"derived:{blake2b(text.encode(), digest_size=12).hexdigest()}" for text in said], dtype=pl.String
    )
