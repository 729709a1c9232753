"""ONNX: initializers and attributes of nodes, by a reader of protobuf's wire format that knows ONNX's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..leaves import LeafWriter
from .file_source import Source
from .inert_objects import Damaged
from .walk_place import safe_name

__all__ = ["is_onnx", "read_onnx"]

_RAW = {1: "<f4", 2: "<u1", 3: "<i1", 4: "<u2", 5: "<i2", 6: "<i4", 7: "<i8", 9: "?", 10: "<f2", 11: "<f8"}
_RAW |= {12: "<u4", 13: "<u8"}
_DEEPEST = 12
_KEEPERS = frozenset({"SVMClassifier", "SVMRegressor"})
_NEIGHBOURS = frozenset({"CDist", "TopK", "Scan"})
_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
_MAKES_TEXTS = frozenset({"StringConcat"})
Field = tuple[int, int, Any]


def is_onnx(source: Source) -> bool:
    """Whether its name says so: protobuf has no mark."""
    return source.suffix in (".onnx", ".ort") and source.head[:1] == b"\x08"


def read_onnx(source: Source, leaves: LeafWriter) -> None:
    """Write the leaves of a model.

    Raises
    ------
    Damaged
        When it isn't protobuf, or not ONNX.
    """
    data = memoryview(source.content())
    graph = False
    for number, wire, value in _fields(data):
        if number == 7 and wire == 2:
            graph = True
            _graph(value, leaves, f"{source.path}graph", 0)
        elif number == 25 and wire == 2:
            _graph(value, leaves, f"{source.path}function", 0)
        elif wire == 2 and number in (2, 3, 4, 6):
            leaves.texts(source.path, [_text(value)])
        elif number == 14 and wire == 2:
            leaves.texts(f"{source.path}metadata_props", [_text(part) for _, kind, part in _fields(value) if kind == 2])
        elif number == 20:
            leaves.unchecked(source.path, "it holds what it was trained with, which isn't read")
    if not graph:
        raise Damaged


def _graph(data: memoryview, leaves: LeafWriter, path: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise Damaged
    fields = [field for field in _fields(data) if field[1] == 2]
    kinds = [_text(value) for number, _, node in fields if number == 1 for n, _, value in _fields(node) if n == 4]
    neighbours = not _NEIGHBOURS.isdisjoint(kinds)
    for at, (number, _, value) in enumerate(fields):
        if number == 1:
            _node(value, leaves, f"{path}.node[{at}]", depth)
        elif number == 5:
            _tensor(value, leaves, f"{path}.initializer[{at}]", rows=neighbours)
        elif number == 15:
            leaves.unchecked(f"{path}.sparse_initializer", "a sparse tensor isn't read")
        elif number in (2, 10):
            leaves.texts(path, [_text(value)])
        elif number in (11, 12, 13):
            leaves.texts(path, [_text(part) for n, kind, part in _fields(value) if n == 1 and kind == 2])


def _node(data: memoryview, leaves: LeafWriter, path: str, depth: int) -> None:
    fields = [field for field in _fields(data) if field[1] == 2]
    kind = next((_text(value) for number, _, value in fields if number == 4), "")
    domain = next((_text(value) for number, _, value in fields if number == 7), "")
    if domain not in _DOMAINS or kind in _MAKES_TEXTS:
        shown = ".".join(safe_name(part, "…") for part in (*domain.split("."), kind) if part)
        leaves.unchecked_once(path, f"it calls {shown}, and what that makes of its inputs isn't followed")
    leaves.texts(path, [_text(value) for number, _, value in fields if number in (1, 2, 3, 6)])
    for number, _, value in fields:
        if number == 5:
            _attribute(value, leaves, f"{path}({safe_name(kind, 'node')})", kind, depth)


def _attribute(data: memoryview, leaves: LeafWriter, path: str, kind: str, depth: int) -> None:
    fields = list(_fields(data))
    name = next((_text(value) for number, wire, value in fields if number == 1 and wire == 2), "")
    place = f"{path}.{safe_name(name, 'attribute')}"
    leaves.texts(place, [name, *(_text(value) for number, wire, value in fields if number in (4, 9) and wire == 2)])
    floats = _packed_array(fields, 7, "<f4")
    if kind in _KEEPERS and name == "support_vectors" and floats.size:
        leaves.rows(place, kind)
    leaves.numbers(place, floats, name=name)
    leaves.numbers(place, np.array(_integers(fields, 8), np.int64), name=name)
    for number, wire, value in fields:
        if wire == 2 and number in (5, 10):
            _tensor(value, leaves, place, rows=False)
        elif wire == 2 and number in (6, 11):
            _graph(value, leaves, place, depth + 1)


def _tensor(data: memoryview, leaves: LeafWriter, path: str, *, rows: bool) -> None:
    fields = list(_fields(data))
    shape = _integers(fields, 1)
    kind = next((value for number, wire, value in fields if number == 2 and wire == 0), 0)
    name = next((_text(value) for number, wire, value in fields if number == 8 and wire == 2), "")
    leaves.texts(path, [name, *(_text(value) for number, wire, value in fields if number == 6 and wire == 2)])
    if any(number == 14 and value == 1 for number, _, value in fields):
        leaves.unchecked(path, "its numbers are kept in another file")
        return
    raw = next((value for number, wire, value in fields if number == 9 and wire == 2), None)
    if raw is not None:
        if kind not in _RAW:
            leaves.unchecked(path, "its numbers have a type that is not compared with rows")
            return
        array: np.ndarray[Any, Any] = np.frombuffer(raw, _RAW[kind]) if len(raw) else np.zeros(0)
    else:
        floats = _packed_array(fields, 4, "<f4")
        doubles = _packed_array(fields, 10, "<f8")
        whole = np.array([n for number in (5, 7, 11) for n in _integers(fields, number)], np.int64)
        array = floats if floats.size else doubles if doubles.size else whole
    if int(np.prod(shape, dtype=object)) == array.size and shape:
        array = array.reshape(shape)
    if rows and array.ndim == 2 and min(array.shape) > 1 and array.dtype.kind == "f":
        leaves.rows(path, "a nearest-neighbours graph")
    leaves.numbers(path, array)


def _packed_array(fields: list[Field], wanted: int, dtype: str) -> np.ndarray[Any, Any]:
    parts = [bytes(value) for number, wire, value in fields if number == wanted and wire in (1, 2, 5)]
    data = b"".join(parts)
    size = np.dtype(dtype).itemsize
    if len(data) % size:
        raise Damaged
    return np.frombuffer(data, dtype)


def _integers(fields: list[Field], wanted: int) -> list[int]:
    found: list[int] = []
    for number, wire, value in fields:
        if number == wanted and wire == 0:
            found.append(value)
        elif number == wanted and wire == 2:
            at = 0
            while at < len(value):
                whole, at = _varint(value, at)
                found.append(whole)
    return [n - (1 << 64) if n >= 1 << 63 else n for n in found]


def _text(value: memoryview) -> str:
    return bytes(value).decode("utf-8", "replace")


def _fields(data: memoryview) -> Iterator[Field]:
    """Number, wire type and value of each field of a message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield key >> 3, 0, value
            continue
        if wire == 2:
            length, at = _varint(data, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise Damaged
        if length > len(data) - at:
            raise Damaged
        yield key >> 3, wire, data[at : at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise Damaged
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise Damaged
