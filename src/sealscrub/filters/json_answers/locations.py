"""Where in a JSON value something is: a small part of JSONPath (RFC 9535), and ``~`` for the keys of a map."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, TypeAlias

from sealscrub.errors import ConfigError

__all__ = ["Location", "Place", "parse_location"]

Place: TypeAlias = tuple[Any, ...]
"""One place in one value: the names and numbers that lead to it."""


class Step(Enum):
    """A step that is not a name and no number."""

    EACH = "[*]"
    ANYWHERE = ".."
    KEY = "~"


Steps: TypeAlias = tuple["Step | str | int", ...]

_TOKEN = re.compile(
    r"""
    \.\.(?=[^.\[\]~*'"\s]|\['|\[") (?P<anywhere>)
    | \.?\[\*\] (?P<each>) | \.\* (?P<each2>)
    | \.?(?P<after>(?<=\.\.))?(?P<name>[^.\[\]~*'"\s]+)
    | \.?\[(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]
    | \[(?P<index>-?\d{1,9})\]
    | ~$ (?P<key>)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Location:
    """The steps of a path, as :func:`parse_location` reads them.

    Attributes
    ----------
    text : str
        As it was written.
    steps : tuple
        From the root.
    """

    text: str
    steps: Steps

    @cached_property
    def record_steps(self) -> int | None:
        """After how many steps the record is that the location is a field of; None if the value decides."""
        each = max((at + 1 for at, step in enumerate(self.steps) if step is Step.EACH), default=0)
        anywhere = max((at + 1 for at, step in enumerate(self.steps) if step is Step.ANYWHERE), default=0)
        return each if each > anywhere or not anywhere else None

    def up_to(self, count: int) -> Location:
        """The location of what is after some of the steps."""
        return Location(written(self.steps[:count]), self.steps[:count])

    def shared(self, other: Location) -> int:
        """How many steps two locations have in common, to the last of them that has several places."""
        common = 0
        for at, (one, two) in enumerate(zip(self.steps, other.steps, strict=False), start=1):
            if one != two:
                break
            if one is Step.EACH:
                common = at
        return common

    def places(self, value: object, start: Place = (), at: int = 0) -> Iterator[tuple[Place, Any, int]]:
        """Every place of a value: where it is, what is there, and how long the path to its record is.

        Parameters
        ----------
        value : object
            What is at `start`, after `at` of the steps.
        """
        yield from _places(value, self.steps, at, start, len(start))

    def count(self, value: object, at: int = 0) -> int:
        """How many places there are, in what is after `at` of the steps."""
        if self.steps and self.steps[-1] is Step.EACH and len(self.steps) > at:
            holders = _places(value, self.steps[:-1], at, (), 0)
            return sum(len(held) for _, held, _ in holders if isinstance(held, dict | list | tuple))
        return sum(1 for _ in self.places(value, (), at))


def _places(value: Any, steps: Steps, at: int, place: Place, record: int) -> Iterator[tuple[Place, Any, int]]:
    end = len(steps)
    while at < end:  # names and numbers lead to one place at most
        step = steps[at]
        if isinstance(step, Step):
            break
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return
        elif not isinstance(value, list | tuple) or not -len(value) <= step < len(value):
            return
        place = (*place, step if isinstance(step, str) else step % len(value))
        value = value[step]
        at += 1
    if at == end:
        yield place, value, record
        return
    owned = len(place) + 1
    if steps[at] is Step.EACH:
        if end - at == 1:
            for key, inner in members(value):
                yield (*place, key), inner, owned
        elif steps[at + 1] is Step.KEY:
            for key in value if isinstance(value, dict) else ():
                yield (*place, key), key, owned
        else:
            for key, inner in members(value):
                yield from _places(inner, steps, at + 1, (*place, key), owned)
    elif steps[at] is Step.ANYWHERE:
        yield from _places(value, steps, at + 1, place, record)
        for key, inner in members(value):
            yield from _places(inner, steps, at, (*place, key), record if isinstance(value, dict) else owned)


def members(value: Any) -> Iterator[tuple[Any, Any]]:
    """The entries of a map, or the elements of an array with their numbers."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from enumerate(value)


def value_at(value: Any, place: Place) -> Any:
    """What is at a place that is there."""
    for step in place:
        value = value[step]
    return value


def parse_location(text: str) -> Location:
    """Read a location.

    Parameters
    ----------
    text : str
        ``$``, then ``.name``, ``['a name']``, ``[*]`` or ``.*`` for each element of an array or value of a map,
        ``[0]``, ``..name`` for a name anywhere below; at the end, ``~`` for the key of a map's entry instead of its
        value: ``$.by_arrest.*~``.

    Raises
    ------
    ConfigError
        When it is not valid.

    Examples
    --------
    >>> [place for place, _, _ in parse_location("$.hits[*].arrest").places({"hits": [{"arrest": "M14000017"}]})]
    [('hits', 0, 'arrest')]
    >>> [key for _, key, _ in parse_location("$.by_arrest.*~").places({"by_arrest": {"M14000017": 1}})]
    ['M14000017']
    """
    steps: list[Step | str | int] = []
    at, whole = 1, text.strip() if isinstance(text, str) else ""
    if not whole.startswith("$"):
        raise _no_location(text)
    while at < len(whole):
        found = _TOKEN.match(whole, at)
        if found is None or not found[0] or (found["name"] and not _is_led(whole, at)):
            raise _no_location(text)
        steps.append(_step(found))
        at = found.end()
    _check(steps, text)
    return Location(whole, tuple(steps))


def _is_led(text: str, at: int) -> bool:
    """Whether a name follows a dot, and not a bracket."""
    return text[at] == "." or text[at - 2 : at] == ".."


def _step(found: re.Match[str]) -> Step | str | int:
    if found["anywhere"] is not None:
        return Step.ANYWHERE
    if found["each"] is not None or found["each2"] is not None:
        return Step.EACH
    if found["key"] is not None:
        return Step.KEY
    if found["index"] is not None:
        return int(found["index"])
    if found["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", found["quoted"][1:-1])
    return found["name"]


def _check(steps: list[Step | str | int], text: str) -> None:
    if steps.count(Step.ANYWHERE) > 1:
        raise ConfigError(f"{text!r} has .. twice", hint="use .. at most once.")
    if Step.KEY in steps and (len(steps) < 2 or steps[-2] is not Step.EACH):
        raise ConfigError(f"{text!r} asks for keys outside a map", hint="$.by_arrest.*~ is each key of a map.")


def _no_location(text: object) -> ConfigError:
    named = repr(text) if isinstance(text, str) else "a location of another type than str"
    return ConfigError(
        f"{named} is not a location in JSON", hint="for instance $.hits[*].arrest, $..arrest or $.by_arrest.*~"
    )


def written(steps: Steps) -> str:
    """Steps as a text."""
    text = "$"
    for step in steps:
        if isinstance(step, Step):
            text += step.value
        elif isinstance(step, int):
            text += f"[{step}]"
        elif text.endswith(".."):
            text += step if re.fullmatch(r"[^.\[\]~*'\"\s]+", step) else f"[{step!r}]"
        else:
            text += f".{step}" if re.fullmatch(r"[^.\[\]~*'\"\s]+", step) else f"[{step!r}]"
    return text


def parse_all(locations: Mapping[str, Any]) -> dict[Location, Any]:
    """Read the locations that a mapping has for keys."""
    return {parse_location(text): value for text, value in locations.items()}
