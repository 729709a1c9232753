"""Texts that courts, prosecutors and police write, and those that mislead, word for word."""

from __future__ import annotations

import pytest

from sealscrub.custodian.law.dispositions import Disposition, map_disposition, read_map

# The traps of the mapper. What is not a disposition, or says that the case goes on, is never favourable.
TRAPS = {
    "CONDITIONAL DISCHARGE": "SENTENCED",
    "UNCONDITIONAL DISCHARGE": "SENTENCED",
    "DISCHARGED": "UNMAPPED",
    "RELEASED": "CUSTODY",
    "ROR": "CUSTODY",
    "DISMISSED - COVERED BY 2014KN012346": "COVERED_BY",
    "DISMISSED/SUPERSEDED BY IND": "SUPERSEDED",
    "DISM W/LEAVE": "DISMISSED_LEAVE_TO_REPRESENT",
    "NOT DISMISSED": "PENDING",
    "MOTION TO DISMISS DENIED": "PENDING",
    "ACQUITTED CT 1, GUILTY CT 2": "ACQUITTED_PARTIAL",
    "NOT GUILTY PLEA ENTERED": "PENDING",
    "PLEA NOT GUILTY": "PENDING",
    "ACD 170.55 - RESTORED": "ACD_RESTORED",
    "DISMISSAL VACATED": "DISMISSAL_VACATED",
    "PLED TO DISCON 240.20": "CONV_VIOLATION",
    "GUILTY VTL 1192.1": "CONV_INFRACTION",
    "NOLLE PROSEQUI W/ DRUG TREATMENT": "UNMAPPED",
    "SEALED": "STATUS_SEALED",
    "UNK": "NO_DISPOSITION",
    "": "NO_DISPOSITION",
    "(null)": "NO_DISPOSITION",
}

# By paragraph of CPL 160.50(3), and those that are on no list.
PARAGRAPHS = {
    "REVERSED AND DISMISSED": "DISMISSED_ON_APPEAL",
    "DISMISSED": "DISMISSED_ENTIRE",
    "DISM 30.30": "DISMISSED_ENTIRE",
    "DISM FACIALLY INSUFFICIENT": "DISMISSED_ENTIRE",
    "DISM INTEREST OF JUSTICE": "DISMISSED_ENTIRE",
    "DISM FAILURE TO PROSECUTE": "DISMISSED_ENTIRE",
    "ACD – DISMISSED": "ACD_DISMISSED",
    "ACQUITTED": "ACQUITTED_COMPLETE",
    "NOT GUILTY": "ACQUITTED_COMPLETE",
    "TOD": "TRIAL_ORDER_DISMISSAL",
    "TRIAL ORDER OF DISMISSAL": "TRIAL_ORDER_DISMISSAL",
    "VERDICT SET ASIDE": "VERDICT_SET_ASIDE",
    "VACATED 440.10": "VACATED",
    "CONVICTION VACATED": "VACATED",
    "DISCHARGED – HABEAS": "HABEAS_DISCHARGE",
    "NO TRUE BILL": "NO_TRUE_BILL",
    "DECLINED PROSECUTION": "DECLINED_PROSECUTION",
    "DP": "DECLINED_PROSECUTION",
    "DECLINED TO PROSECUTE": "DECLINED_PROSECUTION",
    "343 DECLINED": "DECLINED_PROSECUTION",
    "NO PAPERED": "DECLINED_PROSECUTION",
    "VOIDED ARREST": "POLICE_DECLINED_VOIDED",
    "POLICE DECLINED": "POLICE_DECLINED_VOIDED",
    "ARREST VOID": "POLICE_DECLINED_VOIDED",
    "DISMISSED 215.40": "DISMISSED_215_40",
    "covered by": "COVERED_BY",
    "satisfied by plea to another docket": "COVERED_BY",
    "superseded": "SUPERSEDED",
    "consolidated": "UNMAPPED",
    "transferred": "UNMAPPED",
    "waived to grand jury": "TRANSFERRED_SUPERIOR",
    "bench warrant": "WARRANT",
    "abated by death": "ABATED_DEATH",
    "730 fitness dismissals": "UNMAPPED",
    "730 dismissal": "UNFIT_730",
    "not responsible by reason of mental disease or defect": "NOT_RESPONSIBLE",
    "dismissed with leave to re-present": "DISMISSED_LEAVE_TO_REPRESENT",
    "extradition waived": "UNMAPPED",
}

