"""Many texts at a time: what each of them mentions, and what is left of it without."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from .flow import Flow
from .mentions import LABEL_REACH, IdentifierFinder
from .name_mentions import NameFinder
from .text_joins import Joined
from .text_policies import Finder, TextPolicy
from .units import unit_ends
from .views import LONGEST_EDIT, views

__all__ = ["ManyTexts", "units_of", "without_units"]

Spans = list[tuple[int, int]]

_AT_ONCE = 1 << 19  # characters that are read together
_ALONE = 1 << 20  # characters of a text that passes by, unit after unit
_EDITED_SIGNS = re.compile(r"[<>*`~\[\]()%&\\+\x1b]|[^\x00-\x7f]")  # where a text may be read in other ways
_OPENS = re.compile(r"[<\[]")
_DIGIT = re.compile("[0-9]")
_FAR_APART = " " * 6  # no word continues over so many spaces


class ManyTexts:
    """Removes the sentences of texts that mention what may not stay, as the text guard does.

    Most texts mention nothing, and to find that out for one takes as long as for many that are side by side. So
    texts are read together first, and those in which something may be are read again, so far apart from each other
    that none changes what another says.

    Parameters
    ----------
    identifiers : IdentifierFinder
    names : NameFinder, optional
    """

    def __init__(self, identifiers: IdentifierFinder, names: NameFinder | None = None) -> None:
        self._finders: list[Finder] = [identifiers] if names is None else [identifiers, names]
        self._digits = identifiers.needs_digit and names is None
        self._near = f"{_FAR_APART}{'X' * (identifiers.most + 1)}{_FAR_APART}"
        self._far = f"{_FAR_APART}{'X' * max(4 * LABEL_REACH, identifiers.most + 1)}{_FAR_APART}"
        self._open = f"{_FAR_APART}{'X' * (LONGEST_EDIT + 16)}{_FAR_APART}"

    def left_of(self, texts: Sequence[str]) -> dict[int, str]:
        """Give what is left of the texts that mention something, by their places.

        Parameters
        ----------
        texts : sequence of str
        """
        left: dict[int, str] = {}
        for together in self._slabs(texts):
            if len(together) == 1 and len(texts[together[0]]) > _ALONE:
                flow = Flow(self._finders, TextPolicy.SENTENCE)
                rest = flow.feed(texts[together[0]], final=True)
                if flow.mentions:
                    left[together[0]] = rest
                continue
            maybe = self._suspects(texts, together)
            while maybe:  # what comes to be side by side may be a mention as well
                found = self._without_mentions({place: left.get(place, texts[place]) for place in maybe})
                left |= found
                maybe = [place for place, rest in found.items() if rest]
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

    def _suspects(self, texts: Sequence[str], together: Sequence[int]) -> list[int]:
        """Those in which something may be: all that mention something, and perhaps some that do not."""
        parts: list[str] = []
        begins, at = [], 0
        for place in together:
            text = texts[place]
            begins.append(at)
            between = self._open if _OPENS.search(text) else self._near
            parts += (text, between)
            at += len(text) + len(between)
        whole = "".join(parts)
        read = views(whole)
        units = [*begins, len(whole)]
        hits = {
            bisect_right(begins, mention.start) - 1
            for finder in self._finders
            for mention in finder.find(whole, read, 0, len(whole), units)
        }
        return [together[number] for number in sorted(hits)]

    def _without_mentions(self, texts: dict[int, str]) -> dict[int, str]:
        """What is left of the texts that mention something; each is read as if it were the only one."""
        plain = [place for place, text in texts.items() if not _EDITED_SIGNS.search(text)]
        apart = set(plain)
        groups: list[list[int]] = [plain] if plain else []
        groups += [[place] for place in texts if place not in apart]
        found: dict[int, str] = {}
        for group in groups:
            found |= self._without_joined_mentions(group, [texts[place] for place in group])
        return found

    def _without_joined_mentions(self, places: Sequence[int], texts: Sequence[str]) -> dict[int, str]:
        whole = self._far.join(texts)
        begins = list(accumulate((len(text) + len(self._far) for text in texts[:-1]), initial=0))
        ends = [units_of(text) for text in texts]
        units = [begin + end for begin, own in zip(begins, ends, strict=True) for end in own]
        read = views(whole)
        spans: dict[int, Spans] = {}
        for finder in self._finders:
            for mention in finder.find(whole, read, 0, len(whole), units):
                number = bisect_right(begins, mention.start) - 1
                start, end = mention.start - begins[number], mention.end - begins[number]
                if start < len(texts[number]):
                    spans.setdefault(number, []).append((start, end))
        return {places[number]: without_units(texts[number], ends[number], of) for number, of in spans.items()}


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
    touched: set[int] = set()
    for start, end in spans:
        first = bisect_right(units, start) - 1
        touched.update(range(first, max(first + 1, bisect_left(units, end))))
    joined = Joined((), TextPolicy.SENTENCE)
    for number, (start, end) in enumerate(pairwise(units)):
        if number in touched:
            joined.gone(text[start:end])
        else:
            joined.kept(text, [start, end])
    return joined.leaving("", final=True)
