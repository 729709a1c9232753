"""One regime against one action: where three values are put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from .conditions import Facts
from .reasons import Reason
from .residual_rules import Bearing, Residual, residuals
from .rules import Jurisdiction, RegimeRules, Rule, Unit
from .three_values import Truth, all_of
from .weighed_rules import NO_FINDING, NOTHING, Day, Finding, found_of, together

__all__ = [
    "Charge",
    "allowed_truth",
    "charge_words",
    "edges_of",
    "no_such_ending",
    "weigh_charge",
    "weigh_regime",
    "weigh_rules_of_charge",
]


class Charge(NamedTuple):
    """A charge on a day: its number, its facts, and what of the law bears on it."""

    number: str
    facts: Facts
    bearing: Bearing


def weigh_charge(regimes: Sequence[RegimeRules], place: Jurisdiction, facts: Facts, on: dt.date) -> Finding:
    """Weigh the rules of some regimes, and the place's doubts, on one charge's facts."""
    rules = (*(rule for group in regimes for rule in group.rules), *place.doubts)
    return _any_rule(residuals(rules, facts["ending"]), facts, Day.new(on), "", explain=False)


def weigh_regime(
    group: RegimeRules,
    charges: Sequence[Charge],
    day: Day,
    *,
    companions: Sequence[Charge] = (),
    explain: bool = False,
) -> Finding:
    """Weigh a regime on an action's charges, on a day; on those of the whole arrest, if that is its unit."""
    if group.unit is Unit.ARREST:
        charges = [*charges, *companions]
    if explain and not any(group.regime in charge.bearing.reached for charge in charges):
        return _unreached_regime(
            group.regime, group.unit, tuple([(one.number, one.facts["ending"]) for one in charges])
        )
    each = [
        _any_rule(charge.bearing.all_rules[group.regime], charge.facts, day, charge.number, explain=explain)
        for charge in charges
    ]
    if each and all(map(_idle, each)):
        found = NO_FINDING
    else:
        found = (
            _one_charge(group, charges, each, day)
            if group.unit is Unit.ONE_CHARGE
            else _combine_findings(all_of(one.truth for one in each), each)
        )
    if found is NO_FINDING and not explain:
        return found
    blocked = max((charge.bearing.blocked[group.regime].truth(charge.facts) for charge in charges), default=Truth.NO)
    if blocked is not Truth.NO:
        truth = min(found.truth, Truth.NO if blocked is Truth.YES else Truth.UNKNOWN)
        missing = found.missing
        if truth is Truth.UNKNOWN:
            missing = missing.union(*(charge.bearing.blocked[group.regime].missing(charge.facts) for charge in charges))
        found = found._replace(truth=truth, legal_from=None, missing=missing)
    if explain:
        parts = tuple(one.reason for one in each if one.reason is not None)
        if blocked is not Truth.NO:
            parts += tuple(Reason("not", "blocked where", ~blocked, (group.blocked.reason(c.facts),)) for c in charges)
        found = found._replace(reason=Reason("regime", f"{group.regime}: {group.unit}", found.truth, parts))
    return found


def edges_of(group: RegimeRules, charges: Sequence[Charge], day: Day) -> list[dt.date]:
    """Days before the first of which a regime comes to what it came to when it was last weighed."""
    one_of_all = group.unit is Unit.ONE_CHARGE
    return [
        edge
        for _, facts, bearing in charges
        for asked in (*bearing.all_rules[group.regime], *(_rules_of_rest(group, bearing) if one_of_all else ()))
        for edge in day.edges(asked.rule, facts)
    ]


def _rules_of_rest(group: RegimeRules, bearing: Bearing) -> list[Residual]:
    """Rules that a charge may meet instead of those of a regime that asks for one charge."""
    return [*(rule for name in group.others for rule in bearing.rules[name]), *bearing.doubts]


def _idle(one: Finding) -> bool:
    """Whether it is not met, and will not be on its own."""
    return one is NO_FINDING or (
        one.truth is Truth.NO and not one.thresholds and not one.undated and one.eligible_from is None
    )


def _any_rule(rules: Sequence[Residual], facts: Facts, day: Day, charge: str, *, explain: bool) -> Finding:
    if not rules:
        return _no_rule_finding(charge, facts["ending"]) if explain else NO_FINDING
    found = found_of(rules, facts, day, explain=explain)
    if not explain:
        found = [one for one in found if one is not NO_FINDING]
        if len(found) < 2:
            return found[0] if found else NO_FINDING
    truth = max((one.truth for one in found), default=Truth.NO)
    best = [one for one in found if one.truth is truth and truth is not Truth.NO]
    days = [one.legal_from for one in best if one.legal_from is not None]
    eligible = [one.eligible_from for one in found if one.eligible_from is not None]
    reason = None
    if explain:
        shown = [one.reason for one in found if one.reason is not None]
        reason = Reason(
            "charge",
            charge_words(charge),
            truth,
            tuple(shown or [no_such_ending(facts["ending"])]),
        )
    return Finding(
        truth,
        legal_from=min(days, default=None),
        eligible_from=min(eligible, default=None),
        rules=tuple(pair for one in best for pair in one.rules),
        missing=together([one.missing for one in best]),
        thresholds=together([one.thresholds for one in found]),
        undated=together([one.undated for one in found]),
        reason=reason,
    )


