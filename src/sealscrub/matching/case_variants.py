"""Every mixture of capitals and small letters of ids that have few letters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import polars as pl

__all__ = ["MOST_LETTERS", "mixtures", "mixtures_of"]

MOST_LETTERS = 6
"""Up to which all mixtures are tried: each letter doubles them."""

_LONGEST = 64


def mixtures_of(value: str) -> set[str]:
    """Give every mixture of case of one id; none if it has many letters, or is not ASCII.

    Examples
    --------
    >>> sorted(mixtures_of("a-1b"))
    ['A-1B', 'A-1b', 'a-1B', 'a-1b']
    """
    letters = sum(map(str.isalpha, value))
    if not value.isascii() or not 0 < letters <= MOST_LETTERS or len(value) > _LONGEST:
        return set()
    choices = [(sign.lower(), sign.upper()) if sign.isalpha() else (sign,) for sign in value]
    return {"".join(each) for each in product(*choices)}


def mixtures(values: pl.Series) -> Iterator[pl.Series]:
    """Give every mixture of case of a column of ids, one column of them after the other.

    Parameters
    ----------
    values : polars.Series of String

    Yields
    ------
    polars.Series of String
        Null for an id that has fewer letters than the mixture needs, or none.

    Examples
    --------
    >>> [column.to_list() for column in mixtures(pl.Series(["a-1", "7"]))]
    [['a-1', None], ['A-1', None]]
    """
    letters = values.str.count_matches("[A-Za-z]").fill_null(0)
    plain = values.str.contains(r"^[\x01-\x7f]*$").fill_null(value=False) & (values.str.len_bytes() <= _LONGEST)
    rows = np.flatnonzero((plain & letters.is_between(1, MOST_LETTERS)).to_numpy())
    if not len(rows):
        return
    signs = np.array(values[rows].str.to_lowercase().to_list(), dtype=np.bytes_)
    table = signs.view(np.uint8).reshape(len(rows), -1)
    is_letter = (table >= ord("a")) & (table <= ord("z"))
    ordinal = np.cumsum(is_letter, axis=1) - 1
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(values))
    counts = letters[rows].to_numpy()
    for mixture in range(1 << int(counts.max())):
        there = np.flatnonzero(mixture < (1 << counts))
        capital = is_letter[there] & (mixture >> ordinal[there].clip(0) & 1 > 0)
        made = np.ascontiguousarray(table[there] - np.where(capital, 32, 0).astype(np.uint8)).view(signs.dtype).ravel()
        other = pl.Series(made).cast(pl.String)
        if len(there) < len(values):
            other = nothing.clone().scatter(rows[there], other)
        yield other.alias("other")
