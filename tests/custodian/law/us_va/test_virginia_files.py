"""What Virginia's files hold, and the way from a file to a scan."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.custodian.law import (
    bars,
    decide,
    decide_charges,
    jurisdiction,
    parse_law_code,
    read_cases,
    read_charges,
    related,
    ruling,
)
from sealscrub.custodian.law.dispositions import map_disposition
from sealscrub.errors import NoticeError
from sealscrub.identifiers import canonicalise
from sealscrub.index import open_index

from ..asking import day, row
from .virginia import ask, charge

LAW = "us-va"
HEAD = (
    "case_number,person_id,charge_type,charge_class,code_section,disposition_code,event,hearing_date,offense_date,plea,"
    "deferred,history_complete,arrest_date"
)
HEAD_OF_PERSONS = f"{HEAD},with_prejudice,commonwealth_concurs,restitution,matter"
ROWS = (
    "013GC98001234-00,1,M,,18.2-250.1,Guilty,,1998-05-05,,guilty,,,",
    "013GC98001235-00,1,M,,19.2-128,Guilty,,1998-06-05,,,,,",
    "059GC17000001-00,2,M,1,18.2-96,Guilty,,2017-03-15,2017-03-01,,,Y,2017-03-01",
    "059GC17000001-00,2,,,,Va. Code 19.2-392.7,seal_order,2026-08-03,,,,,",
    "059GC17000002-00,3,M,1,18.2-96,Guilty In Absentia,,2017-03-15,2017-03-01,,,Y,2017-03-01",
    "059GT15000003-00,3,I,,46.2-870,Prepaid,,2015-01-02,,,,,2015-01-02",
    "760GC20000004-00,4,M,1,18.2-119,Dismissed,,2020-03-15,,Guilty,,,2020-02-01",
    "760CR24000005-00,5,F,5,18.2-95,Nolle Prosequi,,2024-03-15,,,,,2024-02-01",
    "760CR24000005-00,5,,,,19.2-392.2,seal_order,2025-03-15,,,,,",
    "760CR26000006-00,6,MISDEMEANOR,1,18.2-57,Not Guilty,,2026-08-15,,,,Y,2026-02-01",
    "760CR26000007-00,6,M,1,18.2-57,Nolle Prosequi,,2026-08-15,,,,Y,2025-02-01",
    "760CR26000008-00,7,F,4,18.2-248,Certified To Grand Jury,,2026-01-15,,,,Y,2025-12-01",
    "760GC12000009-00,8,F,6,18.2-248,Guilty,,2012-01-15,,,,,2011-12-01",
    "760GC12000009-00,8,,,,,probation_violation,2014-01-15,,,,,",
    "760GC21000010-00,8,M,3,18.2-415,Guilty,,2021-01-15,2021-01-14,,,Y,2021-01-14",
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "dispositions.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n")
    return path


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("Guilty", "CONVICTED"),
        ("Guilty In Absentia", "CONVICTED"),
        ("Not Guilty", "ACQUITTED_COMPLETE"),
        ("Not Guilty/Acquitted", "ACQUITTED_COMPLETE"),
        ("Dismissed", "DISMISSED_ENTIRE"),
        ("Dismissed/Other", "DISMISSED_ENTIRE"),
        ("Dismissed with prejudice", "DISMISSED_WITH_PREJUDICE"),
        ("Dism. w/o prejudice", "DISMISSED_WITHOUT_PREJUDICE"),
        ("Nolle Prosequi", "NOLLE_PROSEQUI"),
        ("Nolle Prossed", "NOLLE_PROSEQUI"),
        ("No Indictment Presented", "DECLINED_PROSECUTION"),
        ("Not True Bill", "NO_TRUE_BILL"),
        ("Certified To Grand Jury", "SENT_ELSEWHERE"),
        ("Remanded", "SENT_ELSEWHERE"),
        ("Transferred To Another Court", "SENT_ELSEWHERE"),
        ("Appeal Withdrawn", "NOT_SAID"),
        ("Resolved", "NOT_SAID"),
        ("Mistrial", "PENDING"),
        ("Prepaid", "PREPAID"),
        ("Not Guilty By Reason Of Insanity", "NOT_RESPONSIBLE"),
        ("Covered by 2014KN000001", "UNMAPPED"),
    ],
)
def test_the_words_of_its_courts(text: str, ending: str) -> None:
    assert map_disposition(text, LAW) == ending


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("18.2-96", "VC 18.2-96"),
        ("§ 18.2-250.1", "VC 18.2-250.1"),
        ("Va. Code § 18.2-265.3(A)", "VC 18.2-265.3(A)"),
        ("VA CODE 18.2-374.1:1", "VC 18.2-374.1:1"),
        ("18.2-308.2(A)(1)", "VC 18.2-308.2(A)"),
        ("46.2-862", "VC 46.2-862"),
        ("PL 221.15", None),
        ("assault", None),
    ],
)
def test_the_numbers_of_its_offences(text: str, code: str | None) -> None:
    found = parse_law_code(text, LAW)

    assert (None if found is None else str(found)) == code


def test_felonies_and_misdemeanours_are_crimes_of_classes_and_infractions_are_not() -> None:
    place = jurisdiction(LAW)

    assert [int(place.is_crime(name)) for name in ("F", "FELONY", "M", "MISDEMEANOR", "I", "INFRACTION", None)] == [
        2, 2, 2, 2, 0, 0, 1,
    ]  # fmt: skip


def test_a_case_number_needs_the_fips_code_of_its_court() -> None:
    spelled = ["013GC15001234-00", "51013 GC15001234-00", "fips 013 gc-15-001234-00", "760CR15000123-00"]
    found = canonicalise(pl.Series([*spelled, "GC15001234-00"]), "us_va_case").values.to_list()

    assert found == ["013GC15001234-00"] * 3 + ["760CR15000123-00", None]


def test_cells_that_it_does_not_know_are_told(file: Path) -> None:
    file.write_text(f"{HEAD}\n{ROWS[0].replace(',M,', ',V,')}\n")
    assert "severity is unknown, and counts as blank" in read_charges(file, law=LAW).oddities
    file.write_text(f"{HEAD}\n{ROWS[0].replace(',guilty,', ',not sure,')}\n")
    with pytest.raises(NoticeError, match="plea"):
        read_charges(file, law=LAW)


@pytest.mark.parametrize("on", ["2026-06-30", "2026-07-01", "2026-09-01", "2026-12-01", "2027-07-01", "2035-01-01"])
def test_many_come_out_as_each_by_itself(file: Path, on: str) -> None:
    charges, cases = read_charges(file, law=LAW), read_cases(file, law=LAW)
    each = [decide(*one, day(on), linked=related(one, cases), law=LAW, explain=False) for one in cases]

    assert list(decide_charges(charges, day(on), law=LAW)) == each


@pytest.mark.parametrize("seed", range(4))
def test_random_persons_come_out_as_each_by_itself(file: Path, seed: int) -> None:
    file.write_text("\n".join([HEAD_OF_PERSONS, *persons(seed)]) + "\n")
    charges, cases = read_charges(file, law=LAW), read_cases(file, law=LAW)
    for on in map(day, ("2026-06-30", "2026-07-01", "2026-11-30", "2026-12-01", "2027-07-01")):
        each = [decide(*one, on, linked=related(one, cases), law=LAW, explain=False) for one in cases]
        assert list(decide_charges(charges, on, law=LAW)) == each


def persons(seed: int) -> Iterator[str]:
    """Rows of sixty cases of twenty persons, whose offences, ends, orders and blanks are drawn at random."""
    draw = random.Random(seed).choice
    days = [f"{year}-{month}-15" for year in (1985, 2006, 2012, 2014, 2017, 2019, 2024, 2026) for month in ("03", "08")]
    codes = (
        "18.2-96",
        "18.2-103",
        "18.2-250.1",
        "18.2-57",
        "18.2-95",
        "18.2-266",
        "19.2-128",
        "46.2-870",
        "4.1-305",
        "",
    )
    texts = (
        "Guilty",
        "Not Guilty",
        "Nolle Prosequi",
        "Dismissed",
        "Deferred and dismissed",
        "Resolved",
        "Prepaid",
        "?",
    )
    sections = ("392.7", "392.2", "392.11", "392.12", "392.12:1", "392.12:1(B)", "392.9", "")
    flag = ("Y", "N", "")
    for number in range(60):
        case, who, on = f"013GC15{number:06}-00", number // 3, draw(days)
        grade = draw(("M,1", "M,3", "M,", "F,2", "F,4", "F,5", "F,U", "F,", "I,", ","))
        facts = ",".join((draw(("guilty", "not guilty", "")), draw(flag), draw(("Y", "Y", "")), draw((on, ""))))
        own = ",".join((draw(flag), draw(flag), draw(("none", "paid", "owed", "")), draw(("", "", "contempt"))))
        yield f"{case},{who},{grade},{draw(codes)},{draw(texts)},,{on},{draw((on, ''))},{facts},{own}"
        if draw(flag) == "Y":
            yield f"{case},{who},,,,{draw(sections)},seal_order,{draw(days[-3:])},,,,,,,,,"
        if draw(flag) == "Y":
            event = draw(("absolute_pardon", "probation_violation", "release", "actual_innocence"))
            yield f"{case},{who},,,,,{event},{draw(days[-4:])},,,,,,,,,"


def test_what_a_file_comes_to(file: Path) -> None:
    found = decide_charges(read_charges(file, law=LAW), day("2026-09-01"), law=LAW)

    assert [str(decision.answer) for decision in found] == [
        "sealed",  # former possession of marijuana
        "not_sealed",  # a failure to appear, of that case
        "sealed",  # larceny, by its order
        "not_sealed",  # larceny that is eligible
        "sealed",  # an infraction of eleven years ago
        "unknown",  # dismissed on a plea of guilty
        "sealed",  # expunged
        "unknown",  # acquitted, and the order is not in the file
        "not_sealed",  # a nolle prosequi
        "unknown",  # certified, and how it ended is not told
        "not_sealed",
        "not_sealed",
    ]


@pytest.mark.parametrize(
    ("text", "before", "eve", "after"),
    [
        ("as the court said", "2026-06-30", "2026-06-30", "2026-07-01"),
        ("Resolved", "2026-06-30", "2026-06-30", "2026-07-01"),
        ("Appeal Withdrawn", "2026-06-30", "2026-06-30", "2026-07-01"),
        ("Prepaid", "2026-06-30", "2026-06-30", "2026-07-01"),
        ("Remanded", "2026-08-01", "2026-10-30", "2026-10-31"),
        ("Certified To Grand Jury", "2026-08-01", "2026-10-30", "2026-10-31"),
        ("", "2026-08-01", "2026-10-30", "2026-10-31"),
    ],
)
def test_an_end_that_is_not_told_is_unknown_once_sealing_has_begun(
    text: str, before: str, eve: str, after: str
) -> None:
    ended = charge("2026-08-01" if eve > "2026-07" else "2020-01-01", text, code="18.2-57")

    assert [str(ask(on, ended).answer) for on in (before, eve, after)] == ["not_sealed", "not_sealed", "unknown"]


def test_two_ends_of_one_charge_are_unknown_and_a_pending_case_is_not_sealed() -> None:
    twice = charge("2020-01-01", "NOT GUILTY", row("2020-02-01", "GUILTY"), code="18.2-57")

    assert [str(ask(on, twice).answer) for on in ("2026-06-30", "2026-07-01")] == ["not_sealed", "unknown"]
    assert str(ask("2026-11-30", charge("2020-01-01", "Mistrial", code="18.2-57")).answer) == "not_sealed"


@pytest.mark.parametrize("audience", ["police", "prosecutor", "court", "vendor", "researcher"])
def test_only_an_agency_of_the_commonwealth_is_taken_to_be_allowed_what_is_sealed(audience: str) -> None:
    on = day("2026-09-01")
    assert not bars("us-va/vc-19.2-392.6", use="training", audience="state_agency", on=on)
    assert bars("us-va/vc-19.2-392.2", use="training", audience="state_agency", on=on)
    for regime in ("392.6", "392.6-1", "392.8", "392.11", "392.12", "392.12-1", "392.17"):
        of = {use for use in ("training", "inference_input", "output") if not _bars(regime, use, audience)}
        assert of == set(), "police and prosecutors may be those of a locality, of which the copy says nothing"
    assert {_bars("392.2", use, audience) for use in ("training", "inference_input", "output")} == {True}
    assert not _bars("392.6", "aggregate_report", audience)
    assert bars("us-va/vc-19.2-392.6", use="training", audience=audience, on=on, law_enforcement_duties="deny")
    line = ruling("us-va/vc-19.2-392.6", use="training", audience=audience, on=on)
    open_question = audience in ("police", "prosecutor", "court")
    assert (line.mark, line.unknown, "not known" in line.note) == ("inference", open_question, open_question)


def _bars(section: str, use: str, audience: str) -> bool:
    return bars(f"us-va/vc-19.2-{section}", use=use, audience=audience, on=day("2026-09-01"))


def test_it_goes_through_the_registry_the_index_and_a_scan(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    law = ["--law", LAW, "--as-of", "2026-09-01"]

    assert run(["law", "explain", file.name, "--docket", "51013 GC98001234-00", *law]) == 0
    assert "sealed under us-va/vc-19.2-392.6-1, from 2026-07-01" in capsys.readouterr().out
    assert run(["registry", "init", "seals.db"]) == 0
    assert run(["registry", "derive", "seals.db", file.name, *law]) == 0
    assert run(["keygen", "seal.key"]) == 0
    publish = ["publish", "seals.db", "--key-file", "seal.key", "--use", "training"]
    assert run([*publish, "-o", "v.sealindex", "--audience", "vendor"]) == 0
    assert run([*publish, "-o", "p.sealindex", "--audience", "police"]) == 0
    sealed = len(open_index("v.sealindex", "seal.key", use="training"))
    kept = len(open_index("p.sealindex", "seal.key", use="training"))
    Path("train.csv").write_text("case,label\n013 GC-98-001234-00,1\n059GC17000002-00,0\n")
    Path("clean.csv").write_text("case,label\n059GC17000002-00,0\n013GC98001235-00,1\n")
    scan = ["--index", "v.sealindex", "--on", "us_va_case=case", "--key-file", "seal.key"]

    assert run([*publish, "-o", "s.sealindex", "--audience", "state_agency"]) == 0
    assert (sealed, kept) == (7, 7)
    assert len(open_index("s.sealindex", "seal.key", use="training")) == 1, "what an order expunged"
    assert run(["scan", "train.csv", *scan]) == 1
    assert run(["scan", "clean.csv", *scan]) == 0
    assert run(["law", "rules", "--law", LAW]) == 0
    assert run(["law", "rule", "us-va/vc-19.2-392.17/infraction"]) == 0
    assert run(["law", "forecast", file.name, "--until", "2028-01-01", *law]) == 0
