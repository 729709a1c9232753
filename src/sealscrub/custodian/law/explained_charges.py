"""Trees of reasons in words, for many actions: what charges have in common is weighed and put in words once.

What a regime says about a charge depends on the facts that its rules ask for, one after the other: which is asked next
depends on what the earlier ones were. These questions are remembered with their answers, so a charge of which they have
the same answers is not weighed again. Lines are those of :meth:`Reason.lines`, as JSON writes them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from typing import NamedTuple

from sealscrub.boundary.array_types import Mask

from .action_answers import explain_states, group_equal_charges, sealed_by_themselves
from .actions_in_order import actions_in_order
from .charge_events import Standing
from .charges import ChargeRows
from .conditions import NEVER, Facts
from .dispositions import DispositionMap
from .person import Person
from .person_decisions import rows_that_count
from .reasons import TRUTH_WORDS, Reason
from .residual_rules import Bearing, bearing_on
from .rule_answers import Charge, allowed_truth, charge_words, no_such_ending, weigh_rules_of_charge
from .rules import Jurisdiction, RegimeRules, Unit
from .three_values import Truth, all_of
from .weighed_rules import Day
from .written_days import WritingTrace, WrittenText

__all__: list[str] = []

_MOST_KEPT = 200_000  # answers about charges; and regimes that reach none of some charges

_MOST_OF_ONE_SHAPE = 32  # then it is cheaper to weigh one by one
_BELOW_CHARGE = 3  # how deep in the tree it is

_Weigh = Callable[[RegimeRules, Charge, Day], "_Weighed"]


class _Weighed(NamedTuple):
    """What is found of a charge: its truth, and the lines that say why."""

    truth: Truth
    lines: str = ""


class _AskedFacts(Mapping[str, object]):
    """A charge's facts, which note what is asked of them, and of their days."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.asked: dict[str, object] = {}
        self.days: list[dt.date] = []
        self.trace = WritingTrace()

    def get(self, name: str, default: object = None) -> object:
        """Give a fact; None if it is not known."""
        if name not in self.asked:
            value = self._facts.get(name)
            if isinstance(value, dt.date):
                self.days.append(value)
                value = self.trace.given(value, len(self.days) - 1)
            self.asked[name] = value
        found = self.asked[name]
        return default if found is None else found

    def __getitem__(self, name: str) -> object:
        return self.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


class _Found(NamedTuple):
    """What was found of charges that differ in their days, by the questions that were asked about these."""

    each: list[tuple[Truth, WrittenText]]


class _Question:
    """A fact that is asked for, and by its value what follows: another question, or what is then found.

    All days are one value.
    """

    __slots__ = ("answers", "fact")

    def __init__(self, fact: str) -> None:
        self.fact = fact
        self.answers: dict[object, _Question | _Found] = {}


class _Answered:
    """What was asked of charges on which the same of the law bears, and what was found."""

    def __init__(self, bearing: Bearing) -> None:
        self.bearing = bearing  # held, so no other comes to have its id
        self._first: dict[object, _Question | _Found] = {}

    def find(self, weigh: _Weigh, group: RegimeRules, facts: Facts) -> _Weighed | None:
        """What was found of a charge with these facts; None if one like it was not weighed yet."""
        at = self._first.get((weigh, group.regime))
        days: list[dt.date] = []
        while isinstance(at, _Question):
            value = facts.get(at.fact)
            if isinstance(value, dt.date):
                days.append(value)
                value = dt.date
            at = at.answers.get(value)
        if at is not None:
            for truth, text in at.each:
                if (said := text.about(days)) is not None:
                    return _Weighed(truth, said)
        return None

    def keep(self, weigh: _Weigh, group: RegimeRules, facts: _AskedFacts, found: _Weighed) -> str:
        """Remember what was found of a charge, by what was asked of it, in order; give its lines."""
        at: dict[object, _Question | _Found] = self._first
        here: object = (weigh, group.regime)
        for name, value in facts.asked.items():
            question = at.setdefault(here, _Question(name))
            at = question.answers if isinstance(question, _Question) else {}
            here = dt.date if isinstance(value, dt.date) else value
        kept, text = at.setdefault(here, _Found([])), WrittenText(found.lines, facts.trace)
        if isinstance(kept, _Found) and len(kept.each) < _MOST_OF_ONE_SHAPE:
            kept.each.append((found.truth, text))
        return text.about(facts.days) or ""


def endings_in_json(
    charges: ChargeRows, part_sealed: Mask, as_of: dt.date, known: dt.date, mapping: DispositionMap
) -> Iterator[str]:
    """Give the end of the line about each action of some persons: charges that are sealed alone, and the reasons."""
    rows = rows_that_count(charges, as_of, known, mapping.place, mapping)
    reasons_of = _reasons_in_json(mapping.place, as_of)
    in_order = actions_in_order(charges, rows, mapping.place, mapping)
    for (_, person, states), apart in zip(in_order, part_sealed.tolist(), strict=True):
        sealed = [list(charge) for charge in sealed_by_themselves(person, states, as_of)] if apart else []
        yield f'"charges": {json.dumps(sealed, ensure_ascii=False)}, "reasons": {reasons_of(person, states)}'


def _reasons_in_json(place: Jurisdiction, on: dt.date) -> Callable[[Person, Mapping[str, Standing]], str]:
    """Give what says the reasons for the answer about an action, as of one day: a list of lines in JSON."""
    if any(group.unit is Unit.ARREST for group in place.regimes):
        return lambda person, states: f"[{_lines([explain_states(person, states, on, part_sealed=False).reasons], 0)}]"
    return _ReasonLines(place, on).of


