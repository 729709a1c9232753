"""One rule against one charge, on a day: what does not depend on the day is found once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from .clocks import Span
from .conditions import NEVER, Condition, Facts
from .reasons import Reason
from .residual_rules import Residual, narrowed
from .rules import NO_STATUTE, Rule
from .three_values import Truth
from .traced_days import TracedDay

__all__ = ["NOTHING", "NO_FINDING", "Day", "Finding", "found_of", "is_before", "together", "weigh_rule"]

T = TypeVar("T")
#: A set of nothing.
NOTHING: frozenset[Any] = frozenset()


class Day(NamedTuple):
    """A day that is asked about, with what is known by now.

    Attributes
    ----------
    on : datetime.date
    found : dict
        What rules have come to on that day: a rule may be asked by several regimes, of the same charge.
    ready : dict
        What of that does not depend on the day; None of a rule that is not met.
    held : dict
        Of what rules have come to, what is met, missing and ahead on later days too, up to the first of some days.
    """

    on: dt.date
    found: dict[tuple[int, int], Finding]
    ready: dict[tuple[int, int], _ReadyRule | None]
    held: dict[tuple[int, int], tuple[Finding, tuple[dt.date, ...]]]

    @classmethod
    def new(cls, on: dt.date) -> Day:
        """A day of which nothing is known."""
        return cls(on, {}, {}, {})

    def later(self, on: dt.date) -> Day:
        """A later day, for the same facts."""
        return Day(on, {}, self.ready, self.held)

    def edges(self, rule: Rule, facts: Facts) -> tuple[dt.date, ...]:
        """Days before the first of which a rule comes to what it came to last; none if it was never asked."""
        held = self.held.get((id(rule), id(facts)))
        return () if held is None else held[1]


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


#: Of a rule that is not met, and will not be on its own.
NO_FINDING = Finding(Truth.NO)


class _Period(NamedTuple):
    """What the days of a charge come to under a rule."""

    legal_from: dt.date | None
    eligible_from: dt.date | None
    thresholds: tuple[dt.date, ...]


class _ReadyRule:
    """What is left of a rule against a charge's facts, before a day is asked about."""

    __slots__ = ("doubt", "missing", "period", "settled", "span", "start", "waits", "when")

    def __init__(self, asked: Residual, facts: Facts, when: Truth) -> None:
        rule, clock = asked.rule, asked.clock
        self.when = when
        self.doubt = asked.doubt.truth(facts)
        missing = asked.when.missing(facts) if when is Truth.UNKNOWN else NOTHING
        missing |= asked.doubt.missing(facts) if self.doubt is Truth.UNKNOWN else NOTHING
        self.start = next((found for name in rule.starts if (found := facts.get(name)) is not None), None)
        self.waits = clock is not None and clock.unless.truth(facts) is not Truth.YES
        self.span: Span | None = clock.span(facts) if clock is not None and self.waits else None
        if clock is not None and self.waits and self.span is None:
            missing |= frozenset(clock.start[:1])
        self.missing: frozenset[str] = missing
        #: What it comes to at most, whatever the day.
        self.settled = min(when, rule.answer, Truth.YES if self.doubt is Truth.NO else Truth.UNKNOWN)
        if self.waits and self.span is None:
            self.settled = min(self.settled, Truth.UNKNOWN)
        self.period: _Period | None = None

    def days(self, asked: Residual) -> _Period:
        """The days that it comes to, found once it is in force."""
        if self.period is None:
            rule, span = asked.rule, self.span
            law_from = rule.law_from or rule.in_force_from
            begun = [day for day in (self.start, law_from) if isinstance(day, dt.date)]
            legal_from, eligible = max(begun, default=None), None
            thresholds: tuple[dt.date, ...] = ()
            if asked.clock is not None and span is not None:
                thresholds = span.thresholds()
                if asked.clock.seals_from == "end":
                    legal_from = max([thresholds[-1], *([law_from] if law_from else [])])
                eligible = legal_from if self.when is Truth.YES or rule.answer is Truth.UNKNOWN else None
            self.period = _Period(legal_from, eligible, thresholds)
        return self.period


def found_of(rules: Sequence[Residual], facts: Facts, day: Day, *, explain: bool) -> list[Finding]:
    """What each of some rules comes to, of a charge on a day."""
    found = []
    for asked in rules:
        at = id(asked.rule), id(facts)
        finding = day.found.get(at)
        if finding is None:
            held = day.held.get(at)
            if held is not None and is_before(day.on, held[1]):
                finding = held[0]
            else:
                finding = weigh_rule(asked, facts, day, explain=explain)
                day.held[at] = finding, _edges(asked.rule, facts, day, finding)
            day.found[at] = finding
        found.append(finding)
    return found


