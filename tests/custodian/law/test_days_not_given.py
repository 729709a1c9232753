"""A blank fact that may leave a charge without a day is named: no day is not the same as never."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sealscrub.custodian.law import Decision, decide, decide_charges, explain, jurisdiction, read_cases, read_charges
from sealscrub.custodian.law.desk import open_questions, said_fact
from sealscrub.custodian.law.dispositions import read_map

ON = dt.date(2026, 11, 25)


def only(tmp_path: Path, law: str, head: str, row: str) -> Decision:
    path = tmp_path / "d.csv"
    path.write_text(f"docket,defendant_id,disposition,event_date,{head}\n1,7,{row}\n")
    (one,), (case,) = decide_charges(read_charges(path, law=law), ON, law=law), read_cases(path, law=law)

    assert decide(*case, ON, law=law, explain=False) == one
    return one


@pytest.mark.parametrize(
    ("law", "head", "row", "missing"),
    [
        ("us-or", "severity,offense_class,law_code", "CONVICTED,2012-01-01,,,164.045", "severity"),
        ("us-or", "severity,offense_class,law_code", "DISMISSED,2012-01-01,,,813.010", "diverted"),
    ],
)
def test_a_blank_fact_that_leaves_no_day_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], law: str, head: str, row: str, missing: str
) -> None:
    decision = only(tmp_path, law, head, row)

    assert (str(decision.answer), decision.may_apply_from, decision.eligible_from) == ("not_sealed", None, None)
    assert missing in decision.missing
    charges, mapping = read_charges(tmp_path / "d.csv", law=law), read_map(law)
    queue = open_questions(charges, decide_charges(charges, ON, law=law), mapping, ON)
    assert [(each.kind, each.actions, each.lines) for each in queue if each.cause == missing] == [("day", 1, (2,))]
    assert {each.cause for each in queue if each.kind == "day"} == {*decision.missing}
    explain(tmp_path / "d.csv", docket="1", law=law, as_of=ON).show(counts=True)
    said = " ".join(capsys.readouterr().out.split())
    names = ", ".join(said_fact(jurisdiction(law), fact) for fact in decision.missing)
    assert f"Whether and from when it can be sealed would be known with: {names}." in said


@pytest.mark.parametrize(
    ("law", "head", "row"),
    [
        ("us-or", "severity,offense_class,law_code", "CONVICTED,2012-01-01,F,A,164.415"),  # never
        ("us-or", "severity,offense_class,law_code", "CONVICTED,2012-01-01,M,A,164.045"),  # with its day
        ("us-or", "severity,offense_class,law_code", "PENDING,2012-01-01,,,164.045"),
        ("us-ny", "severity,law_code", "PENDING,2012-01-01,,"),
    ],
)
def test_what_has_a_day_or_is_never_sealed_misses_nothing(tmp_path: Path, law: str, head: str, row: str) -> None:
    decision = only(tmp_path, law, head, row)

    assert (str(decision.answer), decision.missing) == ("not_sealed", ())
    charges = read_charges(tmp_path / "d.csv", law=law)
    assert open_questions(charges, decide_charges(charges, ON, law=law), read_map(law), ON) == ()
