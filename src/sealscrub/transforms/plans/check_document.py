"""``plan check`` as a document, and what may travel of it: a verdict for each table, and no text of a problem."""

from __future__ import annotations

from collections.abc import Iterator

from sealscrub.reports import (
    Case,
    Column,
    Document,
    Kind,
    Name,
    Notes,
    Rule,
    State,
    Suite,
    Table,
    Verdicts,
    counted,
    percent,
    printable,
    sentence,
)

from ..report_document import other_columns
from ..scrub_report_values import ColumnReport
from ..scrub_sentences import column_name
from .check_values import CheckValues, TableCheck

__all__ = ["check_brief", "check_document"]

_COPY = "It counts rows and values. Keep it on the trusted host."
_COLUMNS = (Column("table"), Column("rows", number=True), Column("what happens to it"), Column("state"))
_FIX_PROBLEMS = "Problems to fix: the report of the check lists them."


def check_document(check: CheckValues) -> Document:
    """Say what was found: each table, its recipes and notes, then every problem."""
    problems = [*check.problems, *(f"{table.name}: {text}" for table in check.tables for text in table.problems)]
    rows = tuple((Name(table.name), table.rows, table.kind, _state(table)) for table in check.tables)
    notes = [Notes(title=table.name, items=tuple(_notes(table))) for table in check.tables]
    count = f"{counted(len(problems), 'problem')} to fix"
    waits = " Columns that are not keys are compared with the index once these are fixed." * check.sweep_waits
    headline, lede = _in_order(check) if check.ok else (count, f"Nothing was changed.{waits}")
    return Document(
        tool="plan check",
        of=check.plan,
        kind=_kind(check),
        headline=headline,
        lede=lede,
        facts=other_columns(check.swept),
        parts=(
            Table(title="Tables", columns=_COLUMNS, rows=rows),
            *notes,
            Notes(title="To fix", items=tuple(problems), kind="warn"),
        ),
        operators_copy=_COPY,
    )


def check_brief(check: CheckValues) -> Document:
    """Say what may travel."""
    settle = Rule(code="settle", outcome="error" if check.exit_code == 3 else "failure", message=_FIX_PROBLEMS)
    bad = {"(plan)": bool(check.problems), **{printable(table.name): bool(table.problems) for table in check.tables}}
    headline, lede = _in_order(check) if check.ok else ("problems to fix", "")
    cases = tuple(Case(name=name, rules=(settle,) if problem else ()) for name, problem in bad.items())
    return Document(
        tool="plan check",
        of=check.plan,
        kind=_kind(check),
        headline=headline,
        lede=lede,
        facts=other_columns(check.swept),
        steps=() if check.ok else ("Fix what sealscrub plan check lists, and check again.",),
        verdicts=Verdicts(
            run=Suite(
                name=f"plan {check.plan}",
                classname=printable(check.plan),
                cases=cases,
                properties={"swept": "yes" if check.swept else "no"},
            ),
            exit_code=check.exit_code,
        ),
    )


def _kind(check: CheckValues) -> Kind:
    return "good" if check.ok else "warn" if check.exit_code == 3 else "bad"


def _in_order(check: CheckValues) -> tuple[str, str]:
    if not check.recipes and any(table.columns for table in check.tables):
        return "OK as far as it was checked", "Recipes were not run."
    return "OK", "Every column is declared."


def _state(table: TableCheck) -> State:
    return State("bad", "to fix") if table.problems else State("good", "ok")


def _notes(table: TableCheck) -> Iterator[str]:
    yield from map(_recipe, table.columns)
    yield from table.notes


def _recipe(column: ColumnReport) -> str:
    name = column_name(column, whole="the whole table")
    if column.kind == "independent":
        return f"{name}: independent ({sentence(column.reason).rstrip('.')})"
    said = f"{name}: the recipe gives {percent(column.reproduced or 0.0)} of the stored values"
    if column.exceptions:
        said += f"; {counted(column.exceptions, 'other')}: {column.handled}"
        said += f" ({sentence(column.reason).rstrip('.')})" if column.reason else ""
    return said
