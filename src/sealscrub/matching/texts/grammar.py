"""What a scheme's spellings say about a piece of text that could be one of its values: its length and how it begins."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.identifiers import Scheme

__all__ = ["Bounds", "at_least", "bounds_of", "digits_of_numbers", "signs_of"]

_parser: Any = re._parser  # type: ignore[attr-defined]  # the one reading of a pattern that Python offers
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_UNBOUNDED = 1 << 30
_POSITION = re.compile(r"\([^)]*\)|\[[^\]]*\]|.", re.DOTALL)
_DIGIT_OR_RANGE = re.compile(r"[0-9\-]")
_LONGEST_ID = 40  # letters and digits of the longest identifier that is looked for


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a piece of text that a scheme's spellings could fit.

    Attributes
    ----------
    least, most : int
        Letters and digits together.
    digits : int
        The fewest digits.
    letters, least_letters : int
        The most letters, and the fewest.
    pieces : int
        How many pieces of letters and digits it may have.
    first, signs : numpy.ndarray of bool, shape (256,)
        What it may begin with, and what it may hold.
    edges : numpy.ndarray of bool, shape (256, 256)
        What it may begin and end with.
    bare : bool
        Whether just a few digits may be one, so a label has to say so.
    alone : int
        How many digits in a row, at the fewest, may be one without anything else; beyond any if none may.
    """

    least: int
    most: int
    digits: int
    letters: int
    least_letters: int
    pieces: int
    first: npt.NDArray[np.bool_]
    signs: npt.NDArray[np.bool_]
    edges: npt.NDArray[np.bool_]
    bare: bool
    alone: int


@dataclass(frozen=True, slots=True)
class _Span:
    """Letters and digits of a part of a pattern, places where it may be cut, and its signs."""

    least: int = 0
    most: int = 0
    least_digits: int = 0
    least_letters: int = 0
    most_letters: int = 0
    cuts: int = 0
    first: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    solid: int = 0  # letters and digits if nothing is between them


_EMPTY_SPAN = _Span()


@lru_cache(maxsize=64)
def bounds_of(scheme: Scheme) -> Bounds:
    """Read the bounds off a scheme's spellings.

    Examples
    --------
    >>> from sealscrub.identifiers import get_scheme
    >>> bounds = bounds_of(get_scheme("arrest_number"))
    >>> bounds.least, bounds.most, bounds.pieces, bounds.bare
    (4, 11, 11, False)
    """
    spans = [_of_items(_parser.parse(spelling.pattern)) for spelling in scheme.spellings]
    least, most = min(s.least for s in spans), min(_LONGEST_ID, max(s.most for s in spans))
    letters = max(s.most_letters for s in spans)
    # Each letter is a piece, and so are the digits between two. With a shape, there may be gaps anywhere.
    pieces = most if scheme.shape else max(s.cuts for s in spans) + 1 + 2 * letters
    return Bounds(
        least,
        most,
        min(s.least_digits for s in spans),
        letters,
        min(s.least_letters for s in spans),
        min(pieces, most),
        _table(frozenset().union(*(s.first for s in spans))),
        _table(frozenset().union(*(s.signs for s in spans))),
        np.logical_or.reduce([np.outer(_table(s.first), _table(s.last)) for s in spans]),
        any(s.least < 6 and not s.least_letters for s in spans),
        min((s.solid for s in spans if not s.least_letters), default=_UNBOUNDED),
    )


@lru_cache(maxsize=256)
def digits_of_numbers(scheme: Scheme) -> tuple[int, int] | None:
    """Say how many digits a whole number has, at the fewest and at the most, that may be a value; None if none may.

    Numbers are written as a column of numbers is read: with zeros before them, if the scheme says so, and a minus.

    Examples
    --------
    >>> from sealscrub.identifiers import get_scheme
    >>> digits_of_numbers(get_scheme("voucher")), digits_of_numbers(get_scheme("arrest_number"))
    ((3, 22), None)
    """
    if scheme.opaque or _may_be_number(scheme.shape or "A"):
        return 1, _UNBOUNDED
    spelled = [list(_parser.parse(each.pattern)) for each in scheme.spellings]
    # only a minus is beside digits, so nothing else may have to be between or before them
    solid = [each for each in spelled if min(_of_items(each).solid, _of_items(each[1:]).solid) < _UNBOUNDED]
    spans = [span for span in map(_of_items, solid) if not span.least_letters]
    width = scheme.number_width or 0
    if not spans:
        return None
    least, most = min(span.least for span in spans), max(span.most for span in spans)
    if most >= _LONGEST_ID:
        most = _UNBOUNDED
    return (1 if least <= width else least), most


def _may_be_number(shape: str) -> bool:
    """Whether digits alone may have a shape; of signs between two, any may be meant."""
    positions = _POSITION.findall(shape)
    return all(each.isdigit() or (len(each) > 1 and bool(_DIGIT_OR_RANGE.search(each))) for each in positions)


