"""What is left of a text, put together: what comes to stand side by side must be no mention either."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .mentions import LABEL_REACH
from .pieces import LONGEST_SPAN
from .policies import Finder, TextPolicy
from .spacing import Spacing, without
from .views import unfinished, views

__all__ = ["Joined"]

_CONTEXT = 1_024  # characters before a join that are looked through with it
_KEPT = 8 * _CONTEXT  # characters that are kept of what has left
_REVOCABLE = LONGEST_SPAN  # characters behind a unit before which it may yet go
_DIGIT = re.compile("[0-9]")
_LOOKED = 64


@dataclass(frozen=True, slots=True)
class _Unit:
    """The white space before a unit, what is left of it, and whether it is gone."""

    own: str
    text: str
    gone: bool = False


class Joined:
    """Units that stay, joined where others are gone.

    Where a unit or a part of one is gone, its neighbours come to stand side by side. What they say together is looked
    through as the text itself was, and what is found goes too, until nothing is. So a unit may leave when nothing that
    follows could make a mention of it; or, when the text goes on and on without telling, when so many characters are
    left behind it. A mention that would reach back to what was so given up loses the rest of it.

    All is decided unit by unit, so that it does not depend on the pieces in which the text came.

    Parameters
    ----------
    finders : sequence of Finder
    policy : TextPolicy
    """

    def __init__(self, finders: Sequence[Finder], policy: TextPolicy) -> None:
        self.finders, self.policy = finders, policy
        letters = max((finder.letters for finder in finders), default=0)
        # Nothing goes on behind a plain word of so many letters and a full stop.
        self._closing = re.compile(rf"(?:\A|\s)[A-Za-z]{{{max(3, letters + 1)},}}[.!?]\Z")
        self._spacing = Spacing()
        self._out: list[str] = []
        self._tail = ""  # the end of what has left
        self._left = 0  # characters that have left
        self._units: list[_Unit] = []  # that have not
        self._length = self._most = 0  # characters that stay, now and at most so far
        self._join = -1  # the last join, while it has not been passed
        self._from = 0  # up to where what stays has been looked through
        self._open = False  # whether something may go on over the join

    @property
    def held(self) -> int:
        """How many characters may yet go."""
        return sum(len(unit.own) + len(unit.text) for unit in self._units if not unit.gone)

    def drop(self) -> None:
        """Forget what is held."""
        self._units, self._out = [], []

    def gone(self, unit: str) -> None:
        """Add a unit that is gone."""
        text = unit.lstrip()
        own = unit[: len(unit) - len(text)]
        self._units.append(_Unit(own, "", gone=True))
        before = self._ending()
        opened = not (" " in own or "\n" in own) or not self._closing.search(before)
        if self._join < 0:
            self._from, self._open = self._length, False
        self._join, self._open = self._length, self._open or opened

    def cut(self, unit: str, spans: Sequence[tuple[int, int]]) -> None:
        """Add a unit less some parts of it."""
        start = self._length
        self._append(without(unit, spans))
        if self._join < 0:
            self._from = start
        self._join, self._open = self._length, True
        self._settle()

    def kept(self, text: str, units: Sequence[int]) -> None:
        """Add units that stay, one after the other; `units` says where they begin, and where the last ends."""
        at = 0
        while self._join >= 0 and at + 1 < len(units):
            self._append(text[units[at] : units[at + 1]])
            self._settle()
            at += 1
        most = units[-1] - _REVOCABLE
        if at + 1 < len(units) and units[at + 1] <= most:
            self._leave(len(self._units))
            self._append(text[units[at] : units[at + 1]])
            self._leave(1)
            first = at = at + 1
            at = max(at, bisect_right(units, most) - 1)
            if at > first:
                self._give(text[units[first] : units[at]])
                self._length += units[at] - units[first]
        for start, end in pairwise(units[at:]):
            self._append(text[start:end])
        self._give_up()

    def leaving(self, follows: str, *, final: bool) -> str:
        """Give what may leave, where a character follows in the text."""
        count = len(self._units)
        if not final:
            while count and not self._closed(count, follows):
                count -= 1
        self._leave(count)
        out, self._out = "".join(self._out), []
        return out

    def _append(self, unit: str) -> None:
        text = unit.lstrip()
        self._units.append(_Unit(unit[: len(unit) - len(text)], text))
        self._length += len(unit) if self._join < 0 else 0
        if self._join >= 0:
            self._length = self._left + sum(map(len, self._pieces()))

    def _pieces(self) -> list[str]:
        """What is left of each unit that is held, as it stands in what is left."""
        spacing = replace(self._spacing)
        return [spacing.removed(u.own) if u.gone else spacing.kept(u.own, u.text) for u in self._units]

    def _ending(self) -> str:
        """The end of what stays."""
        text = ""
        for unit in reversed(self._units):
            text = ("" if unit.gone else unit.own + unit.text) + text
            if len(text) >= _LOOKED:
                return text[-_LOOKED:]
        return (self._tail[-_LOOKED:] + text)[-_LOOKED:]

    def _give(self, text: str) -> None:
        self._out.append(text)
        self._left += len(text)
        self._tail = text[-_KEPT:] if len(text) >= _KEPT else (self._tail + text)[-_KEPT:]

    def _leave(self, count: int) -> None:
        for unit in self._units[:count]:
            if unit.gone:
                self._spacing.removed(unit.own)
            else:
                self._give(self._spacing.kept(unit.own, unit.text))
        del self._units[:count]

    def _give_up(self) -> None:
        """Let those units leave behind which so much is left."""
        self._most = max(self._most, self._length)
        end, count = self._left, 0
        for number, piece in enumerate(self._pieces()):
            end += len(piece)
            if end > self._most - _REVOCABLE:
                break
            count = number + 1
        self._leave(count)

    def _closed(self, count: int, follows: str) -> bool:
        """Whether nothing that begins in the first units could go on behind them."""
        behind = self._units[count].own if count < len(self._units) else follows
        space = " " if " " in behind or "\n" in behind else ""
        pieces = self._pieces()[:count]
        text = (self._tail[-_CONTEXT:] + "".join(pieces))[-2 * _CONTEXT :]
        if not text:
            return True
        if space and self._closing.search(text[-_LOOKED:]):
            return True
        text += space
        if unfinished(text) < len(text):
            return False
        return all(finder.closed(way) for way in views(text) for finder in self.finders)

    def _settle(self) -> None:
        """Look through what stands around a join, and remove what is found until nothing is."""
        while self._asks():
            begin = max(0, self._from - _CONTEXT)
            pieces = self._pieces()
            text = self._tail[len(self._tail) - max(0, self._left - begin) :] + "".join(pieces)
            ahead = max(0, begin - self._left)
            text = text[ahead:]
            at = self._left - begin
            places = [at]
            for piece in pieces:
                places.append(places[-1] + len(piece))
            if not self._revoked(text, pieces, places, self._from - begin):
                read = views(text[: unfinished(text)])
                place = self._join - begin
                whole = all(finder.seen_whole(way, place) for finder in self.finders for way in read)
                self._open = self._open and not whole
                break
        self._from = self._length
        if not self._open and self._length - self._join >= LABEL_REACH:
            self._join = -1
        self._give_up()

    def _asks(self) -> bool:
        """Whether what has come to stand behind a join could be part of a mention with what stands before it."""
        if self._open:
            return True
        last = self._units[-1].text if self._units else ""
        return not last.isascii() or _DIGIT.search(last) is not None

    def _revoked(self, text: str, pieces: list[str], places: list[int], looked: int) -> bool:
        """Remove what is found in what stays; whether anything was."""
        spans = [
            (each.start, each.end)
            for finder in self.finders
            for each in finder.find(text, views(text), 0, len(text), [0, *(p for p in places[1:] if p > 0)])
            if each.end > looked
        ]
        changed, earliest = False, self._length
        begin = self._left - places[0]
        for number, (start, end) in enumerate(pairwise(places)):
            unit = self._units[number]
            hit = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start and not unit.gone]
            if not hit:
                continue
            changed, earliest = True, min(earliest, begin + start)
            if self.policy is TextPolicy.SENTENCE:
                self._units[number] = _Unit(unit.own, "", gone=True)
            else:
                before = end - len(unit.text)
                inner = [(max(0, a - before), max(0, b - before)) for a, b in hit]
                self._units[number] = _Unit(unit.own, without(unit.text, inner))
        if changed:
            self._length = self._left + sum(map(len, self._pieces()))
            self._join, self._open = self._length, True
            self._from = min(self._from, earliest)
        return changed
