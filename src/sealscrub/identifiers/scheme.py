"""What a scheme is: how one kind of record identifier is spelled, and what it names.

A scheme is a small definition. Its *spellings* are regular expressions over the cleaned text of a value, each with
a *form* that puts the named groups together into the canonical value. Everything else in this room reads these
definitions; none of it knows a particular scheme.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from string import Formatter

import polars as pl

from sealscrub.errors import SchemeError

__all__ = ["Level", "RecordKey", "Scheme", "Spelling", "named_by"]

CANONICALISATION = 1  # version of the rules outside the schemes: cleaning, sentinels, dates, the year's window

_FORM_OPERATIONS = re.compile(r"0>[1-9]\d?|year2|year4|")
_SHAPE = re.compile(r"(?:\((?:[!-~]{2}\|)*[!-~]{2}\)|\[[^\]\[^]+\]|[^()\[\]])+", re.ASCII)
# Patterns of these pieces mean the same to Python and Rust, and are small: asking polars would start its threads.
_PLAIN_PATTERN = re.compile(
    r"(?:[A-Z0-9 |]|\\[ds]|\(\?(?:P<\w+>|:)|\((?!\?)|\)[?*+]?|\[(?:[A-Z0-9./#_-]|\\[s-])+\][?*+]?"
    r"|(?<=[ds\]])\{1?\d(?:,1?\d)?\}){0,60}",
    re.ASCII,
)
_ALIAS = re.compile(r"[a-z0-9][a-z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*(:[A-Za-z0-9_.\-]+)?")


class Level(StrEnum):
    """What an identifier names.

    Only a key that names one arrest or one action is published: a person or an event has other records too.

    Examples
    --------
    >>> from sealscrub.identifiers import get_scheme
    >>> get_scheme("arrest_number").level
    <Level.ARREST: 'arrest'>
    """

    ARREST = "arrest"
    ACTION = "action"
    PERSON = "person"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class RecordKey:
    """What identifies one record: a scheme and a canonical value.

    The representation shows only the scheme.

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
        if not (isinstance(self.pattern, str) and isinstance(self.form, str)):
            raise SchemeError("a spelling's pattern and form must be texts")
        groups = _checked_groups(self.pattern)
        try:
            pieces = [piece for piece in Formatter().parse(self.form) if piece[1] is not None]
        except ValueError as error:
            raise SchemeError(f"a spelling's form cannot be read ({error})") from None
        for _, name, operation, conversion in pieces:
            if name not in groups:
                raise SchemeError(f"a spelling's form names the group {name!r}, which its pattern does not have")
            if conversion or not _FORM_OPERATIONS.fullmatch(operation or ""):
                raise SchemeError(
                    f"a spelling's form cannot do {operation or conversion!r}",
                    hint="use 0>N (N up to 99), year2, year4 or nothing.",
                )
        if self.form and not pieces:
            raise SchemeError("a spelling's form names no group: all ids would be the same")

    @property
    def digit_groups(self) -> frozenset[str]:
        """Names of the groups that hold digits only, where look-alike letters can be repaired."""
        bodies = re.findall(r"\(\?P<(\w+)>((?:[^()\\]|\\.)*)\)", self.pattern)
        return frozenset(name for name, body in bodies if r"\d" in body and not re.search(r"[A-Z]", body))


def is_plain(pattern: str) -> bool:
    """Whether a pattern has only pieces that mean the same to Python and Rust, and is small."""
    return _PLAIN_PATTERN.fullmatch(pattern) is not None


def _checked_groups(pattern: str) -> set[str]:
    """Names of a pattern's groups; refused unless both Python and Rust read it, as a whole and inside a group."""
    try:
        groups = set(re.compile(f"^(?:{pattern})$").groupindex)
    except (re.error, RecursionError, OverflowError) as error:
        why = getattr(error, "msg", type(error).__name__)
        raise SchemeError(f"a spelling's pattern is not a regular expression ({why})") from None
    if is_plain(pattern):
        return groups
    try:
        pl.Series([""]).str.contains(f"^(?:{pattern})$")
    except pl.exceptions.PolarsError:
        raise SchemeError(
            "a spelling's pattern is too large, or needs a feature that Rust's regular expressions do not have",
            hint="without look-around and back-references every pattern takes linear time.",
        ) from None
    return groups


