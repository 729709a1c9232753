"""A fit through SealedFit is, bit for bit, the fit on the data in which the sealed rows never were."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder
from sklearn.tree import DecisionTreeClassifier

from sealscrub.transforms.sklearn import SealedFit

from .arrests import FEATURES, ON, ROWS, World, index, masks, world
from .estimators import ESTIMATORS, name_of, without_times

pytestmark = pytest.mark.filterwarnings("ignore:`TargetEncoder:FutureWarning")  # how 1.9 wants it, 1.6 does not know

ANSWERS = ("predict", "predict_proba", "decision_function", "score_samples", "transform")


def state(estimator: Any) -> str:
    """Give a digest of everything that a fitted estimator holds."""
    if hasattr(estimator, "get_booster"):
        return str(joblib.hash(bytes(estimator.get_booster().save_raw("ubj"))))
    if hasattr(estimator, "booster_"):
        return str(joblib.hash(estimator.booster_.model_to_string()))
    return str(joblib.hash(estimator))


def answers(estimator: Any, rows: Any) -> dict[str, bytes]:
    """Give all that an estimator says about rows, to the bit."""
    said = {}
    for name in ANSWERS:
        if hasattr(estimator, name):
            answer = getattr(estimator, name)(rows)
            said[name] = np.asarray(answer.todense() if sparse.issparse(answer) else answer).tobytes()
    return said


def assert_same(sealed: SealedFit, plain: Any, probe: Any) -> None:
    said = answers(plain, probe)
    assert said or not hasattr(plain, "predict")
    assert answers(sealed, probe) == said
    assert state(without_times(sealed.estimator_)) == state(without_times(plain))


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_a_fit_is_the_fit_on_clean_data(estimator: Any) -> None:
    here = world()

    sealed = SealedFit(estimator, index(), ON).fit(here.frame, here.target)
    plain = clone(estimator).fit(here.clean(here.features), here.clean(here.target))

    assert_same(sealed, plain, world(3, 50).features)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_the_sealed_rows_would_have_been_learned(estimator: Any) -> None:
    """What the test above compares tells the two worlds apart."""
    here = world()
    probe = world(3, 50).features

    whole = clone(estimator).fit(here.features, here.target)
    plain = clone(estimator).fit(here.clean(here.features), here.clean(here.target))

    assert state(without_times(whole)) != state(without_times(plain)) or answers(whole, probe) != answers(plain, probe)


@given(sealed=masks, seed=st.integers(0, 5), at=st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_whichever_rows_are_sealed(sealed: Any, seed: int, at: int) -> None:
    here = World(sealed, seed)
    estimator = [LinearRegression(), KMeans(2, n_init=1, random_state=0), StandardScaler(), DecisionTreeClassifier()][
        at
    ]
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=0)

    fitted = SealedFit(estimator, index(), ON).fit(here.frame, here.target)

    assert_same(fitted, clone(estimator).fit(here.clean(here.features), here.clean(here.target)), here.features)


CONTAINERS: dict[str, Any] = {
    "pandas": lambda rows: rows,
    "pandas[arrow]": lambda rows: rows.convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.from_pandas,
    "pyarrow": lambda rows: pa.Table.from_pandas(rows, preserve_index=False),
    "numpy": lambda rows: np.ascontiguousarray(rows.to_numpy()),  # pandas 2 gives an order, pandas 3 the other
    "numpy[F]": lambda rows: np.asfortranarray(rows.to_numpy()),
    "csr": lambda rows: sparse.csr_array(rows.to_numpy()),
    "csc": lambda rows: sparse.csc_array(rows.to_numpy()),
    "coo": lambda rows: sparse.coo_array(rows.to_numpy()),
    "lil": lambda rows: sparse.lil_matrix(rows.to_numpy()),
    "list": lambda rows: rows.to_numpy().tolist(),
}


@pytest.mark.parametrize("build", CONTAINERS.values(), ids=CONTAINERS)
def test_whatever_the_rows_come_in(build: Any) -> None:
    here, estimator = world(), LinearRegression()

    fitted = SealedFit(estimator, index(), ON).fit(build(here.features), list(here.target), key=here.keys)

    plain = estimator.fit(build(here.clean(here.features)), here.clean(list(here.target)))
    assert_same(fitted, plain, build(world(3, 50).features))


KEYS: dict[str, Any] = {
    "list": list,
    "tuple": tuple,
    "numpy": np.array,
    "objects": lambda keys: np.array(keys, dtype=object),
    "one column": lambda keys: np.array(keys, dtype=object).reshape(-1, 1),
    "pandas": pd.Series,
    "pandas, indexed": lambda keys: pd.Series(keys, index=range(len(keys), 0, -1)),
    "pandas[category]": lambda keys: pd.Series(keys, dtype="category"),
    "pandas[array]": pd.array,
    "polars": pl.Series,
    "pyarrow": pa.array,
    "a frame": lambda keys: pd.DataFrame({"arrest_no": keys}),
    "a polars frame": lambda keys: pl.DataFrame({"arrest_no": keys, "other": 1}),
}


@pytest.mark.parametrize("build", KEYS.values(), ids=KEYS)
def test_whatever_the_keys_come_in(build: Any) -> None:
    here = world()

    fitted = SealedFit(Ridge(), index(), ON).fit(here.features, here.target, key=build(here.keys))

    assert_same(fitted, Ridge().fit(here.clean(here.features), here.clean(here.target)), here.features)


def test_weights_are_realigned() -> None:
    here = world()
    target = pd.Series(here.target, index=range(5, 5 + ROWS))

    fitted = SealedFit(Ridge(), index(), ON).fit(here.frame, target, sample_weight=here.weight)

    plain = Ridge().fit(here.clean(here.features), here.clean(here.target), sample_weight=here.clean(here.weight))
    assert_same(fitted, plain, here.features)


def test_batches_are_fitted_without_their_sealed_rows() -> None:
    here = world()
    sealed, plain = SealedFit(SGDClassifier(random_state=0), index(), ON), SGDClassifier(random_state=0)

    for rows in (range(40), range(40, 80), [0, 4, 8]):  # of the last batch all are sealed
        sealed.partial_fit(here.frame.iloc[list(rows)], here.target[list(rows)], classes=[0, 1])
    for rows in (range(40), range(40, 80)):
        kept = [at for at in rows if not here.sealed[at]]
        plain.partial_fit(here.features.iloc[kept], here.target[kept], classes=[0, 1])

    assert_same(sealed, plain, here.features)


def test_a_score_counts_no_sealed_row() -> None:
    here = world()
    fitted = SealedFit(LogisticRegression(), index(), ON).fit(here.frame, here.target)
    clean_rows, clean_target = here.clean(here.features), here.clean(here.target)

    assert fitted.score(here.frame, here.target) == fitted.estimator_.score(clean_rows, clean_target)
    assert fitted.score(here.features, here.target, key=here.keys) != fitted.estimator_.score(
        here.features, here.target
    )


@pytest.mark.parametrize("container", ["default", "pandas", "polars"])
@pytest.mark.parametrize(
    "transformer", [StandardScaler(), OneHotEncoder(sparse_output=False, handle_unknown="ignore"), PCA(2)], ids=name_of
)
def test_fitting_and_transforming_keeps_every_row(transformer: Any, container: Any) -> None:
    here = world()
    sealed = SealedFit(transformer, index(), ON).set_output(transform=container)

    every = sealed.fit_transform(here.frame)

    plain = clone(transformer).set_output(transform="default")
    assert len(every) == ROWS
    expected = plain.fit_transform(here.clean(here.features))
    assert np.asarray(every)[here.kept].tobytes() == np.asarray(expected).tobytes()
    assert np.array_equal(np.asarray(every)[here.sealed], plain.transform(here.features[here.sealed]))
    if container == "pandas":
        assert every.index.equals(here.frame.index)


def test_what_is_fitted_across_folds_is_fitted_across_clean_folds() -> None:
    """A target encoder gives training rows other values than a transform would, lest their labels show."""
    here, encoder = world(), TargetEncoder(cv=3, random_state=0)

    every = SealedFit(encoder, index(), ON).fit_transform(here.frame, here.target)

    expected = encoder.fit_transform(here.clean(here.features), here.clean(here.target))
    assert every[here.kept].tobytes() == expected.tobytes()


def test_sparse_results_keep_their_rows() -> None:
    here = world()
    encoder = OneHotEncoder(handle_unknown="ignore")

    every = SealedFit(encoder, index(), ON).fit_transform(here.frame)

    assert sparse.issparse(every)
    assert every.format == "csr"
    assert (every[here.kept] != encoder.fit_transform(here.clean(here.features))).nnz == 0


def test_the_key_is_no_feature() -> None:
    here = world()

    fitted = SealedFit(StandardScaler(), index(), ON).fit(here.frame)

    assert fitted.feature_names_in_.tolist() == FEATURES
    assert fitted.n_features_in_ == len(FEATURES)
    assert fitted.get_feature_names_out().tolist() == FEATURES
    assert fitted.get_feature_names_out(list(here.frame.columns)).tolist() == FEATURES
    assert np.array_equal(fitted.transform(here.frame), fitted.transform(here.features))
