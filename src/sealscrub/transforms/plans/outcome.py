"""From what was found in an estate to what becomes of each table, and to the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sealscrub.errors import IncompleteError, LowCoverage, SealscrubError, UncheckedKeys
from sealscrub.frames.changes import Patch, TableChange
from sealscrub.index import Index
from sealscrub.matching import Policy

from ..counting import key_report
from ..report import ColumnReport, Report, TableReport
from .estate.finding import Estate
from .model import PlanSpec
from .recomputing.deriving import Derived
from .rules import TableRules

__all__ = ["changes_of", "fault", "problems_of", "raise_problems", "report_of", "unchecked_rows"]

Patches = Mapping[str, Mapping[str, Patch]]


def changes_of(estate: Estate, patches: Patches) -> dict[str, TableChange]:
    """Say what becomes of each table that is not recomputed as a whole."""
    return {name: TableChange(~estate.nodes[name].gone, dict(patches.get(name, {}))) for name in estate.gathered}


def schemes_reaching(name: str, rules: Mapping[str, TableRules]) -> set[str]:
    """Schemes whose seals can reach a table: its own, and those of the tables that it hangs on, and so on."""
    seen, waiting = set(), [name]
    while waiting:
        table = waiting.pop()
        if table not in seen:
            seen.add(table)
            waiting += [rule.parent for rule in rules[table].links]
            waiting += [part.parent for part in rules[table].elements if part.parent is not None]
    return {scheme for table in seen for scheme in rules[table].schemes()}


def problems_of(
    estate: Estate, rules: Mapping[str, TableRules], index: Index, policy: Policy
) -> list[tuple[str, type[IncompleteError], str, str]]:
    """Why the run does not count as complete: table, kind of error, message and hint of each reason."""
    found: list[tuple[str, type[IncompleteError], str, str]] = []
    for name in estate.gathered:
        unchecked = unchecked_rows(estate, name)
        if unchecked and not policy.quarantine:
            found.append(
                (
                    name,
                    UncheckedKeys,
                    f"{unchecked} rows have a key that is near a valid one or does not parse",
                    "--quarantine FOLDER sets these rows aside for a person to look at; "
                    "--accept near,unparsable lets them pass and says so in the report.",
                )
            )
        coverage = _coverage(name, rules, index)
        if coverage < policy.min_coverage:
            found.append(
                (
                    name,
                    LowCoverage,
                    f"the keys that reach this table could recognise {coverage:.1%} of the seals, "
                    f"less than {policy.min_coverage:.1%}",
                    "name more keys, link it to a table that has them, or accept less with --min-coverage.",
                )
            )
        for column, rule in rules[name].spec.columns.items():
            if rule == "fail" and any(node.gone.any() or node.edited for node in estate.nodes.values()):
                found.append(
                    (
                        name,
                        UncheckedKeys,
                        f"the column {column!r} is of unknown lineage, and the plan says to fail",
                        "declare how it is derived, or let it become null.",
                    )
                )
    return found


def unchecked_rows(estate: Estate, name: str) -> int:
    """Count the rows that stay although a key of theirs could not be checked."""
    return int(np.count_nonzero(estate.doubtful[name] & ~estate.nodes[name].gone))


def _coverage(name: str, rules: Mapping[str, TableRules], index: Index) -> float:
    schemes = schemes_reaching(name, rules)
    return index.coverage(schemes) if schemes else 1.0


def raise_problems(problems: Sequence[tuple[str, type[IncompleteError], str, str]], report: Report) -> None:
    """Raise the first of them; the error carries the report."""
    for name, kind, message, hint in problems:
        error = kind(message, where=name, hint=hint)
        error.report = report
        raise error


def report_of(
    plan: str,
    spec: PlanSpec,
    rules: Mapping[str, TableRules],
    estate: Estate,
    index: Index,
    policy: Policy,
    action: str,
    *,
    derived: Derived | None = None,
    extra: Mapping[str, Iterable[ColumnReport]] | None = None,
    warnings: Iterable[str] = (),
    dry_run: bool = False,
) -> Report:
    """Put a run's counts together."""
    problems = problems_of(estate, rules, index, policy)
    tables = []
    for name, rule in rules.items():
        columns = [*(derived.reports.get(name, []) if derived else []), *((extra or {}).get(name, ()))]
        if isinstance(rule.spec.independent, dict):
            columns += [
                ColumnReport(column=column, kind="independent", reason=reason)
                for column, reason in rule.spec.independent.items()
            ]
        tables.append(_table(name, rule, rules, estate, index, policy, action, columns, derived))
    return Report(
        action="scan" if action == "scan" else "scrub",
        epoch=index.epoch,
        as_of=index.as_of,
        not_after=index.not_after,
        index_id=index.id,
        use=spec.use,
        audience=index.header.facts.audience,
        complete=not problems,
        problems=tuple(f"{name}: {message}" for name, _, message, _ in problems),
        warnings=(*_warnings(estate, rules), *warnings),
        accepted=tuple(sorted(policy.accept)),
        allowed=tuple(sorted(policy.allow)),
        min_coverage=policy.min_coverage,
        dry_run=dry_run,
        tables=tuple(tables),
        plan=plan,
        refit=tuple(f"{item} ({name})" for name, rule in rules.items() for item in rule.spec.refit),
    )


