"""What of a report may leave the trusted host: verdicts, and nothing that differs by how many.

JUnit and SARIF are rendered from a :class:`TravellingReport` alone. It holds no count, no position and no
sentence from the run, so neither format can give one away. Of a scrub it does not even say whether anything
was found: what is written is clean, and that its input was not is the operator's knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sealscrub import __version__

from ..report import KeyReport, Report, TableReport, Verdict

__all__ = ["Finding", "TravellingKey", "TravellingReport", "TravellingTable", "findings_of", "travelling"]


class Finding(StrEnum):
    """What can be said of a table or a key column without a count."""

    FOUND = "found"
    """A sealed record, or a withheld one that was not allowed."""
    UNCHECKED = "unchecked"
    """Near or unparsable keys, neither accepted nor quarantined."""
    LOW_COVERAGE = "low coverage"
    """Too small a share of the seals could have been recognised."""
    NO_KEYS = "no keys"
    """No key column was named: nothing was looked up."""


@dataclass(frozen=True, kw_only=True)
class TravellingKey:
    """One key column and what is to be said of it."""

    scheme: str
    column: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class TravellingTable:
    """One table and what is to be said of it."""

    name: str
    keys: tuple[TravellingKey, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class TravellingReport:
    """A report without its counts."""

    action: str
    verdict: Verdict
    complete: bool
    exit_code: int
    dry_run: bool
    epoch: int
    as_of: date
    not_after: date
    use: str
    audience: str
    accepted: tuple[str, ...]
    allowed: tuple[str, ...]
    tables: tuple[TravellingTable, ...]

    @property
    def facts(self) -> dict[str, str]:
        """What both formats state of the run, in order."""
        return {
            "action": "scrub (dry run)" if self.dry_run else self.action,
            "verdict": self.verdict.value,
            "complete": "yes" if self.complete else "no",
            "epoch": str(self.epoch),
            "as_of": self.as_of.isoformat(),
            "not_after": self.not_after.isoformat(),
            "use": self.use,
            "audience": self.audience,
            "accepted": ", ".join(self.accepted) or "nothing",
            "allowed": ", ".join(self.allowed) or "nothing",
            "tool": f"sealscrub {__version__}",
        }


def travelling(report: Report) -> TravellingReport:
    """Reduce a report to what may travel."""
    return TravellingReport(
        action=report.action,
        verdict=report.verdict,
        complete=report.complete,
        exit_code=report.exit_code,
        dry_run=report.dry_run,
        epoch=report.epoch,
        as_of=report.as_of,
        not_after=report.not_after,
        use=report.use,
        audience=report.audience,
        accepted=report.accepted,
        allowed=report.allowed,
        tables=tuple(_table(table, report) for table in report.tables),
    )


def findings_of(table: TableReport, report: Report) -> tuple[Finding, ...]:
    """Say what a table gives cause for; nothing when it passes."""
    if not table.keys and not report.plan:
        return (Finding.NO_KEYS,)
    met = table.linked > 0 or any(_met(key, report) for key in table.keys)
    causes = {
        Finding.FOUND: report.action == "scan" and met,
        Finding.UNCHECKED: table.unchecked > 0,
        Finding.LOW_COVERAGE: bool(table.keys) and table.coverage < report.min_coverage,
    }
    return tuple(finding for finding, holds in causes.items() if holds)


def _table(table: TableReport, report: Report) -> TravellingTable:
    findings = findings_of(table, report)
    blamed = [key for key in table.keys if _unread(key, report)] or list(table.keys)
    keys = []
    for key in table.keys:
        holds = {
            Finding.FOUND: Finding.FOUND in findings and _met(key, report),
            Finding.UNCHECKED: Finding.UNCHECKED in findings and key in blamed,
            Finding.LOW_COVERAGE: Finding.LOW_COVERAGE in findings,
        }
        said = tuple(finding for finding in holds if holds[finding])
        keys.append(TravellingKey(scheme=key.scheme, column=key.column, findings=said))
    return TravellingTable(name=table.name, keys=tuple(keys), findings=findings)


def _met(key: KeyReport, report: Report) -> bool:
    return key.sealed > 0 or (key.withheld > 0 and "withheld" not in report.allowed)


def _unread(key: KeyReport, report: Report) -> bool:
    near = key.near > 0 and "near" not in report.accepted
    return near or (key.unparsable > 0 and "unparsable" not in report.accepted)
