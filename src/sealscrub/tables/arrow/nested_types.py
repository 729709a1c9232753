"""Types of Arrow that hold fields: which they are, and the same type around others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

__all__ = ["fields_within", "with_fields_within"]

_LISTS = (
    (pa.types.is_list, pa.list_),
    (pa.types.is_large_list, pa.large_list),
    (pa.types.is_list_view, pa.list_view),
    (pa.types.is_large_list_view, pa.large_list_view),
)


def fields_within(kind: Any) -> list[Any]:
    """Give the fields that a type holds; of a map, those of keys and items.

    >>> [field.name for field in fields_within(pa.map_(pa.string(), pa.int64()))]
    ['key', 'value']
    """
    if pa.types.is_map(kind):
        return [kind.key_field, kind.item_field]
    return [kind.field(at) for at in range(kind.num_fields)] if pa.types.is_nested(kind) else []


def with_fields_within(kind: Any, change: Callable[[Any], Any]) -> Any:
    """Give a type of the same kind that holds what `change` makes of each field; a union, or no nested type, as it is.

    >>> with_fields_within(pa.large_list(pa.int32()), lambda field: field.with_type(pa.int64()))
    LargeListType(large_list<item: int64>)
    """
    if pa.types.is_map(kind):
        return pa.map_(change(kind.key_field), change(kind.item_field), kind.keys_sorted)
    if pa.types.is_struct(kind):
        return pa.struct([change(field) for field in kind])
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(change(kind.value_field), kind.list_size)
    return next((made(change(kind.value_field)) for is_list, made in _LISTS if is_list(kind)), kind)
