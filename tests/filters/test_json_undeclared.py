"""Identifiers in strings of a JSON answer that nobody declared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, Refused
from sealscrub.filters import guard_json
from sealscrub.matching import Policy

INDEX = example_index({"arrest_number": ["K14612345"], "person_arrest": ["12345678A@2014-01-05"]})
ON = {"arrest_number": "$.hits[*].arrest"}
OPTIONS: dict[str, Any] = {
    "complete": True,
    "totals": {"$.n": "$.hits[*]"},
    "allow_absent": True,
    "independent": ["$.hits[*]"],
    "policy": Policy(min_coverage=0),
}

MENTIONS = st.tuples(
    st.sampled_from(["", "id:", "M14000017,", "a|", "see ", '{"x":"', "/arrests/", "id="]),
    st.sampled_from(["K14612345", "k14-612 345", "K14%36%312345", "12345678A, 2014-01-05"]),
    st.sampled_from(["", ":1", ",M14000017", "|b", " again", '"}', "?page=1"]),
).map("".join)
PLAIN = st.sampled_from(["M14000017", "Kings", "14612345", "", "12345678A", "2014-01-05", "K14612346"])


def _put(string: str, depth: int, *, as_name: bool) -> Any:
    found: Any = {string: 1} if as_name else string
    for at in range(depth):
        found = {"inner": found} if at % 2 else {"other": found, "more": 1.5}
    return found


HITS = st.lists(st.tuples(st.booleans(), MENTIONS, PLAIN, st.integers(0, 4), st.booleans()), max_size=6)


@given(HITS)
@settings(max_examples=60, deadline=None)
def test_an_element_that_mentions_one_goes_and_no_other(drawn: list[Any]) -> None:
    hits = [
        {"arrest": "M14000017", "of": _put(mention if sealed else plain, depth, as_name=as_name)}
        for sealed, mention, plain, depth, as_name in drawn
    ]
    left = [hit for hit, (sealed, *_) in zip(hits, drawn, strict=True) if not sealed]

    got = guard_json({"n": len(hits), "hits": hits}, INDEX, ON, undeclared="drop", **OPTIONS)

    assert got == {"n": len(left), "hits": left}


def test_by_default_they_pass_and_in_an_array_within_a_record_the_innermost_element_goes() -> None:
    value = {"n": 1, "hits": [{"arrest": "M14000017", "related": ["M14000022", "K14612345"]}]}

    assert guard_json(value, INDEX, ON, **OPTIONS) == value
    assert guard_json(value, INDEX, ON, undeclared="drop", **OPTIONS)["hits"][0]["related"] == ["M14000022"]
    with pytest.raises(Refused):
        guard_json(value, INDEX, ON, undeclared="refuse", **OPTIONS)


def test_outside_of_arrays_the_answer_is_refused_and_says_nothing() -> None:
    with pytest.raises(Refused) as refused:
        guard_json({"n": 0, "hits": [], "note": "as K14612345"}, INDEX, ON, undeclared="drop", **OPTIONS)

    assert "K14612345" not in str(refused.value)


def test_texts_are_cleaned_instead_and_ids_that_are_not_known_go_too() -> None:
    value = {
        "n": 2,
        "hits": [{"arrest": "M14000017", "of": "K14612345. So."}, {"arrest": "M14000017", "of": "Q14000001"}],
    }
    known = {"arrest_number": ["M14000017"]}

    got = guard_json(value, INDEX, ON, undeclared="drop", known=known, texts="$.hits[*].of", **OPTIONS)
    assert [hit["of"] for hit in got["hits"]] == ["So.", ""]
    assert guard_json(value, INDEX, ON, undeclared="drop", known=known, **OPTIONS) == {"n": 0, "hits": []}


def test_there_is_no_other_way() -> None:
    with pytest.raises(ConfigError):
        guard_json({}, INDEX, ON, undeclared="redact", complete=True)
