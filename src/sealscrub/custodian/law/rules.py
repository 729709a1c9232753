"""Rules as dated records, which a lawyer can read and a second jurisdiction can write."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .clocks import Clock
from .conditions import NEVER, Condition, Every, Is
from .law_codes import LawCode, plain_code
from .regime_kinds import Effect, Mode, Unit
from .ruling_types import Mark, Regime, Ruling
from .state_declarations import (
    COMMON_AUDIENCES,
    COMMON_USES,
    GENERAL_COURTS,
    GENERAL_GRADES,
    Column,
    CourtKind,
    EndingKind,
    Fact,
    Grade,
    Grades,
    Step,
)
from .three_values import Truth

__all__ = ["NO_STATUTE", "Effect", "Jurisdiction", "Mode", "RegimeRules", "Rule", "Unit", "doubt_rule"]

#: What a doubt cites: a rule that rests on what a file does not say.
NO_STATUTE = "no statute"
_NEVER_KNOWN = {
    "unmapped": ("UNMAPPED", "No phrase explains the text of the disposition."),
    "ambiguous": ("AMBIGUOUS", "The file says two things of one charge."),
    "vacated-and-not-told": ("VACATED", "A judgment was vacated, and the file does not say what followed."),
}
_SAID_SEALED = "A row says that it is sealed or expunged, and no order in the file says under which law."


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One paragraph of law, in one span of days.

    Attributes
    ----------
    id : str
        ``us-ny/cpl-160.50/3b``.
    citation, paragraph : str
        The statute, and its part as decisions name it.
    text : str
        In our own words.
    version : str
        Raised with every change.
    when : Condition
        What a charge's facts must meet.
    doubt : Condition
        If it holds or may hold, the answer is unknown.
    clock : Clock or None
        What must have run.
    answer : Truth
        What a met rule comes to: ``UNKNOWN`` for a rule that names a doubt, and for a batch that needs proof; ``NO``
        for one that only says from when a court may be asked.
    in_force_from, in_force_to : datetime.date or None
        First day, and the day after the last; None is open.
    law_from : datetime.date or None
        First day of the law of which it is a later version; by default that of the rule.
    starts : tuple of str
        Facts that hold a day; the first that is known is the day from which it seals.
    governed_by : str
        The fact whose day must be in force: ``ended_on``, or ``as_of`` for what reaches old cases.
    effect : Effect or None
        If it is another than the regime's.
    regime : str
        The name under which it seals, if it is another than that of its group.
    requires : frozenset of str
        Facts that it needs, read from its conditions and clock.
    endings : frozenset of str or None
        Ways in which a charge must stand for it to be met, read from its condition; None is any.
    mark : Mark
        How well it is known.
    uncertainty : str
        What a reader must know before relying on it.
    unknown : str
        What happens to a record whose answer is unknown.
    reviewed_by : str
        The lawyer who reviewed it; empty until one has.

    Examples
    --------
    >>> from sealscrub.custodian.law import find_rule
    >>> rule = find_rule("us-ny/cpl-160.50/3c")[0]
    >>> rule.citation, rule.reviewed_by
    ('CPL 160.50(3)(c)', '')
    """

    id: str
    citation: str
    paragraph: str = ""
    text: str
    version: str = "1"
    when: Condition
    doubt: Condition = NEVER
    clock: Clock | None = None
    answer: Truth = Truth.YES
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None
    law_from: dt.date | None = None
    starts: tuple[str, ...] = ("ended_on",)
    governed_by: str = "ended_on"
    effect: Effect | None = None
    regime: str = ""
    mark: Mark = Mark.OWN
    uncertainty: str = ""
    unknown: str = "withheld"
    reviewed_by: str = ""
    requires: frozenset[str] = field(init=False)
    endings: frozenset[str] | None = field(init=False)

    def __post_init__(self) -> None:
        clock = self.clock.facts() if self.clock else frozenset[str]()
        object.__setattr__(self, "requires", self.when.facts() | self.doubt.facts() | clock)
        parts = self.when.parts if isinstance(self.when, Every) else (self.when,)
        named = [part.values for part in parts if isinstance(part, Is) and part.fact == "ending"]
        object.__setattr__(self, "endings", named[0] if named else None)

    def in_force(self, on: dt.date) -> bool:
        """Whether it applies on a day."""
        begun = self.in_force_from is None or self.in_force_from <= on
        return begun and (self.in_force_to is None or on < self.in_force_to)


def doubt_rule(id: str, text: str, when: Condition, clock: Clock | None = None) -> Rule:
    """Give a rule of what a file does not say: whatever it meets is not known, on any day."""
    return Rule(
        id=id,
        citation=NO_STATUTE,
        text=text,
        when=when,
        clock=clock,
        answer=Truth.UNKNOWN,
        governed_by="as_of",
        mark=Mark.INFERENCE,
    )


