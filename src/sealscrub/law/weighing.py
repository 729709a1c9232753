"""One rule against one charge, one regime against one action: where three values are put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from .conditions import Facts
from .narrowing import Bearing, Residual, residuals
from .reasons import Reason
from .rules import Jurisdiction, RegimeRules, Rule, Unit
from .truth import Truth, all_of

__all__ = ["Charge", "Finding", "weigh_charge", "weigh_regime"]
#: What rules have come to on one day: a rule may be asked by several regimes, of the same charge.
Found = dict[tuple[int, int], "Finding"]


class Charge(NamedTuple):
    """A charge on a day: its number, its facts, and what of the law bears on it."""

    number: str
    facts: Facts
    bearing: Bearing


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule or a regime comes to.

    Attributes
    ----------
    truth : Truth
    legal_from, eligible_from : datetime.date or None
    rules : tuple of (Rule, datetime.date)
        Those that it rests on, and the day that they govern.
    missing : frozenset of str
    thresholds : frozenset of datetime.date
        Days on which it may change by itself.
    """

    truth: Truth
    legal_from: dt.date | None = None
    eligible_from: dt.date | None = None
    rules: tuple[tuple[Rule, dt.date], ...] = ()
    missing: frozenset[str] = frozenset()
    thresholds: frozenset[dt.date] = frozenset()
    reason: Reason | None = None


_NOTHING = Finding(Truth.NO)


def weigh_rule(asked: Residual, facts: Facts, on: dt.date, *, explain: bool = False) -> Finding:
    """Weigh what is left of a rule on a charge's facts, on a day."""
    rule = asked.rule
    governed = on if rule.governed_by == "as_of" else facts.get(rule.governed_by, on)
    day = governed if isinstance(governed, dt.date) else on
    when = asked.when.truth(facts)
    begins = rule.in_force_from
    coming = frozenset[dt.date]({begins} if rule.governed_by == "as_of" and begins and begins > on and when else ())
    if when is Truth.NO or not rule.in_force(day):
        reason = _rule_reason(asked, facts, Truth.NO, day) if explain else None
        return Finding(Truth.NO, thresholds=coming, reason=reason) if coming or explain else _NOTHING
    doubt = asked.doubt.truth(facts)
    parts = [when, rule.answer, Truth.YES if doubt is Truth.NO else Truth.UNKNOWN]
    start = next((found for name in rule.starts if (found := facts.get(name)) is not None), None)
    from_days = [found for found in (start, begins) if isinstance(found, dt.date)]
    legal_from, eligible, thresholds = max(from_days, default=None), None, coming
    missing = asked.when.missing(facts) if when is Truth.UNKNOWN else frozenset[str]()
    missing |= asked.doubt.missing(facts) if doubt is Truth.UNKNOWN else frozenset()
    clock = asked.clock
    if clock is not None and clock.unless.truth(facts) is not Truth.YES:
        span = clock.span(facts)
        if span is None:
            parts.append(Truth.UNKNOWN)
            missing |= frozenset(clock.start[:1])
        else:
            ended = clock.ended(span, facts, on)
            parts.append(ended)
            thresholds |= {later for later in span.thresholds() if later > on}
            if clock.seals_from == "end":
                legal_from = max([span.thresholds()[1], *([begins] if begins else [])])
            eligible = legal_from if when is Truth.YES or rule.answer is Truth.UNKNOWN else None
            if ended is Truth.UNKNOWN and span.earliest != span.latest:
                missing |= clock.missing(facts)
    truth = all_of(parts)
    return Finding(
        truth,
        legal_from=legal_from if truth is Truth.YES else None,
        eligible_from=eligible if rule.answer is not Truth.YES else None,
        rules=((rule, day),) if truth is not Truth.NO else (),
        missing=missing if truth is Truth.UNKNOWN else frozenset(),
        thresholds=thresholds,
        reason=_rule_reason(asked, facts, truth, day, on) if explain else None,
    )


