"""From an action's events to the answer: one front for one action and for many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from .decisions import Answer, Decision
from .dispositions import CONVICTIONS, DispositionMap, read_map
from .events import Action, Event
from .folding import Standing, fold, visible
from .jurisdictions import jurisdiction
from .reasons import Reason
from .rules import Jurisdiction, Rule
from .table import AUDIENCES, USES, bars
from .truth import Truth
from .weighing import Finding, weigh_regime

__all__ = ["decide", "decide_all"]

Case = tuple[Action, Sequence[Event]]
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
    """Say whether the law seals an action, from its events. It is no legal advice.

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
        The other actions of the same arrest: a plea in one of them bears on what it covers.
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
        When there is no such law.

    Examples
    --------
    >>> import datetime as dt
    >>> acd = Event(event_date=dt.date(2014, 8, 31), text="ACD 170.55", family_offense=False)
    >>> [str(decide(Action(), [acd], dt.date(2015, *day)).answer) for day in ((2, 28), (3, 1))]
    ['not_sealed', 'sealed']
    >>> decision = decide(Action(), [acd], dt.date(2015, 1, 1))
    >>> decision.next_change, decision.withheld
    (datetime.date(2015, 3, 1), True)
    """
    place = jurisdiction(law)
    mapping = mapping or read_map("us-ny")
    known = known_at or as_of
    others = (fold(other, visible(theirs, as_of, known), mapping) for other, theirs in linked)
    companion = any(is_crime(state) for states in others for state in states.values())
    states = fold(action, visible(events, as_of, known), mapping)
    return decide_standings(place, states, as_of, mapping.version, companion_crime=companion, explain=explain)


def decide_standings(
    place: Jurisdiction,
    states: Mapping[str, Standing],
    on: dt.date,
    version: str,
    *,
    companion_crime: bool,
    explain: bool,
) -> Decision:
    """Decide an action from how its charges stand, and whether another of its arrest is a conviction of a crime."""
    about = {"companion_crime": "Y" if companion_crime else "N"}
    charges = [(charge, {**state, **about}) for charge, state in states.items()]
    decision, thresholds = _answer(place, charges, on, version, explain=explain)
    return _looking_ahead(decision, thresholds, place, charges)


def is_crime(state: Standing) -> bool:
    """Whether a charge stands as a conviction of a crime."""
    return state["ending"] in CONVICTIONS and state.get("severity") in ("F", "M")


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
        All the actions of an arrest one after the other: those with the same ``arrest_number`` are linked.
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
    arrest: list[Case] = []
    for case in cases:
        if arrest and (not case[0].arrest_number or case[0].arrest_number != arrest[0][0].arrest_number):
            yield from _arrest(arrest, as_of, known_at, law, mapping)
            arrest = []
        arrest.append(case)
    yield from _arrest(arrest, as_of, known_at, law, mapping)


def _arrest(
    cases: list[Case], as_of: dt.date, known_at: dt.date | None, law: str, mapping: DispositionMap | None
) -> Iterator[Decision]:
    for place, (action, events) in enumerate(cases):
        linked = [*cases[:place], *cases[place + 1 :]]
        yield decide(action, events, as_of, known_at, linked=linked, law=law, mapping=mapping, explain=False)


def _answer(
    place: Jurisdiction, charges: list[tuple[str, Standing]], on: dt.date, version: str, *, explain: bool
) -> tuple[Decision, frozenset[dt.date]]:
    found = {group.regime: weigh_regime(group, place, charges, on, explain=explain) for group in place.regimes}
    truth = max(finding.truth for finding in found.values())
    thresholds = frozenset[dt.date]().union(*(finding.thresholds for finding in found.values()))
    in_play = {name: finding for name, finding in found.items() if finding.truth is truth and truth is not Truth.NO}
    eligible = [finding.eligible_from for finding in found.values() if finding.eligible_from is not None]
    rules = _in_order(place, (pair for finding in in_play.values() for pair in finding.rules))
    reasons = None
    if explain:
        parts = tuple(finding.reason for finding in found.values() if finding.reason is not None)
        reasons = Reason("answer", f"as of {on}, is it sealed", truth, parts)
    decision = Decision(
        answer=_ANSWERS[truth],
        rules=tuple((rule.id, rule.version) for rule, _ in rules),
        governed_on=tuple(day for _, day in rules),
        map_version=version,
        regimes=tuple(in_play) if truth is Truth.UNKNOWN else (),
        missing=tuple(sorted(frozenset[str]().union(*(f.missing for f in in_play.values()))))
        if truth is Truth.UNKNOWN
        else (),
        eligible_from=max(eligible, default=None),
        withheld=truth is Truth.UNKNOWN,
        reasons=reasons,
    )
    if truth is Truth.YES:
        decision = _sealed(decision, place, in_play, charges, on)
    return decision, thresholds


def _sealed(
    decision: Decision, place: Jurisdiction, found: dict[str, Finding], charges: list[tuple[str, Standing]], on: dt.date
) -> Decision:
    groups = {group.regime: group for group in place.regimes}
    first = next(iter(found))
    rules = [rule for rule, _ in _in_order(place, found[first].rules)]
    names = tuple(dict.fromkeys(name for key in found for name in _names(place, key, found[key])))
    effects = [
        next((rule.effect for rule in rules if rule.effect), groups[first].effect),
        *(groups[n].effect for n in list(found)[1:]),
    ]
    starts = [finding.legal_from for finding in found.values() if finding.legal_from is not None]
    notices = [day for _, facts in charges if isinstance(day := facts.get("notified_on"), dt.date)]
    legal_from = min(starts, default=None)
    return replace(
        decision,
        regimes=names,
        paragraph=", ".join(dict.fromkeys(rule.paragraph for rule in rules if rule.answer is Truth.YES)),
        effect=effects[0].kind,
        copies=tuple(dict.fromkeys(copy for effect in effects for copy in effect.copies)),
        uses=tuple(
            (who, tuple(use for use in USES if any(bars(n, use=use, audience=who, on=on) for n in names)))
            for who in AUDIENCES
        ),
        legal_from=legal_from,
        duty_from=max(notices, default=legal_from) if notices else legal_from,
    )


def _in_order(place: Jurisdiction, rules: Iterable[tuple[Rule, dt.date]]) -> tuple[tuple[Rule, dt.date], ...]:
    """In the order of the law, whichever charge met which."""
    order = {id(rule): at for at, rule in enumerate(place.rules())}
    return tuple(sorted(dict.fromkeys(rules), key=lambda pair: (order[id(pair[0])], pair[1])))


def _names(place: Jurisdiction, regime: str, finding: Finding) -> list[str]:
    """Under which names a regime seals: that of the paragraph, where it has one of its own."""
    own = [rule.regime or regime for rule, _ in _in_order(place, finding.rules) if rule.answer is Truth.YES]
    return own or [regime]


def _looking_ahead(
    decision: Decision, thresholds: frozenset[dt.date], place: Jurisdiction, charges: list[tuple[str, Standing]]
) -> Decision:
    """The next day on which the answer changes by itself, and whether it comes to be sealed."""
    changes, withheld = None, decision.withheld
    ahead, seen = set(thresholds), set[dt.date]()
    while ahead:
        day = min(ahead)
        later, more = _answer(place, charges, day, decision.map_version, explain=False)
        if later.answer is not decision.answer and changes is None:
            changes = day
        withheld = withheld or later.answer is Answer.SEALED
        seen.add(day)
        ahead = (ahead | more) - seen
    return replace(decision, next_change=changes, withheld=withheld and decision.answer is not Answer.SEALED)
