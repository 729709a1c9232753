"""JSON in one spelling: what is signed is read only if it is byte for byte what we would write (RFC 8785)."""

from __future__ import annotations

import json
from typing import Any

from sealscrub.errors import InvalidCertificate

__all__ = ["canonical", "read_canonical"]


def canonical(value: Any) -> bytes:
    r"""Write a value of texts, integers, Booleans, nulls, lists and objects with ASCII names.

    >>> canonical({"b": [1, None], "a": "é"})
    b'{"a":"\xc3\xa9","b":[1,null]}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def read_canonical(text: bytes, what: str) -> Any:
    """Read what :func:`canonical` wrote.

    Raises
    ------
    InvalidCertificate
        When it is not JSON, or is spelled in any other way: with spaces, a name twice, a number as a float.
    """
    try:
        value = json.loads(text)
        same = canonical(value) == text
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise InvalidCertificate(f"{what} is not in its canonical form", hint="get a new copy from its issuer.")
    return value
