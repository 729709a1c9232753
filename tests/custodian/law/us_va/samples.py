"""What tests of every place ask of Virginia."""

from __future__ import annotations

from hypothesis import strategies as st

from ..court_files import Row, from_lines
from .test_virginia_files import HEAD_OF_PERSONS, persons

ORDER, OTHER_ORDER, TWO_SECTIONS = "Va. Code § 19.2-392.7", "19.2-392.13", ("392.7", "392.8")
OFFENCE, FELONY = ("18.2-32", "F", "2"), ("18.2-51", "F", "A")
STATUSES = ("Sealed", "Expunged", "Record Expunged")
ENDINGS = ("GUILTY", "NOLLE PROSEQUI", "PENDING")
DISMISSED = "DISMISSED"
REOPENED = "unknown"  # what is charged now is not said


def files() -> st.SearchStrategy[list[Row]]:
    return st.integers(0, 10**6).map(lambda seed: from_lines(HEAD_OF_PERSONS, persons(seed)))
