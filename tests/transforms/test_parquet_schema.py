"""Every Arrow type that Parquet can hold comes back as it was, with all that its schema says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import UnreadableInput
from sealscrub.tables.arrow.schema_entries import entry_name

from .arrests import CLEAR, ON, SEALED, index, many

ROWS = 12
ZONE = dt.timezone(dt.timedelta(hours=-5))
DAY = dt.datetime(2020, 1, 2, 3, 4, 5)


def _cycled(values: list[Any], kind: pa.DataType) -> pa.Array:
    return pa.array([values[at % len(values)] for at in range(ROWS)], kind)


def _dictionary(index_type: pa.DataType, value_type: pa.DataType, *, ordered: bool = False) -> pa.Array:
    codes = _cycled([2, 0, None, 1], index_type)
    values = (
        [b"c", b"a", b"b"] if pa.types.is_binary(value_type) or pa.types.is_large_binary(value_type) else list("cab")
    )
    return pa.DictionaryArray.from_arrays(codes, pa.array(values, value_type), ordered=ordered)


def _extension(kind: pa.BaseExtensionType, storage: pa.Array) -> pa.Array:
    return pa.ExtensionArray.from_storage(kind, storage)


INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
FAST = {
    **{str(kind): _cycled([0, 7, None, 100], kind) for kind in INTEGERS},
    "uint64[high]": _cycled([2**64 - 1, None], pa.uint64()),
    "float": _cycled([0.5, None, float("inf"), -0.0], pa.float32()),
    "double": _cycled([0.1, None, float("-inf"), 1e-300], pa.float64()),
    "bool": _cycled([True, None, False], pa.bool_()),
    "string": _cycled(["", "é", None, "a text longer than a view"], pa.string()),
    "large_string": _cycled(["x", None], pa.large_string()),
    "binary": _cycled([b"", b"\xff\x00", None], pa.binary()),
    "large_binary": _cycled([b"x", None], pa.large_binary()),
    "date32": _cycled([dt.date(1900, 1, 1), None], pa.date32()),
    "decimal128": _cycled([Decimal("1.23"), None, Decimal("-99999.99")], pa.decimal128(7, 2)),
    "decimal128[wide]": _cycled([Decimal(10**37), None], pa.decimal128(38, 0)),
    **{f"timestamp[{unit}]": _cycled([DAY, None], pa.timestamp(unit)) for unit in ("ms", "us", "ns")},
    "timestamp[zone]": _cycled([DAY, None], pa.timestamp("us", "America/New_York")),
    "timestamp[utc]": _cycled([DAY, None], pa.timestamp("ns", "UTC")),
    "timestamp[offset]": _cycled([DAY, None], pa.timestamp("ms", "-05:00")),
    **{f"duration[{unit}]": _cycled([dt.timedelta(1), None], pa.duration(unit)) for unit in ("ms", "us", "ns")},
    "time64[ns]": _cycled([dt.time(1, 2, 3), None], pa.time64("ns")),
    **{
        f"dictionary[{width}, {value}]": _dictionary(width, value)
        for width in (pa.int8(), pa.int32(), pa.uint16(), pa.int64())
        for value in (pa.string(), pa.large_string())
    },
}
LISTED = _cycled([["a", None], [], None, ["b"]], pa.list_(pa.string()))
SLOW = {
    "null": pa.nulls(ROWS),
    "halffloat": pa.array([np.float16(at) for at in range(ROWS)], pa.float16()),
    "decimal32": _cycled([Decimal("1.2"), None], pa.decimal32(5, 1)),
    "decimal64": _cycled([Decimal("1.2"), None], pa.decimal64(15, 1)),
    "decimal256": _cycled([Decimal(10**60), None], pa.decimal256(76, 0)),
    "time32[s]": _cycled([dt.time(1, 2, 3), None], pa.time32("s")),
    "time32[ms]": _cycled([dt.time(1, 2, 3), None], pa.time32("ms")),
    "time64[us]": _cycled([dt.time(1, 2, 3), None], pa.time64("us")),
    "fixed": _cycled([b"abcd", None], pa.binary(4)),
    "list": LISTED,
    "large_list": LISTED.cast(pa.large_list(pa.string())),
    "list[not null]": _cycled([[1], None, []], pa.list_(pa.field("item", pa.int32(), nullable=False))),
    "list[struct]": _cycled([[{"a": 1, "b": "x"}], None, []], pa.list_(pa.struct({"a": pa.int8(), "b": pa.string()}))),
    "list[dictionary]": pa.ListArray.from_arrays(list(range(ROWS + 1)), _dictionary(pa.int32(), pa.string())),
    "struct": _cycled(
        [{"a": 1, "b": None}, None, {"a": None, "b": "x"}], pa.struct({"a": pa.int8(), "b": pa.string()})
    ),
    "struct[deep]": _cycled([{"a": {"b": [1]}}, None], pa.struct({"a": pa.struct({"b": pa.list_(pa.int64())})})),
    "map": _cycled([[("k", 1)], None, []], pa.map_(pa.string(), pa.int32())),
    "dictionary[ordered binary]": _dictionary(pa.int16(), pa.binary(), ordered=True),
    "dictionary[binary]": _dictionary(pa.int16(), pa.binary()),
    "uuid": _extension(pa.uuid(), _cycled([b"0123456789abcdef", None], pa.binary(16))),
    "bool8": _extension(pa.bool8(), _cycled([1, 0, None], pa.int8())),
    "json": _extension(pa.json_(), _cycled(["{}", None], pa.string())),
    "opaque": _extension(pa.opaque(pa.binary(), "geometry", "vendor"), _cycled([b"x", None], pa.binary())),
    "string_view": _cycled(["", None, "a text longer than a view"], pa.string_view()),
    "binary_view": _cycled([b"", None, b"a text longer than a view"], pa.binary_view()),
}
if int(pa.__version__.partition(".")[0]) >= 26:  # before, pyarrow cannot read these in batches: refused
    SLOW["fixed_list"] = _cycled([[1, 2], None, [None, 4]], pa.list_(pa.int16(), 2))
LEVELS = {
    f"dictionary[ordered {width}]": _dictionary(width, pa.string(), ordered=True) for width in (pa.int8(), pa.int32())
}
STORED = {  # what Parquet has no such type for, and Arrow reads back as another
    "timestamp[s]": _cycled([DAY, None], pa.timestamp("s")),
    "duration[s]": _cycled([dt.timedelta(1), None], pa.duration("s")),
    "date64": _cycled([DAY, None], pa.date64()),
    "dictionary[numbers]": _cycled([5, None, 6], pa.int64()).dictionary_encode(),
}


def read(path: Path) -> pa.Table:
    return pq.read_table(path, partitioning=None)


def scrubbed(
    folder: Path, table: pa.Table, keep: Iterable[str] = ("arrow.opaque",), **options: Any
) -> tuple[pa.Table, pa.Table, tuple[str, ...]]:
    """Write, scrub, and give what should be there, what is there, and the slow columns."""
    pq.write_table(table, folder / "data.parquet", row_group_size=5, **options)
    report = ss.scrub(folder / "data.parquet", index(), ON, output=folder / "out.parquet", keep_metadata=list(keep))
    source = read(folder / "data.parquet")
    kept = [at for at, key in enumerate(source.column("arrest_no").to_pylist()) if key not in SEALED]
    plain = [_unviewed(source.column(name)) for name in source.schema.names]
    expected = pa.Table.from_arrays(plain, names=source.schema.names).take(kept)
    return expected, read(folder / "out.parquet"), report.tables[0].slow_columns


def _unviewed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Arrow takes no rows of views."""
    views = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}
    return column.cast(views.get(column.type, column.type))


