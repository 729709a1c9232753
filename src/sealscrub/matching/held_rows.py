"""Which values hold what may not stay, in columns of any type; and which texts do, with the items in them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers.texts_of_bytes import digits_of_bytes, other_readings_of_bytes, text_of_bytes

from .chance import SeenNumbers
from .nested_values import inner_values
from .text_items import items_of
from .value_search import Likeness, ValueSearch
from .whole_numbers import whole_numbers

__all__ = ["held_rows", "judged_texts", "judged_values", "texts_within"]

Flags = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]


def judged_texts(
    search: ValueSearch, texts: pl.Series, seen: list[SeenNumbers] | None = None
) -> tuple[Flags, list[tuple[pl.DataFrame, list[SeenNumbers]]]]:
    """Judge different texts, and the values in those that are lists or JSON.

    Parameters
    ----------
    search : ValueSearch
    texts : polars.Series of String
        Without nulls.
    seen : list of SeenNumbers, optional
        Gets the texts that are numbers which may be met by chance.

    Returns
    -------
    flags : ndarray of uint8
        A :class:`Likeness` for each text. What may be chance within a list is not one for the text, and what may be
        in a text that is a list or JSON is told of the values within.
    items : list of (polars.DataFrame, list of SeenNumbers)
        The values within, with the ``row`` of their text, a ``flag``, and the number of each ``different`` one; and the
        numbers among those that differ.
    """
    pieces: list[tuple[pl.DataFrame, list[SeenNumbers]]] = []
    flags = search.texts(texts, seen)
    for items in items_of(texts):
        distinct = items["item"].unique()
        within: list[SeenNumbers] = []
        told = pl.DataFrame({"item": distinct, "flag": search.texts(distinct, within)})
        told = told.with_row_index("different").cast({"different": pl.Int64})
        items = items.join(told, on="item", how="left", maintain_order="left")
        found, rows = items["flag"].to_numpy(), items["row"].to_numpy()
        flags[rows[flags[rows] == Likeness.CHANCE_IN_TEXT]] = Likeness.NONE
        np.maximum.at(flags, rows, np.where(found == Likeness.CHANCE, Likeness.NONE, found))
        pieces.append((items, within))
    return flags, pieces


def held_rows(search: ValueSearch, values: pl.Series) -> npt.NDArray[np.bool_]:
    """Say which values name a record that may not stay, as a whole or somewhere within.

    Values of a type that cannot be read name none: sweep what stays as well.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> search = ValueSearch(example_index(["K14612345"]))
    >>> held_rows(search, pl.Series([["M14000017"], ["k14-612345", None], None])).tolist()
    [False, True, False]
    """
    held = np.zeros(len(values), bool)
    _mark_held_rows(search, values.alias("values"), np.arange(len(values)), held)
    return held


def _mark_held_rows(search: ValueSearch, values: pl.Series, rows: Rows, held: npt.NDArray[np.bool_]) -> None:
    there = values.is_not_null()
    values, rows = values.filter(there), rows[there.to_numpy()]
    kind = values.dtype
    if not len(values) or kind.is_temporal() or kind in (pl.Boolean, pl.Null, pl.Object):
        return
    if kind == pl.Struct:
        held[rows[search.structs(values)]] = True
    inner = inner_values(values)
    for _, within, of in inner or ():
        _mark_held_rows(search, within.alias("values"), rows[of], held)
    if inner is None:
        distinct = values.unique()
        found = distinct.filter(pl.Series(judged_values(search, distinct) == Likeness.HELD))
        held[rows[values.is_in(found.implode()).to_numpy()]] = True


def judged_values(search: ValueSearch, distinct: pl.Series) -> Flags:
    """Judge different values of a plain type, as wholes and somewhere within.

    Parameters
    ----------
    search : ValueSearch
    distinct : polars.Series
        Without nulls: numbers, texts or bytes.

    Returns
    -------
    ndarray of uint8
        A :class:`Likeness` for each.
    """
    kind = distinct.dtype
    if kind.is_numeric():
        flags = np.zeros(len(distinct), np.uint8)
        if not search.may_hold_numbers(distinct):
            return flags
        digits = whole_numbers(distinct)
        whole = digits.is_not_null().to_numpy()
        flags[whole] = search.numbers(digits.drop_nulls())
        return flags
    if kind != pl.Binary:
        return judged_texts(search, distinct.cast(pl.String))[0]
    flags = judged_texts(search, text_of_bytes(distinct))[0]
    for digits in digits_of_bytes(distinct) if search.opaque else ():
        flags = np.maximum(flags, judged_texts(search, digits.fill_null(""))[0])
    return flags


def texts_within(values: pl.Series) -> tuple[Rows, list[str]]:
    """Give the texts in values of any type: the rows that hold some, and those of each, divided by commas.

    Bytes may be of several encodings, and a field of a struct has a name: rows with such are there again for each.

    Parameters
    ----------
    values : polars.Series

    Examples
    --------
    >>> rows, texts = texts_within(pl.Series([["a", "b"], [], [None, "c"]]))
    >>> rows.tolist(), texts
    ([0, 2], ['a, b', 'c'])
    """
    found = pl.DataFrame(schema={"reading": pl.String, "row": pl.Int64, "text": pl.String})
    for reading, rows, texts in _parts_within(values.alias("values"), np.arange(len(values))):
        found.extend(pl.DataFrame({"row": rows, "text": texts}).select(pl.lit(reading).alias("reading"), "row", "text"))
    joined = found.drop_nulls().group_by("reading", "row").agg(pl.col("text").str.join(", ")).sort("reading", "row")
    return joined["row"].to_numpy(), joined["text"].to_list()


def _parts_within(values: pl.Series, rows: Rows) -> Iterator[tuple[str, Rows, pl.Series]]:
    """Give texts, and a word for what is not read together with others: an encoding, or the name of a field."""
    there = values.is_not_null()
    values, rows = values.filter(there), rows[there.to_numpy()]
    for path, within, of in inner_values(values) or ():
        yield from _parts_within(within.alias("values"), rows[of])
        if values.dtype == pl.Struct:
            of = rows[within.is_not_null().to_numpy()]
            yield path, of, pl.repeat(path.removeprefix("."), len(of), dtype=pl.String, eager=True)
    if values.dtype == pl.Binary:
        yield "", rows, text_of_bytes(values)
        for number, texts in enumerate(other_readings_of_bytes(values)):
            yield str(number), rows, texts
    elif values.dtype in (pl.String, pl.Categorical, pl.Enum):
        yield "", rows, values.cast(pl.String)
