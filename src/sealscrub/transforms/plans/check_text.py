"""``plan check`` on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..formats.names import cells, printable, sentence, shortened
from ..formats.wording import percent
from ..report import ColumnReport

if TYPE_CHECKING:
    from .checking import PlanCheck, TableCheck

__all__ = ["check_text"]

_WIDTH = 100
_LONGEST = 28


def check_text(check: PlanCheck) -> str:
    """Render a check: a line for each table, its recipes and notes, then every problem."""
    lines = [_verdict(check), ""]
    rows = [_cells(table) for table in check.tables]
    header = ("table", "rows", "what becomes of it", "")
    widths = [max(cells(row[at]) for row in [header, *rows]) for at in range(len(header))]
    lines += [_row(header, widths), "  " + "  ".join("─" * width for width in widths if width)]
    for table, row in zip(check.tables, rows, strict=True):
        lines.append(_row(row, widths))
        for note in _notes(table):
            lines += textwrap.wrap(note, _WIDTH, initial_indent="    · ", subsequent_indent="      ")
    problems = [*check.problems, *(f"{table.name}: {text}" for table in check.tables for text in table.problems)]
    if problems:
        lines += ["", "To be settled"]
        for text in problems:
            lines += textwrap.wrap(sentence(text), _WIDTH, initial_indent="  · ", subsequent_indent="    ")
    return "\n".join(lines).rstrip() + "\n"


def _verdict(check: PlanCheck) -> str:
    name = printable(check.plan)
    if not check.ok:
        count = len(check.problems) + sum(len(table.problems) for table in check.tables)
        return f"{name}: {count} {'thing is' if count == 1 else 'things are'} to be settled."
    if not check.recipes and any(table.columns for table in check.tables):
        return f"{name}: in order, as far as it was checked: recipes were not run."
    return f"{name}: in order. Every column is accounted for."


def _cells(table: TableCheck) -> tuple[str, ...]:
    rows = "" if table.rows is None else f"{table.rows:,}"
    return shortened(printable(table.name), _LONGEST), rows, table.kind, "to be settled" if table.problems else "ok"


def _row(values: tuple[str, ...], widths: list[int]) -> str:
    padded = []
    for at, (value, width) in enumerate(zip(values, widths, strict=True)):
        gap = " " * (width - cells(value))
        padded.append(gap + value if at == 1 else value + gap)
    return "  " + "  ".join(padded).rstrip()


def _notes(table: TableCheck) -> Iterator[str]:
    for column in table.columns:
        yield _recipe(column)
    for note in table.notes:
        yield sentence(note)


def _recipe(column: ColumnReport) -> str:
    name = printable(column.column) if column.column else "the whole table"
    if column.kind == "independent":
        return f"{name}: independent ({sentence(column.reason).rstrip('.')})"
    said = f"{name}: the recipe gives {percent(column.reproduced or 0.0)} of the stored values"
    if column.exceptions:
        said += f"; {column.exceptions:,} others: {column.handled}"
        said += f" ({sentence(column.reason).rstrip('.')})" if column.reason else ""
    return said
