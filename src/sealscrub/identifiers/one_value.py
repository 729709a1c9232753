"""One raw identifier to its canonical value, without a column: for a service that is asked about one record at a time.

What is settled here is what the column's own rules (:mod:`.canonical`) say about the same value; whatever is not plain,
such as text that is not ASCII, a sentinel or a near miss, is left to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from .cleaned_text import DAMAGED, NOTHING, label_pattern
from .fixed_shape import read_shape
from .known_schemes import get_scheme
from .scheme import Scheme
from .short_text_parser import parse_of

__all__ = ["UNSETTLED", "canonical_rule"]

UNSETTLED = ""
"""Not settled here. It is not a canonical value, since an empty text stands for none."""

_LONGEST = 64  # Python's patterns may backtrack
_SPACE = "\t\n\x0b\x0c\r "
_CONTROL_SIGNS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS = (1900, 2199)

Rule = Callable[[Sequence[Any]], "str | None"]
"""From a raw value (of a composite key, one of each part) to its canonical value; None if the value is null."""


def canonical_rule(scheme: str) -> Rule:
    """Give the rule by which one raw identifier is brought to its canonical value.

    Parameters
    ----------
    scheme : str
        What it is.

    Returns
    -------
    callable
        It takes a sequence, the value or a value of each part, and gives the canonical value; None if the value is
        null; ``UNSETTLED`` if only the column's rules can decide.

    Raises
    ------
    SchemeError
        When the scheme does not exist.

    Examples
    --------
    >>> rule = canonical_rule("arrest_number")
    >>> rule(["k14-612345"]), rule([None]), rule(["K14O12345"]) == UNSETTLED
    ('K14612345', None, True)
    """
    definition = get_scheme(scheme)
    if not definition.parts:
        one = _value_rule(definition)
        return lambda values: one(values[0])
    parts = [_day if part == "date" else _value_rule(get_scheme(part)) for part in definition.parts]

    def composite(values: Sequence[Any]) -> str:
        found = [rule(value) for rule, value in zip(parts, values, strict=True)]
        # which part is null decides what the whole is
        return "@".join(filter(None, found)) if all(found) else UNSETTLED

    return composite


@lru_cache(maxsize=256)
def _value_rule(scheme: Scheme) -> Callable[[Any], str | None]:
    rule, width = (_opaque_rule if scheme.opaque else _spelled_rule)(scheme), scheme.number_width or 0

    def one(value: Any) -> str | None:
        if value is None:
            return None
        if type(value) is int and 0 <= value < 1 << 63:
            value = str(value).zfill(width)
        if type(value) is not str or len(value) > _LONGEST or not value.isascii():
            return UNSETTLED
        return rule(value)

    return one


def _day(value: Any) -> str:
    if type(value) is not str or not _ISO.fullmatch(value):
        return UNSETTLED
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return UNSETTLED
    return value if _YEARS[0] <= day.year <= _YEARS[1] else UNSETTLED


def _opaque_rule(scheme: Scheme) -> Callable[[str], str]:
    words, damaged = NOTHING | scheme.sentinels, re.compile(DAMAGED)

    def rule(text: str) -> str:
        text = text.strip(_SPACE)
        if _CONTROL_SIGNS.search(text) or text.upper() in words or damaged.match(text):
            return UNSETTLED
        return text

    return rule


def _spelled_rule(scheme: Scheme) -> Callable[[str], str]:
    parsers = [parse_of(spelling) for spelling in scheme.spellings]
    label = re.compile(label_pattern(scheme.labels), re.ASCII) if scheme.labels else None
    means_something = _shape_rule(scheme) if scheme.shape else _wordless(scheme)
    shaped = scheme.shape is not None

    def rule(text: str) -> str:
        if shaped and means_something(text):
            return text
        text = text.upper().strip(_SPACE)
        if label is not None:
            text = label.sub("", text, count=1)
        if _CONTROL_SIGNS.search(text):
            return UNSETTLED
        for parse in parsers:
            if parse is None:
                return UNSETTLED
            found = parse(text)
            if found is not None:
                return found if found and means_something(found) else UNSETTLED
        return UNSETTLED

    return rule


def _wordless(scheme: Scheme) -> Callable[[str], bool]:
    words, filler = NOTHING | scheme.sentinels, re.compile("0+|9+")
    return lambda text: text not in words and not filler.fullmatch(text)


def _shape_rule(scheme: Scheme) -> Callable[[str], bool]:
    """Whether a text has the canonical shape and does not stand for "none"."""
    positions, _ = read_shape(scheme.shape or "")
    pattern = re.compile(_shape_pattern(scheme.shape or ""))
    digits = [at for at, allowed in enumerate(positions) if allowed.sum() == 10 and allowed[ord("0")]]
    serial = scheme.serial_digits or len(digits)
    nines, zeros = "9" * len(digits), "0" * serial
    sentinels = {each for each in scheme.sentinels if len(each) == len(digits)}

    def rule(text: str) -> bool:
        if not pattern.fullmatch(text):
            return False
        written = "".join([text[at] for at in digits])
        return not digits or not (written == nines or written[-serial:] == zeros or written in sentinels)

    return rule


def _shape_pattern(shape: str) -> str:
    pattern = ""
    for token in re.findall(r"\([^)]+\)|\[[^\]]+\]|.", shape):
        if token.startswith("("):
            pattern += f"(?:{'|'.join(map(re.escape, token[1:-1].split('|')))})"
        elif token.startswith("["):
            pattern += f"[{re.escape(token.strip('[]'))}]"
        else:
            pattern += {"9": "[0-9]", "A": "[A-Z]"}.get(token, re.escape(token))
    return pattern
