"""A new Delta or Iceberg table holds every value of a column, or the column is refused by its name and type."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from sealscrub.errors import ConfigError
from sealscrub.tables.lake_types import fitted, held_schema

from .iceberg.test_iceberg_writer import TYPES

WHEN = [dt.datetime(2020, 1, 1, 2), None, dt.datetime(2021, 1, 1)]
COLUMNS: dict[str, pa.Array] = {
    **TYPES,
    **{str(kind): pa.array([0, None, 7], kind) for kind in (pa.int8(), pa.int16(), pa.uint8(), pa.uint16())},
    "large id": pa.array([0, None, 2**32 - 1], pa.uint32()),
    "seconds": pa.array(WHEN, pa.timestamp("s")),
    "long text": pa.array(["a", None, "c"], pa.large_string()),
    "view": pa.array(["a", None, "c"], pa.string_view()),
    "pair": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int8(), 2)),
    "maps": pa.array([[[("a", {"b": 1})]], None, []], pa.list_(pa.map_(pa.string(), pa.struct({"b": pa.int16()})))),
}
IN_NONE = {
    "unsigned": pa.uint64(),
    "nanoseconds": pa.timestamp("ns"),
    "zone": pa.timestamp("us", "America/New_York"),
    "span": pa.duration("us"),
    "nothing": pa.null(),
    "half": pa.float16(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "inside": pa.struct({"a": pa.list_(pa.uint64())}),
    "of a map": pa.map_(pa.string(), pa.duration("us")),
}
NOT_IN_DELTA = {"hour", "id"}


@pytest.mark.parametrize("format", ["Delta", "Iceberg"])
@pytest.mark.parametrize("name", COLUMNS)
def test_every_value_is_held(format: str, name: str) -> None:
    rows = pa.table({"x": COLUMNS[name]})
    if format == "Delta" and name in NOT_IN_DELTA:
        with pytest.raises(ConfigError, match=r"'x' is of a type that a Delta table does not have"):
            held_schema(rows.schema, format, "arrests")
        return
    kinds = held_schema(rows.schema, format, "arrests")
    for given in (rows, rows.slice(1)):
        made = fitted(given, kinds)
        made.validate(full=True)
        assert (made.schema, made.to_pylist()) == (kinds, given.to_pylist())


@pytest.mark.parametrize("format", ["Delta", "Iceberg"])
@pytest.mark.parametrize("name", IN_NONE)
def test_what_no_type_holds_is_refused(format: str, name: str) -> None:
    with pytest.raises(ConfigError, match=f"'{name}' is of a type"):
        held_schema(pa.schema({"arrest_no": pa.string(), name: IN_NONE[name]}), format, "arrests")


MAPS: list[Any] = [[("a", 1), ("b", None)], None, [], [("c", 3)]]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.map_(pa.string(), pa.int64()), MAPS),
        (pa.struct([pa.field("m", pa.map_(pa.string(), pa.int64()))]), [{"m": each} for each in MAPS] + [None]),
        (pa.list_(pa.struct([pa.field("b", pa.string(), nullable=False)])), [[{"b": "x"}], None, []]),
    ],
    ids=str,
)
def test_a_map_that_polars_has_read_is_one_again(kind: pa.DataType, values: list[Any]) -> None:
    entries = [("x", kind)]
    read = pl.DataFrame(pl.from_arrow(pa.table([pa.array(values, kind)], schema=pa.schema(entries)))).to_arrow()
    for given, expected in ((read, values), (read.slice(1), values[1:])):
        made = fitted(given, pa.schema(entries))
        made.validate(full=True)
        assert made.column("x").to_pylist() == expected


@pytest.mark.parametrize("name", ["a b", "a,b", "a=b", "a\tb"])
def test_names_that_delta_does_not_have(name: str) -> None:
    for kinds in (
        pa.schema({name: pa.string()}),
        pa.schema({"x": pa.list_(pa.struct({name: pa.string()}))}),
        pa.schema({"x": pa.map_(pa.string(), pa.struct({name: pa.string()}))}),
    ):
        held_schema(kinds, "Iceberg", "arrests")
        with pytest.raises(ConfigError, match="in their names"):
            held_schema(kinds, "Delta", "arrests")
    with pytest.raises(ConfigError, match="differ only in case"):
        held_schema(pa.schema({"a": pa.string(), "A": pa.string()}), "Delta", "arrests")
