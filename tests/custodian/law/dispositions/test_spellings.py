"""Texts as extracts write them, in any case, spacing and punctuation, with sections and sentences about them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.custodian.law.dispositions import CONVICTIONS, Disposition, map_disposition, read_map

TEXTS = {
    "ABATED_DEATH": ("Abated - Death of Defendant", "Deceased"),
    "ACD_PENDING": (
        "ACD",
        "ACD (170.55)",
        "ACD + 1 DAY CS",
        "ACD CPL 170.55 - 6 MONTHS",
        "ACD W/ COMMUNITY SERVICE",
        "ACD/LOP",
    ),
    "ACQUITTED_COMPLETE": ("ACQUITTED BY JURY", "Acquitted - Bench Trial", "Verdict - Not Guilty"),
    "CONVICTED": (
        "Convicted Upon Plea of Guilty",
        "Guilty - Jury Verdict",
        "PG",
        "PG 240.20 - T/S",
        "Plea Guilty 240.20 - Cond Disch",
    ),
    "COVERED_BY": ("CVRD", "Dismissed - Covered", "Sat by plea to ct 1"),
    "DECLINED_PROSECUTION": ("DA DECLINED TO PROSECUTE", "DECLINED PROS - VICTIM UNCOOPERATIVE", "Prosecutor Declined"),
    "DISMISSED_ENTIRE": (
        "DISM ON PEOPLES APPLICATION",
        "DISM-30.30(1)(B)",
        "DISMISSED - LACK OF JURISDICTION",
        "DISMISSED IN THE INTEREST OF JUSTICE 170.40",
        "DISMISSED. SEALED PURSUANT TO CPL 160.50",
        "Dismissed-Motion of DA",
        "Dismissed/Sealed",
    ),
    "NOT_RESPONSIBLE": ("Not Responsible",),
    "NO_TRUE_BILL": ("Dismissed by GJ", "No True Bill"),
    "PENDING": ("Arraigned - ROR", "Awaiting Disposition", "Bail Set", "Transferred to Drug Court"),
    "POLICE_DECLINED_VOIDED": ("Arrest Voided", "Voided by Arresting Agency"),
    "REMOVED_FAMILY_COURT": ("Transferred to Family Court",),
    "SENTENCED": (
        "CD 1 YR",
        "Cond Disch 1 Year",
        "FINE $250",
        "JAIL 15 DAYS",
        "PROB 3 YRS",
        "Restitution",
        "SPLIT SENTENCE",
        "TS",
    ),
    "STATUS_SEALED": ("Case Sealed", "SEALED 160.50"),
    "SUPERSEDED": ("Superseded by Indictment 01234-2016",),
    "TERMINATED_180_85": ("DISMISSED CPL 180.85",),
    "TRANSFERRED_SUPERIOR": ("HELD FOR GJ", "Held for Action of Grand Jury", "SCI FILED", "Waived to GJ"),
    "TRIAL_ORDER_DISMISSAL": ("Dismissed - Trial Order", "Trial Order of Dismissal"),
    "VACATED": ("Conviction Vacated 440.10", "Vacated - CPL 440.10(1)(i)"),
    "WARRANT": ("B/W", "BW ORDERED"),
    "YO_ADJUDICATED": ("Y.O. - PROBATION", "YO", "YO ADJ", "Youthful Offender"),
    "UNMAPPED": ("343", "No Affidavit", "PG DISCON ACD", "Plea Vacated", "Plea Withdrawn"),
}
PAIRS = [(text, disposition) for disposition, texts in TEXTS.items() for text in texts]


@pytest.mark.parametrize(("text", "disposition"), PAIRS)
def test_a_text_of_an_extract_is_read(text: str, disposition: str) -> None:
    found = map_disposition(text)

    assert ("CONVICTED" if found in CONVICTIONS else found) == disposition


@given(
    st.sampled_from(PAIRS),
    st.sampled_from(["upper", "lower", "title"]),
    st.sampled_from([" ", "  ", " - ", ", ", "; ", ": "]),
)
def test_case_spacing_and_punctuation_do_not_matter(pair: tuple[str, str], case: str, between: str) -> None:
    text, disposition = pair
    parted = re.sub(r"(?<=[A-Za-z0-9)]) (?=[A-Za-z(])", between, getattr(text, case)())
    found = map_disposition(f" {parted}. ")

    assert ("CONVICTED" if found in CONVICTIONS else found) == disposition


@pytest.mark.parametrize(
    ("text", "disposition"),
    [
        ("DISMISSED CPL 170.30", Disposition.DISMISSED_ENTIRE),
        ("DISMISSED CPL 170.55", "ACD_DISMISSED"),
        ("DISMISSED CPL 180.85", "TERMINATED_180_85"),
        ("DISMISSED CPL 290.10", Disposition.TRIAL_ORDER_DISMISSAL),
        ("DISMISSED CPL 730.40", "UNFIT_730"),
        ("DISMISSED CPL 730", "UNFIT_730"),
        ("DISMISSED CPL 330.30", Disposition.UNMAPPED),
        ("DISMISSED CPL 440.10", Disposition.UNMAPPED),
        ("DISMISSED CPL 999.99", Disposition.UNMAPPED),
    ],
)
def test_a_dismissal_keeps_the_section_that_it_names_apart(text: str, disposition: str) -> None:
    assert map_disposition(text) == disposition


def test_a_sentence_beside_a_plea_is_read_with_it() -> None:
    meaning = read_map("us-ny").meaning

    assert meaning("PG TO 240.20 TS").sentence == "TS"
    assert meaning("PG 240.20 - CD").sentence == "CD"
    assert meaning("Plea Guilty 240.20 - Cond Disch").sentence == "CONDITIONAL DISCHARGE"
    assert (str(meaning("PG TO 240.20 TS").offence), str(meaning("PG 110/155.25").offence)) == (
        "PL 240.20",
        "PL 155.25 (attempt)",
    )


@pytest.mark.parametrize(
    "text", ["PG 240.20 " + "CD 1 YR AND " * 40, "DISMISSED " + "ON MOTION OF DA " * 40, "ACD " + "WITH CS " * 60]
)
def test_a_long_text_that_repeats_itself_is_refused_soon(text: str) -> None:
    assert map_disposition(f"{text} X") is Disposition.UNMAPPED
