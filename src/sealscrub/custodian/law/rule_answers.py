"""One rule against one charge, one regime against one action: where three values are put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from .clocks import Span
from .conditions import Condition, Facts
from .reasons import Reason
from .residual_rules import Bearing, Residual, residuals
from .rules import NO_STATUTE, Jurisdiction, RegimeRules, Rule, Unit
from .three_values import Truth, all_of
from .traced_days import TracedDay

__all__ = [
    "Charge",
    "Day",
    "Finding",
    "allowed_truth",
    "charge_words",
    "no_such_ending",
    "weigh_charge",
    "weigh_regime",
    "weigh_rules_of_charge",
]


class Day(NamedTuple):
    """A day that is asked about, with what is known by now.

    Attributes
    ----------
    on : datetime.date
    found : dict
        What rules have come to on that day: a rule may be asked by several regimes, of the same charge.
    prepared : dict
        What of that does not depend on the day.
    lasting : dict
        Of what rules have come to, what is the same on every later day.
    """

    on: dt.date
    found: dict[tuple[int, int], Finding]
    prepared: dict[tuple[int, int], _PreparedRule]
    lasting: dict[tuple[int, int], Finding]

    @classmethod
    def new(cls, on: dt.date) -> Day:
        """A day of which nothing is known."""
        return cls(on, {}, {}, {})

    def later(self, on: dt.date) -> Day:
        """A later day, for the same facts."""
        return Day(on, {**self.lasting}, self.prepared, self.lasting)


class Charge(NamedTuple):
    """A charge on a day: its number, its facts, and what of the law bears on it."""

    number: str
    facts: Facts
    bearing: Bearing


class Finding(NamedTuple):
    """What a rule or a regime comes to.

    Attributes
    ----------
    truth : Truth
    legal_from, eligible_from : datetime.date or None
    rules : tuple of (Rule, datetime.date)
        Those that it rests on, and the day that they govern.
    missing : frozenset of str
    thresholds : frozenset of datetime.date
        Days on which it may change automatically.
    undated : frozenset of str
        Facts without which it is not known from when it is eligible.
    """

    truth: Truth
    legal_from: dt.date | None = None
    eligible_from: dt.date | None = None
    rules: tuple[tuple[Rule, dt.date], ...] = ()
    missing: frozenset[str] = frozenset()
    thresholds: frozenset[dt.date] = frozenset()
    undated: frozenset[str] = frozenset()
    reason: Reason | None = None


_NO_FINDING = Finding(Truth.NO)


class _PreparedRule(NamedTuple):
    """What is left of a rule against a charge's facts, before a day is asked about."""

    when: Truth
    doubt: Truth
    start: object
    missing: frozenset[str]
    span: Span | None
    waits: bool


def _prepare(asked: Residual, facts: Facts) -> _PreparedRule:
    when = asked.when.truth(facts)
    if when is Truth.NO:
        return _UNMET
    doubt = asked.doubt.truth(facts)
    missing = asked.when.missing(facts) if when is Truth.UNKNOWN else frozenset[str]()
    missing |= asked.doubt.missing(facts) if doubt is Truth.UNKNOWN else frozenset()
    start = next((found for name in asked.rule.starts if (found := facts.get(name)) is not None), None)
    waits = asked.clock is not None and asked.clock.unless.truth(facts) is not Truth.YES
    span = asked.clock.span(facts) if asked.clock is not None and waits else None
    if asked.clock is not None and waits and span is None:
        missing |= frozenset(asked.clock.start[:1])
    return _PreparedRule(when, doubt, start, missing, span, waits)


_UNMET = _PreparedRule(Truth.NO, Truth.NO, None, frozenset(), None, waits=False)


