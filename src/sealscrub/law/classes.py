"""Which rows the rules cannot tell apart: the same kind of event, of offences that no rule names apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import polars as pl

from .dispositions import DispositionMap
from .events import Event, EventKind
from .law_codes import LawCode, parse_law_code
from .rules import Jurisdiction
from .truth import Truth

__all__: list[str] = []

#: Columns of a row that are no days, and no number of a charge.
STATED = (
    *("event", "disposition", "law_code", "severity", "offense_class", "court", "substance"),
    *("family_offense", "prints_sent", "certified", "youthful_offender", "indictment"),
)
_FREE = ("severity", "offense_class", "substance")


def classes_of(rows: pl.DataFrame, place: Jurisdiction, mapping: DispositionMap) -> tuple[pl.Series, list[Event]]:
    """The number of each row's class, and for each class an event that stands for it; its days are to be set.

    Two rows are of one class where their texts mean the same and their offences, and whatever else they state, are
    among the same words that the rules name.
    """
    classes = _Classes(named_words(place) | mapping.offences(), mapping)
    texts = rows.select("event", "disposition").unique()
    meant = [classes.text(*row) for row in texts.iter_rows()]
    meanings = texts.with_columns(meant=pl.Series(meant, dtype=pl.UInt32))
    filed = pl.when(pl.col("indictment").fill_null("") != "").then(pl.lit("Y")).alias("indictment")
    rows = rows.with_columns(filed)
    stated = rows.select(*STATED).join(
        meanings, on=["event", "disposition"], how="left", nulls_equal=True, maintain_order="left"
    )
    by = ["meant", *STATED[2:]]
    distinct = stated.unique(subset=by)
    numbers = [classes.number(row) for row in distinct.select(*by, *STATED[:2]).iter_rows(named=True)]
    numbered = distinct.select(*by, number=pl.Series(numbers, dtype=pl.UInt32))
    found = stated.join(numbered, on=by, how="left", nulls_equal=True, maintain_order="left")
    return found["number"], classes.events


def named_words(thing: object) -> frozenset[str]:
    """Every word that stands anywhere in some rules: what they can tell apart."""
    return frozenset(_words(thing))


def _words(thing: object) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple | frozenset):
        for part in thing:
            yield from _words(part)
    elif is_dataclass(thing) and not isinstance(thing, Truth):
        for each in fields(thing):
            yield from _words(getattr(thing, each.name))


@dataclass
class _Classes:
    words: frozenset[str]
    mapping: DispositionMap
    events: list[Event] = field(default_factory=list)
    _meanings: dict[object, int] = field(default_factory=dict)
    _numbers: dict[object, int] = field(default_factory=dict)

    def text(self, event: str, text: str | None) -> int:
        """Texts of dispositions of one meaning have one number; of other events, the words matter."""
        meaning = self.mapping.meaning(text) if event == EventKind.DISPOSITION else None
        said = (
            text
            if meaning is None
            else (meaning.disposition, meaning.offence, meaning.names_offence, meaning.statute, meaning.sentence)
        )
        return self._meanings.setdefault((event, said), len(self._meanings))

    def number(self, row: dict[str, Any]) -> int:
        meaning = self.mapping.meaning(row["disposition"])
        code = parse_law_code(row["law_code"])
        said = row["meant"] if row["event"] != EventKind.DISPOSITION else None
        about = (
            said
            if said is not None
            else (meaning.disposition, meaning.names_offence, meaning.statute, meaning.sentence),
            self._offence(meaning.offence),
            self._offence(code),
            self._word(row["law_code"]),
            _same(code, meaning.offence),
            *(self._word(row[name]) for name in _FREE),
            *(row[name] for name in STATED if name not in (*_FREE, "disposition", "law_code")),
        )
        found = self._numbers.setdefault(about, len(self._numbers))
        if found == len(self.events):
            self.events.append(_event(row))
        return found

    def _word(self, text: str | None) -> str | None:
        """A word that no rule names is like any other such."""
        if text is None or text in self.words or text.lower() in self.words:
            return text
        return ""

    def _offence(self, code: LawCode | None) -> object:
        if code is None:
            return None
        parts = (
            f"{code.law} {code.section}",
            f"{code.law} {code.article}",
            code.subdivision,
            code.section,
            code.article,
            str(code),
        )
        return tuple(part if part in self.words else bool(part) for part in parts)


def _same(one: LawCode | None, other: LawCode | None) -> object:
    if one is None or other is None:
        return None
    return one.law == other.law, one.section == other.section, one.subdivision == other.subdivision


def _event(row: dict[str, Any]) -> Event:
    stated = {name: row[name] for name in STATED if name not in ("event", "disposition", "indictment")}
    stated["indictment"] = row["indictment"] or ""
    return Event(event_date=_NONE, event=EventKind(row["event"]), text=row["disposition"] or "", **stated)


_NONE: Any = None  # the day is set when the event is used
