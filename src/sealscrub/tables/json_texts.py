"""What JSON says in texts: names and values, at every depth."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

__all__ = ["json_texts"]


def json_texts(value: Any) -> Iterator[str]:
    """Give the names and values of JSON in texts, those of JSON that is in a text among them.

    Examples
    --------
    >>> list(json_texts({"a": [1, "b"]}))
    ['a', '1', 'b']
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from json_texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from json_texts(inner)
    elif isinstance(value, str):
        yield value
        if "%" in value:
            yield unquote(value)
        if value[:1] in ("{", "["):
            with contextlib.suppress(ValueError):
                yield from json_texts(json.loads(value))
    elif value is not None and not isinstance(value, bool):
        yield str(value)
