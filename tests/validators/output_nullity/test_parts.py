"""Answers are taken apart without losing a bit, and told apart by the right channel; ids are made as they must be."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.identifiers import Status, canonicalise
from sealscrub.matching import KeyColumn
from sealscrub.validators.output_nullity.answer_differences import differing
from sealscrub.validators.output_nullity.answer_parts import answer_parts
from sealscrub.validators.output_nullity.channels import CHANNELS, channel_of
from sealscrub.validators.output_nullity.gaps import gaps_of
from sealscrub.validators.output_nullity.probes import Probe
from sealscrub.validators.output_nullity.response_times import two_samples
from sealscrub.validators.trial.fresh_keys import FreshKeys
from sealscrub.validators.trial.pieces import Incomparable

_LEAVES = st.none() | st.booleans() | st.integers(-50, 50) | st.floats(allow_nan=False) | st.text("abK1", max_size=4)
ANSWERS = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@example([0, 0, 1.35e154], [0, 0, 0])
@example([0, 1, 1.7e308], [0, 1, -1.7e308])
@given(ANSWERS, ANSWERS)
def test_two_answers_have_equal_parts_only_if_they_are_equal(one: Any, two: Any) -> None:
    same = json.dumps(one) == json.dumps(two)

    assert (answer_parts(one) == answer_parts(two)) is same
    assert (differing("itself", answer_parts(one), answer_parts(two)) == []) is same
    assert answer_parts(copy.deepcopy(one)) == answer_parts(one)


@settings(max_examples=100, deadline=None)
@given(ANSWERS, ANSWERS)
def test_every_difference_has_a_channel(one: Any, two: Any) -> None:
    assert {each.channel for each in differing("page", answer_parts(one), answer_parts(two))} <= set(CHANNELS)


@pytest.mark.parametrize(
    ("path", "clean", "other", "channel"),
    [
        ("hits\x1f(length)", ["i:3"], ["i:2"], "length"),
        ("hits\x1f[]\x1frank", ["i:1"], ["i:2"], "ranks"),
        ("hits\x1f[]\x1fscore", ["f:0x1p+0"], ["f:0x1p-1"], "scores"),
        ("facets\x1fnear", ["i:3"], ["i:4"], "totals"),
        ("next_cursor", ["s:a"], ["s:b"], "cursors"),
        ("status", ["i:404"], ["i:403"], "status"),
        ("headers\x1fetag", ["s:a"], ["s:b"], "headers"),
        ("error\x1ftext", ["s:a"], ["s:b"], "error"),
        ("base_value", ["f:0x1p+0"], ["f:0x1p-1"], "explanation"),
        ("[0]\x1f[]", ["s:a"], ["s:b"], "entries"),
        ("body\x1f(bytes)", ["y:1"], ["y:2"], "body"),
    ],
)
def test_channels_go_by_names_and_places(path: str, clean: list[str], other: list[str], channel: str) -> None:
    assert channel_of(path, clean, other) == channel


@pytest.mark.parametrize("made", [list, tuple, np.array])
def test_members_of_a_list_are_in_it_in_their_order(made: Callable[[list[Any]], Any]) -> None:
    parts = answer_parts({"n": made([3, 1, 2]), "of": [[]]}, ["123"])

    assert parts["n\x1f[]"] == ["i:3", "i:1", "i:2"]
    assert parts["of\x1f[]\x1f(length)"] == ["i:0"]
    assert "of\x1f[]\x1f[]" not in parts
    assert answer_parts(["K123", "x"], ["K123"])["[]"] == ["s:‹id›", "s:x"]


@pytest.mark.parametrize("leaf", [1, [], [1]])
def test_lists_may_be_only_so_deep(leaf: Any) -> None:
    def nested(deep: int) -> Any:
        value = leaf
        for _ in range(deep - (leaf == [1])):
            value = [value]
        return value

    assert answer_parts(nested(100))
    with pytest.raises(Incomparable, match="too deep"):
        answer_parts(nested(101))


def test_frames_arrays_and_series_are_compared_by_their_bits() -> None:
    frame = pl.DataFrame({"id": ["a", "b"], "score": [0.1, 0.2]})
    moved = frame.with_columns(score=pl.Series([0.1, np.nextafter(0.2, 1)]))

    assert [each.channel for each in differing("random", answer_parts(frame), answer_parts(moved))] == ["scores"]
    assert differing("random", answer_parts(frame.to_pandas()), answer_parts(frame.to_pandas())) == []
    assert differing("random", answer_parts(np.zeros((2, 3))), answer_parts(np.zeros((3, 2))))
    assert differing("random", answer_parts(np.zeros(2, np.float32)), answer_parts(np.zeros(2)))


def test_an_echo_of_the_own_id_is_no_difference() -> None:
    one = answer_parts({"error": "no record K14000003"}, ["K14000003"])
    two = answer_parts({"error": "no record K14999999"}, ["K14999999"])

    assert one == two


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_unknown_ids_parse_and_are_nobodys(seed: int) -> None:
    taken = {f"K140000{at:02d}" for at in range(50)}
    key, keys = KeyColumn("arrest_number", ("id",)), pl.DataFrame({"id": sorted(taken)})
    fresh = FreshKeys(key, keys, None, np.random.default_rng(seed))
    made = [fresh.like({"id": "K14000003"})[0]["id"] for _ in range(5)]

    found = canonicalise(pl.Series("key", made), "arrest_number")
    assert (found.status == Status.OK).all()
    assert len(set(made)) == 5
    assert not set(found.values) & taken


def test_ranks_with_ties_have_no_gap() -> None:
    def causes(ranks: list[int]) -> list[str]:
        hits = answer_parts([{"rank": rank} for rank in ranks])
        return [each.cause for _, each in gaps_of([Probe(kind="page")], [hits])]

    assert causes([1, 2, 2, 4]) == causes([11, 12, 13]) == causes([1, 2]) == causes([3, 2, 1]) == []
    assert causes([1, 2, 4]) == causes([1, 2, 2, 5]) == ["kept ranks"]


def test_two_samples_of_one_kind_are_not_told_apart() -> None:
    draws = np.random.default_rng(1)
    same = two_samples("a", draws.normal(1, 0.1, 60).tolist(), draws.normal(1, 0.1, 60).tolist())
    slow = two_samples("a", draws.normal(1, 0.1, 60).tolist(), draws.normal(1.2, 0.1, 60).tolist())

    assert same is not None
    assert slow is not None
    assert slow.p < 0.01 < same.p
    assert two_samples("a", [1.0], [2.0]) is None
