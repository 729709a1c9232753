"""What a scheme is: how one kind of record identifier is spelled, and what it names.

A scheme is a small definition. Its *spellings* are regular expressions over the cleaned text of a value, each with
a *form* that puts the named groups together into the canonical value. Everything else in this room reads these
definitions; none of it knows a particular scheme.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter

from sealscrub.errors import SchemeError

__all__ = ["Level", "RecordKey", "Scheme", "Spelling"]

_FORM_OPERATIONS = re.compile(r"0>\d+|year2|year4|")
_NAME = re.compile(r"[a-z][a-z0-9_]*(:[A-Za-z0-9_.\-]+)?")


class Level(StrEnum):
    """What an identifier names.

    Only a key that names one arrest or one action is published: a person or an event has other records too.
    """

    ARREST = "arrest"
    ACTION = "action"
    PERSON = "person"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class RecordKey:
    """What identifies one record: a scheme and a canonical value.

    The representation shows the scheme alone.

    Examples
    --------
    >>> RecordKey("arrest_number", "K14612345")
    RecordKey('arrest_number', …)
    """

    scheme: str
    value: str = field(repr=False)

    def __repr__(self) -> str:
        return f"RecordKey({self.scheme!r}, …)"


@dataclass(frozen=True, slots=True)
class Spelling:
    r"""One accepted way to write an identifier.

    Parameters
    ----------
    pattern : str
        Regular expression (the common subset of Python's and Rust's syntax) that the whole cleaned text must
        match, with named groups. Cleaned text is upper case, without labels and outer space.
    form : str, optional
        How the groups make the canonical value: ``{group}``, ``{group:0>6}`` (zeros to the left),
        ``{group:year2}`` and ``{group:year4}`` (a year of two or four digits as two or four). Without one, the
        canonical value is the text less its separators (spaces and ``- . / # _``).

    Examples
    --------
    >>> Spelling(r"(?P<serial>\d{7,8})", "{serial:0>8}")
    Spelling(pattern='(?P<serial>\\d{7,8})', form='{serial:0>8}')
    """

    pattern: str
    form: str = ""

    def __post_init__(self) -> None:
        try:
            groups = set(re.compile(self.pattern).groupindex)
        except re.error as error:
            raise SchemeError(f"a spelling's pattern is no regular expression ({error.msg})") from None
        for _, name, operation, _ in Formatter().parse(self.form):
            if name is None:
                continue
            if name not in groups:
                raise SchemeError(f"a spelling's form names the group {name!r}, which its pattern does not have")
            if not _FORM_OPERATIONS.fullmatch(operation or ""):
                raise SchemeError(
                    f"a spelling's form cannot do {operation!r}", hint="use 0>N, year2, year4 or nothing."
                )

    @property
    def digit_groups(self) -> frozenset[str]:
        """Names of the groups that hold digits only, where look-alike letters can be repaired."""
        bodies = re.findall(r"\(\?P<(\w+)>((?:[^()\\]|\\.)*)\)", self.pattern)
        return frozenset(name for name, body in bodies if r"\d" in body and not re.search(r"[A-Z]", body))


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """The definition of one kind of identifier.

    Parameters
    ----------
    name : str
        Its name in plans, notices, ``--on`` and reports; lower case. ``opaque:NAMESPACE`` is made by
        :func:`sealscrub.identifiers.get_scheme`.
    level : Level or str
        What a value names: ``arrest``, ``action``, ``person`` or ``event``.
    title : str
        What people call it.
    spellings : iterable of Spelling
        The accepted raw forms, the most usual first. Without any, the scheme is opaque: every text is a value.
    shape : str, optional
        The canonical value position by position, where its length is fixed: ``9`` a digit, ``A`` a letter,
        ``[…]`` one of these, ``(NY|KN)`` one of these words of two letters, anything else itself. A column
        that has this shape already needs no parsing.
    labels : iterable of str
        Words that people write before the value (``ARREST NO``); dropped.
    sentinels : iterable of str
        Texts that stand for "none" in this scheme, beside the words that do in every scheme.
    serial_digits : int
        How many of the last digits are a serial number; one of zeros only stands for "none".
    aliases : iterable of str
        Other names of the scheme.
    parts : iterable of str
        For a key made of several columns, what these hold.
    number_width : int, optional
        Digits to which an integer column is padded with zeros; without it an integer is read as it is written.
    hint : str
        What to use instead, where values name a person or an event.

    Raises
    ------
    SchemeError
        When the definition contradicts itself.
    """

    name: str
    level: Level
    title: str = ""
    spellings: tuple[Spelling, ...] = ()
    shape: str | None = None
    labels: tuple[str, ...] = ()
    sentinels: frozenset[str] = frozenset()
    serial_digits: int = 0
    aliases: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    number_width: int | None = None
    hint: str = ""

    def __post_init__(self) -> None:
        def settle(attribute: str, value: object) -> None:
            object.__setattr__(self, attribute, value)

        if not _NAME.fullmatch(self.name):
            raise SchemeError(
                f"{self.name!r} is no name for a scheme", hint="lower case letters, digits and underscores."
            )
        try:
            settle("level", Level(self.level))
        except ValueError:
            raise SchemeError(
                f"scheme {self.name}: {self.level!r} is no level", hint=f"one of {', '.join(Level)}."
            ) from None
        settle("title", self.title or self.name.replace("_", " "))
        settle("spellings", tuple(self.spellings))
        settle("labels", _texts(self.labels))
        settle("sentinels", frozenset(_texts(self.sentinels)))
        settle("aliases", tuple(self.aliases))
        settle("parts", tuple(self.parts))

    @property
    def published(self) -> bool:
        """Whether values name one record, so that they may stand in an index."""
        return self.level in (Level.ARREST, Level.ACTION)

    @property
    def opaque(self) -> bool:
        """Whether every text is a value."""
        return not self.spellings and not self.parts

    @property
    def fingerprint(self) -> str:
        """Digest of all that decides a canonical value, as hex; an index names it, so that both sides agree."""
        facts = [
            [(s.pattern, s.form) for s in self.spellings],
            self.shape,
            sorted(self.labels),
            sorted(self.sentinels),
            self.serial_digits,
            list(self.parts),
            self.number_width,
        ]
        return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()[:16]


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value.upper().strip() for value in values}))
