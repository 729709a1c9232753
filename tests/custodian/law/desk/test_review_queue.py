"""What is open goes to a clerk as a file, and comes back as the custodian's own vocabulary, or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.custodian.custody import AuditLog
from sealscrub.custodian.law.desk import extend_vocabulary, open_questions, read_queue, write_queue
from sealscrub.custodian.law.dispositions import Disposition, read_map
from sealscrub.errors import ConfigError, NoticeError, UsageError

DAY = dt.date(2026, 11, 25)
ROWS = """docket,defendant_id,disposition,event_date,severity,law_code
2014KN000001,1,STET,2014-05-01,M,
2014KN000002,2,Stet.,2014-05-01,M,
2014KN000003,2,MERGED WITH 2014KN000001,2014-05-01,M,
2014KN000004,3,DISMISSED ON THE PEOPLES OWN ORAL MOTION TODAY,2014-05-01,M,
2014KN000005,4,PLED GUILTY,2014-05-01,V,PL 240.20
2014KN000006,4,PLED GUILTY,2014-05-01,V,PL 240.20
2014KN000007,5,ACQUITTED,2014-05-01,M,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "d.csv").write_text(ROWS)
    return tmp_path / "d.csv"


@pytest.fixture
def queue(file: Path) -> Path:
    assert run(["law", "review", "export", str(file), "-o", str(file.with_name("queue.csv")), "--as-of", str(DAY)]) == 0
    return file.with_name("queue.csv")


def rows(queue: Path) -> list[dict[str, str]]:
    with queue.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def answered(queue: Path, **answers: str) -> Path:
    """The queue as a spreadsheet saves it, with answers by their cause."""
    found = rows(queue)
    with queue.open("w", newline="", encoding="utf-8-sig") as file:
        written = csv.DictWriter(file, [*found[0]], lineterminator="\r\n")
        written.writeheader()
        for row in found:
            written.writerow({**row, "answer": answers.get(row["cause"].replace(" ", "_").lower(), row["answer"])})
    return queue


def test_causes_are_grouped_with_counts_and_lines(file: Path) -> None:
    charges, mapping = law.read_charges(file), read_map("us-ny")
    found = open_questions(charges, law.decide_charges(charges, DAY), mapping, DAY)
    told = {each.cause: (each.kind, each.settles, each.actions, each.persons, each.lines) for each in found}

    assert told["STET"] == ("words", 2, 2, 2, (2, 3))
    assert told["MERGED WITH #"] == ("pattern", 1, 1, 1, (4,))
    assert told["sentenced_on"] == ("fact", 2, 2, 1, (6, 7))
    assert [each.settles for each in found] == sorted((each.settles for each in found), reverse=True)
    assert not any("KN0000" in each.cause for each in found)


def test_a_doubt_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The id of a rule was all that a clerk was told of it, in the queue and in the list."""
    (tmp_path / "d.csv").write_text(
        "docket,defendant_id,disposition,event_date\n2014KN000001,1,ABATED BY DEATH,2014-05-01\n"
    )
    queue = tmp_path / "queue.csv"
    ask = ["law", "review", "export", str(tmp_path / "d.csv"), "-o", str(queue), "--as-of", str(DAY)]
    assert run([*ask, "--format", "json"]) == 0

    told = "Abated by death, unfit under article 730, or not responsible: on no list."
    assert [(each["kind"], each["told_by"]) for each in rows(queue)] == [("doubt", told)]
    assert f"{told} (us-ny/cpl-160.50/open-question)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("later", "asked"),
    [
        ("DISMISSED,2014-06-02", []),
        ("STET,2014-06-02", [("PLEA VACATED", 0), ("STET", 0)]),
        ("", [("PLEA VACATED", 1)]),
    ],
    ids=["ended later", "words later", "nothing later"],
)
def test_what_undoes_an_ending_is_asked_about_while_the_answer_is_unknown(
    tmp_path: Path, later: str, asked: list[tuple[str, int]]
) -> None:
    """What follows says how the case ended: a meaning of the words would settle nothing."""
    told = ["PLED GUILTY,2014-05-01", "PLEA VACATED,2014-06-02", *filter(None, [later])]
    lines = [f"2014KN000001,1,{each},M,PL 120.00" for each in told]
    (tmp_path / "d.csv").write_text(
        "\n".join(["docket,defendant_id,disposition,event_date,severity,law_code", *lines]) + "\n"
    )
    charges = law.read_charges(tmp_path / "d.csv")
    found = open_questions(charges, law.decide_charges(charges, DAY), read_map("us-ny"), DAY)

    assert sorted((each.cause, each.settles) for each in found if each.kind == "words") == asked


def test_words_in_a_case_that_is_known_settle_nothing(tmp_path: Path) -> None:
    lines = ["1,PLED GUILTY", "2,STET"]
    (tmp_path / "d.csv").write_text(
        "docket,defendant_id,event_date,severity,law_code,charge,disposition\n"
        + "".join(f"2014KN000001,1,2014-05-01,F,PL 125.25,{each}\n" for each in lines)
    )
    charges = law.read_charges(tmp_path / "d.csv")
    decisions = law.decide_charges(charges, DAY)
    (each,) = [one for one in open_questions(charges, decisions, read_map("us-ny"), DAY) if one.kind == "words"]

    assert [str(decision.answer) for decision in decisions] == ["not_sealed"]
    assert (each.cause, each.settles, each.actions) == ("STET", 0, 1)


def test_cells_that_count_as_blank_are_told_by_their_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A code that cannot be read was among what settles answers, and nothing said where it is."""
    (tmp_path / "d.csv").write_text(
        "docket,defendant_id,disposition,event_date,severity,law_code\n2014KN000001,1,PLED GUILTY,2014-05-01,M,XYZ???\n"
    )
    ask = ["law", "review", "export", str(tmp_path / "d.csv"), "-o", str(tmp_path / "q.csv"), "--as-of", str(DAY)]
    assert run(ask) == 0

    said = capsys.readouterr()
    assert "In lines 2: law_code is unknown, and counts as blank." in said.err
    assert "XYZ" not in said.out + said.err


