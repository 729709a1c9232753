"""From an action's events to the answer: one front for one action and for many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, NamedTuple

from .charge_events import Standing, fold, visible
from .decisions import Answer, Decision
from .dispositions import DispositionMap, read_map
from .events import Action, Event
from .folded_actions import FoldedAction, RegimeResult
from .jurisdictions import jurisdiction
from .linked_actions import Case, runs
from .person import Person
from .reasons import Reason
from .record import Folded, Record
from .residual_rules import Bearing, bearing_of, bearing_on, order_of_rules
from .rule_answers import Charge, weigh_regime
from .rules import Jurisdiction, Mode, Rule, Unit
from .three_values import Truth
from .use_table import uses_barred
from .weighed_rules import Day, Finding, together

__all__ = ["decide", "decide_all"]

_MOST_NAMED = 4  # charges that stand alike and are all named in a tree
_ANSWERS = {Truth.YES: Answer.SEALED, Truth.NO: Answer.NOT_SEALED, Truth.UNKNOWN: Answer.UNKNOWN}


def decide(
    action: Action,
    events: Iterable[Event],
    as_of: dt.date,
    known_at: dt.date | None = None,
    *,
    linked: Iterable[Case] = (),
    law: str = "us-ny",
    mapping: DispositionMap | None = None,
    explain: bool = True,
) -> Decision:
    """Say whether the law seals an action, from its events. It is not legal advice.

    Parameters
    ----------
    action : Action
        One instrument against one defendant.
    events : iterable of Event
        In any order.
    as_of : datetime.date
        The day that is asked about; what happened later does not count.
    known_at : datetime.date, optional
        What was recorded later does not count; by default `as_of`.
    linked : iterable of (Action, sequence of Event)
        The person's other actions, of this arrest (a plea in one bears on what it covers) and of others (a later
        conviction starts clocks again); :func:`~sealscrub.custodian.law.related` finds them.
    law : str, default "us-ny"
    mapping : DispositionMap, optional
        By default the built-in phrases.
    explain : bool, default True
        Whether to build the tree of reasons.

    Returns
    -------
    Decision

    Raises
    ------
    ConfigError
        When the law does not exist.

    Examples
    --------
    >>> import datetime as dt
    >>> acd = Event(event_date=dt.date(2014, 8, 31), text="ACD 170.55", more=(("family_offense", False),))
    >>> [str(decide(Action(), [acd], dt.date(2015, *day)).answer) for day in ((2, 28), (3, 1))]
    ['not_sealed', 'sealed']
    >>> decision = decide(Action(), [acd], dt.date(2015, 1, 1))
    >>> decision.next_change, decision.withheld
    (datetime.date(2015, 3, 1), True)
    """
    place = jurisdiction(law)
    mapping = mapping or read_map(law)
    known = known_at or as_of
    found = (folded_as_known(case, as_of, known, mapping) for case in linked)
    others = [other for other in found if other is not None]
    states = fold(action, visible(events, as_of, known), mapping)
    person = Person(place, action, Record([*others, (action, states)]), len(others))
    return decide_states(person, states, as_of, mapping.version, explain=explain)


def folded_as_known(case: Case, as_of: dt.date, known: dt.date, mapping: DispositionMap) -> Folded | None:
    """An action and how its charges stand, as far as known; None if it had not begun."""
    action, rows = case
    seen = visible(rows, as_of, known)
    begun = bool(seen) or (not rows and (action.arrest_date or as_of) <= as_of)
    return (action, fold(action, seen, mapping)) if begun else None


def decide_states(
    person: Person, states: Mapping[str, Standing], on: dt.date, version: str, *, explain: bool
) -> Decision:
    """Decide an action from how its charges stand, and what the person's other actions say."""
    alike = group_equal_charges(states)
    bearings = {ending: bearing_of(person.place, ending) for ending in {state["ending"] for state in alike.values()}}
    charges = [(charge, state, bearings[state["ending"]]) for charge, state in alike.items()]
    if not explain:
        return decide_standings(person, charges, on, version)
    later = decide_standings(person, charges, on, version)
    explained = explain_states(person, states, on, part_sealed=later.part_sealed)
    return replace(later, reasons=explained.reasons, charges=explained.charges, charge_days=explained.charge_days)


def sealed_by_themselves(person: Person, states: Mapping[str, Standing], on: dt.date) -> Iterator[tuple[str, str]]:
    """Charges that a regime deals with one by one."""
    groups = [group for group in person.place.regimes if group.unit is Unit.CHARGE]
    for number, state in states.items():
        bearing = bearing_on(person.place, state)
        charge = Charge(number, person.view(state, on), bearing)
        for group in groups:
            reached = bearing.all_rules[group.regime]
            if reached and weigh_regime(group, [charge], Day.new(on)).truth is Truth.YES:
                yield number, group.regime


