"""Metadata is data: structure is made again from what stays, and anything else goes unless it is kept by name."""

from __future__ import annotations

import io
import json
import pickle
import warnings
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.tables import frame_adapter
from sealscrub.tables.aggregate_mark import MARK
from sealscrub.tables.levels import LevelRules

ID = "K14612345"
MASK = np.array([True, False, True])
NAMES = ["note", "ARROW:schema", "PARQUET:field_id", "pandas", "geo", "PANDAS_ATTRS", "_PL_ENUM_VALUES2", "a", ID]
NOTED = f'{{"columns": [{{"name": "{ID}", "pandas_type": "{ID}"}}]}}'
PLANTED = [ID, f'"{ID}"', f'{{"{ID}": "{ID}"}}', f"9;{ID}", NOTED]
entries = st.none() | st.dictionaries(st.sampled_from(NAMES), st.sampled_from(PLANTED), max_size=3)


class Noted(pd.DataFrame):
    """A subclass with attributes of its own, as pandas' page on extending it has them."""

    _metadata: ClassVar[list[str]] = ["source", "limit"]
    limit = 3

    @property
    def _constructor(self) -> Any:
        return Noted


def types(draw: st.DrawFn, depth: int = 0) -> pa.DataType:
    """Draw a type that has fields with metadata at any depth."""
    flat = [pa.int64(), pa.string(), pa.dictionary(pa.int8(), pa.string()), pa.uuid()]
    kind = draw(st.sampled_from(["flat", "struct", "list", "large list", "fixed list", "map", "list view"]))
    if kind == "flat" or depth == 3:
        return draw(st.sampled_from(flat[: 2 if depth else 4]))
    item = pa.field("item", types(draw, depth + 1), metadata=draw(entries))
    return {
        "struct": pa.struct([item, pa.field("b", pa.int8(), metadata=draw(entries))]),
        "list": pa.list_(item),
        "large list": pa.large_list(item),
        "fixed list": pa.list_(item, 2),
        "map": pa.map_(pa.field("key", pa.string(), nullable=False, metadata=draw(entries)), item),
        "list view": pa.list_view(item) if not depth else pa.list_(item),
    }[kind]


def plain(kind: pa.DataType) -> pa.DataType:
    """The same type without metadata."""
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(f.name, plain(f.type), f.nullable) for f in kind])
    if pa.types.is_map(kind):
        return pa.map_(plain(kind.key_type), pa.field("item", plain(kind.item_type)))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(pa.field("item", plain(kind.value_type)), kind.list_size)
    for test, make in ((pa.types.is_list, pa.list_), (pa.types.is_large_list, pa.large_list)):
        if test(kind):
            return make(pa.field("item", plain(kind.value_type)))
    return pa.list_view(pa.field("item", plain(kind.value_type))) if pa.types.is_list_view(kind) else kind


def value(kind: pa.DataType, n: int) -> Any:
    if pa.types.is_struct(kind):
        return {field.name: value(field.type, n) for field in kind}
    if pa.types.is_map(kind):
        return [("k", value(kind.item_type, n))]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_list_view(kind):
        return [value(kind.value_type, n)]
    if pa.types.is_fixed_size_list(kind):
        return [value(kind.value_type, n)] * 2
    if isinstance(kind, pa.UuidType):
        return bytes([n]) * 16
    return n if pa.types.is_integer(kind) else f"text {n}"


def column(kind: pa.DataType, rows: list[int]) -> pa.Array:
    values = [value(kind, n) for n in rows]
    return pa.ExtensionArray.from_storage(kind, pa.array(values, kind.storage_type)) if kind == pa.uuid() else pa.array(
        values, kind
    )  # fmt: skip


def table(kind: pa.DataType, rows: list[int], of_field: Any = None, of_schema: Any = None) -> pa.Table:
    field = pa.field("c", kind, metadata=of_field)
    return pa.Table.from_arrays([column(kind, rows)], schema=pa.schema([field], metadata=of_schema))


CONTAINERS = {
    "Table": lambda data: data,
    "RecordBatch": lambda data: data.to_batches()[0],
    "RecordBatchReader": lambda data: data.to_reader(),
    "Dataset": ds.dataset,
}


def read(kept: Any) -> pa.Table:
    if isinstance(kept, pa.RecordBatch):
        return pa.Table.from_batches([kept])
    if isinstance(kept, pa.RecordBatchReader):
        return kept.read_all()
    return kept.to_table() if isinstance(kept, ds.Dataset) else kept


