"""``sealscrub audit coverage``: what was never scrubbed, and what was scrubbed too long ago."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import ConfigError

from . import shared_options as opt

if TYPE_CHECKING:
    from sealscrub.index import Index
    from sealscrub.lineage import Coverage, Inventory

__all__ = ["InventoryFile", "NewestIndex", "Plans", "TrackingUri", "coverage", "inventory_of", "surveyed"]

InventoryFile = Annotated[
    Path | None,
    typer.Argument(metavar="INVENTORY", help="A TOML list of data sets, plans, models, services, indexes and caches."),
]
NewestIndex = Annotated[Path, typer.Option("--index", metavar="FILE", help="The newest index: what is older is stale.")]
Plans = Annotated[
    list[str] | None,
    typer.Option("--plan", metavar="PLAN=OUTPUT", help="A plan and the folder that it writes. Repeatable."),
]
PublicKeys = Annotated[
    list[Path] | None,
    typer.Option("--public-key", metavar="FILE", help="Of a certifier who is trusted, PEM. Repeatable."),
]
TrackingUri = Annotated[
    str | None,
    typer.Option("--tracking-uri", help="MLflow's tracking store.", metavar="URI", envvar="MLFLOW_TRACKING_URI"),
]
LogOfScrubs = Annotated[
    Path | None, typer.Option("--audit-log", metavar="FILE", help="A log that scrub --audit-log wrote.")
]


def coverage(
    inventory: InventoryFile = None,
    *,
    index: NewestIndex,
    key_file: opt.KeyFile,
    plan: Plans = None,
    public_key: PublicKeys = None,
    tracking_uri: TrackingUri = None,
    audit_log: LogOfScrubs = None,
    use: opt.UseOption = None,
    signed: Annotated[
        bool, typer.Option("--signed", help="Of data sets and models, certificates alone count, and no other record.")
    ] = False,
    report: Annotated[
        list[Path] | None,
        typer.Option("--report", metavar="FILE", help="Write it: .html, .json, .csv or .txt. Repeatable."),
    ] = None,
    format: Annotated[str, typer.Option("--format", help="Of standard output: text, json, csv or html.")] = "text",
) -> None:
    """Say of every data set, model and service when it was last checked, against which epoch, and what shows it.

    Certificates are looked for beside the data, and count where a given key signed them and the data is still what
    they are about. In MLflow, models that are deployed or the newest of their name are looked at, and their data.

    Exits with 0 when all is covered, 1 when something is stale, unproven, never covered or served tainted, 3 when
    something could not be checked.

    Example: sealscrub audit coverage inventory.toml --index training.sealindex --key-file seal.key
    --public-key team.key.pub --tracking-uri sqlite:///mlflow.db --report coverage.html
    """
    if format not in ("text", "json", "csv", "html"):
        raise ConfigError(f"no format is called {format!r}", hint="text, json, csv or html.")
    for file in report or ():
        if file.suffix.lower() not in (".html", ".json", ".csv", ".txt"):
            raise ConfigError("the suffix names no format", where=str(file), hint=".html, .json, .csv or .txt.")
    found = surveyed(
        inventory_of(inventory, plan),
        _opened(index, key_file, use),
        public_key,
        tracking_uri,
        audit_log,
        use,
        signed=signed,
    )
    for file in report or ():
        found.save(file)
    ways = {"text": found.to_text, "json": found.to_json, "csv": found.to_csv, "html": found.to_html}
    typer.echo(ways[format](), nl=False)
    raise typer.Exit(found.exit_code)


def inventory_of(file: Path | None, plans: list[str] | None) -> Inventory:
    """Read the inventory, and add the plans that are named beside it."""
    from sealscrub.lineage import read_inventory
    from sealscrub.lineage.coverage import Inventory, ListedPlan

    found = Inventory(version=1, home=Path.cwd()) if file is None else read_inventory(file)
    more = []
    for written in plans or ():
        plan, equals, output = written.partition("=")
        if not (plan and equals and output):
            raise ConfigError("--plan is not of the form PLAN=OUTPUT", hint="--plan sealscrub.toml=clean")
        more.append(ListedPlan(plan=str(Path(plan).absolute()), output=str(Path(output).absolute())))
    return found.model_copy(update={"plans": (*found.plans, *more)})


def surveyed(
    inventory: Inventory,
    index: Index,
    public_keys: list[Path] | None,
    tracking_uri: str | None,
    audit_log: Path | None,
    use: str | None,
    *,
    signed: bool = False,
) -> Coverage:
    """Survey what there is."""
    from sealscrub.lineage import survey

    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    return survey(
        inventory,
        index,
        public_keys=public_keys or (),
        tracking_uri=tracking_uri,
        audit_log=audit_log,
        use=use or "training",
        signed=signed,
    )


def _opened(index: Path, key_file: Path, use: str | None) -> Index:
    from sealscrub.index import open_index

    return open_index(index, key_file, use=use or "training")
