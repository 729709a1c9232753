"""What the text of an order says: under which section a court sealed, that it refused, or nothing that is sure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .conditions import Condition, Either, Every, Is, Not
from .rules import Jurisdiction

__all__ = ["OrderText", "read_order", "sections_read", "what_is_restored"]

_GRANTED = frozenset({"GRANTED", "GRANTS", "GRANTING", "ORDERED", "SEALED", "EXPUNGED"})
_DENIED = frozenset({"DENIED", "DENIES", "DENYING"})
_MOTION_WORDS = frozenset({"MOTION", "PETITION", "APPLICATION"})
_NEUTRAL = (
    frozenset(
        [
            "A",
            "AN",
            "AND",
            "THE",
            "OF",
            "BY",
            "TO",
            "IS",
            "ARE",
            "WAS",
            "WERE",
            "SO",
            "ON",
            "UNDER",
            "PURSUANT",
            "PER",
            "COURT",
            "JUDGE",
            "SECTION",
            "SEC",
            "STATUTE",
            "LAW",
            "ACT",
            "CODE",
            "CRIMINAL",
            "PROCEDURE",
            "FAMILY",
            "ORDER",
            "ENTERED",
            "NOTICE",
            "JUDGMENT",
            "SEAL",
            "SEALS",
            "SEALING",
            "SET",
            "ASIDE",
            "EXPUNGE",
            "EXPUNGEMENT",
            "EXPUNCTION",
            "AUTOMATIC",
            "AUTOMATICALLY",
            "RECORD",
            "RECORDS",
            "OFFICIAL",
            "CASE",
            "CHARGE",
            "CHARGES",
            "CONVICTION",
            "ARREST",
        ]
    )
    | _GRANTED
    | _MOTION_WORDS
)
_RESTORED = frozenset({"RESTORED", "REINSTATED", "REOPENED", "THE", "TO", "IS", "WAS"})
_CASE = frozenset({"CASE", "CALENDAR", "DOCKET", "PROSECUTION", "TRIAL"})
_RECORD = frozenset({"RECORD", "RECORDS", "OFFICIAL"})
_LETTERS_BEFORE_NUMBER = re.compile(r"(?<![^\W_])([A-Za-z.]{2,})(?=[0-9])")
_FIRST_NUMBER = re.compile(r"[^0-9]*[0-9]")


class OrderText(NamedTuple):
    """What an order says.

    Attributes
    ----------
    section : str or None
        Under which it seals; None if that, or whether it seals, is not known.
    denied : bool
        Whether it says that nothing is sealed by it.
    """

    section: str | None
    denied: bool = False


@lru_cache(maxsize=4096)
def read_order(place: Jurisdiction, text: str) -> OrderText:
    """Read an order: a section, and nothing next to it but words that orders are made of.

    Parameters
    ----------
    place : Jurisdiction
    text : str

    Returns
    -------
    OrderText

    Examples
    --------
    >>> from sealscrub.custodian.law import jurisdiction
    >>> [read_order(jurisdiction("us-ny"), text).section for text in ("CPL 160.59(4)", "CPL 160.59, MOTION FILED")]
    ['160.59', None]
    >>> read_order(jurisdiction("us-ny"), "MOTION UNDER CPL 160.59 DENIED").denied
    True
    """
    pattern, own = _forms(place)
    spaced = _LETTERS_BEFORE_NUMBER.sub(r"\1 ", text.replace("§", " "))
    sections = {found["section"] for found in pattern.finditer(spaced)}
    rest = re.sub(r"\bNOT\s+GRANTED\b", "DENIED", pattern.sub(" ", spaced).upper())
    words = {word for word in re.split(r"[\s,;:()\[\]]+", rest) if word.strip(".-")}
    words = {word if word in own else word.strip(".") for word in words} - own
    if len(sections) > 1 or words - _NEUTRAL - _DENIED:
        return OrderText(None)
    if words & _DENIED:
        return OrderText(None, denied=not words & _GRANTED)
    if words & _MOTION_WORDS and not words & _GRANTED:
        return OrderText(None)
    return OrderText(next(iter(sections), None))


@lru_cache(maxsize=64)
def sections_read(place: Jurisdiction) -> frozenset[str]:
    """The sections of which a rule of the place says what an order under them does."""
    return frozenset(name for rule in place.rules() for name in _ordered_values(rule.when))


def _ordered_values(condition: Condition) -> frozenset[str]:
    if isinstance(condition, Is):
        return condition.values if condition.fact == "ordered" else frozenset()
    parts = condition.parts if isinstance(condition, Every | Either) else ()
    if isinstance(condition, Not):
        parts = (condition.part,)
    return frozenset[str]().union(*map(_ordered_values, parts))


def what_is_restored(text: str) -> str:
    """What a row says that a court restored: the ``case``, the ``record``, or nothing that is sure.

    Examples
    --------
    >>> [what_is_restored(text) for text in ("RESTORED TO CALENDAR", "Records restored", "RESTORED", "RIGHTS RESTORED")]
    ['case', 'record', '', '']
    """
    words = {word for word in re.split(r"[\s,;:.()]+", text.upper()) if word} - _RESTORED
    named = [name for name, known in (("case", _CASE), ("record", _RECORD)) if words and words <= known]
    return named[0] if named else ""


@lru_cache(maxsize=64)
def _forms(place: Jurisdiction) -> tuple[re.Pattern[str], frozenset[str]]:
    """How a section is written, after the title that citations give it; and what they call the law that it is of."""
    titles, own = {""}, set(place.order_words)
    for citation in (rule.citation for rule in place.rules() if _FIRST_NUMBER.match(rule.citation)):
        found = re.search(place.section, citation)
        if found is not None:
            before = citation[: found.start()].replace("§", " ")
            title = re.search(r"[\w.:\-]*$", before)
            titles.add(title[0] if title else "")
            own |= {word.upper() for word in before.removesuffix(title[0] if title else "").split()}
    any_title = "|".join(map(re.escape, sorted(titles, key=len, reverse=True)))
    own |= {word.replace(".", "") for word in own if not word.isdigit()}
    return (
        re.compile(
            rf"(?<![\w.:\-])(?:{any_title})(?P<section>{place.section})(?:\s?\([0-9A-Za-z.]{{1,4}}\))*(?![\w:\-(]|\.\w)"
        ),
        frozenset(own),
    )
