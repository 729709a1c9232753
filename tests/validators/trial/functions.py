"""A table of arrests, an index that seals two of them, and functions that are tried in this interpreter."""

from __future__ import annotations

from typing import Any

import polars as pl

from sealscrub.datasets import example_index
from sealscrub.validators.nullity.function import FunctionUnderTest
from sealscrub.validators.trial.in_process_runner import HereRunner

ON = {"arrest_number": "arrest_no"}
INDEX = example_index(["K14000003", "K14000020"])
ARRESTS = pl.DataFrame(
    {"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "age": [18 + at * 7 % 40 for at in range(40)]}
)


class Here(FunctionUnderTest):
    """A function that is run in this interpreter."""

    def runner(self, **options: Any) -> Any:
        return HereRunner(self.function, seed=options["seed"])
