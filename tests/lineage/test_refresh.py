"""A refreshed model is the model of a world without, and what cannot be shown is not claimed."""

from __future__ import annotations

import itertools
import traceback
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB, MultinomialNB

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, NotReproduced, UncheckedKeys, UnsuitableIndex
from sealscrub.lineage import Refreshed, model_digest, refresh

SEALED = [f"K14{600000 + at}" for at in range(60)]
OPEN = [f"M14{800000 + at}" for at in range(60)]
ON = {"arrest_number": "arrest_no"}
FEATURES = ["a", "b", "c"]


@pytest.fixture(scope="module")
def index() -> Any:
    return example_index(SEALED)


def arrests(sealed: Any, seed: int = 0) -> pd.DataFrame:
    """Counts that are small integers; sealed rows have larger ones."""
    draws = np.random.default_rng(seed)
    made = pd.DataFrame(draws.integers(0, 4, (len(sealed), 3)) + 3 * np.asarray(sealed)[:, None], columns=FEATURES)
    made["label"] = draws.integers(0, 2, len(sealed))
    made.insert(0, "arrest_no", [SEALED[at] if hit else OPEN[at] for at, hit in enumerate(sealed)])
    return made


def some(sealed_each: int = 3) -> pd.DataFrame:
    return arrests(np.arange(60) % sealed_each == 0)


def clean(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["arrest_no"].str.startswith("M")].reset_index(drop=True)


def logistic(rows: Any) -> LogisticRegression:
    return LogisticRegression().fit(rows[FEATURES].to_numpy(), rows["label"].to_numpy())


def same(one: Any, other: Any) -> bool:
    return model_digest(one) == model_digest(other)


def test_the_model_is_trained_on_clean_data(index: Any) -> None:
    rows, old = some(), logistic(some())
    before = model_digest(old)

    new = refresh(logistic, rows, index, model=old, on=ON)

    assert same(new.model, logistic(clean(rows)))
    assert not same(new.model, old)
    assert model_digest(old) == before
    assert new.report.method == "retrained"
    assert new.report.verified == "twice"
    assert new.report.digest == model_digest(new.model)
    assert (new.report.epoch, new.report.as_of) == (index.epoch, index.as_of)


def test_the_front_door_has_it() -> None:
    assert ss.refresh is refresh
    assert ss.lineage.Refreshed is Refreshed


@pytest.mark.parametrize("build", [pl.from_pandas, lambda rows: pl.from_pandas(rows).lazy()], ids=["polars", "lazy"])
def test_train_gets_the_container_that_came(index: Any, build: Any) -> None:
    kind = type(build(some()))

    def train(rows: Any) -> LogisticRegression:
        assert isinstance(rows, kind)
        return logistic(rows.lazy().collect())

    assert same(refresh(train, build(some()), index, on=ON).model, logistic(clean(some())))


def test_an_estimator_learns_a_column(index: Any) -> None:
    rows = some()

    new = refresh(LogisticRegression(), rows, index, on=ON, target="label")

    expected = LogisticRegression().fit(clean(rows)[FEATURES], clean(rows)["label"])
    assert same(new.model, expected)
    assert new.model.feature_names_in_.tolist() == FEATURES


def test_an_estimator_that_was_fitted_and_starts_warm_starts_cold(index: Any) -> None:
    warm = SGDClassifier(warm_start=True, random_state=0).fit(some()[FEATURES], some()["label"])

    new = refresh(warm, some(), index, on=ON, target="label")

    cold = SGDClassifier(warm_start=True, random_state=0)
    assert same(new.model, cold.fit(clean(some())[FEATURES], clean(some())["label"]))


def test_several_tables_are_scrubbed_each_by_its_keys(index: Any) -> None:
    tables = {"arrests": some(), "precincts": pd.DataFrame({"precinct": [14, 79]})}

    def train(given_tables: dict[str, pd.DataFrame]) -> dict[str, int]:
        return {name: len(rows) for name, rows in given_tables.items()}

    new = refresh(train, tables, index, on={"arrests": ON, "precincts": None})

    assert new.model == {"arrests": 40, "precincts": 2}
    with pytest.raises(ConfigError, match="must be in both data and on"):
        refresh(train, tables, index, on={"arrests": ON})


