"""PostgreSQL's types and polars': how a column is asked for as text, read from it, and written as text again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import polars as pl

__all__ = ["dtype_of", "from_text", "read_as", "to_text"]

_SCALARS: dict[str, pl.DataType] = {
    "smallint": pl.Int16(),
    "integer": pl.Int32(),
    "bigint": pl.Int64(),
    "real": pl.Float32(),
    "double precision": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp without time zone": pl.Datetime("us"),
    "timestamp with time zone": pl.Datetime("us", "UTC"),
    "time without time zone": pl.Time(),
    "bytea": pl.Binary(),
}
_LISTED_TYPES = ("smallint", "integer", "bigint", "boolean", "text", "character varying", "uuid")
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")


def dtype_of(declared: str, labels: list[str] | None) -> pl.DataType:
    """Find the type in which a column is handed out: exact if polars has it, otherwise PostgreSQL's text.

    Parameters
    ----------
    declared : str
        What ``format_type`` says, of a domain that of its base.
    labels : list of str or None
        Those of an enumeration.

    Examples
    --------
    >>> [str(dtype_of(name, None)) for name in ("numeric(9,2)", "numeric", "bigint[]", "interval")]
    ['Decimal(precision=9, scale=2)', 'String', 'List(Int64)', 'String']
    """
    if labels is not None:
        return pl.Enum(labels)
    plain = re.sub(r"^(time|timestamp)\(\d\)", r"\1", declared)
    if plain in _SCALARS:
        return _SCALARS[plain]
    numeric = _NUMERIC.fullmatch(declared)
    if numeric and int(numeric[1]) <= 38 and int(numeric[2]) <= int(numeric[1]):
        return pl.Decimal(int(numeric[1]), int(numeric[2]))
    if declared.endswith("[]") and re.sub(r"\(\d+\)$", "", declared[:-2]) in _LISTED_TYPES:
        return pl.List(_SCALARS.get(declared[:-2], pl.String()))
    return pl.String()


def read_as(name: str, dtype: pl.DataType) -> str:
    """Write the SQL that gives a column as text; `name` is quoted. An infinite date or time makes it fail."""
    if dtype == pl.Date:
        return f"({name} - date '1970-01-01')::text"
    if dtype == pl.Datetime:
        return f"(extract(epoch FROM {name}) * 1000000)::bigint::text"
    if dtype == pl.Time:
        return f"(extract(epoch FROM {name}) * 1000000000)::bigint::text"
    if dtype == pl.Binary:
        return f"encode({name}, 'hex')"
    if dtype == pl.List:
        return f"to_json({name})::text"
    return f"{name}::text"


def from_text(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Read what :func:`read_as` gives.

    Raises
    ------
    polars.exceptions.PolarsError
        When a value has no place in the type (24:00 as a time, an array of two dimensions).
    """
    if isinstance(dtype, pl.Date):
        return text.cast(pl.Int32).cast(dtype)
    if isinstance(dtype, pl.Datetime):
        return text.cast(pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone(dtype.time_zone)
    if isinstance(dtype, pl.Time):
        return text.cast(pl.Int64).cast(dtype)
    if isinstance(dtype, pl.Binary):
        return text.str.decode("hex")
    if isinstance(dtype, pl.Boolean):
        return text == "true"
    if isinstance(dtype, pl.List):
        return text.str.json_decode(dtype)
    return text.cast(dtype)


def to_text(values: pl.Series) -> pl.Series:
    """Write values as PostgreSQL reads them."""
    dtype = values.dtype
    if isinstance(dtype, pl.Binary):
        return pl.select(pl.format("\\x{}", values.bin.encode("hex"))).to_series()
    if isinstance(dtype, pl.Datetime):
        zone = "+00" if dtype.time_zone else ""
        return values.dt.strftime("%Y-%m-%d %H:%M:%S%.6f" + zone)
    if isinstance(dtype, pl.Time):
        return values.dt.strftime("%H:%M:%S%.6f")
    if isinstance(dtype, pl.Date):
        return values.dt.strftime("%Y-%m-%d")
    if isinstance(dtype, pl.List):
        return pl.Series([_array(part) for part in values.to_list()], dtype=pl.String)
    return _null_texts(len(values)) if dtype == pl.Null else values.cast(pl.String)


def _null_texts(length: int) -> pl.Series:
    return pl.Series([None] * length, dtype=pl.String)


def _array(values: list[Any] | None) -> str | None:
    if values is None:
        return None
    quote: Callable[[Any], str] = lambda value: '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'  # noqa: E731
    return "{" + ",".join("NULL" if value is None else quote(value) for value in values) + "}"
