"""Editing one line of JSON: other values for some fields, and every other byte as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # the stubs leave it out
from typing import NamedTuple, Self

from .json_exact import JsonFault, parsed_value

__all__ = ["LineEdit", "NewValue", "Spacing", "retokened", "without_member", "written_member"]

_SPACE = re.compile(r"[ \t\n\r]*")


class Spacing(NamedTuple):
    """What an object has between its tokens.

    Parameters
    ----------
    opening, colon, comma, closing : str
        What stands before the first name, after it, after the first value, and after the last.
    """

    opening: str
    colon: str
    comma: str
    closing: str

    @classmethod
    def of(cls, line: bytes) -> Self | None:
        """Tell a line's spacing; None if it has fewer than two fields.

        Raises
        ------
        JsonFault
            If the line is nested too deeply.
        """
        text = line.decode("utf-8")
        at = _skip(text, 0)
        members, close = _members(text, at)
        if len(members) < 2:
            return None
        first, second, last = members[0], members[1], members[-1]
        return cls(
            text[at + 1 : first.begin],
            text[first.end : first.start],
            text[first.stop : second.begin],
            text[last.stop : close],
        )


PLAIN = Spacing("", ": ", ", ", "")


@dataclass(frozen=True, slots=True)
class NewValue:
    """What is written for a field.

    Parameters
    ----------
    literal : str
        Its value, as JSON.
    name : str, optional
        Its name as other lines write it, quotes included.
    """

    literal: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class LineEdit:
    """What is written in each line that is edited.

    Parameters
    ----------
    values : mapping of str to (NewValue or None)
        Each field's new value, None for null. A field that is absent is not nulled; it is set where the object
        that it belongs to is there.
    spacing : Spacing, optional
        That of other lines, for a line that is too short to have its own.
    """

    values: Mapping[str, NewValue | None]
    spacing: Spacing | None = None

    def applied(self, line: bytes) -> tuple[bytes, frozenset[str]]:
        """Edit a line, known to be a JSON object, and name the fields that were added in a way of no other line.

        Raises
        ------
        JsonFault
            If the line is nested too deeply.
        """
        text = line.decode("utf-8")
        spacing = Spacing.of(line) or self.spacing
        marks = set()
        for path, value in self.values.items():
            text, fits = _with(text, _skip(text, 0), path, value, spacing)
            if not fits:
                marks.add(path)
        return text.encode("utf-8"), frozenset(marks)


def written_member(line: bytes, path: str) -> tuple[str, str] | None:
    """Give a field's name and value as a line writes them; None if it has no such field.

    Raises
    ------
    JsonFault
        If the line is nested too deeply.
    """
    text = line.decode("utf-8")
    at = _skip(text, 0)
    while True:
        members = {member.name: member for member in _members(text, at)[0]}
        if path in members:
            found = members[path]
            return text[found.begin : found.end], text[found.start : found.stop]
        first, dot, path = path.partition(".")
        if not dot or first not in members or text[members[first].start] != "{":
            return None
        at = members[first].start


def without_member(line: bytes, path: str) -> bytes:
    """Give a line without a field, and every other byte as it was, less one comma with what is around it.

    Raises
    ------
    JsonFault
        If the line is nested too deeply.
    """
    text = line.decode("utf-8")
    at = _skip(text, 0)
    while True:
        members, close = _members(text, at)
        number = next((number for number, member in enumerate(members) if member.name == path), None)
        if number is not None:
            begin, stop = members[number].begin, members[number].stop
            if number + 1 < len(members):
                stop = members[number + 1].begin
            elif number:
                begin = members[number - 1].stop
            else:
                begin, stop = at + 1, close
            return (text[:begin] + text[stop:]).encode("utf-8")
        first, dot, path = path.partition(".")
        inner = next((member.start for member in members if member.name == first), None)
        if not dot or inner is None or text[inner] != "{":
            return line
        at = inner


def retokened(line: bytes, token: Callable[[str, str], str], paths: Collection[str]) -> bytes | None:
    """Give a line in which top-level fields have other tokens; None if one of them is not there.

    Parameters
    ----------
    line : bytes
        A JSON object.
    token : callable
        From a field's name and its token to the new one.
    paths : collection of str
        The fields.

    Raises
    ------
    JsonFault
        If the line is nested too deeply.
    """
    text = line.decode("utf-8")
    members = [member for member in _members(text, _skip(text, 0))[0] if member.name in paths]
    if len(members) != len(paths) or len({member.name for member in members}) != len(paths):
        return None
    parts: list[str] = []
    done = 0
    for member in members:
        parts += (text[done : member.start], token(member.name, text[member.start : member.stop]))
        done = member.stop
    return "".join((*parts, text[done:])).encode("utf-8")


def _with(text: str, at: int, path: str, value: NewValue | None, spacing: Spacing | None) -> tuple[str, bool]:
    members, close = _members(text, at)
    named = {member.name: member for member in members}
    if path in named:
        old = named[path]
        return text[: old.start] + ("null" if value is None else value.literal) + text[old.stop :], True
    first, dot, rest = path.partition(".")
    if dot and first in named and text[named[first].start] == "{":
        return _with(text, named[first].start, rest, value, spacing)
    if value is None or dot:
        return text, True
    name, space = value.name, spacing or PLAIN
    fits = spacing is not None and name is not None and json.loads(name) == path
    added = f"{name if fits else json.dumps(path)}{space.colon}{value.literal}"
    if members:
        end = members[-1].stop
        return text[:end] + space.comma + added + text[end:], fits
    return text[: at + 1] + space.opening + added + space.closing + text[close:], fits


class _Member(NamedTuple):
    """A field of an object: its name is at ``begin:end``, its value at ``start:stop``."""

    name: str
    begin: int
    end: int
    start: int
    stop: int


def _members(text: str, at: int) -> tuple[list[_Member], int]:
    """Find an object's fields, and where it is closed."""
    try:
        return _members_of(text, at)
    except RecursionError:
        pass
    raise JsonFault("JSON that is nested too deeply")


def _members_of(text: str, at: int) -> tuple[list[_Member], int]:
    members = []
    at = _skip(text, at + 1)
    while text[at] != "}":
        name, end = scanstring(text, at + 1, True)
        start = _skip(text, _skip(text, end) + 1)
        _, stop = parsed_value(text, start)
        members.append(_Member(name, at, end, start, stop))
        at = _skip(text, stop)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return members, at


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty text too
