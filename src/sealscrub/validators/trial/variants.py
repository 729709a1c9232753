"""Variants of the sealed rows' payload: other values in the same rows, which may cross a threshold that these don't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sealscrub.tables import frame_adapter

from .rows import gathered, table_rows
from .table_rows import Refill, Rows, TableRows
from .unseen_values import is_null
from .unseen_variant import unseen
from .worlds import Table

__all__ = ["VARIANTS", "variant"]

#: What is done to the payload of sealed rows.
VARIANTS = ("permute", "unseen", "resample", "extreme", "duplicate", "reorder")


def variant(name: str, seed: int, full: dict[str, None] | None = None) -> Callable[[Table], Any]:
    """Give what makes a variant of a table; its keys, and rows that are not sealed, stay as they are.

    So do the types of its columns, and the levels that they declare.

    Parameters
    ----------
    name : str
    seed : int
    full : dict, optional
        Gets the names of the columns that have no room for what no other row has.
    """
    draws = np.random.default_rng(seed)

    def change(table: Table) -> Any:
        places = np.flatnonzero(table.sealed)
        if not len(places):
            return table.data
        if name in ("duplicate", "reorder"):
            return _rearranged(table, places, name, draws)
        rows = table_rows(table.data)
        keys = {column for key in table.keys for column in key.columns}
        refills = {}
        for position, column in enumerate(frame_adapter(table.data).columns):
            if column not in keys:
                refill = _refill(rows, position, places, name, draws)
                if refill is not None:
                    refills[position] = refill
                elif full is not None:
                    full[str(column)] = None
        return rows.refilled(refills)

    return change


def _refill(rows: TableRows, position: int, places: Rows, name: str, draws: np.random.Generator) -> Refill | None:
    if name in ("unseen", "unseen numbers"):
        return unseen(rows, position, places, texts=name == "unseen")
    if name == "permute":
        sources = places[draws.permutation(len(places))]
    elif name == "resample":
        sources = draws.integers(0, rows.height, len(places))
    else:
        sources = np.full(len(places), _row_of_most(rows, position))
    return Refill.of(rows.height, places, sources)


def _row_of_most(rows: TableRows, position: int) -> int:
    """Give a row with the greatest value of a column, or with any if values have no order."""
    first, values = rows.distinct(position)
    known = [at for at, value in enumerate(values) if not is_null(value)]
    if not known:
        return 0
    try:
        return int(first[max(known, key=values.__getitem__)])
    except (TypeError, ValueError, ArithmeticError):
        return int(first[known[0]])


def _rearranged(table: Table, rows: Any, name: str, draws: np.random.Generator) -> Any:
    total = len(table.sealed)
    order = np.arange(total)
    if name == "duplicate":
        order = np.sort(np.concatenate([order, rows]), kind="stable")
    else:
        order[rows] = rows[draws.permutation(len(rows))]
    return gathered(table.data, order)
