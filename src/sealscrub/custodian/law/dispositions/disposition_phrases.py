"""Raw texts to canonical dispositions, by a file of whole phrases that a lawyer can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain
from pathlib import Path

from sealscrub.errors import DOCS, ConfigError

from ..jurisdiction_packages import places, room_file
from ..jurisdictions import jurisdiction as rules_of
from ..law_codes import LawCode
from ..rules import Jurisdiction
from .canonical_dispositions import FAMILY, Disposition
from .court_tables import CourtTables
from .phrase_compiler import PhraseCompiler, nearest_endings
from .phrase_files import OWN, STATE, parsed_file
from .phrases import Phrase, normalise, undated
from .repaired_texts import abbreviated, completed, corrected, without_notes

__all__ = ["DispositionMap", "Meaning", "map_disposition", "read_map", "unmapped"]

_RESTORING = frozenset({"RESTORED", "REINSTATED", "REOPENED", "UNSEALED"})
_REMEMBERED = 65536  # texts that hold a docket's number are as many as dockets


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text comes to.

    Attributes
    ----------
    disposition : str
        A :class:`Disposition`, or an ending of the state's own.
    offence : LawCode or None
        The offence that the text names, if it names one that can be read.
    names_offence : bool
        Whether it names one, readable or not.
    statute : str
        Section under which an adjournment in contemplation of dismissal was ordered, or a petition dismissed; empty
        if none is named.
    sentence : str
        The sentence that the text names; empty if none is.
    docket : str
        Another case that the text names, as it is normalised; empty if none is.
    elsewhere : bool
        Whether it says that it is another case, and does not name it.
    joins : bool
        Whether it says that the case is tried together with that other one.
    undoes : bool
        Whether an unmapped text says at least that the conviction before it fell.
    restores : bool
        Whether an unmapped text says that something was restored.
    count : str
        The number of the count that the text is about, or those of several; empty if it names none.
    says_grade : bool
        Whether the grade of an offence is in its words.
    of_juvenile_court : bool
        Whether only family court has such words.
    phrase : str
        The phrase that matched; empty if none did.
    """

    disposition: str
    offence: LawCode | None = None
    names_offence: bool = False
    statute: str = ""
    sentence: str = ""
    docket: str = ""
    elsewhere: bool = False
    joins: bool = False
    undoes: bool = False
    restores: bool = False
    count: str = ""
    says_grade: bool = False
    of_juvenile_court: bool = False
    phrase: str = ""