def check(folder: Path, column: pa.Array) -> tuple[str, ...]:
    table = pa.table({"n": range(ROWS), "c": column, "arrest_no": many(ROWS)})
    expected, clean, slow = scrubbed(folder, table)
    assert pq.read_schema(folder / "out.parquet").equals(pq.read_schema(folder / "data.parquet"), check_metadata=True)
    assert clean.to_pydict() == expected.to_pydict()
    clean.validate(full=True)
    if column.null_count < len(column):
        world = table.take([at for at, key in enumerate(many(ROWS)) if key not in SEALED]) if _takes(column) else None
        if world is not None and not pa.types.is_dictionary(column.type):
            written = (folder / "out.parquet").read_bytes()
            scrubbed(folder, world)
            assert (folder / "out.parquet").read_bytes() == written
    return slow


def _takes(column: pa.Array) -> bool:
    return column.type not in (pa.string_view(), pa.binary_view())


@pytest.mark.parametrize("name", FAST)
def test_fast_types_come_back_as_they_were(tmp_path: Path, name: str) -> None:
    assert check(tmp_path, FAST[name]) == ()


@pytest.mark.parametrize("name", LEVELS)
def test_ordered_levels_come_back_in_their_order(tmp_path: Path, name: str) -> None:
    assert check(tmp_path, LEVELS[name]) == ()
    assert read(tmp_path / "out.parquet").column("c").combine_chunks().dictionary.to_pylist() == list("cab")


