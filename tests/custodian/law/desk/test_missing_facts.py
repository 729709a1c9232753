"""Facts that the file leaves blank go to a clerk as a file, and settle what was unknown; or nothing is taken."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest

from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.custodian.custody import AuditLog
from sealscrub.custodian.law.desk import fill_facts, open_questions, write_facts
from sealscrub.custodian.law.dispositions import read_map
from sealscrub.custodian.registry import Registry
from sealscrub.errors import ColumnError, NoticeError, UsageError

DAY = dt.date(2026, 11, 25)
HEAD = "docket,defendant_id,charge,law_code,severity,disposition,event_date,family_offense,note"
ROWS = f"""{HEAD}
2026KN000001,1,1,PL 1552500,M,ACD 170.55,2026-04-01,,=kept
2026KN000002,2,1,PL 1552500,M,ACD 170.55,2026-04-01,Y,
2026KN000003,3,1,PL 1552500,M,ACD 170.55,2026-04-01,,
2026KN000004,3,1,PL 1552500,M,ACQUITTED,2026-04-01,,
"""
OREGON = """case_number,defendant_id,disposition,event_date,event,court
22JU00001,1,DISMISSED,2020-01-01,disposition,family
22JU00002,1,DISMISSED,2020-01-01,disposition,family
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "d.csv").write_text(ROWS)
    return tmp_path / "d.csv"


def exported(file: Path, place: str = "us-ny") -> Path:
    charges = law.read_charges(file, law=place)
    write_facts(file.with_name("facts.csv"), charges, law.decide_charges(charges, DAY, law=place))
    return file.with_name("facts.csv")


def rows(queue: Path) -> list[dict[str, str]]:
    with queue.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def answered(queue: Path, *answers: str, **changed: str) -> Path:
    """As a spreadsheet saves it, with answers in the order of the lines, and columns of the first line changed."""
    found = rows(queue)
    for row, answer in zip(found, answers, strict=False):
        row["answer"] = answer
    found[0] |= changed
    with queue.open("w", newline="", encoding="utf-8-sig") as file:
        written = csv.DictWriter(file, [*found[0]], lineterminator="\r\n")
        written.writeheader()
        written.writerows(found)
    return queue


def answers(file: Path) -> list[str]:
    charges = law.read_charges(file)
    return [str(each.answer) for each in law.decide_charges(charges, DAY)]


def test_what_is_filled_in_settles_what_was_unknown(file: Path, tmp_path: Path) -> None:
    queue = exported(file)

    assert queue.stat().st_mode & 0o777 == 0o600
    assert [(row["docket"], row["charge"], row["fact"]) for row in rows(queue)] == [
        ("2026KN000001", "1", "family_offense"),
        ("2026KN000003", "1", "family_offense"),
    ]
    assert answers(file) == ["unknown", "not_sealed", "unknown", "sealed"]
    filled = fill_facts(answered(queue, "n"), file, tmp_path / "filled.csv")
    assert (filled.taken, filled.left) == (1, 1)
    assert (tmp_path / "filled.csv").stat().st_mode & 0o777 == 0o600
    assert answers(tmp_path / "filled.csv") == ["sealed", "not_sealed", "unknown", "sealed"]
    assert (tmp_path / "filled.csv").read_text() == ROWS.replace("04-01,,=kept", "04-01,n,=kept")
    queue.unlink()
    again = exported(tmp_path / "filled.csv")
    assert [row["docket"] for row in rows(again)] == ["2026KN000003"]


def test_the_next_derive_uses_it_and_the_log_says_so(file: Path, tmp_path: Path) -> None:
    log, facts, filled = tmp_path / "audit.log", tmp_path / "f.csv", tmp_path / "filled.csv"
    AuditLog.create(log, who="r.alvarez")
    export = ["law", "review", "export", str(file), "-o", str(tmp_path / "queue.csv"), "--as-of", str(DAY)]
    assert run([*export, "--facts", str(facts)]) == 0
    answered(facts, "N", "Y")
    assert run(["law", "review", "fill", str(facts), str(file), "-o", str(filled), "--audit-log", str(log)]) == 0
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert "import" in [entry["kind"] for entry in entries if entry.get("what") == "law review fill"]
    assert entries[-1]["count"] == 2
    with Registry.create(tmp_path / "seals.db") as registry:
        before = registry.derive(file, as_of=DAY)
        after = registry.derive(filled, as_of=DAY)
    assert (before.sealed, before.withheld, before.open) == (1, 3, 0)
    assert (after.sealed, after.withheld, after.open) == (2, 2, 0)  # of a family offence the year still runs


