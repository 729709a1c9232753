"""What of a report may leave the trusted host: verdicts, and nothing that differs by how many.

Of a scrub it does not even say whether anything was found: what is written is clean, and that its input was not is the
operator's knowledge.
"""

from __future__ import annotations

from enum import StrEnum

from sealscrub import __version__
from sealscrub.reports import Case, Rule, Suite, Verdicts, printable

from .scrub_report_values import KeyReport, ReportValues, TableReport

__all__ = ["Finding", "findings_of", "verdicts_of"]


class Finding(StrEnum):
    """What can be said about a table or a key column without a count."""

    FOUND = "found"
    """A sealed record, or a withheld one that was not allowed."""
    UNCHECKED = "unchecked"
    """Near or unparsable keys, neither accepted nor quarantined."""
    WITHOUT_KEY = "without a key"
    """Rows without a key, neither accepted nor quarantined."""
    LOW_COVERAGE = "low coverage"
    """Too small a share of the seals could have been recognised."""
    LOW_RECALL = "low recall"
    """The links behind a key column find too few of the seals, or how many is not known."""
    ELSEWHERE = "elsewhere"
    """Ids of sealed or withheld records in what is not a key column, in rows that stay."""
    LEFT = "left"
    """A column was not compared with the index: the operator said why."""
    NULL_ACCEPTED = "null accepted"
    """Rows without a key would not be checked: the operator said that there may be such."""
    NO_KEYS = "no keys"
    """No key column was named: nothing was looked up."""


_RULES = {
    Finding.FOUND: Rule(
        id="SEAL001",
        name="SealedRecordsFound",
        code="found",
        outcome="failure",
        message="Holds records that may not be used: sealed, or withheld.",
        says="holds records that may not be used: sealed, or withheld",
        help="Remove them at the source with sealscrub scrub, before any count, join, split or fit.",
    ),
    Finding.UNCHECKED: Rule(
        id="SEAL002",
        name="KeysNotChecked",
        code="unchecked",
        outcome="error",
        message="Holds keys that could not be checked: near or unparsable.",
        says="holds keys that could not be checked: near or unparsable",
        help="Correct them, quarantine the rows, or accept them by name (accept).",
    ),
    Finding.LOW_COVERAGE: Rule(
        id="SEAL003",
        name="CoverageTooLow",
        code="low-coverage",
        outcome="error",
        message="Too few of the seals could have been recognised.",
        says="was looked up by keys that only a part of the seals carry: coverage is too low",
        help="Name a further key column (on), or ask the custodian for an index with more keys.",
    ),
    Finding.LOW_RECALL: Rule(
        id="SEAL010",
        name="RecallTooLow",
        code="low-recall",
        outcome="error",
        message="The links find too few of the seals, or how many is not known.",
        says="was looked up by links that find too few of the seals, or an unknown number of them",
        help="Ask the custodian to link again, or to make a bound; or name a further key column (on).",
    ),
    Finding.ELSEWHERE: Rule(
        id="SEAL006",
        name="SealedIdsElsewhere",
        code="elsewhere",
        outcome="failure",
        message="Holds ids of records that may not be used outside of the key columns.",
        says="holds ids of records that may not be used in what is not a key column",
        help="Declare the column a key (on), or say why it is left (leave).",
    ),
    Finding.LEFT: Rule(
        id="SEAL007",
        name="ColumnNotChecked",
        code="left",
        outcome="skipped",
        message="A column that is not a key was not compared with the index.",
        says="has a column that was not compared with the index, by the operator's word",
        help="Leave out only columns that cannot hold ids of records, and say why.",
    ),
    Finding.WITHOUT_KEY: Rule(
        id="SEAL008",
        name="RowsWithoutKey",
        code="without-key",
        outcome="error",
        message="Holds rows without a key, which could not be checked.",
        says="holds rows without a key, which could not be checked",
        help="Name a further key column (on), quarantine the rows, or accept them by name (accept null).",
    ),
    Finding.NULL_ACCEPTED: Rule(
        id="SEAL009",
        name="RowsWithoutKeyAccepted",
        code="null-accepted",
        outcome="skipped",
        message="Rows without a key are not checked, as the operator declared.",
        says="may have rows without a key, which are not checked, by the operator's word",
        help="Accept null only if a row without a key cannot belong to a sealed record.",
    ),
    Finding.NO_KEYS: Rule(
        id="SEAL005",
        name="NoKeyColumn",
        code="no-keys",
        outcome="skipped",
        message="No key column was named: nothing was looked up.",
        says="has no key column named, so nothing in it was looked up",
        help="Name a key column (on), or do not use the table.",
    ),
}
_INCOMPLETE = Rule(
    id="SEAL004",
    name="RunIncomplete",
    code="incomplete",
    outcome="error",
    message="Not everything could be checked. The operator's copy says why.",
    says="belongs to a run that is incomplete",
    help="Read the operator's copy of the report, which says why.",
)


