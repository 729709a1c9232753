"""The sentences of the operator's copies, in words for someone who did not run the command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from sealscrub.reports import State, counted, percent, printable, sentence

from .report_verdicts import Finding, findings_of
from .scrub_report_values import ColumnReport, ReportValues, TableReport, Verdict
from .seal_recall import recognised, recognition_notes

__all__ = [
    "GLOSSARY",
    "OPERATOR_COPY",
    "accepted_weakenings",
    "column_name",
    "explanation",
    "headline",
    "removed_label",
    "table_notes",
    "table_state",
    "weakenings_that_travel",
]

OPERATOR_COPY = (
    "It holds counts of sealed records. Keep it on the trusted host: do not publish it, mail it or attach it "
    "to a ticket. Only the JUnit (.xml) and SARIF (.sarif) reports may leave it: they hold no counts."
)

GLOSSARY = {
    "sealed": "The law bars the record. Treat it as if it had never existed.",
    "withheld": "Not proven sealed, and not to be used: the law's answer is still unknown, or the record "
    "will seal automatically.",
    "near": "The key is one slip away from a valid one, such as the letter O for a zero. It is not repaired "
    "silently, so it was not looked up.",
    "unparsable": "The key has no form that its scheme knows, so it was not looked up: neither clean nor sealed.",
    "null": "The row has no key: the field is empty, or holds a filler such as UNKNOWN. There is nothing to look up.",
    "reach": "The share of the rows in which a key parses, or which depend by a plan's link on a row that was checked.",
    "coverage": "The share of all seals in the index that this key column could have recognised. Of a key column "
    "that stands for links: the share of the seals that these find at least, or that it is not known.",
}


def headline(report: ReportValues) -> str:
    """Say the verdict in a few words."""
    match report.verdict:
        case Verdict.FOUND:
            return f"{_kinds(report).capitalize()} records found"
        case Verdict.CLEAN:
            return "No sealed records found"
        case Verdict.INCOMPLETE:
            return "Not fully checked" if report.action == "scan" else "Not scrubbed"
        case Verdict.SCRUBBED:
            return "Sealed records removed" if report.found else "Nothing had to be removed"
        case Verdict.DRY_RUN:
            return "Dry run: nothing was written"
        case _:
            assert_never(report.verdict)


def explanation(report: ReportValues) -> str:
    """Say in plain words what the verdict means."""
    match report.verdict:
        case Verdict.FOUND:
            return _found_sentence(report)
        case Verdict.CLEAN:
            return _clean_sentence(report)
        case Verdict.INCOMPLETE:
            return _incomplete(report)
        case Verdict.SCRUBBED | Verdict.DRY_RUN:
            return _scrubbed_sentence(report)
        case _:
            assert_never(report.verdict)


def _found_sentence(report: ReportValues) -> str:
    causes = {Finding.FOUND, Finding.ELSEWHERE}
    where = sum(not causes.isdisjoint(findings_of(table, report)) for table in report.tables)
    holds = "holds" if where == 1 else "hold"
    of = f" of {counted(len(report.tables), 'table')}" if len(report.tables) > 1 else ""
    subject = f"{where:,}{of}" if of else counted(where, "table")
    said = f"{subject} {holds} records that {_barred(report)}."
    return said if report.complete else f"{said} Not everything could be checked."


def _clean_sentence(report: ReportValues) -> str:
    said = f"Every row was read ({_read(report)}), and no record key among them {_is_barred(report)}."
    if any(table.withheld for table in report.tables):
        said += " Withheld records were found and allowed."
    return said + recognised(report)


def _incomplete(report: ReportValues) -> str:
    if report.action == "scrub":
        return "Not everything could be checked, so nothing was written: the target is as it was."
    said = "Nothing was found, but not everything could be checked."
    return f"{said} This is not a clean bill: unchecked rows may be sealed."


def _scrubbed_sentence(report: ReportValues) -> str:
    removed = sum(table.removed for table in report.tables)
    changed = sum(table.changed for table in report.tables)
    rewritten = sum(each.mentions for table in report.tables for each in table.narratives if each.handling != "drop")
    touched = sum(bool(table.removed or table.changed or table.mentioned) for table in report.tables)
    would = report.verdict is Verdict.DRY_RUN
    if not touched:
        had = "would have" if would else "had"
        return f"Every row was read ({_read(report)}), and none {had} to be removed.{recognised(report)}"
    parts = []
    if removed:
        parts.append(f"{removed:,} of {_rows_read(report)} {_was_or_were(removed, would)} removed")
    if changed:
        parts.append(
            f"{counted(changed, 'row')} {_was_or_were(changed, would)} kept without the values that the record had set"
        )
    if rewritten:
        parts.append(f"{counted(rewritten, 'text')} {_was_or_were(rewritten, would)} changed")
    where = f", in {touched:,} of {counted(len(report.tables), 'table')}" if len(report.tables) > 1 else ""
    left = "" if would else _left_sentence(report, changed)
    return f"{' and '.join(parts)}{where}.{left}{recognised(report)}"


def _left_sentence(report: ReportValues, changed: int) -> str:
    if changed:
        return " A row that was kept still names its record wherever its key was not among the columns emptied or set."
    return f" No record key that is left {_is_barred(report)}."


def _was_or_were(number: int, would: bool) -> str:
    if would:
        return "would be"
    return "was" if number == 1 else "were"


def _rows_read(report: ReportValues) -> str:
    return counted(sum(table.rows for table in report.tables), "row")


def _read(report: ReportValues) -> str:
    return f"{_rows_read(report)}, {counted(len(report.tables), 'table')}"


def _kinds(report: ReportValues) -> str:
    sealed = any(table.sealed for table in report.tables)
    withheld = any(table.withheld for table in report.tables) and "withheld" not in report.allowed
    named = [word for word, holds in {"sealed": sealed, "withheld": withheld}.items() if holds]
    return " and ".join(named) or "sealed or withheld"


def _barred(report: ReportValues) -> str:
    return f"{_purpose(report)} may not use for {_use(report)}"


def _is_barred(report: ReportValues) -> str:
    kinds = "sealed" if "withheld" in report.allowed else "sealed or withheld"
    return f"is {kinds} for {_use(report)} by {_purpose(report)}"


def _use(report: ReportValues) -> str:
    return printable(report.use).replace("_", " ")


def _purpose(report: ReportValues) -> str:
    return f"the audience “{printable(report.audience)}”"


_ACCEPTED = {
    "near": "Rows whose key is a near match were accepted unchecked (accept: near).",
    "unparsable": "Rows whose key does not parse were accepted unchecked (accept: unparsable).",
    "null": "Rows without a key were accepted unchecked (accept: null).",
    "chance": "Values outside the keys that are in the index, perhaps by chance, were accepted (accept: chance).",
}


def accepted_weakenings(report: ReportValues) -> tuple[str, ...]:
    """Say what the operator chose to let pass."""
    said = [f"Withheld records were allowed (allow: {printable(name)})." for name in report.allowed]
    said += [_ACCEPTED.get(name, f"Accepted by name: {printable(name)}.") for name in report.accepted]
    usual = ReportValues.min_coverage
    if report.min_coverage < usual:
        said.append(f"The least coverage was lowered to {percent(report.min_coverage)} (usual: {percent(usual)}).")
    return tuple(said)


def weakenings_that_travel(report: ReportValues) -> tuple[str, ...]:
    """Say the same without numbers and names of the operator's own."""
    said = ["Withheld records were allowed."] if report.allowed else []
    said += [_ACCEPTED[name] for name in report.accepted if name in _ACCEPTED]
    if report.min_coverage < ReportValues.min_coverage:
        said.append("The least coverage was lowered.")
    return tuple(said)


