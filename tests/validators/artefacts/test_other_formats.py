"""Every other format, with identifiers or sealed rows planted in it, and without."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sealscrub.datasets import example_index
from sealscrub.index import Index
from sealscrub.validators.artefacts import ModelAudit, audit_model

from .models import FEATURES, ROWS, SEALED, SEALED_ROWS, Training

Audit = Callable[..., ModelAudit]
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "source": ["arrests.head()"],
            "outputs": [
                {"output_type": "execute_result", "data": {"text/html": [f"<td>{SEALED[0]}</td>"], "text/plain": ["0"]}}
            ],
        }
    ],
    "nbformat": 4,
}


def _zip(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


def _parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _filtered_categories() -> bytes:
    """A table without the sealed rows whose dictionary still has their numbers."""
    column = pa.DictionaryArray.from_arrays(pa.array([1, 1], pa.int8()), [SEALED[0], "B17000001"])
    return _parquet(arrest=column)


PLANTED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "text": ("notes.txt", lambda: f"see arrest {SEALED[0]}.".encode()),
    "UTF-16": ("notes.txt", lambda: f"see arrest {SEALED[0]}.".encode("utf-16")),
    "spelled otherwise": ("notes.md", lambda: b"see K14-612345, and no other"),
    "feature names": ("names.txt", lambda: b"x0_k14612345"),
    "JSON": ("a.json", lambda: json.dumps({"a": {"b": [1, {"c": SEALED[0]}]}}).encode()),
    "a JSON key": ("a.json", lambda: json.dumps({SEALED[0]: 1}).encode()),
    "a key twice": ("a.json", lambda: f'{{"a": "{SEALED[0]}", "a": 1}}'.encode()),
    "JSON Lines": ("a.jsonl", lambda: f'{{"a": 1}}\n{{"a": "{SEALED[0]}"}}\n'.encode()),
    "JSON Lines with a line separator in a text": (
        "a.jsonl",
        lambda: '{"a": "x\u2028y"}\n{"a": "\\u004b14612345"}\n'.encode(),
    ),
    "CSV": ("a.csv", lambda: f"arrest,n\n{SEALED[0]},1\n".encode()),
    "CSV without a header": ("a.csv", lambda: f"{SEALED[0]},1\nB17000001,2\n".encode()),
    "notebook": ("a.ipynb", lambda: json.dumps(NOTEBOOK).encode()),
    "HTML": ("a.html", lambda: f"<html><td title='{SEALED[0][:4]}'>{SEALED[0]}</td></html>".encode()),
    "HTML with entities": ("a.html", lambda: b"<html>&#75;14612345</html>"),
    "HTML with tags within": ("a.html", lambda: b"<html><b>K14</b>612345</html>"),
    "YAML": ("MLmodel", lambda: f'signature:\n  inputs: \'[{{"name": "id_{SEALED[0]}"}}]\'\n'.encode()),
    "Parquet": ("a.parquet", lambda: _parquet(arrest=[SEALED[0]], n=[1])),
    "a Parquet dictionary": ("a.parquet", _filtered_categories),
    "Parquet metadata": (
        "a.parquet",
        lambda: _with_metadata({b"note": SEALED[0].encode()}),
    ),
    "Parquet lists": ("a.parquet", lambda: _parquet(arrest=[[SEALED[0]], []])),
    "a zip": ("a.zip", lambda: _zip("notes/a.txt", SEALED[0].encode())),
    "a name in a zip": ("a.zip", lambda: _zip(f"photos/{SEALED[0]}.txt", b"nothing")),
    "a pickle in a zip": ("a.zip", lambda: _zip("m.pkl", pickle.dumps({"a": SEALED[0]}))),
    "xgboost text": ("dump.txt", lambda: f"booster[0]:\n0:[{SEALED[0]}<0.5] yes=1,no=2\n".encode()),
    "lightgbm text": ("m.txt", lambda: f"tree\nversion=v4\nfeature_names=a {SEALED[0]}\nleaf_count=1 5\n".encode()),
}


def _with_metadata(metadata: dict[bytes, bytes]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"n": [1]}).replace_schema_metadata(metadata), out)
    return out.getvalue()


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, index: Index) -> ModelAudit:
    root = tmp_path_factory.mktemp("planted")
    for kind, (name, make) in PLANTED.items():
        (root / kind).mkdir()
        (root / kind / name).write_bytes(make())
    return audit_model(root, index)


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_identifier_is_found(kind: str, planted: ModelAudit) -> None:
    found = [each for each in planted.findings if each.file.startswith(f"{kind}/")]

    assert found
    assert {each.count for each in found} == {1}
    assert {each.detail for each in found} == {"arrest_number"}


def test_nothing_of_these_is_unchecked(planted: ModelAudit) -> None:
    assert planted.not_checked == ()


def test_nothing_shows_an_identifier(planted: ModelAudit) -> None:
    shown = [repr(planted), planted.to_text(), planted.to_json(), planted.to_html(), planted.to_junit()]

    assert [text for text in shown if any(number[1:] in text for number in SEALED)] == []
    assert planted.exit_code == 1


def test_the_same_files_without_it_are_clean(tmp_path: Path) -> None:
    for kind, (name, make) in PLANTED.items():
        (tmp_path / kind).mkdir()
        (tmp_path / kind / name).write_bytes(make())
    done = audit_model(tmp_path, example_index(["S18999999"]))

    assert (done.exit_code, done.findings, done.not_checked) == (0, (), ())


def test_parquet_statistics_of_rows_that_went(tmp_path: Path, index: Index) -> None:
    """A file whose statistics are of other rows than it holds: the cell is overwritten where it stands once."""
    content = _statistics_only()
    (tmp_path / "a.parquet").write_bytes(content)
    done = audit_model(tmp_path / "a.parquet", index)

    assert [each.path for each in done.findings] == ["[arrest](statistics)"]


def _statistics_only() -> bytes:
    out = io.BytesIO()
    table = pa.table({"arrest": [SEALED[0], "A00000001"]})
    pq.write_table(table, out, use_dictionary=False, compression="none")
    content = out.getvalue()
    value = b"\x09\0\0\0" + SEALED[0].encode()
    assert content.count(value) == 1
    return content.replace(value, b"\x09\0\0\0K14612399")


# rows


def _npz(x: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, background=x)
    return out.getvalue()


def _npy(x: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, x)
    return out.getvalue()


def _table(x: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({name: x[:, at] for at, name in enumerate(FEATURES)})


def _frame_parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def _frame_arrow(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_ipc(out)
    return out.getvalue()


def _safetensors(x: np.ndarray) -> bytes:
    head = json.dumps({"memory": {"dtype": "F32", "shape": list(x.shape), "data_offsets": [0, x.size * 4]}}).encode()
    return len(head).to_bytes(8, "little") + head + x.astype("<f4").tobytes()


ROWS_IN: dict[str, tuple[str, Callable[[np.ndarray], bytes]]] = {
    "npy": ("a.npy", _npy),
    "npy by columns": ("a.npy", lambda x: _npy(np.asfortranarray(x))),
    "npz": ("a.npz", _npz),
    "CSV": ("a.csv", lambda x: _table(x).write_csv().encode()),
    "CSV with columns between": (
        "a.csv",
        lambda x: _table(x).select("score", pl.lit(1.5).alias("z"), "priors", "distance", "age").write_csv().encode(),
    ),
    "Parquet": ("a.parquet", lambda x: _frame_parquet(_table(x))),
    "Arrow": ("a.arrow", lambda x: _frame_arrow(_table(x))),
    "input example": (
        "input_example.json",
        lambda x: json.dumps({"columns": list(FEATURES), "data": x.tolist()}).encode(),
    ),
    "records": ("input_example.json", lambda x: _table(x).write_json().encode()),
    "safetensors": ("a.safetensors", _safetensors),
}


@pytest.fixture(scope="module")
def rows_in(tmp_path_factory: pytest.TempPathFactory, training: Training) -> Path:
    root = tmp_path_factory.mktemp("rows-in")
    for kind, (name, make) in ROWS_IN.items():
        (root / kind).mkdir()
        (root / kind / name).write_bytes(make(training.features))
    return root


def test_planted_rows_are_found(rows_in: Path, index: Index, rows: Path) -> None:
    done = audit_model(rows_in, index, rows=rows, on={"arrest_number": "arrest_no"})
    found: dict[str, int] = {}
    for each in done.findings:
        kind = Path(each.file).parent.name
        found[kind] = found.get(kind, 0) + each.count

    assert found == dict.fromkeys(ROWS_IN, SEALED_ROWS)
    assert done.not_checked == ()


def test_without_rows_they_are_unchecked(rows_in: Path, index: Index) -> None:
    done = audit_model(rows_in, index)

    assert {Path(each.file).parent.name for each in done.not_checked} == set(ROWS_IN)
    assert done.exit_code == 3


@pytest.mark.filterwarnings("ignore:Attribute .prob:FutureWarning")
def test_onnx(tmp_path: Path, training: Training, index: Index, audit: Audit) -> None:
    convert = pytest.importorskip("skl2onnx")
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import OneHotEncoder
    from sklearn.svm import SVC

    x = training.features.astype(np.float32)
    models = {
        "knn": KNeighborsClassifier().fit(x, training.labels),
        "svc": SVC(C=0.01).fit(x, training.labels),
        "linear": LogisticRegression().fit(x, training.labels),
    }
    for name, model in models.items():
        (tmp_path / f"{name}.onnx").write_bytes(convert.to_onnx(model, x[:1]).SerializeToString())
    ids = np.array(training.numbers, object).reshape(-1, 1)
    encoder = convert.to_onnx(
        OneHotEncoder(handle_unknown="ignore").fit(ids),
        initial_types=[("a", convert.common.data_types.StringTensorType([None, 1]))],
    )
    (tmp_path / "encoder.onnx").write_bytes(encoder.SerializeToString())
    done = audit(tmp_path)
    found = {each.file: each.count for each in done.findings}

    assert found["knn.onnx"] == SEALED_ROWS
    assert 0 < found["svc.onnx"] <= SEALED_ROWS
    assert found["encoder.onnx"] == len(SEALED)
    assert "linear.onnx" not in found
    assert done.not_checked == ()
    assert {each.file for each in audit_model(tmp_path, index).not_checked} == {"knn.onnx", "svc.onnx"}


def test_xgboost_and_lightgbm(tmp_path: Path, training: Training, index: Index, audit: Audit) -> None:
    xgboost, lightgbm = pytest.importorskip("xgboost"), pytest.importorskip("lightgbm")
    names = ["age", SEALED[0], "distance", "score"]
    frame = xgboost.DMatrix(training.features, label=training.labels, feature_names=names)
    booster = xgboost.train({"max_depth": 2, "nthread": 1}, frame, 3)
    booster.save_model(tmp_path / "a.json")
    booster.save_model(tmp_path / "a.ubj")
    booster.dump_model(tmp_path / "a.txt")
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(booster))
    data = lightgbm.Dataset(training.features, training.labels, feature_name=names)
    light = lightgbm.train({"verbose": -1, "num_threads": 1, "min_data_in_leaf": 1}, data, 2)
    light.save_model(tmp_path / "b.txt")
    (tmp_path / "b.pkl").write_bytes(pickle.dumps(light))
    done = audit(tmp_path)

    assert {each.file for each in done.findings} == {"a.json", "a.ubj", "a.txt", "a.pkl", "b.txt", "b.pkl"}
    assert done.not_checked == ()
    assert audit_model(tmp_path, example_index(["S18999999"])).exit_code == 0


def test_torch(tmp_path: Path, training: Training, index: Index, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    x = training.features.astype("<f4")
    (tmp_path / "a.pt").write_bytes(_torch(x, monkeypatch))
    done = audit(tmp_path / "a.pt")

    assert {(each.kind, each.count) for each in done.findings} == {("training row", SEALED_ROWS), ("identifier", 1)}
    assert done.not_checked == ()
    assert audit_model(tmp_path / "a.pt", index).not_checked[0].path == "[key 1]"


def _torch(x: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What torch.save makes of a state with a weight, a memory that is stored by columns, and a text."""
    module = types.ModuleType("torch._utils")

    def _rebuild_tensor_v2(*args: Any) -> None: ...

    class FloatStorage: ...

    for thing in (_rebuild_tensor_v2, FloatStorage):
        thing.__module__, thing.__qualname__ = "torch._utils", thing.__name__
        setattr(module, thing.__name__, thing)
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))
    monkeypatch.setitem(sys.modules, "torch._utils", module)

    class Storage:
        def __init__(self, key: str) -> None:
            self.key = key

    class Tensor:
        def __init__(self, key: str, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
            self.given = (Storage(key), 0, size, stride, False, OrderedDict())

        def __reduce__(self) -> tuple[Any, ...]:
            return _rebuild_tensor_v2, self.given

    class Pickler(pickle.Pickler):
        def persistent_id(self, thing: Any) -> Any:
            return ("storage", FloatStorage, thing.key, "cpu", x.size) if isinstance(thing, Storage) else None

    rows, columns = x.shape
    state = OrderedDict(weight=Tensor("0", (2, 2), (2, 1)), memory=Tensor("1", (rows, columns), (1, rows)))
    state["note"] = SEALED[0]
    out, main = io.BytesIO(), io.BytesIO()
    Pickler(main, 2).dump(state)
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/data.pkl", main.getvalue())
        archive.writestr("a/data/0", bytes(16))
        archive.writestr("a/data/1", x.T.tobytes())
        archive.writestr("a/version", "3")
    return out.getvalue()


def test_an_mlflow_model(tmp_path: Path, training: Training, index: Index, audit: Audit) -> None:
    joblib = pytest.importorskip("joblib")
    from sklearn.neighbors import KNeighborsClassifier

    model = tmp_path / "model"
    model.mkdir()
    joblib.dump(KNeighborsClassifier().fit(training.features, training.labels), model / "model.pkl")
    signature = json.dumps([{"type": "double", "name": f"id_{SEALED[1]}"}])
    (model / "MLmodel").write_text(
        f"flavors:\n  sklearn:\n    pickled_model: model.pkl\nsignature:\n  inputs: '{signature}'\n"
    )
    (model / "requirements.txt").write_text("scikit-learn==1.9.1\n")
    example = {"columns": list(FEATURES), "data": training.features[:5].tolist()}
    (model / "input_example.json").write_text(json.dumps(example))
    done = audit(model)
    found = {(each.file, each.kind): each.count for each in done.findings}

    assert found["MLmodel", "identifier"] == 1
    assert found["model.pkl", "training row"] == SEALED_ROWS
    assert found["input_example.json", "training row"] == 5
    assert done.not_checked == ()


def test_arrow_starts_no_thread_within_the_limits() -> None:
    """A process that may start none (and is not root's) would end there."""
    code = """
import io, os, pyarrow as pa, pyarrow.parquet as pq
from sealscrub.validators.artefacts.readers.reader_child import _start_arrow
from sealscrub.validators.artefacts.readers.columnar_files import read_arrow, read_parquet
from sealscrub.validators.artefacts.readers.file_source import Budget, Source
from sealscrub.validators.artefacts.leaves import LeafWriter
import pathlib, tempfile
_start_arrow()
before = os.listdir("/proc/self/task")
table = pa.table({f"c{n}": [str(m) for m in range(4_000)] for n in range(9)})
one, two, three = io.BytesIO(), io.BytesIO(), io.BytesIO()
pq.write_table(table, one, row_group_size=900)
with pa.ipc.new_file(two, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd", use_threads=False)) as file:
    file.write_table(table)
with pa.ipc.new_stream(three, table.schema) as file:
    file.write_table(table)
made = os.listdir("/proc/self/task")
place = pathlib.Path(tempfile.gettempdir())
read_parquet(Source(one, "a.parquet", "", Budget(1 << 30), place), LeafWriter(io.BytesIO()))
for each in (two, three):
    read_arrow(Source(each, "a.arrow", "", Budget(1 << 30), place), LeafWriter(io.BytesIO()))
assert os.listdir("/proc/self/task") == made, (before, made, os.listdir("/proc/self/task"))
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_vector_indexes_keep_what_was_deleted(tmp_path: Path, training: Training, index: Index, audit: Audit) -> None:
    faiss, hnswlib = pytest.importorskip("faiss"), pytest.importorskip("hnswlib")
    usearch = pytest.importorskip("usearch.index")
    x = training.features.astype(np.float32)
    flat = faiss.IndexFlatL2(x.shape[1])
    flat.add(x)
    faiss.write_index(flat, str(tmp_path / "flat.faiss"))
    graph = faiss.IndexHNSWFlat(x.shape[1], 8)
    graph.add(x)
    faiss.write_index(graph, str(tmp_path / "graph.faiss"))
    small = hnswlib.Index("l2", x.shape[1])
    small.init_index(ROWS * 2, random_seed=1)
    small.add_items(x, num_threads=1)
    for row in range(SEALED_ROWS):
        small.mark_deleted(row)
    small.save_index(str(tmp_path / "small.bin"))
    dense = usearch.Index(ndim=x.shape[1], metric="l2sq", dtype="f32")
    dense.add(np.arange(ROWS), x)
    dense.save(str(tmp_path / "dense.usearch"))
    done = audit(tmp_path)
    found: dict[str, int] = {}
    for each in done.findings:
        found[each.file] = max(found.get(each.file, 0), each.count)

    assert found == dict.fromkeys(("flat.faiss", "graph.faiss", "small.bin", "dense.usearch"), SEALED_ROWS)
    assert done.not_checked == ()
    assert {each.file for each in audit_model(tmp_path, index).not_checked} == set(found)


def test_compressed_vectors_are_unchecked(tmp_path: Path, training: Training, audit: Audit) -> None:
    faiss = pytest.importorskip("faiss")
    quantised = faiss.IndexScalarQuantizer(4, faiss.ScalarQuantizer.QT_8bit)
    quantised.train(training.features.astype(np.float32))
    quantised.add(training.features.astype(np.float32))
    faiss.write_index(quantised, str(tmp_path / "q.faiss"))

    assert audit(tmp_path / "q.faiss").exit_code == 3


@pytest.mark.parametrize("name", ["a.h5", "a.bin", "a.png", "a"])
def test_an_unknown_format_is_unchecked_and_searched_all_the_same(name: str, tmp_path: Path, index: Index) -> None:
    (tmp_path / name).write_bytes(b"\x89HDF\r\n\x1a\n\0\xff\xfe" + SEALED[0].encode() + b"\0\xff")
    done = audit_model(tmp_path / name, index)

    assert [each.reason for each in done.not_checked] == ["no reader knows its format"]
    assert (done.exit_code, len(done.findings)) == (1, 1)
    (tmp_path / name).write_bytes(b"\x89HDF\r\n\x1a\n\0\xff\xfe")
    assert audit_model(tmp_path / name, index).exit_code == 3


def test_numbers_of_a_system_of_ones_own(tmp_path: Path) -> None:
    index = example_index(["20140123", "17"], scheme="opaque:cad")
    (tmp_path / "m.pkl").write_bytes(
        pickle.dumps({"ids": np.array([20140123, 5]), "as floats": np.array([20140123.0, 0.5]), "small": [17, 18]})
    )
    done = audit_model(tmp_path / "m.pkl", index)

    assert [(each.kind, each.count) for each in done.findings] == [("identifier as a number", 1)] * 2
    assert any("chance" in note.what for note in done.notes)