@dataclass(frozen=True)
class DispositionMap:
    """A file of phrases, ready to be asked.

    Attributes
    ----------
    version : str
        Of the built-in file, and after a ``+`` that of the custodian's.
    tables : CourtTables
        What the built-in file says other than its phrases.
    place : Jurisdiction
        Whose phrases they are.
    own_sha256 : str or None
        Digest of what was read of the custodian's file.
    own_file : Path or None
        The custodian's file.
    """

    version: str
    place: Jurisdiction
    tables: CourtTables
    _words: Mapping[str, str]
    _rules: tuple[tuple[Phrase, str], ...]
    _own: tuple[tuple[Phrase, str], ...] = ()
    own_sha256: str | None = None
    own_file: Path | None = field(default=None, repr=False)
    _seen: dict[str | None, Meaning] = field(default_factory=dict, repr=False, compare=False)
    _told: dict[str | None, Meaning] = field(default_factory=dict, repr=False, compare=False)

    def meaning(self, text: str | None) -> Meaning:
        """Say what a text comes to.

        Examples
        --------
        >>> read_map("us-ny").meaning("DISMISSED - COVERED BY 2014KN012346").disposition
        <Disposition.COVERED_BY: 'COVERED_BY'>
        """
        found = self._told.get(text)
        if found is None:
            found = self._first_read(text or "")
            if len(self._told) < _REMEMBERED:
                self._told[text] = found
        return found

    def _first_read(self, text: str) -> Meaning:
        """What the first reading of a text that is matched comes to; what looks like a date may be a part of it."""
        if self.tables.leaves_open(undated(text)):
            return Meaning(Disposition.UNMAPPED)
        plain = normalise(text, self._words)
        dateless = normalise(undated(text), self._words) or plain
        bare = without_notes(dateless, self.tables.notes)
        sound = corrected(bare, self.tables.vocabulary)
        dated = without_notes(plain, self.tables.notes)
        every = dict.fromkeys((dateless, plain, bare, dated, sound))
        readings = (self._meaning_of(each) for each in every if each or not plain)
        first = next(readings)
        for found in chain((first,), readings):
            if found.disposition != Disposition.UNMAPPED:
                return found
        if any(map(self.tables.announces, every)):
            return first
        return (
            self._only_meaning([self.tables.without_asides(sound)])
            or self._only_meaning([*completed(text, sound, self.tables.runs), *self._in_full(sound)])
            or first
        )

    def _in_full(self, plain: str) -> Iterator[str]:
        """A text with its unknown words as what they may be short for, with and without its asides."""
        for each in abbreviated(plain, self.tables.vocabulary, self.tables.turning):
            whole = normalise(each, self._words)
            yield whole
            yield self.tables.without_asides(whole)

    def _only_meaning(self, readings: Iterable[str]) -> Meaning | None:
        """What the readings of a text come to; None if to nothing, or to more than one thing."""
        may = [self._meaning_of(each) for each in readings if each]
        ends = {each.disposition for each in may} - {Disposition.UNMAPPED}
        return next(each for each in may if each.disposition in ends) if len(ends) == 1 else None

    def _meaning_of(self, plain: str) -> Meaning:
        found = self._seen.get(plain)
        if found is None:
            found = self._read(plain)
            if len(self._seen) < _REMEMBERED:
                self._seen[plain] = found
        return found

    def phrases(self) -> Iterator[tuple[str, str]]:
        """Give every phrase as its file has it, and what it comes to; the custodian's first.

        Examples
        --------
        >>> ("STET", Disposition.PENDING) in read_map("us-ny").phrases()
        False
        """
        yield from ((phrase.text, disposition) for rules in (self._own, self._rules) for phrase, disposition in rules)

    def plain(self, text: str | None) -> str:
        """Write a text as phrases are matched with it: abbreviations written out.

        Examples
        --------
        >>> read_map("us-ny").plain("Dism.")
        'DISMISSED'
        """
        return normalise(text, self._words)

    def nearest(self, name: str) -> str:
        """List the three dispositions, or endings of the place's own, whose names are most alike.

        Examples
        --------
        >>> read_map("us-ny").nearest("PENDNG")
        'PENDING, ACD_PENDING, PETITION_WITHDRAWN'
        """
        return nearest_endings(name, self.place)

    def _read(self, plain: str) -> Meaning:
        if not plain:
            return Meaning(Disposition.NO_DISPOSITION)
        said = frozenset(plain.split(" "))
        for rules, told in self._places[: 1 if self.tables.announces(plain) else 2]:
            likely = {at for word in (*said, "") for at in told.get(word, ())}
            for phrase, disposition in (rules[at] for at in sorted(likely)):  # most fixed words first
                if found := phrase.match(plain, said):
                    return self._meaning(
                        plain,
                        phrase,
                        disposition,
                        {name: (said or "").strip() for name, said in found.groupdict().items()},
                    )
        undoes = any(phrase.match(plain) for phrase in self.tables.fallen)
        return Meaning(Disposition.UNMAPPED, undoes=undoes, restores=not _RESTORING.isdisjoint(plain.split()))

    def _meaning(self, plain: str, phrase: Phrase, disposition: str, slots: Mapping[str, str | None]) -> Meaning:
        named = slots.get("law") or self.tables.offences.get(slots.get("offence") or "")
        offence = self.place.read_code(named)
        if disposition == Disposition.CONVICTED:
            disposition = self._convicted_of.get(self.tables.severity_of(offence, plain), disposition)
        statute = self.tables.bare_statute(slots.get("statute") or slots.get("petition") or "")
        return Meaning(
            disposition=disposition,
            offence=offence,
            names_offence=bool(named),
            statute=statute,
            sentence=slots.get("sentence") or slots.get("imposed") or "",
            docket=slots.get("docket") or "",
            elsewhere=bool(slots.get("elsewhere")),
            joins=bool(slots.get("joined")),
            count=slots.get("count") or slots.get("counts") or "",
            says_grade=bool(self.tables.grades_in(plain)),
            of_juvenile_court=disposition in FAMILY or bool(self.tables.juvenile_court & {statute, disposition}),
            phrase=phrase.text,
        )

    @cached_property
    def _places(self) -> tuple[tuple[tuple[tuple[Phrase, str], ...], Mapping[str, Sequence[int]]], ...]:
        """The custodian's phrases and the file's, with the places of those that a text may match, by a word of it."""
        found = []
        for rules in (self._own, self._rules):
            told: dict[str, list[int]] = {}
            for at, (phrase, _) in enumerate(rules):
                for word in phrase.told_by:
                    told.setdefault(word, []).append(at)
            found.append((rules, told))
        return tuple(found)

    @cached_property
    def _convicted_of(self) -> dict[str, str]:
        """The ending of a conviction of an offence that no crime can be, by its severity."""
        return {severity: Disposition(name) for name, severity in self.place.grades.convicted.items()}

    def leaves_open(self, text: str | None) -> bool:
        """Whether the file itself says that a text is not read, since it may be read in two ways: nothing is a guess.

        Examples
        --------
        >>> read_map("us-ny").leaves_open("DISM/ACD"), read_map("us-ny").leaves_open("STET")
        (True, False)
        """
        meaning = self.meaning(text)
        told = bool(meaning.phrase) or self.tables.leaves_open(undated(text or ""))
        return meaning.disposition == Disposition.UNMAPPED and told

    def dismisses_count(self, charge: str, text: str | None) -> bool:
        """Whether the row of a charge says that this count was dismissed, and no other."""
        meaning = self.meaning(text)
        named = {int(word) for word in meaning.count.split() if word.isdecimal()}
        own = not meaning.count or (charge.isdecimal() and int(charge) in named)
        return meaning.disposition is Disposition.DISMISSED_COUNT_ONLY and own


