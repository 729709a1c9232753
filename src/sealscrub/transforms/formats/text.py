"""Text: the report on a terminal. Operator's copy."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from sealscrub import __version__

from ..report import KeyReport, Report, TableReport
from .names import cells, printable, sentence, shortened
from .wording import (
    OPERATOR_COPY,
    accepted_weakenings,
    counted,
    explanation,
    headline,
    next_steps,
    percent,
    removed_label,
    table_notes,
    table_state,
)

__all__ = ["to_text"]

_WIDTH = 100
_LONGEST_NAME = 30
_HEADER = ("scheme", "key column", "sealed", "withheld", "near", "unparsable", "null", "coverage")


def to_text(report: Report) -> str:
    """Render for a terminal: the verdict, a table per file, warnings, what to do."""
    blocks = [_verdict(report), *_tables(report), _closing(report)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _verdict(report: Report) -> str:
    lines = [*_wrapped(f"{headline(report)}. {explanation(report)}")]
    lines += ["", *_section("Why it is incomplete", [sentence(text) for text in report.problems])]
    lines += _section("Accepted by the operator", accepted_weakenings(report))
    lines += [
        f"Index       epoch {report.epoch}, as of {report.as_of.isoformat()}, valid until "
        f"{report.not_after.isoformat()}",
        f"Published   for {printable(report.use)}, to {printable(report.audience)} "
        f"(index {printable(report.index_id)})",
    ]
    return "\n".join(lines)


def _tables(report: Report) -> Iterator[str]:
    rows = [_cells(key) for table in report.tables for key in table.keys]
    widths = [max(cells(row[at]) for row in [_HEADER, *rows]) for at in range(len(_HEADER))]
    for table in report.tables:
        lines = [_title(table, report)]
        if table.keys:
            lines.append(_row(_HEADER, widths))
            lines.append("  " + "  ".join("─" * width for width in widths))
            lines += [_row(_cells(key), widths) for key in table.keys]
        for note in table_notes(table, report):
            lines += _wrapped(note, first="  · ", later="    ")
        yield "\n".join(lines)


def _title(table: TableReport, report: Report) -> str:
    label = removed_label(report)
    facts = [counted(table.rows, "row"), *([f"{table.removed:,} {label}"] if label else [])]
    if len(table.keys) > 1:
        facts.append(f"coverage together {percent(table.coverage)}")
    return f"{printable(table.name)}: {table_state(table, report)[1]} ({', '.join(facts)})"


def _cells(key: KeyReport) -> tuple[str, ...]:
    counts = (key.sealed, key.withheld, key.near, key.unparsable, key.null)
    names = (shortened(printable(name), _LONGEST_NAME) for name in (key.scheme, key.column))
    return (*names, *(f"{count:,}" for count in counts), percent(key.coverage))


def _row(values: Sequence[str], widths: Sequence[int]) -> str:
    padded = []
    for at, (value, width) in enumerate(zip(values, widths, strict=True)):
        gap = " " * (width - cells(value))
        padded.append(value + gap if at < 2 else gap + value)
    return "  " + "  ".join(padded).rstrip()


def _closing(report: Report) -> str:
    lines = _section("Warnings", [sentence(text) for text in report.warnings])
    lines += _section("What to do", next_steps(report))
    lines += _wrapped(f"Operator's copy. {OPERATOR_COPY}")
    return "\n".join([*lines, f"sealscrub {__version__}"])


def _section(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    lines = [title]
    for item in items:
        lines += _wrapped(item, first="  · ", later="    ")
    return [*lines, ""]


def _wrapped(text: str, *, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
