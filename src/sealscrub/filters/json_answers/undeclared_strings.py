"""Identifiers in strings of an answer of which no one said that they hold any."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Any

from sealscrub.errors import ConfigError, Refused, Spelled
from sealscrub.matching.texts.mentions import IdentifierFinder
from sealscrub.matching.texts.views import views

from .locations import Place
from .record_verdicts import Gone

__all__ = ["Undeclared", "search_strings"]

_DIGIT = re.compile(r"\d|%|&#|\\")  # or what may stand for one


class Undeclared(StrEnum):
    """What happens to an identifier in a string that was not declared."""

    PASS = "pass"  # noqa: S105 - no password: such strings pass
    DROP = "drop"
    REFUSE = "refuse"

    @classmethod
    def of(cls, name: str) -> Undeclared:
        """Read one.

        Raises
        ------
        ConfigError
            When none has this name.
        """
        try:
            return cls(name)
        except ValueError:
            raise ConfigError("unknown handling of undeclared strings", hint=f"use one of {', '.join(cls)}.") from None


def search_strings(
    value: Any, gone: Gone, finder: IdentifierFinder, declared: Collection[Place], mode: Undeclared, where: str
) -> None:
    """Remove the elements of arrays in whose strings or names something is mentioned that may not be returned.

    Parameters
    ----------
    value : object
        The answer.
    gone : Gone
        What is removed from it already; more is added.
    finder : IdentifierFinder
    declared : collection of tuple
        Places of texts that are cleaned, and not looked through here.
    mode : Undeclared
    where : str
        What the answer is called in errors.

    Raises
    ------
    Refused
        When that is asked for, or what is mentioned is in no array's element.
    """
    verdicts: dict[str, bool] = {}
    for place, element, text in _strings(value):
        if place in declared or gone.has(place) or (finder.needs_digit and not _DIGIT.search(text)):
            continue
        if text not in verdicts:
            verdicts[text] = bool(finder.find(text, views(text), 0, len(text), [0, len(text)]))
        if not verdicts[text]:
            continue
        if mode is Undeclared.REFUSE or not element:
            raise Refused(
                "an undeclared string names a record that may not be returned",
                where=where,
                hint=Spelled("name its location in on=, or in texts= if it is a text.", "name its location with --on."),
            )
        gone.add(place[:element])


def _strings(value: Any) -> Iterator[tuple[Place, int, str]]:
    """Each string and each name: its place, and how long the path to the innermost element of an array is."""
    left: list[tuple[Place, int, Any]] = [((), 0, value)]
    while left:
        place, element, found = left.pop()
        if isinstance(found, str):
            yield place, element, found
        elif isinstance(found, dict):
            for name, inner in found.items():
                if isinstance(name, str):
                    yield (*place, name), element, name
                left.append(((*place, name), element, inner))
        elif isinstance(found, list | tuple):
            left += [((*place, at), len(place) + 1, inner) for at, inner in enumerate(found)]
