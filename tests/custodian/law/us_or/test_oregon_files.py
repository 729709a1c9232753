"""Oregon's files: numbers, grades and codes as they write them, many actions at once, and who may use what."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sealscrub.cli import run
from sealscrub.custodian.law import (
    bars,
    decide,
    decide_charges,
    parse_law_code,
    read_cases,
    read_charges,
    related,
    ruling,
)
from sealscrub.custodian.law.dispositions import map_disposition

from ..asking import day
from .oregon import PLACE

ON, BEFORE = day("2026-11-01"), day("2021-06-01")
HEAD = (
    "case_number,sid,defendant_id,charge,law_code,severity,offense_class,event,disposition,event_date,crime_date,"
    "person_felony,class_in_2017,order_scope,attempted,sentence_performed,birth_date,court"
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ORS 164.045", "ORS 164.045"),
        ("164.045", "ORS 164.045"),
        ("164.045(1)(b)", "ORS 164.045(1B)"),
        ("O.R.S. 811.111", "ORS 811.111"),
        ("475B.367", "ORS 475B.367"),
        ("1640452A", "ORS 164.045(2A)"),
        ("PL 120.00", None),
        ("137.22", None),
        ("THEFT", None),
    ],
)
def test_a_code_is_read(text: str, code: str | None) -> None:
    found = parse_law_code(text, PLACE)

    assert (None if found is None else str(found)) == code


@pytest.mark.parametrize(
    ("text", "disposition"),
    [
        ("Convicted", "CONVICTED"),
        ("Finding - Guilty", "CONVICTED"),
        ("Bail Forfeiture", "CONVICTED"),
        ("Dismissal", "DISMISSED_ENTIRE"),
        ("Removed From Charging Instrument", "DISMISSED_ENTIRE"),
        ("Discharged", "DISMISSED_ENTIRE"),
        ("No Complaint", "DECLINED_PROSECUTION"),
        ("Diverted", "DIVERTED"),
        ("Not dismissed", "UNMAPPED"),
    ],
)
def test_its_words_are_its_own(text: str, disposition: str) -> None:
    assert map_disposition(text, PLACE) == disposition


ORDERS = [("seal_order", section) for section in ("137.225", "137.225", "137.226", "475C.397")]
INSANE, ASKED = "GUILTY EXCEPT INSANE", ("expunction_requested", "")


def rows_of_a_file(draw: random.Random) -> list[str]:
    rows = []
    for number in range(60):
        who = draw.choice([draw.randrange(20), 100 + number])  # with other cases, or alone
        grade = draw.choice(["F,A", "F,B", "F,C", "M,A", "M,B", "V,", "C,", ","])
        code = draw.choice(
            ["164.045", "813.010", "811.111", "475.858", "163.425", "164.405", "161.405", "PCC 14A.40", ""]
        )
        born, court = draw.choice(["", "1999-05-05", "2004-05-05"]), draw.choice(["", "", "family"])
        about = f"{draw.choice(['', '', 'N'])},{born},{court}"
        attempted = draw.choice(["", "", "N", "Y"])
        for charge in draw.choice([("",), ("1",), ("1", "2")]):
            begun = f"22CR{number:05},{who:08},{who},{charge},{code},{grade}"
            when = f"{draw.randint(2008, 2025)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
            act, person, then = (draw.choice(each) for each in (["", when], ["", "Y", "N"], ["", "cm", "cf"]))
            more = f"{act},{person},{then},,{attempted},{about}"
            texts = [
                "CONVICTED",
                "DISMISSED",
                "NO COMPLAINT",
                "DIVERTED",
                "EXTRADITED",
                "PENDING",
                "ADJUDICATED",
                INSANE,
            ]
            rows.append(f"{begun},,{draw.choice(texts)},{when},{more}")
        for kind, text in draw.sample(
            [("probation_revoked", ""), *ORDERS, ("release", ""), ("diverted", ""), ("sentence", ""), ASKED],
            draw.randrange(3),
        ):
            charge = draw.choice(["", "1"])
            scope = draw.choice(["", "all", "listed"])
            rows.append(
                f"22CR{number:05},,{who},{charge},,,,{kind},{text},{draw.randint(2015, 2025)}-06-15,,,,{scope},,,,"
            )
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_many_come_out_as_each_by_itself(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "d.csv"
    path.write_text("\n".join([HEAD, *rows_of_a_file(random.Random(seed))]) + "\n")
    charges, cases = read_charges(path, law=PLACE), read_cases(path, law=PLACE)
    numbers = charges.actions.select("docket", "defendant_id").rows()

    for on in (ON, BEFORE):
        each = {
            (one[0].docket, one[0].defendant_id): decide(*one, on, linked=related(one, cases), law=PLACE, explain=False)
            for one in cases
        }
        assert [each[number] for number in numbers] == list(decide_charges(charges, on, law=PLACE))
        assert {str(decision.answer) for decision in each.values()} == {"sealed", "not_sealed", "unknown"}


def test_its_numbers_are_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    numbers = ("22CR01234", "22-VI-012345", "D902635M", "91-CR-0014")
    rows = [
        f"{number},7,DISMISSED,2023-01-10,disposition\n{number},7,137.225,2024-01-10,seal_order" for number in numbers
    ]
    Path("d.csv").write_text("\n".join(["case_number,defendant_id,disposition,event_date,event", *rows]) + "\n")

    assert run(["registry", "init", "seals.db"]) == 0
    assert run(["registry", "derive", "seals.db", "d.csv", "--law", PLACE, "--as-of", "2026-11-01"]) == 0
    assert run(["registry", "history", "seals.db", "us_or_case", "22 CR 1234"]) == 0
    assert run(["registry", "history", "seals.db", "us_or_case", "CANARY"]) == 2
    assert run(["law", "explain", "d.csv", "--docket", "22-CR-01234", "--law", PLACE, "--as-of", "2026-11-01"]) == 0


@pytest.mark.parametrize("regime", ["us-or/ors-137.225", "us-or/ors-137.226", "us-or/ors-137.223", "us-or/ors-419a"])
def test_police_may_not_train_on_what_an_order_reaches(regime: str) -> None:
    for audience in ("police", "prosecutor", "vendor", "researcher", "court"):
        for use in ("training", "inference_input", "output"):
            assert bars(regime, use=use, audience=audience, on=ON)
        barred = bars(regime, use="aggregate_report", audience=audience, on=ON)
        assert barred == (audience == "researcher" and regime != "us-or/ors-419a")


def test_what_is_not_known_of_research_is_said() -> None:
    line = ruling("us-or/ors-137.225", use="aggregate_report", audience="researcher", on=ON)

    assert (line.mark, line.note.startswith("Not known")) == ("inference", True)
    assert "K.P." in ruling("us-or/ors-137.225", use="training", audience="police", on=ON).note


def test_open_dockets_of_which_some_charges_are_sealed_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = ["case_number,defendant_id,charge,event,disposition,event_date"]
    rows += [f"22CR0123{at},{at},{charge},,DISMISSED,2023-01-10" for at in range(5) for charge in (1, 2)]
    rows += [f"22CR0123{at},{at},1,seal_order,137.225,2024-01-10" for at in range(3)]
    rows += ["22CR01232,2,2,seal_order,137.225,2024-01-10"]
    Path("d.csv").write_text("\n".join(rows) + "\n")

    assert run(["registry", "init", "seals.db"]) == 0
    capsys.readouterr()
    for more in (["--dry-run"], []):
        assert run(["registry", "derive", "seals.db", "d.csv", "--law", PLACE, "--as-of", "2026-11-01", *more]) == 0
        assert "Open dockets with charges that are sealed automatically: 2." in capsys.readouterr().err
    charges = read_charges("d.csv", law=PLACE)
    assert not any(one.part_unknown for one in decide_charges(charges, ON, law=PLACE))
    assert [one.part_sealed for one in decide_charges(charges, ON, law=PLACE)] == [True, True, False, False, False]
