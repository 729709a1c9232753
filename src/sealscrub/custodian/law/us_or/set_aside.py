"""ORS 137.225, 137.226 and 137.223: setting aside on motion. The clock says from when to ask; only an order seals."""

from __future__ import annotations

import datetime as dt

from ..clocks import Clock
from ..conditions import NEVER, Condition, Either, Every, Is, Not
from ..dispositions import OPEN
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .attempts import graded_as
from .oregon_offences import CLASSES, MARIJUANA, NEVER_SET_ASIDE

__all__ = ["REGIMES"]

_NAME, _MARIJUANA, _INSANE = "us-or/ors-137.225", "us-or/ors-137.226", "us-or/ors-137.223"
#: SB 397 of 2021.
_NOW = dt.date(2022, 1, 1)
#: The statute is of 1971 [own]: days are counted by the law of the day that is asked about, not from its own first day.
_STATUTE = dt.date(1972, 1, 1)
_ADULT = Is("juvenile_court", "N")
_COPIES = ("police", "prosecutor", "repository", "court", "prints and photos")
_NONE_PENDING = (Not(Is("pending_charge", "Y")), Is("docket_settled", "Y"))
_AT_LIBERTY = (_ADULT, Not(Is("supervised", "Y")), Not(Is("held", "Y")), *_NONE_PENDING)
_ENDED_WITHOUT_CONVICTION = (
    *("DISMISSED_ENTIRE", "ACQUITTED_COMPLETE", "DISMISSED_AFTER_DIVERSION"),
    *("VACATED_DISMISSED", "DISMISSED_ON_APPEAL"),
)
_AGAIN = ("begun_again", "begun_again_if")
_ELIGIBLE = (
    "It says from when a court may be asked, by the law of that day, and never that the record is sealed. That the "
    "sentence was performed is not asked but for supervision and custody in the file. Whether another charge of the "
    "same docket that is pending, or was convicted later, keeps it back is not known: no day is given."
)


def _may_ask(
    name: str,
    citation: str,
    text: str,
    clock: Clock,
    *conditions: Condition,
    regime: str = _NAME,
    version: str = "1",
    since: dt.date | None = None,
    until: dt.date | None = None,
    mark: Mark = Mark.RETOLD,
    note: str = "",
) -> Rule:
    return Rule(
        id=f"{regime}/{name}",
        citation=citation,
        paragraph=citation.removeprefix("ORS ").lstrip("0123456789."),
        text=text,
        version=version,
        when=Every(*conditions),
        clock=clock,
        answer=Truth.NO,
        in_force_from=since,
        in_force_to=until,
        law_from=_STATUTE,
        governed_by="as_of",
        mark=mark,
        uncertainty=f"{_ELIGIBLE} {note}".strip(),
    )


def _period(months: int) -> Clock:
    """Its last day is the day before that on which so many months have passed."""
    return Clock(start=("clock_from",), months=months, days=-1, not_before=_AGAIN)


def _convictions() -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for name, (grades, months, before) in CLASSES.items():
        asked = (Is("ending", "CONVICTED"), *_AT_LIBERTY, graded_as(*grades), Is("left_out", "N"))
        text = (
            f"Convicted of a {name.replace('-', ' ')}, not one that is left out: {{}} months after the conviction or "
            "the release from imprisonment, the later, or after another conviction but of a motor vehicle violation; "
            "and no charge is pending in another case. Where probation was revoked, not before three years from that."
        )
        for version, length, since, until in (("1", months, _NOW, None), ("1-before", before, None, _NOW)):
            rules.append(
                _may_ask(
                    f"1b-{name}",
                    "ORS 137.225(1)(b)",
                    text.format(length),
                    _period(length),
                    *asked,
                    version=version,
                    since=since,
                    until=until,
                    note="The periods before 2022 were read in a secondary source." if until else "",
                )
            )
    contempt = (Is("ending", "CONVICTED"), *_AT_LIBERTY, Either(Is("severity", "C"), Is("article", "ORS 33")))
    rules.append(
        _may_ask(
            "1b-contempt",
            "ORS 137.225(1)(b)",
            "Found in contempt of court: twelve months on.",
            Clock(start=("clock_from",), months=12, days=-1, not_before=_AGAIN),
            *contempt,
            since=_NOW,
            note="A practitioners' program counts five years: which of the two holds is open.",
        )
    )
    return tuple(rules)


def _insane() -> tuple[Rule, ...]:
    return tuple(
        _may_ask(
            f"1-{name}",
            "ORS 137.223",
            f"Found guilty except for insanity of a {name.replace('-', ' ')}: {months} months after the judgment, or "
            "after the end of the Psychiatric Security Review Board's jurisdiction, the later.",
            Clock(start=("clock_from",), months=months, days=-1, not_before=_AGAIN),
            Is("ending", "NOT_RESPONSIBLE"),
            *_AT_LIBERTY,
            graded_as(*grades),
            Is("left_out", "N"),
            regime=_INSANE,
            since=_NOW,
        )
        for name, (grades, months, _) in CLASSES.items()
    )


