"""The steps of the demo, each of which calls the library as a user would and says what happened."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from sealscrub.index import Index
    from sealscrub.transforms import Report

__all__ = ["Story"]

_ON = {"arrest_number": "arrest_no"}
_WIDTH = 100


class Story:
    """A folder, a city, and what is known of it so far."""

    def __init__(self, folder: Path, arrests: int, seed: int) -> None:
        self.folder = folder
        self.arrests = arrests
        self.seed = seed
        self.console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
        self._steps = 0
        self._index: Index | None = None

    @property
    def index(self) -> Index:
        """The published index, open."""
        from sealscrub.index import open_index

        if self._index is None:
            self._index = open_index(self.folder / "training.sealindex", self.folder / "seal.key", use="training")
        return self._index

    def make_city(self) -> None:
        """Generate people, arrests, courts, seal notices, and the vendor's training file."""
        from sealscrub.datasets import make_city

        self.city = make_city(self.arrests, seed=self.seed)
        self.city.tables["notices"].write_csv(self.folder / "notices.csv")
        self.city.tables["arrests"].write_parquet(self.folder / "arrests.parquet")
        self.city.tables["training"].write_csv(self.folder / "train.csv")
        people = self.city.tables["people"].height
        self._say(
            "A city is generated",
            f"{self.arrests:,} arrests of {people:,} people who do not exist, the courts' dispositions, seal notices "
            "(notices.csv), and a vendor's training file with a row for every arrest (train.csv).",
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

    def scan_before(self) -> None:
        """Scan the vendor's file."""
        from sealscrub.transforms import scan

        report = scan(self.folder / "train.csv", self.index, _ON)
        self.before = report
        self._say("The vendor's training file is scanned", _verdict(report))

    def scrub(self) -> None:
        """Scrub it, setting aside what could not be checked."""
        from sealscrub.transforms import scrub

        report = scrub(
            self.folder / "train.csv",
            self.index,
            _ON,
            output=self.folder / "clean.csv",
            quarantine=self.folder / "quarantine.csv",
        )
        report.save(self.folder / "report.html")
        table = report.tables[0]
        self._say(
            "It is scrubbed",
            f"{table.removed:,} of {table.rows:,} rows went; {table.quarantined:,} whose arrest number is misspelled "
            "beyond certainty wait in quarantine.csv for a person. The others are byte for byte what they were.",
        )

    def scan_after(self) -> None:
        """Scan the result."""
        from sealscrub.transforms import scan

        self.after = scan(self.folder / "clean.csv", self.index, _ON)
        self._say("The result is scanned", _verdict(self.after))

    def show_before_and_after(self) -> None:
        """Counts of the file before and after, side by side."""
        before, after = self.before.tables[0], self.after.tables[0]
        table = Table(
            "",
            "before",
            "after",
            title="train.csv → clean.csv (operator's copy)",
            title_justify="left",
            box=SIMPLE_HEAD,
        )
        for column in table.columns[1:]:
            column.justify = "right"
        table.add_row("rows", f"{before.rows:,}", f"{after.rows:,}")
        for name in ("sealed", "withheld", "near", "unparsable", "null"):
            table.add_row(f"{name} keys", *(f"{getattr(part.keys[0], name):,}" for part in (before, after)))
        labels = (_labels(self.folder / name) for name in ("train.csv", "clean.csv"))
        table.add_row("rows labelled “rearrested”", *(f"{count:,}" for count in labels))
        self.console.print(table)

    def show_what_a_row_drop_leaves(self) -> None:
        """Compare the derived columns of the rows that stayed with what they would be without the sealed arrests."""
        from sealscrub.datasets import FEATURE_COLUMNS, derive_features
        from sealscrub.matching import Policy
        from sealscrub.transforms import scrub

        arrests = self.city.tables["arrests"].unique("arrest_id", keep="first", maintain_order=True)
        shown = scrub(
            arrests, self.index, {"arrest_number": "arrest_number"}, policy=Policy(quarantine=True), detail=True
        )
        truth = derive_features(shown.data)
        left = derive_features(arrests).filter(pl.Series(shown.mask))
        table = Table(
            "derived column",
            "rows still wrong",
            "",
            title="What dropping rows leaves",
            title_justify="left",
            box=SIMPLE_HEAD,
        )
        table.columns[1].justify = "right"
        for name in FEATURE_COLUMNS:
            wrong = int((left[name].ne_missing(truth[name])).sum())
            share = wrong / max(1, truth.height)
            table.add_row(name, f"{wrong:,}", f"{share:.1%} of the rows that stayed")
        self.console.print(table)
        self.console.print(
            "These columns were computed when the sealed arrests were still there: a count of priors, a rate, a label "
            "still tells of them, and a model would learn it. Scrub at the source, and compute them from the scrubbed "
            "arrests; recomputing them in place, from a reviewed plan, is the next thing that sealscrub will do.\n"
        )

    def list_files(self) -> None:
        """Name what is there to look at."""
        self.console.print(f"Everything is in {self.folder}:", markup=False)
        for name, what in _FILES.items():
            if (self.folder / name).exists():
                self.console.print(f"  {name:20} {what}", markup=False)

    def _say(self, title: str, text: str) -> None:
        self._steps += 1
        self.console.print(f"[bold]{self._steps}. {title}.[/bold] {text}\n")


_FILES = {
    "notices.csv": "seal notices, as a custodian gets them",
    "seals.db": "the registry: append-only, for the custodian alone",
    "seal.key": "the matching key; .publisher and .annex stay with the custodian",
    "training.sealindex": "the published index",
    "arrests.parquet": "the arrests that the training file was computed from",
    "train.csv": "the vendor's training file",
    "clean.csv": "the same without the sealed arrests",
    "quarantine.csv": "rows whose key could not be checked (0600)",
    "report.html": "the report: open it in a browser (0600)",
}


def _verdict(report: Report) -> str:
    key = report.tables[0].keys[0]
    if report.found:
        return f"It holds {key.sealed:,} sealed and {key.withheld:,} withheld arrests: exit code {report.exit_code}."
    return f"Nothing is found: exit code {report.exit_code}."


def _labels(path: Path) -> int:
    label = pl.scan_csv(path, infer_schema=False).select(pl.col("rearrested_within_1y").str.to_lowercase())
    return int(label.select(pl.col("rearrested_within_1y").is_in(["true", "1"]).sum()).collect().item())
