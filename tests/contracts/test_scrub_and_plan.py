"""A scrub and a plan of one table are one answer: the same counts, the same warnings, as complete or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import SealscrubError
from sealscrub.index import Index

from ..transforms.arrests import CLEAR, ON, SEALED
from ..transforms.outside_pages import HIDDEN
from .test_every_format import Row, columns_named, put, table

OPEN: list[Row] = [(key, 75, "seen") for key in CLEAR[:4]]
ROWS: list[Row] = [(SEALED[0], 40, "seen"), *OPEN]

NEARLY = SEALED[0].replace("0", "O")


@dataclass(frozen=True)
class Case:
    """Rows, an index, how strict to be, and what is done to rows that match."""

    rows: list[Row]
    sealed: Any = field(default_factory=lambda: list(SEALED))
    accept: tuple[str, ...] = ()
    quarantine: bool = False
    null: tuple[str, ...] = ()
    sweep: bool = True
    said: tuple[str, ...] = ()
    columns: tuple[str, ...] = ("arrest_no", "precinct", "note")


CASES: dict[str, Case] = {
    "a sealed row": Case(ROWS),
    "none": Case(OPEN),
    "rows without a key": Case([*ROWS, (None, 75, "seen")], accept=("null",)),
    "no key": Case([(None, 75, "seen")] * 3, accept=("null",), said=("nothing to match",)),
    "no key, which is not accepted": Case([(None, 75, "seen")] * 3),
    "no key, set aside": Case([(None, 75, "seen")] * 3, quarantine=True),
    "a key that is near": Case([*ROWS, ("K14-60O001", 75, "seen")]),
    "a key that is near, set aside": Case([*ROWS, ("K14-60O001", 75, "seen")], quarantine=True),
    "many rows by one key": Case([*ROWS[:1] * 120, *OPEN], said=("should name one record",)),
    "an empty index": Case(ROWS, sealed=[], said=("no entries",)),
    "keys of two columns": Case(
        ROWS,
        sealed={"arrest_number": SEALED, "person_arrest": ["01234567A@2014-05-06"]},
        said=("declare them as a key",),
    ),
    "only if a sweep": Case(
        ROWS, sealed={"arrest_number": SEALED, "person_arrest": ["01234567A@2014-05-06"]}, sweep=False
    ),
    "keys that an edit leaves": Case(ROWS, null=("note",), said=("still have their keys in arrest_no",)),
    "an edit that matches no row": Case(OPEN, null=("note",)),
    "an id elsewhere": Case([*ROWS, (CLEAR[0], 75, SEALED[0])]),
    "what is near an id elsewhere": Case([*ROWS, (CLEAR[0], 75, NEARLY)]),
    "both, in one column": Case([*ROWS, (CLEAR[0], 75, SEALED[0]), (CLEAR[0], 75, NEARLY)]),
    "numbers of the rows": Case(ROWS, said=("may number the rows",), columns=("arrest_no", "index", "note")),
    "keys that an edit takes": Case(ROWS, null=("note", "arrest_no"), accept=("null",)),
}


def policy(case: Case) -> ss.Policy:
    return ss.Policy(accept=frozenset(case.accept), quarantine=case.quarantine, max_unparsable=1)


def plan(case: Case) -> ss.Plan:
    rules: dict[str, Any] = {"keys": {"arrest_number": "arrest_no"}, "independent": "the arrest itself"}
    if case.null:
        rules |= {"on_match": "null", "null": list(case.null), "accept_marks": list(case.null)}
    return ss.Plan.from_dict({"version": 1, "tables": {"arrests": {"source": "arrests", **rules}}})


def outcome(run: Callable[[], Any]) -> dict[str, Any]:
    """Give what a report says, whether it is returned or comes with an error; the table under one name."""
    try:
        report = run()
    except SealscrubError as error:
        report = error.report  # type: ignore[attr-defined]  # of those that were not complete
    (found,) = report.tables
    return {
        "warnings": [each.replace(found.name, "arrests") for each in report.warnings],
        "problems": len(report.problems),
        "exit code": report.exit_code,
        "rows": (found.rows, found.removed, found.changed, found.quarantined, found.without_key, found.unchecked),
        "keys": [(key.scheme, key.column, key.sealed, key.near, key.null) for key in found.keys],
    }


def both(data: Any, index: Index, case: Case) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Scan and try a scrub, by the verb and by a plan of the one table."""
    how: dict[str, Any] = {"policy": policy(case), "sweep": case.sweep}
    edit = {"null_columns": case.null, "accept_marks": case.null} if case.null else {}
    tables = {"arrests": data}
    return [
        (
            outcome(lambda: ss.scan(data, index, ON, name="arrests", **how)),
            outcome(lambda: plan(case).scan(tables, index, **how)),
        ),
        (
            outcome(lambda: ss.scrub(data, index, ON, name="arrests", dry_run=True, **edit, **how)),
            outcome(lambda: plan(case).scrub(tables, index, dry_run=True, **how)),
        ),
    ]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("kind", ["frame", "csv", "jsonl", "parquet"])
@pytest.mark.parametrize("name", CASES)
def test_reports_of_a_scrub_and_of_a_plan_say_the_same(name: str, kind: str, tmp_path: Path) -> None:
    case = CASES[name]
    with columns_named(*case.columns):
        data = pl.DataFrame(pl.from_arrow(table(case.rows))) if kind == "frame" else put(kind, case.rows, tmp_path)
    scanned, scrubbed = both(data, example_index(case.sealed), case)
    assert scanned[0] == scanned[1]
    assert scrubbed[0] == scrubbed[1]
    warnings = [*scanned[1]["warnings"], *scrubbed[1]["warnings"]]
    assert all(any(said in each for each in warnings) for said in case.said)
    assert bool(warnings) == bool(case.said)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("named", ["notes.md", "arrests.old", f"{SEALED[0]}.md", "part-00001"])
@pytest.mark.parametrize("place", ["", "2014"])
def test_a_plan_names_the_files_that_it_does_not_read(place: str, named: str, tmp_path: Path) -> None:
    """But for those whose own name is an id; a data file without a suffix is known by its first bytes."""
    folder = tmp_path / "arrests"
    (folder / place).mkdir(parents=True, exist_ok=True)
    put("parquet", OPEN, folder)
    (folder / place / named).write_text("x")
    scanned = ss.scan(folder, example_index(SEALED), ON)
    rules = {"source": "arrests", "keys": {"arrest_number": "arrest_no"}, "independent": "the arrest itself"}
    made = ss.Plan.from_dict({"version": 1, "tables": {"arrests": rules}}, root=tmp_path)
    assert made.scan(index=example_index(SEALED)).warnings == scanned.warnings
    assert made.scrub(index=example_index(SEALED), output=tmp_path / "clean").warnings == scanned.warnings
    (warning,) = scanned.warnings
    assert warning.startswith("not read")
    assert SEALED[0] not in warning


@pytest.mark.parametrize("name", HIDDEN)
def test_a_plan_does_not_call_bytes_checked_that_no_reader_meets(name: str, tmp_path: Path) -> None:
    path = tmp_path / "arrests.parquet"
    pq.write_table(table(OPEN), path)
    path.write_bytes(HIDDEN[name](path.read_bytes(), CLEAR[0].encode(), SEALED[0].encode()))
    scanned, planned = both(path, example_index(SEALED), Case(OPEN))[0]
    assert scanned == planned
    assert planned["exit code"] == 3
