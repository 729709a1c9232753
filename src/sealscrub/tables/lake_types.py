"""Which types of columns a new Delta or Iceberg table can hold, and values put into them."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sealscrub.errors import ConfigError

from .lake_folders import DELTA, ICEBERG, LAKES

__all__ = ["fitted", "held_schema"]

_NOT_IN_DELTA = re.compile(r"[ ,;{}()\n\t=]")
_WIDER = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64()}
_SMALL = (pa.int8(), pa.int16())
_SAME = (pa.bool_(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.date32())


def held_schema(kinds: pa.Schema, format: str, where: str) -> pa.Schema:
    """Give the schema of a new table, whose types hold every value of the columns.

    A type that only a wider one can hold becomes that: an ``int16`` is an ``int32`` in Iceberg. Metadata go.

    Parameters
    ----------
    kinds : pyarrow.Schema
        Of the rows.
    format : str
        ``Delta`` or ``Iceberg``.
    where : str
        What the table is called in errors.

    Raises
    ------
    ConfigError
        When the format has no such type, or its tables no columns of such names.

    Examples
    --------
    >>> held_schema(pa.schema({"precinct": pa.int16()}), "Iceberg", "arrests").field("precinct").type
    DataType(int32)
    """
    made = []
    for field in kinds:
        held = _held_field(field, format)
        if held is None:
            raise ConfigError(
                f"the column {field.name!r} is of a type that {LAKES[format]} does not have: {field.type}",
                where=where,
                hint="write a table of the same kind, or leave the column out with the table's own engine first.",
            )
        made.append(held)
    _refuse_names(made, format, where)
    return pa.schema(made)


def _refuse_names(fields: list[pa.Field], format: str, where: str) -> None:
    if format != DELTA:
        return
    names = [name for field in fields for name in _names(field)]
    if any(_NOT_IN_DELTA.search(name) for name in names):
        raise ConfigError(
            "a Delta table has no columns with a space or one of ,;{}()= in their names",
            where=where,
            hint="rename them with the table's own engine first.",
        )
    if len({field.name.lower() for field in fields}) < len(fields):
        raise ConfigError("a Delta table has no two columns whose names differ only in case", where=where)


def _names(field: pa.Field) -> list[str]:
    inner = [field.type.field(at) for at in range(field.type.num_fields)] if pa.types.is_struct(field.type) else []
    if pa.types.is_list(field.type):
        return [field.name, *_names(field.type.value_field)[1:]]
    if pa.types.is_map(field.type):
        return [field.name, *_names(field.type.key_field)[1:], *_names(field.type.item_field)[1:]]
    return [field.name, *(name for each in inner for name in _names(each))]


def _held_field(field: pa.Field, format: str) -> pa.Field | None:
    kind = _held(field.type, format)
    return None if kind is None else pa.field(field.name, kind, field.nullable)


def _held(kind: pa.DataType, format: str) -> pa.DataType | None:
    """Give the type that holds every value of one; None if there is none."""
    if pa.types.is_nested(kind):
        return _held_nested(kind, format)
    if kind in _SAME or (pa.types.is_decimal128(kind) and 0 <= kind.scale <= kind.precision):
        return kind
    kind = _WIDER.get(kind, kind)
    if kind in _SMALL or kind in _SAME:
        return pa.int32() if kind in _SMALL and format == ICEBERG else kind
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view():
        return pa.string()
    if pa.types.is_fixed_size_binary(kind) and format == ICEBERG:
        return kind
    if _is_binary(kind):
        return pa.binary()
    if pa.types.is_timestamp(kind) and kind.unit != "ns" and kind.tz in (None, "UTC"):
        return pa.timestamp("us", kind.tz)
    if format == ICEBERG and (kind == pa.uuid() or (pa.types.is_time(kind) and kind.unit != "ns")):
        return kind if kind == pa.uuid() else pa.time64("us")
    return None


def _is_binary(kind: pa.DataType) -> bool:
    plain = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or kind == pa.binary_view()
    return bool(plain or pa.types.is_fixed_size_binary(kind))


def _held_nested(kind: pa.DataType, format: str) -> pa.DataType | None:
    if pa.types.is_struct(kind):
        fields = [_held_field(kind.field(at), format) for at in range(kind.num_fields)]
        held = [field for field in fields if field is not None]
        return pa.struct(held) if held and len(held) == len(fields) else None
    if pa.types.is_map(kind):
        key, item = _held_field(kind.key_field, format), _held_field(kind.item_field, format)
        return None if key is None or item is None else pa.map_(key, item)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        value = _held_field(kind.value_field, format)
        return None if value is None else pa.list_(value)
    return None


def fitted(rows: pa.Table, kinds: pa.Schema) -> pa.Table:
    """Give rows in the types of a schema; a map may come as a list of its entries."""
    if rows.schema.equals(kinds):
        return rows
    columns = [
        pa.chunked_array([_fitted(chunk, field.type) for chunk in rows.column(field.name).chunks], field.type)
        for field in kinds
    ]
    return pa.table(columns, schema=kinds)


def _fitted(values: pa.Array, kind: pa.DataType) -> pa.Array:
    if not pa.types.is_nested(kind):
        return values.cast(kind)
    values = _listed(values) if pa.types.is_map(values.type) else values
    empty = values.is_null()
    if pa.types.is_struct(kind):
        fields = [kind.field(at) for at in range(kind.num_fields)]
        inner = [_fitted(values.field(at), field.type) for at, field in enumerate(fields)]
        return pa.StructArray.from_arrays(inner, fields=fields, mask=empty)
    starts = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum(pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False), out=starts[1:])
    offsets, entries = pa.array(starts), values.flatten()
    if pa.types.is_map(kind):
        key, item = _fitted(entries.field(0), kind.key_type), _fitted(entries.field(1), kind.item_type)
        return pa.MapArray.from_arrays(offsets, key, item, kind, mask=empty)
    return pa.ListArray.from_arrays(offsets, _fitted(entries, kind.value_type), kind, mask=empty)


def _listed(values: pa.MapArray) -> pa.ListArray:
    """Give maps as lists of their entries."""
    entries = pa.StructArray.from_arrays([values.keys, values.items], ["key", "value"])
    return pa.ListArray.from_arrays(pa.array(values.offsets.to_numpy()), entries, mask=values.is_null())
