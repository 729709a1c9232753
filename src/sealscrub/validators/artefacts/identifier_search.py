"""Which texts and numbers of a file are identifiers that the index holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.matching.policy import Policy
from sealscrub.matching.text_items import UNREAD, items_of
from sealscrub.matching.value_search import Hit, Likeness, ValueSearch

from .audit_values import Certainty
from .leaves import IN_BYTES

__all__ = ["IdentifierSearch"]

_TELLING = 6  # characters of a canonical value from which on a hit is not a chance
_TELLING_DIGITS = 8  # digits among bytes of any meaning
_BATCH = 200_000
_LARGEST = (1 << 63) - 1  # of the numbers that are looked up as such
_SIZE = 1 << 24  # characters of texts that are looked up together
Place = tuple[str, str, str]  # file, path, kind of finding
Key = tuple[str, str]  # scheme, canonical value
_HOLDERS = re.compile(r"categories_|classes_|vocabulary_|feature_names|index|_ids?\b|keys")


class IdentifierSearch:
    """Looks what may be identifiers up in an index, as the sweep does, many at a time.

    Parameters
    ----------
    index : Index
    schemes : sequence of str
        Schemes of one column each.
    accept : collection of str
        ``near``: values that would be identifiers, if letters in them were digits, are let pass.
    """

    def __init__(self, index: Index, schemes: Sequence[str], *, accept: Collection[str] = ()) -> None:
        known = [index.require(name) for name in schemes]
        self._search = ValueSearch(index, Policy(accept=frozenset(accept)), schemes=known, runs=True)
        self._texts: dict[str, set[Place]] = {}
        self._numbers: list[tuple[Place, npt.NDArray[np.int64]]] = []
        self._size = self._waiting = 0
        self._hits: dict[Place, dict[Key, Certainty]] = {}
        self._near: dict[Place, set[Key]] = {}
        self._unread: dict[Place, None] = {}

    def add_texts(self, place: Place, texts: Iterable[str]) -> None:
        """Take the texts of a place: each whole, and what is within it."""
        for text in texts:
            self._size += len(text) if text not in self._texts else 0
            self._texts.setdefault(text, set()).add(place)
            if len(self._texts) >= _BATCH or self._size >= _SIZE:
                self._look_texts_up()

    def add_numbers(self, place: Place, array: npt.NDArray[Any]) -> None:
        """Take the whole numbers of a place."""
        if self._search.numeric and array.dtype.kind == "u":
            self.add_texts(place, map(str, np.unique(array[array > np.uint64(_LARGEST)]).tolist()))
        whole = _whole_numbers(array) if self._search.numeric else np.zeros(0, np.int64)
        if len(whole):
            self._numbers.append((place, whole))
            self._waiting += len(whole)
        if self._waiting >= _BATCH:
            self._look_numbers_up()

    def counts(self) -> Iterator[tuple[Place, str, Certainty, int]]:
        """Place, scheme, certainty, and how many different identifiers, of all that was taken."""
        self._look_texts_up()
        self._look_numbers_up()
        told = _found_outside_bytes(self._hits)
        for place, held in self._hits.items():
            if place[1].endswith(IN_BYTES):  # what its reader found in the file too is reported once
                held = {key: sure for key, sure in held.items() if (place[0], *key) not in told}
            for (scheme, certainty), count in Counter((key[0], sure) for key, sure in held.items()).items():
                yield place, scheme, certainty, count

    def near(self) -> Iterator[Place]:
        """Places of values that would be identifiers, if letters that look like digits were digits."""
        self._look_texts_up()
        told = _found_outside_bytes(self._hits) | _found_outside_bytes(self._near)
        for place, keys in self._near.items():
            left = {(place[0], *key) for key in keys - self._hits.get(place, {}).keys()}
            if left - told if place[1].endswith(IN_BYTES) else left:
                yield place

    def unread(self) -> Iterator[Place]:
        """Places of JSON with an escape that cannot be resolved."""
        self._look_texts_up()
        yield from self._unread

    def _look_texts_up(self) -> None:
        texts = list(self._texts)
        values = pl.Series(texts, dtype=pl.String)
        for hit in self._search.hits(values):
            self._take_hit(texts[hit.row], hit, whole=hit.whole)
        for items in items_of(values):
            rows = items["row"].to_list()
            unread = items.filter(item=UNREAD)["row"].unique(maintain_order=True)
            for row in unread.filter(pl.Series(self._search.may_hold(values.gather(unread)))):
                places = self._texts[texts[row]]
                self._unread |= dict.fromkeys(place for place in places if not place[1].endswith(IN_BYTES))
            for hit in self._search.hits(items["item"]):
                self._take_hit(texts[rows[hit.row]], hit, whole=False)
        self._texts, self._size = {}, 0

    def _look_numbers_up(self) -> None:
        if self._numbers:
            raw = pl.Series(np.unique(np.concatenate([numbers for _, numbers in self._numbers])))
            found = [(raw[hit.row], hit) for hit in self._search.number_hits(raw.cast(pl.String))]
            for place, numbers in self._numbers if found else ():
                there = set(numbers[np.isin(numbers, [number for number, _ in found])].tolist())
                for number, hit in found:
                    if number in there:
                        telling = len(hit.value) >= _TELLING or _HOLDERS.search(place[1])
                        self._note(place, hit, Certainty.LIKELY if telling else Certainty.POSSIBLE)
        self._numbers, self._waiting = [], 0

    def _take_hit(self, text: str, hit: Hit, *, whole: bool) -> None:
        opaque = get_scheme(hit.scheme).opaque
        sure = Certainty.CERTAIN if whole or not (opaque or hit.value.isdigit()) else Certainty.LIKELY
        for place in self._texts[text]:
            if place[1].endswith(IN_BYTES) and _by_chance(hit.written, hit.value, opaque=opaque):
                continue
            self._note(place, hit, sure if len(hit.value) >= _TELLING else Certainty.POSSIBLE)

    def _note(self, place: Place, hit: Hit, sure: Certainty) -> None:
        key = hit.scheme, hit.value
        if hit.likeness is Likeness.NEAR:
            self._near.setdefault(place, set()).add(key)
            return
        held = self._hits.setdefault(place, {})
        held[key] = min(sure, held.get(key, Certainty.POSSIBLE), key=list(Certainty).index)

    def __repr__(self) -> str:
        return f"IdentifierSearch({len(self._hits)} places)"


def _found_outside_bytes(found: dict[Place, Any]) -> set[tuple[str, str, str]]:
    """The files and keys of what was found elsewhere than in the bytes of a file."""
    return {(place[0], *key) for place, held in found.items() if not place[1].endswith(IN_BYTES) for key in held}


def _by_chance(text: str, value: str, *, opaque: bool) -> bool:
    """Whether some bytes of a large file may be this text without anybody having written it."""
    return len(text) < (_TELLING_DIGITS if opaque or value.isdigit() else _TELLING)


def _whole_numbers(array: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    if array.dtype.kind == "b":
        return np.zeros(0, np.int64)
    flat = np.unique(array)
    if array.dtype.kind == "f":
        flat = flat[np.isfinite(flat) & (np.abs(flat) < 2**53)].astype(np.float64)
        flat = flat[flat == np.floor(flat)]
    elif array.dtype.kind == "u":
        flat = flat[flat <= np.uint64(_LARGEST)]
    return flat.astype(np.int64)
