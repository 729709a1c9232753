"""Where notices and dispositions meet, what comes, and what changes."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from sealscrub.cli import run

from .custodian import LAW, Custodian
from .dispositions import DAY, ROWS, derive, write


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
    assert run(["law", "reconcile", str(custodian.place), "--as-of", "2026-06-01"]) == 1
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 5
    assert said.err == "1 conflict, 1 derived alone, 1 notice alone, 2 split\n"


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
    assert "us-ny/cpl-160.50      derived  sealed    2018          1" in capsys.readouterr().out


def test_what_comes_is_listed_by_day(custodian: Custodian, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(custodian, *ROWS)
    ask = ["law", "forecast", str(path), "--as-of", "2026-06-01", "--until"]

    assert run([*ask, "2027-12-31"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["docket"], line["sealed_on"]) for line in lines] == [("2026KN000005", "2027-05-06")]
    assert run([*ask, "2026-12-01"]) == 0
    assert "0 of 5 actions" in capsys.readouterr().err
    assert run([*ask, "2026-06-01"]) == 2


def test_two_files_of_decisions_are_compared(custodian: Custodian, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = custodian.folder / "old.jsonl", custodian.folder / "new.jsonl"
    derive(custodian, *ROWS[:2], explain=old, dry_run=True)
    derive(custodian, ROWS[0].replace("ACQUITTED", "PENDING"), ROWS[1], explain=new, dry_run=True)

    assert run(["law", "diff", str(old), str(new)]) == 0
    (line,) = (json.loads(text) for text in capsys.readouterr().out.splitlines())
    assert (line["docket"], line["changed"]["answer"]) == ("2018KN000001", ["sealed", "not_sealed"])
    new.write_text("SECRET\n")
    assert run(["law", "diff", str(old), str(new)]) == 3
    assert "SECRET" not in capsys.readouterr().err
