"""Names as they are compared: capitals without accents, without titles, and null if no one is named."""

from __future__ import annotations

import re

import polars as pl

from sealscrub.identifiers.letters import fold_letters
from sealscrub.identifiers.linkage_fields import SUFFIX

__all__ = ["FEW", "standard_names", "standard_text"]

FEW = 200
"""Texts of which each is read on its own: setting up what puts different ones together takes longer."""
_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`\u00b4]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SUFFIX = rf"\b({SUFFIX})$"
_ONE_SUFFIX = {"JUNIOR": "JR", "II": "JR", "2ND": "JR", "SENIOR": "SR", "3RD": "III", "4TH": "IV"}
_NOBODY_WORDS = (
    *("UNKNOWN", "UNKN", "UNK", "UNNAMED", "UNIDENTIFIED", "NONE", "NULL", "N A", "NA", "NOT GIVEN", "NOT KNOWN"),
    *("REFUSED", "ANONYMOUS", "TEST", "XX", "XXX", "XXXX", "FNU", "LNU", "NFN", "NLN", "NMN", "NMI", "NO NAME"),
    *("BABY", "BABY BOY", "BABY GIRL", "BABYBOY", "BABYGIRL", "BABY BOY A", "BABY BOY B", "INFANT", "BOY", "GIRL"),
    *("DOE", "JOHN DOE", "JANE DOE", "NAME UNKNOWN", "UNKNOWN NAME", "UNKNOWN UNKNOWN"),
)
"""What is written where a name is not known."""
_OF_NOBODY = ("JOHN", "JANE", "JON", "JOHNNY", "JANIE")
"""Given names of those whose family name is a stand-in."""


def standard_text(column: pl.Series) -> pl.Series:
    """Words in capitals, divided by single spaces; null if none is left.

    Examples
    --------
    >>> standard_text(pl.Series(["Jos\u00e9  O'Brien-Smith", " -- ", None])).to_list()
    ['JOSE OBRIEN SMITH', None, None]
    """
    if len(column) <= FEW:
        words = [None if text is None else _standard_words(text) for text in column.to_list()]
        return pl.Series(column.name, words, dtype=pl.String)
    once = column.drop_nulls().unique()
    words = [_standard_words(text) for text in once.to_list()]
    table = pl.DataFrame({"raw": once, "words": words}, schema_overrides={"words": pl.String})
    joined = pl.DataFrame({"raw": column}).join(table, on="raw", how="left", maintain_order="left")
    return joined["words"].alias(column.name)


def _standard_words(text: str) -> str | None:
    if not text.isascii():
        text = fold_letters(_APOSTROPHES.sub("", text)).text
    elif text.isalpha():
        return text.upper()
    return _BETWEEN_WORDS.sub(" ", _APOSTROPHES.sub("", text.upper())).strip() or None


def standard_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Bring the three names of each record to the form that is compared, and read ``suffix`` from them.

    A family name with a comma in it, without a given name next to it, is divided there.

    Examples
    --------
    >>> raw = pl.DataFrame({"last_name": ["Smith, Ann", "Doe"], "first_name": [None, "John"],
    ...                     "middle_name": [None, None]}, schema_overrides={"middle_name": pl.String})
    >>> standard_names(raw).rows()
    [('SMITH', 'ANN', None, None), (None, None, None, None)]
    """
    last, first = pl.col("last_name"), pl.col("first_name")
    both = last.str.contains(",", literal=True) & (first.is_null() | (first.str.strip_chars() == ""))
    frame = frame.select(
        pl.when(both).then(last.str.extract(r"^([^,]*),", 1)).otherwise(last).alias("last_name"),
        pl.when(both).then(last.str.extract(r"^[^,]*,(.*)$", 1)).otherwise(first).alias("first_name"),
        pl.col("middle_name"),
    )
    frame = frame.select(standard_text(frame[name]) for name in frame.columns)
    suffix = pl.coalesce(pl.col(name).str.extract(_SUFFIX, 1) for name in ("last_name", "first_name", "middle_name"))
    frame = frame.with_columns(suffix.replace(_ONE_SUFFIX).alias("suffix")).with_columns(
        pl.col("last_name", "first_name", "middle_name").str.replace(_SUFFIX, "").str.strip_chars()
    )
    stand_in = pl.col("last_name").is_in(_NOBODY_WORDS) & pl.col("first_name").is_in(_OF_NOBODY)
    whole = [_usable_name(pl.col(name)).alias(name) for name in ("last_name", "middle_name")]
    return frame.with_columns(
        *whole, pl.when(~stand_in.fill_null(value=False)).then(_usable_name(first)).alias("first_name")
    )


def _usable_name(name: pl.Expr) -> pl.Expr:
    return pl.when((name != "") & ~name.is_in(_NOBODY_WORDS) & name.str.contains(r"\p{L}")).then(name)
