"""Whether a statement that fits the schema makes sense: a signer may sign anything, and a reader acts on it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from .content import ALGORITHM
from .statement_values import Predicate, StatementValues

__all__ = ["draws", "nonsense"]

_CONTROL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_ACCEPTED_WORDS = frozenset({"chance", "near", "null", "unparsable", "withheld"})


def draws(text: str) -> bool:
    r"""Whether a text holds what moves a cursor, breaks a line or turns the direction of writing.

    >>> draws("clean.parquet"), draws("clean\nL2  reached")
    (False, True)
    """
    return any(unicodedata.category(char) in _CONTROL_CATEGORIES for char in text)


def nonsense(statement: StatementValues) -> str:
    """Return what in a statement can't be so; empty if nothing is."""
    predicate = statement.predicate
    if any(map(draws, _texts(statement.model_dump(mode="json")))):
        return "a text in it holds control characters"
    names = [each.name for each in statement.subject]
    if len(set(names)) < len(names) or not all(names):
        return "two subjects have one name, or one has none"
    if not all(each.digest for each in statement.subject):
        return "a subject in it has no digest"
    if len(statement.contents()) > 1:
        return "it is about two datasets"
    apart = [each for each in statement.subject if each.tells_structure() and ALGORITHM not in each.digest]
    if len(statement.structures()) > 1 or apart:
        return "it describes the structure of two datasets, or of none"
    return _about_dates(predicate) or _about_facts(predicate, data=bool(statement.contents()))


def _about_dates(predicate: Predicate) -> str:
    index = predicate.index
    days = [predicate.not_after, index.not_after, index.as_of]
    if not all(map(_is_day, days)) or not _is_time(predicate.issued_at):
        return "a date in it is invalid"
    if predicate.not_after > index.not_after:
        return "its last day is after that of its index"
    return ""


def _about_facts(predicate: Predicate, *, data: bool) -> str:
    index, trees = predicate.index, [each.scheme for each in predicate.receipts]
    if index.epoch < 0 or not index.uses:
        return "its index has no epoch or no use"
    if not _ACCEPTED_WORDS.issuperset(predicate.accepted):
        return "it accepted something that cannot be accepted"
    if data and not (predicate.keys and all(key.scheme and key.columns for key in predicate.keys)):
        return "it is about a dataset, and names no key column"
    if len(set(trees)) < len(trees) or any(tree.size < 0 for tree in predicate.receipts):
        return "its trees of receipts contradict each other"
    return ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
