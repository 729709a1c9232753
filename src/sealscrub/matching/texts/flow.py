"""A text passing by, unit after unit: nothing of a unit leaves before all that begins in it has been seen whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sealscrub.errors import Refused

from .mentions import Mention
from .text_joins import Joined
from .text_policies import Finder, TextPolicy
from .text_runs import LONGEST_SPAN
from .units import unit_ends
from .value_edges import GLUED_REACH
from .views import unfinished, views

__all__ = ["Flow"]

CONTEXT = 1_024  # characters that are kept of what has left: labels, tags and runs that reach over
AHEAD = LONGEST_SPAN + GLUED_REACH + 256  # characters behind a unit within which all that begins in it ends
_SLAB = 1 << 20  # characters read at a time


class Flow:
    """What comes in of a text, and what may leave of it.

    Parameters
    ----------
    finders : sequence of Finder
    policy : TextPolicy
    """

    def __init__(self, finders: Sequence[Finder], policy: TextPolicy) -> None:
        self.finders, self.policy = finders, policy
        self.mentions: list[Mention] = []
        self.offset = 0  # place of the buffer's first character in the whole text
        self._text = ""
        self._kept = 0  # how many characters of the buffer have been decided
        self._start = self._scanned = 0  # of the unit that is not over yet, in the buffer
        self._ends: list[int] = []  # of units that are over and not decided
        self._reach = 0  # up to where what began in earlier units goes, in the whole text
        self._joined = Joined(finders, policy)

    @property
    def held(self) -> int:
        """How many characters have come and not been decided."""
        return len(self._text) - self._kept + self._joined.held

    def feed(self, text: str, *, final: bool = False) -> str:
        """Take in more of the text, and give what may leave.

        Raises
        ------
        Refused
            When the policy is to refuse, and there is a reason to.
        """
        out = [self._fed(text[at : at + _SLAB]) for at in range(0, len(text), _SLAB)]
        if final:
            out.append(self._decided(final=True))
        return "".join(out)

    def drop(self) -> None:
        """Forget what is held."""
        self._text, self._ends, self._start, self._scanned = "", [], 0, 0
        self._kept = 0
        self._joined.drop()

    def _fed(self, text: str) -> str:
        self._text += text
        return self._decided(final=False)

    def _find_unit_ends(self, *, final: bool) -> None:
        ends, self._scanned = unit_ends(self._text, self._start, self._scanned, final=final)
        if ends:
            self._ends += ends
            self._start = ends[-1]

    def _decided(self, *, final: bool) -> str:
        self._find_unit_ends(final=final)
        count = len(self._ends) if final else self._decidable_units()
        if not count:
            return self._joined.leaving("", final=True) if final else ""
        ends, self._ends = self._ends[:count], self._ends[count:]
        first, stop = self._kept, ends[-1]
        units = [first, *ends]
        # What is behind a unit is read with it: an identifier may begin in one and end in the next.
        text = self._text[: stop + AHEAD]
        read = views(text)
        found = sorted({m for finder in self.finders for m in finder.find(text, read, first, stop, units)})
        if found and self.policy is TextPolicy.REFUSE:
            self.drop()
            raise Refused("the text mentions a record that may not be shown", hint="no part of it is returned.")
        self.mentions += [Mention(m.start + self.offset, m.end + self.offset, m.what, m.certain) for m in found]
        self._join(text, units, found)
        out = self._joined.leaving(text[stop : stop + 1], final=final)
        gone = max(0, stop - CONTEXT)
        self._text = self._text[gone:]
        self.offset += gone
        self._kept = stop - gone
        self._start, self._scanned = self._start - gone, self._scanned - gone
        self._ends = [end - gone for end in self._ends]
        return out

    def _decidable_units(self) -> int:
        """How many of the units that are over can be decided."""
        for count in range(len(self._ends), 0, -1):
            end = self._ends[count - 1]
            if len(self._text) - end >= AHEAD:
                return count
            from_here = max(0, end - LONGEST_SPAN)
            text = self._text[from_here:]
            read = views(text[: unfinished(text)])
            if all(finder.seen_whole(way, end - from_here) for finder in self.finders for way in read):
                return count
        return 0

    def _join(self, text: str, units: list[int], found: list[Mention]) -> None:
        """Join what is left of some units."""
        if not found and self._reach <= units[0] + self.offset:
            self._joined.kept(text, units)
            return
        at, spans = 0, list[list[tuple[int, int]]]()
        for start, end in pairwise(units):
            spans.append([(start, min(end, self._reach - self.offset))] if self._reach > start + self.offset else [])
            while at < len(found) and found[at].start < end:
                spans[-1].append((found[at].start, min(end, found[at].end)))
                self._reach = max(self._reach, found[at].end + self.offset)
                at += 1
        self._joined.add(text, units, spans)
