"""What of a text of JSON a reader relies on, whatever its texts say: types, keys and lengths."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["outline"]

_BYTE_ORDER_MARK = "\ufeff"


def outline(text: str) -> object:
    """Give the outline of a text of JSON, or of JSON Lines: an array or object each; None of any other text.

    Texts of one outline have equal types, keys and lengths at every place. One that is nested too deeply to be read
    is like no other.

    Examples
    --------
    >>> outline('{"say": ["Hi. There."]}') == outline('{"say": ["Hi."]}')
    True
    >>> outline('{"say": ["Hi."]}') == outline('{"say": []}'), outline("Hi.")
    (False, None)
    """
    text = text.lstrip(_BYTE_ORDER_MARK).strip()
    if text[:1] not in ("{", "["):
        return None
    try:
        return _read(text)
    except ValueError:
        return _of_lines(text.splitlines())
    except RecursionError:
        return object()


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
    return [_of_value(inner) for inner in value] if isinstance(value, list) else type(value).__name__
