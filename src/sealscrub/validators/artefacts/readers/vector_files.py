"""Vector indexes: FAISS, hnswlib, usearch. Deleted vectors stay in their files; bytes are looked through whole."""

from __future__ import annotations

import struct

import numpy as np

from ..leaves import LeafWriter
from .file_source import Source

__all__ = ["is_faiss", "is_hnswlib", "is_usearch", "read_faiss", "read_hnswlib", "read_usearch"]

_PLAIN = (b"IxF2", b"IxFI", b"IxFl", b"IHNf", b"IwFl", b"IxMp", b"IxM2")
_COMPRESSED = (b"IxPq", b"IxPQ", b"IxSQ", b"IwPQ", b"IwSq", b"IwSQ", b"IHNs", b"IHNp", b"IxHe", b"IxRQ", b"IwQR")
_SCALARS = {10: "<f8", 11: "<f4", 12: "<f2"}


def is_faiss(source: Source) -> bool:
    """Whether it starts with one of FAISS's four letters."""
    return source.head[:4] in (*_PLAIN, *_COMPRESSED) or source.head[:2] in (b"Ix", b"Iw", b"IH")


def read_faiss(source: Source, leaves: LeafWriter) -> None:
    """Write its bytes; an index that compresses its vectors is unchecked."""
    data = source.content()
    compressed = source.head[:4] not in _PLAIN or any(mark in data[4:4096] for mark in _COMPRESSED)
    _raw(data, source, leaves)
    if compressed:
        leaves.unchecked(source.path, "it keeps vectors compressed, in which rows can't be compared")


def is_hnswlib(source: Source) -> bool:
    """Whether its header fits its size: hnswlib's files have no other mark."""
    if source.size < 96 or source.suffix in (".pkl", ".joblib"):
        return False
    first, most, count, size, label, vector = struct.unpack_from("<6Q", source.head)
    plain = first == 0 and 0 < count <= most < 1 << 40 and vector < label < size < 1 << 24
    return bool(plain and 0 < count * size < source.size and (label - vector) % 4 == 0)


def read_hnswlib(source: Source, leaves: LeafWriter) -> None:
    """Write its bytes: elements that are marked as deleted are among them."""
    _raw(source.content(), source, leaves)


def is_usearch(source: Source) -> bool:
    """Whether its mark is behind its matrix of vectors."""
    if source.size < 80:
        return False
    rows, width = struct.unpack_from("<2I", source.head)
    source.file.seek(min(8 + rows * width, source.size))
    return source.file.read(7) == b"usearch"


def read_usearch(source: Source, leaves: LeafWriter) -> None:
    """Write its vectors, and the rest as bytes."""
    data = source.content()
    rows, width = struct.unpack_from("<2I", data)
    after = 8 + rows * width
    scalar = _SCALARS.get(data[after + 14]) if len(data) > after + 14 else None
    _raw(data, source, leaves)
    if scalar is None or width % np.dtype(scalar).itemsize:
        leaves.unchecked(source.path, "it keeps vectors compressed, in which rows can't be compared")
    else:
        leaves.numbers(f"{source.path}vectors", np.frombuffer(data[8:after], scalar).reshape(rows, -1))


def _raw(data: bytes, source: Source, leaves: LeafWriter) -> None:
    leaves.rows(source.path, "a vector index")
    leaves.raw(source.path, data)
    for shift in range(0, 8, 4):  # labels are numbers of 64 bits, somewhere
        words = np.frombuffer(data, "<i8", (len(data) - shift) // 8, shift)
        leaves.numbers(f"{source.path}(labels)", words[(words >= 0) & (words < 1 << 53)])
