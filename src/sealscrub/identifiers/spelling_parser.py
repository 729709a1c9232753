"""A scheme's spellings applied to cleaned text: parse, put together, and find near misses."""

from __future__ import annotations

import re
from string import Formatter

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask

from .scheme import Scheme, Spelling

__all__: list[str] = []

YEAR_PIVOT = 50  # two digits from here on are a year of the 1900s ([own]: the forms in use name no window)
SEPARATORS = r"[\s\-./#_]"
_LOOKALIKES = {"O": "0", "I": "1", "S": "5", "B": "8"}


def parse(text: pl.Series, spelling: Spelling) -> pl.Series:
    """Canonical value of each text that is written in this way, null elsewhere."""
    if not spelling.form:
        written = text.str.contains(f"^(?:{with_digits(spelling.pattern, '[0-9]')})$")
        if written.all():
            return text.str.replace_all(SEPARATORS, "")
        frame = pl.DataFrame({"text": text, "written": written})
        packed = frame.filter("written")["text"].str.replace_all(SEPARATORS, "")
        return placed(packed, np.flatnonzero(written.fill_null(value=False).to_numpy()), len(text))
    return _assemble(_groups(text, with_digits(spelling.pattern, "[0-9]")), spelling)


def near_misses(text: pl.Series, scheme: Scheme) -> Mask:
    """Which texts would parse if look-alike letters in digit positions were digits."""
    near = np.zeros(len(text), bool)
    for spelling in scheme.spellings:
        if not spelling.form:
            near |= (
                text.str.contains(f"^(?:{_with_lookalike_digits(spelling.pattern)})$").fill_null(value=False).to_numpy()
            )
        elif spelling.digit_groups:
            near |= _near_groups(text, spelling)
    return near


def _near_groups(text: pl.Series, spelling: Spelling) -> Mask:
    loose = spelling.pattern
    for name in spelling.digit_groups:
        loose = re.sub(
            rf"(\(\?P<{name}>)((?:[^()\\]|\\.)*)\)",
            lambda found: found[1] + _with_lookalike_digits(found[2]) + ")",
            loose,
        )
    groups = _groups(text, with_digits(loose, "[0-9]")).with_columns(
        pl.col(name).str.replace_many(_LOOKALIKES) for name in sorted(spelling.digit_groups)
    )
    return _assemble(groups, spelling).is_not_null().to_numpy()


def _with_lookalike_digits(pattern: str) -> str:
    return with_digits(pattern, "[0-9OISB]")


def with_digits(pattern: str, digit: str) -> str:
    r"""Say what ``\d`` is: of itself it is every script's digits in Rust, and a canonical value is ASCII."""
    return re.sub(r"\\(.)", lambda escape: digit if escape[1] == "d" else escape[0], pattern, flags=re.DOTALL)


def placed(values: pl.Series, rows: npt.NDArray[np.intp], length: int) -> pl.Series:
    """Put values at some rows of a column that is null elsewhere."""
    at = np.full(length, len(values), np.int64)
    at[rows] = np.arange(len(values))
    return values.extend_constant(None, 1).gather(at)


def _groups(text: pl.Series, pattern: str) -> pl.DataFrame:
    return text.str.extract_groups(f"^(?:{pattern})$").struct.unnest()


def _assemble(groups: pl.DataFrame, spelling: Spelling) -> pl.Series:
    pieces: list[pl.Expr] = []
    for literal, name, operation, _ in Formatter().parse(spelling.form):
        if literal:
            pieces.append(pl.lit(literal))
        if name is not None:
            pieces.append(_piece(pl.col(name), operation or ""))
    return groups.select(value=pl.concat_str(pieces))["value"]


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
