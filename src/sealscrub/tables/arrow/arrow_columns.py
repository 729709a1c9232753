"""Arrow columns of survivors only: no buffer, level or slot under a null that a removed row has left.

Arrow selects lazily: a slice keeps the buffers of the whole, a dictionary keeps the levels that no one uses,
a null keeps the value under it, a validity bitmap stays when no null is left. Each of these travels in IPC
files and pickles. :func:`gather` copies the survivors and gives the copy the one form that depends on their
values only. Columnar format: https://arrow.apache.org/docs/format/Columnar.html
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sealscrub.errors import UsageError

from ..levels import Stays, first_appearance, in_use, recode, used_levels
from ..row_verdicts import RowMask
from .arrow_buffers import built, integers, no_rows
from .arrow_lists import key_levels
from .arrow_plain import from_plain, plain_type, to_plain

__all__ = ["gather", "one_element", "owned", "without_nulls"]

Array: TypeAlias = Any  # pyarrow has no stubs
_SLICE = 1 << 16  # rows of a chunk if a column of 32-bit offsets is too long for one


def gather(
    column: Any,
    mask: RowMask,
    *,
    null: RowMask | None = None,
    stays: Stays | None = None,
    fresh: bool = False,
    name: str = "",
) -> Any:
    """Copy the survivors of a column.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Of any type.
    mask : ndarray of bool
        Rows that stay.
    null : ndarray of bool, optional
        Rows that become null.
    stays : callable, optional
        Keep the dictionary in its order, and of its levels that no row uses those that this says.
    fresh : bool
        Put levels below the top by first appearance though they are ordered, as a reader has found them so.
    name : str
        The column, for errors.

    Returns
    -------
    pyarrow.ChunkedArray
        Of the same type, in one chunk if its offsets allow that, else in chunks of a fixed number of rows.

    Raises
    ------
    UsageError
        When Arrow cannot select rows of this type.
    """
    try:
        kind = column.type
        plain = plain_type(kind)
        if pa.types.is_dictionary(kind):
            column = column.unify_dictionaries()
        pieces, start = [], 0
        for chunk in column.chunks:
            stop = start + len(chunk)
            positions = np.flatnonzero(mask[start:stop])
            nulls = None if null is None else null[start:stop][positions]
            pieces.append(to_plain(chunk, plain).take(integers(positions, null=nulls)))
            start = stop
        joined = _concatenate_chunks([piece for piece in pieces if len(piece)], plain)
        tidied = [from_plain(_tidy(piece, stays, top=True, fresh=fresh), kind) for piece in joined]
        return pa.chunked_array(tidied, type=kind)
    except (pa.ArrowException, OverflowError):
        raise UsageError(
            f"rows of the type {_type_name(column.type)} cannot be removed one by one",
            where=f"column {name!r}" if name else "",
            hint="convert the column to a plain type first.",
        ) from None


def owned(array: Array) -> Array:
    """Copy one array, keeping none of what it does not show."""
    return gather(pa.chunked_array([array]), np.ones(len(array), dtype=np.bool_)).combine_chunks()


def one_element(value: object, kind: Any) -> Any:
    """Make a one-element array of a column's type; a text is read as that type.

    A time of a zone is the instant that it names, also where ``PYARROW_IGNORE_TIMEZONE`` is set, by which pyarrow takes
    the time that the clock shows there for one in UTC. pandera and pandas on Spark set it when they are imported.

    Raises
    ------
    pyarrow.ArrowException, TypeError, ValueError, OverflowError
        When the value is not of that type.
    """
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, one_element(value, kind.storage_type))
    if pa.types.is_dictionary(kind):
        indices = pa.array([0], type=kind.index_type)
        return pa.DictionaryArray.from_arrays(indices, one_element(value, kind.value_type), ordered=kind.ordered)
    if pa.types.is_run_end_encoded(kind):
        return pc.run_end_encode(one_element(value, kind.value_type), run_end_type=kind.run_end_type)
    value = _in_utc(value)
    try:
        made = pa.array([value], type=kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError):
        made = pa.array([value]).cast(kind)
    if made.null_count:
        raise ValueError
    return made


def _in_utc(value: object) -> object:
    """Give a value with each time of a zone in it as the same instant without a zone, which pyarrow takes for UTC."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    if type(value) in (list, tuple):  # a map's entries are tuples; an interval is a tuple of another type
        return type(value)(map(_in_utc, value))  # type: ignore[call-arg, call-overload]  # a list or a tuple
    return {name: _in_utc(each) for name, each in value.items()} if isinstance(value, dict) else value


