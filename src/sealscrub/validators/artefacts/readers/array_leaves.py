"""The leaves of an array: numbers, texts, fields, and the counts of single training rows in them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..leaves import LeafWriter
from .encoded_texts import decoded, letters, texts_in
from .row_stores import CELLS_WITH_COUNTS
from .walk_place import Here, safe_name

__all__ = ["write_array"]

_MOST_DAYS = 5_000_000


def write_array(array: np.ndarray[Any, Any], here: Here, leaves: LeafWriter) -> None:
    """Write what an array holds."""
    if array.dtype.names:
        _structured_leaves(array, here, leaves)
    elif array.dtype.subdtype is not None or array.dtype.kind in "V":
        data = array.tobytes()
        leaves.texts(here.path, texts_in(data))
        leaves.raw(here.path, data)
    elif array.dtype.kind in "US":
        flat = np.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array
        texts = [str(text) for text in flat.ravel()]
        texts += ["".join(texts)] if array.dtype.itemsize in (1, 4) and max(map(len, texts), default=0) == 1 else []
        leaves.texts(here.path, texts, owner=here.owner_name, name=here.name)
        for text in texts:
            for encoded in decoded(text):
                leaves.texts(f"{here.path}(decoded)", texts_in(encoded))
    elif array.dtype.kind == "c":
        leaves.numbers(here.path, array.real, owner=here.owner_name, name=here.name)
        leaves.numbers(here.path, array.imag, owner=here.owner_name, name=here.name)
    elif array.dtype.kind in "mM":
        leaves.numbers(here.path, array.astype(np.int64), owner=here.owner_name, name=here.name)
        if array.dtype.kind == "M" and array.size <= _MOST_DAYS:
            days = np.datetime_as_string(array.astype("datetime64[D]").ravel())
            leaves.texts(here.path, days.tolist(), owner=here.owner_name, name=here.name)
    else:
        if here.name in CELLS_WITH_COUNTS and array.size and (ones := int(np.count_nonzero(array == 1))):
            leaves.note(here.path, "cells that only one training row has filled", ones)
        leaves.numbers(here.path, array, owner=here.owner_name, name=here.name)
        leaves.texts(here.path, letters(array))


def _structured_leaves(array: np.ndarray[Any, Any], here: Here, leaves: LeafWriter) -> None:
    names = array.dtype.names or ()
    if {"left_child", "n_node_samples"} <= set(names):
        single = (array["left_child"] == -1) & (array["n_node_samples"] == 1)
        if single.any():
            leaves.note(
                here.path, "leaves of a tree that a single training row has made", int(np.count_nonzero(single))
            )
    leaves.texts(f"{here.path}(fields)", list(names))
    for at, name in enumerate(names):
        shown = safe_name(name, f"[field {at}]")
        place = Here(f"{here.path}.{shown}", here.owner, shown, here.nested)
        write_array(np.ascontiguousarray(array[name]), place, leaves)
    columns = dict(_number_columns(array, array.ndim)) if array.size else {}
    if len(columns) > 1 and "left_child" not in names:
        kinds = {str(column.dtype) for column in columns.values()}
        dtype = np.float32 if kinds == {"float32"} else np.float64
        block = np.column_stack([column.astype(dtype) for column in columns.values()])
        leaves.numbers(here.path, block, owner=here.owner_name, columns=tuple(columns))


def _number_columns(
    array: np.ndarray[Any, Any], dimensions: int, name: str = ""
) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """The numbers of an array of structures as the columns of a table, those of fields within fields too.

    A field of several numbers has dimensions of its own, behind those of the array.
    """
    if array.dtype.names:
        for field in array.dtype.names:
            yield from _number_columns(np.asarray(array[field]), dimensions, f"{name}.{field}" if name else field)
    elif array.dtype.kind in "iufb":
        columns = array.reshape(math.prod(array.shape[:dimensions]), -1).T
        for at, column in enumerate(columns):
            yield (f"{name}.{at}" if len(columns) > 1 else name), column
