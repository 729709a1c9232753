"""What is said about single rows of a custodian's file, by their lines: those left out, and those contradicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["CUSTODIANS_COPY"]

CUSTODIANS_COPY = "It names sealed records: it stays with the custodian."
"""Why a list stays where it was made."""

_MOST_SHOWN, _SHOWN_LINES = 20, 5


def left_out(
    rejected: int, problems: Sequence[tuple[int, str, str]], reject_file: Path | None, what: str = "be registered"
) -> list[str]:
    """What was written to a reject file, and why; of a dry run, what could not be registered."""
    if not problems:
        return []
    from sealscrub.custodian.sheets import problem_lines
    from sealscrub.reports import counted

    if reject_file is None:
        rows = len({line for line, _, _ in problems})
        said = f"{counted(rows, 'row')} cannot be registered as {'it is' if rows == 1 else 'they are'}:"
    else:
        verb = "is" if rejected == 1 else "are"
        said = f"{counted(rejected, 'row')} could not {what}, and {verb} in {reject_file}:"
    return [said, *problem_lines(problems)]


def odd(oddities: Mapping[str, Sequence[int]]) -> list[str]:
    """What of a file does not fit together or counts as blank, and in which lines."""
    said = []
    for what, lines in oddities.items():
        more = f" and {len(lines) - _SHOWN_LINES:,} more" if len(lines) > _SHOWN_LINES else ""
        said.append(f"In lines {', '.join(map(str, lines[:_SHOWN_LINES]))}{more}: {what}.")
    return said


def contradicted(contradictions: Sequence[tuple[int, str]]) -> list[str]:
    """Where notices and dispositions say different things."""
    if not contradictions:
        return []
    from sealscrub.reports import counted

    lines = len({line for line, _ in contradictions})
    said = [
        f"Notices and dispositions contradict each other in {counted(lines, 'line')}; neither is changed, and "
        "sealscrub law reconcile lists them:"
    ]
    return (
        said
        + [f"  line {line}: {what}" for line, what in contradictions[:_MOST_SHOWN]]
        + _more_line(len(contradictions))
    )


def _more_line(total: int) -> list[str]:
    return [f"  … and {total - _MOST_SHOWN:,} more"] if total > _MOST_SHOWN else []
