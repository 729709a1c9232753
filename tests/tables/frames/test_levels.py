"""Levels and their order, and the index, say nothing of rows that went."""

from __future__ import annotations

import pickle
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import UsageError
from sealscrub.tables import frame_adapter

from .conftest import CANARY

letters = st.lists(st.none() | st.sampled_from("abcd"), max_size=12)


def seen(values: list[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value is not None))


@settings(max_examples=60, deadline=None)
@given(values=letters, data=st.data())
def test_levels_without_an_order_stand_as_the_survivors_bring_them_up_or_sorted(values: list[Any], data: Any) -> None:
    mask = np.array([data.draw(st.booleans()) for _ in values], dtype=np.bool_)
    survivors = list(compress(values, mask))

    frame = pd.DataFrame({"c": pd.Categorical(values, seen(values))})
    table = pa.table({"c": pa.array(values, pa.string()).dictionary_encode()})

    kept = frame_adapter(frame).keep(mask)
    assert kept["c"].cat.categories.tolist() == sorted(seen(survivors))
    assert frame_adapter(table).keep(mask)["c"].chunk(0).dictionary.to_pylist() == seen(survivors)


@settings(max_examples=60, deadline=None)
@given(values=letters, data=st.data(), ordered=st.booleans())
def test_sorted_and_ordered_levels_keep_their_order(values: list[Any], data: Any, ordered: bool) -> None:
    mask = np.array([data.draw(st.booleans()) for _ in values], dtype=np.bool_)
    levels = list("dbca") if ordered else list("abcd")
    frame = pd.DataFrame({"c": pd.Categorical(values, levels, ordered=ordered)})

    kept = frame_adapter(frame).keep(mask)

    survivors = set(compress(values, mask))
    assert kept["c"].cat.categories.tolist() == [level for level in levels if level in survivors]
    assert kept["c"].cat.ordered == ordered


def test_a_given_order_is_kept_where_it_is_declared() -> None:
    frame = pd.DataFrame({"c": pd.Categorical(["c", "a", "b"], ["b", "c", "a"])})
    everything = np.array([True, True, True])

    assert frame_adapter(frame).keep(everything)["c"].cat.categories.tolist() == ["a", "b", "c"]
    kept = frame_adapter(frame).keep(everything, keep_levels=["c"])
    assert kept["c"].cat.categories.tolist() == ["b", "c", "a"]


@pytest.mark.parametrize("column", ["c", "d"])
def test_declared_levels_stay_whole(column: str) -> None:
    table = pa.table({"c": pa.array(["b", "a"]).dictionary_encode(), "d": pa.array(["b", "a"]).dictionary_encode()})
    frame = table.to_pandas()
    mask = np.array([False, True])
    other = "d" if column == "c" else "c"

    kept = frame_adapter(table).keep(mask, keep_levels=[column])
    kept_frame = frame_adapter(frame).keep(mask, keep_levels=[column])

    assert kept[column].chunk(0).dictionary.to_pylist() == ["b", "a"]
    assert kept[other].chunk(0).dictionary.to_pylist() == ["a"]
    assert kept_frame[column].cat.categories.tolist() == ["b", "a"]
    assert kept_frame[other].cat.categories.tolist() == ["a"]


MASK = np.array([True, False, True, True])


@pytest.mark.parametrize(("start", "step"), [(0, 1), (5, 2), (9, -3)])
def test_a_range_counts_anew(start: int, step: int) -> None:
    index = pd.RangeIndex(start, start + 4 * step, step, name="row" if (start, step) == (0, 1) else None)
    data = pd.DataFrame({"n": range(4)}, index=index)

    kept = frame_adapter(data).keep(MASK)

    expected = pd.RangeIndex(start, start + 3 * step, step, name="row" if (start, step) == (0, 1) else None)
    pd.testing.assert_index_equal(kept.index, expected, exact=True)
    gaps = frame_adapter(data).keep(MASK, keep_index=True)
    assert gaps.index.tolist() == index[MASK].tolist()


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["b", CANARY, "c", "a"], name="id"),
        pd.Index([3, 1, 4, 1]),
        pd.Index(["b", CANARY, "c", 7], dtype=object),
        pd.Index(["b", CANARY, None, "a"], dtype=pd.ArrowDtype(pa.string())),
        pd.CategoricalIndex(["b", CANARY, "c", "a"], name="id"),
        pd.date_range("2020", periods=4, tz="America/New_York"),
        pd.interval_range(0, 4),
        pd.MultiIndex.from_arrays([["b", CANARY, None, "a"], [1, 2, 3, 4]], names=["x", "y"]),
        pd.MultiIndex.from_arrays([pd.Categorical(["b", CANARY, "c", "a"]), [1, 2, 3, 4]]),
        pd.MultiIndex.from_product([["b", "a"], ["x", "y"]]),
    ],
    ids=lambda index: type(index).__name__,
)
def test_any_other_index_is_kept_without_the_levels_that_went(index: pd.Index) -> None:
    data = pd.DataFrame({"n": range(4)}, index=index)

    kept = frame_adapter(data).keep(MASK)

    assert kept.index.tolist()[0] == index.tolist()[0]
    assert kept.index.names == index.names
    assert type(kept.index) is type(index)
    pd.testing.assert_index_equal(
        kept.index, index[MASK], exact=not isinstance(index, pd.CategoricalIndex), check_categorical=False
    )
    assert CANARY.encode() not in pickle.dumps(kept)


def test_index_levels_are_sorted() -> None:
    index = pd.MultiIndex(levels=[["c", "a", "b"]], codes=[[0, 1, 0, 2, 1]], verify_integrity=False)
    data = pd.DataFrame({"n": range(5)}, index=index)

    kept = frame_adapter(data).keep(np.array([False, False, False, True, True]))

    assert kept.index.levels[0].tolist() == ["a", "b"]


def test_a_range_of_ids_is_kept() -> None:
    """pandas 3 makes a range of any index of ids that go up evenly: others' ids must not move up."""
    data = pd.DataFrame({"n": range(4)}, index=pd.RangeIndex(101, 105, name="person"))

    kept = frame_adapter(data).keep(MASK)

    assert kept.index.tolist() == [101, 103, 104]
    assert not isinstance(kept.index, pd.RangeIndex)
    assert frame_adapter(kept).keep(np.ones(3, bool)).index.equals(kept.index)


def test_a_range_of_ids_that_only_metadata_hold_is_refused() -> None:
    data = pa.Table.from_pandas(pd.DataFrame({"n": range(4)}, index=pd.RangeIndex(101, 105, name="person")))

    with pytest.raises(UsageError, match="range of ids"):
        frame_adapter(data).keep(MASK)
