"""How many of the seals the key columns of a report could have recognised, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from sealscrub.index.recall_bounds import bound_in_words
from sealscrub.reports import percent

from .scrub_report_values import ReportValues, TableReport

__all__ = ["recognised", "recognition_notes"]


def recognised(report: ReportValues) -> str:
    """Say how many of the seals the key columns could have recognised, and their links find."""
    linked = _found_by_links(report)
    if not any(table.keys for table in report.tables) and all(table.narratives for table in report.tables):
        return linked
    least = min((table.coverage for table in report.tables if table.keys and not table.by_links_alone), default=None)
    least = (1.0 if linked else 0.0) if least is None else least
    if least >= 1:
        return linked
    bound = "" if len(report.tables) == 1 else "at least "
    return f" The key columns could have recognised {bound}{percent(least)} of the seals.{linked}"


def _found_by_links(report: ReportValues) -> str:
    """Say how many of the seals the links find that are behind key columns."""
    linked = [table for table in report.tables if table.by_links]
    if not linked:
        return ""
    if any(table.recall is None for table in linked):
        return " How many of the seals the links find is not known."
    worst = min(linked, key=lambda table: table.recall or 0.0)
    return f" The links find at least {percent(worst.recall or 0.0)} of the seals{_level(worst)}."


def _level(table: TableReport) -> str:
    return "" if table.bound is None else f" ({bound_in_words(*table.bound)})"


def recognition_notes(table: TableReport, report: ReportValues) -> Iterator[str]:
    """Say where the key columns of a table recognise too few of the seals."""
    if report.finds_less(table):
        known = (
            "is not known"
            if table.recall is None
            else f"is known to be {percent(table.recall)} at least{_level(table)}"
        )
        known += "" if table.by_links else ", since no key column stands for links"
        yield (f"The share of the seals that the links find {known}; {percent(report.min_recall or 0)} is required.")
    if table.covers_less(report.min_coverage):
        yield (
            f"The key columns together could have recognised {percent(table.coverage)} of the seals; "
            f"{percent(report.min_coverage)} is required."
        )
