"""Files made in malice do nothing, and are not called clean."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from sealscrub.index import Index
from sealscrub.validators.artefacts import Limits, audit_model

from .models import SEALED

SMALL = Limits(memory_bytes=1 << 30, cpu_seconds=20, seconds=60, most_bytes=1 << 28)


class Calls:
    """Pickles as a call of something."""

    def __init__(self, call: Any, *args: Any) -> None:
        self.call, self.args = call, args

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call, self.args


def _system(mark: Path) -> Any:
    return Calls(os.system, f"touch {mark}")


def _eval(mark: Path) -> Any:
    return Calls(eval, f"__import__('pathlib').Path({str(mark)!r}).touch()")


def _exec(mark: Path) -> Any:
    return Calls(exec, f"import pathlib; pathlib.Path({str(mark)!r}).touch()")


def _getattr(mark: Path) -> Any:
    return Calls(getattr, Calls(__import__, "os"), "system")


PAYLOADS: list[Callable[[Path], Any]] = [_system, _eval, _exec, _getattr]
WRAPS: dict[str, Callable[[Any], Any]] = {
    "bare": lambda evil: evil,
    "in a list": lambda evil: [1, [evil]],
    "as a key": lambda evil: {"a": (evil,)},
    "in an object array": lambda evil: np.array([evil, None], object),
    "in a structure": lambda evil: {"a": np.array([[evil, {"b": [evil]}]], object)},
    "in bytes": lambda evil: {"a": pickle.dumps(evil)},
}


@pytest.mark.parametrize("write", ["pickle 0", "pickle 2", "pickle 5", "joblib", "joblib zlib", "npy"])
def test_a_call_in_a_pickle_isnt_made(write: str, tmp_path: Path, index: Index) -> None:
    folder, marks = tmp_path / "models", tmp_path / "marks"
    folder.mkdir()
    marks.mkdir()
    cases = [(payload, wrap) for payload in PAYLOADS for wrap in WRAPS]
    for at, (payload, wrap) in enumerate(cases):
        _write([WRAPS[wrap](payload(marks / str(at))), SEALED[0]], folder / f"case_{at}", write)
    done = audit_model(folder, index, limits=SMALL)

    assert list(marks.iterdir()) == []
    assert {each.file for each in done.findings} == {file.name for file in folder.iterdir()}
    assert len(done.findings) == len(cases) == 24


def _write(evil: Any, file: Path, write: str) -> None:
    if write.startswith("pickle"):
        file.with_suffix(".pkl").write_bytes(pickle.dumps(evil, int(write[-1])))
    elif write == "npy":
        array = np.empty(len(evil), object)
        array[:] = evil
        np.save(file.with_suffix(".npy"), array, allow_pickle=True)
    else:
        joblib.dump(evil, file.with_suffix(".joblib"), compress=3 if write.endswith("zlib") else 0)


def test_the_payloads_would_have_left_their_mark(tmp_path: Path) -> None:
    for at, payload in enumerate(PAYLOADS[:3]):
        pickle.loads(pickle.dumps(payload(tmp_path / str(at))))

    assert len(list(tmp_path.iterdir())) == 3


def _frame(*parts: bytes) -> bytes:
    return b"\x80\x04" + b"".join(parts) + b"."


def _zip_of(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _npy_head(shape: str, descr: str = "'<f8'") -> bytes:
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head


def _nested_zip(depth: int) -> bytes:
    data = b"x"
    for _ in range(depth):
        data = _zip_of(inner=data)
    return data


def _object_arrays(depth: int) -> bytes:
    array = np.array([None], object)
    for _ in range(depth):
        outer = np.empty(1, object)
        outer[0] = array
        array = outer
    out = io.BytesIO()
    joblib.dump(array, out)
    return out.getvalue()


DAMAGED: dict[str, Callable[[], bytes]] = {
    "bytearray of a terabyte": lambda: _frame(b"\x96" + struct.pack("<Q", 1 << 40)),
    "bytes of an exabyte": lambda: _frame(b"\x8e" + struct.pack("<Q", 1 << 60)),
    "text of an exabyte": lambda: _frame(b"\x8d" + struct.pack("<Q", 1 << 60)),
    "a long of two gigabytes": lambda: _frame(b"\x8b" + struct.pack("<i", (1 << 31) - 1)),
    "nothing on the stack": lambda: _frame(b"RRR"),
    "marks only": lambda: _frame(b"(((("),
    "a memo that isn't there": lambda: _frame(b"hA"),
    "set items of a text": lambda: _frame(b"\x8c\x01a(K\x01K\x02u"),
    "half a pickle": lambda: pickle.dumps(list(range(1000)))[:900],
    "a billion copies": lambda: gzip.compress(bytes(1 << 29), 1),
    "an array of a petabyte": lambda: _npy_head("(1000000000000000,)"),
    "an array of negative size": lambda: _npy_head("(-1, 8)"),
    "a header that calls": lambda: _npy_head("__import__('os').getpid()"),
    "zips in zips": lambda: _nested_zip(20),
    "a schema without end": lambda: _zip_of(**{"schema.json": b'{"content":' * 5000 + b"1" + b"}" * 5000}),
    "a schema that names nothing": lambda: _zip_of(
        **{"schema.json": json.dumps({"__class__": "a", "file": "../../etc/passwd"}).encode()}
    ),
    "half a zip": lambda: _zip_of(a=b"text" * 99)[:-30],
    "half a gzip": lambda: gzip.compress(bytes(range(256)) * 99)[:-30],
}


def test_bombs_are_unchecked_and_no_error(tmp_path: Path, index: Index) -> None:
    for kind, make in DAMAGED.items():
        (tmp_path / f"{kind}.pkl").write_bytes(make())
    done = audit_model(tmp_path, index, limits=SMALL)

    assert {each.file for each in done.not_checked} == {f"{kind}.pkl" for kind in DAMAGED}
    assert (done.exit_code, done.verdict) == (3, "incomplete")


def _deep_list(depth: int) -> bytes:
    return _frame(b"]" * depth, b"a" * (depth - 1))


def _laughs() -> bytes:
    return _frame(b"]\x94", b"".join(b"](h%ce\x94" % at * 1 for at in range(60)))


@pytest.mark.parametrize("data", [_deep_list(5_000), _frame(b"]\x94h\x00a"), _laughs()])
def test_depth_and_cycles_are_walked(data: bytes, tmp_path: Path, index: Index) -> None:
    (tmp_path / "m.pkl").write_bytes(data)

    assert audit_model(tmp_path / "m.pkl", index, limits=SMALL).exit_code == 0


@pytest.mark.parametrize("data", [_deep_list(200_000), _frame(b")" + b"\x85" * 200_000)])
def test_what_is_too_deep_is_unchecked(data: bytes, tmp_path: Path, index: Index) -> None:
    (tmp_path / "m.pkl").write_bytes(data)
    done = audit_model(tmp_path / "m.pkl", index, limits=SMALL)

    assert [each.reason for each in done.not_checked] == ["it is nested too deeply to read"]


def test_after_a_file_that_breaks_its_reader_the_next_are_read(tmp_path: Path, index: Index) -> None:
    (tmp_path / "a.pkl").write_bytes(_frame(b"(" + b"K\x01" * (1 << 23) + b"t"))
    (tmp_path / "b.pkl").write_bytes(pickle.dumps(SEALED))
    done = audit_model(tmp_path, index, limits=Limits(memory_bytes=1 << 30, cpu_seconds=2, seconds=60))

    assert [each.file for each in done.not_checked] == ["a.pkl"]
    assert [(each.file, each.count) for each in done.findings] == [("b.pkl", len(SEALED))]


@pytest.mark.parametrize("descr", ["'<U0'", "'|S0'", "'|V0'", "[('a', '<U0'), ('b', '|S0')]"])
def test_any_number_of_elements_without_a_byte_is_read_at_once(descr: str, tmp_path: Path, index: Index) -> None:
    (tmp_path / "m.npy").write_bytes(_npy_head("(1000000000000,)", descr))
    (tmp_path / "n.npy").write_bytes(_npy_head("(1000000000000, 0)"))

    assert audit_model(tmp_path, index, limits=SMALL).exit_code == 0


@pytest.mark.parametrize("code", [0xD800, 0xDFFF])
def test_half_of_a_surrogate_pair_keeps_no_file_from_being_read(code: int, tmp_path: Path, index: Index) -> None:
    half = chr(code)
    (tmp_path / "a.json").write_text(json.dumps({"note": f"{half}{SEALED[0]}"}))
    (tmp_path / "b.pkl").write_bytes(pickle.dumps({f"{SEALED[0]} {half}": [np.array([half])]}))
    (tmp_path / "c.pkl").write_bytes(pickle.dumps([half]))
    done = audit_model(tmp_path, index, limits=SMALL)

    assert [(each.file, each.count) for each in done.findings] == [("a.json", 1), ("b.pkl", 1)]
    assert done.not_checked == ()


def test_object_arrays_in_object_arrays(tmp_path: Path, index: Index) -> None:
    (tmp_path / "m.joblib").write_bytes(_object_arrays(50))

    assert audit_model(tmp_path / "m.joblib", index, limits=SMALL).exit_code in (0, 3)


def test_a_device_is_unchecked(tmp_path: Path, index: Index) -> None:
    os.mkfifo(tmp_path / "pipe.pkl")
    (tmp_path / "m.pkl").write_bytes(pickle.dumps([]))
    done = audit_model(tmp_path, index, limits=SMALL)

    assert [(each.file, each.reason) for each in done.not_checked] == [("pipe.pkl", "it is not a regular file")]
