"""Reading and editing one line of JSON, exactly.

Numbers are taken by their literal digits, never through a float. A path such as ``person.arrest_no`` names a
field of that very name, or a field inside an object; a line in which it could be two fields is refused.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from .records import BlockFault

__all__ = ["ABSENT", "Absent", "JsonFault", "edited_line", "field_names", "field_text", "parsed_line"]

_SPACE = re.compile(r"[ \t\n\r]*")
_BARE = re.compile(r"true|false|-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_TWICE = "a key that stands twice in one object can be taken for either; export the file again."


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
    """The kind of what stands for a field that a line does not have."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


class _Number(str):
    """A number's literal."""

    __slots__ = ()


class _Twice(dict[str, Any]):
    """An object in which some name stands twice."""

    names: frozenset[str]


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = [name for name, _ in pairs]
    twice = _Twice(members)
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
        If it is no JSON object, or is nested too deeply.
    """
    fault = ""
    try:
        value = _DECODER.decode(line.decode("utf-8"))
        if isinstance(value, dict):
            return value
        fault = "a line that is no JSON object"
    except RecursionError:
        fault = "JSON that is nested too deeply"
    except ValueError:
        fault = "a line that is no JSON"
    raise JsonFault(fault, "JSON Lines hold one object on each line.")


def _member(node: dict[str, Any], name: str) -> Any:
    if isinstance(node, _Twice) and name in node.names:
        raise JsonFault(f"the field {name!r} stands twice", _TWICE)
    return node.get(name, ABSENT)


def _found(node: dict[str, Any], path: str) -> Any:
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
        raise JsonFault(f"the field {first!r} is no object, so that there is no {path!r} in it")
    nested = _found(inner, rest)
    if whole is not ABSENT and nested is not ABSENT:
        raise JsonFault(f"the field {path!r} stands twice", _TWICE)
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
        Whether it is a key, so that other values are refused; else an array or an object is an empty text.

    Raises
    ------
    JsonFault
        If the field stands twice, or holds what can be no key.
    """
    value = _found(node, path)
    if value is ABSENT or value is None:
        return value
    if isinstance(value, str):
        if value.isascii() or _encodes(value):
            return str(value)
        raise JsonFault(f"the field {path!r} holds half of a surrogate pair, which is no text")
    if key:
        kind = {bool: "true or false", list: "an array"}.get(type(value), "an object")
        raise JsonFault(f"the field {path!r} holds {kind}, which is no key")
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


def edited_line(line: bytes, texts: dict[str, str | None]) -> bytes:
    """Give fields of a line another value and leave every other byte as it was.

    Parameters
    ----------
    line : bytes
        The line, known to be a JSON object.
    texts : dict of str to (str or None)
        Each field's new value, None for null. A text takes the place of a number, true or false as what it
        says, if it says one; anywhere else it is a string. A field that is absent is not nulled; it is set
        where the object that it belongs to is there.

    Raises
    ------
    JsonFault
        If the line is nested too deeply.
    """
    text = line.decode("utf-8")
    try:
        for path, value in texts.items():
            text = _with(text, _skip(text, 0), path, value)
        return text.encode("utf-8")
    except RecursionError:
        pass
    raise JsonFault("JSON that is nested too deeply")


def _with(text: str, at: int, path: str, value: str | None) -> str:
    spans, end = _spans(text, at)
    first, dot, rest = path.partition(".")
    if path in spans:
        start, stop = spans[path]
        return text[:start] + _literal(value, text[start:stop]) + text[stop:]
    if dot and first in spans and text[spans[first][0]] == "{":
        return _with(text, spans[first][0], rest, value)
    if value is None or dot:
        return text
    return text[:end] + (", " if spans else "") + f"{json.dumps(path)}: {_literal(value, '')}" + text[end:]


def _spans(text: str, at: int) -> tuple[dict[str, tuple[int, int]], int]:
    """Find where the values of an object's fields are, and where a further one would go."""
    spans: dict[str, tuple[int, int]] = {}
    end = at + 1
    at = _skip(text, end)
    while text[at] != "}":
        name, at = scanstring(text, at + 1, True)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        spans[name] = (start, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return spans, end


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]


def _literal(value: str | None, old: str) -> str:
    if value is None:
        return "null"
    if old and old[0] not in '"[{n' and _BARE.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=old.isascii())
