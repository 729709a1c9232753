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
#: Since when the two parts of ORS 137.226 are law; and the edition of ORS 137.223 that was read.
_UNDER_21, _CLASSED_ANEW, _TEXT_OF_2019 = dt.date(2015, 8, 12), dt.date(2017, 4, 21), dt.date(2019, 1, 1)
_ADULT = Is("juvenile_court", "N")
_COPIES = ("police", "prosecutor", "repository", "court", "prints and photos")
_NONE_PENDING = (Not(Is("pending_charge", "Y")), Is("docket_settled", "Y"))
_AT_LIBERTY = (
    *(_ADULT, Not(Is("supervised", "Y")), Not(Is("held", "Y")), Not(Is("sentence_performed", "N"))),
    *_NONE_PENDING,
)
_ENDED_WITHOUT_CONVICTION = (
    *("DISMISSED_ENTIRE", "ACQUITTED_COMPLETE", "DISMISSED_AFTER_DIVERSION"),
    *("VACATED_DISMISSED", "DISMISSED_ON_APPEAL"),
)
_ELIGIBLE = (
    "It says from when a court may be asked, by the law of that day, and never that the record is sealed. That the "
    "sentence was performed is not asked but for supervision and custody in the file, and where the file says that it "
    "was not. Whether another charge of the same docket that is pending keeps it back is not known: no day is given."
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
    mark: Mark = Mark.FOUND,
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


def _period(months: int, *, before_2022: bool = False) -> Clock:
    """Its last day is the day before that on which so many months have passed.

    Until 2022 a revoked probation and other convictions held back for ten years.
    """
    start, again, again_if = (
        (f"old_from_{months}", f"old_again_{months}", f"old_again_if_{months}")
        if before_2022
        else ("clock_from", "begun_again", "begun_again_if")
    )
    return Clock(start=(start,), months=months, days=-1, not_before=(again, again_if))


_WHICH = (
    "Of the same docket, another conviction counts like one of another case, whether or not it is of one episode: of "
    "the section before 2022 an opinion says so, State v Jansen, and of its text since then it is [own]."
)


def _convictions() -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for name, (grades, months, before) in CLASSES.items():
        asked = (Is("ending", "CONVICTED"), *_AT_LIBERTY, graded_as(*grades), Is("left_out", "N"))
        what = f"Convicted of a {name.replace('-', ' ')}, not one that is left out: "
        rules += [
            _may_ask(
                f"1b-{name}",
                "ORS 137.225(1)(b)",
                f"{what}{months} months after the conviction or the release from imprisonment, the later, or after "
                "another conviction but of a motor vehicle violation; and no charge of a crime is pending in another "
                "case. Where probation was revoked, not before three years from that.",
                _period(months),
                *asked,
                version="2",
                since=_NOW,
                note=_WHICH,
            ),
            _may_ask(
                f"1b-before-{name}",
                "ORS 137.225(1)(a)",
                f"{what}{before} months after the judgment, and ten years after any other conviction but of a motor "
                "vehicle violation, before it or after it, and after a revoked probation.",
                _period(before, before_2022=True),
                *asked,
                version="2",
                until=_NOW,
                mark=Mark.RETOLD if name == "felony-b" else Mark.FOUND,
                note="Twenty years were read in a secondary source." if name == "felony-b" else _WHICH,
            ),
        ]
    contempt = (Is("ending", "CONVICTED"), *_AT_LIBERTY, Either(Is("severity", "C"), Is("article", "ORS 33")))
    rules.append(
        _may_ask(
            "1b-contempt",
            "ORS 137.225(1)(b)",
            "Found in contempt of court: twelve months on.",
            _period(12),
            *contempt,
            since=_NOW,
            note="A practitioners' program counts five years; the copy of the statute says one.",
        )
    )
    return tuple(rules)


def _insane() -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for name, (grades, months, _) in CLASSES.items():
        if name == "violation":
            continue
        asked = (Is("ending", "NOT_RESPONSIBLE"), *_AT_LIBERTY, graded_as(*grades), Is("left_out", "N"))
        what = f"Found guilty except for insanity of a {name.replace('-', ' ')}: "
        rules += [
            _may_ask(
                f"1-{name}",
                "ORS 137.223",
                f"{what}{months} months after the judgment, or after the end of the Psychiatric Security Review "
                "Board's jurisdiction, the later, or after another such finding, or a conviction but of a motor "
                "vehicle violation.",
                _period(months),
                *asked,
                regime=_INSANE,
                version="2",
                since=_NOW,
            ),
            _may_ask(
                f"1-before-{name}",
                "ORS 137.223",
                f"{what}36 months after the judgment, once the Board's jurisdiction is over, and ten years after any "
                "other such finding, or conviction but of a motor vehicle violation.",
                _period(36, before_2022=True),
                *asked,
                regime=_INSANE,
                since=_TEXT_OF_2019,
                until=_NOW,
                note="Read in the edition of 2019; since when it was so is not weighed.",
            ),
        ]
    return tuple(rules)


def _marijuana() -> tuple[Rule, ...]:
    asked = (Is("ending", "CONVICTED"), *_AT_LIBERTY, MARIJUANA)
    tiers = {
        "none": (12, ("none", "bm", "cm", "v"), "not a crime, or a misdemeanor of class B or C"),
        "am": (36, ("am",), "a misdemeanor of class A"),
        "cf": (60, ("cf",), "a felony of class C"),
        "bf": (84, ("bf",), "a felony of class B"),
    }
    classed = tuple(
        _may_ask(
            f"conduct-{name}",
            "ORS 137.226(2)",
            "A marijuana offence whose conduct was before 21 April 2017 is classed as the law had it on that day, and "
            f"as a misdemeanor of class C where it was none: then {what}, and {months} months.",
            _period(months),
            *asked,
            Is("old_conduct", "Y"),
            Is("marijuana_class", *classes),
            regime=_MARIJUANA,
            since=_CLASSED_ANEW,
            note="The class of that day is a column of the file; without it no day is given.",
        )
        for name, (months, classes, what) in tiers.items()
    )
    young = _may_ask(
        "under-21",
        "ORS 137.226(1)",
        "A marijuana offence of a person who was under twenty-one at the conviction and has no other, but of motor "
        "vehicle violations: twelve months after the judgment.",
        Clock(start=("ended_on",), months=12, days=-1),
        *asked,
        Is("under_21", "Y"),
        Is("convicted_elsewhere", "N"),
        Is("docket_convicted", "N"),
        regime=_MARIJUANA,
        version="2",
        since=_UNDER_21,
    )
    return *classed, young


_CHARGES_NOT_TOLD = Not(Is("order_charges", "Y"))


def _ordered(regime: str, section: str, doubt: Condition = _CHARGES_NOT_TOLD, part: str = "order") -> Rule:
    return Rule(
        id=f"{regime}/{part}",
        citation=f"ORS {section}",
        text="A court set it aside and ordered the official records sealed: it is deemed not to have happened.",
        when=Is("ordered", section),
        doubt=doubt,
        starts=("ordered_on",),
        governed_by="ordered_on",
        mark=Mark.RETOLD if part == "order" else Mark.FOUND,
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
            text="No court may be asked while a charge of a crime is pending in another case of the person's, nor "
            "about a conviction while the person is supervised or in custody on it, or the sentence was not performed.",
            when=Every(
                _ADULT,
                Not(Is("ending", *OPEN)),
                Either(
                    Is("pending_charge", "Y"),
                    Every(
                        Is("ending", "CONVICTED"),
                        Either(Is("supervised", "Y"), Is("held", "Y"), Is("sentence_performed", "N")),
                    ),
                ),
            ),
            answer=Truth.NO,
            governed_by="as_of",
            mark=Mark.RETOLD,
            uncertainty="An order made all the same seals. That only crimes hold back is [own]. Restitution that is "
            "owed leaves a sentence not performed, State v Grant, 339 Or App 612 (2025).",
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
            "1c-before",
            "ORS 137.225(1)(b)",
            "No accusatory instrument was filed: a year after the arrest.",
            Clock(start=("arrested_on",), months=12, days=-1),
            _ADULT,
            Is("ending", "DECLINED_PROSECUTION"),
            *_NONE_PENDING,
            until=_NOW,
        ),
    ),
    _regime(
        _MARIJUANA,
        _ordered(_MARIJUANA, "137.226"),
        _ordered(_MARIJUANA, "475C.397", part="qualifying-order"),
        *_marijuana(),
        doubtful=False,
    ),
    _regime(_INSANE, _ordered(_INSANE, "137.223", NEVER), *_insane(), doubtful=False),
)
