"""Whole phrases: a rule matches a text from its first word to its last, or not at all."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .phrase_words import Edge, PhraseWords, parts_of

__all__ = ["Phrase", "PhraseGrammar", "names_another_day", "normalise", "undated"]

_SIGNS = re.compile(
    r"(?:[^\w.{}\[\]?!~¬≠]|_)+"
)  # letters of other scripts, and signs of doubt or denial, are not noise
_STOPS = re.compile(r"(?<!\d)\.|\.(?!\d)")
_DAY, _MONTH = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])"
_WRITTEN = rf"{_MONTH}/{_DAY}/(?:[0-9]{{4}}|[0-9]{{2}})|{_MONTH}-{_DAY}-[0-9]{{4}}|[0-9]{{4}}-{_MONTH}-{_DAY}"
_DATE = re.compile(rf"(?:(?<!\w)ON\s+)?(?<![\w/.-])(?:{_WRITTEN})(?![\w/-])", re.IGNORECASE)
_AHEAD = re.compile(r"(?<!\w)(?:TO|UNTIL|NEXT|DATE|RET|ADJ|ADJD|ADJOURNED|FOR|EXP|EXPIRES)\W+[0-9]", re.IGNORECASE)
_INITIALS = re.compile(r"(?<!\w)(?:[A-Z]\.){2,}(?!\w)|(?<![\w.])(?:[A-Z]/)+[A-Z](?!\w)")  # Y.O., B/W
_LETTERS = re.compile(r"\b([A-Z]{2,4})(?=[0-9]{2,4}\.[0-9])")  # of a law, without a space before its section
_GRADE = re.compile(r"(?<!\w)([A-EU])-([MF])(?!\w)")  # A-M: a class and a severity

# What a slot stands for where the file that uses it does not say.
_BUILT_IN = {
    "number": r"[0-9]{1,3}",
    "count": r"[0-9]{1,3}",
    "docket": r"(?=[0-9A-Z ]*[0-9])[0-9A-Z]+(?: [0-9A-Z]+){0,3}",
    "law": r"(?:[A-Z]{1,6} )?[0-9]{1,4}[A-Z]?(?:[. ][0-9]{1,4}){1,3}[A-Z]?(?: [0-9]{1,2}[A-Z]?)?(?: [A-Z])?",
    "sub": r"(?:[0-9]{1,2}[A-Z]?|[A-Z])(?: (?:[A-Z]|I{2,3}|IV))?(?!\w)",
    "amount": r"[0-9]{1,3}(?: [0-9]{3})*(?:\.[0-9]{2})?|[0-9]{4,6}(?:\.[0-9]{2})?",
    "day": r"[0-9]{1,4} [0-9]{1,2}(?: [0-9]{2,4})?",
    "length": r"(?:[0-9]{1,3}|ONE|TWO|THREE|FOUR|FIVE|SIX)(?: [12] [23])?(?:(?: TO)? [0-9]{1,3}(?: [12] [23])?)? ?"
    r"(?:DAYS?|DYS|D|MONTHS?|MOS?|MTHS?|M|YEARS?|YRS?|Y|WEEKS?|WKS?|WEEKENDS?|HOURS?|HRS?)",
}
_ALL_THAT_FOLLOW = "++"  # possessive, so that no text takes long
_NEVER = "(?!)"
_NAMED = re.compile(r"\(\?P<\w+>")
_MANY = 30  # texts
_REPETITION = "{1,6}"  # at most so often: what can be read in two ways each time takes long to be refused


@dataclass(frozen=True)
class Phrase:
    """One phrase, ready to be matched against normalised text.

    Attributes
    ----------
    text : str
        As the file has it.
    grammar : PhraseGrammar
        What its slots stand for.
    literals : int
        How many of its words are fixed; of two phrases that match, that with more wins.
    words : frozenset of str
        Fixed words, as normalised text has them: without each of them nothing matches.
    one_of : tuple of frozenset of str
        For each slot that is not left out, words without any of which nothing matches.
    """

    text: str
    grammar: PhraseGrammar = field(repr=False, compare=False)
    literals: int
    words: frozenset[str]
    one_of: tuple[frozenset[str], ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern, for text with a space before every word; most phrases are never asked for theirs."""
        return re.compile(_each_named_once(self.grammar.pattern(self.text, named=True)))

    def check(self) -> None:
        """Compile the pattern, so one that cannot be is an error now.

        Raises
        ------
        re.error
        """
        _ = self.pattern

    @property
    def told_by(self) -> frozenset[str]:
        """Words of which every text that it matches has one; the empty word if it has no such words."""
        if self.words:
            return frozenset({max(self.words, key=lambda word: (len(word), word))})
        return min(self.one_of, key=len, default=frozenset({""}))

    def may_be_in(self, said: Set[str]) -> bool:
        """Whether a text with these words may match."""
        return self.words <= said and not any(said.isdisjoint(each) for each in self.one_of)

    def covers(self, said: Set[str]) -> bool:
        """Whether it may stand for each of these words."""
        held = self._held
        return held is None or all(word in held for word in said if len(word) > 2 and word.isalpha())

    @cached_property
    def _held(self) -> Set[str] | None:
        return self.grammar.spoken.held(self.text)

    def _may_frame(self, plain: str) -> bool:
        """Whether a text may begin and end as this one does."""
        first, last = self._edges
        spoken = self.grammar.spoken
        begins = first is None or spoken.fits(first, plain, last=False)
        return begins and (last is None or spoken.fits(last, plain, last=True))

    @cached_property
    def _edges(self) -> tuple[Edge | None, Edge | None]:
        spoken = self.grammar.spoken
        return spoken.edge(self.text, last=False), spoken.edge(self.text, last=True)

    def match(self, plain: str, said: Set[str] | None = None) -> re.Match[str] | None:
        """Match normalised text, which has the words ``said``, from its first word to its last."""
        said = frozenset(plain.split(" ")) if said is None else said
        if not self.may_be_in(said) or not self._may_frame(plain) or not self.covers(said):
            return None
        return self.grammar.pattern_within(self, plain, frozenset(said)).fullmatch(f" {plain}")


