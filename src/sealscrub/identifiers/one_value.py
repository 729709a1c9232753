"""Raw identifiers to canonical values one by one: for a service that is asked about one record, and for short columns.

What is settled here is what the column's own rules (:mod:`.canonical`) say about the same value; whatever is not plain,
such as text that is not ASCII, is left to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

import polars as pl

from .cleaned_text import DAMAGED, NOTHING, SPACE, Flags, Judged, Status, label_pattern
from .day_forms import judge_day
from .fixed_shape import read_shape
from .known_schemes import get_scheme
from .scheme import Scheme, is_plain
from .short_text_parser import parse_of

__all__ = ["UNSETTLED", "canonical_rule"]

UNSETTLED = ""
"""Not settled here. It is not a canonical value, since an empty text stands for none."""

_LONGEST = 64  # Python's patterns may backtrack
_CONTROL_SIGNS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_OK = int(Status.OK)

Judge = Callable[[str], Judged | None]
"""From a text to its canonical value and status; None if the column's rules have to decide."""
_NULL: Judged = (None, int(Status.NULL))
_NEAR: Judged = (None, int(Status.NEAR))
_UNPARSABLE: Judged = (None, int(Status.UNPARSABLE))
_DAMAGED: Judged = (None, int(Status.DAMAGED))

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


def settled_texts(texts: pl.Series, status: Flags, judge: Judge) -> pl.Series | None:
    """Canonical values of a few texts whose status is open; their statuses are filled in.

    None, and nothing is filled in, if the column's rules have to decide. Setting these up takes as long as hundreds of
    texts take here.
    """
    values: list[str | None] = []
    found = status.tolist()
    for at, text in enumerate(texts.to_list()):
        value = None
        if found[at] == Status.OK:
            judged = judge(text) if len(text) <= _LONGEST and text.isascii() else None
            if judged is None:
                return None
            value, found[at] = judged
        values.append(value)
    status[:] = found
    return pl.Series(texts.name, values, dtype=pl.String)


@lru_cache(maxsize=256)
def _value_rule(scheme: Scheme) -> Callable[[Any], str | None]:
    rule, width = _rule_of(judge_of(scheme)), scheme.number_width or 0

    def one(value: Any) -> str | None:
        if value is None:
            return None
        return rule(str(value).zfill(width) if type(value) is int and 0 <= value < 1 << 63 else value)

    return one


def _rule_of(judge: Judge) -> Callable[[Any], str]:
    def one(value: Any) -> str:
        if type(value) is not str or len(value) > _LONGEST or not value.isascii():
            return UNSETTLED
        judged = judge(value)
        return UNSETTLED if judged is None or judged[0] is None else judged[0]

    return one


_day = _rule_of(judge_day)


@lru_cache(maxsize=256)
def judge_of(scheme: Scheme) -> Judge:
    """What reads a plain text as an identifier of a scheme."""
    return (_opaque_judge if scheme.opaque else _spelled_judge)(scheme)


def _opaque_judge(scheme: Scheme) -> Judge:
    words, damaged = NOTHING | scheme.sentinels, re.compile(DAMAGED)

    def judge(text: str) -> Judged | None:
        text = text.strip(SPACE)
        if _CONTROL_SIGNS.search(text):
            return None
        if text.upper() in words:
            return _NULL
        return _DAMAGED if damaged.fullmatch(text) else (text, _OK)

    return judge


def _spelled_judge(scheme: Scheme) -> Judge:
    parsers = [parse_of(spelling) for spelling in scheme.spellings]
    label = re.compile(label_pattern(scheme.labels), re.ASCII) if scheme.labels else None
    means_something = _shape_rule(scheme) if scheme.shape else _wordless(scheme)
    shaped = bool(scheme.shape)
    left = _left_judge(scheme)

    def judge(text: str) -> Judged | None:
        if shaped and (something := means_something(text)) is not None:
            return (text, _OK) if something else _NULL
        text = text.upper().strip(SPACE)
        if label is not None:
            text = label.sub("", text, count=1)
        if _CONTROL_SIGNS.search(text):
            return None
        for parse in parsers:
            if parse is None:
                return None
            value = parse(text)
            if value is not None:
                something = means_something(value)
                return None if something is None else (value, _OK) if something else _NULL
        return left(text)

    return judge


def _left_judge(scheme: Scheme) -> Judge:
    """What a cleaned text is that is not written in one of a scheme's spellings."""
    if not all(is_plain(each.pattern) for each in scheme.spellings):  # to Rust it may be written so
        return lambda text: None
    means_something, damaged = _wordless(scheme), re.compile(DAMAGED)

    @cache
    def near_misses() -> list[Callable[[str], str | None]]:
        near = [parse_of(each, near=True) for each in scheme.spellings if not each.form or each.digit_groups]
        return [each for each in near if each is not None]  # all: each is as quick as the spelling itself

    def judge(text: str) -> Judged:
        if not means_something(text):
            return _NULL
        if any(near(text) is not None for near in near_misses()):
            return _NEAR
        return _DAMAGED if damaged.fullmatch(text) else _UNPARSABLE

    return judge


def _wordless(scheme: Scheme) -> Callable[[str], bool]:
    words, filler = NOTHING | scheme.sentinels, re.compile("0+|9+")
    return lambda text: text not in words and not filler.fullmatch(text)


def _shape_rule(scheme: Scheme) -> Callable[[str], bool | None]:
    """Whether a text of the canonical shape does not stand for "none"; None if it does not have the shape."""
    positions, _ = read_shape(scheme.shape or "")
    pattern = re.compile(_shape_pattern(scheme.shape or ""))
    digits = [at for at, allowed in enumerate(positions) if allowed.sum() == 10 and allowed[ord("0")]]
    serial = min(scheme.serial_digits or len(digits), len(digits))
    nines, zeros = "9" * len(digits), "0" * serial
    sentinels = {each for each in scheme.sentinels if len(each) == len(digits)}

    def rule(text: str) -> bool | None:
        if not pattern.fullmatch(text):
            return None
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
