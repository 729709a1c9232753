"""Rules as dated records, which a lawyer can read and a second jurisdiction can write."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from .clocks import Clock
from .conditions import NEVER, Condition, Every, Is
from .rule import Mark, Regime, Ruling
from .truth import Truth

__all__ = ["Effect", "Jurisdiction", "Mode", "RegimeRules", "Rule", "Unit"]


class Mode(StrEnum):
    """How a regime comes to seal."""

    AT_LAW = "at law"
    BATCH = "batch needing proof"
    ORDER = "order only"


class Unit(StrEnum):
    """Which charges must meet a rule of the regime."""

    EVERY_CHARGE = "every charge"
    ONE_CHARGE = "one charge, with the others ended as it allows"
    ARREST = "every charge of every action of the arrest"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a regime does to which copies.

    Attributes
    ----------
    kind : str
        ``seal``, ``expunge``, ``confidential``, ``marked``.
    copies : tuple of str
        Of ``police``, ``prosecutor``, ``repository``, ``court``, ``prints and photos``.
    """

    kind: str
    copies: tuple[str, ...]


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
        Where it holds or may hold, the answer is unknown.
    clock : Clock or None
        What must have run.
    answer : Truth
        What a met rule comes to: ``UNKNOWN`` for a rule that names a doubt, and for a batch that needs proof; ``NO``
        for one that only says from when a court may be asked.
    in_force_from, in_force_to : datetime.date or None
        First day, and the day after the last; None is open.
    starts : tuple of str
        Facts that hold a day; the first that is known is the day from which it seals.
    governed_by : str
        The fact whose day must lie in force: ``ended_on``, or ``as_of`` for what reaches old cases.
    effect : Effect or None
        Where it is another than the regime's.
    regime : str
        The name under which it seals, where it is another than that of its group.
    requires : frozenset of str
        Facts that it needs, read from its conditions and clock.
    endings : frozenset of str or None
        Ways in which a charge must stand for it to be met, read from its condition; None is any.
    mark : Mark
        How well it is known.
    source, uncertainty : str
        Where it was read, and what a reader must know before relying on it.
    unknown : str
        What becomes of a record whose answer is unknown.
    reviewed_by : str
        The lawyer who reviewed it; empty until one has.
    """

    id: str
    citation: str
    paragraph: str
    text: str
    version: str = "1"
    when: Condition
    doubt: Condition = NEVER
    clock: Clock | None = None
    answer: Truth = Truth.YES
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None
    starts: tuple[str, ...] = ("ended_on",)
    governed_by: str = "ended_on"
    effect: Effect | None = None
    regime: str = ""
    mark: Mark = Mark.OWN
    source: str = "law.md §1.1"
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
        With ``ONE_CHARGE``: regimes one of which every other charge must meet.
    rest : Condition
        With ``ONE_CHARGE``: or what their facts must meet.
    blocked : Condition
        On the action's facts: where it holds, nothing is sealed under this regime.
    doubtful : bool
        Whether the jurisdiction's doubts bear on it.
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


@dataclass(frozen=True, kw_only=True)
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
        Rules of every regime: endings of which nothing can be said.
    crimes : frozenset of str
        Severities that are crimes: a later one starts clocks anew, a pending one stops them.
    favourable : tuple of str
        Regimes whose rules say that a charge ended in the person's favour.
    rulings : tuple of Ruling
        Who may use what of its records.
    known : tuple of Regime
        What people call its regimes.
    table : str
        Version of `rulings`.
    demonstration : bool
        Whether it only shows that the engine can hold it.
    """

    name: str
    version: str
    regimes: tuple[RegimeRules, ...]
    doubts: tuple[Rule, ...] = ()
    crimes: frozenset[str] = frozenset({"F", "M"})
    favourable: tuple[str, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    known: tuple[Regime, ...] = ()
    table: str = ""
    demonstration: bool = False

    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in the order of the regimes."""
        return (*(rule for group in self.regimes for rule in group.rules), *self.doubts)
