"""Which rows of two tables have equal values: rows as numbers of the values that they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, UnreadableInput
from sealscrub.identifiers import Status, canonicalise

from ..rules import LinkRule

__all__ = ["Joined", "join_rows"]

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

#: A table over whole numbers may have so many places for each row.
_DENSE = 4
_PIECE = 1 << 17
_TEXT = (pl.String, pl.Categorical, pl.Enum)


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
        Child rows whose value is near a value of the link's scheme or does not parse: what they hang on is not known.
    """

    child: Codes
    parent: Codes
    values: int
    doubtful: npt.NDArray[np.bool_] | None = None

    def parents(self, rows: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int64]:
        """Count the parent rows of each value, all or some of them."""
        codes = self.parent if rows is None else self.parent[rows]
        if rows is None and np.count_nonzero(codes >= 0) == self.values:  # each value has a row, and so each has one
            return np.ones(self.values, np.int64)
        return _counts(codes, self.values)

    def of_child(self, values: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Say for each child row whether its value is one of some."""
        extended = np.append(values, False)
        return extended[self.child]


def join_rows(child: Sequence[pl.Series], parent: Sequence[pl.Series], rule: LinkRule) -> Joined:
    """Number the rows of two tables by the values that they share.

    Text and numbers are compared as numbers; a date in text as a date. A null joins nothing.

    Raises
    ------
    ConfigError
        When the types cannot be compared, or one value joins more rows than the plan allows.
    UnreadableInput
        When text that is to be compared with a number or a date is none.
    """
    doubtful = None
    if rule.scheme is not None:
        found = canonicalise(child[0].alias("key"), rule.scheme)
        doubtful = (found.status != Status.OK) & (found.status != Status.NULL)
        pairs = [(found.values, canonicalise(parent[0].alias("key"), rule.scheme).values)]
    else:
        pairs = [_comparable(own, other, rule) for own, other in zip(child, parent, strict=True)]
    joined = _joined_densely(*pairs[0], doubtful) if len(pairs) == 1 else None
    if joined is None:
        joined = _joined(pairs, doubtful)
    _check_fan_out(joined, rule)
    if rule.scheme is None:
        _check_spelling(pairs, joined, rule)
    return joined


def _check_spelling(pairs: Sequence[tuple[pl.Series, pl.Series]], joined: Joined, rule: LinkRule) -> None:
    """Refuse texts that name no row, and would if they were written otherwise: they would stay, unnoticed."""
    lost = joined.child < 0
    if all(own.dtype != pl.String for own, _ in pairs) or not lost.any():
        return
    names = [f"k{number}" for number in range(len(pairs))]
    lone = {name: _bare(own.filter(pl.Series(lost))) for name, (own, _) in zip(names, pairs, strict=True)}
    found = pl.DataFrame(lone).drop_nulls()
    if found.height:
        there = {
            name: _bare(other.unique() if len(pairs) == 1 else other)
            for name, (_, other) in zip(names, pairs, strict=True)
        }
        count = found.join(pl.DataFrame(there), on=names, how="semi").height
        if count:
            raise UnreadableInput(
                f"{rule.path}: {count} values name no row, and would if spaces, case, width or zeros were others",
                where=rule.where,
                hint="write both columns alike at their source, or link them by a scheme.",
            )


def _bare(values: pl.Series) -> pl.Series:
    """Texts less what programs change in passing: spaces, case, width, zeros in front, a point and zeros behind."""
    if values.dtype != pl.String:
        return values
    folded = values.str.normalize("NFKC").str.replace_all(r"[\s\p{Cf}]+", "").str.to_lowercase()
    bare = folded.str.replace(r"^[+]?0*(\d+)(\.0*)?$", "$1")
    return bare.set((bare == "").fill_null(False), None)


def _joined(pairs: Sequence[tuple[pl.Series, pl.Series]], doubtful: Mask | None) -> Joined:
    names = [f"k{number}" for number in range(len(pairs))]
    owns = pl.DataFrame([own.alias(name) for name, (own, _) in zip(names, pairs, strict=True)])
    others = pl.DataFrame([other.alias(name) for name, (_, other) in zip(names, pairs, strict=True)])
    distinct = others.drop_nulls().unique(maintain_order=False).with_row_index("code")
    return Joined(_codes(owns, distinct, names), _codes(others, distinct, names), distinct.height, doubtful)


def _joined_densely(own: pl.Series, other: pl.Series, doubtful: Mask | None) -> Joined | None:
    """Number whole numbers that lie close together by looking them up in a table, which is faster than a join."""
    if other.dtype != pl.Int64 or not other.count():
        return None
    least, most = int(other.min()), int(other.max())  # type: ignore[arg-type]  # whole numbers
    span = most - least + 1
    if span > min(_DENSE * len(other) + 1024, np.iinfo(np.int32).max):
        return None
    there = np.zeros(span + 1, bool)
    for offsets in _offsets(other, least, span):
        there[offsets] = True
    there[span] = False  # where what is null or lies outside is looked up
    codes = np.cumsum(there, dtype=np.int32) - 1
    codes[~there] = -1
    child, parent = (np.concatenate([codes[each] for each in _offsets(values, least, span)]) for values in (own, other))
    return Joined(child, parent, int(there.sum()), doubtful)


def _offsets(values: pl.Series, least: int, span: int) -> Iterator[npt.NDArray[np.intp]]:
    """How far above the least each value lies, in pieces that fit a cache; `span` for what is null or lies outside."""
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


def _comparable(own: pl.Series, other: pl.Series, rule: LinkRule) -> tuple[pl.Series, pl.Series]:
    own, other = _plain(own), _plain(other)
    if own.dtype == pl.Null or other.dtype == pl.Null:
        return own.cast(pl.String), other.cast(pl.String)
    if own.dtype == pl.String and other.dtype != pl.String:
        own = _parsed(own, other.dtype, rule)
    elif other.dtype == pl.String and own.dtype != pl.String:
        other = _parsed(other, own.dtype, rule)
    own, other = _whole(own, rule), _whole(other, rule)
    if own.dtype != other.dtype:
        raise ConfigError(
            f"{rule.path}: a {own.dtype} cannot be compared with a {other.dtype}",
            where=rule.where,
            hint="give both columns one type at their source, or link them by a scheme.",
        )
    return own, other


def _plain(values: pl.Series) -> pl.Series:
    return values.cast(pl.String) if isinstance(values.dtype, _TEXT) else values


def _parsed(values: pl.Series, dtype: pl.DataType, rule: LinkRule) -> pl.Series:
    """Read text as what it is to be compared with; a value that is none would hang on nothing, unnoticed."""
    bare = values.str.strip_chars()
    bare = bare.set(bare == "", None)
    if dtype.is_numeric():
        found = bare.cast(pl.Int64, strict=False)
        if found.null_count() > bare.null_count():
            found = _from_floats(bare, found)
    elif isinstance(dtype, pl.Date | pl.Datetime):
        found = bare.str.to_date("%Y-%m-%d", strict=False) if dtype == pl.Date else bare.str.to_datetime(strict=False)
    else:
        return values
    bad = found.null_count() - bare.null_count()
    if bad:
        raise UnreadableInput(
            f"{rule.path}: {bad} values are text that is no {'number' if dtype.is_numeric() else 'date'}",
            where=rule.where,
            hint="give both columns one type at their source, or link them by a scheme.",
        )
    return found.cast(dtype) if isinstance(dtype, pl.Date | pl.Datetime) else found


def _from_floats(bare: pl.Series, found: pl.Series) -> pl.Series:
    """Whole numbers written with a point, as of a column that once had gaps."""
    floats = bare.cast(pl.Float64, strict=False)
    whole = (floats == floats.floor()) & (floats.abs() < 2**53)
    return found.zip_with(found.is_not_null(), floats.set(~whole.fill_null(False), None).cast(pl.Int64))


def _whole(values: pl.Series, rule: LinkRule) -> pl.Series:
    if values.dtype.is_integer():
        try:
            return values.cast(pl.Int64)
        except pl.exceptions.PolarsError:
            raise ConfigError(f"{rule.path}: numbers beyond 63 bits cannot be compared", where=rule.where) from None
    if values.dtype.is_float():
        bare = values.fill_nan(None)
        if not ((bare == bare.floor()) & (bare.abs() < 2**53)).fill_null(True).all():
            raise UnreadableInput(
                f"{rule.path}: an id in a column of fractions has lost digits or is none",
                where=rule.where,
                hint="read the column as text or whole numbers at its source.",
            )
        return bare.cast(pl.Int64)
    return values


def _counts(codes: Codes, values: int) -> npt.NDArray[np.int64]:
    """Count the rows of each value."""
    return np.bincount(codes if codes.min(initial=0) >= 0 else codes[codes >= 0], minlength=values)


def _check_fan_out(joined: Joined, rule: LinkRule) -> None:
    """Refuse a value that joins very many rows: a filler such as 0 or UNKNOWN would join everyone with everyone."""
    for counts, side in ((_counts(joined.child, joined.values), rule.table), (joined.parents(), rule.parent)):
        most = int(counts.max(initial=0))
        if most > rule.fan_out:
            raise ConfigError(
                f"{rule.path}: one value stands in {most} rows of {side}, more than fan_out = {rule.fan_out}",
                where=rule.where,
                hint="null the filler at its source, or raise fan_out where a value may join so many.",
            )