def weigh_charge(regimes: Sequence[RegimeRules], place: Jurisdiction, facts: Facts, on: dt.date) -> Finding:
    """Weigh the rules of some regimes, and the place's doubts, on one charge's facts."""
    rules = (*(rule for group in regimes for rule in group.rules), *place.doubts)
    return _any_rule(residuals(rules, facts["ending"]), facts, on, "", {}, explain=False)


def weigh_regime(
    group: RegimeRules,
    charges: Sequence[Charge],
    on: dt.date,
    *,
    companions: Sequence[Charge] = (),
    found_before: Found | None = None,
    explain: bool = False,
) -> Finding:
    """Weigh a regime on an action's charges, on a day; on those of the whole arrest, where that is its unit."""
    known = {} if found_before is None else found_before
    if group.unit is Unit.ARREST:
        charges = [*charges, *companions]
    each = [
        _any_rule(_rules(group, charge.bearing), charge.facts, on, charge.number, known, explain=explain)
        for charge in charges
    ]
    if each and all(map(_idle, each)):
        found = _NOTHING
    else:
        found = _one(group, charges, each, on, known) if group.unit is Unit.ONE_CHARGE else _every(each)
    if found is _NOTHING and not explain:
        return found
    blocked = max((charge.bearing.blocked[group.regime].truth(charge.facts) for charge in charges), default=Truth.NO)
    if blocked is not Truth.NO:
        truth = min(found.truth, Truth.NO if blocked is Truth.YES else Truth.UNKNOWN)
        missing = found.missing
        if truth is Truth.UNKNOWN:
            missing = missing.union(*(charge.bearing.blocked[group.regime].missing(charge.facts) for charge in charges))
        found = replace(found, truth=truth, legal_from=None, missing=missing)
    if explain:
        parts = tuple(one.reason for one in each if one.reason is not None)
        if blocked is not Truth.NO:
            parts += tuple(Reason("not", "blocked where", ~blocked, (group.blocked.reason(c.facts),)) for c in charges)
        found = replace(found, reason=Reason("regime", f"{group.regime}: {group.unit}", found.truth, parts))
    return found


def _rules(group: RegimeRules, bearing: Bearing) -> tuple[Residual, ...]:
    """What a charge may meet under a regime."""
    rules = bearing.rules[group.regime]
    return (*rules, *bearing.doubts) if group.doubtful else rules


def _idle(one: Finding) -> bool:
    """Whether it is not met, and will not be by itself."""
    return one is _NOTHING or (one.truth is Truth.NO and not one.thresholds and one.eligible_from is None)


def _weighed(rules: Sequence[Residual], facts: Facts, on: dt.date, known: Found, *, explain: bool) -> list[Finding]:
    of = id(facts)
    found = []
    for asked in rules:
        at = id(asked.rule), of
        finding = known.get(at)
        if finding is None:
            finding = known[at] = weigh_rule(asked, facts, on, explain=explain)
        found.append(finding)
    return found


def _any_rule(
    rules: Sequence[Residual], facts: Facts, on: dt.date, charge: str, known: Found, *, explain: bool
) -> Finding:
    if not rules and not explain:
        return _NOTHING
    found = _weighed(rules, facts, on, known, explain=explain)
    if not explain:
        found = [one for one in found if one is not _NOTHING]
        if len(found) < 2:
            return found[0] if found else _NOTHING
    truth = max((one.truth for one in found), default=Truth.NO)
    best = [one for one in found if one.truth is truth and truth is not Truth.NO]
    days = [one.legal_from for one in best if one.legal_from is not None]
    eligible = [one.eligible_from for one in found if one.eligible_from is not None]
    reason = None
    if explain:
        shown = [
            one.reason for one in found if one.reason is not None and (one.truth is not Truth.NO or one.thresholds)
        ]
        reason = Reason(
            "charge", f"charge {charge}" if charge else "the whole instrument", truth, tuple(shown or [_stands(facts)])
        )
    return Finding(
        truth,
        legal_from=min(days, default=None),
        eligible_from=min(eligible, default=None),
        rules=tuple(pair for one in best for pair in one.rules),
        missing=frozenset[str]().union(*(one.missing for one in best)),
        thresholds=frozenset[dt.date]().union(*(one.thresholds for one in found)),
        reason=reason,
    )


