"""The sentences of the operator's copies, in words for someone who did not run the command."""

from __future__ import annotations

import math
from typing import assert_never

from ..report import ColumnReport, Report, TableReport, Verdict
from .names import printable, sentence
from .travelling import Finding, findings_of

__all__ = [
    "GLOSSARY",
    "OPERATOR_COPY",
    "accepted_weakenings",
    "counted",
    "explanation",
    "headline",
    "next_steps",
    "percent",
    "removed_label",
    "table_notes",
    "table_state",
]

OPERATOR_COPY = (
    "It holds counts of sealed records. Keep it on the trusted host: do not publish it, mail it or attach it "
    "to a ticket. What may travel is the JUnit (.xml) or SARIF (.sarif) report, which carries no counts."
)

GLOSSARY = {
    "sealed": "The law bars the record. It is to be treated as if it had never existed.",
    "withheld": "Not proven sealed, and not to be used: the law's answer is still unknown, or the record "
    "will seal by itself.",
    "near": "The key is one slip away from a valid one, such as the letter O for a zero. It is not repaired "
    "silently, so it was not looked up.",
    "unparsable": "The key has no form that its scheme knows, so it was not looked up: neither clean nor sealed.",
    "null": "The row has no key: the field is empty, or holds a filler such as UNKNOWN. There is nothing to look up.",
    "coverage": "The share of all seals in the index that this key column could have recognised.",
}


