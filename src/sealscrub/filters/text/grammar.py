"""What a scheme's spellings say of a piece of text that could be one of its values: how long, beginning with what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.identifiers import Scheme

__all__ = ["Bounds", "bounds_of"]

_parser: Any = re._parser  # type: ignore[attr-defined]  # the one reading of a pattern that Python offers
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MOST = 40  # letters and digits of the longest identifier that is looked for


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a piece of text that a scheme's spellings could fit.

    Attributes
    ----------
    least, most : int
        Letters and digits together.
    digits : int
        The fewest digits.
    letters : int
        The most letters.
    pieces : int
        How many runs of letters and digits it may have.
    first : numpy.ndarray of bool, shape (256,)
        What it may begin with.
    bare : bool
        Whether a few digits alone may be one, so that a label has to say so.
    """

    least: int
    most: int
    digits: int
    letters: int
    pieces: int
    first: npt.NDArray[np.bool_]
    bare: bool


@dataclass(frozen=True, slots=True)
class _Span:
    """Letters and digits of a part of a pattern, places where it may be cut, and the signs that it may begin with."""

    least: int = 0
    most: int = 0
    least_digits: int = 0
    least_letters: int = 0
    most_letters: int = 0
    cuts: int = 0
    first: frozenset[str] = frozenset()


_NOTHING = _Span()


def bounds_of(scheme: Scheme) -> Bounds:
    """Read the bounds off a scheme's spellings.

    Examples
    --------
    >>> from sealscrub.identifiers import get_scheme
    >>> bounds = bounds_of(get_scheme("arrest_number"))
    >>> bounds.least, bounds.most, bounds.pieces, bounds.bare
    (4, 11, 9, False)
    """
    spans = [_of_items(_parser.parse(spelling.pattern)) for spelling in scheme.spellings]
    least, most = min(s.least for s in spans), min(_MOST, max(s.most for s in spans))
    pieces = max(s.cuts for s in spans) + 1
    if scheme.shape:  # its values are also looked for with gaps anywhere
        pieces = max(pieces, min(most, len(re.sub(r"\[[^\]]*\]", "A", scheme.shape))))
    first = np.zeros(256, bool)
    for sign in frozenset().union(*(s.first for s in spans)):
        first[ord(sign)] = True
    return Bounds(
        least,
        most,
        max(1, min(s.least_digits for s in spans)),
        max(s.most_letters for s in spans),
        min(pieces, _MOST),
        first,
        any(s.least < 6 and not s.least_letters for s in spans),
    )


def _of_items(items: Iterable[Any]) -> _Span:
    whole = _NOTHING
    for operation, value in items:
        part = _of(str(operation), value)
        first = whole.first if whole.least else whole.first | part.first
        whole = _Span(
            whole.least + part.least,
            whole.most + part.most,
            whole.least_digits + part.least_digits,
            whole.least_letters + part.least_letters,
            whole.most_letters + part.most_letters,
            whole.cuts + part.cuts,
            first,
        )
    return whole


def _of(operation: str, value: Any) -> _Span:
    if operation in ("LITERAL", "IN", "NOT_LITERAL", "ANY", "CATEGORY"):
        return _of_signs(operation, value)
    if operation == "SUBPATTERN":
        return _of_items(value[-1])
    if operation == "BRANCH":
        return _either([_of_items(branch) for branch in value[1]])
    if operation in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        fewest, most, items = value
        part, most = _of_items(items), min(int(most), _MOST)
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
        )
    return _NOTHING


def _either(parts: list[_Span]) -> _Span:
    return _Span(
        min(part.least for part in parts),
        max(part.most for part in parts),
        min(part.least_digits for part in parts),
        min(part.least_letters for part in parts),
        max(part.most_letters for part in parts),
        max(part.cuts for part in parts),
        frozenset().union(*(part.first for part in parts)),
    )


def _of_signs(operation: str, value: Any) -> _Span:
    allowed = _signs(operation, value)
    signs = frozenset(allowed & set(_LETTERS))
    if not signs:
        return _Span(cuts=1)
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
    )


def _signs(operation: str, value: Any) -> set[str]:
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
            found |= _signs(str(kind), item)
    return plain - found if any(str(kind) == "NEGATE" for kind, _ in value) else found & plain
