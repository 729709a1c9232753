"""Certificates, models, and the store in which they are tracked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from ..declarations import option

__all__ = [
    "AnnexFile",
    "Certificate",
    "Models",
    "OptionalCertificate",
    "OptionalPublicKey",
    "PublicKey",
    "ReceiptsFile",
    "TrackingUri",
    "TrustedKeys",
    "quiet_mlflow",
]

_PUBLIC_KEY = option("The signer's public key, PEM.", "--public-key")
PublicKey = Annotated[Path, _PUBLIC_KEY]
OptionalPublicKey = Annotated[Path | None, _PUBLIC_KEY]
_CERTIFICATE = option("The certificate.", "--certificate")
Certificate = Annotated[Path, _CERTIFICATE]
OptionalCertificate = Annotated[Path | None, _CERTIFICATE]
TrustedKeys = Annotated[
    list[Path] | None, option("Public key of a trusted certifier, PEM. Repeatable.", "--trusted-key")
]
Models = Annotated[list[Path] | None, option("A model file. Repeatable.", "--model")]
AnnexFile = Annotated[Path | None, option("The restricted part, encrypted for the custodian's annex key.", "--annex")]
ReceiptsFile = Annotated[Path | None, option("File that receipts are made from (0600).", "--receipts")]
TrackingUri = Annotated[
    str | None, option("MLflow's tracking store.", "--tracking-uri", metavar="URI", envvar="MLFLOW_TRACKING_URI")
]


def quiet_mlflow() -> None:
    """Keep MLflow's bars off standard error."""
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