def counted(number: int, noun: str) -> str:
    """Say a number with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(12_000, "row")
    ('1 row', '12,000 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(share: float) -> str:
    """Say a share, rounded down: what is below a threshold never reads as if it reached it.

    Examples
    --------
    >>> percent(0.9499), percent(1.0)
    ('94.9%', '100%')
    """
    tenths = math.floor(share * 1000 + 1e-9)
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths / 10:.1f}%"


def headline(report: Report) -> str:
    """Say the verdict in a few words."""
    match report.verdict:
        case Verdict.FOUND:
            return f"{_kinds(report).capitalize()} records found"
        case Verdict.CLEAN:
            return "No sealed records found"
        case Verdict.INCOMPLETE:
            return "Not fully checked" if report.action == "scan" else "Not scrubbed"
        case Verdict.SCRUBBED:
            return "Sealed records taken out" if report.found else "Nothing had to be taken out"
        case Verdict.DRY_RUN:
            return "Dry run: nothing was written"
        case _:
            assert_never(report.verdict)


def explanation(report: Report) -> str:
    """Say in plain words what the verdict means."""
    match report.verdict:
        case Verdict.FOUND:
            return _found(report)
        case Verdict.CLEAN:
            return _clean(report)
        case Verdict.INCOMPLETE:
            return _incomplete(report)
        case Verdict.SCRUBBED | Verdict.DRY_RUN:
            return _scrubbed(report)
        case _:
            assert_never(report.verdict)


def _found(report: Report) -> str:
    where = sum(Finding.FOUND in findings_of(table, report) for table in report.tables)
    holds = "holds" if where == 1 else "hold"
    of = f" of {counted(len(report.tables), 'table')}" if len(report.tables) > 1 else ""
    subject = f"{where:,}{of}" if of else counted(where, "table")
    said = f"{subject} {holds} records that {_barred(report)}."
    return said if report.complete else f"{said} Besides, not everything could be checked."


def _clean(report: Report) -> str:
    said = f"Every row was read ({_read(report)}), and no record key among them {_is_barred(report)}."
    if any(table.withheld for table in report.tables):
        said += " Withheld records are there, and were allowed."
    return said + _recognised(report)


def _incomplete(report: Report) -> str:
    if report.action == "scrub":
        return "Not everything could be checked, so nothing was written: the target is as it was."
    return (
        "Nothing was found in what could be checked, and not everything could be. This is not a clean bill: "
        "what was not checked may be sealed."
    )


def _scrubbed(report: Report) -> str:
    removed = sum(table.removed for table in report.tables)
    changed = sum(table.changed for table in report.tables)
    touched = sum(bool(table.removed or table.changed) for table in report.tables)
    would = report.verdict is Verdict.DRY_RUN
    if not touched:
        had = "would have" if would else "had"
        return f"Every row was read ({_read(report)}), and none {had} to be taken out.{_recognised(report)}"
    parts = []
    if removed:
        parts.append(f"{removed:,} of {_rows_read(report)} {_became(removed, would)} taken out")
    if changed:
        parts.append(f"{counted(changed, 'row')} {_became(changed, would)} kept without what the record had set")
    where = f", in {touched:,} of {counted(len(report.tables), 'table')}" if len(report.tables) > 1 else ""
    left = "" if would else _left(report, changed)
    return f"{' and '.join(parts)}{where}.{left}{_recognised(report)}"


def _left(report: Report, changed: int) -> str:
    if changed:
        return " A row that was kept still names its record wherever its key was not among the columns emptied or set."
    return f" No record key that is left {_is_barred(report)}."


def _became(number: int, would: bool) -> str:
    if would:
        return "would be"
    return "was" if number == 1 else "were"


def _rows_read(report: Report) -> str:
    return counted(sum(table.rows for table in report.tables), "row")


def _read(report: Report) -> str:
    return f"{_rows_read(report)}, {counted(len(report.tables), 'table')}"


def _recognised(report: Report) -> str:
    least = min((table.coverage for table in report.tables if table.keys), default=0.0)
    if least >= 1:
        return ""
    bound = "" if len(report.tables) == 1 else "at least "
    return f" The key columns could have recognised {bound}{percent(least)} of the seals."


def _kinds(report: Report) -> str:
    sealed = any(table.sealed for table in report.tables)
    withheld = any(table.withheld for table in report.tables) and "withheld" not in report.allowed
    return " and ".join(word for word, holds in {"sealed": sealed, "withheld": withheld}.items() if holds)


def _barred(report: Report) -> str:
    return f"{_purpose(report)} may not use for {_use(report)}"


def _is_barred(report: Report) -> str:
    kinds = "sealed" if "withheld" in report.allowed else "sealed or withheld"
    return f"is {kinds} for {_use(report)} by {_purpose(report)}"


def _use(report: Report) -> str:
    return printable(report.use).replace("_", " ")


def _purpose(report: Report) -> str:
    return f"the audience “{printable(report.audience)}”"


def accepted_weakenings(report: Report) -> tuple[str, ...]:
    """Say what the operator chose to let pass."""
    said = [f"Withheld records were tolerated (--allow {printable(name)})." for name in report.allowed]
    reasons = {
        "near": "Rows whose key is a near match were let through unchecked (--accept near).",
        "unparsable": "Rows whose key does not parse were let through unchecked (--accept unparsable).",
    }
    said += [reasons.get(name, f"Accepted by name: {printable(name)}.") for name in report.accepted]
    if report.min_coverage < Report.min_coverage:
        said.append(
            f"The least coverage was lowered to {percent(report.min_coverage)} (usual: {percent(Report.min_coverage)})."
        )
    return tuple(said)


def removed_label(report: Report) -> str:
    """Name the column of rows taken out; a scan takes none out."""
    if report.action == "scan":
        return ""
    return "taken out" if report.verdict is Verdict.SCRUBBED else "to take out"


def table_state(table: TableReport, report: Report) -> tuple[str, str]:
    """Say how one table stands: a kind (``bad``, ``warn``, ``good``) and a word or two."""
    findings = findings_of(table, report)
    words = {
        Finding.FOUND: ("bad", "found"),
        Finding.UNCHECKED: ("warn", "not fully checked"),
        Finding.LOW_COVERAGE: ("warn", "coverage too low"),
        Finding.NO_KEYS: ("warn", "not checked"),
    }
    if findings:
        return words[findings[0]]
    if report.action == "scan":
        return ("good", "nothing found")
    if not (table.removed or table.changed or any(column.changed for column in table.columns)):
        return ("good", "nothing to take out")
    return ("good", "scrubbed") if report.verdict is Verdict.SCRUBBED else ("warn", "to be scrubbed")


def table_notes(table: TableReport, report: Report) -> tuple[str, ...]:
    """Say what else the operator should know of one table."""
    said = []
    written = report.verdict is Verdict.SCRUBBED
    if table.linked:
        verb = "went" if written else "to go"
        said.append(f"{counted(table.linked, 'row')} {verb} with the rows that they hang on.")
    said += [_column_note(column, written=written) for column in table.columns]
    if not table.keys and not report.plan:
        said.append("No key column was named for this table, so nothing in it was looked up.")
    if table.changed:
        verb = "kept, with" if written else "to be kept, with"
        said.append(f"{counted(table.changed, 'row')} {verb} the named columns emptied or set.")
    if table.quarantined:
        verb = "went to the quarantine file" if written else "for the quarantine file"
        said.append(f"{counted(table.quarantined, 'row')} whose key could not be checked {verb}.")
    if table.unchecked:
        said.append(f"{counted(table.unchecked, 'row')} could not be checked: the keys are near or unparsable.")
    if table.keys and table.coverage < report.min_coverage:
        said.append(
            f"The key columns together could have recognised {percent(table.coverage)} of the seals; "
            f"{percent(report.min_coverage)} is asked for."
        )
    for key in table.keys:
        if key.damaged:
            said.append(
                f"{printable(key.column)}: {counted(key.damaged, 'key')} went through a floating-point "
                "number and may have lost digits."
            )
    if table.slow_columns:
        shown = [printable(name) for name in table.slow_columns[:8]]
        more = f" and {len(table.slow_columns) - 8:,} more" if len(table.slow_columns) > 8 else ""
        said.append(f"Took the slower path, which keeps their types: {', '.join(shown)}{more}.")
    return (*said, *(sentence(note) for note in table.notes))


def _column_note(column: ColumnReport, *, written: bool) -> str:
    """Say what became of a column, or of a whole table, of a plan."""
    name = printable(column.column) if column.column else "The whole table"
    if column.kind == "independent":
        return f"{name}: kept as it is ({sentence(column.reason).rstrip('.')})."
    verb = "changed" if written else "would change"
    said = f"{name}: {_KINDS[column.kind]}; {counted(column.changed, 'value')} {verb}"
    if column.reproduced is not None:
        said += f"; before, the recipe gave {percent(column.reproduced)} of the stored values"
    if column.exceptions:
        handled = _HANDLED.get(column.handled, column.handled)
        reason = f" ({sentence(column.reason).rstrip('.')})" if column.reason else ""
        said += f"; {column.exceptions:,} that it did not give {handled}{reason}"
    return said + "."


_KINDS = {
    "derived": "recomputed",
    "derived table": "recomputed",
    "edited": "emptied or set where a seal reaches",
    "elements": "lists lost elements",
    "count": "counted anew",
    "rekeyed": "ids became surrogates",
    "unknown": "of unknown lineage, emptied",
}
_HANDLED = {"null": "became null", "recompute": "were recomputed", "keep": "were kept"}


def next_steps(report: Report) -> tuple[str, ...]:
    """Say what to do now."""
    findings = {finding for table in report.tables for finding in findings_of(table, report)}
    steps = []
    if report.verdict is Verdict.FOUND:
        steps.append("Take the records out at the source with sealscrub scrub, before any count, join, split or fit.")
        steps.append("Models and tables already made from this data hold them too: make them again.")
    if Finding.UNCHECKED in findings:
        steps.append(
            "Unchecked keys: mend them at the source, set the rows aside with --quarantine FILE, or let them "
            "pass by name with --accept near,unparsable."
        )
    if Finding.LOW_COVERAGE in findings:
        steps.append(
            "Low coverage: name a further key column with --on, or ask the custodian why so many seals lack "
            "a key of this scheme."
        )
    if Finding.NO_KEYS in findings and not report.plan:
        steps.append("Tables without a key column: name one with --on, or leave them out of what is used.")
    if any(key.damaged for table in report.tables for key in table.keys):
        steps.append("Damaged keys: export the column again as text; lost digits cannot be guessed.")
    if report.verdict is Verdict.DRY_RUN:
        steps.append("Run it again without --dry-run to write the result.")
    if report.refit:
        steps.append(f"Refit after scrubbing: {', '.join(map(printable, report.refit))}.")
    if report.verdict is Verdict.SCRUBBED and report.found and not report.plan:
        steps.append(
            "Compute counts, scores and labels again from this data: a column computed before still holds "
            "what the records had put into it."
        )
    if report.complete:
        steps.append(
            f"This holds for the index as of {report.as_of.isoformat()}. Seals are added every day: check "
            f"again with a newer index, after {report.not_after.isoformat()} at the latest."
        )
    return tuple(steps)
