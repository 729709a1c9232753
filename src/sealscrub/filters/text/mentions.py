"""Which identifiers a text mentions that may not come out, however they are written."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UnsuitableIndex
from sealscrub.identifiers import (
    Scheme,
    Status,
    canonicalise,
    canonicalise_parts,
    digest_column,
    get_scheme,
    scheme_names,
)
from sealscrub.identifiers.letters import Letters
from sealscrub.identifiers.singly import parse_texts
from sealscrub.index import Index

from .grammar import Bounds, bounds_of
from .known import KnownInTexts
from .pieces import Pieces, Places

__all__ = ["IdentifierFinder", "Mention"]

LABEL_REACH = 160  # characters before an identifier in which a label says what it is

_GAPS = str.maketrans("", "", " \t\n\v\f\r-./#_")
_REPAIRED = str.maketrans("OISBLZ", "015812")
_DATE = re.compile(
    r"(?<![0-9A-Z])(?:[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}|[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{4}|[0-9]{8})(?![0-9A-Z])"
)
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WORDED = re.compile(
    rf"(?<![0-9A-Z])(?:(?P<m>{'|'.join(_MONTHS)})[A-Z]{{0,6}}\.?\s{{1,4}}(?P<d>[0-9]{{1,2}})(?:ST|ND|RD|TH)?,?\s{{1,4}}"
    rf"(?P<y>[0-9]{{4}})|(?P<d2>[0-9]{{1,2}})(?:ST|ND|RD|TH)?\s{{1,4}}(?:OF\s)?(?P<m2>{'|'.join(_MONTHS)})[A-Z]{{0,6}}"
    r"\.?,?\s{1,4}(?P<y2>[0-9]{4}))(?![0-9A-Z])"
)


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """Where a text mentions what may not come out.

    Attributes
    ----------
    start, end : int
        Places in the text.
    what : str
        The scheme, or ``name``.
    certain : bool
        Whether it names a record: an identifier does, a name alone does not.
    """

    start: int
    end: int
    what: str
    certain: bool = True


class IdentifierFinder:
    """Finds the identifiers of an index in texts.

    Parameters
    ----------
    index : Index
    ocr : bool
        Whether letters that scanners take for digits are read as these.
    known : KnownInTexts, optional
        Identifiers that the system holds; others are found as well, but for ids of one system, which any word may be.

    Raises
    ------
    UnsuitableIndex
        When the index holds keys of no scheme that can be found in a text.
    """

    def __init__(self, index: Index, *, ocr: bool = False, known: KnownInTexts | None = None) -> None:
        self.index, self.ocr, self.known = index, ocr, known
        schemes = [get_scheme(index.require(name)) for name in index.schemes]
        self.spelled = [(scheme, bounds_of(scheme)) for scheme in schemes if scheme.spellings]
        self.opaque = [scheme for scheme in schemes if scheme.opaque]
        self.dated = [scheme for scheme in schemes if scheme.parts and _dated(scheme)]
        self.schemes = tuple(s.name for s, _ in self.spelled) + tuple(s.name for s in (*self.opaque, *self.dated))
        if not self.schemes and schemes:
            raise UnsuitableIndex(
                "the index holds keys of no scheme that can be found in a text", where=str(index.path)
            )
        spelled = [*self.spelled, *((s, bounds_of(s)) for each in self.dated for s in [get_scheme(_person(each))])]
        self._bounds = [(scheme.name, _loosened(bounds) if ocr else bounds) for scheme, bounds in spelled]
        self._labels = {s.name: s.labels for s, bounds in spelled if bounds.bare and s.shape is None}
        self.pieces = max((bounds.pieces for _, bounds in spelled), default=1)
        self.most = max((bounds.most for _, bounds in spelled), default=1)

    def find(self, text: str, read: Sequence[Letters], start: int, stop: int, units: Sequence[int]) -> list[Mention]:
        """Find what begins between two places of a text.

        Parameters
        ----------
        text : str
            The text.
        read : sequence of Letters
            It, read in each way.
        start, stop : int
            Places in the text.
        units : sequence of int
            Where units begin, in order, and where the last ends: the parts of a key made of several stand in one.
        """
        found = [mention for scheme in self.opaque for mention in self._opaque(text, scheme, start, stop)]
        for letters in read:
            pieces = Pieces(letters)
            if not pieces.digits[-1]:
                continue
            first, behind = letters.first_from(start), letters.first_from(stop)
            for scheme, bounds in self.spelled:
                found += self._spelled(pieces, scheme, bounds, first, behind)
            for scheme in self.dated:
                found += self._dated(pieces, scheme, first, behind, units)
        return found

    def _spelled(self, pieces: Pieces, scheme: Scheme, bounds: Bounds, first: int, behind: int) -> list[Mention]:
        letters = pieces.letters
        found: list[Mention] = []
        starts, ends, values = self._values(pieces, scheme, bounds, first, behind)
        if not len(values):
            return found
        for row in np.flatnonzero(self._barred(scheme.name, values)):
            place, end = int(starts[row]), int(ends[row])
            if _fits_context(letters, place, end, scheme, bounds):
                found.append(Mention(letters.start(place), letters.end(end), scheme.name))
        return found

    def seen_whole(self, letters: Letters, place: int) -> bool:
        """Whether all that begins before a place ends before the text does."""
        if self.opaque and not _token_ended(letters, place):
            return False
        return Pieces(letters).seen_whole(place, self.pieces, self.most)

    @property
    def letters(self) -> int:
        """The most letters that a word within an identifier may have."""
        return max((bounds.letters for _, bounds in self._bounds), default=0)

    def closed(self, letters: Letters) -> bool:
        """Whether nothing that begins in a text could go on behind its end, whatever follows."""
        if self.opaque and letters.text and not letters.text[-1].isspace():
            return False
        labelled = {name: any(label in letters.text for label in labels) for name, labels in self._labels.items()}
        return not Pieces(letters).open_for([b for name, b in self._bounds if labelled.get(name, True)])

    def _values(
        self, pieces: Pieces, scheme: Scheme, bounds: Bounds, first: int, behind: int
    ) -> tuple[Places, Places, pl.Series]:
        """Canonical values of what is written in the scheme's spellings, with their positions."""
        if self.ocr:
            bounds = _loosened(bounds)
        starts, ends = pieces.sequences(bounds, first, behind)
        if bounds.bare and scheme.shape is None:
            starts, ends = _near_labels(pieces.letters.text, starts, ends, scheme)
        texts = list(enumerate(pieces.texts(starts, ends)))
        ways = texts
        if scheme.shape:
            ways = ways + [(row, text.translate(_GAPS)) for row, text in texts if not text.isalnum()]
        if self.ocr:
            repaired = [(row, text.translate(_REPAIRED)) for row, text in ways]
            ways = [*ways, *repaired, *((row, text[:1] + text[1:].translate(_REPAIRED)) for row, text in ways)]
        values = parse_texts([text for _, text in ways], scheme)
        found = [(row, value) for (row, _), value in zip(ways, values, strict=True) if value is not None]
        at = np.array([row for row, _ in found], np.int64)
        return starts[at], ends[at], pl.Series([value for _, value in found], dtype=pl.String)

    def _held(self, scheme: str, values: pl.Series) -> npt.NDArray[np.bool_]:
        if not len(values):
            return np.zeros(0, bool)
        return self.index.lookup(scheme, digest_column(values, self.index.scheme_key(scheme))) > 0

    def _barred(self, scheme: str, values: pl.Series) -> npt.NDArray[np.bool_]:
        held = self._held(scheme, values)
        return held if self.known is None else held | self.known.unknown(scheme, values)

    def _opaque(self, text: str, scheme: Scheme, start: int, stop: int) -> list[Mention]:
        """Ids of one system, which have no grammar: every word with a digit may be one."""
        words = [each.span() for each in _WORD.finditer(text, start) if each.start() < stop]
        parts = [(at + a, at + b) for at, end in words for a, b in _parts(text[at:end])]
        places = [(at, end) for at, end in dict.fromkeys((*words, *parts)) if _DIGITS.search(text, at, end)]
        if not places:
            return []
        found = canonicalise(pl.Series([text[at:end] for at, end in places], dtype=pl.String), scheme)
        rows = np.flatnonzero(found.status == Status.OK)
        held = rows[self._held(scheme.name, found.values.gather(rows))]
        return [Mention(places[row][0], places[row][1], scheme.name) for row in held]

    def _dated(self, pieces: Pieces, scheme: Scheme, first: int, behind: int, units: Sequence[int]) -> list[Mention]:
        """Pairs of a person's number and a date that stand in one unit."""
        letters = pieces.letters
        dates = [each for each in dates_in(letters) if first <= each[0] < behind]
        if not dates:
            return []
        person = get_scheme(_person(scheme))
        starts, ends, values = self._values(pieces, person, bounds_of(person), first, behind)
        numbers = [unit_of(letters, int(at), int(end), units) for at, end in zip(starts, ends, strict=True)]
        days = [unit_of(letters, at, end, units) for at, end, _ in dates]
        pairs = [(i, j) for i, unit in enumerate(numbers) for j, other in enumerate(days) if unit == other >= 0]
        if not pairs:
            return []
        columns = {
            person.name: values.gather([i for i, _ in pairs]),
            "date": pl.Series([dates[j][2] for _, j in pairs], dtype=pl.String),
        }
        joined = canonicalise_parts(columns, scheme)
        rows = np.flatnonzero(joined.status == Status.OK)
        held = rows[self._barred(scheme.name, joined.values.gather(rows))]
        found = []
        for i, j in (pairs[row] for row in held):
            found.append(Mention(letters.start(int(starts[i])), letters.end(int(ends[i])), scheme.name))
            found.append(Mention(letters.start(dates[j][0]), letters.end(dates[j][1]), scheme.name))
        return found


