"""Invented pairs: one of two is the arrest of its seal, and none has an id of the source."""

from __future__ import annotations

import polars as pl
import pytest

from sealscrub.custodian.linkage import LinkModel, known_pairs, link, starting_model
from sealscrub.datasets import make_named_arrests, noisy_records
from sealscrub.errors import ColumnError, UsageError

CITY = make_named_arrests(3_000, seed=2, noise=3)
COPIES = noisy_records(
    CITY.seals.drop_nulls(["first_name", "arrest_date"]).unique("id", keep="first", maintain_order=True)[:200],
    level=2,
    seed=4,
)


def test_a_model_that_is_right_links_those_that_are_the_same() -> None:
    model = starting_model()
    made = known_pairs(CITY.seals, COPIES, CITY.rows, model, seed=1)

    of_seals = CITY.seals.filter(pl.col("id").is_in(made.pairs["seal"].implode()))
    found = link(of_seals, made.rows, model).pairs.filter(pl.col("band") == "sealed")
    sealed = made.pairs.join(found.select("seal", "row", "band"), on=["seal", "row"], how="left").with_columns(
        sealed=pl.col("band").is_not_null()
    )
    share = dict(sealed.group_by("known").agg(pl.col("sealed").mean()).rows())

    assert made.pairs["known"].value_counts().sort("known")["count"].to_list() == [100, 100]
    assert share["same"] > 0.85
    assert share["not"] < 0.1
    assert not set(made.rows["id"]) & set(CITY.rows["id"])
    assert made.rows["id"].str.contains(r"^R[0-9]{8}$").all()
    assert set(made.rows.columns) <= set(CITY.rows.columns)
    assert made.pairs["weight"].null_count() == 0


def test_where_wrong_pairs_alone_are_asked_for_none_is_the_same() -> None:
    made = known_pairs(CITY.seals, COPIES, CITY.rows, starting_model(), seed=1, wrong_alone=True)
    assert set(made.pairs["known"]) == {"not"}


def test_names_and_ids_are_written_as_the_source_writes_them() -> None:
    rows = CITY.rows.with_columns(pl.col("last_name").str.to_titlecase(), id=pl.lit("a-") + pl.col("id"))
    made = known_pairs(CITY.seals, COPIES, rows, starting_model(), seed=1)
    told = made.rows["last_name"].drop_nulls()
    assert (told == told.str.to_titlecase()).all()
    assert made.rows["id"].str.starts_with("a-").all()
    assert not set(made.rows["id"]) & set(rows["id"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"copies": COPIES[:1]}, UsageError),
        ({"rows": CITY.rows[:0]}, UsageError),
        ({"copies": COPIES.drop("arrest_date")}, ColumnError),
        ({"seals": CITY.seals.drop("id")}, ColumnError),
    ],
)
def test_what_no_pairs_are_made_of(change: dict[str, pl.DataFrame], error: type[Exception]) -> None:
    frames = {"seals": CITY.seals, "copies": COPIES, "rows": CITY.rows} | change
    model: LinkModel = starting_model()
    with pytest.raises(error):
        known_pairs(frames["seals"], frames["copies"], frames["rows"], model, seed=1)
