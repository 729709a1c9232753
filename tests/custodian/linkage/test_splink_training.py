"""A model trained on an older extract decides another one well, and training that cannot work says so."""

from __future__ import annotations

import polars as pl
import pytest

from sealscrub.custodian.linkage import link, starting_model, train
from sealscrub.datasets import NamedArrests, make_named_arrests
from sealscrub.errors import IncompleteError, UsageError

from .conftest import SEAL, records
from .test_quality_of_links import marked, recall


@pytest.fixture(scope="module")
def older() -> NamedArrests:
    return make_named_arrests(2_000, seed=77, noise=5, nysid=True)


def test_a_trained_model_finds_what_another_extract_holds(older: NamedArrests, city: NamedArrests) -> None:
    model = train(older.seals, older.rows, trained_on="ab" * 32)
    pairs = marked(link(city.seals, city.rows, model), city)

    assert model.trained_on == "ab" * 32
    assert model != starting_model()
    assert recall(pairs, city) >= 0.98
    assert pairs["true"].mean() >= 0.96
    assert pairs.filter(pl.col("band") == "sealed")["true"].mean() >= 0.99


def test_better_levels_weigh_more(older: NamedArrests) -> None:
    same = older.truth.with_columns(same=pl.lit(value=True))
    model = train(older.seals, older.rows, trained_on="x", pairs=same)

    for field, levels in model.weights.items():
        if field != "arrest_date":
            assert levels.get("exact", 1) > levels.get("different", 0), field


def test_nothing_to_train_on_is_said() -> None:
    seal, row = records(SEAL), records({**SEAL, "arrest_date": "2001-01-01"})

    for seals, rows in ((seal, row), (seal[:0], row), (seal, row[:0])):
        with pytest.raises(IncompleteError, match="nothing to train on"):
            train(seals, rows, trained_on="x")


def test_records_that_do_not_tell_right_from_wrong_do_not_make_a_model() -> None:
    alike = records(*({**SEAL, "birth_date": None} for _ in range(60)))

    with pytest.raises(IncompleteError) as caught:
        train(alike, alike, trained_on="x")

    assert "Hint:" in str(caught.value)
    assert "KELMAGANT" not in str(caught.value)


def test_maximisation_that_does_not_converge_makes_no_model(
    older: NamedArrests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sealscrub.custodian.linkage.splink_training._MOST_ROUNDS", 1)

    with pytest.raises(IncompleteError, match="has not converged") as caught:
        train(older.seals[:100], older.rows[:400], trained_on="x")

    assert "labelled pairs" in str(caught.value)


@pytest.mark.parametrize(
    "pairs", [pl.DataFrame({"seal": ["0"], "row": ["0"]}), pl.DataFrame({"seal": ["0"], "row": ["0"], "same": [False]})]
)
def test_labels_that_say_nothing_are_refused(pairs: pl.DataFrame) -> None:
    with pytest.raises(UsageError):
        train(records(SEAL), records(SEAL), trained_on="x", pairs=pairs)
