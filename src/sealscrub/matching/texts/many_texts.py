"""Many texts at a time: what each of them mentions, and what is left of it without."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise

from .flow import Flow
from .identifier_labels import LABEL_REACH
from .line_numbers import has_line_numbers
from .mentions import IdentifierFinder, Mention
from .name_mentions import NameFinder
from .text_policies import Finder, TextPolicy
from .units import unit_ends
from .views import LONGEST_EDIT, may_be_edited, unfinished, views
from .white_space import Spacing, line_lead, space_before

__all__ = ["ManyTexts", "units_of", "without_units"]

Spans = list[tuple[int, int]]

_AT_ONCE = 9 << 17  # characters that are read together
_ALONE = 1 << 20  # characters of a text that passes by, unit after unit
_LONG = 1 << 12  # characters of a text that is not read twice: as much is put before it as would be then
_DIGIT = re.compile("[0-9]")
_FAR_APART = " " * 6  # and what is behind these ends a name


class ManyTexts:
    """Removes the sentences of texts that mention what may not stay, as the text guard does.

    Most texts mention nothing, and to find that out for one takes as long as for many that are side by side. So
    texts are read together first, and those in which something may be are read again, so far apart from each other
    that none changes what another says. Names are not read again if no date next to them matters.

    Parameters
    ----------
    identifiers : IdentifierFinder
    names : NameFinder, optional
    """

    def __init__(self, identifiers: IdentifierFinder, names: NameFinder | None = None) -> None:
        self._finders: list[Finder] = [identifiers] if names is None else [identifiers, names]
        self._exact: list[Finder] = []
        if names is not None and not names.needs_dates:  # a name depends on nothing around it
            self._exact.append(names)
        self._anywhere = [*([] if identifiers.several else [identifiers]), *self._exact]  # do not ask for units
        self._digits = identifiers.needs_digit and names is None
        self._near = _apart(identifiers.most + 1)
        reach = LABEL_REACH * (4 if identifiers.several else 1)  # of the parts of a key, a label may be farther away
        self._far = _apart(max(reach, identifiers.most + 1))
        self._open = _apart(LONGEST_EDIT + 16)

    def left_of(self, texts: Sequence[str], done: Callable[[int], object] = lambda size: None) -> dict[int, str]:
        """Give what is left of the texts that mention something, by their places.

        Parameters
        ----------
        texts : sequence of str
        done : callable, optional
            Called with how many characters of the long texts were read, as soon as some more were.
        """
        left: dict[int, str] = {}
        for together in self._slabs(texts):
            if len(together) == 1 and len(texts[together[0]]) > _ALONE:
                text = texts[together[0]]
                flow, rest = Flow(self._finders, TextPolicy.SENTENCE), list[str]()
                for at in range(0, len(text), _ALONE):
                    some = text[at : at + _ALONE]
                    rest.append(flow.feed(some, final=at + _ALONE >= len(text)))
                    done(len(some))
                if flow.mentions:
                    left[together[0]] = "".join(rest)
                continue
            read = {place: texts[place] for place in together}
            while read:  # what comes to be side by side may be a mention as well
                found = self._without_mentions(read)
                left |= found
                read = {place: rest for place, rest in found.items() if rest}
        return left

    def _slabs(self, texts: Sequence[str]) -> Iterator[list[int]]:
        together: list[int] = []
        size = 0
        for place, text in enumerate(texts):
            if not text or (self._digits and _DIGIT.search(text) is None):
                continue
            if together and (size + len(text) > _AT_ONCE):
                yield together
                together, size = [], 0
            together.append(place)
            size += len(text) + len(self._near)
        if together:
            yield together

    def _without_mentions(self, texts: dict[int, str]) -> dict[int, str]:
        """What is left of the texts that mention something; each is read as if it were the only one."""
        others = {place: text for place, text in texts.items() if may_be_edited(text)}
        plain = {place: text for place, text in texts.items() if place not in others}
        beyond = {place: plain.pop(place) for place in list(plain) if not plain[place].isascii()}
        long = {place: plain.pop(place) for place in list(plain) if len(plain[place]) > _LONG}
        numbered = {place: plain.pop(place) for place in list(plain) if has_line_numbers(plain[place])}
        spans: dict[int, Spans] = {}
        units: dict[int, list[int]] = {}
        kinds: list[tuple[dict[int, str], str, list[Finder]]]
        kinds = [(some, self._near, self._exact) for some in (plain, beyond, numbered)]  # which are read once more
        kinds += [(long, self._far, self._anywhere), (others, self._near, [])]
        for some, between, exact in (kind for kind in kinds if kind[0]):
            for finder, maybe in zip(self._finders, self._read_together(some, between), strict=True):
                units |= {place: units_of(some[place]) for place in maybe if place not in units}
                if finder in exact:
                    found = maybe
                else:
                    asked = {place: some[place] for place in maybe}
                    groups = [{place: text} for place, text in asked.items()] if some is others else [asked]
                    found = {}
                    for group in filter(None, groups):
                        found |= _spans_of(finder, group, self._far, units)
                for place, of in found.items():
                    spans.setdefault(place, []).extend(of)
        return {place: without_units(texts[place], units[place], of) for place, of in spans.items()}

    def _read_together(self, texts: dict[int, str], near: str) -> Iterator[dict[int, Spans]]:
        """Where each finder may find something: all that it does, and perhaps more if little is between the texts."""
        between = {place: self._open if _may_open(text) else near for place, text in texts.items()}
        whole = "".join(part for place, text in texts.items() for part in (text, between[place]))
        sizes = [len(text) + len(between[place]) for place, text in texts.items()]
        begins = dict(zip(texts, accumulate(sizes, initial=0), strict=False))
        read = views(whole)
        units = [*begins.values(), len(whole)]
        for finder in self._finders:
            yield _by_text(finder.find(whole, read, 0, len(whole), units), texts, begins)


def _may_open(text: str) -> bool:
    """Whether a sign in a later text may close something, and hide what is between."""
    return ("<" in text or "[" in text or "]" in text) and unfinished(text) < len(text)


def _apart(size: int) -> str:
    """What is between two texts: a word, which no name continues to."""
    return f"{_FAR_APART}; {'X' * size} ;{_FAR_APART}"


def _spans_of(finder: Finder, texts: dict[int, str], between: str, units: dict[int, list[int]]) -> dict[int, Spans]:
    """Where some texts, with much between them, mention something: each as if it were the only one."""
    whole = between.join(texts.values())
    sizes = [len(text) + len(between) for text in texts.values()]
    begins = dict(zip(texts, accumulate(sizes, initial=0), strict=False))
    edges = [begin + end for place, begin in begins.items() for end in units[place]]
    return _by_text(finder.find(whole, views(whole), 0, len(whole), edges), texts, begins)


def _by_text(mentions: Sequence[Mention], texts: dict[int, str], begins: dict[int, int]) -> dict[int, Spans]:
    """Where in its text each mention is, by the places of the texts."""
    places, starts = list(begins), list(begins.values())
    found: dict[int, Spans] = {}
    for mention in mentions:
        number = bisect_right(starts, mention.start) - 1
        start, end = mention.start - starts[number], mention.end - starts[number]
        if start < len(texts[places[number]]):
            found.setdefault(places[number], []).append((start, end))
    return found


def units_of(text: str) -> list[int]:
    """Where the units of a text begin, and where the last ends."""
    return [0, *unit_ends(text, 0, 0, final=True)[0]]


def without_units(text: str, units: Sequence[int], spans: Spans) -> str:
    """A text less the units that some spans touch, and the white space that these leave.

    Examples
    --------
    >>> without_units("One. Two. Three.", [0, 4, 9, 16], [(5, 8)])
    'One. Three.'
    """
    touched: dict[int, Spans] = {}
    for start, end in spans:
        first = bisect_right(units, start) - 1
        for number in range(first, max(first + 1, bisect_left(units, end))):
            touched.setdefault(number, []).append((start - units[number], end - units[number]))
    spacing, parts = Spacing(), []
    for number, (start, end) in enumerate(pairwise(units)):
        unit = text[start:end]
        own = space_before(unit)
        if number in touched:
            parts.append(spacing.removed(own, line_lead(unit, touched[number])))
        else:
            parts.append(spacing.kept(own, unit[len(own) :]))
    return "".join(parts)