def weigh_rule(asked: Residual, facts: Facts, day: Day, *, explain: bool = False) -> Finding:
    """Weigh what is left of a rule on a charge's facts, on a day."""
    rule, on, at = asked.rule, day.on, (id(asked.rule), id(facts))
    ready = day.prepared.get(at)
    if ready is None:
        ready = day.prepared[at] = _prepare(asked, facts)
    if ready is _UNMET:
        return _NO_FINDING
    fact = on if rule.governed_by == "as_of" else facts.get(rule.governed_by, on)
    governed = fact if isinstance(fact, dt.date) else on
    begins = rule.in_force_from
    comes = rule.governed_by == "as_of" and begins and begins > on and ready.when
    thresholds = frozenset({begins}) if comes and begins else frozenset[dt.date]()
    if ready.when is Truth.NO or not rule.in_force(governed):
        if not thresholds:  # a tree shows what is met, may be, or will be
            return _NO_FINDING
        reason = _rule_reason(rule, ready, facts, Truth.NO, governed) if explain else None
        return Finding(Truth.NO, thresholds=thresholds, reason=reason)
    parts = [ready.when, rule.answer, Truth.YES if ready.doubt is Truth.NO else Truth.UNKNOWN]
    law_from = rule.law_from or begins
    from_days = [found for found in (ready.start, law_from) if isinstance(found, dt.date)]
    legal_from, eligible, missing = max(from_days, default=None), None, ready.missing
    if asked.clock is not None and ready.span is not None:
        span = ready.span
        ended = asked.clock.ended(span, facts, on)
        parts.append(ended)
        thresholds |= {later for later in span.thresholds() if later > on}
        if asked.clock.seals_from == "end":
            legal_from = max([span.thresholds()[1], *([law_from] if law_from else [])])
        eligible = legal_from if ready.when is Truth.YES or rule.answer is Truth.UNKNOWN else None
        if ended is Truth.UNKNOWN and span.earliest != span.latest:
            missing |= asked.clock.missing(facts)
    elif ready.waits:
        parts.append(Truth.UNKNOWN)
    truth = all_of(parts)
    return Finding(
        truth,
        legal_from=legal_from if truth is Truth.YES else None,
        eligible_from=eligible if rule.answer is not Truth.YES and rule.citation != NO_STATUTE else None,
        rules=((rule, governed),) if truth is not Truth.NO else (),
        missing=missing if truth is Truth.UNKNOWN else frozenset(),
        thresholds=thresholds,
        undated=missing if rule.answer is Truth.NO and eligible is None else frozenset(),
        reason=_rule_reason(rule, ready, facts, truth, governed, on) if explain else None,
    )


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
        found = _NO_FINDING
    else:
        found = (
            _one_charge(group, charges, each, day)
            if group.unit is Unit.ONE_CHARGE
            else _combine_findings(all_of(one.truth for one in each), each)
        )
    if found is _NO_FINDING and not explain:
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


def _idle(one: Finding) -> bool:
    """Whether it is not met, and will not be on its own."""
    return one is _NO_FINDING or (
        one.truth is Truth.NO and not one.thresholds and not one.undated and one.eligible_from is None
    )


def _weighed(rules: Sequence[Residual], facts: Facts, day: Day, *, explain: bool) -> list[Finding]:
    found = []
    for asked in rules:
        at = id(asked.rule), id(facts)
        finding = day.found.get(at)
        if finding is None:
            finding = day.found[at] = weigh_rule(asked, facts, day, explain=explain)
            if not finding.thresholds and isinstance(facts.get(asked.rule.governed_by), dt.date):
                day.lasting[at] = finding
        found.append(finding)
    return found


def _any_rule(rules: Sequence[Residual], facts: Facts, day: Day, charge: str, *, explain: bool) -> Finding:
    if not rules:
        return _no_rule_finding(charge, facts["ending"]) if explain else _NO_FINDING
    found = _weighed(rules, facts, day, explain=explain)
    if not explain:
        found = [one for one in found if one is not _NO_FINDING]
        if len(found) < 2:
            return found[0] if found else _NO_FINDING
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
        missing=frozenset[str]().union(*(one.missing for one in best)),
        thresholds=frozenset[dt.date]().union(*(one.thresholds for one in found)),
        undated=frozenset[str]().union(*(one.undated for one in found)),
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
    return _NO_FINDING._replace(reason=Reason("regime", f"{regime}: {unit}", Truth.NO, parts).shared())


def charge_words(number: str) -> str:
    """Name a charge."""
    return f"charge {number}" if number else "the whole instrument"


