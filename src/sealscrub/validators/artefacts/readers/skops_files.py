"""``.skops``: a zip of ``schema.json`` and arrays, read without skops.

A node is read as its loader would load it. Loaders that call something are followed as calls of pickles are.
"""

from __future__ import annotations

import json
import zipfile
from typing import Any

import numpy as np

from .archives import member
from .arrays import ObjectArray
from .file_source import Source
from .inert_objects import Damaged, Global, Inert, Table
from .numpy_files import is_npz, read_npy_of

__all__ = ["read_skops"]

_DEEPEST = 400
_BESIDE = frozenset({"__class__", "__module__", "__loader__", "__id__", "protocol", "_skops_version"})
_KEY_TYPES = frozenset({"str", "int", "float", "bool", "NoneType", "str_", "int32", "int64", "float32", "float64"})
_ROOTS = ("builtins", "numpy")
_NAMES = frozenset({"TypeNode", "FunctionNode"})
_GENERATORS = frozenset({"RandomStateNode", "RandomGeneratorNode"})
_CALLS = frozenset({"TreeNode", "LossNode", "SGDNode"})
_CONTENT = frozenset({"ListNode", "SetNode", "TupleNode", "DTypeNode", "MaskedArrayNode", "SliceNode"})
_FILES = frozenset({"BytesNode", "BytearrayNode", "SparseMatrixNode"})


def read_skops(source: Source, archive: zipfile.ZipFile) -> tuple[object, set[str]]:
    """Read what the schema describes, as inert objects, and say which members of the archive that took.

    Raises
    ------
    Damaged
        When the schema names what the archive doesn't hold, or nests without end.
    """
    try:
        schema = json.loads(member(source, archive, "schema.json").content())
    except (ValueError, RecursionError):
        raise Damaged from None
    reader = _Reader(source, archive)
    return reader.node(schema, 0), reader.used


class _Reader:
    def __init__(self, source: Source, archive: zipfile.ZipFile) -> None:
        self.source, self.archive = source, archive
        self.seen: dict[object, object] = {}
        self.used = {"schema.json"}

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
        made = self._object_of(node, depth)
        self.seen[identity] = made
        return made

    def _object_of(self, node: dict[str, Any], depth: int) -> object:
        loader, kind = str(node.get("__loader__")), Global(str(node.get("__module__")), str(node["__class__"]))
        content = node.get("content")
        if loader == "JsonNode" and isinstance(content, str):
            return _parsed(content)
        if loader in _NAMES:
            return kind if content is None else [self.node(content, depth + 1), kind]
        if (loader in _FILES or loader == "NdArrayNode") and isinstance(node.get("file"), str):
            rest = self._other_nodes(node, depth)
            return [self._file(node["file"]), rest] if rest else self._file(node["file"])
        read = {key: self.node(value, depth + 1) for key, value in node.items() if key not in _BESIDE}
        held, others = read.pop("content", None), list(read.values())
        if loader in _CONTENT and kind in _CONTAINERS:
            if others:
                return [held, *others]
            return tuple(held) if kind.name == "tuple" and isinstance(held, list) else held
        if loader == "NdArrayNode":
            return ObjectArray((), [*(held if isinstance(held, list) else [held]), *others])
        if loader == "DictNode" and _keys_of(read.get("key_types")) and kind in _MAPPINGS:
            return held
        if loader == "DefaultDictNode" and isinstance(held, Table):
            return Table([(None, value) for _, value in held.pairs])
        if loader in _GENERATORS and kind.module.startswith("numpy.random."):
            return [held, *others]
        made = Inert(kind)
        if loader == "ObjectNode":
            made.state = held
            made.args = tuple(others)
        elif loader in _CALLS:
            reduced = read.get("__reduce__")
            made.args = _arguments(reduced.pairs[0][1] if isinstance(reduced, Table) and reduced.pairs else None)
            made.state = held if held != () else None
        elif loader == "ConstructorFromReduceNode":
            made.args = _arguments(held)
        else:
            made = Inert(_OTHER, (kind, held, *others))
        return made

    def _other_nodes(self, node: dict[str, Any], depth: int) -> list[object]:
        return [self.node(value, depth + 1) for key, value in node.items() if key not in _BESIDE | {"file", "type"}]

    def _file(self, name: str) -> object:
        self.used.add(name)
        held = member(self.source, self.archive, name)
        if held.head.startswith(b"PK"):
            with zipfile.ZipFile(held.file) as inner:
                if not is_npz(inner):
                    raise Damaged
                arrays = [(each[:-4], read_npy_of(member(held, inner, each))) for each in inner.namelist()]
            return _matrix(arrays)
        if held.head.startswith(b"\x93NUMPY"):
            return read_npy_of(held)
        data = held.content()
        return data if len(data) < 1 << 28 else np.frombuffer(data, np.uint8)


_CONTAINERS = frozenset(
    {
        *(Global("builtins", name) for name in ("list", "tuple", "set", "frozenset", "slice")),
        *(Global("numpy", "dtype"), Global("numpy.ma", "MaskedArray"), Global("numpy.ma.core", "MaskedArray")),
    }
)
_MAPPINGS = frozenset({Global("builtins", "dict"), Global("collections", "OrderedDict")})
_MAPPINGS |= {Global("sklearn.utils._bunch", "Bunch"), Global("sklearn.utils", "Bunch")}
_OTHER = Global("", "a node of another kind")


def _parsed(content: str) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Damaged from None


def _keys_of(types: object) -> bool:
    """Whether keys are made from their texts by types that keep them."""
    named = types if isinstance(types, list) else []
    return all(isinstance(kind, Global) and kind.name in _KEY_TYPES and kind.module in _ROOTS for kind in named)


def _arguments(given: object) -> tuple[object, ...]:
    return tuple(given) if isinstance(given, list | tuple) and not isinstance(given, Global) else (given,)


def _matrix(arrays: list[tuple[str, Any]]) -> Inert:
    made = Inert(Global("scipy.sparse", "csr_matrix"))
    made.state = Table([("_shape" if name == "shape" else name, array) for name, array in arrays])
    return made