def _stands(facts: Facts) -> Reason:
    return Reason("fact", f"it stands as {facts['ending']}, which no rule of the regime names", Truth.NO, fact="ending")


def _every(each: Sequence[Finding]) -> Finding:
    truth = all_of(one.truth for one in each)
    return _joined(truth, each)


def _one(group: RegimeRules, charges: Sequence[Charge], each: Sequence[Finding], on: dt.date, known: Found) -> Finding:
    """One charge meets the regime, and every other has ended as it allows."""
    allowed = [_allowed(group, charge, on, known) for charge in charges]
    met = max(one.truth for one in each)
    truth = min(met, all_of(max(own.truth, other.truth) for own, other in zip(each, allowed, strict=True)))
    chosen = [own if own.truth >= other.truth else other for own, other in zip(each, allowed, strict=True)]
    taken = {id(one) for one in chosen}
    return _joined(truth, [*chosen, *(one for one in each if one.truth is met and id(one) not in taken)])


def _allowed(group: RegimeRules, charge: Charge, on: dt.date, known: Found) -> Finding:
    _, facts, bearing = charge
    rules = [rule for name in group.others for rule in bearing.rules[name]]
    found = _weighed((*rules, *bearing.doubts), facts, on, known, explain=False)
    rest = bearing.rest[group.regime].truth(facts)
    truth = max([rest, *(one.truth for one in found)])
    if rest is truth:
        missing = bearing.rest[group.regime].missing(facts) if truth is Truth.UNKNOWN else frozenset[str]()
        return Finding(truth, missing=missing, thresholds=_thresholds(found))
    best = [one for one in found if one.truth is truth]
    return replace(best[0], thresholds=_thresholds(found), rules=())


def _distinct(pairs: Iterable[tuple[Rule, dt.date]]) -> tuple[tuple[Rule, dt.date], ...]:
    return tuple({(id(rule), day): (rule, day) for rule, day in pairs}.values())


def _thresholds(found: Sequence[Finding]) -> frozenset[dt.date]:
    return frozenset[dt.date]().union(*(one.thresholds for one in found))


def _joined(truth: Truth, each: Sequence[Finding]) -> Finding:
    days = [one.legal_from for one in each if one.legal_from is not None]
    eligible = [one.eligible_from for one in each if one.eligible_from is not None]
    unsettled = [one for one in each if one.truth is Truth.UNKNOWN]
    return Finding(
        truth,
        legal_from=max(days, default=None) if truth is Truth.YES else None,
        eligible_from=max(eligible, default=None),
        rules=_distinct(pair for one in each for pair in one.rules) if truth is not Truth.NO else (),
        missing=frozenset[str]().union(*(one.missing for one in unsettled)) if truth is Truth.UNKNOWN else frozenset(),
        thresholds=_thresholds(each),
    )


def _rule_reason(asked: Residual, facts: Facts, truth: Truth, day: dt.date, on: dt.date | None = None) -> Reason:
    rule = asked.rule
    parts = [rule.when.reason(facts)]
    if not rule.in_force(day):
        parts.append(Reason("rule", f"it is not in force on {day}", Truth.NO))
    if rule.doubt.truth(facts) is not Truth.NO:
        parts.append(
            Reason("doubt", f"in doubt where {rule.doubt.words()}", Truth.UNKNOWN, (rule.doubt.reason(facts),))
        )
    if rule.answer is not Truth.YES:
        parts.append(Reason("doubt", rule.text, rule.answer))
    if isinstance(why := facts.get("why"), str):
        parts.append(Reason("fact", why, Truth.UNKNOWN, fact="why"))
    if rule.clock is not None and on is not None and (span := rule.clock.span(facts)) is not None:
        last = (
            f"{span.latest}"
            if span.earliest == span.latest
            else f"{max(span.earliest, on)} or as late as {span.latest}"
        )
        parts.append(
            Reason("clock", f"{rule.clock.words()}: its last day is {last}", rule.clock.ended(span, facts, on))
        )
    return Reason("rule", f"{rule.citation} [{rule.mark}], rule {rule.id} version {rule.version}", truth, tuple(parts))
