"""What other charges of a docket bar: as many at once as each on its own."""

from __future__ import annotations

import datetime as dt
from itertools import product
from pathlib import Path

import pytest

from sealscrub.cli import run
from sealscrub.custodian.law import Decision, decide, decide_charges, find_rule, read_cases, read_charges

NOW = dt.date(2026, 8, 1)
HEAD = (
    "docket,defendant_id,charge,disposition,event_date,crime_date,severity,offense_class,law_code,restitution,"
    "history_complete"
)
CHARGES = (
    "GUILTY,2012-03-03,2012-02-02,M,1,18.2-96,none,Y",
    "GUILTY,2012-03-03,2012-02-02,M,1,18.2-266,none,Y",
    "GUILTY,2014-03-03,2012-02-02,M,1,18.2-57,none,Y",
    "GUILTY,2012-03-03,2012-02-02,M,4,18.2-388,none,Y",
    "GUILTY,2012-03-03,2012-02-02,F,6,18.2-248,none,Y",
    "GUILTY,2012-03-03,2012-02-02,F,,18.2-95,none,Y",
    "NOLLE PROSEQUI,2012-03-03,2012-02-02,M,1,18.2-57,none,Y",
    "Zzz,2012-03-03,2012-02-02,M,1,18.2-57,none,Y",
)


def told(decision: Decision) -> tuple[object, ...]:
    return decision.answer, decision.eligible_from, decision.may_apply_from, decision.missing


def test_many_at_once_are_decided_as_each_on_its_own(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    lines = [
        f"013GC12{person:06d}-00,{person},{number},{charge}"
        for person, charges in enumerate(product(CHARGES, repeat=2))
        for number, charge in enumerate(charges, 1)
    ]
    lines += [f"059GC12{person:06d}-00,{person},1,{CHARGES[6]}" for person in range(0, len(CHARGES) ** 2, 3)]
    file.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")

    cases = read_cases(file, law="us-va")
    decided = decide_charges(read_charges(file, law="us-va"), NOW, law="us-va")
    at_once = {docket: told(each) for docket, each in zip(decided.actions["docket"], decided, strict=True)}
    singly = {}
    for case in cases:
        linked = [other for other in cases if other is not case and other[0].defendant_id == case[0].defendant_id]
        singly[case[0].docket] = told(decide(*case, NOW, linked=linked, law="us-va", explain=False))
    assert at_once == singly
    assert len({eligible for _, eligible, *_ in singly.values()}) > 1
    assert len({apply for _, _, apply, _ in singly.values()}) > 1


def test_no_charge_is_on_two_lists() -> None:
    """A conviction is one of § 19.2-392.6, sealed by the process of 392.7; what ended without one is of 392.11."""
    lists = [find_rule(f"us-va/vc-19.2-392.{section}/list")[0].endings for section in ("6", "11")]

    assert [each for each in lists if not each] == []
    assert frozenset.intersection(*(each or frozenset() for each in lists)) == frozenset()


def test_a_charge_that_is_unknown_beside_one_that_is_not_sealed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = {"unknown": (CHARGES[6], CHARGES[3]), "alone": (CHARGES[6],), "both not": (CHARGES[1], CHARGES[1])}
    dockets = {name: f"013GC12{at:06d}-00" for at, name in enumerate(pairs)}
    lines = [
        f"{dockets[name]},{at},{number},{charge}"
        for at, (name, charges) in enumerate(pairs.items())
        for number, charge in enumerate(charges, 1)
    ]
    (tmp_path / "d.csv").write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")

    decided = decide_charges(read_charges(tmp_path / "d.csv", law="us-va"), NOW, law="us-va")
    by_docket = dict(zip(decided.actions["docket"], decided, strict=True))

    assert {name: by_docket[docket].part_unknown for name, docket in dockets.items()} == {
        "unknown": True,
        "alone": False,
        "both not": False,
    }

    registry = str(tmp_path / "seals.db")
    assert run(["registry", "init", registry]) == 0
    assert run(["registry", "derive", registry, str(tmp_path / "d.csv"), "--law", "us-va", "--as-of", str(NOW)]) == 0
    assert "charges of which it is unknown whether they are sealed: 1." in capsys.readouterr().err
