"""Decisions as JSON Lines: one line an action, for the custodian who reads them, and for comparing two runs."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sealscrub.atomic_write import placed_file
from sealscrub.errors import Spelled, UnreadableInput

from .action_answers import Explained, explain_states, folded_as_known
from .bulk_decisions import Decisions
from .charge_events import fold
from .charges import ChargeRows
from .decisions import Decision
from .disposition_files import cases_of
from .dispositions import DispositionMap, read_map
from .jurisdictions import jurisdiction
from .person import Person
from .record import Folded, Record

__all__ = ["changed_lines", "write_decisions"]

_MODE = 0o600
_NAMING_FIELDS = ("docket", "defendant_id", "arrest_number", "indictment")
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
) -> None:
    r"""Write the decisions about a file's actions, with their trees of reasons, a line an action.

    The trees are built one by one: that takes about a millisecond an action.

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
    place, mapping = jurisdiction(law), mapping or read_map(law)
    cases = dict(cases_of(charges))
    folded: dict[int, Folded | None] = {}
    records: dict[int, tuple[Record, dict[int, int]]] = {}
    people: dict[int, list[int]] = {}
    for number, person in charges.actions.select("action", "person").iter_rows():
        people.setdefault(person, []).append(number)
    with placed_file(path, mode=_MODE) as file:
        for row, decision in zip(charges.actions.iter_rows(named=True), decisions, strict=True):
            number, his = row["action"], people[row["person"]]
            if number == his[0]:
                folded |= {other: folded_as_known(cases[other], as_of, known_at or as_of, mapping) for other in his}
                begun = [other for other in his if folded[other] is not None]
                every = [each for other in begun if (each := folded[other]) is not None]
                records[row["person"]] = Record(every), {other: at for at, other in enumerate(begun)}
            record, places = records[row["person"]]
            own = folded[number] or (cases[number][0], fold(cases[number][0], [], mapping))
            person = Person(place, own[0], record, places.get(number))
            explained = explain_states(person, own[1], as_of, part_sealed=decision.part_sealed)
            if number == his[-1]:  # the last of the person's
                del records[row["person"]]
                for other in his:
                    del folded[other]
            line = {name: row[name] or "" for name in _NAMING_FIELDS} | decision_values(decision, explained)
            file.write((json.dumps(line, ensure_ascii=False) + "\n").encode())
            if number % _PROGRESS_STEP == 0:
                tell("explaining", number, len(decisions))


def decision_values(decision: Decision, explained: Decision | Explained) -> dict[str, Any]:
    """Give what a line holds about a decision, with the reasons of one that was explained."""
    return {
        "answer": str(decision.answer),
        "regimes": list(decision.regimes),
        "paragraph": decision.paragraph,
        "effect": decision.effect,
        "copies": list(decision.copies),
        "uses": {audience: list(uses) for audience, uses in decision.uses},
        **{name: _day(getattr(decision, name)) for name in ("legal_from", "duty_from", "eligible_from", "next_change")},
        "withheld": decision.withheld,
        "rules": [list(rule) for rule in decision.rules],
        "missing": list(decision.missing),
        "charges": [list(charge) for charge in explained.charges],
        "reasons": [] if explained.reasons is None else list(explained.reasons.lines()),
    }


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


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
