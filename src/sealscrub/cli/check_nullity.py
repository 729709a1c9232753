"""``sealscrub check-nullity``: whether a function lets a sealed record through."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sealscrub.errors import ConfigError

from . import options as opt
from .declarations import formerly, option, unless
from .progress import phases

if TYPE_CHECKING:
    from sealscrub.transforms.plans import Plan

__all__ = ["check_nullity"]

Function = Annotated[str, typer.Argument(help="Your function, as module:function; found from the current folder.")]
Data = Annotated[
    list[str] | None,
    option(
        "Input of the function: a Parquet, CSV or JSON Lines file. Several, or NAME=FILE, are a dict of frames. "
        "With --plan it may be left out: a dict of the plan's tables, read from the plan's sources.",
        "--data",
        metavar="[NAME=]FILE",
    ),
]
NullityOn = Annotated[
    list[str] | None,
    option(
        "A key column, as for scan; TABLE.SCHEME=COLUMN for a column of one table only. Repeatable.",
        "--on",
        metavar="[TABLE.]SCHEME=COLUMN",
    ),
]
Kind = Annotated[
    Literal["auto", "pandas", "polars", "pyarrow", "path"],
    option(
        "Kind of frame that the function takes. auto: by the annotation of its argument; else pandas if it "
        "is installed, else polars.",
        "--as",
    ),
]
AlignBy = Annotated[
    str | None, option("The column by which rows of the results are aligned.", "--align-by", metavar="COLUMN")
]
Variants = Annotated[
    str, option("permute, unseen, resample, extreme, duplicate, reorder; with commas, or none.", "--variants")
]
Repeats = Annotated[
    int,
    option(
        "Number of runs with and without the sealed records, for a function that varies by chance. It cannot pass.",
        "--repeats",
    ),
]
Budget = Annotated[float | None, option("Seconds for all runs together.", "--budget", metavar="SECONDS")]
Plant = Annotated[
    bool | None,
    option(
        "Plant sealed records in addition to those in the data, or never; by default only if it holds none.",
        "--plant/--no-plant",
        show_default=False,
    ),
]
MayRead = Annotated[
    list[Path] | None, option("A file or folder that the function may read. Repeatable.", "--inputs", metavar="PATH")
]


def check_nullity(
    function: Function,
    *,
    data: Data = None,
    index: opt.UsedIndex,
    on: NullityOn = None,
    kind: Kind = "auto",
    align_by: Annotated[AlignBy, formerly("--key")] = None,
    variants: Variants = "permute,unseen",
    repeats: Repeats = 0,
    budget: Budget = None,
    plant: Plant = None,
    inputs: MayRead = None,
    seed: opt.Seed = 0,
    plan: opt.PlanOption = None,
    root: Annotated[opt.PlanRoot, opt.OF_PLAN],
    databases: Annotated[opt.Databases, opt.OF_PLAN, unless("--data")],
    reporting: opt.Reporting,
) -> None:
    """Test whether a function's result is what it would be had the sealed records never existed.

    The function is run with and without them, each time in a new interpreter that can read little else, and the
    results are compared bit for bit. It is your own code, and is run as such.

    Exits with 0 on a pass, 1 when sealed records show or it reads something other than its argument, 2 on wrong use,
    3 when it is inconclusive.

    Example: sealscrub check-nullity features:build --data arrests.parquet --index training.sealindex
    --key-file seal.key --on arrest_number=ARREST_NO
    """
    from sealscrub.testing import NullityReport
    from sealscrub.testing import check_nullity as check
    from sealscrub.transforms.plans import Plan

    from .nullity_data import load_function

    if not data and plan is None:
        raise ConfigError("no data given", hint="--data arrests.parquet, or --plan sealscrub.toml")
    if budget is not None and not budget > 0:
        raise ConfigError("--budget must be above 0 seconds")
    named = [text.rpartition("=")[2] for text in data or ()]
    reporting.check(NullityReport, *named)
    planned = None if plan is None else Plan.from_toml(plan, root=root.root)
    if planned is not None:
        reporting.check(NullityReport, *opt.files_of(planned))
    if planned is None:
        opt.given_keys(on)
    opened = (index if planned is None else index.or_of(planned)).open()
    tested = load_function(function)
    frames, columns = _loaded(tested, data or [], on or [], kind, planned, databases.hosts)
    with phases() as progress:
        result = check(
            tested,
            frames,
            opened,
            (columns or None) if on else None,
            key=align_by,
            plan=planned,
            plant="auto" if plant is None else plant,
            variants=[name for name in variants.replace(" ", "").split(",") if name and name != "none"],
            seed=seed,
            inputs=inputs or (),
            repeats=repeats,
            budget_s=budget,
            progress=progress,
        )
    reporting.end(result, result.exit_code)


def _loaded(
    function: Any, data: list[str], on: list[str], kind: str, plan: Plan | None, hosts: tuple[str, ...]
) -> tuple[Any, Any]:
    """Load the files that are named, or else the plan's tables, and say which of their columns are keys."""
    from .nullity_data import keys_by_table, load_data, named_files, spread
    from .nullity_sources import load_sources, texts_of

    if plan is not None and not data:
        frames = load_sources(plan, kind, function, hosts)
        return frames, spread(keys_by_table(on, list(frames)), frames)
    files = named_files(data)
    return load_data(files, keys_by_table(on, list(files)), kind, function, None if plan is None else texts_of(plan))