def _concatenate_chunks(pieces: list[Array], kind: Any) -> list[Array]:
    if not pieces:
        return [no_rows(kind)]
    try:
        return [pa.concat_arrays(pieces)]
    except pa.ArrowInvalid:  # more bytes than 32-bit offsets can count
        whole = pa.chunked_array(pieces)
        cut = range(0, len(whole), _SLICE)
        return [pa.concat_arrays(whole.slice(start, _SLICE).chunks) for start in cut]


def _tidy(array: Array, stays: Stays | None = None, *, top: bool = False, fresh: bool = False) -> Array:
    """Give a column the one form that its values have; offset zero, nothing under a null."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, _tidy(array.storage, stays, top=top, fresh=fresh))
    if pa.types.is_dictionary(kind):
        return _relevel(array, stays, fresh=fresh and not top)
    if not top or array.offset:
        array = array.take(integers(np.arange(len(array))))
    if pa.types.is_null(kind):
        return pa.nulls(len(array))
    validity = array.buffers()[0] if array.null_count else None
    if pa.types.is_struct(kind):
        children = [
            without_nulls(_tidy(child, fresh=fresh), field) for child, field in zip(array.flatten(), kind, strict=True)
        ]
        return built(kind, len(array), [validity], array.null_count, children)
    if pa.types.is_map(kind):
        entries = _entries(array, kind, fresh=fresh)
        return built(kind, len(array), [validity, _offsets(array)], array.null_count, [entries])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values = without_nulls(_tidy(array.flatten(), fresh=fresh), kind.value_field)
        return built(kind, len(array), [validity, _offsets(array)], array.null_count, [values])
    if pa.types.is_fixed_size_list(kind):
        values = without_nulls(_tidy(array.values, fresh=fresh), kind.value_field)
        return built(kind, len(array), [validity], array.null_count, [values])
    if pa.types.is_union(kind):
        children = [_tidy(array.field(place), fresh=fresh) for place in range(kind.num_fields)]
        return built(kind, len(array), array.buffers()[: 3 if kind.mode == "dense" else 2], 0, children)
    return built(kind, len(array), [validity, *array.buffers()[1:]], array.null_count, [])


def _relevel(array: Array, stays: Stays | None, *, fresh: bool) -> Array:
    """Renumber the levels, by first appearance if they have no order of their own."""
    kind, levels = array.type, array.dictionary
    codes = pc.fill_null(array.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    if stays is not None:
        used = in_use(codes, len(levels))
        known = key_levels(levels, "levels")
        order = np.flatnonzero(used | (stays(known, used) if known is not None and len(known) == len(levels) else True))
    else:
        order = (used_levels if kind.ordered and not fresh else first_appearance)(codes, len(levels))
    codes = recode(codes, order, len(levels))
    null = codes < 0
    codes[null] = 0
    indices = integers(codes, null).cast(kind.index_type)
    plain = plain_type(levels.type)
    taken = to_plain(levels, plain).take(integers(order))
    values = from_plain(_tidy(taken, top=True), levels.type)
    return pa.DictionaryArray.from_arrays(_tidy(indices, top=True), values, ordered=kind.ordered)


def _entries(array: Array, kind: Any, *, fresh: bool = False) -> Array:
    keys = without_nulls(_tidy(array.keys, fresh=fresh), kind.key_field)
    items = without_nulls(_tidy(array.items, fresh=fresh), kind.item_field)
    return built(pa.struct([kind.key_field, kind.item_field]), len(keys), [None], 0, [keys, items])


def _offsets(array: Array) -> Any:
    """Copy the offsets, counted from zero; a list that is null holds nothing after a take."""
    width: npt.DTypeLike = np.int64 if pa.types.is_large_list(array.type) else np.int32
    if not len(array):
        return pa.py_buffer(np.zeros(1, dtype=width))
    offsets = np.frombuffer(array.buffers()[1], dtype=width)[: len(array) + 1]
    return pa.py_buffer(offsets - offsets[0])


def without_nulls(child: Array, field: Any) -> Array:
    """Take the nulls from a child that may have none: they are under a null of the parent."""
    kind = child.type
    if field.nullable or not child.null_count or pa.types.is_dictionary(kind):
        return child
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, without_nulls(child.storage, field))
    return built(kind, len(child), [None, *child.buffers()[1 : kind.num_buffers]], 0, _children(child))


def _children(array: Array) -> list[Array]:
    kind = array.type
    if pa.types.is_struct(kind):
        return [array.field(place) for place in range(kind.num_fields)]
    if pa.types.is_map(kind):
        return [_entries(array, kind)]
    return [array.values] if pa.types.is_nested(kind) else []


def _type_name(kind: Any) -> str:
    """Name a type without the names of its fields, which can be data."""
    return str(kind).partition("<")[0]