class Explained(NamedTuple):
    """Why an answer is what it is; if it is not sealed, the charges that are, and the days of the others."""

    reasons: Reason
    charges: tuple[tuple[str, str], ...] = ()
    charge_days: tuple[tuple[str, dt.date | None], ...] = ()


def explain_states(person: Person, states: Mapping[str, Standing], on: dt.date, *, part_sealed: bool) -> Explained:
    """Build the tree of reasons of an action's answer, knowing whether a charge is sealed automatically."""
    alike = group_equal_charges(states)
    asked = FoldedAction(person, [(charge, state, bearing_on(person.place, state)) for charge, state in alike.items()])
    weighed = asked.weigh(on, explain=True)
    parts = tuple([finding.reason for finding in weighed.found.values() if finding.reason is not None])
    reasons = Reason("answer", f"as of {on}, is it sealed", weighed.truth, parts)
    if weighed.truth is Truth.YES or len(states) < 2:
        return Explained(reasons)
    themselves = tuple(sealed_by_themselves(person, states, on)) if part_sealed else ()
    return Explained(reasons, themselves, _charge_days(asked, weighed))


def _charge_days(asked: FoldedAction, weighed: RegimeResult) -> tuple[tuple[str, dt.date | None], ...]:
    """From when each charge that is not sealed is eligible, if no regime weighs them together."""
    groups, charges = asked.place.regimes, weighed.charges
    if len(charges) < 2 or any(group.unit is not Unit.CHARGE for group in groups):
        return ()
    day = Day.new(weighed.day.on)
    found = [(charge.number, [weigh_regime(group, [charge], day) for group in groups]) for charge in charges]
    return tuple(
        (number, min((one.eligible_from for one in each if one.eligible_from is not None), default=None))
        for number, each in found
        if all(one.truth is not Truth.YES for one in each)
    )


def decide_standings(
    person: Person, charges: Sequence[tuple[str, Standing, Bearing]], on: dt.date, version: str
) -> Decision:
    """Decide an action from how its charges stand, and what of the law bears on each of them."""
    asked = FoldedAction(person, charges)
    weighed = asked.weigh(on)
    apart = _truths_apart(asked, weighed)
    said = _said(asked, weighed)
    changes, missing = _next_changes(asked, weighed, said["missing"])
    seals = any(answer is Answer.SEALED for _, answer in changes)
    return Decision(
        **said
        | {
            "map_version": version,
            "next_change": changes[0][0] if changes else None,
            "changes": changes,
            "missing": missing if seals else said["missing"],
            "withheld": weighed.truth is Truth.UNKNOWN or (weighed.truth is Truth.NO and seals),
            "part_sealed": Truth.YES in apart,
            "part_unknown": weighed.truth is Truth.NO and Truth.UNKNOWN in apart,
        }
    )


def _truths_apart(asked: FoldedAction, weighed: RegimeResult) -> set[Truth]:
    """Say of what is not sealed as a whole whether charges of it are, each on its own."""
    groups = [group for group in asked.regimes if group.unit is Unit.CHARGE]
    if weighed.truth is Truth.YES or len(weighed.charges) < 2 or not groups:
        return set()
    return {max(weigh_regime(group, [charge], weighed.day).truth for group in groups) for charge in weighed.charges}


def group_equal_charges(states: Mapping[str, Standing]) -> dict[str, Standing]:
    """Charges that stand alike are weighed once: a docket may have thousands."""
    if len(states) == 1:
        return dict(states)
    groups: dict[tuple[tuple[str, object], ...], list[str]] = {}
    for charge, state in states.items():
        groups.setdefault(tuple(sorted(state.items(), key=itemgetter(0))), []).append(charge)
    names = (
        ", ".join(charges)
        if len(charges) <= _MOST_NAMED
        else f"{charges[0]} and {len(charges) - 1} with the same status"
        for charges in groups.values()
    )
    return {name: states[charges[0]] for name, charges in zip(names, groups.values(), strict=True)}


def decide_all(
    cases: Iterable[Case],
    as_of: dt.date,
    known_at: dt.date | None = None,
    *,
    law: str = "us-ny",
    mapping: DispositionMap | None = None,
) -> Iterator[Decision]:
    """Decide many actions, without trees of reasons.

    Parameters
    ----------
    cases : iterable of (Action, sequence of Event)
        All the actions of a person one after the other, as :func:`~sealscrub.custodian.law.read_cases` gives them: they
        are linked. If nothing says who the defendant is, those of one arrest are.
    as_of, known_at, law, mapping
        As in :func:`decide`.

    Yields
    ------
    Decision
        In the order of the cases.

    Examples
    --------
    >>> import datetime as dt
    >>> case = (Action(), [Event(event_date=dt.date(2014, 1, 1), text="ACQUITTED")])
    >>> [str(decision.answer) for decision in decide_all([case], dt.date(2020, 1, 1))]
    ['sealed']
    """
    for run in runs(cases):
        for place, (action, events) in enumerate(run):
            linked = [*run[:place], *run[place + 1 :]]
            yield decide(action, events, as_of, known_at, linked=linked, law=law, mapping=mapping, explain=False)