def removed_label(report: ReportValues) -> str:
    """Name the column of rows removed; a scan takes none out."""
    if report.action == "scan":
        return ""
    return "removed" if report.verdict is Verdict.SCRUBBED else "to remove"


def table_state(table: TableReport, report: ReportValues) -> State:
    """Say in which state one table is."""
    findings = [finding for finding in findings_of(table, report) if finding in _STATES]
    if findings:
        return _STATES[findings[0]]
    if report.action == "scan":
        return State("good", "nothing found")
    if not (table.removed or table.changed or table.mentioned or any(column.changed for column in table.columns)):
        return State("good", "nothing to remove")
    return State("good", "scrubbed") if report.verdict is Verdict.SCRUBBED else State("warn", "to be scrubbed")


_STATES = {
    Finding.FOUND: State("bad", "found"),
    Finding.ELSEWHERE: State("bad", "ids in other columns"),
    Finding.UNCHECKED: State("warn", "not fully checked"),
    Finding.WITHOUT_KEY: State("warn", "rows without a key"),
    Finding.LOW_COVERAGE: State("warn", "coverage too low"),
    Finding.LOW_RECALL: State("warn", "recall too low"),
    Finding.NO_KEYS: State("warn", "not checked"),
    Finding.LEFT: State("warn", "a column is not checked"),
}


