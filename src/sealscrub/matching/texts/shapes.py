"""Which texts may hold a value of a scheme at all, recognised by one regular expression over a whole column.

The expression is made of the scheme's own spellings: their letters and digits in their order, with any marks between
them. What is not a letter or digit of ASCII may stand for any, and so may an escape; tags are skipped. So the
expression finds every text in which the text guard finds a value, and some others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.identifiers import Scheme, get_scheme

from .grammar import at_least, bounds_of, signs_of
from .identifier_labels import needs_label
from .line_numbers import NUMBERED_LINE, without_line_numbers
from .views import ESCAPE, QUOTED_SPACE

__all__ = [
    "BESIDE_DIGIT",
    "MARK",
    "NO_MATCH",
    "ODD",
    "Shapes",
    "labels_of",
    "loose_shape_of",
    "of_ascii",
    "shape_of",
    "shapes_of_parts",
]


_parser: Any = re._parser  # type: ignore[attr-defined]  # the one reading of a pattern that Python offers
MARK = "[^0-9A-Za-z]"
"""What is neither a letter nor a digit of ASCII."""
_ANY = r"[^\x00-\x7f]"
_LIKE_DIGITS = "OISBLZ"
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_ALNUM = _DIGITS | _LETTERS
_SIGNS = ("LITERAL", "IN", "NOT_LITERAL", "ANY", "CATEGORY")
NO_MATCH = r"[^\x00-\x{10ffff}]"
_SIGNS_BUT = re.compile(r"\[\^(?:\\.|[^\]\\])*\]")
_HAS_OTHER_SIGNS = (pl.col("text").str.len_bytes() != pl.col("text").str.len_chars()).any()
BESIDE_DIGIT = rf"[0-9][{_LIKE_DIGITS}{_LIKE_DIGITS.lower()}]|[{_LIKE_DIGITS}{_LIKE_DIGITS.lower()}][0-9]|{_ANY}"
"""A letter that looks like a digit next to a digit."""
_DATE = rf"(?:[0-9]|{_ANY}){{4}}"
_SEVERAL_SIGNS = (
    r"[\p{No}\x{1f100}-\x{1f2ff}\x{e0000}-\x{e007f}\x{fb00}-\x{fb06}\x{3200}-\x{33ff}]"  # one for several signs
)
_HARD_MARKUP = rf"<!--|=\s*[\"'][^\"']*[<>]|\x1b|\]\(|\]\[|\[\^|{_SEVERAL_SIGNS}"
_FEW = 150  # texts that take less time than an expression more, since polars remembers only some of them
_EDITED_SIGNS = r"[<&%\\]|=[2-5C-Fc-f]"
_SOME_DIGIT = r"\p{N}|[^\x00-\x7f\p{L}\p{M}\p{P}\p{Z}]|\\|%|&"
_TAG = r"<[^<>]{0,1000}>"
_ESCAPED = ESCAPE.removesuffix(r"|\+")
ODD = rf"{_EDITED_SIGNS}|{_HARD_MARKUP}|{NUMBERED_LINE}"
"""Escapes and mark-up, behind which letters and digits may be, and lines that begin with a number."""
_IS_ODD = pl.col("text").str.contains(ODD).alias("odd")
_IS_HARD = (pl.col("text").str.contains(_HARD_MARKUP) & pl.col("text").str.contains(_SOME_DIGIT)).alias("hard")
_EDITED = pl.col("text").str.replace_all(_TAG, "").str.replace_all(_ESCAPED, "\u00e9")
_WITHOUT_NUMBERS = without_line_numbers(pl.col("text"))
_HAS_SPACE = pl.col("text").str.contains(QUOTED_SPACE, literal=True)
_SPACED = pl.col("text").str.replace_all(QUOTED_SPACE, " ", literal=True)


_Patterns = tuple[tuple[str, ...], ...]


class Shapes:
    """Says which texts may hold something.

    Parameters
    ----------
    patterns : iterable of sequence of str
        Of each, all have to be found; the first is looked for first, so it is best the rarest.

    Attributes
    ----------
    patterns : tuple of tuple of str
    first : tuple of str
        The first of each.

    Examples
    --------
    >>> shapes = Shapes([[shape_of(get_scheme("arrest_number"))]])
    >>> shapes.fit(pl.Series(["k14-612345", "K<b>14</b> 612345", "M & B 12", "%4B14612345"])).tolist()
    [True, True, False, True]
    """

    def __init__(self, patterns: Iterable[Sequence[str]]) -> None:
        chosen = [tuple(each) for each in patterns]
        alone = "|".join(dict.fromkeys(each[0] for each in chosen if len(each) == 1))
        self.patterns = (*([(alone,)] if alone else []), *(each for each in chosen if len(each) != 1))
        self.first = tuple(each[0] if each else "" for each in self.patterns)

    def fit(self, texts: pl.Series) -> Mask:
        """Say which texts may hold it.

        Parameters
        ----------
        texts : polars.Series of String
            Without nulls.
        """
        found = np.zeros(len(texts), bool)
        if self.patterns and len(texts):
            frame = texts.alias("text").to_frame()
            patterns = self.patterns if frame.select_seq(_HAS_OTHER_SIGNS).item() else self._of_ascii
            if len(texts) <= _FEW:
                return self._fit_some(frame, patterns)
            rows = np.flatnonzero(frame.select_seq(_may_match(patterns)).to_series().to_numpy())
            if len(rows):
                found[rows] = self._fit_some(frame[rows], patterns)
        return found

    @cached_property
    def _of_ascii(self) -> _Patterns:
        return tuple(tuple(map(of_ascii, each)) for each in self.patterns)

    def _fit_some(self, frame: pl.DataFrame, patterns: _Patterns) -> Mask:
        read = frame.select_seq(_matches_any(patterns).alias("found"), _IS_ODD)
        found: Mask = read["found"].to_numpy(writable=True)
        odd = np.flatnonzero(~found & read["odd"].to_numpy())
        if len(odd):
            some = frame[odd].with_columns_seq(_IS_HARD).with_columns_seq(_EDITED)
            edited = _matches_any(self.patterns)  # an escape is a sign that may be any
            found[odd] = some.select_seq(edited | pl.col("hard")).to_series().to_numpy()
            some, odd = some.filter(~found[odd]), odd[~found[odd]]
            found[odd] = some.with_columns_seq(_WITHOUT_NUMBERS).select_seq(edited).to_series().to_numpy()
            spaced = ~found[odd] & some.select_seq(_HAS_SPACE).to_series().to_numpy()
            if spaced.any():
                some, odd = some.filter(spaced).with_columns_seq(_SPACED), odd[spaced]
                for each in (some, some.with_columns_seq(_WITHOUT_NUMBERS)):
                    found[odd] |= each.select_seq(edited).to_series().to_numpy()
        return found

    def __repr__(self) -> str:
        return f"Shapes({len(self.patterns)})"


@lru_cache(maxsize=512)
def _may_match(patterns: _Patterns) -> pl.Expr:
    """Say in one pass which texts have the first of some patterns, or are odd."""
    first = [each[0] if each else "" for each in patterns]
    return pl.col("text").str.contains("|".join(dict.fromkeys((*first, ODD))))


@lru_cache(maxsize=512)
def _matches_any(patterns: _Patterns) -> pl.Expr:
    text = pl.col("text")
    return pl.any_horizontal([pl.all_horizontal([text.str.contains(each) for each in some]) for some in patterns])


@lru_cache(maxsize=1024)
def of_ascii(expression: str) -> str:
    r"""Give the expression that says the same about texts of ASCII, and is set up in a fraction of the time.

    Of Unicode, every set of signs is large that is named by those that are not in it.

    Examples
    --------
    >>> print(of_ascii(r"[^0-9A-Za-z]*K(?:[0-9]|[^\x00-\x7f])"))
    (?-u:[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]*K(?:[0-9]))
    """
    if not expression.isascii():
        return expression
    plain = expression.replace(f"|{_ANY}", "").replace(NO_MATCH, "[a&&b]").replace("(?s:.*)", r"[\x00-\x7f]*")
    return f"(?-u:{_SIGNS_BUT.sub(lambda found: _ascii_set(found[0]), plain)})"


@lru_cache(maxsize=64)
def _ascii_set(signs: str) -> str:
    codes = [code for code in range(128) if re.fullmatch(signs, chr(code), re.ASCII)]
    cuts = [at for at in range(1, len(codes)) if codes[at] > codes[at - 1] + 1]
    runs = [codes[start:stop] for start, stop in pairwise([0, *cuts, len(codes)])] if codes else []
    return "[" + ("".join(rf"\x{run[0]:02x}-\x{run[-1]:02x}" for run in runs) or "a&&b") + "]"


def shape_of(scheme: Scheme, *, near: bool = False) -> str:
    """Give the expression of one scheme, which has spellings; with `near`, letters may stand for digits.

    A key of several parts has one for each part.
    """
    return _shape_of(scheme, near)


@lru_cache(maxsize=256)
def loose_shape_of(scheme: Scheme, *, near: bool = False, least: int = 0) -> str:
    """Give the expression of one scheme's spellings with any marks between the signs, and no word around them.

    Values of fewer letters and digits than `least` need not match.
    """
    spelled = [list(_parser.parse(spelling.pattern)) for spelling in scheme.spellings]
    made = [_of_items(items, near) for each in spelled for items in at_least(each, least)]
    return "|".join(dict.fromkeys(made)) or NO_MATCH


@lru_cache(maxsize=256)
def _shape_of(scheme: Scheme, near: bool) -> str:
    return "|".join(dict.fromkeys(_of_spelling(each.pattern, near) for each in scheme.spellings))


def _of_spelling(pattern: str, near: bool) -> str:
    """Give the expression of one spelling; a letter at its edge, apart from the rest, is not part of a longer word."""
    items = list(_parser.parse(pattern))
    first, last = _one_sign(items[0]), _one_sign(items[-1])
    if len(items) > 2 and last & _LETTERS and not last & _DIGITS:
        ending = _of_signs(last, near)
        behind = rf"(?:{ending}|{MARK}+{ending}(?:[A-Za-z]*(?:[0-9]|{_ANY})|[^A-Za-z]|$))"
        return _of_items(items[:-1], near, tight=True) + behind
    if len(items) > 2 and first & _LETTERS and not first & _DIGITS:
        begins, rest = _of_signs(first, near), items[1:]
        apart = rf"(?:^|[^A-Za-z]|[0-9][A-Za-z]*){begins}{MARK}+{_of_items(rest, near)}"
        return f"{begins}{_of_items(rest, near, tight=True)}|{apart}"
    return _of_items(items, near, tight=True)


def _one_sign(item: Any) -> frozenset[str]:
    """The letters and digits of an item of a pattern, if it is one sign; none if it is more."""
    operation, value = str(item[0]), item[1]
    while operation == "SUBPATTERN" and len(value[-1]) == 1:
        operation, value = str(value[-1][0][0]), value[-1][0][1]
    known = signs_of(operation, value) if operation in _SIGNS else set()
    return frozenset(known) & _ALNUM if known <= _ALNUM else frozenset()


def shapes_of_parts(scheme: Scheme, *, near: bool = False) -> list[str]:
    """Give the expressions of a key's parts; of a part that any word may be, none."""
    parts = [None if part == "date" else get_scheme(part) for part in scheme.parts]
    named = [_DATE if part is None else shape_of(part, near=near) for part in parts if part is None or part.spellings]
    return list(dict.fromkeys(named))