def test_rows_that_cannot_be_read_are_put_aside(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One day that cannot be read kept the whole queue from being written."""
    bad = ["2014KN000008,6,NOLLE,2014-13-45,M,", "2014KN000008,6,NOLLE,2014-05-01,M,"]
    file.write_text(ROWS + "\n".join(bad) + "\n")
    queue, rejects = tmp_path / "q.csv", tmp_path / "rejects.csv"
    ask = ["law", "review", "export", str(file), "-o", str(queue), "--as-of", str(DAY)]

    assert run(ask) == 2
    assert "--reject-file FILE" in capsys.readouterr().err
    assert run([*ask, "--reject-file", str(rejects)]) == 0
    said = capsys.readouterr().err
    assert "2 rows could not be read, and are in" in said
    assert "line 9, column event_date: is not a date" in said
    assert rejects.read_text().splitlines()[1:] == bad
    assert "NOLLE" not in queue.read_text()
    assert {"STET", "sentenced_on"} <= {each["cause"] for each in rows(queue)}
    for taken in (file, queue):
        assert run([*ask, "--reject-file", str(taken)]) == 2


def test_words_stand_in_the_queue_alone(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They may name a person."""
    queue = file.with_name("queue.csv")
    assert run(["law", "review", "export", str(file), "-o", str(queue), "--as-of", str(DAY)]) == 0
    said = capsys.readouterr()

    assert "STET" in queue.read_text()
    assert "STET" not in said.out + said.err
    assert "sentenced_on" in said.out


@pytest.mark.parametrize(
    ("text", "proposed"),
    [("NO TRUE BILL LATER", "NO_TRUE_BILL"), ("NOT SENTENCED LATER", ""), ("ZZZ QQQ", "")],
)
def test_what_is_proposed_is_alike_and_never_turned_round(tmp_path: Path, text: str, proposed: str) -> None:
    (tmp_path / "d.csv").write_text(f"docket,defendant_id,disposition,event_date\n2014KN000001,1,{text},2014-05-01\n")
    charges = law.read_charges(tmp_path / "d.csv")
    (each,) = open_questions(charges, law.decide_charges(charges, DAY), read_map("us-ny"), DAY)

    assert (each.kind, each.cause, each.proposed) == ("words", text, proposed)


CONTESTED = (
    *(
        "DISCHARGED",
        "Discharged today",
        "CONSOLIDATED WITH IND",
        "CONSOLIDATED W/ IND",
        "CONSOLIDATED WITH 2014KN000007",
    ),
    *(
        "DISM/ACD",
        "DISM & ACD",
        "ACD/D",
        "ACD DISM 6 MOS",
        "DISM ACD 6 MONTHS",
        "ACD/DISM",
        "DISMISSED / ACD",
        "VACATED DISM",
        "VACATED/DISMISSED",
        "REVERSED DISM",
        "REVERSED - DISM",
    ),
    *("SENT SUSPENDED", "SENTENCE SUSP", "SUSPENDED SENTENCE"),
)


def test_nothing_is_proposed_for_what_may_be_read_in_two_ways(tmp_path: Path) -> None:
    lines = [f"2014KN{at:06},{at},{text},2014-05-01" for at, text in enumerate(CONTESTED, 1)]
    (tmp_path / "d.csv").write_text("\n".join(["docket,defendant_id,disposition,event_date", *lines]) + "\n")
    charges, mapping = law.read_charges(tmp_path / "d.csv"), read_map("us-ny")
    found = open_questions(charges, law.decide_charges(charges, DAY), mapping, DAY)
    words = [each for each in found if each.kind in ("words", "pattern")]

    assert sum(each.actions for each in words) == len(CONTESTED), "none is read"
    assert {each.cause: each.proposed for each in words if each.proposed} == {}


def test_answers_become_the_custodians_own_phrases(
    file: Path, queue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert queue.stat().st_mode & 0o777 == 0o600
    own, log = tmp_path / "ours.toml", tmp_path / "audit.log"
    AuditLog.create(log, who="r.alvarez")
    answered(queue, stet="pending", dismissed_on_the_peoples_own_oral_motion_today="Dismissed entire")

    ask = ["law", "review", "import", str(queue), "--aliases", str(own), "--audit-log", str(log)]
    assert run(ask) == 0
    assert "2 words mapped, 0 left unmapped, 0 without an answer" in capsys.readouterr().err
    assert own.stat().st_mode & 0o777 == 0o600
    assert tomllib.loads(own.read_text())["texts"] == {
        "STET": "PENDING",
        "DISMISSED ON THE PEOPLES OWN ORAL MOTION TODAY": "DISMISSED_ENTIRE",
    }
    entries = [json.loads(line) for line in log.read_text().splitlines() if "law review import" in line]
    assert [(entry["kind"], entry["count"]) for entry in entries] == [("import", 2)]
    # the answers are in use, and the same queue again changes nothing
    said = law.explain(file, docket="2014KN000004", as_of=DAY, aliases=own)
    assert said.decision.answer is law.Answer.SEALED
    before = own.read_bytes()
    assert run(ask) == 0
    assert own.read_bytes() == before
    again = ["law", "review", "export", str(file), "-o", str(tmp_path / "2.csv"), "--as-of", str(DAY)]
    assert run([*again, "--aliases", str(own)]) == 0
    assert "STET" not in {row["cause"] for row in rows(tmp_path / "2.csv")}


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        ({"stet": "PENDNG"}, "is neither accept, refuse nor a disposition"),
        ({"stet": "UNMAPPED"}, "is neither accept, refuse nor a disposition"),
        ({"stet": "accept"}, "accepts a meaning that was not proposed"),
        ({"sentenced_on": "2014-05-01"}, "is about no words"),
        ({"merged_with_#": "COVERED_BY"}, "is about no words"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_told_by_its_line_and_nothing_is(
    queue: Path, answers: dict[str, str], what: str, tmp_path: Path
) -> None:
    answered(queue, **answers)
    line = next(at for at, row in enumerate(rows(queue), start=2) if row["answer"])

    with pytest.raises(NoticeError, match=what) as caught:
        read_queue(queue, read_map("us-ny"))
    assert f"line {line}, column answer" in str(caught.value)
    assert run(["law", "review", "import", str(queue), "--aliases", str(tmp_path / "ours.toml")]) == 2
    assert not (tmp_path / "ours.toml").exists()


def test_words_that_have_another_meaning_already_are_a_conflict(queue: Path, tmp_path: Path) -> None:
    own = tmp_path / "ours.toml"
    own.write_text('version = "ours-1"\n[texts]\n"STET" = "PENDING"\n')
    answered(queue, stet="DISMISSED_ENTIRE")

    with pytest.raises(NoticeError, match="contradicts a phrase in use"):
        read_queue(queue, read_map("us-ny", own))
    answered(queue, stet="PENDING")
    assert read_queue(queue, read_map("us-ny", own)).meanings == {"STET": Disposition.PENDING}


def test_one_line_may_not_contradict_another(queue: Path) -> None:
    answered(queue, stet="PENDING")
    told = queue.read_text(encoding="utf-8-sig")
    line = next(each for each in told.splitlines() if ",STET," in f",{each}")
    for other in ("WARRANT", "refuse"):
        queue.write_text(f"{told}{line.replace('PENDING', other)}\n")
        with pytest.raises(NoticeError, match="about the same words"):
            read_queue(queue, read_map("us-ny"))


@pytest.fixture
def other(tmp_path: Path) -> Callable[..., Path]:
    """Gives the queue of texts under a law."""

    def exported(*texts: str, place: str = "us-ny", name: str = "other") -> Path:
        made, queue = tmp_path / f"{name}.csv", tmp_path / f"{name}-queue.csv"
        lines = [f"2014KN00000{at},{at},{text},2014-05-01" for at, text in enumerate(texts, start=1)]
        made.write_text("\n".join(["docket,defendant_id,disposition,event_date", *lines]) + "\n")
        ask = ["law", "review", "export", str(made), "-o", str(queue), "--as-of", str(DAY), "--law", place]
        assert run(ask) == 0
        return queue

    return exported


def told(queue: Path, place: str = "us-ny") -> list[tuple[int, str]]:
    with pytest.raises(NoticeError) as caught:
        read_queue(queue, read_map(place))
    return [(line, column) for line, column, _ in caught.value.problems]


@pytest.mark.parametrize(("one", "another"), [("PENDING", "WARRANT"), ("refuse", "PENDING"), ("PENDING", "refuse")])
@pytest.mark.parametrize("spelling", ["DISM GONE AWAY", "dism. gone AWAY", "Dism - gone away."])
def test_words_in_two_spellings_take_one_answer_and_both_lines_are_told(
    other: Callable[..., Path], spelling: str, one: str, another: str
) -> None:
    queue = other("DISMISSED GONE AWAY", spelling)
    answered(queue, dismissed_gone_away=one, dism_gone_away=another)

    assert told(queue) == [(2, "answer"), (3, "answer")]
    answered(queue, dismissed_gone_away="PENDING", dism_gone_away="pending")
    assert [*read_queue(queue, read_map("us-ny")).meanings.values()] == [Disposition.PENDING]


FORGED = {
    "another proposal": {"proposed": "ACQUITTED_COMPLETE", "answer": "accept"},
    "other words": {"cause": "PRESIDENT"},
    "a spelling": {"cause": "stet."},
    "signs": {"cause": "*?."},
    "the number of a case": {"cause": "FOO #"},
    "a slot": {"cause": "{law} FOO [X]"},
    "no check": {"check": ""},
    "another kind": {"kind": "other"},
}


@pytest.mark.parametrize("change", FORGED)
def test_a_line_that_was_not_exported_so_is_refused(other: Callable[..., Path], change: str) -> None:
    queue = other("STET", "FOO BAR")
    answered(queue, foo_bar="WARRANT", stet="PENDING")
    held = rows(queue)
    line = next(at for at, row in enumerate(held, start=2) if row["cause"] == "STET")
    held[line - 2] |= FORGED[change]
    with queue.open("w", newline="", encoding="utf-8") as file:
        written = csv.DictWriter(file, [*held[0]])
        written.writeheader()
        written.writerows(held)

    assert told(queue) == [(line, "check")]


def test_the_number_of_a_case_is_not_answered_as_words(other: Callable[..., Path]) -> None:
    queue = other("FOO 2014KN000001")
    answered(queue, **{"foo_#": "PENDING"})
    assert told(queue) == [(2, "answer")]
    queue.write_text(queue.read_text(encoding="utf-8-sig").replace("pattern,", "words,"))
    assert told(queue) == [(2, "check")]


def test_a_queue_of_another_law_is_refused(other: Callable[..., Path]) -> None:
    queue = answered(other("STET", place="us-or"), stet="PENDING")

    assert told(queue) == [(2, "check")]
    assert read_queue(queue, read_map("us-or")).meanings == {"STET": Disposition.PENDING}


def test_answers_without_words_are_told_so(other: Callable[..., Path]) -> None:
    queue = answered(other("STET"), stet="PENDING")
    queue.write_text(queue.read_text(encoding="utf-8-sig").replace("words,STET", "words,"))

    with pytest.raises(NoticeError, match="line 2, column cause: is blank"):
        read_queue(queue, read_map("us-ny"))


ENDINGS = [(place, ending) for place in law.JURISDICTIONS for ending in law.jurisdiction(place).endings]


@pytest.mark.parametrize(("place", "ending"), ENDINGS)
def test_a_states_own_endings_are_answers_there_and_only_there(
    other: Callable[..., Path], tmp_path: Path, place: str, ending: str
) -> None:
    queue, own = answered(other("QQQ ZZZ", place=place), qqq_zzz=ending.lower().replace("_", " ")), tmp_path / "o.toml"

    assert run(["law", "review", "import", str(queue), "--aliases", str(own), "--law", place]) == 0
    assert read_map(place, own).meaning("Qqq zzz.").disposition == ending
    there = "us-or" if place == "us-ny" else "us-ny"
    elsewhere = answered(other("QQQ ZZZ", name="elsewhere", place=there), qqq_zzz=ending)
    assert told(elsewhere, there) == [(2, "answer")]


def test_a_states_own_ending_is_accepted_where_it_is_proposed(other: Callable[..., Path], tmp_path: Path) -> None:
    text = "CONDITIONAL DISCHARGE ENTERED"
    queue, own = other(text, place="us-or"), tmp_path / "o.toml"
    answered(queue, conditional_discharge_entered="accept")

    assert run(["law", "review", "import", str(queue), "--aliases", str(own), "--law", "us-or"]) == 0
    assert tomllib.loads(own.read_text())["texts"] == {text: "CONDITIONAL_DISCHARGE"}


def test_what_is_misspelt_is_told_with_the_three_nearest_names(queue: Path) -> None:
    answered(queue, stet="PENDNG")
    with pytest.raises(NoticeError, match=r"the nearest are PENDING, \w+, \w+\n"):
        read_queue(queue, read_map("us-ny"))


def test_a_queue_with_answers_is_not_written_over(file: Path, queue: Path, tmp_path: Path) -> None:
    mapping = read_map("us-ny")
    write_queue(queue, [], mapping)  # without answers it is
    answered_queue = tmp_path / "a.csv"
    answered_queue.write_text(
        "kind,cause,settles,actions,persons,lines,told_by,proposed,check,answer\nwords,A,1,1,1,2,,,q,refuse\n"
    )
    with pytest.raises(UsageError, match="contains answers"):
        write_queue(answered_queue, [], mapping)
    with pytest.raises(UsageError, match="is not a queue"):
        write_queue(file, [], mapping)


def test_words_that_a_spreadsheet_would_run_are_not_written_so(tmp_path: Path) -> None:
    head = "docket,defendant_id,disposition,event_date\n"
    (tmp_path / "d.csv").write_text(f'{head}2014KN000001,1,"=HYPERLINK(""x"")",2014-05-01\n')
    charges = law.read_charges(tmp_path / "d.csv")
    found = open_questions(charges, law.decide_charges(charges, DAY), read_map("us-ny"), DAY)
    write_queue(tmp_path / "queue.csv", found, read_map("us-ny"))

    assert not any(row["cause"].startswith(("=", "+", "-", "@")) for row in rows(tmp_path / "queue.csv"))


_WORDS = st.text(st.sampled_from('ABC ÄЖ"\\'), min_size=1, max_size=8).map(str.strip).filter(bool)
_GIVEN = st.dictionaries(_WORDS, st.sampled_from([Disposition.PENDING, Disposition.WARRANT]), min_size=1, max_size=4)
_FILES = st.sampled_from(
    [
        'version = "ours-9"  # ours\n',
        'version = "2026"\n[texts]\n"KEPT" = "PENDING"  # said by the clerk\n',
        'version = "ours"\n\n[texts]\n"KEPT" = "PENDING"\n\n[[rule]]\ndisposition = "WARRANT"\nphrases = ["X Y"]\n',
        'version = "ours-1"\n\n[slots]\nwhy = ["A"]\n[texts]\n',
    ]
)


@settings(max_examples=80, deadline=None)
@given(before=_FILES, given_=_GIVEN)
def test_the_rest_of_a_vocabulary_stays_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, before: str, given_: dict[str, Disposition]
) -> None:
    place = tmp_path_factory.mktemp("own") / "ours.toml"
    place.write_text(before)
    version = extend_vocabulary(place, given_)
    was, now = tomllib.loads(before), tomllib.loads(place.read_text())

    assert now["version"] == version != was["version"]
    assert now["texts"] == was.get("texts", {}) | {words: str(each) for words, each in given_.items()}
    assert {name: now[name] for name in was if name not in ("version", "texts")} == {
        name: was[name] for name in was if name not in ("version", "texts")
    }
    assert all(line in place.read_text() for line in before.splitlines() if "version" not in line)
    assert extend_vocabulary(place, given_) == version


@pytest.mark.parametrize("content", ['texts = { "A" = "PENDING" }\nversion = "1"\n', "not = = toml", "[texts]\n"])
def test_a_file_that_cannot_be_extended_is_left_alone(tmp_path: Path, content: str) -> None:
    place = tmp_path / "ours.toml"
    place.write_text(content)
    with pytest.raises(ConfigError):
        extend_vocabulary(place, {"STET": Disposition.PENDING})
    assert place.read_text() == content
