"""Which identifiers a text mentions that may not be shown, however they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Protocol

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
from sealscrub.identifiers.short_text_parser import parse_texts
from sealscrub.index import Index, Reason

from ..other_digits import with_digits
from .composite_keys import Part, Units, Within, beside_each_other, can_be_found, glued_together, searched
from .dates_in_text import dates_in
from .grammar import Bounds, bounds_of
from .identifier_labels import fits_context, near_labels, needs_label
from .line_numbers import with_and_without
from .lookahead import open_for, seen_whole
from .readings import readings
from .text_runs import Pieces, Places
from .value_edges import GLUED_REACH, Glued

__all__ = ["IdentifierFinder", "KnownValues", "Mention"]


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """Where a text mentions what may not be shown.

    Attributes
    ----------
    start, end : int
        Places in the text.
    what : str
        The scheme, or ``name``.
    certain : bool
        Whether it names a record: an identifier does, a name on its own does not.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.filters import explain_text
    >>> explain_text("One is K14-612345.", example_index(["K14612345"])).mentions
    (Mention(start=7, end=17, what='arrest_number', certain=True),)
    """

    start: int
    end: int
    what: str
    certain: bool = True


class KnownValues(Protocol):
    """Says which identifiers a system holds."""

    def unknown(self, scheme: str, values: pl.Series) -> npt.NDArray[np.bool_]:
        """Say which canonical values of a scheme are not known; of a scheme without a list, none."""


class IdentifierFinder:
    """Finds the identifiers of an index in texts.

    Parameters
    ----------
    index : Index
    ocr : bool
        Whether letters that scanners take for digits are read as these.
    known : KnownValues, optional
        Identifiers that the system holds; others are found as well, but for ids of one system, which any word may be.
    withheld : bool
        Whether records that are withheld are found as well.

    Raises
    ------
    UnsuitableIndex
        When the index holds keys of no scheme that can be found in a text.
    """

    def __init__(
        self, index: Index, *, ocr: bool = False, known: KnownValues | None = None, withheld: bool = True
    ) -> None:
        self.index, self.ocr, self.known = index, ocr, known
        self.barred = [int(reason) for reason in Reason if withheld or reason is not Reason.WITHHELD]
        schemes = [get_scheme(index.require(name)) for name in index.schemes]
        self.spelled = [(scheme, bounds_of(scheme)) for scheme in schemes if scheme.spellings]
        self.opaque = [scheme for scheme in schemes if scheme.opaque]
        self.several = [scheme for scheme in schemes if scheme.parts and can_be_found(scheme)]
        self.schemes = tuple(s.name for s, _ in self.spelled) + tuple(s.name for s in (*self.opaque, *self.several))
        if not self.schemes and schemes:
            raise UnsuitableIndex(
                "the index holds keys of no scheme that can be found in a text", where=str(index.path)
            )
        parts = [get_scheme(part) for each in self.several for part in each.parts if part != "date"]
        spelled = [*self.spelled, *((part, bounds_of(part)) for part in parts)]
        self._bounds = [(scheme.name, _loosened_bounds(bounds) if ocr else bounds) for scheme, bounds in spelled]
        self._labels = {s.name: s.labels for s, bounds in spelled if needs_label(s, bounds)}
        self.most = max((bounds.most for _, bounds in spelled), default=1)
        self._digits = all(bounds.digits for _, bounds in self.spelled)  # of a key of several parts, one has a digit

    @property
    def needs_digit(self) -> bool:
        """Whether a text without a digit mentions nothing."""
        return self._digits and not self.opaque

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
            Where units begin, in order, and where the last ends: the parts of a key made of several are in one.
        """
        found = [mention for scheme in self.opaque for mention in self._opaque_mentions(text, scheme, start, stop)]
        for letters, numbered in ((each, each is whole) for whole in read for each in with_and_without(whole)):
            if self._digits and not _DIGITS.search(letters.text):
                continue
            pieces = Pieces(letters, _fewest_alone())
            first, behind = letters.first_from(start), letters.first_from(stop)
            for scheme, bounds in self.spelled:
                if numbered or not needs_label(scheme, bounds):  # any list of numbers would be some
                    found += self._written_mentions(pieces, scheme, bounds, first, behind)
            for scheme in self.several:
                found += self._composite_mentions(pieces, scheme, first, behind, units)
        return found

    def _written_mentions(
        self, pieces: Pieces, scheme: Scheme, bounds: Bounds, first: int, behind: int
    ) -> list[Mention]:
        letters = pieces.letters
        found: list[Mention] = []
        starts, ends, values = self._values(pieces, scheme, bounds, first, behind)
        if not len(values):
            return found
        for row in np.flatnonzero(self._barred(scheme.name, values)):
            place, end = int(starts[row]), int(ends[row])
            cut = not (pieces.is_edge(place) and pieces.is_edge(end))
            if cut and needs_label(scheme, bounds) and not pieces.is_edge(end):
                continue  # with the letters behind it, it is another number
            if fits_context(letters, place, end, scheme, bounds, labelled=cut) and self._stands_alone(
                pieces, place, end
            ):
                found.append(Mention(letters.start(place), letters.end(end), scheme.name))
        return found

    def _stands_alone(self, pieces: Pieces, place: int, end: int) -> bool:
        """Whether nothing is glued to a value but letters and identifiers."""
        if pieces.is_edge(place) and pieces.is_edge(end):
            return True
        return Glued(pieces, place, end, partial(self._written, pieces)).stands_alone

    def seen_whole(self, letters: Letters, place: int) -> bool:
        """Whether all that begins before a place ends before the text does."""
        if self.opaque and not _token_ended(letters, place):
            return False
        alone = _fewest_alone()
        return all(seen_whole(each, place, self.most, GLUED_REACH, alone) for each in with_and_without(letters))

    @property
    def letters(self) -> int:
        """The most letters that a word within an identifier may have."""
        return max((bounds.letters for _, bounds in self._bounds), default=0)

    def closed(self, letters: Letters) -> bool:
        """Whether nothing that begins in a text could continue behind its end, whatever follows."""
        if self.opaque and letters.text and not letters.text[-1].isspace():
            return False
        labelled = {name: any(label in letters.text for label in labels) for name, labels in self._labels.items()}
        bounds = [bounds for name, bounds in self._bounds if labelled.get(name, True)]
        return not any(open_for(each, bounds) for each in with_and_without(letters))

    def _values(
        self, pieces: Pieces, scheme: Scheme, bounds: Bounds, first: int, behind: int, within: Within | None = None
    ) -> tuple[Places, Places, pl.Series]:
        """Canonical values of what is written in the scheme's spellings, with their positions."""
        if self.ocr:
            bounds = _loosened_bounds(bounds)
        labelled = needs_label(scheme, bounds)
        if labelled and not any(label in pieces.letters.text for label in scheme.labels):
            first = behind
        starts, ends = pieces.sequences(bounds, first, behind)
        if labelled:
            starts, ends = near_labels(pieces.letters.text, starts, ends, scheme)
        if within is not None:
            inside = within(starts, ends)
            starts, ends = starts[inside], ends[inside]
        rows, values = self._read(list(pieces.texts(starts, ends)), scheme)
        return starts[rows], ends[rows], pl.Series(values, dtype=pl.String)

    def _read(self, written: list[str], scheme: Scheme) -> tuple[list[int], list[str]]:
        """Give the canonical values of texts, each with the number of its text; equal texts are read once."""
        places: dict[str, list[int]] = {}
        for number, text in enumerate(written):
            places.setdefault(text, []).append(number)
        equal = list(places.values())
        of, texts = readings(list(places), scheme)
        if self.ocr:
            repaired = [(at, made) for at, text in zip(of, texts, strict=True) for made in with_digits(text)]
            of, texts = [*of, *(at for at, _ in repaired)], [*texts, *(made for _, made in repaired)]
        read = [(at, value) for at, value in zip(of, parse_texts(texts, scheme), strict=True) if value is not None]
        return [row for at, _ in read for row in equal[at]], [value for at, value in read for _ in equal[at]]

    def _is_held(self, scheme: str, values: pl.Series) -> npt.NDArray[np.bool_]:
        if not len(values):
            return np.zeros(0, bool)
        found = self.index.lookup(scheme, digest_column(values, self.index.scheme_key(scheme)))
        return np.isin(found, self.barred)

    def _barred(self, scheme: str, values: pl.Series) -> npt.NDArray[np.bool_]:
        """Which values may not be shown; one of which a part may be any word only if the index holds it."""
        held = self._is_held(scheme, values)
        if self.known is None:
            return held
        told = values.str.contains_any(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]).to_numpy()
        if any(part != "date" and not bounds_of(get_scheme(part)).digits for part in get_scheme(scheme).parts):
            return held
        return held | (told & self.known.unknown(scheme, values))

    def _opaque_mentions(self, text: str, scheme: Scheme, start: int, stop: int) -> list[Mention]:
        """Ids of one system, which have no grammar: every word may be one."""
        words = [each.span() for each in _WORD.finditer(text, start) if each.start() < stop]
        parts = [(at + a, at + b) for at, end in words for a, b in _parts(text[at:end])]
        if not words:
            return []
        places = list(dict.fromkeys((*words, *parts)))
        different = list({text[at:end] for at, end in places})
        found = canonicalise(pl.Series(different, dtype=pl.String), scheme)
        rows = np.flatnonzero(found.status == Status.OK)
        held = {different[row] for row in rows[self._is_held(scheme.name, found.values[rows])]}
        return [Mention(at, end, scheme.name) for at, end in places if text[at:end] in held] if held else []

    def _written(self, pieces: Pieces, first: int, behind: int) -> list[tuple[int, int]]:
        """Positions of all values of known schemes that begin between two positions, sealed or not."""
        found: list[tuple[int, int]] = []
        for scheme, bounds in _telling_schemes():
            starts, ends, _ = self._values(pieces, scheme, bounds, first, behind)
            found += zip(starts.tolist(), ends.tolist(), strict=True)
        return found

    def _composite_mentions(
        self, pieces: Pieces, scheme: Scheme, first: int, behind: int, units: Sequence[int]
    ) -> list[Mention]:
        """Keys of several parts, all of which are in one unit."""
        letters, places = pieces.letters, Units(pieces.letters, units)
        parts: dict[str, list[Part]] = {}
        for name in searched(scheme):
            if name == "date":
                parts[name] = [each for each in dates_in(letters) if first <= each[0] < behind]
            else:
                part = get_scheme(name)
                bounds = bounds_of(part)
                within = None if bounds.digits else partial(places.hold, list(parts.values()))
                starts, ends, values = self._values(pieces, part, bounds, first, behind, within)
                parts[name] = list(zip(starts.tolist(), ends.tolist(), values.to_list(), strict=True))
            if not parts[name]:
                return []
        keys = beside_each_other([parts[name] for name in scheme.parts], places.of)
        if not keys:
            return []
        columns = {
            name: pl.Series([key[at][2] for key in keys], dtype=pl.String) for at, name in enumerate(scheme.parts)
        }
        joined = canonicalise_parts(columns, scheme)
        rows = np.flatnonzero(joined.status == Status.OK)
        held = rows[self._barred(scheme.name, joined.values[rows])]
        named = {
            part
            for row in held
            if all(self._stands_alone(pieces, *span) for span in glued_together(keys[row]))
            for part in keys[row]
        }
        return [Mention(letters.start(start), letters.end(end), scheme.name) for start, end, _ in sorted(named)]


