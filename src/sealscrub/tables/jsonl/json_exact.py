"""Reading one line of JSON, exactly.

Numbers are taken by their literal digits, never through a float. A path such as ``person.arrest_no`` names a
field of that very name, or a field inside an object; a line in which it could be two fields is refused.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from ..text.records import BlockFault

__all__ = ["ABSENT", "Absent", "JsonFault", "field_names", "field_text", "parsed_line", "parsed_value"]

_TWICE = "a key that appears twice in one object is ambiguous; export the file again."


class JsonFault(Exception):
    """What is wrong with a line; never a value."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def at(self, line: int) -> BlockFault:
        """Say in which line of a block it is."""
        return BlockFault(self.message, line, self.hint)


class Absent:
    """The kind of what replaces a field that a line does not have."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


class _Number(str):
    """A number's literal."""

    __slots__ = ()


class _RepeatedNames(dict[str, Any]):
    """An object in which some name appears twice."""

    names: frozenset[str]


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = [name for name, _ in pairs]
    twice = _RepeatedNames(members)
    twice.names = frozenset(name for name in members if names.count(name) > 1)
    return twice


def _no_constant(name: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_Number, parse_float=_Number, parse_constant=_no_constant
)


def parsed_line(line: bytes) -> dict[str, Any]:
    """Parse a line, which is UTF-8.

    Raises
    ------
    JsonFault
        If it is not a JSON object, or is nested too deeply.
    """
    fault = ""
    try:
        value = _DECODER.decode(line.decode("utf-8"))
        if isinstance(value, dict):
            return value
        fault = "a line that is not a JSON object"
    except RecursionError:
        fault = "JSON that is nested too deeply"
    except ValueError:
        fault = "a line that is not JSON"
    raise JsonFault(fault, "JSON Lines hold one object on each line.")


def parsed_value(text: str, at: int) -> tuple[Any, int]:
    """Parse the value that begins somewhere in a text, and say where it ends."""
    return _DECODER.raw_decode(text, at)


def _member(node: dict[str, Any], name: str) -> Any:
    if isinstance(node, _RepeatedNames) and name in node.names:
        raise JsonFault(f"the field {name!r} appears twice", _TWICE)
    return node.get(name, ABSENT)


def _member_at(node: dict[str, Any], path: str) -> Any:
    whole = _member(node, path)
    first, dot, rest = path.partition(".")
    if not dot:
        return whole
    inner = _member(node, first)
    if inner is ABSENT or inner is None:
        return whole
    if not isinstance(inner, dict):
        if whole is not ABSENT:
            return whole
        raise JsonFault(f"the field {first!r} is not an object, so there is no {path!r} in it")
    nested = _member_at(inner, rest)
    if whole is not ABSENT and nested is not ABSENT:
        raise JsonFault(f"the field {path!r} appears twice", _TWICE)
    return nested if whole is ABSENT else whole


def field_text(node: dict[str, Any], path: str, *, key: bool = True) -> str | Absent | None:
    """Give a field's value as text: a string as it is, a number by its literal, null as None.

    Parameters
    ----------
    node : dict
        The line, parsed.
    path : str
        The field.
    key : bool
        Whether it is a key, so other values are refused; else an array or an object is an empty text.

    Raises
    ------
    JsonFault
        If the field appears twice, or holds what can be no key.
    """
    value = _member_at(node, path)
    if value is ABSENT or value is None:
        return value
    if isinstance(value, str):
        if value.isascii() or _encodes(value):
            return str(value)
        raise JsonFault(f"the field {path!r} holds half of a surrogate pair, which is not text")
    if key:
        kind = {bool: "true or false", list: "an array"}.get(type(value), "an object")
        raise JsonFault(f"the field {path!r} holds {kind}, which is not a key")
    return str(value).lower() if isinstance(value, bool) else ""


def _encodes(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def field_names(node: dict[str, Any], *, levels: int = 4) -> list[str]:
    """List a line's fields, those inside of objects by their paths, down to some level."""
    names: list[str] = []
    for name, value in node.items():
        names.append(name)
        if isinstance(value, dict) and levels > 1:
            names += [f"{name}.{inner}" for inner in field_names(value, levels=levels - 1)]
    return names
