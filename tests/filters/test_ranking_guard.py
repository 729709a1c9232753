"""A guarded ranking is that of the world without, whatever its kind, its cut and its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ColumnError, ConfigError, IncompleteError, ModelFailed, Refused, UncheckedKeys, UsageError
from sealscrub.filters import RankingPage, guard_ranking, guard_ranking_page

from .worlds import CLEAN, FRAMES, INDEX, ON, SEALED, few, is_sealed, requests, same, without

cuts = st.none() | st.integers(0, 14)


def world(records: list[dict[str, Any]], k: int | None = None, *, ascending: bool = False) -> list[dict[str, Any]]:
    """Rank the records of the world without, by a sort of Python's own."""
    ranked = sorted(without(records), key=lambda record: record["x"] * (1 if ascending else -1))
    return [{**record, "rank": at} for at, record in enumerate(ranked, start=1)][:k]


def with_rank(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**record, "rank": at} for at, record in enumerate(records, start=1)]


def best_first(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(records, key=lambda record: -record["x"])


@few
@given(records=requests(), k=cuts, ascending=st.booleans())
def test_a_list_of_dicts(records: list[dict[str, Any]], k: int | None, ascending: bool) -> None:
    asked = with_rank(records)
    said = guard_ranking(asked, INDEX, ON, k=k, score="x", ascending=ascending)

    assert said == world(records, k, ascending=ascending)
    assert asked == with_rank(records)


@pytest.mark.parametrize("build", FRAMES.values(), ids=FRAMES)
@few
@given(records=requests(), k=cuts)
def test_a_frame_is_that_of_the_scrubbed_frame(
    build: Callable[..., Any], records: list[dict[str, Any]], k: int | None
) -> None:
    frame = build(with_rank(records))
    said = guard_ranking(frame, INDEX, ON, k=k, score="x")

    assert same(said, guard_ranking(ss.scrub(frame, INDEX, ON), INDEX, ON, k=k, score="x"))
    assert pl.DataFrame(said).to_dicts() == world(records, k)


@few
@given(records=requests(), k=cuts, kind=st.sampled_from([list, np.array]))
def test_ids_and_scores(records: list[dict[str, Any]], k: int | None, kind: Callable[..., Any]) -> None:
    ids, scores = guard_ranking((kind([r["id"] for r in records]), kind([r["x"] for r in records])), INDEX, ON, k=k)

    assert isinstance(ids, list if kind is list else np.ndarray)
    assert list(zip(ids, scores, strict=True)) == [(r["id"], r["x"]) for r in world(records, k)]


@few
@given(records=requests(), k=cuts)
def test_an_iterator_gives_each_record_as_soon_as_it_may(records: list[dict[str, Any]], k: int | None) -> None:
    asked = with_rank(best_first(records))
    pulled: list[Any] = []

    def stream() -> Any:
        for record in asked:
            pulled.append(record)
            yield record

    said = guard_ranking(stream(), INDEX, ON, k=k)
    assert pulled == []
    assert list(said) == world(records, k)
    needed = [at for at, record in enumerate(asked, start=1) if not is_sealed(record["id"])]
    if k is not None and len(needed) >= k:
        assert len(pulled) == (needed[k - 1] if k else 0)
    assert list(guard_ranking(((r["id"], r["x"]) for r in asked), INDEX, ON, k=k)) == [
        (r["id"], r["x"]) for r in world(records, k)
    ]


@few
@given(records=requests(), k=cuts, at_most=st.integers(1, 70))
def test_a_callable_is_asked_until_the_answer_is_full(
    records: list[dict[str, Any]], k: int | None, at_most: int
) -> None:
    asked = with_rank(best_first(records))

    def search(offset: int, limit: int) -> Any:
        return asked[offset : offset + min(limit, at_most)]

    assert guard_ranking(search, INDEX, ON, k=k) == world(records, k)


def test_a_callable_is_asked_beyond_many_sealed_records() -> None:
    ids = SEALED * 400 + CLEAN
    calls: list[int] = []

    def search(offset: int, limit: int) -> Any:
        calls.append(limit)
        return pl.DataFrame({"id": ids[offset : offset + limit]})

    assert [record["id"] for record in guard_ranking(search, INDEX, ON, k=3)] == CLEAN[:3]
    assert len(calls) < 40


@few
@given(records=requests(), size=st.integers(1, 5), pages=st.sampled_from(["list", "frame", "callable"]))
def test_pages_put_together_are_the_ranking(records: list[dict[str, Any]], size: int, pages: str) -> None:
    def read(records: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Any]]:
        asked = with_rank(best_first(records))
        kinds = {
            "list": asked,
            "frame": FRAMES["polars"](asked),
            "callable": lambda offset, limit: asked[offset : offset + limit],
        }
        found, said, cursor = [], [], None
        while True:
            page = guard_ranking_page(
                kinds[pages],
                INDEX,
                ON,
                size=size,
                cursor=cursor,
                total=True,
                score=None if pages == "callable" else "x",
            )
            rows = page.records.to_dicts() if pages == "frame" else page.records
            found += rows
            said.append((len(rows), page.cursor, page.total))
            cursor = page.cursor
            if cursor is None:
                return found, said

    found, said = read(records)
    assert found == world(records)
    assert (found, said) == read(without(records))
    assert {total for _, _, total in said} == {len(without(records))}
    assert all(rows == size for rows, _, _ in said[:-1])


