"""A person's many cases: each is asked about the others, and never about itself."""

from __future__ import annotations

import datetime as dt
from itertools import permutations
from pathlib import Path

import pytest

from sealscrub.custodian.law import decide, decide_charges, read_cases, read_charges

NOW = dt.date(2026, 11, 1)
HEAD = "case_number,defendant_id,charge,disposition,event_date,severity,offense_class,law_code,court,birth_date"
CASES = (
    "1,GUILTY,2010-01-01,M,A,164.045,,",
    "1,GUILTY,2020-01-01,F,C,164.055,,",
    "1,STET,2022-01-01,M,A,164.045,,",
    "1,PENDING,2026-01-01,M,A,164.045,,",
    "1,DISMISSED,2015-01-01,,,,family,2000-05-05",
    "1,JUVENILE DELINQUENT ADJUDICATED,2016-01-01,,,,family,2000-05-05",
    "1,GUILTY,2025-01-01,V,,811.100,,",
)


@pytest.mark.parametrize("size", [2, len(CASES)])
def test_many_at_once_are_decided_as_each_beside_its_others(size: int, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    chosen = list(permutations(CASES, size)) if size < len(CASES) else [CASES, CASES[::-1]]
    lines = [
        f"{person % 100:02d}CR{person:03d}{at:02d},{person},{row}"
        for person, rows in enumerate(chosen)
        for at, row in enumerate(rows)
    ]
    file.write_text("\n".join([HEAD, *lines]) + "\n")

    at_once = [
        (each.answer, each.may_apply_from, each.missing, each.next_change)
        for each in decide_charges(read_charges(file, law="us-or"), NOW, law="us-or")
    ]
    cases = read_cases(file, law="us-or")
    singly = []
    for at, case in enumerate(cases):
        first = at - at % size
        others = [other for place, other in enumerate(cases[first : first + size], first) if place != at]
        each = decide(*case, NOW, linked=others, law="us-or", explain=False)
        singly.append((each.answer, each.may_apply_from, each.missing, each.next_change))
    assert at_once == singly
    assert size != 2 or len(set(at_once)) > 2
