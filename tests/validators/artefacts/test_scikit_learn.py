"""16 kinds of models that keep rows or identifiers are found, and eight that keep neither are not."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from sealscrub.index import Index
from sealscrub.validators.artefacts import ModelAudit, audit_model

from .models import FORGETTERS, KEEPERS, ROWS, SEALED, SEALED_ROWS, Training, forgetters, keepers

pytest.importorskip("skops")


def _skops(value: object, path: Path) -> None:
    from skops.io import dump  # takes seconds to import, which a worker that only collects this file can do without

    dump(value, path)


def _pickle(protocol: int) -> Callable[[Any, Path], None]:
    return lambda model, path: path.write_bytes(pickle.dumps(model, protocol)) and None


def _joblib(compress: Any) -> Callable[[Any, Path], None]:
    return lambda model, path: joblib.dump(model, path, compress=compress) and None


WRITERS: dict[str, tuple[str, Callable[[Any, Path], None]]] = {
    **{f"pickle {protocol}": ("m.pkl", _pickle(protocol)) for protocol in (2, 4, 5)},
    "joblib": ("m.joblib", _joblib(0)),
    **{f"joblib {method}": ("m.joblib", _joblib((method, 3))) for method in ("zlib", "gzip", "bz2", "lzma", "xz")},
    "skops": ("m.skops", _skops),
}

IN_GATE = {"pickle 5", "joblib", "joblib lzma", "skops"}
"""Formats that the gate writes all models in; in test_calls it reads each compression."""
FORMATS = [pytest.param(name, marks=[] if name in IN_GATE else pytest.mark.long) for name in WRITERS]


@pytest.fixture(scope="module")
def models(training: Training) -> dict[str, Any]:
    return keepers(training) | forgetters(training)


@pytest.fixture(scope="module", params=FORMATS)
def folder(request: pytest.FixtureRequest, models: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All models in one format, each in a folder of its kind."""
    name, write = WRITERS[request.param]
    root = tmp_path_factory.mktemp("models")
    for kind, model in models.items():
        (root / kind).mkdir()
        write(model, root / kind / name)
    return root


@pytest.fixture(scope="module")
def whole(folder: Path, index: Index, rows: Path) -> ModelAudit:
    return audit_model(folder, index, rows=rows, on={"arrest_number": "arrest_no"})


def test_the_16_kinds_are_found_and_the_eight_are_not(whole: ModelAudit) -> None:
    found = {Path(finding.file).parent.name for finding in whole.findings}

    assert found == set(KEEPERS)
    assert len(KEEPERS) == 16
    assert len(FORGETTERS) == 8
    assert whole.not_checked == ()
    assert whole.files == 24


def test_every_sealed_row_and_identifier_is_counted(whole: ModelAudit) -> None:
    most: dict[str, int] = {}
    for finding in whole.findings:
        kind = Path(finding.file).parent.name
        most[kind] = max(most.get(kind, 0), finding.count)

    for kind in ("KNN kd_tree", "KNN brute", "RadiusNN", "GaussianProcess", "KernelDensity", "LOF", "Nystroem"):
        assert most[kind] == SEALED_ROWS
    for kind in KEEPERS[10:]:
        assert most[kind] == len(SEALED)
    assert 0 < most["SVC"] <= SEALED_ROWS


@pytest.mark.parametrize("folder", ["joblib"], indirect=True)
def test_single_row_leaves_are_notes(whole: ModelAudit) -> None:
    assert any("single training row" in note.what for note in whole.notes if "DecisionTree" in note.file)


@pytest.mark.parametrize("folder", ["joblib"], indirect=True)
def test_without_rows_only_what_stores_rows_is_unchecked(folder: Path, index: Index) -> None:
    done = audit_model(folder, index)
    unchecked = {Path(each.file).parent.name for each in done.not_checked}

    assert unchecked == set(KEEPERS[:10])
    assert {Path(each.file).parent.name for each in done.findings} == set(KEEPERS[10:])


def test_a_place_is_said_as_one_would_write_it(tmp_path: Path, training: Training, index: Index) -> None:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    joblib.dump(make_pipeline(CountVectorizer(), Normalizer()).fit(training.texts), tmp_path / "m.joblib")

    assert [each.path for each in audit_model(tmp_path / "m.joblib", index).findings] == ["steps[0].vocabulary_[keys]"]


@pytest.mark.parametrize("scaler", ["StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler"])
def test_rows_are_found_as_the_models_own_scaler_makes_them(
    scaler: str, tmp_path: Path, training: Training, audit: Callable[..., ModelAudit]
) -> None:
    from sklearn import preprocessing
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(getattr(preprocessing, scaler)(), KNeighborsClassifier())
    joblib.dump(model.fit(training.features, training.labels), tmp_path / "m.joblib")
    done = audit(tmp_path / "m.joblib")

    assert {(each.path, each.detail, each.count) for each in done.findings} == {
        ("steps[1]._fit_X", scaler, SEALED_ROWS),
        ("steps[1]._tree[0]", scaler, SEALED_ROWS),
    }


