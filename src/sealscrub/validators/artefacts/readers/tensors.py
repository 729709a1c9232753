"""safetensors, and torch's archives: a pickle that names the raw storages next to it."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from typing import Any

import numpy as np

from ..leaves import LeafWriter
from .archives import member, members
from .file_source import Source
from .inert_objects import Damaged, Global, Inert, Table
from .object_walk import walk
from .pickles import read_pickle
from .uncovered_bytes import say_gaps
from .walk_place import safe_name

__all__ = ["is_safetensors", "read_safetensors", "read_torch"]

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1"}
_DTYPES |= {"U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "<u1", "BOOL": "?"}
_STORAGES = {"DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8"}
_STORAGES |= {"IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1"}
_STORAGES |= {"BoolStorage": "?"}
_REBUILD = frozenset({Global("torch._utils", "_rebuild_tensor_v2"), Global("torch._utils", "_rebuild_tensor")})
_OWN_FILES = re.compile(r"(^|/)(version|byteorder|\.format_version|\.storage_alignment|\.data/serialization_id)$")
_LEARNED_TENSORS = re.compile(r"weight|bias|running_|num_batches|lora_|norm|\bkernel\b|proj")
_MOST_HEADER = 100 << 20


def is_safetensors(source: Source) -> bool:
    """Whether it starts with the length of a JSON header and its brace."""
    return len(source.head) > 9 and source.head[8:9] == b"{" and int.from_bytes(source.head[:8], "little") < source.size


def read_safetensors(source: Source, leaves: LeafWriter) -> None:
    """Write the tensors and the metadata.

    Raises
    ------
    Damaged
        When header and data contradict each other.
    """
    length = int.from_bytes(source.head[:8], "little")
    if length > _MOST_HEADER:
        raise Damaged
    source.file.seek(8)
    try:
        header = json.loads(source.file.read(length))
        beside = header.pop("__metadata__", {})
        tensors = {name: (facts["dtype"], facts["shape"], facts["data_offsets"]) for name, facts in header.items()}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise Damaged from None
    parts = [(0, 8 + length), *(_span(offsets, 8 + length) for _, _, offsets in tensors.values())]
    say_gaps(source, parts, leaves)
    leaves.texts(f"{source.path}(names)", [*tensors])
    walk(Table(list(beside.items())) if isinstance(beside, dict) else beside, leaves, f"{source.path}(metadata)")
    for at, (name, (dtype, shape, offsets)) in enumerate(tensors.items()):
        place = source.path + _tensor_name(name, at)
        if dtype not in _DTYPES:
            leaves.unchecked(place, "its numbers have a type that is not compared with rows")
            continue
        try:
            start, end = _span(offsets, 8 + length)
            source.file.seek(start)
            data = source.file.read(end - start)
            array = np.frombuffer(data, _DTYPES[dtype]).reshape(shape)
        except (ValueError, TypeError, IndexError, OverflowError):
            raise Damaged from None
        _write(name, array, leaves, place)


def _span(offsets: Any, base: int) -> tuple[int, int]:
    try:
        return base + int(offsets[0]), base + int(offsets[1])
    except (ValueError, TypeError, IndexError, OverflowError):
        raise Damaged from None


def _tensor_name(name: str, at: int) -> str:
    plain = re.fullmatch(r"[A-Za-z_][\w.]{0,80}", name) and not re.search(r"\d{3}", name)
    return name if plain else safe_name(name, f"tensor {at}")


def _write(name: str, array: np.ndarray[Any, Any], leaves: LeafWriter, place: str) -> None:
    if array.ndim == 2 and min(array.shape) > 1 and array.dtype.kind == "f" and not _LEARNED_TENSORS.search(name):
        leaves.rows(place, "a tensor")
    leaves.numbers(place, array)


def read_torch(source: Source, archive: zipfile.ZipFile, leaves: LeafWriter) -> set[str] | None:
    """Write the leaves of an archive of torch, and say which members that took; None if it is of another kind.

    Raises
    ------
    Damaged
        When a tensor reaches out of its storage.
    """
    names = members(archive)
    main = next((name for name in names if name.endswith("/data.pkl") or name == "data.pkl"), None)
    if main is None:
        return None
    prefix = main.removesuffix("data.pkl")
    aside: list[object] = []
    held = member(source, archive, main).file
    root = read_pickle(held, aside)
    aside.append(held.read())
    tensors = _Tensors(source, archive, prefix)
    tensors.fill([root, aside], leaves)
    _say_rows(root, leaves, source.path)
    walk(root, leaves, source.path, aside=aside)
    tensors.write_rest(leaves)
    read = {main, *(f"{prefix}data/{key}" for key in tensors.storages)}
    read |= {name for name in names if _OWN_FILES.search(name)}
    if not read.issuperset(names):
        leaves.unchecked(source.path, "it holds a program or files other than its tensors")
    return read


class _Tensors:
    """Gives the inert tensors of a pickle their arrays."""

    def __init__(self, source: Source, archive: zipfile.ZipFile, prefix: str) -> None:
        self.source, self.archive, self.prefix = source, archive, prefix
        self.storages: dict[str, np.ndarray[Any, Any]] = {}
        self.seen: Counter[str] = Counter()

    def fill(self, root: object, leaves: LeafWriter) -> None:
        """Give each tensor its array."""
        seen: dict[int, object] = {}
        waiting = [root]
        while waiting:
            thing = waiting.pop()
            if id(thing) in seen or isinstance(thing, str | bytes | int | float | None):
                continue
            seen[id(thing)] = thing
            if isinstance(thing, Inert):
                if thing.called in _REBUILD and len(thing.args) >= 4 and thing.state is None:
                    thing.array = self.tensor(thing.args)
                leaves.work(1 + len(thing.args))
                waiting += [*thing.args, thing.state, *thing.items, *(part for pair in thing.pairs for part in pair)]
            elif isinstance(thing, Table):
                waiting += [part for pair in thing.pairs for part in pair]
            elif isinstance(thing, list | tuple):
                waiting += thing

    def write_rest(self, leaves: LeafWriter) -> None:
        """Write storages whole of which tensors show a part: a slice of a tensor is saved with all of it."""
        for at, (key, flat) in enumerate(self.storages.items()):
            if self.seen[key] < flat.size:
                place = f"{self.source.path}(storage {at})"
                leaves.numbers(place, flat)
                leaves.raw(place, flat.tobytes())

    def tensor(self, args: tuple[Any, ...]) -> np.ndarray[Any, Any] | None:
        storage, offset, size, stride = args[:4]
        held = storage.args[0] if isinstance(storage, Inert) and storage.args else None
        if not isinstance(held, tuple) or len(held) < 3 or not isinstance(held[1], Global):
            raise Damaged
        dtype = _STORAGES.get(held[1].name)
        if dtype is None:
            return None
        key = str(held[2])
        if key not in self.storages:
            data = member(self.source, self.archive, f"{self.prefix}data/{key}").content()
            self.storages[key] = np.frombuffer(data, dtype)
        flat = self.storages[key]
        steps = (offset, *size, *stride)
        if len(size) != len(stride) or len(size) > 32 or not all(type(n) is int and n >= 0 for n in steps):
            raise Damaged
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        if 0 in size:
            return np.zeros(size, dtype)
        if last >= len(flat):
            raise Damaged
        strides = tuple(step * flat.itemsize for step in stride)
        view = np.lib.stride_tricks.as_strided(flat[offset:], size, strides, writeable=False)
        self.source.budget.spend(view.nbytes)
        self.seen[key] += view.size if len({*strides}) == len(strides) and 0 not in strides else 0
        return np.ascontiguousarray(view)


def _say_rows(root: object, leaves: LeafWriter, path: str) -> None:
    """Say which tensors of a state dictionary aren't learned weights by their names."""
    pairs = root.pairs if isinstance(root, Table | Inert) else []
    for at, (name, tensor) in enumerate(pairs):
        array = tensor.array if isinstance(tensor, Inert) else None
        if isinstance(array, np.ndarray) and isinstance(name, str):
            many = array.ndim == 2 and min(array.shape) > 1 and array.dtype.kind == "f"
            if many and not _LEARNED_TENSORS.search(name):
                leaves.rows(f"{path}[key {at}]", "a tensor")
