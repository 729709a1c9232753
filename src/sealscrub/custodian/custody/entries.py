"""What is in the audit log: entries of one line each, which name no record.

An entry is written before the act that it is about; an *outcome* after it. Records are in it as keyed references
(:mod:`sealscrub.custodian.custody.references`); people as the accounts of the custodian's own staff.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sealscrub.errors import Spelled, UnreadableInput, UsageError

from .log_lines import MAX_BYTES, recognise

__all__ = ["Entry", "Kind", "Result"]

MAX_REFERENCES = 50

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@/\\-]{0,79}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){4,32}")


class Kind(StrEnum):
    """What an entry is about."""

    LOG = "log"
    ACCESS = "access"
    DENIAL = "denial"
    IMPORT = "import"
    PUBLICATION = "publication"
    CERTIFICATE = "certificate"
    ORDER = "order"
    ROSTER = "roster"
    SCRUB = "scrub"
    OVERRIDE = "override"
    OUTCOME = "outcome"


class Result(StrEnum):
    """How an act ended."""

    DONE = "done"
    FAILED = "failed"


STANDS_ALONE = frozenset({Kind.LOG, Kind.DENIAL, Kind.OUTCOME})
"""Kinds that are about no act, so none of them waits for an outcome."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of an audit log.

    Attributes
    ----------
    kind : Kind
        What it is about.
    who : str
        The account that acts, and in whose grant's name if it is another.
    what : str
        The call or command.
    purpose, scope : str or None
        For what, and on how much: ``record`` or ``registry``.
    references : tuple of str
        Keyed references of the records that it is about, 32 hex digits each.
    why : str or None
        Of a denial: in a word, what was missing.
    grant : str or None
        The roster's digest, or the order's, by which it was allowed.
    registry : str or None
        Random name of the registry.
    epoch : int or None
        Of the registry or the index; of an outcome, as the act left or published it.
    digest : str or None
        What it is about: an index's id, or SHA-256 of a roster or an order; of an outcome, SHA-256 of the file made.
    of : int or None
        Of an outcome: the number of the entry that it ends.
    result : Result or None
        Of an outcome.
    count : int or None
        How many records were shown, imported or published.
    version : int or None
        Of a roster that comes into force: its version.
    number : int
        Its place in the log, from 0; -1 before it is written.
    at : datetime.datetime or None
        When it was written, UTC; by a clock that was set back, the moment of the entry before.

    Examples
    --------
    >>> Entry(kind=Kind.ACCESS, who="r.alvarez", what="registry history", purpose="audit", scope="record")
    Entry(…)
    """

    kind: Kind
    who: str = ""
    what: str = ""
    purpose: str | None = None
    scope: str | None = None
    references: tuple[str, ...] = ()
    why: str | None = None
    grant: str | None = None
    registry: str | None = None
    epoch: int | None = None
    digest: str | None = None
    of: int | None = None
    result: Result | None = None
    count: int | None = None
    version: int | None = None
    number: int = -1
    at: dt.datetime | None = field(default=None)

    def __repr__(self) -> str:
        return "Entry(…)" if self.number < 0 else f"Entry({self.kind}, number={self.number})"

    def check(self) -> Entry:
        """Return itself, if every field is of its form.

        Raises
        ------
        UsageError
            When a field might hold something else than it is for. Its value is not said.
        """
        words = {"who": self.who, "what": self.what, "purpose": self.purpose, "scope": self.scope, "why": self.why}
        hexes = {"grant": self.grant, "registry": self.registry, "digest": self.digest}
        wrong = [name for name, value in words.items() if value and not _WORD.fullmatch(value)]
        wrong += [name for name, value in hexes.items() if value and not _HEX.fullmatch(value)]
        if len(self.references) > MAX_REFERENCES or not all(_HEX.fullmatch(each) for each in self.references):
            wrong.append("references")
        if (self.kind is Kind.OUTCOME) != (self.of is not None and self.result is not None):
            wrong.append("of")
        if wrong:
            raise UsageError(f"an entry of the audit log cannot hold this as {wrong[0]}", hint="see Entry's fields.")
        return self

    def line(self, number: int, at: str) -> bytes:
        """Write it as the line with this number and moment: JSON in one spelling, and a line's end."""
        facts: dict[str, Any] = {
            name: value
            for name in _FIELDS
            if (value := getattr(self, name)) is not None and value != "" and value != ()
        }
        facts |= {"n": number, "at": at}
        line = _ENCODER.encode(facts).encode() + b"\n"
        if len(line) > MAX_BYTES:
            raise UsageError("an entry of the audit log is too long", hint="name fewer records in one request.")
        return line


_FIELDS = (
    *("kind", "who", "what", "purpose", "scope", "references", "why", "grant", "registry"),
    *("epoch", "digest", "of", "result", "count", "version"),
)
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"
_SPELLED_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
_TYPES: Mapping[str, type] = {"epoch": int, "of": int, "count": int, "version": int, "n": int, "references": list}


def spell(at: dt.datetime) -> str:
    """Write a moment as the log has it: UTC, ISO 8601, microseconds."""
    return at.astimezone(dt.UTC).strftime(_MOMENT)


def read_entry(line: bytes) -> Entry:
    """Read a line, its end left out.

    Raises
    ------
    UnreadableInput
        When it is not one that :meth:`Entry.line` writes.
    """
    if (found := recognise(line)) is not None:
        return _entry(found)
    try:
        facts = json.loads(line)
        number, at = facts.pop("n"), facts.pop("at")
        if any(not isinstance(value, _TYPES.get(name, str)) for name, value in facts.items()):
            raise TypeError
        facts["kind"] = Kind(facts["kind"])
        if "result" in facts:
            facts["result"] = Result(facts["result"])
        if "references" in facts:
            facts["references"] = tuple(facts["references"])
        entry = Entry(**facts, number=number, at=dt.datetime.fromisoformat(at)).check()
        same = _SPELLED_MOMENT.fullmatch(at) is not None and entry.line(number, at) == line + b"\n"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        same = False
    if not same:
        raise UnreadableInput(
            "a line of the audit log is not an entry",
            hint=Spelled("verify_log says where.", "sealscrub audit verify says where."),
        )
    return entry


def _entry(found: re.Match[bytes]) -> Entry:
    """Make an entry of a line that was recognised."""

    def text(name: str) -> str | None:
        value = found[name]
        return None if value is None else value.decode()

    def number(name: str) -> int | None:
        value = found[name]
        return None if value is None else int(value)

    references, result = text("references"), text("result")
    return Entry(
        kind=Kind(found["kind"].decode()),
        who=text("who") or "",
        what=text("what") or "",
        purpose=text("purpose"),
        scope=text("scope"),
        references=() if references is None else tuple(references.split('","')),
        why=text("why"),
        grant=text("grant"),
        registry=text("registry"),
        epoch=number("epoch"),
        digest=text("digest"),
        of=number("of"),
        result=None if result is None else Result(result),
        count=number("count"),
        number=int(found["number"]),
        at=dt.datetime.fromisoformat(found["at"].decode()),
    )
