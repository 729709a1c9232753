"""A lazy frame is filtered inside its query, and a key that cannot be checked lets nothing out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings

from sealscrub.errors import ColumnError, UncheckedKeys
from sealscrub.tables import frame_adapter
from sealscrub.tables.polars.polars_frame import PolarsLazyFrame

from .conftest import CANARY, polars_buffers, polars_frame, row
from .frame_strategies import rows_and_mask


@dataclass(frozen=True)
class Verdicts:
    matched: Any
    unchecked: Any
    keep: Any


def even(batch: pl.DataFrame) -> Verdicts:
    keep = (batch["n"] % 2 == 0).to_numpy()
    return Verdicts(~keep, np.zeros_like(keep), keep)


def lazily(rows: Any, judge: Any = even) -> pl.LazyFrame:
    adapter = frame_adapter(polars_frame(rows).lazy())
    assert isinstance(adapter, PolarsLazyFrame)
    assert adapter.lazy
    return adapter.keep_lazily(["n"], judge)


@settings(max_examples=25, deadline=None)
@given(drawn=rows_and_mask())
def test_the_query_gives_the_rows_that_the_judge_keeps(drawn: Any) -> None:
    rows, _ = drawn
    without = polars_frame(list(compress(rows, [values[1] % 2 == 0 for values in rows])))

    for engine in ("in-memory", "streaming"):
        kept = lazily(rows).collect(engine=engine)
        assert kept.equals(without)
        assert kept.schema == without.schema


def test_nothing_of_a_removed_row_is_in_the_buffers() -> None:
    sealed = {"offense": CANARY, "notes": [CANARY], "place": {"name": CANARY, "x": 1}}
    rows = [
        row(CANARY if n % 2 else f"a key that is long enough {n}", n, **(sealed if n % 2 else {})) for n in range(9)
    ]

    for engine in ("in-memory", "streaming"):
        assert CANARY.encode() not in polars_buffers(lazily(rows).collect(engine=engine))


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_the_key_column_may_be_projected_away(engine: Any) -> None:
    kept = lazily([row("k", n) for n in range(6)]).select("score").collect(engine=engine)

    assert kept["score"].to_list() == [0.0, 1.0, 2.0]


def test_each_row_is_judged_once() -> None:
    judged: list[int] = []

    def judge(batch: pl.DataFrame) -> Verdicts:
        judged.extend(batch["n"].to_list())
        return even(batch)

    lazily([row("k", n) for n in range(50)], judge).collect(engine="streaming")

    assert sorted(judged) == list(range(50))


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_a_key_that_cannot_be_checked_ends_the_query(engine: Any) -> None:
    def judge(batch: pl.DataFrame) -> Verdicts:
        raise UncheckedKeys("2 keys could not be checked", hint="quarantine them.")

    with pytest.raises(UncheckedKeys, match="2 keys could not be checked") as caught:
        lazily([row(CANARY, n) for n in range(6)], judge).collect(engine=engine)

    assert CANARY not in str(caught.value)


def test_a_sink_streams_the_survivors(tmp_path: Any) -> None:
    lazily([row("k", n) for n in range(6)]).sink_parquet(tmp_path / "kept.parquet")

    assert pl.read_parquet(tmp_path / "kept.parquet")["n"].to_list() == [0, 2, 4]


def test_an_absent_key_column_is_refused_before_the_query_runs() -> None:
    with pytest.raises(ColumnError, match="did you mean 'key'"):
        frame_adapter(polars_frame([]).lazy()).keep_lazily(["kye"], even)