def table_notes(table: TableReport, report: ReportValues) -> tuple[str, ...]:
    """Say what else the operator should know of one table."""
    said = []
    written = report.verdict is Verdict.SCRUBBED
    if table.linked:
        verb = "removed" if written else "to be removed"
        said.append(f"{counted(table.linked, 'row')} {verb} with the rows that they depend on.")
    said += [_column_note(column, written=written) for column in table.columns]
    if not table.keys and not table.narratives and not report.plan:
        said.append("No key column was named for this table, so nothing in it was looked up.")
    if table.changed:
        verb = "kept, with" if written else "to be kept, with"
        said.append(f"{counted(table.changed, 'row')} {verb} the named columns emptied or set.")
    if table.quarantined:
        verb = "moved to the quarantine file" if written else "to be moved to the quarantine file"
        said.append(f"{counted(table.quarantined, 'row')} whose key could not be checked: {verb}.")
    doubtful = table.unchecked - table.without_key
    if doubtful:
        said.append(f"{counted(doubtful, 'row')} could not be checked: the keys are near or unparsable.")
    if table.without_key:
        said.append(f"{counted(table.without_key, 'row')} without a key could not be checked.")
    if table.accepted_null:
        said.append(f"Rows without a key are not checked ({sentence(table.accepted_null).rstrip('.')}).")
    said += recognition_notes(table, report)
    for each in table.levels:
        if each.found:
            said.append(
                f"{printable(each.column)}: {counted(each.found, 'level')} that no row uses "
                f"{'names' if each.found == 1 else 'name'} a sealed or withheld record."
            )
        if each.unchecked:
            said.append(
                f"{printable(each.column)}: {counted(each.unchecked, 'level')} that no row uses could not be checked."
            )
    said += _elsewhere_notes(table)
    said += _narrative_notes(table, written=written)
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


def _narrative_notes(table: TableReport, *, written: bool) -> Iterator[str]:
    """Say what texts mention, and what happens to them."""
    for each in table.narratives:
        if each.mentions:
            mention = "mentions" if each.mentions == 1 else "mention"
            name = ", or a name on a notice" if each.names else ""
            became = _TEXTS[each.handling, each.mentions == 1][0 if written else 1]
            yield (
                f"{printable(each.column)}: {counted(each.mentions, 'text')} {mention} a sealed or withheld "
                f"record{name}; {became}."
            )


_TEXTS = {
    ("sentence", False): ("the sentences that do were removed", "a scrub removes the sentences that do"),
    ("sentence", True): ("the sentences that do were removed", "a scrub removes the sentences that do"),
    ("null", False): ("they became null", "a scrub makes them null"),
    ("null", True): ("it became null", "a scrub makes it null"),
    ("drop", False): ("their rows were removed", "a scrub removes their rows"),
    ("drop", True): ("its row was removed", "a scrub removes its row"),
}


def _elsewhere_notes(table: TableReport) -> Iterator[str]:
    """Say what holds if no key column is declared."""
    for each in table.elsewhere:
        place = printable(each.place)
        if each.found:
            names = "names" if each.found == 1 else "name"
            because = (
                "these values are not keys that can be read"
                if any(each.place == key.column for key in table.keys)
                else "this is not a key column"
            )
            yield (
                f"{place}: {counted(each.found, 'value')} of rows that stay {names} a sealed or withheld record, and "
                f"{because}."
            )
        if each.unchecked:
            yield f"{place}: {counted(each.unchecked, 'value')} of rows that stay could not be distinguished from ids."
    for column, reason in table.left.items():
        yield f"{printable(column)}: not compared with the index ({sentence(reason).rstrip('.')})."


def column_name(column: ColumnReport, *, whole: str) -> str:
    """What a report calls a column of a plan; a name of nothing or of spaces, as pandas writes it, is in quotes."""
    if column.kind == "derived table":
        return whole
    return printable(column.column) if column.column.strip() else f'"{column.column}"'


def _column_note(column: ColumnReport, *, written: bool) -> str:
    """Say what happened to a column, or of a whole table, of a plan."""
    name = column_name(column, whole="The whole table")
    if column.kind == "independent":
        return f"{name}: kept as it is ({sentence(column.reason).rstrip('.')})."
    verb = "changed" if written else "would change"
    said = f"{name}: {_KINDS[column.kind]}; {counted(column.changed, 'value')} {verb}"
    if column.reproduced is not None:
        said += f"; before, the recipe gave {percent(column.reproduced)} of the stored values"
    if column.exceptions:
        handled = _HANDLING_WORDS.get(column.handled, column.handled)
        reason = f" ({sentence(column.reason).rstrip('.')})" if column.reason else ""
        said += f"; {column.exceptions:,} that it did not give {handled}{reason}"
    return said + "."


_KINDS = {
    "derived": "recomputed",
    "derived table": "recomputed",
    "edited": "emptied or set in rows that a seal reaches",
    "elements": "lists lost elements",
    "count": "counted again",
    "rekeyed": "ids became surrogates",
    "unknown": "of unknown lineage, emptied",
}
_HANDLING_WORDS = {"null": "became null", "recompute": "were recomputed", "keep": "were kept"}
