"""Parts of a key within one struct: put together as long as they are few, and not checked where they are many."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.matching import Sweep

INDEX = example_index({"person_arrest": ["12345678A@2014-01-05"]})
FIELDS = [f"{kind}{at}" for kind in ("n", "d") for at in range(70)]  # 4,900 choices, of which 4,096 are tried


def struct(people: int, days: int, *, held: bool = False) -> dict[str, Any]:
    """A struct with as many persons and days, with the sealed ones last."""
    made: dict[str, Any] = dict.fromkeys(FIELDS)
    made |= {f"n{at}": "01234567Q" for at in range(people)} | {f"d{at}": "2015-01-05" for at in range(days)}
    return made | ({f"n{people - 1}": "12345678A", f"d{days - 1}": "2014-01-05"} if held else {})


def told(values: list[dict[str, Any]], *edges: int) -> list[tuple[str, int, int]]:
    sweep = Sweep(INDEX)
    fields = [field for field in FIELDS if any(each[field] is not None for each in values)]
    column = pl.Series(values, dtype=pl.Struct(dict.fromkeys(fields, pl.String)))
    for start, stop in pairwise([0, *edges, len(values)]):
        sweep.add("x", column[start:stop])
    return [(each.place, each.found, each.unread) for each in sweep.tally()]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(("people", "days"), [(1, 1), (20, 9), (70, 2)])
@pytest.mark.parametrize("held", [False, True])
def test_all_that_are_few_are_tried_whatever_other_structs_hold(people: int, days: int, held: bool) -> None:
    assert told([struct(people, days, held=held)]) == ([("x", 1, 0)] if held else [])
    assert told([struct(people, days, held=held), struct(0, 70), struct(70, 0)]) == ([("x", 1, 0)] if held else [])


@pytest.mark.parametrize("held", [False, True])
def test_those_that_are_many_are_not_checked(held: bool) -> None:
    assert told([struct(70, 70, held=held), struct(2, 2)]) == [("x", 0, 1)]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.sampled_from([(1, 1), (2, 3), (70, 1), (70, 70), (0, 70)]), min_size=1, max_size=4),
    st.integers(0, 4),
    st.booleans(),
)
def test_batches_and_other_rows_do_not_matter(sizes: list[tuple[int, int]], cut: int, held: bool) -> None:
    values = [struct(people, days, held=held and people > 0) for people, days in sizes]
    found = sum(held and people > 0 and people * days <= 4096 for people, days in sizes)
    many = sum(people * days > 4096 for people, days in sizes)
    expected = [("x", found, many)] if found or many else []
    assert told(values) == told(values[::-1]) == told(values, min(cut, len(values))) == expected
