"""One column of every type that pandas, polars and Arrow have, made of the same integers."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ARROW", "CONTAINERS", "FULL", "NEW_YORK", "PANDAS", "POLARS", "TWO", "cells", "ends", "framed", "made"]

Numbers = Sequence[int]
Make = Callable[[Numbers], Any]
DAY = dt.date(2024, 1, 1)
LEVELS = [f"level {at:03d}" for at in range(80)]
NEW_YORK = "America/New_York"


def days(numbers: Numbers) -> list[dt.date]:
    return [DAY + dt.timedelta(days=each) for each in numbers]


def times(numbers: Numbers) -> list[dt.datetime]:
    return [dt.datetime(2024, 1, 1) + dt.timedelta(hours=each) for each in numbers]


def spans(numbers: Numbers) -> list[dt.timedelta]:
    return [dt.timedelta(days=each) for each in numbers]


def clocks(numbers: Numbers) -> list[dt.time]:
    return [dt.time(each % 24, each % 60) for each in numbers]


def decimals(numbers: Numbers) -> list[Decimal]:
    return [Decimal(each) / 4 for each in numbers]


def mixed(numbers: Numbers) -> list[Any]:
    kinds: list[Callable[[int], Any]] = [int, float, str, lambda each: (each,), lambda each: {"n": each}]
    return [kinds[each % len(kinds)](each) for each in numbers]


def as_objects(values: Sequence[Any]) -> Any:
    found = np.empty(len(values), object)
    for at, value in enumerate(values):
        found[at] = value
    return found


def _pandas(dtype: Any) -> Make:
    return lambda numbers: pd.Series(list(numbers)).astype(dtype)


def _arrow_backed(kind: Any, values: Callable[[Numbers], Any] = list) -> Make:
    return lambda numbers: pd.Series(pd.array(pa.array(values(numbers), kind), dtype=pd.ArrowDtype(kind)))


def _periods(freq: str) -> Make:
    return lambda numbers: pd.Series(pd.period_range("2024-01-01", periods=80, freq=freq)[list(numbers)])


NUMBERS = [f"{sign}int{width}" for sign in ("", "u") for width in (8, 16, 32, 64)]
NULLABLE = [name.replace("i", "I").replace("u", "U") for name in NUMBERS] + ["Float32", "Float64"]
PANDAS: dict[str, Make] = {
    **{name: _pandas(name) for name in (*NUMBERS, "float16", "float32", "float64", "longdouble", "complex128")},
    **{name: _pandas(name) for name in NULLABLE},
    "complex64": _pandas("complex64"),
    "bool": lambda numbers: pd.Series([each % 2 == 0 for each in numbers]),
    "boolean": lambda numbers: pd.Series([each % 2 == 0 for each in numbers], dtype="boolean"),
    **{
        f"datetime64[{unit}]": lambda n, unit=unit: pd.Series(times(n)).astype(f"M8[{unit}]")
        for unit in ("s", "ms", "us", "ns")
    },
    **{
        f"datetime64[{unit}, zone]": lambda n, unit=unit: (
            pd.Series(times(n)).astype(f"M8[{unit}]").dt.tz_localize("UTC").dt.tz_convert(NEW_YORK)
        )
        for unit in ("s", "ms", "us", "ns")
    },
    **{
        f"timedelta64[{unit}]": lambda n, unit=unit: pd.Series(spans(n)).astype(f"m8[{unit}]")
        for unit in ("s", "ms", "us", "ns")
    },
    "datetime64 at the end of its range": lambda n: pd.Series(
        pd.Timestamp.max - pd.to_timedelta([80 - each for each in n], unit="ns")
    ),
    "period[D]": _periods("D"),
    "period[M]": _periods("M"),
    "interval": lambda n: pd.Series(pd.arrays.IntervalArray.from_arrays(list(n), [each + 1 for each in n])),
    "interval of times": lambda n: pd.Series(
        pd.arrays.IntervalArray.from_arrays(pd.to_datetime(times(n)), pd.to_datetime(times([each + 1 for each in n])))
    ),
    "sparse int": lambda n: pd.Series(pd.arrays.SparseArray(list(n), dtype=pd.SparseDtype("int64", 18))),
    "sparse float": lambda n: pd.Series(
        pd.arrays.SparseArray([float(each) for each in n], dtype=pd.SparseDtype("float64"))
    ),
    "text": lambda n: pd.Series([f"text {each}" for each in n], dtype="str"),
    "string[python]": lambda n: pd.Series([f"text {each}" for each in n], dtype="string[python]"),
    "string[pyarrow]": lambda n: pd.Series([f"text {each}" for each in n], dtype="string[pyarrow]"),
    "text objects": lambda n: pd.Series([f"text {each}" for each in n], dtype=object),
    "numeric text": lambda n: pd.Series([f"{each:05d}" for each in n]),
    "dates as text": lambda n: pd.Series([f"{each:%m/%d/%Y}" for each in days(n)]),
    "category": lambda n: pd.Series([f"text {each}" for each in n], dtype="category"),
    "category, ordered": lambda n: pd.Series(
        [LEVELS[each] for each in n], dtype=pd.CategoricalDtype(LEVELS, ordered=True)
    ),
    "category by appearance": lambda n: pd.Series(
        pd.Categorical([f"text {each}" for each in n], categories=list(dict.fromkeys(f"text {each}" for each in n)))
    ),
    "category of int8": lambda n: pd.Series(list(n), dtype="int8").astype("category"),
    "category of times": lambda n: pd.Series(times(n)).astype("category"),
    "category of intervals": lambda n: pd.cut(pd.Series(list(n)), list(range(0, 90, 3))),
    "bytes": lambda n: pd.Series([b"%d" % each for each in n], dtype=object),
    "dates": lambda n: pd.Series(days(n), dtype=object),
    "clock times": lambda n: pd.Series(clocks(n), dtype=object),
    "decimals": lambda n: pd.Series(decimals(n), dtype=object),
    "uuids": lambda n: pd.Series([uuid.UUID(int=each) for each in n], dtype=object),
    "lists": lambda n: pd.Series(as_objects([[each, each + 1] for each in n])),
    "arrays": lambda n: pd.Series(as_objects([np.arange(3, dtype=np.float32) + each for each in n])),
    "mappings": lambda n: pd.Series(as_objects([{"n": each, "t": str(each)} for each in n])),
    "sets": lambda n: pd.Series(as_objects([frozenset({each}) for each in n])),
    "mixed": lambda n: pd.Series(as_objects(mixed(n))),
    "int and text": lambda n: pd.Series(as_objects([each if each % 2 else str(each) for each in n])),
    **{
        f"arrow {kind}": _arrow_backed(kind)
        for kind in (pa.int8(), pa.uint16(), pa.int64(), pa.float16(), pa.float32())
    },
    "period[h]": _periods("h"),
    "period[Q-DEC]": _periods("Q-DEC"),
    "interval of times, zone": lambda n: pd.Series(
        pd.arrays.IntervalArray.from_arrays(
            pd.to_datetime(times(n)).tz_localize(NEW_YORK, ambiguous=True),
            pd.to_datetime(times([each + 1 for each in n])).tz_localize(NEW_YORK, ambiguous=True),
            closed="both",
        )
    ),
    "sparse bool": lambda n: pd.Series(pd.arrays.SparseArray([each % 2 == 0 for each in n], fill_value=False)),
    "sparse text": lambda n: pd.Series(pd.arrays.SparseArray([f"text {each}" for each in n], dtype="Sparse[object]")),
    "sparse times": lambda n: pd.Series(pd.arrays.SparseArray(np.array(times(n), "M8[ns]"))),
    "category of bools": lambda n: pd.Series([each % 2 == 0 for each in n]).astype("category"),
    "category of arrow text": lambda n: pd.Series([f"text {each}" for each in n], dtype="string[pyarrow]").astype(
        "category"
    ),
    "category of periods": lambda n: _periods("D")(n).astype("category"),
    "category of spans": lambda n: pd.Series(spans(n)).astype("category"),
    "mixed with bytes and nulls": lambda n: pd.Series(
        as_objects([(None, float("nan"), pd.NA, b"%d" % each, each)[at % 5] for at, each in enumerate(n)])
    ),
    "arrow bool": _arrow_backed(pa.bool_(), lambda n: [each % 2 == 0 for each in n]),
    "arrow large bytes": _arrow_backed(pa.large_binary(), lambda n: [b"%d" % each for each in n]),
    "arrow fixed bytes": _arrow_backed(pa.binary(4), lambda n: [b"%04d" % each for each in n]),
    "arrow decimal256(60, 2)": _arrow_backed(pa.decimal256(60, 2), decimals),
    "arrow date64": _arrow_backed(pa.date64(), days),
    **{f"arrow timestamp[{unit}]": _arrow_backed(pa.timestamp(unit), times) for unit in ("s", "us")},
    **{f"arrow duration[{unit}]": _arrow_backed(pa.duration(unit), spans) for unit in ("s", "us", "ns")},
    "arrow time32": _arrow_backed(pa.time32("s"), clocks),
    "arrow interval": _arrow_backed(pa.month_day_nano_interval(), lambda n: [(each, each, each) for each in n]),
    "arrow map": _arrow_backed(pa.map_(pa.string(), pa.int8()), lambda n: [[("n", each)] for each in n]),
    "arrow fixed list": _arrow_backed(pa.list_(pa.float32(), 2), lambda n: [[each, each] for each in n]),
    "arrow decimal128(8, 2)": _arrow_backed(pa.decimal128(8, 2), decimals),
    "arrow date32": _arrow_backed(pa.date32(), days),
    "arrow timestamp[ns, zone]": _arrow_backed(pa.timestamp("ns", NEW_YORK), times),
    "arrow duration": _arrow_backed(pa.duration("ms"), spans),
    "arrow time64": _arrow_backed(pa.time64("ns"), clocks),
    "arrow text": _arrow_backed(pa.large_string(), lambda n: [f"text {each}" for each in n]),
    "arrow bytes": _arrow_backed(pa.binary(), lambda n: [b"%d" % each for each in n]),
    "arrow list": _arrow_backed(pa.list_(pa.int8()), lambda n: [[each] for each in n]),
    "arrow struct": _arrow_backed(pa.struct([("n", pa.int8())]), lambda n: [{"n": each} for each in n]),
    "arrow dictionary": lambda n: pd.Series(
        pd.array(
            pa.array([f"text {each}" for each in n]).dictionary_encode(),
            dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())),
        )
    ),
}


def _polars(kind: Any, values: Callable[[Numbers], Any] = list) -> Make:
    return lambda numbers: pl.Series("x", values(numbers)).cast(kind)


class Thing:
    """An object of no library."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return f"Thing({self.number})"


