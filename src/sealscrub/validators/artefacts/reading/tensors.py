"""safetensors, and torch's archives: a pickle that names the raw storages beside it."""

from __future__ import annotations

import json
import re
import zipfile
from typing import Any

import numpy as np

from ..leaves import LeafWriter
from .archives import member, members
from .inert import Damaged, Global, Inert, Table
from .pickles import read_pickle
from .source import Source
from .walking import safe_name, walk

__all__ = ["is_safetensors", "read_safetensors", "read_torch"]

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1"}
_DTYPES |= {"U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "<u1", "BOOL": "?"}
_STORAGES = {"DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8"}
_STORAGES |= {"IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1"}
_STORAGES |= {"BoolStorage": "?"}
_LEARNED = re.compile(r"weight|bias|running_|num_batches|lora_|norm|\bkernel\b|proj")
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
    leaves.texts(f"{source.path}(names)", [*tensors])
    walk(Table(list(beside.items())) if isinstance(beside, dict) else beside, leaves, f"{source.path}(metadata)")
    for at, (name, (dtype, shape, offsets)) in enumerate(tensors.items()):
        place = source.path + _shown(name, at)
        if dtype not in _DTYPES:
            leaves.unchecked(place, "its numbers are of a type in which rows aren't compared")
            continue
        try:
            source.file.seek(8 + length + int(offsets[0]))
            data = source.file.read(int(offsets[1]) - int(offsets[0]))
            array = np.frombuffer(data, _DTYPES[dtype]).reshape(shape)
        except (ValueError, TypeError, IndexError, OverflowError):
            raise Damaged from None
        _write(name, array, leaves, place)


def _shown(name: str, at: int) -> str:
    plain = re.fullmatch(r"[A-Za-z_][\w.]{0,80}", name) and not re.search(r"\d{3}", name)
    return name if plain else safe_name(name, f"tensor {at}")


def _write(name: str, array: np.ndarray[Any, Any], leaves: LeafWriter, place: str) -> None:
    if array.ndim == 2 and min(array.shape) > 1 and array.dtype.kind == "f" and not _LEARNED.search(name):
        leaves.rows(place, "a tensor")
    leaves.numbers(place, array)


def read_torch(source: Source, archive: zipfile.ZipFile, leaves: LeafWriter) -> bool:
    """Whether an archive is torch's; its leaves are written then.

    Raises
    ------
    Damaged
        When a tensor reaches out of its storage.
    """
    names = members(archive)
    main = next((name for name in names if name.endswith("/data.pkl") or name == "data.pkl"), None)
    if main is None:
        return False
    prefix = main.removesuffix("data.pkl")
    aside: list[object] = []
    root = read_pickle(member(source, archive, main).file, aside)
    _Tensors(source, archive, prefix).fill(root)
    _say_rows(root, leaves, source.path)
    walk(root, leaves, source.path, aside=aside)
    others = [name for name in names if name != main and not name.startswith(f"{prefix}data/")]
    for name in others:
        if not re.search(r"(version|byteorder|\.format_version|\.storage_alignment|serialization_id)$", name):
            leaves.unchecked(source.path, "it holds a program or other files beside its tensors")
            break
    return True


class _Tensors:
    """Gives the inert tensors of a pickle their arrays."""

    def __init__(self, source: Source, archive: zipfile.ZipFile, prefix: str) -> None:
        self.source, self.archive, self.prefix = source, archive, prefix
        self.storages: dict[str, np.ndarray[Any, Any]] = {}

    def fill(self, root: object) -> None:
        seen: dict[int, object] = {}
        waiting = [root]
        while waiting:
            thing = waiting.pop()
            if id(thing) in seen or isinstance(thing, str | bytes | int | float | None):
                continue
            seen[id(thing)] = thing
            if isinstance(thing, Inert):
                name = thing.made_by.name if isinstance(thing.made_by, Global) else ""
                if name.startswith("_rebuild_tensor") and len(thing.args) >= 4:
                    thing.array = self.tensor(thing.args)
                waiting += [*thing.args, thing.state, *thing.items, *(part for pair in thing.pairs for part in pair)]
            elif isinstance(thing, Table):
                waiting += [part for pair in thing.pairs for part in pair]
            elif isinstance(thing, list | tuple):
                waiting += thing

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
        return np.ascontiguousarray(view)


def _say_rows(root: object, leaves: LeafWriter, path: str) -> None:
    """Say which tensors of a state dictionary aren't learned weights by their names."""
    pairs = root.pairs if isinstance(root, Table | Inert) else []
    for at, (name, tensor) in enumerate(pairs):
        array = tensor.array if isinstance(tensor, Inert) else None
        if isinstance(array, np.ndarray) and isinstance(name, str):
            many = array.ndim == 2 and min(array.shape) > 1 and array.dtype.kind == "f"
            if many and not _LEARNED.search(name):
                leaves.rows(f"{path}[key {at}]", "a tensor")
