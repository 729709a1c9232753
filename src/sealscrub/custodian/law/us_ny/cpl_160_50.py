"""CPL 160.50: termination in favour of the accused, paragraph by paragraph of subdivision 3 but (k)."""

from __future__ import annotations

from dataclasses import replace

from ..clocks import Clock
from ..conditions import NEVER, Condition, Either, Every, Is, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .cpl_160_50_k import REGIME as EXPUNGED
from .new_york_periods import AUTOMATIC, FAVOUR, PEOPLE_MAY_APPEAL, TOLLED, and_before

__all__ = ["REGIME"]

_NAME = "us-ny/cpl-160.50"
_APPEALED = Is("appeal", "people")
_COPIES = ("police", "prosecutor", "repository", "court", "prints and photos")
_PRINTS_STAY = Effect("seal", ("police", "prosecutor", "repository", "court"))
_STOOD_STILL = (
    "Whether the orders of 2020 (Executive Order 202.8 and those that continued it, 20 March to 3 November) stopped "
    "this time is open: where it ran then, the answer is unknown for as many days more [own]."
)
_MOTION = (
    "Before 1 November 1991 sealing needed a motion or a certificate (subdivision 4), which the file does not hold: "
    "a nullity under 160.60, and not known to be sealed."
)


def _paragraph(
    part: str,
    text: str,
    when: Condition,
    *,
    appeal: bool = False,
    doubt: Condition = NEVER,
    clock: Clock | None = None,
    effect: Effect | None = None,
    version: str = "1",
    suffix: str = "",
    mark: Mark = Mark.OWN,
    uncertainty: str = "",
) -> tuple[Rule, Rule]:
    """A paragraph as it is since sealing needs no motion, and as it was before."""
    rule = Rule(
        id=f"{_NAME}/3{part}{suffix}",
        citation=f"CPL 160.50(3)({part})",
        paragraph=f"(3)({part})",
        text=text,
        when=when,
        doubt=_APPEALED if appeal else doubt,
        clock=PEOPLE_MAY_APPEAL if appeal else clock,
        version="2" if appeal else version,
        in_force_from=AUTOMATIC,
        effect=effect,
        mark=mark,
        uncertainty=f"{uncertainty} {_STOOD_STILL}".strip() if appeal or clock else uncertainty,
    )
    return _before_and_since(rule)


def _before_and_since(rule: Rule) -> tuple[Rule, Rule]:
    before = replace(
        rule,
        version=f"{rule.version}-motion",
        in_force_from=None,
        in_force_to=AUTOMATIC,
        answer=Truth.UNKNOWN,
        uncertainty=_MOTION,
    )
    return rule, before


def _acd(
    statute: str, text: str, clock: Clock, *, part: str = "b", effect: Effect | None = None, uncertainty: str = ""
) -> tuple[Rule, Rule]:
    named = (statute, "none named") if statute == "170.55" else (statute,)
    running = Every(Is("ending", "ACD_PENDING"), Is("statute", *named))
    suffix = f"-{statute.replace(' ', '-')}"
    return _paragraph(
        part, text, running, clock=clock, effect=effect, version="2", suffix=suffix, uncertainty=uncertainty
    )


_EITHER = "170.55 or 170.56"
_ADJOURNED = Clock(start=("ended_on",), stopped_by="restored_on", tolled=TOLLED)
_SIX_OR_TWELVE = replace(_ADJOURNED, months=6, longer=(Is("family_offense", "Y"), 12))
# That a row whose text names no section would say so is not asked of any column: it is not known.
_SIX_OR_THE_LONGER = replace(
    _SIX_OR_TWELVE, longer=(Either(Is("family_offense", "Y"), Is("adjourned_under", "170.56")), 12)
)
_AT_MOST_TWELVE = replace(_ADJOURNED, months=12, term="acd_until")
_MARIHUANA_ACD = Is("statute", "170.56", "210.46", _EITHER)
_PLAIN_ACD = "An adjournment whose statute the text does not name is read as one under 170.55 [inference]."
_WEEKEND = (
    "Whether General Construction Law § 25-a lets the People restore on the next business day, where the period ends "
    "on a weekend or holiday, is open: it is sealed from the day after the period, and restored later, unknown."
)
_BUSINESS = "A last day that is not a business day moves to the next, General Construction Law § 25-a [own]."