DERIVED = {
    "p": "softmax",
    "z": "zscore",
    "m": "minmax",
    "pct": "percentile",
    "place": "rank_min",
    "dense": "rank_dense",
    "lead": lambda scores: scores - scores[-1:],
}


def derive(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compute each field by its textbook formula."""
    x = np.array([record["x"] for record in records])
    return [
        {
            **record,
            "p": float(np.exp(each) / np.exp(x).sum()),
            "z": float((each - x.mean()) / (x.std() or 1)),
            "m": float((each - x.min()) / ((x.max() - x.min()) or 1)),
            "pct": 100 * sum(other <= each for other in x) / len(x),
            "place": 1 + sum(other > each for other in x),
            "dense": 1 + len({other for other in x.tolist() if other > each}),
            "lead": float(each - x[-1]),
        }
        for record, each in zip(records, x.tolist(), strict=True)
    ]


@few
@given(records=requests(), k=cuts)
def test_fields_that_depend_on_all_records_are_computed_anew(records: list[dict[str, Any]], k: int | None) -> None:
    asked = derive(with_rank(best_first(records)))
    options: dict[str, Any] = {"k": k, "score": "x", "derived": DERIVED}
    said = guard_ranking(asked, INDEX, ON, **options)
    clean = derive(world(records))[:k]

    assert said == guard_ranking(derive(with_rank(best_first(without(records)))), INDEX, ON, **options)
    assert [list(record) for record in said] == [list(record) for record in clean]
    for record, expected in zip(said, clean, strict=True):
        assert record.pop("id") == expected.pop("id")
        assert record == pytest.approx(expected, abs=1e-9, rel=1e-9)


@few
@given(records=requests(), k=cuts)
def test_sources_are_read_to_their_end_where_a_field_needs_all(records: list[dict[str, Any]], k: int | None) -> None:
    asked = derive(with_rank(best_first(records)))
    options: dict[str, Any] = {"k": k, "score": "x", "derived": DERIVED}
    said = guard_ranking(asked, INDEX, ON, **options)

    assert guard_ranking(lambda offset, limit: asked[offset : offset + limit], INDEX, ON, **options) == said
    assert list(guard_ranking(iter(asked), INDEX, ON, **options)) == said


def test_fields_in_frames_keep_their_types() -> None:
    rows = pl.DataFrame(
        {"id": [CLEAN[0], SEALED[0], CLEAN[1]], "rank": [1, 2, 3], "x": [1.0, 0.5, 0.0], "pct": [0.0, 0.0, 0.0]},
        schema_overrides={"rank": pl.UInt8, "pct": pl.Float32},
    )
    options: dict[str, Any] = {"score": "x", "derived": {"pct": "percentile"}}

    for frame in (rows, rows.to_pandas(), rows.to_arrow(), rows.to_arrow().combine_chunks().to_batches()[0]):
        said = guard_ranking(frame, INDEX, ON, **options)
        assert type(said) is type(frame)
        assert pl.DataFrame(said).schema == rows.schema
        assert pl.DataFrame(said).rows() == [(CLEAN[0], 1, 1.0, 100.0), (CLEAN[1], 2, 0.0, 50.0)]
    labelled = rows.to_pandas().set_index(pd.Index(["a", "b", "c"]))
    assert guard_ranking(labelled, INDEX, ON, score="x", derived={"pct": "percentile"}).index.tolist() == ["a", "c"]


def test_what_cannot_be_computed_is_refused() -> None:
    rows = [{"id": each, "percentile": 50.0} for each in CLEAN]

    with pytest.raises(Refused, match="depends on records"):
        guard_ranking(rows, INDEX, ON)
    with pytest.raises(Refused, match="raw scores"):
        guard_ranking(rows, INDEX, ON, derived={"percentile": "percentile"})
    with pytest.raises(Refused, match="raw scores"):
        guard_ranking(rows, INDEX, ON, derived={"percentile": "percentile"}, score="x")
    with pytest.raises(Refused, match="depends on records"):
        next(guard_ranking(iter(rows), INDEX, ON))
    assert guard_ranking(rows, INDEX, ON, own=["percentile"]) == rows


def test_scores_that_are_large_equal_or_missing() -> None:
    large = [{"id": each, "x": 2**62 + at} for at, each in enumerate(CLEAN)]
    assert [each["id"] for each in guard_ranking(large, INDEX, ON, score="x")] == CLEAN[::-1]
    lost = [{"id": CLEAN[0], "x": None}, {"id": CLEAN[1], "x": float("nan")}, {"id": CLEAN[2], "x": -1.0}]
    assert [each["id"] for each in guard_ranking(lost, INDEX, ON, score="x")] == [CLEAN[2], CLEAN[0], CLEAN[1]]
    with pytest.raises(ColumnError, match="no scores"):
        guard_ranking([{"id": CLEAN[0], "x": "high"}], INDEX, ON, score="x")


def test_a_page_of_another_index_is_refused() -> None:
    rows = [{"id": each} for each in CLEAN]
    first = guard_ranking_page(rows, INDEX, ON, size=2)

    assert isinstance(first, RankingPage)
    with pytest.raises(Refused, match="has changed"):
        guard_ranking_page(rows, example_index(CLEAN[:1]), ON, size=2, cursor=first.cursor)
    for bad in ("", "?", "MQ==", "LTEuMTIzNA==", "é"):
        with pytest.raises((UsageError, Refused)):
            guard_ranking_page(rows, INDEX, ON, size=2, cursor=bad)
    with pytest.raises(UsageError):
        guard_ranking_page(iter(rows), INDEX, ON, size=2)
    with pytest.raises(UsageError):
        guard_ranking_page(rows, INDEX, ON, size=0)


def _fails(offset: int, limit: int) -> Any:
    raise ValueError(CLEAN[0])


def test_what_a_source_may_not_do() -> None:
    with pytest.raises(ModelFailed) as caught:
        guard_ranking(_fails, INDEX, ON, k=1)
    assert CLEAN[0] not in str(caught.value)
    with pytest.raises(UsageError, match="more records"):
        guard_ranking(lambda offset, limit: [{"id": CLEAN[0]}] * (limit + 1), INDEX, ON, k=1)
    with pytest.raises(IncompleteError, match="more than 100"):
        guard_ranking(lambda offset, limit: [{"id": CLEAN[0]}] * limit, INDEX, ON, max_fetch=100)
    with pytest.raises(IncompleteError, match="more than 10 "):
        guard_ranking(lambda offset, limit: [{"id": SEALED[0]}] * limit, INDEX, ON, k=1, max_fetch=10)
    with pytest.raises(UncheckedKeys):
        guard_ranking([{"id": "K14O00001"}], INDEX, ON)
    with pytest.raises(ColumnError):
        guard_ranking([{"x": 1.0}], INDEX, ON)
    with pytest.raises(UsageError, match="not a ranking"):
        guard_ranking(CLEAN, INDEX, ON)
    with pytest.raises(ConfigError, match="no score"):
        guard_ranking([{"id": CLEAN[0]}], INDEX, ON, sort=True)
    with pytest.raises(ConfigError, match="way"):
        guard_ranking([], INDEX, ON, derived={"p": "magic"})
    with pytest.raises(UsageError):
        guard_ranking([], INDEX, ON, k=-1)


def test_an_unknown_record_does_not_come_out_either() -> None:
    rows = [{"id": each, "x": 1.0} for each in CLEAN]

    assert guard_ranking(rows, INDEX, ON, known=CLEAN[2:4]) == rows[2:4]