def no_such_ending(ending: object) -> Reason:
    """Say that no rule of a regime is about what has ended so."""
    return Reason("fact", f"it is recorded as {ending}, which no rule of the regime names", Truth.NO, fact="ending")


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
    rules = [rule for name in group.others for rule in bearing.rules[name]]
    found = _weighed((*rules, *bearing.doubts), facts, day, explain=False)
    rest = bearing.rest[group.regime].truth(facts)
    truth = max([rest, *(one.truth for one in found)])
    if rest is truth:
        missing = bearing.rest[group.regime].missing(facts) if truth is Truth.UNKNOWN else frozenset[str]()
        ended = facts.get("ended_on") if truth is Truth.YES else None
        since = ended if isinstance(ended, dt.date) else None
        return Finding(truth, legal_from=since, missing=missing, thresholds=_thresholds(found))
    return next(one for one in found if one.truth is truth)._replace(thresholds=_thresholds(found), rules=())


def _distinct_rules(pairs: Iterable[tuple[Rule, dt.date]]) -> tuple[tuple[Rule, dt.date], ...]:
    return tuple({(id(rule), day): (rule, day) for rule, day in pairs}.values())


def _thresholds(found: Sequence[Finding]) -> frozenset[dt.date]:
    return frozenset[dt.date]().union(*(one.thresholds for one in found))


def _combine_findings(truth: Truth, each: Sequence[Finding]) -> Finding:
    days = [one.legal_from for one in each if one.legal_from is not None]
    eligible = [one.eligible_from for one in each if one.eligible_from is not None]
    unsettled = [one for one in each if one.truth is Truth.UNKNOWN]
    return Finding(
        truth,
        legal_from=max(days, default=None) if truth is Truth.YES else None,
        eligible_from=max(eligible, default=None),
        rules=_distinct_rules(pair for one in each for pair in one.rules) if truth is not Truth.NO else (),
        missing=frozenset[str]().union(*(one.missing for one in unsettled)) if truth is Truth.UNKNOWN else frozenset(),
        thresholds=_thresholds(each),
        undated=frozenset[str]().union(*(one.undated for one in each)),
    )


_MOST_CONDITIONS, _MOST_REASONS = 4096, 8192
_worded: dict[int, tuple[Condition, tuple[str, ...], dict[tuple[object, ...], Reason]]] = {}


def _reason_of(condition: Condition, facts: Facts) -> Reason:
    """The result of a condition, in words: made once for all charges of which its facts are the same."""
    known = _worded.get(id(condition))
    if known is None:  # it is held with its reasons, so no other comes to have its id
        if len(_worded) >= _MOST_CONDITIONS:
            _worded.clear()
        known = _worded[id(condition)] = condition, tuple(sorted(condition.facts())), {}
    _, names, reasons = known
    told = tuple([facts.get(name) for name in names])
    if any(isinstance(value, TracedDay) for value in told):  # to be kept by the one who traces it
        return condition.reason(dict(zip(names, told, strict=True)))
    found = reasons.get(told)
    if found is None:
        found = condition.reason(dict(zip(names, told, strict=True))).shared()
        if len(reasons) < _MOST_REASONS:
            reasons[told] = found
    return found


def _rule_reason(
    rule: Rule, ready: _PreparedRule, facts: Facts, truth: Truth, day: dt.date, on: dt.date | None = None
) -> Reason:
    parts = [_reason_of(rule.when, facts)]
    if not rule.in_force(day):
        parts.append(Reason("rule", f"it is not in force on {day}", Truth.NO))
    if ready.doubt is not Truth.NO:
        parts.append(Reason("doubt", f"in doubt if {rule.doubt.words()}", Truth.UNKNOWN, (rule.doubt.reason(facts),)))
    if rule.answer is not Truth.YES:
        parts.append(Reason("doubt", rule.text, rule.answer))
    if isinstance(why := facts.get("why"), str):
        parts.append(Reason("fact", why, Truth.UNKNOWN, fact="why"))
    span = ready.span
    if rule.clock is not None and on is not None and not ready.waits:
        span = rule.clock.span(facts)
    if rule.clock is not None and on is not None and span is not None:
        said = f"{rule.clock.words()}: its last day is {rule.clock.last_day(span, facts)}"
        parts.append(Reason("clock", said, rule.clock.ended(span, facts, on)))
    said = f"{rule.citation} [{rule.mark}], rule {rule.id} version {rule.version}"
    return Reason("rule", said, truth, tuple(parts), fact=f"{rule.id}@{rule.version}")