HELD: list[Callable[[np.ndarray], Any]] = [
    lambda x: x,
    lambda x: np.asfortranarray(x),
    lambda x: x.T,
    lambda x: x.astype(np.float32),
    lambda x: x.astype(np.float32).T,
    lambda x: x.astype(np.float16),
    lambda x: x.astype(np.float32).astype(np.float64),
    lambda x: np.column_stack([np.ones(len(x)), x, np.arange(len(x))]),
    lambda x: x.tolist(),
    lambda x: [tuple(row) for row in x.tolist()],
    lambda x: list(x),
    lambda x: x.ravel(),
    lambda x: x.reshape(2, -1, x.shape[1]),
    lambda x: {"a": [{"deep": (x,)}]},
    lambda x: x.astype(">f8"),
]


def test_rows_are_found_in_every_orientation_and_precision(
    tmp_path: Path, training: Training, audit: Callable[..., ModelAudit]
) -> None:
    for at, held in enumerate(HELD):
        (tmp_path / f"{at}.pkl").write_bytes(pickle.dumps(held(training.features)))
    done = audit(tmp_path)

    rows = [each for each in done.findings if each.kind == "training row"]
    counts = {at: sum(each.count for each in rows if each.file == f"{at}.pkl") for at in range(len(HELD))}
    assert counts == dict.fromkeys(range(len(HELD)), SEALED_ROWS)


def test_a_row_that_a_retained_one_equals_is_no_finding(tmp_path: Path, training: Training, index: Index) -> None:
    twice = Training(
        np.vstack([training.features, training.features[:SEALED_ROWS]]),
        training.labels,
        training.texts,
        [*training.numbers, *(f"B18{n:06d}" for n in range(1, SEALED_ROWS + 1))],
    )
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(training.features))
    done = audit_model(
        tmp_path / "m.pkl", index, rows=twice.write_rows(tmp_path / "r.parquet"), on={"arrest_number": "arrest_no"}
    )

    assert done.findings == ()
    assert [(note.count, "equal a row that stays" in note.what) for note in done.notes] == [(SEALED_ROWS, True)]
    assert len(twice.features) == ROWS + SEALED_ROWS


def test_rows_of_a_stage_that_cant_be_made_are_unchecked(
    tmp_path: Path, training: Training, audit: Callable[..., ModelAudit]
) -> None:
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, QuantileTransformer

    for name, step in {"wide": PolynomialFeatures(2), "same": QuantileTransformer(n_quantiles=20)}.items():
        model = make_pipeline(step, KNeighborsClassifier()).fit(training.features, training.labels)
        joblib.dump(model, tmp_path / f"{name}.joblib")
    done = audit(tmp_path)

    assert {each.file for each in done.not_checked} == {"wide.joblib", "same.joblib"}
    assert (done.exit_code, done.findings) == (3, ())


def test_a_model_of_the_retained_rows_is_clean(
    tmp_path: Path, training: Training, audit: Callable[..., ModelAudit]
) -> None:
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), KNeighborsClassifier())
    joblib.dump(model.fit(training.features[SEALED_ROWS:], training.labels[SEALED_ROWS:]), tmp_path / "m.joblib")
    done = audit(tmp_path / "m.joblib")

    assert (done.exit_code, done.findings, done.not_checked) == (0, (), ())


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_matrix", "csr_array"])
def test_sparse_rows_are_found(kind: str, tmp_path: Path, training: Training, audit: Callable[..., ModelAudit]) -> None:
    from scipy import sparse
    from sklearn.neighbors import KNeighborsClassifier

    held = getattr(sparse, kind)(training.features)
    joblib.dump({"background": held}, tmp_path / "a.joblib")
    joblib.dump(KNeighborsClassifier().fit(sparse.csr_matrix(held), training.labels), tmp_path / "b.joblib")
    _skops({"background": held}, tmp_path / "c.skops")
    done = audit(tmp_path)

    assert {(each.file, each.count) for each in done.findings} == {
        ("a.joblib", SEALED_ROWS),
        ("b.joblib", SEALED_ROWS),
        ("c.skops", SEALED_ROWS),
    }


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("writer", ["pickle 2", "pickle 5", "joblib", "joblib zlib"])
@pytest.mark.parametrize(
    ("make", "place"),
    [
        (lambda ids: np.array(ids, dtype=object), "an object"),
        (lambda ids: [np.array(ids)], "[0]"),
        (lambda ids: [np.array(ids, dtype=object)], "[0]"),
        (lambda ids: [0.5, np.array([[each, each] for each in ids], dtype=object)], "[1]"),
        (lambda ids: np.array([{"n": 1}, ids], dtype=object), "[1]"),
        (lambda ids: np.array([[*ids], None], dtype=object)[:1], "[0]"),
    ],
)
def test_an_array_is_named_by_its_own_place(
    tmp_path: Path, index: Index, writer: str, make: Callable[[list[str]], Any], place: str
) -> None:
    name, write = WRITERS[writer]
    write(make(SEALED[:50]), tmp_path / name)
    found = audit_model(tmp_path / name, index).findings

    assert {each.path or "an object" for each in found} == {place}
