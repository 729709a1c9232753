"""Invented rows have ids in the pattern of the source's."""

from __future__ import annotations

import re

import polars as pl
import pytest

from sealscrub.custodian.linkage import known_pairs, starting_model
from sealscrub.datasets import make_named_arrests, noisy_records

CITY = make_named_arrests(300, seed=1)
COPIES = noisy_records(CITY.seals.unique("id", keep="first", maintain_order=True)[:8], level=2, seed=3)


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("r{:03}", r"r\d{3}"),
        ("A{:05}-K", r"A00\d{3}-K"),
        ("{:08x}", r"0000[01][0-9a-f]{3}"),
        ("K14/{:05}", r"K14/00\d{3}"),
    ],
)
def test_invented_ids_have_the_pattern_of_the_others(form: str, pattern: str) -> None:
    rows = CITY.rows.with_columns(id=pl.Series([form.format(at) for at in range(len(CITY.rows))]))
    added = known_pairs(CITY.seals, COPIES, rows, starting_model(), seed=5)
    ids = added.rows["id"].to_list()

    assert all(re.fullmatch(pattern, each) for each in ids), ids
    assert len({*ids, *rows["id"]}) == len(ids) + len(rows)
