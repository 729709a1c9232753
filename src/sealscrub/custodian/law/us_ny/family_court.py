"""Juveniles: FCA 375.1 and 354.1, and removal to family court, CPL 725.15.

The court says which law is asked: a row whose ``court`` is ``family`` puts the action under these.
"""

from __future__ import annotations

from dataclasses import replace

from ..clocks import Clock
from ..conditions import NEVER, Condition, Every, Is, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .new_york_periods import JUVENILES, PEOPLE_MAY_APPEAL, REMOVALS, TOLLED, and_before

__all__ = ["REGIMES"]

_NAME, _PRINTS = "us-ny/fca-375.1", "us-ny/fca-354.1"
_FAMILY = Is("juvenile_court", "Y")
_UNNAMED = ("none named", "170.55 or 170.56")  # by its offence; the latter two are not sections of family court
_DISMISSED = Is("ending", "DISMISSED_ENTIRE")
_APPEALED = "That the presentment agency has thirty days to appeal (FCA 365.1, 1113) is [own]."
_CRIMINAL_ENDS = (
    *("CONVICTED", "ACQUITTED_PARTIAL", "COVERED_BY", "SUPERSEDED", "TRANSFERRED_SUPERIOR", "NO_TRUE_BILL"),
    *("TRIAL_ORDER_DISMISSAL", "TERMINATED_180_85", "DISMISSED_215_40", "DISMISSED_LEAVE_TO_REPRESENT"),
    *("DISMISSED_COUNT_ONLY", "VERDICT_SET_ASIDE", "VACATED", "VACATED_DISMISSED", "DISMISSED_ON_APPEAL"),
    *("HABEAS_DISCHARGE", "ABATED_DEATH", "UNFIT_730", "NOT_RESPONSIBLE"),
)


def _paragraph(
    part: str, text: str, *conditions: Condition, appeal: bool = False, clock: Clock | None = None, note: str = ""
) -> Rule:
    name = f"{part}-315.3" if clock else part
    return Rule(
        id=f"{_NAME}/2{name}",
        citation=f"FCA 375.1(2)({part})" if len(part) == 1 else "FCA 375.1(2)",
        paragraph=f"(2)({part})" if len(part) == 1 else "(2)",
        text=text,
        when=Every(*conditions, _FAMILY),
        doubt=Is("appeal", "people") if appeal else NEVER,
        clock=PEOPLE_MAY_APPEAL if appeal else clock,
        version="2",
        in_force_from=JUVENILES,
        mark=Mark.FOUND,
        uncertainty=f"{_APPEALED} {note}".strip() if appeal else note,
    )


def _dismissed(part: str, text: str, *sections: str, appeal: bool = False) -> Rule:
    return _paragraph(part, text, _DISMISSED, Is("statute", *sections), appeal=appeal, note="The sections are [own].")


_ADJOURNED = Clock(start=("ended_on",), months=6, stopped_by="restored_on", term="acd_until", tolled=TOLLED)
_FAVOURABLE = (
    _paragraph("a", "The petition was withdrawn.", Is("ending", "PETITION_WITHDRAWN")),
    _dismissed("b", "The petition was dismissed under 315.1 or 315.2.", "315.1", "315.2", appeal=True),
    _paragraph(
        "c",
        "Adjourned in contemplation of dismissal: deemed dismissed when the court's term, at most six months, has run.",
        Is("ending", "ACD_PENDING"),
        Is("statute", *_UNNAMED, "315.3"),
        clock=_ADJOURNED,
        note="In re Theresa W., 142 Misc 2d 201: granting it terminates nothing. That the period is at most six months "
        "is [own]; without the court's term the answer is unknown until they have run.",
    ),
    _paragraph("c", "An adjournment in contemplation of dismissal ended in dismissal.", Is("ending", "ACD_DISMISSED")),
    _dismissed("d", "The petition was dismissed without prejudice under 325.3(4).", "325.3"),
    _dismissed("e", "The entire petition was dismissed under 345.1(2).", "345.1"),
    _paragraph("e-found", "Nothing was established at the fact-finding hearing.", Is("ending", "ACQUITTED_COMPLETE")),
    _dismissed("f", "The petition was dismissed under 352.1(2).", "352.1"),
    _paragraph(
        "g", "The probation service adjusted or ended it before a petition.", Is("ending", "ADJUSTED_PROBATION")
    ),
    _paragraph(
        "h",
        "The presentment agency chose not to proceed.",
        Is("ending", "PRESENTMENT_DECLINED", "DECLINED_PROSECUTION", "POLICE_DECLINED_VOIDED"),
        note="A certificate is not asked for.",
    ),
    _dismissed("i", "The petition was dismissed on motion under 332.1.", "332.1", appeal=True),
    _paragraph(
        "dismissed",
        "The petition was dismissed, and the text does not say under which section: each of them is favourable.",
        _DISMISSED,
        Is("statute", "none named"),
        appeal=True,
        note="Read so [inference].",
    ),
)


