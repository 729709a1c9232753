"""Which reader a file is for, by what it holds and then by its name; what none knows is said to be unchecked."""

from __future__ import annotations

import contextlib
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath

import numpy as np

from ..leaves import LeafWriter, TooMuch
from .archives import archive_parts, member, members, opened
from .columnar_files import is_arrow, read_arrow, read_parquet
from .encoded_texts import texts_in
from .file_source import NotReadable, Source, unpacked
from .inert_objects import Damaged, TooDeep
from .numpy_files import is_npz, read_npy_of
from .object_walk import walk
from .onnx_files import is_onnx, read_onnx
from .pickles import read_pickle
from .plain_bytes import write_plain_texts
from .skops_files import read_skops
from .tensors import is_safetensors, read_safetensors, read_torch
from .text_files import is_text, read_text
from .ubjson import is_ubjson, read_ubjson
from .uncovered_bytes import say_gaps
from .vector_files import is_faiss, is_hnswlib, is_usearch, read_faiss, read_hnswlib, read_usearch
from .walk_place import safe_name

__all__ = ["Within", "read_source"]

_PICKLE_SUFFIXES = frozenset({".pkl", ".pickle", ".joblib", ".p", ".sav", ".dill", ".cloudpickle", ".jbl", ".model"})


def read_source(source: Source, leaves: LeafWriter) -> None:
    """Write the leaves of a file, and what of it couldn't be read."""
    try:
        _read(source, leaves)
    except NotReadable as why:
        leaves.unchecked(source.path, str(why))
    except TooDeep:
        leaves.unchecked(source.path, "it is nested too deeply to read")
    except Damaged:
        leaves.unchecked(source.path, "it is damaged, or not of the format that it claims")
    except TooMuch:
        leaves.unchecked(source.path, "it describes far more than a file of its size can hold")
    except MemoryError:
        leaves.unchecked(source.path, "reading it needs more memory than may be used")
    except RecursionError:
        leaves.unchecked(source.path, "it is nested too deeply to read")


def _read(source: Source, leaves: LeafWriter) -> None:
    if not source.size:
        return
    for fits, read in READERS:
        if fits(source):
            source.file.seek(0)
            read(source, leaves)
            write_plain_texts(source, leaves)
            return
    source.file.seek(0)  # a reader that looked whether the file is for it may have moved it
    inner = unpacked(source)
    if inner is not None:
        write_plain_texts(source, leaves)
        read_source(inner, leaves)
        return
    if is_text(source):
        read_text(source, leaves)
        return
    _unknown(source, leaves)


def _is_zip(source: Source) -> bool:
    return source.head.startswith(b"PK\x03\x04") or source.head.startswith(b"PK\x05\x06")


def _zip(source: Source, leaves: LeafWriter) -> None:
    with opened(source) as archive:
        names = members(archive)
        if len(set(archive.namelist())) < len(archive.namelist()) or any(
            info.is_dir() and info.file_size for info in archive.infolist()
        ):
            leaves.unchecked(source.path, "two members have one name, or a folder has content")
        leaves.texts(source.path, texts_in(archive.comment))
        say_gaps(source, archive_parts(source, archive), leaves)
        for kind in ARCHIVES:
            read = kind(source, archive, leaves)
            if read is not None:
                _members(source, archive, [name for name in names if name not in read], leaves)
                return
        _members(source, archive, names, leaves)


def _members(source: Source, archive: zipfile.ZipFile, names: list[str], leaves: LeafWriter) -> None:
    for at, name in enumerate(names):
        leaves.texts(_member_path(source, name, at), [name])
        read_source(member(source, archive, name, _member_path(source, name, at)), leaves)


def _skops(source: Source, archive: zipfile.ZipFile, leaves: LeafWriter) -> set[str] | None:
    if "schema.json" not in archive.namelist():
        return None
    root, used = read_skops(source, archive)
    walk(root, leaves, source.path)
    return used


def _member_path(source: Source, name: str, at: int) -> str:
    parts = [safe_name(PurePosixPath(part).stem, f"member {at}") + PurePosixPath(part).suffix for part in [name]]
    plain = re.fullmatch(r"(?:[A-Za-z_][\w-]{0,40}/){0,6}[A-Za-z_][\w-]{0,60}(?:\.[A-Za-z]{1,10}){0,2}", name)
    shown = name if plain and not re.search(r"\d{3}", name) else parts[0] if "/" not in name else f"member {at}"
    return f"{source.path}{shown}!"


