"""Which regimes an index may call reviewed: those whose rules were, as they are, and by which its seals were made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import polars as pl
import sqlalchemy as sa

from sealscrub.custodian.law import JURISDICTIONS, jurisdiction
from sealscrub.errors import ConfigError, Spelled
from sealscrub.index.rule_reviews import RegimeReview, RegimeReviews

from .bulk_rows import Schema
from .notice_comparison import regimes_in_play
from .notice_rows import Basis
from .publication_request import Publication
from .required_states import BESIDE
from .schema import EVENTS
from .seal_state import known_rows

__all__: list[str] = []

_DERIVED: Schema = {"event_id": pl.Int64, "rule_version": pl.Categorical()}


def read_rule_versions(connection: sa.Connection, epoch: int) -> pl.DataFrame:
    """``event_id`` and ``rule_version`` of the derived events that were known at an epoch."""
    return known_rows(connection, EVENTS, _DERIVED, epoch, EVENTS.c.basis == str(Basis.DERIVED))


def published_reviews(publication: Publication, places: Iterable[str], rule_versions: Iterable[str]) -> RegimeReviews:
    """Reviews of the regimes that bar a use of a publication, whichever seals there are.

    Parameters
    ----------
    publication : Publication
        It says which rules were reviewed, and when.
    places : iterable of str
        The jurisdictions of the seals; those without rules are left out.
    rule_versions : iterable of str
        Of the derived seals. If one is of another rule set than this release's, its regimes count as not reviewed.
    """
    days = publication.reviewed or {}
    _refuse_unknown(days)
    names = sorted(set(places) & set(JURISDICTIONS))
    outdated = _outdated(rule_versions, names)
    found: dict[str, dict[str, RegimeReview | None]] = {name: {} for name in names}
    for name in names:
        for regime, rules in _regimes(name):
            if publication.is_barred_by(regime):
                stands = rules <= set(days) and regime not in outdated
                newest = max(days[rule] for rule in rules) if stands else None
                found[name][regime] = RegimeReview(form=_form(regime), on=newest) if newest else None
    return {name: held for name, held in found.items() if held}


def still_reviewed(reviews: RegimeReviews) -> dict[str, dt.date] | None:
    """Days of the reviews that an index names, by rule: of the regimes that have not changed since."""
    if not reviews:
        return None
    return {
        rule: review.on
        for name in set(reviews) & set(JURISDICTIONS)
        for regime, rules in _regimes(name)
        if (review := reviews[name].get(regime)) is not None and review.form == _form(regime)
        for rule in rules
    }


def _form(regime: str) -> str:
    from sealscrub.custodian.law.desk import regime_form  # and with it the reports

    return regime_form(regime)


def _regimes(place: str) -> Iterator[tuple[str, set[str]]]:
    """The regimes of a place that have rules, and these as ``RULE@VERSION``."""
    for group in jurisdiction(place).regimes:
        if group.rules:
            yield group.regime, {f"{rule.id}@{rule.version}" for rule in group.rules}


def _outdated(rule_versions: Iterable[str], places: list[str]) -> set[str]:
    """Regimes by which a seal was derived under another rule set; all of the places where that is unknown."""
    current = {jurisdiction(name).version for name in places}
    every = {regime for name in places for regime, _ in _regimes(name)}
    found: set[str] = set()
    for told in rule_versions:
        if [*told.split(BESIDE), ""][1] not in current:
            in_play = regimes_in_play(told)
            found |= every if in_play is None else set(in_play)
    return found


def _refuse_unknown(reviewed: Mapping[str, dt.date]) -> None:
    known = {rule for name in JURISDICTIONS for _, rules in _regimes(name) for rule in rules}
    known |= {f"{rule.id}@{rule.version}" for name in JURISDICTIONS for rule in jurisdiction(name).doubts}
    if set(reviewed) - known:
        raise ConfigError(
            "unknown rules among those reviewed",
            where="reviewed",
            hint=Spelled(
                "RULE@VERSION, as jurisdiction(name).rules() lists them.",
                "RULE@VERSION, as sealscrub law rules lists them.",
            ),
        )