def _said(asked: FoldedAction, weighed: RegimeResult) -> dict[str, Any]:
    """Fields of the decision that a day alone gives."""
    place, (_, _, found, truth, _) = asked.place, weighed
    in_play = {name: finding for name, finding in found.items() if finding.truth is truth and truth is not Truth.NO}
    modes = {group.regime: group.mode for group in asked.regimes}
    eligible = [(modes[name], finding.eligible_from) for name, finding in found.items() if finding.eligible_from]
    rules = _in_order(place, (pair for finding in in_play.values() for pair in finding.rules))
    said = {
        "answer": _ANSWERS[truth],
        "rules": tuple((rule.id, rule.version) for rule, _ in rules),
        "governed_on": tuple(day for _, day in rules),
        "regimes": tuple(in_play) if truth is Truth.UNKNOWN else (),
        "missing": _missing(weighed),
        "eligible_from": min((day for mode, day in eligible if mode in (Mode.BATCH, Mode.MOTION)), default=None),
        "may_apply_from": min((day for mode, day in eligible if mode in (Mode.ORDER, Mode.MOTION)), default=None),
    }
    return said | _of_sealed(place, in_play, weighed) if truth is Truth.YES else said


def _missing(weighed: RegimeResult) -> tuple[str, ...]:
    """What an unknown answer misses, or one that gives no day."""
    each = weighed.found.values()
    missed = [finding.missing for finding in each if finding.truth is weighed.truth is Truth.UNKNOWN]
    if weighed.truth is Truth.NO and all(finding.eligible_from is None for finding in each):
        missed = [finding.undated for finding in each]
    return tuple(sorted(together(missed)))


def _of_sealed(place: Jurisdiction, found: dict[str, Finding], weighed: RegimeResult) -> dict[str, Any]:
    """Fields of the decision about what is sealed."""
    groups = {group.regime: group for group in place.regimes}
    first = next(iter(found))
    rules = [rule for rule, _ in _in_order(place, found[first].rules)]
    names = tuple(dict.fromkeys(name for key in found for name in _names(place, key, found[key])))
    effects = [
        next((rule.effect for rule in rules if rule.effect), groups[first].effect),
        *(groups[n].effect for n in list(found)[1:]),
    ]
    starts = [finding.legal_from for finding in found.values() if finding.legal_from is not None]
    notices = [day for charge in weighed.charges if isinstance(day := charge.facts.get("notified_on"), dt.date)]
    legal_from = min(starts, default=None)
    return {
        "regimes": names,
        "paragraph": ", ".join(dict.fromkeys(rule.paragraph for rule in rules if rule.answer is Truth.YES)),
        "effect": effects[0].kind,
        "copies": tuple(dict.fromkeys(copy for effect in effects for copy in effect.copies)),
        "uses": uses_barred(place, names, weighed.day.on),
        "legal_from": legal_from,
        "duty_from": max(notices, default=legal_from) if notices else legal_from,
    }


def _in_order(place: Jurisdiction, rules: Iterable[tuple[Rule, dt.date]]) -> tuple[tuple[Rule, dt.date], ...]:
    """In the order of the law, whichever charge met which."""
    pairs = list({(id(rule), day): (rule, day) for rule, day in rules}.values())
    if len(pairs) < 2:
        return tuple(pairs)
    order = order_of_rules(place)
    return tuple(sorted(pairs, key=lambda pair: (order[id(pair[0])], pair[1])))


def _names(place: Jurisdiction, regime: str, finding: Finding) -> list[str]:
    """Under which names a regime seals: that of the paragraph, if it has one of its own."""
    own = [rule.regime or regime for rule, _ in _in_order(place, finding.rules) if rule.answer is Truth.YES]
    return own or [regime]


def _next_changes(
    asked: FoldedAction, weighed: RegimeResult, missing: tuple[str, ...]
) -> tuple[tuple[tuple[dt.date, Answer], ...], tuple[str, ...]]:
    """The days on which the answer changes automatically, and what may keep it from being sealed then."""
    changes: list[tuple[dt.date, Answer]] = []
    last, later = weighed.truth, weighed
    ahead, seen = set(weighed.thresholds), set[dt.date]()
    while ahead:
        day = min(ahead)
        later = asked.later(later, day)
        if later.truth is not last:
            changes.append((day, _ANSWERS[later.truth]))
            if later.truth is Truth.UNKNOWN and weighed.truth is Truth.NO:
                missing = missing or _missing(later)
            last = later.truth
        seen.add(day)
        ahead = (ahead | later.thresholds) - seen
    return tuple(changes), missing
