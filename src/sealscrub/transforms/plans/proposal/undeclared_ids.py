"""Which columns other than the keys look as if they held ids of an index: by their forms, never by what it holds.

What a proposal says goes into a file that people share, so it is the same whichever records are sealed: of the index
only the schemes count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError
from sealscrub.identifiers import Status, canonicalise, get_scheme
from sealscrub.index import Index
from sealscrub.matching.nested_values import inner_values
from sealscrub.matching.texts.text_reading import TextReading
from sealscrub.matching.whole_numbers import whole_numbers

from .key_guesses import AGREES, is_told

__all__ = ["Form", "LooksLikeIds", "UndeclaredIds"]

_FEW_VALUES = 200  # values that have to parse before all are tried
_READ = 4_096  # different texts of a column that are read for mentions
_WORDS = 3
_SENTENCE = r"\b\p{L}{2,}\b"
_DATA = r"^\s*[\[{]"
_ONE_WORD = r"^\S*[0-9]\S*$"
_NO_ID = (
    r"^(?:[+-]?[0-9]*\.[0-9]+|[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}(?:[ T].*)?|[0-9]{1,2}:[0-9]{2}.*)$"  # dates, times
)
_SHARE = 0.1  # of the values, that are different where they are like ids
_MANY = 1_000  # different values that are like ids, whatever their share
_SMALL_SHARE = 0.9  # of the different values, that are small numbers or years where they are codes
_SMALL = r"^[+-]?0*(?:[0-9]{1,2}|1[01][0-9]|12[0-7]|19[0-9]{2}|20[0-9]{2})(?:\.0*)?$"


class Form(Enum):
    """How the ids are in the column."""

    KEYS = auto()
    """They are its values."""
    SENTENCES = auto()
    """Its texts mention them."""
    PARTS = auto()
    """Some of its values are ids, or have some in them."""
    ALIKE = auto()
    """Its values are like ids, and like much else: numbers, words with digits."""


@dataclass(frozen=True, slots=True)
class LooksLikeIds:
    """A column that looks as if it held ids.

    Attributes
    ----------
    name : str
        The column.
    form : Form
    schemes : tuple of str
        Of which ids.
    share : float
        Which share of the values parses as one, or of the different ones has one in it.
    listed : bool
        Whether they are elements of lists.
    """

    name: str
    form: Form
    schemes: tuple[str, ...]
    share: float
    listed: bool


class _AnySystem:
    """A system that holds no id, so every id that is written counts."""

    def unknown(self, scheme: str, values: pl.Series) -> npt.NDArray[np.bool_]:
        return np.ones(len(values), bool)


class UndeclaredIds:
    """Looks for ids of the schemes of an index, whether or not it holds them.

    Parameters
    ----------
    index : Index

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> ids = UndeclaredIds(example_index(["K14612345"]))
    >>> found = ids.look(pl.Series("note", ["Released, see arrest M14000017.", "theft"]))
    >>> found.form, found.schemes
    (<Form.SENTENCES: 2>, ('arrest_number',))
    """

    def __init__(self, index: Index) -> None:
        whole = [scheme for scheme in index.schemes if not get_scheme(scheme).parts]
        self._told = tuple(filter(is_told, whole))
        self._alike = tuple(scheme for scheme in whole if scheme not in self._told)
        self._reading = TextReading(index, index.schemes, several=True, barred=(), known=_AnySystem())

    def look(self, column: pl.Series) -> LooksLikeIds | None:
        """Look at a column; None if nothing in it is like an id."""
        texts = pl.concat([pl.Series([], dtype=pl.String), *_leaves(column.alias(""))])
        if texts.is_empty():
            return None
        kind = column.dtype
        listed = isinstance(kind, pl.List | pl.Array) and not kind.inner.is_nested()
        different = texts.unique(maintain_order=True)
        for scheme in self._told if listed or not kind.is_nested() else ():
            if (share := _parsable_share(texts, scheme)) >= AGREES:
                return LooksLikeIds(column.name, Form.KEYS, (scheme,), share, listed)
        read = different.head(_READ)
        mentions = list(self._reading.found(read))
        if mentions:
            rows = sorted({number for number, *_ in mentions})
            schemes = tuple(sorted({scheme for _, scheme, *_ in mentions}))
            form = Form.SENTENCES if not kind.is_nested() and _in_sentences(read.gather(rows)) else Form.PARTS
            return LooksLikeIds(column.name, form, schemes, len(rows) / len(read), listed)
        alike = tuple(scheme for scheme in self._alike if _parsable_share(texts, scheme) >= AGREES)
        if alike and _like_ids(texts):
            return LooksLikeIds(column.name, Form.ALIKE, alike, 1.0, listed)
        return None


def _leaves(values: pl.Series) -> Iterator[pl.Series]:
    """Give the plain values that a column is made of, as texts; what can be no id is left out."""
    kind = values.dtype
    if kind == pl.Struct:
        values = values.drop_nulls()
    inner = inner_values(values)
    for _, within, _ in inner or ():
        yield from _leaves(within.alias(""))
    if inner is not None:
        return
    values = values.drop_nulls()
    if kind.is_numeric():
        digits = whole_numbers(values)
        if digits.null_count() <= (1 - AGREES) * len(digits):
            yield digits.drop_nulls().alias("")
    elif kind in (pl.String, pl.Categorical, pl.Enum):
        yield values.cast(pl.String)


def _parsable_share(texts: pl.Series, scheme: str) -> float:
    """Which share of texts parses, or 0 if the first do not; an id of one system is any word with a digit."""
    if get_scheme(scheme).opaque:
        return int((texts.str.contains(_ONE_WORD) & ~texts.str.contains(_NO_ID)).sum()) / len(texts)
    if len(texts) > _FEW_VALUES and _parsable_share(texts.head(_FEW_VALUES), scheme) < AGREES:
        return 0.0
    try:
        found = canonicalise(texts, scheme)
    except ColumnError:
        return 0.0
    there = len(texts) - found.count(Status.NULL)
    return found.count(Status.OK) / there if there else 0.0


def _in_sentences(texts: pl.Series) -> bool:
    """Whether most of the texts have words other than the ids."""
    said = (texts.str.count_matches(_SENTENCE) >= _WORDS) & ~texts.str.contains(_DATA)
    return 2 * int(said.sum()) >= len(texts)


def _like_ids(texts: pl.Series) -> bool:
    """Whether values are like ids, and not like codes or counts: many differ, and few are small numbers or years."""
    different = texts.unique()
    small = int(different.str.contains(_SMALL).sum())
    return (len(different) >= _MANY or len(different) >= _SHARE * len(texts)) and small < _SMALL_SHARE * len(different)
