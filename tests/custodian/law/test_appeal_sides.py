"""Whose an appeal is, as files write it: the People's is waited for, and one whose side cannot be read is unknown."""

from __future__ import annotations

import pytest

from .asking import around, ask, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
DISMISSED = row("2018-05-10", "DISMISSED")
PEOPLE = [
    "PEOPLE",
    "PEOPLE'S APPEAL",
    "Peoples appeal",
    "PEOPLE’S NOTICE OF APPEAL",
    "APPEAL BY THE PEOPLE",
    "BY DA",
    "D.A.",
    "DISTRICT ATTORNEY",
    "NOTICE OF APPEAL - PROSECUTION",
    "PRESENTMENT AGENCY",
    "",
]
DEFENDANT = ["DEFENDANT", "DEFENDANT'S APPEAL", "DEFT", "BY DEFENSE", "Def. appeal"]
NEITHER = [
    "APPEAL",
    "NOTICE OF APPEAL FILED",
    "PEOPLE V DEFENDANT",
    "NOT BY THE PEOPLE",
    "PEOPLE OR DEFENDANT",
    "CO-DEFT?",
]


@pytest.mark.parametrize("text", PEOPLE)
def test_an_appeal_of_the_people_is_read_however_it_is_written(text: str) -> None:
    filed = row("2018-05-20", text, "appeal_filed")

    assert str(ask("2019-02-28", DISMISSED, filed).answer) == UNKNOWN
    assert around("2019-03-01", DISMISSED, filed, row("2019-03-01", "AFFIRMED", "appeal_decided")) == (
        UNKNOWN,
        YES,
        YES,
    )
    assert around("2019-03-01", DISMISSED, filed, row("2019-03-01", "REVERSED", "appeal_decided")) == (
        UNKNOWN,
        NOT,
        NOT,
    )


@pytest.mark.parametrize("text", DEFENDANT)
def test_an_appeal_of_the_defendant_is_not_waited_for(text: str) -> None:
    assert str(ask("2019-02-28", DISMISSED, row("2018-05-20", text, "appeal_filed")).answer) == YES


@pytest.mark.parametrize("text", NEITHER)
def test_an_appeal_whose_side_cannot_be_read_is_unknown(text: str) -> None:
    filed = row("2018-05-20", text, "appeal_filed")
    decision = ask("2019-02-28", DISMISSED, filed)

    assert (str(decision.answer), decision.missing) == (UNKNOWN, ("appeal",))
    assert str(ask("2020-01-01", DISMISSED, filed, row("2019-03-01", "AFFIRMED", "appeal_decided")).answer) == YES
    assert str(ask("2020-01-01", DISMISSED, filed, row("2019-03-01", "REVERSED", "appeal_decided")).answer) == UNKNOWN


def test_an_appeal_of_the_defendant_does_not_end_that_of_the_people() -> None:
    both = [row("2018-05-20", text, "appeal_filed") for text in ("PEOPLE'S APPEAL", "DEFENDANT")]

    assert str(ask("2019-02-28", DISMISSED, *both).answer) == UNKNOWN
    later = row("2018-06-20", "DEFENDANT", "appeal_filed")
    assert str(ask("2019-02-28", DISMISSED, both[0], later).answer) == UNKNOWN
