"""Other ways in which a system's own id may have been written: what spreadsheets and other systems make of ids.

An ``opaque:`` id is compared as it is written. One that the index holds in another spelling, or that is a list of which
it holds an item, is near: reported, and never matched. The page on schemes says what counts
as another spelling.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from .case_variants import mixtures, mixtures_of

__all__ = ["items_of", "other_spellings", "respellings", "respellings_of"]

_WRAPPING_SIGNS = " \t'’‘`´\"“”"
_LEADING_SIGNS = f"{_WRAPPING_SIGNS}=+"
_WRAPPERS = ("+{}", "'{}", '"{}"', '="{}"')
_SEPARATORS = ",.'’ _\u00a0\u202f"
_GROUPED_NUMBER = re.compile(r"[0-9]{1,3}(?:[,.'’_٬ ][0-9]{2,3})*[,.'’_٬ ][0-9]{3}")
_NOT_DIGIT = "[^0-9]"
_BETWEEN_ITEMS = r"[\[\](){}<>,;|\"\t\r\n]+|\s[\/&]\s"
_AROUND_ITEM = " '"
_WIDEST = 10
"""Signs up to which zeros are put in front, whatever the other rows hold: a column must not decide about its rows."""
_MORE = 4
"""Zeros that are put in front of longer ids."""
_LONGEST = 40
"""Signs of the longest id that zeros are put in front of."""

_FEW = 500
"""Ids of which one after the other is respelled sooner than a column of them."""


@cache
def _digits() -> dict[str, str]:
    """The decimal digits of all scripts, and what they are in ASCII."""
    signs = map(chr, range(128, sys.maxunicode + 1))
    return {sign: str(unicodedata.decimal(sign)) for sign in signs if unicodedata.category(sign) == "Nd"}


@cache
def _plain_digits() -> dict[int, str]:
    return str.maketrans(_digits())


def other_spellings(values: pl.Series) -> Iterator[tuple[npt.NDArray[np.int64], pl.Series]]:
    """Give other spellings of ids, and items of lists, with the rows they are of.

    They are given of few ids all at once, of many one way after the other.

    Parameters
    ----------
    values : polars.Series of String
        Without nulls.

    Yields
    ------
    rows : ndarray of int64
    spellings : polars.Series of String
        One for each of these rows.

    Examples
    --------
    >>> import polars as pl
    >>> [(rows, texts)] = other_spellings(pl.Series(["007", "a7"]))
    >>> {(0, "7"), (1, "A7"), (1, "0a7")} <= set(zip(rows.tolist(), texts, strict=True))
    True
    """
    if len(values) > _FEW:
        for other in respellings(values):
            rows = np.flatnonzero(other.is_not_null().to_numpy())
            yield rows, other[rows]
        yield from _items(values)
        return
    made = [(row, other) for row, value in enumerate(values) for other in respellings_of(value) | items_of(value)]
    if made:
        yield np.array([row for row, _ in made]), pl.Series([other for _, other in made], dtype=pl.String)


def respellings(values: pl.Series) -> Iterator[pl.Series]:
    """Give other spellings of a column of ids, one column of them after the other.

    Parameters
    ----------
    values : polars.Series of String

    Yields
    ------
    polars.Series of String
        Null if this way of writing gives the value itself, or does not apply.

    Examples
    --------
    >>> import polars as pl
    >>> found = {text for column in respellings(pl.Series(["'00a7"])) for text in column if text is not None}
    >>> {"a7", "A7", "00a7", "0000A7", "+00a7"} <= found
    True
    """
    for way in _number_spellings(_bared(values.alias("raw"))):
        other = pl.select(pl.when((way != values) & (way != "")).then(way).alias("other")).to_series()
        if other.null_count() < len(other):
            yield other


def respellings_of(value: str) -> set[str]:
    """Give the other spellings of one id: those that :func:`respellings` gives of a column.

    Examples
    --------
    >>> found = respellings_of("1,234,567,890")
    >>> "1234567890" in found, "1.234.567.890" in found
    (True, True)
    """
    bare = unicodedata.normalize("NFKC", value)
    bare = (bare if bare.isascii() else bare.translate(_plain_digits())).lstrip(_LEADING_SIGNS).rstrip(_WRAPPING_SIGNS)
    if not bare:
        return set()
    whole = re.sub(_NOT_DIGIT, "", bare) if _GROUPED_NUMBER.fullmatch(bare) else bare
    least = whole.lstrip("0") or whole[-1:]
    if least[0] in _LEADING_SIGNS:  # what would be taken off it again
        least = whole
    found = {bare, *(wrap.format(whole) for wrap in _WRAPPERS)}
    widest = max(_WIDEST, len(least) + _MORE) if len(least) <= _LONGEST else 0
    padded = {least.rjust(width, "0") for width in range(len(least) + 1, widest + 1)} | {whole, least}
    if whole.isascii() and whole.isdigit():
        found |= padded
        if len(least) > 3:
            found |= {f"{int(least):,}".replace(",", sign) for sign in _SEPARATORS}
    else:
        found |= {case for each in padded for case in (each, each.upper(), each.lower())}
        capital = least[:1].upper() + least[1:].lower()
        found |= {capital.rjust(width, "0") for width in range(len(least), max(widest, len(least)) + 1)}
        found |= mixtures_of(whole) | mixtures_of(least)
    return found - {value, ""}


def items_of(value: str) -> set[str]:
    """Give the items of a text that may be a list of ids, as JSON and other programs write these; else none.

    Examples
    --------
    >>> sorted(items_of('["A-7", "B-8"]')), items_of("A-7"), items_of("1,234")
    (['A-7', 'B-8'], set(), set())
    """
    if _GROUPED_NUMBER.fullmatch(value) or not re.search(_BETWEEN_ITEMS, value):
        return set()
    return {item.strip(_AROUND_ITEM) for item in re.split(_BETWEEN_ITEMS, value)} - {""}


def _items(values: pl.Series) -> Iterator[tuple[npt.NDArray[np.int64], pl.Series]]:
    """Give what :func:`items_of` gives of each of many ids, with their rows."""
    listed = values.str.contains(_BETWEEN_ITEMS) & ~values.str.contains(f"^(?:{_GROUPED_NUMBER.pattern})$")
    rows = np.flatnonzero(listed.to_numpy())
    if len(rows):
        items = values[rows].str.replace_all(_BETWEEN_ITEMS, "\n").str.split("\n")
        found = pl.DataFrame({"row": rows, "item": items}).explode("item")
        found = found.with_columns(pl.col("item").str.strip_chars(_AROUND_ITEM)).filter(pl.col("item") != "")
        yield found["row"].to_numpy(), found["item"]


def _bared(values: pl.Series) -> pl.Series:
    """Ids in plain digits, without what spreadsheets put around them."""
    bare = values.str.normalize("NFKC")
    if (bare.str.len_bytes() != bare.str.len_chars()).any():
        bare = bare.str.replace_many(list(_digits()), list(_digits().values()))
    bare = bare.str.strip_chars_start(_LEADING_SIGNS).str.strip_chars_end(_WRAPPING_SIGNS)
    return _null_elsewhere(bare, bare != "")


def _number_spellings(bare: pl.Series) -> Iterator[pl.Series]:
    grouped = bare.str.contains(f"^(?:{_GROUPED_NUMBER.pattern})$")
    whole = bare.str.replace_all(_NOT_DIGIT, "").zip_with(grouped.fill_null(value=False), bare)
    least = whole.str.strip_chars_start("0")
    least = least.zip_with(least != "", whole.str.tail(1))
    again = least.str.strip_chars_start(_LEADING_SIGNS) != least  # what would be taken off it again
    least = whole.zip_with(again.fill_null(value=False), least)
    numeric = whole.str.contains("^[0-9]+$").fill_null(value=False)
    yield bare
    for wrap in _WRAPPERS:
        yield pl.select(pl.format(wrap, whole)).to_series()
    yield from (whole, least)
    yield from _lettered(whole, least, numeric)
    for width, fits in _widths(least):
        yield _null_elsewhere(least.str.pad_start(width, "0"), fits)
    yield from _with_separators(_null_elsewhere(least, numeric & (least.str.len_chars() > 3)))


def _widths(least: pl.Series) -> Iterator[tuple[int, pl.Series]]:
    """Widths to which zeros are put in front, and the ids for which that is so."""
    lengths = least.str.len_chars()
    longest = int(lengths.filter(lengths <= _LONGEST).max() or 0)  # type: ignore[arg-type]  # a length, or None
    for width in range(2, max(_WIDEST, longest + _MORE) + 1):
        fits = (lengths < width) & (lengths <= _LONGEST) & ((lengths + _MORE >= width) | (width <= _WIDEST))
        if fits.any():
            yield width, fits


def _lettered(whole: pl.Series, least: pl.Series, numeric: pl.Series) -> Iterator[pl.Series]:
    """The cases of ids that are not number, with and without zeros in front."""
    whole, least = _null_elsewhere(whole, ~numeric), _null_elsewhere(least, ~numeric)
    if least.null_count() == len(least):
        return
    first = least.str.head(1).str.to_uppercase() + least.str.slice(1).str.to_lowercase()
    for made in (_null_elsewhere(whole, whole != least), least):
        yield from (made.str.to_uppercase(), made.str.to_lowercase())
        yield from mixtures(made)
    yield first
    for width, fits in _widths(least):
        made = least.str.pad_start(width, "0")
        for case in (made.str.to_uppercase(), made.str.to_lowercase(), first.str.pad_start(width, "0")):
            yield _null_elsewhere(case, fits)


def _with_separators(numbers: pl.Series) -> Iterator[pl.Series]:
    """Numbers with the separators of thousands that there are."""
    if numbers.null_count() < len(numbers):
        for sign in _SEPARATORS:
            yield (
                numbers.str.reverse()
                .str.replace_all("([0-9]{3})", f"${{1}}{sign}")
                .str.strip_chars_end(sign)
                .str.reverse()
            )


def _null_elsewhere(values: pl.Series, there: pl.Series) -> pl.Series:
    return values.zip_with(
        there.fill_null(value=False), pl.Series([None], dtype=pl.String).new_from_index(0, len(values))
    )