_LONGEST_WORD = 64
_WORD = re.compile(rf"(?<!\w)\w(?:[\w\-./#]{{0,{_LONGEST_WORD - 2}}}\w)?(?!\w)")
_DIGITS = re.compile("[0-9]")


def _parts(word: str) -> list[tuple[int, int]]:
    return [each.span() for each in re.finditer(r"\w+", word)] if not word.isalnum() else []


def _token_ended(letters: Letters, place: int) -> bool:
    """Whether a run without white space that begins before a place ends before the text does."""
    tail = letters.text[letters.first_from(place) :]
    return len(tail) > _LONGEST_WORD or any(sign.isspace() for sign in tail)


def _dated(scheme: Scheme) -> bool:
    """Whether a key is made of a number that can be found in a text, and a date."""
    return len(scheme.parts) == 2 and "date" in scheme.parts and not get_scheme(_person(scheme)).opaque


def _person(scheme: Scheme) -> str:
    return next(part for part in scheme.parts if part != "date")


def unit_of(letters: Letters, at: int, end: int, units: Sequence[int]) -> int:
    """Number of the unit that a part of a folded text stands in; -1 where it stands in two."""
    number = bisect_right(units, letters.start(at))
    return number if number < len(units) and letters.end(end) <= units[number] else -1


