"""What somebody wants to do with records, and who they are: the two sides of what a regime bars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any, Final

__all__ = ["DECLARED", "Audience", "Reason", "Use", "is_audience"]

DECLARED: Final = "audience"
"""The extension of the header: the jurisdictions whose law declares an audience that is not a common one."""
_NAME = re.compile("[a-z][a-z0-9_]*")


class Use(StrEnum):
    """What records, or an index, are for; a state's law may declare other uses."""

    TRAINING = "training"
    INFERENCE_INPUT = "inference_input"
    OUTPUT = "output"
    AGGREGATE_REPORT = "aggregate_report"


class Audience(StrEnum):
    """Who works with the records; a state's law may declare other audiences."""

    POLICE = "police"
    PROSECUTOR = "prosecutor"
    VENDOR = "vendor"
    RESEARCHER = "researcher"
    COURT = "court"


class Reason(IntEnum):
    """Why a record may not be used: it is sealed, or it is withheld (not proven sealed)."""

    SEALED = 1
    WITHHELD = 2


def is_audience(name: object, extensions: Mapping[str, Any]) -> bool:
    """Whether a header's audience is a common one, or one that the jurisdictions which it names declare.

    Examples
    --------
    >>> is_audience("police", {}), is_audience("archivist", {}), is_audience("archivist", {DECLARED: ["us-xx"]})
    (True, False, True)
    """
    if name in list(Audience):
        return True
    by = extensions.get(DECLARED)
    declared = isinstance(by, list) and bool(by) and all(isinstance(place, str) and place for place in by)
    return declared and isinstance(name, str) and bool(_NAME.fullmatch(name))
