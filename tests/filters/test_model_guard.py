"""A guarded model answers as if the sealed records had never been asked about."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import (
    ColumnError,
    ConfigError,
    ModelFailed,
    Refused,
    SealscrubError,
    UncheckedKeys,
    UnsuitableIndex,
    UsageError,
)
from sealscrub.filters import Guarded, MembershipOracleWarning, explain_guard, guard

from .worlds import (
    CLEAN,
    FRAMES,
    INDEX,
    ON,
    SEALED,
    as_array,
    as_pandas,
    as_polars,
    few,
    is_sealed,
    requests,
    same,
    without,
)

_rng = np.random.default_rng(0)
TRAIN = pd.DataFrame({"x": _rng.normal(size=60), "n": _rng.integers(0, 4, 60)})
LABEL = (TRAIN["x"] + _rng.normal(size=60) > 0).map({True: "yes", False: "no"})
MODELS = {
    "logistic": LogisticRegression().fit(TRAIN, LABEL),
    "tree": DecisionTreeClassifier(random_state=0).fit(TRAIN, LABEL == "yes"),
    "pipeline": make_pipeline(StandardScaler(), KNeighborsClassifier(3)).fit(TRAIN, LABEL),
    "regression": LinearRegression().fit(TRAIN, TRAIN["x"] * 3),
}
METHODS = ("predict", "predict_proba", "decision_function")


def guarded(model: Any, **options: Any) -> Guarded:
    return guard(model, INDEX, ON, oracle_ok=True, **options)


def answer(call: Callable[[], Any]) -> Any:
    """What a call gives, an error being an answer too."""
    try:
        return call()
    except SealscrubError as error:
        return type(error).__name__, str(error)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("build", [as_pandas, as_polars], ids=["pandas", "polars"])
@pytest.mark.parametrize("name", MODELS)
@few
@given(records=requests())
def test_the_answer_is_that_of_the_scrubbed_request(
    name: str, build: Callable[..., Any], records: list[dict[str, Any]]
) -> None:
    model = MODELS[name]
    rows = build(records)
    clean = ss.scrub(rows, INDEX, ON)[["x", "n"]]
    for method in METHODS:
        if hasattr(model, method):
            said = answer(lambda method=method: getattr(guarded(model), method)(rows))
            if without(records):
                assert same(said, getattr(model, method)(clean))
            else:  # scikit-learn's own answer to a request without rows is an error
                assert said[0] == "Refused"


@pytest.mark.parametrize("way", ["drop", "nan", "refuse"])
@few
@given(records=requests(), data=st.data())
def test_two_requests_that_differ_in_sealed_records_only_are_answered_alike(
    way: str, records: list[dict[str, Any]], data: st.DataObject
) -> None:
    clean = without(records)
    at = data.draw(st.integers(0, len(clean)))
    one, other = (
        [*clean[:at], {"id": each, "x": x, "n": 1}, *clean[at:]] for each, x in ((SEALED[0], 1.0), (SEALED[3], 7.0))
    )
    safe = guarded(MODELS["tree"], on_match=way)

    for build in (as_pandas, as_polars):
        said = [answer(partial(safe.predict_proba, build(each))) for each in (one, other)]
        assert same(*said)


@few
@given(records=requests())
def test_every_container_is_answered_as_its_survivors(records: list[dict[str, Any]]) -> None:
    def show(rows: Any) -> list[list[Any]]:
        if isinstance(rows, pd.DataFrame):
            return rows.to_numpy().tolist()
        if isinstance(rows, np.ndarray | list) and not (len(rows) and isinstance(rows[0], dict)):
            return [list(row) for row in rows]
        table = rows if isinstance(rows, list) else (rows.to_dicts() if hasattr(rows, "to_dicts") else rows.to_pylist())
        return [list(row.values()) for row in table]

    expected = [[record["x"], record["n"]] for record in without(records)]
    for build in (*FRAMES.values(), list):
        assert guarded(show)(build(records)) == expected
    by_place = guard(show, INDEX, {"arrest_number": 0}, oracle_ok=True)
    assert by_place(as_array(records)) == expected
    assert by_place([[r["id"], r["x"], r["n"]] for r in records]) == expected
    columns = {name: [record[name] for record in records] for name in ("id", "x", "n")}
    assert guarded(lambda given: list(zip(given["x"], given["n"], strict=True)))(columns) == list(map(tuple, expected))


@few
@given(records=requests(least=1))
def test_keys_beside_the_rows_are_as_good_as_in_them(records: list[dict[str, Any]]) -> None:
    ids = [record["id"] for record in records]
    rows = as_polars(records).select("x", "n")
    array = rows.to_numpy()
    expected = as_polars(without(records)).select("x", "n").to_numpy()
    safe = guarded(lambda given: given)

    for keys in (
        ids,
        np.array(ids),
        np.array(ids, object),
        pd.Series(ids),
        pl.Series(ids),
        pl.DataFrame({"id": ids}),
        {"id": ids},
    ):
        assert np.array_equal(safe(array, keys=keys), expected)
    assert (safe(sparse.csr_matrix(array), keys=ids).toarray() == expected).all()
    assert same(safe(rows, keys=ids), as_polars(without(records)).select("x", "n"))


@few
@given(ids=st.lists(st.sampled_from(SEALED + CLEAN), min_size=1))
def test_with_known_ids_an_unknown_one_and_a_sealed_one_are_alike(ids: list[str]) -> None:
    known = {*CLEAN[:4], *SEALED}
    safe = guard(list, INDEX, ON, known=known)

    assert safe(ids) == [each for each in ids if each in CLEAN[:4]]
    alone = guard(str.lower, INDEX, ON, known=known)
    assert {answer(lambda each=each: alone(each)) for each in (*SEALED, *CLEAN[4:])} == {
        answer(lambda: alone("K99999998"))
    }


@few
@given(records=requests(least=1))
def test_empty_places_stand_where_records_may_not_come_out(records: list[dict[str, Any]]) -> None:
    keep = np.array([not is_sealed(record["id"]) for record in records])
    rows, model = as_pandas(records), MODELS["tree"]
    safe = guarded(model, on_match="nan")
    said, proba = safe.predict(rows), safe.predict_proba(rows)

    assert said.dtype == np.float64
    assert proba.shape == (len(records), 2)
    assert np.isnan(said[~keep]).all()
    assert np.isnan(proba[~keep]).all()
    if keep.any():
        clean = as_pandas(without(records))[["x", "n"]]
        assert said[keep].tolist() == model.predict(clean).tolist()
        assert proba[keep].tobytes() == model.predict_proba(clean).tobytes()
    words = guarded(MODELS["logistic"], on_match="nan").predict(rows)
    assert [word is None for word in words] == (~keep).tolist()


def test_empty_places_in_frames_series_and_tuples() -> None:
    rows = pd.DataFrame(
        {"id": [CLEAN[0], SEALED[0], CLEAN[1]], "x": [1.0, 2.0, 3.0], "n": [1, 2, 3]}, index=list("abc")
    )
    model = StandardScaler().set_output(transform="pandas").fit(TRAIN)
    made = guarded(model, on_match="nan").transform(rows)

    assert made.index.tolist() == ["a", "b", "c"]
    assert made.isna().all(axis=1).tolist() == [False, True, False]
    series = guarded(lambda given: given["n"], on_match="nan")(rows)
    assert series.dtype == np.float64
    assert series.name == "n"
    assert guarded(lambda given: given["n"], on_match="nan")(pl.from_pandas(rows)).to_list() == [1, None, 3]
    near, at = guarded(KNeighborsClassifier(3).fit(TRAIN, LABEL), on_match="nan").kneighbors(rows)
    assert np.isnan(near[1]).all()
    assert np.isnan(at[1]).all()
    with pytest.raises(UsageError, match="no places"):
        guarded(lambda given: 3.0, on_match="nan")(rows)


def test_a_request_with_a_sealed_record_can_be_refused() -> None:
    safe = guarded(list, on_match="refuse")

    assert safe(CLEAN) == CLEAN
    with pytest.raises(Refused, match="cannot be answered"):
        safe([*CLEAN, SEALED[0]])


def test_one_record_and_one_id() -> None:
    one = guarded(lambda record: sorted(record))

    assert one({"id": CLEAN[0], "x": 1.0}) == ["x"]
    assert guarded(lambda record: sorted(record), keep_keys=True)({"id": CLEAN[0], "x": 1.0}) == ["id", "x"]
    with pytest.raises(Refused, match="record does not exist"):
        one({"id": SEALED[0].lower(), "x": 1.0})
    assert guarded(str.lower)(CLEAN[0]) == CLEAN[0].lower()
    assert guarded(str.lower, on_match="nan")(SEALED[0]) is None


def test_key_columns_stay_where_the_model_was_fitted_with_them() -> None:
    rows = as_pandas([{"id": CLEAN[0], "x": 1.0, "n": 1}, {"id": SEALED[0], "x": 1.0, "n": 1}])
    seen = FunctionTransformer(lambda given: given, feature_names_out="one-to-one").fit(rows)

    assert guarded(seen).transform(rows)["id"].tolist() == [CLEAN[0]]
    with_keys = guarded(lambda given: list(given.columns), keep_keys=True)
    assert with_keys(rows) == ["id", "x", "n"]


def test_arguments_with_a_value_for_each_record_are_realigned() -> None:
    rows = as_pandas([{"id": each, "x": at / 2, "n": at} for at, each in enumerate([CLEAN[0], SEALED[0], CLEAN[1]])])
    model = MODELS["regression"]
    clean = rows.iloc[[0, 2]].reset_index(drop=True)[["x", "n"]]

    assert guarded(model).score(rows, [1.0, 100.0, 2.0], sample_weight=[1, 50, 3]) == model.score(
        clean, [1.0, 2.0], sample_weight=[1, 3]
    )
    assert guarded(lambda given, weights: weights)(rows, [1, 2, 3]) == [1, 3]


def test_async_callables_and_methods_and_streams() -> None:
    async def later(rows: Any) -> Any:
        await asyncio.sleep(0)
        return list(rows)

    class Service:
        async def predict(self, rows: Any) -> Any:
            return list(rows)

        async def predict_stream(self, rows: Any) -> Any:
            for row in rows:
                yield row

        def staged_predict(self, rows: Any) -> Any:
            yield from ([row] * 2 for row in rows)

    asked = [SEALED[0], *CLEAN[:2]]
    safe = guarded(later)

    async def streamed() -> list[Any]:
        return [each async for each in guarded(Service()).predict_stream(asked)]

    assert inspect.iscoroutinefunction(type(safe).__call__)
    assert asyncio.run(safe(asked)) == CLEAN[:2]
    assert asyncio.run(guarded(Service()).predict(asked)) == CLEAN[:2]
    assert asyncio.run(streamed()) == CLEAN[:2]
    assert list(guarded(Service()).staged_predict(asked)) == [[each] * 2 for each in CLEAN[:2]]


def _fails(rows: Any) -> Any:
    raise ValueError(f"cannot read {rows}")


async def _fails_later(rows: Any) -> Any:
    raise KeyError(rows)


async def _fails_in_stream(rows: Any) -> Any:
    yield 1
    raise KeyError(rows)


def _streams(rows: Any) -> Any:
    yield 1
    raise KeyError(rows)


async def _all(stream: Any) -> list[Any]:
    return [each async for each in stream]


@pytest.mark.parametrize(
    "call",
    [
        lambda: guarded(_fails)([CLEAN[0]]),
        lambda: asyncio.run(guarded(_fails_later)([CLEAN[0]])),
        lambda: asyncio.run(_all(guarded(_fails_in_stream)([CLEAN[0]]))),
        lambda: list(guarded(_streams)([CLEAN[0]])),
    ],
)
def test_what_a_model_raises_goes_on_without_its_text(call: Callable[[], Any]) -> None:
    with pytest.raises(ModelFailed) as caught:
        call()

    assert CLEAN[0] not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_guard_without_known_ids_warns_once_and_when_it_is_made() -> None:
    with pytest.warns(MembershipOracleWarning, match="known=") as told:
        safe = guard(list, INDEX, ON)
    assert [each.filename for each in told] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        safe(CLEAN)
        guard(list, INDEX, ON, known=CLEAN)
        guard(list, INDEX, ON, oracle_ok=True)


def test_it_is_an_estimator_where_the_model_is_one() -> None:
    safe = guarded(LogisticRegression(C=0.5))
    rows = pd.DataFrame({"id": CLEAN * 4 + SEALED, "x": np.arange(36.0), "n": np.arange(36) % 4})
    label = np.arange(36) % 2

    assert safe.get_params()["model__C"] == 0.5
    assert clone(safe).set_params(model__C=2.0).model.C == 2.0
    assert safe.model.C == 0.5
    fitted = clone(safe).fit(rows, label)
    check_is_fitted(fitted)
    clean = rows.iloc[:32]
    expected = LogisticRegression(C=0.5).fit(clean[["x", "n"]], label[:32])
    assert fitted.model.coef_.tobytes() == expected.coef_.tobytes()
    assert fitted.feature_names_in_.tolist() == ["x", "n"]
    assert fitted.classes_.tolist() == [0, 1]
    again = pickle.loads(pickle.dumps(fitted))
    assert same(again.predict_proba(rows), expected.predict_proba(clean[["x", "n"]]))
    assert same(copy.deepcopy(fitted).predict(rows), expected.predict(clean[["x", "n"]]))
    piped = make_pipeline(FunctionTransformer(), guarded(LogisticRegression())).fit(rows, label)
    assert len(piped.predict(rows)) == 32
    filled = cross_val_predict(guarded(LogisticRegression(), on_match="nan"), rows, label, cv=2)
    assert np.isnan(filled).tolist() == [False] * 32 + [True] * 4


def test_set_output_and_feature_names() -> None:
    safe = guarded(StandardScaler().fit(TRAIN)).set_output(transform="polars")

    assert safe.transform(as_pandas([{"id": CLEAN[0], "x": 1.0, "n": 1}])).columns == ["x", "n"]
    assert safe.get_feature_names_out(["id", "x", "n"]).tolist() == ["x", "n"]


def test_what_a_model_holds_is_not_reached_through_its_guard() -> None:
    safe = guarded(MODELS["pipeline"][-1])

    assert not hasattr(safe, "_fit_X")
    assert not hasattr(guarded(MODELS["logistic"]), "coef_")
    assert not hasattr(guarded(MODELS["regression"]), "predict_proba")
    assert guard(MODELS["logistic"], INDEX, ON, oracle_ok=True, methods=["sparsify"]).sparsify


class _Recalls(ClassifierMixin, BaseEstimator):
    def predict(self, rows: Any) -> Any:
        raise AssertionError("nobody may ask")


def test_nothing_is_answered_without_a_fit_index_or_keys() -> None:
    rows = as_pandas([{"id": CLEAN[0], "x": 1.0, "n": 1}])

    with pytest.raises(UnsuitableIndex, match="not for output"):
        guard(_Recalls(), example_index(SEALED, uses=["training"]), ON, oracle_ok=True)
    with pytest.raises(ColumnError):
        guarded(_Recalls()).predict(rows[["x", "n"]])
    with pytest.raises(ColumnError):
        guarded(_Recalls()).predict([{"x": 1.0}])
    with pytest.raises(ConfigError, match="by position"):
        guarded(_Recalls()).predict(np.zeros((2, 2)))
    with pytest.raises(UsageError, match="cannot be read"):
        guarded(_Recalls()).predict(sparse.csr_matrix((2, 2)))
    with pytest.raises(UsageError):
        guarded(_Recalls()).predict(as_polars([{"id": CLEAN[0], "x": 1.0, "n": 1}]).lazy())
    with pytest.raises(UncheckedKeys):
        guarded(_Recalls()).predict([{"id": "K14O00001"}])
    with pytest.raises(UsageError, match="keys"):
        guarded(_Recalls()).predict(rows, keys=CLEAN)
    with pytest.raises(ConfigError, match="on_match"):
        guarded(_Recalls(), on_match="hide")
    with pytest.raises(UnsuitableIndex, match="not for training"):
        guard(LogisticRegression(), example_index(SEALED, uses=["output"]), ON, oracle_ok=True).fit(rows, [1])


def test_how_unchecked_records_count_does_not_tell_of_sealed_ones() -> None:
    near = [{"id": "K14O00001"}, {"id": CLEAN[0]}]

    assert answer(lambda: guarded(list)(near)) == answer(lambda: guarded(list)([*near, {"id": SEALED[0]}]))
    quarantined = guarded(list, policy=ss.Policy(quarantine=True), keep_keys=True)
    assert quarantined(near) == [{"id": CLEAN[0]}]


def test_the_custodian_is_told_why() -> None:
    policy = ss.Policy(quarantine=True)
    safe = guard(list, INDEX, ON, known=[*CLEAN[:2], *SEALED], policy=policy)
    why = explain_guard(safe, [CLEAN[0], SEALED[0], SEALED[3], CLEAN[5], "K14O00001", "?"])

    assert dict(why.positions) == {"sealed": (1,), "withheld": (2,), "near": (4,), "unparsable": (5,), "unknown": (3,)}
    assert (why.rows, why.epoch) == (6, 1)
    assert "1" not in repr(why).replace("epoch=1", "").split("as_of")[0]
    with pytest.raises(ConfigError):
        explain_guard(list, CLEAN)
