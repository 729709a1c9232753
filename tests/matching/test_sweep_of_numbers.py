"""The sweep of numbers and bytes, and what may be chance: the rows that stay decide, whatever type they are in."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.identifiers import Scheme, Spelling, Status, canonicalise, get_scheme, known_schemes
from sealscrub.matching import Sweep, SweepTally
from sealscrub.matching.texts.grammar import digits_of_numbers
from sealscrub.matching.value_search import Likeness, ValueSearch
from sealscrub.matching.whole_numbers import may_have_digits, whole_numbers

LARGE = "12345678901234567890123"
INDEX = example_index({"opaque:court": ["12345678", LARGE, "18446744073709551615", "0x7f"]})


def swept(values: pl.Series, index: Any = INDEX) -> tuple[SweepTally, ...]:
    sweep = Sweep(index)
    sweep.add("x", values)
    return tuple(replace(each, texts=False) for each in sweep.tally())  # texts and numbers count alike


def found(values: pl.Series, index: Any = INDEX) -> int:
    return sum(each.found for each in swept(values, index))


@pytest.mark.parametrize(
    "type",
    [pl.Int32, pl.Int64, pl.UInt64, pl.Int128, pl.Float32, pl.Float64, pl.Decimal(10, 0), pl.Decimal(38, 6), pl.String],
    ids=str,
)
def test_a_number_is_found_in_a_column_of_any_width(type: Any) -> None:
    assert found(pl.Series([12345678, 5, None]).cast(type)) == 1
    assert found(pl.Series([[12345678, 5], None]).cast(pl.List(type))) == 1
    assert found(pl.Series([12345676, 5, None]).cast(type)) == 0


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([LARGE, "5"]).cast(pl.Decimal(38, 0)),
        pl.Series([LARGE, "5"]).cast(pl.Decimal(38, 4)),
        pl.Series([int(LARGE), 5], dtype=pl.Int128),
        pl.Series([2**64 - 1, 5], dtype=pl.UInt64),
    ],
    ids=lambda values: str(values.dtype),
)
def test_a_number_of_more_digits_than_an_integer_holds_is_found(values: pl.Series) -> None:
    assert [(each.found, each.unread) for each in swept(values)] == [(1, 0)]


def test_a_negative_zero_is_a_zero() -> None:
    search = ValueSearch(example_index({"opaque:shelf": ["0"]}))
    assert whole_numbers(pl.Series([-0.0, 0.0])).to_list() == ["0", "0"]
    assert search.texts(pl.Series(["-0.0", "-0", "0", "0.0"])).tolist() == [Likeness.CHANCE] * 4


TEXTS = ["aB-77x9", "K14612345"]
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 with a mark, little end first": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16 with a mark, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16, little end first": lambda text: text.encode("utf-16-le"),
    "UTF-16, big end first": lambda text: text.encode("utf-16-be"),
    "UTF-32 with a mark": lambda text: text.encode("utf-32"),
    "filled with zeros": lambda text: text.encode().ljust(32, b"\0"),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["{}", "see {}.", '{{"a": "{}"}}'])
def test_an_id_is_found_in_bytes_however_they_are_encoded(encoding: str, form: str) -> None:
    index = example_index({"opaque:court": ["aB-77x9"], "arrest_number": ["K14612345"]})
    for text in TEXTS:
        assert found(pl.Series([ENCODINGS[encoding](form.format(text)), b"\xff\x00", None]), index) == 1


def test_an_id_is_found_in_the_bytes_of_a_uuid_or_a_digest() -> None:
    one = uuid.UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
    for written in (str(one), str(one).upper(), one.hex, one.hex.upper()):
        index = example_index({"opaque:court": [written]})
        assert found(pl.Series([one.bytes, b"0" * 16]), index) == 1
        assert found(pl.Series([one.bytes_le, b"0" * 16]), index) == 1
        assert found(pl.Series([[one.bytes]]), index) == 1
    for size in (16, 20, 32, 64):
        digest = np.random.default_rng(size).bytes(size)
        for written in (digest.hex(), digest.hex().upper()):
            assert found(pl.Series([digest, digest[1:], None]), example_index({"opaque:court": [written]})) == 1


STOPS = example_index({"opaque:stops": [str(at) for at in range(1, 1001, 2)]})
RNG = np.random.default_rng(0)
CODES = {
    "ages": RNG.integers(16, 90, 5_000),
    "a few ages": RNG.integers(16, 90, 60),
    "one age": np.array([35]),
    "precincts": RNG.integers(1, 124, 200),
    "hours": RNG.integers(0, 24, 40),
    "years": RNG.integers(1950, 2020, 100),
    "codes of three digits": RNG.choice(np.arange(101, 950, 17), 4_000),
}
IDS = {
    "of rows": np.arange(1, 1001),
    "of other rows": RNG.integers(1, 1001, 3_000),
    "of a few other rows": RNG.integers(1, 1001, 30),
    "each twenty times": np.repeat(np.arange(1, 3001), 20),
    "each three times": np.repeat(RNG.integers(1, 1001, 12), 3),
}
WAYS: dict[str, Callable[[np.ndarray], pl.Series]] = {
    "integers": pl.Series,
    "narrow integers": lambda values: pl.Series(values).cast(pl.Int16),
    "floats": lambda values: pl.Series(values).cast(pl.Float64),
    "decimals": lambda values: pl.Series(values).cast(pl.Decimal(10, 2)),
    "text": lambda values: pl.Series(values).cast(pl.String),
    "floats in text": lambda values: pl.Series(values).cast(pl.Float64).cast(pl.String),
    "categories": lambda values: pl.Series(values).cast(pl.String).cast(pl.Categorical),
    "lists": lambda values: pl.Series(values.reshape(-1, 1)).arr.to_list() if len(values) else pl.Series([[1]]),
    "JSON": lambda values: pl.Series([json.dumps({"a": "theft", "n": int(each)}) for each in values]),
    "JSON text": lambda values: pl.Series([json.dumps({"a": "theft", "n": str(each)}) for each in values]),
    "arrays of JSON": lambda values: pl.Series([json.dumps([int(each), int(each)]) for each in values]),
    "lists in text": lambda values: pl.Series([f"{each}; {each}" for each in values]),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [*CODES, *IDS])
def test_numbers_that_are_held_by_chance_are_not_checked_and_never_clean(kind: str, way: str) -> None:
    values = (CODES | IDS)[kind]
    if not np.isin(values, np.arange(1, 1001, 2)).any():
        return
    told = swept(WAYS[way](values), STOPS)
    assert [(each.found, each.ambiguous > 0) for each in told] == [(0, True)]


VOUCHERS = RNG.choice(np.arange(1_000_000, 10_000_000), 3_000, replace=False)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("way", [way for way in WAYS if way != "narrow integers"])
@pytest.mark.parametrize("scheme", ["voucher", "opaque:property"])
def test_more_ids_than_chance_explains_are_found_in_any_type(way: str, scheme: str) -> None:
    index = example_index({scheme: [str(each) for each in VOUCHERS]})
    others = RNG.integers(1_000_000, 10_000_000, 400)
    others = others[~np.isin(others, VOUCHERS)]
    for planted, expected in ((0, []), (1, [(False, True)]), (100, [(True, False)])):
        values = WAYS[way](np.append(others, VOUCHERS[:planted]))
        assert [(each.found > 0, each.ambiguous > 0) for each in swept(values, index)] == expected


def test_numbers_in_json_are_told_apart_by_the_names_before_them() -> None:
    index = example_index({"opaque:property": [str(each) for each in VOUCHERS]})
    others = RNG.integers(1_000_000, 10_000_000, 3_000)
    others = others[~np.isin(others, VOUCHERS)][:2_000]
    first, second = others.copy(), others[::-1].copy()
    first[7], second[40:100] = VOUCHERS[100], VOUCHERS[:60]
    made = [json.dumps({"a": a, "b": b}) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    assert [(each.found, each.ambiguous) for each in swept(pl.Series(made), index)] == [(60, 1)]


VALUES = [
    "35",
    "37",
    "501",
    "777",
    "2001",
    "theft",
    "K14",
    '{"n": 501}',
    "[501, 77]",
    "35; 501",
    "18446744073709551615",
    None,
]


@settings(max_examples=80, deadline=None)
@given(
    values=st.lists(st.sampled_from(VALUES), max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=3),
    order=st.randoms(use_true_random=False),
    types=st.lists(st.sampled_from([pl.String, pl.Categorical, pl.Binary]), min_size=4, max_size=4),
)
def test_verdicts_do_not_hang_on_batches_order_or_dictionaries(
    values: list[str | None], cuts: list[int], order: Any, types: list[Any]
) -> None:
    index = example_index({"opaque:stops": ["35", "37", "501", "777", "2001", "K14", "18446744073709551615"]})
    mixed = list(values)
    order.shuffle(mixed)
    edges = sorted({0, len(mixed), *(min(cut, len(mixed)) for cut in cuts)})
    parts = Sweep(index)
    for (start, stop), type in zip(pairwise(edges), types, strict=False):
        parts.add("x", pl.Series(mixed[start:stop], dtype=pl.String).cast(type))
    tally = tuple(replace(each, texts=False) for each in parts.tally())
    assert tally == swept(pl.Series(values, dtype=pl.String), index)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0, 5, 35, 37, 128, 501, 777, 2001, 4_000_000, -5]), max_size=40), st.data())
def test_verdicts_do_not_hang_on_the_width_of_numbers(values: list[int], data: st.DataObject) -> None:
    index = example_index({"opaque:stops": ["0", "35", "37", "501", "777", "2001", "4000000", "-5"]})
    type = data.draw(st.sampled_from([pl.Int32, pl.Int128, pl.Float32, pl.Float64, pl.Decimal(12, 2), pl.String]))
    assert swept(pl.Series(values, dtype=pl.Int64), index) == swept(pl.Series(values, dtype=pl.Int64).cast(type), index)


def _spelled(*patterns: str, form: str = "", width: int | None = None, shape: str | None = None) -> Scheme:
    spellings = tuple(Spelling(each, form) for each in patterns)
    return Scheme(name="number", level="action", spellings=spellings, number_width=width, shape=shape)


OF_NUMBERS = {
    **{name: get_scheme(name) for name in ("arrest_number", "voucher", "complaint", "indictment_case", "opaque:court")},
    "one length": _spelled(r"\d{7}"),
    "first digit": _spelled(r"9\d{6}"),
    "two lengths": _spelled(r"[1-4]\d{3}", r"7\d{8}"),
    "or a letter": _spelled(r"[A-Z]?\d{2}|\d{5}"),
    "any length": _spelled(r"\d+"),
    "zeros before it": _spelled(r"0\d{5}", width=6),
    "zeros and a minus": _spelled(r"-\d{5}", width=6),
    "signs between": _spelled(r"\d{2}-?\d{3}"),
    "a sign before it": _spelled(r"[-#]\d{4}"),
    "a group with it": _spelled(r"(?P<n>-\d{4})"),
    "a shape": _spelled(r"[0-9]{3}[3-5]", shape="999[3-5]"),
}
EDGES = sorted({sign * (10**digits + beside) for digits in range(19) for beside in (-2, -1, 0, 1) for sign in (1, -1)})
FILL = {"": [], "NaN": [float("nan")], "infinite": [float("inf"), -float("inf")], "a part": [0.5, -1e-300]}


@pytest.mark.parametrize("name", OF_NUMBERS)
@settings(max_examples=60)
@given(
    values=st.lists(st.sampled_from(EDGES) | st.integers(-(10**10), 10**10), min_size=1, max_size=3),
    type=st.sampled_from([pl.Int64, pl.Int128, pl.Float64, pl.Float32, pl.Decimal(38, 0), pl.Decimal(38, 3)]),
    fill=st.sampled_from(list(FILL)),
)
@example(values=[9999998], type=pl.Int64, fill="")
@example(values=[-12345], type=pl.Float64, fill="NaN")
@example(values=[0, 4], type=pl.Int64, fill="")
def test_numbers_of_which_one_may_be_an_id_are_looked_at(name: str, values: list[int], type: Any, fill: str) -> None:
    scheme = OF_NUMBERS[name]
    column = pl.Series(values, dtype=pl.Int128).cast(type)
    if column.dtype.is_float():
        column = pl.concat([column, pl.Series(FILL[fill], dtype=column.dtype)])
    whole = whole_numbers(column).drop_nulls()

    status = canonicalise(whole.cast(pl.Int128), scheme).status
    bounds = digits_of_numbers(scheme)
    if np.isin(status, [Status.OK, Status.NEAR]).any():
        assert bounds is not None
        assert may_have_digits(column, [bounds])


@pytest.mark.parametrize("values", [[0.5, -3.25, float("inf")], [float("nan"), 0.0]], ids=["infinite", "NaN"])
def test_numbers_among_which_a_bound_is_none_are_looked_at(values: list[float]) -> None:
    assert may_have_digits(pl.Series(values[:1]), [(3, 8)]) is math.isnan(values[0])
    assert may_have_digits(pl.Series([*values, 1e3]), [(3, 8)])


def test_numbers_that_are_too_short_or_too_long_are_not_looked_at() -> None:
    bounds = digits_of_numbers(OF_NUMBERS["one length"])
    assert bounds == (7, 7)
    assert not may_have_digits(pl.Series([-999_999, 0, 999_999]), [bounds])
    assert not may_have_digits(pl.Series([10**7, 10**18]), [bounds])
    assert not may_have_digits(pl.Series([-2.5e7, -1e7]), [bounds])
    assert not may_have_digits(pl.Series([], dtype=pl.Int64), [bounds])


def test_a_number_that_must_begin_with_a_digit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether any number may be an id was asked of a few, which begin with 1."""
    monkeypatch.setitem(known_schemes._known, "number", OF_NUMBERS["first digit"])
    index = example_index({"number": ["9000017", "9123456"]})
    assert [found(pl.Series([9000017, 5]).cast(type), index) for type in (pl.Int64, pl.Float64, pl.String)] == [1, 1, 1]
