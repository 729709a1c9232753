"""Offences that 18 Pa.C.S. 9122.3 names, and those that 9122.1 and 9122.2 let in; lists that are not whole say so."""

from __future__ import annotations

from ..charge_events import Standing
from ..conditions import Condition, Every, Is
from ..three_values import Truth
from .penalties import DRUGS

__all__ = [
    "DRUG_FELONY",
    "FELONIES",
    "MISDEMEANOURS",
    "PROPERTY_FELONY",
    "WORDS",
    "excluded",
    "is_drug_felony",
    "listed",
]

MISDEMEANOURS = ("M", "M1", "M2", "M3")
FELONIES = ("F", "F1", "F2", "F3", "H1", "H2", "H3")

#: A felony under section 13 of the drug act of 1972.
DRUG_FELONY: Condition = Every(Is("severity", *FELONIES), Is("law", DRUGS))

_PROPERTY = tuple(f"18 {chapter}" for chapter in (33, 35, 39, 41))  # [own]
#: A felony of the third degree against property.
PROPERTY_FELONY: Condition = Every(Is("severity", "F3"), Is("article", *_PROPERTY))

# Article B (danger to the person), article D (the family), firearms; which chapters these articles hold is [own].
_EXCLUDED_CHAPTERS = frozenset(f"18 {chapter}" for chapter in (*range(23, 33), 43, 61))
# Cruelty to animals, corruption of minors; of sex offences that must be registered, those of other chapters [own].
_EXCLUDED = frozenset({"18 5533", "18 6301", "18 6312", "18 6318", "18 6320", "18 7507.1"})
_EXCLUDED_IN_PART = frozenset({"18 5902", "18 5903"})
_INCHOATE = "18 9"  # attempt, solicitation, conspiracy: to commit what, the number does not say

# 9122.3(a)(2)(iv); the copy that was read ends after 5510, and the list is in the order of the sections.
_LISTED_SECTIONS = frozenset({"18 3127", "18 3129", "18 4915.1", "18 4915.2", "18 5122", "18 5510"})
_PAST_THE_LIST = frozenset(
    {*(f"18 {section}" for section in range(5511, 5600)), *(f"18 {chapter}" for chapter in range(56, 100))}
)

#: Words that the facts distinguish and no rule names.
WORDS = frozenset(
    {
        *(*MISDEMEANOURS, *FELONIES, "S", "IC"),
        *(f"18 {chapter}" for chapter in range(1, 100)),
        *_EXCLUDED,
        *_EXCLUDED_IN_PART,
        *_LISTED_SECTIONS,
        *_PAST_THE_LIST,
    }
)


def excluded(state: Standing) -> Truth:
    """Whether 9122.3(a)(1) leaves an offence out of limited access without a petition."""
    law, chapter = state.get("law"), state.get("article")
    if law in _EXCLUDED or chapter in _EXCLUDED_CHAPTERS:
        return Truth.YES
    return Truth(int(law is None or law in _EXCLUDED_IN_PART or chapter == _INCHOATE))


def listed(state: Standing) -> Truth:
    """Whether 9122.3(a)(2)(iv) names an offence."""
    law, chapter = state.get("law"), state.get("article")
    if law in _LISTED_SECTIONS:
        return Truth.YES
    past = law in _PAST_THE_LIST or chapter in _PAST_THE_LIST
    return Truth(int(law is None or past or chapter == _INCHOATE))


def is_drug_felony(state: Standing) -> Truth:
    """Whether a charge is one of a felony under the drug act."""
    return DRUG_FELONY.truth(state)
