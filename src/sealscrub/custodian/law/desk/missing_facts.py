"""Facts that are missing, as a file for the clerk to fill in; and a file of dispositions with what was filled in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl

from sealscrub.atomic_write import placed_file
from sealscrub.custodian.sheets import Problem, Sheet, folded_name, read_sheet, refuse_rows
from sealscrub.errors import DOCS, UsageError

from ..bulk_decisions import Decisions
from ..charges import ChargeRows, read_charges
from ..disposition_columns import NUMBERS
from ..jurisdictions import jurisdiction
from ..rules import Jurisdiction
from .answer_sheet import read_answer_sheet, write_answer_sheet
from .told_facts import told_by
from .what_if import ADDED_ROWS, read_answers, supposable, told_charges

__all__ = ["FilledFacts", "fill_facts", "write_facts"]

_COLUMNS = ("docket", "arrest_number", "defendant_id", "charge", "fact", "check", "answer")
_OF_ACTION = ("arrest_date", "crime_date", "birth_date")
_CHANGED_FILE = "the docket is not in the file as it was exported for this law"


@dataclass(frozen=True, kw_only=True)
class FilledFacts:
    """What happened to a clerk's facts.

    Attributes
    ----------
    taken : int
        Facts that were filled in.
    left : int
        Facts without an answer.
    """

    taken: int
    left: int


class _Gap(NamedTuple):
    """A column that is blank where a rule asks for it: of an action, or of one of its charges."""

    action: int
    charge: str
    fact: str


def write_facts(path: str | Path, charges: ChargeRows, decisions: Decisions) -> int:
    r"""Write the facts that answers or days miss and the file could give, a line each, in a file of mode 0600.

    Parameters
    ----------
    path : str or Path
        Where they go (CSV). The last column is the clerk's; the one before it binds the line to the law and to all
        that the file says about the docket.
    charges : ChargeRows
    decisions : Decisions
        Of these.

    Returns
    -------
    int
        How many facts are asked for.

    Raises
    ------
    UsageError
        When a file is there that holds answers, or another one.
    WriteFailed
        When it cannot be written; what was there is as it was.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> from sealscrub.custodian.law import decide_charges, read_charges
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "d.csv"
    >>> text = "docket,defendant_id,disposition,event_date\n2026KN000001,7,ACD 170.55,2026-04-01\n"
    >>> _ = file.write_text(text)
    >>> charges = read_charges(file)
    >>> write_facts(file.with_name("facts.csv"), charges, decide_charges(charges, dt.date(2026, 11, 25)))
    1
    """
    asked = _asked(charges, decisions)
    named = {row["action"]: row for row in charges.actions.iter_rows(named=True) if row["action"] in asked}
    gaps = list(_gaps(charges, asked))
    digests = _digests(charges, asked)
    rows = []
    for gap in gaps:
        who = [named[gap.action][name] or "" for name in _COLUMNS[:3]]
        rows.append((*who, gap.charge, gap.fact, _check(charges.law, digests[gap.action], gap), ""))
    hint = "fill them in, or choose another place."
    write_answer_sheet(Path(path), _COLUMNS, rows, what="one of facts", hint=hint)
    return len(gaps)


def _asked(charges: ChargeRows, decisions: Decisions) -> dict[int, list[str]]:
    """By action, what may be blank of it and would tell what answers miss, of this action or of the person's others."""
    place = jurisdiction(charges.law)
    own, others = list[set[str]](), list[set[str]]()
    for shape in decisions.shapes:
        told = [told_by(place, fact) for fact in shape.missing]
        own.append({*ADDED_ROWS} & {*shape.missing} | {name for each in told for name in each.columns})
        others.append({name for each in told for name in each.elsewhere})
    actions = decisions.actions.select("action", "person", "shape").rows()
    of_person: dict[int, list[int]] = {}
    for action, person, _ in actions:
        of_person.setdefault(person, []).append(action)
    asked: dict[int, set[str]] = {}
    for action, person, shape in actions:
        if own[shape]:
            asked.setdefault(action, set()).update(own[shape])
        for other in of_person[person] if others[shape] else ():
            if other != action:
                asked.setdefault(other, set()).update(others[shape])
    return {action: sorted(asked[action]) for action in sorted(asked)}


def _gaps(charges: ChargeRows, asked: Mapping[int, list[str]]) -> Iterator[_Gap]:
    """What is blank of it: a charge's on all the rows of its dispositions, a day of the action on all its rows."""
    place = jurisdiction(charges.law)
    known = set(supposable(place))
    for action, rows in _by_action(charges.rows, asked):
        for fact in asked[action]:
            if fact not in known:
                continue
            if fact in ADDED_ROWS:
                there = rows.filter(pl.col("event") == ADDED_ROWS[fact])["charge"].fill_null("").to_list()
                if "" not in there:
                    told_of = [charge for charge in told_charges(rows, charges.law) if charge not in there]
                    yield from (_Gap(action, charge, fact) for charge in told_of)
                continue
            if fact in _OF_ACTION:
                if rows[fact].null_count() == len(rows):
                    yield _Gap(action, "", fact)
                continue
            told = _disposition_rows(rows)
            for charge in sorted(set(told["charge"].fill_null(""))):
                own = told.filter(pl.col("charge").fill_null("") == charge)
                if not any(_is_known(value, fact, place) for value in own[fact]):
                    yield _Gap(action, charge, fact)