def dates_in(letters: Letters, start: int = 0, stop: int | None = None) -> list[tuple[int, int, str]]:
    """Dates that a text gives, or that stand between two places of it: positions, and the date as a file has it."""
    text = letters.text
    first = letters.first_from(start)
    behind = len(text) if stop is None else min(len(text), letters.first_from(stop) + 1)  # a sign that ends the date
    if all(text.find(digit, first, behind) < 0 for digit in "0123456789"):
        return []
    found = [(each.start(), each.end(), each[0]) for each in _DATE.finditer(text, first, behind)]
    for each in _WORDED.finditer(text, first, behind):
        month = _MONTHS.index(each["m"] or each["m2"]) + 1
        found.append(
            (each.start(), each.end(), f"{each['y'] or each['y2']}-{month:02d}-{int(each['d'] or each['d2']):02d}")
        )
    return sorted(found)


def _loosened(bounds: Bounds) -> Bounds:
    first = bounds.first.copy()
    for letter, digit in ("O0", "I1", "S5", "B8", "L1", "Z2"):
        first[ord(letter)] |= first[ord(digit)]
    return Bounds(bounds.least, bounds.most, 1, bounds.most, bounds.pieces, first, bounds.bare)


def _near_labels(text: str, starts: Places, ends: Places, scheme: Scheme) -> tuple[Places, Places]:
    """Those sequences before which a label of the scheme stands somewhere near."""
    labels = np.array([each.end() for each in re.finditer("|".join(map(re.escape, scheme.labels)) or "$.", text)])
    if not len(labels):
        return starts[:0], ends[:0]
    last = np.searchsorted(labels, starts, "right") - 1
    near = (last >= 0) & (starts - labels[last] <= 4 * LABEL_REACH)
    return starts[near], ends[near]


def _fits_context(letters: Letters, place: int, end: int, scheme: Scheme, bounds: Bounds) -> bool:
    """Whether the words before an identifier do not say that it is something else."""
    text = letters.text
    before = text[letters.first_from(max(0, letters.start(place) - LABEL_REACH)) : place]
    said = _labels().search(before)
    if said is not None:
        meant = _named()[" ".join(said["label"].split())]
        if scheme.name in meant:
            return True
        if any(_is_written_as(text[place:end], get_scheme(name)) for name in meant):
            return False
    digits = sum("0" <= sign <= "9" for sign in text[place:end])
    if bounds.bare and (scheme.shape is None or digits < 6):
        return any(re.search(rf"(?<![0-9A-Z]){re.escape(label)}(?![0-9A-Z])", before) for label in scheme.labels)
    return True


def _is_written_as(text: str, scheme: Scheme) -> bool:
    """Whether a text is a value of a scheme of fixed shape; where almost anything is a value, a label says little."""
    return scheme.shape is not None and bool(
        canonicalise(pl.Series([text], dtype=pl.String), scheme).status[0] == Status.OK
    )


@lru_cache(maxsize=1)
def _named_now(names: tuple[str, ...]) -> dict[str, frozenset[str]]:
    meant: dict[str, set[str]] = {}
    for name in names:
        for label in get_scheme(name).labels:
            meant.setdefault(" ".join(label.split()), set()).add(name)
    return {label: frozenset(schemes) for label, schemes in meant.items()}


def _named() -> dict[str, frozenset[str]]:
    """Schemes by label."""
    return _named_now(tuple(scheme_names()))


def _labels() -> re.Pattern[str]:
    return _labels_now(tuple(sorted(_named(), key=len, reverse=True)))


@lru_cache(maxsize=1)
def _labels_now(labels: tuple[str, ...]) -> re.Pattern[str]:
    """A label that stands directly before an identifier."""
    words = "|".join(r"\s{1,8}".join(map(re.escape, label.split())) for label in labels)
    return re.compile(rf"(?<![0-9A-Z])(?P<label>{words})(?:\s{{0,8}}(?:NUMBER|NUM|NO|ID|#))?[\s.:#\-]{{0,16}}\Z")
