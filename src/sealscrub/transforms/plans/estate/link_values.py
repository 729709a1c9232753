"""The values of a link's columns, brought to one form in which they can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError, UnreadableInput
from sealscrub.identifiers import Status, get_scheme
from sealscrub.identifiers.canonical import canonicalise_part
from sealscrub.reports import counted

from ..plan_rules import LinkRule

__all__ = ["LinkValues", "comparable"]


_TEXT = (pl.String, pl.Categorical, pl.Enum)


@dataclass(frozen=True, slots=True, eq=False)
class LinkValues:
    """A column of a child table and one of its parent's, of one type.

    Parameters
    ----------
    own, other : polars.Series
        Canonical values of a scheme if they are some, and else what is in the columns.
    own_sure, other_sure : ndarray of bool
        Rows whose value is canonical in a scheme that has spellings: it is the record's only one.
    unread : ndarray of bool
        Rows of the child whose value is not one of the scheme.
    """

    own: pl.Series
    other: pl.Series
    own_sure: Mask
    other_sure: Mask
    unread: Mask


def comparable(own: pl.Series, other: pl.Series, schemes: Sequence[str], rule: LinkRule) -> LinkValues:
    """Bring two columns to one form.

    Text and numbers are compared as numbers; a date in text as a date. What is a value of a scheme is compared as its
    canonical value, and what stands for none in it is null.

    Raises
    ------
    ConfigError
        When the types cannot be compared.
    UnreadableInput
        When text that is to be compared with a number or a date is neither.
    """
    own, other = _as_text(own), _as_text(other)
    numbers = _is_number(own.dtype) and _is_number(other.dtype)
    if not schemes or (numbers and all(get_scheme(each).opaque for each in schemes if each != "date")):
        own, other = _of_one_type(own, other, rule)
        return LinkValues(own, other, _no_rows(own), _no_rows(other), _no_rows(own))
    first = _read(own, schemes, rule, beside=other.dtype)
    second = _read(other, schemes, rule, beside=own.dtype)
    return LinkValues(first.values, second.values, first.sure, second.sure, first.unread)


@dataclass(frozen=True, slots=True, eq=False)
class _WholeNumbers:
    values: pl.Series
    sure: Mask
    unread: Mask


def _read(values: pl.Series, schemes: Sequence[str], rule: LinkRule, *, beside: pl.DataType) -> _WholeNumbers:
    """Read a column by schemes, the first that fits; what is of none of them stays as it is written."""
    if values.dtype == pl.Null:
        values = values.cast(pl.String)
    readable = values.dtype == pl.String or _is_number(values.dtype)
    if not readable and not ("date" in schemes and values.dtype.is_temporal()):
        raise _not_comparable(values.dtype, beside, rule)
    forms = [_whole_numbers(values, rule)]
    if values.dtype == pl.String and _is_number(beside):
        forms = [_numbers(values.str.strip_chars()), values]
    written = pl.select(pl.coalesce([form.cast(pl.String) for form in forms])).to_series()
    found = pl.Series([None], dtype=pl.String).new_from_index(0, len(values))
    nothing, sure, known = _no_rows(values), _no_rows(values), _no_rows(values)
    for at, scheme in enumerate(schemes):
        spelled = scheme == "date" or not get_scheme(scheme).opaque
        for form in forms:
            read = canonicalise_part(form.alias("key"), scheme)
            more = (read.status == Status.OK) & ~known
            known |= more
            sure |= more & spelled
            nothing |= (read.status == Status.NULL) & form.is_not_null().to_numpy()
            canonical = read.values if not at else f"{scheme}:" + read.values
            found = pl.select(pl.coalesce(found, canonical)).to_series()
    nothing &= ~known
    ids = pl.select(pl.when(pl.Series(~nothing)).then(pl.coalesce(found, written))).to_series()
    return _WholeNumbers(ids, sure, ~known & ids.is_not_null().to_numpy())


def _no_rows(values: pl.Series) -> Mask:
    return np.zeros(len(values), np.bool_)


def _is_number(dtype: pl.DataType) -> bool:
    return dtype.is_numeric()


def _as_text(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Binary:
        try:
            return values.cast(pl.String)
        except pl.exceptions.PolarsError:  # bytes that are not text are compared as they are
            return values
    return values.cast(pl.String) if isinstance(values.dtype, _TEXT) else values


def _of_one_type(own: pl.Series, other: pl.Series, rule: LinkRule) -> tuple[pl.Series, pl.Series]:
    if own.dtype == pl.Null or other.dtype == pl.Null:
        return own.cast(pl.String), other.cast(pl.String)
    if own.dtype == pl.String and other.dtype != pl.String:
        own = _parsed(own, other.dtype, rule)
    elif other.dtype == pl.String and own.dtype != pl.String:
        other = _parsed(other, own.dtype, rule)
    own, other = _whole_numbers(own, rule), _whole_numbers(other, rule)
    if own.dtype != other.dtype:
        raise _not_comparable(own.dtype, other.dtype, rule)
    return own, other


def _not_comparable(own: pl.DataType, other: pl.DataType, rule: LinkRule) -> ConfigError:
    return ConfigError(
        f"{rule.path}: a {own} cannot be compared with a {other}",
        where=rule.where,
        hint="give both columns one type at their source, or link them by a scheme.",
    )


def _parsed(values: pl.Series, dtype: pl.DataType, rule: LinkRule) -> pl.Series:
    """Read text as what it is to be compared with; a value that is not such would depend on nothing, unnoticed."""
    bare = values.str.strip_chars()
    bare = bare.set(bare == "", None)
    if dtype.is_numeric():
        found = _numbers(bare)
    elif isinstance(dtype, pl.Date | pl.Datetime):
        found = bare.str.to_date("%Y-%m-%d", strict=False) if dtype == pl.Date else bare.str.to_datetime(strict=False)
    else:
        return values
    bad = found.null_count() - bare.null_count()
    if bad:
        kind = "number" if dtype.is_numeric() else "date"
        raise UnreadableInput(
            f"{rule.path}: {counted(bad, 'value', 'is', 'are')} text that is not a {kind}",
            where=rule.where,
            hint="give both columns one type at their source, or link them by a scheme.",
        )
    return found.cast(dtype) if isinstance(dtype, pl.Date | pl.Datetime) else found


def _numbers(bare: pl.Series) -> pl.Series:
    """Whole numbers, those too that are written with a point, as of a column that once had gaps."""
    found = bare.cast(pl.Int64, strict=False)
    if found.null_count() == bare.null_count():
        return found
    floats = bare.cast(pl.Float64, strict=False)
    whole = (floats == floats.floor()) & (floats.abs() < 2**53)
    return found.zip_with(found.is_not_null(), floats.set(~whole.fill_null(False), None).cast(pl.Int64))


def _whole_numbers(values: pl.Series, rule: LinkRule) -> pl.Series:
    if values.dtype.is_integer():
        try:
            return values.cast(pl.Int64)
        except pl.exceptions.PolarsError:
            raise ConfigError(f"{rule.path}: numbers beyond 63 bits cannot be compared", where=rule.where) from None
    if values.dtype.is_float() or values.dtype.is_decimal():
        bare = values.fill_nan(None) if values.dtype.is_float() else values
        exact = bare == bare.floor()
        if not (exact & (bare.abs() < 2**53) if bare.dtype.is_float() else exact).fill_null(True).all():
            raise UnreadableInput(
                f"{rule.path}: an identifier in a column of floats lost digits, or is not an identifier",
                where=rule.where,
                hint="read the column as text or whole numbers at its source.",
            )
        return bare.cast(pl.Int64)
    return values
