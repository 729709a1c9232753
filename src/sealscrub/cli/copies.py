"""``sealscrub copies``: superseded copies that still exist, and are overdue for deletion."""

from __future__ import annotations

from typing import Annotated

from . import options as opt
from .audit_coverage import InventoryFile, files_of, inventory_of, outputs_of
from .declarations import formerly, option

__all__ = ["copies"]


def copies(
    inventory: InventoryFile = None,
    *,
    index: opt.UsedIndex,
    use: opt.Use = "training",
    plan: Annotated[opt.PlanOutputs, formerly("--plan")] = None,
    tracking_uri: opt.TrackingUri = None,
    keep_days: Annotated[
        int | None, option("Days that a copy may be kept; by default the inventory's, or 7.", min=0)
    ] = None,
    databases: opt.Databases,
    reporting: opt.Reporting,
) -> None:
    """List superseded outputs, indexes, caches, table snapshots and model versions, and which are overdue for deletion.

    Two days' outputs side by side name the new seals. Nothing is deleted: anyone who owns a copy does that.

    Exits with 0 when nothing is overdue, 1 when something is, 3 when something could not be looked at.

    Example: sealscrub copies inventory.toml --index training.sealindex --key-file seal.key --keep-days 7
    """
    from sealscrub.lineage import find_copies
    from sealscrub.lineage.coverage import Copies

    listed = inventory_of(inventory, plan)
    reporting.check(Copies, *files_of(listed), written=outputs_of(listed))
    opt.quiet_mlflow()
    found = find_copies(
        listed,
        index.open(use),
        tracking_uri=tracking_uri,
        use=use,
        keep_days=keep_days,
        allow_database=databases.hosts,
    )
    reporting.end(found, found.exit_code)
