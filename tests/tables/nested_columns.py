"""Columns of every type that lake tables have, inside of lists, structs and maps, with what is null or empty there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["nested_columns"]

_PLAIN: dict[str, tuple[pa.DataType, list[Any]]] = {
    "whole": (pa.int32(), [1, None, -5]),
    "text": (pa.string(), ["a", None, ""]),
    "decimal": (pa.decimal128(12, 3), [Decimal("1.250"), None]),
    "moment": (pa.timestamp("us", "UTC"), [dt.datetime(9999, 12, 31, 1, 2, 3, 4, tzinfo=dt.UTC), None]),
    "bytes": (pa.binary(), [b"\x00\xff", None, b""]),
    "float": (pa.float64(), [-0.0, None, float("inf")]),
    "day": (pa.date32(), [dt.date(1, 1, 1), None]),
    "yes": (pa.bool_(), [True, None]),
}
_MORE: dict[str, tuple[pa.DataType, list[Any]]] = {
    "local": (pa.timestamp("us"), [dt.datetime(1, 1, 1, 1, 2, 3, 4), None]),
    "time": (pa.time64("us"), [dt.time(1, 2, 3, 4), None]),
    "fixed": (pa.binary(4), [b"abcd", None]),
}
Column = tuple[pa.DataType, list[Any]]


def _listed(column: Column) -> Column:
    return pa.list_(column[0]), [None, [], list(column[1]), [None]]


def _struct(column: Column) -> Column:
    fields = pa.struct([("a", column[0]), ("b", pa.int32())])
    return fields, [None, *({"a": each, "b": at} for at, each in enumerate(column[1])), {"a": None, "b": None}]


def _mapped(column: Column) -> Column:
    return pa.map_(pa.string(), column[0]), [None, [], [(f"k{at}", each) for at, each in enumerate(column[1])]]


_WRAPPED: dict[str, Callable[[Column], Column]] = {"list": _listed, "struct": _struct, "map": _mapped}


def nested_columns(rows: int, *, more: bool = True) -> dict[str, pa.Array]:
    """Give columns of so many rows: of each type, in each of three containers, and in each of these.

    Parameters
    ----------
    rows : int
        How many; their values begin again when all were met.
    more : bool
        Whether there are types that Iceberg has and Delta has not.
    """
    columns: dict[str, Column] = {**_PLAIN, **(_MORE if more else {})}
    below = dict(columns)
    for depth in range(3):
        below = {
            f"{how}_{name}": wrap(column)
            for name, column in below.items()
            for how, wrap in _WRAPPED.items()
            if depth < 2 or name.endswith("_whole")
        }
        columns |= below
    cycled = {name: [held[at % len(held)] for at in range(rows)] for name, (_, held) in columns.items()}
    made = {name: pa.array(held, columns[name][0]) for name, held in cycled.items()}
    return made | (_uuids(rows) if more else {})


def _uuids(rows: int) -> dict[str, pa.Array]:
    stored = pa.array([bytes([at]) * 16 if at % 3 else None for at in range(rows)], pa.binary(16))
    ids = pa.ExtensionArray.from_storage(pa.uuid(), stored)
    offsets, mask = pa.array(np.arange(rows + 1, dtype=np.int32)), pa.array([at % 2 == 0 for at in range(rows)])
    return {"uuid": ids, "list_uuid": pa.ListArray.from_arrays(offsets, ids, mask=mask)}
