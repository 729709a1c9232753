"""Decisions as JSON Lines: one line an action, for the custodian who reads them, and for comparing two runs."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sealscrub.atomic_write import placed_file
from sealscrub.errors import Spelled, UnreadableInput

from .bulk_decisions import Decisions
from .charges import ChargeRows
from .decisions import Decision
from .dispositions import DispositionMap, read_map
from .person_shares import Question, Shares

__all__ = ["changed_lines", "write_decisions"]

_MODE = 0o600
_NAMING_FIELDS = ("docket", "defendant_id", "arrest_number", "indictment")
_DAY_FIELDS = ("legal_from", "duty_from", "eligible_from", "next_change")
_COMPARED_FIELDS = ("answer", "regimes", "paragraph", "legal_from", "next_change", "withheld", "rules", "missing")
_PROGRESS_STEP = 1000

Progress = Callable[[str, int, int], None]


def write_decisions(
    path: str | Path,
    charges: ChargeRows,
    decisions: Decisions,
    as_of: dt.date,
    known_at: dt.date | None = None,
    *,
    law: str = "us-ny",
    mapping: DispositionMap | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> None:
    r"""Write the decisions about a file's actions, with their trees of reasons, a line an action.

    Parameters
    ----------
    path : str or Path
        Where they go; the file holds identifiers, and only its owner can read it (0600).
    charges : ChargeRows
    decisions : Decisions
        Of these.
    as_of, known_at, law, mapping
        As they were decided.
    progress : callable, optional
        Called with a phase, how much of it is done, and of how much.
    workers : int, optional
        As of :func:`decide_charges`.

    Raises
    ------
    WriteFailed
        When the file cannot be completed; what was there is as it was.

    Examples
    --------
    >>> import datetime as dt, json, pathlib, tempfile
    >>> from sealscrub.custodian.law import decide_charges, read_charges
    >>> folder, day = pathlib.Path(tempfile.mkdtemp()), dt.date(2026, 11, 25)
    >>> text = "docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n"
    >>> _ = (folder / "d.csv").write_text(text)
    >>> charges = read_charges(folder / "d.csv")
    >>> write_decisions(folder / "decisions.jsonl", charges, decide_charges(charges, day), day)
    >>> line = json.loads((folder / "decisions.jsonl").read_text())
    >>> line["answer"], line["regimes"], line["legal_from"], line["rules"]
    ('sealed', ['us-ny/cpl-160.50'], '2014-05-01', [['us-ny/cpl-160.50/3c', '1']])
    """
    tell = progress or (lambda phase, done, total: None)
    question = Question(as_of, known_at or as_of, mapping or read_map(law))
    answers = [(_in_json(_before_days(each))[1:-1], _in_json(_after_days(each))[1:-1]) for each in decisions.shapes]
    apart = np.array([each.part_sealed for each in decisions.shapes], bool)[decisions.actions["shape"].to_numpy()]
    each = decisions.actions.select(*_NAMING_FIELDS, "shape", *(pl.col(name).cast(pl.String) for name in _DAY_FIELDS))
    with placed_file(path, mode=_MODE) as file, Shares(charges, question, apart, workers=workers) as shares:
        lines = [chain.from_iterable(shares.answers(at)) for at in range(shares.count)]
        for number, (row, owner) in enumerate(zip(each.iter_rows(), shares.owner.tolist(), strict=True)):
            names, shape, days = row[:4], row[4], row[5:]
            named = _fields(zip(_NAMING_FIELDS, (encode_basestring(name or "") for name in names), strict=True))
            told = _fields(zip(_DAY_FIELDS, (f'"{day}"' if day else "null" for day in days), strict=True))
            before, after = answers[shape]
            file.write(f"{{{named}, {before}, {told}, {after}, {next(lines[owner])}}}\n".encode())
            if number % _PROGRESS_STEP == 0:
                tell("explaining", number, len(decisions))


def decision_values(decision: Decision) -> dict[str, Any]:
    """Give what a line holds about a decision, with its reasons if they were asked for."""
    days = {name: None if (day := getattr(decision, name)) is None else day.isoformat() for name in _DAY_FIELDS}
    reasons = [] if decision.reasons is None else list(decision.reasons.lines())
    explained = {"charges": [list(charge) for charge in decision.charges], "reasons": reasons}
    return _before_days(decision) | days | _after_days(decision) | explained


def _before_days(decision: Decision) -> dict[str, Any]:
    return {
        "answer": str(decision.answer),
        "regimes": list(decision.regimes),
        "paragraph": decision.paragraph,
        "effect": decision.effect,
        "copies": list(decision.copies),
        "uses": {audience: list(uses) for audience, uses in decision.uses},
    }


def _after_days(decision: Decision) -> dict[str, Any]:
    return {
        "withheld": decision.withheld,
        "rules": [list(rule) for rule in decision.rules],
        "missing": list(decision.missing),
    }


def _fields(values: Iterable[tuple[str, str]]) -> str:
    return ", ".join([f'"{name}": {value}' for name, value in values])


def _in_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def changed_lines(old: str | Path, new: str | Path) -> Iterator[dict[str, Any]]:
    r"""Say what two files of decisions decide differently, in the order of the second.

    Parameters
    ----------
    old, new : str or Path
        Files that :func:`write_decisions` wrote, such as one under the rules in use and one under changed ones.

    Yields
    ------
    dict
        The numbers of the action, and ``changed``: by field, what it was and what it is. An action that only one file
        holds has null on the other side.

    Raises
    ------
    UnreadableInput
        When a file is not a file of decisions; the error says in which line.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> line = {"docket": "2014KN000001", "defendant_id": "7", "arrest_number": "", "answer": "unknown"}
    >>> _ = (folder / "old.jsonl").write_text(json.dumps(line) + "\n")
    >>> _ = (folder / "new.jsonl").write_text(json.dumps({**line, "answer": "sealed"}) + "\n")
    >>> [line["changed"] for line in changed_lines(folder / "old.jsonl", folder / "new.jsonl")]
    [{'answer': ['unknown', 'sealed']}]
    """
    before, after = _lines(Path(old)), _lines(Path(new))
    for key in dict.fromkeys([*after, *before]):
        was, now = before.get(key, {}), after.get(key, {})
        changed = {name: [was.get(name), now.get(name)] for name in _COMPARED_FIELDS if was.get(name) != now.get(name)}
        if changed:
            yield {**dict(zip(_NAMING_FIELDS, key, strict=False)), "changed": changed}


def _lines(path: Path) -> dict[tuple[str, ...], dict[str, Any]]:
    """Lines by the numbers of their actions, and by how often these came before."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    try:
        text_lines = path.read_text("utf-8").removesuffix("\n")
        for number, text in enumerate(text_lines.split("\n") if text_lines else (), start=1):
            line = _line(text)
            if line is None:
                raise UnreadableInput(
                    f"line {number} is not a decision",
                    where=path.name,
                    hint=Spelled("Registry.derive(explain=…) writes them.", "registry derive --explain writes them."),
                )
            named = tuple(str(line.get(name) or "") for name in _NAMING_FIELDS)
            found[(*named, str(seen[named]))] = line
            seen[named] += 1
    except (OSError, UnicodeDecodeError):
        raise UnreadableInput("cannot be read", where=path.name, hint="give a file of decisions.") from None
    return found


def _line(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "answer" in line else None
