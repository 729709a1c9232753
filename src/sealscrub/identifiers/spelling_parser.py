"""A scheme's spellings applied to cleaned text: parse, put together, and find near misses."""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask

from .scheme import Scheme, Spelling

__all__: list[str] = []

YEAR_PIVOT = 50  # two digits from here on are a year of the 1900s ([own]: the forms in use name no window)
SEPARATORS = r"[\s\-./#_]"
LOOKALIKES = {"O": "0", "I": "1", "S": "5", "B": "8"}


def parse(text: pl.Series, spelling: Spelling) -> pl.Series:
    """Canonical value of each text that is written in this way, null elsewhere."""
    if spelling.form:
        return _read_groups(text, spelling)
    return text.alias("text").to_frame().select_seq(_packed(spelling)).to_series()


def near_misses(text: pl.Series, scheme: Scheme) -> Mask:
    """Which texts would parse if look-alike letters in digit positions were digits."""
    near, frame = np.zeros(len(text), bool), text.alias("text").to_frame()
    for spelling in scheme.spellings:
        if not spelling.form:
            near |= frame.select_seq(_nearly_packed(spelling)).to_series().to_numpy()
        elif spelling.digit_groups:
            near |= _read_groups(text, spelling, near=True).is_not_null().to_numpy()
    return near


def _read_groups(text: pl.Series, spelling: Spelling, *, near: bool = False) -> pl.Series:
    groups, value = _groups_and_value(spelling, near=near)
    return text.alias("text").to_frame().select_seq(groups).select_seq(value).to_series()


@lru_cache(maxsize=512)
def _packed(spelling: Spelling) -> pl.Expr:
    written = pl.col("text").str.contains(f"^(?:{pattern_of(spelling)})$")
    return pl.when(written).then(pl.col("text").str.replace_all(SEPARATORS, ""))


@lru_cache(maxsize=512)
def _nearly_packed(spelling: Spelling) -> pl.Expr:
    return pl.col("text").str.contains(f"^(?:{pattern_of(spelling, near=True)})$").fill_null(value=False)


@lru_cache(maxsize=512)
def _groups_and_value(spelling: Spelling, *, near: bool) -> tuple[pl.Expr, pl.Expr]:
    """What reads the groups of a text, and what puts the canonical value together of them."""
    groups = pl.col("text").str.extract_groups(f"^(?:{pattern_of(spelling, near=near)})$").struct.unnest()
    loose = sorted(spelling.digit_groups) if near else ()
    pieces: list[pl.Expr] = []
    for literal, name, operation, _ in Formatter().parse(spelling.form):
        if literal:
            pieces.append(pl.lit(literal))
        if name is not None:
            group = pl.col(name).str.replace_many(LOOKALIKES) if name in loose else pl.col(name)
            pieces.append(_piece(group, operation or ""))
    return groups, pl.concat_str(pieces).alias("value")


def pattern_of(spelling: Spelling, *, near: bool = False) -> str:
    """What a cleaned text matches that is written in this way; if near, also with look-alike letters for digits."""
    if not near:
        return _with_digits(spelling.pattern, "[0-9]")
    if not spelling.form:
        return _with_digits(spelling.pattern, "[0-9OISB]")
    pattern = spelling.pattern
    for named in spelling.digit_groups:
        pattern = re.sub(
            rf"(\(\?P<{named}>)((?:[^()\\]|\\.)*)\)",
            lambda found: found[1] + _with_digits(found[2], "[0-9OISB]") + ")",
            pattern,
        )
    return _with_digits(pattern, "[0-9]")


def _with_digits(pattern: str, digit: str) -> str:
    r"""Say what ``\d`` is: of itself it is every script's digits in Rust, and a canonical value is ASCII."""
    return re.sub(r"\\(.)", lambda escape: digit if escape[1] == "d" else escape[0], pattern, flags=re.DOTALL)


def placed(values: pl.Series, rows: npt.NDArray[np.intp], length: int) -> pl.Series:
    """Put values at some rows of a column that is null elsewhere."""
    at = np.full(length, len(values), np.int64)
    at[rows] = np.arange(len(values))
    return values.extend_constant(None, 1)[at]


def _piece(group: pl.Expr, operation: str) -> pl.Expr:
    if operation.startswith("0>"):
        return group.str.zfill(int(operation[2:]))
    if operation == "year2":
        full = group.cast(pl.Int32, strict=False)
        in_window = full.is_between(1900 + YEAR_PIVOT, 1999 + YEAR_PIVOT)
        return pl.when((group.str.len_chars() == 2) | in_window).then(group.str.tail(2))
    if operation == "year4":
        late = group.cast(pl.Int32, strict=False) >= YEAR_PIVOT
        century = pl.when(late).then(pl.lit("19")).otherwise(pl.lit("20"))
        return pl.when(group.str.len_chars() == 4).then(group).otherwise(pl.concat_str([century, group]))
    return group
