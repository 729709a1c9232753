"""``sealscrub check-nullity``: whether a function lets a sealed record through."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import ConfigError

from . import shared_options as opt
from .phases import phases

if TYPE_CHECKING:
    from sealscrub.testing import NullityReport

__all__ = ["check_nullity", "check_report_files"]

_FORMATS = ("text", "json", "html", "junit")

Function = Annotated[str, typer.Argument(help="Your function, as module:function; found from the current folder.")]
Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        help="What the function takes: a Parquet, CSV or JSON Lines file. Several, or NAME=FILE, are a dict of frames. "
        "With --plan it may be left out: a dict of the plan's tables, from where the plan says that they are.",
        metavar="[NAME=]FILE",
    ),
]
NullityOn = Annotated[
    list[str] | None,
    typer.Option(
        "--on",
        help="A key column, as for scan; TABLE.SCHEME=COLUMN where it is of one table only. Repeatable.",
        metavar="[TABLE.]SCHEME=COLUMN",
    ),
]
Kind = Annotated[
    str,
    typer.Option(
        "--as",
        help="In what kind the function gets the data: pandas, polars, pyarrow or path. auto: by the annotation of its "
        "argument; else pandas where it is installed, else polars.",
    ),
]
Key = Annotated[
    str | None, typer.Option("--key", help="The column by which rows of the results are aligned.", metavar="COLUMN")
]
NullityPlan = Annotated[
    Path | None,
    typer.Option("--plan", help="Sealed records are taken out by this plan: links, orphans, nulls.", metavar="FILE"),
]
Variants = Annotated[
    str,
    typer.Option("--variants", help="permute, unseen, resample, extreme, duplicate, reorder; with commas, or none."),
]
Repeats = Annotated[
    int,
    typer.Option(
        "--repeats",
        help="Where two runs over the same data differ by chance: runs over each world, compared as samples; no pass.",
    ),
]
Budget = Annotated[float | None, typer.Option("--budget", help="Seconds for all runs together.", metavar="SECONDS")]
Plant = Annotated[
    bool | None,
    typer.Option(
        "--plant/--no-plant",
        help="Plant sealed records beside those that the data holds, or never; else where it holds none.",
        show_default=False,
    ),
]
MayRead = Annotated[
    list[Path] | None,
    typer.Option("--inputs", help="A file or folder that the function may read. Repeatable.", metavar="PATH"),
]
Seed = Annotated[int, typer.Option("--seed", help="Of every source of chance that can be reached.")]
NullityFormat = Annotated[
    str, typer.Option("--format", help=f"Of the report on standard output: {', '.join(_FORMATS)}.")
]
NullityReportFile = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        help="Write the report: .txt, .json, .html (with counts, 0600) or .xml (JUnit, without). Repeatable.",
        metavar="FILE",
    ),
]


def check_nullity(
    function: Function,
    data: Data = None,
    index: opt.IndexFile = None,
    key_file: opt.OptionalKeyFile = None,
    on: NullityOn = None,
    kind: Kind = "auto",
    key: Key = None,
    plan: NullityPlan = None,
    variants: Variants = "permute,unseen",
    repeats: Repeats = 0,
    budget: Budget = None,
    plant: Plant = None,
    inputs: MayRead = None,
    seed: Seed = 0,
    min_epoch: opt.MinEpoch = None,
    root: opt.Root = None,
    allow_database: opt.AllowDatabase = None,
    report: NullityReportFile = None,
    format: NullityFormat = "text",
    schemes: opt.SchemeFile = None,
) -> None:
    """Test whether a function's result is what it would be had the sealed records never existed.

    The function is run with and without them, each time in a new interpreter that can read little else, and the
    results are compared bit for bit. It is your own code, and is run as such.

    Exits with 0 on a pass, 1 when sealed records show or it reads something beside its argument, 2 on wrong use,
    3 when it could not be told.

    Example: sealscrub check-nullity features:build --data arrests.parquet --index training.sealindex
    --key-file seal.key --on arrest_number=ARREST_NO
    """
    if not data and plan is None:
        raise ConfigError("no data is named", hint="--data arrests.parquet, or --plan sealscrub.toml")
    check_report_files(format, report, *(text.rpartition("=")[2] for text in data or ()), index, key_file, plan)
    opt.load_own_schemes(schemes)
    result = _tested(
        function,
        data or [],
        index,
        key_file,
        on,
        kind,
        key,
        plan,
        variants,
        repeats,
        budget,
        plant,
        inputs,
        seed,
        min_epoch,
        root,
        allow_database or (),
    )
    for file in report or ():
        result.save(file)
    ways = {"text": result.to_text, "json": result.to_json, "html": result.to_html, "junit": result.to_junit}
    typer.echo(ways[format](), nl=False)
    raise typer.Exit(result.exit_code)


def _tested(
    function: str,
    data: list[str],
    index: Path | None,
    key_file: Path | None,
    on: list[str] | None,
    kind: str,
    key: str | None,
    plan: Path | None,
    variants: str,
    repeats: int,
    budget: float | None,
    plant: bool | None,
    inputs: list[Path] | None,
    seed: int,
    min_epoch: int | None,
    root: Path | None,
    allow_database: Collection[str],
) -> NullityReport:
    from sealscrub.index import open_index
    from sealscrub.testing import check_nullity as check
    from sealscrub.transforms.plans import Plan

    from .nullity_data import keys_by_table, load_data, load_function, named_files, spread
    from .nullity_sources import load_sources, texts_of

    if budget is not None and not budget > 0:
        raise ConfigError("--budget is a number of seconds above 0")
    opened_plan = Plan.from_toml(plan, root=root) if plan is not None else None
    if opened_plan is not None:
        index, key_file = index or opened_plan.place_of_index, key_file or opened_plan.place_of_key
    by_plan = ["by the plan"] if opened_plan is not None else None
    _, place, keys, _ = opt.required(data or by_plan, index, key_file, on or by_plan)
    tested = load_function(function)
    if data or opened_plan is None:
        files = named_files(data)
        texts = texts_of(opened_plan) if opened_plan is not None else None
        frames, columns = load_data(files, keys_by_table(on or (), list(files)), kind, tested, texts)
    else:
        frames = load_sources(opened_plan, kind, tested, allow_database)
        columns = spread(keys_by_table(on or (), list(frames)), frames)
    with phases() as progress:
        return check(
            tested,
            frames,
            open_index(place, keys, min_epoch=min_epoch),
            (columns or None) if on else None,
            key=key,
            plan=opened_plan,
            plant="auto" if plant is None else plant,
            variants=[name for name in variants.replace(" ", "").split(",") if name and name != "none"],
            seed=seed,
            inputs=inputs or (),
            repeats=repeats,
            budget_s=budget,
            progress=progress,
        )


def check_report_files(format: str, files: list[Path] | None, *others: str | Path | None) -> None:
    """Refuse what could not be written, before any work."""
    if format not in _FORMATS:
        raise ConfigError(f"no report format is called {format!r}", hint=f"one of {', '.join(_FORMATS)}.")
    for file in files or ():
        if file.suffix.lower() not in (".txt", ".json", ".html", ".xml"):
            raise ConfigError("the suffix names no report format", where=str(file), hint=".txt, .json, .html or .xml.")
        if not file.absolute().parent.is_dir():
            raise ConfigError(
                "the folder of the report is not there", where=str(file), hint="make it, or name another."
            )
        if any(other is not None and file.resolve() == Path(other).resolve() for other in others):
            raise ConfigError("the report would replace a file of this run", where=str(file), hint="name another.")
