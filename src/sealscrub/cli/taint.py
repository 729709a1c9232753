"""``sealscrub taint``: which models contain a record that is sealed now."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Annotated

from . import options as opt
from .declarations import needs, option, unless

__all__ = ["taint"]

Gate = Annotated[bool, option("Exit with 1 if a model is tainted, 3 if one may be.", "--gate")]
Tag = Annotated[bool, option("Tag the checked models with sealscrub.taint.", "--tag/--no-tag")]
Block = Annotated[
    bool,
    option(
        "Remove the aliases of tainted versions, so deployments by alias no longer load them. The tag "
        "sealscrub.blocked keeps the names.",
        "--block",
    ),
]


def taint(
    *,
    index: opt.UsedIndex,
    use: opt.Use = "training",
    since: opt.Since = None,
    model: Annotated[
        list[str] | None,
        option(
            "Ask only about this model: models:/NAME/VERSION or models:/NAME@ALIAS. Repeatable.",
            "--model-uri",
            metavar="URI",
        ),
    ] = None,
    tracking_uri: opt.TrackingUri = None,
    gate: Gate = False,
    tag: Tag = True,
    block: Annotated[Block, unless("--no-tag")] = False,
    coverage: opt.Coverage,
    reporting: opt.Reporting,
    members: opt.Members = None,
    annex_key: opt.AnnexKey = None,
    registry: opt.RegistryOption = None,
    access: Annotated[
        opt.RegistryReading,
        needs("--registry", of=("encryption_key", "grant")),
        needs("--registry", "--annex-key", of=("purpose",)),
    ],
) -> None:
    """Say which models in MLflow contain a record that is sealed now, and tag them.

    Without --members the answer is by the epoch only, and "possible" if that has moved on.

    Exits with 0 when the question was answered. With --gate: 1 when a model is tainted, 3 when it cannot be known of
    one or no model was found.

    Example: sealscrub taint --index training.sealindex --members seals.members --annex-key seal.key.annex
    --tracking-uri sqlite:///mlflow.db --gate --model-uri models:/risk@champion
    """
    from sealscrub.custodian.custody import annex_key as custodied
    from sealscrub.index import open_index
    from sealscrub.lineage import TaintReport
    from sealscrub.lineage import taint as ask

    reporting.check(TaintReport)
    opt.quiet_mlflow()
    if index.key_file is None and annex_key is not None and annex_key.suffix == ".annex":
        index = replace(index, key_file=annex_key.with_suffix(""))
    with contextlib.ExitStack() as stack:
        asked = None if registry is None else stack.enter_context(access.open(registry))
        opened = None
        if annex_key is not None:
            opened = stack.enter_context(custodied(annex_key, purpose=access.purpose, what="taint"))
        report = ask(
            index.open(use),
            since=None if since is None else open_index(since, index.key, outdated=True),
            members=members,
            annex_key=opened,
            tracking_uri=tracking_uri,
            registry=asked,
            models=model or (),
            use=use,
            min_coverage=coverage.least,
            tag=tag,
            block=block,
        )
    reporting.end(report, report.exit_code if gate else 0)