POLARS: dict[str, Make] = {
    **{
        f"{sign}Int{width}": _polars(getattr(pl, f"{sign}Int{width}"))
        for sign in ("", "U")
        for width in (8, 16, 32, 64, 128)
    },
    **{f"Float{width}": _polars(getattr(pl, f"Float{width}")) for width in (16, 32, 64)},
    "Boolean": lambda n: pl.Series([each % 2 == 0 for each in n]),
    "Decimal(5, 2)": _polars(pl.Decimal(5, 2)),
    "Decimal(38, 10)": _polars(pl.Decimal(38, 10)),
    "String": lambda n: pl.Series([f"text {each}" for each in n]),
    "Categorical": lambda n: pl.Series([f"text {each}" for each in n], dtype=pl.Categorical),
    "Enum, declared": lambda n: pl.Series([LEVELS[each] for each in n], dtype=pl.Enum(LEVELS)),
    "Enum, used up": lambda n: pl.Series(
        [LEVELS[each] for each in n], dtype=pl.Enum(sorted({LEVELS[each] for each in n}))
    ),
    "Binary": lambda n: pl.Series([b"%d" % each for each in n]),
    "Date": lambda n: pl.Series(days(n)),
    "Time": lambda n: pl.Series(clocks(n)),
    **{
        f"Datetime({unit})": lambda n, unit=unit: pl.Series(times(n), dtype=pl.Datetime(unit))
        for unit in ("ms", "us", "ns")
    },
    **{
        f"Datetime({unit}, zone)": lambda n, unit=unit: (
            pl.Series(times(n), dtype=pl.Datetime(unit)).dt.replace_time_zone("UTC").dt.convert_time_zone(NEW_YORK)
        )
        for unit in ("ms", "us", "ns")
    },
    **{
        f"Duration({unit})": lambda n, unit=unit: pl.Series(spans(n), dtype=pl.Duration(unit))
        for unit in ("ms", "us", "ns")
    },
    "List": lambda n: pl.Series([[each, each + 1] for each in n], dtype=pl.List(pl.Int16)),
    "List of texts": lambda n: pl.Series([[f"text {each}"] for each in n]),
    "List of times": lambda n: pl.Series([[each] for each in times(n)], dtype=pl.List(pl.Datetime("ns"))),
    "List of Categorical": lambda n: pl.Series([[f"text {each}"] for each in n], dtype=pl.List(pl.Categorical)),
    "List of Enum": lambda n: pl.Series([[LEVELS[each]] for each in n], dtype=pl.List(pl.Enum(LEVELS))),
    "Struct of Enum": lambda n: pl.Series([{"x": LEVELS[each]} for each in n], dtype=pl.Struct({"x": pl.Enum(LEVELS)})),
    "List of Enum, used up": lambda n: pl.Series(
        [[LEVELS[each]] for each in n], dtype=pl.List(pl.Enum(sorted({LEVELS[each] for each in n})))
    ),
    "Struct of a number and Enum, used up": lambda n: pl.Series(
        [{"n": each, "x": LEVELS[each]} for each in n],
        dtype=pl.Struct({"n": pl.Int8, "x": pl.Enum(sorted({LEVELS[each] for each in n}))}),
    ),
    "Array of Enum": lambda n: pl.Series([[LEVELS[each]] for each in n], dtype=pl.Array(pl.Enum(LEVELS), 1)),
    "List of Decimal": lambda n: pl.Series([[each] for each in decimals(n)], dtype=pl.List(pl.Decimal(9, 2))),
    "List of lists": lambda n: pl.Series([[[each], []] for each in n], dtype=pl.List(pl.List(pl.Int8))),
    "Array": lambda n: pl.Series([[each, each + 1] for each in n], dtype=pl.Array(pl.Float32, 2)),
    "Struct": lambda n: pl.Series(
        [{"n": each, "t": str(each)} for each in n], dtype=pl.Struct({"n": pl.UInt8, "t": pl.String})
    ),
    "Extension": lambda n: pl.Series(n, dtype=pl.Int16).ext.to(pl.Extension("somebody.count", pl.Int16)),
    **(
        {"Map": lambda n: pl.Series([{f"key {each}": each} for each in n], dtype=pl.Map(pl.String, pl.Int16))}
        if hasattr(pl, "Map")
        else {}
    ),
    "Object": lambda n: pl.Series([Thing(each) for each in n], dtype=pl.Object),
    "Object, mixed": lambda n: pl.Series(mixed(n), dtype=pl.Object),
}


