"""``.skops``: a zip of ``schema.json`` and arrays, read without skops."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import numpy as np

from .archives import member
from .arrays import ObjectArray
from .inert import Damaged, Global, Inert, Table
from .numpy_files import is_npz, read_npy_of
from .source import Source

__all__ = ["read_skops"]

_DEEPEST = 400
_BESIDE = frozenset({"__class__", "__module__", "__loader__", "__id__", "protocol", "_skops_version"})


def read_skops(source: Source, archive: zipfile.ZipFile) -> object:
    """Read what the schema describes, as inert objects.

    Raises
    ------
    Damaged
        When the schema names what the archive doesn't hold, or nests without end.
    """
    try:
        schema = json.loads(member(source, archive, "schema.json").content())
    except (ValueError, RecursionError):
        raise Damaged from None
    return _Reader(source, archive).node(schema, 0)


class _Reader:
    def __init__(self, source: Source, archive: zipfile.ZipFile) -> None:
        self.source, self.archive = source, archive
        self.seen: dict[object, object] = {}

    def node(self, node: Any, depth: int) -> object:
        if depth > _DEEPEST:
            raise Damaged
        if isinstance(node, list):
            return [self.node(each, depth + 1) for each in node]
        if not isinstance(node, dict):
            return node
        if "__class__" not in node:
            return Table([(key, self.node(value, depth + 1)) for key, value in node.items()])
        identity = node.get("__id__")
        if node.get("__loader__") == "CachedNode":
            return self.seen.get(identity)
        made = self._made(node, depth)
        self.seen[identity] = made
        return made

    def _made(self, node: dict[str, Any], depth: int) -> object:
        kind = Global(str(node.get("__module__")), str(node["__class__"]))
        content = node.get("content")
        if isinstance(node.get("file"), str):
            return self._file(node["file"])
        if node.get("is_json") and isinstance(content, str):
            try:
                return json.loads(content)
            except (ValueError, RecursionError):
                raise Damaged from None
        read = {key: self.node(value, depth + 1) for key, value in node.items() if key not in _BESIDE}
        if kind.module == "builtins" and kind.name in ("dict", "list", "tuple", "set"):
            held = read.get("content")
            return tuple(held) if kind.name == "tuple" and isinstance(held, list) else held
        if kind.module == "numpy" and kind.name == "ndarray":
            content = read.get("content")
            return ObjectArray((), content if isinstance(content, list) else [content])
        made = Inert(kind)
        made.state = read.pop("content", None)
        made.args = tuple(value for value in read.values() if not isinstance(value, str))
        return made

    def _file(self, name: str) -> object:
        held = member(self.source, self.archive, name)
        if held.head.startswith(b"PK"):
            with zipfile.ZipFile(held.file) as inner:
                if not is_npz(inner):
                    raise Damaged
                arrays = [(each[:-4], read_npy_of(member(held, inner, each))) for each in inner.namelist()]
            return Inert(Global("scipy.sparse", "matrix")) if not arrays else _with_state(arrays)
        if held.head.startswith(b"\x93NUMPY"):
            return read_npy_of(held)
        data = held.content()
        return data if len(data) < 1 << 28 else np.frombuffer(data, np.uint8)


def _with_state(arrays: list[tuple[str, Any]]) -> Inert:
    made = Inert(Global("scipy.sparse", "matrix"))
    made.state = Table([("_shape" if name == "shape" else name, array) for name, array in arrays])
    return made