NORTH_CAROLINA = (
    *("CoR", "DC", "DWOL", "VD", "DD", "F", "GL", "GU", "I", "Leave", "VL", "M", "NC", "NG", "NPC", "NB", "NTBS"),
    *("PJC", "PO", "PR", "RM", "RS", "SI", "T", "U", "Unserved", "WPC"),
)

# What only other places write is not guessed at.
VOCABULARIES = {
    "Acquittal": "ACQUITTED_COMPLETE",
    "Decline Prosecution (Nolle Prosequi)": "DECLINED_PROSECUTION",
    "Decline to File (by police)": "POLICE_DECLINED_VOIDED",
    "Dismissal by Grand Jury/No True Bill": "NO_TRUE_BILL",
    "order setting aside verdict": "VERDICT_SET_ASIDE",
    "dismissal in interest of justice/Clayton": "DISMISSED_ENTIRE",
    "order vacating judgment": "VACATED",
    "dismissal of information": "DISMISSED_ENTIRE",
    "habeas": "HABEAS_DISCHARGE",
    "appeal": "UNMAPPED",
    "ACD": "ACD_PENDING",
    "221.05": "UNMAPPED",
    "Dismissed as Covered": "COVERED_BY",
    "DISMISSED AT COURT": "DISMISSED_ENTIRE",
    "DISMISSED BY DISTRICT ATTORNEY": "DISMISSED_ENTIRE",
    "DROPPED": "UNMAPPED",
    "CASE DISPOSED": "UNMAPPED",
    "RELEASED BY COURT": "CUSTODY",
    "PENDING": "PENDING",
    "OPEN": "PENDING",
    "PRETRIAL": "PENDING",
    "TRUE BILL OF INDICTMENT": "TRANSFERRED_SUPERIOR",
    "FTA": "WARRANT",
    "SENTENCED": "SENTENCED",
    "TIME SERVED": "SENTENCED",
    "UNKNOWN": "NO_DISPOSITION",
    "convicted": "CONVICTED",
    "conviction": "UNMAPPED",
    "finding-guilty": "UNMAPPED",
    "bail forfeiture": "UNMAPPED",
    "discharged": "UNMAPPED",
    "reduced": "UNMAPPED",
    "lesser charge": "UNMAPPED",
    "missing": "NO_DISPOSITION",
    "conditional discharge": "SENTENCED",
    "deferred": "UNMAPPED",
    "Nolle Prossed": "UNMAPPED",
    "Dismissed – Rule 586": "UNMAPPED",
    "Dismissed – Rule 600": "UNMAPPED",
    "Judgment of Acquittal": "UNMAPPED",
    "Demurrer Sustained": "UNMAPPED",
    "Withdrawn": "UNMAPPED",
    "Held for Court": "TRANSFERRED_SUPERIOR",
    "ARD – County (Open)": "UNMAPPED",
    "Charge Changed": "UNMAPPED",
    "Guilty Plea": "CONVICTED",
    "PWOV": "UNMAPPED",
    "Administrative Closure": "UNMAPPED",
    "dismissal": "UNMAPPED",
    "nolle_prosequi": "UNMAPPED",
    "stet": "UNMAPPED",
    "PBJ": "UNMAPPED",
    "not criminally responsible": "NOT_RESPONSIBLE",
    "guilty": "CONVICTED",
    **dict.fromkeys(NORTH_CAROLINA, "UNMAPPED"),
    "FNPC": "UNMAPPED",
    "finding of no probable cause": "UNMAPPED",
    "Nolle Prosequi": "UNMAPPED",
    "Diversion/Deferred": "UNMAPPED",
    "Expunged": "UNMAPPED",
    "No charges filed/dropped": "UNMAPPED",
    "Death of offender": "ABATED_DEATH",
    "Prosecution declined": "DECLINED_PROSECUTION",
    "In custody of other jurisdiction": "UNMAPPED",
    "Victim refused": "UNMAPPED",
    "Juvenile/no custody": "UNMAPPED",
    "n/a": "NO_DISPOSITION",
}