def labels_of(scheme: Scheme) -> str | None:
    """Give the expression of the labels that a text has to hold, if a value needs one to be recognised."""
    if not needs_label(scheme, bounds_of(scheme)):
        return None
    words = "|".join(r"\s+".join(map(_either_case, label.split())) for label in scheme.labels)
    return f"{words}|{_ANY}" if words else None


def _either_case(word: str) -> str:
    return "".join(f"[{sign}{sign.lower()}]" if sign.isalpha() else re.escape(sign) for sign in word)


def _of_items(items: Iterable[Any], near: bool, *, tight: bool = False) -> str:
    """Give the expression of items; with `tight`, nothing is before the first sign."""
    made = ""
    for operation, value in items:
        part = _pattern_of(str(operation), value, near, tight=tight)
        made += part
        tight = tight and not part
    return made


def _pattern_of(operation: str, value: Any, near: bool, *, tight: bool) -> str:
    if operation in _SIGNS:
        signs = signs_of(operation, value)
        if not {sign.upper() for sign in signs} & _ALNUM:
            return NO_MATCH if tight else MARK
        return _of_signs(signs, near) if tight else f"{MARK}*{_of_signs(signs, near)}"
    if operation == "SUBPATTERN":
        inner = _of_items(value[-1], near, tight=tight)
        return f"(?:{inner})" if inner else ""
    if operation == "BRANCH":
        return f"(?:{'|'.join(_of_items(branch, near, tight=tight) for branch in value[1])})"
    if operation in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _repeated(value, near, tight=tight)
    return "" if operation == "AT" else "(?s:.*)"


def _repeated(value: Any, near: bool, *, tight: bool) -> str:
    fewest, most, items = int(value[0]), value[1], value[2]
    inner = _of_items(items, near)
    if inner in ("", MARK):
        return "" if not (inner and fewest) else NO_MATCH if tight else f"{inner}+"
    endless = most == _parser.MAXREPEAT
    if not tight:
        return f"(?:{inner}){{{fewest},{'' if endless else int(most)}}}"
    further = f"(?:{inner}){{{max(0, fewest - 1)},{'' if endless else max(0, int(most) - 1)}}}"
    made = f"(?:{_of_items(items, near, tight=True)}{further})"
    return made if fewest else f"{made}?"


def _of_signs(signs: Collection[str], near: bool) -> str:
    known = {sign.upper() for sign in signs} & _ALNUM
    if near and known & _DIGITS:
        known |= set(_LIKE_DIGITS)
    listed = "".join(sorted(known | {sign.lower() for sign in known}))
    marks = rf"|{MARK}" if set(signs) - _ALNUM - {sign.lower() for sign in _ALNUM} else ""
    return f"(?:[{listed}]|{_ANY}{marks})"
