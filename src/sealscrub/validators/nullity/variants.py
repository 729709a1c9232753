"""Variants of the sealed rows' payload: other values in the same rows, which may cross a threshold that these don't."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from sealscrub.frames import frame_adapter

from .rows import gathered, with_values
from .worlds import Table

__all__ = ["VARIANTS", "variant"]

#: How dates and times are written as text.
_FORMS = (
    "%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M",
)  # fmt: skip
#: What is done to the payload of sealed rows.
VARIANTS = ("permute", "unseen", "resample", "extreme", "duplicate", "reorder")


def variant(name: str, seed: int) -> Callable[[Table], Any]:
    """Give what makes a variant of a table; its keys, and rows that are not sealed, stay as they are."""
    draws = np.random.default_rng(seed)

    def change(table: Table) -> Any:
        rows = np.flatnonzero(table.sealed)
        if not len(rows):
            return table.data
        if name in ("duplicate", "reorder"):
            return _rearranged(table, rows, name, draws)
        keys = {column for key in table.keys for column in key.columns}
        if name in ("unseen", "unseen numbers"):
            return _unseen(table.data, rows, keys, texts=name == "unseen")
        values = {}
        for column in frame_adapter(table.data).columns:
            if column not in keys:
                found = _changed(table.data, column, rows, name, draws)
                if found is not None:
                    values[column] = found
        return with_values(table.data, rows, values)

    return change


def _changed(data: Any, column: str, rows: Any, name: str, draws: np.random.Generator) -> list[Any] | None:
    if name == "permute":
        return _values(data, column, rows[draws.permutation(len(rows))])
    if name == "resample":
        return _values(data, column, draws.integers(0, frame_adapter(data).rows, len(rows)))
    found = _values(data, column)
    if found is None:
        return None
    known = [each for each in found if each is not None and each == each]
    try:
        most = max(known) if known else None
    except TypeError:
        most = known[0]
    return [most for _ in rows]


def _unseen(data: Any, rows: Any, keys: set[str], *, texts: bool) -> Any:
    """Give sealed rows what no other row has: another text, numbers and times above all others and at the least.

    Texts that all are numbers or dates get another one of that form, since a function may read them before it scrubs.
    Planted rows are clones, and have no charge, column or extreme of their own as a real record may have. Columns whose
    type has no room for more values stay as they are.
    """
    for column in frame_adapter(data).columns:
        found = None if column in keys else _values(data, column)
        if found is None:
            continue
        known = [each for each in found if each is not None and each == each]
        wanted = _beyond(known, _is_text(data, column), len(rows), texts=texts)
        if wanted is not None:
            with contextlib.suppress(Exception):
                data = with_values(data, rows, {column: wanted})
    return data


def _beyond(known: list[Any], is_text: bool, count: int, *, texts: bool) -> list[Any] | None:
    if is_text:
        formed = _of_form(known)
        if formed is not None:
            return [formed[1] if at % 3 else formed[0] for at in range(count)]
        return ["unseen elsewhere"] * count if texts else None
    if not known or isinstance(known[0], bool | np.bool_ | str | bytes | list | dict):
        return None
    try:
        least, most = min(known), max(known)
        further = most + (most - least)
        above = further + 1 if isinstance(further, int | float | np.number) else further
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        return None
    return [above if at % 3 else least for at in range(count)]


def _of_form(known: list[str]) -> tuple[str, str] | None:
    """The least of texts that all are dates, times or numbers of one form, and one above all; None of other texts."""
    if not known:
        return None
    for form in _FORMS:
        with contextlib.suppress(ValueError, OverflowError):
            times = [datetime.strptime(each, form) for each in dict.fromkeys(known)]
            if [each.strftime(form) for each in times] == list(dict.fromkeys(known)):
                return min(times).strftime(form), (max(times) + timedelta(days=366)).strftime(form)
    with contextlib.suppress(ValueError, OverflowError):
        numbers = [float(each) for each in known]
        above = 2 * max(numbers) - min(numbers) + 1
        whole = all(each.strip().lstrip("+-").isdigit() for each in known)
        least = known[numbers.index(min(numbers))]
        return least, str(int(above)).zfill(max(map(len, known))) if whole else repr(above)
    return None


def _is_text(data: Any, column: str) -> bool:
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        dtype = data[column].dtype
        if isinstance(dtype, pandas.CategoricalDtype):
            dtype = dtype.categories.dtype
        known = data[column].dropna()
        return bool(pandas.api.types.is_string_dtype(dtype)) and all(isinstance(each, str) for each in known.head(9))
    if isinstance(data, pl.LazyFrame | pl.DataFrame):
        return data.lazy().collect_schema()[column] in (pl.String, pl.Categorical)
    return str(data.schema.field(column).type) in ("string", "large_string", "string_view")


def _values(data: Any, column: str, at: Any = None) -> list[Any] | None:
    """Plain values of a column at some rows, or each of its values; None where they are better left alone."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        found = data[column]
        if found.ndim != 1:
            return None
        with contextlib.suppress(TypeError):  # values that cannot be told apart by their hashes
            return list(found.drop_duplicates() if at is None else found.iloc[at])
        return list(found)
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        series = data.get_column(column)
        if series.dtype.is_nested() or series.dtype == pl.Object:
            return None
        return (series.unique(maintain_order=True) if at is None else series.gather(at)).to_list()
    values = data.column(column)
    return list((values if at is None else values.take(np.asarray(at))).to_pylist())


def _rearranged(table: Table, rows: Any, name: str, draws: np.random.Generator) -> Any:
    total = len(table.sealed)
    order = np.arange(total)
    if name == "duplicate":
        order = np.sort(np.concatenate([order, rows]), kind="stable")
    else:
        order[rows] = rows[draws.permutation(len(rows))]
    return gathered(table.data, order)
