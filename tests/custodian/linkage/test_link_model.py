"""A model is frozen: its digest names it, and one that is damaged or of another version is refused."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace

import polars as pl
import pytest

from sealscrub.custodian.linkage import LinkModel, link
from sealscrub.custodian.linkage.comparison_levels import LEVELS
from sealscrub.datasets import NamedArrests
from sealscrub.errors import UnreadableInput, UsageError


def test_a_model_is_read_as_it_was_written(model: LinkModel) -> None:
    again = LinkModel.from_json(model.to_json())

    assert again == model
    assert again.digest == model.digest
    assert len(model.digest) == 64


def test_any_change_is_another_digest(model: LinkModel) -> None:
    changed = [replace(model, upper=6.0), replace(model, window_days=1), replace(model, trained_on="x")]
    changed.append(replace(model, weights={**model.weights, "sex": {"exact": 1.0, "different": -3.0}}))

    assert len({each.digest for each in [model, *changed]}) == 5


def test_nothing_in_it_can_be_changed(model: LinkModel) -> None:
    with pytest.raises(FrozenInstanceError):
        model.upper = 0.0  # type: ignore[misc]  # it is frozen
    with pytest.raises(TypeError):
        model.weights["sex"]["exact"] = 9.0  # type: ignore[index]  # they are read alone


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"version": 1}', '{"weights": 3}', "[" * 200_000, "\ufeff", "1" * 5_000]
)
def test_damage_is_refused(text: str) -> None:
    with pytest.raises(UnreadableInput):
        LinkModel.from_json(text)


def test_a_byte_order_mark_is_not_damage(model: LinkModel) -> None:
    assert LinkModel.from_json("\ufeff" + model.to_json()) == model


@pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.0, [1], 10**400])
def test_another_version_is_refused(version: object, model: LinkModel) -> None:
    table = json.loads(model.to_json()) | {"version": version}

    with pytest.raises(UsageError, match="unsupported version"):
        LinkModel.from_json(json.dumps(table))


@pytest.mark.parametrize(
    "change",
    [
        {"upper": -2.0},
        {"prior": float("nan")},
        {"prior": "1"},
        {"window_days": 32},
        {"window_days": 1.5},
        {"blocking": ["soundex"]},
        {"blocking": []},
        {"blocking": 5},
        {"blocking": None},
        {"blocking": "nysid"},
        {"blocking": {"nysid": 1}},
        {"blocking": [["nysid"]]},
        {"weights": {}},
        {"weights": 5},
        {"weights": dict.fromkeys(LEVELS, 5)},
        {"weights": dict.fromkeys(LEVELS, "ab")},
        {"weights": {field: ["exact"] for field in LEVELS}},
        {"weights": {field: {"exact": 10**400} for field in LEVELS}},
        {"weights": {field: {"exact": True} for field in LEVELS}},
        {"weights": {field: {"exact": None} for field in LEVELS}},
        {"window_days": True},
        {"window_days": 10**400},
        {"window_days": None},
        {"trained_on": 5},
        {"trained_on": None},
        {"trained_on": ""},
        *(
            {name: wrong}
            for name in ("prior", "upper", "lower")
            for wrong in (10**400, -(10**400), 1e300, True, None, [])
        ),
    ],
)
def test_a_table_that_is_not_whole_is_refused(change: dict[str, object], model: LinkModel) -> None:
    with pytest.raises((UnreadableInput, UsageError), match=r"is incomplete|damaged") as caught:
        LinkModel.from_json(json.dumps(json.loads(model.to_json()) | change))

    assert caught.value.hint


def test_a_waterfall_adds_up_to_the_weight_of_its_pair(city: NamedArrests, model: LinkModel) -> None:
    seals = city.seals.unique("id", keep="none", maintain_order=True)[:200]
    eager = replace(model, lower=-5.0)
    pairs = link(seals, city.rows, eager).pairs.sample(60, seed=1)

    for seal, row, weight, _ in pairs.rows():
        sides = [
            frame.filter(pl.col("id") == one).row(0, named=True) for frame, one in ((seals, seal), (city.rows, row))
        ]
        steps = eager.waterfall(*sides)
        assert sum(step[2] for step in steps) == pytest.approx(weight)


def test_a_window_of_no_days_is_the_day_itself(city: NamedArrests, model: LinkModel) -> None:
    narrow = link(city.seals, city.rows, replace(model, window_days=0)).pairs

    assert narrow.height < link(city.seals, city.rows, model).pairs.height
