"""Which names a text mentions that are on notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError, MissingExtra
from sealscrub.identifiers import digest_column
from sealscrub.identifiers.dates import canonical_date
from sealscrub.identifiers.letters import Letters
from sealscrub.identifiers.person_names import MOST_WORDS
from sealscrub.index import Index, TextIndex
from sealscrub.index.text_index import BEGIN, DATE, NAME, WORD, digest_names, name_keys

from .composite_keys import Units
from .dates_in_text import dates_in
from .mentions import Mention
from .name_words import Words, without_hyphens
from .text_runs import LONGEST_SPAN
from .word_digests import WordDigests

__all__ = ["NameFinder"]

Digests = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Window = tuple[int, int]  # the first word of a name, and the one behind its last

_POSSIBLE_CHOICES = ("remove", "keep")
_AT_ONCE = 1 << 13  # names that are looked up together: what is worked with stays in the processor's cache
_PREFIX = 2  # letters of the second word by which the automaton knows a name


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
        if possible not in _POSSIBLE_CHOICES:
            raise ConfigError(
                "possible mentions must be removed or kept", hint=f"use one of {', '.join(_POSSIBLE_CHOICES)}."
            )
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
        return all(Words(each).seen_whole(place, MOST_WORDS + 1) for each in _readings([letters]))

    @property
    def letters(self) -> int:
        """Names continue behind no full stop that ends a word of three letters."""
        return 0

    def closed(self, letters: Letters) -> bool:
        """Whether no name that begins in a text could continue behind its end, whatever follows."""
        return all(Words(each).closed() for each in _readings([letters]))

    def _mentions(self, words: Words, windows: list[Window], units: Sequence[int]) -> Iterator[Mention]:
        certain = self._has_date_near(words, windows, units)
        for (first, behind), sure in zip(windows, certain, strict=True):
            start, end = words.start(first), words.end(behind - 1)
            if end - start <= LONGEST_SPAN and (sure or not self.keep_possible):
                yield Mention(start, end, "name", bool(sure))

    def _has_date_near(self, words: Words, windows: list[Window], units: Sequence[int]) -> Mask:
        """Next to which names a date of theirs is in the unit."""
        certain = np.zeros(len(windows), bool)
        if not self.needs_dates:
            return certain
        numbers = np.searchsorted(units, [words.start(first) for first, _ in windows], "right")
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
            (row, f"{' '.join(_window_words(words, window))}@{day}")
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
    for letters in read:
        yield letters
        joined = without_hyphens(letters)
        if joined is not None:
            yield joined


def _window_words(words: Words, window: Window) -> list[str]:
    """The words of a window, less an initial in the middle of three."""
    said = words.said(*window)
    return [said[0], said[2]] if len(said) == 3 and len(said[1]) == 1 else said


def _initials(words: Words, start: int, stop: int) -> npt.NDArray[np.int64]:
    """Words after which an initial and another word follow."""
    first = np.arange(start, min(stop, len(words) - 2))
    sizes = words.ends - words.starts
    found: npt.NDArray[np.int64] = first[(sizes[first + 1] == 1) & words.linked[first] & words.linked[first + 1]]
    return found


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
        first = np.arange(start, min(stop, len(words) - 1))
        first = first[words.linked[start : start + len(first)]]
        found = self._held(digests, first, (0, 1), NAME)
        apart = _initials(words, start, stop)
        more = self._held(digests, apart, (0, 2), NAME)
        windows = [(at, at + 2) for at in found.tolist()] + [(at, at + 3) for at in more.tolist()]
        longer = first[words.linked[np.minimum(first + 1, len(words) - 2)]] if self.longer else first[:0]
        longer = self._held(digests, longer, (0, 1), BEGIN)
        for count in range(3, MOST_WORDS + 1):
            longer = longer[longer + count <= len(words)]
            longer = longer[words.linked[longer + count - 2]]
            if not len(longer):
                break
            found = self._held(digests, longer, range(count), NAME)
            windows += [(at, at + count) for at in found.tolist()]
        return windows

    def _held(self, digests: Digests, first: Rows, words: Sequence[int], scheme: str) -> Rows:
        """Those first words that begin a name, of which the words are so far from the first."""
        found = [first[:0]]
        for start in range(0, len(first), _AT_ONCE):
            some = first[start : start + _AT_ONCE]
            names = np.empty((len(some), len(words)), digests.dtype)
            for column, word in enumerate(words):
                names[:, column] = digests.take(some + word)
            held = self.index.lookup(scheme, digest_names(names, self.index.one_digest(scheme)))
            found.append(some[held > 0])
        return np.concatenate(found)

    def dated(self, values: Sequence[str]) -> Mask:
        digests = digest_column(pl.Series(list(values), dtype=pl.String), self.keys[DATE])
        return self.index.lookup(DATE, digests) > 0


class _PlainNames:
    """Plain names: an Aho-Corasick automaton over how they begin finds where one may be."""

    def __init__(self, names: TextIndex) -> None:
        try:
            import ahocorasick_rs as aho
        except ImportError:
            raise MissingExtra.of("ahocorasick-rs", "text") from None
        plain = names.plain if names.plain is not None else pl.Series([], dtype=pl.String)
        dates = names.dates if names.dates is not None else pl.Series([], dtype=pl.String)
        begins = (
            pl.concat([pl.Series([""], dtype=pl.String), plain]).str.extract(rf"^(\w+ \w{{1,{_PREFIX}}})").drop_nulls()
        )
        patterns = begins.unique().to_list() or ["\n\n"]
        self.automaton = aho.AhoCorasick(
            patterns, store_patterns=False, implementation=aho.Implementation.ContiguousNFA
        )
        self.hashes = np.sort(plain.hash().to_numpy())
        self.dates = np.sort(dates.hash().to_numpy())

    def windows(self, words: Words, start: int, stop: int) -> list[Window]:
        if stop <= start or len(words) < 2:
            return []
        hits = self.automaton.find_matches_as_indexes(words.text, overlapping=True)
        places = np.fromiter((place for _, place, _ in hits), np.int64, len(hits))
        first = np.searchsorted(words.starts, places)
        first = np.unique(first[words.starts[np.minimum(first, len(words) - 1)] == places])
        asked: list[tuple[int, int, str]] = []
        first = first[(start <= first) & (first < stop)]
        for count in range(2, MOST_WORDS + 1):
            first = first[first + count <= len(words)]
            first = first[words.linked[first + count - 2]]
            spans = zip(
                first.tolist(), words.starts[first].tolist(), words.ends[first + count - 1].tolist(), strict=True
            )
            asked += [(at, at + count, words.text[begin:end]) for at, begin, end in spans]
        apart = _initials(words, start, stop)
        ends = (words.starts[apart], words.ends[apart], words.starts[apart + 2], words.ends[apart + 2])
        for at, a, b, c, d in zip(apart.tolist(), *(each.tolist() for each in ends), strict=True):
            asked.append((at, at + 3, f"{words.text[a:b]} {words.text[c:d]}"))
        held = _is_among(pl.Series([name for _, _, name in asked], dtype=pl.String), self.hashes)
        return [(at, behind) for (at, behind, _), hit in zip(asked, held, strict=True) if hit]

    def dated(self, values: Sequence[str]) -> Mask:
        return _is_among(pl.Series(list(values), dtype=pl.String), self.dates)


def _is_among(values: pl.Series, hashes: npt.NDArray[np.uint64]) -> Mask:
    if not len(hashes) or not len(values):
        return np.zeros(len(values), bool)
    asked = values.hash().to_numpy()
    at = np.minimum(np.searchsorted(hashes, asked), len(hashes) - 1)
    held: Mask = hashes[at] == asked
    return held
