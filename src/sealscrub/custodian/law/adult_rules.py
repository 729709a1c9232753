"""Rules that are for adults alone, in places whose law of juveniles' records is not written: there it is not known."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from .conditions import Every, Is
from .person import Person
from .rules import RegimeRules, Rule
from .state_declarations import Fact
from .status_transitions import Standing

__all__ = ["JUVENILE", "juvenile_fact", "of_adults"]

#: By its court, or by the kind of case that its number names.
JUVENILE = Is("juvenile", "Y")
_ADULT = Is("juvenile", "N")


def juvenile_fact(kind: str) -> Fact:
    """Whether a case is one of a juvenile's: of family court, or with these letters in its number.

    Examples
    --------
    >>> juvenile_fact("JV").of_action
    True
    """
    letters = re.compile(rf"(?<![A-Z]){kind}(?![A-Z])")

    def found(person: Person, state: Standing, on: dt.date, changes: set[dt.date]) -> object:
        numbered = letters.search(person.action.docket.upper()) is not None
        return "Y" if numbered or state.get("juvenile_court") == "Y" else "N"

    return Fact(found, of_action=True, reads=frozenset({"juvenile_court"}))


def of_adults(group: RegimeRules) -> RegimeRules:
    """The regime, whose clocks and lists are for adults; an order seals whatever case it is about.

    Examples
    --------
    >>> from sealscrub.custodian.law import jurisdiction
    >>> group = of_adults(jurisdiction("us-or").regimes[0])
    >>> sorted(rule.id.rpartition("/")[2] for rule in group.rules if "juvenile" not in rule.requires)
    ['order']
    """
    return replace(group, rules=tuple(_of_adults(rule) for rule in group.rules))


def _of_adults(rule: Rule) -> Rule:
    if "ordered" in rule.requires:
        return rule
    parts = rule.when.parts if isinstance(rule.when, Every) else (rule.when,)
    return replace(rule, when=Every(*parts, _ADULT), version=f"{rule.version}-adults")