def test_a_day_of_birth_is_of_the_person(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(OREGON)
    queue = exported(tmp_path / "o.csv", "us-or")

    assert {row["fact"] for row in rows(queue)} <= {"birth_date", "crime_date", "arrest_date", "law_code", "severity"}
    if "birth_date" in {row["fact"] for row in rows(queue)}:
        born = [("2001-01-01" if row["fact"] == "birth_date" else "") for row in rows(queue)]
        fill_facts(answered(queue, *born), tmp_path / "o.csv", tmp_path / "filled.csv", law="us-or")
        assert "2001-01-01" in (tmp_path / "filled.csv").read_text()
        born[born.index("2001-01-01")] = "2002-02-02"
        with pytest.raises(NoticeError, match="contradicts line"):
            fill_facts(answered(queue, *born), tmp_path / "o.csv", tmp_path / "2.csv", law="us-or")


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"answer": "PERHAPS"}, "is neither Y nor N"),
        ({"answer": "Y", "docket": "2026KN000009"}, "not in the file as it was exported"),
        ({"answer": "Y", "check": "f0000000000000000"}, "not in the file as it was exported"),
        ({"answer": "Y", "fact": "severity"}, "not in the file as it was exported"),
        ({"answer": "Y", "fact": "docket"}, "not in the file as it was exported"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_told_by_its_line_alone(
    file: Path, tmp_path: Path, changed: dict[str, str], what: str
) -> None:
    queue = answered(exported(file), "", "N", **changed)

    with pytest.raises(NoticeError, match=what) as error:
        fill_facts(queue, file, tmp_path / "filled.csv")
    assert "PERHAPS" not in str(error.value)
    assert "2026KN" not in str(error.value)
    assert not (tmp_path / "filled.csv").exists()


@pytest.mark.parametrize(
    "later",
    [
        "2026KN000001,1,1,PL 1552500,M,DISMISSED,2026-05-01,,\n",
        "2026KN000001,1,2,PL 1200001,M,ACD 170.55,2026-04-01,,\n",
    ],
)
def test_a_docket_that_has_changed_since_is_refused_and_another_that_came_is_not(
    file: Path, tmp_path: Path, later: str
) -> None:
    queue = answered(exported(file), "N")

    file.write_text(f"{HEAD}\n2026KN000007,9,1,,,PENDING,2026-05-01,,\n" + ROWS.partition("\n")[2])
    assert fill_facts(queue, file, tmp_path / "filled.csv").taken == 1
    file.write_text(ROWS + later)
    with pytest.raises(NoticeError, match="not in the file as it was exported"):
        fill_facts(queue, file, tmp_path / "2.csv")
    with pytest.raises(NoticeError, match="not in the file as it was exported"):  # it is filled in already
        fill_facts(queue, tmp_path / "filled.csv", tmp_path / "2.csv")
    with pytest.raises(NoticeError, match="not in the file as it was exported"):
        fill_facts(queue, file, tmp_path / "2.csv", law="us-va")


def test_two_answers_to_one_question_are_refused(file: Path, tmp_path: Path) -> None:
    queue = answered(exported(file), "N")
    text = queue.read_text(encoding="utf-8-sig").splitlines()
    queue.write_text("\n".join([*text, text[1].removesuffix("N") + "Y"]) + "\n")

    with pytest.raises(NoticeError, match="contradicts line 2"):
        fill_facts(queue, file, tmp_path / "filled.csv")
    queue.write_text("\n".join([*text, text[1]]) + "\n")
    assert fill_facts(queue, file, tmp_path / "filled.csv").taken == 2


def test_files_that_are_none_of_these_stay_as_they_are(file: Path, tmp_path: Path) -> None:
    queue = answered(exported(file), "N")

    with pytest.raises(UsageError, match="contains answers"):
        exported(file)
    foreign = tmp_path / "queue.csv"
    foreign.write_text("kind,cause,settles,actions,persons,lines,told_by,proposed,check,answer\n")
    with pytest.raises(ColumnError, match=r"there are no columns 'docket', .* and '"):
        fill_facts(foreign, file, tmp_path / "filled.csv")
    with pytest.raises(UsageError, match="is not one of"):
        write_facts(file, *[law.read_charges(file)], law.decide_charges(law.read_charges(file), DAY))
    for output in (file, queue, tmp_path / "filled.parquet"):
        with pytest.raises(UsageError):
            fill_facts(queue, file, output)
    assert file.read_text() == ROWS


def test_columns_that_the_file_lacks_or_calls_otherwise_are_filled_in(tmp_path: Path) -> None:
    for head, there in (("docket,defendant_id,disposition,event_date", ""), (HEAD.replace("family", "FO"), ",,,,")):
        file = tmp_path / f"d{len(there)}.csv"
        renamed = {"FO_offense": "family_offense"} if there else None
        row = (
            "2026KN000001,1,1,PL 1552500,M,ACD 170.55,2026-04-01,,\n"
            if there
            else "2026KN000001,1,ACD 170.55,2026-04-01\n"
        )
        file.write_text(f"{head}\n{row}")
        charges = law.read_charges(file, renamed)
        queue = file.with_suffix(".facts.csv")
        assert write_facts(queue, charges, law.decide_charges(charges, DAY)) == 1
        filled = file.with_suffix(".filled.csv")
        fill_facts(answered(queue, "N"), file, filled, renamed=renamed)
        assert [str(each.answer) for each in law.decide_charges(law.read_charges(filled, renamed), DAY)] == ["sealed"]


def test_a_spreadsheet_runs_no_text_of_the_file(file: Path, tmp_path: Path) -> None:
    file.write_text(ROWS.replace("2026KN000001,1,1,", "2026KN000001,=1+1,@1,"))

    queue = answered(exported(file), "N")

    with queue.open(encoding="utf-8-sig") as lines:
        cells = [cell for row in csv.reader(lines) for cell in row]
    assert {"'=1+1", "'@1"} <= set(cells)
    assert not any(cell.startswith(("=", "@", "+", "-")) for cell in cells)
    assert fill_facts(queue, file, tmp_path / "filled.csv").taken == 1
    assert answers(tmp_path / "filled.csv")[0] == "sealed"


@pytest.mark.parametrize("codes", [("XYZ???",), ("", "XYZ???"), ("120", "")])
def test_a_code_that_cannot_be_read_is_asked_for_as_a_blank_one(tmp_path: Path, codes: tuple[str, ...]) -> None:
    """It counts as blank, and no answer about it was taken."""
    file, queue = tmp_path / "d.csv", tmp_path / "facts.csv"
    rows_of_it = [f"2014KN000001,1,PLED GUILTY,2014-05-01,M,{code},marihuana" for code in codes]
    file.write_text("\n".join([PLEAS.partition("\n")[0], *rows_of_it]) + "\n")
    charges = law.read_charges(file)
    write_facts(queue, charges, law.decide_charges(charges, DAY))

    assert "law_code" in [row["fact"] for row in rows(queue)]
    answered(queue, *["PL 221.10" if row["fact"] == "law_code" else "" for row in rows(queue)])
    assert fill_facts(queue, file, tmp_path / "filled.csv").taken == 1
    assert {row["law_code"] for row in rows(tmp_path / "filled.csv")} == {"PL 221.10"}
    assert answers(tmp_path / "filled.csv") == ["sealed"]


def test_a_code_that_is_read_on_one_row_is_not_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text(PLEAS.partition("\n")[0] + "\n" + "".join(
        f"2014KN000001,1,PLED GUILTY,2014-05-01,,{code},\n" for code in ("XYZ???", "PL 120.00")
    ))  # fmt: skip

    assert "law_code" not in [row["fact"] for row in rows(exported(file))]


PLEAS = """docket,defendant_id,disposition,event_date,severity,law_code,substance
2014KN000001,1,PLED GUILTY,2014-05-01,M,,marihuana
2014KN000002,1,PLED GUILTY,2014-05-01,V,,marihuana
2014KN000003,2,PLED GUILTY,2024-05-01,M,,marihuana
"""


def test_what_settles_most_is_said_by_its_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules miss a law and whether it was an attempt; a clerk can give the one code that says both."""
    file, page = tmp_path / "pleas.csv", tmp_path / "queue.html"
    file.write_text(PLEAS)
    charges = law.read_charges(file)
    found = open_questions(charges, law.decide_charges(charges, DAY), read_map("us-ny"), DAY)

    assert [(each.kind, each.cause, each.settles, each.actions, each.persons) for each in found] == [
        ("column", "law_code", 2, 3, 2),
        ("fact", "attempt", 0, 3, 2),
        ("fact", "law", 0, 3, 2),
        ("fact", "sentenced_on", 0, 1, 1),
        ("fact", "subdivision", 0, 1, 1),
    ]
    export = ["law", "review", "export", str(file), "-o", str(tmp_path / "q.csv"), "--report", str(page)]
    assert run([*export, "--as-of", f"{DAY}"]) == 0
    assert "law_code of 2 persons decides 2 actions" in page.read_text()
    assert "law_code of 2 persons decides 2 actions" in " ".join(capsys.readouterr().out.split())


def test_a_fact_that_is_a_column_is_listed_once(file: Path) -> None:
    charges = law.read_charges(file)
    found = open_questions(charges, law.decide_charges(charges, DAY), read_map("us-ny"), DAY)

    assert [(each.kind, each.cause, each.settles) for each in found] == [("fact", "family_offense", 2)]


@pytest.mark.parametrize(
    ("family", "on", "kinds"),
    [
        ("", "2026-09-30", ["day"]),
        ("", "2026-11-25", ["fact"]),
        ("", "2027-04-02", []),
        ("N", "2026-09-30", []),
        ("Y", "2026-09-30", []),
    ],
)
def test_a_fact_that_an_adjournment_turns_on_is_asked_while_it_runs(
    tmp_path: Path, family: str, on: str, kinds: list[str]
) -> None:
    (tmp_path / "d.csv").write_text(f"{HEAD}\n2026KN000001,1,1,PL 1552500,M,ACD 170.55,2026-04-01,{family},\n")
    day, charges = dt.date.fromisoformat(on), law.read_charges(tmp_path / "d.csv")
    decisions = law.decide_charges(charges, day)
    (explained,) = (law.decide(*case, day) for case in law.read_cases(tmp_path / "d.csv"))

    found = open_questions(charges, decisions, read_map("us-ny"), day)
    assert [(each.kind, each.cause, each.lines) for each in found] == [(kind, "family_offense", (2,)) for kind in kinds]
    assert write_facts(tmp_path / "facts.csv", charges, decisions) == len(kinds)
    assert explained.missing == (("family_offense",) if kinds else ())


def test_a_fact_without_which_there_is_no_day_is_asked(tmp_path: Path) -> None:
    head = "docket,defendant_id,disposition,event_date,severity,offense_class,law_code"
    (tmp_path / "o.csv").write_text(f"{head}\n1,7,CONVICTED,2012-01-01,,,164.045\n")
    queue = exported(tmp_path / "o.csv", "us-or")
    told = {"severity": "M", "offense_class": "A"}

    assert {*told} <= {row["fact"] for row in rows(queue)}
    answered(queue, *[told.get(row["fact"], "") for row in rows(queue)])
    fill_facts(queue, tmp_path / "o.csv", tmp_path / "filled.csv", law="us-or")
    (before,), (after,) = (
        law.decide_charges(law.read_charges(tmp_path / name, law="us-or"), DAY, law="us-or")
        for name in ("o.csv", "filled.csv")
    )
    assert (before.may_apply_from, after.may_apply_from) == (None, dt.date(2015, 1, 1))