def _table(signs: frozenset[str]) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, bool)
    table[[ord(sign) for sign in signs]] = True
    return table


def _of_items(items: Iterable[Any]) -> _Span:
    whole = _EMPTY_SPAN
    for operation, value in items:
        part = _span_of(str(operation), value)
        first = whole.first if whole.least else whole.first | part.first
        last = part.last if part.least else part.last | whole.last
        whole = _Span(
            whole.least + part.least,
            whole.most + part.most,
            whole.least_digits + part.least_digits,
            whole.least_letters + part.least_letters,
            whole.most_letters + part.most_letters,
            whole.cuts + part.cuts,
            first,
            last,
            whole.signs | part.signs,
            whole.solid + part.solid,
        )
    return whole


def _span_of(operation: str, value: Any) -> _Span:
    if operation in ("LITERAL", "IN", "NOT_LITERAL", "ANY", "CATEGORY"):
        return _of_signs(operation, value)
    if operation == "SUBPATTERN":
        return _of_items(value[-1])
    if operation == "BRANCH":
        return _span_of_branches([_of_items(branch) for branch in value[1]])
    if operation in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        fewest, most, items = value
        part, most = _of_items(items), min(int(most), _LONGEST_ID)
        cuts = min(1, part.cuts) if not part.most else part.cuts * most
        least = int(fewest)
        return _Span(
            part.least * least,
            part.most * most,
            part.least_digits * least,
            part.least_letters * least,
            part.most_letters * most,
            cuts,
            part.first,
            part.last,
            part.signs,
            part.solid * least,
        )
    return _EMPTY_SPAN


def _span_of_branches(parts: list[_Span]) -> _Span:
    return _Span(
        min(part.least for part in parts),
        max(part.most for part in parts),
        min(part.least_digits for part in parts),
        min(part.least_letters for part in parts),
        max(part.most_letters for part in parts),
        max(part.cuts for part in parts),
        frozenset().union(*(part.first for part in parts)),
        frozenset().union(*(part.last for part in parts)),
        frozenset().union(*(part.signs for part in parts)),
        min(part.solid for part in parts),
    )


def _of_signs(operation: str, value: Any) -> _Span:
    allowed = signs_of(operation, value)
    signs = frozenset(allowed & set(_LETTERS))
    if not signs:
        return _Span(cuts=1, solid=_UNBOUNDED)
    other = bool(allowed - set(_LETTERS))
    digits, letters = bool(signs & set("0123456789")), bool(signs - set("0123456789"))
    return _Span(
        0 if other else 1,
        1,
        int(not other and not letters),
        int(not other and not digits),
        int(letters),
        int(other),
        signs,
        signs,
        signs,
        int(not other),
    )


def at_least(items: list[Any], signs: int) -> list[list[Any]]:
    """Give the items of a pattern so that they match texts of so many letters and digits or more, in several ways.

    How often one sign is repeated is told exactly; of other items, that they may have as many as they can.
    """
    if not items:
        return [] if signs > 0 else [[]]
    (operation, value), rest = items[0], items[1:]
    if str(operation) == "SUBPATTERN":
        return at_least([*value[-1], *rest], signs)
    span = _of_items(items)
    if span.least >= signs:
        return [items]
    head = _span_of(str(operation), value)
    if not (
        str(operation) == "MAX_REPEAT" and len(value[2]) == 1 and (one := _of_items(value[2])).least == one.most == 1
    ):
        return [[items[0], *tail] for tail in at_least(rest, signs - head.most)]
    fewest, most, inner = int(value[0]), min(int(value[1]), signs), value[2]
    ways = [(count, count) for count in range(fewest, most)] + [(max(fewest, most), value[1])]
    return [[(operation, (low, high, inner)), *tail] for low, high in ways for tail in at_least(rest, signs - low)]


def signs_of(operation: str, value: Any) -> set[str]:
    """The signs of ASCII that one place of a pattern may hold."""
    plain = {chr(code) for code in range(32, 127)}
    if operation == "LITERAL":
        return {chr(value)} & plain
    if operation == "NOT_LITERAL":
        return plain - {chr(value)}
    if operation == "ANY":
        return plain
    text = {
        "CATEGORY_DIGIT": "0123456789",
        "CATEGORY_SPACE": " ",
        "CATEGORY_WORD": _LETTERS + "_",
    }
    if operation == "CATEGORY":
        name = str(value).replace("_NOT", "")
        named = set(text.get(name, ""))
        return plain - named if "_NOT" in str(value) else named
    found: set[str] = set()
    for kind, item in value:
        if str(kind) == "RANGE":
            found |= {chr(code) for code in range(item[0], min(item[1], 126) + 1)}
        elif str(kind) != "NEGATE":
            found |= signs_of(str(kind), item)
    return plain - found if any(str(kind) == "NEGATE" for kind, _ in value) else found & plain
