"""What is left of a text, put together: what comes to be side by side must be no mention either."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

from sealscrub.identifiers.letters import Letters

from .identifier_labels import LABEL_REACH
from .text_policies import Finder, TextPolicy
from .text_runs import LONGEST_SPAN
from .value_edges import GLUED_REACH
from .views import unfinished, views
from .white_space import Spacing, joined, line_lead, space_before, without

__all__ = ["Joined"]

_CONTEXT = 1_024  # characters before a join that are looked through with it
_KEPT_LENGTH = 8 * _CONTEXT  # characters that are kept of what has left
_REVOCABLE = LONGEST_SPAN  # characters behind a unit before which it may yet be removed
_DIGIT = re.compile("[0-9]")
_LOOK_BACK = 64
_AT_ONCE = 256  # units that are looked through at once, if nothing is found


@dataclass(slots=True)
class _Unit:
    """The white space before a unit, what is left of it, and whether it is removed; or units that are removed in a row.

    Attributes
    ----------
    own, text : str
    gone : bool
    gap : str
        Of units that are removed: the white space that is left of them where something is before them.
    lead : str or None
        Of units that are removed: what begins the line of the last of them that begins one.
    piece : str
        What is left, as it is in what is left of all.
    after : Spacing
        The white space behind it.
    closed : dict
        Whether nothing that begins before its end could continue behind it, by the white space that follows.
    """

    own: str
    text: str
    gone: bool = False
    gap: str = ""
    lead: str | None = ""
    piece: str = ""
    after: Spacing = field(default_factory=Spacing)
    closed: dict[str, bool] = field(default_factory=dict)

    def place(self, before: Spacing) -> None:
        """Place the piece behind some white space."""
        self.after = replace(before)
        if not self.gone:
            self.piece = self.after.kept(self.own, self.text)
            return
        self.piece = self.after.removed(self.own, self.lead)
        self.after.removed(self.gap, self.lead)


class Joined:
    """Units that stay, joined where others were removed.

    Where a unit or a part of one is removed, its neighbours come together. What they say together is looked
    through as the text itself was, and what is found is removed too, and so on. So a unit may leave when nothing that
    follows could make a mention of it; or, when a long text brings no decision, when so many characters are
    left behind it. A mention that would reach back to what was so given up loses the rest of it.

    All is decided unit by unit, so it does not depend on the pieces in which the text came. What was found of a
    unit is kept until something before it changes: so the work grows with the text, and not with what is held as well.

    Parameters
    ----------
    finders : sequence of Finder
    policy : TextPolicy
    """

    def __init__(self, finders: Sequence[Finder], policy: TextPolicy) -> None:
        self.finders, self.policy = finders, policy
        letters = max((finder.letters for finder in finders), default=0)
        # Nothing continues behind a plain word of so many letters and a full stop.
        self._closing = re.compile(rf"(?:\A|\s)[A-Za-z]{{{max(3, letters + 1)},}}[.!?]\Z")
        self._spacing = Spacing()
        self._out: list[str] = []
        self._tail = ""  # the end of what has left
        self._left = 0  # characters that have left
        self._units: list[_Unit] = []  # that have not
        self._staying = 0  # characters of these
        self._most = 0  # characters that stay, at most so far
        self._join = -1  # the last join, while it has not been passed
        self._from = 0  # up to where what stays has been looked through
        self._open = False  # whether something may continue over the join

    @property
    def held(self) -> int:
        """How many characters may yet be removed."""
        return self._staying

    @property
    def _length(self) -> int:
        """Characters that stay."""
        return self._left + self._staying

    def drop(self) -> None:
        """Forget what is held."""
        self._units, self._out, self._staying = [], [], 0

    def add(self, text: str, units: Sequence[int], spans: Sequence[Sequence[tuple[int, int]]]) -> None:
        """Add units less some parts, or, of sentences, without those of which there are parts.

        Parameters
        ----------
        text : str
        units : sequence of int
            Where they begin, and where the last ends.
        spans : sequence of sequence of (int, int)
            Places of the parts, by units.
        """
        for at in range(0, len(spans), _AT_ONCE):
            some, of = units[at : at + _AT_ONCE + 1], spans[at : at + _AT_ONCE]
            if not self._added_at_once(text, some, of):
                self._add_one_by_one(text, some, of)

    def _add_one_by_one(self, text: str, units: Sequence[int], spans: Sequence[Sequence[tuple[int, int]]]) -> None:
        begun = 0
        for number, of in enumerate(spans):
            if not of:
                continue
            if begun < number:
                self.kept(text, units[begun : number + 1])
            begun = number + 1
            start, end = units[number : number + 2]
            within = [(a - start, b - start) for a, b in of]
            if self.policy is TextPolicy.SENTENCE:
                self.gone(text[start:end], within)
            else:
                self.cut(text[start:end], within)
        if begun < len(spans):
            self.kept(text, units[begun:])

    def _added_at_once(self, text: str, units: Sequence[int], spans: Sequence[Sequence[tuple[int, int]]]) -> bool:
        """Add several sentences, some of which are removed, if nothing is found in what stays; say whether that is so.

        What a part of a text mentions the whole does as well, if it can be read in one way and no run is cut.
        """
        joins = sum(map(bool, spans))
        if self.policy is not TextPolicy.SENTENCE or joins < 2 or any(_is_in_word(text, at) for at in units):
            return False
        count, staying, join = len(self._units), self._staying, self._join
        last = replace(self._units[-1], after=replace(self._units[-1].after)) if count else None
        looked = self._from if self._join >= 0 else self._length
        for (start, end), of in zip(pairwise(units), spans, strict=True):
            if of:
                self._remove(text[start:end], [(a - start, b - start) for a, b in of])
                join = self._length
            else:
                self._append(text[start:end])
        begin, around, places = self._around(looked)
        read = views(around)
        if len(read) > 1 or self._spans_behind(around, read, places, looked - begin):
            self._units[count - 1 : count] = [] if last is None else [last]
            del self._units[count:]
            self._staying = staying
            return False
        self._join, self._open, self._from = join, True, self._length
        self._give_up()
        return True

    def gone(self, unit: str, spans: Sequence[tuple[int, int]] = ()) -> None:
        """Add a unit that is removed for some parts of it."""
        before = self._ending()
        own = self._remove(unit, spans)
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
            self._drop_units(len(self._units))
            self._append(text[units[at] : units[at + 1]])
            self._drop_units(1)
            first = at = at + 1
            at = max(at, bisect_right(units, most) - 1)
            if at > first:
                self._give(text[units[first] : units[at]])
        for start, end in pairwise(units[at:]):
            self._append(text[start:end])
        self._give_up()

    def leaving(self, follows: str, *, final: bool) -> str:
        """Give what may leave, where a character follows in the text."""
        count = len(self._units)
        if not final:
            while count and not self._nothing_continues(count, follows):
                count -= 1
        self._drop_units(count)
        out, self._out = "".join(self._out), []
        return out

    def _remove(self, unit: str, spans: Sequence[tuple[int, int]]) -> str:
        own = space_before(unit)
        self._add(_Unit(own, "", gone=True, gap=own, lead=line_lead(unit, spans)))
        return own

    def _append(self, unit: str) -> None:
        own = space_before(unit)
        self._add(_Unit(own, unit[len(own) :]))

    def _add(self, unit: _Unit) -> None:
        last = self._units[-1] if self._units else None
        if unit.gone and last is not None and last.gone:
            last.after.removed(unit.gap, unit.lead)
            last.gap, last.lead = joined(last.gap, unit.gap), last.after.lead
            return
        unit.place(self._spacing if last is None else last.after)
        self._staying += len(unit.piece)
        self._units.append(unit)

    def _place_again(self, first: int) -> None:
        """Place what is held again, from a unit that has changed."""
        units = self._units[first:]
        del self._units[first:]
        self._staying -= sum(len(unit.piece) for unit in units)
        for unit in units:
            unit.closed = {}
            self._add(unit)

    def _ending(self) -> str:
        """The end of what stays."""
        text = ""
        for unit in reversed(self._units):
            text = unit.piece + text
            if len(text) >= _LOOK_BACK:
                return text[-_LOOK_BACK:]
        return (self._tail[-_LOOK_BACK:] + text)[-_LOOK_BACK:]

    def _give(self, text: str) -> None:
        self._out.append(text)
        self._left += len(text)
        self._tail = text[-_KEPT_LENGTH:] if len(text) >= _KEPT_LENGTH else (self._tail + text)[-_KEPT_LENGTH:]

    def _drop_units(self, count: int) -> None:
        if not count:
            return
        for unit in self._units[:count]:
            self._staying -= len(unit.piece)
            if unit.piece:
                self._give(unit.piece)
        self._spacing = self._units[count - 1].after
        del self._units[:count]

    def _give_up(self) -> None:
        """Let those units leave behind which so much is left."""
        self._most = max(self._most, self._length)
        end, count = self._left, 0
        for unit in self._units:
            end += len(unit.piece)
            if end > self._most - _REVOCABLE:
                break
            count += 1
        self._drop_units(count)

    def _nothing_continues(self, count: int, follows: str) -> bool:
        """Whether nothing that begins in the first units could continue behind them."""
        behind = self._units[count].own if count < len(self._units) else follows
        space = " " if " " in behind or "\n" in behind else ""
        known = self._units[count - 1].closed
        if space not in known:
            known[space] = self._closes(count, space)
        return known[space]

    def _closes(self, count: int, space: str) -> bool:
        text, first = "", count
        while first and len(text) < 2 * _CONTEXT:
            first -= 1
            text = self._units[first].piece + text
        text = (self._tail[-_CONTEXT:] + text if not first else text)[-2 * _CONTEXT :]
        if not text:
            return True
        if space and self._closing.search(text[-_LOOK_BACK:]):
            return True
        text += space
        if unfinished(text) < len(text):
            return False
        return all(finder.closed(way) for way in views(text) for finder in self.finders)

    def _settle(self) -> None:
        """Look through what is around a join, and remove what is found until nothing is."""
        while self._asks():
            begin, text, places = self._around(self._from)
            if not self._revoked(text, places, self._from - begin):
                read = views(text[: unfinished(text)])
                place = self._join - begin
                whole = all(finder.seen_whole(way, place) for finder in self.finders for way in read)
                self._open = self._open and not whole
                break
        self._from = self._length
        if not self._open and self._length - self._join >= LABEL_REACH:
            self._join = -1
        self._give_up()

    def _around(self, looked: int) -> tuple[int, str, list[int]]:
        """What stays, from some characters before a place: where it begins, itself, and where units are in it."""
        begin = max(0, looked - _CONTEXT)
        pieces = [unit.piece for unit in self._units]
        text = self._tail[len(self._tail) - max(0, self._left - begin) :] + "".join(pieces)
        return begin, text[max(0, begin - self._left) :], list(accumulate(map(len, pieces), initial=self._left - begin))

    def _asks(self) -> bool:
        """Whether what has come to be behind a join could be part of a mention with what is before it."""
        if self._open:
            return True
        last = self._units[-1].piece if self._units else ""
        return not last.isascii() or _DIGIT.search(last) is not None

    def _spans_behind(
        self, text: str, read: Sequence[Letters], places: Sequence[int], looked: int
    ) -> list[tuple[int, int]]:
        """Where something is found in what stays that is not before a place."""
        certain = 0 if self._left == places[0] else GLUED_REACH  # before it, a run may have been cut
        return [
            (each.start, each.end)
            for finder in self.finders
            for each in finder.find(text, read, 0, len(text), [0, *(p for p in places[1:] if p > 0)])
            if each.end > looked or (each.end > looked - GLUED_REACH and each.start >= certain)
        ]

    def _revoked(self, text: str, places: Sequence[int], looked: int) -> bool:
        """Remove what is found in what stays; whether anything was."""
        spans = self._spans_behind(text, views(text), places, looked)
        if not spans:
            return False
        first, begin = -1, self._left - places[0]
        for number, (start, end) in enumerate(pairwise(places)):
            unit = self._units[number]
            hit = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start and not unit.gone]
            if not hit:
                continue
            if first < 0:
                first = number
            if self.policy is TextPolicy.SENTENCE:
                unit.text, unit.gone, unit.gap = "", True, unit.own
            else:
                before = end - len(unit.text)
                unit.text = without(unit.text, [(max(0, a - before), max(0, b - before)) for a, b in hit])
        if first < 0:
            return False
        self._place_again(first)
        self._join, self._open = self._length, True
        self._from = min(self._from, begin + places[first])
        return True


def _is_in_word(text: str, at: int) -> bool:
    """Whether a place is between two letters or digits."""
    return text[max(0, at - 1) : at].isalnum() and text[at : at + 1].isalnum()