def _is_known(value: object, fact: str, place: Jurisdiction) -> bool:
    """Whether a cell says something: a code of an offence that cannot be read counts as blank."""
    return value is not None and (fact != "law_code" or place.read_code(str(value)) is not None)


def _disposition_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of an action that give its charges' facts."""
    told = rows.filter(pl.col("event") == "disposition")
    return told if len(told) else rows


def _by_action(rows: pl.DataFrame, actions: Mapping[int, object]) -> Iterator[tuple[int, pl.DataFrame]]:
    chosen = rows.filter(pl.col("action").is_in(list(actions)))
    for (action,), own in chosen.partition_by("action", maintain_order=True, as_dict=True).items():
        yield int(action), own


def _digests(charges: ChargeRows, actions: Mapping[int, object]) -> dict[int, str]:
    """All that the rows of each action say, wherever they are in the file."""
    found: dict[int, str] = {}
    for action, rows in _by_action(charges.rows.drop("row", "person", strict=False), actions):
        said = sorted(json.dumps(row, default=str) for row in rows.drop("action").rows())
        found[action] = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    return found


def _check(law: str, digest: str, gap: _Gap) -> str:
    said = json.dumps([law, digest, gap.charge, gap.fact])
    return f"f{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def fill_facts(
    facts: str | Path,
    dispositions: str | Path,
    output: str | Path,
    *,
    law: str = "us-ny",
    renamed: Mapping[str, str] | None = None,
) -> FilledFacts:
    r"""Write a file of dispositions again, with the facts that a clerk filled in.

    Parameters
    ----------
    facts : str or Path
        What :func:`write_facts` wrote, as a spreadsheet saved it.
    dispositions : str or Path
        The file of which it was written, or a later one.
    output : str or Path
        Where it goes (CSV, 0600). What the file says stays; only what is blank, or counts as blank, is filled in.
    law, renamed
        As in :func:`~sealscrub.custodian.law.read_charges`.

    Returns
    -------
    FilledFacts

    Raises
    ------
    ColumnError
        When a column is missing.
    NoticeError
        When a line is about a docket that the file does not hold, or not as it did, or its answer cannot be read, or
        contradicts another line; the lines are named, and no values. Nothing is written.
    UsageError
        When the output is not CSV, or would replace an input.
    WriteFailed
        When it cannot be written; what was there is as it was.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> from sealscrub.custodian.law import decide_charges, explain, read_charges
    >>> folder, day = pathlib.Path(tempfile.mkdtemp()), dt.date(2026, 11, 25)
    >>> text = "docket,defendant_id,disposition,event_date\n2026KN000001,7,ACD 170.55,2026-04-01\n"
    >>> _ = (folder / "d.csv").write_text(text)
    >>> charges = read_charges(folder / "d.csv")
    >>> write_facts(folder / "facts.csv", charges, decide_charges(charges, day))
    1
    >>> asked = (folder / "facts.csv").read_text()
    >>> _ = (folder / "facts.csv").write_text(asked.rstrip() + "N\n")
    >>> fill_facts(folder / "facts.csv", folder / "d.csv", folder / "filled.csv")
    FilledFacts(taken=1, left=0)
    >>> str(explain(folder / "filled.csv", docket="2026KN000001", as_of=day).decision.answer)
    'sealed'
    """
    _check_output(Path(output), Path(facts), Path(dispositions))
    queue = read_answer_sheet(Path(facts), _COLUMNS, hint=", and the dispositions after it")
    charges, sheet = read_charges(dispositions, renamed, law=law), read_sheet(dispositions)
    lines = {line: row for line, row in queue.lines.items() if row["answer"]}
    problems: list[Problem] = []
    gaps = _exported(charges, lines, problems)
    problems += _contradictions(charges, lines, gaps)
    problems += _unreadable(lines, gaps, jurisdiction(law))
    if problems:
        refuse_rows(
            queue.sheet,
            sorted(set(problems)),
            "cannot be imported; nothing was imported",
            hint=f"correct the answers, or export the facts again; see {DOCS}how-to/law-desk.md.",
        )
    filled = _fill_blanks(sheet, charges, renamed or {}, [(gap, lines[line]["answer"]) for line, gap in gaps.items()])
    with placed_file(output, mode=0o600) as file:
        file.write(filled.write_csv().encode())
    return FilledFacts(taken=len(lines), left=len(queue.lines) - len(lines))


