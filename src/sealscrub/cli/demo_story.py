"""The steps of the demo, each of which calls the library as a user would and says what happened."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sealscrub.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from sealscrub.datasets import Estate
    from sealscrub.transforms import Report

__all__ = ["Story", "require_extras"]

_WIDTH = 100


def require_extras(*, plans: bool) -> None:
    """Refuse to begin a story that could not be told to its end.

    Raises
    ------
    MissingExtra
    """
    wanted = {"sqlalchemy": "registry", **({"duckdb": "plans"} if plans else {})}
    for package in wanted:
        try:
            __import__(package)
        except ImportError:
            extras = ",".join(wanted.values())
            raise MissingExtra(f"the demo needs {package}", hint=f"pip install 'sealscrub[{extras}]'") from None


class Story:
    """A folder, a city, and what is known of it so far."""

    def __init__(self, folder: Path, arrests: int, seed: int) -> None:
        self.folder = folder
        self.arrests = arrests
        self.seed = seed
        self.console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
        self._steps = 0
        self._estate: Estate | None = None
        self._report: Report | None = None

    def make_city(self) -> None:
        """Generate people, arrests, courts and seal notices."""
        from sealscrub.datasets import make_city

        self.city = make_city(self.arrests, seed=self.seed)
        self.city.tables["notices"].write_csv(self.folder / "notices.csv")

    def make_training(self) -> None:
        """Write what a vendor trains on, and what it was computed from, with the mess of real files."""
        self.city.tables["arrests"].write_parquet(self.folder / "arrests.parquet")
        self.city.tables["training"].write_csv(self.folder / "train.csv")
        self._say(
            "A city is generated",
            f"{self.arrests:,} arrests of {self.city.tables['people'].height:,} people who do not exist, seal notices "
            "(notices.csv), and a vendor's training file with a row for every arrest (train.csv).",
        )

    def make_estate(self) -> None:
        """Write the whole estate and its plan."""
        from sealscrub.datasets import make_estate

        self._estate = make_estate(self.arrests, seed=self.seed)
        self._estate.write(self.folder / "estate")
        self._say(
            "A city is generated",
            f"{self.arrests:,} arrests of {self.city.tables['people'].height:,} people who do not exist, and the seal "
            f"notices that came for them (notices.csv). The police and their vendor keep {len(self.tables)} tables of "
            "it (estate/): arrests, dockets, charges, victims, stops, photos, who was arrested with whom, features, "
            "labels, hot spots. estate/sealscrub.toml is the plan: what becomes of each when an arrest is sealed.",
        )

    def publish(self) -> None:
        """Make keys, register the notices, publish the index."""
        from sealscrub.identifiers import generate_keys, load_key, load_publisher
        from sealscrub.registry import Registry

        key = self.folder / "seal.key"
        generate_keys(key)
        with Registry.create(self.folder / "seals.db") as registry:
            registry.add(self.folder / "notices.csv")
            published = registry.publish(
                self.folder / "training.sealindex",
                keys=load_key(key),
                publisher=load_publisher(self.folder / "seal.key.publisher"),
                uses=["training", "output"],
                audience="police",
            )
        self._say(
            "The custodian registers the notices and publishes an index",
            f"{published.seals:,} seals bar the police from training; the index holds {published.entries:,} keyed "
            f"digests and no identifier. It may be trusted until {published.not_after}.",
        )

    def check_plan(self) -> None:
        """Check the plan against the tables."""
        from sealscrub.transforms.plans import Plan

        self.plan = Plan.from_toml(self.folder / "estate" / "sealscrub.toml")
        check = self.plan.check()
        recipes = [column for table in check.tables for column in table.columns if column.reproduced is not None]
        if not check.ok:
            raise UsageError("the plan of the generated city is not in order", where=self.plan.name)
        self._say(
            "The plan is checked",
            f"Every column is accounted for, and {len(recipes)} recipes give back every value of the derived columns "
            "and tables that are stored. So what they give without the sealed arrests is what would have been stored.",
        )

    def scrub(self) -> None:
        """Scrub the estate into a folder."""
        report = self._report = self.plan.scrub(output=self.folder / "clean")
        report.save(self.folder / "report.html")
        removed = sum(table.removed for table in report.tables)
        columns = [column for table in report.tables for column in table.columns if column.kind.startswith("derived")]
        self._say(
            "The estate is scrubbed",
            f"{removed:,} rows went from {sum(table.removed > 0 for table in report.tables)} tables, and "
            f"{sum(column.changed for column in columns):,} values were computed anew. The whole of clean/ appeared "
            "in one step, and is what the city would have written had these arrests never been.",
        )

    def show_tables(self) -> None:
        """What became of each table."""
        table = Table("table", "rows", "left", "values computed anew", title="estate/ → clean/ (operator's copy)")
        _style(table)
        for name, found in self.tables.items():
            report = next(part for part in self.report.tables if part.name == name)
            anew = sum(column.changed for column in report.columns if column.kind.startswith("derived"))
            left = self.clean(name).height
            table.add_row(name, f"{found.height:,}", f"{left:,}", f"{anew:,}" if anew else "")
        self.console.print(table)

    def compare_with_a_row_drop(self) -> None:
        """Set dropping rows, and the plan, against the same estate built without the sealed arrests."""
        from .demo_compare import compare

        without = self._world_without()
        found = compare(self.tables["features"], self.clean("features"), without["features"], self._gone())
        table = Table("a feature or label", "row drop", "plan", title="Values still wrong in the rows that stayed")
        _style(table)
        for name, (dropped, planned) in found.wrong.items():
            table.add_row(name, f"{dropped:,}", f"{planned:,}")
        table.add_section()
        table.add_row("columns contaminated", *(f"{n} of {found.columns}" for n in found.contaminated))
        table.add_row("labels wrong", *(f"{n:,}" for n in found.labels))
        table.add_row("people identified by priors_count", *(f"{n:,}" for n in found.identified))
        self.console.print(table)
        self.console.print(
            f"Dropping the sealed rows leaves what was computed when they were there. Whoever compares a person's "
            f"priors_count with the arrests that can be seen identifies {found.identified[0]:,} people with a sealed "
            f"arrest, {found.precision:.0%} of these guesses being right. What the plan leaves gives nobody away: "
            f"{self._equal(without)} of {len(without)} tables equal, value by value, those of a city in which the "
            "sealed arrests never were (but for serial ids, which have surrogates without gaps).\n"
        )

    def list_files(self) -> None:
        """Name what is there to look at."""
        self.console.print(f"Everything is in {self.folder}:", markup=False)
        for name, what in _FILES.items():
            if (self.folder / name).exists():
                self.console.print(f"  {name:20} {what}", markup=False)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The estate's tables."""
        if self._estate is None:
            raise UsageError("there is no estate yet")
        return dict(self._estate.tables)

    @property
    def report(self) -> Report:
        """What the scrub said."""
        if self._report is None:
            raise UsageError("nothing is scrubbed yet")
        return self._report

    def clean(self, name: str) -> pl.DataFrame:
        """Read a table of the output."""
        path = self.folder / "clean" / self.plan.spec.tables[name].source
        if not path.exists():  # nothing was left of it
            return self.tables[name].clear()
        schema = self.tables[name].schema
        if path.suffix == ".csv":
            return pl.read_csv(path, schema=schema)
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        dates = [column for column, kind in schema.items() if kind == pl.Date]
        rest: dict[Any, Any] = {column: kind for column, kind in schema.items() if column not in dates}
        return pl.read_ndjson(path).with_columns(pl.col(dates).str.to_date()).cast(rest)

    def _gone(self) -> pl.Series:
        """Arrests that are not in the output."""
        left = self.clean("arrests")["arrest_number"].implode()
        return self.tables["arrests"].filter(~pl.col("arrest_number").is_in(left))["arrest_id"]

    def _world_without(self) -> dict[str, pl.DataFrame]:
        """Make the estate of a city in which what went never was."""
        from sealscrub.datasets import make_estate

        absent = [
            number
            for name, column in (("arrests", "arrest_number"), ("dockets", "docket"))
            for number in set(self.tables[name][column]) - set(self.clean(name)[column])
        ]
        return dict(make_estate(self.arrests, seed=self.seed, without=absent).tables)

    def _equal(self, without: dict[str, pl.DataFrame]) -> int:
        """Count the tables that are what they would be, ids aside that have surrogates."""
        rekeyed = {pair for kind in self.plan.ids for pair in kind.columns}
        return sum(
            self.clean(name).drop(ids).equals(table.drop(ids))
            for name, table in without.items()
            for ids in [[column for column in table.columns if (name, column) in rekeyed]]
        )

    def _say(self, title: str, text: str) -> None:
        self._steps += 1
        self.console.print(f"[bold]{self._steps}. {title}.[/bold] {text}\n")


def _style(table: Table) -> None:
    table.box, table.title_justify = SIMPLE_HEAD, "left"
    for column in table.columns[1:]:
        column.justify = "right"


_FILES = {
    "notices.csv": "seal notices, as a custodian gets them",
    "seals.db": "the registry: append-only, for the custodian alone",
    "seal.key": "the matching key; .publisher and .annex stay with the custodian",
    "training.sealindex": "the published index",
    "arrests.parquet": "the arrests that the training file was computed from",
    "train.csv": "the vendor's training file",
    "estate": "the tables as they are, and sealscrub.toml, the plan",
    "clean": "the same without the sealed arrests",
    "report.html": "the report: open it in a browser (0600)",
}
