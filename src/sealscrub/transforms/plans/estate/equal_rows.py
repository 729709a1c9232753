"""Which rows of two tables have equal values: rows as numbers of the values that they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from ..plan_rules import LinkRule
from .link_spellings import check_spellings
from .link_values import LinkValues, comparable

__all__ = ["Joined", "join_rows"]

Codes = npt.NDArray[np.int32]

#: A table over whole numbers may have so many places for each row.
_DENSE = 4
_PIECE = 1 << 17


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Rows of a child and a parent table as numbers of the parent's distinct values.

    Parameters
    ----------
    child, parent : ndarray of int32
        The number of each row's value; -1 for a row that is null, or whose value no parent has.
    values : int
        How many distinct values the parent has.
    doubtful : ndarray of bool or None
        Child rows whose value names no row and is not one of the link's own scheme: what they depend on is not known.
    unset : int
        How many child rows are null.
    """

    child: Codes
    parent: Codes
    values: int
    doubtful: npt.NDArray[np.bool_] | None = None
    unset: int = 0

    def parents(self, rows: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int64]:
        """Count the parent rows of each value, all or some of them."""
        codes = self.parent if rows is None else self.parent[rows]
        if rows is None and np.count_nonzero(codes >= 0) == self.values:  # each value has a row, and so each has one
            return np.ones(self.values, np.int64)
        return _counts(codes, self.values)

    def children(self, rows: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int64]:
        """Count the child rows of each value, all or some of them."""
        return _counts(self.child if rows is None else self.child[rows], self.values)

    def of_child(self, values: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Say for each child row whether its value is one of some."""
        extended = np.append(values, False)
        return extended[self.child]


def join_rows(
    child: Sequence[pl.Series], parent: Sequence[pl.Series], rule: LinkRule, schemes: Sequence[Sequence[str]] = ()
) -> Joined:
    """Number the rows of two tables by the values that they share.

    Parameters
    ----------
    child, parent : sequence of polars.Series
        The columns of the link.
    rule : LinkRule
    schemes : sequence of sequence of str, optional
        For each of the parent's columns, the schemes of which it is declared a key.

    Raises
    ------
    ConfigError
        When the types cannot be compared.
    UncheckedKeys
        When a value names no row, and would if it were spelled otherwise.
    UnreadableInput
        When text that is to be compared with a number or a date is neither.
    """
    read = schemes or [()] * len(child)
    if rule.scheme is not None:
        read = [(rule.scheme,)]
    pairs = [comparable(own, other, each, rule) for own, other, each in zip(child, parent, read, strict=True)]
    joined = _joined_densely(pairs[0]) if len(pairs) == 1 else None
    if joined is None:
        joined = _join_links(pairs)
    check_spellings(pairs, joined.child < 0, rule, read)
    doubtful = (joined.child < 0) & pairs[0].unread if rule.scheme is not None else None
    return replace(joined, doubtful=doubtful, unset=_nulls(pairs))


def _nulls(pairs: Sequence[LinkValues]) -> int:
    if len(pairs) == 1:
        return pairs[0].own.null_count()
    return int(np.count_nonzero(np.logical_or.reduce([pair.own.is_null().to_numpy() for pair in pairs])))


def _join_links(pairs: Sequence[LinkValues]) -> Joined:
    names = [f"k{number}" for number in range(len(pairs))]
    owns = pl.DataFrame([pair.own.alias(name) for name, pair in zip(names, pairs, strict=True)])
    others = pl.DataFrame([pair.other.alias(name) for name, pair in zip(names, pairs, strict=True)])
    distinct = others.drop_nulls().unique(maintain_order=False).with_row_index("code")
    return Joined(_codes(owns, distinct, names), _codes(others, distinct, names), distinct.height)


def _joined_densely(pair: LinkValues) -> Joined | None:
    """Number whole numbers that are close together by looking them up in a table, which is faster than a join."""
    own, other = pair.own, pair.other
    if other.dtype != pl.Int64 or not other.count():
        return None
    least, most = int(other.min()), int(other.max())  # type: ignore[arg-type]  # whole numbers
    span = most - least + 1
    if span > min(_DENSE * len(other) + 1024, np.iinfo(np.int32).max):
        return None
    there = np.zeros(span + 1, bool)
    for offsets in _offsets(other, least, span):
        there[offsets] = True
    there[span] = False  # where what is null or is outside is looked up
    codes = np.cumsum(there, dtype=np.int32) - 1
    codes[~there] = -1
    child, parent = (np.concatenate([codes[each] for each in _offsets(values, least, span)]) for values in (own, other))
    return Joined(child, parent, int(there.sum()))


def _offsets(values: pl.Series, least: int, span: int) -> Iterator[npt.NDArray[np.intp]]:
    """How far above the least each value is, in pieces that fit a cache; `span` for what is null or is outside."""
    yield np.zeros(0, np.intp)
    for chunk in values.get_chunks():
        for start in range(0, len(chunk), _PIECE):
            piece = chunk.slice(start, _PIECE)
            absent = piece.is_null().to_numpy() if piece.null_count() else None
            offsets = (piece if absent is None else piece.fill_null(least)).to_numpy() - least
            np.minimum(offsets.view(np.uint64), span, out=offsets.view(np.uint64))  # what is below the least is large
            if absent is not None:
                offsets[absent] = span
            yield offsets


def _codes(rows: pl.DataFrame, distinct: pl.DataFrame, names: list[str]) -> Codes:
    found = rows.join(distinct, on=names, how="left", maintain_order="left")["code"]
    return found.cast(pl.Int32).fill_null(-1).to_numpy()


def _counts(codes: Codes, values: int) -> npt.NDArray[np.int64]:
    """Count the rows of each value."""
    return np.bincount(codes if codes.min(initial=0) >= 0 else codes[codes >= 0], minlength=values)
