"""A sweep in parts, by values that differ and how often each is there, finds what a sweep of every value finds."""

from __future__ import annotations

import base64
import pickle

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.matching import Sweep

from .test_sweep import CLEAR, INDEX

TEXTS = [
    *CLEAR,
    "K14612345",
    "K146I2345",
    "123456789012",
    "see M15-000001",
    '{"a": "aB-77x9"}',
    "K14612345,theft",
    None,
]
NUMBERS = [123456789012, 7, 2014, 123456789013, None]
drawn = st.one_of(
    st.lists(st.sampled_from(TEXTS), max_size=40).map(lambda each: pl.Series(each, dtype=pl.String)),
    st.lists(st.sampled_from(TEXTS), max_size=40).map(
        lambda each: pl.Series([None if text is None else text.encode() for text in each], dtype=pl.Binary)
    ),
    st.lists(st.sampled_from(NUMBERS), max_size=40).map(lambda each: pl.Series(each, dtype=pl.Int64)),
    st.lists(st.sampled_from(NUMBERS), max_size=40).map(lambda each: pl.Series(each, dtype=pl.Float64)),
)


@settings(max_examples=25)
@given(drawn, st.integers(0, 40))
def test_parts_add_up(values: pl.Series, first: int) -> None:
    whole = Sweep(INDEX)
    whole.add("x", values)
    joined = Sweep(INDEX, run="0")
    counted = values.alias("values").value_counts(name="count")
    for part in (counted.head(first), counted.tail(max(0, len(counted) - first))):
        sweep = Sweep(INDEX, run="0")
        sweep.add_counted("x", part["values"], part["count"].cast(pl.Int64).to_numpy())
        joined.join(pickle.loads(pickle.dumps(sweep.counted)))

    assert joined.tally() == whole.tally()


def test_no_value_is_in_a_part() -> None:
    sweep = Sweep(INDEX)
    sweep.add("x", pl.Series(["K14612345", "theft", "see M15-000001", "123456789012"] * 100))

    sweep.add("n", pl.Series(range(10_000, 20_000)))
    number = (112_345).to_bytes(8, "little")  # as a sample of numbers holds it
    assert sweep.counted.keys() == {"x", "n"}
    for part in sweep.counted.values():
        for value in (b"K14612345", b"M15-000001", b"theft", b"123456789012", number):
            assert value not in base64.b64decode(part, validate=True)


@pytest.mark.parametrize("many", [1, 1_010])
def test_names_in_json_are_put_together_in_parts_as_in_the_whole(many: int) -> None:
    texts = pl.Series([f'{{"n{at}": "12345678{at:04}"}}' for at in range(many)] + ['{"n": "123456789012"}'])
    whole, joined = Sweep(INDEX), Sweep(INDEX, run="0")
    whole.add("x", texts)
    for part in (texts.head(many // 2), texts.tail(len(texts) - many // 2)):
        sweep = Sweep(INDEX, run="0")
        sweep.add("x", part)
        joined.join(sweep.counted)

    assert joined.tally() == whole.tally()
