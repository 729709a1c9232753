"""What tests of every place ask of Oregon."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from ..court_files import Row, from_lines
from .test_oregon_files import HEAD, rows_of_a_file

ORDER, OTHER_ORDER, TWO_SECTIONS = "ORS 137.225", "ORS 137.227", ("137.226", "137.225")
OFFENCE, FELONY = ("164.045", "M", "A"), ("164.415", "F", "A")
STATUSES = ("Sealed", "Expunged", "Record Sealed")
ENDINGS = ("CONVICTED", "DISMISSED", "PENDING")
DISMISSED = "DISMISSED"
REOPENED = "not_sealed"


def files() -> st.SearchStrategy[list[Row]]:
    return st.integers(0, 10**6).map(lambda seed: from_lines(HEAD, rows_of_a_file(random.Random(seed))))
