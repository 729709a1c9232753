"""Lists that DuckDB keeps in the type of a column: the values of an ``ENUM``, at every depth."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ..arrow.enum_lists import used_levels
from ..levels import Stays, in_use

__all__ = ["all_levels", "enum_of", "lists_levels", "relisted_type"]


def lists_levels(kind: Any) -> bool:
    """Say whether a type of DuckDB lists levels, at any depth."""
    if kind.id == "enum":
        return True
    return any(map(lists_levels, _below(kind)))


def all_levels(kind: Any) -> list[str]:
    """Give the levels that a type of DuckDB lists, at every depth."""
    if kind.id == "enum":
        return _levels(kind)
    return [level for child in _below(kind) for level in all_levels(child)]


def relisted_type(kind: Any, after: Any, own: Stays | None, within: Stays) -> str:
    """Write the type of a column of survivors, with lists of the levels that stay.

    Parameters
    ----------
    kind : DuckDBPyType
        The type that it has.
    after : pyarrow.ChunkedArray
        The column with the rows that stay.
    own : callable, optional
        Which levels of the column's own ENUM stay that no row uses; without it none does, and those that rows
        use are sorted.
    within : callable
        The same of an ENUM in lists and structs.
    """
    if kind.id != "enum":
        return _rewritten(kind, used_levels(after), within)
    levels = _levels(kind)
    used = in_use(_codes(after, levels), len(levels))
    stay = used if own is None else used | own(pl.Series(levels, dtype=pl.String), used)
    left = [level for level, kept in zip(levels, stay, strict=True) if kept]
    return enum_of(sorted(left) if own is None else left)


def enum_of(levels: list[str]) -> str:
    """Write the type that lists these levels; DuckDB has no empty list, and a column without a level is text.

    >>> enum_of(["a", "it's"])
    "ENUM('a', 'it''s')"
    """
    written = ", ".join("'" + level.replace("'", "''") + "'" for level in levels)
    return f"ENUM({written})" if levels else "VARCHAR"


_NESTED = ("list", "array", "struct", "map", "union")


def _rewritten(kind: Any, used: set[str], stays: Stays) -> str:
    if kind.id == "enum":
        levels = _levels(kind)
        there = np.array([level in used for level in levels], dtype=np.bool_)
        kept = there | stays(pl.Series(levels, dtype=pl.String), there)
        return enum_of([level for level, stay in zip(levels, kept, strict=True) if stay])
    if not lists_levels(kind):
        return str(kind)
    parts = [(name, _rewritten(child, used, stays)) for name, child in kind.children if name and hasattr(child, "id")]
    if kind.id == "list":
        return f"{parts[0][1]}[]"
    if kind.id == "array":
        size = next(child for name, child in kind.children if not hasattr(child, "id"))
        return f"{parts[0][1]}[{size}]"
    if kind.id == "map":
        return f"MAP({', '.join(part for _, part in parts)})"
    fields = ", ".join('"' + name.replace('"', '""') + f'" {part}' for name, part in parts)
    return f"{kind.id.upper()}({fields})"


def _below(kind: Any) -> list[Any]:
    return [child for _, child in kind.children if hasattr(child, "id")] if kind.id in _NESTED else []


def _levels(kind: Any) -> list[str]:
    return list(dict(kind.children)["values"])


def _codes(column: Any, levels: list[str]) -> Any:
    known = pa.array(levels, pa.string())
    parts = [
        pc.index_in(chunk.dictionary.cast(pa.string()), value_set=known).take(chunk.indices) for chunk in column.chunks
    ]
    codes = [pc.fill_null(part.cast(pa.int64()), -1).to_numpy(zero_copy_only=False) for part in parts]
    return np.concatenate([np.zeros(0, np.int64), *codes])