def _before_family_court_act(rule: Rule) -> Rule:
    """What ended before article 3 of the Family Court Act."""
    said = "Article 3 of the Family Court Act began on 1 July 1983 [own]: what ended before is not known."
    return and_before(rule, said)[1]


def _destroyed(rule: Rule) -> Rule:
    """What ends without an adjudication leaves no prints."""
    text = f"{rule.text} Prints, photographs and what the repository has of them are destroyed."
    return replace(rule, id=rule.id.replace(_NAME, _PRINTS), citation="FCA 354.1", paragraph="", text=text)


_FELONY_AT_TWELVE = Every(
    Is("severity", "F"), Is("age_at_crime", *map(str, range(13))), Is("offense_class", "C", "D", "E")
)


def _adjudicated(name: str, text: str, *conditions: Condition) -> Rule:
    return Rule(
        id=f"{_PRINTS}/{name}",
        citation="FCA 354.1",
        text=text,
        when=Every(Is("ending", "JD_ADJUDICATED"), *conditions, _FAMILY),
        version="2",
        in_force_from=JUVENILES,
        mark=Mark.FOUND,
        uncertainty="It reaches prints, photographs and what the repository has of them, and no other record.",
    )


_ADJUDICATED = (
    _adjudicated(
        "adjudicated", "Adjudicated a juvenile delinquent, and not for a felony.", Is("severity", "M", "V", "I")
    ),
    _adjudicated(
        "adjudicated-at-twelve",
        "Adjudicated for a felony of class C, D or E, twelve or younger at the act.",
        _FELONY_AT_TWELVE,
    ),
)

_REMOVED = and_before(
    Rule(
        id="us-ny/cpl-725.15/1",
        citation="CPL 725.15",
        text="Removed to family court: the papers of the criminal court are confidential, up to the removal.",
        when=Is("removed", "Y"),
        starts=("removed_on",),
        governed_by="removed_on",
        version="2",
        in_force_from=REMOVALS,
        mark=Mark.RETOLD,
        uncertainty="What family court makes of it is for FCA 375.1; rows of it in this docket leave this be.",
    ),
    "The statute is of 1 September 1978 [own]: what was removed before it is not known.",
)

REGIMES = (
    RegimeRules(
        regime="us-ny/cpl-725.15",
        unit=Unit.EVERY_CHARGE,
        mode=Mode.AT_LAW,
        effect=Effect("confidential", ("police", "repository", "court")),
        rules=_REMOVED,
    ),
    RegimeRules(
        regime=_NAME,
        unit=Unit.EVERY_CHARGE,
        mode=Mode.AT_LAW,
        effect=Effect("seal", ("police", "prosecutor", "probation", "court")),
        rules=(
            *_FAVOURABLE,
            *map(_before_family_court_act, _FAVOURABLE),
            Rule(
                id=f"{_NAME}/convicted",
                citation="FCA 375.1",
                text="The text says convicted, or names another end that only a criminal action has.",
                when=Every(Is("ending", *_CRIMINAL_ENDS), _FAMILY),
                answer=Truth.UNKNOWN,
                mark=Mark.INFERENCE,
            ),
            Rule(
                id=f"{_NAME}/adjourned",
                citation="FCA 375.1",
                text="Adjourned in contemplation of dismissal under a section that is none of family court's.",
                when=Every(Is("ending", "ACD_PENDING"), Not(Is("statute", *_UNNAMED, "315.3")), _FAMILY),
                answer=Truth.UNKNOWN,
                mark=Mark.INFERENCE,
            ),
        ),
        blocked=Is("no_seal_order", "Y"),
        doubtful=True,
    ),
    RegimeRules(
        regime=_PRINTS,
        unit=Unit.EVERY_CHARGE,
        mode=Mode.AT_LAW,
        effect=Effect("destroy", ("repository", "prints and photos")),
        rules=(
            *map(_destroyed, (*_FAVOURABLE, *map(_before_family_court_act, _FAVOURABLE))),
            *_ADJUDICATED,
            *map(_before_family_court_act, _ADJUDICATED),
        ),
        blocked=NEVER,
    ),
)
