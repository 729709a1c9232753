"""Texts as extracts spoil them, and words that turn an ending into something else."""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import pytest

from sealscrub.custodian.law import read_charges
from sealscrub.custodian.law.dispositions import Disposition, map_disposition, read_map

# Two lists of 110 texts each. On first trial 37 and 59 were read as their writer meant, six and two otherwise; the
# phrases were widened by kind after each, to 105 and 108. This holds what is read; seven of the 220 are left out.
with Path(__file__).with_name("held_out_fourth.csv").open(encoding="utf-8", newline="") as lines:
    FOURTH = [(row["text"], row["meaning"]) for row in csv.DictReader(lines)]
# Four lists of 110 texts each, with classes of offences as their writer gives them. On first trial 62, 93, 104 and 107
# came to what their writer meant. Four that he left open came to a class without an end, and one ACD to its dismissal,
# which is fixed (below); what is read of them now.
with Path(__file__).with_name("held_out_fifth.csv").open(encoding="utf-8", newline="") as lines:
    FIFTH = [(row["text"], row["meaning"]) for row in csv.DictReader(lines)]
# A list of 124 texts, of which 115 were read as their writer meant on first trial, and none otherwise; three that are
# not read are left out. Behind them is what a lawyer may contest: what may be read in two ways is not read. Last stands
# what three more lists brought, of 110, 108 and 112 texts: 102, 102 and 109 were read at first, and one wrongly, as
# another's slip; of the third its writer had four as another class without an end, and left open two that are read.
# Then a list of 101, of which 84 were read at first, two of which their writer would have left open, and
# 30 of the kinds that were widened for it. The last 140 are of a list of 100, of which 94 were read at first and none
# wrongly, and of one of 50 in rarer forms: 39, and none wrongly. Four are not read and left out.
with Path(__file__).with_name("held_out_sixth.csv").open(encoding="utf-8", newline="") as lines:
    SIXTH = [(row["text"], row["meaning"]) for row in csv.DictReader(lines)]


@pytest.mark.parametrize("text", [text for text, _ in (*FOURTH, *FIFTH)][::12])
def test_a_phrase_that_matches_is_found_by_a_word_of_the_text(text: str) -> None:
    mapping = read_map("us-ny")
    plain = mapping.plain(text)
    words = {*plain.split(" "), ""}

    matching = [phrase for phrase, _ in mapping._rules if phrase.match(plain)]
    assert [phrase.text for phrase in matching if words.isdisjoint(phrase.told_by)] == []


TURNING = (
    *("NOT", "NO", "NEVER", "UNLESS", "IF", "IF PAID", "DENIED", "WILL BE", "MAY BE", "TO BE", "MOTION TO", "VACATED"),
    *("REVERSED", "RESTORED", "REINSTATED", "RESERVED", "REFUSED", "REJECTED", "OFFERED", "PROPOSED", "MOTION FOR"),
    *("UNDER ADVISEMENT", "RESCINDED", "RECOMMENDED", "EXCEPT COUNT 1", "IN PART", "SET ASIDE", "STAYED", "OVERTURNED"),
)
ENDINGS = (
    *("DISMISSED", "DISM 30.30", "DISMISSED AND SEALED", "ACD DISMISSED", "ACQUITTED", "NTB", "DP"),
    *("PG 240.20", "PLED GUILTY 155.25 AM", "ACD 170.55", "YO ADJ", "CONVICTED AFTER TRIAL 160.10 CF", "SEALED 160.50"),
)


@pytest.mark.parametrize("adjourned", ["ADJ", "ADJOURNED", "ADJ'D"])
@pytest.mark.parametrize("contemplation", ["CONTEMP", "IN CONTEMPL", "CONTEMPLATION", "CONT", "CTMP"])
def test_an_adjournment_is_not_the_dismissal_that_it_contemplates(adjourned: str, contemplation: str) -> None:
    kinds = product(("", " OF"), ("DISM", "DISMISSAL", "DISMISSED", "DISMD"), ("", " 170.55", " - 6 MONTHS"))
    found = {str(map_disposition(f"{adjourned} {contemplation}{of} {dismissal}{end}")) for of, dismissal, end in kinds}

    assert found <= {"ACD_PENDING", "UNMAPPED"}


@pytest.mark.parametrize("held_out", [FOURTH, FIFTH, SIXTH], ids=["fourth", "fifth", "sixth"])
def test_texts_that_were_held_out_come_to_what_their_writer_meant(held_out: list[tuple[str, str]]) -> None:
    found = [(text, meaning, str(map_disposition(text))) for text, meaning in held_out]

    assert len(found) > 140
    assert [each for each in found if each[1] != each[2]] == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_word_that_turns_an_ending_is_never_left_out(ending: str) -> None:
    own = map_disposition(ending)
    turned = [f"{word} {ending}" for word in TURNING]
    turned += [
        f"{ending}{sign} {word}"
        for word, sign in product(TURNING, ("", " -"))
        if " TO" not in word and " F" not in word
    ]

    assert own is not Disposition.UNMAPPED
    assert [text for text in turned if map_disposition(text) is own] == []


