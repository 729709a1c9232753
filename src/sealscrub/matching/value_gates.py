"""Which texts may be a key, or hold one: seen by their letters and digits in one pass, before anything is read.

Each gate lets every text through in which something is found, and few others. A text with signs that are not ASCII, or
with an escape, goes through where these may stand for a letter or digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.identifiers import Scheme
from sealscrub.identifiers.cleaned_text import label_pattern

from .chance import SHORTEST
from .other_digits import PRINTED_NUMBER
from .text_items import JSON_BEGINS, may_have_items
from .texts.shapes import MARK, NO_MATCH, ODD, Shapes, loose_shape_of, of_ascii

__all__ = ["ValueGates"]

Rows = npt.NDArray[np.int64]

_NOT_ASCII = r"[^\x00-\x7f]"
_OTHERWISE_WRITTEN = r"[%&\\]|[0-9.][eE][+\-]?[0-9]|[^\x00-\x7f]"  # an escape, a number's exponent, another alphabet
_IN_WORD = MARK.replace("Za-z", r"Za-z\s,;|()\[\]{}<>=\"'`")
_IN_PHRASE = MARK.replace("Za-z", r"Za-z,;|\[\](){}\"")
_PHRASE_EDGE = r"[,;|\t\r\n\[\](){}\"]"
_LONG = 1 << 20  # bytes of a text that may be cut within a word


class ValueGates:
    """Says which texts are worth reading for keys of some schemes.

    Parameters
    ----------
    spelled : sequence of Scheme
        Schemes with spellings.
    by_word : sequence of Scheme
        Those of them of which every word of a text is looked up.
    readings : Shapes
        Fits the texts in which the text guard may find something.
    near : bool
        Whether letters that look like digits may stand for digits.

    Examples
    --------
    >>> from sealscrub.identifiers import get_scheme
    >>> gates = ValueGates([get_scheme("arrest_number")], (), Shapes([]), near=True)
    >>> gates.whole(pl.Series(["ARREST NO. k14-612345", "K14 at noon", "KI46I2345", "12,345"])).tolist()
    [0, 2, 3]
    """

    def __init__(self, spelled: Sequence[Scheme], by_word: Sequence[Scheme], readings: Shapes, *, near: bool) -> None:
        self._wholes = {each.name: _contains(_whole_shape(each, near)) for each in spelled}
        wholes = [_whole_shape(each, near) for each in spelled]
        words = [shape for each in by_word for shape in _shapes_within(each, near, SHORTEST)]
        short = [shape for each in by_word for shape in _shapes_within(each, near, 0)]
        self._any_whole = _contains(*wholes, PRINTED_NUMBER)
        self._words = _contains(*words, _OTHERWISE_WRITTEN)
        self._short_words = _contains(*short, _OTHERWISE_WRITTEN)
        read = map(of_ascii, readings.first)
        texts = _contains(*wholes, PRINTED_NUMBER, JSON_BEGINS, *words, *read, _OTHERWISE_WRITTEN, ODD)
        self._texts = texts | (pl.col("text").str.len_bytes() > _LONG)

    def whole(self, texts: pl.Series, scheme: str | None = None) -> Rows:
        """Say which texts may be a value of a scheme; of any if none is named, also as floats are printed."""
        return _rows(texts, self._any_whole if scheme is None else self._wholes[scheme])

    def words(self, texts: pl.Series, *, short: bool = False) -> Rows:
        """Say of which texts words and phrases may be values of the schemes whose words are looked up.

        Parameters
        ----------
        texts : polars.Series of String
        short : bool
            Whether those of fewer letters and digits than tell a value from chance count as well.
        """
        gate = self._short_words if short else self._words
        return _rows(texts, gate | (pl.col("text").str.len_bytes() > _LONG))

    def texts(self, texts: pl.Series) -> Mask:
        """Say which texts may be a value, hold one, or hold one within a list or JSON."""
        found: Mask = texts.alias("text").to_frame().select_seq(self._texts).to_series().to_numpy(writable=True)
        rest = np.flatnonzero(~found)
        if len(rest):
            found[rest] = may_have_items(texts[rest]).to_numpy()
        return found

    def __repr__(self) -> str:
        return f"ValueGates({len(self._wholes)} schemes)"


def _contains(*patterns: str) -> pl.Expr:
    return pl.col("text").str.contains("|".join(dict.fromkeys(patterns)))


def _rows(texts: pl.Series, gate: pl.Expr) -> Rows:
    if not len(texts):
        return np.zeros(0, np.int64)
    return np.flatnonzero(texts.alias("text").to_frame().select_seq(gate).to_series().to_numpy())


@lru_cache(maxsize=256)
def _whole_shape(scheme: Scheme, near: bool) -> str:
    """Give the expression of a text that is a value and nothing else, with a label or without."""
    label = f"(?i:{label_pattern(scheme.labels).removeprefix('^')})?" if scheme.labels else ""
    return of_ascii(rf"^{MARK}*{label}(?:{loose_shape_of(scheme, near=near)}){MARK}*$") + f"|{_NOT_ASCII}"


@lru_cache(maxsize=256)
def _shapes_within(scheme: Scheme, near: bool, least: int) -> tuple[str, ...]:
    """Give the expressions of a value that is a run of pieces of one word, and of one that is all of a phrase."""
    label = f"(?i:{label_pattern(scheme.labels).removeprefix('^')})" if scheme.labels else NO_MATCH
    shape, any_shape = loose_shape_of(scheme, near=near, least=least), loose_shape_of(scheme, near=near)

    def within(signs: str, edge: str) -> str:
        value = rf"(?:{shape.replace(MARK, signs)}|{signs}*{label}(?:{any_shape.replace(MARK, signs)}))"
        return rf"(?:^|{edge}){value}{signs}*(?:{edge}|$)"

    return of_ascii(within(_IN_WORD, MARK)), of_ascii(within(_IN_PHRASE, _PHRASE_EDGE))
