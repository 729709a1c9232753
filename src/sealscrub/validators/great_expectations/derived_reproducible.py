"""``ExpectDerivedColumnReproducible``: a plan's recipe returns what is stored, so it can be recomputed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import ClassVar

import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.tables.database.stores import closing
from sealscrub.tables.frame_table import FrameTable
from sealscrub.tables.table import Table
from sealscrub.transforms import Verdict
from sealscrub.transforms.plans import Plan
from sealscrub.transforms.plans.open_tables import open_sources
from sealscrub.transforms.plans.recomputation.derived_tables import Derivation
from sealscrub.transforms.plans.recomputation.private_folder import private_folder
from sealscrub.transforms.plans.recomputation.recipes import Recipe, read_recipes

from .batch_tables import BatchTable
from .data_docs_prose import Prose
from .expectation import SealscrubExpectation
from .expectation_verdicts import Checked

__all__ = ["Allowed", "ExpectDerivedColumnReproducible", "allowing"]

Allowed = tuple[tuple[str, ...], tuple[str, ...]]
"""Modules whose functions plans may call, and database servers that they may connect to."""

_allowed: ContextVar[Allowed] = ContextVar("sealscrub_allowed", default=((), ()))


@contextlib.contextmanager
def allowing(python: tuple[str, ...], database: tuple[str, ...]) -> Iterator[None]:
    """Let plans call functions of modules and connect to servers within a block: a suite can't say so itself."""
    token = _allowed.set((python, database))
    try:
        yield
    finally:
        _allowed.reset(token)


class ExpectDerivedColumnReproducible(SealscrubExpectation):
    """Expect that a plan's recipe returns the stored values of a column, or of a whole table.

    The batch is the table; the other tables are those that the plan names. It asks no index.

    Parameters
    ----------
    plan : str
        The plan's file, relative to the working folder.
    table : str
        What the plan calls the batch's table.
    column : str, optional
        The derived column; without it the whole table, whose recipe is ``derived_from``.
    root : str, optional
        The folder that the plan's sources are in; by default the plan's own.

    Notes
    -----
    What share of the values has to be reproduced, the plan says. Recipes in Python, and tables on database servers,
    have to be allowed by anyone who runs the suite: ``run_suite(…, allow_python=…, allow_database=…)``.

    Examples
    --------
    >>> import pathlib, pandas as pd, polars as pl
    >>> from sealscrub.gx import ExpectDerivedColumnReproducible, run_suite
    >>> _ = pathlib.Path("sealscrub.toml").write_text('''
    ... version = 1
    ... tables.arrests = { source = "arrests.parquet", keys = { arrest_number = "arrest_no" } }
    ... [tables.people]
    ... source = "people.parquet"
    ... orphan_of = { person = "arrests.person" }
    ... derived.arrests = "select count(*) from arrests a where a.person = this.person"
    ... ''')
    >>> pl.DataFrame({"arrest_no": ["K14612345", "M14000017"], "person": [1, 1]}).write_parquet("arrests.parquet")
    >>> people = pd.DataFrame({"person": [1], "arrests": [2]})
    >>> people.to_parquet("people.parquet")
    >>> expectation = ExpectDerivedColumnReproducible(plan="sealscrub.toml", table="people", column="arrests")
    >>> run_suite([expectation], people).verdict.value
    'clean'
    >>> run_suite([expectation], people.assign(arrests=1)).results[0].findings
    ('not reproduced',)
    """

    plan: str
    table: str
    column: str | None = None
    root: str | None = None

    success_keys: ClassVar[tuple[str, ...]] = ("plan", "table", "column", "root")

    def prose(self) -> Prose:
        """Say what is expected."""
        what = self.table if self.column is None else f"{self.table}.{self.column}"
        return Prose().say("The recipe of {} in the plan {} returns what is stored.", [what], [Path(self.plan).name])

    def check(self, table: BatchTable) -> Checked:
        """Run the recipe."""
        plan = Plan.from_toml(Path(self.plan), root=self.root)
        python, database = _allowed.get()
        if self.table not in plan.rules:
            raise ConfigError("the plan has no such table", where=f"{plan.name}: tables.{self.table}")
        recipe = self._recipe(plan, python)
        stored = pl.concat(list(table.values(table.columns)), how="vertical_relaxed")
        sources = open_sources(plan.rules, plan.root, database, use=plan.spec.use)
        with closing(sources):
            stored = _with_days(stored, sources[self.table])
            keep = plan.rules[self.table].spec.keep_levels
            tables = {**sources, self.table: FrameTable(self.table, stored, keep_levels=keep)}
            with private_folder(None) as folder:
                derivation = Derivation([recipe], tables, plan.rules, folder=folder, memory=plan.spec.memory)
                try:
                    derivation.run(None, {})
                except ConfigError as error:
                    if error.where != recipe.where:
                        raise
                    return Checked(verdict=Verdict.FOUND, findings=("not reproduced",))
        return Checked(verdict=Verdict.CLEAN)

    def _recipe(self, plan: Plan, python: tuple[str, ...]) -> Recipe:
        for recipe in read_recipes(plan.rules, python):
            if (recipe.table, recipe.column) == (self.table, self.column):
                return recipe
        raise ConfigError("the plan has no recipe of it", where=f"{plan.name}: tables.{self.table}")


def _with_days(stored: pl.DataFrame, source: Table) -> pl.DataFrame:
    """Return days as days: pandas makes times of them, and a recipe that counts days would give something else."""
    times = [name for name, kind in stored.schema.items() if kind == pl.Datetime and name in source.columns]
    if not times:
        return stored
    kinds = next(iter(source.batches(times))).schema
    days = [name for name in times if kinds[name] == pl.Date]
    whole = [name for name in days if (stored[name] == stored[name].dt.truncate("1d")).all()]
    return stored.with_columns(pl.col(whole).dt.date())
