"""Writing TOML that holds names from elsewhere: quoted where they need it, on one line, printable."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import TypeAlias

__all__ = ["DECIDE", "Value", "block", "comment", "entry", "inline", "quoted", "word"]

Value: TypeAlias = str | list[str] | dict[str, str]

DECIDE = "DECIDE:"
"""What marks a comment about what a person must decide."""

_WIDTH = 116
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def quoted(text: str) -> str:
    r"""Write a text as a basic string of TOML, every character that does not print as an escape.

    Examples
    --------
    >>> print(quoted('a"b\n'))
    "a\"b\u000A"
    """
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"


def word(text: str) -> str:
    """Write a key of TOML: bare if it may be.

    Examples
    --------
    >>> word("arrest_no"), word("Arrest Id")
    ('arrest_no', '"Arrest Id"')
    """
    return text if _BARE_KEY.fullmatch(text) else quoted(text)


def inline(values: Mapping[str, Value]) -> str:
    """Write an inline table.

    Examples
    --------
    >>> print(inline({"scheme": "docket", "column": "DOCKET NO"}))
    { scheme = "docket", column = "DOCKET NO" }
    """
    return "{ " + ", ".join(f"{word(key)} = {_value(value)}" for key, value in values.items()) + " }"


def _value(value: Value) -> str:
    if isinstance(value, str):
        return quoted(value)
    return inline(value) if isinstance(value, dict) else f"[{', '.join(map(quoted, value))}]"


def entry(key: str, value: str) -> str:
    """Write ``key = value`` of a value that is TOML already."""
    return f"{word(key)} = {value}"


def comment(text: str) -> str:
    """Write a comment, wrapped; what follows a mark to decide is set in."""
    inside = "    " if text.startswith(DECIDE) else ""
    lines = textwrap.wrap(text, _WIDTH - 2, subsequent_indent=inside, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"# {line}" for line in lines)


def block(lines: Iterable[str]) -> str:
    """Switch lines of TOML off: a proposal that is to be decided."""
    return "\n".join(f"# {line}" for line in lines)