def _exported(charges: ChargeRows, lines: Mapping[int, dict[str, str]], problems: list[Problem]) -> dict[int, _Gap]:
    """What each line with an answer is about; one that the file does not ask for so is a problem."""
    numbers = {
        tuple(row[name] or "" for name in _COLUMNS[:3]): row["action"] for row in charges.actions.iter_rows(named=True)
    }
    found = {line: numbers.get(tuple(row[name] for name in _COLUMNS[:3])) for line, row in lines.items()}
    asked: dict[int, list[str]] = {}
    for line, action in found.items():
        if action is not None:
            asked.setdefault(action, []).append(lines[line]["fact"])
    blank, digests = set(_gaps(charges, asked)), _digests(charges, asked)
    gaps: dict[int, _Gap] = {}
    for line, action in found.items():
        gap = _Gap(-1 if action is None else action, lines[line]["charge"], lines[line]["fact"])
        if gap not in blank or lines[line]["check"] != _check(charges.law, digests[gap.action], gap):
            problems.append((line, "check", _CHANGED_FILE))
        else:
            gaps[line] = gap
    return gaps


def _contradictions(
    charges: ChargeRows, lines: Mapping[int, dict[str, str]], gaps: Mapping[int, _Gap]
) -> Iterator[Problem]:
    """A person has one day of birth; a docket or its charge one of each fact."""
    persons = charges.actions["person"].to_list()
    first: dict[tuple[object, ...], int] = {}
    for line, gap in gaps.items():
        about = ("birth_date", persons[gap.action]) if gap.fact == "birth_date" else gap
        other = first.setdefault(about, line)
        if lines[other]["answer"].upper() != lines[line]["answer"].upper():
            for one, two in ((line, other), (other, line)):
                yield one, "answer", f"contradicts line {two}, which is about the same"


def _unreadable(
    lines: Mapping[int, dict[str, str]], gaps: Mapping[int, _Gap], place: Jurisdiction
) -> Iterator[Problem]:
    """Answers are read as a file's columns are."""
    for fact in sorted({gap.fact for gap in gaps.values()}):
        of_it = [line for line, gap in gaps.items() if gap.fact == fact]
        rows, problems, _ = read_answers({fact: [lines[line]["answer"] for line in of_it]}, of_it, place)
        wrong = {line: reason for line, _, reason in problems}
        for line, value in zip(of_it, rows[fact], strict=True):
            if line in wrong or not _is_known(value, fact, place):
                yield line, "answer", wrong.get(line, "is unknown")


def _fill_blanks(
    sheet: Sheet, charges: ChargeRows, renamed: Mapping[str, str], answers: list[tuple[_Gap, str]]
) -> pl.DataFrame:
    """The file's cells as text, with the answers if it is blank."""
    place = jurisdiction(charges.law)
    ours = [folded_name(renamed.get(name, name)) for name in sheet.columns]
    ours = [place.synonyms.get(name, name) for name in ours]
    cells = {name: sheet.frame[str(at)].cast(pl.String).to_list() for at, name in enumerate(sheet.columns)}
    at_line = {line: at for at, line in enumerate(sheet.lines.tolist())}
    rows = dict(_by_action(charges.rows, {gap.action: None for gap, _ in answers}))
    for gap, answer in answers:
        if gap.fact in ADDED_ROWS:
            _add_row(cells, sheet, ours, at_line[rows[gap.action]["row"][0]], gap, answer)
            continue
        column = sheet.columns[ours.index(gap.fact)] if gap.fact in ours else gap.fact
        values = cells.setdefault(column, [None] * len(sheet.frame))
        own = rows[gap.action]
        if gap.fact not in _OF_ACTION:
            own = _disposition_rows(own).filter(pl.col("charge").fill_null("") == gap.charge)
        for line in own["row"]:
            values[at_line[line]] = answer
    filled = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    return filled.with_columns(pl.when(pl.all() != "").then(pl.all()))


def _add_row(
    cells: dict[str, list[str | None]], sheet: Sheet, ours: Sequence[str], first: int, gap: _Gap, answer: str
) -> None:
    """A further row of an action: its numbers, the kind of event and the day."""
    said = {"charge": gap.charge or None, "event": str(ADDED_ROWS[gap.fact]), "event_date": answer}
    names = dict(zip(ours, sheet.columns, strict=True))
    height = len(next(iter(cells.values())))
    for name in said:
        cells.setdefault(names.get(name, name), [None] * height)
    numbers = {names[name]: cells[names[name]][first] for name in NUMBERS if name in names}
    told = numbers | {names.get(name, name): value for name, value in said.items()}
    for name, values in cells.items():
        values.append(told.get(name))


def _check_output(output: Path, *read: Path) -> None:
    if output.suffix.lower() != ".csv":
        raise UsageError("the file to fill in must be CSV", where=output.name, hint="give a file that ends in .csv.")
    if any(output.resolve() == each.resolve() for each in read):
        raise UsageError("would replace an input", where=output.name, hint="choose another place.")
