"""Arrow arrays built from buffers that hold what is shown and nothing else."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..row_verdicts import RowMask

__all__ = ["bitmap", "built", "integers", "no_rows", "with_bitmaps"]

Array: TypeAlias = Any  # pyarrow has no stubs


def integers(values: npt.NDArray[np.int64], null: RowMask | None = None) -> Array:
    """Make an array of integers as ``pa.array`` does, which would import pandas."""
    validity = None if null is None else bitmap(null)
    return pa.Array.from_buffers(pa.int64(), len(values), [validity, pa.py_buffer(values)])


def bitmap(null: RowMask, *, always: bool = False) -> Any:
    """Make the validity bitmap of an array: none if nothing is null."""
    return pa.py_buffer(np.packbits(~null, bitorder="little")) if always or null.any() else None


def built(kind: Any, length: int, buffers: list[Any], nulls: int, children: list[Array]) -> Array:
    """Make an array of its parts."""
    return pa.Array.from_buffers(kind, length, buffers, null_count=nulls, children=children or None)


def no_rows(kind: Any) -> Array:
    """Make an array of any type that has no rows: pyarrow makes none of unions, nor of dictionaries, of a list."""
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, no_rows(kind.storage_type))
    return pa.nulls(0, kind) if pa.types.is_nested(kind) or pa.types.is_dictionary(kind) else pa.array([], kind)


def with_bitmaps(array: Array, null: RowMask) -> Array:
    """Replace the bitmaps of a flat array, whose last bits may be anything; its other buffers are its own."""
    if pa.types.is_null(array.type):
        return array
    data = array.buffers()[1:]
    if pa.types.is_boolean(array.type):
        data = [bitmap(~pc.fill_null(array, False).to_numpy(zero_copy_only=False), always=True)]
    return built(array.type, len(array), [bitmap(null), *data], int(null.sum()), [])
