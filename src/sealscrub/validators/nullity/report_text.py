"""The report of a nullity test as text: what a data scientist reads in a minute."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sealscrub.transforms.formats.names import cells, printable, sentence, shortened

from .report_words import (
    MEANINGS,
    NEXT_STEPS,
    chance_outcome,
    chance_powers,
    shown_change,
    shown_first,
    shown_paths,
    shown_rows,
    shown_what,
    tested_with,
    timing,
)

if TYPE_CHECKING:
    from .report import NullityReport

__all__ = ["nullity_text"]

_WIDTH = 100
_MOST = 30
_LONGEST = 34
_FIRST = 2
_RIGHT = (2, 3)


def nullity_text(report: NullityReport) -> str:
    """Render a report."""
    verdict = report.verdict.value
    lines = [f"nullity of {printable(report.function)}: {verdict}", *_wrapped(MEANINGS[verdict])]
    if report.reason:
        lines += _wrapped(sentence(report.reason))
    if report.differences:
        lines += ["", *_table(report)]
    if report.paths:
        lines += ["", "Where these rows came from (rows that are not sealed, counted from 0):"]
        for path in shown_paths(report):
            lines += _wrapped(path, "  · ", "    ")
    if report.chance is not None:
        lines += ["", *_wrapped(chance_outcome(report.chance)), "Such a test finds, at p ≤ 0.05:"]
        for power in chance_powers(report.chance):
            lines += _wrapped(power, "  · ", "    ")
    if report.denied:
        lines += ["", "It was refused:"]
        lines += [f"  · {printable(path)}" for path in report.denied]
    if not report.passed:
        lines += ["", *_wrapped(f"What to do: {NEXT_STEPS[verdict]}")]
    if report.weakenings:
        lines += ["", "What makes the test weaker:"]
        for weakening in report.weakenings:
            lines += _wrapped(sentence(weakening), "  · ", "    ")
    lines += ["", *_wrapped(tested_with(report)), f"{timing(report)}. Index of epoch {report.epoch}. Operator's copy."]
    return "\n".join(lines) + "\n"


def _table(report: NullityReport) -> list[str]:
    """Lay the differences out; columns that would be empty are left away."""
    header = ("what differs", "how", "rows", "change", "first at", "probable cause")
    rows = [
        (
            shortened(printable(each.name), _LONGEST),
            shown_what(each),
            shown_rows(each),
            shown_change(each),
            shown_first(each, _FIRST),
            report.hints.get(each.name, ""),
        )
        for each in report.differences[:_MOST]
    ]
    used = [at for at in range(len(header)) if at < 2 or any(row[at] for row in rows)]
    widths = {at: max(cells(row[at]) for row in [header, *rows]) for at in used}
    lines = [_row(header, widths), "  " + "  ".join("─" * width for width in widths.values())]
    lines += [_row(row, widths) for row in rows]
    if len(report.differences) > _MOST:
        lines.append(f"  … and {len(report.differences) - _MOST:,} more")
    if report.hints and 3 in used:
        lines.append(
            "  change: the largest; + what the sealed records add to a value, − what they take, ± where both occur"
        )
    return lines


def _row(values: tuple[str, ...], widths: dict[int, int]) -> str:
    padded = []
    for at, width in widths.items():
        gap = " " * (width - cells(values[at]))
        padded.append(gap + values[at] if at in _RIGHT else values[at] + gap)
    return "  " + "  ".join(padded).rstrip()


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False)
