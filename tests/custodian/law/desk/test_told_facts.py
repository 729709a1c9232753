"""Whatever fact an answer misses, the desk says which columns or rows of a file would tell it, and takes them."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.custodian.law import JURISDICTIONS, jurisdiction
from sealscrub.custodian.law.desk import fill_facts, supposable, write_facts
from sealscrub.custodian.law.desk.told_facts import told_by
from sealscrub.custodian.law.disposition_columns import COLUMNS
from sealscrub.custodian.law.events import EventKind
from sealscrub.custodian.law.state_declarations import ColumnKind
from sealscrub.errors import ColumnError, UsageError

DAY = dt.date(2026, 11, 25)
PLEA = """docket,defendant_id,charge,severity,disposition,event_date
2014KN000001,1,1,M,PLED GUILTY 240.20,2014-05-01
2014KN000001,1,2,M,DISMISSED,2014-05-01
"""
OTHERS = """docket,defendant_id,charge,severity,law_code,disposition,event_date
2014KN000001,1,1,V,PL 2402001,DISMISSED,2014-05-01
2015KN000002,1,1,M,PL 1552500,PLED GUILTY 155.25 - TIME SERVED,2015-05-01
2024KN000003,1,1,,PL 1200001,PENDING,2024-05-01
"""


def asked_by_rules(place: law.Jurisdiction) -> set[str]:
    """Every fact that a rule of a place asks for, or takes a day from."""
    of_rules = [rule.requires | {*rule.starts} for rule in place.rules()]
    of_regimes = [condition.facts() for group in place.regimes for condition in (group.rest, group.blocked)]
    return set().union(*of_rules, *of_regimes)


@pytest.mark.parametrize("name", JURISDICTIONS)
def test_every_fact_that_a_rule_asks_for_is_told_by_columns_or_rows_of_a_file(name: str) -> None:
    place = jurisdiction(name)
    columns = {*COLUMNS, *(column.name for column in place.columns if column.kind is not ColumnKind.FOUND)}
    kinds = {*map(str, EventKind), *place.events}

    untold = [fact for fact in sorted(asked_by_rules(place)) if not any(told_by(place, fact))]
    assert untold == []
    for fact in asked_by_rules(place):
        told = told_by(place, fact)
        assert {*told.columns, *told.elsewhere} <= columns, fact
        assert {*told.events} <= kinds, fact


def write(folder: Path, text: str, name: str = "d.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def exported(file: Path) -> list[dict[str, str]]:
    charges, facts = law.read_charges(file), file.with_name("facts.csv")
    write_facts(facts, charges, law.decide_charges(charges, DAY))
    with facts.open(newline="") as lines:
        return list(csv.DictReader(lines))


def filled(file: Path, **answers: str) -> Path:
    """The file with an answer by fact, for whatever it asks."""
    rows = exported(file)
    with file.with_name("facts.csv").open("w", newline="") as lines:
        written = csv.DictWriter(lines, [*rows[0]])
        written.writeheader()
        written.writerows(row | {"answer": answers.get(row["fact"], "")} for row in rows)
    fill_facts(file.with_name("facts.csv"), file, file.with_name("filled.csv"))
    return file.with_name("filled.csv")


def answer(file: Path, docket: str, **assume: str) -> str:
    return str(law.explain(file, docket=docket, as_of=DAY, assume=assume).decision.answer)


def test_the_day_of_a_sentence_is_asked_of_the_charge_that_lacks_it(tmp_path: Path) -> None:
    file = write(tmp_path, PLEA)

    assert [(row["charge"], row["fact"]) for row in exported(file)] == [("1", "sentenced_on")]
    assert answer(file, "2014KN000001") == "unknown"
    assert answer(file, "2014KN000001", sentenced_on="2014-05-01") == "sealed"
    done = filled(file, sentenced_on="05/02/2014")
    assert done.read_text().startswith(PLEA.replace("event_date", "event_date,event").replace("-01\n", "-01,\n"))
    assert (answer(done, "2014KN000001"), exported_anew(done)) == ("sealed", [])


def exported_anew(file: Path) -> list[dict[str, str]]:
    file.with_name("facts.csv").unlink()
    return exported(file)


def test_a_day_that_cannot_be_read_is_not_assumed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the assumed value of sentenced_on is not a date"):
        answer(write(tmp_path, PLEA), "2014KN000001", sentenced_on="soon")


def test_what_another_case_leaves_blank_is_asked_of_that_case(tmp_path: Path) -> None:
    file = write(tmp_path, OTHERS)

    assert ("2024KN000003", "severity") in [(row["docket"], row["fact"]) for row in exported(file)]
    done = filled(file, severity="V")
    before, after = (law.explain(each, docket="2015KN000002", as_of=DAY).decision for each in (file, done))
    assert "pending_crime" in before.missing
    assert "pending_crime" not in after.missing


def test_an_explanation_says_what_would_tell_each_missing_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, OTHERS)

    assert run(["law", "explain", str(file), "--docket", "2015KN000002", "--as-of", str(DAY)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    told = "pending crime: told by disposition, event_date, severity, law_code of the person's other cases."
    assert told in said


def test_what_can_be_supposed_is_named_if_a_fact_cannot() -> None:
    assert {"sentenced_on", "released_on"} <= {*supposable(jurisdiction("us-ny"))}


def test_words_without_a_meaning_are_told_to_be_given_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = PLEA.replace("PLED GUILTY 240.20", "DISMISSED")
    for text in (PLEA, known, known.replace("DISMISSED", "FROBNICATED")):
        file = write(tmp_path, text)
        assert run(["law", "explain", str(file), "--docket", "2014KN000001", "--as-of", str(DAY)]) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert ("words of the disposition had a meaning: law review export" in said) is ("FROBNICATED" in text)


def test_a_file_given_in_place_of_the_facts_is_told_to_come_after_them(tmp_path: Path) -> None:
    file = write(tmp_path, PLEA)

    with pytest.raises(ColumnError) as refused:
        fill_facts(file, file, tmp_path / "filled.csv")
    assert "and the dispositions after it" in str(refused.value)