def is_before(day: dt.date, edges: Sequence[dt.date]) -> bool:
    """Whether a day is before each of some others."""
    return not edges or all(day < edge for edge in edges)


def _edges(rule: Rule, facts: Facts, day: Day, finding: Finding) -> tuple[dt.date, ...]:
    """Later days on which what a rule comes to may be another: those of its clock, and the borders of its force."""
    if day.ready[id(rule), id(facts)] is None:
        return ()
    edges = tuple(finding.thresholds)
    if rule.governed_by != "as_of" and isinstance(facts.get(rule.governed_by), dt.date):
        return edges
    return (*edges, *(border for border in (rule.in_force_from, rule.in_force_to) if border and border > day.on))


def weigh_rule(asked: Residual, facts: Facts, day: Day, *, explain: bool = False) -> Finding:
    """Weigh what is left of a rule on a charge's facts, on a day."""
    rule, on, at = asked.rule, day.on, (id(asked.rule), id(facts))
    if at not in day.ready:
        when = asked.when.truth(facts)
        day.ready[at] = None if when is Truth.NO else _ReadyRule(asked, facts, when)
    ready = day.ready[at]
    if ready is None:
        return _refuted(asked, facts, on) if explain else NO_FINDING
    fact = on if rule.governed_by == "as_of" else facts.get(rule.governed_by, on)
    governed = fact if isinstance(fact, dt.date) else on
    begins = rule.in_force_from
    comes = rule.governed_by == "as_of" and begins and begins > on
    thresholds = frozenset({begins}) if comes and begins else NOTHING
    if not rule.in_force(governed):
        if not thresholds:  # a tree shows what is met, may be, or will be
            return NO_FINDING
        reason = _rule_reason(rule, ready, facts, Truth.NO, governed) if explain else None
        return Finding(Truth.NO, thresholds=thresholds, reason=reason)
    legal_from, eligible, ahead = ready.days(asked)
    truth, missing, span = ready.settled, ready.missing, ready.span
    if asked.clock is not None and span is not None:
        ended = asked.clock.ended(span, facts, on)
        truth = min(truth, ended)
        thresholds |= {later for later in ahead if later > on}
        if ended is Truth.UNKNOWN and span.earliest != span.latest:
            missing |= asked.clock.missing(facts)
    return Finding(
        truth,
        legal_from=legal_from if truth is Truth.YES else None,
        eligible_from=eligible if rule.answer is not Truth.YES and rule.citation != NO_STATUTE else None,
        rules=((rule, governed),) if truth is not Truth.NO else (),
        missing=missing if truth is Truth.UNKNOWN else NOTHING,
        thresholds=thresholds,
        undated=missing if rule.answer is Truth.NO and eligible is None else NOTHING,
        reason=_rule_reason(rule, ready, facts, truth, governed, on) if explain else None,
    )


def _refuted(asked: Residual, facts: Facts, on: dt.date) -> Finding:
    """A rule that a charge would meet by its own words, and that another fact keeps from it, such as a later case."""
    rule = asked.rule
    days = {name: day for name in asked.when.facts() if isinstance(day := facts.get(name), dt.date)}
    governed = on if rule.governed_by == "as_of" else days.get(rule.governed_by, facts.get(rule.governed_by))
    in_force = rule.in_force(governed if isinstance(governed, dt.date) else on)
    if not in_force or narrowed(asked.when, days) is NEVER:
        return NO_FINDING
    return NO_FINDING._replace(reason=_named(rule, Truth.NO, (_reason_of(rule.when, facts),)))


def together(sets: Sequence[frozenset[T]]) -> frozenset[T]:
    """All that is in some sets, of which most are empty."""
    filled = [each for each in sets if each]
    if len(filled) < 2:
        return filled[0] if filled else NOTHING
    return filled[0].union(*filled[1:])


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
    rule: Rule, ready: _ReadyRule, facts: Facts, truth: Truth, day: dt.date, on: dt.date | None = None
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
    return _named(rule, truth, tuple(parts))


def _named(rule: Rule, truth: Truth, parts: tuple[Reason, ...]) -> Reason:
    said = f"{rule.citation} [{rule.mark}], rule {rule.id} version {rule.version}"
    return Reason("rule", said, truth, parts, fact=f"{rule.id}@{rule.version}")
