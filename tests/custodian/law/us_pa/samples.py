"""What tests of every place ask of Pennsylvania."""

from __future__ import annotations

from .test_files_pa import files

__all__ = [
    "DISMISSED",
    "ENDINGS",
    "FELONY",
    "OFFENCE",
    "ORDER",
    "OTHER_ORDER",
    "REOPENED",
    "STATUSES",
    "TWO_SECTIONS",
    "files",
]

ORDER, OTHER_ORDER, TWO_SECTIONS = "18 Pa.C.S. 9122.1", "18 Pa.C.S. 9123", ("9122.1", "9122.2")
OFFENCE, FELONY = ("18 2502", "F", "1"), ("18 § 3701", "F", "A")
STATUSES = ("Sealed", "Expunged", "Limited Access")
ENDINGS = ("Guilty", "Withdrawn", "Pending")
DISMISSED = "DISMISSED"
REOPENED = "not_sealed"
