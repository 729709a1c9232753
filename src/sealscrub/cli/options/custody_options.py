"""What only the custodian's people use: the registry, who may see what, and the log of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from ..declarations import option
from .completions import known_purposes

if TYPE_CHECKING:
    from sealscrub.custodian.registry import Registry

__all__ = [
    "AnnexKey",
    "AuditLogFile",
    "CustodyTerms",
    "EncryptionKey",
    "Grant",
    "Members",
    "OptionalReferenceKeyFile",
    "Purpose",
    "RecordScheme",
    "RecordValue",
    "ReferenceKeyFile",
    "RegistryOption",
    "RegistryPlace",
    "RegistryReading",
    "RegistryWriting",
    "RequiredCustodyTerms",
    "Witness",
    "asked_value",
]

_CUSTODY = "Custody"

RegistryPlace = Annotated[str, typer.Argument(metavar="REGISTRY", help="A file, or postgresql://HOST/DATABASE.")]
RegistryOption = Annotated[
    str | None, option("The registry: a file, or postgresql://HOST/DATABASE.", "--registry", metavar="PLACE")
]
_TERMS = option("custody.toml; its roster says who may see what.", "--custody", rich_help_panel=_CUSTODY)
CustodyTerms = Annotated[Path | None, _TERMS]
RequiredCustodyTerms = Annotated[Path, _TERMS]
RecordScheme = Annotated[str, typer.Argument(help="A scheme, such as docket.")]
RecordValue = Annotated[
    str | None, typer.Argument(help="Read from stdin if left out, and so not in the shell's history.")
]
_REFERENCE_KEY = option("The audit log's key, used to name records.", "--reference-key")
ReferenceKeyFile = Annotated[Path, _REFERENCE_KEY]
OptionalReferenceKeyFile = Annotated[Path | None, _REFERENCE_KEY]
Purpose = Annotated[
    str | None,
    option(
        "Purpose of the access, if a roster governs it; sealscrub roster purposes lists them.",
        "--purpose",
        metavar="PURPOSE",
        autocompletion=known_purposes,
        rich_help_panel=_CUSTODY,
    ),
]
Grant = Annotated[
    Path | None,
    option(
        "Your signed grant; its key must be next to it as FILE.key. By default your account is used.",
        "--grant",
        envvar="SEALSCRUB_GRANT",
        rich_help_panel=_CUSTODY,
    ),
]
EncryptionKey = Annotated[
    str | None,
    option(
        "Key of a registry that is encrypted at rest: a key file, or exec:COMMAND of a key service.",
        "--encryption-key",
        metavar="FILE",
        envvar="SEALSCRUB_ENCRYPTION_KEY",
        rich_help_panel=_CUSTODY,
    ),
]
Members = Annotated[
    Path | None, option("The custodian's file of record numbers.", "--members", rich_help_panel=_CUSTODY)
]
AnnexKey = Annotated[
    Path | None,
    option(
        "The custodian's key that opens annexes and memberships, seal.key.annex.",
        "--annex-key",
        rich_help_panel=_CUSTODY,
    ),
]
AuditLogFile = Annotated[
    Path | None,
    option(
        "Log this run and its outcome in this audit log. If that fails, nothing is done.",
        "--audit-log",
        rich_help_panel=_CUSTODY,
    ),
]
Witness = Annotated[
    Path | None, option("File of earlier checkpoints; keep it where log writers cannot write.", "--witness")
]


@dataclass(frozen=True, kw_only=True)
class RegistryWriting:
    """What opens a registry."""

    panel: ClassVar[str] = _CUSTODY
    encryption_key: EncryptionKey = None
    grant: Grant = None

    def open(self, place: str) -> Registry:
        """Open a registry."""
        from sealscrub.custodian.registry import Registry

        return Registry.open(place, encryption_key=self.encryption_key, grant=self.grant)


@dataclass(frozen=True, kw_only=True)
class RegistryReading(RegistryWriting):
    """What opens a registry of which something is shown."""

    purpose: Purpose = None

    def open(self, place: str) -> Registry:
        """Open a registry."""
        from sealscrub.custodian.registry import Registry

        return Registry.open(place, purpose=self.purpose, encryption_key=self.encryption_key, grant=self.grant)


def asked_value(scheme: str, value: str | None) -> str:
    """Give the value, asked for on a terminal or read from stdin if it was left out."""
    if value is not None:
        return value
    return str(typer.prompt(scheme, err=True)) if sys.stdin.isatty() else sys.stdin.readline().strip()
