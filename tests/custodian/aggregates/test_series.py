"""A series of releases, each with fewer arrests than the one before: no one of them is told by all of them together."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.aggregates import Ledger, Rules, aggregate
from sealscrub.errors import Refused

from .series_reader import SeriesReader

MINIMUM = Rules().minimum
Tables = Sequence[Sequence[str]]


def new_ledger() -> Ledger:
    return Ledger(Path(tempfile.mkdtemp()) / "ledger", new_source=True)


def published(
    shape: tuple[int, ...], years: Sequence[Sequence[int]], tables: Tables
) -> tuple[SeriesReader, list[pl.DataFrame]]:
    """What a reader has of a series of counts, and the events of each release."""
    names = "abc"[: len(shape)]
    levels: dict[str, list[object]] = {name: list(range(size)) for name, size in zip(names, shape, strict=True)}
    reader, ledger, given = SeriesReader(levels), new_ledger(), []
    places = list(itertools.product(*levels.values()))
    for year, counts in enumerate(years):
        data = pl.DataFrame(
            [at for at, n in zip(places, counts, strict=True) for _ in range(n)], list(names), orient="row"
        )
        table = tables[year % len(tables)]
        asked = {name: levels[name] for name in table}
        try:
            reader.read(aggregate(data, [table], levels=asked, ledger=ledger, source="arrests").frame)
        except Refused:
            continue  # and then nothing of it is published
        given.append(data)
    return reader, given


def held(reader: SeriesReader, given: Sequence[pl.DataFrame]) -> None:
    """No figure held back is told, no small one told to be small, and of no few arrests that they were sealed."""

    def true(at: int, where: dict[str, object]) -> int:
        return given[at].filter(**where).height if where else given[at].height

    found = reader.ranges([reader.placed(at, cells) for at, _, cells in reader.hidden])
    for (at, where, _), (least, greatest) in zip(reader.hidden, found, strict=True):
        count = true(at, where)
        assert least <= count <= greatest
        assert least < greatest, (at, where)
        assert count >= MINIMUM or greatest >= MINIMUM, (at, where)
    pairs = [
        (at, later, where, cells)
        for at, where, cells in reader.hidden
        for later in range(len(given))
        if 0 < abs(true(at, where) - true(later, where)) < MINIMUM
    ]
    sums = [
        (reader.placed(at, cells) - reader.placed(later, cells)) * (1 if at < later else -1)
        for at, later, _, cells in pairs
    ]
    for (at, later, where, _), (_, greatest) in zip(pairs, reader.ranges(sums), strict=True):
        most = true(min(at, later), where) - (true(max(at, later), where) > 0)  # what is held back is not 0
        assert greatest >= min(MINIMUM, most), (at, later, where)


@st.composite
def series(draw: st.DrawFn) -> tuple[tuple[int, ...], list[list[int]], Tables]:
    """Counts of three or four years, and what is counted by; few cells lose many, so that margins change alike."""
    shape, tables = draw(
        st.sampled_from(
            [
                *[((3, 3), [["a", "b"]])] * 3,
                *(((2, 4), [["a", "b"]]), ((6,), [["a"]]), ((2, 2, 2), [["a", "b", "c"]])),
                *(((3, 3), [["a", "b"], ["a"], ["a", "b"]]), ((2, 2, 2), [["a", "b"], ["b", "c"], ["a", "b"]])),
            ]
        )
    )
    size = int(np.prod(shape))
    years = [draw(st.lists(st.sampled_from([0, 4, 9, 10, 11, 13, 20, 30, 41, 60]), min_size=size, max_size=size))]
    for _ in range(draw(st.integers(2, 3))):
        lost = draw(st.dictionaries(st.integers(0, size - 1), st.sampled_from([1, 2, 5, 9, 10, 11, 15]), max_size=3))
        years.append([max(n - lost.get(at, 0), 0) for at, n in enumerate(years[-1])])
    return shape, years, tables


BY_TWO: Tables = [["a", "b"]]


@pytest.mark.search
@example(((3, 3), [[60, 4, 11, 4, 30, 30, 30, 20, 10], [49, 4, 11, 4, 30, 30, 21, 20, 10],
                   [49, 0, 11, 0, 19, 30, 21, 20, 10]], BY_TWO))  # fmt: skip
@example(((2, 4), [[30, 13, 9, 20, 13, 20, 60, 30], [20, 13, 9, 20, 2, 20, 60, 30],
                   [20, 13, 9, 5, 2, 20, 60, 30]], BY_TWO))  # fmt: skip
@example(((6,), [[10, 20, 13, 9, 10, 11], [10, 20, 12, 0, 10, 11], [10, 9, 12, 0, 10, 11]], [["a"]]))
@settings(max_examples=30, deadline=None, suppress_health_check=[*HealthCheck])
@given(series())
def test_no_series_tells_a_figure_that_was_held_back(made: tuple[tuple[int, ...], list[list[int]], Tables]) -> None:
    shape, years, tables = made
    if min(map(sum, years)) > 0:
        held(*published(shape, years, tables))
