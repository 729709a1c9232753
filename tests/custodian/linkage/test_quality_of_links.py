"""How well records are found among several hundred arrests a day, and what a person's other arrests suffer."""

from __future__ import annotations

import polars as pl
import pytest

from sealscrub.custodian.linkage import LinkModel, Links, link
from sealscrub.datasets import NamedArrests, make_named_arrests


def marked(links: Links, city: NamedArrests) -> pl.DataFrame:
    true = city.truth.with_columns(true=pl.lit(value=True))
    return links.pairs.join(true, on=["seal", "row"], how="left").with_columns(pl.col("true").fill_null(value=False))


def recall(pairs: pl.DataFrame, city: NamedArrests) -> float:
    return float(pairs["true"].sum()) / city.truth.height


def test_names_and_dates_alone_find_what_a_bad_file_holds(city: NamedArrests, model: LinkModel) -> None:
    pairs = marked(link(city.seals, city.rows, model), city)
    sealed = pairs.filter(pl.col("band") == "sealed")

    assert recall(pairs, city) >= 0.98
    assert pairs["true"].mean() >= 0.97
    assert sealed["true"].mean() >= 0.99
    assert recall(sealed, city) >= 0.93


def test_with_a_number_of_the_person_hardly_one_is_missed(numbered_city: NamedArrests, model: LinkModel) -> None:
    pairs = marked(link(numbered_city.seals, numbered_city.rows, model), numbered_city)

    assert recall(pairs, numbered_city) >= 0.99
    assert pairs.filter(pl.col("band") == "sealed")["true"].mean() >= 0.99


@pytest.mark.parametrize("which", ["city", "numbered_city"])
def test_other_arrests_of_the_same_person_stay(which: str, request: pytest.FixtureRequest, model: LinkModel) -> None:
    held: NamedArrests = request.getfixturevalue(which)
    pairs = marked(link(held.seals, held.rows, model), held)
    people = held.people
    whose = held.truth.join(people, on="row").select("seal", of="person")
    wrong = pairs.filter(~pl.col("true") & (pl.col("band") == "sealed")).join(people, on="row").join(whose, on="seal")
    others = people.filter(pl.col("person").is_in(whose["of"].implode())).height - held.truth.height

    assert others > 1000
    assert wrong.filter(pl.col("person") == pl.col("of")).height <= 0.005 * held.truth.height


def test_a_clean_file_is_found_whole(model: LinkModel) -> None:
    city = make_named_arrests(3_000, seed=2, noise=0)
    pairs = marked(link(city.seals, city.rows, model), city)

    assert recall(pairs.filter(pl.col("band") == "sealed"), city) == pytest.approx(1, abs=0.001)
    assert pairs["true"].mean() >= 0.99
