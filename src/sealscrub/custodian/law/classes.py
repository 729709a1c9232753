"""Which rows the rules cannot distinguish: the same kind of event, of offences that no rule names apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache
from typing import Any

import polars as pl

from .dispositions import DispositionMap, Meaning, all_counted
from .events import EventKind
from .law_codes import LawCode
from .rules import Jurisdiction
from .state_declarations import ColumnKind
from .three_values import Truth

__all__: list[str] = []

#: Columns of a row that are not days, and no number of a charge.
STATED = ("event", "disposition", "law_code", "severity", "offense_class", "court", "indictment")
_FACT_FIELDS = ("severity", "offense_class")
#: What is compared by rules, if two rows of one history give it, though no rule names the words.
_CODE_FIELDS = ("law_code", *_FACT_FIELDS)


def classes_of(rows: pl.DataFrame, place: Jurisdiction, mapping: DispositionMap) -> tuple[pl.DataFrame, list[str]]:
    """For each row its class, and what must be known next to it if one history has several rows.

    Two rows are of one class if their texts mean the same and their offences, and whatever else they state, are
    among the same words that the rules name.

    Returns
    -------
    polars.DataFrame
        ``number`` of the class; ``exact``, the same for rows that state the same; ``offence``, the same for rows that
        state the same of the offence; ``named``, the number of the docket that the text names, or null.
    list of str
        The dockets that texts name, by number.
    """
    own = tuple(column.name for column in place.columns if column.kind is not ColumnKind.DAY)
    classes = _Classes(named_words(place) | mapping.tables.named(), mapping, own)
    texts = rows.select("event", "disposition").unique()
    meant = pl.DataFrame(
        [classes.text(*row) for row in texts.iter_rows()],
        schema=dict.fromkeys(_MEANING_FIELDS, pl.UInt32),
        orient="row",
    )
    filed = pl.when(pl.col("indictment").fill_null("") != "").then(pl.lit("Y")).alias("indictment")
    stated = (
        rows.with_columns(filed)
        .select(*STATED, *own)
        .join(
            pl.concat([texts, meant], how="horizontal"),
            on=["event", "disposition"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
    )
    by = ["meant", *STATED[2:], *own]
    distinct = stated.unique(subset=by)
    numbers = [classes.number(row) for row in distinct.select(*by, *STATED[:2]).iter_rows(named=True)]
    numbered = distinct.select(
        *by,
        number=pl.Series(numbers, dtype=pl.UInt32),
        exact=pl.int_range(pl.len(), dtype=pl.UInt32),
        offence=pl.struct("names", *_CODE_FIELDS).rank("dense"),
    )
    found = stated.join(numbered, on=by, how="left", nulls_equal=True, maintain_order="left")
    return found.select("number", "exact", "offence", "named"), list(classes.dockets)


def with_own_counts(rows: pl.DataFrame, mapping: DispositionMap) -> pl.DataFrame:
    """The rows, with what the row of a count that was dismissed comes to if a row for every count is there."""
    numbered = rows.lazy().filter(pl.col("charge").fill_null("") != "")
    said = numbered.filter(pl.col("event") == "disposition").select("charge", "disposition").unique().collect()
    own = said.filter(pl.Series([mapping.dismisses_count(*row) for row in said.iter_rows()], dtype=pl.Boolean))
    if own.is_empty():
        return rows
    charges = numbered.group_by("action").agg(pl.col("charge").unique()).collect()
    counted = charges.filter(pl.Series([all_counted(names) for names in charges["charge"]], dtype=pl.Boolean))
    marked = rows.join(own.with_columns(own=True), on=["charge", "disposition"], how="left", maintain_order="left")
    whole = pl.col("action").is_in(counted["action"].implode()) & (pl.col("event") == "disposition") & pl.col("own")
    text = pl.when(whole).then(pl.lit(mapping.tables.dismissed)).otherwise("disposition")
    return marked.with_columns(text.alias("disposition")).drop("own")


@lru_cache(maxsize=64)
def named_words(place: Jurisdiction) -> frozenset[str]:
    """Every word that is anywhere in the rules of a place: what they can distinguish."""
    return frozenset(_words(place))


def _words(thing: object) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple | frozenset):
        for part in thing:
            yield from _words(part)
    elif isinstance(thing, Mapping):
        yield from _words((*thing, *thing.values()))
    elif is_dataclass(thing) and not isinstance(thing, Truth):
        for each in fields(thing):
            yield from _words(getattr(thing, each.name))


_MEANING_FIELDS = ("meant", "names", "named")


@dataclass
class _Classes:
    words: frozenset[str]
    mapping: DispositionMap
    own: tuple[str, ...]
    dockets: dict[str, int] = field(default_factory=dict)
    _meanings: dict[object, int] = field(default_factory=dict)
    _offences: dict[object, int] = field(default_factory=dict)
    _numbers: dict[object, int] = field(default_factory=dict)

    def text(self, event: str, text: str | None) -> tuple[int, int, int | None]:
        """The numbers of what a text means, of the offence and of the docket that it names.

        Texts of dispositions of one meaning have one number; of other events, the words matter.
        """
        meaning = self.mapping.meaning(text)
        ends = event == EventKind.DISPOSITION
        said: object = text
        if ends:
            said = _meaning_without_numbers(meaning, meaning.offence)
        docket = meaning.docket if ends else ""
        return (
            self._meanings.setdefault((event, said), len(self._meanings)),
            self._offences.setdefault(meaning.offence, len(self._offences)),
            self.dockets.setdefault(docket, len(self.dockets)) if docket else None,
        )

    def number(self, row: dict[str, Any]) -> int:
        meaning = self.mapping.meaning(row["disposition"])
        code = self.mapping.place.read_code(row["law_code"])
        said = row["meant"] if row["event"] != EventKind.DISPOSITION else None
        about = (
            said if said is not None else _meaning_without_numbers(meaning),
            self._offence(meaning.offence),
            self._offence(code),
            self._word(row["law_code"]),
            _compare_codes(code, meaning.offence),
            *(self._word(row[name]) for name in _FACT_FIELDS),
            *(row[name] for name in STATED if name not in (*_FACT_FIELDS, "disposition", "law_code")),
            *(row[name] for name in self.own),
        )
        return self._numbers.setdefault(about, len(self._numbers))

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
            code.attempt,
        )
        return tuple(part if part in self.words else bool(part) for part in parts)


def _meaning_without_numbers(meaning: Meaning, *more: object) -> tuple[object, ...]:
    """What a text means, but for the numbers that it names."""
    told = meaning.disposition, meaning.names_offence, meaning.statute, meaning.sentence
    return *told, meaning.elsewhere, meaning.joins, meaning.undoes, meaning.restores, *more


def _compare_codes(one: LawCode | None, other: LawCode | None) -> object:
    if one is None or other is None:
        return None
    return one.law == other.law, one.section == other.section, one.subdivision == other.subdivision
