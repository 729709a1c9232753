"""Which names a text mentions that are on notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError
from sealscrub.identifiers import digest_column
from sealscrub.identifiers.dates import canonical_date
from sealscrub.identifiers.letters import Letters
from sealscrub.identifiers.name_letters import plain_letters
from sealscrub.identifiers.person_names import MOST_WORDS
from sealscrub.index import Index, TextIndex
from sealscrub.index.text_index import BEGIN, DATE, NAME, WORD, digest_names, name_keys

from .composite_keys import Units
from .dates_in_text import dates_in
from .mentions import Mention
from .name_windows import MOST_INITIALS, Window, continued, pairs_of
from .name_words import Words, without_hyphens_and_numbers
from .text_runs import LONGEST_SPAN
from .word_digests import WordDigests

__all__ = ["NameFinder", "check_possible"]

Digests = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

_POSSIBLE_CHOICES = ("remove", "keep")
_AT_ONCE = 1 << 13  # names that are looked up together: what is worked with stays in the processor's cache
_PREFIX = 2  # letters of the second word by which the automaton knows a name


def check_possible(possible: str) -> None:
    """Refuse what is neither of what may happen to a name that no second fact is next to, also without names.

    Raises
    ------
    ConfigError
    """
    if possible not in _POSSIBLE_CHOICES:
        raise ConfigError(
            "possible mentions must be removed or kept", hint=f"use one of {', '.join(_POSSIBLE_CHOICES)}."
        )


class _Matcher(Protocol):
    def windows(self, words: Words, start: int, stop: int) -> list[Window]:
        """Names that begin with some words."""

    def dated(self, values: Sequence[str]) -> Mask:
        """Which of these names with dates are held."""


class NameFinder:
    """Finds the names of a text index in texts.

    Parameters
    ----------
    names : TextIndex
    possible : str
        What happens to a name that no second fact is next to: ``remove`` or ``keep``.
    with_certainty : bool
        Whether it is said which mentions are certain; if not, and `possible` are removed, no dates are looked for.

    Raises
    ------
    ConfigError
        When `possible` is something else.
    MissingExtra
        When the names are plain, and ahocorasick-rs is not installed.
    """

    def __init__(self, names: TextIndex, possible: str = "remove", *, with_certainty: bool = True) -> None:
        check_possible(possible)
        self.keep_possible = possible == "keep"
        self.needs_dates = with_certainty or self.keep_possible
        self.matcher = matcher_of(names)

    def find(self, text: str, read: Sequence[Letters], start: int, stop: int, units: Sequence[int]) -> list[Mention]:
        """Find the names that begin between two places of a text."""
        found: list[Mention] = []
        for letters in _readings(read):
            words = Words(letters)
            windows = self.matcher.windows(words, words.first_from(start), words.first_from(stop))
            if windows:
                found += self._mentions(words, windows, units)
        return found

    def seen_whole(self, letters: Letters, place: int) -> bool:
        """Whether all names that begin before a place end before the text does."""
        return all(Words(each).seen_whole(place, MOST_WORDS + MOST_INITIALS + 1) for each in _readings([letters]))

    @property
    def letters(self) -> int:
        """Names continue behind no full stop that ends a word of three letters."""
        return 0

    def closed(self, letters: Letters) -> bool:
        """Whether no name that begins in a text could continue behind its end, whatever follows."""
        return all(Words(each).closed() for each in _readings([letters]))

    def _mentions(self, words: Words, windows: list[Window], units: Sequence[int]) -> Iterator[Mention]:
        certain = self._has_date_near(words, windows, units)
        for window, sure in zip(windows, certain, strict=True):
            start, end = words.start(window[0]), words.end(window[-1])
            if end - start <= LONGEST_SPAN and (sure or not self.keep_possible):
                yield Mention(start, end, "name", bool(sure))

    def _has_date_near(self, words: Words, windows: list[Window], units: Sequence[int]) -> Mask:
        """Next to which names a date of theirs is in the unit."""
        certain = np.zeros(len(windows), bool)
        if not self.needs_dates:
            return certain
        numbers = np.searchsorted(units, [words.start(window[0]) for window in windows], "right")
        spans = {(units[n - 1], units[n]) for n in numbers.tolist() if 0 < n < len(units)}
        dates = [date for start, stop in sorted(spans) for date in dates_in(words.letters, start, stop)]
        if not dates:
            return certain
        days = canonical_date(pl.Series([date for _, _, date in dates], dtype=pl.String))[0].to_list()
        by_unit: dict[int, list[str]] = {}
        places = Units(words.letters, units)
        for date, day in zip(dates, days, strict=True):
            if day is not None:
                by_unit.setdefault(places.of(date), []).append(day)
        by_unit.pop(-1, None)
        asked = [
            (row, f"{' '.join(words.chosen(np.array(window)))}@{day}")
            for row, (window, number) in enumerate(zip(windows, numbers.tolist(), strict=True))
            for day in by_unit.get(number, ())
        ]
        if asked:
            held = self.matcher.dated([value for _, value in asked])
            certain[[row for (row, _), hit in zip(asked, held, strict=True) if hit]] = True
        return certain


_matchers: WeakKeyDictionary[TextIndex, _Matcher] = WeakKeyDictionary()  # not in the index, which may be pickled


def matcher_of(names: TextIndex) -> _Matcher:
    """The matcher of a text index, made once for each."""
    if names not in _matchers:
        _matchers[names] = _KeyedNames(names.index) if names.index is not None else _PlainNames(names)
    return _matchers[names]


def _readings(read: Sequence[Letters]) -> Iterator[Letters]:
    for each in read:
        letters = plain_letters(each)
        yield letters
        joined = without_hyphens_and_numbers(letters)
        if joined is not None:
            yield joined


class _KeyedNames:
    """Names as digests: each pair of words is digested and looked up."""

    def __init__(self, index: Index) -> None:
        self.index, self.keys = index, name_keys(index)
        self._words = WordDigests(self.keys[WORD])
        self.longer = index.header.schemes[BEGIN].entries > 0

    def windows(self, words: Words, start: int, stop: int) -> list[Window]:
        if stop <= start or len(words) < 2:
            return []
        digests = self._words.of(words).astype(">u8")
        windows: list[Window] = []
        begun = []
        for first, second in pairs_of(words, start, stop):
            found = self._held(digests, (first, second), NAME)
            windows += zip(first[found].tolist(), second[found].tolist(), strict=True)
            if self.longer:
                longer = np.flatnonzero(words.linked[np.minimum(second, len(words) - 2)])
                longer = longer[self._held(digests, (first[longer], second[longer]), BEGIN)]
                begun.append(np.stack([first[longer], second[longer]], axis=1))
        for names in continued(words, begun):
            found = self._held(digests, names.T, NAME)
            windows += map(tuple, names[found].tolist())
        return windows

    def _held(self, digests: Digests, names: Sequence[Rows] | Rows, scheme: str) -> Rows:
        """Which names are held, of which the numbers of the first words are given, those of the second, and so on."""
        found = [np.zeros(0, np.int64)]
        for start in range(0, len(names[0]), _AT_ONCE):
            some = [column[start : start + _AT_ONCE] for column in names]
            rows = np.empty((len(some[0]), len(some)), digests.dtype)
            for column, word in enumerate(some):
                rows[:, column] = digests.take(word)
            held = self.index.lookup(scheme, digest_names(rows, self.index.one_digest(scheme)))
            found.append(np.flatnonzero(held > 0) + start)
        return np.concatenate(found)

    def dated(self, values: Sequence[str]) -> Mask:
        digests = digest_column(pl.Series(list(values), dtype=pl.String), self.keys[DATE])
        return self.index.lookup(DATE, digests) > 0


class _PlainNames:
    """Plain names: an Aho-Corasick automaton over how they begin finds where one may be."""

    def __init__(self, names: TextIndex) -> None:
        import ahocorasick_rs as aho

        plain = names.plain if names.plain is not None else pl.Series([], dtype=pl.String)
        dates = names.dates if names.dates is not None else pl.Series([], dtype=pl.String)
        begins = (
            pl.concat([pl.Series([""], dtype=pl.String), plain]).str.extract(rf"^(\w+ \w{{1,{_PREFIX}}})").drop_nulls()
        ).unique()
        patterns = begins.to_list() or ["\n\n"]
        self.automaton = aho.AhoCorasick(
            patterns, store_patterns=False, implementation=aho.Implementation.ContiguousNFA
        )
        self.begins = np.sort(begins.hash().to_numpy())
        self.longer = np.sort(plain.str.extract(r"^(\w+ \w+) ").drop_nulls().unique().hash().to_numpy())
        self.hashes = np.sort(plain.hash().to_numpy())
        self.dates = np.sort(dates.hash().to_numpy())

    def windows(self, words: Words, start: int, stop: int) -> list[Window]:
        if stop <= start or len(words) < 2:
            return []
        hits = self.automaton.find_matches_as_indexes(words.text, overlapping=True)
        places = np.fromiter((place for _, place, _ in hits), np.int64, len(hits))
        first = np.searchsorted(words.starts, places)
        first = np.unique(first[words.starts[np.minimum(first, len(words) - 1)] == places])
        windows: list[Window] = []
        begun = []
        for apart, (one, two) in enumerate(pairs_of(words, start, stop)):
            if apart:
                begins = [f"{a} {b[:_PREFIX]}" for a, b in zip(words.chosen(one), words.chosen(two), strict=True)]
                asked = _is_among(pl.Series(begins, dtype=pl.String), self.begins)
            else:
                asked = np.isin(one, first)
            names = np.stack([one[asked], two[asked]], axis=1)
            said = self._said(words, names)
            windows += map(tuple, names[_is_among(said, self.hashes)].tolist())
            begun.append(names[_is_among(said, self.longer)])
        for names in continued(words, begun):
            windows += map(tuple, names[_is_among(self._said(words, names), self.hashes)].tolist())
        return windows

    def _said(self, words: Words, names: Rows) -> pl.Series:
        columns = [words.chosen(column) for column in names.T]
        return pl.Series([" ".join(name) for name in zip(*columns, strict=True)], dtype=pl.String)

    def dated(self, values: Sequence[str]) -> Mask:
        return _is_among(pl.Series(list(values), dtype=pl.String), self.dates)


def _is_among(values: pl.Series, hashes: npt.NDArray[np.uint64]) -> Mask:
    if not len(hashes) or not len(values):
        return np.zeros(len(values), bool)
    asked = values.hash().to_numpy()
    at = np.minimum(np.searchsorted(hashes, asked), len(hashes) - 1)
    held: Mask = hashes[at] == asked
    return held
