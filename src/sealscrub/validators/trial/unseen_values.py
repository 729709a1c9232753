"""Values above all that are known, of the same kind: numbers, points in time, bytes, and what is nested."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from numbers import Number
from typing import Any

import numpy as np

__all__ = ["UNSEEN_TEXTS", "beyond", "is_null", "least_of", "some_values"]

UNSEEN_TEXTS = ("unseen elsewhere",)
_NULLS = ("NAType", "NaTType")


def is_null(value: Any) -> bool:
    """Whether a value is null in any library: None, NaN, NaT, NA."""
    if value is None or type(value).__name__ in _NULLS:
        return True
    return bool(isinstance(value, float | np.floating | complex | np.complexfloating) and value != value)


def least_of(known: Sequence[Any]) -> int | None:
    """Give the place of the least of some values; None if they have no order."""
    with contextlib.suppress(TypeError, ValueError, ArithmeticError):
        return min(range(len(known)), key=known.__getitem__, default=None)
    return None


def some_values() -> Iterator[Any]:
    """Give values of many kinds, for a column that has none: most types hold one of them."""
    yield from (1, True, b"unseen", date(2024, 1, 1), datetime(2024, 1, 1), time(1), timedelta(1))
    yield from ([1], [[1]], (1, 1, 1), [*UNSEEN_TEXTS], [("unseen", 1)])


def beyond(known: Sequence[Any], step: int = 1, *, texts: Sequence[str] = UNSEEN_TEXTS) -> Iterator[Any]:
    """Give values that are not among these, each of which a type may have no room for.

    Parameters
    ----------
    known : sequence
        Values of one column, without nulls.
    step : int
        The least difference of integers.
    texts : sequence of str
        What texts within others become, the likeliest first; empty if neither they nor bytes are changed.

    Examples
    --------
    >>> list(beyond([18, 60]))
    [103, 61, 120, 17]
    >>> next(beyond([[1, 2], [3]]))
    [6, 6]
    >>> list(beyond([True, False]))
    []
    >>> list(beyond([[True], [False]]))
    [[True, True]]
    """
    kinds = {type(each) for each in known}
    if not known:
        return
    if kinds <= {bool, np.bool_}:
        yield from {True, False} - set(map(bool, known))
    elif kinds <= {bytes}:
        yield from _bytes(known) if texts else ()
    elif all(issubclass(kind, dict) for kind in kinds):
        yield from _mappings(known, step, texts)
    elif all(issubclass(kind, list | tuple | np.ndarray) for kind in kinds):
        yield from _sequences(known, step, texts)
    else:
        yield from _values_above(known, step)
        if texts and not all(isinstance(each, Number) for each in known):  # such a column may hold any object
            yield from UNSEEN_TEXTS


def _bytes(known: Sequence[bytes]) -> Iterator[bytes]:
    yield UNSEEN_TEXTS[0].encode()
    size = len(known[0])
    for sign in b"\xff\x00":
        yield bytes([sign]) * size


def _mappings(known: Sequence[Mapping[Any, Any]], step: int, texts: Sequence[str]) -> Iterator[dict[Any, Any]]:
    """Mappings of the first one's keys: with another value for each that can have one, then for one at a time."""
    others = {key: list(_other_values([each.get(key) for each in known], step, texts)) for key in known[0]}
    yield {key: next(iter(found), known[0][key]) for key, found in others.items()}
    for key, found in others.items():
        yield from ({**known[0], key: other} for other in found)


def _other_values(values: Sequence[Any], step: int, texts: Sequence[str]) -> Iterator[Any]:
    found = [each for each in values if not is_null(each)]
    if texts and found and all(isinstance(each, str) for each in found):
        yield from texts
    else:
        yield from beyond(found, step, texts=texts)


def _sequences(known: Sequence[Any], step: int, texts: Sequence[str]) -> Iterator[Any]:
    """Sequences of one new value, as long as the first one that is not empty, or a list that is longer than all.

    Tuples of one length are changed place by place.
    """
    parts = [part for each in known for part in each if not is_null(part)]
    first = next((each for each in known if len(each)), None)
    if first is None or not parts:
        return
    if isinstance(first, tuple) and len(set(map(len, known))) == 1:
        made = [next(_other_values(place, step, texts), place[0]) for place in zip(*known, strict=True)]
        yield getattr(first, "_make", type(first))(made)
        return
    for part in _other_values(parts, step, texts):
        again = [part] * len(first)
        yield np.array(again, first.dtype) if isinstance(first, np.ndarray) else type(first)(again)
    if isinstance(first, list) and (texts or not any(isinstance(each, str | bytes) for each in parts)):
        longest = max(known, key=len)
        yield [*longest, longest[0]]


def _values_above(known: Sequence[Any], step: int) -> Iterator[Any]:
    if any(isinstance(each, str) for each in known):
        return
    if isinstance(known[0], complex | np.complexfloating):
        yield complex(2 * max(map(abs, known)) + 1)
        return
    with contextlib.suppress(TypeError, ValueError, ArithmeticError):
        finite = [each for each in known if each not in (float("inf"), float("-inf"))]
        least, most = min(finite), max(finite)
        if isinstance(most, time):
            yield time.max
            return
        for span in (_span(least, most), None):
            for more in (step, timedelta(days=1)):
                with contextlib.suppress(TypeError, ValueError, ArithmeticError):
                    yield most + more if span is None else most + span + more
        with contextlib.suppress(TypeError, ValueError, ArithmeticError):
            yield most + abs(most)  # where a step is less than what a float distinguishes
        for less in (step, timedelta(days=1)):  # where the type ends
            with contextlib.suppress(TypeError, ValueError, ArithmeticError):
                yield least - less


def _span(least: Any, most: Any) -> Any:
    return most.right - least.left if hasattr(most, "right") else most - least
