"""``sealscrub audit-model``: what a model file still holds."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Annotated

import typer

from . import options as opt
from .declarations import OR_ADDRESS, needs, option

__all__ = ["audit_model"]


def audit_model(
    target: Annotated[str, typer.Argument(help="A model file, a folder, or an MLflow URI: runs:/…, models:/…")],
    *,
    index: opt.UsedIndex,
    schemes_of: Annotated[
        list[str] | None,
        option(
            "Look for identifiers of this scheme; by default of all in the index. Repeatable.",
            "--only",
            metavar="SCHEME",
        ),
    ] = None,
    rows: Annotated[
        Path | None, option("The sealed feature rows, or with --on the training table."), OR_ADDRESS
    ] = None,
    on: Annotated[opt.On, needs("--rows")] = None,
    use: opt.Use = "training",
    coverage: opt.Coverage,
    min_recall: Annotated[
        float | None,
        option("Least share of the seals that the links must be known to find; some scheme must stand for links."),
    ] = None,
    recall_alpha: Annotated[
        float | None,
        option("A bound on recall counts if it may be too high in at most this share of cases; usually 0.05."),
    ] = None,
    accept: Annotated[
        list[str] | None,
        option(
            "near: accept values that would be identifiers if letters were digits. The report says so.",
            autocompletion=lambda: ["near"],
        ),
    ] = None,
    tracking_uri: opt.TrackingUri = None,
    reporting: opt.Reporting,
) -> None:
    """Say what a model file still holds of sealed records, without executing anything of it.

    Exits with 0 when nothing was found and all was read, 1 when something was found, 2 on wrong use, 3 when not
    everything could be read or compared.

    Example: sealscrub audit-model model.joblib --index training.sealindex --key-file seal.key

    Example: sealscrub audit-model models/ --index training.sealindex --key-file seal.key --rows train.parquet
    --on arrest_number=ARREST_NO
    """
    from sealscrub.errors import UsageError
    from sealscrub.matching import Policy
    from sealscrub.validators.artefacts import ModelAudit
    from sealscrub.validators.artefacts import audit_model as audit

    reporting.check(ModelAudit, target, f"{glob.escape(target)}/**")
    if Policy(accept=frozenset(accept or ())).accept - {"near"}:
        raise UsageError("--accept null and unparsable are for tables, not for model files", hint="--accept near.")
    audited = audit(
        target,
        index.open(use),
        schemes=schemes_of,
        rows=rows,
        on=on,
        min_coverage=coverage.least,
        min_recall=min_recall,
        recall_alpha=Policy().recall_alpha if recall_alpha is None else recall_alpha,
        accept=accept or (),
        tracking_uri=tracking_uri,
    )
    reporting.end(audited, audited.exit_code)