@pytest.mark.parametrize("name", SLOW)
def test_slow_types_come_back_as_they_were_and_are_named(tmp_path: Path, name: str) -> None:
    assert check(tmp_path, SLOW[name]) == ("c",)


@pytest.mark.parametrize("name", STORED)
def test_types_that_parquet_stores_as_others_come_back_as_stored(tmp_path: Path, name: str) -> None:
    check(tmp_path, STORED[name])


def test_all_types_at_once(tmp_path: Path) -> None:
    table = pa.table({**FAST, **SLOW, **LEVELS, "arrest_no": pa.array(many(ROWS))})
    expected, clean, slow = scrubbed(tmp_path, table)
    assert set(slow) == set(SLOW)
    assert clean.to_pydict() == expected.to_pydict()
    assert clean.schema.equals(read(tmp_path / "data.parquet").schema, check_metadata=True)


FIELDS = {
    "not null": pa.field("c", pa.int64(), nullable=False),
    "not null text": pa.field("c", pa.string(), nullable=False),
    "metadata": pa.field("c", pa.string(), metadata={"unit": "é", "": "x"}),
    "metadata of bytes": pa.field("c", pa.string(), metadata={b"\xff": b"\xfe\x00"}),
    "field id": pa.field("c", pa.int64(), metadata={"PARQUET:field_id": "9"}),
    "unknown extension": pa.field("c", pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"}),
    "nested metadata": pa.field("c", pa.list_(pa.field("e", pa.int64(), metadata={"a": "b"})), metadata={"c": "d"}),
    "ordered not null": pa.field("c", pa.dictionary(pa.int8(), pa.string(), ordered=True), nullable=False),
}


NOTED = {"metadata": ["unit", ""], "metadata of bytes": [r"\xff"], "nested metadata": ["a", "c"]}


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("name", FIELDS)
def test_what_a_field_says_of_itself_stays_where_it_is_structure_or_kept_by_name(
    tmp_path: Path, name: str, kept: bool
) -> None:
    field = FIELDS[name]
    values = {
        pa.binary(): [b"a", b"b"], pa.int64(): [1, 2]
    }.get(field.type, [[1], []] if pa.types.is_list(field.type) else ["a", "b"])  # fmt: skip
    column = _cycled(values, pa.string() if pa.types.is_dictionary(field.type) else field.type)
    if pa.types.is_dictionary(field.type):
        column = column.dictionary_encode().cast(field.type)
    schema = pa.schema([pa.field("arrest_no", pa.string()), field])
    names = NOTED.get(name, []) if kept else []
    expected, clean, _ = scrubbed(tmp_path, pa.table([many(ROWS), column], schema=schema), names)
    assert clean.to_pydict() == expected.to_pydict()
    before = read(tmp_path / "data.parquet").schema
    assert clean.schema.equals(before)
    assert clean.schema.equals(before, check_metadata=True) == (kept or name not in NOTED)
    assert clean.schema.field("c").nullable == field.nullable


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"a": "b"},
        {"": "", "é": "☃", "long": "x" * 100_000},
        {b"\xff": b"a", b"b": b"\x00\xfe"},
        {f"key {at}": "x" * at for at in range(20)},
        {f"key {at}": "" for at in range(14)},
        {"trap": "\x18\x0cARROW:schema\x18\x01x", "other": "\x18\x05other\x18"},
    ],
)
def test_what_a_file_says_of_itself_stays_where_it_is_kept_by_name(
    tmp_path: Path, metadata: dict[Any, Any], slow: bool
) -> None:
    columns = {"arrest_no": pa.array(many(ROWS))} | ({"l": LISTED} if slow else {})
    table = pa.table(columns).replace_schema_metadata(metadata)
    names = [entry_name(key) for key in table.schema.metadata or {}]
    expected, clean, _ = scrubbed(tmp_path, table, names)
    assert clean.to_pydict() == expected.to_pydict()
    assert clean.schema.equals(read(tmp_path / "data.parquet").schema, check_metadata=True)

    scrubbed(tmp_path, table, [])
    assert not pq.read_schema(tmp_path / "out.parquet").metadata
    assert set(pq.read_metadata(tmp_path / "out.parquet").metadata) == {b"ARROW:schema"}


