"""A rule that ends on a day gives way to one that begins on it: each is met on its own side of that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice

import pytest

from sealscrub.custodian.law import jurisdiction
from sealscrub.custodian.law.conditions import After, Condition, Either, Every, Is, Known, Not
from sealscrub.custodian.law.residual_rules import residuals
from sealscrub.custodian.law.rules import Rule
from sealscrub.custodian.law.three_values import Truth
from sealscrub.custodian.law.weighed_rules import Day, weigh_rule

from .places import PLACES

DAY = dt.timedelta(days=1)
LONG = dt.timedelta(days=15_000)
Said = dict[str, object]


def ending_rules(law: str) -> list[Rule]:
    return [rule for rule in jurisdiction(law).rules() if rule.in_force_to is not None]


def begun_then(law: str, rule: Rule) -> list[Rule]:
    """Rules of the regime that begin on the day on which one ends, by the same day; a later version of it alone."""
    (group,) = [group for group in jurisdiction(law).regimes if rule in group.rules]
    begun = [
        each for each in group.rules if (each.in_force_from, each.governed_by) == (rule.in_force_to, rule.governed_by)
    ]
    return [each for each in begun if each.id == rule.id] or begun


def facts_for(condition: Condition, met: bool) -> Iterator[Said]:
    """Facts by which a condition is met, or may be; or is not met, or may not be."""
    if isinstance(condition, Not):
        yield from facts_for(condition.part, not met)
    elif isinstance(condition, Is):
        for value in (*(sorted(condition.values) if met else ["something else"]), None):
            yield {condition.fact: value}
    elif isinstance(condition, After):
        yield {condition.fact: condition.day if met else condition.day - DAY}
    elif isinstance(condition, Known):
        yield {condition.fact: "something" if met else None}
    elif isinstance(condition, Every | Either) and isinstance(condition, Every) is met:
        yield from _all_of([*condition.parts], met)
    elif isinstance(condition, Every | Either):
        for part in condition.parts:
            yield from facts_for(part, met)


def _all_of(parts: list[Condition], met: bool) -> Iterator[Said]:
    if not parts:
        yield {}
        return
    for rest in _all_of(parts[1:], met):
        for first in facts_for(parts[0], met):
            if all(rest.get(name, value) == value for name, value in first.items()):
                yield {**rest, **first}


def is_met(rule: Rule, day: dt.date) -> bool:
    """Whether the rule says anything on a day that governs it, by facts that it asks for."""
    asked = Every(rule.when, Not(rule.doubt))
    for facts in islice(facts_for(asked, met=True), 5000):
        on = day if rule.governed_by == "as_of" else day + LONG
        starts = rule.clock.start if rule.clock is not None else ()
        held = {**dict.fromkeys(starts, day - LONG), **facts, rule.governed_by: day}
        ending = facts.get("ending", next(iter(rule.endings or ("",))))
        if asked.truth(held) is not Truth.NO and residuals((rule,), ending):
            (left,) = residuals((rule,), ending)
            found = weigh_rule(left, held, Day.new(on))
            return bool(found.rules or found.undated) or found.eligible_from is not None
    raise AssertionError(f"facts that meet {rule.id}@{rule.version} were not found")


@pytest.mark.parametrize(
    ("law", "rule"),
    [
        pytest.param(law, rule, id=f"{rule.id}@{rule.version}".replace("/", ":"))
        for law in PLACES
        for rule in ending_rules(law)
    ],
)
def test_a_rule_that_ends_gives_way_to_one_that_begins(law: str, rule: Rule) -> None:
    border, later = rule.in_force_to, begun_then(law, rule)

    assert border is not None
    assert later, "a day on which a rule ends is asked about only if another begins"
    assert (is_met(rule, border - DAY), is_met(rule, border)) == (True, False)
    assert {(is_met(each, border - DAY), is_met(each, border)) for each in later} == {(False, True)}
