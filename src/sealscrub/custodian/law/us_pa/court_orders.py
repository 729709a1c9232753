"""What a court ordered, or gave notice of: it seals, and one dated before its statute is not known to."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ..charge_events import Standing
from ..conditions import Is
from ..dispositions import DispositionMap
from ..events import Event
from ..rules import Rule
from ..ruling_types import Mark
from ..status_transitions import common_step
from ..three_values import Truth

__all__ = ["EXPUNGED", "order", "ordered"]

#: How an order may name 9122: by the section only, or by a paragraph of (a).
EXPUNGED = ("9122", *(f"9122(a)({part})" for part in ("1", "2", "2.1", "3", "4")))


def ordered(
    name: str,
    section: str,
    text: str,
    since: dt.date,
    *,
    part: str = "order",
    paragraph: str = "",
    mark: Mark = Mark.FOUND,
) -> list[Rule]:
    """A court's order or its notice seals; one dated before its law is not known to."""
    rule = Rule(
        id=f"{name}/{part}",
        citation=f"18 Pa.C.S. {section}",
        paragraph=paragraph,
        text=text,
        when=Is("ordered", section),
        starts=("ordered_on",),
        in_force_from=since,
        governed_by="ordered_on",
        mark=mark,
        uncertainty="The order seals, even where 9122.3 leaves the offence out.",
    )
    before = replace(
        rule,
        id=f"{rule.id}-before",
        answer=Truth.UNKNOWN,
        in_force_from=None,
        in_force_to=since,
        mark=Mark.INFERENCE,
        uncertainty="The order is dated before the statute that it names: what it sealed is not known.",
    )
    return [rule, before]


def order(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """Note an order; after one that expunges, an order of limited access changes nothing."""
    return state if state["ordered"] in EXPUNGED else common_step(state, event, mapping)
