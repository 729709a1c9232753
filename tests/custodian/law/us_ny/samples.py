"""What tests of every place ask of New York."""

from __future__ import annotations

ORDER, OTHER_ORDER, TWO_SECTIONS = "CPL 160.59", "CPL 160.65", ("160.59", "160.58")
OFFENCE, FELONY = ("PL 125.25", "F", "A"), ("PL 120.10", "F", "A")
STATUSES = ("Sealed", "Record Sealed", "Sealed CPL 160.55")
ENDINGS = ("CONVICTED", "Pled Guilty", "PENDING")
DISMISSED = "DISMISSED"
REOPENED = "not_sealed"


def files() -> None:
    """Other tests draw them."""
