"""Notices and dispositions that say different things: said whichever comes first, and never resolved."""

from __future__ import annotations

import datetime as dt

import pytest

from sealscrub.cli import run

from .custodian import LAW, Custodian, Row
from .dispositions import DAY, derive

ACQUITTED = "2018KN000001,7,K18000001,2018-01-01,1,,,ACQUITTED,2018-05-01"
PENDING = "2026KN000002,8,K26000002,2026-05-01,1,,,PENDING,2026-05-02"
UNFILED = ",9,K26000003,2026-05-01,1,,,PENDING,2026-05-02"
SEALED: Row = {"seal_id": "N1", "event": "sealed", "regime": LAW}
CASES: list[tuple[str, Row, str]] = [
    (ACQUITTED, SEALED | {"effective_from": "2018-05-01", "docket": "2018KN000001"}, ""),
    (ACQUITTED, SEALED | {"effective_from": "2018-05-01", "arrest_number": "K18000001"}, ""),
    (ACQUITTED, SEALED | {"effective_from": "2018-05-09", "docket": "CR-000001-18KN"}, "from another day"),
    (
        ACQUITTED,
        SEALED | {"effective_from": "2018-05-01", "docket": "2018KN000001", "regime": "us-ny/cpl-160.55"},
        "under another regime",
    ),
    (
        ACQUITTED,
        {"seal_id": "N1", "event": "open", "effective_from": "2018-05-01", "docket": "2018KN000001"},
        "a notice leaves it open",
    ),
    (
        PENDING,
        SEALED | {"effective_from": "2026-05-02", "docket": "2026KN000002"},
        "seals it, and the dispositions do not",
    ),
    (
        PENDING,
        SEALED | {"effective_from": "2026-05-02", "docket": "2026KN000002", "event": "withheld"},
        "withholds it, and the dispositions do not",
    ),
    (PENDING, SEALED | {"effective_from": "2026-05-02", "arrest_number": "K26000002"}, "a notice seals its arrest"),
    (PENDING, SEALED | {"effective_from": "2026-05-02", "docket": "2026KN000009", "arrest_number": "K26000002"}, ""),
    (UNFILED, SEALED | {"effective_from": "2026-05-02", "arrest_number": "K26000003"}, "and the dispositions do not"),
]


@pytest.mark.parametrize(("row", "notice", "what"), CASES)
def test_a_notice_before_dispositions_is_compared(custodian: Custodian, row: str, notice: Row, what: str) -> None:
    custodian.add(notice)
    derived = derive(custodian, row)

    assert [line for line, _ in derived.contradictions] == ([2] if what else [])
    assert all(what in said for _, said in derived.contradictions)
    assert derived.confirmed == (not what and row == ACQUITTED)
    assert "N1" in {seal.seal_id for seal in custodian.registry.seals(DAY)}
    written = what and row != UNFILED and "arrest" not in what  # the others would take back what a notice says
    assert _conflicts(custodian) == ([said for _, said in derived.contradictions] if written else [])


@pytest.mark.parametrize(("row", "notice", "what"), CASES)
def test_a_notice_after_dispositions_is_compared(custodian: Custodian, row: str, notice: Row, what: str) -> None:
    derive(custodian, row)
    before = custodian.registry.seals(DAY)
    added = custodian.add(notice)

    assert [line for line, _ in added.contradictions] == ([2] if what else [])
    assert all(what in said for _, said in added.contradictions)
    assert added.confirmed == (not what and row == ACQUITTED)
    assert _conflicts(custodian) == [said for _, said in added.contradictions]
    assert set(before) < set(custodian.registry.seals(DAY))
    assert custodian.add(notice).contradictions == ()  # it is told once


def _conflicts(custodian: Custodian) -> list[str]:
    found = custodian.registry.reconcile(DAY)
    return [row["what"] for row in found.iter_rows(named=True) if row["kind"] == "conflict"]


def test_a_notice_that_ends_a_derived_seal_is_a_contradiction_and_ends_it(custodian: Custodian) -> None:
    derive(custodian, ACQUITTED)
    ended = custodian.add({"event": "vacated", "effective_from": "2019-01-01", "docket": "2018KN000001"})

    assert ended.contradictions == ((2, "a notice ended its seal, and the dispositions seal it"),)
    assert _conflicts(custodian) == ["a notice ended its seal, and the dispositions seal it"]
    again = derive(custodian, ACQUITTED)
    assert (again.appended, again.contradictions) == (
        0,
        ((2, "a notice ended its seal, and the dispositions seal it"),),
    )
    assert [seal.state for seal in custodian.registry.seals(DAY)] == ["vacated"]


def test_a_notice_that_was_ended_before_dispositions_came_is_a_contradiction(custodian: Custodian) -> None:
    custodian.add(
        SEALED | {"effective_from": "2018-05-01", "docket": "2018KN000001"},
        {"seal_id": "N1", "event": "vacated", "effective_from": "2019-01-01"},
    )
    derived = derive(custodian, ACQUITTED)

    assert derived.contradicted == 1
    assert custodian.published()[("docket", "2018KN000001")] == "sealed"  # what either bars is barred
    assert _conflicts(custodian) == ["a notice ended its seal, and the dispositions seal it"]


def test_what_a_notice_says_of_an_arrest_is_not_taken_back_by_dispositions(custodian: Custodian) -> None:
    for row, arrest in ((PENDING, "K26000002"), (UNFILED, "K26000003")):
        custodian.add(SEALED | {"seal_id": arrest, "effective_from": "2026-05-02", "arrest_number": arrest})
        assert derive(custodian, row).contradicted == 1
        assert custodian.published()[("arrest_number", arrest)] == "sealed"


def test_a_contradiction_that_is_over_is_none(custodian: Custodian) -> None:
    custodian.add(SEALED | {"effective_from": "2026-05-02", "docket": "2026KN000002"})
    assert derive(custodian, PENDING).contradicted == 1
    acquitted = PENDING.replace("PENDING", "ACQUITTED")

    assert derive(custodian, acquitted).contradicted == 0
    assert _conflicts(custodian) == []


def test_the_commands_name_the_lines(custodian: Custodian, capsys: pytest.CaptureFixture[str]) -> None:
    derive(custodian, ACQUITTED, PENDING)
    path = custodian.file(
        SEALED | {"effective_from": "2018-05-01", "docket": "2018KN000001"},
        SEALED | {"seal_id": "N2", "effective_from": "2026-05-02", "docket": "2026KN000002"},
    )

    assert run(["registry", "add", str(custodian.place), str(path)]) == 0
    said = capsys.readouterr().err
    assert "They confirm 1 of the seals that dispositions made." in said
    assert "contradict each other in 1 line;" in said
    assert "  line 3: a notice seals it, and the dispositions do not\n" in said
    assert run(["law", "reconcile", str(custodian.place), "--as-of", "2026-06-01"]) == 1
    capsys.readouterr()
    assert (
        run(["registry", "derive", str(custodian.place), str(custodian.folder / "d.csv"), "--as-of", "2026-06-01"]) == 0
    )
    assert "  line 3: a notice seals it, and the dispositions do not\n" in capsys.readouterr().err


def test_what_was_known_before_the_day_counts(custodian: Custodian) -> None:
    custodian.add(SEALED | {"effective_from": "2026-05-30", "docket": "2026KN000002"})

    assert derive(custodian, PENDING, as_of=dt.date(2026, 5, 29)).contradicted == 0
    assert derive(custodian, PENDING, as_of=dt.date(2026, 5, 30)).contradicted == 1