@pytest.mark.parametrize("slow", [False, True])
def test_the_extent_of_all_geometries_goes(tmp_path: Path, slow: bool) -> None:
    geo = '{"version": "1.1.0", "columns": {"g": {"bbox": [1, 2, 3, 41.40338], "encoding": "WKB"}}}'
    columns = {"arrest_no": pa.array(many(ROWS)), "g": pa.array([b"wkb"] * ROWS)} | ({"l": LISTED} if slow else {})
    scrubbed(tmp_path, pa.table(columns).replace_schema_metadata({"geo": geo}))
    assert b"41.40338" in (tmp_path / "data.parquet").read_bytes()
    assert b"41.40338" not in (tmp_path / "out.parquet").read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        {"store_schema": False},
        {"version": "1.0"},
        {"data_page_version": "2.0"},
        {"use_deprecated_int96_timestamps": True},
        {"write_statistics": False},
        {"use_dictionary": False, "column_encoding": {"n": "DELTA_BINARY_PACKED"}},
        {"use_byte_stream_split": ["f"], "use_dictionary": False},
        {"write_page_index": True, "sorting_columns": [pq.SortingColumn(0)]},
        {"compression": {"arrest_no": "none", "t": "zstd", "n": "gzip", "f": "snappy"}},
        {"data_page_size": 16, "write_batch_size": 2},
        {"write_page_checksum": True},
    ],
)
def test_whatever_way_it_was_written(tmp_path: Path, options: dict[str, Any]) -> None:
    columns = {"t": _cycled([DAY, None], pa.timestamp("us")), "n": _cycled([1, 2], pa.int64())}
    table = pa.table({"arrest_no": many(ROWS), **columns, "f": _cycled([0.5, None], pa.float64())})
    expected, clean, _ = scrubbed(tmp_path, table, **options)
    assert clean.to_pydict() == expected.to_pydict()
    assert clean.schema.equals(read(tmp_path / "data.parquet").schema, check_metadata=True)


KEYS = {
    "dictionary": pa.array(many(ROWS)).dictionary_encode(),
    "ordered": pa.array(many(ROWS)).dictionary_encode().cast(pa.dictionary(pa.int32(), pa.string(), ordered=True)),
    "binary": pa.array([key.encode() for key in many(ROWS)], pa.binary()),
    "fixed": pa.array([key.encode() for key in many(ROWS)], pa.binary(9)),
    "string_view": pa.array(many(ROWS), pa.string_view()),
    "large_string": pa.array(many(ROWS), pa.large_string()),
    "binary dictionary": pa.array([key.encode() for key in many(ROWS)]).dictionary_encode(),
    "opaque": _extension(pa.opaque(pa.string(), "id", "vendor"), pa.array(many(ROWS))),
}


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_read_from_any_type_that_holds_text(tmp_path: Path, name: str) -> None:
    table = pa.table({"arrest_no": KEYS[name], "n": range(ROWS)})
    pq.write_table(table, tmp_path / "data.parquet", row_group_size=5)
    report = ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet")
    kept = [at for at, key in enumerate(many(ROWS)) if key not in SEALED]
    assert read(tmp_path / "out.parquet").column("n").to_pylist() == kept
    assert report.tables[0].keys[0].sealed == ROWS - len(kept)
    in_memory = ss.scan(read(tmp_path / "data.parquet"), index(), ON)
    assert in_memory.tables[0].keys == report.tables[0].keys


def test_text_that_is_no_text_is_no_key_and_stays_in_other_columns(tmp_path: Path) -> None:
    bad = pa.array([b"\xff\xfe"] * ROWS).view(pa.string())
    table = pa.table({"arrest_no": many(ROWS), "note": bad, "l": LISTED})
    pq.write_table(table, tmp_path / "data.parquet")
    ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet")
    kept = read(tmp_path / "out.parquet").column("note").cast(pa.binary()).to_pylist()
    assert kept == [b"\xff\xfe"] * (ROWS - 4)
    pq.write_table(pa.table({"arrest_no": bad, "n": [CLEAR[0]] * ROWS}), tmp_path / "bad.parquet")
    with pytest.raises(UnreadableInput):
        ss.scan(tmp_path / "bad.parquet", index(), ON)


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("quarantine", [False, True])
def test_times_that_are_read_as_others_are_refused(tmp_path: Path, slow: bool, quarantine: bool) -> None:
    """INT96 holds every day; 64 bits of nanoseconds, as which it is read, do not."""
    late = pa.array([dt.datetime(9999, 12, 31)] * ROWS, pa.timestamp("us"))
    columns = {"arrest_no": pa.array(many(ROWS)), "t": late} | ({"l": LISTED} if slow else {})
    pq.write_table(pa.table(columns), tmp_path / "data.parquet", use_deprecated_int96_timestamps=True)
    aside = {"quarantine": tmp_path / "aside.parquet"} if quarantine else {}
    with pytest.raises(UnreadableInput, match="INT96"):
        ss.scrub(tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet", **aside)
    assert not (tmp_path / "out.parquet").exists()
