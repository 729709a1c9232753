"""Docket, indictment, arrest, person: what belongs together, and an arrest sealed only with all its branches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.custodian.law import Answer, decide_all, decide_arrest, read_cases, related

from .asking import answers, case, convicted, day, row

NOT, YES, UNKNOWN = "not_sealed", "sealed", "unknown"
ARREST: dict[str, Any] = {"arrest_number": "K", "arrest_date": day("2018-01-02")}
CRIME: dict[str, Any] = {"severity": "F", "law_code": "PL 120.05"}
INDICTED = row("2018-02-01", "SUPERSEDED BY IND 01234-2018")


def indictment(*events: Any) -> Any:
    return case("", *events, indictment="01234-2018", **ARREST)


def test_a_superseded_docket_follows_its_indictment() -> None:
    local = case("A", INDICTED, **ARREST)
    begun = row("2018-02-01", "PENDING", severity="F")

    assert answers("2019-01-01", local) == [UNKNOWN]
    assert answers("2019-01-01", local, indictment(begun)) == [NOT, NOT]
    assert answers("2019-01-01", local, indictment(begun, row("2018-06-01", "ACQUITTED"))) == [YES, YES]
    assert answers("2019-01-01", local, indictment(begun, *convicted("2018-06-01", None, **CRIME))) == [NOT, NOT]
    assert answers("2019-01-01", local, indictment(begun, row("2018-06-01", "STET"))) == [UNKNOWN, UNKNOWN]
    transferred = case("A", row("2018-02-01", "TRANSFERRED TO SUPREME COURT"), **ARREST)
    assert answers("2018-06-01", transferred, indictment(begun, row("2018-06-01", "ACQUITTED"))) == [YES, YES]


@pytest.mark.parametrize("text", ["YO ADJUDICATED", "REMOVED TO FAMILY COURT", "ACQUITTED CT 1, GUILTY CT 2"])
def test_what_ended_elsewhere_neither_in_favour_nor_in_a_crime_is_not_open(text: str) -> None:
    local = case("A", INDICTED, **ARREST)

    assert answers("2019-06-01", local, indictment(row("2018-06-01", text)))[0] == UNKNOWN


def test_a_superseded_docket_before_1991_is_no_answer() -> None:
    old: dict[str, Any] = {"arrest_number": "K", "arrest_date": day("1990-01-02")}
    local = case("A", row("1990-02-01", "SUPERSEDED BY IND 7"), **old)
    superior = case("", row("1990-06-01", "ACQUITTED"), indictment="7", **old)

    assert answers("2019-01-01", local, superior) == [UNKNOWN, UNKNOWN]


def test_later_rows_of_a_docket_with_an_indictment_are_its_superior_courts() -> None:
    local = row("2018-02-01", "DISMISSED")
    superior = convicted("2018-06-01", "2018-07-01", **CRIME)
    stage = [row("2018-06-01", "PLED GUILTY", indictment="I", **CRIME), superior[1]]

    assert answers("2018-05-01", case("A", local, *stage)) == [YES]
    assert answers("2019-01-01", case("A", local, *stage)) == [NOT]
    assert answers("2019-01-01", case("A", local, *superior)) == [UNKNOWN]
    same_day = [row("2018-06-01", "DISMISSED"), row("2018-06-01", "PENDING", indictment="I")]
    assert answers("2019-01-01", case("A", *same_day)) == [NOT]


def arrested(on: str, *cases: Any) -> Any:
    return decide_arrest(cases, day(on))


def test_an_arrest_is_sealed_when_all_its_branches_are() -> None:
    merits = case("A", row("2018-05-01", "ACQUITTED"), **ARREST)
    later = case("B", row("2018-01-02", "PENDING"), row("2018-06-01", "NO TRUE BILL"), **ARREST)
    violation = case("C", *convicted("2018-05-01", "2018-07-02", severity="V", law_code="PL 240.20"), **ARREST)
    crime = case("D", *convicted("2018-05-01", None, **CRIME), **ARREST)

    both = arrested("2019-01-01", merits, later)
    assert (both.answer, both.legal_from, both.regimes) == (Answer.SEALED, day("2018-06-01"), ("us-ny/cpl-160.50",))
    assert str(arrested("2018-05-31", merits, later).answer) == NOT
    mixed = arrested("2019-01-01", merits, violation)
    assert (str(mixed.answer), mixed.legal_from) == (YES, day("2018-07-02"))
    assert dict(mixed.uses)["court"] == ()  # one branch leaves the court's copy open
    assert "training" in dict(mixed.uses)["police"]
    assert (str(arrested("2019-01-01", merits, crime).answer), merits[0].docket) == (NOT, "A")
    assert [str(decision.answer) for decision in arrested("2019-01-01", merits, crime).branches] == [YES, NOT]


def test_an_arrest_of_which_one_branch_is_not_known_is_not_known() -> None:
    merits = case("A", row("2018-05-01", "ACQUITTED"), **ARREST)
    unknown = case("B", row("2018-05-01", "STET"), **ARREST)
    pending = case("C", row("2018-05-01", "PENDING", severity="M"), **ARREST)

    assert arrested("2019-01-01", merits, unknown).withheld
    assert str(arrested("2019-01-01", merits, unknown).answer) == UNKNOWN
    assert str(arrested("2019-01-01", unknown, pending).answer) == NOT
    assert not arrested("2019-01-01", unknown, pending).withheld


def test_an_arrest_changes_by_itself_when_its_last_branch_does() -> None:
    merits = case("A", row("2018-05-01", "ACQUITTED"), **ARREST)
    first = case("B", row("2018-05-02", "ACD", family_offense=False), **ARREST)
    last = case("C", row("2018-06-05", "ACD", family_offense=False), **ARREST)
    decision = arrested("2018-07-01", merits, first, last)

    assert (str(decision.answer), decision.next_change, decision.withheld) == (NOT, day("2018-12-06"), True)
    assert [str(arrested(on, merits, first, last).answer) for on in ("2018-12-05", "2018-12-06")] == [NOT, YES]


def test_an_arrest_without_a_branch_is_refused() -> None:
    from sealscrub.errors import UsageError

    with pytest.raises(UsageError, match="no action"):
        decide_arrest([], day("2019-01-01"))


ROWS = [
    {"docket": "A", "defendant_id": "1", "nysid": "12345678A", "arrest_number": "K1", "disposition": "ACQUITTED"},
    {"docket": "B", "defendant_id": "2", "nysid": "", "arrest_number": "K2", "disposition": "ACQUITTED"},
    {
        "docket": "C",
        "defendant_id": "3",
        "nysid": "NYSID# 12345678-A",
        "arrest_number": "K3",
        "disposition": "ACQUITTED",
    },
    {"docket": "D", "defendant_id": "4", "nysid": "NONE", "arrest_number": "K4", "disposition": "ACQUITTED"},
    {"docket": "E", "defendant_id": "5", "nysid": "NONE", "arrest_number": "K5", "disposition": "ACQUITTED"},
    {"docket": "A", "defendant_id": "6", "nysid": "", "arrest_number": "K1", "disposition": "PENDING"},
]


def test_equal_nysids_join_people_and_sentinels_do_not(tmp_path: Path) -> None:
    pl.DataFrame([{**each, "event_date": "2018-05-01"} for each in ROWS]).write_csv(tmp_path / "d.csv")
    cases = read_cases(tmp_path / "d.csv")

    assert [action.docket for action, _ in cases] == ["A", "C", "B", "D", "E", "A"]
    assert [len(related(each, cases)) for each in cases] == [1, 1, 0, 0, 0, 0]
    given = [str(decision.answer) for decision in decide_all(cases, day("2019-01-01"))]
    assert given == [YES] * 5 + [NOT]


def test_a_co_defendant_is_an_action_of_its_own(tmp_path: Path) -> None:
    rows = [
        {"docket": "2018KN000001-01", "defendant_id": "1", "disposition": "ACQUITTED"},
        {"docket": "2018KN000001-02", "defendant_id": "2", "disposition": "PLED GUILTY", "severity": "M"},
    ]
    pl.DataFrame([{**each, "event_date": "2018-05-01"} for each in rows]).write_csv(tmp_path / "d.csv")

    given = decide_all(read_cases(tmp_path / "d.csv"), day("2019-01-01"))
    assert [str(decision.answer) for decision in given] == [YES, NOT]
