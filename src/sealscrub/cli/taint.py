"""``sealscrub taint``: which models contain a record that is sealed now."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Annotated

import typer

from sealscrub.errors import ConfigError

from . import shared_options as opt

__all__ = ["taint"]

Index = Annotated[Path, typer.Option("--index", help="The newest index.", metavar="FILE")]
Since = Annotated[
    Path | None, typer.Option("--since", help="An older index: show what has been sealed since.", metavar="FILE")
]
Members = Annotated[
    Path | None, typer.Option("--members", help="The custodian's file of record numbers.", metavar="FILE")
]
AnnexKey = Annotated[
    Path | None, typer.Option("--annex-key", help="The key that opens memberships, seal.key.annex.", metavar="FILE")
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        help="The matching key; by default the one beside the annex's key.",
        metavar="FILE",
        envvar="SEALSCRUB_KEY_FILE",
    ),
]
TrackingUri = Annotated[
    str | None,
    typer.Option("--tracking-uri", help="MLflow's tracking store.", metavar="URI", envvar="MLFLOW_TRACKING_URI"),
]
Model = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        help="Ask about this model alone: models:/NAME/VERSION, models:/NAME@ALIAS. Repeatable.",
        metavar="URI",
    ),
]
RegistryFile = Annotated[
    str | None,
    typer.Option("--registry", help="The registry: what was known, and so in law, then.", metavar="PLACE"),
]
Gate = Annotated[bool, typer.Option("--gate", help="Exit with 1 where a model is tainted, 3 where one may be.")]
Tag = Annotated[bool, typer.Option("--tag/--no-tag", help="Tag the models that were asked about: sealscrub.taint.")]
Block = Annotated[
    bool,
    typer.Option(
        "--block",
        help="Take the aliases from tainted versions, so that what is deployed by alias loads them no more; the tag "
        "sealscrub.blocked keeps their names.",
    ),
]
Format = Annotated[str, typer.Option("--format", help="text or json.")]


def taint(
    *,
    index: Index,
    since: Since = None,
    members: Members = None,
    annex_key: AnnexKey = None,
    key_file: KeyFile = None,
    tracking_uri: TrackingUri = None,
    model: Model = None,
    registry: RegistryFile = None,
    gate: Gate = False,
    tag: Tag = True,
    block: Block = False,
    format: Format = "text",
    purpose: opt.Purpose = None,
    use: opt.UseOption = None,
    min_epoch: opt.MinEpoch = None,
    min_coverage: opt.MinCoverage = None,
    schemes: opt.SchemeFile = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Say which models in MLflow contain a record that is sealed now, and tag them.

    Without --members the answer is by the epoch alone, and "possible" where that has moved on.

    Exits with 0 when the question was answered. With --gate: 1 when a model is tainted, 3 when it cannot be known of
    one or there is none.

    Example: sealscrub taint --index training.sealindex --members seals.members --annex-key seal.key.annex
    --tracking-uri sqlite:///mlflow.db --gate --model models:/risk@champion
    """
    if format not in ("text", "json"):
        raise ConfigError("--format knows text and json")
    from sealscrub.identifiers import load_key
    from sealscrub.index import open_index
    from sealscrub.lineage import taint as ask

    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    opt.load_own_schemes(schemes)
    key = load_key(_matching_key(key_file, annex_key))
    wanted = use or "training"
    with contextlib.ExitStack() as stack:
        asked = None
        if registry is not None:
            from sealscrub.registry import Registry

            asked = stack.enter_context(
                Registry.open(registry, purpose=purpose, encryption_key=encryption_key, grant=grant)
            )
        opened = None
        if annex_key is not None:
            from sealscrub.custody import annex_key as custodied

            opened = stack.enter_context(custodied(annex_key, purpose=purpose, what="taint"))
        report = ask(
            open_index(index, key, use=wanted, min_epoch=min_epoch),
            since=None if since is None else open_index(since, key, outdated=True),
            members=members,
            annex_key=opened,
            tracking_uri=tracking_uri,
            registry=asked,
            models=model or (),
            use=wanted,
            min_coverage=0.95 if min_coverage is None else min_coverage,
            tag=tag,
            block=block,
        )
    typer.echo(report.to_json() if format == "json" else report.to_text(), nl=False)
    if gate:
        raise typer.Exit(report.exit_code)


def _matching_key(key_file: Path | None, annex_key: Path | None) -> Path:
    """Give the matching key's file: the one that is named, or that of which the annex's key is."""
    if key_file is not None:
        return key_file
    if annex_key is not None and annex_key.suffix == ".annex":
        return annex_key.with_suffix("")
    raise ConfigError("--key-file is missing", hint="--key-file seal.key, or SEALSCRUB_KEY_FILE.")