def test_tables_are_scrubbed_by_a_plan(index: Any) -> None:
    arrests_rules = {"source": "arrests.parquet", "keys": {"arrest_number": "arrest_no"}}
    charges_rules = {"source": "charges.parquet", "link": {"arrest_no": "arrests.arrest_no"}}
    columns = {"independent": dict.fromkeys([*FEATURES, "label"], "made up")}
    tables = {"arrests": {**arrests_rules, **columns}, "charges": charges_rules}
    plan = ss.Plan.from_dict({"version": 1, "tables": tables})
    charges = pd.DataFrame({"arrest_no": some()["arrest_no"], "charge": "PL 155.25"})

    new = refresh(
        lambda tables: {name: len(rows) for name, rows in tables.items()},
        {"arrests": some(), "charges": charges},
        index,
        plan=plan,
    )

    assert new.model == {"arrests": 40, "charges": 40}


def test_what_one_training_changes_the_next_does_not_see(index: Any) -> None:
    rows = some()

    def train(given_rows: pd.DataFrame) -> float:
        given_rows["a"] += 1
        return float(given_rows["a"].sum())

    assert refresh(train, rows, index, on=ON).model == float((clean(some())["a"] + 1).sum())
    pd.testing.assert_frame_equal(rows, some())


def test_chance_from_the_global_generators_is_fixed(index: Any) -> None:
    def train(rows: pd.DataFrame) -> RandomForestClassifier:
        return RandomForestClassifier(3).fit(rows[FEATURES], rows["label"])

    state = np.random.get_state()[1].tolist()

    one, other = (refresh(train, some(), index, on=ON, seed=seed) for seed in (0, 1))

    assert not same(one.model, other.model)
    assert np.random.get_state()[1].tolist() == state


def test_how_long_a_search_took_is_passed_over(index: Any) -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=3)

    assert refresh(search, some(), index, on=ON, target="label").report.verified == "twice"


def test_what_is_not_reproducible_is_refused(index: Any) -> None:
    count = itertools.count()

    with pytest.raises(NotReproduced, match="different models"):
        refresh(lambda rows: {"n": len(rows), "run": next(count)}, some(), index, on=ON)


def test_predictions_are_compared_besides(index: Any) -> None:
    """A model may keep what decides its answers where no pickle sees it."""
    runs = itertools.count()

    class Hidden:
        def __init__(self) -> None:
            self.answers = Answers(next(runs))

        def predict(self, rows: Any) -> Any:
            return np.full(len(rows), self.answers.value)

    class Answers:
        def __init__(self, value: int) -> None:
            self.value = value

        def __reduce__(self) -> Any:
            return (Answers, (0,))

    assert refresh(lambda rows: Hidden(), some(), index, on=ON).report.verified == "twice"
    with pytest.raises(NotReproduced):
        refresh(lambda rows: Hidden(), some(), index, on=ON, probe=some()[FEATURES])
    with pytest.raises(ConfigError, match="no predictions"):
        refresh(lambda rows: {}, some(), index, on=ON, probe=some()[FEATURES])


def test_a_cached_model_is_refused(index: Any) -> None:
    cached = logistic(some())

    with pytest.raises(NotReproduced, match="old model"):
        refresh(lambda rows: cached, some(), index, model=cached, on=ON)
    with pytest.raises(NotReproduced, match="same object twice"):
        refresh(lambda rows: cached, some(), index, on=ON)


def test_a_recorded_digest_spares_the_second_training(index: Any) -> None:
    runs = []

    def train(rows: pd.DataFrame) -> LogisticRegression:
        runs.append(len(rows))
        return logistic(rows)

    recorded = refresh(train, some(), index, on=ON).report.digest
    assert runs == [40, 40]

    new = refresh(train, some(), index, on=ON, verify=recorded)

    assert runs == [40, 40, 40]
    assert new.report.verified == "digest"
    with pytest.raises(NotReproduced, match="another model than the recorded one"):
        refresh(train, some(2), index, on=ON, verify=recorded)


def test_without_verification_the_report_says_so(index: Any) -> None:
    count = itertools.count()

    new = refresh(lambda rows: next(count), some(), index, on=ON, verify=False)

    assert new.report.verified == "no"


@pytest.mark.parametrize("kind", [MultinomialNB, BernoulliNB, CategoricalNB])
@given(sealed=st.lists(st.booleans(), min_size=12, max_size=60), seed=st.integers(0, 3))
@settings(max_examples=15, deadline=None)
def test_a_decrement_of_counts_is_the_training_from_scratch(
    kind: Any, sealed: list[bool], seed: int, index: Any
) -> None:
    rows = arrests([False] * 8 + sealed[8:], seed)
    rows[FEATURES] = rows[FEATURES] % 3
    rows.loc[:1, "label"], rows.loc[:2, FEATURES] = [0, 1], np.arange(3)[:, None].repeat(3, 1)
    old = kind().fit(rows[FEATURES], rows["label"])

    new = refresh(kind(), rows, index, model=old, on=ON, target="label", method="decrement")

    assert same(new.model, kind().fit(clean(rows)[FEATURES], clean(rows)["label"]))
    assert new.report.verified == "scratch"
    assert new.report.method == "decremented"


