"""What to do after a scan or a scrub."""

from __future__ import annotations

from collections.abc import Iterator

from sealscrub.errors import Spelled
from sealscrub.reports import counted, printable

from .elsewhere_remedies import remedy
from .report_verdicts import Finding, findings_of
from .row_numbers import NUMBERING
from .scrub_report_values import ReportValues, Verdict

__all__ = ["next_steps", "scrub_first", "steps_that_travel"]

_MOST_PLACES = 20
_OTHERWISE = ("Settle what could not be checked, which the operator's copy names, and run it again.",)
_CALL = {
    "scrub": Spelled("sealscrub.scrub", "sealscrub scrub"),
    "key": Spelled("on={SCHEME: COLUMN}", "--on SCHEME=COLUMN"),
    "linked": Spelled("on={'opaque:NAMESPACE': COLUMN}", "--on opaque:NAMESPACE=COLUMN"),
    "quarantine": Spelled("policy=Policy(quarantine=True)", "--quarantine FILE"),
    "near": Spelled("policy=Policy(accept={'near'})", "--accept near"),
    "unchecked": Spelled("policy=Policy(accept={'near', 'unparsable'})", "--accept near,unparsable"),
    "without_key": Spelled("policy=Policy(accept={'null'})", "--accept null"),
    "null": Spelled("narrative={COLUMN: 'null'}", "--null-elsewhere COLUMN"),
    "narrative": Spelled("narrative={COLUMN: 'sentence'}", "--narrative COLUMN"),
    "leave": Spelled("leave={COLUMN: 'reason'}", "--leave COLUMN=REASON"),
    "dry_run": Spelled("dry_run", "--dry-run"),
}
_PLAN = _CALL | {
    "scrub": Spelled("the plan's scrub", "sealscrub scrub --plan"),
    "key": "keys",
    "linked": "keys: opaque:NAMESPACE",
    "quarantine": Spelled("quarantine=FOLDER", "--quarantine FOLDER"),
    "near": 'policy: accept = ["near"]',
    "unchecked": 'policy: accept = ["near", "unparsable"]',
    "without_key": 'policy: accept = ["null"]',
    "null": "narrative: null",
    "narrative": "narrative: sentence",
    "leave": "leave",
}
_WAYS = (_CALL, _PLAN)
"""By what each step is taken: an argument and an option, or a plan's key."""


def next_steps(report: ReportValues) -> tuple[str, ...]:
    """Say what to do now."""
    steps = [*_steps_by_findings(report), *_steps_elsewhere(report)]
    if any(key.damaged for table in report.tables for key in table.keys):
        steps.append("Damaged keys: export the column again as text; lost digits cannot be guessed.")
    if report.refit:
        steps.append(f"Refit after scrubbing: {', '.join(map(printable, report.refit))}.")
    if report.verdict is Verdict.SCRUBBED and report.found and not report.plan:
        steps.append(
            "Compute counts, scores and labels again from this data: a column computed before still depends on the "
            "records."
        )
    return (*steps, *_validity(report)) or _OTHERWISE


def steps_that_travel(report: ReportValues) -> tuple[str, ...]:
    """Say what to do, as far as it does not differ by how many records were met."""
    steps = [*_steps_by_findings(report)]
    texts = {each.column for table in report.tables for each in table.narratives}
    places = {each.column or each.place for table in report.tables for each in table.elsewhere}
    if places & texts:
        steps.append(
            Spelled.filled(
                "Narratives that were not fully checked: correct the values at their source, or accept near ones "
                "({near}).",
                **_WAYS[bool(report.plan)],
            )
        )
    if places - texts:
        steps.append(
            Spelled.filled(
                "Ids outside of the key columns: declare the column a key ({key}), make the values null ({null}) or "
                "remove the sentences ({narrative}), or leave it out with a reason if it cannot hold ids ({leave}).",
                **_WAYS[bool(report.plan)],
            )
        )
    told = (*steps, *_validity(report)) or _OTHERWISE
    numbered = any(NUMBERING in warning for warning in report.warnings)
    return (*told, f"A column {NUMBERING}: the operator's copy names it.") if numbered else told


def _steps_by_findings(report: ReportValues) -> Iterator[str]:
    ways = _WAYS[bool(report.plan)]
    findings = {finding for table in report.tables for finding in findings_of(table, report)}
    if report.verdict is Verdict.FOUND:
        yield Spelled.filled(
            "Remove the records at the source, with {scrub}, before you count, join, split or fit.", **ways
        )
        yield "Models and tables already made from this data hold them too: make them again."
    if any(table.unchecked > table.without_key for table in report.tables):
        yield Spelled.filled(
            "Unchecked keys: fix them at the source, quarantine the rows ({quarantine}) or accept them ({unchecked}).",
            **ways,
        )
    if Finding.WITHOUT_KEY in findings:
        yield Spelled.filled(
            "Rows without a key: add a key column ({key}), quarantine the rows ({quarantine}) or, if no such row can "
            "belong to a sealed record, accept them ({without_key}).",
            **ways,
        )
    if Finding.LOW_COVERAGE in findings:
        yield Spelled.filled(
            "Low coverage: name a further key column ({key}), or ask the custodian why so many seals lack a key of "
            "this scheme.",
            **ways,
        )
    if Finding.LOW_RECALL in findings:
        yield Spelled.filled(
            "Low recall: name the key column of the linked system ({linked}), ask the custodian to link again or to "
            "make a bound, or name a further key column.",
            **ways,
        )
    if Finding.NO_KEYS in findings and not report.plan:
        yield Spelled.filled("Tables without a key column: name one ({key}), or do not use them.", **ways)
    if report.verdict is Verdict.DRY_RUN:
        yield Spelled.filled("This was a dry run: run it again without {dry_run}, to write the result.", **ways)


def scrub_first(report: ReportValues) -> str:
    """Say to scrub data that are to be clean already, and what a scrub is to be given for other columns."""
    steps = ["scrub them first.", *_steps_elsewhere(report)]
    return Spelled(" ".join(steps), " ".join(map(Spelled.in_shell, steps)))


def _steps_elsewhere(report: ReportValues) -> list[str]:
    """Say of each place that is not a key column what settles it; once, if several tables have it."""
    places = {each.place: each for table in report.tables for each in table.elsewhere}
    steps: list[str] = []
    texts = {each.column for table in report.tables for each in table.narratives}
    for place, tally in [*places.items()][:_MOST_PLACES]:
        way = remedy(tally, asker="plan" if report.plan else "scrub", narratives=texts)
        steps.append(Spelled(*(printable(f"{place}: {each}") for each in (way, Spelled.in_shell(way)))))
    if len(places) > _MOST_PLACES:
        steps.append(f"The same for {counted(len(places) - _MOST_PLACES, 'further place')}.")
    return steps


def _validity(report: ReportValues) -> Iterator[str]:
    if report.complete:
        yield (
            f"This holds for the index as of {report.as_of.isoformat()}. Seals are added every day: check "
            f"again with a newer index, after {report.not_after.isoformat()} at the latest."
        )
