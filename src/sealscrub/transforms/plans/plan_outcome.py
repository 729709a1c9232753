"""From what was found in an estate to what happens to each table, and to the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import LowCoverage, SealscrubError, Spelled, UncheckedKeys
from sealscrub.index import Index
from sealscrub.matching import KeyColumn, LevelTally, Policy, SweepTally
from sealscrub.matching.known_recall import LOW_RECALL, covers_too_little, finds_too_little
from sealscrub.matching.matcher import QUARANTINE
from sealscrub.reports import counted
from sealscrub.tables.changes import Patch, TableChange

from ..metadata_losses import lost_entries
from ..repository_paths import repository_path
from ..scrub_report import Report
from ..scrub_report_values import ColumnReport, TableReport
from ..table_outcomes import (
    Problem,
    build_report,
    kept_keys,
    key_report,
    key_warnings,
    level_reports,
    table_problems,
)
from ..table_sweep import elsewhere_faults
from .estate.checked_coverage import reached_rows
from .estate.estate_search import Estate
from .estate.fan_out import crowded_links
from .estate.table_gather import Gathered
from .plan_rules import TableRules
from .plan_spec import PlanSpec
from .recomputation.derived_tables import Derived

__all__ = [
    "changes_of",
    "fault",
    "idle_links",
    "problems_of",
    "report_of",
    "unchecked_rows",
    "without_key",
]

WITHOUT_KEY = (
    "name a further key or link of the table; if such rows cannot belong to sealed records, say why: "
    "accept_null = 'a stop without an arrest'."
)

Patches = Mapping[str, Mapping[str, Patch]]


def changes_of(estate: Estate, patches: Patches) -> dict[str, TableChange]:
    """Say what happens to each table that is not recomputed as a whole."""
    return {name: TableChange(~estate.nodes[name].gone, dict(patches.get(name, {}))) for name in estate.gathered}


def schemes_reaching(name: str, rules: Mapping[str, TableRules]) -> set[str]:
    """Schemes whose seals can reach a table: its own, and those of the tables that it depends on, and so on."""
    seen, waiting = set(), [name]
    while waiting:
        table = waiting.pop()
        if table not in seen:
            seen.add(table)
            waiting += [rule.parent for rule in rules[table].links]
            waiting += [part.parent for part in rules[table].elements if part.parent is not None]
    return {scheme for table in seen for scheme in rules[table].schemes()}


def problems_of(
    estate: Estate,
    rules: Mapping[str, TableRules],
    index: Index,
    policy: Policy,
    elsewhere: Mapping[str, Sequence[SweepTally]] | None = None,
) -> list[Problem]:
    """Why the run does not count as complete: table, kind of error, message and hint of each reason."""
    found: list[Problem] = []
    for name in estate.gathered:
        unchecked = unchecked_rows(estate, name)
        if unchecked and not policy.quarantine:
            found.append(
                (
                    name,
                    UncheckedKeys,
                    f"{counted(unchecked, 'row', 'has', 'have')} a key that is near a valid one or does not parse",
                    Spelled(QUARANTINE, QUARANTINE.shell.replace("FILE", "FOLDER")),
                )
            )
        without = estate.without_key.get(name)
        if without is not None and without.any():
            found.append((name, UncheckedKeys, without_key(without), WITHOUT_KEY))
        coverage = _coverage(name, rules, index)
        reaching = schemes_reaching(name, rules)
        if reaching and (why := finds_too_little(index, reaching, policy)):
            found.append((name, LowCoverage, why, LOW_RECALL))
        if reaching and covers_too_little(index, reaching, policy):
            found.append(
                (
                    name,
                    LowCoverage,
                    f"the keys that reach this table could recognise {coverage:.1%} of the seals, "
                    f"less than {policy.min_coverage:.1%}",
                    Spelled(
                        "name more keys, link it to a table that has them, or accept less: Policy(min_coverage=…).",
                        "name more keys, link it to a table that has them, or accept less with --min-coverage.",
                    ),
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
        places, texts = (elsewhere or {}).get(name, ()), rules[name].spec.narrative
        found += [(name, *each) for each in elsewhere_faults(places, asker="plan", narratives=texts)]
    return found


def without_key(rows: Mask) -> str:
    """Say how many rows of a table are reached by no key."""
    return f"{counted(int(np.count_nonzero(rows)), 'row', 'has', 'have')} no key, nor a link to a row that has one"


def unchecked_rows(estate: Estate, name: str) -> int:
    """Count the rows that stay although a key of theirs could not be checked."""
    return int(np.count_nonzero(estate.doubtful[name] & ~estate.nodes[name].gone))


def _coverage(name: str, rules: Mapping[str, TableRules], index: Index) -> float:
    schemes = schemes_reaching(name, rules)
    return index.coverage(schemes) if schemes else 1.0


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
    levels: Mapping[str, Sequence[LevelTally]] | None = None,
    elsewhere: Mapping[str, Sequence[SweepTally]] | None = None,
    unread: Mapping[str, Sequence[str]] | None = None,
    sweep: bool = True,
) -> Report:
    """Put a run's counts together; `unread` is what the files of each table hold that was not read."""
    places, faults = elsewhere or {}, problems_of(estate, rules, index, policy)
    said = [
        problem
        for name in rules
        for problem in table_problems(
            name,
            [message for table, _, message, _ in faults if table == name],
            action,
            elsewhere=places.get(name, ()),
            levels=(levels or {}).get(name, ()),
            unread=(unread or {}).get(name, ()),
        )
    ]
    tables = []
    reached = reached_rows(estate.gathered, estate.joins)
    for name, rule in rules.items():
        columns = [*(derived.reports.get(name, []) if derived else []), *((extra or {}).get(name, ()))]
        if isinstance(rule.spec.independent, dict):
            columns += [
                ColumnReport(column=column, kind="independent", reason=reason)
                for column, reason in rule.spec.independent.items()
            ]
        made = _table(name, rule, rules, estate, index, policy, action, columns, derived)
        met = tuple(places.get(name, ()))
        listed = level_reports((levels or {}).get(name, ()))
        left = dict(rule.spec.leave) if sweep else {}
        reach = float(reached[name].mean()) if name in reached and made.rows else None
        place = estate.gathered[name].table.place if name in estate.gathered else None
        path = repository_path(place, index, policy)
        tables.append(replace(made, levels=listed, elsewhere=met, left=left, reach=reach, path=path))
    return build_report(
        index,
        policy,
        action,
        tables,
        use=spec.use,
        swept=sweep,
        declared=set().union(*(rule.schemes() for rule in rules.values())),
        columns={name: _other_columns(found) for name, found in estate.gathered.items() if rules[name].reached},
        problems=said,
        warnings=[*_warnings(estate, edited=action == "scrub"), *warnings],
        unread=[path for found in estate.gathered.values() for path in found.table.unread],
        dry_run=dry_run,
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
        rows = derived.rows(name) if derived is not None else 0
        return TableReport(name=name, rows=rows, removed=0, keys=(), coverage=1.0, columns=tuple(columns))
    node, gathered = estate.nodes[name], estate.gathered[name]
    gone = int(np.count_nonzero(node.gone))
    aside = int(np.count_nonzero(estate.aside[name]))
    texts = estate.narratives.get(name)
    own_rows = estate.matched(name) | estate.aside[name]
    if texts is not None:
        own_rows |= texts.dropped
    own = int(np.count_nonzero(node.gone & own_rows))
    edited = np.zeros(gathered.rows, bool)
    for reached, _ in node.edited:
        edited |= reached
    edited &= ~node.gone
    without = int(np.count_nonzero(estate.without_key.get(name, False)))
    keys = [key_report(tally) for judged in estate.keys_of(name) for tally in judged.matcher.tally().keys]
    return TableReport(
        name=name,
        rows=gathered.rows,
        removed=gone - aside if action == "scrub" else 0,
        changed=int(np.count_nonzero(edited)) if action == "scrub" else 0,
        quarantined=aside,
        unchecked=(0 if policy.quarantine else unchecked_rows(estate, name)) + without,
        without_key=without,
        accepted_null=rule.spec.accept_null or "",
        coverage=_coverage(name, rules, index),
        keys=tuple(keys),
        linked=gone - own,
        notes=(*_notes(estate, rule), *(lost_entries(gathered.table.lost_metadata) if action == "scrub" else ())),
        columns=tuple(columns),
        narratives=() if texts is None else texts.reports(~node.gone),
    )


def _other_columns(found: Gathered) -> list[str]:
    """Name the columns that stay as they are, and of which the plan says at most that they are independent."""
    spec = found.rules.spec
    declared = found.rules.structural() | {*spec.derived, *spec.columns, *spec.narrative, *spec.leave}
    table = found.table
    return [name for name in (*(table.known_columns or ()), *table.row_numbers) if name not in declared]


def _notes(estate: Estate, rule: TableRules) -> Iterable[str]:
    node = estate.nodes[rule.name]
    if node.parentless:
        yield f"{counted(node.parentless, 'row', 'stays', 'stay')} that never had a parent row"
    if node.dangling:
        yield f"{counted(node.dangling, 'time')} a link of a row names a row that does not exist"
    if node.unset:
        yield f"{counted(node.unset, 'time')} a link of a row is null"
    if isinstance(rule.spec.independent, str):
        yield f"nothing reaches it, by declaration: {rule.spec.independent}"


def _warnings(estate: Estate, *, edited: bool) -> Iterable[str]:
    for name in estate.gathered:
        without = estate.aside[name] | estate.without_key.get(name, False)
        for judged in estate.keys_of(name):
            yield from key_warnings(judged.matcher, without_key=bool(without.any()))
        if edited:
            yield from kept_keys(name, _left_keys(estate, name))
    yield from (f"{name}: {said}" for name, said in idle_links(estate))
    yield from crowded_links(estate.joins, estate.nodes)


def _left_keys(estate: Estate, name: str) -> list[KeyColumn]:
    """Give the keys that an edit leaves in rows that matched and stay."""
    found = estate.gathered[name]
    edits = [group.rules[0].edit for group in found.judged if (group.matched & ~estate.nodes[name].gone).any()]
    changed = [set(edit.columns) for edit in edits if edit is not None]
    return [rule.key for rule in found.rules.keys if any(not set(rule.key.columns) <= columns for columns in changed)]


def idle_links(estate: Estate) -> Iterator[tuple[str, str]]:
    """Name links that do nothing, by table: no row that they could name has a value, of those that stay."""
    for rule, joined in estate.joins.items():
        if (joined.parent[~estate.nodes[rule.parent].gone] < 0).all():
            columns = ", ".join(rule.parent_columns)
            said = f"nothing depends on it: no row of {rule.parent} that stays has a value in {columns}"
            yield rule.table.partition(".")[0], f"{rule.path}: {said}"


def fault(error: SealscrubError) -> Spelled:
    """An error as a line of a list."""
    return Spelled(*(text.replace("\n\nHint: ", "; ") for text in (str(error), error.in_shell())))
