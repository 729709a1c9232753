"""What the other counts of a docket bar: as many at once as each on its own, and whoever else the person is."""

from __future__ import annotations

import datetime as dt
from itertools import combinations_with_replacement
from pathlib import Path

from sealscrub.custodian.law import Decision, decide, decide_charges, read_cases, read_charges

NOW = dt.date(2026, 1, 1)
HEAD = (
    "docket,defendant_id,charge,disposition,event_date,severity,law_code,restitution,history,case_bar,"
    "min_sentence_months"
)
COUNTS = (
    "Guilty,2015-05-01,M2,18 § 3921 §§ A,paid,complete,N,",
    "Guilty,2015-05-01,M3,18 § 5503,paid,complete,N,",
    "Guilty,2015-05-01,M1,18 § 3921 §§ A,paid,complete,,",
    "Guilty,2015-05-01,M2,18 § 3127,paid,complete,N,",
    "Guilty,2015-05-01,F,35 § 780-113 §§ A30,paid,complete,N,12",
    "Guilty,2015-05-01,M2,,paid,complete,,",
    "Withdrawn,2015-05-01,F2,18 § 3502,paid,complete,,",
    "Zzz,2015-05-01,M1,18 § 3921 §§ A,paid,complete,,",
)


def told(decision: Decision) -> tuple[object, ...]:
    return decision.answer, decision.eligible_from, decision.may_apply_from, decision.missing


def test_many_at_once_are_decided_as_each_on_its_own(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    chosen = [*combinations_with_replacement(COUNTS, 3), (COUNTS[0],) * 4, (COUNTS[1],) * 5]
    lines = [
        f"CP-51-CR-{person:07d}-2015,{person},{number},{count}"
        for person, counts in enumerate(chosen)
        for number, count in enumerate(counts, 1)
    ]
    lines += [f"CP-51-CR-{person:07d}-2001,{person},1,{COUNTS[1]}" for person in range(0, len(chosen), 3)]
    file.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")

    cases = read_cases(file, law="us-pa")
    decided = decide_charges(read_charges(file, law="us-pa"), NOW, law="us-pa")
    at_once = {docket: told(each) for docket, each in zip(decided.actions["docket"], decided, strict=True)}
    singly = {}
    for case in cases:
        linked = [other for other in cases if other is not case and other[0].defendant_id == case[0].defendant_id]
        singly[case[0].docket] = told(decide(*case, NOW, linked=linked, law="us-pa", explain=False))
    assert at_once == singly
    assert len({answer for answer, *_ in singly.values()}) > 1
    assert len({eligible for _, eligible, *_ in singly.values()}) > 2
