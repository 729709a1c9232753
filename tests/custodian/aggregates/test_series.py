"""A series of releases, each with fewer arrests than the one before: no one of them is told by all of them together."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

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
    shape: tuple[int, ...],
    years: Sequence[Sequence[int]],
    tables: Tables,
    bases: Sequence[int | None] = (None,),
    people: Sequence[Sequence[int]] = (),
) -> tuple[SeriesReader, list[pl.DataFrame]]:
    """What a reader has of a series of counts, and the events of each release.

    Bases are those of rounding, by turns; people are how many have the arrests of each cell, by year.
    """
    names = "abc"[: len(shape)]
    levels: dict[str, list[object]] = {name: list(range(size)) for name, size in zip(names, shape, strict=True)}
    reader, ledger, given = SeriesReader(levels), new_ledger(), []
    places = list(itertools.product(*levels.values()))
    for year, counts in enumerate(years):
        who = people[year] if people else counts
        rows = [
            (*at, f"{at} {n * different // count}")
            for at, count, different in zip(places, counts, who, strict=True)
            for n in range(count)
        ]
        data = pl.DataFrame(rows, [*names, "who"], orient="row")
        table, base = tables[year % len(tables)], bases[year % len(bases)]
        asked = {name: levels[name] for name in table}
        options: dict[str, Any] = {"round_to": base, "person": "who" if people else None}
        try:
            frame = aggregate(data, [table], levels=asked, ledger=ledger, source="arrests", **options).frame
        except Refused:
            continue  # and then nothing of it is published
        reader.read(frame, base)
        given.append(data)
    return reader, given


def held(reader: SeriesReader, given: Sequence[pl.DataFrame]) -> None:
    """No figure suppressed is told, no small one told to be small, and of no few arrests that they were sealed."""

    def events(at: int, where: dict[str, object]) -> pl.DataFrame:
        return given[at].filter(**where) if where else given[at]

    for (at, where, _), (least, greatest) in zip(
        reader.hidden, reader.ranges([reader.placed(at, cells) for at, _, cells in reader.hidden]), strict=True
    ):
        count = events(at, where).height
        assert least <= count <= greatest
        if at in reader.rounded:
            continue  # a rounded figure is as near the truth
        assert least < greatest, (at, where)
        assert reader.rounded or count >= MINIMUM or greatest >= MINIMUM, (at, where)
    for (at, later, where), (least, greatest) in sealed_between(reader, given, events):
        most = events(at, where).height - (events(later, where).height > 0)  # what is suppressed is not 0
        lost = events(at, where).height - events(later, where).height
        surely = greatest < min(MINIMUM, most) or (least == greatest and most > lost)
        assert not surely or (reader.rounded and least == 0), (at, later, where, least, greatest)


def sealed_between(
    reader: SeriesReader, given: Sequence[pl.DataFrame], events: Callable[[int, dict[str, object]], pl.DataFrame]
) -> Iterator[tuple[tuple[int, int, dict[str, object]], tuple[float, float]]]:
    """Of what arrests of few people were sealed between two releases, and how many a reader takes them for.

    Those of figures suppressed; of rounded ones too.
    """
    about = {(at, str(where)): where for at, where, _ in reader.hidden}
    about |= {(at, str(where)): where for at, where, _ in reader.rounded_figures}
    pairs = []
    for (one, _), where in about.items():
        for other in range(len(given)):
            at, later = min(one, other), max(one, other)
            before, after = events(at, where), events(later, where)
            few = before.height - after.height < MINIMUM or before["who"].n_unique() - after["who"].n_unique() < MINIMUM
            if before.height > after.height and few and (at, later, where) not in pairs:
                pairs.append((at, later, where))
    sums = [reader.placed(a, reader.cells(where)) - reader.placed(b, reader.cells(where)) for a, b, where in pairs]
    yield from zip(pairs, reader.ranges(sums), strict=True)


Drawn = tuple[tuple[int, ...], list[list[int]], Tables, list[int | None], list[list[int]]]


@st.composite
def series(draw: st.DrawFn) -> Drawn:
    """Counts of three or four years, what is counted by, whether and to what figures are rounded, and people.

    Few cells lose many, so that margins change alike. People have one or several arrests; all or some are sealed.
    """
    shape, tables = draw(
        st.sampled_from(
            [
                *[((3, 3), [["a", "b"]])] * 3,
                *(((2, 3), [["a", "b"]]), ((2, 4), [["a", "b"]]), ((6,), [["a"]]), ((2, 2, 2), [["a", "b", "c"]])),
                *(((3, 3), [["a", "b"], ["a"], ["a", "b"]]), ((2, 2, 2), [["a", "b"], ["b", "c"], ["a", "b"]])),
            ]
        )
    )
    size = int(np.prod(shape))
    cells, figures = st.integers(0, size - 1), st.sampled_from([0, 4, 9, 10, 11, 13, 20, 30, 41, 60])
    people = [draw(st.lists(figures, min_size=size, max_size=size))]
    each = draw(st.just([1] * size) | st.lists(st.sampled_from([1, 2, 5, 15]), min_size=size, max_size=size))
    years = [[n * arrests for n, arrests in zip(people[0], each, strict=True)]]
    for _ in range(draw(st.integers(2, 3))):
        gone = draw(st.dictionaries(cells, st.sampled_from([1, 2, 5, 9, 10, 11, 15]), max_size=3))
        fewer = draw(st.dictionaries(cells, st.sampled_from([1, 5, 9]), max_size=1))
        people.append([max(n - gone.get(at, 0), 0) for at, n in enumerate(people[-1])])
        lost = [gone.get(at, 0) * each[at] + fewer.get(at, 0) for at in range(size)]
        years.append(
            [min(max(n - less, who), who * 100) for n, less, who in zip(years[-1], lost, people[-1], strict=True)]
        )
    bases = draw(st.sampled_from([[None], [None], [None], [None, 5, 5], [5, None], [None, 5, None], [5]]))
    return shape, years, tables, bases, [] if years == people else people


BY_TWO: Tables = [["a", "b"]]


@pytest.mark.search
@example(((3, 3), [[60, 4, 11, 4, 30, 30, 30, 20, 10], [49, 4, 11, 4, 30, 30, 21, 20, 10],
                   [49, 0, 11, 0, 19, 30, 21, 20, 10]], BY_TWO, [None], []))  # fmt: skip
@example(((2, 4), [[30, 13, 9, 20, 13, 20, 60, 30], [20, 13, 9, 20, 2, 20, 60, 30],
                   [20, 13, 9, 5, 2, 20, 60, 30]], BY_TWO, [None], []))  # fmt: skip
@example(((6,), [[10, 20, 13, 9, 10, 11], [10, 20, 12, 0, 10, 11], [10, 9, 12, 0, 10, 11]], [["a"]], [None], []))
@example(((2, 3), [[108, 142, 16, 26, 28, 28], [86, 101, 3, 24, 23, 27], [21, 71, 1, 20, 16, 27]], BY_TWO,
          [None, 5, None], [[24, 29, 14, 23, 22, 15], [18, 23, 3, 21, 18, 14], [6, 16, 1, 18, 14, 14]]))  # fmt: skip
@settings(max_examples=30, deadline=None, suppress_health_check=[*HealthCheck])
@given(series())
def test_no_series_tells_a_figure_that_was_held_back(made: Drawn) -> None:
    _, years, *_ = made
    reader, given = published(*made) if min(map(sum, years)) > 0 else (None, [])
    if reader is not None and given:
        held(reader, given)


def of_people(years: Sequence[Sequence[int]], each: int) -> list[list[int]]:
    return [[-(-n // each) for n in year] for year in years] if each > 1 else []


@pytest.mark.parametrize(
    ("shape", "years", "bases", "each"),
    [
        ((2, 3), [[165, 180, 150, 9, 150, 165], [165, 15, 150, 9, 135, 165], [150, 0, 150, 9, 135, 165],
                  [120, 0, 150, 0, 135, 165]], [None], 15),
        ((2, 4), [[30, 11, 41, 60, 11, 11, 13, 20], [30, 11, 36, 60, 11, 6, 13, 20], [25, 0, 36, 60, 11, 6, 13, 20]],
         [None, 5, 5], 1),
        ((3, 3), [[60, 30, 60, 0, 30, 9, 13, 60, 9], [60, 25, 51, 0, 30, 9, 0, 60, 9],
                  [60, 16, 41, 0, 30, 9, 0, 60, 9]], [None, 5, 5], 1),
        ((3, 3), [[4, 10, 4, 30, 41, 10, 0, 30, 4], [4, 10, 4, 30, 41, 10, 0, 30, 0], [4, 10, 4, 29, 41, 10, 0, 28, 0]],
         [5, None, 5], 1),
    ],
    ids=["arrests of one person", "exact, then rounded", "what two rounded ones tell", "rounded, refused, rounded"],
)  # fmt: skip
def test_nor_with_people_or_rounded(
    shape: tuple[int, ...], years: list[list[int]], bases: list[int | None], each: int
) -> None:
    held(*published(shape, years, BY_TWO, bases, of_people(years, each)))