@dataclass(frozen=True, kw_only=True)
class RegimeRules:
    """The rules of one regime, and how they make an answer about an action.

    Attributes
    ----------
    regime : str
        ``us-ny/cpl-160.50``.
    unit : Unit
    mode : Mode
    effect : Effect
    rules : tuple of Rule
        A charge meets the regime when it meets one of them.
    others : tuple of str
        With ``ONE_CHARGE``: regimes one of which every other charge must meet; with ``EVERY_CHARGE``: regimes whose
        rules a charge may meet instead.
    rest : Condition
        With ``ONE_CHARGE``: or what their facts must meet.
    blocked : Condition
        On the action's facts: if it holds, nothing is sealed under this regime.
    doubtful : bool
        Whether the jurisdiction's doubts bear on it.

    Examples
    --------
    >>> from sealscrub.custodian.law import jurisdiction
    >>> group = jurisdiction("us-ny").regimes[0]
    >>> group.unit.name, group.effect.kind
    ('EVERY_CHARGE', 'seal')
    """

    regime: str
    unit: Unit
    mode: Mode
    effect: Effect
    rules: tuple[Rule, ...] = ()
    others: tuple[str, ...] = ()
    rest: Condition = NEVER
    blocked: Condition = NEVER
    doubtful: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Jurisdiction:
    """All that the engine must know of one place.

    Attributes
    ----------
    name : str
        ``us-ny``.
    version : str
        Of its rules, all together.
    regimes : tuple of RegimeRules
        In the order in which they are named.
    doubts : tuple of Rule
        Rules of every regime: endings of which nothing can be said. A text without a meaning, contradictions about
        one charge, and a judgment vacated without what followed are among them, if no rule names these endings; and
        a row that says that it is sealed is, always.
    grades : Grades
        Severities and classes, and which are crimes: a later one starts clocks again, a pending one stops them.
    courts : mapping of str to CourtKind
        What its files may say in ``court``, in lower case.
    order_words : frozenset of str
        Words that its orders are made of other than those of every state's and of what rules cite, in upper case:
        ``NONDISCLOSURE``. An order with any other word says nothing that is sure.
    parse_code : callable
        Reads the number of an offence: a text to a :class:`LawCode`, or None.
    section : str
        A regular expression for the section that an order names.
    columns : tuple of Column
        What its files have other than the common columns.
    synonyms : mapping of str to str
        What its files call a common column: their name to ours.
    events : mapping of str to callable
        Its own kinds of event, and what each does; one of the common names replaces that kind's step.
    begins : mapping of str to object
        Facts that a charge begins with, before any of these events.
    kept : frozenset of str
        Facts that stand when the case is opened again or ends another time.
    event_facts : mapping of str to str
        Facts that rows of its own kinds of event give, and the kind that gives each.
    facts : mapping of str to Fact
        Facts that are found when a rule asks for them: the common ones that it needs, and its own.
    words : frozenset of str
        Words that these facts distinguish and no rule names: severities, classes, offences.
    endings : mapping of str to EndingKind
        Endings other than the common ones.
    titles : mapping of str to str
        By one of these endings, or a fact that a rule asks for, what readers call it if its name does not say it. A day
        from which a clock counts needs one.
    schemes : mapping of str to str
        By column of numbers (``docket``, ``arrest_number``, ``indictment``, ``tracking_number``, ``person_number``),
        the scheme of its values. A column without one links rows and is not a key of a record.
    uses, audiences : tuple of str
        Those that its table knows other than the common ones.
    access : mapping of str to str
        By purpose for which sealed records may be looked at, of custody's or its own, the provision that allows it.
    favourable : tuple of str
        Regimes whose rules say that a charge ended in the person's favour.
    rulings : tuple of Ruling
        Who may use what of its records.
    known : tuple of Regime
        What people call its regimes.
    table : str
        Version of `rulings`.
    public_texts : mapping of str to str
        By the abbreviation with which citations begin, where anyone can read that law: an address, in which
        ``{section}`` stands for the number.
    quoted : mapping of str to str
        By the beginning of a rule's id, the words of the statute that decide, as they were read; of several the longest
        counts. A rule without any is in our own words alone.
    changes : tuple of (str, str)
        Versions of its rules, the last first, and what each changed, in words.
    demonstration : bool
        Whether it only shows that the engine can hold it.

    Examples
    --------
    >>> from sealscrub.custodian.law import jurisdiction
    >>> new_york = jurisdiction("us-ny")
    >>> new_york.name, new_york.regimes[0].regime
    ('us-ny', 'us-ny/cpl-160.50')
    """

    name: str
    version: str
    regimes: tuple[RegimeRules, ...]
    doubts: tuple[Rule, ...] = ()
    grades: Grades = GENERAL_GRADES
    courts: Mapping[str, CourtKind] = field(default_factory=lambda: GENERAL_COURTS)
    order_words: frozenset[str] = frozenset()
    parse_code: Callable[[str], LawCode | None] = plain_code
    section: str = r"[0-9]+[A-Z]?(?:[.\-:][0-9]+)+"
    columns: tuple[Column, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, Step] = field(default_factory=dict)
    begins: Mapping[str, object] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    event_facts: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    endings: Mapping[str, EndingKind] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    schemes: Mapping[str, str] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    access: Mapping[str, str] = field(default_factory=dict)
    favourable: tuple[str, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    known: tuple[Regime, ...] = ()
    table: str = ""
    public_texts: Mapping[str, str] = field(default_factory=dict)
    quoted: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[tuple[str, str], ...] = ()
    demonstration: bool = False

    def __post_init__(self) -> None:
        named = frozenset[str]().union(*(rule.endings or () for rule in self.rules()))
        added = {
            part: doubt_rule(f"{self.name}/doubt/{part}", text, Is("ending", ending))
            for part, (ending, text) in _NEVER_KNOWN.items()
            if ending not in named
        }
        last = [added.pop(part) for part in ("vacated-and-not-told",) if part in added]
        said = doubt_rule(f"{self.name}/doubt/said-to-be-sealed", _SAID_SEALED, Is("said_sealed", "Y"))
        own = (rule for rule in self.doubts if rule.id != said.id)  # a copy has it already
        object.__setattr__(self, "doubts", (*added.values(), *own, *last, said))

    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in the order of the regimes."""
        return (*(rule for group in self.regimes for rule in group.rules), *self.doubts)

    @cached_property
    def ending_columns(self) -> tuple[Column, ...]:
        """Columns that say something of the ending that their row gives."""
        return tuple(column for column in self.columns if column.of_ending)

    @cached_property
    def offence_columns(self) -> tuple[str, ...]:
        """Names of the columns that describe the offence of their row."""
        return tuple(column.name for column in self.columns if column.of_offence)

    @cached_property
    def lasting_columns(self) -> frozenset[str]:
        """Names of the columns that are facts from their row on, however the charge then ends."""
        return frozenset(column.name for column in self.columns if not (column.of_ending or column.instead))

    @cached_property
    def found_instead(self) -> tuple[tuple[str, str], ...]:
        """Columns that find something in place of a conviction, and the ending that each finds."""
        return tuple((column.name, column.instead) for column in self.columns if column.instead)

    def words_of(self, rule: Rule) -> str:
        """The words of the statute that decide a rule; empty if they were not read.

        Examples
        --------
        >>> from sealscrub.custodian.law import find_rule, jurisdiction
        >>> jurisdiction("us-ny").words_of(find_rule("us-ny/cpl-160.57/1a")[0])
        'shall be sealed after three years'
        """
        return (
            self.quoted[max(begun, key=len)] if (begun := [at for at in self.quoted if rule.id.startswith(at)]) else ""
        )

    def read_code(self, text: str | None) -> LawCode | None:
        """Read the number of an offence, if there is one."""
        return None if text is None else self.parse_code(text)

    def kind_of(self, ending: object) -> EndingKind | None:
        """What kind of ending its own is; None of a common one."""
        return self.endings.get(str(ending))

    def is_crime(self, severity: object, offense_class: object = None) -> Truth:
        """Whether an offence is a crime."""
        if severity is None:
            return Truth.UNKNOWN
        return Truth.YES if self.grades.of(severity, offense_class) is Grade.CRIME else Truth.NO

    def all_uses(self) -> tuple[str, ...]:
        """The uses that its table knows."""
        return (*COMMON_USES, *self.uses)

    def all_audiences(self) -> tuple[str, ...]:
        """The audiences that its table knows."""
        return (*COMMON_AUDIENCES, *self.audiences)

    def public_text(self, citation: str) -> str:
        """Where anyone can read a section that is cited; empty if that is not known.

        Examples
        --------
        >>> from sealscrub.custodian.law import jurisdiction
        >>> jurisdiction("us-ny").public_text("CPL 160.50(3)(c), 160.60")
        'https://www.nysenate.gov/legislation/laws/CPL/160.50'
        """
        for begins, address in self.public_texts.items():
            if number := re.match(rf"{re.escape(begins)}\s*§*\s*([0-9][0-9A-Za-z.:-]*)", citation):
                return address.format(section=number[1].rstrip(".:-"))
        return ""
