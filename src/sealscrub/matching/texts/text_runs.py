"""A folded text as runs of letters and digits, and the sequences of such runs that could be one identifier."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Mask
from sealscrub.identifiers.letters import Letters

from .adjacent_values import touching
from .grammar import Bounds

__all__ = ["Pieces", "divides", "kinds_of"]

LONGEST_BREAK = 256  # characters of mark-up or invisible ones within a run
LONGEST_SPAN = 1_000  # characters of the text, from an identifier's first to its last

Places = npt.NDArray[np.int64]
Signs = npt.NDArray[np.uint8]


def _table(signs: str) -> Mask:
    table = np.zeros(256, bool)
    table[np.frombuffer(signs.encode(), np.uint8)] = True
    return table


_SPACES = " \t\n\v\f\r"
_SOFT_STOPS = "!,;?"  # divide two runs where white space follows
_GAPS = "\"#$%&'()*+-./:<=>@[\\]^_`{|}~"
_STOPS = "\u3001\u3002"  # always divide
_RARE = 1_000
_BEYOND = 255  # a letter beyond ASCII
_UNBOUNDED = 1 << 30
_DIVIDES, _SPACED, _COMMA, _GAP, _LETTER, _DIGIT = b"! ,.ad"  # what a sign is: letters and digits come last


def _kinds() -> bytes:
    table = bytearray([_DIVIDES]) * 256
    signs = {
        _GAP: _GAPS,
        _SPACED: _SPACES,
        _COMMA: _SOFT_STOPS,
        _LETTER: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        _DIGIT: "0123456789",
    }
    for kind, each in signs.items():
        for sign in each.encode():
            table[sign] = kind
    return bytes(table)


_KINDS = _kinds()


def kinds_of(text: str) -> bytes:
    """What each sign of a folded text is.

    ``a`` is a letter, ``d`` a digit, ``!`` what divides two runs. White space, ``,`` (which divides where white space
    follows) and ``.`` for any other mark may be between the parts of a value.

    Examples
    --------
    >>> kinds_of("K14-612, A")
    b'add.ddd, a'
    """
    return _signs(text).translate(_KINDS)


def divides(kinds: bytes) -> bool:
    """Whether something is in a gap that could not be within a value."""
    return b"!" in kinds or b", " in kinds


class Pieces:
    """Runs of letters and digits of a folded text, cut where a value glued to something else may begin or end.

    A run of only letters or of only digits is one piece. Of a run that has both, each letter is a piece, and so are
    the digits between two letters; where two values could touch in these, each digit is.

    Parameters
    ----------
    letters : Letters
        The folded text.
    alone : int
        How many digits without a mark may be a value, at the fewest.

    Attributes
    ----------
    starts, ends : numpy.ndarray of int64, shape (n,)
        Positions of each piece in the folded text.
    begins : numpy.ndarray of bool, shape (n,)
        Which pieces a run begins with.
    linked : numpy.ndarray of bool, shape (n - 1,)
        Whether nothing is between a piece and the next that could not be within a value.
    known : dict
        What is known of the values of any scheme, by blocks of the text in which they begin.
    reached : tuple of dict
        How far values and letters lead from a place, ahead and back.
    """

    def __init__(self, letters: Letters, alone: int = _UNBOUNDED) -> None:
        self.letters = letters
        self.known: dict[int, Any] = {}
        self.reached: tuple[dict[Any, Any], dict[Any, Any]] = ({}, {})
        signs = _signs(letters.text)
        kinds = signs.translate(_KINDS)
        self.signs: Signs = np.frombuffer(signs, np.uint8)
        self.kinds: Signs = np.frombuffer(kinds, np.uint8)
        self.starts, self.ends = _runs(self.kinds >= _LETTER)
        self._break()
        self.begins: Mask = np.ones(len(self.starts), bool)
        places = np.flatnonzero(self.kinds == _DIGIT)
        count = self._count_in_pieces(places)
        inner = touching(kinds, self.signs, places, alone)
        cut = np.concatenate([self._cuts(count), inner]) if len(places) else inner
        if len(cut):
            self.starts, self.ends = _merged(self.starts, cut), _merged(self.ends, cut)
            self.begins = np.ones(len(self.starts), bool)
            self.begins[np.searchsorted(self.starts, cut)] = False
            count = self._count_in_pieces(places)
        self.linked = self._linked_pieces()
        self.groups = self._groups(inner)
        self.digits = _running_sums(count)
        self.sizes = _running_sums(self.ends - self.starts)

    def _break(self) -> None:
        """End runs where so much is between two signs of them that is not read."""
        starts, ends = self.letters.starts, self.letters.ends
        if starts is None or ends is None or not len(self.signs):
            return
        broken = np.flatnonzero(starts[1:] - ends[:-1] > LONGEST_BREAK) + 1
        broken = broken[(self.kinds[broken] >= _LETTER) & (self.kinds[broken - 1] >= _LETTER)]
        if len(broken):
            self.starts, self.ends = _merged(self.starts, broken), _merged(self.ends, broken)

    def _count_in_pieces(self, places: Places) -> Places:
        """How many of some positions are in each piece."""
        return np.bincount(np.searchsorted(self.starts, places, "right") - 1, minlength=len(self.starts))

    def _cuts(self, count: Places) -> Places:
        """Where runs of both letters and digits are cut."""
        size = self.ends - self.starts
        mixed = np.flatnonzero((count > 0) & (count < size))
        sizes = size[mixed] - 1
        inner = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        inner += np.repeat(self.starts[mixed] + 1, sizes)
        cut: Places = inner[(self.kinds[inner] != _DIGIT) | (self.kinds[inner - 1] != _DIGIT)]
        return cut

    def _groups(self, inner: Places) -> Places | None:
        """How many pieces before each are not the further digits of a number."""
        if not len(inner):
            return None
        whole = np.ones(len(self.starts), np.int64)
        whole[np.searchsorted(self.starts, inner)] = 0
        return _running_sums(whole)

    def _linked_pieces(self) -> Mask:
        gap, to = self.ends[:-1], self.starts[1:]
        starts, ends = self.letters.starts, self.letters.ends
        apart = to - gap if starts is None or ends is None or not len(to) else starts[to] - ends[gap - 1]
        linked: Mask = apart <= LONGEST_SPAN
        if len(linked):
            divides = self.kinds == _DIVIDES
            divides[:-1] |= (self.kinds[:-1] == _COMMA) & (self.kinds[1:] == _SPACED)
            at = np.searchsorted(self.ends, np.flatnonzero(divides), "right") - 1
            linked[at[(at >= 0) & (at < len(linked))]] = False
        return linked

    def __len__(self) -> int:
        return len(self.starts)

    def sequences(self, bounds: Bounds, start: int, stop: int) -> tuple[Places, Places]:
        """Sequences that could be a value and begin between two positions: first positions, and those behind them."""
        low, high = np.searchsorted(self.starts, [start, stop])
        first = np.flatnonzero(bounds.first[self.signs[self.starts[low:high]]]) + low
        found: list[tuple[Places, Places]] = []
        groups = self.groups if bounds.pieces < bounds.most else None
        for count in range(1, (bounds.pieces if groups is None else bounds.most) + 1):
            last = first + (count - 1)
            if count > 1:
                first = first[last < len(self)]
                first = first[self.linked[first + (count - 2)]]
                last = first + (count - 1)
            size = self.sizes[first + count] - self.sizes[first]
            digits = self.digits[first + count] - self.digits[first]
            may_grow = (size <= bounds.most) & (size - digits <= bounds.letters)
            if len(first) > _RARE:  # a letter that no value has, looked for where this spares work
                may_grow &= bounds.signs[self.signs[self.starts[last]]] & bounds.signs[self.signs[self.ends[last] - 1]]
            if groups is not None:
                may_grow &= groups[last + 1] - groups[first + 1] < bounds.pieces
            first, last, size, digits = first[may_grow], last[may_grow], size[may_grow], digits[may_grow]
            good = (size >= bounds.least) & (digits >= bounds.digits) & (size - digits >= bounds.least_letters)
            first_good, last_good = first[good], last[good]
            good = bounds.edges[self.signs[self.starts[first_good]], self.signs[self.ends[last_good] - 1]]
            found.append((first_good[good], last_good[good]))
            if not len(first):
                break
        first, last = self._with_whole_runs(*(np.concatenate(each) for each in zip(*found, strict=True)))
        return self._short_enough(self.starts[first], self.ends[last])

    def _with_whole_runs(self, first: Places, last: Places) -> tuple[Places, Places]:
        """Those sequences that take a digit of every run that they take a part of, or are next to such a one."""
        cut = np.flatnonzero(~self.begins[first] | ~self._run_ends(last))
        if not len(cut):
            return first, last
        runs = self._runs
        keep = np.ones(len(first), bool)
        a, b = first[cut], last[cut]
        behind = runs[np.searchsorted(runs, a, "right")]
        begin = runs[np.searchsorted(runs, b, "right") - 1]
        keep[cut] = (
            self.begins[a]
            | (self.kinds[self.starts[a] - 1] == _DIGIT)
            | (self.digits[np.minimum(behind, b + 1)] > self.digits[a])
        )
        after = self.kinds[np.minimum(self.ends[b], len(self.kinds) - 1)] == _DIGIT
        keep[cut] &= self._run_ends(b) | after | (self.digits[b + 1] > self.digits[np.maximum(begin, a)])
        return first[keep], last[keep]

    def _run_ends(self, pieces: Places) -> Mask:
        ends: Mask = self._last_of_run[pieces]
        return ends

    @cached_property
    def _runs(self) -> Places:
        """The piece that each run begins with, and behind them how many pieces there are."""
        return np.append(np.flatnonzero(self.begins), len(self))

    @cached_property
    def _last_of_run(self) -> Mask:
        return np.append(self.begins[1:], True)

    def is_edge(self, place: int) -> bool:
        """Whether a run begins or ends at a position where a piece does."""
        return place not in self._inner

    @cached_property
    def _inner(self) -> frozenset[int]:
        """Where pieces begin that no run begins with."""
        return frozenset(self.starts[~self.begins].tolist())

    def _short_enough(self, starts: Places, ends: Places) -> tuple[Places, Places]:
        if self.letters.starts is None or self.letters.ends is None or not len(starts):
            short = ends - starts <= LONGEST_SPAN
        else:
            short = self.letters.ends[ends - 1] - self.letters.starts[starts] <= LONGEST_SPAN
        return starts[short], ends[short]

    def texts(self, starts: Places, ends: Places) -> Iterator[str]:
        """The sequences as text."""
        text = self.letters.text
        return (text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))


def _runs(inside: Mask) -> tuple[Places, Places]:
    """Where runs of signs begin and end."""
    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    return edges[::2], edges[1::2]


def _merged(places: Places, more: Places) -> Places:
    merged = np.concatenate([places, more])
    merged.sort(kind="stable")
    return merged


def _running_sums(counts: Places) -> Places:
    """Sums of the first counts, of none to all."""
    sums = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=sums[1:])
    return sums


def _signs(text: str) -> bytes:
    """A text as bytes: beyond ASCII, a mark is a bar, and a letter none of those that identifiers have."""
    if text.isascii():
        return text.encode("ascii")
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    signs: Signs = codes.astype(np.uint8)
    beyond = np.flatnonzero(codes >= 128)
    different, at = np.unique(codes[beyond], return_inverse=True)
    meant = [_beyond_ascii(chr(code)) for code in different.tolist()]
    signs[beyond] = np.array(meant, np.uint8)[at.ravel()]
    return signs.tobytes()


def _beyond_ascii(sign: str) -> int:
    return _BEYOND if sign in _STOPS or unicodedata.category(sign)[0] in "LN" else ord("|")
