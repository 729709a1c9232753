"""The white space of a text, as it would be had those parts that are removed never been there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .units import is_mark

__all__ = ["Spacing", "joined", "line_lead", "space_before", "without"]


_LINES = r"\n\r\v\f\x85\u2028\u2029"
_BLANKS = re.compile(rf"[^\S{_LINES}]*")
_LINE_END = re.compile(rf"[^\S{_LINES}]*(?=[{_LINES}])")
_SIGNS = (
    r"[-/|\\*+~=\u00a6\u00b7\u2010-\u2015\u2022\u2023\u2043]{1,3}"
    r"|[\u2600-\u27bf\ufe0f\u200d\U0001f300-\U0001faff]{1,8}(?=\s+\D)"  # before a number it belongs to that
)
_ENDS = re.compile(rf"\r\n|[{_LINES}]")
_TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[ \u202f]?[AaPp]\.?[Mm]\.?)?"
_DATE = r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2}))"
_MOMENT = rf"(?:{_DATE}(?:(?:T|,?[ ]){_TIME})?|{_TIME})"
_BULLETS = (
    r"[-*+>#|%\u00b7\u2010-\u2015\u2022\u2023\u2043\u2190-\u21ff\u25a0-\u25ff\u2610-\u2612"
    r"\u2713-\u2718\u2756\u27a2-\u27be]"
)
_LEAD = re.compile(
    rf"(?:(?:{_BULLETS}{{1,6}}|//|\[[ xX]\])[ \t]+|>+(?=\w)){{0,5}}"
    rf"(?P<moment>(?:\[{_MOMENT}\]|\({_MOMENT}\))[ \t]+)?"
)
_DIVIDED = re.compile(rf"[^\S{_LINES}]*(?:(?:{_SIGNS})[^\S{_LINES}]+)+(?=\S)")


@dataclass(slots=True)
class Spacing:
    """The white space between units.

    Attributes
    ----------
    begun : bool
        Whether a unit has been kept.
    gap : str or None
        The white space before units that are removed, since the last that was kept.
    marked : bool
        Whether that was the mark of a turn of a chat.
    lead : str or None
        What begins a line of which the units so far are removed: a bullet, a sign of quotation or a time; None if those
        that are removed begin within a line.
    """

    begun: bool = False
    gap: str | None = None
    marked: bool = False
    lead: str | None = ""

    def kept(self, own: str, text: str) -> str:
        """Add a unit that stays: its white space and its text; gives both as they are to be."""
        if not text:
            left = self._end(own)
            self.begun, self.gap = True, None
            return left
        gap = own if self.gap is None else joined(self.gap, own) if self.begun else self._first(own)
        before, self.marked = self.marked, is_mark(text)
        if self.marked and self.begun and not before:
            gap = own  # the space was between two sentences of a turn
        lead = "" if _breaks(own) or gap.strip() else self.lead or ""
        self.begun, self.gap, self.lead = True, None, ""
        return gap + lead + text

    def removed(self, own: str, lead: str | None = "") -> str:
        """Add a unit that is removed: its white space, and what begins its line, if it does."""
        if _breaks(own):
            self.lead = lead
        elif self.gap is None:
            self.lead = None if self.begun else lead
        self.gap = own if self.gap is None else joined(self.gap, own) if self.begun else _indented(self.gap, own)
        return ""

    def _first(self, own: str) -> str:
        """What is before the first unit that stays: a sign that divides units only if they all have one."""
        gap = _indented(self.gap or "", own)
        return gap if gap.strip() == own.strip() else gap[: len(gap) - len(gap.lstrip())]

    def _end(self, own: str) -> str:
        """What is left of the white space at the end of a text: of a line, its own."""
        if self.gap is None:
            return own
        lines = _BLANKS.sub("", own, count=1)
        kept = _LINE_END.match(self.gap) if self.begun else None
        if kept is None:
            return own if self.begun else lines
        return kept[0] + lines if lines else own


def space_before(unit: str) -> str:
    r"""What is before a unit's text: white space, and a sign within a line that divides it from the unit before.

    Examples
    --------
    >>> space_before(" / Two."), space_before("\n- Two.")
    (' / ', '\n')
    """
    space = unit[: len(unit) - len(unit.lstrip())]
    if unit[len(space) : len(space) + 1].isalnum():
        return space
    divided = _DIVIDED.match(unit)
    return space if divided is None else divided[0]


def line_lead(unit: str, spans: Iterable[tuple[int, int]] = ()) -> str:
    r"""What begins the line of a unit that begins one: a bullet, a sign of quotation, of a heading, or a time.

    Parameters
    ----------
    unit : str
    spans : iterable of (int, int)
        Places in the unit of what may not stay: a time that one of them touches does not begin a line.

    Examples
    --------
    >>> line_lead("\n- Two."), line_lead("\n> > Two."), line_lead("\n[10:31] Two."), line_lead("\n2. Two.")
    ('- ', '> > ', '[10:31] ', '')
    >>> line_lead("\n[10:31] Two.", [(2, 7)])
    ''
    """
    found = _LEAD.match(unit, len(unit) - len(unit.lstrip()))
    if found is None:
        return ""
    begin, behind = found.span("moment")
    touched = begin >= 0 and any(start < behind and end > begin for start, end in spans)
    return unit[found.start() : begin] if touched else found[0]


def _breaks(space: str) -> bool:
    return _ENDS.search(space) is not None


def _indentation(space: str) -> int:
    """Where the white space of the last line begins."""
    return max((found.end() for found in _ENDS.finditer(space)), default=0)


def _indented(one: str, other: str) -> str:
    """The first piece of white space, up to its last line, which is the second's if that has lines."""
    return one[: _indentation(one)] + other[_indentation(other) :] if _breaks(other) else one


def joined(one: str, other: str) -> str:
    r"""What is left of two pieces of white space, of which the second follows the first.

    Examples
    --------
    >>> joined("\n\n", "\n  "), joined(" ", " / ")
    ('\n\n  ', ' / ')
    """
    return _indented(_stronger(one, other), other)


def _stronger(one: str, other: str) -> str:
    """Of two pieces of white space, the one with more lines, then with a sign; of like ones the first that is any."""
    lines, more = len(_ENDS.findall(one)), len(_ENDS.findall(other))
    if lines == more and bool(one.strip()) != bool(other.strip()):
        return other if other.strip() else one
    return other if not one or more > lines else one


def without(unit: str, spans: Sequence[tuple[int, int]]) -> str:
    """A unit less some parts of it, and less the space that would be double or before a full stop."""
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


def _united(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    united: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united
