"""Whether a value that is glued to letters or digits is a value of its own.

Next to letters it does (``arrestK14612345s``), and next to other identifiers, also where a digit is next to a digit
(``K146123452014KN012345``). Next to other digits it is a part of something longer, such as a digest in hexadecimal; and
two values of only digits that touch are one longer number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from .text_runs import Pieces

__all__ = ["GLUED_REACH", "Glued"]

GLUED_REACH = 512  # characters before and behind a value that are looked at

_Spans = Callable[[int, int], list[tuple[int, int]]]


class Glued:
    """A value that begins or ends within a run.

    Parameters
    ----------
    pieces : Pieces
    start, end : int
        Positions of the value.
    values : callable
        Gives the positions of all values, sealed or not, that begin between two positions.
    """

    def __init__(self, pieces: Pieces, start: int, end: int, values: _Spans) -> None:
        self.pieces, self.start, self.end = pieces, start, end
        letters = pieces.letters
        self._low = letters.start(start) - GLUED_REACH
        self._high = letters.end(end) + GLUED_REACH
        self._values = values

    @property
    def stands_alone(self) -> bool:
        """Whether only letters and identifiers are glued to it."""
        return self._free(self.start, back=True) and self._free(self.end, back=False)

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        letters = self.pieces.letters
        low, high = letters.first_from(max(0, self._low)), letters.first_from(self._high + 1)
        return [span for span in self._values(low, high) if letters.end(span[1]) <= self._high]

    def _free(self, place: int, *, back: bool) -> bool:
        """Whether a way of letters and identifiers leads from a place to where a run begins or ends."""
        if self.pieces.is_edge(place):
            return True
        ways: dict[int, list[tuple[int, bool]]] = {}
        for start, end in self._spans:
            ways.setdefault(end if back else start, []).append((start if back else end, self._has_letter(start, end)))
        first = (place, self._has_letter(self.start, self.end))
        open_, seen = [first], {first}
        text = self.pieces.letters.text
        while open_:
            at, lettered = open_.pop()
            if self.pieces.is_edge(at) or self._is_far(at, back=back):
                return True
            touch = text[at - 1 : at + 1].isdigit()
            further = [way for way in ways.get(at, []) if lettered or way[1] or not touch]
            if text[at - 1 if back else at].isalpha():
                further.append((at - 1 if back else at + 1, True))
            open_ += [each for each in further if each not in seen]
            seen.update(further)
        return False

    def _has_letter(self, start: int, end: int) -> bool:
        return any(sign.isalpha() for sign in self.pieces.letters.text[start:end])

    def _is_far(self, at: int, *, back: bool) -> bool:
        letters = self.pieces.letters
        return letters.start(at) < self._low if back else letters.end(at) > self._high
