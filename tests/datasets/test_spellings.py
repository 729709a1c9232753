"""The city's spellings against the schemes that read them."""

from __future__ import annotations

import polars as pl
import pytest

from sealscrub.datasets import City, make_city
from sealscrub.identifiers import Status, canonicalise, get_scheme

KEYS = {
    ("arrests", "arrest_number"): "arrest_number",
    ("arrests", "nysid"): "nysid",
    ("arrests", "cjtn"): "cjtn",
    ("arrests", "photo_id"): "photo",
    ("dockets", "docket"): "docket",
    ("vouchers", "voucher"): "voucher",
    ("notices", "arrest_number"): "arrest_number",
    ("notices", "docket"): "docket",
}
MEANINGS = {"spelling": Status.OK, "sentinel": Status.NULL, "typo": Status.NEAR}


@pytest.fixture(scope="module")
def very_messy() -> City:
    return make_city(8_000, seed=8, mess=0.3)


@pytest.mark.parametrize(("table", "column"), KEYS)
def test_every_spelling_is_read_as_what_it_stands_for(very_messy: City, table: str, column: str) -> None:
    scheme = get_scheme(KEYS[table, column])
    read = canonicalise(very_messy.tables[table][column], scheme)
    cells = very_messy.truth.spellings.filter((pl.col("table") == table) & (pl.col("column") == column))
    statuses = pl.Series(read.status).gather(cells["row"])
    assert statuses.equals(cells["kind"].replace_strict(MEANINGS, return_dtype=pl.UInt8), check_names=False)
    spelled = cells.filter(pl.col("kind") == "spelling")
    meant = canonicalise(spelled["clean"], scheme).values
    assert len(meant) > 100
    assert read.values.gather(spelled["row"]).equals(meant, check_names=False, null_equal=False)


@pytest.mark.parametrize(("table", "column"), KEYS)
def test_a_clean_identifier_is_canonical_and_stays_itself(clean: City, table: str, column: str) -> None:
    values = clean.tables[table][column].drop_nulls()
    read = canonicalise(values, get_scheme(KEYS[table, column]))
    assert (read.status == Status.OK).all()
    assert read.values.n_unique() == values.n_unique()
