"""A folded text as the words that names are made of, divided by single spaces where a name may continue."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sealscrub.boundary.array_types import Mask
from sealscrub.identifiers.letters import Letters
from sealscrub.identifiers.name_letters import is_letter
from sealscrub.identifiers.person_names import APOSTROPHES, TITLES

from .line_numbers import cut_out, line_numbers

__all__ = ["Words", "without_hyphens_and_numbers"]

Places = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.uint64]

_SPACE, _BREAK, _GONE = 32, 10, 0
_WITHIN_NAME = " \t\n\v\f\r-,_/>|#%"  # what may be between the words of a name, in a cell or a line as well
_DIVIDERS = "\u0f0b\u0f0c\u1361\u2022"  # what is written in the place of a space in Tibetan and Ethiopic, a bullet
_TABLE = np.full(128, _BREAK, np.uint8)
_TABLE[np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ.", np.uint8)] = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ.", np.uint8
)
_TABLE[np.frombuffer(_WITHIN_NAME.encode(), np.uint8)] = _SPACE
_TABLE[[ord("'"), ord("`")]] = _GONE
_BETWEEN = chr(_SPACE) + chr(_BREAK)
_BYTES = _TABLE.tobytes() * 2  # of which the second half is not used
_VOWELS = "\u0900-\u1cff\ua800-\uabff\U00011000-\U00011fff"  # among which those are that are not letters to a pattern
# The sign first, and one search for each: that is what makes them quick.
_HYPHEN = re.compile(rf"-(?:(?<=[^\W\d_]-)|(?<=[{_VOWELS}]-))\s{{0,16}}(?=[^\W\d_])")
_LEFT_OUT = (_HYPHEN, re.compile(r"\[[0-9:.,]{1,16}\]"))
_FIRST_LETTER, _S = ord("A"), ord("S")
_LONGEST_TITLE = max(map(len, TITLES))
_TITLES_BEGIN = np.unique([ord(title[0]) for title in TITLES])
_SHORT_WORD = 3  # letters of a word behind which a full stop may end a sentence
_LONG_TITLES = [title for title in TITLES if len(title) >= _SHORT_WORD]


class Words:
    """The words of a folded text.

    Attributes
    ----------
    text : str
        The words, divided by one space where a name may continue, and by anything else if none may.
    starts, ends : numpy.ndarray of int64, shape (n,)
        Positions of each word in `text`.
    linked : numpy.ndarray of bool, shape (n - 1,)
        Whether a name may continue from a word to the next.
    single : numpy.ndarray of bool, shape (n,)
        Which words are one letter.
    """

    def __init__(self, letters: Letters) -> None:
        self.letters = letters
        codes = _letter_codes(letters.text)
        _drop_possessives(codes)
        stops = np.flatnonzero(codes == ord("."))
        if len(stops):
            known = codes >= _FIRST_LETTER
            long = np.ones(len(stops), bool)
            for back in range(1, _SHORT_WORD + 1):
                long &= (stops >= back) & known[np.maximum(stops - back, 0)]
            for title in _LONG_TITLES:
                long &= ~_is_behind(title, codes, stops)
            codes[stops] = np.where(long, _BREAK, _SPACE)
        self._places = _without_gaps(codes)
        codes = codes[self._places]
        self.starts, self.ends = _edges(codes)
        if _blank_titles(codes, self.starts, self.ends):
            places = _without_gaps(codes)
            self._places, codes = self._places[places], codes[places]
            self.starts, self.ends = _edges(codes)
        self.text = codes.tobytes().decode("ascii" if codes.dtype == np.uint8 else "utf-32-le", "surrogatepass")
        gap = self.ends[:-1]
        self.linked = (self.starts[1:] - gap == 1) & (codes[gap] == _SPACE)
        self.single = self.ends - self.starts == 1

    def __len__(self) -> int:
        return len(self.starts)

    def eights(self) -> Numbers | None:
        """What begins at each position of the text, eight letters as a number; None if some are beyond ASCII."""
        if not self.text.isascii():
            return None
        letters = np.frombuffer(self.text.encode("ascii") + bytes(16), np.uint8)
        return np.ndarray(len(letters) - 7, np.dtype("<u8"), letters, strides=(1,))

    def different(self) -> tuple[pl.Series, Places]:
        """The different words, some of them perhaps twice, and for each word which of these it is."""
        if self.text.isascii():  # what is behind a word is encoded with it: that spares a copy of the letters
            offsets = np.append(self.starts, len(self.text))
            letters = pa.py_buffer(self.text.encode("ascii"))
            words = pa.LargeStringArray.from_buffers(len(self), pa.py_buffer(offsets), letters)
        else:
            words = pa.array(self.chosen(np.arange(len(self))), pa.large_string())
        encoded = words.dictionary_encode()
        different = pl.Series(encoded.dictionary, dtype=pl.String).str.strip_chars_end(_BETWEEN)
        return different, encoded.indices.to_numpy()

    def chosen(self, words: Places) -> list[str]:
        """Words by their numbers."""
        spans = zip(self.starts[words].tolist(), self.ends[words].tolist(), strict=True)
        return [self.text[start:end] for start, end in spans]

    def start(self, word: int) -> int:
        """Where a word begins in the text that was folded."""
        return self.letters.start(int(self._places[self.starts[word]]))

    def end(self, word: int) -> int:
        """Where a word ends in the text that was folded."""
        return self.letters.end(int(self._places[self.ends[word] - 1]) + 1)

    def first_from(self, place: int) -> int:
        """The first word that begins at a place of the text that was folded, or after it."""
        at = np.searchsorted(self._places, self.letters.first_from(place))
        return int(np.searchsorted(self.starts, at))

    def seen_whole(self, place: int, most: int) -> bool:
        """Whether every sequence of so many words that begins before a place ends before the text does."""
        last = self.first_from(place) - 1
        if last < 0:
            return True
        for at in range(last, min(len(self), last + most)):
            if self.ends[at] == len(self.text):
                return False
            if at + 1 < len(self) and not self.linked[at]:
                return True
            if at + 1 == len(self):
                return self.text[self.ends[at] :] != " "
        return True

    def closed(self) -> bool:
        """Whether no sequence of words that begins in the text could continue behind its end."""
        return not len(self) or self.text[self.ends[-1] :] not in ("", " ")


def without_hyphens_and_numbers(letters: Letters) -> Letters | None:
    """A folded text with its hyphenated words as one, without the numbers or times of notes and lines; None if so."""
    text = letters.text
    found = sorted([*(each.span() for gone in _LEFT_OUT for each in gone.finditer(text)), *line_numbers(text)])
    if not found:
        return None
    return cut_out(letters, found)


def _drop_possessives(codes: Codes) -> None:
    """Drop the s of ``Quillfeather's``."""
    before = np.flatnonzero(codes[1:-1] == _GONE)
    before = before[(codes[before] >= _FIRST_LETTER) & (codes[before + 2] == _S)]
    behind = before + 3
    ends = (behind == len(codes)) | (codes[np.minimum(behind, len(codes) - 1)] < _FIRST_LETTER)
    codes[before[ends] + 2] = _GONE