def verdicts_of(report: ReportValues) -> Verdicts:
    """Reduce a report to what may travel."""
    facts = {
        "action": "scrub (dry run)" if report.dry_run else report.action,
        "verdict": report.verdict.value,
        "complete": "yes" if report.complete else "no",
        "epoch": str(report.epoch),
        "as_of": report.as_of.isoformat(),
        "not_after": report.not_after.isoformat(),
        "use": report.use,
        "audience": report.audience,
        "accepted": ", ".join(report.accepted) or "nothing",
        "allowed": ", ".join(report.allowed) or "nothing",
        "swept": "yes" if report.swept else "no",
        "tool": f"sealscrub {__version__}",
    }
    complete = Case(name="complete", rules=() if report.complete else (_INCOMPLETE,))
    return Verdicts(
        run=Suite(name="sealscrub", cases=(complete,), properties=facts),
        suites=tuple(_suite(table, report) for table in report.tables),
        exit_code=report.exit_code,
        complete=report.complete,
        rules=tuple(sorted((*_RULES.values(), _INCOMPLETE), key=lambda rule: rule.id)),
        unexplained=_INCOMPLETE,
    )


def findings_of(table: TableReport, report: ReportValues) -> tuple[Finding, ...]:
    """Say what a table gives cause for; nothing when it passes."""
    met = table.linked > 0 or any(_has_sealed(key, report) for key in table.keys)
    met = met or table.mentioned or any(each.found for each in table.levels)
    causes = {
        Finding.FOUND: report.action == "scan" and met,
        Finding.ELSEWHERE: table.found_elsewhere,
        Finding.UNCHECKED: table.unchecked > table.without_key or table.unchecked_elsewhere,
        Finding.WITHOUT_KEY: table.without_key > 0,
        Finding.LOW_COVERAGE: table.covers_less(report.min_coverage),
        Finding.LOW_RECALL: report.finds_less(table),
        Finding.NO_KEYS: not table.keys and not table.narratives and not report.plan,
        Finding.NULL_ACCEPTED: _null_accepted(table, report),
        Finding.LEFT: bool(table.left),
    }
    return tuple(finding for finding, holds in causes.items() if holds)


def _suite(table: TableReport, report: ReportValues) -> Suite:
    findings = findings_of(table, report)
    blamed = [key for key in table.keys if _has_unread(key, report)] or list(table.keys)
    cases = []
    for key in table.keys:
        holds = {
            Finding.FOUND: Finding.FOUND in findings and _has_sealed(key, report),
            Finding.UNCHECKED: table.unchecked > table.without_key and key in blamed,
            Finding.LOW_COVERAGE: Finding.LOW_COVERAGE in findings,
            Finding.LOW_RECALL: Finding.LOW_RECALL in findings and (key.linked or not table.by_links),
        }
        cases.append(_case(key.scheme, key.column, holds))
    for each in table.levels:
        listed = {Finding.FOUND: report.action == "scan" and each.found > 0, Finding.UNCHECKED: each.unchecked > 0}
        cases.append(_case("levels", each.column, listed))
    for place in table.elsewhere:
        holds = {Finding.ELSEWHERE: place.found > 0, Finding.UNCHECKED: place.unchecked > 0}
        cases.append(_case("elsewhere", place.place, holds))
    for text in table.narratives:
        cases.append(_case("narrative", text.column, {Finding.FOUND: report.action == "scan" and text.mentions > 0}))
    cases += [_case("left", column, {Finding.LEFT: True}) for column in sorted(table.left)]
    if table.reach is not None:
        reach = {each: each in findings for each in (Finding.WITHOUT_KEY, Finding.NULL_ACCEPTED)}
        cases.append(Case(name="reach", rules=tuple(_RULES[each] for each, held in reach.items() if held)))
    if not table.keys and not table.levels and not table.narratives:
        cases.append(Case(name="no key column", rules=(_RULES[Finding.NO_KEYS],)))
    rules = tuple(_RULES[finding] for finding in findings)
    return Suite(name=table.name, cases=tuple(cases), rules=rules, path=table.path)


def _case(scheme: str, column: str, holds: dict[Finding, bool]) -> Case:
    """Say what there is to say about a key column; the scheme ``levels`` stands for the list of any column."""
    rules = tuple(_RULES[finding] for finding, held in holds.items() if held)
    return Case(name=f"{printable(scheme)}={printable(column)}", rules=rules, column=column)


def _null_accepted(table: TableReport, report: ReportValues) -> bool:
    return table.reach is not None and (bool(table.accepted_null) or "null" in report.accepted)


def _has_sealed(key: KeyReport, report: ReportValues) -> bool:
    return key.sealed > 0 or (key.withheld > 0 and "withheld" not in report.allowed)


def _has_unread(key: KeyReport, report: ReportValues) -> bool:
    near = key.near > 0 and "near" not in report.accepted
    return near or (key.unparsable > 0 and "unparsable" not in report.accepted)
