"""``plan check``: what can be known of a plan and its tables, and with an index what a scrub would refuse."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import SealscrubError, Spelled, UsageError
from sealscrub.identifiers import Status, canonicalise
from sealscrub.index import Index, TextIndex
from sealscrub.matching import Policy
from sealscrub.matching.hidden_names import hide_names
from sealscrub.matching.key_columns import canonical_of
from sealscrub.reports import Document, counted
from sealscrub.tables.aggregate_mark import marked_in
from sealscrub.tables.table import Table

from ..options import Progress
from ..scrub_report_values import ColumnReport
from .check_document import check_brief, check_document
from .check_values import CheckValues, TableCheck
from .column_accounts import unaccounted
from .column_names import first_column, looks_derived
from .estate.checked_coverage import rows_without_key
from .estate.estate_search import Estate, find
from .estate.table_gather import check_columns
from .plan_file import UNDECIDED
from .plan_outcome import WITHOUT_KEY, fault, idle_links, without_key
from .plan_rules import TableRules
from .plan_run import Run
from .recomputation.derived_tables import Derivation
from .recomputation.private_folder import private_folder
from .recomputation.recipe_checks import CheckRecord
from .recomputation.recipes import Recipe, order_recipes, read_recipes
from .surrogate_ids import raw_namesakes
from .value_edits import check_edited, check_held, edits_of
from .written_plan import WrittenPlan

__all__ = ["PlanCheck", "check_plan"]


_SAMPLE = 20_000
_DENSE = 0.5
_FEWEST = 20
_MOST_COUNTED = 60


@dataclass(slots=True)
class PlanCheck(CheckValues):
    """What ``plan check`` found.

    Attributes
    ----------
    plan : str
    tables : list of TableCheck
    problems : list of str
        Of the plan as a whole.
    recipes : bool
        Whether recipes were run.
    swept : bool
        Whether columns that the plan does not read as keys were compared with an index.
    sweep_waits : bool
        Whether they were not because something else has to be fixed first.
    exit_code : int
        0 without a problem; else that of the first problem, 2 or 3.
    """

    def in_shell(self) -> PlanCheck:
        """Give the same, with problems that are said as to somebody at a shell."""
        tables = [replace(table, problems=[*map(Spelled.in_shell, table.problems)]) for table in self.tables]
        return replace(self, tables=tables, problems=[*map(Spelled.in_shell, self.problems)])

    def _document(self) -> Document:
        return check_document(self)

    def _brief(self) -> Document:
        return check_brief(self)

    def _facts(self) -> Mapping[str, Any]:
        return {"ok": self.ok, "exit_code": self.exit_code, **asdict(self)}


def check_plan(
    plan: WrittenPlan,
    tables: dict[str, Table],
    *,
    recipes: bool,
    allow_python: Collection[str],
    progress: Progress | None,
    index: Index | None = None,
    policy: Policy | None = None,
    names: TextIndex | None = None,
) -> PlanCheck:
    """Check a plan over its tables; see :meth:`Plan.check`."""
    strict = policy or plan.policy
    check = _checked(plan, tables, recipes, allow_python, progress, index, strict, names)
    return check if index is None else hide_names(check, index, strict)


def _checked(
    plan: WrittenPlan,
    tables: dict[str, Table],
    recipes: bool,
    allow_python: Collection[str],
    progress: Progress | None,
    index: Index | None,
    strict: Policy,
    names: TextIndex | None,
) -> PlanCheck:
    found = {
        name: TableCheck(name, rule.spec.source, tables[name].rows, _kind(plan, name))
        for name, rule in plan.rules.items()
    }
    check = PlanCheck(plan.name, list(found.values()), recipes=recipes, sweep_waits=index is not None)
    columns = {}
    for name, table in tables.items():
        with marked_in(plan.rules[name].where):
            columns[name] = table.columns
    for name, table in tables.items():
        _attempt(check, found[name].problems, partial(check_columns, table, plan.rules[name]))
        _attempt(check, found[name].problems, partial(check_held, table, plan.rules[name]))
        _columns(plan, name, table, found[name], check)
    if plan.undecided:
        check.problems.append(
            f"{counted(plan.undecided, 'place', 'is', 'are')} marked {UNDECIDED} settle each, and delete its mark"
        )
        check.exit_code = check.exit_code or 2
    known: list[Recipe] = []
    _attempt(check, check.problems, lambda: known.extend(read_recipes(plan.rules, allow_python)))
    _attempt(check, check.problems, lambda: order_recipes(known))
    _attempt(check, check.problems, lambda: check_edited(plan.rules, strict))
    if not check.ok:
        return check
    for name, table in tables.items():
        _attempt(
            check,
            found[name].problems,
            partial(_keys, plan, name, table, found[name], check, None if index else strict),
        )
    for name, table in tables.items():
        suspects = _suspects(plan, name, table)
        if suspects:
            found[name].notes.append(
                f"by their values, these may be counts or labels: {', '.join(suspects)}; "
                "declare them if other records affect them"
            )
    for note in raw_namesakes(plan.ids, columns):
        found[note.partition(".")[0]].notes.append(note)
    runs: list[Run] = []
    estates: list[Estate] = []
    if index is None:
        _attempt(check, check.problems, lambda: estates.append(find(tables, plan.rules, None, Policy(), progress)))
    else:
        make = partial(Run, plan, tables, index, strict, progress, allow_python=allow_python, names=names)
        _attempt(check, check.problems, lambda: runs.append(make()))
        _attempt(check, check.problems, lambda: estates.extend(run.found() for run in runs))
    for estate in estates:
        for name, gathered in estate.gathered.items():
            found[name].rows = gathered.rows
            found[name].notes += _serials(plan, estate, name)
            node = estate.nodes[name]
            if node.dangling:
                found[name].notes.append(
                    f"{counted(node.dangling, 'link', 'names', 'name')} a row that does not exist: such rows stay"
                )
            if node.unset:
                found[name].notes.append(f"{counted(node.unset, 'link', 'is', 'are')} null: such rows stay")
            if index is None:
                _attempt(check, found[name].problems, partial(edits_of, estate, plan.rules[name]))
        for name, said in idle_links(estate):
            found[name].notes.append(said)
        if index is None:
            _attempt(check, check.problems, partial(_check_reach, plan, tables, estate, found, check, strict))
    settled = check.ok
    if recipes and known and settled:
        _try_recipes(plan, tables, known, found, check)
    if settled and runs and estates:
        _attempt(check, check.problems, partial(_compare, runs[0], estates[0], found, check))
    return check


def _compare(run: Run, estate: Estate, found: dict[str, TableCheck], check: PlanCheck) -> None:
    """Take over what a scrub would refuse, sealed ids in other columns among it."""
    for name, error in run.refusals(estate):
        found[name].problems.append(fault(error))
        check.exit_code = check.exit_code or error.exit_code
    check.swept, check.sweep_waits = True, False


def _try_recipes(
    plan: WrittenPlan, tables: dict[str, Table], known: list[Recipe], found: dict[str, TableCheck], check: PlanCheck
) -> None:
    def run() -> None:
        with private_folder(None) as folder:
            derivation = Derivation(known, tables, plan.rules, folder=folder, memory=plan.spec.memory)
            derived = derivation.run(None, {})
        if plan.path is not None:
            CheckRecord(plan.path).write(plan.spec, tables, derivation.reproduced())
        for name, reports in derived.reports.items():
            found[name].columns += reports

    _attempt(check, check.problems, run)


def _attempt(check: PlanCheck, problems: list[str], step: Callable[[], object]) -> None:
    try:
        step()
    except SealscrubError as error:
        problems.append(fault(error))
        check.exit_code = check.exit_code or error.exit_code


def _columns(plan: WrittenPlan, name: str, table: Table, found: TableCheck, check: PlanCheck) -> None:
    rule = plan.rules[name]
    if not rule.reached and not isinstance(rule.spec.independent, str):
        found.problems.append(
            "nothing reaches this table: declare keys or a link, or independent = 'why no sealed record affects it'"
        )
    missing = unaccounted(rule, table.columns)
    for why in dict.fromkeys(missing.values()):
        names = [column for column in missing if missing[column] == why]
        several = len(names) > 1
        comes = "they come" if several else "it comes"
        found.problems.append(
            f"columns{' ' if several else '.'}{', '.join(names)}: the plan does not say where {comes} from: {why}"
        )
    if found.problems:
        check.exit_code = check.exit_code or 2
    if isinstance(rule.spec.independent, dict):
        found.columns += [
            ColumnReport(column=column, kind="independent", reason=reason)
            for column, reason in rule.spec.independent.items()
        ]
    if rule.spec.refit:
        found.notes.append(f"to be fitted again after scrubbing: {', '.join(rule.spec.refit)}")


def _suspects(plan: WrittenPlan, name: str, table: Table) -> list[str]:
    """Name columns that look like counts or labels by what they hold, and of which the plan says nothing."""
    rule = plan.rules[name]
    if rule.derived_whole or isinstance(rule.spec.independent, str):
        return []
    names = [column for column in table.columns if column not in rule.accounted()]
    found = []
    for values in _first_values(table, names):
        column, values = values.name, values.drop_nulls()
        if values.dtype == pl.String:
            values = values.cast(pl.Int64, strict=False)
        whole = values.dtype.is_integer() and not values.null_count() and len(values) >= _FEWEST
        if whole and int(values.min()) == 0 and int(values.max()) <= _MOST_COUNTED:  # type: ignore[arg-type]  # whole numbers
            found.append(column)
    return found


def _first_values(table: Table, names: list[str]) -> list[pl.Series]:
    """Give the first values of columns, less those that are of one type here and of another there."""
    try:
        batch = next(iter(table.batches(names)), None) if names else None
    except UsageError:
        return [values for name in names for values in _first_values(table, [name])] if len(names) > 1 else []
    return [] if batch is None else batch.head(_SAMPLE).get_columns()


def _keys(
    plan: WrittenPlan, name: str, table: Table, found: TableCheck, check: PlanCheck, policy: Policy | None
) -> None:
    """Look whether the first values of each key column parse; with an index all are judged, and no policy is given."""
    for rule in plan.rules[name].keys:
        if len(rule.key.columns) > 1:
            continue
        column = rule.key.columns[0]
        batch = next(iter(table.key_batches([column], [column])), None)
        if batch is None or not batch.height:
            continue
        status = canonicalise(batch.get_column(column).head(_SAMPLE).alias("key"), rule.key.scheme).status
        values = int(np.count_nonzero(status != Status.NULL))
        good = int(np.count_nonzero(status == Status.OK))
        if policy is not None and values and good / values < 1 - policy.max_unparsable:
            check.exit_code = check.exit_code or 2
            found.problems.append(f"keys: only {good} of the first {values} values of {column!r} are {rule.key.scheme}")
        if not values:
            found.notes.append(f"none of the first rows has a key in {column!r}")


def _check_reach(
    plan: WrittenPlan,
    tables: dict[str, Table],
    estate: Estate,
    found: dict[str, TableCheck],
    check: PlanCheck,
    policy: Policy,
) -> None:
    """Look whether every row has a key, or a link to a row that has one."""
    if "null" in policy.accept:
        return
    keyed = {name: _rows_with_key(tables[name], plan.rules[name]) | rows for name, rows in estate.doubtful.items()}
    for name, rows in estate.refused(rows_without_key(keyed, estate.nodes, estate.joins)).items():
        if rows.any():
            found[name].problems.append(f"{without_key(rows)} ({WITHOUT_KEY})")
            check.exit_code = check.exit_code or 3


def _rows_with_key(table: Table, rules: TableRules) -> Mask:
    keys = [rule.key for rule in rules.keys]
    columns = list(dict.fromkeys(column for key in keys for column in key.columns))
    rows = [np.zeros(0, bool)]
    for batch in table.key_batches(columns or first_column(table.columns), columns):
        found = np.zeros(batch.height, bool)
        for key in keys:
            found |= canonical_of(batch, key, where=rules.name).status != Status.NULL
        rows.append(found)
    return np.concatenate(rows)


def _serials(plan: WrittenPlan, estate: Estate, name: str) -> Iterator[str]:
    """Name ids that are numbered through: the gaps that a scrub leaves reveal how many records are missing.

    Columns of which the plan says nothing, and text, are judged by their first values.
    """
    rekeyed = {column for kind in plan.ids for table, column in kind.columns if table == name}
    gathered = estate.gathered[name]
    kept = [values for values in gathered.columns.values() if values.dtype != pl.String]
    others = [column for column in gathered.table.columns if column not in {values.name for values in kept}]
    for values in (*kept, *_first_values(gathered.table, others)):
        column = values.name
        if column not in rekeyed and not looks_derived(column) and _numbered_through(values.drop_nulls()):
            yield (
                f"{column} is numbered without gaps: gaps in the output reveal removed rows; "
                f"rekey = ['{column}'] hides them"
            )


def _numbered_through(values: pl.Series) -> bool:
    """Whether whole numbers, none of them null, fill most of a range, and hardly any appears twice."""
    if values.dtype == pl.String:
        values = values.cast(pl.Int64, strict=False)
    count = len(values)
    if not values.dtype.is_integer() or values.null_count() or count < _FEWEST:
        return False
    spread = int(values.max()) - int(values.min()) + 1  # type: ignore[arg-type]  # whole numbers
    if not 0.9 * count <= spread <= count / _DENSE:
        return False  # numbers as few as these, or as far apart, cannot fill a range
    distinct = values.n_unique()
    return distinct >= _FEWEST and distinct >= 0.9 * count and distinct >= _DENSE * spread


def _kind(plan: WrittenPlan, name: str) -> str:
    rule = plan.rules[name]
    kinds = []
    if rule.keys:
        kinds.append("keys: " + ("null" if all(key.edit for key in rule.keys) else "drop"))
    if any(not link.orphan for link in rule.links):
        kinds.append("linked")
    if any(link.orphan for link in rule.links):
        kinds.append("orphans")
    if rule.elements or rule.supports:
        kinds.append("edges" if rule.spec.edges else "elements")
    if rule.spec.files:
        kinds.append("files")
    if rule.spec.narrative:
        kinds.append("narratives")
    if rule.spec.derived:
        kinds.append(f"{counted(len(rule.spec.derived), 'derived column')}")
    if rule.derived_whole:
        kinds.append("derived")
    return ", ".join(kinds) or "independent"
