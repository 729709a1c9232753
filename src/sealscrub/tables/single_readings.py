"""What can be read once only, or is a query that gives other rows when it runs again."""

from __future__ import annotations

import sys
from typing import Any
from weakref import WeakSet

from sealscrub.errors import UnreadableInput

from .value_free_errors import unquoted

__all__ = ["hold_rows", "read_to_end"]

_SPENT: WeakSet[Any] = WeakSet()


def read_to_end(reader: Any) -> Any:
    """Read a ``pyarrow.RecordBatchReader`` into a table; the second time it would be a table without rows.

    Raises
    ------
    UnreadableInput
        When it was read before.
    """
    if reader in _SPENT:
        raise UnreadableInput(
            "a RecordBatchReader can be read only once, and this one was read before",
            hint="read it into a table first: reader.read_all().",
        )
    _SPENT.add(reader)
    return reader.read_all()


def hold_rows(data: Any) -> Any:
    """Give data that can be read again and again: readers and queries are read now, anything else is as it is.

    Raises
    ------
    UnreadableInput
        When a reader was read before, or a relation's query fails.
    """
    arrow, polars, duckdb = (sys.modules.get(name) for name in ("pyarrow", "polars", "duckdb"))
    if arrow is not None and isinstance(data, arrow.RecordBatchReader):
        return read_to_end(data)
    if polars is not None and isinstance(data, polars.LazyFrame):
        with unquoted("the frame"):
            return data.collect(engine="streaming")
    if duckdb is not None and isinstance(data, duckdb.DuckDBPyRelation):
        from .duckdb_relation.duckdb_frame import DuckDBFrame

        return DuckDBFrame(data).relation
    return data
