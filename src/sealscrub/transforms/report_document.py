"""A report of a scan or a scrub as a document: the operator's, and in short what may travel."""

from __future__ import annotations

from collections.abc import Iterator

from sealscrub.index.recall_bounds import bound_in_words
from sealscrub.reports import (
    Cell,
    Column,
    Count,
    Document,
    Kind,
    Name,
    Notes,
    Part,
    Share,
    State,
    Table,
    counted,
    percent,
)

from .next_steps import next_steps, steps_that_travel
from .report_verdicts import verdicts_of
from .scrub_report_values import ReportValues, TableReport, Verdict
from .scrub_sentences import (
    GLOSSARY,
    OPERATOR_COPY,
    accepted_weakenings,
    explanation,
    headline,
    removed_label,
    table_notes,
    table_state,
    weakenings_that_travel,
)

__all__ = ["brief_of", "document_of", "other_columns"]

_KINDS: dict[Verdict, Kind] = {
    Verdict.FOUND: "bad",
    Verdict.INCOMPLETE: "warn",
    Verdict.DRY_RUN: "warn",
    Verdict.CLEAN: "good",
    Verdict.SCRUBBED: "good",
}
_COLUMNS = (
    Column("scheme"),
    Column("key column"),
    Column("sealed", number=True, word="sealed"),
    Column("withheld", number=True, word="withheld"),
    Column("near", number=True, word="near"),
    Column("unparsable", number=True, word="unparsable"),
    Column("null", number=True, word="null"),
    Column("coverage", number=True, word="coverage"),
)
_BRIEF = {
    Verdict.FOUND: ("Sealed or withheld records found", "The data holds records that may not be used."),
    Verdict.CLEAN: ("No sealed records found", "Every row was read and checked."),
    Verdict.INCOMPLETE: ("Not fully checked", "Not everything could be checked. This is not a clean bill."),
    Verdict.SCRUBBED: ("Scrubbed", "Every row was read, and records that may not be used were removed."),
    Verdict.DRY_RUN: ("Dry run: nothing was written", "Every row was read."),
}


def document_of(report: ReportValues) -> Document:
    """Say everything of a report: the operator's copy."""
    return Document(
        tool=f"{report.action}{' · dry run' if report.dry_run else ''}",
        kind=_KINDS[report.verdict],
        headline=headline(report),
        lede=explanation(report),
        facts=_facts(report) | {"Index": Name(report.index_id)},
        parts=tuple(_parts(report)),
        steps=next_steps(report),
        glossary=GLOSSARY,
        closing=("A report of rows and keys, not legal advice.",),
        operators_copy=OPERATOR_COPY,
    )


def brief_of(report: ReportValues) -> Document:
    """Give what may travel of a report: its verdict, how much of the seals could have been recognised, what to do."""
    said, lede = _BRIEF[report.verdict]
    if report.verdict is Verdict.FOUND and not report.complete:
        lede += " Not everything could be checked."
    if accepted := weakenings_that_travel(report):
        lede = " ".join((lede.replace("read and checked", "read"), *accepted))
    least = min((table.coverage for table in report.tables if table.keys and not table.by_links_alone), default=None)
    coverage: dict[str, Cell] = {} if least is None else {"Coverage": Share(least, low=least < report.min_coverage)}
    if linked := [table for table in report.tables if table.by_links]:
        worst = min(linked, key=lambda table: -1.0 if table.recall is None else table.recall)
        coverage["Recall of links"] = _recall(worst.recall, low=report.finds_less(worst))
        if worst.bound is not None:
            coverage["That is"] = bound_in_words(*worst.bound)
    return Document(
        tool=report.action,
        kind=_KINDS[report.verdict],
        headline=said,
        lede=lede,
        facts=_facts(report) | coverage,
        steps=steps_that_travel(report),
        closing=("Counts are shown by show(counts=True): they are the operator's copy.",),
        verdicts=verdicts_of(report),
    )


def _facts(report: ReportValues) -> dict[str, Cell]:
    return {
        "Not to be used for": Name(report.use.replace("_", " ")),
        "By": Name(report.audience),
        "Seals as of": f"{report.as_of.isoformat()}, epoch {report.epoch}",
        "Valid until": report.not_after,
        **_law(report),
        **other_columns(report.swept),
        **_names(report),
    }


def _names(report: ReportValues) -> dict[str, Cell]:
    """Tell whether names were looked for in narratives: in other columns they never are."""
    narratives = [each for table in report.tables for each in table.narratives]
    looked = any(each.names for each in narratives)
    return {"Names": "looked for in narratives alone" if looked else "not looked for"} if narratives else {}


def _law(report: ReportValues) -> dict[str, Cell]:
    """Say which of the law was reviewed, if the index does."""
    said = "; ".join(f"{place}: {words}" for place, words in sorted(report.reviewed.items()))
    return {"Law reviewed": said} if said else {}


def other_columns(swept: bool) -> dict[str, Cell]:
    """Say whether columns that are not declared were compared."""
    return {"Other columns": f"{'compared' if swept else 'not compared'} with the index"}


def _parts(report: ReportValues) -> Iterator[Part]:
    yield Notes(title="Why it is incomplete", items=report.problems, kind="warn")
    yield Notes(title="Accepted by the operator", items=accepted_weakenings(report), kind="warn")
    for table in report.tables:
        yield _table(table, report)
    yield Notes(title="Warnings", items=report.warnings, kind="warn")


def _recall(recall: float | None, *, low: bool) -> Cell:
    return State("warn", "not known") if recall is None else Share(recall, low=low)


def _table(table: TableReport, report: ReportValues) -> Table:
    label = removed_label(report)
    facts = [counted(table.rows, "row"), *([f"{table.removed:,} {label}"] if label else [])]
    if table.reach is not None:
        facts.append(f"reach {percent(table.reach)}")
    if table.by_links:
        level = "" if table.bound is None else f" (α {table.bound[0]:g})"
        facts.append("recall not known" if table.recall is None else f"recall at least {percent(table.recall)}{level}")
    elif len(table.keys) > 1:
        facts.append(f"coverage together {percent(table.coverage)}")
    # what a scrub met is news, what a scan met is an alarm
    met = "bad" if report.action == "scan" else "met"
    low, few = table.covers_less(report.min_coverage), report.finds_less(table)
    return Table(
        title=table.name,
        columns=_COLUMNS,
        rows=tuple(
            (
                Name(key.scheme),
                Name(key.column),
                Count(key.sealed, met),
                Count(key.withheld, met),
                Count(key.near, "warn"),
                Count(key.unparsable, "warn"),
                Count(key.null),
                _recall(key.recall, low=few) if key.linked else Share(key.coverage, low=low),
            )
            for key in table.keys
        ),
        state=table_state(table, report),
        facts=tuple(facts),
        notes=table_notes(table, report),
    )
