"""The estimators inside scikit-learn's own machinery: searches, pipelines, workers, pickles, routed metadata."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_val_score, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from sealscrub.datasets import example_index
from sealscrub.errors import UnsuitableIndex, UsageError
from sealscrub.transforms.sklearn import SealedFit, SealedRowDropper, SealedValueMasker

from .arrests import FEATURES, ON, SEALED_NUMBERS, index, world


@pytest.fixture
def routing() -> Iterator[None]:
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def same(one: Any, other: Any) -> bool:
    return bool(joblib.hash(one) == joblib.hash(other))


def test_every_fit_of_a_search_is_clean() -> None:
    here, folds = world(), KFold(3)
    search = GridSearchCV(SealedFit(LogisticRegression(), index(), ON), {"estimator__C": [0.1, 10.0]}, cv=folds)

    search.fit(here.frame, here.target)

    best = LogisticRegression(C=search.best_params_["estimator__C"])
    plain = best.fit(here.clean(here.features), here.clean(here.target))
    assert same(search.best_estimator_.estimator_, plain)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_each_fold_of_a_cross_validation_is_clean() -> None:
    here = world()

    done = cross_validate(
        SealedFit(LogisticRegression(), index(), ON), here.frame, here.target, cv=KFold(3), return_estimator=True
    )

    for model, (train, test), score in zip(
        done["estimator"], KFold(3).split(here.frame), done["test_score"], strict=True
    ):
        kept, seen = train[~here.sealed[train]], test[~here.sealed[test]]
        plain = LogisticRegression().fit(here.features.iloc[kept], here.target[kept])
        assert same(model.estimator_, plain)
        assert score == plain.score(here.features.iloc[seen], here.target[seen])


def test_a_search_within_is_clean_throughout() -> None:
    here = world()
    search = GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 5]}, cv=KFold(3))

    sealed = SealedFit(search, index(), ON).fit(here.frame, here.target)

    plain = clone(search).fit(here.clean(here.features), here.clean(here.target))
    assert sealed.best_params_ == plain.best_params_
    assert np.array_equal(sealed.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"])


def test_workers_reopen_the_index(tmp_path: Path) -> None:
    here, kept = world(), example_index(SEALED_NUMBERS, folder=tmp_path)

    with joblib.parallel_backend("loky", n_jobs=2):
        scores = cross_val_score(
            SealedFit(LogisticRegression(), kept, ON), here.frame, here.target, cv=KFold(2), n_jobs=2
        )

    expected = cross_val_score(SealedFit(LogisticRegression(), kept, ON), here.frame, here.target, cv=KFold(2))
    assert scores.tolist() == expected.tolist()


def test_a_worker_whose_index_is_gone_fits_nothing(tmp_path: Path) -> None:
    kept = example_index(SEALED_NUMBERS, folder=tmp_path)
    pickled = pickle.dumps(SealedFit(LogisticRegression(), kept, ON))
    (tmp_path / "example.sealindex").unlink()

    with pytest.raises(UsageError, match="index does not exist"):
        pickle.loads(pickled)


def test_a_pickle_takes_no_other_index(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    kept = example_index(SEALED_NUMBERS, folder=tmp_path)
    pickled = pickle.dumps(SealedFit(LogisticRegression(), kept, ON))
    example_index([], folder=tmp_path / "other")
    for name in ("example.sealindex", "example.key"):
        (tmp_path / "other" / name).replace(tmp_path / name)

    with pytest.raises(UnsuitableIndex):
        pickle.loads(pickled)


@pytest.mark.long
def test_a_server_opens_the_index_that_its_environment_names(tmp_path: Path) -> None:
    here, kept = world(), example_index(SEALED_NUMBERS, folder=tmp_path)
    masker = SealedValueMasker(kept, ON, columns=FEATURES)
    joblib.dump(make_pipeline(masker, FunctionTransformer()).fit(here.frame), tmp_path / "model.joblib")
    here.frame.to_parquet(tmp_path / "asked.parquet")
    (tmp_path / "elsewhere").mkdir()
    for name in ("example.sealindex", "example.key"):
        (tmp_path / name).rename(tmp_path / "elsewhere" / name)
    place = tmp_path / "elsewhere"
    code = """
