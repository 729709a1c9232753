"""The histories that are drawn for other tests: each of the three answers comes often."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from hypothesis import HealthCheck, given, settings

from sealscrub.custodian.law import Action, Answer, Event, decide

from .court_files import as_rows, court_files, one_by_one, written
from .histories import days, histories, late_days

_FLOOR = 0.15
_WITHOUT_LUCK = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])


def assert_balanced(answers: Counter[Answer]) -> None:
    for answer in Answer:
        assert answers[answer] >= _FLOOR * answers.total(), f"{answer}: {answers}"


def test_histories_have_each_answer_often() -> None:
    answers = Counter[Answer]()

    @_WITHOUT_LUCK
    @given(histories, days)
    def ask(history: list[Event], as_of: dt.date) -> None:
        answers[decide(Action(), history, as_of, explain=False).answer] += 1

    ask()
    assert_balanced(answers)


def test_files_of_a_court_have_each_answer_often_and_texts_that_name_other_dockets() -> None:
    answers, naming = Counter[Answer](), Counter[str]()

    @_WITHOUT_LUCK
    @given(court_files(), late_days)
    def ask(file: list[dict[str, str]], as_of: dt.date) -> None:
        with written(file) as path:
            answers.update(decision.answer for _, decision in one_by_one(path, as_of).elements())
        naming["files"] += 1
        naming["name a docket"] += any("2014KN" in row["disposition"] for row in file)
        naming["have a row twice"] += len({*as_rows(file)}) < len(file)
        naming["share a person"] += len({row["defendant_id"] for row in file}) < len({row["docket"] for row in file})

    ask()
    assert_balanced(answers)
    assert min(naming.values()) >= naming["files"] / 3, naming
