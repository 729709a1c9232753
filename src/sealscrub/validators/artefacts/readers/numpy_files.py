"""``.npy`` and ``.npz``: arrays, and objects in them read inertly."""

from __future__ import annotations

import ast
import struct
import zipfile
from typing import Any, BinaryIO

import numpy as np

from .arrays import ObjectArray, dtype_of, raw_array, shape_of
from .file_source import Source
from .inert_objects import Damaged
from .pickles import read_pickle

__all__ = ["read_npy", "read_npy_of"]


def read_npy(file: BinaryIO) -> np.ndarray[Any, Any] | ObjectArray:
    """Read an array from the position of a file.

    Raises
    ------
    Damaged
        When the bytes aren't one.
    """
    head = file.read(8)
    if len(head) < 8 or head[:6] != b"\x93NUMPY":
        raise Damaged
    wide = head[6] > 1
    size = file.read(4 if wide else 2)
    try:
        (length,) = struct.unpack("<I" if wide else "<H", size)
        if length > 1 << 20:
            raise Damaged
        facts = ast.literal_eval(file.read(length).decode("utf-8" if head[6] > 2 else "latin-1"))
        dtype = np.dtype(_dtype_description(facts["descr"]))
        shape = shape_of(tuple(facts["shape"]))
        fortran = bool(facts["fortran_order"])
    except (struct.error, ValueError, TypeError, KeyError, SyntaxError, MemoryError, RecursionError):
        raise Damaged from None
    if dtype.hasobject:
        aside: list[object] = []
        held = read_pickle(file, aside, 1)
        return ObjectArray(shape, [held, aside, file.read()])
    return raw_array(file.read(), dtype_of(dtype), shape, fortran=fortran)


def _dtype_description(descr: Any) -> Any:
    if isinstance(descr, list):
        return [tuple(field) for field in descr]
    if not isinstance(descr, str | tuple):
        raise Damaged
    return descr


def read_npy_of(source: Source) -> np.ndarray[Any, Any] | ObjectArray:
    """Read a ``.npy`` file."""
    source.file.seek(0)
    return read_npy(source.file)


def is_npz(archive: zipfile.ZipFile) -> bool:
    """Whether an archive holds arrays only."""
    names = archive.namelist()
    return bool(names) and all(name.endswith(".npy") for name in names)
