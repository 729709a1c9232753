"""Identifiers in many texts, read as the text guard reads them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import polars as pl

from sealscrub.errors import UnsuitableIndex
from sealscrub.identifiers import Status, canonicalise, get_scheme
from sealscrub.index import Index, Reason

from .identifier_labels import LABEL_REACH
from .line_numbers import with_and_without
from .mentions import IdentifierFinder, KnownValues
from .units import LONGEST_UNIT, unit_ends
from .views import views

__all__ = ["TextReading"]

_DIGIT = re.compile(r"[^\x00-\x7f]|\d")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_AT_ONCE = 1 << 16  # characters
_MARGIN = 4_096  # characters on either side of a part of a long text that are read with it


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text, or a part of a long one; of what is found, only that counts which begins in its core."""

    number: int
    text: str
    core: tuple[int, int]


class TextReading:
    """Reads texts, many at a time.

    Parameters
    ----------
    index : Index
    schemes : sequence of str
        Of these are the identifiers that are recognised, but ids of one system, which have no grammar.
    several : bool
        Whether keys of several parts are recognised as well, the parts of which are in one sentence, or one short text.
    near : bool
        Whether letters that look like digits are read as digits.
    barred : collection of Reason
        Entries of the index that count.
    known : KnownValues, optional
        Identifiers that a system holds; others count as well.
    """

    def __init__(
        self,
        index: Index,
        schemes: Sequence[str],
        *,
        several: bool = False,
        near: bool = False,
        barred: Collection[Reason] = tuple(Reason),
        known: KnownValues | None = None,
    ) -> None:
        self._finder: IdentifierFinder | None
        try:
            self._finder = IdentifierFinder(index, ocr=near, known=known)
        except UnsuitableIndex:
            self._finder = None
            return
        self._finder.barred = [int(each) for each in barred]
        self._finder.spelled = [each for each in self._finder.spelled if each[0].name in schemes]
        self._finder.opaque = []  # words are looked up one by one
        if not several:
            self._finder.several = []
        # longer than anything that may be in an identifier, and than a label reaches where one is needed
        labelled = any(scheme.labels and bounds.bare for scheme, bounds in self._finder.spelled)
        self._between = f" {'X' * (4 * LABEL_REACH if labelled else self._finder.most + 1)} "

    @property
    def several(self) -> tuple[str, ...]:
        """Schemes of several parts that are recognised."""
        return () if self._finder is None else tuple(each.name for each in self._finder.several)

    def found(self, texts: Iterable[str]) -> Iterator[tuple[int, str, str, str]]:
        """Give the identifiers that the index holds: number of the text, scheme, what is written, and what it is."""
        if self._finder is None or not (self._finder.spelled or self._finder.several):
            return
        together: list[_Piece] = []
        size = 0
        for piece in _pieces(texts):
            together.append(piece)
            size += len(piece.text) + len(self._between)
            if size >= _AT_ONCE:
                yield from self._read(self._finder, together)
                together, size = [], 0
        if together:
            yield from self._read(self._finder, together)

    def _read(self, finder: IdentifierFinder, pieces: Sequence[_Piece]) -> Iterator[tuple[int, str, str, str]]:
        whole = self._between.join(piece.text for piece in pieces)
        begins = list(accumulate((len(piece.text) + len(self._between) for piece in pieces[:-1]), initial=0))
        units = _units(pieces, begins) if finder.several else [0, len(whole)]
        for mention in dict.fromkeys(finder.find(whole, views(whole), 0, len(whole), units)):
            written = whole[mention.start : mention.end]
            at = bisect_right(begins, mention.start) - 1
            low, high = pieces[at].core
            if low <= mention.start - begins[at] < high:
                yield pieces[at].number, mention.what, written, _value(written, mention.what)

    def __repr__(self) -> str:
        return "TextReading()"


def _pieces(texts: Iterable[str]) -> Iterator[_Piece]:
    """Give the texts that may mention something, the long ones in parts that overlap."""
    for number, text in enumerate(texts):
        if _DIGIT.search(text) is None:
            continue
        if len(text) <= _AT_ONCE:
            yield _Piece(number, text, (0, len(text)))
            continue
        for start in range(0, len(text), _AT_ONCE):
            low = max(0, start - _MARGIN)
            core = (start - low, min(_AT_ONCE, len(text) - start) + start - low)
            yield _Piece(number, text[low : start + _AT_ONCE + _MARGIN], core)


def _units(pieces: Sequence[_Piece], begins: Sequence[int]) -> list[int]:
    """Where the sentences of long texts begin, and short texts, and where the last ends."""
    units = []
    for piece, begin in zip(pieces, begins, strict=True):
        units.append(begin)
        if len(piece.text) > LONGEST_UNIT:
            units += [begin + end for end in unit_ends(piece.text, 0, 0, final=True)[0]]
    return sorted({*units, begins[-1] + len(pieces[-1].text)})


def _value(written: str, scheme: str) -> str:
    """The canonical value of what is written, or its letters and digits if tags or marks are between them."""
    read = [each.text for letters in views(written) for each in with_and_without(letters)]
    packed = [_BETWEEN_WORDS.sub("", each) for each in read]
    shortest = min(packed, key=len)
    if get_scheme(scheme).parts:
        return shortest
    done = canonicalise(pl.Series([*read, *packed], dtype=pl.String), scheme)
    return next(
        (value for value, status in zip(done.values, done.status, strict=True) if status == Status.OK),
        shortest,
    )
