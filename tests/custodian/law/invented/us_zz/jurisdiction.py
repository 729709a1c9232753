"""A state that is not one: its rules show what the room of a state may declare."""

from __future__ import annotations

import datetime as dt
from itertools import product

from sealscrub.custodian.law.clocks import Clock
from sealscrub.custodian.law.conditions import Either, Every, Is, Not
from sealscrub.custodian.law.event_steps import like, notes
from sealscrub.custodian.law.rules import Effect, Jurisdiction, Mode, RegimeRules, Rule, Unit
from sealscrub.custodian.law.ruling_types import Mark, Regime, Ruling
from sealscrub.custodian.law.state_declarations import (
    COMMON_AUDIENCES,
    COMMON_USES,
    Column,
    ColumnKind,
    CourtKind,
    EndingKind,
    Grade,
    Grades,
)
from sealscrub.custodian.law.three_values import Truth

from .codes import parse_code
from .facts import FACTS
from .festivals import festivals

_LET_GO, _PAID, _YOUNG = "us-zz/zc-12.900", "us-zz/zc-12.901", "us-zz/zc-12.k90b"
_SINCE = dt.date(2020, 1, 1)
_COPIES = ("police", "prosecutor", "repository", "court")
_SPENT = Rule(
    id=f"{_PAID}/1",
    citation="ZC 12:901(1)",
    paragraph="(1)",
    text="Convicted of a petty offence or of 12:345: a year after the pledge was kept, with every fine paid.",
    when=Every(
        Is("ending", "CONVICTED"),
        Either(Is("severity", "Q"), Is("law", "ZC 12:345")),
        Is("pledge", "kept"),
        Is("fine_paid", "Y"),
        Not(Is("fine", "5000")),
        Is("owes", "N"),
    ),
    clock=Clock(start=("paid_on", "pledged_on"), months=12),
    governed_by="as_of",
    in_force_from=_SINCE,
)

_OF_THE_YOUNG = Rule(
    id=f"{_YOUNG}/1",
    citation="ZC 12:K90B",
    text="Held by a nursery: a month after, with the next day of business.",
    when=Every(Is("ending", "CONVICTED"), Is("juvenile_court", "Y")),
    clock=Clock(start=("ended_on",), months=1, business_day=festivals),
    in_force_from=_SINCE,
)