def _arrow(kind: Any, values: Callable[[Numbers], Any] = list) -> Make:
    return lambda numbers: pa.array(values(numbers), kind)


def _texts(numbers: Numbers) -> list[str]:
    return [f"text {each}" for each in numbers]


def _ordered(numbers: Numbers) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int8()), pa.array(LEVELS), ordered=True)


def _union(numbers: Numbers) -> Any:
    kinds = pa.array([each % 2 for each in numbers], pa.int8())
    return pa.UnionArray.from_sparse(kinds, [pa.array(list(numbers)), pa.array(_texts(numbers))])


ARROW: dict[str, Make] = {
    **{name: _arrow(getattr(pa, name)()) for name in (*NUMBERS, "float16", "float32", "float64")},
    "bool": lambda n: pa.array([each % 2 == 0 for each in n]),
    "decimal32(4, 0)": _arrow(pa.decimal32(4, 0)),
    "decimal64(9, 2)": _arrow(pa.decimal64(9, 2), decimals),
    "decimal128(8, 2)": _arrow(pa.decimal128(8, 2), decimals),
    "decimal256(60, 2)": _arrow(pa.decimal256(60, 2), decimals),
    "date32": _arrow(pa.date32(), days),
    "date64": _arrow(pa.date64(), days),
    "time32[s]": _arrow(pa.time32("s"), clocks),
    "time32[ms]": _arrow(pa.time32("ms"), clocks),
    "time64[us]": _arrow(pa.time64("us"), clocks),
    "time64[ns]": _arrow(pa.time64("ns"), clocks),
    **{f"timestamp[{unit}]": _arrow(pa.timestamp(unit), times) for unit in ("s", "ms", "us", "ns")},
    **{f"timestamp[{unit}, zone]": _arrow(pa.timestamp(unit, NEW_YORK), times) for unit in ("s", "ms", "us", "ns")},
    "timestamp after the year 9999": lambda n: pa.array([10**12 + each for each in n], pa.int64()).cast(
        pa.timestamp("s")
    ),
    **{f"duration[{unit}]": _arrow(pa.duration(unit), spans) for unit in ("s", "ms", "us", "ns")},
    "interval": _arrow(pa.month_day_nano_interval(), lambda n: [(each, each, each) for each in n]),
    "string": _arrow(pa.string(), _texts),
    "large_string": _arrow(pa.large_string(), _texts),
    "string_view": _arrow(pa.string_view(), _texts),
    "binary": _arrow(pa.binary(), lambda n: [b"%d" % each for each in n]),
    "binary_view": _arrow(pa.binary_view(), lambda n: [b"%d" % each for each in n]),
    "fixed binary": _arrow(pa.binary(4), lambda n: [b"%04d" % each for each in n]),
    "dictionary": lambda n: pa.array(_texts(n)).dictionary_encode(),
    "dictionary[int8]": lambda n: pa.array(_texts(n)).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
    "dictionary of views": lambda n: pa.DictionaryArray.from_arrays(
        pa.array(list(n)), pa.array(LEVELS, pa.string_view())
    ),
    "dictionary, ordered": _ordered,
    "dictionary of int16": lambda n: pa.array(list(n), pa.int16()).dictionary_encode(),
    "dictionary of dates": lambda n: pa.array(days(n)).dictionary_encode(),
    "runs": lambda n: pa.RunEndEncodedArray.from_arrays(
        pa.array(range(1, len(n) + 1), pa.int16()), pa.array(list(n), pa.int8())
    ),
    "runs of texts": lambda n: pa.RunEndEncodedArray.from_arrays(
        pa.array(range(1, len(n) + 1), pa.int32()), pa.array(_texts(n))
    ),
    "large_binary": _arrow(pa.large_binary(), lambda n: [b"%d" % each for each in n]),
    "large list view": _arrow(pa.large_list_view(pa.string()), lambda n: [[each] for each in _texts(n)]),
    "list of dictionaries": _arrow(
        pa.list_(pa.dictionary(pa.int8(), pa.string())), lambda n: [[each] for each in _texts(n)]
    ),
    "struct of dictionary": _arrow(
        pa.struct([("x", pa.dictionary(pa.int8(), pa.string()))]), lambda n: [{"x": each} for each in _texts(n)]
    ),
    "map of lists": _arrow(pa.map_(pa.int8(), pa.list_(pa.int8())), lambda n: [[(each, [each])] for each in n]),
    "dense union": lambda n: pa.UnionArray.from_dense(
        pa.array([0] * len(n), pa.int8()), pa.array(range(len(n)), pa.int32()), [pa.array(list(n)), pa.array(["x"])]
    ),
    "tensor": lambda n: pa.ExtensionArray.from_storage(
        pa.fixed_shape_tensor(pa.float32(), [2]), pa.array([[each, each] for each in n], pa.list_(pa.float32(), 2))
    ),
    "opaque": lambda n: pa.ExtensionArray.from_storage(
        pa.opaque(pa.binary(), "point", "somebody"), pa.array([b"%d" % each for each in n])
    ),
    "list": _arrow(pa.list_(pa.int8()), lambda n: [[each] for each in n]),
    "large list": _arrow(pa.large_list(pa.string()), lambda n: [[each] for each in _texts(n)]),
    "list view": _arrow(pa.list_view(pa.int64()), lambda n: [[each] for each in n]),
    "list of times": _arrow(pa.list_(pa.timestamp("ns")), lambda n: [[each] for each in times(n)]),
    "fixed list": _arrow(pa.list_(pa.float32(), 2), lambda n: [[each, each] for each in n]),
    "struct": _arrow(
        pa.struct([("n", pa.int8()), ("t", pa.string_view())]), lambda n: [{"n": each, "t": str(each)} for each in n]
    ),
    "map": _arrow(pa.map_(pa.string(), pa.int8()), lambda n: [[("n", each)] for each in n]),
    "union": _union,
    "uuid": _arrow(pa.uuid(), lambda n: [b"%016d" % each for each in n]),
    "json": lambda n: pa.ExtensionArray.from_storage(pa.json_(), pa.array([str(each) for each in n])),
    "bool8": lambda n: pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1 - each % 2 for each in n], pa.int8())),
}

