"""A call that a file makes is followed only where it is known; what any other one makes is not checked, and not run."""

from __future__ import annotations

import bz2
import codecs
import functools
import gzip
import io
import lzma
import marshal
import operator
import os
import pickle
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle
import joblib
import numpy as np
import pytest

from sealscrub.index import Index
from sealscrub.validators.artefacts import audit_model
from sealscrub.validators.artefacts.readers.call_semantics import CALLS

from .models import SEALED
from .programs import call, name, program, tuple_of, value

ONE = SEALED[0]
HALVES = (value(ONE[:3]), value(ONE[3:]))
LETTERS = np.array([[ord(letter) - 1 for letter in ONE]], np.uint32)


def _reduced(function: Any, *args: Any) -> bytes:
    class Calls:
        def __reduce__(self) -> tuple[Any, ...]:
            return function, args

    return pickle.dumps(Calls(), 4)


def _closure() -> bytes:
    first, second = ONE[:3], ONE[3:]

    def whole() -> str:
        return first + second

    whole.__module__ = "__main__"
    return cloudpickle.dumps(whole)


_PLACE = name("sklearn.svm._classes:SVC") + b")\x81"
BUILT: dict[str, Callable[[], bytes]] = {
    "operator.add": lambda: _reduced(operator.add, ONE[:3], ONE[3:]),
    "eval": lambda: _reduced(eval, f"'{ONE[:3]}' + '{ONE[3:]}'"),
    "codecs.decode": lambda: _reduced(codecs.decode, codecs.encode(ONE, "rot13"), "rot13"),
    "codecs.encode": lambda: program(call("_codecs:encode", value(codecs.encode(ONE, "rot13")), value("rot13"))),
    "numpy.add": lambda: _reduced(np.add, LETTERS, 1),
    "numpy.char.add": lambda: _reduced(np.char.add, ONE[:3], ONE[3:]),
    "functools.reduce": lambda: _reduced(functools.reduce, operator.add, list(ONE)),
    "frozen partial": lambda: pickle.dumps(functools.partial(operator.add, ONE[:3], ONE[3:])),
    "marshal": lambda: _reduced(marshal.loads, marshal.dumps(ONE)[::-1]),
    "str of bytes": lambda: program(call("builtins:str", value(ONE.encode("utf-7")[:4]), value("utf-7"), how=b"\x81")),
    "int of another base": lambda: program(call("builtins:int", value("zz1x"), value(36), how=b"\x81")),
    "bytes of numbers": lambda: program(call("builtins:bytes", value([ord(each) for each in ONE[:3]]))),
    "a method of a text": lambda: program(
        call("builtins:getattr", value(""), value("join")) + tuple_of(value([ONE[:3], ONE[3:]])) + b"R"
    ),
    "a method by its path": lambda: program(call("builtins:str.join", value(""), value([ONE[:3], ONE[3:]]))),
    "a path through a known library": lambda: program(call("sklearn.utils:os.path.join", *HALVES)),
    "a function of a known library": lambda: program(call("sklearn.utils:shuffle", *HALVES)),
    "an unknown class": lambda: program(call("vendor.model:Encoder", *HALVES)),
    "an unknown class, made without arguments": lambda: program(
        call("vendor.model:Encoder", state=value({"parts": [ONE[:3], ONE[3:]]}), how=b"\x81")
    ),
    "a known class with arguments": lambda: program(call("sklearn.svm._classes:SVC", *HALVES)),
    "arguments by name": lambda: program(name("sklearn.svm._classes:SVC") + b")" + value({"C": ONE[:3]}) + b"\x92"),
    "INST": lambda: b"(" + HALVES[0] + HALVES[1] + b"ivendor\nEncoder\n.",
    "OBJ": lambda: program(b"(" + name("vendor:Encoder") + HALVES[0] + HALVES[1] + b"o"),
    "EXT": lambda: program(b"\x82\x01" + tuple_of(*HALVES) + b"R"),
    "a persistent id": lambda: program(value(ONE[:3]) + b"Q"),
    "a buffer outside": lambda: program(b"\x97"),
    "a name that is computed": lambda: program(
        call("operator:add", value("o"), value("s")) + value("system") + b"\x93"
    ),
    "an import of an unknown module": lambda: program(name("vendor.settings:ARRESTS")),
    "a class that is changed": lambda: program(
        name("sklearn.svm._classes:SVC") + value({"__setstate__": 1}) + b"b0" + _PLACE
    ),
    "a state that is set twice": lambda: program(_PLACE + value({"__setstate__": 1}) + b"b" + value({"a": 1}) + b"b"),
    "an array that is changed": lambda: program(value(np.array(["K14xxxxxx"])) + value(0) + value(ONE[3:]) + b"s"),
    "an estimator that is added to": lambda: program(_PLACE + b"(" + HALVES[0] + HALVES[1] + b"e"),
    "a subclass of arrays": lambda: program(
        call("numpy._core.multiarray:_reconstruct", name("vendor:Array"), value((0,)), value(b"b"))
    ),
    "a subclass of texts": lambda: program(
        call("copyreg:_reconstructor", name("vendor:Text"), name("builtins:str"), value(ONE[:3]))
    ),
    "a function by two texts": lambda: program(call("numpy._core:_ufunc_reconstruct", value("vendor"), value("f"))),
    "a range": lambda: program(call("builtins:range", value(NUMBER), value(1 << 40))),
    "code": _closure,
    "a class of the file's own": lambda: cloudpickle.dumps(type("Own", (), {"__module__": "__main__"})()),
}


