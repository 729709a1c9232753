"""Writing a new value in a format of text as the values around it are written, so it does not stand out."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

__all__ = ["truths", "written_alike"]

#: Ways to write true and false in text.
_TRUTHS = [
    ("true", "false"),
    ("True", "False"),
    ("TRUE", "FALSE"),
    ("1", "0"),
    ("Y", "N"),
    ("y", "n"),
    ("T", "F"),
    ("t", "f"),
    ("Yes", "No"),
    ("yes", "no"),
    ("YES", "NO"),
    ("1.0", "0.0"),
]

_MINUTES, _SECONDS = 16, 19  # characters of a date and a time to the minute, and to the second
_OF_UTC = frozenset({"", "Z", "+00:00", "+0000", "+00", " UTC"})


def truths(seen: Collection[str]) -> tuple[str, str]:
    """Give the words for true and false of a column that holds these."""
    words = set(seen)
    return next((pair for pair in _TRUTHS if words and words <= set(pair)), _TRUTHS[0])


def written_alike(values: pl.Series, seen: pl.Series) -> pl.Series:
    """Write values after the fashion of texts.

    Parameters
    ----------
    values : polars.Series
        Truths, numbers, dates or times.
    seen : polars.Series
        Texts of the same kind, none of them null.

    Examples
    --------
    >>> written_alike(pl.Series([2, 3]), pl.Series(["01", "12"])).to_list()
    ['02', '03']
    >>> written_alike(pl.Series([0.5, 2.0]), pl.Series(["1.25", "0.10"])).to_list()
    ['0.50', '2.00']
    """
    if values.dtype == pl.Boolean:
        yes, no = truths(seen.unique().to_list())
        return pl.select(pl.when(values).then(pl.lit(yes)).when(~values).then(pl.lit(no))).to_series()
    texts = values.cast(pl.String)
    if not len(seen):
        return texts
    if values.dtype.is_integer():
        return _padded_texts(texts + ".0" if seen.str.ends_with(".0").all() else texts, seen)
    if values.dtype.is_float() or values.dtype.is_decimal():
        return _padded_texts(_with_point(values, texts, seen), seen)
    if values.dtype == pl.Date:
        rest = seen.str.slice(10).unique()
        return texts + rest.item() if len(rest) == 1 else texts
    return _time(texts, seen) if isinstance(values.dtype, pl.Datetime) else texts


def _padded_texts(texts: pl.Series, seen: pl.Series) -> pl.Series:
    """Fill up to the width that all texts have, if zeros or spaces in front show that they were filled up."""
    widths = seen.str.len_chars()
    width = int(widths.max() or 0)  # type: ignore[arg-type]  # a length
    if widths.min() != width:
        return texts
    if seen.str.contains(r"^-?0\d").any():
        return texts.str.zfill(width)
    return texts.str.pad_start(width) if seen.str.starts_with(" ").any() else texts


def _with_point(values: pl.Series, texts: pl.Series, seen: pl.Series) -> pl.Series:
    """Write fractions with as many digits as the others have, or without the zeros that these leave out."""
    digits = _fixed_digits(seen)
    if digits:
        return _with_digits(values, texts, digits)
    whole = bool(seen.str.contains(r"^\s*-?\d+$").any())
    if values.dtype.is_decimal() and not seen.str.contains(r"\.\d+0$").any():
        texts = texts.str.replace(r"(\.\d*?)0+$", "$1").str.replace(r"\.$", "" if whole else ".0")
    elif values.dtype.is_float() and whole and not seen.str.ends_with(".0").any():
        texts = texts.str.replace(r"\.0$", "")
    return texts


def _fixed_digits(seen: pl.Series) -> int:
    """How many digits are behind the point of every number, if zeros show that it is always so many."""
    digits = seen.str.extract(r"^\s*-?\d+\.(\d+)$").str.len_chars()
    most = int(digits.max() or 0)  # type: ignore[arg-type]  # a length
    padded = most > 1 and bool(seen.str.ends_with("0").any())
    return most if padded and not digits.null_count() and digits.min() == most else 0


def _with_digits(values: pl.Series, texts: pl.Series, digits: int) -> pl.Series:
    """Write numbers with so many digits behind the point, unless that would change them."""
    known = values.to_list()
    written = [None if value is None else f"{value:.{digits}f}" for value in known]
    kind = float if values.dtype.is_float() else type(next((value for value in known if value is not None), 0))
    same = [text is None or kind(text) == value for text, value in zip(written, known, strict=True)]
    return pl.Series(texts.name, written, dtype=pl.String).zip_with(pl.Series(same, dtype=pl.Boolean), texts)


def _time(texts: pl.Series, seen: pl.Series) -> pl.Series:
    """Write times with the letter between, the fractions and the zone that the others have."""
    if seen.str.len_chars().max() == 10:
        return texts.str.slice(0, 10)
    plain = texts.str.replace(r"\.0+$", "")
    if (seen.str.len_chars() == _MINUTES).all():
        plain = plain.str.replace(r"^(.{16}):00$", "${1}")
        return plain.str.replace(" ", "T", literal=True) if (seen.str.slice(10, 1) == "T").all() else plain
    rests = seen.str.slice(_SECONDS).unique()
    zones, digits = (
        rests.str.replace(r"^\.\d+", "").unique(),
        rests.str.extract(r"^\.(\d+)").str.len_chars().fill_null(0),
    )
    if len(zones) == 1 and zones.item() in _OF_UTC and digits.n_unique() == 1:
        most = int(digits.max() or 0)  # type: ignore[arg-type]  # a length
        fractions = texts.str.extract(r"\.(\d+)").fill_null("").str.pad_end(9, "0")
        fits = (fractions.str.slice(most).str.replace_all("0", "") == "").fill_null(True)
        point = "." if most else ""
        alike = texts.str.slice(0, _SECONDS) + point + fractions.str.slice(0, most) + zones.item()
        plain = alike.zip_with(fits, plain)
    return plain.str.replace(" ", "T", literal=True) if (seen.str.slice(10, 1) == "T").all() else plain
