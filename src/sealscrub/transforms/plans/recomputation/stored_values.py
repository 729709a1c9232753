"""Stored values against what a recipe gives: are they the same, and how would the column write a new one."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError
from sealscrub.reports import counted
from sealscrub.tables.text.text_habits import written_alike

__all__ = ["StoredColumn", "disagreement"]


_TRUE = ["true", "t", "1", "1.0", "yes", "y"]
_FALSE = ["false", "f", "0", "0.0", "no", "n"]


@dataclass(frozen=True, slots=True, eq=False)
class StoredColumn:
    """A column as it is stored, by position in its table.

    Parameters
    ----------
    values : polars.Series
    where : str
        Its place in the plan.
    text : bool
        Whether the format writes every value as text.
    """

    values: pl.Series
    where: str
    text: bool

    def reproduced(self, result: pl.Series) -> Mask:
        """Say in which rows a recipe gives just what is stored.

        Raises
        ------
        ConfigError
            When the recipe's type cannot be brought to the column's without loss.
        """
        if self.text and (result.dtype.is_nested() or result.dtype == pl.Binary):
            raise ConfigError(
                f"the recipe gives {_dtype(result.dtype)}, and the column is text",
                where=self.where,
                hint="return text in the column's form: to_json(…), or array_to_string(…, ';').",
            )
        if self.text:
            parsed, readable = _read(self.values, result.dtype)
            found: Mask = (readable & parsed.eq_missing(result)).to_numpy()
            return found
        same: Mask = self.values.eq_missing(self.cast(result)).to_numpy()
        return same

    def read(self, dtype: pl.DataType) -> pl.Series:
        """Give the column's text as values of a type."""
        return _read(self.values, dtype)[0]

    def cast(self, result: pl.Series) -> pl.Series:
        """Bring a recipe's values to the column's type; text stays what the recipe gives.

        Raises
        ------
        ConfigError
            When a value would change by it.
        """
        dtype = self.values.dtype
        if self.text or result.dtype == dtype:
            return result
        try:
            if dtype in (pl.Categorical, pl.Enum):
                return result.cast(pl.String) if result.dtype != pl.String else result
            found = result.cast(dtype, strict=True)
            lost = int(found.cast(result.dtype, strict=False).ne_missing(result).sum())
        except pl.exceptions.PolarsError:
            lost = -1
        if lost:
            count = counted(lost, "value") if lost > 0 else "a value"
            raise ConfigError(
                f"the recipe gives {_dtype(result.dtype)}, and {count} would change in a column of {_dtype(dtype)}",
                where=self.where,
                hint="cast in the recipe, or give the column the type that it needs.",
            )
        return found

    def written(self, new: pl.Series, like: Mask, habits: pl.Series | None = None) -> pl.Series:
        """Write new values as the column does; in formats of text each value is written as it is in other rows.

        Parameters
        ----------
        new : polars.Series
        like : ndarray of bool
            Rows of the stored column whose way of writing counts: those that stay as they are.
        habits : polars.Series, optional
            More text of the column, to learn from how numbers, dates and truths are written where its own rows hold
            nothing.
        """
        if not self.text or new.dtype == pl.String:
            return new
        stored = self.values.filter(pl.Series(like))
        parsed, readable = _read(stored, new.dtype)
        known = (
            pl.DataFrame({"value": parsed, "text": stored})
            .filter(readable & parsed.is_not_null())
            .group_by("value", "text")
            .len()
            .sort("len", "text", descending=[True, False])
            .unique("value", keep="first", maintain_order=True)
            .select("value", "text")
        )
        texts = pl.DataFrame({"value": new}).join(known, on="value", how="left", maintain_order="left")["text"]
        seen = known["text"] if known.height else self.values.drop_nulls()
        plain = written_alike(new, seen if len(seen) or habits is None else habits.drop_nulls())
        return texts.zip_with(texts.is_not_null(), plain).alias(self.values.name)


def disagreement(stored: StoredColumn, result: pl.Series, same: Mask) -> str:
    """Say how values that a recipe does not reproduce differ, in counts."""
    values, other = stored.values.filter(pl.Series(~same)), result.filter(pl.Series(~same))
    if stored.text:
        values, readable = _read(values, other.dtype)
    else:
        values, readable = stored.cast(values), pl.repeat(True, len(values), eager=True, dtype=pl.Boolean)
    counts = {
        "unreadable as the recipe's type": int((~readable).sum()),
        "null where the recipe has a value": int((readable & values.is_null() & other.is_not_null()).sum()),
        "values where the recipe has null": int((values.is_not_null() & other.is_null()).sum()),
    }
    both = values.is_not_null() & other.is_not_null()
    if other.dtype.is_numeric() and values.dtype.is_numeric():
        gap = (values.cast(pl.Float64) - other.cast(pl.Float64)).filter(both)
        counts["1 higher"] = int((gap == 1).sum())
        counts["1 lower"] = int((gap == -1).sum())
        counts["higher by another amount"] = int(((gap > 0) & (gap != 1)).sum())
        counts["lower by another amount"] = int(((gap < 0) & (gap != -1)).sum())
    elif other.dtype == pl.Boolean:
        counts["true where the recipe has false"] = int((values.filter(both) & ~other.filter(both)).sum())
        counts["false where the recipe has true"] = int((~values.filter(both) & other.filter(both)).sum())
    else:
        counts["different"] = int(both.sum())
    found = {what: count for what, count in counts.items() if count}
    if len(found) == 1 and len(values) == len(same):
        return f"every stored value is {next(iter(found))}"
    return f"stored values that are {', '.join(f'{what}: {count:,}' for what, count in found.items())}"


def _read(text: pl.Series, dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """Read text as a type; also which of it can be read, nulls included."""
    if text.dtype != pl.String:
        text = text.cast(pl.String)
    if dtype == pl.String or dtype == pl.Null:
        return text, pl.repeat(True, len(text), eager=True, dtype=pl.Boolean)
    bare = text.str.strip_chars()
    if dtype == pl.Boolean:
        lower = bare.str.to_lowercase()
        true, false = lower.is_in(_TRUE), lower.is_in(_FALSE)
        found = pl.Series(text.name, true).set(~(true | false).fill_null(False), None)
    elif dtype.is_integer():
        floats = bare.cast(pl.Float64, strict=False)
        whole = ((floats == floats.floor()) & (floats.abs() < 2**53)).fill_null(False)
        found = bare.cast(pl.Int64, strict=False)
        found = found.zip_with(found.is_not_null(), floats.set(~whole, None).cast(pl.Int64)).cast(dtype, strict=False)
    elif dtype == pl.Date:
        day = bare.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        rest = bare.str.slice(10).str.replace(r"^[T ]00:00(:00(\.0+)?)?$", "")
        found = day.set((rest != "").fill_null(False), None)
    elif isinstance(dtype, pl.Datetime):
        found = bare.str.to_datetime(strict=False).cast(dtype, strict=False)
    else:
        found = bare.cast(dtype, strict=False)
    return found, found.is_not_null() | text.is_null()


def _dtype(dtype: pl.DataType) -> str:
    return str(dtype)