class _ReasonLines:
    """The reasons of many actions in words, as of one day.

    Parameters
    ----------
    place : Jurisdiction
        No regime of which weighs all actions of an arrest together.
    on : datetime.date
    """

    def __init__(self, place: Jurisdiction, on: dt.date) -> None:
        self._groups = place.regimes
        self._place = place
        self._on = on
        self._answered: dict[int, _Answered] = {}
        self._unreached: dict[tuple[str, ...], Mapping[str, str]] = {}
        self._kept = 0

    def of(self, person: Person, states: Mapping[str, Standing]) -> str:
        """The reasons for the answer about an action: a list in JSON."""
        charges = [
            Charge(name, person.view(state, self._on), bearing_on(self._place, state))
            for name, state in group_equal_charges(states).items()
        ]
        reached = frozenset[str]().union(*(charge.bearing.reached for charge in charges))
        lines, truth = [""], Truth.NO
        unreached = self._unreached_lines(charges)
        for group in self._groups:
            if group.regime in reached:
                found = self._regime(group, charges)
                truth = max(truth, found.truth)
                lines.append(found.lines)
            else:
                lines.append(unreached[group.regime])
        lines[0] = _line(0, f"as of {self._on}, is it sealed", truth)
        return f"[{', '.join(lines)}]"

    def _regime(self, group: RegimeRules, charges: Sequence[Charge]) -> _Weighed:
        """What a regime says about an action: as :func:`weigh_regime`, by what it says about each charge."""
        each = [self._find(_own, group, charge) for charge in charges]
        truth = all_of(own.truth for own in each)
        if group.unit is Unit.ONE_CHARGE and (met := max(own.truth for own in each)) is not Truth.NO:
            allowed = (self._find(_allowed, group, charge).truth for charge in charges)
            truth = min(met, all_of(max(own.truth, other) for own, other in zip(each, allowed, strict=True)))
        elif group.unit is Unit.ONE_CHARGE:
            truth = Truth.NO
        may = [charge for charge in charges if charge.bearing.blocked[group.regime] is not NEVER]
        blocked = max([self._find(_blocked, group, charge).truth for charge in may], default=Truth.NO)
        lines = [_charge_lines(charge.number, own) for charge, own in zip(charges, each, strict=True)]
        if blocked is not Truth.NO:
            truth = min(truth, Truth.NO if blocked is Truth.YES else Truth.UNKNOWN)
            for charge in charges:
                lines += _line(2, "blocked where", ~blocked), self._find(_blocking, group, charge).lines
        return _Weighed(truth, ", ".join([_line(1, f"{group.regime}: {group.unit}", truth), *lines]))

    def _find(self, weigh: _Weigh, group: RegimeRules, charge: Charge) -> _Weighed:
        answered = self._answered.get(id(charge.bearing))
        if answered is None:
            answered = self._answered[id(charge.bearing)] = _Answered(charge.bearing)
        found = answered.find(weigh, group, charge.facts)
        if found is None:
            facts = _AskedFacts(charge.facts)
            found = weigh(group, charge._replace(facts=facts), Day.new(self._on))
            if self._kept >= _MOST_KEPT:
                self._answered.clear()
                self._kept = 0
            found = found._replace(lines=answered.keep(weigh, group, facts, found))
            self._kept += 1
        return found

    def _unreached_lines(self, charges: Sequence[Charge]) -> Mapping[str, str]:
        """By regime, what is said if it reaches none of an action's charges, as most regimes do of most actions."""
        key = tuple([text for charge in charges for text in (charge.number, str(charge.facts["ending"]))])
        found = self._unreached.get(key)
        if found is None:
            if len(self._unreached) >= _MOST_KEPT:
                self._unreached.clear()
            each = [_charge_lines(charge.number, _nothing(charge)) for charge in charges]
            found = self._unreached[key] = {
                group.regime: ", ".join([_line(1, f"{group.regime}: {group.unit}", Truth.NO), *each])
                for group in self._groups
            }
        return found


def _own(group: RegimeRules, charge: Charge, day: Day) -> _Weighed:
    """Whether a charge meets a rule of a regime."""
    found = weigh_rules_of_charge(group, charge, day)
    return _Weighed(found.truth, _lines(() if found.reason is None else found.reason.parts))


def _nothing(charge: Charge) -> _Weighed:
    return _Weighed(Truth.NO, _lines((no_such_ending(charge.facts["ending"]),)))


def _allowed(group: RegimeRules, charge: Charge, day: Day) -> _Weighed:
    """Whether a charge has ended as a regime that asks for one charge allows of the others."""
    return _Weighed(allowed_truth(group, charge, day))


def _blocked(group: RegimeRules, charge: Charge, day: Day) -> _Weighed:
    return _Weighed(charge.bearing.blocked[group.regime].truth(charge.facts))


def _blocking(group: RegimeRules, charge: Charge, day: Day) -> _Weighed:
    return _Weighed(Truth.NO, _lines((group.blocked.reason(charge.facts),)))


def _charge_lines(number: str, own: _Weighed) -> str:
    return f"{_line(2, charge_words(number), own.truth)}, {own.lines}"


@lru_cache(maxsize=16_384)
def _line(depth: int, text: str, truth: Truth) -> str:
    return encode_basestring(f"{'  ' * depth}{text}: {TRUTH_WORDS[truth]}")


def _lines(parts: Sequence[Reason], depth: int = _BELOW_CHARGE) -> str:
    return ", ".join([encode_basestring(line) for part in parts for line in part.lines(depth)])
