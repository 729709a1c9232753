"""A version of rules, or of a table of uses, names one text of it: every decision and every index records it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import pytest

from sealscrub.custodian import law

#: By version, the digest of what is declared under it. If that changes, raise the version, and add it.
DIGESTS = {
    "us-ca-demonstration/rules-1": "c533ea2fcf1f5e0b",
    "us-ca-demonstration/uses-1": "07707a878e50e4e7",
    "us-ny/rules-7": "12884b56220905db",
    "us-ny/uses-2": "108683bcbb1d191e",
    "us-or/rules-5": "762698775ae3545f",
    "us-or/uses-1": "d52f5cb88dc152c7",
    "us-pa/rules-4": "bbe66fdfe8f301dc",
    "us-pa/uses-1": "6e64b87108fe1f47",
    "us-va/rules-4": "379aafce6468321d",
    "us-va/uses-2": "9e375bf6a3da1443",
}


def said(value: object) -> Any:
    """A declaration in one way of writing, whatever order a set has in this process; a function by its name."""
    if isinstance(value, frozenset):
        return sorted(json.dumps(said(each)) for each in value)
    if isinstance(value, tuple | list):
        return [said(each) for each in value]
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value):
        return [type(value).__name__, *(said(getattr(value, each.name)) for each in fields(value))]
    return f"{value.__module__}.{getattr(value, '__name__', '')}" if callable(value) else str(value)


def digest(*declared: object) -> str:
    return hashlib.sha256(json.dumps(said(declared)).encode()).hexdigest()[:16]


@pytest.mark.parametrize("place", law.JURISDICTIONS)
def test_rules_that_changed_have_another_version(place: str) -> None:
    declared = law.jurisdiction(place)

    assert DIGESTS.get(declared.version) == digest(declared.regimes, declared.doubts)
    assert declared.demonstration or declared.changes[0][0] == declared.version


@pytest.mark.parametrize("place", law.JURISDICTIONS)
def test_a_table_of_uses_that_changed_has_another_version(place: str) -> None:
    declared = law.jurisdiction(place)

    assert DIGESTS.get(declared.table) == digest(
        declared.rulings, declared.known, declared.uses, declared.audiences, sorted(declared.access.items())
    )


def test_a_changed_condition_and_a_changed_line_of_a_table_are_seen() -> None:
    place = law.jurisdiction("us-ny")
    first, *others = place.regimes[0].rules
    other = next(rule for rule in others if rule.when != first.when)

    assert digest(first) != digest(replace(first, when=other.when))
    assert digest(place.rulings[0]) != digest(place.rulings[1])