@dataclass(frozen=True, kw_only=True)
class Scheme:
    r"""The definition of one kind of identifier.

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
        The canonical value position by position, if its length is fixed: ``9`` a digit, ``A`` a letter,
        ``[…]`` one of these, ``(NY|KN)`` one of these words of two letters, anything else itself. A column
        that has this shape already needs no parsing.
    labels : iterable of str
        Words that people write before the value (``ARREST NO``); dropped.
    sentinels : iterable of str
        Texts that stand for "none" in this scheme, other than the words that do in every scheme.
    serial_digits : int
        How many of the last digits are a serial number; one of zeros only stands for "none". Needs a shape, which
        says where the digits are.
    aliases : iterable of str
        Other names of the scheme.
    parts : iterable of str
        For a key made of several columns, what these hold.
    number_width : int, optional
        Digits to which an integer column is padded with zeros; without it an integer is read as it is written.
    hint : str
        What to use instead, if values name a person or an event.

    Raises
    ------
    SchemeError
        When the definition contradicts itself.

    Examples
    --------
    >>> Scheme(name="ticket", level="action", spellings=[Spelling(r"(?P<serial>\d{6})")]).title
    'ticket'
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
                f"{self.name!r} is not a name for a scheme", hint="lower case letters, digits and underscores."
            )
        try:
            settle("level", Level(self.level))
        except ValueError:
            raise SchemeError(
                f"scheme {self.name}: {self.level!r} is not a level", hint=f"use one of {', '.join(Level)}."
            ) from None
        settle("title", self.title or self.name.replace("_", " "))
        settle("spellings", tuple(self.spellings))
        for attribute in ("labels", "sentinels", "aliases", "parts"):
            settle(attribute, _texts(getattr(self, attribute), f"scheme {self.name}: {attribute}"))
        settle("labels", tuple(sorted({label.upper().strip() for label in self.labels} - {""})))
        settle("sentinels", frozenset(sentinel.upper().strip() for sentinel in self.sentinels))
        self._check_facts()

    def _check_facts(self) -> None:
        where = f"scheme {self.name}"
        if not all(isinstance(spelling, Spelling) for spelling in self.spellings):
            raise SchemeError(f"{where}: spellings must be a list of Spelling")
        if not all(_ALIAS.fullmatch(alias) for alias in self.aliases):
            raise SchemeError(f"{where}: an alias may contain only lower case letters, digits and underscores")
        if self.parts and (self.spellings or len(set(self.parts)) < max(2, len(self.parts))):
            raise SchemeError(
                f"{where}: a key made of several columns has two parts or more, each once, and no spellings",
                hint='parts = ["nysid", "date"], each a scheme of its own or date.',
            )
        if not (isinstance(self.title, str) and isinstance(self.hint, str)):
            raise SchemeError(f"{where}: title and hint must be texts")
        for number, least in ((self.serial_digits, 0), (self.number_width, 1)):
            if number is not None and not (type(number) is int and least <= number <= 99):
                raise SchemeError(f"{where}: serial_digits and number_width must be numbers up to 99")
        if self.serial_digits and self.shape is None:
            raise SchemeError(
                f"{where}: serial_digits needs a shape", hint="set shape to show which characters are digits."
            )
        if self.shape is not None and not (isinstance(self.shape, str) and self.shape.isascii()):
            raise SchemeError(f"{where}: shape must be ASCII text")
        if self.shape is not None and not (self.spellings and _SHAPE.fullmatch(self.shape)):
            raise SchemeError(
                f"{where}: its shape cannot be read, or it has no spellings",
                hint="9, A, [MBK], (NY|KN) with words of two letters, or a sign that means itself.",
            )

    @property
    def published(self) -> bool:
        """Whether values name one record, so they may be in an index."""
        return self.level in (Level.ARREST, Level.ACTION)

    @property
    def opaque(self) -> bool:
        """Whether every text is a value."""
        return not self.spellings and not self.parts

    @cached_property
    def fingerprint(self) -> str:
        """Digest of all that decides a canonical value, as hex; an index names it, so both sides agree."""
        facts = [
            CANONICALISATION,
            [(s.pattern, s.form) for s in self.spellings],
            self.shape,
            sorted(self.labels),
            sorted(self.sentinels),
            self.serial_digits,
            [[part, "" if part == "date" else _named[0](part).fingerprint] for part in self.parts],
            self.number_width,
        ]
        return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()[:16]


_named: list[Callable[[str], Scheme]] = []


def named_by(lookup: Callable[[str], Scheme]) -> None:
    """Say how a scheme is found by its name: a composite's values are decided by its parts, which it names."""
    _named[:] = [lookup]


def _texts(values: Iterable[str], what: str) -> tuple[str, ...]:
    texts = () if isinstance(values, str) else tuple(values)
    if isinstance(values, str) or not all(isinstance(text, str) for text in texts):
        raise SchemeError(f"{what} must be a list of texts")
    return texts
