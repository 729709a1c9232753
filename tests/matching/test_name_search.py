"""Names are read once for each index, and what is remembered of them answers no other question and shows no name."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import UnsuitableIndex
from sealscrub.identifiers import Level, Scheme, Spelling, known_schemes, register_scheme
from sealscrub.index.planted_keys import planted
from sealscrub.matching import Policy
from sealscrub.matching.name_search import search_names
from sealscrub.matching.value_search import Likeness, ValueSearch

NAMES = ["age", "K14-612345", "KI4612345"]
BOOKING = register_scheme(
    Scheme(
        name="name_booking",
        level=Level.ARREST,
        spellings=(Spelling(r"BK(?P<serial>\d{7})", "BK{serial}"),),
        labels=("BK",),
    )
)


class Name(str):
    """A text that can be watched."""


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_scheme_that_is_registered_again_otherwise_changes_the_answer(
    asked_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = example_index({"name_booking": ["BK1234567"]})
    if asked_before:
        assert search_names(index, None, ["BK1234567"]).tolist() == [Likeness.HELD]
    other = replace(BOOKING, spellings=(Spelling(r"BK(?P<serial>\d{7})", "BK-{serial}"),))
    monkeypatch.setitem(known_schemes._known, "name_booking", other)

    with pytest.raises(UnsuitableIndex, match="differs"):
        search_names(index, None, ["BK1234567"])


def test_a_scheme_that_is_registered_again_may_take_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not ValueSearch(example_index({"name_booking": ["BK1234567"]})).numeric
    other = replace(BOOKING, spellings=(Spelling(r"(?:BK)?(?P<serial>\d{7})", "{serial}"),))
    monkeypatch.setitem(known_schemes._known, "name_booking", other)

    assert ValueSearch(example_index({"name_booking": ["1234567"]})).numeric


def test_two_indexes_answer_for_themselves() -> None:
    one, other = example_index(["K14612345"]), example_index(["M14000017"])

    for _ in range(2):
        assert search_names(one, None, NAMES)[:2].tolist() == [Likeness.NONE, Likeness.HELD]
        assert search_names(other, None, NAMES)[:2].tolist() == [Likeness.NONE, Likeness.NONE]


@pytest.mark.parametrize("first", [0, 1])
def test_another_policy_is_another_question(first: int) -> None:
    index = example_index(["K14612345"])
    policies = [None, Policy(accept={"near"})]
    answers: dict[int, Any] = {}
    for at in (first, 1 - first, first):
        answers[at] = search_names(index, policies[at], NAMES).tolist()

    assert answers == {
        0: [Likeness.NONE, Likeness.HELD, Likeness.NEAR],
        1: [Likeness.NONE, Likeness.HELD, Likeness.NONE],
    }


def test_planted_names_are_held_while_they_are_planted() -> None:
    index = example_index(["M14000017"])
    answers = [search_names(index, None, NAMES)[1]]
    for keys, likeness in (["K14612345"], Likeness.HELD), (["K14612346"], Likeness.NONE), ([], Likeness.NONE):
        with planted({"arrest_number": keys}):
            assert [search_names(index, None, NAMES)[1] for _ in range(2)] == [likeness] * 2
            with planted({"arrest_number": ["K14612345"]}):
                answers.append(search_names(index, None, NAMES)[1])
            assert search_names(index, None, NAMES)[1] == likeness
    answers.append(search_names(index, None, NAMES)[1])

    assert answers == [Likeness.NONE, Likeness.HELD, Likeness.HELD, Likeness.HELD, Likeness.NONE]


def test_a_planted_index_counts_as_asked_whether_or_not_the_answer_is_remembered() -> None:
    index = example_index(["M14000017"])
    for keys in (["K14612345"], ["K14612345"], []):
        with planted({"arrest_number": keys}) as plant:
            search_names(index, None, NAMES)
            asked = plant.asked
            search_names(index, None, NAMES)
            assert plant.asked > asked > 0


def test_each_list_of_names_is_a_question_of_its_own() -> None:
    index = example_index(["K14612345"])
    for names in (["K14612345", "c"], ["K14612345c"], ["K14612345', 'c"], ["K14612345", "", "c"], ["\x00", "c"], []):
        answer = search_names(index, None, names)
        assert answer.tolist() == [int(search_names(example_index(["K14612345"]), None, [each])[0]) for each in names]


def test_what_is_remembered_is_the_callers_own_and_holds_no_name() -> None:
    index, name = example_index(["K14612345"]), Name("K14612345")
    watched = weakref.ref(name)

    search_names(index, None, [name])[:] = Likeness.NONE
    answer = search_names(index, None, [name])
    del name
    gc.collect()

    assert np.array_equal(answer, [Likeness.HELD])
    assert watched() is None


def test_an_index_is_forgotten_with_what_it_answered() -> None:
    index = example_index(["K14612345"])
    search_names(index, None, NAMES)
    watched = weakref.ref(index)
    del index
    gc.collect()

    assert watched() is None
