"""A queue for the clerk: what is open as a file to fill in, and its answers, read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sealscrub.custodian.sheets import Problem, Sheet, refuse_rows
from sealscrub.errors import DOCS

from ..dispositions import Disposition, DispositionMap
from .answer_sheet import read_answer_sheet, write_answer_sheet
from .open_questions import OpenQuestion

__all__ = ["QueueAnswers", "read_queue", "write_queue"]

_COLUMNS = ("kind", "cause", "settles", "actions", "persons", "lines", "told_by", "proposed", "check", "answer")
_ACCEPT, _REFUSE = "accept", "refuse"


@dataclass(frozen=True, kw_only=True)
class QueueAnswers:
    """What a clerk answered.

    Attributes
    ----------
    meanings : dict of str to str
        What words come to, by the words: a :class:`Disposition`, or an ending of the state's own.
    refused : tuple of str
        Words that stay unmapped.
    left : int
        Words without an answer.
    """

    meanings: dict[str, str]
    refused: tuple[str, ...]
    left: int


def write_queue(path: str | Path, questions: Sequence[OpenQuestion], mapping: DispositionMap) -> None:
    """Write what is open, a line a cause, in a file of mode 0600.

    Parameters
    ----------
    path : str or Path
        Where it goes (CSV). The last column is the clerk's: of words, a disposition, ``accept`` (what is proposed) or
        ``refuse``. The one before it binds each line to the law and its phrases.
    questions : sequence of OpenQuestion
    mapping : DispositionMap
        By which they were found.

    Raises
    ------
    UsageError
        When a file is there that holds answers, or another one.
    WriteFailed
        When it cannot be written; what was there is as it was.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sealscrub.custodian.law.dispositions import read_map
    >>> place = pathlib.Path(tempfile.mkdtemp()) / "queue.csv"
    >>> write_queue(place, [], read_map("us-ny"))
    >>> place.read_text().strip()
    'kind,cause,settles,actions,persons,lines,told_by,proposed,check,answer'
    """
    rows = []
    for each in questions:
        lines = " ".join(map(str, each.lines))
        check = _check(mapping, each.kind, each.cause, each.proposed)
        counts = (each.settles, each.actions, each.persons)
        rows.append((each.kind, each.cause, *counts, lines, each.told_by, each.proposed, check, ""))
    hint = "import them, or choose another place."
    write_answer_sheet(Path(path), _COLUMNS, rows, what="a queue", hint=hint)


def _check(mapping: DispositionMap, *said: str) -> str:
    """What a line of this law and its phrases has other than what it says; a spreadsheet takes it for no number."""
    of = [mapping.place.name, mapping.version.partition("+")[0], *said]
    return f"q{hashlib.sha256(json.dumps(of).encode()).hexdigest()[:16]}"


def read_queue(path: str | Path, mapping: DispositionMap) -> QueueAnswers:
    """Read the answers of a clerk.

    Parameters
    ----------
    path : str or Path
        What :func:`write_queue` wrote, as a spreadsheet saved it.
    mapping : DispositionMap
        The phrases in use, with those of the vocabulary that the answers go into.

    Returns
    -------
    QueueAnswers

    Raises
    ------
    ColumnError
        When a column is missing.
    NoticeError
        When a line is not as it was exported for this law, or its answer is not a disposition of it, accepts
        nothing, is about something else than words, or contradicts another line or a phrase in use; the lines are
        named, and no words.
    """
    sheet, rows = read_answer_sheet(Path(path), _COLUMNS)
    endings = {name.upper(): name for name in (*Disposition, *mapping.place.endings) if name != Disposition.UNMAPPED}
    taken: dict[str, _ReviewAnswer] = {}
    left, problems = 0, list[Problem]()
    for line, row in rows.items():
        if not row["answer"]:
            left += row["kind"] == "words"
            continue
        each = _ReviewAnswer(line, row["cause"], _given_ending(row, endings))
        if problem := _problem(row, each.given, mapping):
            problems.append((line, *problem))
            continue
        first = taken.setdefault(mapping.plain(each.words), each)
        if first.given != each.given:
            problems += [(one.line, "answer", _CONTRADICTS.format(other.line)) for one, other in _pairs(first, each)]
    if problems:
        _refuse(sorted(set(problems)), sheet)
    meanings = {each.words: each.given for each in taken.values() if each.given is not None}
    return QueueAnswers(
        meanings=meanings, refused=tuple(each.words for each in taken.values() if each.given is None), left=left
    )


_CONTRADICTS = "contradicts line {}, which is about the same words"


class _ReviewAnswer(NamedTuple):
    line: int
    words: str
    given: str | None


def _pairs(first: _ReviewAnswer, second: _ReviewAnswer) -> tuple[tuple[_ReviewAnswer, _ReviewAnswer], ...]:
    return (first, second), (second, first)


def _given_ending(row: dict[str, str], endings: dict[str, str]) -> str | None:
    """The ending that an answer names; None of a refusal, and of what names none."""
    said = row["answer"].upper().replace(" ", "_")
    return endings.get(row["proposed"].upper() if said == _ACCEPT.upper() else said)


def _problem(row: dict[str, str], given: str | None, mapping: DispositionMap) -> tuple[str, str] | None:
    """The column and the reason why an answer cannot be taken."""
    said = row["answer"].casefold()
    if not row["cause"]:
        return "cause", "is blank: an answer needs the words that it is about"
    if row["kind"] in ("fact", "column", "day", "doubt", "pattern"):
        return "answer", "is about no words: answer at the court, or by a rule of your vocabulary"
    if row["check"] != _check(mapping, row["kind"], row["cause"], row["proposed"]):
        return "check", f"the line is not as it was exported for {mapping.place.name} and its phrases of today"
    if said == _ACCEPT and given is None:
        return "answer", "accepts a meaning that was not proposed"
    if given is None and said != _REFUSE:
        nearest = mapping.nearest(row["answer"].replace(" ", "_"))
        return "answer", f"is neither accept, refuse nor a disposition; the nearest are {nearest}"
    if mapping.meaning(row["cause"]).disposition not in (Disposition.UNMAPPED, given):
        return "answer", "contradicts a phrase in use, which gives these words another meaning"
    return None


def _refuse(problems: list[Problem], sheet: Sheet) -> None:
    refuse_rows(
        sheet,
        problems,
        "cannot be imported; nothing was imported",
        hint=f"correct the answers, or export the queue again; see {DOCS}how-to/law-desk.md.",
    )
