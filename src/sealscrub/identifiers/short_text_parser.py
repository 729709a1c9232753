"""A scheme's spellings applied to a few short texts, without the cost of setting a column up.

It gives what :mod:`sealscrub.identifiers.spelling_parser` gives for a column, text by text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from string import Formatter
from typing import Any

import polars as pl

from .scheme import Scheme, Spelling
from .spelling_parser import LOOKALIKES, YEAR_PIVOT, parse, pattern_of

__all__ = ["parse_of", "parse_texts"]

_FEW_TEXTS = 2_000
_SEPARATORS = str.maketrans("", "", " \t\n\v\f\r-./#_")
_DIGITS_FOR_LOOKALIKES = str.maketrans(LOOKALIKES)
_NUMBER = re.compile(r"[+-]?[0-9]+")
_parser: Any = re._parser  # type: ignore[attr-defined]  # the one reading of a pattern that Python offers

_Parse = Callable[[str], str | None]


def parse_texts(texts: Sequence[str], scheme: Scheme) -> list[str | None]:
    """Canonical value of each text that is written in one of a scheme's spellings, None elsewhere.

    Parameters
    ----------
    texts : sequence of str
        In plain capitals, without labels and outer space.
    scheme : Scheme
        One with spellings.

    Examples
    --------
    >>> from sealscrub.identifiers import get_scheme
    >>> parse_texts(["K14-612345", "K14"], get_scheme("arrest_number"))
    ['K14612345', None]
    """
    ways = [parse_of(spelling) for spelling in scheme.spellings]
    if len(texts) <= _FEW_TEXTS and None not in ways:
        return [next((v for way in ways if way and (v := way(text)) is not None), None) for text in texts]
    column = pl.Series(list(texts), dtype=pl.String)
    values: list[str | None] = [None] * len(texts)
    for spelling in reversed(scheme.spellings):
        for at, value in enumerate(parse(column, spelling).to_list()):
            values[at] = value if value is not None else values[at]
    return values


@lru_cache(maxsize=512)
def parse_of(spelling: Spelling, *, near: bool = False) -> _Parse | None:
    """Read one text in a spelling; None if Python's way of matching could take for ever.

    If near, look-alike letters in digit positions are read as digits.
    """
    if not _is_quick(_parser.parse(spelling.pattern)):
        return None
    pattern = re.compile(pattern_of(spelling, near=near))
    if not spelling.form:
        return lambda text: text.translate(_SEPARATORS) if pattern.fullmatch(text) else None
    pieces = list(Formatter().parse(spelling.form))
    loose = spelling.digit_groups if near else ()

    def assembled(text: str) -> str | None:
        found = pattern.fullmatch(text)
        if found is None:
            return None
        out = []
        for literal, name, operation, _ in pieces:
            out.append(literal)
            if name is not None:
                group = found[name]
                if name in loose and group is not None:
                    group = group.translate(_DIGITS_FOR_LOOKALIKES)
                piece = _piece(group, operation or "")
                if piece is None:
                    return None
                out.append(piece)
        return "".join(out)

    return assembled


def _piece(group: str | None, operation: str) -> str | None:
    if group is None:
        return None
    if operation.startswith("0>"):
        return group.zfill(int(operation[2:]))
    if operation in ("year2", "year4"):
        year = int(group) if _NUMBER.fullmatch(group) and abs(int(group)) < 1 << 31 else 0  # a column's is null
        if operation == "year2":
            return group[-2:] if len(group) == 2 or 1900 + YEAR_PIVOT <= year <= 1999 + YEAR_PIVOT else None
        return group if len(group) == 4 else ("19" if year >= YEAR_PIVOT else "20") + group
    return group


def _is_quick(items: Iterable[Any], inside: bool = False) -> bool:
    """Whether no repetition of variable length is within another repetition."""
    for operation, value in items:
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            fewest, most, body = value
            if (inside and fewest != most) or not _is_quick(body, inside or most > 1):
                return False
        elif name == "BRANCH":
            if not all(_is_quick(branch, inside) for branch in value[1]):
                return False
        elif name == "SUBPATTERN" and not _is_quick(value[-1], inside):
            return False
    return True
