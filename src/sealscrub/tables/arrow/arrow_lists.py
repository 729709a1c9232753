"""Dictionaries of Arrow columns, at every depth: which of their levels no row uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sealscrub.errors import UsageError

from ..levels import Suspect, in_use
from .arrow_keys import key_series
from .arrow_plain import plain_type, to_plain

__all__ = ["has_dictionary", "key_levels", "releveled", "sorted_levels", "suspects_unused", "used_and_listed"]


def has_dictionary(kind: Any) -> bool:
    """Say whether a type holds a dictionary, at any depth."""
    if isinstance(kind, pa.BaseExtensionType):
        return has_dictionary(kind.storage_type)
    if pa.types.is_run_end_encoded(kind):
        return has_dictionary(kind.value_type)
    if pa.types.is_dictionary(kind):
        return True
    return pa.types.is_nested(kind) and any(has_dictionary(kind.field(at).type) for at in range(kind.num_fields))


def used_and_listed(column: Any) -> Iterator[tuple[Any, Any]]:
    """Give of each dictionary of a column, in every chunk and at every depth, the levels in use, and all.

    Parameters
    ----------
    column : pyarrow.ChunkedArray

    Yields
    ------
    (pyarrow.Array, pyarrow.Array)
    """
    for chunk in column.chunks:
        yield from _walk_levels(chunk)


def suspects_unused(column: Any, suspect: Suspect, name: str) -> pl.Series | None:
    """Give the suspect levels that no row of a column uses; None if there is none."""
    found, used = [], []
    for present, listed in used_and_listed(column):
        found.append(key_levels(listed, name))
        used.append(key_levels(present, name))
    lists = [levels for levels in found if levels is not None]
    if not lists:
        return None
    there = [each for each in used if each is not None]
    if any(each.dtype == pl.Binary for each in lists):  # some bytes are text, and others are not
        lists, there = ([each.cast(pl.Binary) for each in some] for some in (lists, there))
    levels = pl.concat(lists).unique(maintain_order=True)
    levels = levels.filter(pl.Series(suspect(name, levels), dtype=pl.Boolean))
    unused = levels.filter(~levels.is_in(pl.concat(there).implode())) if there else levels
    return unused if len(unused) else None


def key_levels(levels: Any, name: str) -> pl.Series | None:
    """Give levels as key values; None if values of their type cannot be keys."""
    try:
        made = key_series(pc.drop_null(levels) if isinstance(levels, pa.Array) else levels, name)
    except (UsageError, pa.ArrowException):
        return None
    return made.cast(pl.String) if made.dtype == pl.Categorical else made


def sorted_levels(column: Any) -> Any:
    """Give a dictionary column of texts, in one chunk or several, its levels in their order as texts."""
    listed = {level for chunk in column.chunks for level in chunk.dictionary.to_pylist()}
    return releveled(column, sorted(listed - {None}))


def releveled(column: Any, levels: list[Any]) -> Any:
    """Give a dictionary column, in one chunk or several, these levels; they hold all its values."""
    kind = column.type
    plain = plain_type(kind.value_type)
    known, sought = pa.array(levels, type=kind.value_type), pa.array(levels, type=plain)
    chunks = []
    for chunk in column.chunks:
        places = pc.index_in(to_plain(chunk.dictionary, plain), value_set=sought)
        indices = places.take(chunk.indices).cast(kind.index_type)
        chunks.append(pa.DictionaryArray.from_arrays(indices, known, ordered=kind.ordered))
    return pa.chunked_array(chunks, type=kind)


def _walk_levels(array: Any) -> Iterator[tuple[Any, Any]]:
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        yield from _walk_levels(array.storage)
    elif pa.types.is_run_end_encoded(kind):
        yield from _walk_levels(pc.run_end_decode(array)) if has_dictionary(kind) else ()
    elif pa.types.is_dictionary(kind):
        codes = pc.fill_null(array.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
        levels = to_plain(array.dictionary, plain_type(kind.value_type))
        yield levels.filter(pa.array(in_use(codes, len(levels)))), levels
    elif pa.types.is_struct(kind):
        for child in array.flatten():
            yield from _walk_levels(child)
    elif pa.types.is_map(kind):
        yield from _walk_levels(array.keys)
        yield from _walk_levels(array.items)
    elif pa.types.is_union(kind):
        for place in range(kind.num_fields):
            yield from _walk_levels(array.field(place))
    elif pa.types.is_nested(kind):
        yield from _walk_levels(array.flatten())
