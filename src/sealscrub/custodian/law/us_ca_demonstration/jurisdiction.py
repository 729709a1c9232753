"""Penal Code 851.93, roughly: relief for an arrest without a conviction, counted from the arrest. A demonstration."""

from __future__ import annotations

import datetime as dt
from itertools import product

from ..clocks import Clock
from ..common_facts import COMMON_FACTS
from ..conditions import Condition, Every, Is
from ..rules import Effect, Jurisdiction, Mode, RegimeRules, Rule, Unit, doubt_rule
from ..ruling_types import Mark, Regime, Ruling

__all__ = ["JURISDICTION"]

_NAME = "us-ca-demonstration/pc-851.93"
_SINCE = dt.date(2020, 8, 1)
_UNCONVICTED = Is("ending", "DISMISSED_ENTIRE", "ACQUITTED_COMPLETE", "DECLINED_PROSECUTION")
_AUDIENCES = ("police", "prosecutor", "vendor", "researcher", "court")
_USES = ("training", "inference_input", "output", "aggregate_report", "gun_licence")
_AGENCIES = ("police", "prosecutor", "court")


def _rule_after(name: str, text: str, months: int, *conditions: Condition) -> Rule:
    return Rule(
        id=f"{_NAME}/{name}",
        citation="Cal. Penal Code 851.93(a)",
        paragraph="(a)",
        text=text,
        when=Every(_UNCONVICTED, *conditions),
        clock=Clock(start=("arrested_on",), months=months),
        in_force_from=_SINCE,
        governed_by="as_of",
        uncertainty="A demonstration: read nowhere but in a survey that its author calls unverified.",
    )


JURISDICTION = Jurisdiction(
    name="us-ca-demonstration",
    version="us-ca-demonstration/rules-1",
    regimes=(
        RegimeRules(
            regime=_NAME,
            unit=Unit.ARREST,
            mode=Mode.AT_LAW,
            effect=Effect("seal", ("repository", "court")),
            rules=(
                _rule_after(
                    "misdemeanour",
                    "A misdemeanour arrest a year ago, without a conviction.",
                    12,
                    Is("severity", "M"),
                ),
                _rule_after(
                    "felony",
                    "A felony arrest three years ago, without a conviction.",
                    36,
                    Is("severity", "F"),
                ),
            ),
            doubtful=True,
        ),
    ),
    doubts=(
        doubt_rule(
            "us-ca-demonstration/doubt",
            "What the text means, or which of two things happened, is not known.",
            Is("ending", "UNMAPPED", "AMBIGUOUS"),
        ),
    ),
    facts=COMMON_FACTS,
    synonyms={"nysid": "person_number", "cjtn": "tracking_number"},
    schemes={
        **{name: name for name in ("docket", "arrest_number", "indictment")},
        "person_number": "nysid",
        "tracking_number": "cjtn",
    },
    uses=("gun_licence",),
    favourable=(_NAME,),
    known=(
        Regime(
            name=_NAME,
            citation="Cal. Penal Code 851.93",
            title="arrest relief (demonstration)",
            in_force_from=_SINCE,
            mark=Mark.OWN,
            note="A demonstration.",
        ),
    ),
    rulings=tuple(
        Ruling(
            regime=_NAME,
            audience=audience,
            use=use,
            barred=audience not in _AGENCIES and use != "aggregate_report",
            citation="Cal. Penal Code 851.93",
            mark=Mark.OWN,
            in_force_from=_SINCE,
            note="A demonstration: criminal justice agencies are not restricted.",
        )
        for audience, use in product(_AUDIENCES, _USES)
    ),
    table="us-ca-demonstration/uses-1",
    demonstration=True,
)
