"""A key that matches the rows of several records is told from one that matches those of one."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.matching.rows_per_key import RowsPerKey

batches = st.lists(st.lists(st.integers(0, 40), max_size=300), max_size=12)


@given(batches, st.integers(1, 64))
def test_the_counts_are_those_of_all_rows_in_any_batches(drawn: list[list[int]], waiting: int) -> None:
    rows, expected = RowsPerKey(waiting), Counter(key for batch in drawn for key in batch)
    for batch in drawn:
        rows.add(np.array(batch, np.uint64))

    assert rows.rows == expected.total()
    assert rows.keys == len(expected)
    assert rows.most == max(expected.values(), default=0)
    asked = np.array([*range(42), 2**64 - 1], np.uint64)
    assert rows.have(asked).tolist() == [key in expected for key in asked.tolist()]


def test_it_holds_no_more_than_a_number_for_each_key() -> None:
    rows, batch = RowsPerKey(), np.arange(1_000, dtype=np.uint64)
    for _ in range(400):
        rows.add(batch)

    assert rows.held <= 70_000  # of 400,000 rows
    assert (rows.rows, rows.keys, rows.most) == (400_000, 1_000, 400)


@given(batches, st.integers(0, 12))
def test_parts_that_are_counted_apart_add_up(drawn: list[list[int]], first: int) -> None:
    whole, parts = RowsPerKey(), (RowsPerKey(), RowsPerKey())
    for at, batch in enumerate(drawn):
        whole.add(np.array(batch, np.uint64))
        parts[at >= first].add(np.array(batch, np.uint64))
    parts[0].join(parts[1])

    assert (parts[0].rows, parts[0].keys, parts[0].most) == (whole.rows, whole.keys, whole.most)
