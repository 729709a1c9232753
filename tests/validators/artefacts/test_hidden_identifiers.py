"""Identifiers in clever places of a file are found, or the place is not checked: never exit 0."""

from __future__ import annotations

import base64
import gzip
import io
import pickle
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pyarrow as pa
import pytest
from sklearn.cluster import DBSCAN
from sklearn.semi_supervised import LabelPropagation

from sealscrub.index import Index
from sealscrub.validators.artefacts import audit_model

from .models import SEALED

ONE = SEALED[0]


def _program(*instructions: bytes) -> bytes:
    return b"\x80\x04" + b"".join(instructions) + b"."


def _text(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


def _set(text: str) -> bytes:
    return b"}" + _text("a") + _text(text) + b"sb"


def _closure() -> bytes:
    known = {ONE}

    def knows(value: str) -> bool:
        return value in known

    knows.__module__ = "__main__"
    return cloudpickle.dumps(knows)


def _own_class() -> bytes:
    made = type("Encoder", (), {"vocabulary": {ONE: 1}, "__module__": "__main__"})
    return cloudpickle.dumps(made())


def _npz() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, x=np.array([ONE]))
    return pickle.dumps({"model": file.getvalue()})


HIDDEN: dict[str, Callable[[], bytes]] = {
    "dropped from the stack": lambda: _program(_text(ONE), b"0N"),
    "left on the stack": lambda: _program(_text(ONE), b"N"),
    "set before another state": lambda: _program(b"cfoo\nBar\n)\x81", _set(ONE), _set("x")),
    "set on a list": lambda: _program(b"]", _set(ONE)),
    "name of a class": lambda: _program(b"cfoo\n" + ONE.encode() + b"\n"),
    "argument of what is called": lambda: _program(b"cfoo\nf\n", _text(ONE), b"\x85R)R"),
    "closure": _closure,
    "letter by letter": lambda: pickle.dumps([{"a": list(ONE)}, tuple(ONE.lower())]),
    "letter by letter, with others": lambda: pickle.dumps(["no", *ONE, None]),
    "class of the file's own": _own_class,
    "npz in bytes": _npz,
    "zlib in bytes": lambda: pickle.dumps([zlib.compress(pickle.dumps([ONE] * 5))]),
    "gzip in bytes": lambda: pickle.dumps([gzip.compress(pickle.dumps([ONE] * 5))]),
    "base64": lambda: pickle.dumps({"model": base64.b64encode(f"{ONE} x".encode()).decode()}),
    "pickle in base64": lambda: pickle.dumps({"model": base64.b64encode(pickle.dumps([ONE])).decode()}),
    "pickle in hexadecimal": lambda: pickle.dumps({"model": pickle.dumps([ONE]).hex()}),
    "wide letters": lambda: pickle.dumps([ONE.encode("utf-16-le")]),
    "letters as numbers": lambda: pickle.dumps(np.frombuffer(ONE.encode(), np.uint8)),
    "letters in a list": lambda: pickle.dumps(list(ONE.encode())),
    "letters one by one": lambda: pickle.dumps(np.array(list(ONE), "S1")),
    "void": lambda: pickle.dumps(np.array([ONE.encode()], f"V{len(ONE)}")),
    "name of a field": lambda: pickle.dumps(np.zeros(1, [(ONE, "f8")])),
    "Arrow's dictionary": lambda: pickle.dumps(pa.array([ONE, "M14000016"]).dictionary_encode()),
    "Arrow's list": lambda: pickle.dumps(pa.array([[ONE, "M14000016"]])),
}


@pytest.fixture(scope="module")
def audited(index: Index, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Places of which an audit of them all says that an identifier is there, or that it did not look."""
    root = tmp_path_factory.mktemp("hidden")
    for at, make in enumerate(HIDDEN.values()):
        (root / f"{at}.pkl").write_bytes(make())
    (root / "clean.pkl").write_bytes(pickle.dumps(["no"]))
    done = audit_model(root, index)
    said = {Path(each.file).stem for each in (*done.findings, *done.not_checked)}
    assert done.files == len(HIDDEN) + 1
    assert "clean" not in said
    return {place for at, place in enumerate(HIDDEN) if f"{at}" in said}


@pytest.mark.parametrize("place", HIDDEN)
def test_a_hidden_identifier_is_not_called_clean(place: str, audited: set[str]) -> None:
    assert place in audited


def test_what_a_closure_holds_is_found(tmp_path: Path, index: Index) -> None:
    file = tmp_path / "model.pkl"
    for made in (_closure(), _own_class(), _npz()):
        file.write_bytes(made)
        assert audit_model(file, index).exit_code == 1


@pytest.mark.parametrize("kind", [DBSCAN(eps=100), LabelPropagation()])
def test_estimators_that_keep_their_rows_are_not_checked_without_rows(kind: Any, tmp_path: Path, index: Index) -> None:
    rows = np.random.default_rng(0).random((30, 3))
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps(kind.fit(rows, np.arange(30) % 2)))
    assert audit_model(file, index).exit_code == 3


def test_a_linked_folder_is_not_passed_over(tmp_path: Path, index: Index) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "model"
    outside.mkdir()
    folder.mkdir()
    (outside / "names.txt").write_text(ONE)
    (folder / "readme.txt").write_text("nothing")
    assert audit_model(folder, index).exit_code == 0
    (folder / "linked").symlink_to(outside)
    assert audit_model(folder, index).exit_code == 3


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_not_called_clean(tmp_path: Path, index: Index) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", ONE)
        archive.writestr("a.txt", "nothing")
    done = audit_model(tmp_path / "a.zip", index)
    assert done.exit_code == 1  # it is plain text in the archive's bytes
    assert done.not_checked
