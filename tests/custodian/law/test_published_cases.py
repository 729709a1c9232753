"""Published cases, with their citations. The names are those of the reports; numbers are made up but Ebner's."""

from __future__ import annotations

from typing import Any

import pytest

from .asking import answers, ask_of, case, convicted, day, regimes, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
ONE_ARREST: dict[str, Any] = {"arrest_number": "Q", "arrest_date": day("1977-12-01")}
CRIME: dict[str, Any] = {"severity": "M", "law_code": "PL 120.00"}


def docket(number: str, *events: Any) -> Any:
    return case(number, *events, **ONE_ARREST)


def covered(by: str, on: str) -> list[Any]:
    return [docket(number, row(on, f"DISMISSED - COVERED BY {by}")) for number in ("Q-800721", "Q-800722")]


def test_ebner_one_plea_covers_two_dockets() -> None:
    """People v Ebner, 95 Misc 2d 781 (Crim Ct Queens 1978): a plea to a traffic infraction, before 160.55."""
    plea = docket("Q-800720", *convicted("1978-05-01", "1978-05-01", severity="I", law_code="VTL1180001"))

    assert answers("1979-01-01", plea, *covered("Q-800720", "1978-05-01")) == [UNKNOWN, UNKNOWN, UNKNOWN]


def test_ebner_as_it_would_be_today() -> None:
    """CPL 160.55: the police copy of the docket with the plea would be sealed."""
    plea = docket("Q-800720", *convicted("2018-05-01", "2018-05-01", severity="I", law_code="VTL1180001"))
    cases = [plea, *covered("Q-800720", "2018-05-01")]

    assert answers("2019-01-01", *cases) == [YES, UNKNOWN, UNKNOWN]
    assert regimes(ask_of(plea, "2019-01-01", *cases)) == ["cpl-160.55"]


def test_ebner_with_a_plea_to_a_crime_is_not_sealed() -> None:
    plea = docket("Q-800720", *convicted("2018-05-01", "2018-05-01", **CRIME))
    two = covered("Q-800720", "2018-05-01")

    assert answers("2019-01-01", plea, *two) == [NOT, NOT, NOT]
    assert answers("2019-01-01", *two) == [UNKNOWN, UNKNOWN]


@pytest.mark.parametrize("written", ["Q-800720", "Q800720", "q 800720"])
def test_the_docket_that_a_text_names_is_the_one_that_covers(written: str) -> None:
    [first, _] = covered(written, "2018-05-01")
    named = case("Q-800720", *convicted("2018-05-01", "2018-05-01", **CRIME), arrest_number="R")
    another = docket("Q-800999", *convicted("2018-05-01", "2018-05-01", **CRIME))

    assert answers("2019-01-01", first, named)[0] == NOT
    assert answers("2019-01-01", first, another)[0] == UNKNOWN


def test_cunningham_dismissed_as_part_of_a_plea_in_a_companion_docket() -> None:
    """People v Cunningham (Nassau Dist Ct 2002): not on the list."""
    plea = docket("N-1", *convicted("2001-05-01", "2001-05-01", **CRIME))
    dismissed = docket("N-2", row("2001-05-01", "DISMISSED SATISFIED BY PLEA TO N-1"))

    assert answers("2002-01-01", plea, dismissed) == [NOT, NOT]


def test_tarver_an_indictment_dismissed_for_a_plea_to_an_information() -> None:
    """People v Tarver (Rensselaer 1991)."""
    plea = docket("R-1", *convicted("1991-12-01", "1991-12-01", **CRIME))
    indictment = docket("R-2", row("1991-12-01", "COVERED BY PLEA TO R-1"))

    assert answers("1992-06-01", plea, indictment) == [NOT, NOT]


def test_a_docket_dismissed_on_its_merits_beside_a_plea_is_sealed() -> None:
    """The unit is the instrument."""
    plea = docket("K-1", *convicted("2018-05-01", "2018-05-01", **CRIME))
    merits = docket("K-2", row("2018-05-01", "DISM FACIALLY INSUFFICIENT"))

    assert answers("2019-01-01", plea, merits) == [NOT, YES]


def test_nicholas_the_seal_of_a_violation_begins_with_the_sentence() -> None:
    """People v Nicholas, 19 Misc 3d 322."""
    plea = case("K-1", *convicted("2018-05-01", "2018-06-01", severity="V", law_code="PL 240.20"))

    assert [answers(on, plea)[0] for on in ("2018-05-31", "2018-06-01", "2018-06-02")] == [UNKNOWN, YES, YES]


def test_washington_the_peoples_thirty_days_run_from_service() -> None:
    """People v Washington, 86 NY2d 853."""
    served = case("K-1", row("2018-05-01", "DISMISSED", served_on=day("2018-06-04")))

    assert [answers(on, served)[0] for on in ("2018-06-05", "2018-07-05", "2018-07-06")] == [UNKNOWN, UNKNOWN, YES]