@pytest.mark.parametrize(("text", "disposition"), [*TRAPS.items(), *PARAGRAPHS.items(), *VOCABULARIES.items()])
def test_a_text_comes_to_its_disposition(text: str, disposition: str) -> None:
    assert map_disposition(text) == disposition


def test_every_text_of_the_generated_city_comes_to_what_the_city_means() -> None:
    from sealscrub.datasets.case_outcomes import _WRITTEN

    mapping = read_map("us-ny")
    for written in _WRITTEN.values():
        for raw, outcome in written:
            text = None if raw is None else raw.format(section="120.00", docket="2014KN012345")
            found = mapping.meaning(text).disposition
            # What class an offence is of, the text of a conviction does not say.
            assert found == (Disposition.CONVICTED if outcome == Disposition.CONV_MISDEMEANOR else outcome), raw


def test_a_text_says_which_offence_statute_and_sentence() -> None:
    meaning = read_map("us-ny").meaning

    assert str(meaning("PLED TO DISCON 240.20").offence) == "PL 240.20"
    assert str(meaning("GUILTY VTL 1192(1)").offence) == "VTL 1192(1)"
    assert meaning("PLED GUILTY 1192.1").offence is None
    assert meaning("PLED GUILTY 1192.1").names_offence
    assert not meaning("PLED GUILTY").names_offence
    assert meaning("ACD CPL 170.56").statute == "170.56"
    assert meaning("PG 120.00 - TIME SERVED").sentence == "TIME SERVED"
    assert meaning("GUILTY VTL 1192.3").disposition is Disposition.CONVICTED


@pytest.mark.parametrize(
    "text", ["DISMISSED?", "~DISMISSED", "!ACQUITTED", "¬ DISMISSED", "НЕ DISMISSED", "未 ACQUITTED"]
)
def test_doubt_denial_and_words_of_other_scripts_are_not_dropped(text: str) -> None:
    assert map_disposition(text) is Disposition.UNMAPPED


@pytest.mark.parametrize("text", ["DISM COVERED BY PLEA TO 2014KN012346", "DISMISSED AS COVERED BY PLEA 2014KN012346"])
def test_the_docket_that_covers_is_named_without_the_words_before_it(text: str) -> None:
    meaning = read_map("us-ny").meaning(text)

    assert (meaning.disposition, meaning.docket) == (Disposition.COVERED_BY, "2014KN012346")


@pytest.mark.parametrize(
    ("text", "disposition", "statute"),
    [
        ("M-ACD 12 months", "ACD_PENDING", "170.56"),
        ("MACD 1 YEAR", "ACD_PENDING", "170.56"),
        ("Pled G disorderly conduct", "CONV_VIOLATION", ""),
        ("Pled G", "UNMAPPED", ""),
        ("Pled NG", "PENDING", ""),
        ("M-ACD", "UNMAPPED", ""),
    ],
)
def test_a_short_text_is_read_with_what_stands_beside_it(text: str, disposition: str, statute: str) -> None:
    """Of marihuana, CPL 170.56: a misdemeanour's adjournment would be six months."""
    meaning = read_map("us-ny").meaning(text)

    assert (meaning.disposition, meaning.statute) == (disposition, statute)
