"""One run of a plan: find over everything, recompute, then write, or return frames."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sealscrub.atomic_write import placed_folder
from sealscrub.errors import ConfigError, SealscrubError, Spelled
from sealscrub.index import Index, TextIndex
from sealscrub.matching import LevelMatcher, LevelTally, Policy, SweepTally
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.database.database_placement import DatabasePlacement
from sealscrub.tables.database.stores import stores_of
from sealscrub.tables.delta.delta_writer import WrittenFile
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_placement import IcebergPlacement
from sealscrub.tables.lake_table import LakeTable
from sealscrub.tables.table import FoundRows, Table

from ..level_rules import level_rules, without_met
from ..narrative_pass import narratives_of
from ..options import Progress
from ..output_places import private_place
from ..scrub_report import Report
from ..scrub_report_values import ColumnReport
from ..table_outcomes import names_warnings, raise_first
from .column_accounts import check_accounted
from .estate.estate_search import Estate, find
from .estate_sweep import sweep_estate
from .estate_writer import Links, check_places, copy_files, place_in_catalogs, write_tables, written_files
from .increment import Record, Touched, touched_by
from .plan_outcome import changes_of, problems_of, report_of
from .recomputation.derived_tables import Derivation, Derived
from .recomputation.private_folder import private_folder
from .recomputation.recipe_checks import CheckRecord
from .recomputation.recipes import Recipe, order_recipes, read_recipes
from .surrogate_ids import raw_namesakes, rekey
from .table_places import place_of
from .value_edits import check_edited, check_held, edits_of
from .written_plan import WrittenPlan

__all__ = ["Run", "earlier_kept"]

_OTHER = "plan, sources, output or strictness are not the earlier one's"


@dataclass(slots=True, eq=False)
class _Result:
    """What happens to every table."""

    estate: Estate
    changes: dict[str, TableChange]
    derived: Derived
    extra: dict[str, list[ColumnReport]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    touched: Touched | None = None
    levels: dict[str, tuple[LevelTally, ...]] = field(default_factory=dict)
    unread: dict[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: dict[str, tuple[SweepTally, ...]] = field(default_factory=dict)


class Run:
    """A plan, its tables, an index, and how strict to be."""

    def __init__(
        self,
        plan: WrittenPlan,
        tables: dict[str, Table],
        index: Index,
        policy: Policy,
        progress: Progress | None = None,
        *,
        allow_python: Collection[str] = (),
        label: str | None = None,
        jobs: int = 1,
        sweep: bool = True,
        names: TextIndex | None = None,
    ) -> None:
        index.require_use(plan.spec.use)
        self._plan, self._tables, self._index, self._policy = plan, tables, index, policy
        self._progress, self._jobs, self._label, self._sweep, self._names = progress, jobs, label, sweep, names
        self._texts = any(rule.spec.narrative for rule in plan.rules.values())
        self._recipes = read_recipes(plan.rules, allow_python)
        check_edited(plan.rules, policy)
        known = {name: table.known_columns for name, table in tables.items()}
        check_accounted(plan.rules, {name: columns for name, columns in known.items() if columns is not None})
        for name, table in tables.items():
            rules = plan.rules[name]
            keys = [rule.key for rule in rules.keys]
            table.knowing(level_rules(index, keys, policy, rules.linking(), rules.spec.leave))

    def scan(self) -> Report:
        """Find, and say what was found."""
        estate = self.found()
        levels, unread = {}, {}
        for name, table in self._tables.items():
            unread[name] = table.unread_parts()
            rules = self._plan.rules[name]
            keys = [rule.key for rule in rules.keys]
            lists = LevelMatcher(self._index, keys, self._policy, leave=rules.spec.leave)
            judged = estate.gathered[name].judged if name in estate.gathered else ()  # a table may have no key or link
            matchers = [group.matcher for group in judged]
            levels[name] = lists.tally(table.unused_levels(without_met(lists.suspect, matchers)))
        return self._report(
            _Result(
                estate, {}, Derived(), levels=levels, unread=unread, elsewhere=self._sweep_tables(estate, written=False)
            ),
            "scan",
        )

    def refusals(self, estate: Estate) -> list[tuple[str, SealscrubError]]:
        """Say table by table why a scrub of what was found would be refused before it recomputes anything."""
        elsewhere = self._sweep_tables(estate, written=True)
        problems = problems_of(estate, self._plan.rules, self._index, self._policy, elsewhere)
        refused: list[tuple[str, SealscrubError]] = [
            (name, error(message, hint=hint)) for name, error, message, hint in problems
        ]
        for name in estate.gathered:
            try:
                changes = changes_of(estate, {name: edits_of(estate, self._plan.rules[name])})
                self._tables[name].check_change(changes[name])
            except SealscrubError as error:
                refused.append((name, error))
        return refused

    def dry_run(self) -> Report:
        """Find and recompute, and write nothing."""
        return self._report(self._result(None), "scrub", dry_run=True)

    def frames(self) -> tuple[dict[str, Any], Report, dict[str, Any] | None]:
        """Give the tables back as what they came in, and so the rows that were set aside, if that was asked for."""
        result = self._result(None)
        data = {}
        for name, table in self._tables.items():
            if name in result.derived.tables:
                data[name] = table.replaced(result.derived.tables[name], None)
            else:
                data[name] = table.changed(result.changes[name], None)
        aside = None
        if self._policy.quarantine:
            wanted = {name: rows for name, rows in result.estate.aside.items() if rows.any()}
            aside = {name: self._tables[name].set_aside(FoundRows.aside(rows), None) for name, rows in wanted.items()}
        return data, self._report(result, "scrub"), aside

    def write(
        self, output: Path, *, replace: bool = False, since: Index | None = None, quarantine: Path | None = None
    ) -> Report:
        """Write the estate to a folder, as a whole or not at all."""
        earlier = self.checked_place(output, quarantine, replace=replace)
        record = Record(output.resolve())
        base = self._base(since, record, replace=replace)
        with (
            DatabasePlacement() as databases,
            IcebergPlacement() as catalogs,
            placed_folder(output, earlier=earlier) as part,
            contextlib.ExitStack() as aside,
        ):
            result = self._result(part, base)
            write_tables(
                self._tables,
                result.changes,
                result.derived.tables,
                self._plan.root,
                part,
                jobs=self._jobs,
                progress=self._progress,
                linked=self._links(result.touched, record) if result.touched is not None else None,
            )
            result.warnings += copy_files(
                self._tables, result.changes, result.estate, self._plan.rules, self._plan.root, part
            )
            if quarantine is not None:
                self._set_aside(result.estate, quarantine, aside)
            databases.write(self._tables, result.changes, result.derived.tables, self._plan.root, part)
            name, kept_as = output.resolve().name, f"earlier_{_stamp()}" if replace else None
            result.warnings += databases.place(name, f"{name}_{kept_as}" if replace else None)
            result.warnings += place_in_catalogs(self._tables, result.changes, catalogs, kept_as)
        if stores_of(self._tables):
            _remove_empty(output)
        record.write(self._plan.spec, self._index, self._label or "", self._policy, self._tables)
        if since is not None and base is None:
            result.warnings.append(f"this was a full run: {self._never_linked or _OTHER}")
        result.warnings += earlier_kept(earlier)
        return self._report(result, "scrub")

    def checked_place(self, output: Path, quarantine: Path | None, *, replace: bool) -> Path | None:
        """Refuse places that are in the way; give the one where an earlier output goes, if it may be replaced."""
        rules = self._plan.rules.values()
        named = [self._plan.root / rule.spec.files.folder for rule in rules if rule.spec.files is not None]
        others = named if self._plan.path is None else [*named, self._plan.path]
        check_places(output, quarantine, self._tables, self._index, replace=replace, others=others)
        self._label = self._label if self._label is not None else output.resolve().name
        return _earlier_place(output) if replace else None

    def _base(self, since: Index | None, record: Record, *, replace: bool) -> Index | None:
        """Give the index of the earlier output, if that output can be built upon."""
        if since is None or self._never_linked:
            return None
        if not replace:
            raise ConfigError(
                "the new output would replace the earlier one that it builds on",
                hint=Spelled("add replace=True.", "add --replace."),
            )
        known = {scheme for judged in self._plan.rules.values() for scheme in judged.schemes()}
        same_key = since.header.key_id == self._index.header.key_id and known <= set(since.schemes)
        fits = same_key and record.fits(self._plan.spec, since, self._label or "", self._policy, self._tables)
        return since if fits else None

    @property
    def _never_linked(self) -> str:
        """Why no run of the plan builds upon an earlier output; empty if one may."""
        if self._texts:
            return "the plan has narratives, and all of them are read again"
        if not all(_is_known_again(table) for table in self._tables.values()):
            return "tables of databases and catalogs are written as a whole"
        return ""

    def _links(self, touched: Touched, record: Record) -> dict[str, Links]:
        """Say for each table which files are taken from the earlier output."""
        links = {}
        for name, table in self._tables.items():
            if isinstance(table, FilesTable):
                place = record.output / place_of(table, self._plan.root)
                untouched = touched.untouched_files(table)
                links[name] = Links({each: place / each if table.folder else place for each in untouched})
            elif isinstance(table, LakeTable):
                place, placed = record.output / place_of(table, self._plan.root), record.placed(name)
                if not touched.reaches(name):
                    links[name], table.placed = Links(written_files(place)), placed
                elif placed is not None:
                    written = WrittenFile.of(place, placed)
                    untouched_parts = touched.untouched_parts(table)
                    links[name] = Links(parts={at: written[at] for at in untouched_parts if at in written})
        return links

    def _result(self, beside: Path | None, since: Index | None = None) -> _Result:
        plan = self._plan
        for name, table in self._tables.items():
            check_held(table, plan.rules[name])
        estate = self.found(since)
        elsewhere = self._sweep_tables(estate, written=True)
        problems = problems_of(estate, plan.rules, self._index, self._policy, elsewhere)
        raise_first(problems, lambda: self._report(_Result(estate, {}, Derived(), elsewhere=elsewhere), "scrub"))
        edits = {name: edits_of(estate, plan.rules[name]) for name in estate.gathered}
        recipes, touched = self._recipes, None
        if estate.earlier is not None:
            before = {name: edits_of(estate.earlier, plan.rules[name]) for name in estate.gathered}
            touched = touched_by(estate, estate.earlier, edits, before, order_recipes(recipes))
            recipes = list(touched.recipes)
        emptied = {name: self._empty_columns(estate, name) for name in estate.gathered}
        edited = {name: {**edits[name], **emptied[name]} for name in estate.gathered}
        derived = self._derive(recipes, estate, edited, beside)
        patches = {name: {**edits[name], **emptied[name], **derived.patches.get(name, {})} for name in estate.gathered}
        extra = self._edited_columns(edits)
        for name, columns in emptied.items():
            extra.setdefault(name, []).extend(
                ColumnReport(column=column, kind="unknown", changed=len(patch.rows))
                for column, patch in columns.items()
            )
        label = self._label or ""
        for name, reports in rekey(plan.ids, estate, plan.rules, patches, derived.tables, self._index, label).items():
            extra.setdefault(name, []).extend(reports)
        warnings = raw_namesakes(plan.ids, {name: table.columns for name, table in self._tables.items()})
        changes = self._changed(estate, patches)
        for name, change in changes.items():
            self._tables[name].check_change(change)
        return _Result(estate, changes, derived, extra, warnings, touched=touched, elsewhere=elsewhere)

    def _changed(self, estate: Estate, patches: Mapping[str, Mapping[str, Patch]]) -> dict[str, TableChange]:
        """Say what happens to each table that is not recomputed as a whole."""
        return changes_of(estate, patches)

    def _derive(
        self, recipes: list[Recipe], estate: Estate, edits: dict[str, dict[str, Patch]], beside: Path | None
    ) -> Derived:
        """Try the recipes, and run them on what is left."""
        plan = self._plan
        with private_folder(beside) as folder:
            known = CheckRecord(plan.path).read(plan.spec, self._tables) if plan.path is not None and recipes else {}
            memory = plan.spec.memory
            derivation = Derivation(recipes, self._tables, plan.rules, folder=folder, memory=memory, known=known)
            return derivation.run(estate, edits)

    def found(self, since: Index | None = None) -> Estate:
        """Find over the whole estate, and do nothing."""
        given = (self._tables, self._plan.rules, self._index, self._policy, self._progress)
        if self._texts:
            with narratives_of(self._index, self._names, self._policy, self._plan.spec.use) as narratives:
                estate = find(*given, narratives=narratives)
        else:
            estate = find(*given, since=since)
        check_accounted(self._plan.rules, {name: found.table.columns for name, found in estate.gathered.items()})
        return estate

    def _sweep_tables(self, estate: Estate, *, written: bool) -> dict[str, tuple[SweepTally, ...]]:
        if not self._sweep:
            return {}
        return sweep_estate(estate, self._tables, self._plan.rules, self._index, self._policy, written=written)

    def _edited_columns(self, edits: dict[str, dict[str, Patch]]) -> dict[str, list[ColumnReport]]:
        """What is to be said about columns that changed without a recipe."""
        said: dict[str, list[ColumnReport]] = {}
        for name, patches in edits.items():
            rules = self._plan.rules[name]
            lists = {part.column for part in rules.elements}
            counts = {part.count for part in rules.elements} | {part.count for part in rules.supports}
            for column, patch in patches.items():
                if column in rules.spec.narrative:
                    continue
                kind = "elements" if column in lists else "count" if column in counts else "edited"
                said.setdefault(name, []).append(ColumnReport(column=column, kind=kind, changed=len(patch.rows)))
        return said

    def _empty_columns(self, estate: Estate, name: str) -> dict[str, Patch]:
        """Empty the columns that the plan says to; recipes find them so."""
        kept = np.flatnonzero(~estate.nodes[name].gone)
        wanted = [column for column, rule in self._plan.rules[name].spec.columns.items() if rule == "null"]
        if not wanted or not len(kept):
            return {}
        schema = next(iter(self._tables[name].batches(wanted))).schema
        return {c: Patch(kept, pl.repeat(None, len(kept), dtype=schema[c], eager=True)) for c in wanted}

    def _set_aside(self, estate: Estate, quarantine: Path, stack: contextlib.ExitStack) -> None:
        """Write the rows that were set aside for a person to look at."""
        wanted = {name: rows for name, rows in estate.aside.items() if rows.any()}
        if not wanted:
            return
        part = stack.enter_context(private_place(quarantine, folder=True))
        for name, rows in wanted.items():
            table = self._tables[name]
            inside = place_of(table, self._plan.root) if isinstance(table, FilesTable) else Path(f"{name}.parquet")
            (part / inside).parent.mkdir(parents=True, exist_ok=True)
            table.set_aside(FoundRows.aside(rows), part / inside)

    def _report(self, result: _Result, action: str, *, dry_run: bool = False) -> Report:
        return report_of(
            self._plan.name,
            self._plan.spec,
            self._plan.rules,
            result.estate,
            self._index,
            self._policy,
            action,
            derived=result.derived,
            extra=result.extra,
            warnings=[*result.warnings, *names_warnings(self._names)],
            dry_run=dry_run,
            levels=result.levels,
            unread=result.unread,
            elsewhere=result.elsewhere,
            sweep=self._sweep,
        )


def _is_known_again(table: Table) -> bool:
    """Say whether source and output of a table are known to be what they were: not of databases and of catalogs."""
    if isinstance(table, LakeTable):
        return not isinstance(table.target, IcebergAddress)
    return isinstance(table, FilesTable)


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def _remove_empty(output: Path) -> None:
    """Leave no folder if everything was written to schemas."""
    if not any(output.iterdir()):
        output.rmdir()


def earlier_kept(earlier: Path | None) -> list[str]:
    """Say that an earlier output is there still."""
    if earlier is None or not earlier.exists():
        return []
    return [f"the earlier output is kept as {earlier.name}: delete it: comparing the two reveals the new seals"]


def _earlier_place(output: Path) -> Path:
    """Name the place where an earlier output is kept."""
    found = output.with_name(f"{output.name}.earlier-{_stamp()}")
    if found.exists():
        raise ConfigError("an earlier output of this second is there", where=str(found), hint="delete it first.")
    return found
