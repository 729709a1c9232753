"""Oregon's rules, all together. No lawyer has reviewed them, and none of them is legal advice."""

from __future__ import annotations

from ..clocks import Clock
from ..conditions import Is
from ..rules import Jurisdiction, doubt_rule
from ..state_declarations import Column, ColumnKind, EndingKind, Grade, Grades
from . import before_2022, juveniles, oregon_events, oregon_uses, set_aside, waiting_periods
from .oregon_words import QUOTED
from .statute_codes import parse_code

__all__ = ["JURISDICTION"]


JURISDICTION = Jurisdiction(
    name="us-or",
    version="us-or/rules-5",
    changes=(
        (
            "us-or/rules-5",
            "Marijuana: the age is that at the conviction, conduct after April 2017 counts too, motor vehicle "
            "violations elsewhere do not, and orders of ORS 475C.397 seal. A count of the same docket that was "
            "convicted later begins the period again; a violation that is pending holds nothing back; a sentence "
            "that was not performed does. Before 2022 a revoked probation and any other conviction held back for ten "
            "years. The juvenile department acts for who was eighteen by 2 January 2022 only from the request on.",
        ),
        (
            "us-or/rules-4",
            "An attempt has the period of its own class, and no day where what was attempted decides and is not told; "
            "a marijuana offence whose class in 2017 is blank has no day, nor has an unclassified felony; a conviction "
            "as a minor leaves the juvenile department's duty unknown.",
        ),
        (
            "us-or/rules-3",
            "Not known are: an order on juvenile records, if no row says that the case is one of family court; a row "
            "that says that a record is sealed or expunged, without an order.",
        ),
        (
            "us-or/rules-2",
            "A judgment that was vacated and dismissed counts as a dismissal; the shorter marijuana period of persons "
            "under twenty-one; what is open of a dismissed traffic violation, and a day of birth that is blank, are "
            "named as not known.",
        ),
        ("us-or/rules-1", "The first version."),
    ),
    quoted=QUOTED,
    regimes=(*set_aside.REGIMES, *juveniles.REGIMES),
    doubts=(
        doubt_rule(
            "us-or/doubt/neither",
            "A conditional discharge, a deferral or an extradition says neither that the person was convicted nor not.",
            Is("ending", "CONDITIONAL_DISCHARGE", "EXTRADITED"),
        ),
        doubt_rule(
            "us-or/doubt/no-disposition",
            "Ninety days on, the file holds no disposition at all.",
            Is("ending", "NO_DISPOSITION"),
            Clock(start=("known_from",), days=90),
        ),
    ),
    grades=Grades(
        {"F": Grade.CRIME, "M": Grade.CRIME, "V": Grade.PETTY, "C": Grade.PETTY, "I": Grade.INFRACTION},
        classes="[A-DU]",
    ),
    parse_code=parse_code,
    section=r"[0-9]{1,3}[A-C]?\.[0-9]{3}",
    columns=(
        Column("person_felony", ColumnKind.FLAG),
        Column("attempted", ColumnKind.FLAG),
        Column("victim_excluded", ColumnKind.FLAG),
        Column("diverted", ColumnKind.FLAG),
        Column("sentence_performed", ColumnKind.FLAG),
        Column("class_in_2017", choices=("none", "v", "cm", "bm", "am", "cf", "bf", "af")),
        Column("order_scope", choices=("all", "listed")),
        Column("counts_differ", ColumnKind.FOUND),
        Column("counts_several", ColumnKind.FOUND),
    ),
    synonyms={"case_number": "docket", "sid": "person_number"},
    events=oregon_events.EVENTS,
    begins=oregon_events.BEGINS,
    kept=oregon_events.KEPT,
    event_facts=oregon_events.FACTS,
    facts={**waiting_periods.FACTS, **before_2022.FACTS},
    words=frozenset({"ORS 813.010", "ORS 161.405"}),
    endings={
        "DIVERTED": EndingKind.OPEN,
        "DISMISSED_AFTER_DIVERSION": EndingKind.FAVOURABLE,
        "CONDITIONAL_DISCHARGE": EndingKind.OVER,
        "EXTRADITED": EndingKind.OVER,
    },
    titles={
        "clock_from": "the conviction, the release or a later conviction of its docket, whichever is last",
        "begun_again": "the last conviction of another case, or for a revoked probation",
        "duty_from": "the eighteenth birthday or the request",
        **before_2022.TITLES,
    },
    schemes={"docket": "us_or_case", "person_number": "us_or_sid"},
    rulings=oregon_uses.RULINGS,
    known=oregon_uses.REGIMES,
    table=oregon_uses.VERSION,
)
