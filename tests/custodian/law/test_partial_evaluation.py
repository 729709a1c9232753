"""What is left of a condition comes out as the whole does."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law.conditions import After, Condition, Either, Every, Is, Known, Not
from sealscrub.custodian.law.residual_rules import narrowed
from sealscrub.custodian.law.three_values import Truth

FACTS = ("ending", "severity", "law", "appeal")
DAYS = ("ended_on", "sentenced_on")

_BEGIN = dt.date(2021, 1, 1)
_of_word = st.builds(
    lambda fact, values: Is(fact, *values), st.sampled_from(FACTS), st.sets(st.sampled_from("ABC"), min_size=1)
)
_of_day = st.builds(After, st.sampled_from(DAYS), st.just(_BEGIN)) | st.builds(Known, st.sampled_from((*FACTS, *DAYS)))


def _several(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    some = st.lists(parts, max_size=3)
    return st.builds(lambda p: Every(*p), some) | st.builds(lambda p: Either(*p), some) | st.builds(Not, parts)


conditions = st.recursive(_of_word | _of_day, _several, max_leaves=12)
words = st.fixed_dictionaries({name: st.none() | st.sampled_from("ABCD") for name in FACTS})
days = st.fixed_dictionaries({name: st.none() | st.just(_BEGIN) | st.just(dt.date(2020, 1, 1)) for name in DAYS})


@settings(max_examples=150, deadline=None)
@given(conditions, words, days, st.sets(st.sampled_from(FACTS)))
def test_what_is_left_has_the_same_truth_and_misses_the_same_facts(
    condition: Condition, said: dict[str, object], when: dict[str, object], settled: set[str]
) -> None:
    facts = {**said, **when}
    left = narrowed(condition, {name: said[name] for name in settled})

    assert left.truth(facts) is condition.truth(facts)
    assert left.missing(facts) == condition.missing(facts)
    assert not left.facts() & {name for name in settled if said[name] is not None}, "what is settled is not asked again"


@settings(max_examples=100, deadline=None)
@given(conditions, words, days)
def test_missing_facts_are_those_of_the_reasons(
    condition: Condition, said: dict[str, object], when: dict[str, object]
) -> None:
    facts = {**said, **when}

    assert condition.missing(facts) == condition.reason(facts).missing()
    if condition.truth(facts) is not Truth.UNKNOWN:
        assert not condition.missing(facts)
