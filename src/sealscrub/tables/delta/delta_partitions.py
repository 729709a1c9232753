"""Values of partition columns, which are in the log and not in the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote

import polars as pl

from sealscrub.errors import UnreadableInput

__all__ = ["beside_partitions", "hive_values", "partition_folder", "partition_value"]

_INTEGERS = {"byte": pl.Int8, "short": pl.Int16, "integer": pl.Int32, "long": pl.Int64}
_NULL = "__HIVE_DEFAULT_PARTITION__"
_SAFE_SIGNS = " -_.~+,;@!()&"


def partition_value(text: str | None, kind: str, dtype: pl.DataType, where: str) -> pl.Series:
    """Give one value of a partition column, as a series of one row; an empty text is null.

    Raises
    ------
    UnreadableInput
        When it is not of the column's type.
    """
    if text is None or text == "":
        return pl.Series([None], dtype=dtype)
    values = pl.Series([text], dtype=pl.String)
    try:
        if kind == "string":
            return values.cast(dtype)
        if kind == "boolean":
            return pl.Series([{"true": True, "false": False}[text.lower()]], dtype=dtype)
        if kind == "date":
            return values.str.to_date("%Y-%m-%d", strict=True)
        if kind in ("timestamp", "timestamp_ntz"):
            plain = pl.Series([text.replace("T", " ").removesuffix("Z")], dtype=pl.String)
            made = plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=True)
            return made.dt.replace_time_zone("UTC").cast(dtype) if kind == "timestamp" else made
        if kind in _INTEGERS or kind in ("float", "double") or kind.startswith("decimal"):
            return values.cast(dtype, strict=True)
    except (pl.exceptions.PolarsError, KeyError):
        pass
    raise UnreadableInput(f"a partition's value is not of its column's type, {kind}", where=where) from None


def partition_folder(columns: Sequence[str], values: Mapping[str, str | None]) -> str:
    """Give the folders in which the files of a partition are, as Hive names them.

    Examples
    --------
    >>> partition_folder(["precinct", "day"], {"precinct": "73", "day": None})
    'precinct=73/day=__HIVE_DEFAULT_PARTITION__'
    """
    named = ((column, values.get(column)) for column in columns)
    return "/".join(
        f"{quote(each, safe=_SAFE_SIGNS)}={quote(text, safe=_SAFE_SIGNS) if text else _NULL}" for each, text in named
    )


def beside_partitions(path: str, values: Mapping[str, str | None]) -> list[str]:
    """Give the names in the path of a file that do not repeat values of its partition, which are looked at as such.

    Examples
    --------
    >>> beside_partitions("north/precinct=73/part-1.parquet", {"precinct": "73"})
    ['north', 'part-1.parquet', 'part-1']
    >>> beside_partitions("ward=K%2014/part-1.parquet", {})
    ['ward=K%2014', 'K 14', 'part-1.parquet', 'part-1']
    """
    *folders, name = path.split("/")
    repeated = {(column.lower(), text or _NULL) for column, text in values.items()}
    others = [each for each in folders if _read_folder(each) not in repeated]
    said = [part for each in others for part in (each, _read_folder(each)[1]) if part]
    return [*said, name, name.partition(".")[0]]


def _read_folder(name: str) -> tuple[str, str]:
    column, _, text = name.partition("=")
    return unquote(column).lower(), unquote(text)


def hive_values(path: str) -> dict[str, str | None]:
    """Read values of partition columns from the folders of a file that the log does not name.

    Examples
    --------
    >>> hive_values("precinct=73/day=__HIVE_DEFAULT_PARTITION__/part-1.parquet")
    {'precinct': '73', 'day': None}
    """
    folders = [each.partition("=") for each in path.split("/")[:-1] if "=" in each]
    return {unquote(name): None if text == _NULL else unquote(text) for name, _, text in folders}
