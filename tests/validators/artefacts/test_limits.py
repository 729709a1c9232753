"""Small files that would keep a reader busy without end are read within limits, or not checked."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from sealscrub.index import Index
from sealscrub.validators.artefacts import Limits, audit_model

from .programs import call, name, program, tuple_of, value

MANY = 60_000
ENOUGH = Limits(memory_bytes=2 << 30, cpu_seconds=60, seconds=500)
CLASS = name("sklearn.svm:SVC") + b"q\0"
NUMBERS = b"K\1" * MANY
WORDS = b"".join(value(f"{at:06d}") + b"N" for at in range(MANY // 4))
ARRAY = value(np.arange(50_000.0))
LONG = value("a" * 100_000)
FIELDS = (
    value(("V8", False, True)) + b"q\1" + tuple_of(
        value(3), value("|"), value(None), value(tuple(f"f{at}" for at in range(2_000))),
        b"}(" + b"".join(value(f"f{at}") + value((1, 2)) for at in range(2_000)) + b"u", value(8), value(1), value(0),
    ) + b"q\2"
)  # fmt: skip


def _listed(*parts: bytes) -> bytes:
    return program(b"(", *parts, b"l")


def _laughs(wide: int, deep: int) -> bytes:
    return program(
        b"]\x94", *(b"](" + b"h" + bytes([at]) * 1 + (b"h" + bytes([at])) * wide + b"e\x94" for at in range(deep))
    )


def _nested(depth: int) -> bytes:
    data = program(b"N")
    for _ in range(depth):
        data = _listed(value(data), value(data))
    return data


HOSTILE: dict[str, Callable[[], bytes]] = {
    "numbers of nine bytes": lambda: _listed((b"\x8a\x09" + b"\1" * 9) * MANY),
    "one text in many places": lambda: _listed(value("a1 " * MANY), b"q\0", b"h\0" * MANY),
    "one short text in many places": lambda: _listed(value("1 " * 32), b"q\0", b"h\0" * MANY),
    "one byte string in many places": lambda: _listed(value(b"\x80\x04" * MANY), b"q\0", b"h\0" * MANY),
    "one tuple of arguments": lambda: _listed(b"(", NUMBERS, b"tq\1", name("vendor:f"), b"q\0", b"h\0h\1R" * MANY),
    "one tuple of names": lambda: _listed(CLASS, b"(", b"h\0" * MANY, b"tq\1", b"h\0h\1R" * MANY),
    "one state": lambda: _listed(b"}(", WORDS, b"uq\1", CLASS, b"h\0)\x81h\1b" * MANY),
    "arguments that are copied": lambda: _listed(b"(", NUMBERS, b"tq\1", CLASS, b"}q\2", b"h\0h\1h\2\x92" * MANY),
    "one row in many places": lambda: _listed(b"(", NUMBERS, b"lq\1", b"h\1" * MANY),
    "a dictionary that doubles": lambda: program(b"}q\0K\1K\2s", b"h\0h\0b" * MANY),
    "one object in many places": lambda: _listed(CLASS, b")\x81q\1", b"h\1" * MANY),
    "one object in many places of a tree": lambda: program(
        name("sklearn.neighbors._kd_tree:KDTree"), b")\x81", CLASS, b"0(h\0)\x81q\1", b"h\1" * MANY, b"lb"
    ),
    "many unknown calls": lambda: _listed(*(call(f"vendor:f{at}") for at in range(5_000))),
    "one array in many places": lambda: _listed(ARRAY, b"q\0", b"h\0" * MANY),
    "one wrapper": lambda: _listed(
        name("joblib.numpy_pickle:NumpyArrayWrapper"), b"q\0}(", WORDS, b"uq\1", b"h\0)\x81h\1b" * MANY
    ),
    "lists that hold the ones before many times": lambda: _laughs(2_000, 200),
    "pickles in pickles": lambda: _nested(14),
    "calls of calls": lambda: program(name("vendor:f"), b")R" * MANY),
    "wide sparse matrices": lambda: pickle.dumps([csr_matrix((60_000 - at, 4_000)) for at in range(8)]),
    "one state of arrays": lambda: _arrays(),
    "one long name": lambda: _listed(LONG, b"q\0", b"h\0h\0\x93" * MANY),
    "one long attribute": lambda: _listed(
        name("builtins:getattr"), name("numpy:ndarray"), LONG, b"\x86Rq\0", b"h\0)R" * MANY
    ),
    "one tuple of a call that is followed": lambda: _listed(
        name("builtins:complex"), b"q\0(", NUMBERS, value("a"), b"tq\1", b"h\0h\1R" * MANY
    ),
    "one text that is a pickle": lambda: _listed(
        name("_codecs:encode"),
        b"q\0",
        value("\x80\x02" + "N0" * MANY + "N."),
        value("latin1"),
        b"\x86q\1",
        b"h\0h\1R" * MANY,
    ),
    "one type of many fields": lambda: _listed(name("numpy:dtype"), b"q\0", FIELDS, b"h\0h\1Rh\2b" * MANY),
    "a class of a class": lambda: program(b"(", name("copyreg:__newobj__"), b"q\0", b"h\0" * MANY, b"tq\1", b"h\0h\1R"),
}


def _arrays() -> bytes:
    dtype = call(
        "numpy:dtype", value("f8"), value(False), value(True), state=value((3, "<", None, None, None, -1, -1, 0))
    )
    data = np.arange(20_000.0).tobytes()
    state = tuple_of(value(1), value((20_000,)), dtype, value(False), b"B" + struct.pack("<I", len(data)) + data)
    made = (
        name("numpy.core.multiarray:_reconstruct") + b"q\1" + tuple_of(name("numpy:ndarray"), value((0,)), value(b"b"))
    )
    return _listed(made, b"q\2", b"R", state, b"q\3b", b"h\1h\2Rh\3b" * MANY)


DEAR = {
    "one tuple of arguments",
    "one tuple of names",
    "arguments that are copied",
    "a dictionary that doubles",
    "one object in many places of a tree",
    "lists that hold the ones before many times",
    "one long attribute",
    "one state",
    "one text in many places",
    "one tuple of a call that is followed",
    "one type of many fields",
    "wide sparse matrices",
}
"""What is read longest before a limit ends it; the same limits end others of the gate."""


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param([*HOSTILE], id="all", marks=pytest.mark.long),
        pytest.param([*{*HOSTILE} - DEAR], id="but the dearest"),
    ],
)
def test_hostile_files_end_by_limits_of_their_own(kinds: list[str], tmp_path: Path, index: Index) -> None:
    """No reader is stopped from outside: each file is read, or said to be more than may be read."""
    for kind in kinds:
        (tmp_path / f"{kind}.pkl").write_bytes(HOSTILE[kind]())
    done = audit_model(tmp_path, index, limits=ENOUGH)

    assert [each.file for each in done.not_checked if "reader ended" in each.reason] == []
    assert done.findings == ()
    busy = {each.removesuffix(".pkl") for each in {each.file for each in done.not_checked}}
    assert busy >= {"one state of arrays", "many unknown calls", "one long name", "one text that is a pickle"}
    assert len(done.not_checked) < 200
