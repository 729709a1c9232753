"""Files of every estimator that scikit-learn has are read whole: what they call is known."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.utils import all_estimators

from sealscrub.datasets import example_index
from sealscrub.validators.artefacts import audit_model

TEXTS = ["arrest of theft", "arrest of assault", "theft again"] * 14
GIVEN: dict[str, Any] = {
    "estimators": [("a", LogisticRegression()), ("b", LogisticRegression(C=2))],
    "transformers": [("a", PCA(1), [0, 1])],
    "transformer_list": [("a", PCA(1))],
    "steps": [("a", PCA(1)), ("b", LogisticRegression())],
    "param_grid": {"C": [1.0, 2.0]},
    "param_distributions": {"C": [1.0, 2.0]},
    "dictionary": np.eye(4),
    "n_estimators": 4,
    "max_iter": 20,
}
KEEPS_ROWS = "stores training rows"


def _made(kind: type) -> Any:
    needed = getattr(kind, "__init__").__code__  # noqa: B009 - mypy asks for it
    words = {name: GIVEN[name] for name in GIVEN if name in needed.co_varnames[: needed.co_argcount + 9]}
    if "estimator" in needed.co_varnames[: needed.co_argcount]:
        regresses = getattr(kind, "_estimator_type", "") == "regressor" or "Regressor" in kind.__name__
        words["estimator"] = LinearRegression() if regresses else LogisticRegression()
    return kind(**{name: value for name, value in words.items() if name != "estimators" or "estimator" not in words})


@pytest.fixture(scope="module")
def fitted() -> dict[str, Any]:
    draws = np.random.default_rng(0)
    x, y = draws.uniform(0.1, 1, (42, 4)), np.arange(42) % 2
    done: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, kind in all_estimators():
            for features, labels in ((x, y), (TEXTS, None), (x, x[:, :2]), (x[:, 0], y), (y, None)):
                try:
                    model = _made(kind)
                    model.fit(features) if labels is None else model.fit(features, labels)
                except Exception:  # noqa: S112 - wants other data, or more than this gives
                    continue
                done[name] = model
                break
    return done


def _skops(model: Any, path: Path) -> None:
    skops = pytest.importorskip("skops.io")
    try:
        skops.dump(model, path)
    except skops.exceptions.UnsupportedTypeException:
        return


WRITERS: dict[str, tuple[str, Callable[[Any, Path], Any]]] = {
    "pickle 0": ("pkl", lambda model, path: path.write_bytes(pickle.dumps(model, 0))),
    "pickle 2": ("pkl", lambda model, path: path.write_bytes(pickle.dumps(model, 2))),
    "pickle 5": ("pkl", lambda model, path: path.write_bytes(pickle.dumps(model, 5))),
    "joblib zlib": ("joblib", lambda model, path: joblib.dump(model, path, compress=3)),
    "skops": ("skops", _skops),
}


@pytest.mark.parametrize(
    ("writer", "every"),
    [
        pytest.param("pickle 5", 1, id="pickle 5"),
        *(pytest.param(each, 5, id=f"{each}, some") for each in ("joblib zlib", "skops")),
        *(pytest.param(each, 1, id=each, marks=pytest.mark.long) for each in WRITERS if each != "pickle 5"),
    ],
)
def test_all_of_it_is_read(writer: str, every: int, fitted: dict[str, Any], tmp_path: Path) -> None:
    suffix, write = WRITERS[writer]
    for name, model in [*fitted.items()][::every]:
        write(model, tmp_path / f"{name}.{suffix}")
    done = audit_model(tmp_path, example_index(["S18999999"]))

    assert len(fitted) > 170
    assert {(each.file, each.reason) for each in done.not_checked if KEEPS_ROWS not in each.reason} == set()
    assert done.findings == ()
