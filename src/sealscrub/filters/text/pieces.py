"""A folded text as runs of letters and digits, and the sequences of such runs that could be one identifier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sealscrub.identifiers.letters import Letters

from .grammar import Bounds

__all__ = ["Pieces"]

LONGEST_GAP = 32  # signs between two runs of one identifier
LONGEST_BREAK = 256  # characters of mark-up or invisible ones within one
LONGEST_SPAN = 1_000  # characters of the text, from an identifier's first to its last

Places = npt.NDArray[np.int64]


def _table(signs: str) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, bool)
    table[np.frombuffer(signs.encode(), np.uint8)] = True
    return table


_DIGITS = "0123456789"
_DIGIT = _table(_DIGITS)
_SIGN = _table(_DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_GAP = _table(" \t\n\v\f\r-./#_")


class Pieces:
    """Runs of letters and digits of a folded text.

    Attributes
    ----------
    starts, ends : numpy.ndarray of int64, shape (n,)
        Positions of each run in the folded text.
    """

    def __init__(self, letters: Letters) -> None:
        self.letters = letters
        self.signs = signs = np.frombuffer(letters.text.encode("ascii", "replace"), np.uint8)
        inside = _SIGN[signs]
        before = np.zeros(len(signs), bool)  # whether a run goes on from the character before
        before[1:] = inside[:-1]
        if letters.starts is not None and letters.ends is not None and len(signs):
            before[1:] &= letters.starts[1:] - letters.ends[:-1] <= LONGEST_BREAK
        self.starts: Places = np.flatnonzero(inside & ~before)
        after = np.ones(len(signs), bool)
        after[:-1] = ~(inside[1:] & before[1:])
        self.ends: Places = np.flatnonzero(inside & after) + 1
        digits = np.concatenate([[0], np.cumsum(_DIGIT[signs])])
        strange = np.concatenate([[0], np.cumsum(~_GAP[signs])])
        self.digits = np.concatenate([[0], np.cumsum(digits[self.ends] - digits[self.starts])])
        self.sizes = np.concatenate([[0], np.cumsum(self.ends - self.starts)])
        gap, to = self.ends[:-1], self.starts[1:]
        self.linked = (strange[to] == strange[gap]) & (to - gap <= LONGEST_GAP)
        if letters.starts is not None and letters.ends is not None and len(to):
            self.linked &= letters.starts[to] - letters.ends[gap - 1] <= LONGEST_BREAK

    def __len__(self) -> int:
        return len(self.starts)

    def sequences(self, bounds: Bounds, start: int, stop: int) -> tuple[Places, Places]:
        """Sequences that could be a value and begin between two positions: first positions, and those behind them."""
        low, high = np.searchsorted(self.starts, [start, stop])
        first = np.arange(low, high)
        first = first[bounds.first[self.signs[self.starts[first]]]]
        found: list[tuple[Places, Places]] = []
        for count in range(1, bounds.pieces + 1):
            last = first + (count - 1)
            if count > 1:
                first = first[last < len(self)]
                first = first[self.linked[first + (count - 2)]]
                last = first + (count - 1)
            size = self.sizes[first + count] - self.sizes[first]
            digits = self.digits[first + count] - self.digits[first]
            may_grow = (size <= bounds.most) & (size - digits <= bounds.letters)
            first, last, size, digits = first[may_grow], last[may_grow], size[may_grow], digits[may_grow]
            good = (size >= bounds.least) & (digits >= bounds.digits)
            found.append((self.starts[first[good]], self.ends[last[good]]))
            if not len(first):
                break
        starts, ends = (np.concatenate(each) for each in zip(*found, strict=True))
        return self._short(starts, ends)

    def _short(self, starts: Places, ends: Places) -> tuple[Places, Places]:
        if self.letters.starts is None or self.letters.ends is None or not len(starts):
            return starts, ends
        short = self.letters.ends[ends - 1] - self.letters.starts[starts] <= LONGEST_SPAN
        return starts[short], ends[short]

    def seen_whole(self, place: int, pieces: int, most: int) -> bool:
        """Whether every sequence that begins before a place of the text ends before the text does.

        Parameters
        ----------
        place : int
            The place, in the text itself.
        pieces, most : int
            Bounds of all sequences.
        """
        last = int(np.searchsorted(self.starts, self.letters.first_from(place))) - 1
        if last < 0:
            return True
        for at in range(last, min(len(self), last + pieces)):
            if self.ends[at] == len(self.signs):  # this run may go on
                return False
            if self.sizes[at + 1] - self.sizes[last] > most:
                return True
            if at + 1 < len(self) and not self.linked[at]:
                return True
            if at + 1 == len(self):
                return not self._open_gap(int(self.ends[at]))
        return True

    def open_for(self, all_bounds: Sequence[Bounds]) -> bool:
        """Whether a sequence that could be a value might begin here and go on behind the end of the text."""
        count = len(self)
        if not count or not (self.ends[-1] == len(self.signs) or self._open_gap(int(self.ends[-1]))):
            return False
        most = max((bounds.most for bounds in all_bounds), default=0)
        for at in range(count - 1, -1, -1):
            if at + 1 < count and not self.linked[at]:
                return False
            size = int(self.sizes[-1] - self.sizes[at])
            letters = size - int(self.digits[-1] - self.digits[at])
            if size > most:
                return False
            first = self.signs[self.starts[at]]
            if any(b.first[first] and letters <= b.letters and size <= b.most for b in all_bounds):
                return True
        return False

    def _open_gap(self, start: int) -> bool:
        """Whether nothing but a gap follows, so that a run behind it could belong to the one before it."""
        return len(self.signs) - start <= LONGEST_GAP and bool(_GAP[self.signs[start:]].all())

    def texts(self, starts: Places, ends: Places) -> Iterator[str]:
        """The sequences as text."""
        text = self.letters.text
        return (text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
