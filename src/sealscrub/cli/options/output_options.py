"""What is written, and for whom."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

from ..declarations import option
from .completions import known_audiences, known_uses

__all__ = [
    "AudienceOption",
    "DryRun",
    "NoPrints",
    "NotAfter",
    "OptionalAudience",
    "OptionalSigningKey",
    "RejectFile",
    "SigningKey",
    "Since",
    "Uses",
    "ValidDays",
]

Since = Annotated[Path | None, option("The previous index; only later seals count.", "--since")]

DryRun = Annotated[bool, option("Show what would be done, and write nothing.", "--dry-run")]
RejectFile = Annotated[Path | None, option("File for bad rows, unchanged; the others are taken.", "--reject-file")]
_SIGNING_KEY = option("The key that signs, as keygen makes it.", "--signing-key")
SigningKey = Annotated[Path, _SIGNING_KEY]
OptionalSigningKey = Annotated[Path | None, _SIGNING_KEY]
NotAfter = Annotated[dt.datetime | None, option("The last day on which it is valid.", "--not-after")]
NoPrints = Annotated[
    bool,
    option(
        "The data holds no fingerprints, palmprints or photographs: seals that reach only these are left out.",
        "--no-prints",
    ),
]
ValidDays = Annotated[int, option("Days that the index is valid.", "--valid-days")]
Uses = Annotated[
    list[str],
    option(
        "What the index is for: training, inference_input, output, aggregate_report, or a state's own use. May be "
        "given several times.",
        "--use",
        autocompletion=known_uses,
    ),
]
_AUDIENCE = option(
    "police, prosecutor, vendor, researcher, court, or a state's own audience.",
    "--audience",
    autocompletion=known_audiences,
)
AudienceOption = Annotated[str, _AUDIENCE]
OptionalAudience = Annotated[str | None, _AUDIENCE]
