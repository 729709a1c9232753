"""Rows are judged by how much they tell: two coordinates name a training row, three small whole numbers don't."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.neighbors import (
    KernelDensity,
    KNeighborsClassifier,
    LocalOutlierFactor,
    NearestNeighbors,
    RadiusNeighborsClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sealscrub.datasets import example_index
from sealscrub.index import Index
from sealscrub.validators.artefacts import audit_model
from sealscrub.validators.artefacts.surprise import MOST_CHANCE, needed_bits, surprise

ROWS, SEALED = 300, 12
NUMBERS = [f"K14{at:06d}" for at in range(1, ROWS + 1)]
KINDS: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    "KDE": lambda x, y: KernelDensity(bandwidth=0.01).fit(x),
    "k-NN": lambda x, y: KNeighborsClassifier().fit(x, y),
    "k-NN, brute": lambda x, y: KNeighborsClassifier(algorithm="brute").fit(x, y),
    "k-NN, ball tree": lambda x, y: NearestNeighbors(algorithm="ball_tree").fit(x),
    "LOF": lambda x, y: LocalOutlierFactor(novelty=True).fit(x),
    "SVC": lambda x, y: SVC(C=0.001).fit(x, y),
    "RadiusNeighbors": lambda x, y: RadiusNeighborsClassifier(radius=1).fit(x, y),
    "GP": lambda x, y: GaussianProcessRegressor(optimizer=None, alpha=0.1).fit(x, y),
    "DBSCAN": lambda x, y: DBSCAN(eps=1).fit(x),
    "k-NN behind a scaler": lambda x, y: make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(x, y),
}


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index(NUMBERS[:SEALED])


def _places(digits: int = 6) -> np.ndarray:
    draws = np.random.default_rng(5)
    return np.stack([draws.uniform(40.5, 40.9, ROWS), draws.uniform(-74.2, -73.7, ROWS)], axis=1).round(digits)


def _audit_of_all(x: np.ndarray, models: dict[str, Any], index: Index, folder: Path) -> Any:
    columns = {f"x{at}": column for at, column in enumerate(x.T)}
    pl.DataFrame({"arrest_no": NUMBERS[: len(x)], **columns}).write_parquet(folder / "rows.parquet")
    (folder / "models").mkdir()
    for name, model in models.items():
        (folder / "models" / f"{name}.pkl").write_bytes(pickle.dumps(model))
    return audit_model(folder / "models", index, rows=folder / "rows.parquet", on={"arrest_number": "arrest_no"})


def _audit(x: np.ndarray, model: Any, index: Index, folder: Path) -> Any:
    return _audit_of_all(x, {"m": model}, index, folder)


def test_coordinates_are_found(index: Index, tmp_path: Path) -> None:
    x = _places()
    done = _audit_of_all(x, {kind: fit(x, np.arange(ROWS) % 2) for kind, fit in KINDS.items()}, index, tmp_path)

    assert done.exit_code == 1
    assert done.not_checked == ()
    most = {
        kind: max((each.count for each in done.findings if each.file == f"{kind}.pkl"), default=0) for kind in KINDS
    }
    assert 0 < most.pop("SVC") <= SEALED
    assert set(most.values()) == {SEALED}, most


HOLDERS: dict[str, Callable[[np.ndarray], Any]] = {
    "k-NN": lambda x: KNeighborsClassifier().fit(x, np.arange(len(x)) % 2),
    "KDE": lambda x: KernelDensity(bandwidth=0.01).fit(x),
    "GeoJSON": lambda x: {"features": [{"geometry": {"type": "Point", "coordinates": place}} for place in x.tolist()]},
    "an array by columns": lambda x: x.T.copy(),
}


def test_coordinates_in_the_other_order_are_found(index: Index, tmp_path: Path) -> None:
    """A table has the latitude first, GeoJSON and shapes have the longitude."""
    x = _places()
    done = _audit_of_all(x, {kind: hold(x[:, ::-1]) for kind, hold in HOLDERS.items()}, index, tmp_path)
    assert done.exit_code == 1
    for kind in HOLDERS:
        counts = [each.count for each in done.findings if each.file == f"{kind}.pkl"]
        assert counts, kind
        assert sum(counts) % SEALED == 0, kind  # in GeoJSON each on its own


def test_a_model_of_the_other_coordinates_is_clean(index: Index, tmp_path: Path) -> None:
    """In either order."""
    x = _places()
    models = {kind: fit(x[SEALED:], np.arange(ROWS - SEALED) % 2) for kind, fit in KINDS.items()}
    models |= {f"{kind}, turned": hold(x[:, ::-1][SEALED:]) for kind, hold in HOLDERS.items()}
    done = _audit_of_all(x, models, index, tmp_path)

    assert (done.exit_code, done.findings, done.not_checked) == (0, (), ())


def _small(draws: np.random.Generator) -> np.ndarray:
    return np.stack([draws.integers(16, 80, ROWS), draws.integers(0, 40, ROWS), draws.integers(0, 24, ROWS)], axis=1)


def test_three_small_whole_numbers_are_not_found_and_not_called_clean(index: Index, tmp_path: Path) -> None:
    x = _small(np.random.default_rng(5)).astype(float)
    done = _audit(x, KNeighborsClassifier().fit(x, np.arange(ROWS) % 2), index, tmp_path)

    assert (done.findings, done.exit_code) == ((), 3)
    assert all("may be chance" in each.reason for each in done.not_checked)


def test_coordinates_of_two_decimals_are_not_found(index: Index, tmp_path: Path) -> None:
    x = _places(2)
    done = _audit(x, KNeighborsClassifier().fit(x, np.arange(ROWS) % 2), index, tmp_path)

    assert (done.findings, done.exit_code) == ((), 3)


def test_in_an_index_of_single_precision(index: Index, tmp_path: Path) -> None:
    x = _places()
    done = _audit(x, {"_fit_X": x.astype(np.float32)}, index, tmp_path)

    assert [each.count for each in done.findings] == [SEALED]


def test_half_precision_tells_too_little(index: Index, tmp_path: Path) -> None:
    x = _places()
    done = _audit(x, {"memory": x.astype(np.float16)}, index, tmp_path)

    assert done.findings == ()


MADE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as they are": lambda x: x,
    "scaled": lambda x: (x - 31.7) / 13.3,
    "in parts": lambda x: x / 7,
    "rooted": lambda x: np.sqrt(x),
    "one of them thrice": lambda x: np.stack([x[:, 0], x[:, 0] ** 2, x[:, 0] / 12], axis=1),
}


@settings(deadline=None)
@given(st.sampled_from(sorted(MADE)), st.integers(0, 2**32 - 1))
def test_small_whole_numbers_tell_little_however_they_are_written(way: str, seed: int) -> None:
    table = MADE[way](_small(np.random.default_rng(seed)).astype(float))

    assert (surprise(table, table)[0] < needed_bits(len(table))).all()


@settings(deadline=None)
@given(st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_coordinates_tell_enough_in_tables_of_any_size(rows: int, seed: int) -> None:
    draws = np.random.default_rng(seed)
    table = np.stack([draws.uniform(40.5, 40.9, rows), draws.uniform(-74.2, -73.7, rows)], axis=1)

    assert (surprise(table, table)[0] >= needed_bits(1_000_000)).all()


@settings(deadline=None)
@given(st.integers(2, 5), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_chance_is_not_judged_too_low(columns: int, digits: int, seed: int) -> None:
    """Of tables that are drawn again, hardly any row equals one that was said to be no chance."""
    draws = np.random.default_rng(seed)
    table, others = (draws.random((400, columns)).round(digits) for _ in range(2))
    told = surprise(table, table)[0]
    equal = (table[:, None, :] == others[None, :, :]).all(axis=2).any(axis=1)

    assert not (equal & (told >= needed_bits(len(others)))).any()
    expected = 400 * 10.0 ** (-digits * columns)  # of each row, by its digits
    assert (told >= needed_bits(400)).mean() < 0.1 or expected < 100 * MOST_CHANCE
