"""A text passing by, unit after unit: nothing of a unit leaves before all that begins in it has been seen whole."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

from sealscrub.errors import ConfigError, Refused
from sealscrub.identifiers.letters import Letters

from .mentions import Mention
from .pieces import LONGEST_SPAN
from .units import unit_end
from .views import unfinished, views

__all__ = ["Finder", "Flow", "TextPolicy"]

CONTEXT = 1_024  # characters that are kept of what has left: labels, tags and runs that reach over
AHEAD = LONGEST_SPAN + 256  # characters behind a unit within which all that begins in it ends
_SLAB = 1 << 20  # characters read at a time


class TextPolicy(StrEnum):
    """What becomes of a text that mentions what may not come out."""

    TOKEN = "token"  # noqa: S105 - a part of a text, no secret
    SENTENCE = "sentence"
    REFUSE = "refuse"

    @classmethod
    def of(cls, policy: str) -> TextPolicy:
        """Read a policy.

        Raises
        ------
        ConfigError
            When there is none of this name.
        """
        try:
            return cls(policy)
        except ValueError:
            raise ConfigError("there is no such policy for texts", hint=f"one of {', '.join(cls)}.") from None


class Finder(Protocol):
    """Finds mentions in a text."""

    def find(self, text: str, read: Sequence[Letters], start: int, stop: int, units: Sequence[int]) -> list[Mention]:
        """Find what begins between two places; `units` says where units begin, and where the last ends."""

    def seen_whole(self, letters: Letters, place: int) -> bool:
        """Whether all that begins before a place ends before the text does."""


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
        self._join = _Join()

    @property
    def held(self) -> int:
        """How many characters have come and not been decided."""
        return len(self._text) - self._kept

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

    def _fed(self, text: str) -> str:
        self._text += text
        return self._decided(final=False)

    def _cut(self, *, final: bool) -> None:
        while self._start < len(self._text):
            end, self._scanned = unit_end(self._text, self._start, self._scanned, final=final)
            if end < 0:
                return
            self._ends.append(end)
            self._start = self._scanned = end

    def _decided(self, *, final: bool) -> str:
        self._cut(final=final)
        count = len(self._ends) if final else self._certain()
        if not count:
            return ""
        ends, self._ends = self._ends[:count], self._ends[count:]
        first, stop = self._kept, ends[-1]
        units = [first, *ends]
        # What stands behind a unit is read with it: an identifier may begin in one and end in the next.
        text = self._text[: stop + AHEAD]
        read = views(text)
        found = sorted({m for finder in self.finders for m in finder.find(text, read, first, stop, units)})
        if found and self.policy is TextPolicy.REFUSE:
            self.drop()
            raise Refused("the text mentions what may not come out", hint="nothing of it is given.")
        self.mentions += [Mention(m.start + self.offset, m.end + self.offset, m.what, m.certain) for m in found]
        out = "".join(self._left(text, units, found))
        gone = max(0, stop - CONTEXT)
        self._text = self._text[gone:]
        self.offset += gone
        self._kept = stop - gone
        self._start, self._scanned = self._start - gone, self._scanned - gone
        self._ends = [end - gone for end in self._ends]
        return out

    def _certain(self) -> int:
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

    def _left(self, text: str, units: list[int], found: list[Mention]) -> list[str]:
        """What is left of some units."""
        out, at = [], 0
        for start, end in pairwise(units):
            spans = []
            if self._reach > start + self.offset:
                spans.append((start, min(end, self._reach - self.offset)))
            while at < len(found) and found[at].start < end:
                spans.append((found[at].start, min(end, found[at].end)))
                self._reach = max(self._reach, found[at].end + self.offset)
                at += 1
            unit = text[start:end]
            if not spans:
                out.append(self._join.kept(unit))
            elif self.policy is TextPolicy.SENTENCE:
                self._join.removed(unit)
            else:
                out.append(self._join.kept(_without(unit, [(a - start, b - start) for a, b in spans])))
        return out


class _Join:
    """The white space between units, as it would be had those that are gone never been there."""

    def __init__(self) -> None:
        self._begun = False
        self._gap: str | None = None  # before a unit that is gone

    def kept(self, unit: str) -> str:
        text = unit.lstrip()
        own = unit[: len(unit) - len(text)]
        if not text:
            self._begun, self._gap = True, None
            return own
        gap = own if self._gap is None else _stronger(self._gap, own) if self._begun else self._gap
        self._begun, self._gap = True, None
        return gap + text

    def removed(self, unit: str) -> None:
        own = unit[: len(unit) - len(unit.lstrip())]
        self._gap = own if self._gap is None else _stronger(self._gap, own) if self._begun else self._gap


def _stronger(one: str, other: str) -> str:
    """Of two pieces of white space, the one with more lines; of like ones the first."""
    return other if other.count("\n") > one.count("\n") else one


def _without(unit: str, spans: list[tuple[int, int]]) -> str:
    """A unit less some parts of it, and less the space that would stand double or before a full stop."""
    out, at = "", 0
    for start, end in _united(spans):
        out += unit[at:start]
        at = end
        behind = unit[end : end + 1]
        if not out or out[-1].isspace():
            if behind == " ":
                at = end + 1
            elif out and (not behind or behind in ".,;:!?)"):
                out = out[:-1]
    return out + unit[at:]


def _united(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    united: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united