@lru_cache(maxsize=4096)
def _no_rule_finding(charge: str, ending: object) -> Finding:
    """A charge that no rule of a regime reaches, as most charges are under most regimes."""
    return Finding(Truth.NO, reason=Reason("charge", charge_words(charge), Truth.NO, (no_such_ending(ending),)))


@lru_cache(maxsize=65_536)
def _unreached_regime(regime: str, unit: Unit, charges: tuple[tuple[str, object], ...]) -> Finding:
    """A regime that reaches none of some charges, as most regimes do of most actions."""
    parts = tuple(
        reason for charge, ending in charges if (reason := _no_rule_finding(charge, ending).reason) is not None
    )
    return NO_FINDING._replace(reason=Reason("regime", f"{regime}: {unit}", Truth.NO, parts).shared())


def charge_words(number: str) -> str:
    """Name a charge."""
    return f"charge {number}" if number else "the whole instrument"


def no_such_ending(ending: object) -> Reason:
    """Say that no rule of a regime is about what has ended so and is recorded so."""
    said = f"it is recorded as {ending}, and what is recorded meets no rule of the regime"
    return Reason("fact", said, Truth.NO, fact="ending")


def weigh_rules_of_charge(group: RegimeRules, charge: Charge, day: Day) -> Finding:
    """Weigh the rules of a regime on one charge, and say why."""
    return _any_rule(charge.bearing.all_rules[group.regime], charge.facts, day, charge.number, explain=True)


def allowed_truth(group: RegimeRules, charge: Charge, day: Day) -> Truth:
    """Whether a charge has ended as a regime that asks for one charge allows of the others."""
    return _allowed(group, charge, day).truth


def _one_charge(group: RegimeRules, charges: Sequence[Charge], each: Sequence[Finding], day: Day) -> Finding:
    """One charge meets the regime, and every other has ended as it allows."""
    allowed = [_allowed(group, charge, day) for charge in charges]
    met = max(one.truth for one in each)
    truth = min(met, all_of(max(own.truth, other.truth) for own, other in zip(each, allowed, strict=True)))
    chosen = [own if own.truth >= other.truth else other for own, other in zip(each, allowed, strict=True)]
    taken = {id(one) for one in chosen}
    return _combine_findings(truth, [*chosen, *(one for one in each if one.truth is met and id(one) not in taken)])


def _allowed(group: RegimeRules, charge: Charge, day: Day) -> Finding:
    _, facts, bearing = charge
    found = found_of(_rules_of_rest(group, bearing), facts, day, explain=False)
    thresholds = together([one.thresholds for one in found])
    rest = bearing.rest[group.regime].truth(facts)
    truth = max([rest, *(one.truth for one in found)])
    if rest is truth:
        missing = bearing.rest[group.regime].missing(facts) if truth is Truth.UNKNOWN else NOTHING
        ended = facts.get("ended_on") if truth is Truth.YES else None
        since = ended if isinstance(ended, dt.date) else None
        return Finding(truth, legal_from=since, missing=missing, thresholds=thresholds)
    return next(one for one in found if one.truth is truth)._replace(thresholds=thresholds, rules=())


def _distinct_rules(pairs: Iterable[tuple[Rule, dt.date]]) -> tuple[tuple[Rule, dt.date], ...]:
    return tuple({(id(rule), day): (rule, day) for rule, day in pairs}.values())


def _combine_findings(truth: Truth, each: Sequence[Finding]) -> Finding:
    days = [one.legal_from for one in each if one.legal_from is not None]
    eligible = [one.eligible_from for one in each if one.eligible_from is not None]
    unsettled = [one for one in each if one.truth is Truth.UNKNOWN]
    return Finding(
        truth,
        legal_from=max(days, default=None) if truth is Truth.YES else None,
        eligible_from=max(eligible, default=None),
        rules=_distinct_rules(pair for one in each for pair in one.rules) if truth is not Truth.NO else (),
        missing=together([one.missing for one in unsettled]) if truth is Truth.UNKNOWN else NOTHING,
        thresholds=together([one.thresholds for one in each]),
        undated=together([one.undated for one in each]),
    )
