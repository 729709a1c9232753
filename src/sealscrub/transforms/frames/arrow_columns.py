"""Arrow columns of survivors only: no buffer, level or slot under a null that a removed row has left.

Arrow selects lazily: a slice keeps the buffers of the whole, a dictionary keeps the levels that nobody uses,
a null keeps the value under it, a validity bitmap stays when no null is left. Each of these travels in IPC
files and pickles. :func:`gather` copies the survivors and gives the copy the one form that depends on their
values alone. Columnar format: https://arrow.apache.org/docs/format/Columnar.html
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sealscrub.errors import UsageError

from .interface import Change, RowMask
from .levels import first_appearance, recode, used_levels

__all__ = ["gather", "one_element", "owned", "with_bitmaps"]

Array: TypeAlias = Any  # pyarrow has no stubs
_SLICE = 1 << 16  # rows of a chunk where a column of 32-bit offsets is too long for one


def gather(
    column: Any,
    mask: RowMask,
    *,
    edited: RowMask | None = None,
    change: Change | None = None,
    keep_levels: bool = False,
    name: str = "",
) -> Any:
    """Copy the survivors of a column.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Of any type.
    mask : ndarray of bool
        Rows that stay.
    edited, change
        Rows that get another value, and which: a one-element array of the column's type, or null.
    keep_levels : bool
        Keep the dictionary whole and in its order.
    name : str
        The column, for errors.

    Returns
    -------
    pyarrow.ChunkedArray
        Of the same type, in one chunk where its offsets allow that, else in chunks of a fixed number of rows.

    Raises
    ------
    UsageError
        When Arrow cannot select rows of this type.
    """
    try:
        kind = column.type
        plain = _plain_type(kind)
        if pa.types.is_dictionary(kind):
            column = column.unify_dictionaries()
        pieces, start = [], 0
        for chunk in column.chunks:
            stop = start + len(chunk)
            wanted, hits = mask[start:stop], None if edited is None else edited[start:stop]
            pieces.append(_take(_to_plain(chunk, plain), wanted, hits, change, plain))
            start = stop
        joined = _joined([piece for piece in pieces if len(piece)], plain)
        tidied = [_from_plain(_tidy(piece, keep_levels, top=True), kind) for piece in joined]
        return pa.chunked_array(tidied, type=kind)
    except (pa.ArrowException, OverflowError):
        raise UsageError(
            f"rows of the type {_type_name(column.type)} cannot be taken out one by one",
            where=f"column {name!r}" if name else "",
            hint="convert the column to a plain type first.",
        ) from None


def owned(array: Array) -> Array:
    """Copy one array, keeping none of what it does not show."""
    return gather(pa.chunked_array([array]), np.ones(len(array), dtype=np.bool_)).combine_chunks()


def with_bitmaps(array: Array, null: RowMask) -> Array:
    """Replace the bitmaps of a flat array, whose last bits may be anything; its other buffers are its own."""
    if pa.types.is_null(array.type):
        return array
    data = array.buffers()[1:]
    if pa.types.is_boolean(array.type):
        data = [_bitmap(~pc.fill_null(array, False).to_numpy(zero_copy_only=False), always=True)]
    return _built(array.type, len(array), [_bitmap(null), *data], int(null.sum()), [])


def one_element(value: object, kind: Any) -> Any:
    """Make a one-element array of a column's type; a text is read as that type.

    Raises
    ------
    pyarrow.ArrowException, TypeError, ValueError, OverflowError
        When the value is not of that type.
    """
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, one_element(value, kind.storage_type))
    if pa.types.is_dictionary(kind):
        indices = pa.array([0], type=kind.index_type)
        return pa.DictionaryArray.from_arrays(
            indices, one_element(value, kind.value_type), ordered=kind.ordered
        )
    if pa.types.is_run_end_encoded(kind):
        return pc.run_end_encode(one_element(value, kind.value_type), run_end_type=kind.run_end_type)
    try:
        made = pa.array([value], type=kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError):
        made = pa.array([value]).cast(kind)
    if made.null_count:
        raise ValueError
    return made


def _take(chunk: Array, wanted: RowMask, hits: RowMask | None, change: Change | None, plain: Any) -> Array:
    positions = np.flatnonzero(wanted)
    if hits is None or change is None or not hits.any():
        return chunk.take(_integers(positions))
    hit = hits[positions]
    if change.is_null:
        return chunk.take(_integers(positions, null=hit))
    positions[hit] = len(chunk)
    return pa.concat_arrays([chunk, _to_plain(change.value, plain)]).take(_integers(positions))


def _integers(values: npt.NDArray[np.int64], null: RowMask | None = None) -> Array:
    """Make an array of integers as ``pa.array`` does, which would import pandas."""
    bitmap = None if null is None else _bitmap(null)
    return pa.Array.from_buffers(pa.int64(), len(values), [bitmap, pa.py_buffer(values)])


def _bitmap(null: RowMask, *, always: bool = False) -> Any:
    """Make the validity bitmap of an array: none where nothing is null."""
    return pa.py_buffer(np.packbits(~null, bitorder="little")) if always or null.any() else None


def _joined(pieces: list[Array], kind: Any) -> list[Array]:
    if not pieces:
        return [pa.array([], type=kind)] if not pa.types.is_union(kind) else [pa.nulls(0, kind)]
    try:
        return [pa.concat_arrays(pieces)]
    except pa.ArrowInvalid:  # more bytes than 32-bit offsets can count
        whole = pa.chunked_array(pieces)
        cut = range(0, len(whole), _SLICE)
        return [pa.concat_arrays(whole.slice(start, _SLICE).chunks) for start in cut]


def _tidy(array: Array, keep_levels: bool = False, *, top: bool = False) -> Array:
    """Give a column the one form that its values have; offset zero, nothing under a null."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, _tidy(array.storage, keep_levels, top=top))
    if pa.types.is_dictionary(kind):
        return _relevel(array, keep_levels)
    if not top or array.offset:
        array = array.take(_integers(np.arange(len(array))))
    if pa.types.is_null(kind):
        return pa.nulls(len(array))
    validity = array.buffers()[0] if array.null_count else None
    if pa.types.is_struct(kind):
        children = [_fitted(_tidy(child), field) for child, field in zip(array.flatten(), kind, strict=True)]
        return _built(kind, len(array), [validity], array.null_count, children)
    if pa.types.is_map(kind):
        entries = _entries(array, kind)
        return _built(kind, len(array), [validity, _offsets(array)], array.null_count, [entries])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values = _fitted(_tidy(array.flatten()), kind.value_field)
        return _built(kind, len(array), [validity, _offsets(array)], array.null_count, [values])
    if pa.types.is_fixed_size_list(kind):
        values = _fitted(_tidy(array.values), kind.value_field)
        return _built(kind, len(array), [validity], array.null_count, [values])
    if pa.types.is_union(kind):
        children = [_tidy(array.field(place)) for place in range(kind.num_fields)]
        return _built(kind, len(array), array.buffers()[: 3 if kind.mode == "dense" else 2], 0, children)
    return _built(kind, len(array), [validity, *array.buffers()[1:]], array.null_count, [])


