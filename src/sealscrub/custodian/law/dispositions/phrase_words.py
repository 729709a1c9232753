"""Which words a text may have that a phrase matches: by these most phrases are refused before a pattern is compiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

__all__ = ["Edge", "PhraseWords", "parts_of"]

_PARTS = re.compile(r"\[[^\]]*\]|\S+")


def parts_of(text: str) -> list[str]:
    """Give the parts of a phrase: words, slots, and what may be left out.

    Examples
    --------
    >>> parts_of("DISMISSED [BY {who}] {why}+")
    ['DISMISSED', '[BY {who}]', '{why}+']
    """
    return _PARTS.findall(text)


class Edge(NamedTuple):
    """The first or the last words of what a phrase matches: these, or what one of these patterns matches."""

    words: frozenset[str]
    patterns: frozenset[str]


_Found = tuple[Edge, bool]
_NO_WORDS = Edge(frozenset(), frozenset())


class PhraseWords:
    """The words of phrases.

    Parameters
    ----------
    slots : mapping of str to sequence of str
        The phrases that slots stand for.
    patterns : mapping of str to str
        The regular expressions that other slots stand for.
    normalised : callable
        Gives a word of a phrase as normalised text has it.

    Examples
    --------
    >>> words = PhraseWords({"why": ["30.30", "{law}"], "who": ["COURT", "THE DA"]}, {"law": "[0-9.]+"}, str)
    >>> first, last = words.edge("[BY {who}] DISMISSED {why}", last=False), words.edge("DISMISSED [{why}]", last=True)
    >>> sorted(first.words), sorted(last.words), sorted(last.patterns)
    (['BY', 'DISMISSED'], ['30.30', 'DISMISSED'], ['law'])
    >>> [words.fits(last, text, last=True) for text in ("DISMISSED 170.40", "DISMISSED TODAY")]
    [True, False]
    >>> sorted(words.held("[BY {who}] DISMISSED"))
    ['BY', 'COURT', 'DA', 'DISMISSED', 'THE']
    """

    def __init__(
        self, slots: Mapping[str, Sequence[str]], patterns: Mapping[str, str], normalised: Callable[[str], str]
    ) -> None:
        self._slots = slots
        self._patterns = patterns
        self._normalised = normalised
        self._edges: dict[tuple[str, bool], _Found] = {}
        self._held: dict[str, frozenset[str] | None] = {}
        self._most: dict[str, int] = {}

    def edge(self, text: str, *, last: bool) -> Edge | None:
        """With what a text that a phrase matches may begin, or end; None if it may be no text at all."""
        found, empty = self._edge_of(text, last)
        return None if empty else found

    def fits(self, edge: Edge, plain: str, *, last: bool) -> bool:
        """Whether a normalised text begins, or ends, so."""
        word = plain.rpartition(" ")[2] if last else plain.partition(" ")[0]
        if word in edge.words:
            return True
        own = self._last if last else self._first
        return any(own[name].search(f" {plain}") for name in edge.patterns)

    @cached_property
    def _first(self) -> Mapping[str, re.Pattern[str]]:
        return {name: re.compile(f"^ (?:{own})") for name, own in self._patterns.items()}

    @cached_property
    def _last(self) -> Mapping[str, re.Pattern[str]]:
        return {name: re.compile(f" (?:{own})$") for name, own in self._patterns.items()}

    def _edge_of(self, text: str, last: bool) -> _Found:
        """What is at one edge of a phrase, and whether it may be no words at all."""
        found = _NO_WORDS
        parts = parts_of(text)
        for part in reversed(parts) if last else parts:
            optional = part.startswith("[")
            edge, empty = self._edge_of(part.strip("[]"), last) if optional else self._edge_of_word(part, last)
            found = Edge(found.words | edge.words, found.patterns | edge.patterns)
            if not (optional or empty):
                return found, False
        return found, True

    def _edge_of_word(self, word: str, last: bool) -> _Found:
        if not word.startswith("{"):
            plain = self._normalised(word).split()
            return Edge(frozenset(plain[-1:] if last else plain[:1]), frozenset()), not plain
        name = word.strip("{}+")
        if name not in self._slots:
            return Edge(frozenset(), frozenset({name})), False
        if (name, last) not in self._edges:
            each = [self._edge_of(choice, last) for choice in self._slots[name]]
            words, patterns = (frozenset[str]().union(*(edge[at] for edge, _ in each)) for at in (0, 1))
            self._edges[name, last] = Edge(words, patterns), any(empty for _, empty in each)
        return self._edges[name, last]

    def most_words(self, text: str) -> int:
        """How many words a phrase may stand for; a slot for as many as its longest choice, once.

        Examples
        --------
        >>> PhraseWords({"why": ["30.30", "{law} [DENIED]"]}, {"law": "[0-9.]+"}, str).most_words("DISMISSED {why}+")
        3
        """
        every = [word.strip("{}+") if word[0] == "{" else "" for word in text.replace("[", "").replace("]", "").split()]
        return sum(self._most_of(slot) if slot else 1 for slot in every)

    def _most_of(self, slot: str) -> int:
        if slot not in self._most:
            self._most[slot] = max((self.most_words(choice) for choice in self._slots.get(slot, ())), default=1)
        return self._most[slot]

    def held(self, text: str) -> frozenset[str] | None:
        """Every word of three letters or more that a phrase may stand for; None for any."""
        found: set[str] = set()
        for part in parts_of(text):
            for word in part.strip("[]").split():
                held = self._held_by(word.strip("{}+")) if word[0] == "{" else self._normalised(word).split()
                if held is None:
                    return None
                found.update(held)
        return frozenset(found)

    def _held_by(self, slot: str) -> frozenset[str] | None:
        if slot not in self._held:
            if slot in self._slots:
                each = [self.held(choice) for choice in self._slots[slot]]
                known = [words for words in each if words is not None]
                self._held[slot] = frozenset().union(*known) if len(known) == len(each) else None
            else:
                self._held[slot] = _words_of_pattern(self._patterns[slot])
        return self._held[slot]


def _words_of_pattern(pattern: str) -> frozenset[str] | None:
    """The words that a regular expression names; None if it stands for any."""
    if re.search(r"A-Z\](?:[+*]|\{[0-9]+,(?![0-2]\}))", pattern):
        return None
    named = re.findall(r"([A-Z]+)(\??)", pattern)
    return frozenset(word for whole, last in named for word in ((whole, whole[:-1]) if last else (whole,)))