CONTAINERS = {"pandas": PANDAS, "polars": POLARS, "lazy": POLARS, "table": ARROW, "batch": ARROW}
#: Types of two values, both of which the data has.
TWO = {"bool", "boolean", "Boolean", "bool8", "sparse bool", "arrow bool", "category of bools"}
#: Types that have no value beside those in the data: no variant can put one there, and the report names the column.
FULL = TWO | {"Enum, used up"}


def made(container: str, dtype: str, numbers: Numbers, *, nulls: bool = False) -> Any:
    """Make a column of a container; every fifth value null where that is asked for."""
    column = CONTAINERS[container][dtype](numbers)
    if not nulls or dtype in ("sparse bool", "sparse times"):  # where pandas puts no null
        return column
    gone = np.arange(len(numbers)) % 5 == 2
    if container == "pandas":
        return column.where(~gone, None) if column.dtype == object else column.where(pd.Series(~gone))
    order = [None if each else at for at, each in enumerate(gone.tolist())]
    if dtype == "dictionary of views":
        indices = column.indices.take(pa.array(order, pa.int64()))
        return pa.DictionaryArray.from_arrays(indices, column.dictionary)
    if container in ("polars", "lazy"):
        return column.gather(pl.Series(order, dtype=pl.UInt32))
    if pa.types.is_run_end_encoded(column.type):
        return pc.run_end_encode(pc.run_end_decode(column).take(pa.array(order, pa.int64())), run_end_type=pa.int16())
    kept = [pa.nulls(1, column.type) if at is None else column.slice(at, 1) for at in order]
    return pa.concat_arrays(kept)


