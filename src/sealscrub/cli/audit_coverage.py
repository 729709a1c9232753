"""``sealscrub audit coverage``: what was never scrubbed, and what was scrubbed too long ago."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import ConfigError

from . import options as opt
from .declarations import formerly, option

if TYPE_CHECKING:
    from sealscrub.index import Index
    from sealscrub.lineage import Coverage, Inventory

__all__ = ["InventoryFile", "coverage", "files_of", "inventory_of", "outputs_of", "surveyed"]

InventoryFile = Annotated[
    Path | None,
    typer.Argument(metavar="INVENTORY", help="A TOML list of data sets, plans, models, services, indexes and caches."),
]


def coverage(
    inventory: InventoryFile = None,
    *,
    index: opt.UsedIndex,
    use: opt.Use = "training",
    plan: Annotated[opt.PlanOutputs, formerly("--plan")] = None,
    trusted: Annotated[opt.TrustedKeys, formerly("--public-key")] = None,
    tracking_uri: opt.TrackingUri = None,
    scrubs: Annotated[
        Path | None, option("A log that scrub --audit-log wrote.", "--scrub-log"), formerly("--audit-log")
    ] = None,
    signed: Annotated[
        bool, option("Accept only certificates as evidence for datasets and models.", "--signed")
    ] = False,
    reporting: opt.Reporting,
) -> None:
    """Say when every data set, model and service was last checked, against which epoch, and what shows it.

    Certificates are looked for next to the data, and count if a given key signed them and the data is still
    what they are about. In MLflow, models that are deployed or the newest of their name are looked at, and their data.

    Exits with 0 when all is covered, 1 when something is stale, unproven, never covered or served tainted, 3 when
    something could not be checked.

    Example: sealscrub audit coverage inventory.toml --index training.sealindex --key-file seal.key
    --trusted-key team.key.pub --tracking-uri sqlite:///mlflow.db --report coverage.html
    """
    from sealscrub.lineage import Coverage

    listed = inventory_of(inventory, plan)
    reporting.check(Coverage, *files_of(listed), written=outputs_of(listed))
    found = surveyed(listed, index.open(use), trusted, tracking_uri, scrubs, use, signed=signed)
    reporting.end(found, found.exit_code)


def inventory_of(file: Path | None, plans: list[str] | None) -> Inventory:
    """Read the inventory, and add the plans that are named next to it."""
    from sealscrub.lineage import read_inventory
    from sealscrub.lineage.coverage import Inventory, ListedPlan

    found = Inventory(version=1, home=Path.cwd()) if file is None else read_inventory(file)
    more = []
    for written in plans or ():
        plan, equals, output = written.partition("=")
        if not (plan and equals and output):
            raise ConfigError("--plan-output must be PLAN=DIR", hint="--plan-output sealscrub.toml=clean")
        more.append(ListedPlan(plan=str(Path(plan).absolute()), output=str(Path(output).absolute())))
    return found.model_copy(update={"plans": (*found.plans, *more)})


def files_of(inventory: Inventory) -> list[str]:
    """Give the files, folders and patterns that an inventory lists, but for what plans write."""
    listed = (*inventory.datasets, *inventory.models)
    data = [place for each in listed for place in (each.path, each.certificate, each.report, each.earlier)]
    plans = [each for plan in inventory.plans for each in (plan.plan, plan.report)]
    indexes = [*(each.path for each in inventory.indexes), *(each.index for each in inventory.services)]
    named = [*data, *plans, *indexes, *(each.path for each in inventory.caches)]
    return [opt.placed(inventory.home, each) for each in named if each is not None]


def outputs_of(inventory: Inventory) -> list[str]:
    """Give the folders that the plans of an inventory write, in which another file is a change."""
    return [opt.placed(inventory.home, plan.output) for plan in inventory.plans]


def surveyed(
    inventory: Inventory,
    index: Index,
    public_keys: list[Path] | None,
    tracking_uri: str | None,
    audit_log: Path | None,
    use: str,
    *,
    signed: bool = False,
) -> Coverage:
    """Survey what there is."""
    from sealscrub.lineage import survey

    from .audit_log_scrubs import logged_scrubs

    opt.quiet_mlflow()
    return survey(
        inventory,
        index,
        public_keys=public_keys or (),
        tracking_uri=tracking_uri,
        scrubs=() if audit_log is None else logged_scrubs(audit_log),
        use=use,
        signed=signed,
    )
