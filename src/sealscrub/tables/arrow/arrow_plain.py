"""Arrow's plain layouts, in which rows can be selected, and the way to and from views and runs."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .arrow_buffers import bitmap, built
from .nested_types import with_fields_within

__all__ = ["from_plain", "plain_type", "to_plain"]

Array: TypeAlias = Any  # pyarrow has no stubs


def plain_type(kind: Any) -> Any:
    """Give the type without views and runs, whose selection Arrow leaves to their plain siblings."""
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind):
        return pa.large_binary()
    if pa.types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if pa.types.is_list_view(kind):
        kind = pa.list_(kind.value_field)
    elif pa.types.is_large_list_view(kind):
        kind = pa.large_list(kind.value_field)
    return with_fields_within(kind, lambda field: field.with_type(plain_type(field.type)))


def to_plain(array: Array, plain: Any) -> Array:
    """Convert an array to the plain sibling of its type."""
    if array.type == plain:
        return array
    if pa.types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    elif pa.types.is_list_view(array.type) or pa.types.is_large_list_view(array.type):
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        width: npt.DTypeLike = np.int32 if pa.types.is_list(plain) else np.int64
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(width)
        values = to_plain(array.flatten(), plain.value_type)
        validity = bitmap(array.is_null().to_numpy(zero_copy_only=False))
        return built(plain, len(array), [validity, pa.py_buffer(offsets)], array.null_count, [values])
    return array if array.type == plain else array.cast(plain)


def from_plain(array: Array, kind: Any) -> Array:
    """Convert an array to the type that it came in."""
    if array.type == kind:
        return array
    if pa.types.is_run_end_encoded(kind):
        value = from_plain(array, kind.value_type)
        return pc.run_end_encode(value, run_end_type=kind.run_end_type)
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):  # Arrow has no cast to these
        width: npt.DTypeLike = np.int32 if pa.types.is_list_view(kind) else np.int64
        offsets = np.frombuffer(array.buffers()[1], dtype=width)
        buffers = [array.buffers()[0], pa.py_buffer(offsets[:-1].copy()), pa.py_buffer(np.diff(offsets))]
        values = from_plain(array.values, kind.value_type)
        return built(kind, len(array), buffers, array.null_count, [values])
    return array.cast(kind)
