"""Lists of levels in the metadata of Arrow fields, where polars keeps the categories of an ``Enum``.

Under ``_PL_ENUM_VALUES2`` is each category behind its length in bytes: ``1;a12;with a;mark``. It travels in Parquet
and IPC files, and names categories that no row uses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from .nested_types import fields_within, with_fields_within

__all__ = ["ENUM_LISTS", "all_levels", "enum_codes", "has_lists", "listed_levels", "relisted", "relisted_within"]

ENUM_LISTS = (b"_PL_ENUM_VALUES2", b"_PL_ENUM_VALUES")
"""Names of the entries in which polars lists the categories of an ``Enum``."""


def listed_levels(field: Any) -> list[str] | None:
    """Give the categories that a field's metadata list; None if they list none.

    >>> listed_levels(pa.field("c", pa.string(), metadata={"_PL_ENUM_VALUES2": "2;zz3;a;1"}))
    ['zz', 'a;1']
    """
    for key in ENUM_LISTS:
        if key in (field.metadata or {}):
            return _parsed(field.metadata[key])
    return None


def relisted(field: Any, levels: Sequence[str]) -> Any:
    """Let a field's metadata list these categories, if they list any, and its codes be as wide as polars makes them.

    >>> relisted(pa.field("c", pa.string(), metadata={"_PL_ENUM_VALUES2": "2;zz1;a"}), ["a"]).metadata
    {b'_PL_ENUM_VALUES2': b'1;a'}
    """
    metadata = dict(field.metadata or {})
    written = b"".join(b"%d;%s" % (len(text), text) for text in (level.encode() for level in levels))
    for key in ENUM_LISTS:
        if key in metadata:
            metadata[key] = written
            field = field.with_type(_counting(field.type, len(levels)))
    return field.with_metadata(metadata)


def _counting(kind: Any, levels: int) -> Any:
    return pa.dictionary(enum_codes(levels), kind.value_type, kind.ordered) if pa.types.is_dictionary(kind) else kind


def enum_codes(levels: int) -> Any:
    """Give the type in which polars counts so many categories of an ``Enum``.

    >>> enum_codes(255), enum_codes(256)
    (DataType(uint8), DataType(uint16))
    """
    return pa.uint8() if levels < 1 << 8 else pa.uint16() if levels < 1 << 16 else pa.uint32()


def has_lists(field: Any) -> bool:
    """Say whether a field, or one below it, lists categories."""
    return listed_levels(field) is not None or any(has_lists(child) for child in fields_within(field.type))


def all_levels(field: Any) -> list[str]:
    """Give all categories that a field, or one below it, lists."""
    return [
        *(listed_levels(field) or []),
        *(level for child in fields_within(field.type) for level in all_levels(child)),
    ]


def relisted_within(field: Any, choose: Callable[[list[str]], Sequence[str]]) -> Any:
    """Give a field in which every list of categories below it is what `choose` makes of it."""
    kind = field.type
    chosen = with_fields_within(kind, lambda child: _with_chosen_levels(relisted_within(child, choose), choose))
    return field if chosen.equals(kind, check_metadata=True) else field.with_type(chosen)


def _with_chosen_levels(field: Any, choose: Callable[[list[str]], Sequence[str]]) -> Any:
    levels = listed_levels(field)
    return field if levels is None else relisted(field, choose(levels))


def _parsed(written: bytes) -> list[str]:
    levels, rest = [], written
    while rest:
        length, mark, rest = rest.partition(b";")
        if not mark or not length.isdigit():
            return []  # not polars' own: no category of it is known, and none stays
        levels.append(rest[: int(length)].decode("utf-8", "replace"))
        rest = rest[int(length) :]
    return levels
