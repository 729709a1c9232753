"""The sweep: ids of sealed records in columns of any type, in texts, lists, structs and names, however written."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.matching import Policy, Sweep

from ..filters.text.test_spellings_in_texts import INDEX as SPELLED
from ..filters.text.test_spellings_in_texts import SPELLINGS

INDEX = example_index(
    {
        "arrest_number": ["K14612345", "M15000001"],
        "docket": ["2014KN012345"],
        "opaque:court": ["123456789012", "aB-77x9"],
        "person_arrest": ["12345678A@2014-01-05"],
    },
)
CLEAR = ["B16800001", "Q17123456", "theft", "", "2014KN099999", "no case"]


def met(values: pl.Series, **options: Any) -> dict[str, int]:
    """What the sweep finds in a column of these values."""
    sweep = Sweep(INDEX, **options)
    sweep.add("x", values)
    return {each.place: each.found for each in sweep.tally() if each.found}


TYPES: dict[str, Callable[[str], tuple[pl.Series, str]]] = {
    "text": lambda id: (pl.Series([*CLEAR, id]), "x"),
    "categorical": lambda id: (pl.Series([*CLEAR, id], dtype=pl.Categorical), "x"),
    "enum": lambda id: (pl.Series([*CLEAR, id], dtype=pl.Enum([*CLEAR, id])), "x"),
    "bytes": lambda id: (pl.Series([id.encode(), b"\xff\xfe", None]), "x"),
    "list": lambda id: (pl.Series([[*CLEAR], [id, None], None]), "x[]"),
    "array": lambda id: (pl.Series([["theft", id]], dtype=pl.Array(pl.String, 2)), "x[]"),
    "categorical in a list": lambda id: (pl.Series([[id]], dtype=pl.List(pl.Categorical)), "x[]"),
    "struct": lambda id: (pl.Series([{"a": 1, "b": "theft"}, {"a": 2, "b": id}, None]), "x.b"),
    "list of structs": lambda id: (pl.Series([[{"b": id}, None], []]), "x[].b"),
    "nested lists": lambda id: (pl.Series([[["theft"], [id]], None]), "x[][]"),
    "object in JSON": lambda id: (pl.Series([json.dumps({"a": [1, {"b": id}]})]), "x"),
    "list in JSON": lambda id: (pl.Series([json.dumps([id, "theft"])]), "x"),
    "separated by commas": lambda id: (pl.Series([f"B16800001,{id}"]), "x"),
    "separated by semicolons": lambda id: (pl.Series([f"{id}; B16800001"]), "x"),
    "separated by bars": lambda id: (pl.Series([f"B16800001|{id}|theft"]), "x"),
    "separated by lines": lambda id: (pl.Series([f"B16800001\n{id}\n"]), "x"),
    "in a sentence": lambda id: (pl.Series([f"The man was released, see {id}."]), "x"),
    "in a long text": lambda id: (pl.Series(["word " * 9_000 + id + " word" * 9_000]), "x"),
    "with a label": lambda id: (pl.Series([f"case={id}"]), "x"),
}
IDS = ["K14612345", "k14-612345", "2014KN012345", "CR-012345-14KN", "123456789012", "aB-77x9"]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("type", TYPES)
def test_an_id_is_found_in_a_column_of_any_type(type: str, id: str) -> None:
    values, place = TYPES[type](id)
    assert met(values) == {place: 1}
    clear, _ = TYPES[type]("B16800002")
    assert met(clear) == {}


@pytest.mark.parametrize(
    "type", [pl.Int64, pl.UInt64, pl.Float64, pl.Int128, pl.Decimal(20, 2), pl.String, pl.Categorical], ids=str
)
def test_an_id_is_found_as_a_number(type: Any) -> None:
    numbers = [123456789012, 5, None, 999999999999]
    values = pl.Series(numbers).cast(pl.String).cast(type) if type == pl.Categorical else pl.Series(numbers).cast(type)
    assert met(values) == {"x": 1}


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([True, False, None]),
        pl.Series([dt.date(2014, 1, 5)]),
        pl.Series([dt.datetime(2014, 1, 5, 3)]),
        pl.Series([dt.time(3)]),
        pl.Series([dt.timedelta(1)]),
        pl.Series([None, None]),
        pl.Series([1.5, float("nan"), float("inf"), 1e300, None]),
        pl.Series([], dtype=pl.String),
        pl.Series([], dtype=pl.List(pl.Struct({"a": pl.String}))),
        pl.Series([[], None], dtype=pl.List(pl.Int8)),
        pl.Series([{}], dtype=pl.Struct({})),
    ],
    ids=str,
)
def test_other_values_are_read_and_are_nothing(values: pl.Series) -> None:
    sweep = Sweep(INDEX)
    sweep.add("x", values)
    assert sweep.tally() == ()


@pytest.mark.parametrize(
    "text",
    [
        "12345678A|2014-01-05",
        "12345678A 01/05/2014",
        "nysid 12345678a on 2014-01-05",
        "12345678A 2014-01-05T03:00:00",  # no reading of words knows a time of day
    ],
)
def test_a_key_of_several_columns_is_found_in_one_text(text: str) -> None:
    assert met(pl.Series([text, "12345678A 2014-01-06"])) == {"x": 1}
    assert met(pl.Series([text])) == {"x": 1}


def test_a_key_of_several_columns_is_found_in_one_struct() -> None:
    day = dt.date(2014, 1, 5)
    other = dt.date(2015, 1, 1)
    people = [{"who": "12345678A", "on": day}, {"who": "12345678A", "on": other}, {"who": None, "on": day}]
    assert met(pl.Series(people)) == {"x": 1}


FORMS: dict[str, Callable[[str], str]] = {
    "alone": lambda written: written,
    "in a sentence": lambda written: f"Seen at noon; {written}, and gone.",
    "in JSON": lambda written: json.dumps([written]),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_spelling_that_the_text_guard_reads_is_found(form: str) -> None:
    texts = list(dict.fromkeys(map(FORMS[form], SPELLINGS)))
    sweep = Sweep(SPELLED)
    sweep.add("x", pl.Series(["nothing", *texts]))
    assert [each.found + each.ambiguous for each in sweep.tally()] == [len(texts)]


@pytest.mark.long
@pytest.mark.parametrize("written", SPELLINGS)
@pytest.mark.parametrize("form", FORMS)
def test_every_spelling_is_found_alone(form: str, written: str) -> None:
    sweep = Sweep(SPELLED)
    sweep.add("x", pl.Series(["nothing", FORMS[form](written)]))
    assert [each.found + each.ambiguous for each in sweep.tally()] == [1]


def test_a_value_that_is_a_key_as_a_whole_is_found_by_the_key_within() -> None:
    """The indictment is known without its county, and is written with it."""
    sweep = Sweep(example_index({"indictment": ["IND-070123-2021-001"]}))
    sweep.add("x", pl.Series(["IND-70123-21/001/KN"]))
    assert [each.found for each in sweep.tally()] == [1]


def test_withheld_records_are_found_unless_they_are_allowed() -> None:
    index = example_index(["K14612345"], withheld=["M15000001"])
    for text in ("M15000001", "see m15-000001."):
        for policy, count in ((Policy(), 1), (Policy(allow=frozenset({"withheld"})), 0)):
            sweep = Sweep(index, policy)
            sweep.add("x", pl.Series([text]))
            assert sum(each.found for each in sweep.tally()) == count


def test_near_values_are_not_checked_unless_they_are_accepted() -> None:
    near = pl.Series(["K14G12345", "K146I2345", "k1461234S", "B16O00001"])
    for policy, count in ((Policy(), 2), (Policy(accept=frozenset({"near"})), 0)):
        sweep = Sweep(INDEX, policy)
        sweep.add("x", near)
        assert sum(each.near for each in sweep.tally()) == count


def test_short_numbers_are_ambiguous_whatever_they_count() -> None:
    index = example_index({"opaque:shelf": [str(at) for at in range(20, 60)]})
    ages = np.random.default_rng(0).integers(16, 90, 5000)
    for values, ambiguous in ((np.arange(1000), 40), (ages, int(((ages >= 20) & (ages < 60)).sum()))):
        sweep = Sweep(index)
        sweep.add("x", pl.Series(values))
        assert [(each.found, each.ambiguous) for each in sweep.tally()] == [(0, ambiguous)]


def test_names_are_looked_at() -> None:
    sweep = Sweep(INDEX)
    sweep.add_names("(column names)", ["age", "K14612345", "case_2014KN012345", "2014"])
    assert [(each.place, each.found) for each in sweep.tally()] == [("(column names)", 2)]


def test_a_name_counts_once_in_however_many_batches_it_is() -> None:
    sweep = Sweep(INDEX)
    for _ in range(3):
        sweep.add_names("(column names)", ["age", "K14612345"])
        sweep.add("x", pl.Series([[{"K14612345": "none"}]]))
    assert [(each.place, each.found) for each in sweep.tally()] == [("(column names)", 1), ("x[] (names)", 1)]


def test_a_place_whose_name_is_an_id_is_not_named() -> None:
    sweep = Sweep(INDEX)
    sweep.add("K14612345", pl.Series(["M15000001"]))
    sweep.add("x", pl.Series([{"k14-612345": "M15000001"}]))
    told = sorted((each.place, each.found) for each in sweep.tally())
    assert told == [("(a column whose name is an id)", 1)] * 2 + [("x (names)", 1)]


VALUES = ["K14612345", "k14-612345", "B16800001", "theft", "see 2014KN012345", None]


@settings(max_examples=60)
@given(
    values=st.lists(st.sampled_from(VALUES), max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=3),
    order=st.randoms(use_true_random=False),
)
def test_counts_do_not_hang_on_batches_or_on_the_order_of_rows(
    values: list[str | None], cuts: list[int], order: Any
) -> None:
    whole, parts = Sweep(INDEX), Sweep(INDEX)
    whole.add("x", pl.Series(values, dtype=pl.String))
    mixed = list(values)
    order.shuffle(mixed)
    edges = sorted({0, len(mixed), *(min(cut, len(mixed)) for cut in cuts)})
    for start, stop in pairwise(edges):
        parts.add("x", pl.Series(mixed[start:stop], dtype=pl.String))
    assert whole.tally() == parts.tally()
    known = sum(value is not None and value not in ("B16800001", "theft") for value in values)
    assert sum(each.found for each in whole.tally()) == known


REPEATED = [*VALUES, "K146I2345", '{"case": "K14612345"}', "[1, 2]", "12", '"\\u12"', "aB-77x9", "B16800001; K14612345"]


batch_of = st.lists(st.tuples(st.sampled_from(REPEATED), st.integers(1, 400)), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None)
@given(batches=st.lists(batch_of, min_size=1, max_size=4))
def test_values_met_in_one_batch_count_in_those_that_follow(batches: list[list[tuple[str | None, int]]]) -> None:
    """A column of few values in long batches is as all of its values, of which each was met once."""
    parts, whole = Sweep(INDEX), Sweep(INDEX)
    every = [value for batch in batches for value, times in batch for _ in range(times)]
    for batch in batches:
        parts.add("x", pl.Series([value for value, times in batch for _ in range(times)], dtype=pl.String))
    for start in range(0, len(every), 200):  # too few at once for anything to be remembered
        whole.add("x", pl.Series(every[start : start + 200], dtype=pl.String))
    assert parts.tally() == whole.tally()
    held = ("K14612345", "k14-612345", "see 2014KN012345", '{"case": "K14612345"}', "aB-77x9", "B16800001; K14612345")
    assert sum(each.found for each in parts.tally()) == sum(value in held for value in every)
