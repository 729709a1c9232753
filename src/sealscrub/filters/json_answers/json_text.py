"""JSON text to values and back, and values that are too deep, too large or no JSON, which are refused."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from sealscrub.errors import ConfigError, Refused, Spelled, UnreadableInput

__all__ = ["Limits", "check_size", "read_json", "write_json"]

_LEAVES = frozenset({str, int, float, bool, type(None), bytes})
_OTHER_LEAVES = (decimal.Decimal, dt.date, dt.time, dt.timedelta, uuid.UUID, np.generic)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_DEEPEST = 500  # Python's own recursion, and so the JSON reader's, ends soon after


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large an answer may be; a larger one is refused.

    Attributes
    ----------
    depth : int
        Levels of arrays and objects within each other.
    values : int
        Values in all.
    bytes : int
        Of the text, once decompressed.

    Raises
    ------
    ConfigError
        When one is not positive, or the depth is more than Python can read.

    Examples
    --------
    >>> Limits(depth=10).depth
    10
    """

    depth: int = 64
    values: int = 1_000_000
    bytes: int = 64 * 2**20

    def __post_init__(self) -> None:
        if min(self.depth, self.values, self.bytes) < 1 or self.depth > _DEEPEST:
            raise ConfigError(f"limits must be positive, and the depth at most {_DEEPEST}")


def read_json(text: str | bytes, limits: Limits) -> Any:
    """Read a JSON text.

    Raises
    ------
    UnreadableInput
        When it is not valid JSON.
    Refused
        When it is too large or too deep.

    Examples
    --------
    >>> read_json(b'{"hits": []}', Limits())
    {'hits': []}
    """
    if len(text) > limits.bytes:
        raise too_large("bytes", limits.bytes)
    value: Any = None
    problem: Exception | None = None
    try:
        value = json.loads(text)
    except RecursionError:
        problem = too_large("levels", limits.depth)
    except ValueError:  # its text and its attributes hold the answer
        problem = UnreadableInput("the answer is not JSON", hint="use the guard for its format, or fix the service.")
    if problem is not None:
        raise problem
    check_size(value, limits)
    return value


def write_json(value: Any) -> bytes:
    """Write a value as Starlette does: the same values give the same bytes, whatever was removed.

    Raises
    ------
    UnreadableInput
        When the value cannot be written as JSON.

    Examples
    --------
    >>> write_json({"hits": ["é"]}).decode()
    '{"hits":["é"]}'
    """
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can write
        return json.dumps(value, separators=(",", ":")).encode()
    except (TypeError, ValueError):
        raise UnreadableInput("the answer cannot be written as JSON") from None


def check_size(value: Any, limits: Limits) -> None:
    """Refuse a value that is too deep, too large, or holds what JSON has not.

    Raises
    ------
    Refused
    """
    level, depth, count = [value], -1, 0
    while level:
        depth += 1
        count += len(level)
        if depth > limits.depth:
            raise too_large("levels", limits.depth)
        if count > limits.values:
            raise too_large("values", limits.values)
        below: list[Any] = []
        if not _LEAVES.issuperset(map(type, level)):  # else it is the last level
            for each in level:
                kind = type(each)
                if kind in _LEAVES:
                    continue
                if kind is dict or kind is OrderedDict:
                    below.extend(each.values())
                elif kind is list or kind is tuple:
                    below.extend(each)
                elif not isinstance(each, _OTHER_LEAVES):
                    raise Refused(
                        "the answer holds an object that is not JSON",
                        hint="convert it to dicts, lists and plain values.",
                    )
        level = below


def too_large(what: str, most: int) -> Refused:
    """Say that an answer has more of something than is checked."""
    return Refused(
        f"the answer has more than {most:,} {what}",
        hint=Spelled("answer in smaller pieces, or raise limits=.", "split the file."),
    )
