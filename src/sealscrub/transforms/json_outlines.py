"""What of a text of JSON a reader relies on, whatever its texts say: types, keys and lengths."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["is_string", "outline"]

_BYTE_ORDER_MARK = "\ufeff"
_FENCED = re.compile(
    r"^[ \t]{0,32}(`{3,}|~{3,})[^\n`]*\n(.*?)(?:^[ \t]{0,32}\1[`~]*[ \t\r]*$|\Z)", re.MULTILINE | re.DOTALL
)


def outline(text: str) -> object:
    """Give the outline of a text of JSON, of JSON Lines, or with such in Markdown fences; None of any other text.

    JSON is an array or an object, and in a fence also a string. Texts of one outline have equal types, keys and
    lengths at every place, also of JSON in their strings. One that is nested too deeply to be read is like no other.

    Examples
    --------
    >>> outline('{"say": ["Hi. There."]}') == outline('{"say": ["Hi."]}')
    True
    >>> outline('{"say": ["Hi."]}') == outline('{"say": []}'), outline("Hi.")
    (False, None)
    """
    text = text.lstrip(_BYTE_ORDER_MARK).strip()
    if text[:1] not in ("{", "["):
        return _of_fences(text)
    try:
        return _read(text)
    except ValueError:
        return _of_lines(text.splitlines()) or _of_fences(text)
    except RecursionError:
        return object()


def is_string(text: str) -> bool:
    """Whether a text is a string of JSON, alone."""
    text = text.lstrip(_BYTE_ORDER_MARK).strip()
    try:
        return text[:1] == '"' and isinstance(json.loads(text), str)
    except ValueError:
        return False


def _of_fences(text: str) -> object:
    if "```" not in text and "~~~" not in text:
        return None
    blocks = [found[2] for found in _FENCED.finditer(text)]
    return [form for block in blocks if (form := "str" if is_string(block) else outline(block)) is not None] or None


def _of_lines(lines: list[str]) -> object:
    full = [line.strip() for line in lines if line.strip()]
    if len(full) < 2 or any(line[0] not in "{[" for line in full):
        return None
    try:
        return [_read(line) for line in full], len(lines)
    except ValueError:
        return None
    except RecursionError:
        return object()


def _read(text: str) -> object:
    return _of_value(json.loads(text, parse_int=str, parse_float=float))


def _of_value(value: Any) -> object:
    if isinstance(value, dict):
        return {key: _of_value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_of_value(inner) for inner in value]
    return type(value).__name__, outline(value) if isinstance(value, str) else None