def _relevel(array: Array, keep_levels: bool) -> Array:
    """Renumber the levels, by first appearance where they have no order of their own."""
    kind, levels = array.type, array.dictionary
    codes = pc.fill_null(array.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    if keep_levels:
        order = np.arange(len(levels))
    else:
        order = (used_levels if kind.ordered else first_appearance)(codes, len(levels))
    codes = recode(codes, order, len(levels))
    null = codes < 0
    codes[null] = 0
    indices = _integers(codes, null).cast(kind.index_type)
    plain = _plain_type(levels.type)
    taken = _to_plain(levels, plain).take(_integers(order))
    values = _from_plain(_tidy(taken, top=True), levels.type)
    return pa.DictionaryArray.from_arrays(_tidy(indices, top=True), values, ordered=kind.ordered)


def _entries(array: Array, kind: Any) -> Array:
    keys = _fitted(_tidy(array.keys), kind.key_field)
    items = _fitted(_tidy(array.items), kind.item_field)
    return _built(pa.struct([kind.key_field, kind.item_field]), len(keys), [None], 0, [keys, items])


def _offsets(array: Array) -> Any:
    """Copy the offsets, counted from zero; a list that is null holds nothing after a take."""
    width: npt.DTypeLike = np.int64 if pa.types.is_large_list(array.type) else np.int32
    if not len(array):
        return pa.py_buffer(np.zeros(1, dtype=width))
    offsets = np.frombuffer(array.buffers()[1], dtype=width)[: len(array) + 1]
    return pa.py_buffer(offsets - offsets[0])


def _fitted(child: Array, field: Any) -> Array:
    """Take the nulls from a child that may have none: they stand under a null of the parent."""
    kind = child.type
    if field.nullable or not child.null_count or pa.types.is_dictionary(kind):
        return child
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, _fitted(child.storage, field))
    return _built(kind, len(child), [None, *child.buffers()[1 : kind.num_buffers]], 0, _children(child))


