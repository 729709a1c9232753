"""New York's rules, all together. No lawyer has reviewed them, and none of them is legal advice."""

from __future__ import annotations

from dataclasses import replace

from ..clocks import Clock
from ..conditions import Is
from ..event_steps import like
from ..rules import Jurisdiction, doubt_rule
from ..state_declarations import GENERAL_GRADES, Column, ColumnKind, EndingKind
from . import (
    cpl_160_50,
    cpl_160_50_k,
    cpl_160_55,
    cpl_160_57,
    family_court,
    new_york_uses,
    orders,
    related_cases,
    statute_words,
    youths,
)
from .penal_law_codes import parse_code

__all__ = ["JURISDICTION"]


JURISDICTION = Jurisdiction(
    name="us-ny",
    version="us-ny/rules-7",
    regimes=(
        cpl_160_50.REGIME,
        cpl_160_50_k.REGIME,
        cpl_160_55.REGIME,
        cpl_160_57.REGIME,
        *orders.REGIMES,
        *youths.REGIMES,
        *family_court.REGIMES,
    ),
    doubts=(
        doubt_rule(
            "us-ny/doubt/no-disposition",
            "Ninety days on, the file holds no disposition at all.",
            Is("ending", "NO_DISPOSITION"),
            Clock(start=("known_from",), days=90),
        ),
    ),
    grades=replace(GENERAL_GRADES, classes="A(?:-?I{1,2})?|[B-E]"),
    parse_code=parse_code,
    section=r"[0-9]{3}\.[0-9]{1,2}",
    order_words=frozenset({"CLEAN", "SLATE", "CONDITIONAL", "CONDITIONALLY"}),
    facts=related_cases.FACTS,
    columns=(
        Column("substance", of_ending=True, of_offence=True),
        Column("served_on", ColumnKind.DAY, of_ending=True),
        Column("family_offense", ColumnKind.FLAG, of_ending=True),
        Column("prints_sent", ColumnKind.FLAG, of_ending=True),
        Column("certified", ColumnKind.FLAG, of_ending=True),
        Column("acd_until", ColumnKind.DAY, of_ending=True),
        Column("youthful_offender", ColumnKind.FLAG, instead="YO_ADJUDICATED"),
    ),
    events={"re_presented": like("vacated", "RESTORED")},
    endings={
        "ACD_PENDING": EndingKind.ADJOURNED,
        "ACD_RESTORED": EndingKind.RESTORED,
        "ACD_DISMISSED": EndingKind.FAVOURABLE,
        "ADJUSTED_PROBATION": EndingKind.FAVOURABLE,
        "PRESENTMENT_DECLINED": EndingKind.FAVOURABLE,
        "DISMISSED_LEAVE_TO_REPRESENT": EndingKind.LEFT,
        "TERMINATED_180_85": EndingKind.LOCAL,
        "DISMISSED_215_40": EndingKind.FAVOURABLE,
        "UNFIT_730": EndingKind.OVER,
        "YO_ADJUDICATED": EndingKind.INSTEAD,
    },
    titles={
        "ACD_PENDING": "adjourned in contemplation of dismissal",
        "ACD_RESTORED": "restored after an adjournment in contemplation of dismissal",
        "ACD_DISMISSED": "dismissed after an adjournment in contemplation of dismissal",
        "DISMISSED_LEAVE_TO_REPRESENT": "dismissed with leave to present it again",
        "TERMINATED_180_85": "terminated under CPL 180.85",
        "DISMISSED_215_40": "dismissed under CPL 215.40",
        "UNFIT_730": "unfit to stand trial (CPL 730)",
        "YO_ADJUDICATED": "adjudicated a youthful offender",
        "acd_until": "the day that the court set",
        "adjourned_under": "the section of the adjournment",
        "served_on": "service of the order",
    },
    synonyms={"nysid": "person_number", "cjtn": "tracking_number"},
    schemes={
        **{name: name for name in ("docket", "arrest_number", "indictment")},
        "person_number": "nysid",
        "tracking_number": "cjtn",
    },
    uses=("gun_licence",),
    access=new_york_uses.ACCESS,
    favourable=("us-ny/cpl-160.50", "us-ny/cpl-160.50-5", "us-ny/fca-375.1"),
    rulings=new_york_uses.RULINGS,
    known=new_york_uses.REGIMES,
    table=new_york_uses.VERSION,
    public_texts={
        statute: f"https://www.nysenate.gov/legislation/laws/{code}/{{section}}"
        for statute, code in (("CPL", "CPL"), ("FCA", "FCT"), ("PL", "PEN"), ("VTL", "VAT"))
    },
    quoted=statute_words.QUOTED,
    changes=(
        (
            "us-ny/rules-7",
            "Youthful offenders before September 1971, removals to family court before September 1978, and orders "
            "under 160.50 before September 1976 and under 160.55 before 1981, when their statutes began, are not "
            "known.",
        ),
        (
            "us-ny/rules-6",
            "Orders under 160.58 before October 2009, and orders under FCA 375.2 and adjudications (FCA 354.1) before "
            "July 1983, when their statutes began, are not known.",
        ),
        (
            "us-ny/rules-5",
            "A conviction of driving while ability impaired as a misdemeanour is eligible under 160.57(1)(a), too.",
        ),
        (
            "us-ny/rules-4",
            "A row that says that a record is sealed, which neither a rule nor an order seals, is not known.",
        ),
        (
            "us-ny/rules-3",
            "A certificate is asked for under 160.50(3)(i); orders before their statute, and time that stood still in "
            "2020, are not known; class A felonies by their section; codes of other laws do not count as marihuana; "
            "the first day of eligibility does not move with the day that is asked about; an order under a section "
            "that no rule names, and what was restored after an order, are not known.",
        ),
        (
            "us-ny/rules-2",
            "Orders, youths, family court and removal have rules; a person's other actions bear on an answer.",
        ),
        ("us-ny/rules-1", "The first rules: CPL 160.50 to 160.57."),
    ),
)