def framed(container: str, columns: dict[str, Any]) -> Any:
    """Make a frame of columns."""
    if container == "pandas":
        return pd.DataFrame(columns)
    if container in ("polars", "lazy"):
        frame = pl.DataFrame({name: pl.Series(name, each) for name, each in columns.items()})
        return frame.lazy() if container == "lazy" else frame
    table = pa.table(columns)
    return table if container == "table" else table.combine_chunks().to_batches()[0]


def cells(data: Any, column: str) -> list[str]:
    """Give a text for each value of a column."""
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        series = data.get_column(column)
        series = series.to_physical() if series.dtype.is_temporal() else series
        return [repr(each) for each in series.to_list()]
    if isinstance(data, pd.DataFrame):
        return [repr(each) for each in data[column]]
    array = data.column(column)
    if pa.types.is_dictionary(array.type):
        array = pa.concat_arrays([_decoded(each) for each in getattr(array, "chunks", [array])])
    if pa.types.is_run_end_encoded(array.type):
        array = pa.concat_arrays([pc.run_end_decode(each) for each in getattr(array, "chunks", [array])])
    if pa.types.is_union(array.type):
        return [repr(each) for each in array.to_pylist()]  # its text shows where it stores a value
    return [array.slice(at, 1).to_string(skip_new_lines=True) for at in range(len(array))]


def _decoded(array: Any) -> Any:
    levels = array.dictionary
    return (levels.cast(pa.string()) if pa.types.is_string_view(levels.type) else levels).take(array.indices)


_WIDTH = re.compile(r"[0-9]+|(?<=[\[(])[mun]?s(?=[\]),])")


def ends(names: Iterable[str]) -> set[str]:
    """Of names that differ in a width or a unit alone, the first and the last."""
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(_WIDTH.sub("", name), []).append(name)
    return {name for each in alike.values() for name in (each[0], each[-1])}
