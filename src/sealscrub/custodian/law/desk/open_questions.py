"""What keeps answers from being known, by its cause: words that no phrase explains, facts that are missing, doubts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import polars as pl

from ..bulk_decisions import Decisions
from ..charges import ChargeRows
from ..decisions import Answer
from ..dispositions import Disposition, DispositionMap
from ..dispositions.phrases import normalise
from ..rules import Jurisdiction
from ..unread_texts import unread_texts
from .told_facts import columns_that_tell, told_by

__all__ = ["OpenQuestion", "open_questions"]

_LINES, _MOST_PROPOSED = 5, 2_000
_SECTION_NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,2})?[A-Z]?")  # a section, and no number of a case
_SIGNS = frozenset("{}[]")
_NEGATING_WORDS = frozenset(
    {"NOT", "NO", "NEVER", "WITHOUT", "UNLESS", "IF", "DENIED", "VACATED", "REVERSED", "RESTORED"}
)
_LEAST_LIKENESS = 0.5


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """One cause of answers that are not known.

    Attributes
    ----------
    kind : str
        ``words`` that no phrase explains; a ``pattern`` of words with the number of a case; a ``fact`` that is missing;
        a ``column`` that gives facts of other names; a ``day``: a fact without which what is not sealed has no day from
        which it can be; a ``doubt`` of the law.
    cause : str
        The words, the fact, the column, or the rules.
    settles : int
        Actions that are unknown, or of a ``day`` not sealed, and have no other cause of this kind.
    actions, persons : int
        In which it is among what is missing, and whose they are.
    lines : tuple of int
        Where the first of them are in the file.
    proposed : str
        Of words: what phrases that are much alike come to; empty if none is, or several differ, or the state's file
        says that the words may be read in two ways. To be accepted or refused by someone.
    told_by : str
        Of a fact: the columns of the file that would tell it, or the kinds of row. Of a doubt: what its rules say.
    """

    kind: str
    cause: str
    settles: int
    actions: int
    persons: int
    lines: tuple[int, ...]
    proposed: str = ""
    told_by: str = ""


def open_questions(
    charges: ChargeRows, decisions: Decisions, mapping: DispositionMap, as_of: dt.date
) -> tuple[OpenQuestion, ...]:
    r"""Group what is not known of a file by its causes, those first that settle most actions.

    Parameters
    ----------
    charges : ChargeRows
    decisions : Decisions
        Of these.
    mapping : DispositionMap
        By which they were read.
    as_of : datetime.date
        The day that was asked about.

    Returns
    -------
    tuple of OpenQuestion

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sealscrub.custodian.law import decide_charges, read_charges
    >>> from sealscrub.custodian.law.dispositions import read_map
    >>> file, day = pathlib.Path(tempfile.mkdtemp()) / "d.csv", dt.date(2026, 11, 25)
    >>> _ = file.write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,STET,2014-05-01\n")
    >>> charges = read_charges(file)
    >>> [each.cause for each in open_questions(charges, decide_charges(charges, day), read_map("us-ny"), day)]
    ['STET']
    """
    unknown, place = _missing(decisions, Answer.UNKNOWN), mapping.place
    found = [
        *_words(charges, decisions, unknown, mapping, as_of),
        *_facts(unknown, place),
        *_columns(unknown, place),
        *_doubts(unknown, place),
    ]
    found += [replace(each, kind="day") for each in _facts(_missing(decisions, Answer.NOT_SEALED), place)]
    return tuple(sorted(found, key=lambda each: (-each.settles, -each.actions, each.kind, each.cause)))


def _missing(decisions: Decisions, answer: Answer) -> pl.DataFrame:
    """Actions of an answer: what is missing, and the rules in play."""
    shapes = decisions.shapes
    missing = pl.Series("missing", [list(each.missing) for each in shapes], dtype=pl.List(pl.String))
    rules = [sorted({rule for rule, _ in each.rules}) for each in shapes]
    answered = pl.Series("answered", [each.answer is answer for each in shapes], dtype=pl.Boolean)
    at = decisions.actions["shape"]
    return decisions.actions.select("action", "person", "row").with_columns(
        missing.gather(at), pl.Series("rules", rules, dtype=pl.List(pl.String)).gather(at), answered.gather(at)
    ).filter("answered")  # fmt: skip


def _columns(unknown: pl.DataFrame, place: Jurisdiction) -> Iterator[OpenQuestion]:
    """Columns that give what rules miss under other names: what is filled in there settles several facts at once."""
    names = unknown["missing"].explode().drop_nulls().unique().to_list()
    told = {name: list(columns_that_tell(place, name)) for name in names}
    by_column = unknown.with_columns(
        pl.Series(
            "missing", [sorted({column for name in each for column in told[name]}) for each in unknown["missing"]]
        )
        if names
        else pl.col("missing")
    )
    for each in _facts(by_column, place):
        if [each.cause] != told.get(each.cause):
            yield replace(each, kind="column", told_by=each.cause)


def _facts(unknown: pl.DataFrame, place: Jurisdiction) -> Iterator[OpenQuestion]:
    each = unknown.with_columns(alone=pl.col("missing").list.len() == 1).explode("missing").drop_nulls("missing")
    for fact, alone, count, persons, lines in (
        each.group_by("missing").agg(*_count_expressions(pl.col("alone").sum())).rows()
    ):
        yield OpenQuestion(
            kind="fact", cause=fact, settles=alone, actions=count, persons=persons, lines=tuple(lines),
            told_by=str(told_by(place, fact)),
        )  # fmt: skip


def _doubts(unknown: pl.DataFrame, place: Jurisdiction) -> Iterator[OpenQuestion]:
    """Of what misses no fact, the rules that leave it open, and what they say; words are distinguished."""
    said = {rule.id: rule.text for rule in reversed([*place.rules()])}  # as the latest version says it
    each = unknown.filter(pl.col("missing").list.len() == 0).with_columns(pl.col("rules").list.join(", "))
    each = each.filter(~pl.col("rules").str.contains(r"/doubt/unmapped\b"))
    for rules, alone, count, persons, lines in each.group_by("rules").agg(*_count_expressions(pl.len())).rows():
        yield OpenQuestion(
            kind="doubt", cause=rules, settles=alone, actions=count, persons=persons, lines=tuple(lines),
            told_by=" ".join(said[rule] for rule in rules.split(", ")),
        )  # fmt: skip


def _count_expressions(alone: pl.Expr) -> tuple[pl.Expr, ...]:
    return (
        alone.alias("alone"),
        pl.col("action").n_unique().alias("actions"),
        pl.col("person").n_unique(),
        pl.col("row").sort().head(_LINES),
    )


def _words(
    charges: ChargeRows, decisions: Decisions, unknown: pl.DataFrame, mapping: DispositionMap, as_of: dt.date
) -> Iterator[OpenQuestion]:
    """Words that no phrase explains."""
    rows = unread_texts(charges, decisions, mapping, as_of)
    told = [(text, *_shown_words(text), mapping.leaves_open(text)) for text in rows["disposition"].unique().to_list()]
    read = pl.DataFrame(
        told, schema=["disposition", "kind", "cause", "contested"], orient="row", schema_overrides=_TEXTS
    )
    open_action = pl.col("action").is_in(unknown["action"].implode())
    found = rows.join(read, on="disposition").join(charges.actions.select("action", "person"), on="action")
    open_words = found.with_columns(alone=(pl.col("cause").n_unique().over("action") == 1) & open_action)
    grouped = open_words.group_by("kind", "cause").agg(
        *_count_expressions(pl.col("action").filter("alone").n_unique()), pl.col("contested").any()
    ).sort("alone", "cause", descending=[True, False])  # fmt: skip
    phrases = _Phrases(mapping)
    for at, (kind, cause, alone, count, persons, lines, contested) in enumerate(grouped.rows()):
        proposed = phrases.nearest(cause) if kind == "words" and not contested and at < _MOST_PROPOSED else ""
        yield OpenQuestion(
            kind=kind, cause=cause, settles=alone, actions=count, persons=persons, lines=tuple(lines), proposed=proposed
        )


_TEXTS = dict.fromkeys(("disposition", "kind", "cause"), pl.String) | {"contested": pl.Boolean}


def _shown_words(text: str) -> tuple[str, str]:
    """The words of a text; if one holds the number of a case, the pattern of them."""
    words = normalise(text).split()
    long = [any(sign.isdigit() for sign in word) and not _SECTION_NUMBER.fullmatch(word) for word in words]
    shown = " ".join("#" if number else word for word, number in zip(words, long, strict=True))
    return ("pattern" if any(long) or _SIGNS & set(text) else "words"), shown


class _Phrases:
    """Phrases by their words, to find those that a text is much alike."""

    def __init__(self, mapping: DispositionMap) -> None:
        self._mapping = mapping
        self._by_word: dict[str, list[tuple[frozenset[str], str]]] = {}
        for phrase, disposition in mapping.phrases():
            fixed = frozenset(mapping.plain(" ".join(_literal_words(phrase))).split())
            for word in fixed:
                self._by_word.setdefault(word, []).append((fixed, disposition))

    def nearest(self, text: str) -> str:
        words = frozenset(self._mapping.plain(text).split())
        best, score = set[str](), _LEAST_LIKENESS
        for fixed, disposition in (each for word in words for each in islice(self._by_word.get(word, ()), 500)):
            alike = len(words & fixed) / len(words | fixed)
            if alike >= score and not (words ^ fixed) & _NEGATING_WORDS:
                best, score = ({disposition} if alike > score else best | {disposition}), alike
        return str(next(iter(best))) if len(best) == 1 and Disposition.UNMAPPED not in best else ""


def _literal_words(phrase: str) -> Iterable[str]:
    """The words of a phrase that may not be left out and mean only themselves."""
    return (word for word in re.sub(r"\[[^\]]*\]", " ", phrase).split() if not word.startswith("{"))
