"""Raw texts to canonical dispositions, by a file of whole phrases that a lawyer can read."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError

from ..law_codes import LawCode, parse_law_code
from ..places import folder_of, places
from .canonical import FAMILY, Disposition
from .phrases import Phrase, compile_phrase, normalise

__all__ = ["DispositionMap", "Meaning", "map_disposition", "read_map", "unmapped"]

_REMEMBERED = 65536  # texts that hold a docket's number are as many as dockets
_FAMILY_COURT_ACT = frozenset({"315.1", "315.2", "315.3", "325.3", "332.1", "345.1", "352.1"})
_CLASSES = {"V": Disposition.CONV_VIOLATION, "I": Disposition.CONV_INFRACTION}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text comes to.

    Attributes
    ----------
    disposition : Disposition
    offence : LawCode or None
        The offence that the text names, if it names one that can be read.
    names_offence : bool
        Whether it names one, readable or not.
    statute : str
        Section under which an adjournment in contemplation of dismissal was ordered, or a petition dismissed; empty
        where none is named.
    sentence : str
        The sentence that the text names; empty where none is.
    docket : str
        Another case that the text names, as it is normalised; empty where none is.
    phrase : str
        The phrase that matched; empty where none did.
    """

    disposition: Disposition
    offence: LawCode | None = None
    names_offence: bool = False
    statute: str = ""
    sentence: str = ""
    docket: str = ""
    phrase: str = ""

    @property
    def of_family_court(self) -> bool:
        """Whether only family court has such words."""
        return self.disposition in FAMILY or self.statute in _FAMILY_COURT_ACT


@dataclass(frozen=True)
class DispositionMap:
    """A file of phrases, ready to be asked.

    Attributes
    ----------
    version : str
        Of the built-in file, and after a ``+`` that of the custodian's.
    own_sha256 : str or None
        Digest of what was read of the custodian's file.
    """

    version: str
    _words: Mapping[str, str]
    _offences: Mapping[str, str]
    _severities: Mapping[str, str]
    _rules: tuple[tuple[Phrase, Disposition], ...]
    _own: tuple[tuple[Phrase, Disposition], ...] = ()
    own_sha256: str | None = None
    _seen: dict[str, Meaning] = field(default_factory=dict, repr=False, compare=False)

    def meaning(self, text: str | None) -> Meaning:
        """Say what a text comes to.

        Examples
        --------
        >>> read_map("us-ny").meaning("DISMISSED - COVERED BY 2014KN012346").disposition
        <Disposition.COVERED_BY: 'COVERED_BY'>
        """
        plain = normalise(text, self._words)
        found = self._seen.get(plain)
        if found is None:
            found = self._read(plain)
            if len(self._seen) < _REMEMBERED:
                self._seen[plain] = found
        return found

    def _read(self, plain: str) -> Meaning:
        if not plain:
            return Meaning(Disposition.NO_DISPOSITION)
        for rules in (self._own, self._rules):
            for phrase, disposition in rules:  # most fixed words first
                if found := phrase.pattern.fullmatch(f" {plain}"):
                    return self._meaning(phrase, disposition, found.groupdict())
        return Meaning(Disposition.UNMAPPED)

    def _meaning(self, phrase: Phrase, disposition: Disposition, slots: Mapping[str, str | None]) -> Meaning:
        named = slots.get("law") or self._offences.get(slots.get("offence") or "")
        offence = parse_law_code(named)
        if disposition is Disposition.CONVICTED and offence is not None:
            disposition = _CLASSES.get(self.class_of(offence), disposition)
        return Meaning(
            disposition=disposition,
            offence=offence,
            names_offence=bool(named),
            statute=(slots.get("statute") or slots.get("petition") or "").removeprefix("CPL ").removeprefix("FCA "),
            sentence=slots.get("sentence") or "",
            docket=slots.get("docket") or "",
            phrase=phrase.text,
        )

    def class_of(self, offence: LawCode | None) -> str:
        """``V`` or ``I`` of an offence that no crime can be, by its section or its subdivision; else empty."""
        if offence is None:
            return ""
        return self._severities.get(str(offence)) or self._severities.get(f"{offence.law} {offence.section}", "")

    def offences(self) -> frozenset[str]:
        """Numbers of the offences that it tells apart."""
        return frozenset(self._severities)


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
        When there are no phrases for that jurisdiction, or the file is no TOML, has no version, or names a
        disposition or slot that does not exist.

    Examples
    --------
    >>> read_map("us-ny").version
    'us-ny/dispositions-2'
    """
    if jurisdiction not in places():
        raise ConfigError(f"there are no phrases for {jurisdiction!r}", hint=f"one of {', '.join(places())}.")
    where = f"{folder_of(jurisdiction)}/dispositions.toml"
    built_in = tomllib.loads(files("sealscrub.law").joinpath(where).read_text(encoding="utf-8"))
    words = built_in["words"]
    rules = _rules(built_in, built_in["slots"], words, where)
    version: str = built_in["version"]
    mine: tuple[tuple[Phrase, Disposition], ...] = ()
    digest = None
    if own is not None:
        given, digest = _parsed(own)
        version = f"{version}+{given['version']}"
        mine = _rules(given, {**built_in["slots"], **given.get("slots", {})}, words, own.name)
    return DispositionMap(version, words, built_in["offences"], built_in["severities"], rules, mine, digest)


def map_disposition(text: str | None, jurisdiction: str = "us-ny") -> Disposition:
    """Say the canonical disposition of a text, by the built-in phrases.

    Parameters
    ----------
    text : str or None
        As the court wrote it; blank is no disposition.
    jurisdiction : str, default "us-ny"

    Returns
    -------
    Disposition
        ``UNMAPPED`` for what no phrase matches: never a guess.

    Raises
    ------
    ConfigError
        When there are no phrases for that jurisdiction.

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
        Normalised texts and how often they came; words that hold a digit are shown as ``#``, so that no number of
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


def _parsed(path: Path) -> tuple[dict[str, Any], str]:
    """Read a file of phrases, and digest it."""
    try:
        content = path.read_bytes()
        given = tomllib.loads(content.decode().replace("\r\n", "\n"))
    except (OSError, UnicodeDecodeError):
        raise ConfigError("cannot be read", where=path.name, hint="give a text file in TOML.") from None
    except tomllib.TOMLDecodeError:
        raise ConfigError("is no TOML", where=path.name, hint="see docs/reference/law-us-ny.md.") from None
    if not isinstance(given.get("version"), str) or not given["version"]:
        raise ConfigError("has no version", where=path.name, hint='begin it with version = "…"; decisions name it.')
    return given, hashlib.sha256(content).hexdigest()


def _rules(
    given: Mapping[str, Any], slots: Mapping[str, list[str]], words: Mapping[str, str], where: str
) -> tuple[tuple[Phrase, Disposition], ...]:
    pairs = [(text, name) for text, name in given.get("texts", {}).items()]
    pairs += [(text, rule["disposition"]) for rule in given.get("rule", []) for text in rule["phrases"]]
    compiled: list[tuple[Phrase, Disposition]] = []
    for place, (text, name) in enumerate(pairs, start=1):
        if name not in Disposition.__members__:
            hint = f"one of {', '.join(Disposition)}."
            raise ConfigError(f"phrase {place} names a disposition that does not exist", where=where, hint=hint)
        try:
            compiled.append((compile_phrase(text, slots, words), Disposition(name)))
        except KeyError:
            raise ConfigError(
                f"phrase {place} has a slot that is not listed", where=where, hint="see [slots]."
            ) from None
    return tuple(sorted(compiled, key=lambda rule: -rule[0].literals))
