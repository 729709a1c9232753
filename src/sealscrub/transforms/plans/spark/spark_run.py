"""One run of a plan whose tables Spark reads and writes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sealscrub.atomic_write import placed_folder
from sealscrub.errors import ConfigError, Spelled, UnreadableInput
from sealscrub.index import Index
from sealscrub.matching import Policy, SweepTally, TableMatcher, Verdicts
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.opener import refuse_lake_on_spark
from sealscrub.tables.table import Table

from ...options import Progress
from ...scrub_report import Report
from ...worker_judge import WorkerJudge
from ..estate.estate_search import Estate, find
from ..estate_sweep import sweep_estate
from ..estate_writer import copy_files
from ..plan_run import Run, earlier_kept
from ..recomputation.derived_tables import Derived
from ..recomputation.private_folder import private_folder
from ..recomputation.recipes import Recipe
from ..table_places import place_of
from ..written_plan import WrittenPlan
from .estate_files import EstateFiles
from .spark_recipes import DerivedInSpark, SparkRecipes, check_recipe
from .spark_sweep import SparkSweep

__all__ = ["SparkOptions", "scrub_plan_in_spark"]

_FILES = Spelled("leave out engine, or write it as Parquet.", "leave out --engine, or write it as Parquet.")
_HERE = Spelled("leave out engine.", "leave out --engine.")


@dataclass(frozen=True, slots=True)
class SparkOptions:
    """What is asked of a run on Spark: how strict it is, and names of what is asked for and not supported."""

    policy: Policy
    sweep: bool = True
    replace: bool = False
    dry_run: bool = False
    label: str | None = None
    refused: Collection[str] = ()


def scrub_plan_in_spark(
    session: Any,
    plan: WrittenPlan,
    index: Index,
    output: str | os.PathLike[str] | None,
    options: SparkOptions,
    progress: Progress | None = None,
) -> Report:
    """Scrub the estate of a plan with Spark; see :meth:`Plan.scrub`.

    Raises
    ------
    ConfigError
        When something is asked for that is not done on Spark; nothing is written.
    """
    for what in options.refused:
        raise ConfigError(
            f"{what} is not supported in plans on Spark",
            hint=Spelled("leave it out, or leave out engine.", "leave it out, or leave out --engine."),
        )
    if output is None and not options.dry_run:
        raise ConfigError(
            "no output given", hint=Spelled("set output=FOLDER, or dry_run=True.", "use -o FOLDER, or --dry-run.")
        )
    refuse_lake_on_spark(output)
    own, tables = _spark_estate(plan, session)
    run = SparkRun(own, plan, tables, index, options.policy, progress, label=options.label, sweep=options.sweep)
    if output is None or options.dry_run:
        return run.dry_run()
    return run.write_with_spark(Path(output), replace=options.replace)


def _spark_estate(plan: WrittenPlan, session: Any) -> tuple[Any, dict[str, EstateFiles]]:
    """Open the tables of a plan in a session of their own.

    Returns
    -------
    pyspark.sql.SparkSession, dict of str to EstateFiles

    Raises
    ------
    ConfigError
        When the plan says what is not done on Spark; nothing was read then.
    UsageError, UnreadableInput
        When a source is not what it should be.
    """
    for rule in plan.rules.values():
        spec, place = rule.spec, plan.root / rule.spec.source
        refuse_lake_on_spark(spec.source, f"{rule.where}.source")
        refuse_lake_on_spark(spec.output, f"{rule.where}.output")
        asked = {
            "narrative": bool(spec.narrative),
            "output": spec.output is not None,
            "keep_levels": bool(spec.keep_levels),
            "source": ":" in spec.source or "#" in spec.source or not place.resolve().is_relative_to(plan.root),
        }
        for entry, is_asked in asked.items():
            if is_asked:
                raise ConfigError(
                    "is not supported on Spark, which is given files of Parquet below the plan's folder",
                    where=f"{rule.where}.{entry}",
                    hint=_FILES,
                )
    for kind in plan.ids:
        for table, _ in kind.derived:
            raise ConfigError(
                f"ids of {table}, which is recomputed as a whole, are not re-keyed on Spark",
                where=f"{plan.rules[table].where}.derived_from",
                hint=_HERE,
            )
    if "connect" in type(session).__module__:
        raise ConfigError(
            "a connected session does not run plans", hint="give a classic one: SparkSession.builder.master(…)."
        )
    own = session.newSession()
    own.conf.set("spark.sql.caseSensitive", "false")
    own.conf.set("spark.sql.ansi.enabled", "true")
    own.conf.set("spark.sql.session.timeZone", "UTC")  # as recipes have it here
    use = plan.spec.use
    tables = {name: EstateFiles(own, name, rule, plan.root, use) for name, rule in plan.rules.items()}
    for name, rule in plan.rules.items():
        texts = {field.name for field in tables[name].spark.fields if field.dataType.typeName() == "string"}
        for column in texts & {*rule.spec.types}:
            raise ConfigError(
                "texts are not read as another type on Spark",
                where=f"{rule.where}.types.{column}",
                hint="give the column its type in the file.",
            )
    return own, tables


class SparkRun(Run):
    """A plan, its tables in Spark, an index, and how strict to be."""

    def __init__(
        self,
        session: Any,
        plan: WrittenPlan,
        tables: dict[str, EstateFiles],
        index: Index,
        policy: Policy,
        progress: Progress | None = None,
        *,
        label: str | None = None,
        sweep: bool = True,
    ) -> None:
        super().__init__(plan, {**tables}, index, policy, progress, label=label, sweep=sweep)
        self._sql = {recipe: check_recipe(recipe, tables) for recipe in self._recipes}
        self._session, self._files, self._made = session, tables, DerivedInSpark()
        self._folder: Path | None = None

    def dry_run(self) -> Report:
        """Find and recompute, and write nothing; results of recipes go to a temporary folder."""
        with self._private(None):
            return super().dry_run()

    def write_with_spark(self, output: Path, *, replace: bool = False) -> Report:
        """Write the estate to a folder, as a whole or not at all.

        Raises
        ------
        UnreadableInput
            When Spark cannot run its plan, or did not write the rows that stay; nothing is written.
        """
        earlier = self.checked_place(output, None, replace=replace)
        with placed_folder(output, earlier=earlier) as part, self._private(part) as folder:
            result = self._result(part)
            for name, table in self._files.items():
                self._write(name, table, folder / f"written.{name}", part)
            result.warnings += copy_files(
                self._tables, result.changes, result.estate, self._plan.rules, self._plan.root, part
            )
        result.warnings += earlier_kept(earlier)
        return self._report(result, "scrub")

    def found(self, since: Index | None = None) -> Estate:
        """Find over the whole estate; keys are judged on the workers."""
        return find(self._tables, self._plan.rules, self._index, self._policy, self._progress, judge=self._judge)

    def _derive(
        self, recipes: list[Recipe], estate: Estate, edits: dict[str, dict[str, Patch]], beside: Path | None
    ) -> Derived:
        folder = self._required_folder()
        for name in estate.gathered:
            self._files[name].spark.know(~estate.nodes[name].gone, edits[name], _inner(folder / f"edits.{name}"))
        kept = {name: int((~node.gone).sum()) for name, node in estate.nodes.items()}
        sql = {recipe: self._sql[recipe] for recipe in recipes}
        self._made = SparkRecipes(self._session, sql, self._files, self._plan.rules, folder).run(kept)
        return self._made

    def _changed(self, estate: Estate, patches: Mapping[str, Mapping[str, Patch]]) -> dict[str, TableChange]:
        changes = super()._changed(estate, patches)
        for name, change in changes.items():  # ids are re-keyed by now
            self._files[name].spark.know(
                change.keep, change.patches, _inner(self._required_folder() / f"changes.{name}")
            )
        return changes

    def _sweep_tables(self, estate: Estate, *, written: bool) -> dict[str, tuple[SweepTally, ...]]:
        if not self._sweep:
            return {}
        matcher = TableMatcher(self._index, (), self._policy)
        judge = WorkerJudge.of(matcher, "UTC")
        columns = SparkSweep(judge, self._files, self._plan.rules, _inner(self._required_folder() / "sweep"))
        rules, given = self._plan.rules, (self._index, self._policy)
        return sweep_estate(estate, self._tables, rules, *given, written=written, run=judge.run, columns=columns)

    def _judge(self, table: Table, matcher: TableMatcher) -> Verdicts:
        return self._files[table.name].judged(matcher)

    def _write(self, name: str, table: EstateFiles, work: Path, part: Path) -> None:
        derived = self._made
        target = part / place_of(table, self._plan.root)
        if name in derived.made:
            made, _ = derived.made[name]
            if len(table.relative) > 1:
                raise ConfigError(
                    "consists of several files, and new rows do not say which file they belong to",
                    where=name,
                    hint="keep a table that is recomputed as a whole in one file.",
                )
            target = target / table.relative[0] if table.folder else target
            target.parent.mkdir(parents=True, exist_ok=True)
            made.rename(target)
            return
        data, columns = derived.columns.get(name, (None, ()))
        table.spark.write_known(work, data, columns, empty=not table.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        (work if table.folder else work / table.relative[0]).rename(target)
        if self._progress is not None:
            self._progress(name, table.rows or 0, 1.0)

    @contextlib.contextmanager
    def _private(self, beside: Path | None) -> Iterator[Path]:
        with private_folder(beside) as folder:
            self._folder = folder
            yield folder

    def _required_folder(self) -> Path:
        if self._folder is None:
            raise UnreadableInput("a run on Spark needs a folder that its workers see")
        return self._folder


def _inner(folder: Path) -> Path:
    folder.mkdir()
    return folder
