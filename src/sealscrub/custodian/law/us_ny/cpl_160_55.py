"""CPL 160.55: conviction of a violation or a traffic infraction."""

from __future__ import annotations

from dataclasses import replace

from ..conditions import Either, Every, Is, Known, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .new_york_offences import DWAI
from .new_york_periods import AUTOMATIC, FELL_WITH_THE_PLEA, LOITERING, VIOLATIONS, and_before

__all__ = ["REGIME"]

_NAME = "us-ny/cpl-160.55"
_NO_CRIME = Every(
    Is("ending", "CONVICTED"),
    Either(Is("severity", "V"), Every(Is("severity", "I"), Not(DWAI))),
    Known("sentenced_on"),
)
_LOITERED = Either(
    Every(Is("law", "PL 240.35"), Is("subdivision", "3")), Every(Is("law", "PL 240.37"), Is("subdivision", "2"))
)


_NOW = Rule(
    id=f"{_NAME}/1",
    citation="CPL 160.55(1)",
    paragraph="(1)",
    version="3",
    text="Whatever the charge was, it ended in a conviction of a violation or traffic infraction other than driving "
    "while ability impaired, and sentence was imposed.",
    when=_NO_CRIME,
    starts=("sentenced_on",),
    governed_by="sentenced_on",
    in_force_from=LOITERING,
    mark=Mark.FOUND,
    uncertainty="The day of the change is [own]. Without the sentence in the file the answer is unknown. "
    "Counts of the docket that were covered by the plea or dismissed with it are waited for by no appeal, and one that "
    "another docket covers is unknown [inference]. "
    "Harassment in the second degree of a family member may be used upon a later arrest, (1)(d)(vi).",
)
REGIME = RegimeRules(
    regime=_NAME,
    unit=Unit.ONE_CHARGE,
    mode=Mode.AT_LAW,
    effect=Effect("seal", ("police", "prosecutor", "repository", "prints and photos")),
    rules=(
        _NOW,
        replace(
            _NOW,
            version="3-before",
            text="Whatever the charge was, it ended in a conviction of a violation or traffic infraction other than "
            "driving while ability impaired and loitering under 240.35(3) and 240.37(2), and sentence was imposed.",
            when=Every(_NO_CRIME, Not(_LOITERED)),
            in_force_from=AUTOMATIC,
            in_force_to=LOITERING,
            mark=Mark.INFERENCE,
            uncertainty="That a violation plea from a felony arrest was sealed before February 2021 rests on practice.",
        ),
        replace(
            _NOW,
            version="3-motion",
            text="Before 1 November 1991 sealing needed a motion, which the file does not hold.",
            in_force_from=None,
            in_force_to=AUTOMATIC,
            answer=Truth.UNKNOWN,
            mark=Mark.INFERENCE,
            uncertainty="The statute is of 1980 [own]; for older convictions too the answer is unknown.",
        ),
        Rule(
            id=f"{_NAME}/partial",
            citation="CPL 160.55(1)",
            text="Acquitted of some counts and convicted of others, which may be violations: the row does not say.",
            when=Every(Is("ending", "ACQUITTED_PARTIAL"), Not(Is("severity", "F", "M"))),
            answer=Truth.UNKNOWN,
            mark=Mark.INFERENCE,
            uncertainty="A partial acquittal seals nothing on its own.",
        ),
        *and_before(
            Rule(
                id=f"{_NAME}/order",
                citation="CPL 160.55",
                paragraph="(1)",
                version="2",
                text="A court ordered the record sealed under 160.55.",
                when=Is("ordered", "160.55"),
                starts=("ordered_on",),
                governed_by="ordered_on",
                in_force_from=VIOLATIONS,
            ),
            "The statute is of 1980, and its first day was not read [own]: what an order dated before 1981 sealed is "
            "not known.",
        ),
    ),
    others=("us-ny/cpl-160.50",),
    rest=FELL_WITH_THE_PLEA,
    blocked=Either(Is("no_seal_order", "Y"), Is("juvenile_court", "Y")),
    doubtful=True,
)
