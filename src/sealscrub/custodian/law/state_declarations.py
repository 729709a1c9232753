"""What the room of a state declares other than its rules: grades, columns, kinds of event, facts, endings."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from .events import Event

__all__ = [
    "COMMON_AUDIENCES",
    "COMMON_USES",
    "GENERAL_COURTS",
    "GENERAL_GRADES",
    "Column",
    "ColumnKind",
    "CourtKind",
    "EndingKind",
    "Fact",
    "Grade",
    "Grades",
    "Step",
]

#: Uses and audiences that every state's table answers about; a state may have more.
COMMON_USES = ("training", "inference_input", "output", "aggregate_report")
COMMON_AUDIENCES = ("police", "prosecutor", "vendor", "researcher", "court")

#: What a kind of event does to how a charge stands: from the facts so far, the event and the state's words.
Step = Callable[[dict[str, object], Event, Any], dict[str, object]]

_EMPTY_MAPPING: Mapping[Any, Any] = MappingProxyType({})


class Grade(StrEnum):
    """What the core asks of an offence's severity and class."""

    CRIME = "crime"
    PETTY = "petty offence"
    INFRACTION = "infraction"


@dataclass(frozen=True)
class Grades:
    """A state's grades of offences, and what its files may hold of them.

    Attributes
    ----------
    severities : mapping of str to Grade
        Values of ``severity``, in upper case.
    classes : str
        A regular expression for values of ``offense_class``, in upper case.
    by_class : mapping of (str, str) to Grade
        By severity and class, where the class decides.
    convicted : mapping of str to str
        By an ending of a conviction whose words name the grade, the severity that it means.
    """

    severities: Mapping[str, Grade]
    classes: str = r"[A-Z0-9][A-Z0-9\-]{0,5}"
    by_class: Mapping[tuple[str, str], Grade] = field(default_factory=lambda: _EMPTY_MAPPING)
    convicted: Mapping[str, str] = field(default_factory=lambda: _EMPTY_MAPPING)

    def of(self, severity: object, offense_class: object = None) -> Grade | None:
        """The grade of an offence; None if its severity is not known.

        Examples
        --------
        >>> str(GENERAL_GRADES.of("M"))
        'crime'
        """
        known = self.severities.get(str(severity))
        return self.by_class.get((str(severity), str(offense_class)), known)

    def severity_forms(self) -> str:
        """A regular expression for the values of ``severity``."""
        return "|".join(map(re.escape, self.severities))


#: Felonies and misdemeanours are crimes; violations and infractions are not.
GENERAL_GRADES = Grades(
    {"F": Grade.CRIME, "M": Grade.CRIME, "V": Grade.PETTY, "I": Grade.INFRACTION},
    convicted={"CONV_FELONY": "F", "CONV_MISDEMEANOR": "M", "CONV_VIOLATION": "V", "CONV_INFRACTION": "I"},
)


class CourtKind(StrEnum):
    """For whom a court is."""

    ADULTS = "for adults"
    JUVENILES = "for juveniles: what it decides is the fact ``juvenile_court``"


#: Courts of a state that names none.
GENERAL_COURTS: Mapping[str, CourtKind] = MappingProxyType(
    {"criminal": CourtKind.ADULTS, "superior": CourtKind.ADULTS, "family": CourtKind.JUVENILES}
)


class ColumnKind(StrEnum):
    """How the cells of a column are read."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    FLAG = "flag"
    FOUND = "found by the engine, and never read"


@dataclass(frozen=True)
class Column:
    """A column that a state's files have other than the common ones; it is a fact of its name.

    Attributes
    ----------
    name : str
    kind : ColumnKind
        A text is a fact in lower case; a number in figures, such as ``30`` or ``7.5``; a flag ``Y`` or ``N``.
    choices : tuple of str
        Of a text: the values that it may hold, in lower case; empty for any.
    of_ending : bool
        Whether it says something of the ending that its row gives, and falls with it: a second row that ends the charge
        and leaves it blank says that it is not known. Of a day: one before the row's own is not known.
    of_offence : bool
        Of one of an ending: whether it describes the offence, and is not known if the text names another one.
    instead : str
        Of a flag: what a conviction comes to if it is ``Y``, an ending of the kind ``INSTEAD``; it is then no fact.
    """

    name: str
    kind: ColumnKind = ColumnKind.TEXT
    choices: tuple[str, ...] = ()
    of_ending: bool = False
    of_offence: bool = False
    instead: str = ""


@dataclass(frozen=True)
class Fact:
    """A fact that the rows of a charge do not hold, found when a rule asks for it.

    Attributes
    ----------
    find : callable
        Given the person, the charge's facts, the day that is asked about, and a set to which it adds the days on which
        the fact may change automatically. It gives the fact; None is not known.
    of_action : bool
        Whether the charge and the days of its own action decide it: the person's other actions do not.
    by_day : bool
        Whether it may be different on another day.
    reads : frozenset of str
        Facts of the charge itself that it reads.
    told_by : tuple of str
        Columns of the file that tell it, other than those of `reads`: with `of_action` of its own docket, else of the
        person's other cases, of which it is by default how, when and of what each ended.
    """

    find: Callable[[Any, dict[str, object], dt.date, set[dt.date]], object]
    of_action: bool = False
    by_day: bool = False
    reads: frozenset[str] = frozenset()
    told_by: tuple[str, ...] = ()


class EndingKind(StrEnum):
    """What the core does with an ending that only one state has."""

    FAVOURABLE = "in favour of the person"
    LOCAL = "in favour of the person, in a court from which the case may go to a higher one"
    LEFT = "over for now: neither in favour, nor known to continue"
    OVER = "over, neither in favour nor by a conviction"
    INSTEAD = "a finding in place of a conviction, which may follow the plea"
    OPEN = "the case continues"
    ADJOURNED = "adjourned so that it ends in dismissal, unless it is restored"
    RESTORED = "the adjournment was undone: the case continues"