def ipc(data: pa.Table) -> bytes:
    with io.BytesIO() as sink:
        with pa.ipc.new_stream(sink, data.schema) as writer:
            writer.write_table(data)
        return sink.getvalue()


@pytest.mark.parametrize("container", CONTAINERS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_arrow_metadata_leaves_no_trace(container: str, data: st.DataObject) -> None:
    kind = data.draw(st.composite(types)())
    of_field = data.draw(entries)
    if of_field and pa.types.is_dictionary(kind):
        of_field.pop("_PL_ENUM_VALUES2", None)  # there it is the list of an Enum, which the rules of levels look at
    with_all = table(kind, [1, 2, 3], of_field, data.draw(entries))
    without = table(plain(kind), [1, 3])
    mask = np.array([True, True])

    kept = read(frame_adapter(CONTAINERS[container](with_all)).keep(MASK))
    same = read(frame_adapter(CONTAINERS[container](without)).keep(mask))

    assert ID.encode() not in ipc(kept) + pickle.dumps(kept) + repr(kept.schema).encode()
    left = {*(kept.schema.metadata or {}), *(kept.field("c").metadata or {})}
    assert left <= {b"pandas", b"geo"}
    if not left:
        assert pickle.dumps(kept) == pickle.dumps(same)
        assert ipc(kept) == ipc(same)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_kept_by_name_stays_at_any_depth(data: st.DataObject) -> None:
    kind = data.draw(st.composite(types)())
    drawn = table(kind, [1, 2, 3], {"unit": "years", "x": "y"}, {"unit": "people", "x": "y"})
    names = {name for name in NAMES if not name.startswith(("PANDAS", "pandas", "geo"))} | {"unit"}

    adapter = frame_adapter(drawn, names)
    kept = adapter.keep(MASK)

    assert "x" in adapter.lost_metadata
    assert set(adapter.lost_metadata) - {"x"} <= {"pandas", "geo", "PANDAS_ATTRS", ID}
    assert kept.schema.metadata == {b"unit": b"people"}
    assert (kept.field("c").metadata or {})[b"unit"] == b"years"
    kept.validate(full=True)


def extended(name: str, extension: str, told: str) -> pa.Field:
    entries = {"ARROW:extension:name": extension, "ARROW:extension:metadata": told}
    return pa.field(name, pa.binary(), metadata=entries)


def test_field_ids_and_known_extension_types_are_structure() -> None:
    item = pa.field("item", pa.int64(), metadata={"PARQUET:field_id": "7", "note": ID})
    point = extended("p", "geoarrow.wkb", '{"crs":"EPSG:2263"}')
    mine = extended("m", ID, ID)
    remarked = extended("r", "geoarrow.wkb", json.dumps({"crs": {"name": "WGS 84", "remarks": ID}}))
    unknown = extended("u", "geoarrow.wkb", json.dumps({"crs": f"of {ID}"}))
    fields = [pa.field("l", pa.list_(item), metadata={"PARQUET:field_id": "6"}), point, mine, remarked, unknown]
    data = pa.Table.from_pylist([{"l": [1], "p": b"", "m": b"", "r": b"", "u": b""}] * 3, schema=pa.schema(fields))

    kept = frame_adapter(data).keep(MASK).schema

    assert kept.field("l").metadata == {b"PARQUET:field_id": b"6"}
    assert kept.field("l").type.value_field.metadata == {b"PARQUET:field_id": b"7"}
    assert kept.field("p").equals(point, check_metadata=True)
    assert kept.field("m").metadata is None
    assert kept.field("u").metadata is None
    assert json.loads((kept.field("r").metadata or {})[b"ARROW:extension:metadata"]) == {"crs": {"name": "WGS 84"}}


class Mine(pa.ExtensionType):
    """A type of somebody's own, with a parameter that nobody else can read."""

    def __init__(self, told: str) -> None:
        self.told = told
        super().__init__(pa.int64(), "test.mine")

    def __arrow_ext_serialize__(self) -> bytes:
        return self.told.encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: Any, told: bytes) -> Mine:
        return cls(told.decode())


def test_an_extension_type_with_unknown_parameters_becomes_its_storage_unless_it_is_named() -> None:
    for told, keep, kind in (
        (ID, [], pa.int64()),
        (ID, ["test.mine"], Mine(ID)),
        ("", [], Mine("")),
    ):
        array = pa.ExtensionArray.from_storage(Mine(told), pa.array([1, 2, 3]))
        adapter = frame_adapter(pa.table({"c": array}), keep)

        kept = adapter.keep(MASK)

        assert kept.field("c").type == kind
        assert adapter.lost_metadata == (() if kind != pa.int64() else ("test.mine",))
        assert (ID.encode() in pickle.dumps(kept)) == bool(keep)


