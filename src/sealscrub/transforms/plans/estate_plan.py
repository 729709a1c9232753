"""A plan at work: checked, scanned with, scrubbed with, and drawn."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sealscrub.errors import ConfigError, Spelled
from sealscrub.index import Index, TextIndex, open_index, open_text_index
from sealscrub.matching import Policy
from sealscrub.tables.database.stores import closing
from sealscrub.tables.table import Table

from ..options import Progress
from ..scrub_report import Report
from .open_tables import open_frames, open_sources
from .plan_check import PlanCheck, check_plan
from .plan_file import parse_plan, read_plan
from .plan_run import Run
from .spark.spark_run import SparkOptions, scrub_plan_in_spark
from .written_plan import WrittenPlan

if TYPE_CHECKING:
    from .graph.plan_graph import PlanGraph

__all__ = ["Plan", "ScrubbedEstate"]


@dataclass(frozen=True, slots=True, eq=False)
class ScrubbedEstate:
    """A scrubbed estate in memory with all that there is to know about it.

    Attributes
    ----------
    data : dict of str to frame
        Each table in the container that came in.
    report : Report
        Counts; for the operator.
    quarantined : dict of str to frame, or None
        By table, the rows that were set aside because a key could not be checked, if there are any; None if
        that was not asked for.
    """

    data: dict[str, Any]
    report: Report
    quarantined: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"ScrubbedEstate({len(self.data)} tables)"


class Plan(WrittenPlan):
    """A plan: the tables of an estate, and what happens to each when records are sealed.

    Make one with :meth:`from_toml` or :meth:`from_dict`.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> plan = Plan.from_dict({
    ...     "version": 1,
    ...     "tables": {
    ...         "arrests": {"source": "arrests.parquet", "keys": {"arrest_number": "arrest_no"}},
    ...         "people": {
    ...             "source": "people.parquet",
    ...             "orphan_of": {"person": "arrests.person"},
    ...             "derived": {"arrests": "select count(*) from arrests a where a.person = this.person"},
    ...         },
    ...     },
    ... })
    >>> estate = {
    ...     "arrests": pl.DataFrame({"arrest_no": ["K14612345", "M14000017", "M14000018"], "person": [1, 2, 1]}),
    ...     "people": pl.DataFrame({"person": [1, 2], "arrests": [2, 1]}),
    ... }
    >>> plan.scrub(estate, example_index(["K14612345", "M14000017"]))["people"].to_dicts()
    [{'person': 1, 'arrests': 1}]
    """

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str], *, root: str | os.PathLike[str] | None = None) -> Plan:
        """Read a plan's file.

        Parameters
        ----------
        path : str or path-like
            Such as ``sealscrub.toml``.
        root : str or path-like, optional
            The folder that sources are relative to and are in; by default the folder of the plan.

        Raises
        ------
        ConfigError
            When it says something that no plan says; the error names the place.
        UnreadableInput
            When it cannot be read.
        """
        path = Path(path)
        spec, undecided = read_plan(path)
        place = Path(root if root is not None else path.parent).resolve()
        return cls(spec, place, path.name, path=path.absolute(), undecided=undecided)

    @classmethod
    def from_dict(cls, parsed: Mapping[str, Any], *, root: str | os.PathLike[str] = ".", name: str = "plan") -> Plan:
        """Take a plan as a mapping of what its file would say.

        Raises
        ------
        ConfigError
            When it says something that no plan says; the error names the place.
        """
        return cls(parse_plan(parsed, name), Path(root).resolve(), name)

    def __repr__(self) -> str:
        return f"Plan({self.name!r}, {len(self.rules)} tables)"

    def check(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        recipes: bool = True,
        index: Index | None = None,
        policy: Policy | None = None,
        allow_python: Collection[str] = (),
        allow_database: Collection[str] = (),
        names: TextIndex | None = None,
        progress: Progress | None = None,
    ) -> PlanCheck:
        """Check a plan against its tables, with an index also for what a scrub would refuse, and write nothing.

        Parameters
        ----------
        data : mapping of str to frame or path, optional
            The tables; by default those that the plan names.
        recipes : bool
            Whether recipes are run, to see that they return what is stored.
        index : Index, optional
            With one, every column that the plan does not read as a key is compared with it, as :meth:`scrub` compares
            it; that a plan names an index does not open it here.
        policy : Policy, optional
            How strict to be; by default as the plan says.
        allow_python : collection of str
            Modules whose functions the plan may call.
        allow_database : collection of str
            Database servers that the plan may connect to, by host.
        names : TextIndex, optional
            With an index: names that are looked for in narratives; by default those that the plan names.
        progress : callable, optional

        Returns
        -------
        PlanCheck
            With every problem that was found; only what keeps the plan from being looked at further is raised.

        Raises
        ------
        ConfigError, UsageError, UnreadableInput
            When a table does not exist or cannot be read.
        UnsuitableIndex
            When the index is not for what the plan's data is for.
        """
        if index is not None:
            index.require_use(self.spec.use)
        tables = self._open(data, allow_database)
        with closing(tables):
            return check_plan(
                self,
                tables,
                recipes=recipes,
                allow_python=allow_python,
                progress=progress,
                index=index,
                policy=policy,
                names=None if index is None else self._names(names, index),
            )

    def scan(
        self,
        data: Mapping[str, Any] | None = None,
        index: Index | None = None,
        *,
        policy: Policy | None = None,
        allow_database: Collection[str] = (),
        sweep: bool = True,
        names: TextIndex | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Find what the seals reach, table by table, and change nothing.

        Parameters
        ----------
        data : mapping of str to frame or path, optional
            The tables; by default those that the plan names.
        index : Index, optional
            By default the one that the plan names.
        policy : Policy, optional
            How strict to be; by default as the plan says.
        allow_database : collection of str
            Database servers that the plan may connect to, by host.
        sweep : bool
            Whether columns that the plan does not read as keys are compared with the index as well.
        names : TextIndex, optional
            Names that are looked for in narratives; by default those that the plan names.
        progress : callable, optional

        Returns
        -------
        Report
        """
        index = self._index(index)
        tables = self._open(data, allow_database)
        with closing(tables):
            found = self._names(names, index)
            return Run(self, tables, index, policy or self.policy, progress, sweep=sweep, names=found).scan()

    def scrub(
        self,
        data: Mapping[str, Any] | None = None,
        index: Index | None = None,
        *,
        output: str | os.PathLike[str] | None = None,
        replace: bool = False,
        since: Index | None = None,
        quarantine: str | os.PathLike[str] | None = None,
        dry_run: bool = False,
        policy: Policy | None = None,
        allow_python: Collection[str] = (),
        allow_database: Collection[str] = (),
        label: str | None = None,
        jobs: int = 1,
        detail: bool = False,
        sweep: bool = True,
        names: TextIndex | None = None,
        engine: Any = None,
        progress: Progress | None = None,
    ) -> Any:
        """Give the estate as it would be had the sealed records never existed.

        Parameters
        ----------
        data : mapping of str to frame or path, optional
            The tables; by default those that the plan names.
        index : Index, optional
            By default the one that the plan names.
        output : str or path-like, optional
            For files: the folder, new or empty, in which the estate appears as a whole or not at all.
        replace : bool
            Swap the output in for an earlier one, which is kept next to it under another name.
        since : Index, optional
            The index of the earlier output: what the difference does not reach is linked and not written again.
        quarantine : str or path-like, optional
            For files: where to write rows whose key could not be checked (0600); implies ``Policy(quarantine=True)``.
        dry_run : bool
            Find, recompute, write nothing, and return the report.
        policy : Policy, optional
            How strict to be; by default as the plan says.
        allow_python : collection of str
            Modules whose functions the plan may call.
        allow_database : collection of str
            Database servers that the plan may connect to, by host.
        label : str, optional
            Surrogates of outputs with one label are the same; by default the output's name.
        jobs : int
            How many tables are written at a time.
        detail : bool
            For frames: return a :class:`ScrubbedEstate` with the report and the rows that were set aside.
        sweep, names
            As in :meth:`scan`.
        engine : pyspark.sql.SparkSession, optional
            For files of Parquet: what reads and writes them, and runs the recipes, where they outgrow one machine.
        progress : callable, optional

        Returns
        -------
        dict of frames, ScrubbedEstate or Report
            For frames what came in; for files the report.

        Raises
        ------
        ConfigError
            When a recipe does not reproduce what is stored, a rule cannot be applied, or rows are to be set aside and
            no place is named.
        UncheckedKeys, LowCoverage
            When something could not be checked; nothing is written. The error's ``report`` has the counts.
        UsageError
            When an edit would mark the rows that were reached, or the output is in the way.
        WriteFailed
            When the output could not be completed; what was there is as it was.
        """
        index = self._index(index)
        index.require_use(self.spec.use)
        strict = policy or self.policy
        if quarantine is not None:
            strict = _with_quarantine(strict)
        if quarantine is not None and output is None and not dry_run:
            raise ConfigError(
                "quarantine needs files, and a frame is returned", hint=Spelled("use detail=True.", "give -o FOLDER.")
            )
        if output is not None and strict.quarantine and quarantine is None and not dry_run:
            raise ConfigError(
                "no place given for quarantined rows",
                hint=Spelled("set quarantine=FOLDER.", "use --quarantine FOLDER."),
            )
        if engine is not None:
            asked = {"quarantine": strict.quarantine, "since": since is not None, "names": names is not None}
            asked |= {"data": data is not None, "allow_python": bool(allow_python), "jobs": jobs != 1, "detail": detail}
            asked |= {"allow_database": bool(allow_database)}
            given = SparkOptions(strict, sweep, replace, dry_run, label, [name for name in asked if asked[name]])
            return scrub_plan_in_spark(engine, self, index, output, given, progress)
        tables = self._open(data, allow_database)
        with closing(tables):
            run = Run(
                self,
                tables,
                index,
                strict,
                progress,
                allow_python=allow_python,
                label=label,
                jobs=jobs,
                sweep=sweep,
                names=self._names(names, index),
            )
            if dry_run:
                return run.dry_run()
            if output is None:
                frames, report, rows = run.frames()
                return ScrubbedEstate(frames, report, rows) if detail else frames
            aside = Path(quarantine) if quarantine is not None else None
            return run.write(Path(output), replace=replace, since=since, quarantine=aside)

    @property
    def place_of_index(self) -> Path | None:
        """The index that the plan names."""
        return self._place(self.spec.index)

    @property
    def place_of_key(self) -> Path | None:
        """The key file that the plan names."""
        return self._place(self.spec.key_file)

    def _place(self, written: str | None) -> Path | None:
        return None if written is None else self.root / written

    def graph(self) -> PlanGraph:
        """Draw tables, links and recipes, and how a seal flows through them."""
        from .graph.graph_of_plan import graph_of

        return graph_of(self)

    def _open(self, data: Mapping[str, Any] | None, allow_database: Collection[str]) -> dict[str, Table]:
        if data is not None:
            return open_frames(self.rules, data, use=self.spec.use)
        return open_sources(self.rules, self.root, allow_database, use=self.spec.use)

    def _index(self, index: Index | None) -> Index:
        if index is not None:
            return index
        if self.spec.index is None or self.spec.key_file is None:
            raise ConfigError(
                "no index is given", where=self.name, hint="index = … and key_file = … in the plan, or pass one."
            )
        return open_index(self.place_of_index or "", self.place_of_key or "", use=self.spec.use)

    def _names(self, names: TextIndex | None, index: Index) -> TextIndex | None:
        """Open the names that the plan names, with the key that opened the index."""
        if names is None and self.spec.names is None:
            return None
        if not any(rule.spec.narrative for rule in self.rules.values()):
            raise ConfigError(
                "names are given, but no table has narratives",
                where=self.name,
                hint="in a table, set narrative = { COLUMN = 'sentence' }.",
            )
        if names is not None:
            return names
        key = next(iter(index.files[1:]), self.place_of_key)
        if key is None:
            raise ConfigError(
                "names are given without the key that opens them",
                where=self.name,
                hint=Spelled("key_file = … in the plan, or pass names=open_text_index(FILE, KEY).", "--key-file KEY."),
            )
        return open_text_index(self._place(self.spec.names) or "", key, use=self.spec.use)


def _with_quarantine(policy: Policy) -> Policy:
    return replace(policy, quarantine=True)