JURISDICTION = Jurisdiction(
    name="us-zz",
    version="us-zz/rules-1",
    changes=(("us-zz/rules-1", "The first version."),),
    regimes=(
        RegimeRules(
            regime=_LET_GO,
            unit=Unit.EVERY_CHARGE,
            mode=Mode.AT_LAW,
            effect=Effect("seal", _COPIES),
            rules=(
                Rule(
                    id=f"{_LET_GO}/1",
                    citation="ZC 12:900",
                    text="Let go: sealed at once.",
                    when=Is("ending", "DISMISSED_ENTIRE"),
                    in_force_from=_SINCE,
                ),
                Rule(
                    id=f"{_LET_GO}/2",
                    citation="ZC 12:900(2)",
                    paragraph="(2)",
                    text="Put off and then let go, or rebuked and blessed: sealed at once.",
                    when=Either(Is("ending", "FORGOTTEN"), Every(Is("ending", "REBUKED"), Is("blessed", "Y"))),
                    in_force_from=_SINCE,
                ),
                Rule(
                    id=f"{_LET_GO}/3",
                    citation="ZC 12:900(3)",
                    paragraph="(3)",
                    text="Kept for a curio of glass: ten days after it was cried out.",
                    when=Every(Is("ending", "KEPT"), Is("curio", "glass")),
                    clock=Clock(start=("cried_on", "ended_on"), days=10),
                    in_force_from=_SINCE,
                ),
                Rule(
                    id=f"{_LET_GO}/order",
                    citation="ZC 12:900",
                    text="A court ordered it sealed.",
                    when=Is("ordered", "12:900"),
                    starts=("ordered_on",),
                    governed_by="ordered_on",
                ),
            ),
            doubtful=True,
        ),
        RegimeRules(
            regime=_YOUNG,
            unit=Unit.CHARGE,
            mode=Mode.AT_LAW,
            effect=Effect("confidential", _COPIES),
            rules=(_OF_THE_YOUNG,),
        ),
        RegimeRules(
            regime=_PAID, unit=Unit.CHARGE, mode=Mode.AT_LAW, effect=Effect("expunge", _COPIES), rules=(_SPENT,)
        ),
    ),
    doubts=(
        Rule(
            id="us-zz/doubt/unmapped",
            citation="no statute",
            text="What the text means is not known.",
            when=Is("ending", "UNMAPPED", "AMBIGUOUS"),
            answer=Truth.UNKNOWN,
            governed_by="as_of",
            mark=Mark.INFERENCE,
        ),
    ),
    favourable=(_LET_GO,),
    grades=Grades({"X": Grade.CRIME, "Q": Grade.PETTY}, classes="[1-3]", by_class={("X", "3"): Grade.PETTY}),
    parse_code=parse_code,
    section=r"\d{2}:[A-Z]?\d{2,3}[A-Z]?",
    courts={"assize": CourtKind.ADULTS, "nursery": CourtKind.JUVENILES},
    order_words=frozenset({"HUSHED"}),
    columns=(
        Column("fine_paid", ColumnKind.FLAG),
        Column("fine", ColumnKind.NUMBER),
        Column("paid_on", ColumnKind.DAY),
        Column("blessed", ColumnKind.FLAG, of_ending=True),
        Column("curio", of_ending=True, of_offence=True),
        Column("cried_on", ColumnKind.DAY, of_ending=True),
        Column("apprentice", ColumnKind.FLAG, instead="REBUKED"),
    ),
    synonyms={
        "case_number": "docket",
        "citizen": "person_number",
        "incident": "tracking_number",
        "prisoner": "defendant_id",
        "taken_on": "arrest_date",
        "outcome": "disposition",
        "said_on": "event_date",
    },
    events={"pledge_kept": notes("pledge", "kept", on="pledged_on"), "let_go": like("disposition", "LET GO")},
    begins={"pledge": "none"},
    kept=frozenset({"pledge", "pledged_on"}),
    facts=FACTS,
    endings={
        "PLEDGED": EndingKind.OPEN,
        "PUT_OFF": EndingKind.ADJOURNED,
        "TAKEN_UP": EndingKind.RESTORED,
        "FORGOTTEN": EndingKind.FAVOURABLE,
        "REBUKED": EndingKind.INSTEAD,
        "LAID_ASIDE": EndingKind.LEFT,
        "KEPT": EndingKind.OVER,
    },
    titles={"cried_on": "the crying out"},
    quoted={f"{_LET_GO}/": "who is let go was never held"},
    schemes={"docket": "us_zz_case", "person_number": "us_zz_person", "tracking_number": "us_zz_incident"},
    uses=("museum",),
    access={"museum_visit": "ZC 12:902", "court_order": "ZC 12:903"},
    audiences=("night_archivist",),
    known=tuple(
        Regime(
            name=name,
            citation=name.partition("/")[2],
            title="invented",
            in_force_from=_SINCE,
            mark=Mark.OWN,
        )
        for name in (_LET_GO, _PAID, _YOUNG)
    ),
    rulings=tuple(
        Ruling(
            regime=name,
            audience=who,
            use=use,
            barred=use not in ("aggregate_report", "museum") and (name != _LET_GO or who != "police"),
            citation="ZC 12:900",
            mark=Mark.OWN,
            in_force_from=_SINCE,
        )
        for name, who, use in product(
            (_LET_GO, _PAID, _YOUNG), (*COMMON_AUDIENCES, "night_archivist"), (*COMMON_USES, "museum")
        )
    ),
    table="us-zz/uses-1",
)
