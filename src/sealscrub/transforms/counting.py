"""From what the matchers counted to a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sealscrub.index import Index
from sealscrub.matching import KeyTally, TableMatcher

from .options import Options
from .report import KeyReport, Report, TableReport

__all__ = ["TableOutcome", "key_report", "make_report"]

_NAMED = 5


@dataclass(slots=True)
class TableOutcome:
    """One table of a run: its matcher, and how it was read or written."""

    matcher: TableMatcher
    positions: tuple[int, ...] | None = None
    slow_columns: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def make_report(
    index: Index, outcomes: Sequence[TableOutcome], options: Options, action: str, *, unread: Sequence[Path] = ()
) -> Report:
    """Put the counts of a run's tables together; `unread` are files of its folders that are no data by their names."""
    problems, warnings = [], []
    if unread:
        names = ", ".join(str(path) for path in unread[:_NAMED]) + (", …" if len(unread) > _NAMED else "")
        warnings.append(f"not read, since their names are not those of data files: {names}")
    for outcome in outcomes:
        matcher = outcome.matcher
        problems += [f"{matcher.name}: {message}" for _, message, _ in matcher.problems()]
        if not matcher.has_keys() and not matcher.policy.require_keys:
            warnings.append(f"{matcher.name}: no row has a key, so there was nothing to match")
        left = [key.label for key in matcher.keys if options.edit and not set(key.columns) <= set(options.edit.columns)]
        if left and matcher.tally().matched:
            warnings.append(
                f"{matcher.name}: rows that were kept still have their keys in {', '.join(left)}, "
                "and a scan of the output finds them"
            )
    facts = index.header.facts
    if not len(index):
        warnings.append("the index has no entries; it was published so on purpose")
    return Report(
        action="scrub" if action == "scrub" else "scan",
        epoch=index.epoch,
        as_of=index.as_of,
        not_after=index.not_after,
        index_id=index.id,
        use=options.use,
        audience=facts.audience,
        complete=not problems,
        problems=tuple(problems),
        warnings=tuple(warnings),
        accepted=tuple(sorted(options.policy.accept)),
        allowed=tuple(sorted(options.policy.allow)),
        min_coverage=options.policy.min_coverage,
        dry_run=options.dry_run,
        tables=tuple(_table(outcome, options, action) for outcome in outcomes),
    )


def _table(outcome: TableOutcome, options: Options, action: str) -> TableReport:
    tally, policy = outcome.matcher.tally(), outcome.matcher.policy
    dropped = tally.matched if action == "scrub" and options.edit is None else 0
    return TableReport(
        name=outcome.matcher.name,
        rows=tally.rows,
        removed=dropped,
        changed=tally.matched if action == "scrub" and options.edit is not None else 0,
        quarantined=tally.unchecked if policy.quarantine else 0,
        unchecked=0 if policy.quarantine else tally.unchecked,
        coverage=tally.coverage,
        keys=tuple(key_report(key) for key in tally.keys),
        slow_columns=outcome.slow_columns,
        notes=tuple(outcome.notes),
        positions=outcome.positions,
    )


def key_report(tally: KeyTally) -> KeyReport:
    """Turn what a matcher counted in a key column into its report."""
    return KeyReport(
        scheme=tally.key.scheme,
        column=tally.key.label,
        rows=tally.rows,
        sealed=tally.sealed,
        withheld=tally.withheld,
        near=tally.near,
        unparsable=tally.unparsable,
        damaged=tally.damaged,
        null=tally.null,
        coverage=tally.coverage,
    )
