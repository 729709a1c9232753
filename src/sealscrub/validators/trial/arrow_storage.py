"""Arrow values by what stores them: exact, where Python's points in time lose nanoseconds or end with the year 9999."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from sealscrub.tables.arrow.arrow_plain import plain_type, to_plain
from sealscrub.tables.arrow.nested_types import with_fields_within

__all__ = ["stored"]


def stored(array: Any) -> Any:
    """Give an array, or chunks of one, in the type that stores it.

    Dates, times and durations become integers, dictionaries, views, runs and extensions what they hold, at every depth.

    Raises
    ------
    pyarrow.ArrowException
        When Arrow knows no way to one of its types.

    Examples
    --------
    >>> stored(pa.array([1, None], pa.timestamp("ns", "UTC"))).to_pylist()
    [1, None]
    >>> stored(pa.array(["a", "b", "a"]).dictionary_encode()).to_pylist()
    ['a', 'b', 'a']
    """
    if isinstance(array, pa.ChunkedArray):
        kind = _storage(plain_type(_storage_type(array.type)))
        return pa.chunked_array([stored(chunk) for chunk in array.chunks], kind)
    while isinstance(array.type, pa.BaseExtensionType) or pa.types.is_dictionary(array.type):
        array = _decoded(array) if pa.types.is_dictionary(array.type) else array.storage
    plain = plain_type(array.type)
    array = to_plain(array, plain)
    kind = _storage(plain)
    return array if array.type == kind else array.cast(kind)


def _decoded(array: Any) -> Any:
    levels = array.dictionary
    return to_plain(levels, plain_type(levels.type)).take(array.indices)


def _storage_type(kind: Any) -> Any:
    while isinstance(kind, pa.BaseExtensionType) or pa.types.is_dictionary(kind):
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind.storage_type
    return kind


def _storage(kind: Any) -> Any:
    kind = _storage_type(kind)
    if pa.types.is_date32(kind) or pa.types.is_time32(kind):
        return pa.int32()
    if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        return pa.int64()
    return with_fields_within(kind, lambda field: field.with_type(_storage(field.type)))
