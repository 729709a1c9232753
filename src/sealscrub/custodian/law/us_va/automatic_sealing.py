"""§§ 19.2-392.6, 392.6:1 and 392.17: convictions by list and order, marijuana and traffic infractions without one."""

from __future__ import annotations

from ..clocks import Clock
from ..conditions import After, Condition, Either, Every, Is, Not
from ..rules import Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .sealing_orders import SEAL, eligible, order_rules
from .virginia_offences import (
    ANCILLARY,
    DEFERRED_AND_DISMISSED,
    ENDED,
    FELONY,
    INFRACTION,
    LISTED,
    MISDEMEANOUR,
    OF_TRAFFIC,
)
from .virginia_periods import AUTOMATIC_AGAIN, FIRST_OFFENCE, SEALING, SEVEN_YEARS

__all__ = ["REGIMES"]

_LIST, _MARIJUANA, _TRAFFIC = "us-va/vc-19.2-392.6", "us-va/vc-19.2-392.6-1", "us-va/vc-19.2-392.17"
_POSSESSION = Every(Is("law", "VC 18.2-250.1"), Not(ANCILLARY))

_CONVICTED = RegimeRules(
    regime=_LIST,
    unit=Unit.CHARGE,
    mode=Mode.BATCH,
    effect=SEAL,
    rules=(
        *order_rules(_LIST, "Va. Code § 19.2-392.7", "392.6", "392.7"),
        *eligible(
            _LIST,
            "list",
            "Va. Code § 19.2-392.6(A)",
            "Convicted of a misdemeanour of §§ 18.2-96, -103, -119, -120, -134, -248.1 or -415, of 1986 or later: on "
            "the list seven years after the conviction, if the person was not convicted again within them, and not "
            "on the same day of an offence that is not listed.",
            Is("ending", "CONVICTED"),
            MISDEMEANOUR,
            LISTED,
            Not(ANCILLARY),
            After("crime_date", FIRST_OFFENCE),
            Not(Is("convicted_within", "Y")),
            Not(Is("beside_unlisted", "Y")),
            Not(Is("docket_blocks", "Y")),
            Is("history", "Y"),
            known=(
                *("severity", "law", "crime_date", "convicted_within", "beside_unlisted", "docket_blocks"),
                "history",
            ),
            clock=SEVEN_YEARS,
            until=AUTOMATIC_AGAIN,
            uncertainty="Read in a summary of the section and in its text of 2023. That a conviction within the seven "
            "years keeps it off the list for good is [inference]. Infractions do not count, and of misdemeanours of "
            "Class 3 and 4, or of no class that the file tells, whether they count is not known [own]. "
            "Lists are made at least once a year.",
        ),
        Rule(
            id=f"{_LIST}/from-2027",
            citation="Va. Code § 19.2-392.6(A)",
            paragraph="(A)",
            text="From 1 July 2027 subsection (A) reads otherwise, and its text was not read: a misdemeanour that "
            "ended in a conviction or a deferred dismissal may be on its list.",
            when=Every(
                Either(Is("ending", "CONVICTED"), DEFERRED_AND_DISMISSED),
                Not(FELONY),
                Not(INFRACTION),
            ),
            answer=Truth.UNKNOWN,
            governed_by="as_of",
            in_force_from=AUTOMATIC_AGAIN,
            mark=Mark.INFERENCE,
            uncertainty="That felonies and infractions stay off the list is [inference].",
        ),
    ),
    doubtful=True,
)

_WITHOUT_ORDER = "Sealed without an order."
_POSSESSED = RegimeRules(
    regime=_MARIJUANA,
    unit=Unit.CHARGE,
    mode=Mode.AT_LAW,
    effect=SEAL,
    rules=(
        Rule(
            id=f"{_MARIJUANA}/possession",
            citation="Va. Code § 19.2-392.6:1",
            text=f"Possession of marijuana, the former § 18.2-250.1, however and whenever it ended. {_WITHOUT_ORDER}",
            when=Every(ENDED, _POSSESSION),
            governed_by="as_of",
            in_force_from=SEALING,
            mark=Mark.FOUND,
            uncertainty="Read in summaries of the section, and the words in § 19.2-392.6(D) of 2023, which it took the "
            "place of. Matters ancillary to it stay open.",
        ),
        Rule(
            id=f"{_MARIJUANA}/not-ended",
            citation="Va. Code § 19.2-392.6:1",
            text="Possession of marijuana under the former § 18.2-250.1, and how it ended is not told.",
            when=Every(Not(ENDED), Not(Is("ending", "NO_DISPOSITION")), _POSSESSION),
            answer=Truth.UNKNOWN,
            governed_by="as_of",
            in_force_from=SEALING,
            mark=Mark.INFERENCE,
        ),
    ),
)


def _infraction(name: str, text: str, *conditions: Condition, answer: Truth, mark: Mark, note: str) -> Rule:
    return Rule(
        id=f"{_TRAFFIC}/{name}",
        citation="Va. Code § 19.2-392.17",
        version="3",
        text=text,
        when=Every(ENDED, INFRACTION, Not(ANCILLARY), Is("of_1986", "Y"), *conditions),
        answer=answer,
        clock=Clock(start=("ended_on",), months=132, days=-1),
        governed_by="as_of",
        in_force_from=SEALING,
        mark=mark,
        uncertainty=note,
    )


_ON_THE_ROAD = RegimeRules(
    regime=_TRAFFIC,
    unit=Unit.CHARGE,
    mode=Mode.AT_LAW,
    effect=SEAL,
    rules=(
        _infraction(
            "infraction",
            f"A traffic infraction of 1986 or later, eleven years after it ended. {_WITHOUT_ORDER}",
            OF_TRAFFIC,
            answer=Truth.YES,
            mark=Mark.FOUND,
            note="Read in summaries of the section, and that it is of 1986 or later in one of the bill as "
            "introduced. Where the day of the offence is blank, a case that ended in 1988 or later is of an offence "
            "of 1986 or later [own]. That the years run from the day on which the case ended, and that an infraction "
            "of title 46.2 is one of traffic, is [inference]; exceptions were not read.",
        ),
        _infraction(
            "another-infraction",
            "An infraction whose section is not one of title 46.2, eleven years after it ended: whether it is one of "
            "traffic is not known.",
            Not(OF_TRAFFIC),
            answer=Truth.UNKNOWN,
            mark=Mark.INFERENCE,
            note="Ordinances of a locality have other numbers.",
        ),
    ),
)

REGIMES = (_CONVICTED, _POSSESSED, _ON_THE_ROAD)