def _children(array: Array) -> list[Array]:
    kind = array.type
    if pa.types.is_struct(kind):
        return [array.field(place) for place in range(kind.num_fields)]
    if pa.types.is_map(kind):
        return [_entries(array, kind)]
    return [array.values] if pa.types.is_nested(kind) else []


def _built(kind: Any, length: int, buffers: list[Any], nulls: int, children: list[Array]) -> Array:
    return pa.Array.from_buffers(kind, length, buffers, null_count=nulls, children=children or None)


def _plain_type(kind: Any) -> Any:
    """Give the type without views and runs, whose selection Arrow leaves to their plain siblings."""
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind):
        return pa.large_binary()
    if pa.types.is_run_end_encoded(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_plain_type(field.type)) for field in kind])
    if pa.types.is_map(kind):
        key, item = kind.key_field, kind.item_field
        return pa.map_(key.with_type(_plain_type(key.type)), item.with_type(_plain_type(item.type)), kind.keys_sorted)
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(kind.value_field.with_type(_plain_type(kind.value_type)), kind.list_size)
    if pa.types.is_large_list(kind) or pa.types.is_large_list_view(kind):
        return pa.large_list(kind.value_field.with_type(_plain_type(kind.value_type)))
    if pa.types.is_list(kind) or pa.types.is_list_view(kind):
        return pa.list_(kind.value_field.with_type(_plain_type(kind.value_type)))
    return kind


def _to_plain(array: Array, plain: Any) -> Array:
    if array.type == plain:
        return array
    if pa.types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    elif pa.types.is_list_view(array.type) or pa.types.is_large_list_view(array.type):
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        width: npt.DTypeLike = np.int32 if pa.types.is_list(plain) else np.int64
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(width)
        values = _to_plain(array.flatten(), plain.value_type)
        bitmap = _bitmap(array.is_null().to_numpy(zero_copy_only=False))
        return _built(plain, len(array), [bitmap, pa.py_buffer(offsets)], array.null_count, [values])
    return array if array.type == plain else array.cast(plain)


def _from_plain(array: Array, kind: Any) -> Array:
    if array.type == kind:
        return array
    if pa.types.is_run_end_encoded(kind):
        value = _from_plain(array, kind.value_type)
        return pc.run_end_encode(value, run_end_type=kind.run_end_type)
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):  # Arrow has no cast to these
        width: npt.DTypeLike = np.int32 if pa.types.is_list_view(kind) else np.int64
        offsets = np.frombuffer(array.buffers()[1], dtype=width)
        buffers = [array.buffers()[0], pa.py_buffer(offsets[:-1].copy()), pa.py_buffer(np.diff(offsets))]
        values = _from_plain(array.values, kind.value_type)
        return _built(kind, len(array), buffers, array.null_count, [values])
    return array.cast(kind)


def _type_name(kind: Any) -> str:
    """Name a type without the names of its fields, which can be data."""
    return str(kind).partition("<")[0]
