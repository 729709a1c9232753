"""From the raw values of a column to cleaned text: what is there, what stands for nothing, what was damaged.

Numbers are never guessed back. A column of floats, and text such as ``123456.0`` or ``1.23E+08`` that went through
one, has lost digits or zeros; it is damaged, whatever it looks like.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ColumnError

from .scheme import Scheme
from .texts_of_bytes import key_texts

__all__ = ["Status"]

# Words that stand for "none" in every scheme, upper case.
NOTHING = frozenset(
    [
        "",
        "-",
        "--",
        ".",
        "(NULL)",
        "NULL",
        "NIL",
        "NONE",
        "NA",
        "N/A",
        "#N/A",
        "NAN",
        "NAT",
        "<NA>",
        "UNK",
        "UNKNOWN",
        "NOT AVAILABLE",
        "NOT APPLICABLE",
    ]
)
DAMAGED = r"^-?[0-9]+\.0+$|^-?[0-9]\.[0-9]+[Ee]\+?[0-9]+$|^-?[0-9][Ee]\+[0-9]+$"
_INVISIBLE = r"[\p{Cf}\u{034f}\u{180b}-\u{180f}\u{fe00}-\u{fe0f}]"
_CONTROL_SIGNS = r"[\x00-\x08\x0e-\x1f\x7f-\x{84}\x{86}-\x{9f}]"
_ZEROS = r"^(0+|9+)$"
_DASHES = "[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
_HAS_OTHER_SIGNS = (pl.col("text").str.len_bytes() != pl.col("text").str.len_chars()).any()
IS_DAMAGED = pl.col("text").str.contains(DAMAGED).fill_null(value=False)

SPACE = "\t\n\x0b\x0c\r "

Flags = npt.NDArray[np.uint8]
Judged = tuple[str | None, int]
"""A canonical value, if there is one, and a status."""


class Status(IntEnum):
    """What happened to one raw value.

    ``OK`` has a canonical value. ``NULL`` is null, or a word or number that stands for none. ``NEAR`` would parse
    if look-alike letters were read as digits; ``UNPARSABLE`` does not parse; ``DAMAGED`` went through a float.
    None of the last three is ever matched.

    Examples
    --------
    >>> from sealscrub.identifiers import canonicalise
    >>> Status(canonicalise(pl.Series(["K146I2245"]), "arrest_number").status[0])
    <Status.NEAR: 2>
    """

    OK = 0
    NULL = 1
    NEAR = 2
    UNPARSABLE = 3
    DAMAGED = 4


@dataclass(frozen=True, slots=True)
class RawText:
    """A column as text, and the status of the values that are settled already."""

    text: pl.Series
    status: Flags


def read_raw(column: pl.Series, scheme: Scheme) -> RawText:
    """Read a column of any type as text, without passing an id through a number.

    Raises
    ------
    ColumnError
        When the type of the column can hold no identifiers.
    """
    dtype = column.dtype
    status = np.zeros(len(column), np.uint8)
    if dtype == pl.Null:
        text = pl.Series(column.name, [None] * len(column), dtype=pl.String)
    elif dtype == pl.String:
        text = column
    elif dtype in (pl.Categorical, pl.Enum):
        text = column.cast(pl.String)
    elif dtype.is_integer() or (isinstance(dtype, pl.Decimal) and not dtype.scale):
        text = column.cast(pl.String)
        if scheme.number_width:
            text = text.str.zfill(scheme.number_width)
    elif dtype.is_float() or isinstance(dtype, pl.Decimal):
        text = pl.Series(column.name, [None] * len(column), dtype=pl.String)
        present = column.is_not_null() & (column.is_not_nan() if dtype.is_float() else True)
        status[present.to_numpy()] = Status.DAMAGED
    elif dtype == pl.Binary:
        text = key_texts(column)
        status[(column.is_not_null() & text.is_null()).to_numpy()] = Status.UNPARSABLE
    else:
        raise ColumnError(
            f"a column of type {_kind(dtype)} holds no identifiers",
            where=f"column {column.name!r}",
            hint="make the field that holds the ids a column of its own."
            if dtype.is_nested()
            else "give the column that holds the ids as text.",
        )
    if text.null_count():
        status[text.is_null().to_numpy() & (status == 0)] = Status.NULL
    return RawText(text, status)


def clean(text: pl.Series, scheme: Scheme) -> pl.Series:
    """Bring spellings together: Unicode forms, dashes, case, labels and outer space."""
    frame = text.alias("text").to_frame()
    ascii_only = not frame.select_seq(_HAS_OTHER_SIGNS).item()
    return frame.select_seq(_cleaned(scheme, ascii_only=ascii_only)).to_series().alias(text.name)


@lru_cache(maxsize=512)
def _cleaned(scheme: Scheme, *, ascii_only: bool) -> pl.Expr:
    text = pl.col("text")
    if scheme.opaque:
        text = text.str.replace_all(_CONTROL_SIGNS, "")
    if not ascii_only:
        text = text.str.replace_all(_INVISIBLE, "").str.replace_all(_DASHES, "-")
        text = text.str.normalize("NFC" if scheme.opaque else "NFKC")
        if not scheme.opaque:  # what a compatibility form hides is seen only now
            text = text.str.replace_all(_INVISIBLE, "").str.replace_all(_DASHES, "-")
    if scheme.opaque:
        return text.str.strip_chars()
    text = text.str.to_uppercase().str.strip_chars()
    return text.str.replace(label_pattern(scheme.labels), "") if scheme.labels else text


def means_nothing(text: pl.Series, scheme: Scheme) -> Mask:
    """Which cleaned texts stand for "none"."""
    return text.alias("text").to_frame().select_seq(_nothing(scheme)).to_series().to_numpy()


def damaged_or_nothing(text: pl.Series, scheme: Scheme) -> tuple[Mask, Mask]:
    """Which cleaned texts show that a number was printed from a float, and which stand for "none"."""
    found = text.alias("text").to_frame().select_seq(IS_DAMAGED.alias("damaged"), _nothing(scheme).alias("nothing"))
    return found["damaged"].to_numpy(), found["nothing"].to_numpy()


@lru_cache(maxsize=512)
def _nothing(scheme: Scheme) -> pl.Expr:
    words, text = sorted(NOTHING | scheme.sentinels), pl.col("text")
    found = text.str.to_uppercase().is_in(words) if scheme.opaque else text.is_in(words) | text.str.contains(_ZEROS)
    return found.fill_null(value=False)


def label_pattern(labels: tuple[str, ...]) -> str:
    plain = sorted((unicodedata.normalize("NFKC", label) for label in labels), key=len, reverse=True)
    words = [r"\s+".join(re.escape(word) for word in label.split()) for label in plain]
    return rf"^(?:{'|'.join(words)})(?:\s*(?:NUMBER|NUM|NO|ID))?[\s.:#\-]*[\s.:#\-]"


def _kind(dtype: pl.DataType) -> str:
    return type(dtype).__name__.lower()