FAVOURABLE = (
    *("Dismissed - Insufficient Evidence", "DISM VILL CT 7/9/01 TJ HAMMOND", "CASE DISM. BAIL EXONERATED"),
    *("30.30 Motion Granted, Case Dismissed", "ACQUITTED BY JURY SEALED", "ACD DISMISSED", "GJ VOTED NTB"),
    *("VOIDED BY DESK SGT 044 PCT", "T.O.D. 290.10", "FEL COMPL TERMINATED 180.85", "DSMSD SPDY TRL JUDGE QUUX"),
    "ADA SMITH DECLINED TO PROSECUTE",
)
SHORT = ("DEN", "RSVD", "PNDG", "W/D", "RESTD", "REJ", "DEFRD", "REINST", "STYD", "CONDITIONALLY", "ADJ")


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize(
    "word", [word for word in (*TURNING, *SHORT) if word not in {"NO", "VACATED", "REVERSED", "REFUSED", "MOTION FOR"}]
)
@pytest.mark.parametrize("text", FAVOURABLE)
def test_a_word_that_turns_an_ending_is_left_out_nowhere(text: str, word: str) -> None:
    words, own = text.split(), map_disposition(text)
    turned = [" ".join([*words[:at], word, *words[at:]]) for at in range(len(words) + 1)]

    assert own is not Disposition.UNMAPPED
    assert [each for each in turned if map_disposition(each) == own] == []


@pytest.mark.parametrize("text", ["MOT TO DISM", "MOTION DISMISSED", "DA APPLICATION DISMISSED", "MOTION FOR DISM"])
def test_the_end_of_a_motion_is_not_the_end_of_the_case(text: str) -> None:
    assert map_disposition(text) is Disposition.UNMAPPED


@pytest.mark.parametrize(
    ("text", "disposition"),
    [
        ("DISMISSED 30.30 PT AP2", "DISMISSED_ENTIRE"),
        ("ACQUITTED IN PT", "UNMAPPED"),
        ("DISMISED - SPEEDY TRIAL", "DISMISSED_ENTIRE"),
        ("DISMISSALS 30.30", "UNMAPPED"),
        ("NO TRUE BILL RETURNE", "NO_TRUE_BILL"),
        ("NO TRUE BILL RETUR", "NO_TRUE_BILL"),
        ("DSMSD SPDY TRL VLTN", "DISMISSED_ENTIRE"),
        ("PLED GLTY PETIT LRCNY", "CONVICTED"),
        ("DISMISSAL SUPERSEDE", "UNMAPPED"),  # a word of another form is not short for it
        ("DISMISSED WITH L", "UNMAPPED"),
        ("PG 155.25 AM", "CONV_MISDEMEANOR"),
        ("PG 155.25 (E-F)", "CONV_FELONY"),
        ("PG 155.25 AM DF", "CONVICTED"),  # it says two
    ],
)
def test_a_spoilt_text_is_read_where_only_one_thing_can_be_meant(text: str, disposition: str) -> None:
    assert map_disposition(text) is Disposition(disposition)


def test_the_section_of_an_adjournment_is_read_among_other_words() -> None:
    meaning = read_map("us-ny").meaning

    assert meaning("PL 221.10 ACD 12 MOS CPL 170.56 COUNT 1").statute == "170.56"
    assert meaning("ACD 215.10 DISPUTE RESOL").statute == "215.40"  # which dismisses what 215.10 referred


def test_the_offence_of_a_reduced_charge_is_the_one_it_was_reduced_to() -> None:
    meaning = read_map("us-ny").meaning("155.25 REDUCED TO 240.20 - PG - CD - $95 SC")

    assert str(meaning.offence) == "PL 240.20"
    assert meaning.disposition is Disposition.CONV_VIOLATION


def test_a_text_that_names_another_day_than_its_row_is_named_by_its_line(tmp_path: Path) -> None:
    """The row's own day counts; the custodian is told in which lines the text has another."""
    texts = (
        "DISMISSED 05/12/2019",
        "DISMISSED ON 5/12/19",
        "2019-05-13 - DISMISSED",
        "ADJOURNED TO 6/1/2019",
        "DISM 30.30",
    )
    lines = [f"2019KN{at:06},{at},{text},2019-05-12" for at, text in enumerate(texts, start=1)]
    (tmp_path / "d.csv").write_text("\n".join(["docket,defendant_id,disposition,event_date", *lines]) + "\n")

    said = "a disposition names another day than its row, whose own day counts"
    assert dict(read_charges(tmp_path / "d.csv").oddities) == {said: (4,)}
