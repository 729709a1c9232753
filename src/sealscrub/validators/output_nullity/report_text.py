"""The report of a nullity test of outputs as text: what an engineer reads in a minute."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sealscrub.transforms.formats.names import cells, printable, sentence, shortened

from .causes import CAUSES
from .report_words import (
    NEXT_STEPS,
    REMEDIES,
    asked_with,
    meaning,
    shown_change,
    shown_channel,
    shown_kinds,
    shown_timing,
    spent,
)

if TYPE_CHECKING:
    from .report import OutputNullityReport

__all__ = ["output_nullity_text"]

_WIDTH = 100
_MOST = 25
_LONGEST = 32


def output_nullity_text(report: OutputNullityReport) -> str:
    """Render a report."""
    verdict = report.verdict.value
    lines = [f"output nullity of {printable(report.function)}: {verdict}", *_wrapped(meaning(report))]
    if report.reason:
        lines += _wrapped(sentence(report.reason))
    if report.findings:
        lines += ["", *_table(report)]
    if report.causes:
        lines += ["", "Probable cause:"]
        for cause in report.causes:
            lines += _wrapped(f"{sentence(CAUSES[cause])} → {REMEDIES[cause]}", "  · ", "    ")
    if report.denied:
        lines += ["", "It was refused:", *(f"  · {printable(path)}" for path in report.denied)]
    if not report.passed:
        lines += ["", *_wrapped(f"What to do: {NEXT_STEPS[verdict]}")]
    lines += _weaker(report)
    if report.timing:
        lines += ["", "Timing (a report: no verdict hangs on it):"]
        for timing in report.timing:
            lines += _wrapped(shown_timing(timing), "  · ", "    ")
    epoch = f" Index of epoch {report.epoch}." if report.index_id else ""
    lines += ["", *_wrapped(asked_with(report)), f"{spent(report)}.{epoch} Operator's copy."]
    return "\n".join(lines) + "\n"


def _weaker(report: OutputNullityReport) -> list[str]:
    missing = [f"no probes of the kind '{kind}': {why}" for kind, why in report.missing.items()]
    every = [*report.weakenings, *missing]
    lines = ["", "What makes the test weaker:"] if every else []
    for each in every:
        lines += _wrapped(sentence(each), "  · ", "    ")
    return lines


def _table(report: OutputNullityReport) -> list[str]:
    header = ("part of the answer", "what it is", "change", "probes: answers that differ")
    rows = [
        (shortened(printable(each.part), _LONGEST), shown_channel(each), shown_change(each), shown_kinds(each))
        for each in report.findings[:_MOST]
    ]
    used = [at for at in range(len(header)) if any(row[at] for row in rows)]
    widths = {at: max(cells(row[at]) for row in [header, *rows]) for at in used}
    lines = [_row(header, widths), "  " + "  ".join("─" * width for width in widths.values())]
    lines += [_row(row, widths) for row in rows]
    if len(report.findings) > _MOST:
        lines.append(f"  … and {len(report.findings) - _MOST:,} more")
    return lines


def _row(values: tuple[str, ...], widths: dict[int, int]) -> str:
    padded = [values[at] + " " * (width - cells(values[at])) for at, width in widths.items()]
    return "  " + "  ".join(padded).rstrip()


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False)