def _is_behind(word: str, codes: Codes, places: Places) -> Mask:
    """Which places are directly behind a word."""
    found: Mask = places >= len(word)
    for back, letter in enumerate(reversed(word), 1):
        found &= codes[np.maximum(places - back, 0)] == ord(letter)
    before = places - len(word) - 1
    return found & ((before < 0) | (codes[np.maximum(before, 0)] < _FIRST_LETTER))


def _without_gaps(codes: Codes) -> Places:
    """Which codes stay: of several spaces the first, and no apostrophe."""
    space = codes == _SPACE
    kept = codes != _GONE
    kept[1:] &= ~(space[1:] & space[:-1])
    return np.flatnonzero(kept)


def _edges(codes: Codes) -> tuple[Places, Places]:
    """Where words begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], codes >= _FIRST_LETTER, [False]])))
    return edges[::2], edges[1::2]


def _blank_titles(codes: Codes, starts: Places, ends: Places) -> bool:
    """Make spaces of the words that are not compared in a name; say whether there were any."""
    short = np.flatnonzero(ends - starts <= _LONGEST_TITLE)
    short = short[np.isin(codes[starts[short]], _TITLES_BEGIN)]
    starts, sizes, found = starts[short], (ends - starts)[short], False
    for title in TITLES:
        at = starts[sizes == len(title)]
        for place, letter in enumerate(title):
            at = at[codes[at + place] == ord(letter)]
        for place in range(len(title)):
            codes[at + place] = _SPACE
        found |= bool(len(at))
    return found


def _letter_codes(text: str) -> Codes:
    """Codes of a text: letters as they are, what may be within a name as spaces, what may not as breaks."""
    if text.isascii():
        return np.frombuffer(bytearray(text.encode("ascii").translate(_BYTES)), np.uint8)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    different, at = np.unique(codes, return_inverse=True)
    meant = [_TABLE[code] if code < 128 else _beyond_ascii(chr(code)) for code in different.tolist()]
    return np.array(meant, np.uint32)[at.ravel()]


def _beyond_ascii(sign: str) -> int:
    if sign in APOSTROPHES:
        return _GONE
    return ord(sign) if is_letter(sign) else _SPACE if sign.isspace() or sign in _DIVIDERS else _BREAK
