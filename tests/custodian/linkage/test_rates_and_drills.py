"""Rates by stated groups, and plants that a model must find."""

from __future__ import annotations

import polars as pl
import pytest

from sealscrub.custodian.linkage import LinkModel, by_group, link, link_drill
from sealscrub.datasets import NamedArrests, noisy_records
from sealscrub.errors import ColumnError, UsageError


def test_groups_that_are_too_small_are_not_printed(city: NamedArrests, model: LinkModel) -> None:
    seals = city.truth["seal"]
    groups = pl.DataFrame({"seal": seals, "race": ["A"] * 20 + ["B"] * (len(seals) - 20)})
    links = link(city.seals, city.rows, model)

    rates = by_group(links, city.truth, groups, column="race")

    assert rates["race"].to_list() == ["B"]
    assert rates.columns == ["race", "recall", "precision", "sealed_precision"]
    assert rates["recall"].item() > 0.97
    assert by_group(links, city.truth, groups, column="race", least=20)["race"].to_list() == ["A", "B"]


def test_a_group_that_nobody_states_is_refused(city: NamedArrests, model: LinkModel) -> None:
    links = link(city.seals[:10], city.rows, model)

    with pytest.raises(ColumnError):
        by_group(links, city.truth, city.truth, column="race")
    with pytest.raises(UsageError):
        by_group(links, city.truth, city.truth, column="row", least=3)


@pytest.mark.parametrize(("level", "floor", "passed"), [(1, 0.98, True), (10, 0.999, False)])
def test_a_drill_passes_where_the_plants_are_found(
    city: NamedArrests, model: LinkModel, level: int, floor: float, passed: bool
) -> None:
    seals = city.seals.unique("id", keep="first", maintain_order=True)[:800]
    result = link_drill(seals, noisy_records(seals, level=level, seed=4), model, floor=floor)

    assert result.planted == 800
    assert result.passed is passed
    assert result.sealed + result.reviewed <= 800


def test_a_plant_of_no_seal_is_refused(city: NamedArrests, model: LinkModel) -> None:
    with pytest.raises(UsageError):
        link_drill(city.seals[:5], city.rows[:5], model)
