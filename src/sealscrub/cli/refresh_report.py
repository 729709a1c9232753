"""``sealscrub refresh-report``: the custodian's daily drill, timed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from sealscrub.errors import ConfigError

from . import shared_options as opt
from .publish import publisher_beside

__all__ = ["refresh_report"]

_FORMATS = ("text", "json", "html")


def refresh_report(
    place: Annotated[str, typer.Argument(metavar="REGISTRY", help="A file, or postgresql://HOST/DATABASE.")],
    index: Annotated[Path, typer.Option("--index", help="Where the new index goes.", metavar="FILE")],
    use: Annotated[list[str], typer.Option(help="As for publish. May be given several times.")],
    audience: Annotated[str, typer.Option(help="police, prosecutor, vendor, researcher or court.")],
    key_file: opt.KeyFile,
    notices: Annotated[
        Path | None, typer.Option("--notices", help="New seal notices, registered first.", metavar="FILE")
    ] = None,
    since: Annotated[Path | None, typer.Option("--since", help="The index of before.", metavar="FILE")] = None,
    members: Annotated[
        Path | None, typer.Option("--members", help="The custodian's file of record numbers.", metavar="FILE")
    ] = None,
    annex_key: Annotated[
        Path | None, typer.Option("--annex-key", help="The key that opens memberships.", metavar="FILE")
    ] = None,
    signing_key: Annotated[
        Path | None, typer.Option(help="The publisher's key; by default the matching key's name with .publisher.")
    ] = None,
    tracking_uri: Annotated[
        str | None,
        typer.Option("--tracking-uri", help="MLflow's tracking store.", metavar="URI", envvar="MLFLOW_TRACKING_URI"),
    ] = None,
    plan: Annotated[
        list[Path] | None,
        typer.Option("--plan", help="A plan by which data was scrubbed, to be named. Repeatable.", metavar="FILE"),
    ] = None,
    retrain: Annotated[
        str | None,
        typer.Option(
            "--retrain",
            help="Your function, as module:function: called with each model that must be trained again and is "
            "deployed, or is the newest version.",
        ),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="Of the data of a model trained again.", metavar="FILE")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", help="The certificate's signer's, PEM.", metavar="FILE")
    ] = None,
    receipts: Annotated[
        Path | None, typer.Option("--receipts", help="What certify --receipts wrote with it.", metavar="FILE")
    ] = None,
    receipts_to: Annotated[
        Path | None,
        typer.Option("--receipts-to", help="A folder for the receipts of what was sealed since.", metavar="DIR"),
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            "--report", help="Write it: .html, .json or .txt (with counts, 0600). Repeatable.", metavar="FILE"
        ),
    ] = None,
    format: Annotated[str, typer.Option("--format", help="Of standard output: text, json or html.")] = "text",
    valid_days: Annotated[int, typer.Option(help="For how many days the index may be trusted.")] = 30,
    purpose: opt.Purpose = None,
    schemes: opt.SchemeFile = None,
    encryption_key: opt.EncryptionKey = None,
    grant: opt.Grant = None,
) -> None:
    """Register notices, publish, ask which models are tainted, list what to train again by which plan, make receipts.

    Each step is timed. What it prints counts seals: it is the operator's copy.

    Exits with 0 when it was done, whatever is to be trained again, 1 when an identifier sealed since is still in the
    data that was certified afterwards.

    Example: sealscrub refresh-report seals.db --notices new.csv --index today.sealindex --since training.sealindex
    --use training --audience police --key-file seal.key --members seals.members --annex-key seal.key.annex
    --tracking-uri sqlite:///mlflow.db --report drill.html
    """
    from sealscrub.certificates import open_certificate
    from sealscrub.custody import annex_key as custodied
    from sealscrub.custody import open_receipts
    from sealscrub.identifiers import load_key, load_publisher
    from sealscrub.index import open_index
    from sealscrub.lineage import run_drill
    from sealscrub.registry import Registry

    if format not in _FORMATS:
        raise ConfigError(f"no format is called {format!r}", hint=", ".join(_FORMATS))
    if (certificate is None) != (public_key is None):
        raise ConfigError("--certificate and --public-key go together", hint="--public-key team.key.pub")
    for file in report or ():
        if file.suffix.lower() not in (".html", ".json", ".txt"):
            raise ConfigError("the suffix names no format", where=str(file), hint=".html, .json or .txt.")
        if not file.absolute().parent.is_dir():
            raise ConfigError("the folder of the report is not there", where=str(file), hint="make it.")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    opt.load_own_schemes(schemes)
    keys = load_key(key_file)
    opened = None if certificate is None or public_key is None else open_certificate(certificate, public_key)
    with contextlib.ExitStack() as stack:
        registry = stack.enter_context(
            Registry.open(place, purpose=purpose, encryption_key=encryption_key, grant=grant)
        )
        opened_annex = None
        if annex_key is not None:
            opened_annex = stack.enter_context(custodied(annex_key, purpose=purpose, what="refresh report"))
        made_from = None
        if receipts is not None:
            made_from = stack.enter_context(open_receipts(receipts, purpose=purpose, what="refresh report"))
        drill = run_drill(
            registry,
            index=index,
            keys=keys,
            publisher=load_publisher(signing_key or publisher_beside(key_file)),
            uses=use,
            audience=audience,
            notices=notices,
            since=None if since is None else open_index(since, keys, outdated=True),
            members=members,
            annex_key=opened_annex,
            tracking_uri=tracking_uri,
            plans=plan or (),
            retrain=_function(retrain),
            certificate=opened,
            receipts=made_from,
            receipts_to=receipts_to,
            valid_days=valid_days,
        )
    for file in report or ():
        drill.save(file)
    ways = {"text": drill.to_text, "json": drill.to_json, "html": drill.to_html}
    typer.echo(ways[format](), nl=False)
    raise typer.Exit(drill.exit_code)


def _function(name: str | None) -> Any:
    """Load the function that trains; what it raises is told by its type alone."""
    if name is None:
        return None
    from sealscrub.errors import IncompleteError

    from .nullity_data import load_function

    function = load_function(name)

    def called(model: Any) -> None:
        try:
            function(model)
        except Exception as error:  # whatever a user's training raises; its text may hold a row
            raise IncompleteError(
                f"the function raised {type(error).__name__}", where=model.uri, hint="train it by hand, and run again."
            ) from None

    return called
