"""Where notices and dispositions meet, what comes, and what changes."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from sealscrub.cli import run

from .custodian import LAW, Custodian
from .dispositions import DAY, ROWS, derive, write

KINDS = ("Conflict", "Derived alone", "Notice alone", "Split")


def test_what_does_not_meet_is_listed_by_kind(custodian: Custodian, capsys: pytest.CaptureFixture[str]) -> None:
    sibling = "2018KN000009,7,K18000001,2018-01-01,1,,,PENDING,2018-05-01"
    pending = "2018KN000010,8,K18000010,2018-01-01,1,,,PENDING,2018-05-01"
    derive(custodian, ROWS[0], sibling, pending)
    custodian.add(
        {"seal_id": "N1", "event": "sealed", "regime": LAW, "effective_from": "2018-05-02", "docket": "2018KN000010"},
        {"seal_id": "N2", "event": "sealed", "regime": LAW, "effective_from": "2018-05-02", "docket": "2018KN000077"},
    )
    found = custodian.registry.reconcile(DAY)

    assert [(row["kind"], row["value"]) for row in found.iter_rows(named=True)] == [
        ("conflict", "2018KN000010"),
        ("notice alone", "2018KN000077"),
        ("derived alone", "2018KN000001"),
        ("split", "K18000001"),
        ("split", "K18000001"),
    ]
    ask = ["law", "reconcile", str(custodian.place), "--as-of", "2026-06-01"]
    assert run([*ask, "--format", "json"]) == 1
    assert [row["kind"] for row in json.loads(capsys.readouterr().out)] == found["kind"].to_list()
    assert run(ask) == 1
    said = capsys.readouterr().out
    assert said.startswith("Notices and dispositions conflict\n")
    assert [re.search(rf"^{kind} +(.)$", said, re.MULTILINE)[1] for kind in KINDS] == [*"1112"]


GUILTY = "2018KN000002,8,K18000002,2018-01-01,1,PL 120.00,M,PLED GUILTY,2018-05-02"
EXCLUDED = "a notice seals it under a regime that the dispositions exclude"


def noted(seal: str, docket: str, regime: str = LAW) -> dict[str, str]:
    return {"seal_id": seal, "event": "sealed", "regime": regime, "effective_from": "2018-05-02", "docket": docket}


@pytest.mark.parametrize("first", ["dispositions", "notice"])
def test_a_notice_of_favourable_termination_after_a_guilty_plea_is_a_conflict(custodian: Custodian, first: str) -> None:
    """The plea leaves open whether Clean Slate seals it, and nothing else."""
    if first == "dispositions":
        derive(custodian, GUILTY)
        said = custodian.add(noted("N1", "2018KN000002")).contradictions
    else:
        custodian.add(noted("N1", "2018KN000002"))
        said = derive(custodian, GUILTY).contradictions
    found = custodian.registry.reconcile(DAY)

    assert [what for _, what in said] == [EXCLUDED]
    assert [(row["kind"], row["state"], row["what"]) for row in found.iter_rows(named=True)] == [
        ("conflict", "withheld", EXCLUDED)
    ]


@pytest.mark.parametrize(
    ("row", "regime"),
    [
        (GUILTY, "us-ny/cpl-160.57"),  # it is in play
        (GUILTY.replace("PL 120.00", ""), "us-ny/cpl-160.50-5"),  # so is this, under a paragraph of 160.50
        (GUILTY.replace("PL 120.00", ""), LAW),
        (GUILTY.replace("PLED GUILTY", "STET"), LAW),  # the words may mean anything
        ("2018KN000002,8,K18000002,2018-01-01,1,PL 120.00,M,COVERED BY 2018KN000077,2018-05-02", LAW),
        ("2018KN000002,8,K18000002,2018-01-01,1,PL 120.00,M,ACD 170.55,2026-05-02", LAW),  # it comes to be sealed
    ],
)
def test_a_notice_that_may_be_right_is_none(custodian: Custodian, row: str, regime: str) -> None:
    derive(custodian, row)

    assert custodian.add(noted("N1", "2018KN000002", regime)).contradictions == ()
    assert "conflict" not in custodian.registry.reconcile(DAY)["kind"].to_list()


def test_a_notice_ends_the_waiting(custodian: Custodian) -> None:
    derive(custodian, ROWS[0])
    assert custodian.registry.reconcile(dt.date(2018, 5, 20)).is_empty()
    custodian.add(
        {"seal_id": "N1", "event": "sealed", "regime": LAW, "effective_from": "2018-05-01", "docket": "2018KN000001"}
    )

    assert custodian.registry.reconcile(DAY).is_empty()


def test_the_registry_in_numbers(custodian: Custodian, capsys: pytest.CaptureFixture[str]) -> None:
    derive(custodian, *ROWS)

    assert custodian.registry.status(DAY)["seals"].sum() == 5
    assert run(["registry", "status", str(custodian.place), "--as-of", "2026-06-01"]) == 0
    assert "us-ny/cpl-160.50 derived sealed 2018 1" in " ".join(capsys.readouterr().out.split())


def test_what_comes_is_listed_by_day(custodian: Custodian, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(custodian, *ROWS)
    ask = ["law", "forecast", str(path), "--as-of", "2026-06-01", "--until"]

    assert run([*ask, "2027-12-31", "--format", "json"]) == 0
    lines = json.loads(capsys.readouterr().out)
    assert [(line["docket"], line["sealed_on"]) for line in lines] == [("2026KN000005", "2027-05-06")]
    assert run([*ask, "2026-12-01"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("No actions will be sealed by 2026-12-01\n\nActions         5\nWill be sealed  0\n")
    assert run([*ask, "2026-06-01"]) == 2


def test_two_files_of_decisions_are_compared(custodian: Custodian, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = custodian.folder / "old.jsonl", custodian.folder / "new.jsonl"
    derive(custodian, *ROWS[:2], explain=old, dry_run=True)
    derive(custodian, ROWS[0].replace("ACQUITTED", "PENDING"), ROWS[1], explain=new, dry_run=True)

    assert run(["law", "diff", str(old), str(new)]) == 0
    said = capsys.readouterr().out
    told = " ".join(said.split())
    assert "answer: sealed → not sealed" in told
    assert "rules: us-ny/cpl-160.50/3c@1 → none" in told
    assert re.search(rf"^Sealed {LAW} → not sealed +1$", said, re.MULTILINE)
    assert run(["law", "diff", str(old), str(new), "--format", "json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["docket"], line["changed"]["answer"]) == ("2018KN000001", ["sealed", "not_sealed"])
    new.write_text("SECRET\n")
    assert run(["law", "diff", str(old), str(new)]) == 3
    assert "SECRET" not in capsys.readouterr().err


def test_an_answer_that_stays_is_not_said_to_become_its_regimes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``Us-ny/cpl-160.50, us-ny/cpl-160.55 → us-ny/cpl-160.50`` did not say that both are unknown."""
    line = {"docket": "2018KN000001", "defendant_id": "7", "arrest_number": "", "answer": "unknown"}
    for name, regimes in (("old", [LAW, "us-ny/cpl-160.55"]), ("new", [LAW])):
        (tmp_path / name).write_text(json.dumps({**line, "regimes": regimes}) + "\n")

    assert run(["law", "diff", str(tmp_path / "old"), str(tmp_path / "new")]) == 0
    assert f"The same answer, {LAW}, us-ny/cpl-160.55 → {LAW}" in " ".join(capsys.readouterr().out.split())
