"""What somebody wants to do with records, and who they are: the two sides of what a regime bars."""

from __future__ import annotations

from enum import IntEnum, StrEnum

__all__ = ["Audience", "Reason", "Use"]


class Use(StrEnum):
    """What records, or an index, are for."""

    TRAINING = "training"
    INFERENCE_INPUT = "inference_input"
    OUTPUT = "output"
    AGGREGATE_REPORT = "aggregate_report"
    GUN_LICENCE = "gun_licence"


class Audience(StrEnum):
    """Who works with the records."""

    POLICE = "police"
    PROSECUTOR = "prosecutor"
    VENDOR = "vendor"
    RESEARCHER = "researcher"
    COURT = "court"


class Reason(IntEnum):
    """Why a record may not be used: it is sealed, or it is withheld (not proven sealed)."""

    SEALED = 1
    WITHHELD = 2
