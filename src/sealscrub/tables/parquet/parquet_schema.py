"""Which Parquet columns the fast engine writes back as they were, and the schema by which it does.

polars reads and writes text and bytes with wide offsets, and unordered dictionaries of text as text. In the file
these are the same bytes; only the Arrow schema in the footer distinguishes them. So such columns go through polars,
and the footer gets the schema that the source had. What polars would write otherwise (nested types, ordered
dictionaries, fixed-size binary, times in milliseconds, extension types) takes pyarrow.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sized
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ..arrow.enum_fields import enum_codes

__all__ = ["fast_schema", "put_schema", "slow_columns"]

_ARROW_SCHEMA = b"ARROW:schema"
_FIELD_ID = b"PARQUET:field_id"
_MAGIC = b"PAR1"
_STRUCT = 12  # Thrift's number of the type
_LIST_OF_ONE = b"\x19\x1c"  # the next field is a list, of one struct


def slow_columns(path: Path, schema: pa.Schema) -> tuple[str, ...]:
    """Columns whose types the fast engine does not write back as they were.

    polars is asked what it takes each column of the file for: what it reads as another type than Arrow, or not at
    all, is not its business.
    """
    try:
        read: Mapping[str, pl.DataType] = pl.scan_parquet(path, glob=False, hive_partitioning=False).collect_schema()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        return tuple(schema.names)
    return tuple(
        field.name
        for field in schema
        if _FIELD_ID in (field.metadata or {}) or "\x00" in field.name or not _is_fast(field.type, read.get(field.name))
    )


def _is_fast(kind: pa.DataType, read: pl.DataType | None) -> bool:
    fast = _fast_type(kind)
    if fast is None:
        return False
    if pa.types.is_dictionary(kind):
        return read in (pl.String, pl.Categorical, pl.Enum)
    return read == pl.Series(pa.nulls(0, fast)).dtype  # pa.array(...) would import pandas


def fast_schema(schema: pa.Schema, levels: Mapping[str, Sized]) -> pa.Schema:
    """The schema under which polars writes fast columns; metadata of fields is kept, `levels` are Enum columns."""
    enum = pl.Series([], dtype=pl.Enum([])).to_arrow().type
    kinds = {name: pa.dictionary(enum_codes(len(made)), enum.value_type, enum.ordered) for name, made in levels.items()}
    return pa.schema(
        [
            pa.field(field.name, kinds.get(field.name, _fast_type(field.type)), field.nullable, field.metadata)
            for field in schema
        ]
    )


def _fast_type(kind: pa.DataType) -> pa.DataType | None:
    types = pa.types
    if types.is_string(kind) or types.is_large_string(kind):
        return pa.large_string()
    if types.is_binary(kind) or types.is_large_binary(kind):
        return pa.large_binary()
    if types.is_dictionary(kind):
        text = types.is_string(kind.value_type) or types.is_large_string(kind.value_type)
        return pa.large_string() if text else None
    plain = (
        types.is_integer(kind)
        or types.is_float32(kind)
        or types.is_float64(kind)
        or types.is_boolean(kind)
        or types.is_date32(kind)
        or types.is_decimal128(kind)
        or (types.is_timestamp(kind) and kind.unit in ("ms", "us", "ns"))
        or (types.is_duration(kind) and kind.unit in ("ms", "us", "ns"))
        or (types.is_time64(kind) and kind.unit == "ns")
    )
    return kind if plain else None


def put_schema(path: Path, schema: pa.Schema) -> bool:
    """Give the footer of a file that polars wrote the schema that its source had, its metadata included.

    polars leaves one key-value pair in the footer, the Arrow schema. It is exchanged, and the metadata put behind
    it. The footer is in Thrift's compact encoding, and nothing in the file refers to its length
    (`Parquet's Thrift definition <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>`_).

    Returns
    -------
    bool
        Whether the file now reads back with that schema.
    """
    with path.open("r+b") as file:
        file.seek(-8, 2)
        length = int.from_bytes(file.read(4), "little")
        if file.read(4) != _MAGIC:
            return False
        start = file.seek(-8 - length, 2)
        pairs = {_ARROW_SCHEMA: base64.b64encode(schema.serialize().to_pybytes())} | (schema.metadata or {})
        footer = _with_pairs(file.read(length), pairs)
        if footer is None:
            return False
        file.seek(start)
        file.write(footer + len(footer).to_bytes(4, "little") + _MAGIC)
        file.truncate()
    return bool(pq.read_schema(path).equals(schema, check_metadata=True))


def _with_pairs(footer: bytes, pairs: Mapping[bytes, bytes]) -> bytes | None:
    """Exchange a footer's list of one key-value pair, the Arrow schema.

    Names and statistics come before the list and can hold anything; what comes behind it cannot hold the key.
    """
    key = _string(_ARROW_SCHEMA)
    at = footer.rfind(_LIST_OF_ONE + b"\x18" + key + b"\x18")
    if at < 0:
        return None
    size, behind = _read_varint(footer, at + len(_LIST_OF_ONE) + 1 + len(key) + 1)
    count = bytes([len(pairs) << 4 | _STRUCT]) if len(pairs) < 15 else bytes([0xF0 | _STRUCT]) + _varint(len(pairs))
    listed = b"".join(b"\x18" + _string(name) + b"\x18" + _string(value) + b"\x00" for name, value in pairs.items())
    return footer[:at] + b"\x19" + count + listed + footer[behind + size + 1 :]


def _string(content: bytes) -> bytes:
    return _varint(len(content)) + content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _read_varint(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = content[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