@cache
def read_map(jurisdiction: str, own: Path | None = None) -> DispositionMap:
    """Read the phrases of a jurisdiction, and the custodian's over them.

    Parameters
    ----------
    jurisdiction : str
        ``us-ny``.
    own : Path, optional
        A TOML file with a ``version``, and ``[texts]`` (a text = its disposition) or ``[[rule]]`` as the built-in
        file has them. What it says wins.

    Returns
    -------
    DispositionMap

    Raises
    ------
    ConfigError
        When that jurisdiction has no phrases, or the file is not valid TOML, has no version, or names a
        disposition or slot that does not exist.

    Examples
    --------
    >>> read_map("us-ny").version
    'us-ny/dispositions-12'
    """
    if jurisdiction not in places():
        raise ConfigError(f"the phrases of {jurisdiction!r} are not known", hint=f"use one of {', '.join(places())}.")
    built_in = _read_built_in(rules_of(jurisdiction), room_file(jurisdiction, "dispositions.toml"))
    mapping = built_in.mapping
    if own is None:
        return mapping
    given, digest = parsed_file(own, OWN, f"{DOCS}how-to/derive-seals.md")
    slots = {**built_in.slots, **given.get("slots", {})}
    rules = built_in.compiler.rules(given, slots, mapping._words, own.name)
    for phrase, _ in rules:  # what is wrong with one is reported when the file is read
        phrase.check()
    version = f"{mapping.version}+{given['version']}"
    return DispositionMap(version, mapping.place, mapping.tables, mapping._words, mapping._rules, rules, digest, own)


@dataclass(frozen=True)
class _BuiltIn:
    """The phrases of a jurisdiction, and what the custodian's are compiled with."""

    mapping: DispositionMap
    compiler: PhraseCompiler
    slots: Mapping[str, Sequence[str]]


@cache
def _read_built_in(place: Jurisdiction, file: Path) -> _BuiltIn:
    given, _ = parsed_file(file, STATE, f"{DOCS}how-to/add-a-state.md")
    words, slots = given.get("words", {}), given.get("slots", {})
    compiler, where = PhraseCompiler(place, given.get("patterns", {})), f"{file.parent.name}/{file.name}"
    rules = compiler.rules(given, slots, words, where)
    for name in given.get("adjourned", {}).values():
        compiler.ending(name, "a line names", f"{where}, [adjourned]")
    return _BuiltIn(DispositionMap(given["version"], place, CourtTables.of(given), words, rules), compiler, slots)


def map_disposition(text: str | None, jurisdiction: str = "us-ny") -> str:
    """Say the canonical disposition of a text, by the built-in phrases.

    Parameters
    ----------
    text : str or None
        As the court wrote it; blank is not a disposition.
    jurisdiction : str, default "us-ny"

    Returns
    -------
    str
        A :class:`Disposition`, or an ending of the state's own; ``UNMAPPED`` for what no phrase matches: never a guess.

    Raises
    ------
    ConfigError
        When that jurisdiction's phrases are not known.

    Examples
    --------
    >>> [str(map_disposition(text)) for text in ("DISM 30.30", "NOT DISMISSED", "UNCONDITIONAL DISCHARGE", "Dropped")]
    ['DISMISSED_ENTIRE', 'PENDING', 'SENTENCED', 'UNMAPPED']
    """
    return read_map(jurisdiction).meaning(text).disposition


def unmapped(texts: Iterable[str | None], mapping: DispositionMap) -> list[tuple[str, int]]:
    """List what no phrase matches, most frequent first, for the custodian to map.

    Parameters
    ----------
    texts : iterable of str or None
    mapping : DispositionMap

    Returns
    -------
    list of (str, int)
        Normalised texts and how often they came; words that hold a digit are shown as ``#``, so no number of
        a case is listed.

    Examples
    --------
    >>> unmapped(["Stet", "STET", "DISMISSED", "Merged 2014KN012345"], read_map("us-ny"))
    [('STET', 2), ('MERGED #', 1)]
    """
    counts = Counter[str]()
    for text, times in Counter(texts).items():
        if mapping.meaning(text).disposition is Disposition.UNMAPPED:
            words = normalise(text).split()
            counts[" ".join("#" if any(sign.isdigit() for sign in word) else word for word in words)] += times
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