def _marijuana() -> tuple[Rule, ...]:
    asked = (Is("ending", "CONVICTED"), *_AT_LIBERTY, MARIJUANA, Is("old_conduct", "Y"))
    tiers = {
        "none": (12, ("none", "bm", "cm", "v"), "not a crime, or a misdemeanor of class B or C"),
        "am": (36, ("am",), "a misdemeanor of class A"),
        "cf": (60, ("cf",), "a felony of class C"),
        "bf": (84, ("bf",), "a felony of class B"),
    }
    classed = tuple(
        _may_ask(
            f"conduct-{name}",
            "ORS 137.226",
            "A marijuana offence whose conduct was before 21 April 2017 is classed as the law had it on that day, and "
            f"as a misdemeanor of class C where it was none: then {what}, and {months} months.",
            Clock(start=("clock_from",), months=months, days=-1, not_before=_AGAIN),
            *asked,
            Is("marijuana_class", *classes),
            regime=_MARIJUANA,
            note="The class of that day is a column of the file; without it no day is given.",
        )
        for name, (months, classes, what) in tiers.items()
    )
    young = _may_ask(
        "under-21",
        "ORS 137.226",
        "A marijuana offence whose conduct was before 21 April 2017, of a person under twenty-one who has no other "
        "conviction: twelve months.",
        _period(12),
        *asked,
        Is("young_once", "Y"),
        regime=_MARIJUANA,
        note="That the age is that on the day of the conduct is [inference]; a conviction before the "
        "twenty-first birthday says so too.",
    )
    return *classed, young


_CHARGES_NOT_TOLD = Not(Is("order_charges", "Y"))


def _ordered(regime: str, section: str, doubt: Condition = _CHARGES_NOT_TOLD) -> Rule:
    return Rule(
        id=f"{regime}/order",
        citation=f"ORS {section}",
        paragraph="",
        text="A court set it aside and ordered the official records sealed: it is deemed not to have happened.",
        when=Is("ordered", section),
        doubt=doubt,
        starts=("ordered_on",),
        governed_by="ordered_on",
        mark=Mark.RETOLD,
        uncertainty="An order reaches the charges that it names. One that names none is unknown where the charges of "
        "the case ended differently, where its scope is listed, and of a conviction that is never set aside, unless "
        "the row says that it is about all. A later order changes nothing of what one sealed. "
        "Police investigative reports are among the records, State v K.P., 324 Or 1 (1996).",
    )


def _regime(name: str, *rules: Rule, doubtful: bool = True) -> RegimeRules:
    return RegimeRules(
        regime=name,
        unit=Unit.CHARGE,
        mode=Mode.MOTION,
        effect=Effect("seal", _COPIES),
        rules=rules,
        doubtful=doubtful,
    )


REGIMES = (
    _regime(
        _NAME,
        _ordered(_NAME, "137.225"),
        *_convictions(),
        Rule(
            id=f"{_NAME}/left-out",
            citation="ORS 137.225(5)-(7)",
            paragraph="(5)-(7)",
            text="Never set aside: a felony of class A, a person felony of class B, homicide, most sex crimes, abuse "
            "of some victims, and traffic offences; ORS 137.226 has rules of its own for marijuana before April 2017.",
            when=Every(
                *(Is("ending", "CONVICTED"), _ADULT, NEVER_SET_ASIDE, Is("left_out", "Y")),
                Not(Every(MARIJUANA, Not(Is("old_conduct", "N")))),
            ),
            answer=Truth.NO,
            governed_by="as_of",
            mark=Mark.RETOLD,
            uncertainty="The sections are [own] and the list is not complete. Of an attempt at one of them, but for a "
            "felony of class A or a person felony of class B, it is not known. An order made all the same seals.",
        ),
        Rule(
            id=f"{_NAME}/held-back",
            citation="ORS 137.225(1)",
            paragraph="(1)",
            text="No court may be asked while a charge of another case of the person's is pending, nor about a "
            "conviction while the person is supervised or in custody on it.",
            when=Every(
                _ADULT,
                Not(Is("ending", *OPEN)),
                Either(
                    Is("pending_charge", "Y"),
                    Every(Is("ending", "CONVICTED"), Either(Is("supervised", "Y"), Is("held", "Y"))),
                ),
            ),
            answer=Truth.NO,
            governed_by="as_of",
            mark=Mark.RETOLD,
            uncertainty="An order made all the same seals.",
        ),
        _may_ask(
            "1d",
            "ORS 137.225(1)(d)",
            "Acquitted, or the charge dismissed: at once; not where driving under the influence was dismissed "
            "after a diversion, (8).",
            Clock(start=("ended_on",), days=-1),
            _ADULT,
            Is("ending", *_ENDED_WITHOUT_CONVICTION),
            Not(Every(Is("law", "ORS 813.010"), Not(Is("ending", "ACQUITTED_COMPLETE")), Is("diverted", "Y"))),
            *_NONE_PENDING,
            Is("dismissal_reached", "Y"),
            version="2",
            note="Whether a dismissed traffic violation can be set aside is open: no day is given, and none where the "
            "file does not tell whether it is one, or whether driving under the influence was diverted.",
        ),
        _may_ask(
            "1c",
            "ORS 137.225(1)(c)",
            "No accusatory instrument was filed: sixty days after the prosecuting attorney says that none will be.",
            Clock(start=("ended_on",), days=59),
            _ADULT,
            Is("ending", "DECLINED_PROSECUTION"),
            *_NONE_PENDING,
            since=_NOW,
        ),
        _may_ask(
            "1c",
            "ORS 137.225(1)(c)",
            "No accusatory instrument was filed: a year after the arrest.",
            Clock(start=("arrested_on",), months=12, days=-1),
            _ADULT,
            Is("ending", "DECLINED_PROSECUTION"),
            *_NONE_PENDING,
            version="1-before",
            until=_NOW,
        ),
    ),
    _regime(_MARIJUANA, _ordered(_MARIJUANA, "137.226"), *_marijuana(), doubtful=False),
    _regime(_INSANE, _ordered(_INSANE, "137.223", NEVER), *_insane(), doubtful=False),
)
