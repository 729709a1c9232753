"""What comes back is what the same rows would have been without those that went."""

from __future__ import annotations

from itertools import compress
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from sealscrub.tables import frame_adapter

from .conftest import CANARY, Constructor, row
from .frame_strategies import rows_and_mask

property_test = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Drawn = tuple[list[tuple[Any, ...]], Any]


def all_of(data: Any) -> Any:
    adapter = frame_adapter(data)
    return adapter.keep(np.ones(adapter.rows, dtype=np.bool_))


@property_test
@given(drawn=rows_and_mask())
def test_survivors_equal_the_container_that_never_had_the_others(constructor: Constructor, drawn: Drawn) -> None:
    rows, mask = drawn
    without = constructor.build(list(compress(rows, mask)))

    kept = frame_adapter(constructor.build(rows)).keep(mask)

    assert type(kept) is type(without)
    if not mask.any():
        without = all_of(without)  # an empty pandas column has no chunk or one, at pandas' pleasure
    assert constructor.read(kept).equals(constructor.read(without), check_metadata=True)
    assert constructor.written(kept) == constructor.written(without)


@property_test
@given(drawn=rows_and_mask())
def test_survivors_are_the_same_bytes_as_those_of_the_world_without(constructor: Constructor, drawn: Drawn) -> None:
    rows, mask = drawn
    without = constructor.build(list(compress(rows, mask)))

    kept = frame_adapter(constructor.build(rows)).keep(mask)

    assert constructor.written(kept) == constructor.written(all_of(without))
    assert constructor.pickled(kept) == constructor.pickled(all_of(without))


@property_test
@given(drawn=rows_and_mask())
def test_a_second_time_changes_nothing(constructor: Constructor, drawn: Drawn) -> None:
    rows, mask = drawn
    once = frame_adapter(constructor.build(rows)).keep(mask)

    twice = all_of(once)

    assert constructor.written(twice) == constructor.written(once)
    assert constructor.pickled(twice) == constructor.pickled(once)


@property_test
@given(drawn=rows_and_mask())
def test_the_input_stays_as_it_was(constructor: Constructor, drawn: Drawn) -> None:
    rows, mask = drawn
    data = constructor.build(rows)
    before = constructor.written(data)

    frame_adapter(data).keep(mask)

    assert constructor.written(data) == before


CANARIES = {
    "key": {"key": CANARY},
    "offense": {"key": "k", "offense": CANARY},
    "notes": {"key": "k", "notes": ["x", CANARY]},
    "place": {"key": "k", "place": {"name": CANARY, "x": 1}},
}


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("column", CANARIES)
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_nothing_of_a_removed_row_is_left(constructor: Constructor, column: str, place: str) -> None:
    sealed = row(**{"n": 99, **CANARIES[column]})
    others = [row(f"a key that is long enough {n}", n, offense=f"offense {n % 3}") for n in range(6)]
    at = {"first": 0, "middle": 3, "last": 6}[place]
    data = constructor.build([*others[:at], sealed, *others[at:]])
    assert CANARY.encode() in constructor.pickled(data)

    kept = frame_adapter(data).keep(np.arange(7) != at)

    assert CANARY.encode() not in constructor.pickled(kept)
    assert CANARY.encode() not in constructor.written(kept)
    assert CANARY not in repr(kept)
    assert constructor.read(kept).column("n").to_pylist() == list(range(6))
