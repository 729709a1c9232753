"""Keys made of several columns, such as a person and a day of arrest: their parts are gathered and put together.

If both parts are in one text, in one short list or in the same row of two columns, they name a record. Parts that
are apart in a file may have nothing to do with each other: if the index knows such a pair, that place isn't checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np
import polars as pl

from sealscrub.identifiers import Status, canonicalise_parts, digest_column, get_scheme
from sealscrub.identifiers.canonical import canonicalise_part
from sealscrub.index import Index
from sealscrub.matching.text_words import run_words

from .audit_values import Certainty

__all__ = ["CompositeSearch", "Found"]

_LAST_STEP = re.compile(r"(?:\[[^\]]*\]|\.[^.\[\]]*|[^.\[\]]*)$")
_ROW = 60  # texts of a list that may be one row
_LONGEST_KEY = 96  # characters of a text that may be one key
_MOST_PAIRS = 3_000_000
_LONGEST = 192  # characters of a text that may be a part
_LONGEST_DATE = 24

Place = tuple[int, str]  # number of the file, path in it
Found = tuple[Place, str, Certainty, int]
"""Place, scheme, certainty, and how many records. ``POSSIBLE`` are parts that are apart."""


class CompositeSearch:
    """Looks composite keys up in an index.

    Parameters
    ----------
    index : Index
    schemes : sequence of str
        Composite schemes of two parts.
    """

    def __init__(self, index: Index, schemes: Sequence[str]) -> None:
        self._index = index
        self._schemes = {name: index.scheme_key(index.require(name)) for name in schemes}
        self._parts: dict[str, dict[str, dict[str, list[str | None]]]] = {}
        self._words = any(_may_lack_digits(part) for name in self._schemes for part in get_scheme(name).parts)
        self._file = -1
        self._hits: dict[tuple[Place, str, Certainty], set[str]] = {}
        self.too_many: list[int] = []

    def add_texts(self, file: int, path: str, texts: Sequence[str]) -> None:
        """Take the texts of a place; those of one file come one after another."""
        if file != self._file:
            self._end_of_file()
            self._file = file
        pieces = {
            text: [*([text] if len(text) <= _LONGEST else ()), *run_words(text, words=self._words)]
            for text in (dict.fromkeys(texts) if self._schemes else ())
        }
        for scheme in self._schemes:
            one, other = get_scheme(scheme).parts
            columns = {part: _canonical(texts, part) for part in (one, other)}
            held = self._parts.setdefault(scheme, {one: {}, other: {}})
            for part, values in columns.items():
                if any(values):
                    held[part].setdefault(path, []).extend(values)
            self._within_texts(scheme, path, pieces)
            people = {value for value in columns[one] if value}
            if len(texts) <= _ROW and len(people) == 1:
                self._look_up(scheme, path, Certainty.LIKELY, product(people, set(columns[other])))

    def found(self) -> Iterator[Found]:
        """What the index holds of all that was taken."""
        self._end_of_file()
        sure = {
            (place[0], scheme, key)
            for (place, scheme, how), keys in self._hits.items()
            for key in keys
            if how is not Certainty.POSSIBLE
        }
        for (place, scheme, how), keys in self._hits.items():
            told = keys if how is not Certainty.POSSIBLE else {k for k in keys if (place[0], scheme, k) not in sure}
            if told:
                yield place, scheme, how, len(told)

    def _within_texts(self, scheme: str, path: str, pieces: Mapping[str, Sequence[str]]) -> None:
        """Put together what is in one text, if it is short; what is in a long one is apart."""
        one, other = get_scheme(scheme).parts
        distinct = list(dict.fromkeys(piece for found in pieces.values() for piece in found))
        known = {part: dict(zip(distinct, _canonical(distinct, part), strict=True)) for part in (one, other)}
        together: set[tuple[str | None, str | None]] = set()
        for text, found in pieces.items():
            people, days = ({known[part][piece] for piece in found} - {None} for part in (one, other))
            if len(text) <= _LONGEST_KEY:
                together.update(product(people, days))
            elif people or days:
                for part, values in ((one, people), (other, days)):
                    self._parts[scheme][part].setdefault(f"{path}(within)", []).extend(values)
        self._look_up(scheme, path, Certainty.CERTAIN, together)

    def _end_of_file(self) -> None:
        for scheme, held in self._parts.items():
            firsts, seconds = (held[part] for part in get_scheme(scheme).parts)
            if len(firsts) * len(seconds) > _MOST_PAIRS:
                self.too_many.append(self._file)
                continue
            for path, values in firsts.items():
                for beside, days in seconds.items():
                    if path != beside and len(values) == len(days) and _table(path) == _table(beside):
                        pairs = zip(values, days, strict=True)
                        self._look_up(scheme, path, Certainty.LIKELY if len(values) == 1 else Certainty.CERTAIN, pairs)
            people, days_of_all = _distinct_values(firsts), _distinct_values(seconds)
            if len(people) * len(days_of_all) > _MOST_PAIRS:
                self.too_many.append(self._file)
            else:
                self._look_up(scheme, "", Certainty.POSSIBLE, product(people, days_of_all))
        self._parts = {}

    def _look_up(self, scheme: str, path: str, sure: Certainty, pairs: Iterable[tuple[str | None, str | None]]) -> None:
        parts = get_scheme(scheme).parts
        whole = [pair for pair in pairs if None not in pair]
        if not whole:
            return
        columns = {part: pl.Series([pair[at] for pair in whole], dtype=pl.String) for at, part in enumerate(parts)}
        keys = canonicalise_parts(columns, scheme)
        good = np.flatnonzero(keys.status == Status.OK)
        values = keys.values.gather(good)
        hits = self._index.lookup(scheme, digest_column(values, self._schemes[scheme])) != 0
        if hits.any():
            self._hits.setdefault(((self._file, path), scheme, sure), set()).update(values.filter(pl.Series(hits)))

    def __repr__(self) -> str:
        return f"CompositeSearch({len(self._schemes)} schemes)"


def _may_lack_digits(part: str) -> bool:
    """Whether a part of a key may be a word, such as a county."""
    if part == "date":
        return False
    shape = get_scheme(part).shape
    return shape is None or "9" not in shape


def _canonical(texts: Sequence[str], part: str) -> list[str | None]:
    """Canonical values of one part, null if a text is none; a time at midnight is a day."""
    if part == "date":
        texts = [re.sub(r"[T ]00:00(:00(\.0*)?)?Z?$", "", text[:_LONGEST_DATE]) if text else text for text in texts]
    done = canonicalise_part(pl.Series(list(texts), dtype=pl.String), part)
    return done.values.to_list()


def _table(path: str) -> str:
    return _LAST_STEP.sub("", path)


def _distinct_values(columns: dict[str, list[str | None]]) -> set[str]:
    return {value for values in columns.values() for value in values if value is not None}
