"""What a file of phrases says other than its phrases: offences and their classes, parties to an appeal, counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Self

from ..law_codes import LawCode
from .phrases import Phrase, PhraseGrammar, normalise
from .repaired_texts import may_be_short, without_notes

__all__ = ["NONE_NAMED", "CourtTables"]

#: Under which section a text is that names none, and may be under any.
NONE_NAMED = "none named"
_NAME = "@"  # before a word that may be a name: no normalised text has it
_NO_LETTERS = re.compile(r"[^A-Z ]*[^A-Z\s][^\s]*")


@dataclass(frozen=True)
class CourtTables:
    """The tables of a built-in file.

    Attributes
    ----------
    offences, severities : mapping of str to str
        Offences named in words, and the class of one that no crime can be.
    repeated : mapping of str to str
        The severity of the crime that such an offence may be if it is repeated.
    unnamed : mapping of str to (mapping of str to str)
        By disposition and offence, under which section a text may be that names none.
    parties : mapping of str to (frozenset of str)
        The words for each party to an appeal.
    around : frozenset of str
        Words that say nothing of whose an appeal is.
    fallen : tuple of Phrase
        Texts that say no more than that a conviction fell.
    juvenile_court : frozenset of str
        Sections that only a petition in a court for juveniles is dismissed or adjourned under, and endings of the
        state's own that only such a petition comes to.
    laws : tuple of str
        Letters that are before a section in a text, and are left out of it.
    adjourned : mapping of str to str
        By the section of an adjournment, what it ends in once it is dismissed; by an empty one, for all others.
    dismissed : str
        What a row comes to that says that the count which it is about was dismissed.
    referred : mapping of str to str
        By the section of a referral, that of the dismissal to which it leads.
    grades : mapping of str to str
        The severity that a word of a conviction's text gives its offence.
    notes : tuple of re.Pattern
        What says where and before whom it was, and nothing of what was decided.
    beside : tuple of str
        What else changes nothing of what was decided: other people's names, courts, days, bail, the sealing of a file.
    turning : frozenset of str
        Words that turn an ending into something else.
    announcing : tuple of re.Pattern
        What announces an ending, asks for it or says that it was earlier: a text with it comes to none.
    either : tuple of re.Pattern
        Whole texts, in upper case as they are written, that name two endings: they come to none.
    vocabulary : frozenset of str
        Words of which phrases are made, and what is written out as them.
    phrased : tuple of (tuple of str)
        These words as they follow one another in phrases.
    """

    offences: Mapping[str, str]
    severities: Mapping[str, str]
    repeated: Mapping[str, str]
    unnamed: Mapping[str, Mapping[str, str]]
    parties: Mapping[str, frozenset[str]]
    around: frozenset[str]
    fallen: tuple[Phrase, ...]
    juvenile_court: frozenset[str]
    laws: tuple[str, ...]
    adjourned: Mapping[str, str]
    dismissed: str
    referred: Mapping[str, str]
    grades: Mapping[str, str]
    notes: tuple[re.Pattern[str], ...]
    beside: tuple[str, ...]
    turning: frozenset[str]
    announcing: tuple[re.Pattern[str], ...]
    either: tuple[re.Pattern[str], ...]
    vocabulary: frozenset[str]
    phrased: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Take them from a file, read."""
        appeals, slots, words = (given.get(name, {}) for name in ("appeals", "slots", "words"))
        phrased = tuple(dict.fromkeys(map(tuple, _runs_of_words(given))))
        turning = frozenset(given.get("turning", ()))
        grammar = PhraseGrammar(slots, words, given.get("patterns", {}))
        return cls(
            offences=given.get("offences", {}),
            severities=given.get("severities", {}),
            repeated=given.get("repeated", {}),
            unnamed=given.get("unnamed", {}),
            parties={side: frozenset(names) for side, names in appeals.items() if side != "around"},
            around=frozenset(appeals.get("around", ())),
            fallen=tuple(map(grammar.compile, given.get("fallen", ()))),
            juvenile_court=frozenset(given.get("juvenile_court", ())),
            laws=tuple(given.get("laws", ())),
            adjourned=given.get("adjourned", {}),
            dismissed=given.get("count_dismissed", ""),
            referred=given.get("referred", {}),
            grades=given.get("grades", {}),
            notes=_whole_words(given.get("notes", ())),
            beside=tuple(given.get("asides", ())),
            turning=turning,
            announcing=_whole_words(given.get("announcing", ())),
            either=tuple(map(re.compile, given.get("either", ()))),
            vocabulary=frozenset(chain.from_iterable(phrased)),
            phrased=phrased,
        )

    @cached_property
    def runs(self) -> frozenset[str]:
        """Up to three words of the vocabulary, as they follow one another in phrases."""
        tails = (run[at : at + 3] for run in self.phrased for at in range(len(run)))
        return frozenset(" ".join(tail[:so_many]) for tail in tails for so_many in (1, 2, 3))

    @cached_property
    def _asides(self) -> tuple[re.Pattern[str], ...]:
        return _whole_words(pattern.replace("{name}", f"{_NAME}[A-Z]{{2,}}") for pattern in self.beside)

    @cached_property
    def _known(self) -> frozenset[str]:
        return self.vocabulary | self.turning | frozenset(re.findall("[A-Z]{2,}", " ".join(self.beside)))

    def _may_be_a_name(self, word: str) -> bool:
        return len(word) > 1 and word.isalpha() and word not in self._known and not may_be_short(word, self.turning)

    def without_asides(self, plain: str) -> str:
        """Leave out what changes nothing of what was decided; a name is a word that is nowhere in the file.

        Examples
        --------
        >>> from sealscrub.custodian.law.dispositions import read_map
        >>> read_map("us-ny").tables.without_asides("DISMISSED BY JUDGE QUUX SEALED 160.50")
        'DISMISSED'
        """
        words = (f"{_NAME}{word}" if self._may_be_a_name(word) else word for word in plain.split())
        once = without_notes(" ".join(words), self._asides)
        return without_notes(once, self._asides).replace(_NAME, "")  # what stood between others is now at an end

    def announces(self, plain: str) -> bool:
        """Whether a text only announces an ending, asks for it or says that it was earlier.

        Examples
        --------
        >>> from sealscrub.custodian.law.dispositions import read_map
        >>> tables = read_map("us-ny").tables
        >>> [tables.announces(text) for text in ("DISMISSAL HEARING", "DISMISSED AFTER HEARING")]
        [True, False]
        """
        return any(pattern.search(plain) for pattern in self.announcing)

    def leaves_open(self, text: str) -> bool:
        """Whether a text, as the court wrote it and without its date, names two endings and not which of them it was.

        Examples
        --------
        >>> from sealscrub.custodian.law.dispositions import read_map
        >>> [read_map("us-ny").tables.leaves_open(text) for text in ("DISM/ACD", "DISM - ACD")]
        [True, False]
        """
        return any(pattern.fullmatch(text.strip().upper()) for pattern in self.either)

    def grades_in(self, plain: str) -> frozenset[str]:
        """The severities that a conviction's text gives its offence."""
        said = f" {plain} "
        return frozenset(severity for words, severity in self.grades.items() if f" {words} " in said)

    def class_of(self, offence: LawCode | None) -> str:
        """``V`` or ``I`` of an offence that no crime can be, by its section or its subdivision; else empty."""
        if offence is None:
            return ""
        return self.severities.get(str(offence)) or self.severities.get(f"{offence.law} {offence.section}", "")

    def severity_of(self, offence: LawCode | None, plain: str) -> str:
        """That of a conviction by its offence, or else by the words of its text; empty if neither tells it."""
        grades = self.grades_in(plain)
        said = next(iter(grades)) if len(grades) == 1 else ""
        by_number = self.class_of(offence)
        return said if said and said == self.repeated.get(str(offence)) else by_number or said

    def dismissed_after(self, statute: str) -> str | None:
        """What a dismissal comes to after an adjournment under a section; None if it is like any other."""
        return self.adjourned.get(statute) or self.adjourned.get("")

    def bare_statute(self, text: str) -> str:
        """A section without the letters of its law; that of a referral as the one to which it leads."""
        for law in self.laws:
            text = text.removeprefix(f"{law} ")
        return self.referred.get(text, text)

    def named(self) -> frozenset[str]:
        """Numbers of the offences that they distinguish."""
        return frozenset(self.severities).union(*self.unnamed.values())

    def unnamed_statute(self, disposition: str, facts: Mapping[str, object]) -> str:
        """Under which section a text that names none may be, by the offence's ``law`` or ``article``."""
        may = self.unnamed.get(disposition, {})
        return next((may[str(of)] for name in ("law", "article") if (of := facts.get(name)) in may), NONE_NAMED)

    def appellant(self, text: str) -> str | None:
        """Whose an appeal is; None if the words leave that open.

        Examples
        --------
        >>> from sealscrub.custodian.law.dispositions import read_map
        >>> tables = read_map("us-ny").tables
        >>> [tables.appellant(text) for text in ("PEOPLE'S APPEAL", "Notice of appeal by deft.", "PEOPLE V DEFT")]
        ['people', 'defendant', None]
        """
        words = " ".join(word for word in normalise(text).split() if word not in self.around)
        return next((side for side, names in self.parties.items() if words in names), None)


def _whole_words(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<!\S)(?:{pattern})(?!\S)") for pattern in patterns)


def _runs_of_words(given: Mapping[str, Any]) -> Iterator[list[str]]:
    """The words of a file's phrases, of letters only, as far as they follow one another."""
    slots, words = given.get("slots", {}), given.get("words", {})
    phrases = [*chain(*slots.values()), *chain(*(rule["phrases"] for rule in given.get("rule", ())))]
    for text in (*phrases, *words, *words.values()):
        for run in _NO_LETTERS.split(text.replace("[", "").replace("]", "")):
            yield run.split()


def all_counted(charges: Iterable[str]) -> bool:
    """Whether charges are numbered from one on, with none left out: then every count has a row."""
    numbers = sorted({int(charge) if charge.isdecimal() else 0 for charge in charges})
    return numbers == list(range(1, len(numbers) + 1))
