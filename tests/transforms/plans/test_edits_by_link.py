"""Rows that stay and change since a row that they are linked with goes."""

from __future__ import annotations

import polars as pl

from sealscrub.datasets import example_index
from sealscrub.transforms.plans import Plan


def test_a_stop_loses_its_arrest_by_a_link_that_sets_a_constant() -> None:
    plan = Plan.from_dict(
        {
            "version": 1,
            "tables": {
                "arrests": {"source": "arrests.csv", "keys": {"arrest_number": "number"}},
                "stops": {
                    "source": "stops.csv",
                    "link": {"arrest": "arrests.id"},
                    "on_match": "null",
                    "null": ["arrest"],
                    "set": {"arrested": "N"},
                    "accept_null": "a stop without an arrest",
                },
            },
        }
    )
    arrests = pl.DataFrame({"id": [1, 2], "number": ["K14612345", "M14000017"]})
    stops = pl.DataFrame({"stop": [7, 8, 9], "arrest": [1, 2, None], "arrested": ["Y", "Y", "N"]})
    scrubbed = plan.scrub({"arrests": arrests, "stops": stops}, example_index(["K14612345"]))
    assert scrubbed["stops"].rows() == [(7, None, "N"), (8, 2, "Y"), (9, None, "N")]
