"""Whether a value that is glued to letters or digits is a value of its own.

Next to letters it does (``arrestK14612345s``), and next to other identifiers, also where a digit is next to a digit
(``K146123452014KN012345``). Next to other digits it is a part of something longer, such as a digest in hexadecimal; and
two values of only digits that touch are one longer number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf

from .text_runs import LONGEST_SPAN, Pieces

__all__ = ["GLUED_REACH", "Glued"]

GLUED_REACH = 512  # characters before and behind a value that are looked at

_LAST = 64  # of these, the last: the next value could reach beyond them
_BLOCK = 2_048  # positions of which the values are looked for at once, and remembered for what is near

_State = tuple[int, bool]  # a place, and whether what ends or begins there has a letter
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
        low = letters.first_from(max(0, letters.start(at - 1) - LONGEST_SPAN)) if back else at
        for block in range(low // _BLOCK, at // _BLOCK + 1):
            if block not in known:
                known[block] = self._ways_in(block)
            for start, end, lettered in known[block][back].get(at, ()):
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
        first = (place, self._has_letter(self.start, self.end))
        reach, leaps = self._reach(first, back=back)
        if self._is_far(reach, back=back):
            return True
        return leaps and self._is_free_within(first, back=back)

    def _is_free_within(self, first: _State, *, back: bool) -> bool:
        """Say the same, value by value: of those that do not reach beyond what is looked at."""
        letters = self.pieces.letters
        low = letters.first_from(max(0, self._low))
        open_, seen = [first], {first}
        while open_:
            here = open_.pop()
            if self.pieces.is_edge(here[0]) or self._is_far(self._place(here[0], back=back), back=back):
                return True
            for each in self._steps(here, back=back):
                inside = each[0] >= low if back else letters.end(each[0]) <= self._high
                if each not in seen and (inside or abs(each[0] - here[0]) == 1):
                    seen.add(each)
                    open_.append(each)
        return False

    def _steps(self, here: _State, *, back: bool) -> list[_State]:
        """Where a letter, or a value, leads from a place."""
        at, lettered = here
        text = self.pieces.letters.text
        touch = text[at - 1 : at + 1].isdigit()
        further = [way for way in self._ways(at, back=back) if lettered or way[1] or not touch]
        if text[at - 1 if back else at].isalpha():
            further.append((at - 1 if back else at + 1, True))
        return further

    def _reach(self, first: _State, *, back: bool) -> tuple[float, bool]:
        """How far short steps lead from a place, and whether there are long ones: the same for all values near it."""
        reached = self.pieces.reached[back]
        open_: list[tuple[_State, list[_State]]] = []
        todo: _State | None = first
        while todo is not None:
            if todo not in reached:
                open_.append((todo, [] if self.pieces.is_edge(todo[0]) else self._steps(todo, back=back)))
            todo = next((each for each in open_[-1][1] if each not in reached), None) if open_ else None
            while todo is None and open_:
                here, steps = open_.pop()
                reached[here] = self._farthest(here[0], steps, back=back)
                todo = next((each for each in open_[-1][1] if each not in reached), None) if open_ else None
        found: tuple[float, bool] = reached[first]
        return found

    def _farthest(self, at: int, steps: list[_State], *, back: bool) -> tuple[float, bool]:
        """Put together what is known of all places that steps lead to."""
        if self.pieces.is_edge(at):
            return -inf if back else inf, False
        reached, place = self.pieces.reached[back], self._place(at, back=back)
        short = [each for each in steps if abs(self._place(each[0], back=back) - place) <= _LAST]
        places = [place, *(reached[each][0] for each in short)]
        leaps = len(short) < len(steps) or any(reached[each][1] for each in steps)
        return min(places) if back else max(places), leaps

    def _place(self, at: int, *, back: bool) -> int:
        letters = self.pieces.letters
        return letters.start(at) if back else letters.end(at)

    def _has_letter(self, start: int, end: int) -> bool:
        return any(map(str.isalpha, self.pieces.letters.text[start:end]))

    def _is_far(self, place: float, *, back: bool) -> bool:
        return place < self._low + _LAST if back else place > self._high - _LAST