planted_frames = st.fixed_dictionaries(
    {},
    optional={
        "attrs": st.sampled_from(
            [{"original": pd.DataFrame({"c": [ID]})}, {ID: 1}, {"note": {"deep": [ID]}}, {"note": ID, "other": ID}]
        ),
        "source": st.just(ID),
        "limit": st.just(ID),
        "loose": st.just(ID),
        "flags": st.just(False),
    },
)


@settings(max_examples=60, deadline=None)
@given(planted=planted_frames, subclass=st.booleans())
def test_pandas_metadata_leaves_no_trace(planted: dict[str, Any], subclass: bool) -> None:
    made: Any = Noted if subclass else pd.DataFrame
    data, without = made({"c": ["a", "b", "c"], "n": [1, 2, 3]}), made({"c": ["a", "c"], "n": [1, 3]})
    for name, value in planted.items():
        if name == "attrs":
            data.attrs = value
        elif name == "flags":
            for each in (data, without):
                each.flags.allows_duplicate_labels = value
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                object.__setattr__(data, name, value)

    adapter = frame_adapter(data)
    kept, same = adapter.keep(MASK), frame_adapter(without).keep(np.array([True, True]))

    assert ID.encode() not in pickle.dumps(kept) + repr(vars(kept)).encode()
    assert pickle.dumps(kept) == pickle.dumps(same)
    assert type(kept) is made
    assert kept.flags == data.flags
    assert kept.attrs == {}
    assert set(adapter.lost_metadata) == {*data.attrs, *planted.keys() - {"attrs", "flags"}}
    if subclass:
        assert (kept.source, kept.limit) == (None, 3)


def test_what_pandas_carries_is_kept_by_name_and_copied() -> None:
    data = Noted({"c": ["a", "b", "c"]})
    data.attrs, data.source = {"unit": ["years"], "note": ID}, "city"

    kept = frame_adapter(data, ["unit", "source"]).keep(MASK)

    assert kept.attrs == {"unit": ["years"]}
    assert kept.attrs["unit"] is not data.attrs["unit"]
    assert kept.source == "city"


class Placed(pd.DataFrame):
    """As GeoPandas writes down which column its geometries are in."""

    _metadata: ClassVar[list[str]] = ["_geometry_column_name"]

    @property
    def _constructor(self) -> Any:
        return Placed


@pytest.mark.parametrize(("told", "left"), [("spot", "spot"), (ID, None), (None, None), ({ID: ID}, None)])
def test_a_geometry_column_is_structure_where_there_is_one(told: object, left: object) -> None:
    data = Placed({"spot": [b"a", b"b", b"c"]})
    object.__setattr__(data, "_geometry_column_name", told)

    adapter = frame_adapter(data)

    assert adapter.keep(MASK)._geometry_column_name == left
    assert adapter.lost_metadata == ()


def test_the_mark_of_aggregate_figures_is_structure_and_holds_nothing_but_a_release() -> None:
    frame = pd.DataFrame({"n": [1, 2, 3]})
    frame.attrs = {MARK: "0f"}

    assert frame_adapter(frame).keep(MASK).attrs == {MARK: "0f"}
    for told, left in (("0f", b"0f"), (ID, b"")):
        data = pa.table({"n": [1, 2, 3]}).replace_schema_metadata({MARK: told})
        assert frame_adapter(data).keep(MASK).schema.metadata == {MARK.encode(): left}


def test_levels_that_polars_lists_in_metadata_name_nothing_sealed() -> None:
    listed = pl.Enum(["a", ID, "b", "c"])
    data = pl.DataFrame({"c": pl.Series(["a", ID, "b"], dtype=listed)}).to_arrow()

    barred = LevelRules(barred=lambda levels: (levels == ID).to_numpy())
    key = frame_adapter(data).knowing(LevelRules(keys=frozenset({"c"}))).keep(MASK)
    other = frame_adapter(data).knowing(barred).keep(MASK)

    assert pl.DataFrame(key)["c"].dtype == pl.Enum(["a", "b"])
    assert pl.DataFrame(other)["c"].dtype == pl.Enum(["a", "b", "c"])


def test_sortedness_of_polars_goes() -> None:
    data = pl.DataFrame({"c": pl.Series([1, 2, 3]).sort()})

    kept = frame_adapter(data).keep(MASK)

    assert kept["c"].flags == frame_adapter(pl.DataFrame({"c": [1, 3]})).keep(np.array([True, True]))["c"].flags
