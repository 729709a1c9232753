"""Editing one line of JSON: other values for some fields, and every other byte as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # the stubs leave it out
from typing import NamedTuple, Self

from .json_exact import JsonFault, parsed_value

__all__ = ["LineEdit", "NewValue", "Spacing", "added_field", "without_member", "written_member"]

_SPACE = re.compile(r"[ \t\n\r]*")


class Spacing(NamedTuple):
    """What an object has between its tokens.

    Parameters
    ----------
    opening, colon, comma, closing : str
        What is before the first name, after it, after the first value, and after the last.
    """

    opening: str
    colon: str
    comma: str
    closing: str

    @classmethod
    def of(cls, line: bytes) -> Self | None:
        """Return a line's spacing; None if it has fewer than two fields.

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
    paths : collection of str
        The fields that change. One that is absent is not nulled; it is set where its object is there.
    value : callable
        From a field and the token that the line has there, if any, to its new value; None for null.
    spacing : Spacing, optional
        That of other lines, for a line that is too short to have its own.
    """

    paths: Collection[str]
    value: Callable[[str, str | None], NewValue | None]
    spacing: Spacing | None = None

    def applied(self, line: bytes) -> bytes:
        """Edit a line, known to be a JSON object.

        Raises
        ------
        JsonFault
            If the line is nested too deeply.
        """
        text = line.decode("utf-8")
        outer = {member.name: member for member in _members(text, _skip(text, 0))[0] if member.name in self.paths}
        for member in reversed(outer.values()):
            text = self._replaced(text, member, member.name)
        inner = [path for path in self.paths if path not in outer]
        spacing = (Spacing.of(line) or self.spacing) if inner else None
        for path in inner:
            place = _FieldPlace.of(text, path)
            if place.member is not None:
                text = self._replaced(text, place.member, path)
            elif "." not in place.path and (value := self.value(path, None)) is not None:
                text = place.filled(text, value, spacing or PLAIN)
        return text.encode("utf-8")

    def _replaced(self, text: str, member: _Member, path: str) -> str:
        value = self.value(path, text[member.start : member.stop])
        return text[: member.start] + ("null" if value is None else value.literal) + text[member.stop :]


def written_member(line: bytes, path: str) -> tuple[str, str] | None:
    """Give a field's name and value as a line writes them; None if it has no such field.

    Raises
    ------
    JsonFault
        If the line is nested too deeply.
    """
    text = line.decode("utf-8")
    found = _FieldPlace.of(text, path).member
    return None if found is None else (text[found.begin : found.end], text[found.start : found.stop])


def added_field(line: bytes, path: str) -> tuple[str, Spacing | None] | None:
    """Say under which name a field would be added to a line, and its spacing; None if the line gets none.

    Raises
    ------
    JsonFault
        If the line is nested too deeply.
    """
    place = _FieldPlace.of(line.decode("utf-8"), path)
    return None if place.member is not None or "." in place.path else (place.path, Spacing.of(line))


def without_member(line: bytes, path: str) -> bytes:
    """Give a line without a field, and every other byte as it was, less one comma with what is around it.

    Raises
    ------
    JsonFault
        If the line is nested too deeply.
    """
    text = line.decode("utf-8")
    place = _FieldPlace.of(text, path)
    if place.member is None:
        return line
    number, members = place.members.index(place.member), place.members
    begin, stop = place.member.begin, place.member.stop
    if number + 1 < len(members):
        stop = members[number + 1].begin
    elif number:
        begin = members[number - 1].stop
    else:
        begin, stop = place.at + 1, place.close
    return (text[:begin] + text[stop:]).encode("utf-8")


class _Member(NamedTuple):
    """A field of an object: its name is at ``begin:end``, its value at ``start:stop``."""

    name: str
    begin: int
    end: int
    start: int
    stop: int


class _FieldPlace(NamedTuple):
    """Where a field is, or would be: an object at ``at:close`` and its fields, and what is left of the path there."""

    at: int
    close: int
    members: list[_Member]
    path: str
    member: _Member | None

    @classmethod
    def of(cls, text: str, path: str) -> Self:
        """Follow a path into objects, as far as it goes."""
        at = _skip(text, 0)
        while True:
            members, close = _members(text, at)
            named = {member.name: member for member in members}
            first, dot, rest = path.partition(".")
            if path in named or not dot or first not in named or text[named[first].start] != "{":
                return cls(at, close, members, path, named.get(path))
            at, path = named[first].start, rest

    def filled(self, text: str, value: NewValue, space: Spacing) -> str:
        """Give the text with the field added, under its name in other lines if it is theirs."""
        known = value.name is not None and json.loads(value.name) == self.path
        added = f"{value.name if known else json.dumps(self.path)}{space.colon}{value.literal}"
        if self.members:
            end = self.members[-1].stop
            return text[:end] + space.comma + added + text[end:]
        return text[: self.at + 1] + space.opening + added + space.closing + text[self.close :]


def _members(text: str, at: int) -> tuple[list[_Member], int]:
    """Find an object's fields, and if it is closed."""
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
