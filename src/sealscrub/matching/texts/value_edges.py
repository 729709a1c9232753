"""Whether a value that is glued to letters or digits is a value of its own.

Next to letters it does (``arrestK14612345s``), and next to other identifiers, also where a digit is next to a digit
(``K146123452014KN012345``). Next to other digits it is a part of something longer, such as a digest in hexadecimal; and
two values of only digits that touch are one longer number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .text_runs import Pieces

__all__ = ["GLUED_REACH", "Glued"]

GLUED_REACH = 512  # characters before and behind a value that are looked at

_LAST = 64  # of these, the last: the next value could reach beyond them
_BLOCK = 2_048  # positions of which the values are looked for at once, and remembered for what is near

_Ways = dict[int, list[tuple[int, int, bool]]]
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

    def _ways(self, at: int, *, back: bool) -> Iterator[tuple[int, bool]]:
        """Where the values that end or begin at a position begin or end, and which of them have a letter."""
        letters, known = self.pieces.letters, self.pieces.known
        low, high = letters.first_from(max(0, self._low)), letters.first_from(self._high + 1)
        for block in range((low if back else at) // _BLOCK, at // _BLOCK + 1):
            if block not in known:
                known[block] = self._ways_in(block)
            for start, end, lettered in known[block][back].get(at, ()):
                if low <= start < high and letters.end(end) <= self._high:
                    yield start if back else end, lettered

    def _ways_in(self, block: int) -> tuple[_Ways, _Ways]:
        """Values that begin in a block of the text, by where they begin, and by where they end."""
        begin: _Ways = {}
        end: _Ways = {}
        for span in self._values(block * _BLOCK, (block + 1) * _BLOCK):
            way = (*span, self._has_letter(*span))
            begin.setdefault(span[0], []).append(way)
            end.setdefault(span[1], []).append(way)
        return begin, end

    def _free(self, place: int, *, back: bool) -> bool:
        """Whether a way of letters and identifiers leads from a place to where a run begins or ends."""
        if self.pieces.is_edge(place):
            return True
        first = (place, self._has_letter(self.start, self.end))
        open_, seen = [first], {first}
        text = self.pieces.letters.text
        while open_:
            at, lettered = open_.pop()
            if self.pieces.is_edge(at) or self._is_far(at, back=back):
                return True
            touch = text[at - 1 : at + 1].isdigit()
            further = [way for way in self._ways(at, back=back) if lettered or way[1] or not touch]
            if text[at - 1 if back else at].isalpha():
                further.append((at - 1 if back else at + 1, True))
            open_ += [each for each in further if each not in seen]
            seen.update(further)
        return False

    def _has_letter(self, start: int, end: int) -> bool:
        return any(sign.isalpha() for sign in self.pieces.letters.text[start:end])

    def _is_far(self, at: int, *, back: bool) -> bool:
        letters = self.pieces.letters
        return letters.start(at) < self._low + _LAST if back else letters.end(at) > self._high - _LAST
