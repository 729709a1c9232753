"""Rows that were scaled to length one, by each library in its own last bits, are found in what keeps them."""

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

from sealscrub.datasets import example_index
from sealscrub.validators.artefacts import ModelAudit, audit_model

from .models import FEATURES, SEALED, SEALED_ROWS, Training

Audit = Callable[..., ModelAudit]


def _divided(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _one_after_another(rows: np.ndarray) -> np.ndarray:
    """As C does in single precision, with the inverse of the length."""
    made = np.empty(rows.shape, np.float32)
    for at, row in enumerate(rows.astype(np.float32)):
        length = np.float32(0)
        for value in row:
            length = np.float32(length + value * value)
        made[at] = row * np.float32(np.float32(1) / (np.sqrt(length) + np.float32(1e-30)))
    return made


WAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "numpy": _divided,
    "numpy in single precision": lambda rows: _divided(rows.astype(np.float32)),
    "rounded afterwards": lambda rows: _divided(rows).astype(np.float32),
    "C": _one_after_another,
    "einsum": lambda rows: rows / np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None],
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_scaled_rows_are_found(way: Callable[[np.ndarray], np.ndarray], training: Training, audit: Audit,
                               tmp_path: Path) -> None:  # fmt: skip
    np.save(tmp_path / "a.npy", way(training.features))
    done = audit(tmp_path / "a.npy")

    assert [(each.kind, each.count, each.detail) for each in done.findings] == [
        ("training row", SEALED_ROWS, "scaled to length one")
    ]
    assert done.not_checked == ()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_scaled_rows_of_clean_data_are_checked_and_clean(
    way: Callable[[np.ndarray], np.ndarray], training: Training, audit: Audit, tmp_path: Path
) -> None:
    np.save(tmp_path / "a.npy", way(training.features)[SEALED_ROWS:])
    done = audit(tmp_path / "a.npy")

    assert (done.exit_code, done.findings, done.not_checked) == (0, (), ())


@given(width=st.integers(3, 200), seed=st.integers(0, 1000), way=st.sampled_from(list(WAYS.values())))
@settings(max_examples=25, deadline=None)
def test_at_any_width(width: int, seed: int, way: Callable[[np.ndarray], np.ndarray]) -> None:
    from sealscrub.validators.artefacts.normalised_rows import normalised
    from sealscrub.validators.artefacts.row_search import RowSearch, Stage

    rows = np.random.default_rng(seed).normal(size=(7, width)) * 10.0 ** (seed % 5 - 2)
    made = normalised(Stage("raw", rows))
    assert made is not None
    search = RowSearch([made])

    assert search.in_numbers(way(rows)).telling == {"scaled to length one": 7}
    assert search.in_bytes(b"head" + way(rows)[2:].tobytes()).telling == {"scaled to length one": 5}
    assert not search.in_numbers(way(rows + 0.01))


def test_in_an_index_for_cosine_similarity(training: Training, audit: Audit, tmp_path: Path) -> None:
    faiss, hnswlib = pytest.importorskip("faiss"), pytest.importorskip("hnswlib")
    x = np.ascontiguousarray(training.features, np.float32)
    graph = hnswlib.Index("cosine", x.shape[1])
    graph.init_index(len(x), random_seed=1)
    graph.add_items(x, np.arange(len(x)), num_threads=1)
    for at in range(SEALED_ROWS):
        graph.mark_deleted(at)
    graph.save_index(str(tmp_path / "graph.bin"))
    scaled = x.copy()
    faiss.normalize_L2(scaled)
    flat = faiss.IndexFlatIP(x.shape[1])
    flat.add(scaled)
    faiss.write_index(flat, str(tmp_path / "flat.faiss"))

    found = {each.file: each.count for each in audit(tmp_path).findings}

    assert found == {"graph.bin": SEALED_ROWS, "flat.faiss": SEALED_ROWS}


def test_behind_a_scaler(training: Training, audit: Audit, tmp_path: Path) -> None:
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer, StandardScaler

    model: Any = make_pipeline(StandardScaler(), Normalizer(), KNeighborsClassifier(algorithm="brute"))
    model.fit(training.features, training.labels)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(model))
    done = audit(tmp_path / "model.pkl")

    assert {(each.count, each.detail) for each in done.findings} == {
        (SEALED_ROWS, "StandardScaler → scaled to length one")
    }
    assert done.not_checked == ()


def test_a_row_that_points_where_a_retained_one_points_is_no_finding(tmp_path: Path) -> None:
    rows = np.array([[1.0, 2.0, 3.5, 4.0], [2.0, 4.0, 7.0, 8.0], [5.0, 1.0, 2.0, 9.0]])
    table = pl.DataFrame({name: rows[:, at] for at, name in enumerate(FEATURES)})
    table.insert_column(0, pl.Series("arrest_no", [SEALED[0], "B17000001", "B17000002"]))
    table.write_parquet(tmp_path / "rows.parquet")
    np.save(tmp_path / "a.npy", _divided(rows[1:]))
    done = audit_model(
        tmp_path / "a.npy",
        example_index(SEALED),
        rows=tmp_path / "rows.parquet",
        on={"arrest_number": "arrest_no"},
    )

    assert done.exit_code == 0