def test_a_class_that_only_sealed_rows_had_is_left_to_scratch(index: Any) -> None:
    rows = some()
    rows.loc[rows["arrest_no"].str.startswith("K"), "label"] = 2
    old = MultinomialNB().fit(rows[FEATURES], rows["label"])

    new = refresh(MultinomialNB(), rows, index, model=old, on=ON, target="label", method="decrement")

    assert new.model.classes_.tolist() == [0, 1]
    assert (new.report.method, new.report.verified) == ("retrained", "twice")


def test_a_model_of_other_rows_is_not_decremented_into_a_wrong_one(index: Any) -> None:
    old = MultinomialNB().fit(some(2)[FEATURES], some(2)["label"])

    new = refresh(MultinomialNB(), some(), index, model=old, on=ON, target="label", method="decrement")

    assert new.report.method == "retrained"
    assert same(new.model, MultinomialNB().fit(clean(some())[FEATURES], clean(some())["label"]))


def test_counters_and_tables_of_counts_are_decremented(index: Any) -> None:
    rows = some()

    def counter(given_rows: pd.DataFrame) -> Counter[int]:
        return Counter(sorted(given_rows["a"].tolist()))

    def table(given_rows: pd.DataFrame) -> Any:
        return np.bincount(given_rows["a"], minlength=10)

    for train in (counter, table):
        new = refresh(train, rows, index, model=train(rows), on=ON, method="decrement")
        assert new.report.method == "decremented"
        assert same(new.model, train(clean(rows)))


@pytest.mark.parametrize("kind", [GaussianNB, LogisticRegression])
def test_nothing_is_subtracted_from_other_models(kind: Any, index: Any) -> None:
    old = kind().fit(some()[FEATURES], some()["label"])

    with pytest.raises(ConfigError, match="not a model of counts"):
        refresh(kind(), some(), index, model=old, on=ON, target="label", method="decrement")


_KEYS_ONLY = {"source": "a.csv", "keys": {"arrest_number": "arrest_no"}}
WRONG: dict[str, dict[str, Any]] = {
    "an unknown method": {"method": "approximate"},
    "a decrement of nothing": {"method": "decrement"},
    "an unverified decrement": {"method": "decrement", "model": Counter(), "verify": False},
    "a verify that is not a digest": {"verify": "yes"},
    "no keys": {"on": None},
    "keys and a plan": {"plan": ss.Plan.from_dict({"version": 1, "tables": {"a": _KEYS_ONLY}})},
    "another kind of model": {"model": 1.0},
    "a target for a function": {"target": "label"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_refused(wrong: dict[str, Any], index: Any) -> None:
    with pytest.raises(ConfigError):
        refresh(logistic, some(), index, **{"on": ON, **wrong})


@pytest.mark.parametrize(
    "train", [None, "train", object(), lambda rows: None], ids=["None", "text", "object", "nothing"]
)
def test_what_trains_nothing_is_refused(train: Any, index: Any) -> None:
    with pytest.raises(ConfigError):
        refresh(train, some(), index, on=ON)


def test_what_can_be_read_once_only_is_refused(index: Any) -> None:
    with pytest.raises(ConfigError, match="can be read only once"):
        refresh(len, pa.Table.from_pandas(some()).to_reader(), index, on=ON)


def test_what_scrub_refuses_is_refused(index: Any) -> None:
    doubtful = pd.concat([some(), some().iloc[[1]].assign(arrest_no="K14O00001")], ignore_index=True)

    with pytest.raises(UncheckedKeys) as caught:
        refresh(logistic, doubtful, index, on=ON)
    with pytest.raises(UnsuitableIndex):
        refresh(logistic, some(), index, on=ON, use="inference_input")

    assert "K14O" not in "".join(traceback.format_exception(caught.value))


def test_neither_the_report_nor_its_looks_tell_of_sealed_rows(index: Any) -> None:
    whole, without = (refresh(logistic, rows, index, on=ON) for rows in (some(), clean(some())))

    assert whole.report == without.report
    assert repr(whole) == repr(without) == "Refreshed(LogisticRegression, retrained, verified='twice')"