def undated(text: str) -> str:
    """Leave out the one whole date that a text names, and the word before it; give the text itself if it names others.

    Examples
    --------
    >>> undated("DISMISSED ON 05/12/2019 (30.30)")
    'DISMISSED  (30.30)'
    >>> undated("BW 1/2/2020, RET 2/3/2020")
    'BW 1/2/2020, RET 2/3/2020'
    """
    return _DATE.sub(" ", text) if len(_DATE.findall(text)) == 1 else text


def names_another_day(text: str, day: dt.date) -> bool:
    """Whether the one whole date that :func:`undated` leaves out of a text is not the row's own day.

    A day to which a case was adjourned is another by its nature.

    Examples
    --------
    >>> day = dt.date(2019, 5, 12)
    >>> [names_another_day(f"{text}/19", day) for text in ("DISMISSED 5/12", "DISMISSED 5/13", "ADJOURNED TO 6/1")]
    [False, True, False]
    """
    found = _DATE.findall(text)
    if len(found) != 1 or _AHEAD.search(text):
        return False
    numbers = [int(number) for number in re.findall("[0-9]+", found[0])]
    year, month, of_month = numbers if numbers[0] > 31 else (numbers[2], *numbers[:2])
    return (year % 100, month, of_month) != (day.year % 100, day.month, day.day)


def normalise(text: str | None, words: Mapping[str, str] | None = None) -> str:
    """Upper case, words parted by single spaces, signs gone, abbreviations written out.

    Parameters
    ----------
    text : str or None
        As the court wrote it.
    words : mapping of str to str, optional
        Whole words to replace.

    Returns
    -------
    str
        Empty for None. A point stays between digits only.

    Examples
    --------
    >>> normalise("  Dism. – speedy trial (CPL 30.30)", {"DISM": "DISMISSED"})
    'DISMISSED SPEEDY TRIAL CPL 30.30'
    >>> normalise("Y.O. - T/S, PL155.25")
    'YO TS PL 155.25'
    """
    plain = unicodedata.normalize("NFKC", text or "").upper().replace("'", "").replace("’", "")
    plain = _INITIALS.sub(lambda found: re.sub(r"[./]", "", found[0]), plain)
    plain = _LETTERS.sub(r"\1 ", _GRADE.sub(r"\1\2", plain))
    parts = _STOPS.sub(" ", _SIGNS.sub(" ", plain)).split()
    written = ((words or {}).get(part, part) for part in parts)
    return " ".join(part for part in written if part)


