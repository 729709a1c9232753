"""The report of a nullity test as text: what a data scientist reads in a minute."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sealscrub.transforms.formats.names import cells, printable, shortened

if TYPE_CHECKING:
    from .comparing import Difference
    from .report import NullityReport

__all__ = ["MEANINGS", "nullity_text", "shown_change", "shown_what"]

_WIDTH = 100
_MOST = 30
_LONGEST = 34

MEANINGS = {
    "PASS": "Every bit of the result is what it would be had the sealed records never existed.",
    "INTERFERENCE": "The sealed records show in the result: it differs from what it would be without them.",
    "VACUOUS": "The result does not hang on the data: taking out other records changes nothing either.",
    "NONDETERMINISTIC": "Two runs over the same data differ, so nothing can be told. Fix the seeds.",
    "AMBIENT_INPUT": "It reads something beside its argument, which may hold what the sealed records left.",
    "NO_SEALED_ROWS": "There is nothing to test with: no sealed record reached it.",
    "INCONCLUSIVE": "It could not be told.",
}
_NEXT = {
    "INTERFERENCE": "Scrub at the source: sealscrub.scrub before any count, join, split or fit, and compute from that.",
    "VACUOUS": "Give it the data that it computes from; a cached result passes any test.",
    "NONDETERMINISTIC": "Give every source of chance a seed, and sort where the order is left open.",
    "AMBIENT_INPUT": "Pass what it reads as an argument, or declare it with inputs=[…] if no sealed record is in it.",
    "NO_SEALED_ROWS": "Let it ask sealscrub which records are sealed, or test it on data that holds some.",
    "INCONCLUSIVE": "See the reason, and run it again.",
}


def nullity_text(report: NullityReport) -> str:
    """Render a report."""
    verdict = report.verdict.value
    lines = [f"nullity of {printable(report.function)}: {verdict}", *_wrapped(MEANINGS[verdict])]
    if report.reason:
        lines += _wrapped(report.reason)
    if report.differences:
        lines += ["", *_table(report)]
    if report.denied:
        lines += ["", "It was refused"]
        lines += [f"  · {printable(path)}" for path in report.denied]
    if report.weakenings:
        lines += ["", "What this rests on"]
        for weakening in report.weakenings:
            lines += _wrapped(weakening, "  · ", "    ")
    if verdict in _NEXT:
        lines += ["", *_wrapped(f"What to do: {_NEXT[verdict]}")]
    lines += ["", _facts(report)]
    return "\n".join(lines) + "\n"


def _table(report: NullityReport) -> list[str]:
    header = ("what differs", "how", "rows", "largest change", "probable cause" if report.hints else "")
    shown = report.differences[:_MOST]
    rows = [
        (
            shortened(printable(each.name), _LONGEST),
            shown_what(each),
            f"{each.rows:,} of {each.of:,}" if each.of else "",
            shown_change(each),
            report.hints.get(each.name, ""),
        )
        for each in shown
    ]
    widths = [max(cells(row[at]) for row in [header, *rows]) for at in range(len(header))]
    lines = [_row(header, widths), "  " + "  ".join("─" * width for width in widths)]
    lines += [_row(row, widths) for row in rows]
    if len(report.differences) > _MOST:
        lines.append(f"  … and {len(report.differences) - _MOST:,} more")
    return lines


def _row(values: tuple[str, ...], widths: list[int]) -> str:
    padded = []
    for at, (value, width) in enumerate(zip(values, widths, strict=True)):
        gap = " " * (width - cells(value))
        padded.append(gap + value if at in (2, 3) else value + gap)
    return "  " + "  ".join(padded).rstrip()


def shown_what(difference: Difference) -> str:
    """Say what differs, in a word or two."""
    return {
        "values": "values",
        "rows": "rows more or less",
        "order": "order",
        "dtype": "type or levels",
        "column": "there or not",
        "facts": "what goes with it",
    }.get(difference.what, difference.what)


def shown_change(difference: Difference) -> str:
    """Show the largest change of numbers, with its direction."""
    if difference.largest is None:
        return ""
    sign = {1: "+", -1: "−", 0: "±"}[difference.sign]
    return f"{sign}{difference.largest:.3g}"


def _facts(report: NullityReport) -> str:
    what = "planted" if report.planted else "sealed"
    variants = f", {report.variants} variants" if report.variants else ""
    return (
        f"{report.runs} runs{variants}, {report.seconds:.1f} s in the function and {report.overhead:.1f} s beside; "
        f"{report.sealed_rows:,} {what} rows; index of epoch {report.epoch}. Operator's copy."
    )


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False)
