"""The steps of the demo, each of which calls the library as a user would and says what happened."""

from __future__ import annotations

import importlib
import shlex
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

__all__ = ["EARLIER", "INDEX", "Story", "require_extras"]

INDEX = "training.sealindex"
"""The index that is current, wherever plan and code name it."""
EARLIER = "earlier.sealindex"
_WIDTH = 100


def require_extras(*, plans: bool) -> None:
    """Refuse to begin a story that could not be finished.

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
        self.commands: list[str] = []
        """To try, each a line for a shell."""
        self.told: list[tuple[str, str, tuple[str, ...]]] = []
        """Steps: title, text and pages."""
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
        self.say(
            "A city is generated",
            f"{self.arrests:,} arrests of {self.city.tables['people'].height:,} people who do not exist, seal notices "
            "(notices.csv), and a vendor's training file with a row for every arrest (train.csv).",
        )

    def make_estate(self) -> None:
        """Write the whole estate and its plan."""
        from sealscrub.datasets import make_estate

        self._estate = make_estate(self.arrests, seed=self.seed)
        self._estate.write(self.folder / "estate")
        self.say(
            "A city is generated",
            f"{self.arrests:,} arrests of {self.city.tables['people'].height:,} people who do not exist, and the seal "
            f"notices that came for them (notices.csv). The police and their vendor keep {len(self.tables)} tables of "
            "it (estate/): arrests, dockets, charges, victims, stops, photos, who was arrested with whom, features, "
            "labels, hot spots. estate/sealscrub.toml is the plan: what happens to each when an arrest is sealed.",
        )

    def publish(self) -> None:
        """Make keys, register the notices, publish the index."""
        from sealscrub.custodian.registry import Registry
        from sealscrub.identifiers import generate_keys, load_key, load_publisher

        key = self.folder / "seal.key"
        generate_keys(key)
        with Registry.create(self.folder / "seals.db") as registry:
            registry.add(self.folder / "notices.csv")
            published = registry.publish(
                self.folder / INDEX,
                keys=load_key(key),
                publisher=load_publisher(self.folder / "seal.key.publisher"),
                uses=["training", "output"],
                audience="police",
            )
        self.say(
            "The custodian registers the notices and publishes an index",
            f"{published.seals:,} seals bar the police from training; the index holds {published.entries:,} keyed "
            f"digests and no identifier. It is valid until {published.not_after}.",
        )

    def check_plan(self) -> None:
        """Check the plan against the tables."""
        from sealscrub.transforms.plans import Plan

        self.plan = Plan.from_toml(self.folder / "estate" / "sealscrub.toml")
        check = self.plan.check()
        recipes = [column for table in check.tables for column in table.columns if column.reproduced is not None]
        if not check.ok:
            raise UsageError("the plan of the generated city is not in order", where=self.plan.name)
        self.say(
            "The plan is checked",
            f"Every column is accounted for, and {len(recipes)} recipes return every value of the derived columns "
            "and tables that are stored. So what they give without the sealed arrests is what would have been stored.",
            "plan.html",
        )

    def scrub(self) -> None:
        """Scrub the estate into a folder."""
        report = self._report = self.plan.scrub(output=self.folder / "clean")
        report.save(self.folder / "report.html")
        self.plan.graph().save(self.folder / "plan.html")
        removed = sum(table.removed for table in report.tables)
        columns = [column for table in report.tables for column in table.columns if column.kind.startswith("derived")]
        self.say(
            "The estate is scrubbed",
            f"{removed:,} rows were removed from {sum(table.removed > 0 for table in report.tables)} tables, and "
            f"{sum(column.changed for column in columns):,} values were computed again. The whole of clean/ appeared "
            "in one step, and is what the city would have written had these arrests never been.",
            "report.html",
        )

    def show_tables(self) -> None:
        """What happened to each table."""
        heads = ("table", "rows", "removed", "left", "values computed again")
        table = Table(*heads, title="estate/ → clean/ (operator's copy)")
        _style(table)
        for name, found in self.tables.items():
            report = next(part for part in self.report.tables if part.name == name)
            derived = [column for column in report.columns if column.kind.startswith("derived")]
            again = sum(column.changed for column in derived)
            whole = any(column.kind == "derived table" for column in derived)  # no row of it is removed: it is new
            removed, left = "computed again" if whole else f"{report.removed:,}", self.clean(name).height
            table.add_row(name, f"{found.height:,}", removed, f"{left:,}", f"{again:,}" if again else "")
        table.add_section()
        table.add_row("together", "", f"{sum(part.removed for part in self.report.tables):,}", "", "")
        self.console.print(table)

    def compare_with_a_row_drop(self) -> None:
        """Set dropping rows, and the plan, against the same estate built without the sealed arrests."""
        from .demo_compare import compare
        from .demo_picture import picture

        without = self._world_without()
        found = compare(self.tables["features"], self.clean("features"), without["features"], self._removed_arrests())
        self.compared = found
        (self.folder / "row-drop.svg").write_text(picture(found), "utf-8")
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
            f"Dropping the sealed rows leaves what was computed when they were there. Anyone who compares a person's "
            f"priors_count with the arrests that can be seen identifies {found.identified[0]:,} people with a sealed "
            f"arrest, {found.precision:.0%} of these guesses being right. What the plan leaves identifies no one: "
            f"{self._equal(without)} of {len(without)} tables equal, value by value, those of a city in which the "
            "sealed arrests never were (but for serial ids, which have surrogates without gaps).\n"
        )

    def files(self) -> list[tuple[str, str]]:
        """What is there, and what it is."""
        return [(name, what) for name, what in (_PAGES | _FILES).items() if (self.folder / name).exists()]

    def list_files(self) -> None:
        """Name what is there to look at."""
        self.console.print(f"Everything is in {self.folder}:", markup=False)
        for name, what in _FILES.items():
            if (self.folder / name).exists():
                self.console.print(f"  {name:20} {what}", markup=False)
        pages = [(self.folder / name, what) for name, what in _PAGES.items() if (self.folder / name).exists()]
        if pages:
            self.console.print("\nOpen in a browser:", markup=False)
        for page, what in pages:
            self.console.print(f"  {page}  {what}", markup=False, soft_wrap=True)
        if (self.folder / "mlflow.db").exists():
            uri = shlex.quote(f"sqlite:///{self.folder}/mlflow.db")
            store = f"mlflow ui --backend-store-uri {uri}"
            self.console.print(f"The runs: {store}", markup=False, soft_wrap=True)

    def list_commands(self) -> None:
        """Print commands to try, each on a line of its own that can be pasted."""
        self.console.print("\nTo try, from this folder:", markup=False)
        for command in self.commands:
            self.console.print(f"  $ {command}", markup=False, soft_wrap=True)

    def try_out(self, command: str, *, inside: bool = False) -> None:
        """Keep a command for the end; `inside` is for one that runs in the demo's folder, as the vendor's code does."""
        command = f"sealscrub {command}"
        self.commands.append(f"(cd {shlex.quote(str(self.folder))} && {command})" if inside else command)

    def place(self, name: str) -> str:
        """A file of the folder, as a shell reads it."""
        return shlex.quote(str(self.folder / name))

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

    def _removed_arrests(self) -> pl.Series:
        """Arrests that are not in the output."""
        left = self.clean("arrests")["arrest_number"].implode()
        return self.tables["arrests"].filter(~pl.col("arrest_number").is_in(left))["arrest_id"]

    def _world_without(self) -> dict[str, pl.DataFrame]:
        """Make the estate of a city as if the removed records had never existed."""
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

    def say(self, title: str, text: str, *pages: str) -> None:
        """Say what happened in a step, which pages show."""
        self.told.append((title, text.replace("\\[", "["), pages))
        self.console.print(f"[bold]{len(self.told)}. {title}.[/bold] {text}\n")

    def missing(self, *packages: str) -> bool:
        """Whether one of some packages is not installed."""
        try:
            for package in packages:
                importlib.import_module(package)
        except ImportError:
            return True
        return False

    def skip(self, title: str, package: str, extra: str) -> None:
        """Say that a step is left out, and what it needs."""
        self.say(title, f"Skipped: {package} is not installed. pip install 'sealscrub\\[{extra}]'")


def _style(table: Table) -> None:
    table.box, table.title_justify = SIMPLE_HEAD, "left"
    for column in table.columns[1:]:
        column.justify = "right"


_FILES = {
    "notices.csv": "seal notices, as a custodian gets them",
    "seals.db": "the registry: append-only, only for the custodian",
    "seal.key": "the matching key; .publisher and .annex stay with the custodian",
    INDEX: "the published index",
    EARLIER: "the index before it, by which clean and model-1 were made",
    "arrests.parquet": "a vendor's raw extract",
    "train.csv": "the vendor's training file",
    "pipeline.py": "the vendor's feature job and training",
    "estate": "the tables as they are, and sealscrub.toml, the plan",
    "clean": "the same without the sealed arrests",
    "suites": "expectations for every table, with their results",
    "model-1": "training data, model and certificate; it holds an arrest that is sealed since",
    "mlflow.db": "the runs and the registered models",
    "seals.members": "which records models hold, by numbers; only for the custodian",
    "clean-today": "the estate after the new seal",
    "model-2": "data, model and certificate after it",
}
_PAGES = {
    "index.html": "all of it: the story, two pictures, and every page (operator's copy)",
    "row-drop.svg": "what dropping rows leaves, and what a plan leaves",
    "plan.html": "how a seal flows through the estate",
    "report.html": "what was scrubbed (operator's copy)",
    "nullity-row-drop.html": "the feature job that fails (operator's copy)",
    "nullity.html": "the feature job that passes (operator's copy)",
    "model-1/certificate.html": "the first certificate",
    "model-2/certificate.html": "the second",
    "taint.html": "which models hold what was sealed since",
    "run.html": "the run of model-2 in MLflow: its data, checks and models",
}