import joblib, pandas
answer = joblib.load("model.joblib").transform(pandas.read_parquet("asked.parquet"))
print(int(answer["age"].isna().sum()))
"""
    variables = {"SEALSCRUB_INDEX": str(place / "example.sealindex"), "SEALSCRUB_KEY_FILE": str(place / "example.key")}

    def served(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert served({**os.environ, **variables}).stdout.strip() == str(here.sealed.sum())
    assert "the key file does not exist" in served({**os.environ}).stderr


@pytest.mark.parametrize(
    "made",
    [
        lambda: SealedFit(LogisticRegression(), index(), ON),
        lambda: SealedRowDropper(index(), ON),
        lambda: SealedValueMasker(index(), ON, columns=["age"]),
    ],
)
def test_pickles_copies_and_clones_refer_to_the_index(made: Any) -> None:
    here, estimator = world(), made()
    estimator.fit(here.frame, here.target)

    again, copied, cloned = pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator), clone(estimator)

    assert again.index.id == index().id
    assert copied.index is index()
    assert cloned.index is index()
    assert again.n_features_in_ == copied.n_features_in_ == estimator.n_features_in_
    assert not hasattr(cloned, "n_features_in_")
    assert repr(again) == repr(estimator) == repr(cloned)


def test_nothing_fitted_tells_that_rows_were_sealed() -> None:
    here = world()
    clean = here.frame.iloc[here.kept].reset_index(drop=True)

    for estimator in (SealedFit(LogisticRegression(), index(), ON), SealedValueMasker(index(), ON)):
        whole, without = clone(estimator).fit(here.frame, here.target), clone(estimator)
        assert same(whole, without.fit(clean, here.clean(here.target)))
    whole, without = SealedRowDropper(index(), ON), SealedRowDropper(index(), ON)
    whole.fit_resample(here.frame, here.target)
    without.fit_resample(clean, here.clean(here.target))
    assert len(whole.kept_indices_) == len(here.kept)
    assert same(pickle.dumps(whole), pickle.dumps(without))


def test_around_a_pipeline() -> None:
    here = world()
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())

    sealed = SealedFit(pipeline, index(), ON).fit(here.frame, here.target)

    assert same(sealed.estimator_, pipeline.fit(here.clean(here.features), here.clean(here.target)))


def test_as_the_last_step_of_a_pipeline() -> None:
    here = world()
    pipeline = make_pipeline(FunctionTransformer(), SealedFit(LogisticRegression(), index(), ON))

    pipeline.fit(here.frame, here.target)

    plain = LogisticRegression().fit(here.clean(here.features), here.clean(here.target))
    assert same(pipeline[-1].estimator_, plain)
    assert np.array_equal(pipeline.predict_proba(here.frame), plain.predict_proba(here.features))


def test_within_a_column_transformer() -> None:
    here = world()
    scaler = SealedFit(StandardScaler(), index(), ON)
    columns = ColumnTransformer([("scaled", scaler, ["arrest_no", "age"]), ("as they are", "passthrough", ["hour"])])

    made = columns.set_output(transform="pandas").fit_transform(here.frame)

    assert list(made.columns) == ["scaled__age", "as they are__hour"]
    plain = StandardScaler().fit(here.clean(here.features)[["age"]])
    assert same(columns.named_transformers_["scaled"].estimator_.mean_, plain.mean_)
    assert np.array_equal(made["scaled__age"], plain.transform(here.features[["age"]])[:, 0])


def test_it_is_the_kind_of_estimator_that_it_wraps() -> None:
    here = world()
    classifier, regressor = (SealedFit(each, index(), ON) for each in (LogisticRegression(), LinearRegression()))

    assert is_classifier(classifier)
    assert is_regressor(regressor)
    assert hasattr(classifier, "predict_proba")
    assert not hasattr(regressor, "predict_proba")
    assert not hasattr(classifier, "transform")
    assert not hasattr(classifier, "classes_")
    with pytest.raises(sklearn.exceptions.NotFittedError):
        check_is_fitted(classifier)
    assert classifier.fit(here.frame, here.target).classes_.tolist() == [0, 1]
    voting = VotingClassifier([("one", classifier)]).fit(here.frame, here.target)
    assert voting.predict(here.features).shape == here.target.shape


@pytest.mark.usefixtures("routing")
def test_keys_are_routed_by_a_search() -> None:
    here = world()
    model = LogisticRegression().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    search = GridSearchCV(SealedFit(model, index(), ON), {"estimator__C": [0.1, 10.0]}, cv=KFold(3))

    search.fit(here.features, here.target, key=np.array(here.keys), sample_weight=here.weight)

    plain = LogisticRegression(C=search.best_params_["estimator__C"])
    plain.fit(here.clean(here.features), here.clean(here.target), sample_weight=here.clean(here.weight))
    assert same(search.best_estimator_.coef_, plain.coef_)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.usefixtures("routing")
def test_keys_are_routed_through_a_pipeline_and_a_cross_validation() -> None:
    here = world()
    groups = np.arange(len(here.keys)) // 10
    pipeline = Pipeline(
        [
            ("scale", SealedFit(StandardScaler(), index(), ON)),
            ("model", SealedFit(LogisticRegression(), index(), ON)),
        ]
    )

    done = cross_validate(
        pipeline,
        here.features.to_numpy(),
        here.target,
        cv=GroupKFold(3),
        params={"key": here.keys, "groups": groups},
        return_estimator=True,
    )

    for model, (train, _) in zip(done["estimator"], GroupKFold(3).split(groups, groups=groups), strict=True):
        kept = train[~here.sealed[train]]
        plain = make_pipeline(StandardScaler(), LogisticRegression())
        plain.fit(here.features.to_numpy()[kept], here.target[kept])
        assert same(model[-1].coef_, plain[-1].coef_)


@pytest.mark.usefixtures("routing")
def test_what_the_estimator_did_not_ask_for_is_refused() -> None:
    here = world()

    with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError):
        SealedFit(LogisticRegression(), index(), ON).fit(here.frame, here.target, sample_weight=here.weight)


@pytest.mark.usefixtures("routing")
def test_keys_reach_a_masker_in_a_pipeline() -> None:
    here = world()
    masker = SealedValueMasker(index(), ON)
    pipeline = make_pipeline(masker, FunctionTransformer())

    pipeline.fit(here.features, key=here.keys)

    assert pipeline.transform(here.features, key=here.keys).isna().any(axis=1).tolist() == here.sealed.tolist()


def test_a_masker_with_a_model_behind_it() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    here = world()
    masker = SealedValueMasker(index(), ON, columns=FEATURES)
    features = make_column_transformer(("passthrough", FEATURES))
    pipeline = make_pipeline(masker, features, HistGradientBoostingClassifier(max_iter=3, random_state=0))

    sealed = SealedFit(pipeline, index(), ON)
    with pytest.raises(UsageError, match="there is no column"):
        sealed.fit(here.frame, here.target)  # the keys do not get past SealedFit, so the masker within has none
    pipeline.fit(here.frame.iloc[here.kept], here.target[here.kept])

    said = pipeline.predict_proba(here.frame)
    assert len({tuple(row) for row in said[here.sealed].tolist()}) == 1
