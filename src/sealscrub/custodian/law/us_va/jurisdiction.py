"""Virginia's rules, all together. No lawyer has reviewed them, and none of them is legal advice."""

from __future__ import annotations

from dataclasses import replace

from ..adult_rules import JUVENILE, of_adults
from ..charge_events import AMBIGUOUS
from ..clocks import Clock
from ..conditions import Condition, Every, Is, Not
from ..event_steps import notes
from ..rules import Jurisdiction, Rule, doubt_rule
from ..state_declarations import Column, ColumnKind, EndingKind
from . import automatic_sealing, case_facts, nonconvictions, virginia_petitions, virginia_uses
from .sealing_orders import ANOTHER_ORDER, SECTION
from .virginia_codes import parse_code
from .virginia_offences import GRADES, INFRACTION, MATTERS
from .virginia_periods import SEALING
from .virginia_words import QUOTED

__all__ = ["JURISDICTION"]

_NINETY_DAYS = "ninety days on"


def _doubt_rule(name: str, text: str, when: Condition, *, days_from: str = "", always: bool = False) -> Rule:
    clock = Clock(start=(days_from,), days=90) if days_from else None
    made = doubt_rule(f"us-va/doubt/{name}", text, when, clock)
    before = "Before 1 July 2026 nothing was sealed, however it ended."
    return made if always else replace(made, in_force_from=SEALING, uncertainty=before)


JURISDICTION = Jurisdiction(
    name="us-va",
    version="us-va/rules-4",
    regimes=tuple(
        of_adults(group) for group in (*automatic_sealing.REGIMES, *nonconvictions.REGIMES, *virginia_petitions.REGIMES)
    ),
    doubts=(
        _doubt_rule("unmapped", "No phrase explains the text of the disposition.", Is("ending", "UNMAPPED")),
        _doubt_rule("ambiguous", "The file says two things of one charge.", Is("ending", AMBIGUOUS)),
        _doubt_rule(
            "not-said",
            "The text, such as Resolved or Appeal Withdrawn, does not say how the charge ended.",
            Is("ending", "NOT_SAID", "VACATED"),
        ),
        _doubt_rule(
            "prepaid",
            "Prepaid, and not an infraction: whether that is a conviction is not known.",
            Every(Is("ending", "PREPAID"), Not(INFRACTION)),
        ),
        _doubt_rule(
            "elsewhere",
            f"It went to another court, and {_NINETY_DAYS} nothing in this docket says how it ended there.",
            Is("ending", "SENT_ELSEWHERE"),
            days_from="ended_on",
        ),
        _doubt_rule(
            "no-disposition",
            f"The file holds no disposition, {_NINETY_DAYS}.",
            Is("ending", "NO_DISPOSITION"),
            days_from="known_from",
        ),
        _doubt_rule(
            "juvenile",
            "A case of a juvenile and domestic relations court: § 19.2-392.5(B) limits the chapter to adults and to "
            "juveniles tried in circuit court, and no rule for the others is written.",
            JUVENILE,
            always=True,
        ),
        _doubt_rule(
            "another-order",
            "An order to seal names a section that none of these rules reads, or none at all.",
            ANOTHER_ORDER,
            always=True,
        ),
    ),
    grades=GRADES,
    parse_code=parse_code,
    section=SECTION,
    columns=(
        Column("matter", choices=MATTERS),
        Column("plea", choices=("guilty", "not guilty", "nolo contendere", "alford", "other")),
        Column("deferred", ColumnKind.FLAG),
        Column("with_prejudice", ColumnKind.FLAG),
        Column("commonwealth_concurs", ColumnKind.FLAG),
        Column("restitution", choices=("none", "paid", "owed")),
        Column("other_state", ColumnKind.FLAG),
        Column("history_complete", ColumnKind.FLAG),
    ),
    synonyms={
        "case_number": "docket",
        "person_id": "defendant_id",
        "hearing_date": "event_date",
        "code_section": "law_code",
        "charge_type": "severity",
        "charge_class": "offense_class",
        "disposition_code": "disposition",
        "offense_date": "crime_date",
    },
    events={
        "probation_violation": notes("violated", on="violated_on"),
        "absolute_pardon": notes("pardoned", on="pardoned_on"),
        "actual_innocence": notes("innocent", on="innocent_on"),
    },
    begins={"pardoned": "N", "innocent": "N"},
    kept=frozenset({"violated", "violated_on", "pardoned", "pardoned_on", "innocent", "innocent_on"}),
    event_facts={
        "violated_on": "probation_violation",
        **dict.fromkeys(("pardoned", "pardoned_on"), "absolute_pardon"),
        **dict.fromkeys(("innocent", "innocent_on"), "actual_innocence"),
    },
    facts=case_facts.FACTS,
    words=case_facts.WORDS,
    endings={
        "NOLLE_PROSEQUI": EndingKind.FAVOURABLE,
        "DISMISSED_WITH_PREJUDICE": EndingKind.FAVOURABLE,
        "DISMISSED_WITHOUT_PREJUDICE": EndingKind.FAVOURABLE,
        "DEFERRED": EndingKind.OPEN,
        "DEFERRED_DISMISSED": EndingKind.OVER,
        "PREPAID": EndingKind.OVER,
        "SENT_ELSEWHERE": EndingKind.OPEN,
        "NOT_SAID": EndingKind.OPEN,
    },
    titles={
        "barred_start": "a day that a conviction of a felony sets",
        "clear_from": "the third anniversary of another arrest or charge",
        "innocent_on": "the finding of actual innocence",
        "last_event": "the conviction, the dismissal, the release or a violation of probation, whichever is last",
        "pardoned_on": "the pardon",
    },
    schemes={"docket": "us_va_case"},
    audiences=virginia_uses.AUDIENCES,
    rulings=virginia_uses.RULINGS,
    known=virginia_uses.REGIMES,
    table=virginia_uses.VERSION,
    public_texts={
        "Va. Code": "https://law.lis.virginia.gov/vacode/{section}/",
    },
    quoted=QUOTED,
    changes=(
        (
            "us-va/rules-4",
            "§ 19.2-392.17 reaches infractions of 1986 or later, and whether § 19.2-392.11 reaches charges before "
            "1986 is unknown; convictions and arrests of other states do not count for § 19.2-392.11; § 19.2-392.12 "
            "reaches felonies that are deemed larceny.",
        ),
        (
            "us-va/rules-3",
            "§ 19.2-392.12 reaches offences of 1986 or later; § 19.2-392.11 counts convictions that are reported to "
            "the repository and were not ordered to be sealed; other charges of the same docket block like those of "
            "other cases; an ancillary matter has a rule that says it stays open. Police and prosecutors, who may be "
            "those of a locality, are not known to be allowed to train or to infer; an agency of the Commonwealth is "
            "an audience of its own, and may [inference].",
        ),
        (
            "us-va/rules-2",
            "Not known are: a case of a juvenile and domestic relations court; a row that says that a record is sealed "
            "or expunged, without an order, also before 1 July 2026; another case of the person's that went to another "
            "court and whose outcome is not in the record; an infraction whose section is blank or not one of traffic.",
        ),
        ("us-va/rules-1", "The first version."),
    ),
)
