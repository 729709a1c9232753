"""Arrays of polars, of any width and at any depth, are scrubbed as lists are, whatever their Enums list."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index

SEALED, CLEAR = "K14612345", "M14000017"
INDEX = example_index([SEALED])
ON = {"arrest_number": "a"}
LEVELS = ["x", "y", SEALED]

dtypes: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([pl.Enum(LEVELS), pl.Int8(), pl.String()]),
    lambda inner: st.one_of(
        st.builds(pl.List, inner),
        st.builds(pl.Array, inner, st.integers(0, 2)),
        st.builds(lambda one, two: pl.Struct({"p": one, "q": two}), inner, inner),
    ),
    max_leaves=4,
).filter(lambda dtype: dtype.is_nested())


def values(dtype: Any) -> st.SearchStrategy[Any]:
    if isinstance(dtype, pl.Struct):
        made: st.SearchStrategy[Any] = st.fixed_dictionaries({each.name: values(each.dtype) for each in dtype.fields})
    elif isinstance(dtype, pl.Array):
        made = st.lists(values(dtype.inner), min_size=dtype.size, max_size=dtype.size)
    elif isinstance(dtype, pl.List):
        made = st.lists(values(dtype.inner), max_size=2)
    else:
        made = st.integers(-9, 9) if dtype == pl.Int8 else st.sampled_from(["x", "y"])
    return st.none() | made


def without(dtype: Any) -> Any:
    """The type with the levels that are not sealed."""
    if isinstance(dtype, pl.Struct):
        return pl.Struct({each.name: without(each.dtype) for each in dtype.fields})
    if isinstance(dtype, pl.Array):
        return pl.Array(without(dtype.inner), dtype.size)
    if isinstance(dtype, pl.List):
        return pl.List(without(dtype.inner))
    return pl.Enum(["x", "y"]) if isinstance(dtype, pl.Enum) else dtype


@settings(max_examples=200, deadline=None)
@given(st.data(), dtypes, st.lists(st.booleans(), max_size=5), st.booleans())
def test_arrays_are_scrubbed_at_every_depth(data: Any, dtype: Any, sealed: list[bool], lazy: bool) -> None:
    column = [data.draw(values(dtype)) for _ in sealed]
    frame = pl.DataFrame({"a": [SEALED if each else CLEAR for each in sealed]}, schema={"a": pl.String})
    try:
        frame = frame.with_columns(pl.Series("o", column, dtype=dtype))
    except pl.exceptions.PanicException:  # polars cannot make a struct of empty arrays of an Enum
        reject()
    stays = [value for value, each in zip(column, sealed, strict=True) if not each]

    made = ss.scrub(frame.lazy() if lazy else frame, INDEX, ON).lazy().collect()

    assert made.schema["o"] == without(dtype)
    assert made["o"].to_list() == pl.Series(stays, dtype=dtype).to_list()


@pytest.mark.parametrize("dtype", [pl.Array(pl.Int8, 0), pl.Struct({"p": pl.Array(pl.Enum(LEVELS), 0)})])
def test_arrays_of_no_width_say_nothing_on_the_side(dtype: Any, capfd: pytest.CaptureFixture[str]) -> None:
    frame = pl.DataFrame({"a": [CLEAR, SEALED], "o": pl.Series([None, None], dtype=dtype)})
    ss.scrub(frame, INDEX, ON)
    assert capfd.readouterr().err == ""
