"""What columns of Spark are in Arrow, and what their fields say in metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

__all__ = ["arrow_type", "is_nested", "is_spark_frame", "metadata_of", "polars_type", "structural"]

_OPAQUE = frozenset({"variant", "geometry", "geography"})


def is_spark_frame(data: Any) -> bool:
    """Whether it is a frame of Spark's, classic or connected."""
    kind = type(data)
    return kind.__module__.partition(".")[0] == "pyspark" and kind.__name__ == "DataFrame" and hasattr(data, "toArrow")


def structural(entry: str) -> bool:
    """Whether an entry of a field's metadata is Spark's own, and says what the column is."""
    return entry.startswith("__") and entry.endswith("_TYPE_STRING")


def is_nested(kind: Any) -> bool:
    """Whether values of a type are made of others."""
    return kind.typeName() in ("array", "map", "struct")


def arrow_type(kind: Any) -> Any:
    """Give the Arrow type in which values go to a worker; None if Spark has none that can be read."""
    from pyspark.errors import PySparkException
    from pyspark.sql.pandas.types import to_arrow_type

    if not _is_known_type(kind):
        return None
    try:
        return to_arrow_type(kind, timezone="UTC")
    except (PySparkException, TypeError, ValueError):
        return None


def polars_type(kind: Any) -> pl.DataType | None:
    """Give the type of polars of an Arrow type; None if it has none."""
    import pyarrow as pa

    try:
        return pl.Series(pl.from_arrow(pa.array([], kind))).dtype
    except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, TypeError):
        return None


def metadata_of(fields: Any, *, inner: bool = False) -> Iterator[tuple[str, Any]]:
    """Give the entries of metadata of fields, unless `inner`, and of the fields within them, but no structure."""
    for field in fields:
        if not inner:
            yield from ((entry, value) for entry, value in (field.metadata or {}).items() if not structural(entry))
        yield from metadata_of(_inner_fields(field.dataType))


def _inner_fields(kind: Any) -> list[Any]:
    name = kind.typeName()
    if name == "struct":
        return list(kind.fields)
    parts = {"array": ("elementType",), "map": ("keyType", "valueType")}.get(name, ())
    return [field for part in parts for field in _inner_fields(getattr(kind, part))]


def _is_known_type(kind: Any) -> bool:
    """Whether values of a type go to Arrow as what they are, and not as what they are stored as."""
    name = kind.typeName()
    if hasattr(kind, "sqlType") or name in _OPAQUE:  # a type of the user's own, or of bytes that have a meaning
        return False
    parts = {"array": ("elementType",), "map": ("keyType", "valueType")}.get(name, ())
    inner = [field.dataType for field in kind.fields] if name == "struct" else [getattr(kind, part) for part in parts]
    return all(map(_is_known_type, inner))
