"""§§ 19.2-392.8 and 392.11: charges that ended without a conviction; § 19.2-392.2: expungement."""

from __future__ import annotations

from ..clocks import Clock
from ..conditions import Condition, Either, Every, Is, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .sealing_orders import SEAL, eligible, order_rules
from .virginia_offences import ACQUITTED, ANCILLARY, DISMISSED_FOR_GOOD, FELONY, MISDEMEANOUR, NOT_CONVICTED
from .virginia_periods import AT_ONCE, EXPUNGEMENT_AGAIN, SEALING

__all__ = ["REGIMES"]

_AT_THE_END, _OLDER, _EXPUNGED = "us-va/vc-19.2-392.8", "us-va/vc-19.2-392.11", "us-va/vc-19.2-392.2"
_NOT_DEFERRED = Is("deferral", "N")
_CLEARED = Either(ACQUITTED, DISMISSED_FOR_GOOD)


def _concluded(name: str, text: str, *conditions: Condition, mark: Mark) -> Rule:
    return Rule(
        id=f"{_AT_THE_END}/{name}",
        citation="Va. Code § 19.2-392.8",
        text=text,
        when=Every(_CLEARED, _NOT_DEFERRED, Not(ANCILLARY), *conditions),
        answer=Truth.UNKNOWN,
        in_force_from=SEALING,
        mark=mark,
        uncertainty="Read in a page of the Virginia State Crime Commission. What ended before 1 July 2026 is not "
        "reached. A nolle prosequi is not either, which the text of 2021 named.",
    )


_CONCLUDED = RegimeRules(
    regime=_AT_THE_END,
    unit=Unit.CHARGE,
    mode=Mode.ORDER,
    effect=SEAL,
    rules=(
        *order_rules(_AT_THE_END, "Va. Code § 19.2-392.8", "392.8"),
        _concluded(
            "misdemeanour",
            "A misdemeanour that ended in an acquittal or was dismissed with prejudice, and not after a deferral: the "
            "court orders it sealed when the case ends. The file holds no order.",
            MISDEMEANOUR,
            mark=Mark.FOUND,
        ),
        _concluded(
            "felony",
            "A felony that ended so: sealed if the defendant asked and the Commonwealth concurred. The file holds no "
            "order, and does not say that it did not concur.",
            FELONY,
            Is("commonwealth_concurs", "Y"),
            mark=Mark.RETOLD,
        ),
    ),
    doubtful=True,
)

_CHARGED = RegimeRules(
    regime=_OLDER,
    unit=Unit.CHARGE,
    mode=Mode.BATCH,
    effect=SEAL,
    rules=(
        *order_rules(_OLDER, "Va. Code § 19.2-392.11", "392.11", mark=Mark.RETOLD),
        *eligible(
            _OLDER,
            "list",
            "Va. Code § 19.2-392.11",
            "A misdemeanour that ended in an acquittal, a nolle prosequi or a dismissal, and not after a deferral: on "
            "a yearly list, if the person has no conviction that is reported to the repository, and for three years no "
            "other arrest or charge, of Virginia's law each; what was ordered to be sealed is not a conviction here.",
            Is(
                "ending",
                *("ACQUITTED_COMPLETE", "NOLLE_PROSEQUI", "DISMISSED_ENTIRE", "DISMISSED_WITH_PREJUDICE"),
                *("DISMISSED_WITHOUT_PREJUDICE", "DISMISSED_ON_APPEAL", "VACATED_DISMISSED"),
            ),
            MISDEMEANOUR,
            Not(ANCILLARY),
            _NOT_DEFERRED,
            Not(Is("convicted_ever", "Y")),
            Not(Is("docket_convicted", "Y")),
            Is("history", "Y"),
            Is("reached_by_11", "Y"),
            known=("severity", "deferral", "convicted_ever", "docket_convicted", "history", "reached_by_11"),
            clock=Clock(start=("ended_on",), days=-1, not_before=("clear_from", "clear_from_if")),
            uncertainty="Read in the text before the act of 2025. Whether it reaches offences before 1986 was not "
            "read: that is unknown. Infractions do not count, and the arrest that led to the charge itself does not "
            "[inference]. Of an arrest whose severity is not known the later day counts. Of misdemeanours of Class 3 "
            "and 4, or of no class that the file tells, whether a conviction counts is not known [own], nor of "
            "former § 18.2-250.1, which is sealed without an order.",
        ),
    ),
    doubtful=True,
)

