"""What sections of Virginia's law have in common: orders that seal, and eligibility that seals nothing on its own."""

from __future__ import annotations

import datetime as dt

from ..clocks import Clock
from ..conditions import Condition, Either, Every, Is, Known, Not
from ..rules import Effect, Rule
from ..ruling_types import Mark
from ..three_values import Truth
from .virginia_offences import ANCILLARY
from .virginia_periods import SEALING

__all__ = ["ABOUT_ANCILLARY", "ANOTHER_ORDER", "SEAL", "SEALS", "SECTION", "eligible", "order_rules"]

#: The section that an order names: ``19.2-392.12:1(B)``.
SECTION = r"(?<!\d)392\.(?:12:1\s?\([Bb]\)|\d{1,2}(?::\d)?)"

SEAL = Effect("seal", ("police", "repository", "court"))

#: The paragraph about ancillary matters, as orders may write it.
ABOUT_ANCILLARY = ("392.12:1(B)", "392.12:1(b)", "392.12:1 (B)", "392.12:1 (b)")
#: Sections of which an order seals an offence.
SEALS = ("392.6", "392.7", "392.8", "392.11", "392.12", "392.12:1")
_SECTION_NAMES = ("392.2", *SEALS)
_FACTS = "What it needs to be known is one of these, and is blank"


def order_rules(
    regime: str, citation: str, *sections: str, since: dt.date = SEALING, uncertainty: str = "", mark: Mark = Mark.FOUND
) -> tuple[Rule, ...]:
    """Rules of an order: it seals; dated before its law, or about an ancillary matter, it is not an answer."""
    ordered = Is("ordered", *sections)

    def rule(name: str, text: str, when: Condition, answer: Truth, mark: Mark, note: str) -> Rule:
        return Rule(
            id=f"{regime}/{name}",
            citation=citation,
            text=text,
            when=when,
            answer=answer,
            starts=("ordered_on",),
            governed_by="ordered_on",
            in_force_from=None if name == "order-before" else since,
            in_force_to=since if name == "order-before" else None,
            mark=mark,
            uncertainty=note,
        )

    return (
        rule(
            "order",
            "A court ordered it sealed under this section.",
            Every(ordered, Not(ANCILLARY)),
            Truth.YES,
            mark,
            f"The order seals, whatever the section says about the offence [inference]. {uncertainty}".strip(),
        ),
        rule(
            "order-ancillary",
            "A court ordered the offence sealed, and this is a matter ancillary to it.",
            Every(ordered, ANCILLARY),
            Truth.UNKNOWN,
            Mark.INFERENCE,
            "Ancillary matters are sealed under § 19.2-392.12:1(B), or by an order of § 19.2-392.12 or 392.12:1 that "
            "names them: the row does not tell whether it does.",
        ),
        rule(
            "order-before",
            "An order is dated before the section was in force.",
            ordered,
            Truth.UNKNOWN,
            Mark.INFERENCE,
            f"The section is in force from {since:%-d %B %Y}: what an earlier order sealed is not known.",
        ),
    )


def eligible(
    regime: str,
    part: str,
    citation: str,
    text: str,
    *conditions: Condition,
    known: tuple[str, ...],
    clock: Clock,
    until: dt.date | None = None,
    uncertainty: str = "",
) -> tuple[Rule, Rule]:
    """A list that leads to an order: eligible is not sealed; if the file leaves a fact blank, it is not known."""

    def rule(name: str, said: str, when: Condition, answer: Truth, mark: Mark) -> Rule:
        return Rule(
            id=f"{regime}/{name}",
            citation=citation,
            text=said,
            when=when,
            clock=clock,
            answer=answer,
            governed_by="as_of",
            in_force_from=SEALING,
            in_force_to=until,
            law_from=SEALING,
            mark=mark,
            uncertainty=uncertainty,
        )

    blank = Either(*(Not(Known(name)) for name in known))
    return (
        rule(part, f"{text} Eligible is not sealed: an order seals it.", Every(*conditions), Truth.NO, Mark.FOUND),
        rule(
            f"{part}-not-stated",
            f"{text} {_FACTS}: {', '.join(known)}.",
            Every(*conditions, blank),
            Truth.UNKNOWN,
            Mark.INFERENCE,
        ),
    )


#: Whatever the regime: an order whose section none of the rules reads.
ANOTHER_ORDER = Not(Is("ordered", "", *_SECTION_NAMES, *ABOUT_ANCILLARY))
