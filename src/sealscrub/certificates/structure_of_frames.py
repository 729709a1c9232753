"""Names, types, levels and metadata of frames of pandas, polars and DuckDB, as JSON values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from sealscrub.errors import UsageError
from sealscrub.tables import frame_adapter

__all__ = ["described_duckdb", "described_pandas", "described_polars"]

Described = tuple[Any, list[str]]


def described_pandas(data: Any) -> Described:
    """Describe a DataFrame; of a subclass, its attributes too.

    Raises
    ------
    UsageError
        When ``attrs`` or an attribute of a subclass is not a JSON value.
    """
    from sealscrub.tables.pandas.pandas_attributes import carried

    columns, texts = [], []
    for at in range(data.shape[1]):
        kind, unused = _pandas_kind(data.iloc[:, at])
        columns.append([_label(data.columns[at]), kind])
        texts += unused
    attrs, attributes = carried(data)
    document = {
        "class": f"{type(data).__module__}.{type(data).__qualname__}",
        "columns": columns,
        "axes": [[type(axis).__name__, [_label(name) for name in axis.names]] for axis in (data.index, data.columns)],
        "attrs": _json(attrs, "attrs"),
        "attributes": _json(attributes, "the attributes of its class"),
        "flags": bool(data.flags.allows_duplicate_labels),
    }
    names = [label for axis in (data.columns, data.index.names, data.columns.names) for label in map(str, axis)]
    return document, [*names, *_strings([attrs, attributes]), *texts]


def _pandas_kind(column: Any) -> tuple[Any, list[str]]:
    levels = getattr(column.dtype, "categories", None)
    if levels is None:
        return str(column.dtype), []
    used = set(column.dropna().unique())
    unused = [str(level) for level in levels if level not in used]
    return ["levels", bool(column.dtype.ordered), str(levels.dtype), [_label(level) for level in levels]], unused


def _label(label: object) -> list[str]:
    return [type(label).__name__, label if isinstance(label, str) else repr(label)]


def _json(value: Any, what: str) -> Any:
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise UsageError(
            f"{what} of the frame hold objects that no digest covers",
            hint="remove them; what sealscrub.scrub returns has none.",
        ) from None


def described_polars(data: Any) -> Described:
    """Describe a DataFrame or a LazyFrame, which is run if it has levels."""
    schema = data.collect_schema()
    texts = list(schema)
    for name, kind in schema.items():
        if isinstance(kind, pl.Enum):
            column = data.lazy().select(pl.nth(schema.names().index(name))).collect().to_series()
            texts += sorted(set(kind.categories) - set(column.unique().cast(pl.String)))
        else:
            texts += _nested_levels(kind)
    return [[name, _polars_kind(kind)] for name, kind in schema.items()], texts


def _polars_kind(kind: Any) -> Any:
    if isinstance(kind, pl.Enum):
        return ["levels", kind.categories.to_list()]
    if isinstance(kind, pl.Struct):
        return ["struct", *([field.name, _polars_kind(field.dtype)] for field in kind.fields)]
    inner = getattr(kind, "inner", None)
    if inner is not None:
        return ["list", getattr(kind, "size", None), _polars_kind(inner)]
    return str(kind)


def _nested_levels(kind: Any) -> list[str]:
    """Names of fields and levels within a nested type; which of these are in use is not asked."""
    if isinstance(kind, pl.Enum):
        return kind.categories.to_list()
    if isinstance(kind, pl.Struct):
        return [text for field in kind.fields for text in (field.name, *_nested_levels(field.dtype))]
    inner = getattr(kind, "inner", None)
    return [] if inner is None else _nested_levels(inner)


def described_duckdb(data: Any) -> Described:
    """Describe a relation; its type says the levels of an ``ENUM``."""
    columns = list(zip(data.columns, data.types, strict=True))
    enums = [name for name, kind in columns if kind.id == "enum"]
    used = frame_adapter(data).values(enums)
    texts = [name for name, _ in columns]
    for name, kind in columns:
        if kind.id == "enum":
            levels = dict(kind.children)["values"]
            texts += sorted(set(levels) - set(used.get_column(name).unique().cast(pl.String)))
    return [[name, str(kind)] for name, kind in columns], texts


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from map(str, value)
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, Iterable):
        for each in value:
            yield from _strings(each)
