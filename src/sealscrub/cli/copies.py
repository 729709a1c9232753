"""``sealscrub copies``: what of before is still there, and is overdue for deletion."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from sealscrub.errors import ConfigError

from . import shared_options as opt
from .audit_coverage import InventoryFile, NewestIndex, Plans, TrackingUri, inventory_of

__all__ = ["copies"]


def copies(
    inventory: InventoryFile = None,
    *,
    index: NewestIndex,
    key_file: opt.KeyFile,
    plan: Plans = None,
    tracking_uri: TrackingUri = None,
    use: opt.UseOption = None,
    keep_days: Annotated[
        int | None,
        typer.Option(
            "--keep-days", min=0, help="For how many days a copy may be kept; otherwise the inventory's, or 7."
        ),
    ] = None,
    allow_database: Annotated[
        list[str] | None,
        typer.Option("--allow-database", metavar="HOST", help="A server that may be asked for schemas. Repeatable."),
    ] = None,
    format: Annotated[str, typer.Option("--format", help="text, json or csv.")] = "text",
) -> None:
    """List superseded outputs, indexes, caches, table snapshots and model versions, and which are overdue for deletion.

    Two days' outputs side by side name the new seals. Nothing is deleted: whoever owns a copy does that.

    Exits with 0 when nothing is overdue, 1 when something is, 3 when something could not be looked at.

    Example: sealscrub copies inventory.toml --index training.sealindex --key-file seal.key --keep-days 7
    """
    from sealscrub.index import open_index
    from sealscrub.lineage import find_copies

    if format not in ("text", "json", "csv"):
        raise ConfigError(f"no format is called {format!r}", hint="text, json or csv.")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    use = use or "training"
    found = find_copies(
        inventory_of(inventory, plan),
        open_index(index, key_file, use=use),
        tracking_uri=tracking_uri,
        use=use,
        keep_days=keep_days,
        allow_database=allow_database or (),
    )
    ways = {"text": found.to_text, "json": found.to_json, "csv": found.to_csv}
    typer.echo(ways[format](), nl=False)
    raise typer.Exit(found.exit_code)
