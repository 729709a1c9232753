"""Keys that nobody has, of several columns: one part changes, whichever it is, and its type stays."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import UsageError
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme
from sealscrub.matching import KeyColumn
from sealscrub.validators.trial.fresh_keys import FreshKeys

WORD = Scheme(name="fresh_court", level=Level.EVENT, spellings=[Spelling("[A-Z]+")])
SERIAL = Scheme(name="fresh_serial", level=Level.EVENT, spellings=[Spelling(r"(?P<n>\d{1,6})", "{n:0>6}")])
PARTS = {"fresh_court": "court", "fresh_serial": "serial", "date": "day"}
ORDERS = [order for size in (2, 3) for order in itertools.permutations(PARTS, size) if set(order) != {"fresh_court"}]
COURTS = ["KINGS", "QUEENS", "BRONX"]
SERIALS: dict[str, Any] = {"text": str, "number": int, "decimal": Decimal}
DAYS: dict[str, Any] = {"date": lambda day: day, "text": str, "time": lambda day: dt.datetime(day.year, 1, day.day)}


def named(order: tuple[str, ...]) -> str:
    return "_".join(("fresh", *(PARTS[part] for part in order)))


@pytest.fixture(autouse=True, scope="module")
def own_schemes() -> None:
    for scheme in (WORD, SERIAL):
        register_scheme(scheme)
    for order in ORDERS:
        register_scheme(Scheme(name=named(order), level=Level.ACTION, parts=order))


@settings(max_examples=60, deadline=None)
@given(
    order=st.sampled_from(ORDERS),
    serials=st.sampled_from(list(SERIALS)),
    days=st.sampled_from(list(DAYS)),
    rows=st.lists(st.tuples(st.sampled_from(COURTS), st.integers(1, 99), st.integers(1, 28)), min_size=1, max_size=30),
    seed=st.integers(0, 2**32 - 1),
)
def test_one_part_of_any_changes(
    order: tuple[str, ...], serials: str, days: str, rows: list[tuple[str, int, int]], seed: int
) -> None:
    keys = pl.DataFrame(
        {
            "court": [court for court, _, _ in rows],
            "serial": [SERIALS[serials](serial) for _, serial, _ in rows],
            "day": [DAYS[days](dt.date(2024, 1, day)) for _, _, day in rows],
        }
    ).select(PARTS[part] for part in order)
    fresh = FreshKeys(KeyColumn(named(order), tuple(keys.columns)), keys, None, np.random.default_rng(seed))
    taken = set(fresh.known.to_list())
    row = keys.row(0, named=True)

    made = [fresh.like(row) for _ in range(5)]

    assert None not in taken
    assert len({value for _, value in made} - taken) == 5
    for found, _ in made:
        (changed,) = [column for column in found if found[column] != row[column]]
        assert changed != "court"
        assert type(found[changed]) is type(row[changed])
        assert keys.vstack(pl.DataFrame([found], schema=keys.schema)).height == keys.height + 1


def test_where_a_part_has_no_value_left_another_changes() -> None:
    """Of four digits, two of which a first try changes, all are taken; then the date moves."""
    rows = pl.DataFrame({"day": [dt.date(2024, 1, 1)] * 99, "serial": [f"{at:02d}" for at in range(1, 100)]})
    key = KeyColumn(named(("date", "fresh_serial")), ("day", "serial"))
    fresh = FreshKeys(key, rows, None, np.random.default_rng(1))

    made, value = fresh.like(rows.row(5, named=True), fits=lambda column, value: column == "day" or len(value) == 2)

    assert made["serial"] == "06"
    assert value not in set(fresh.known)


def test_words_alone_are_refused_without_their_values() -> None:
    register_scheme(Scheme(name="fresh_town", level=Level.EVENT, spellings=[Spelling("[A-Z]{4,6}")]))
    register_scheme(Scheme(name="fresh_words", level=Level.ACTION, parts=("fresh_court", "fresh_town")))
    rows = pl.DataFrame({"court": ["KINGS"], "town": ["UTICA"]})
    fresh = FreshKeys(KeyColumn("fresh_words", ("court", "town")), rows, None, np.random.default_rng(1))

    with pytest.raises(UsageError, match="no free") as refused:
        fresh.like(rows.row(0, named=True))
    assert not any(word in str(refused.value) for word in ("KINGS", "UTICA"))