def _arrays(source: Source, archive: zipfile.ZipFile, leaves: LeafWriter) -> set[str] | None:
    if not is_npz(archive):
        return None
    for at, name in enumerate(archive.namelist()):
        held = member(source, archive, name)
        shown = safe_name(name.removesuffix(".npy"), f"array {at}")
        leaves.texts(source.path + shown, [name.removesuffix(".npy")])
        _one_array(held, leaves, source.path + shown)
    return set(archive.namelist())


def _npy(source: Source, leaves: LeafWriter) -> None:
    _one_array(source, leaves, source.path)


def _one_array(source: Source, leaves: LeafWriter, path: str) -> None:
    array = read_npy_of(source)
    plain = len(array.shape) > 1 and array.shape[0] > 1 and array.shape[1] > 1
    fields = array.dtype.names or () if isinstance(array, np.ndarray) else ()
    if plain or (len(fields) > 1 and array.shape and array.shape[0] > 1):
        leaves.rows(path, "an array")
    walk(array, leaves, path)


def _is_pickle(source: Source) -> bool:
    head = source.head
    if len(head) > 1 and head[0] == 0x80 and head[1] in (2, 3, 4, 5):
        return True
    if head.startswith(b"]\0\0"):  # lzma, which joblib writes under any name
        return False
    return source.suffix in _PICKLE_SUFFIXES and head[:1] in (
        b"(",
        b"c",
        b"]",
        b"}",
        b"I",
        b"S",
        b"V",
        b"F",
        b"L",
        b"N",
    )


def _pickle(source: Source, leaves: LeafWriter) -> None:
    source.file.seek(0)
    at = 0
    while source.file.tell() < source.size:
        if at and source.file.read(1) in (b"\n", b"\0"):
            continue
        if at:
            source.file.seek(-1, 1)
        place = source.path if not at else f"{source.path}(pickle {at})"
        aside: list[object] = []
        walk(read_pickle(source.file, aside), leaves, place, aside=aside)
        at += 1


class Within:
    """Reads the files that are bytes within others.

    Parameters
    ----------
    source : Source
        The file that was named.
    leaves : LeafWriter
    """

    def __init__(self, source: Source, leaves: LeafWriter) -> None:
        self.source, self.leaves, self.depth = source, leaves, source.depth

    def __call__(self, data: bytes, path: str) -> bool:
        """Whether bytes are such a file, which is read then."""
        packed = data.startswith((b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18"))
        if data[:1] == b"\x78" and len(data) > 8 and (data[0] * 256 + data[1]) % 31 == 0:
            with contextlib.suppress(zlib.error):
                packed = bool(zlib.decompressobj().decompress(data, 64))
        if not packed and not data.startswith((b"PK\3\4", b"\x93NUMPY", b"PAR1", b"ARROW1")):
            return False
        self.depth += 1
        try:
            read_source(self.source.inner(iter([data]), "", f"{path}!", self.depth), self.leaves)
        except TooDeep:
            self.leaves.unchecked(path, "it is nested too deeply to read")
        finally:
            self.depth -= 1
        return True


def _unknown(source: Source, leaves: LeafWriter) -> None:
    """A format that no one here knows: its printable runs and its bytes are looked through, and it stays unchecked."""
    write_plain_texts(source, leaves)
    if source.size <= 1 << 28:
        data = source.content()
        leaves.texts(source.path, texts_in(data))
        leaves.raw(source.path, data)
    leaves.unchecked(source.path, "no reader knows its format")


def _ubjson(source: Source, leaves: LeafWriter) -> None:
    walk(read_ubjson(source.content()), leaves, source.path)


def _starts_with(*magic: bytes) -> Callable[[Source], bool]:
    return lambda source: source.head.startswith(magic)


Reader = tuple[Callable[[Source], bool], Callable[[Source, LeafWriter], None]]

READERS: list[Reader] = [
    (_is_zip, _zip),
    (_starts_with(b"\x93NUMPY"), _npy),
    (_is_pickle, _pickle),
    (_starts_with(b"PAR1"), read_parquet),
    (is_arrow, read_arrow),
    (is_onnx, read_onnx),
    (is_safetensors, read_safetensors),
    (is_faiss, read_faiss),
    (lambda source: is_ubjson(source.head), _ubjson),
    (is_usearch, read_usearch),
    (is_hnswlib, read_hnswlib),
]
ARCHIVES: list[Callable[[Source, zipfile.ZipFile, LeafWriter], set[str] | None]] = [_skops, _arrays, read_torch]
"""Kinds of zip: each gives the members that it has read, or None if an archive isn't of its kind."""
