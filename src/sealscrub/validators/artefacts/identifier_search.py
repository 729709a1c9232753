"""Which texts and numbers of a file are identifiers that the index holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers import Status, canonicalise, digest_column, get_scheme
from sealscrub.index import Index

from .report import Certainty

__all__ = ["IdentifierSearch", "candidates"]

_PIECE = re.compile(r"[^\W_]+")
_LONGEST = 48
_MOST_PIECES = 5
_WIDEST_GAP = 3
_TELLING = 6  # characters of a canonical value from which on a hit is no chance
_BATCH = 200_000
Place = tuple[str, str, str]  # file, path, kind of finding
_HOLDERS = re.compile(r"categories_|classes_|vocabulary_|feature_names|index|_ids?\b|keys")


class IdentifierSearch:
    """Looks what may be identifiers up in an index, under some of its schemes, many at a time.

    Parameters
    ----------
    index : Index
    schemes : sequence of str
        Schemes of one column each.
    """

    def __init__(self, index: Index, schemes: Sequence[str]) -> None:
        self._index = index
        self._schemes = {index.require(name): index.scheme_key(index.require(name)) for name in schemes}
        self._opaque = {name for name in self._schemes if get_scheme(name).opaque}
        self._numeric = [name for name in self._schemes if _takes_numbers(name)]
        self._texts: dict[str, dict[Place, bool]] = {}
        self._numbers: list[tuple[Place, npt.NDArray[np.int64]]] = []
        self._waiting = 0
        self._hits: dict[Place, dict[tuple[str, str], Certainty]] = {}
        index.verify()

    def add_texts(self, place: Place, texts: Iterable[str]) -> None:
        """Take the texts of a place: each whole, and what stands within it."""
        for text, whole in candidates(texts):
            places = self._texts.setdefault(text, {})
            places[place] = whole or places.get(place, False)
            if len(self._texts) >= _BATCH:
                self._look_texts_up()

    def add_numbers(self, place: Place, array: npt.NDArray[Any]) -> None:
        """Take the whole numbers of a place."""
        whole = _whole_numbers(array) if self._numeric else np.zeros(0, np.int64)
        if len(whole):
            self._numbers.append((place, whole))
            self._waiting += len(whole)
        if self._waiting >= _BATCH:
            self._look_numbers_up()

    def counts(self) -> Iterator[tuple[Place, str, Certainty, int]]:
        """Place, scheme, certainty, and how many different identifiers, of all that was taken."""
        self._look_texts_up()
        self._look_numbers_up()
        for place, held in self._hits.items():
            for (scheme, certainty), count in Counter((key[0], sure) for key, sure in held.items()).items():
                yield place, scheme, certainty, count

    def _look_texts_up(self) -> None:
        raw = pl.Series(list(self._texts), dtype=pl.String)
        for scheme in self._schemes if len(raw) else ():
            for text, value in self._found(raw, scheme):
                for place, whole in self._texts[text].items():
                    sure = Certainty.CERTAIN
                    if not whole and (scheme in self._opaque or value.isdigit()):
                        sure = Certainty.LIKELY
                    self._note(place, scheme, value, sure if len(value) >= _TELLING else Certainty.POSSIBLE)
        self._texts = {}

    def _look_numbers_up(self) -> None:
        if self._numbers:
            raw = pl.Series(np.unique(np.concatenate([numbers for _, numbers in self._numbers])))
            for scheme in self._numeric:
                found = dict(self._found(raw, scheme))
                for place, numbers in self._numbers if found else ():
                    for number in numbers[np.isin(numbers, list(found))].tolist():
                        telling = len(found[number]) >= _TELLING or _HOLDERS.search(place[1])
                        self._note(place, scheme, found[number], Certainty.LIKELY if telling else Certainty.POSSIBLE)
        self._numbers, self._waiting = [], 0

    def _note(self, place: Place, scheme: str, value: str, sure: Certainty) -> None:
        held = self._hits.setdefault(place, {})
        before = held.get((scheme, value), Certainty.POSSIBLE)
        held[scheme, value] = min(sure, before, key=list(Certainty).index)

    def _found(self, raw: pl.Series, scheme: str) -> list[tuple[Any, str]]:
        """Raw values that are sealed or withheld, with their canonical values."""
        done = canonicalise(raw, scheme)
        rows = np.flatnonzero(done.status == Status.OK)
        if not len(rows):
            return []
        values = done.values.gather(rows)
        hits = self._index.lookup(scheme, digest_column(values, self._schemes[scheme])) != 0
        return list(zip(raw.gather(rows[hits]).to_list(), values.filter(pl.Series(hits)).to_list(), strict=True))

    def __repr__(self) -> str:
        return f"IdentifierSearch({len(self._schemes)} schemes)"


def candidates(texts: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """What in some texts may be an identifier, and whether it is a whole text.

    A text itself, and runs of up to five of its words with what stands between them, where they hold a digit:
    ``arrest_no=K14-612345`` has ``K14-612345`` in it.

    Examples
    --------
    >>> sorted({text for text, whole in candidates(["arrest_no=K14-612345"]) if not whole})[:3]
    ['612345', 'K14', 'K14-612345']
    """
    for text in texts:
        if len(text) <= 4 * _LONGEST:
            yield text, True
            if text.isalnum() and len(text) <= _LONGEST:  # one word: nothing stands within it
                continue
        spans = [match.span() for match in _PIECE.finditer(text)]
        for at, (start, _) in enumerate(spans):
            last = start
            for begin, end in spans[at : at + _MOST_PIECES]:
                if end - start > _LONGEST or begin - last > (_WIDEST_GAP if begin != start else 0):
                    break
                last = end
                part = text[start:end]
                if part != text and any(map(str.isdigit, part)):
                    yield part, False


def _takes_numbers(scheme: str) -> bool:
    probe = pl.Series([int("1234567890123456"[:digits]) for digits in range(1, 17)])
    return bool((canonicalise(probe, scheme).status == Status.OK).any())


def _whole_numbers(array: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    if array.dtype.kind == "b":
        return np.zeros(0, np.int64)
    flat = np.unique(array)
    if array.dtype.kind == "f":
        flat = flat[np.isfinite(flat) & (np.abs(flat) < 2**53)].astype(np.float64)
        flat = flat[flat == np.floor(flat)]
    elif array.dtype.kind == "u":
        flat = flat[flat < np.uint64(1 << 63)]
    return flat.astype(np.int64)
