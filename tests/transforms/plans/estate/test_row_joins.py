"""Links: rows get one number where, and only where, their values are equal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import ConfigError
from sealscrub.transforms.plans.estate.equal_rows import Joined, join_rows
from sealscrub.transforms.plans.estate.fan_out import check_fan_out
from sealscrub.transforms.plans.estate.seal_propagation import Node
from sealscrub.transforms.plans.plan_rules import LinkRule

RULE = LinkRule("charges", ("arrest_id",), "arrests", ("arrest_id",), "plan: tables.charges.link")
LEAST, MOST = -(2**63), 2**63 - 1


@st.composite
def id_columns(draw: st.DrawFn) -> tuple[pl.Series, pl.Series]:
    """Ids of a child and a parent, close together or far apart, at the ends of what a number holds too."""
    around = draw(st.sampled_from([0, 7, -3, 2**40, LEAST, LEAST + 3, MOST - 4, MOST]))
    near = st.integers(max(LEAST, around - 12), min(MOST, around + 12))
    far = st.sampled_from([LEAST, LEAST + 1, -1, 0, 1, MOST - 1, MOST])
    parent = draw(st.lists(st.none() | near, max_size=12) | st.lists(st.none() | near | far, max_size=12))
    child = draw(st.lists(st.none() | near | far, max_size=12))
    return _in_chunks(child, draw(st.integers(0, 12))), _in_chunks(parent, draw(st.integers(0, 12)))


@settings(deadline=None)
@given(id_columns())
def test_rows_of_equal_ids_are_joined_and_no_others(columns: tuple[pl.Series, pl.Series]) -> None:
    child, parent = columns

    joined = join_rows([child], [parent], RULE)

    assert _pairs(joined) == {
        (row, other)
        for row, own in enumerate(child)
        for other, value in enumerate(parent)
        if own is not None and own == value
    }
    known = [value for value in parent if value is not None]
    assert joined.values == len(set(known))
    assert sorted(joined.parents()) == sorted(known.count(value) for value in set(known))
    assert ((joined.parent < 0) == parent.is_null().to_numpy()).all()


@settings(deadline=None)
@given(id_columns(), st.data())
def test_numbers_and_text_are_joined_alike(columns: tuple[pl.Series, pl.Series], data: st.DataObject) -> None:
    child, parent = columns
    rows = np.array(data.draw(st.lists(st.booleans(), min_size=len(parent), max_size=len(parent))), bool)

    numbers = join_rows([child], [parent], RULE)
    texts = join_rows([child.cast(pl.String)], [parent.cast(pl.String)], RULE)

    assert _pairs(numbers) == _pairs(texts)
    assert sorted(numbers.parents(rows)) == sorted(texts.parents(rows))


@pytest.mark.parametrize("side", ["charges", "arrests"])
def test_a_value_in_too_many_rows_is_refused_by_count(side: str) -> None:
    many, few = pl.Series([7, 7, 7, 8]), pl.Series([7, 8])
    child, parent = (many, few) if side == "charges" else (few, many)

    rule = replace(RULE, fan_out=2)
    joined = join_rows([child], [parent], rule)
    charges, arrests = (
        Node(name, np.zeros(len(rows), bool)) for name, rows in (("charges", child), ("arrests", parent))
    )

    with pytest.raises(ConfigError, match=f"3 rows of {side}, more than fan_out = 2"):
        check_fan_out({rule: joined}, {"charges": charges, "arrests": arrests})
    (charges if side == "charges" else arrests).gone[0] = True
    check_fan_out({rule: joined}, {"charges": charges, "arrests": arrests})


def _in_chunks(values: list[int | None], at: int) -> pl.Series:
    whole = pl.Series("id", values, dtype=pl.Int64)
    return pl.concat([whole.head(at), whole.slice(at)], rechunk=False)


def _pairs(joined: Joined) -> set[tuple[int, int]]:
    return {
        (row, other)
        for row, own in enumerate(joined.child)
        for other, code in enumerate(joined.parent)
        if own >= 0 and own == code
    }