class _Within(NamedTuple):
    """What a text has: its words, and those of the regular expressions that match somewhere in it."""

    said: frozenset[str]
    able: frozenset[str]


@dataclass(frozen=True)
class PhraseGrammar:
    """What the slots and the words of phrases stand for.

    Attributes
    ----------
    slots : mapping of str to sequence of str
        The file's slots.
    words : mapping of str to str
        Whole words that :func:`normalise` replaces.
    patterns : mapping of str to str
        Regular expressions of the file's own for slots such as ``{law}``.

    Examples
    --------
    >>> phrase = PhraseGrammar({"why": ["30.30"]}, {}, {}).compile("DISMISSED [{why}]")
    >>> [bool(phrase.match(text)) for text in ("DISMISSED 30.30", "DISMISSED", "NOT DISMISSED")]
    [True, True, False]
    """

    slots: Mapping[str, Sequence[str]]
    words: Mapping[str, str]
    patterns: Mapping[str, str]
    _written: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _plain: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _keys: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _choices: dict[str, tuple[Phrase, ...]] = field(default_factory=dict, repr=False, compare=False)
    _vocabulary: set[str] = field(default_factory=set, repr=False, compare=False)
    _narrow: dict[tuple[str, frozenset[str], frozenset[str]], re.Pattern[str]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _asked: Counter[str] = field(default_factory=Counter, repr=False, compare=False)

    def compile(self, text: str) -> Phrase:
        """Make a phrase ready.

        Parameters
        ----------
        text : str
            Words; ``[word]`` may be left out; ``{slot}`` stands for any phrase of a slot, ``{slot}+`` for one to six,
            ``{slot}++`` for as many as follow, of the file's (which may hold slots of their own) or one of
            ``{law}`` (the number of an offence), ``{docket}`` (a number of a case), ``{count}`` (the count that the
            text is about) and ``{number}``.

        Raises
        ------
        KeyError
            When the slot does not exist.
        """
        every = [(word, part[0] == "[") for part in parts_of(text) for word in part.strip("[]").split()]
        keys = [(self._keys_of(word.strip("{}+")), optional) for word, optional in every if word[0] == "{"]
        fixed = [(self._as_normalised(word).split(), optional) for word, optional in every if word[0] != "{"]
        needed = frozenset(word for words, optional in fixed for word in words if not optional)
        one_of = tuple(each for each, optional in keys if each and not optional)
        self._vocabulary.update(*(words for words, _ in fixed))
        return Phrase(text, self, sum(not optional for _, optional in fixed), needed, one_of)

    def _as_normalised(self, word: str) -> str:
        """A word of a phrase as normalised text has it; most are only letters and figures, and asked for often."""
        found = self._plain.get(word)
        if found is None:
            bare = word.isascii() and word.isalnum() and word == word.upper()
            found = self._plain[word] = self.words.get(word, word) if bare else normalise(word, self.words)
        return found

    def _keys_of(self, slot: str) -> frozenset[str]:
        """Return words of which each phrase of a slot contains at least one.

        The set is empty if some phrase of the slot has no fixed word. An unknown slot raises KeyError.
        """
        if slot not in self._keys:
            if slot not in self.slots:
                _ = self._own[slot]
            found = [self._key_of(choice) for choice in self.slots.get(slot, ())]
            self._keys[slot] = frozenset().union(*found) if all(found) else frozenset()
        return self._keys[slot]

    def _key_of(self, choice: str) -> frozenset[str]:
        phrase = self.compile(choice)
        longest = max(phrase.words, key=lambda word: (len(word), word), default="")
        return frozenset({longest}) if longest else next(iter(phrase.one_of), frozenset())

    @cached_property
    def spoken(self) -> PhraseWords:
        """The words of what its phrases match."""
        return PhraseWords(self.slots, self._own, self._as_normalised)

    @cached_property
    def _own(self) -> Mapping[str, str]:
        return {**_BUILT_IN, **self.patterns}

    def pattern_within(self, phrase: Phrase, plain: str, said: frozenset[str]) -> re.Pattern[str]:
        """The pattern of a phrase without what this text, which has these words, cannot match.

        Whole patterns take long to compile: one that many texts ask for is compiled once, whole.
        """
        if self._asked[phrase.text] >= _MANY:
            return phrase.pattern
        able = frozenset(name for name, own in self._searched.items() if own.search(f" {plain}"))
        key = (phrase.text, said & self._vocabulary, able)
        found = self._narrow.get(key)
        if found is None:
            self._asked[phrase.text] += 1
            written = self.pattern(phrase.text, named=True, within=_Within(said, able))
            found = self._narrow[key] = re.compile(_each_named_once(written))
        return found

    @cached_property
    def _searched(self) -> Mapping[str, re.Pattern[str]]:
        """What finds each of the regular expressions anywhere in a text."""
        return {name: re.compile(f" (?:{own})") for name, own in self._own.items()}

    def pattern(self, text: str, *, named: bool, within: _Within | None = None) -> str:
        """A pattern with a space before every word; what a slot stands for may hold slots of its own.

        What no text such as ``within`` matches is left out; the names of slots stay.
        """
        pattern = ""
        for part in parts_of(text):
            words = part.strip("[]").split()
            inner = [self._word(word, named=named, within=within) for word in words]
            if _NEVER not in inner:
                pattern += f"(?:{''.join(inner)})?" if part.startswith("[") else "".join(inner)
            elif not part.startswith("["):
                return _NEVER
            elif named:
                names = (word.strip("{}+") for word in words if word.startswith("{"))
                pattern += "".join(f"(?P<{name}>{_NEVER})?" for name in names if name != "number")
        return pattern

    def _word(self, word: str, *, named: bool, within: _Within | None) -> str:
        if not word.startswith("{"):
            plain = self._as_normalised(word)
            if within is not None and not within.said.issuperset(plain.split()):
                return _NEVER
            return f" {re.escape(plain)}" if plain else ""
        name = word.strip("{}+")
        again = _ALL_THAT_FOLLOW if word.endswith("++") else _REPETITION if word.endswith("+") else ""
        inside = self._slot(name, within)
        if inside == _NEVER:
            return inside
        if again == _ALL_THAT_FOLLOW:
            inside = f"(?:{inside}(?![\\w.]))"
        return f"(?P<{name}>{inside}{again})" if named and name != "number" else f"{inside}{again}"

    def _slot(self, name: str, within: _Within | None) -> str:
        if name not in self.slots:
            return _NEVER if within is not None and name not in within.able else f" (?:{self._own[name]})"
        if within is not None:
            fit = [choice.text for choice in self._in_order(name) if choice.may_be_in(within.said)]
            every = [self.pattern(choice, named=False, within=within) for choice in fit]
            every = [choice for choice in every if choice != _NEVER]
            return f"(?:{'|'.join(every)})" if every else _NEVER  # a choice may be of words that are left out
        if name not in self._written:
            every = [self.pattern(choice.text, named=False) for choice in self._in_order(name)]
            self._written[name] = f"(?:{'|'.join(every)})"
        return self._written[name]

    def _in_order(self, name: str) -> tuple[Phrase, ...]:
        """The choices of a slot, that of most words first: a text of several readings has the same one in any file."""
        if name not in self._choices:
            written: dict[str, str] = {}
            for choice in self.slots[name]:
                written.setdefault(self.pattern(choice, named=False), choice)
            longest = sorted(written, key=lambda each: (-self.spoken.most_words(written[each]), -len(each), each))
            self._choices[name] = tuple(self.compile(written[each]) for each in longest)
        return self._choices[name]


def _each_named_once(pattern: str) -> str:
    """Of a slot that a phrase holds twice, the first tells what it stood for."""
    named: set[str] = set()

    def kept(found: re.Match[str]) -> str:
        if found[0] in named:
            return "(?:"
        named.add(found[0])
        return found[0]

    return _NAMED.sub(kept, pattern)