def _object_array(data: bytes) -> bytes:
    """joblib's file of an object array whose own pickle holds the call."""
    out = io.BytesIO()
    joblib.dump(np.array([None], object), out)
    whole = out.getvalue()
    start = whole.index(b"\x80", 2)  # the array's pickle, behind the instruction that builds its wrapper
    end = whole.index(b".", start) + 1
    inner = program(tuple_of(data[2:-1]))
    return whole[:start] + inner + whole[end:]


def _npy(data: bytes) -> bytes:
    head = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data


def _zip(data: bytes, member: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, data)
    return out.getvalue()


FILES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "pickle": ("m.pkl", lambda data: data),
    "joblib, zlib": ("m.joblib", zlib.compress),
    "joblib, gzip": ("m.joblib", gzip.compress),
    "joblib, bz2": ("m.joblib", bz2.compress),
    "joblib, xz": ("m.joblib", lzma.compress),
    "joblib, lzma": ("m.joblib", lambda data: lzma.compress(data, lzma.FORMAT_ALONE)),
    "object array in joblib": ("m.joblib", _object_array),
    "object array in joblib, zlib": ("m.joblib", lambda data: zlib.compress(_object_array(data))),
    "npy": ("m.npy", _npy),
    "npz": ("m.npz", lambda data: _zip(_npy(data), "a.npy")),
    "torch": ("m.pt", lambda data: _zip(data, "archive/data.pkl")),
    "zip in zip": ("m.zip", lambda data: _zip(_zip(data, "m.pkl"), "m.zip")),
    "bytes in a pickle": ("m.pkl", lambda data: pickle.dumps({"model": data})),
}


def test_what_a_call_makes_is_not_checked(tmp_path: Path, index: Index) -> None:
    # the letters of one, and texts that hold an identifier as the guard reads it
    plain, written = {list(BUILT).index("functools.reduce")}, set()
    for at, make in enumerate(BUILT.values()):
        data = make()
        plain |= {at} if re.search(f"{ONE[:3]}[ -/]*{ONE[3:]}", data.decode("latin-1")) else set()
        for kind, (file, wrap) in FILES.items():
            if data[:1] == b"\x80" or kind == "pickle":
                (tmp_path / kind / str(at)).mkdir(parents=True)
                (tmp_path / kind / str(at) / file).write_bytes(wrap(data))
                written.add((kind, at))
    done = audit_model(tmp_path, index)

    def places(of: Iterable[Any]) -> set[tuple[str, int]]:
        return {(kind, int(at)) for each in of for kind, at, _ in [Path(each.file).parts]}

    assert written - places(done.not_checked) == set()
    read = {
        (kind, at) for kind, at in written if not kind.startswith("object array")
    }  # whose own pickle is left unread
    assert places(done.findings) == {(kind, at) for kind, at in read if at in plain}