_LONGEST_WORD = 64
_WORD = re.compile(rf"(?<!\w)\w(?:[\w\-./#]{{0,{_LONGEST_WORD - 2}}}\w)?(?!\w)")
_DIGITS = re.compile("[0-9]")


def _parts(word: str) -> list[tuple[int, int]]:
    return [each.span() for each in re.finditer(r"\w+", word)] if not word.isalnum() else []


def _token_ended(letters: Letters, place: int) -> bool:
    """Whether a run without white space that begins before a place ends before the text does."""
    tail = letters.text[letters.first_from(place) :]
    return len(tail) > _LONGEST_WORD or any(sign.isspace() for sign in tail)


def _loosened_bounds(bounds: Bounds) -> Bounds:
    first, signs, edges = bounds.first.copy(), bounds.signs.copy(), bounds.edges.copy()
    for letter, digit in ("O0", "I1", "S5", "B8", "L1", "Z2"):
        first[ord(letter)] |= first[ord(digit)]
        signs[ord(letter)] |= signs[ord(digit)]
        edges[ord(letter)] |= edges[ord(digit)]
    for letter, digit in ("O0", "I1", "S5", "B8", "L1", "Z2"):
        edges[:, ord(letter)] |= edges[:, ord(digit)]
    return replace(bounds, digits=min(1, bounds.digits), letters=bounds.most, first=first, signs=signs, edges=edges)


def _telling_schemes() -> tuple[tuple[Scheme, Bounds], ...]:
    """Known schemes whose values are distinguished from other texts by how they are written."""
    return _telling_now(tuple(scheme_names()))


def _fewest_alone() -> int:
    """How many digits without a mark may be a value of these, at the fewest."""
    return min(bounds.alone for _, bounds in _telling_schemes())


@lru_cache(maxsize=1)
def _telling_now(names: tuple[str, ...]) -> tuple[tuple[Scheme, Bounds], ...]:
    found = [(scheme, bounds_of(scheme)) for scheme in map(get_scheme, names) if scheme.spellings]
    return tuple((scheme, bounds) for scheme, bounds in found if bounds.digits and not bounds.bare)