_FAVOURABLE = (
    *_paragraph(
        "a", "An appeal ended in an order that dismisses the entire instrument.", Is("ending", "DISMISSED_ON_APPEAL")
    ),
    *_paragraph(
        "b",
        "The entire instrument was dismissed, or the prosecution terminated, and the People have not appealed in time, "
        "or have lost their appeal.",
        Is("ending", "DISMISSED_ENTIRE", "TERMINATED_180_85"),
        appeal=True,
        uncertainty=f"Every such order is taken as one that the People may appeal, CPL 450.20 [inference]. {_BUSINESS}",
    ),
    *_paragraph(
        "b",
        "An adjournment in contemplation of dismissal ended in dismissal.",
        Every(Is("ending", "ACD_DISMISSED"), Not(_MARIHUANA_ACD)),
        suffix="-acd",
    ),
    *_paragraph(
        "b",
        "An adjournment for marihuana ended in dismissal: prints and photographs stay, (1)(a).",
        Every(Is("ending", "ACD_DISMISSED"), _MARIHUANA_ACD),
        suffix="-acd-marihuana",
        effect=_PRINTS_STAY,
    ),
    *_acd(
        "170.55",
        "Adjourned in contemplation of dismissal: deemed dismissed when six months, or twelve for a family "
        "offense, have run and the case was not restored.",
        _SIX_OR_TWELVE,
        uncertainty=f"{_PLAIN_ACD} {_WEEKEND}",
    ),
    *_acd(
        _EITHER,
        "Adjourned in contemplation of dismissal in a case of marihuana (former article 221), under a section that is "
        "not named: 170.55, or 170.56 with a term of at most twelve months.",
        _SIX_OR_THE_LONGER,
        effect=_PRINTS_STAY,
        uncertainty="Unknown from six months on until twelve have run [inference]; prints and photographs are not "
        "taken to be destroyed. A row that names no offence is read as one of 170.55.",
    ),
    *_acd(
        "170.56",
        "Adjourned for marihuana: deemed dismissed when the court's term, at most twelve months, has run.",
        _AT_MOST_TWELVE,
        effect=_PRINTS_STAY,
        uncertainty="Without the court's term the answer is unknown until the longest has run.",
    ),
    *_acd(
        "210.46",
        "As 170.56, in superior court.",
        _AT_MOST_TWELVE,
        effect=_PRINTS_STAY,
        uncertainty="Without the court's term the answer is unknown until the longest has run.",
    ),
    *_acd("210.47", "As 170.55, in superior court.", _SIX_OR_TWELVE, uncertainty=_WEEKEND),
    *_paragraph("c", "A verdict of complete acquittal.", Is("ending", "ACQUITTED_COMPLETE")),
    *_paragraph(
        "d",
        "A trial order dismissed the entire instrument, and the People have not appealed in time, or have lost.",
        Is("ending", "TRIAL_ORDER_DISMISSAL"),
        appeal=True,
    ),
    *_paragraph(
        "e",
        "The verdict was set aside and no new trial ordered, and the People have not appealed in time, or have lost.",
        Is("ending", "VERDICT_SET_ASIDE"),
        appeal=True,
        uncertainty="An order for a new trial that is not in the file was not made, so far as known.",
    ),
    *_paragraph(
        "f",
        "The judgment was vacated, the entire instrument dismissed and no new trial ordered, and the People have not "
        "appealed in time, or have lost.",
        Is("ending", "VACATED_DISMISSED"),
        appeal=True,
        mark=Mark.FOUND,
    ),
    *_paragraph(
        "g",
        "Discharged on habeas corpus, on a ground that invalidates the conviction.",
        Is("ending", "HABEAS_DISCHARGE"),
        appeal=True,
        uncertainty="The ground is taken to be such; the People's time to appeal is CPLR's, read as thirty days.",
    ),
    *_paragraph(
        "h",
        "The grand jury dismissed all charges.",
        Is("ending", "NO_TRUE_BILL"),
        uncertainty="The clerk's certificate is taken as the notice, and not as a condition.",
    ),
    *_paragraph(
        "i",
        "Before any filing the prosecutor elected not to prosecute, and certified so.",
        Is("ending", "DECLINED_PROSECUTION"),
        doubt=Not(Is("certified", "Y")),
        version="2",
        uncertainty="The certificate is taken as a condition. Without it, or if the row says that there is "
        "none, the answer is unknown: it may be made at any time [inference].",
    ),
    *_paragraph(
        "j",
        "After prints were sent and before any filing the arresting agency elected not to proceed, and certified so.",
        Every(Is("ending", "POLICE_DECLINED_VOIDED"), Is("certified", "Y"), Is("prints_sent", "Y")),
        uncertainty="The certificate is taken as a condition: not known, the answer is unknown.",
    ),
    *_paragraph("l", "An action adjourned under 215.40 was dismissed.", Is("ending", "DISMISSED_215_40")),
    *_acd(
        "215.40",
        "Adjourned for dispute resolution: dismissed when the court's term, at most a year, has run.",
        _AT_MOST_TWELVE,
        part="l",
        uncertainty="Six months, or a year where agreed money is unpaid: without the term, unknown for a year.",
    ),
)


