"""Tables and grids are those of the events that are left, and no unpublished cell follows from the published ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, UncheckedKeys, UnsuitableIndex, UsageError
from sealscrub.filters import guard_counts, guard_grid
from sealscrub.filters.counts.complementary_suppression import exposed_cells, hidden_cells

ARRESTS = [f"M14{at:06d}" for at in range(1, 41)]
SEALED = set(ARRESTS[::3])
INDEX = example_index(SEALED, uses=("output", "aggregate_report"))
ON = {"arrest_number": "arrest"}
SCHEMA = {"arrest": pl.String, "area": pl.String, "year": pl.Int64, "x": pl.Float64, "y": pl.Float64}

events = st.lists(
    st.tuples(
        st.sampled_from(ARRESTS),
        st.sampled_from(["a", "b", "c", None]),
        st.integers(2014, 2017),
        st.floats(-1e3, 1e3),
        st.sampled_from([0.0, -0.0, 1.5, 99.0, float("nan"), None]),
    ),
    max_size=60,
)


def rows(events: Any) -> pl.DataFrame:
    return pl.DataFrame(events, schema=SCHEMA, orient="row")


def remaining(events: Any) -> pl.DataFrame:
    return rows([each for each in events if each[0] not in SEALED])


def with_totals(inner: np.ndarray) -> np.ndarray:
    if inner.ndim == 1:
        return np.append(inner, inner.sum())
    wide = np.hstack([inner, inner.sum(axis=1, keepdims=True)])
    return np.vstack([wide, wide.sum(axis=0, keepdims=True)])


def lines_of(table: np.ndarray) -> list[list[tuple[int, ...]]]:
    """The places of each line whose last is the total of the others."""
    if table.ndim == 1:
        return [[(at,) for at in range(len(table))]]
    rows, columns = map(range, table.shape)
    return [[(row, column) for column in columns] for row in rows] + [
        [(row, column) for row in rows] for column in columns
    ]


def bounds(table: np.ndarray, hidden: np.ndarray, at: tuple[int, ...], least: int) -> tuple[float, float]:
    """Between what an unpublished cell lies for a reader who knows the published ones and that it is at least this."""
    where = {tuple(place.tolist()): number for number, place in enumerate(np.argwhere(hidden))}
    equations, sums = [], []
    for line in lines_of(table):
        weights, known = np.zeros(len(where)), 0
        for place in line:
            sign = -1 if place == line[-1] else 1
            if place in where:
                weights[where[place]] += sign
            else:
                known += sign * table[place]
        equations.append(weights)
        sums.append(-known)
    target = np.zeros(len(where))
    target[where[at]] = 1
    ends = [
        linprog(sign * target, A_eq=np.array(equations), b_eq=sums, bounds=(least, None), method="highs")
        for sign in (1, -1)
    ]
    assert all(each.status in (0, 3) for each in ends)
    return ends[0].fun, np.inf if ends[1].status == 3 else -ends[1].fun


tables = st.one_of(
    st.lists(st.integers(0, 15), min_size=1, max_size=5).map(np.array),
    st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
        lambda shape: st.lists(
            st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 9, 12, 30]), min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        ).map(np.array)
    ),
).map(with_totals)


@settings(max_examples=60, deadline=None)
@given(tables, st.integers(2, 6))
def test_no_unpublished_cell_follows_from_the_published_ones(table: np.ndarray, minimum: int) -> None:
    hidden = hidden_cells(table, minimum)

    assert hidden[(table > 0) & (table < minimum)].all()
    assert not hidden[table == 0].any()
    for at in map(tuple, np.argwhere(hidden).tolist()):
        for least in (0, 1):
            low, high = bounds(table, hidden, at, least)
            assert high - low > 0.5, (table, hidden, at)


@settings(max_examples=60, deadline=None)
@given(tables, st.integers(0, 1 << 25))
def test_exposed_cells_are_those_that_linear_programming_finds(table: np.ndarray, bits: int) -> None:
    hidden = (bits >> np.arange(table.size).reshape(table.shape) & 1).astype(bool) & (table > 0)
    exposed = exposed_cells(table, hidden)

    for at in map(tuple, np.argwhere(hidden).tolist()):
        low, high = bounds(table, hidden, at, 1)
        assert exposed[at] == (high - low < 0.5), (table, hidden, at)


@settings(max_examples=40, deadline=None)
@given(events, st.sampled_from(["area", "year", ["area", "year"], ["year", "area"]]), st.integers(2, 8))
def test_counts_are_those_of_the_world_without(events: Any, by: Any, minimum: int) -> None:
    counts = guard_counts(rows(events), INDEX, ON, by, minimum=minimum)
    never = guard_counts(remaining(events), INDEX, ON, by, minimum=minimum)

    assert counts.cells.equals(never.cells)
    assert counts.cells.schema == never.cells.schema
    assert all(one.equals(other) for one, other in zip(counts.margins, never.margins, strict=True))
    assert counts.total == never.total
    names = [by] if isinstance(by, str) else by
    true = remaining(events).group_by(names).len()
    joined = counts.cells.join(true, on=names, how="left", nulls_equal=True).with_columns(pl.col("len").fill_null(0))
    assert joined.filter(pl.col("count").is_not_null() & (pl.col("count") != pl.col("len"))).is_empty()
    assert joined.filter(pl.col("count").is_not_null() & pl.col("len").is_between(1, minimum - 1)).is_empty()
    assert counts.total in (None, remaining(events).height)


@pytest.mark.parametrize("minimum", [2, 5, 7])
def test_the_least_count_that_is_published_is_the_minimum(minimum: int) -> None:
    left = [each for each in ARRESTS if each not in SEALED]
    areas = ["a"] * minimum + ["b"] * (len(left) - minimum)
    few = pl.DataFrame({"arrest": left, "area": areas})

    assert guard_counts(few, INDEX, ON, "area", minimum=minimum).cells["count"].to_list() == [
        minimum,
        len(left) - minimum,
    ]
    assert guard_counts(few, INDEX, ON, "area", minimum=minimum + 1).cells["count"].to_list() == [None, None]


def test_a_count_is_of_the_kind_of_its_events() -> None:
    data = rows([(arrest, "a", 2014, 0.0, 0.0) for arrest in ARRESTS])
    for each in (data, data.to_pandas(), data.to_arrow()):
        counts = guard_counts(each, INDEX, ON, ["area", "year"])
        assert {type(counts.cells), *map(type, counts.margins)} == {type(each)}
        assert type(guard_grid(each, INDEX, ON, "x", "y", 10)) is type(each)
    assert guard_counts(data.lazy(), INDEX, ON, "area").cells.rows() == [("a", 26)]
    assert repr(guard_counts(data, INDEX, ON, "area")) == "Counts(1 cells)"


def test_levels_by_declaration() -> None:
    data = rows([(arrest, "a", 2014, 0.0, 0.0) for arrest in ARRESTS])
    counts = guard_counts(data, INDEX, ON, "area", levels={"area": ["c", "a"]})
    assert counts.cells.rows() == [("c", 0), ("a", 26)]
    for levels in (["b"], [1]):
        with pytest.raises(UsageError):
            guard_counts(data, INDEX, ON, "area", levels={"area": levels})
    only_sealed = data.with_columns(area=pl.when(pl.col("arrest").is_in(SEALED)).then(pl.lit("z")).otherwise("area"))
    assert guard_counts(only_sealed, INDEX, ON, "area").cells["area"].to_list() == ["a"]


def test_a_report_has_a_use_of_its_own() -> None:
    """What a statute lets into the annual report may be barred from other output."""
    data = rows([(arrest, "a", 2014, 0.0, 0.0) for arrest in ARRESTS])
    report = example_index(list(SEALED)[:2], uses=("aggregate_report",))

    assert guard_counts(data, report, ON, "area", use="aggregate_report").total == 38
    with pytest.raises(UnsuitableIndex):
        guard_counts(data, report, ON, "area")
    with pytest.raises(ConfigError):
        guard_counts(data, report, ON, "area", use="training")


def test_what_cannot_be_counted() -> None:
    data = rows([(arrest, "a", 2014, 0.0, 0.0) for arrest in ARRESTS])
    for by, minimum in (([], 5), (["area", "year", "x"], 5), (["area", "area"], 5), ("area", 1)):
        with pytest.raises(ConfigError):
            guard_counts(data, INDEX, ON, by, minimum=minimum)
    with pytest.raises(UncheckedKeys):
        guard_counts(rows([("M14O00007", "a", 2014, 0.0, 0.0)]), INDEX, ON, "area")
    with pytest.raises(ConfigError):
        guard_grid(data, INDEX, ON, "x", "y", 0)
    with pytest.raises(UsageError):
        guard_grid(data, INDEX, ON, "area", "y", 10)


@settings(max_examples=40, deadline=None)
@given(events, st.sampled_from([0.5, 10.0, 250.0]), st.sampled_from([None, 1, 3]))
def test_a_grid_is_that_of_the_world_without(events: Any, size: float, k: int | None) -> None:
    grid = guard_grid(rows(events), INDEX, ON, "x", "y", size, k=k)
    never = guard_grid(remaining(events), INDEX, ON, "x", "y", size, k=k)

    assert grid.equals(never)
    assert grid.schema == never.schema
    if k is None:
        placed = remaining(events).filter(pl.col("y").is_finite())
        assert grid["count"].sum() == placed.height
    assert grid["count"].to_list() == sorted(grid["count"].to_list(), reverse=True)