def _callables(*modules: ModuleType) -> list[str]:
    return [
        f"{module.__name__}:{each}"
        for module in modules
        for each, thing in vars(module).items()
        if callable(thing) and not each.startswith("__")
    ]


def test_no_callable_of_these_libraries_is_believed(tmp_path: Path, index: Index) -> None:
    """Every function and class of modules that a pickle may name, called with the halves of an identifier."""
    import builtins
    import itertools
    import string

    named = _callables(builtins, operator, codecs, functools, itertools, string, os, np, np.char, pickle, joblib)
    for at, each in enumerate(named):
        (tmp_path / f"{at}.pkl").write_bytes(program(call(each, *HALVES)))
    done = audit_model(tmp_path, index)

    assert len(named) > 900
    assert {int(Path(each.file).stem) for each in done.not_checked} == set(range(len(named)))
    assert done.findings == ()


def test_the_calls_would_make_the_identifier() -> None:
    for kind in ("operator.add", "eval", "codecs.decode", "functools.reduce"):
        assert pickle.loads(BUILT[kind]()) == ONE
    assert pickle.loads(BUILT["frozen partial"]())() == ONE
    assert "".join(map(chr, pickle.loads(BUILT["numpy.add"]())[0])) == ONE
    assert "vendor" not in sys.modules


# calls that are followed, one by one

DTYPE = call("numpy:dtype", value("U9"), value(False), value(True), state=value((3, "<", None, None, None, 36, 4, 8)))
UTF = value(ONE.encode("utf-32-le"))
NUMBER = 20140123
F8 = call("numpy:dtype", value("f8"), value(False), value(True), state=value((3, "<", None, None, None, -1, -1, 0)))
RAW = value(np.float64(NUMBER).tobytes())
ARRAY = call("numpy._core.numeric:_frombuffer", RAW, F8, value((1,)), value("C"))
STATE = b"(" + value(1) + value((1,)) + DTYPE + value(False) + UTF + b"t"
RECONSTRUCT = name("numpy:ndarray") + value((0,)) + value(b"b")
INDEX_WORDS = b"(" + value("data") + call("builtins:list", value([ONE])) + value("name") + value(None) + b"d"
TEXT_TYPE = call("pyarrow.lib:type_for_alias", value("string"))


def _arrow() -> bytes:
    ends = call("pyarrow.lib:py_buffer", value(np.array([0, 9], "<i4").tobytes()))
    data = call("pyarrow.lib:py_buffer", value(ONE.encode()))
    buffers = b"(" + value(None) + ends + data + b"l"
    described = b"(" + TEXT_TYPE + value(1) + value(0) + value(0) + buffers + value([]) + value(None) + b"t"
    return call("pyarrow.lib:_restore_array", described)