_OVER = Is(
    "ending",
    *("ACQUITTED_COMPLETE", "NOLLE_PROSEQUI", "NO_TRUE_BILL", "DECLINED_PROSECUTION", "DISMISSED_ENTIRE"),
    *("DISMISSED_WITH_PREJUDICE", "DISMISSED_WITHOUT_PREJUDICE", "DISMISSED_ON_APPEAL", "VACATED_DISMISSED"),
    *("DEFERRED_DISMISSED", "NOT_RESPONSIBLE", "ABATED_DEATH", "VACATED"),
)
_EXCUSED = Either(Is("pardoned", "Y"), Is("innocent", "Y"))
_ORDERED = Is("ordered", "392.2")
_SECTION = "Va. Code § 19.2-392.2"


def _petition(name: str, text: str, start: str, *conditions: Condition, mark: Mark = Mark.FOUND) -> Rule:
    return Rule(
        id=f"{_EXPUNGED}/{name}",
        citation=_SECTION,
        text=f"{text} Without the order it is not expunged.",
        when=Every(*conditions),
        clock=AT_ONCE if start == "ended_on" else Clock(start=(start,), days=-1),
        answer=Truth.NO,
        governed_by="as_of",
        in_force_to=EXPUNGEMENT_AGAIN,
        mark=mark,
        uncertainty="Read in the text before the rewriting of 2026.",
    )


_GONE = RegimeRules(
    regime=_EXPUNGED,
    unit=Unit.CHARGE,
    mode=Mode.ORDER,
    effect=Effect("expunge", ("police", "repository", "court")),
    rules=(
        Rule(
            id=f"{_EXPUNGED}/order",
            citation=_SECTION,
            text="A court ordered the record expunged.",
            when=_ORDERED,
            starts=("ordered_on",),
            governed_by="ordered_on",
            in_force_to=EXPUNGEMENT_AGAIN,
            mark=Mark.FOUND,
            uncertainty="The order expunges, whatever the section says about the charge [inference].",
        ),
        Rule(
            id=f"{_EXPUNGED}/order-from-december-2026",
            citation=_SECTION,
            text="A court ordered the record expunged under the section as it reads from 1 December 2026, which was "
            "not read.",
            when=_ORDERED,
            answer=Truth.UNKNOWN,
            starts=("ordered_on",),
            governed_by="ordered_on",
            in_force_from=EXPUNGEMENT_AGAIN,
            mark=Mark.INFERENCE,
        ),
        _petition(
            "petition",
            "Acquitted, a nolle prosequi, or otherwise dismissed, and not after facts were found sufficient: the "
            "person may ask the court.",
            "ended_on",
            NOT_CONVICTED,
            _NOT_DEFERRED,
            Not(ANCILLARY),
        ),
        _petition(
            "pardoned",
            "An absolute pardon was granted: the person may ask the court.",
            "pardoned_on",
            Is("pardoned", "Y"),
        ),
        _petition(
            "innocent",
            "A writ of actual innocence was granted: the person may ask the court.",
            "innocent_on",
            Is("innocent", "Y"),
            mark=Mark.RETOLD,
        ),
        Rule(
            id=f"{_EXPUNGED}/from-december-2026",
            citation=_SECTION,
            text="From 1 December 2026 the section reaches charges of which the person was not ultimately convicted, "
            "and its text was not read: whatever ended without a conviction, or was pardoned, may be expunged.",
            when=Either(_OVER, _EXCUSED),
            answer=Truth.UNKNOWN,
            governed_by="as_of",
            in_force_from=EXPUNGEMENT_AGAIN,
            mark=Mark.INFERENCE,
            uncertainty="That an order is still needed is likely, and was not read.",
        ),
    ),
)

REGIMES = (_CONCLUDED, _CHARGED, _GONE)
