"""Lists of levels in frames that guards return hold the ids that are there, and no others."""

from __future__ import annotations

import polars as pl

from sealscrub.datasets import example_index
from sealscrub.filters import guard_edges, guard_explanation, guard_ranking

SEALED, CLEAR = "K14612345", "M14000017"
IDS = pl.Series("arrest_no", [SEALED, CLEAR], dtype=pl.Enum([SEALED, CLEAR]))
ON = {"arrest_number": "arrest_no"}


def test_frames_that_guards_give_back_list_the_ids_that_are_there() -> None:
    frame = pl.DataFrame({"arrest_no": IDS, "score": [0.9, 0.8]})
    index = example_index([SEALED])

    given = [
        guard_ranking(frame, index, ON, k=2, known=[SEALED, CLEAR])["arrest_no"],
        guard_ranking((IDS, [0.9, 0.8]), index, ON, k=2, known=[SEALED, CLEAR])[0],
        guard_edges(frame, index, ON, known=[SEALED, CLEAR])["arrest_no"],
        guard_explanation(frame, index, ON, known=[SEALED, CLEAR])["arrest_no"],
    ]

    for ids in given:
        assert ids.to_list() == [CLEAR]
        assert ids.dtype == pl.Enum([CLEAR])