def _table(
    name: str,
    rule: TableRules,
    rules: Mapping[str, TableRules],
    estate: Estate,
    index: Index,
    policy: Policy,
    action: str,
    columns: Sequence[ColumnReport],
    derived: Derived | None,
) -> TableReport:
    if name not in estate.gathered:
        rows = derived.tables[name].height if derived is not None and name in derived.tables else 0
        return TableReport(name=name, rows=rows, removed=0, keys=(), coverage=1.0, columns=tuple(columns))
    node, gathered = estate.nodes[name], estate.gathered[name]
    gone = int(np.count_nonzero(node.gone))
    aside = int(np.count_nonzero(estate.aside[name]))
    own = int(np.count_nonzero(node.gone & (estate.matched(name) | estate.aside[name])))
    edited = np.zeros(gathered.rows, bool)
    for reached, _ in node.edited:
        edited |= reached
    edited &= ~node.gone
    keys = [key_report(tally) for judged in estate.keys_of(name) for tally in judged.matcher.tally().keys]
    return TableReport(
        name=name,
        rows=gathered.rows,
        removed=gone - aside if action == "scrub" else 0,
        changed=int(np.count_nonzero(edited)) if action == "scrub" else 0,
        quarantined=aside,
        unchecked=0 if policy.quarantine else unchecked_rows(estate, name),
        coverage=_coverage(name, rules, index),
        keys=tuple(keys),
        linked=gone - own,
        notes=tuple(_notes(estate, rule)),
        columns=tuple(columns),
    )


def _notes(estate: Estate, rule: TableRules) -> Iterable[str]:
    node = estate.nodes[rule.name]
    if node.parentless:
        yield f"{node.parentless:,} rows never had a row that they are orphans of, and stay"
    if node.dangling:
        yield f"{node.dangling:,} times a link of a row is null, or names a row that is not there"
    if isinstance(rule.spec.independent, str):
        yield f"nothing reaches it, by declaration: {rule.spec.independent}"


def _warnings(estate: Estate, rules: Mapping[str, TableRules]) -> Iterable[str]:
    for name in estate.gathered:
        for judged in estate.keys_of(name):
            if not judged.matcher.has_keys():
                labels = ", ".join(rule.key.label for rule in judged.rules)
                yield f"{name}: no row has a key in {labels}, so there was nothing to match"


def fault(error: SealscrubError) -> str:
    """An error as a line of a list."""
    where = f"{error.where}: " if error.where else ""
    return f"{where}{error.message}" + (f" ({error.hint})" if error.hint else "")