def _doubt_rule(name: str, text: str, when: Condition, uncertainty: str) -> Rule:
    return Rule(
        id=f"{_NAME}/{name}",
        citation="CPL 160.50(3)",
        text=text,
        when=when,
        answer=Truth.UNKNOWN,
        mark=Mark.INFERENCE,
        uncertainty=uncertainty,
    )


_DOUBTS = (
    _doubt_rule(
        "covered",
        "Dismissed as covered by a plea elsewhere: on no list, and never favourable.",
        Every(Is("ending", "COVERED_BY"), Not(Is("companion_crime", "Y"))),
        "People v Ebner, 95 Misc 2d 781: not sealed once the companion plea to a crime is in the file.",
    ),
    _doubt_rule("vacated", "Vacated, and what followed is not said.", Is("ending", "VACATED"), "CPL 440.10(6)-(8)."),
    _doubt_rule(
        "leave",
        "Dismissed with leave to re-present: not favourable while leave is open.",
        Is("ending", "DISMISSED_LEAVE_TO_REPRESENT"),
        "How long leave is open the file does not say.",
    ),
    _doubt_rule(
        "count",
        "A count was dismissed; how the others ended the row does not say.",
        Is("ending", "DISMISSED_COUNT_ONLY"),
        "A dismissed count seals nothing on its own.",
    ),
    _doubt_rule(
        "open-question",
        "Abated by death, unfit under article 730, or not responsible: on no list.",
        Is("ending", "ABATED_DEATH", "UNFIT_730", "NOT_RESPONSIBLE"),
        "An open question for a lawyer.",
    ),
    *_before_and_since(
        Rule(
            id=f"{_NAME}/elsewhere-ended",
            citation="CPL 160.50(3), 1.20(16)",
            paragraph="(3)",
            text="Superseded or transferred, and the instrument in which the case continued ended in favour.",
            when=Every(Is("ending", "SUPERSEDED", "TRANSFERRED_SUPERIOR"), Is("successor", "favour")),
            starts=("successor_from", "ended_on"),
            governed_by="successor_from",
            in_force_from=AUTOMATIC,
            mark=Mark.INFERENCE,
            uncertainty="One criminal action comprises every instrument derived from the first. The instrument is the "
            "one that the text names, or else the indictments of the arrest, where they all ended so.",
        )
    ),
    Rule(
        id=f"{_NAME}/elsewhere",
        citation="CPL 160.50(3)",
        text="Superseded or transferred: the case continues in another instrument, which the file does not hold.",
        when=Every(Is("ending", "SUPERSEDED", "TRANSFERRED_SUPERIOR"), Not(Is("successor", "favour", "open", "crime"))),
        clock=Clock(start=("ended_on",), days=90),
        answer=Truth.UNKNOWN,
        mark=Mark.INFERENCE,
        uncertainty="Ninety days on, with nothing further in the file, how it stands is not known.",
    ),
)

_BY_ORDER = and_before(
    Rule(
        id=f"{_NAME}/order",
        citation="CPL 160.50(1), (4)",
        paragraph="(1)",
        version="2",
        text="A court ordered the record sealed under 160.50.",
        when=Is("ordered", "160.50"),
        starts=("ordered_on",),
        governed_by="ordered_on",
        in_force_from=FAVOUR,
    ),
    "The statute is of 1 September 1976 [own]: what an order dated before it sealed is not known.",
)

REGIME = RegimeRules(
    regime=_NAME,
    unit=Unit.EVERY_CHARGE,
    mode=Mode.AT_LAW,
    effect=Effect("seal", _COPIES),
    rules=(*_FAVOURABLE, *_BY_ORDER, *_DOUBTS),
    others=(EXPUNGED.regime,),
    blocked=Either(Is("no_seal_order", "Y"), Is("juvenile_court", "Y")),
    doubtful=True,
)
