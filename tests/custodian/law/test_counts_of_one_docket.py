"""What becomes of a docket whose counts ended differently: covered or dismissed with a plea, or found of a youth."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.custodian.law import Event

from .asking import answers, around, ask, ask_of, case, convicted, day, regimes, row
from .court_files import all_at_once, one_by_one, written

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
DISCON: dict[str, Any] = {"law_code": "PL 240.20", "severity": "V"}
ASSAULT: dict[str, Any] = {"law_code": "PL 120.00", "severity": "M"}
PLEA = convicted("2019-03-01", "2019-05-01", "1", **DISCON)
FELL = ["COVERED BY PLEA", "COVERED", "SATISFIED BY PLEA TO COUNT 1", "DISMISSED", "DISMISSED - COVERED"]


@pytest.mark.parametrize("text", FELL)
def test_counts_that_fell_with_a_plea_to_a_violation_are_sealed_from_the_sentence(text: str) -> None:
    rows = (*PLEA, row("2019-03-01", text, charge="2"))

    assert around("2019-05-01", *rows) == (UNKNOWN, YES, YES)
    assert (regimes(ask("2019-05-01", *rows)), ask("2019-05-01", *rows).legal_from) == (
        ["cpl-160.55"],
        day("2019-05-01"),
    )


@pytest.mark.parametrize("text", FELL)
def test_counts_that_fell_on_the_day_of_sentence_wait_for_no_appeal(text: str) -> None:
    assert around("2019-05-01", *PLEA, row("2019-05-01", text, charge="2")) == (UNKNOWN, YES, YES)


@pytest.mark.parametrize(
    "text", ["COVERED BY 2019KN000002", "SATISFIED BY PLEA TO ANOTHER DOCKET", "COVERED BY OTHER CASE"]
)
def test_a_count_that_another_docket_covers_is_unknown(text: str) -> None:
    assert str(ask("2020-01-01", *PLEA, row("2019-03-01", text, charge="2")).answer) == UNKNOWN
    youth = row("2019-03-01", "YO ADJUDICATED", charge="1")
    assert str(ask("2020-01-01", youth, row("2019-03-01", text, charge="2")).answer) == UNKNOWN


@pytest.mark.parametrize("written", ["2019KN000001", "2019 KN 000001"])
def test_a_count_that_the_docket_itself_covers_is_its_own(written: str) -> None:
    rows = (*PLEA, row("2019-03-01", f"COVERED BY {written}", charge="2"))

    assert answers("2020-01-01", case("2019KN000001", *rows)) == [YES]
    assert answers("2020-01-01", case("2019KN000009", *rows)) == [UNKNOWN]


def test_an_appeal_against_a_count_that_fell_is_waited_for() -> None:
    filed = row("2019-03-20", "PEOPLE'S APPEAL", "appeal_filed", charge="2")

    assert str(ask("2020-01-01", *PLEA, row("2019-03-01", "DISMISSED", charge="2"), filed).answer) == UNKNOWN


@pytest.mark.parametrize("text", FELL)
def test_counts_that_fell_beside_a_youth_are_confidential_at_once(text: str) -> None:
    youth = row("2019-03-01", "YO ADJUDICATED", charge="1")

    assert around("2019-03-01", youth, row("2019-03-01", text, charge="2"))[1:] == (YES, YES)


def test_a_youth_beside_a_conviction_of_a_crime_is_unknown() -> None:
    """CPL 720.20(2): the court finds it of all such convictions, or of none."""
    youth = row("2019-03-01", "YO ADJUDICATED", charge="1")
    decision = ask("2020-01-01", youth, *convicted("2019-03-01", "2019-03-01", "2", **ASSAULT))

    assert (str(decision.answer), regimes(decision), decision.withheld) == (UNKNOWN, ["cpl-720.35"], True)
    assert str(ask("2020-01-01", youth, *convicted("2019-03-01", "2019-03-01", "2", **DISCON)).answer) == YES
    assert str(ask("2020-01-01", youth, row("2019-03-01", "PLED GUILTY", charge="2", **DISCON)).answer) == YES
    assert str(ask("2020-01-01", youth, *convicted("2019-03-01", "2019-03-01", "2")).answer) == UNKNOWN
    assert str(ask("2020-01-01", youth, row("2019-03-01", "YO ADJUDICATED", charge="2")).answer) == YES


@pytest.mark.parametrize(("facts", "answer"), [(ASSAULT, UNKNOWN), (DISCON, YES), ({}, UNKNOWN)])
def test_a_youth_beside_a_crime_in_a_consolidated_docket_is_unknown(facts: dict[str, Any], answer: str) -> None:
    youth = row("2019-03-01", "YO ADJUDICATED")
    joined = row("2019-02-01", "CONSOLIDATED WITH 2019KN000001")
    other = case("2019KN000002", joined, *convicted("2019-03-01", "2019-03-01", **facts))
    apart = case("2019KN000002", *convicted("2019-03-01", "2019-03-01", **facts))
    own = case("2019KN000001", youth)
    into = case("2019KN000001", row("2019-02-01", "CONSOLIDATED WITH 2019KN000002"), youth)

    assert str(ask_of(own, "2020-01-01", own, other).answer) == answer
    assert str(ask_of(into, "2020-01-01", into, apart).answer) == answer
    assert str(ask_of(own, "2020-01-01", own, apart).answer) == YES


def test_counts_that_are_dismissed_one_and_all_are_the_whole_instrument() -> None:
    first, second, third = (row("2018-05-10", f"COUNT {n} DISMISSED", charge=str(n)) for n in (1, 2, 3))

    assert around("2018-06-11", first, second) == (UNKNOWN, UNKNOWN, YES)
    assert ask("2018-06-12", first, second).paragraph == "(3)(b)"
    assert str(ask("2019-01-01", first, row("2018-05-10", "DISMISSED CT", charge="2")).answer) == YES
    assert str(ask("2019-01-01", first, row("2018-05-10", "ACQUITTED", charge="2")).answer) == YES
    assert str(ask("2019-01-01", first, row("2018-05-10", "PENDING", charge="2")).answer) == NOT
    assert str(ask("2019-01-01", second).answer) == UNKNOWN, "the first count is in no row"
    assert str(ask("2019-01-01", first, third).answer) == UNKNOWN, "the second count is in no row"
    assert str(ask("2019-01-01", row("2018-05-10", "COUNT 2 DISMISSED", charge="1"), second).answer) == UNKNOWN
    assert str(ask("2019-01-01", row("2018-05-10", "COUNT 1 DISMISSED")).answer) == UNKNOWN


@pytest.mark.parametrize("text", ["PLEA VACATED", "PLEA WITHDRAWN", "Plea Vacated (220.60)", "GUILTY PLEA VACATED"])
def test_a_plea_that_was_vacated_leaves_room_for_a_new_one(text: str) -> None:
    first, vacated = row("2018-01-10", "PLED GUILTY", **ASSAULT), row("2018-03-01", text)
    new = convicted("2018-04-01", "2018-05-01", **DISCON)

    assert str(ask("2018-03-15", first, vacated).answer) == UNKNOWN
    assert str(ask("2019-01-01", first, vacated).answer) == UNKNOWN
    assert around("2018-05-01", first, vacated, *new) == (UNKNOWN, YES, YES)
    assert str(ask("2019-01-01", first, vacated, row("2018-04-01", "ACQUITTED")).answer) == YES
    assert str(ask("2019-01-01", first, vacated, row("2018-04-01", "PLED GUILTY", **ASSAULT)).answer) == NOT
    assert str(ask("2019-01-01", first, row("2018-04-01", "ACQUITTED")).answer) == UNKNOWN


@pytest.mark.parametrize(
    "opening",
    [
        row("2018-05-10", "PLEA VACATED"),
        row("2018-05-10", "JUDGMENT VACATED"),
        row("2018-05-10", "", "vacated"),
        row("2018-05-10", "RESTORED", "vacated"),
        row("2018-05-10", "NEW TRIAL ORDERED", "appeal_decided"),
    ],
    ids=lambda event: event.text or str(event.event),
)
def test_a_conviction_falls_before_the_case_ends_again_on_that_day(opening: Event) -> None:
    before = convicted("2018-01-10", "2018-02-10", **ASSAULT)
    plea = convicted("2018-05-10", "2018-05-10", **DISCON)
    dismissed, acquitted = row("2018-05-10", "DISMISSED"), row("2018-05-10", "ACQUITTED")

    for ending in (plea, [dismissed], [acquitted]):
        assert str(ask("2019-01-01", *before, opening, *ending).answer) == YES
        assert str(ask("2019-01-01", *before, *ending).answer) in (UNKNOWN, NOT)
    assert str(ask("2018-06-01", *before, opening, row("2018-05-10", "PENDING")).answer) == NOT
    assert str(ask("2019-01-01", *before, opening, *plea, dismissed).answer) == UNKNOWN
    assert str(ask("2019-01-01", row("2018-05-10", "PLED GUILTY", **ASSAULT), opening, dismissed).answer) == UNKNOWN


@pytest.mark.parametrize(
    ("undone", "beside"),
    [
        (row("2018-05-10", "PLEA VACATED"), row("2018-05-10", "PLED GUILTY", **ASSAULT)),
        (row("2018-05-10", "VACATED 440.10"), row("2018-05-10", "CONVICTED", **ASSAULT)),
        (row("2018-05-10", "PLEA VACATED"), row("2018-05-10", "BENCH WARRANT")),
        (row("2018-05-10", "VERDICT SET ASIDE"), row("2018-05-10", "NEW TRIAL ORDERED")),
        (row("2018-05-10", "VERDICT SET ASIDE"), row("2018-05-10", "NEW TRIAL ORDERED", "vacated")),
        (row("2018-05-10", "VERDICT SET ASIDE"), row("2018-05-10", "PENDING")),
        (row("2018-05-10", "440.10 GRANTED - DISMISSED"), row("2018-05-10", "NEW TRIAL ORDERED", "appeal_decided")),
        (row("2018-05-10", "DISMISSAL VACATED"), row("2018-05-10", "DISMISSED")),
    ],
    ids=lambda event: event.text,
)
def test_what_a_day_says_in_two_ways_of_a_conviction_is_unknown(undone: Event, beside: Event) -> None:
    for events in ((undone, beside), (beside, undone)):
        assert str(ask("2019-01-01", *convicted("2018-01-10", "2018-02-10", **ASSAULT), *events).answer) == UNKNOWN


def test_many_at_once_read_counts_and_joined_dockets_as_one_by_one() -> None:
    texts = {
        "2019KN000001": [("1", "COUNT 1 DISMISSED"), ("2", "CT 2 DISMISSED")],
        "2019KN000002": [("1", "COUNT 1 DISMISSED"), ("3", "COUNT 3 DISMISSED")],
        "2019KN000003": [("1", "YO ADJUDICATED"), ("2", "COVERED BY 2019KN000003")],
        "2019KN000004": [
            ("", "CONSOLIDATED WITH 2019KN000003"),
            ("1", "PLED GUILTY PL 120.00"),
            ("2", "COUNT DISMISSED"),
        ],
        "2019KN000005": [("", "YO ADJUDICATED")],
        "2019KN000006": [("", "CONSOLIDATED WITH 2019KN000005"), ("", "PLED GUILTY PL 120.00")],
        "2019KN000007": [("", "PLED GUILTY"), ("", "PLEA VACATED"), ("", "PG 240.20 TIME SERVED")],
        "2019KN000008": [("1", "PG 240.20 TIME SERVED"), ("2", "COVERED BY ANOTHER DOCKET")],
    }
    rows = [
        {
            "docket": docket,
            "defendant_id": "7",
            "event_date": f"2019-0{at + 1}-01",
            "charge": charge,
            "disposition": text,
            "arrest_number": "",
            "indictment": "",
        }
        for docket, each in texts.items()
        for at, (charge, text) in enumerate(each)
    ]
    with written(rows) as path:
        found = all_at_once(path, day("2020-01-01"))
        assert found == one_by_one(path, day("2020-01-01"))
    said = {numbers[0]: str(decision.answer) for numbers, decision in found}
    assert [said[docket] for docket in texts] == [YES, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, YES, UNKNOWN]
