"""Levels of pairs of values: names and texts by rapidfuzz, dates by their parts, many pairs at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler, Prefix

from .comparison_levels import CLOSE, MISSING, SIMILAR, TEXT_CLOSE, code_of
from .standard_records import MISSING_DAY, Codes, Texts

__all__ = ["arrest_levels", "birth_levels", "level_of_codes", "name_levels", "same_or_not"]

Levels = npt.NDArray[np.uint8]
Values = npt.NDArray[np.object_]
Days = npt.NDArray[np.int16]
_SHORT_NAME = 4
"""A name of so few letters is not close to another, since one letter is a large part of it."""


def level_of_codes(field: str, left: Codes, right: Codes, texts: Texts) -> Levels:
    """Level of each pair of numbered texts; equal pairs are compared once."""
    out = np.full(len(left), MISSING, np.uint8)
    both = np.flatnonzero((left >= 0) & (right >= 0))
    a, b = left[both], right[both]
    found = np.full(len(both), code_of(field, "exact"), np.uint8)
    unlike = np.flatnonzero(a != b)
    if len(unlike):
        pair = a[unlike].astype(np.int64) * len(texts.values) + b[unlike]
        once, again = np.unique(pair, return_inverse=True)
        one, other = np.divmod(once, len(texts.values))
        found[unlike] = _LEVELS_OF_FIELD[field](texts.values[one], texts.values[other])[again]
    out[both] = found
    return out


def name_levels(left: Values, right: Values) -> Levels:
    """Level of each pair of names that are not spelled alike."""
    alike = _scored(JaroWinkler.normalized_similarity, left, right)
    out = np.full(len(left), code_of("last_name", "different"), np.uint8)
    out[alike >= SIMILAR] = code_of("last_name", "similar")
    length = np.minimum(_lengths(left), _lengths(right))
    longer = np.maximum(_lengths(left), _lengths(right))
    short = _scored(Prefix.similarity, left, right) == length
    out[short] = code_of("last_name", "short")
    spaced = np.flatnonzero(_spaced(left) | _spaced(right))
    if len(spaced):
        a, b = left[spaced], right[spaced]
        part = (_scored(fuzz.token_set_ratio, a, b) > 99.9) & (length[spaced] > 2)
        out[spaced[part]] = code_of("last_name", "part")
        joined = np.array([x.replace(" ", "") == y.replace(" ", "") for x, y in zip(a, b, strict=True)], bool)
        out[spaced[joined]] = code_of("last_name", "exact")
    near = (alike >= CLOSE) & (length > _SHORT_NAME)
    near &= ~short | (longer - length < 2)
    out[near & (out > code_of("last_name", "close"))] = code_of("last_name", "close")
    rest = np.flatnonzero((out > code_of("last_name", "close")) & (length >= _SHORT_NAME) & (alike >= SIMILAR - 0.12))
    rest = rest[_scored(OSA.distance, left[rest], right[rest]) <= 1]
    out[rest] = code_of("last_name", "close")
    return out


def _middle_levels(left: Values, right: Values) -> Levels:
    length = np.minimum(_lengths(left), _lengths(right))
    begun = _scored(Prefix.similarity, left, right) == length
    return np.where(begun, code_of("middle_name", "initial"), code_of("middle_name", "different")).astype(np.uint8)


def _charge_levels(left: Values, right: Values) -> Levels:
    near = _scored(fuzz.token_set_ratio, left, right) >= TEXT_CLOSE
    near |= _scored(JaroWinkler.normalized_similarity, left, right) >= CLOSE
    return np.where(near, code_of("charge", "close"), code_of("charge", "different")).astype(np.uint8)


def _number_levels(left: Values, right: Values) -> Levels:
    near = _scored(OSA.distance, left, right) <= 1
    return np.where(near, code_of("nysid", "close"), code_of("nysid", "different")).astype(np.uint8)


def same_or_not(left: Values, right: Values) -> Levels:
    """Level of each pair of texts that are not alike: different."""
    return np.full(len(left), code_of("sex", "different"), np.uint8)


def birth_levels(left: Days, right: Days) -> Levels:
    """Level of each pair of birth dates, given as year, month and day in rows; 0 is what is not known."""
    year, month, day = (left == right) & (left > 0)
    known = (left[0] > 0) & (right[0] > 0)
    whole = known & (left[1] > 0) & (right[1] > 0)
    exchanged = year & (left[1] == right[2]) & (left[2] == right[1])
    names = ("exact", "exchanged", "year_off", "month_off", "day_off", "year_alone", "different")
    choices = (
        whole & year & month & day,
        whole & exchanged,
        whole & month & day,
        whole & year & day,
        whole & year & month,
        known & year,
        known,
    )
    return np.select(choices, [code_of("birth_date", name) for name in names], MISSING).astype(np.uint8)


def arrest_levels(left: Codes, right: Codes, window: int) -> Levels:
    """Level of each pair of arrest days: whether the gate is open."""
    known = (left != MISSING_DAY) & (right != MISSING_DAY)
    apart = np.abs(left.astype(np.int64) - right)
    choices = (known & (apart == 0), known & (apart <= window), known)
    codes = [code_of("arrest_date", name) for name in ("same_day", "in_window", "outside")]
    return np.select(choices, codes, MISSING).astype(np.uint8)


def _scored(scorer: Callable[..., float], left: Values, right: Values) -> npt.NDArray[np.float32]:
    if not len(left):
        return np.zeros(0, np.float32)
    scores: npt.NDArray[np.float32] = process.cpdist(left, right, scorer=scorer, dtype=np.float32, workers=2)
    return scores


def _lengths(values: Values) -> npt.NDArray[np.int64]:
    return np.fromiter(map(len, values), np.int64, len(values))


def _spaced(values: Values) -> npt.NDArray[np.bool_]:
    return np.fromiter((" " in value for value in values), np.bool_, len(values))


_LEVELS_OF_FIELD: dict[str, Callable[[Values, Values], Levels]] = {
    "last_name": name_levels,
    "first_name": name_levels,
    "middle_name": _middle_levels,
    "suffix": same_or_not,
    "charge": _charge_levels,
    "sex": same_or_not,
    "race": same_or_not,
    "nysid": _number_levels,
}