FOLLOWED: dict[str, bytes] = {
    **{f"builtins:{each}": call(f"builtins:{each}", value([ONE])) for each in ("set", "frozenset", "list", "tuple")},
    **{f"builtins:{each}": call(f"builtins:{each}", value(ONE), value("latin-1")) for each in ("bytes", "bytearray")},
    "builtins:dict": call("builtins:dict", value({"a": ONE})),
    "builtins:complex": call("builtins:complex", value(float(NUMBER)), value(0.0)),
    "builtins:slice": call("builtins:slice", value(NUMBER), value(None), value(None)),
    "builtins:range": call("builtins:range", value(NUMBER - 1), value(NUMBER + 1)),
    "builtins:getattr": call("builtins:getattr", name("zoneinfo:ZoneInfo"), value(ONE)),
    "builtins:object": call("builtins:object", state=value({"a": ONE})),
    "copyreg:_reconstructor": call(
        "copyreg:_reconstructor",
        name("sklearn.svm:SVC"),
        name("builtins:object"),
        value(None),
        state=value({"a": ONE}),
    ),
    "collections:deque": call("collections:deque", value([ONE]), value(5)),
    "collections:OrderedDict": call("collections:OrderedDict") + b"(" + value(ONE) + value(1) + b"u",
    "collections:defaultdict": call("collections:defaultdict", name("builtins:int")) + value(ONE) + value(1) + b"s",
    "collections:Counter": call("collections:Counter", value({ONE: 1})),
    "sklearn.utils:Bunch": call("sklearn.utils:Bunch", how=b"\x81") + value(ONE) + value(1) + b"s",
    "sklearn.utils._bunch:Bunch": call("sklearn.utils._bunch:Bunch", how=b"\x81") + value(ONE) + value(1) + b"s",
    "pickle:PickleBuffer": call("pickle:PickleBuffer", value(ONE.encode())),
    "_codecs:encode": call("_codecs:encode", value(ONE), value("latin1")),
    "datetime:date": call("datetime:date", value(bytes([7, 222, 1, 23]))),
    "datetime:time": call("datetime:time", value(bytes([1, 2, 3, 0, 0, 0])), value(ONE)),
    "datetime:datetime": call("datetime:datetime", value(bytes([7, 222, 1, 23, 1, 2, 3, 0, 0, 0]))),
    "datetime:timedelta": call("datetime:timedelta", value(NUMBER), value(0), value(0)),
    "datetime:timezone": call(
        "datetime:timezone", call("datetime:timedelta", value(0), value(0), value(0)), value(ONE)
    ),
    "decimal:Decimal": call("decimal:Decimal", value("2.0140123E7")),
    "zoneinfo:ZoneInfo._unpickle": call("zoneinfo:ZoneInfo._unpickle", value(ONE), value(1)),
    "numpy.core.multiarray:_reconstruct": name("numpy.core.multiarray:_reconstruct")
    + tuple_of(RECONSTRUCT)
    + b"R"
    + STATE
    + b"b",
    "numpy.core.numeric:_frombuffer": call("numpy.core.numeric:_frombuffer", UTF, DTYPE, value((1,)), value("C")),
    "numpy.core.multiarray:scalar": call("numpy.core.multiarray:scalar", DTYPE, UTF),
    "numpy.ma.core:_mareconstruct": call(
        "numpy.ma.core:_mareconstruct",
        name("numpy.ma:MaskedArray"),
        RECONSTRUCT,
        state=STATE[:-1] + value(b"\1") + value(None) + b"t",
    ),
    "numpy:dtype": value(np.dtype([(ONE, "f8")])),
    "numpy.core:_ufunc_reconstruct": call("numpy.core:_ufunc_reconstruct", value("numpy"), value("add")) + value(ONE),
    **{
        f"numpy.random._pickle:{each}": call(f"numpy.random._pickle:{each}", value(ONE))
        for each in ("__bit_generator_ctor", "__randomstate_ctor", "__generator_ctor")
    },
    "numpy.random.bit_generator:__pyx_unpickle_SeedSequence": call(
        "numpy.random.bit_generator:__pyx_unpickle_SeedSequence",
        name("numpy.random.bit_generator:SeedSequence"),
        value(1),
        value((ONE,)),
    ),
    **{
        f"{each}:newObj": call(f"{each}:newObj", name(f"{each}:KDTree"), state=value((ONE, 1, 2)))
        for each in ("sklearn.neighbors._kd_tree", "sklearn.neighbors._ball_tree", "sklearn.metrics._dist_metrics")
    },
    "sklearn.tree._tree:Tree": call("sklearn.tree._tree:Tree", value(4), ARRAY, value(1)),
    **{
        f"sklearn.linear_model._sgd_fast:{each}": call(f"sklearn.linear_model._sgd_fast:{each}", value(float(NUMBER)))
        for each in (
            *("Hinge", "SquaredHinge", "Log", "SquaredLoss", "Huber", "ModifiedHuber"),
            *("EpsilonInsensitive", "SquaredEpsilonInsensitive"),
        )
    },
    **{
        f"sklearn._loss._loss:{each.name}": call(f"sklearn._loss._loss:{each.name}", value(float(NUMBER)))
        for each in CALLS
        if each.module == "sklearn._loss._loss" and each.name.startswith("Cy")
    },
    **{
        f"sklearn._loss._loss:{each.name}": call(
            f"sklearn._loss._loss:{each.name}", name("sklearn._loss._loss:CyLoss"), value(1), value((float(NUMBER),))
        )
        for each in CALLS
        if each.module == "sklearn._loss._loss" and each.name.startswith("__pyx")
    },
    "pandas.core.indexes.base:_new_Index": call(
        "pandas.core.indexes.base:_new_Index", name("pandas:Index"), INDEX_WORDS
    ),
    "pandas.core.indexes.interval:_new_IntervalIndex": call(
        "pandas.core.indexes.interval:_new_IntervalIndex", name("pandas:IntervalIndex"), INDEX_WORDS
    ),
    "pandas._libs.internals:_unpickle_block": call(
        "pandas._libs.internals:_unpickle_block", ARRAY, value(None), value(1)
    ),
    **{
        f"pandas.core.internals.managers:{each}": call(
            f"pandas.core.internals.managers:{each}", value(()), value([[ONE]])
        )
        for each in ("BlockManager", "SingleBlockManager")
    },
    "pandas._libs.arrays:__pyx_unpickle_NDArrayBacked": call(
        "pandas._libs.arrays:__pyx_unpickle_NDArrayBacked",
        name("pandas:Categorical"),
        value(1),
        value(None),
        state=tuple_of(value(ONE), ARRAY),
    ),
    "pandas._libs.tslibs.timestamps:_unpickle_timestamp": call(
        "pandas._libs.tslibs.timestamps:_unpickle_timestamp", value(NUMBER), value(None), value(ONE), value(10)
    ),
    "pandas._libs.tslibs.timedeltas:_timedelta_unpickle": call(
        "pandas._libs.tslibs.timedeltas:_timedelta_unpickle", value(NUMBER), value(10)
    ),
    "pandas._libs.tslibs.nattype:_nat_unpickle": call("pandas._libs.tslibs.nattype:_nat_unpickle", value(NUMBER)),
    "pandas:StringDtype": call("pandas:StringDtype", value(ONE)),
    "pyarrow.lib:_restore_array": _arrow(),
    "pyarrow.lib:type_for_alias": call("pyarrow.lib:type_for_alias", value(ONE)),
    "pyarrow.lib:py_buffer": call("pyarrow.lib:py_buffer", value(ONE.encode())),
    "torch._utils:_rebuild_parameter": call("torch._utils:_rebuild_parameter", ARRAY, value(True), value({})),
}


@pytest.fixture(scope="module")
def both() -> Index:
    from sealscrub.datasets import example_index

    return example_index([ONE, str(NUMBER), "2014-01-23", "2014-01-23T01:02:03"], scheme="opaque:any")


def test_each_call_that_is_followed_is_read(tmp_path: Path, both: Index) -> None:
    """Each of the list, one by one: what it is given is found, and nothing is left unchecked."""
    assert {f"{each.module}:{each.name}" for each in CALLS} == set(FOLLOWED)
    for at, data in enumerate(FOLLOWED.values()):
        (tmp_path / f"{at}.pkl").write_bytes(program(data))
    done = audit_model(tmp_path, both)

    kinds = list(FOLLOWED)
    unread = [each for each in done.not_checked if "the rows to look for were not given" not in each.reason]
    assert [(kinds[int(Path(each.file).stem)], each.reason) for each in unread] == []
    assert {kinds[int(Path(each.file).stem)] for each in done.findings} == set(FOLLOWED)
