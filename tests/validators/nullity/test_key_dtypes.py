"""Record keys and row labels of every type: planted and sealed records are told apart from others as in plain text."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import UsageError
from sealscrub.index import Index
from sealscrub.testing import NullityVerdict, OutputNullityReport, check_nullity, check_output_nullity
from sealscrub.validators.trial.variants import VARIANTS

from .dtypes import NEW_YORK, cells, ends, framed

ROWS = 40
TEXTS = [f"J-{at:03d}" for at in range(ROWS)]
WHOLE = [81 + at for at in range(ROWS)]  # an int8 has few more
SEALED = (3, 20, 21, 39)
LEVELS = [*TEXTS, "J-700", "J-701"]


def _pandas(dtype: Any, values: list[Any]) -> tuple[str, Any, list[Any]]:
    return "pandas", pd.Series(values).astype(dtype), values


def _polars(dtype: Any, values: list[Any]) -> tuple[str, Any, list[Any]]:
    return "polars", pl.Series(values).cast(dtype), values


def _arrow(kind: Any, values: list[Any]) -> tuple[str, Any, list[Any]]:
    return "table", pa.array(values, kind), values


def _views() -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(range(ROWS)), pa.array(TEXTS, pa.string_view()))


UUID_TEXTS = [str(uuid.UUID(int=each)) for each in WHOLE]
UUIDS = pa.array([uuid.UUID(each).bytes for each in UUID_TEXTS], pa.uuid())
OBJECTS = np.array([int(each) if each % 2 else str(each) for each in WHOLE], dtype=object)
KEYS: dict[str, tuple[str, Any, list[Any]]] = {
    **{
        f"pandas {name}": _pandas(name, WHOLE)
        for name in ("int8", "uint8", "int32", "int64", "uint64", "Int8", "Int64", "int32[pyarrow]")
    },
    **{
        f"pandas {name}": _pandas(name, TEXTS)
        for name in (object, "str", "string[python]", "string[pyarrow]", "category")
    },
    "pandas category, ordered": _pandas(pd.CategoricalDtype(LEVELS, ordered=True), TEXTS),
    "pandas category of int8": ("pandas", pd.Series(WHOLE, dtype="int8").astype("category"), WHOLE),
    "pandas category by appearance": (
        "pandas",
        pd.Series(pd.Categorical(TEXTS[::-1], categories=TEXTS[::-1])),
        TEXTS[::-1],
    ),
    "pandas bytes": ("pandas", pd.Series([each.encode() for each in TEXTS], dtype=object), TEXTS),
    "pandas ints and texts": ("pandas", pd.Series(OBJECTS), WHOLE),
    "pandas sparse": ("pandas", pd.Series(pd.arrays.SparseArray(WHOLE, dtype=pd.SparseDtype("int64", 81))), WHOLE),
    "pandas decimals": ("pandas", pd.Series([Decimal(each) for each in WHOLE], dtype=object), WHOLE),
    "pandas uuids": (
        "pandas",
        pd.Series([uuid.UUID(int=each) for each in WHOLE], dtype=object),
        [str(uuid.UUID(int=each)) for each in WHOLE],
    ),
    "pandas arrow dictionary": (
        "pandas",
        pd.Series(
            pd.array(pa.array(TEXTS).dictionary_encode(), dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())))
        ),
        TEXTS,
    ),
    **{f"polars {kind}": _polars(kind, WHOLE) for kind in (pl.Int8, pl.UInt8, pl.Int32, pl.UInt64, pl.Int128)},
    **{f"polars {kind}": _polars(kind, WHOLE) for kind in (pl.Decimal(9, 0), pl.Decimal(38, 0))},
    **{f"polars {kind}": _polars(kind, TEXTS) for kind in (pl.String, pl.Categorical, pl.Binary)},
    "polars Enum": _polars(pl.Enum(TEXTS), TEXTS),
    "polars Enum, declared": _polars(pl.Enum(LEVELS), TEXTS),
    **{f"arrow {kind}": _arrow(kind, WHOLE) for kind in (pa.int8(), pa.uint16(), pa.int64(), pa.uint64())},
    **{
        f"arrow {kind}": _arrow(kind, WHOLE)
        for kind in (pa.decimal32(5, 0), pa.decimal64(9, 0), pa.decimal128(12, 0), pa.decimal256(60, 0))
    },
    **{f"arrow {kind}": _arrow(kind, TEXTS) for kind in (pa.string(), pa.large_string(), pa.string_view())},
    **{
        f"arrow {kind}": ("table", pa.array([each.encode() for each in TEXTS], kind), TEXTS)
        for kind in (pa.binary(), pa.binary_view(), pa.binary(5))
    },
    "arrow dictionary": ("table", pa.array(TEXTS).dictionary_encode(), TEXTS),
    "arrow uuids": ("table", UUIDS, UUID_TEXTS),
    "arrow dictionary of uuids": ("table", pa.DictionaryArray.from_arrays(pa.array(range(ROWS)), UUIDS), UUID_TEXTS),
    "pandas arrow uuids": ("pandas", pd.Series(pd.array(UUIDS, dtype=pd.ArrowDtype(pa.uuid()))), UUID_TEXTS),
    "arrow dictionary[int8]": (
        "table",
        pa.array(TEXTS).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
        TEXTS,
    ),
    "arrow dictionary of views": ("table", _views(), TEXTS),
    "arrow dictionary, ordered": (
        "table",
        pa.DictionaryArray.from_arrays(pa.array(range(ROWS)), pa.array(LEVELS), ordered=True),
        TEXTS,
    ),
    "arrow dictionary of int16": ("table", pa.array(WHOLE, pa.int16()).dictionary_encode(), WHOLE),
    "arrow runs": (
        "table",
        pa.RunEndEncodedArray.from_arrays(pa.array(range(1, ROWS + 1), pa.int32()), pa.array(TEXTS)),
        TEXTS,
    ),
}
ON = {"opaque:jail": "id"}
MAY_BE_CHANCE = ss.Policy(accept={"chance"})
"""An id of two digits is an age, too."""


@cache
def index_of(scheme: str, held: tuple[str, ...]) -> Index:
    return example_index({scheme: list(held)})


def indexed(ids: list[Any], *, sealed: bool) -> Index:
    return index_of("opaque:jail", tuple(str(ids[at]) for at in SEALED) if sealed else ("J-999",))


def checked(build: Callable[[Any], Any], data: Any, index: Index, on: Any = ON, **options: Any) -> OutputNullityReport:
    usual: dict[str, Any] = {"isolated": False, "targets": 2, "random": 2, "k": 2, "variants": VARIANTS}
    if len(options.get("variants", VARIANTS)) < 2:  # a case of the gate: of its type it asks little
        usual |= {"targets": 1, "random": 1, "kinds": ("itself", "random")}
    return check_output_nullity(build, data, index, on, query=lambda built, probe: built, **(usual | options))


def seen_at_once(variants: tuple[str, ...]) -> tuple[str, ...]:
    """Variants for a function that shows how many rows there are: in the gate none, since any trial sees it."""
    return variants if len(variants) > 1 else ()


def in_turn(names: Iterable[str]) -> list[Any]:
    """Each name with sealed and with planted records, by every variant.

    In the gate one of both, by one of the variants, in turn; of types that differ in width the first and the last.
    """
    names = list(names)
    kept = ends(names)
    return [
        *(
            pytest.param(name, at % 2 == 1, (VARIANTS[at // 2 % len(VARIANTS)],), id=name)
            for at, name in enumerate(name for name in names if name in kept)
        ),
        *(
            pytest.param(name, sealed, VARIANTS, id=f"{name}-{said}", marks=pytest.mark.long)
            for name in names
            for sealed, said in ((True, "sealed"), (False, "planted"))
        ),
    ]


@pytest.mark.parametrize(("name", "sealed", "variants"), in_turn(KEYS))
def test_keys_of_every_type_are_planted_and_sealed(name: str, sealed: bool, variants: tuple[str, ...]) -> None:
    container, keys, ids = KEYS[name]
    ages = [18 + at * 7 % 40 for at in range(ROWS)]
    data = framed(container, {"id": keys, "age": pa.array(ages) if container == "table" else ages})
    index = indexed(ids, sealed=sealed)

    def clean(data: Any) -> Any:
        data = ss.scrub(data, index, on=ON, policy=MAY_BE_CHANCE)
        return cells(data, "id"), cells(data, "age")

    def counted(data: Any) -> Any:
        return len(cells(data, "id")), clean(data)

    assert checked(clean, data, index, variants=variants).verdict.value == "PASS"
    assert checked(counted, data, index, variants=seen_at_once(variants)).verdict.value == "INTERFERENCE"


INDEXES = {
    "range": pd.RangeIndex(5, 5 + 2 * ROWS, 2),
    "range with a name": pd.RangeIndex(5, 5 + ROWS, name="row"),
    "int32": pd.Index(range(ROWS), dtype="int32"),
    "text": pd.Index([f"row {at}" for at in range(ROWS)]),
    "DatetimeIndex": pd.date_range("2024-01-01", periods=ROWS, freq="h", tz="America/New_York"),
    "DatetimeIndex[s]": pd.date_range("2024-01-01", periods=ROWS, freq="D", unit="s"),
    "TimedeltaIndex": pd.timedelta_range("1D", periods=ROWS),
    "PeriodIndex": pd.period_range("2024-01-01", periods=ROWS, freq="D"),
    "IntervalIndex": pd.interval_range(0, ROWS),
    "CategoricalIndex": pd.CategoricalIndex([f"{at % 7}" for at in range(ROWS)]),
    "CategoricalIndex by appearance": pd.CategoricalIndex(
        [f"{at * 5 % 7}" for at in range(ROWS)], categories=[f"{at * 5 % 7}" for at in range(7)]
    ),
    "CategoricalIndex, ordered": pd.CategoricalIndex(
        [f"{at % 7}" for at in range(ROWS)], categories=list("76543210"), ordered=True
    ),
    "MultiIndex": pd.MultiIndex.from_arrays(
        [[at % 3 for at in range(ROWS)], [f"row {at}" for at in range(ROWS)]], names=["a", None]
    ),
    "MultiIndex of many types": pd.MultiIndex.from_arrays(
        [
            pd.Categorical([f"{at % 3}" for at in range(ROWS)]),
            pd.period_range("2024-01-01", periods=ROWS),
            pd.array([None, *range(ROWS - 1)], dtype="Int64"),
        ]
    ),
    "Arrow": pd.Index(pd.array(range(ROWS), dtype="int16[pyarrow]")),
    "object": pd.Index([at if at % 2 else f"{at}" for at in range(ROWS)], dtype=object),
}


@pytest.mark.parametrize(("name", "sealed", "variants"), in_turn(INDEXES))
def test_row_labels_of_every_type_go_through(name: str, sealed: bool, variants: tuple[str, ...]) -> None:
    data = pd.DataFrame({"id": TEXTS, "age": [18 + at * 7 % 40 for at in range(ROWS)]}).set_axis(INDEXES[name], axis=0)
    index = indexed(TEXTS, sealed=sealed)

    def clean(data: Any) -> Any:
        return ss.scrub(data, index, on=ON)

    def labels(data: Any) -> Any:
        return [str(each) for each in data.index], clean(data)

    assert checked(clean, data, index, sandbox=False, variants=variants).verdict.value == "PASS"
    assert checked(labels, data, index, variants=seen_at_once(variants)).verdict.value == "INTERFERENCE"


@pytest.mark.parametrize(
    "names", [[0, 1], [("id", "a"), ("age", "b")], [b"id", None]], ids=["numbers", "tuples", "bytes and none"]
)
def test_columns_may_be_called_what_pandas_allows(names: list[Any]) -> None:
    data = pd.DataFrame({"id": TEXTS, "age": [18 + at * 7 % 40 for at in range(ROWS)]})
    data.columns = pd.MultiIndex.from_tuples(names) if isinstance(names[0], tuple) else pd.Index(names, dtype=object)
    on, index = {"opaque:jail": str(names[0])}, indexed(TEXTS, sealed=False)

    def clean(data: Any) -> Any:
        return [repr(each) for each in ss.scrub(data, index, on=on).iloc[:, 1]]

    assert checked(clean, data, index, on).verdict.value == "PASS"
    assert checked(lambda data: (len(data), clean(data)), data, index, on).verdict.value == "INTERFERENCE"


DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=at) for at in range(ROWS)]
PERSONS = [f"{1000001 + at:08d}Z" for at in range(ROWS)]
DATES: dict[str, tuple[str, Any]] = {
    **{
        f"pandas datetime64[{unit}]": ("pandas", pd.Series(DAYS).astype(f"M8[{unit}]"))
        for unit in ("s", "ms", "us", "ns")
    },
    **{
        f"pandas datetime64[{unit}, zone]": ("pandas", pd.Series(DAYS).astype(f"M8[{unit}]").dt.tz_localize(NEW_YORK))
        for unit in ("s", "ms", "us", "ns")
    },
    "pandas dates": ("pandas", pd.Series(DAYS, dtype=object)),
    "pandas date32": ("pandas", pd.Series(pd.array(pa.array(DAYS), dtype=pd.ArrowDtype(pa.date32())))),
    "pandas text": ("pandas", pd.Series([f"{each:%m/%d/%Y}" for each in DAYS])),
    "pandas category": ("pandas", pd.Series(DAYS).astype("M8[s]").astype("category")),
    "polars Date": ("polars", pl.Series(DAYS)),
    **{f"polars Datetime({unit})": ("polars", pl.Series(DAYS).cast(pl.Datetime(unit))) for unit in ("ms", "us", "ns")},
    **{
        f"polars Datetime({unit}, zone)": (
            "polars",
            pl.Series(DAYS).cast(pl.Datetime(unit)).dt.replace_time_zone(NEW_YORK),
        )
        for unit in ("ms", "us", "ns")
    },
    "polars Enum": ("polars", pl.Series([str(each) for each in DAYS]).cast(pl.Enum([str(each) for each in DAYS]))),
    **{
        f"arrow {kind}": ("table", pa.array(DAYS).cast(kind))
        for kind in (pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ns"))
    },
    **{
        f"arrow timestamp[{unit}, zone]": (
            "table",
            pc.assume_timezone(pa.array(DAYS).cast(pa.timestamp(unit)), NEW_YORK),
        )
        for unit in ("s", "ms", "us", "ns")
    },
    "arrow dictionary": ("table", pa.array(DAYS).dictionary_encode()),
    "arrow text": ("table", pa.array([str(each) for each in DAYS], pa.string_view())),
}


@pytest.mark.parametrize(("name", "sealed", "variants"), in_turn(DATES))
def test_keys_of_a_person_and_a_date_of_every_type(name: str, sealed: bool, variants: tuple[str, ...]) -> None:
    container, days = DATES[name]
    persons = pa.array(PERSONS) if container == "table" else PERSONS
    data = framed(container, {"person": persons, "day": days})
    held = tuple(f"{PERSONS[at]}@{DAYS[at]}" for at in SEALED) if sealed else ("09999999Z@2001-01-01",)
    index, on = index_of("person_arrest", held), {"person_arrest": "person+day"}

    def clean(data: Any) -> Any:
        data = ss.scrub(data, index, on=on)
        return cells(data, "person"), cells(data, "day")

    def counted(data: Any) -> Any:
        return len(cells(data, "day")), clean(data)

    assert checked(clean, data, index, on, variants=variants).verdict.value == "PASS"
    assert checked(counted, data, index, on, variants=seen_at_once(variants)).verdict.value == "INTERFERENCE"


@pytest.mark.parametrize("name", sorted(ends(name for name in DATES if "zone" in name)))
def test_a_zone_counts_where_another_library_lets_pyarrow_ignore_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYARROW_IGNORE_TIMEZONE", "1")  # as pandera and pandas on Spark do when they are imported
    test_keys_of_a_person_and_a_date_of_every_type(name, sealed=False, variants=("unseen",))


def test_a_type_that_is_full_is_refused_in_words() -> None:
    data = pd.DataFrame({"id": np.arange(256, dtype=np.uint8), "age": 1})
    index = indexed(TEXTS, sealed=False)

    with pytest.raises(UsageError, match="no free") as caught:
        check_nullity(lambda data: ss.scrub(data, index, on=ON), data, index, ON)
    assert "255" not in str(caught.value)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("empty", ["no rows", "no values"])
@pytest.mark.parametrize("container", ["pandas", "polars", "table"])
def test_tables_without_rows_and_columns_without_values(container: str, empty: str) -> None:
    rows = 0 if empty == "no rows" else ROWS
    index = indexed(TEXTS, sealed=False)
    columns: dict[str, dict[str, Any]] = {
        "pandas": {
            "a": pd.Series([None] * rows, dtype=object),
            "b": pd.Series([None] * rows, dtype="Int8"),
            "c": pd.Series([None] * rows, dtype="category"),
        },
        "polars": {
            "a": pl.Series([None] * rows, dtype=pl.Null),
            "b": pl.Series([None] * rows, dtype=pl.Enum(["x"])),
            "c": pl.Series([None] * rows, dtype=pl.List(pl.Int8)),
        },
        "table": {
            "a": pa.nulls(rows),
            "b": pa.nulls(rows, pa.dictionary(pa.int8(), pa.string())),
            "c": pa.nulls(rows, pa.month_day_nano_interval()),
        },
    }
    ids = TEXTS[:rows]
    data = framed(container, {"id": pa.array(ids, pa.string()) if container == "table" else ids, **columns[container]})

    report = checked(lambda data: cells(ss.scrub(data, index, on=ON), "id"), data, index)

    assert report.verdict.value == ("PASS" if rows else "NO_SEALED_ROWS")


@pytest.mark.long
def test_an_enum_with_declared_levels_does_not_interfere() -> None:
    kind = pl.Enum(["felony", "misdemeanor", "violation", "infraction"])
    data = pl.DataFrame(
        {
            "id": TEXTS,
            "level": pl.Series([["felony", "misdemeanor", "violation"][at % 3] for at in range(ROWS)], dtype=kind),
        }
    )
    index = indexed(TEXTS, sealed=True)

    report = check_nullity(lambda data: ss.scrub(data, index, on=ON), data, index, ON, variants=VARIANTS)

    assert report.verdict is NullityVerdict.PASS, report.to_text()
