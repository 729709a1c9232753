"""The verdict depends on what a function does and not on the types of its data: it is that of plain integers."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.index import Index
from sealscrub.testing import (
    NullityVerdict,
    OutputNullityReport,
    OutputNullityVerdict,
    check_nullity,
    check_output_nullity,
)
from sealscrub.validators.nullity.comparison import compare
from sealscrub.validators.trial.pickled_functions import pickled
from sealscrub.validators.trial.result_pieces import take_apart
from sealscrub.validators.trial.variants import VARIANTS

from .dtypes import CONTAINERS, FULL, TWO, cells, ends, framed, made

NUMBERS = [18 + (at * 7) % 40 for at in range(40)]
ON = {"opaque:jail": "id"}
LIKE_ANOTHER = ("lazy", "batch")
PLAIN = {"pandas": "int64", "polars": "Int64", "lazy": "Int64", "table": "int64", "batch": "int64"}


def indexed(sealed: bool) -> Index:
    return example_index({"opaque:jail": ["J-003", "J-020", "J-021", "J-039"] if sealed else ["J-900"]})


def table(container: str, *dtypes: str, nulls: bool) -> Any:
    ids = [f"J-{at:03d}" for at in range(len(NUMBERS))]
    keys = pa.array(ids) if container in ("table", "batch") else ids
    columns = {dtype: made(container, dtype, NUMBERS, nulls=nulls) for dtype in dtypes}
    return framed(container, {"id": keys, **columns})


def counted_first(column: list[str]) -> Any:
    """It counts the values that there are, and scrubs afterwards."""
    return len(set(column))


def last_kept(column: list[str]) -> Any:
    """It keeps the value of a sealed row: the last one is sealed, or a planted row is."""
    return column[-1]


def nothing(column: list[str]) -> Any:
    """It does nothing before it scrubs."""
    return None


def checked(
    function: Callable[..., Any], data: Any, index: Index, columns: Sequence[str], **options: Any
) -> OutputNullityReport:
    """Check in this interpreter, which is quick, and asks little."""

    def build(data: Any) -> Any:
        before = [function(cells(data, column)) for column in columns]
        clean = ss.scrub(data, index, on=ON, sweep=False)  # objects of no known type are not compared, and refused
        return before, [cells(clean, column) for column in columns]

    usual: dict[str, Any] = {"isolated": False, "kinds": ("itself", "random"), "targets": 1, "random": 1, "k": 2}
    return check_output_nullity(
        build,
        data,
        index,
        ON,
        query=lambda built, probe: built,
        **(usual | options),
    )


@functools.cache
def verdict_of_integers(container: str, function: Callable[..., Any], sealed: bool, variant: str) -> Any:
    name, index = PLAIN[container], indexed(sealed)
    return checked(function, table(container, name, nulls=False), index, [name], variants=(variant,)).verdict


def leaves(kind: type) -> set[type]:
    below = kind.__subclasses__()
    return set().union(*map(leaves, below)) if below else {kind}


def within(kind: Any) -> set[str]:
    """Names of an Arrow type and of those that it is made of."""
    inner = [kind.field(at).type for at in range(kind.num_fields)]
    inner += [kind.storage_type] if isinstance(kind, pa.BaseExtensionType) else []
    inner += [kind.value_type] if pa.types.is_dictionary(kind) else []
    return {TYPE_IDS.get(kind.id, "EXTENSION")}.union(*map(within, inner))


TYPE_IDS = {getattr(pa.lib, name): name.removeprefix("Type_") for name in dir(pa.lib) if name.startswith("Type_")}
#: Types of columns without values, which test_key_dtypes makes; and those that pyarrow makes no values of.
WITHOUT_VALUES = {"NA", "INTERVAL_MONTHS", "INTERVAL_DAY_TIME", "Null", "Unknown", "NumpyEADtype"}


@pytest.mark.parametrize("container", ["pandas", "polars", "table"])
def test_every_type_of_the_library_is_here(container: str) -> None:
    kinds = [
        column.type if container == "table" else column.dtype
        for column in (make(NUMBERS) for make in CONTAINERS[container].values())
    ]
    own = ("pandas.", "polars.")
    if container == "table":
        known, here = set(TYPE_IDS.values()), set().union(*map(within, kinds))
    else:
        base = pd.api.extensions.ExtensionDtype if container == "pandas" else pl.DataType
        known = {kind.__name__ for kind in leaves(base) if kind.__module__.startswith(own)}
        here = {type(kind).__name__ for kind in kinds}

    assert known - here - WITHOUT_VALUES == set()


LEAKS: dict[str, tuple[Callable[..., Any], str]] = {
    "counted": (counted_first, "unseen"),
    "kept": (last_kept, "extreme"),
}
SOME = {"bool", "int64", "text", "decimal128(8, 2)", "timestamp[ns, zone]", "list", "struct", "dictionary", "map"}
OF_ARROW = {"pandas": {name for name in CONTAINERS["pandas"] if name.startswith("arrow ") and name[6:] not in SOME}}
"""Types of pandas that hold what an Arrow table does, which is in the gate as a table's."""
EACH = [
    pytest.param(
        container,
        dtype,
        leak,
        sealed,
        id=f"{container}-{dtype}-{leak}-{'sealed, with nulls' if sealed else 'planted'}",
        marks=[]
        if container not in LIKE_ANOTHER
        and sealed
        and (at + turn) % (2 if dtype in {*FULL, *TWO} else 4) == 0
        and dtype in kept
        else [pytest.mark.long],
    )
    for container, dtypes in CONTAINERS.items()
    for kept in [(ends(dtypes) | set(FULL) | set(TWO)) - OF_ARROW.get(container, set())]
    for at, dtype in enumerate(dtypes)
    for turn, leak in enumerate(LEAKS)
    for sealed in (True, False)
]
"""In the gate every other type has one of the leaks, in turn, and each that is full or has two values.

Of those that differ in their width, the first and the last count.
"""


@pytest.mark.parametrize(("container", "dtype", "leak", "sealed"), EACH)
def test_a_leak_is_found_as_in_plain_integers(container: str, dtype: str, leak: str, sealed: bool) -> None:
    data, index = table(container, dtype, nulls=sealed), indexed(sealed)
    function, variant = LEAKS[leak]

    report = checked(function, data, index, [dtype], variants=(variant,))

    expected = verdict_of_integers(container, function, sealed, variant)
    assert expected is OutputNullityVerdict.INTERFERENCE
    if function is counted_first and dtype in (TWO if sealed else FULL):
        expected = OutputNullityVerdict.PASS
    assert report.verdict is expected, report.to_text()
    if report.passed:
        assert any("without room" in each and dtype in each for each in report.weakenings) == (dtype in FULL)


CLEAN = [
    pytest.param(
        container,
        nulls,
        sealed,
        id=f"{container}-{'with nulls' if nulls else 'full'}-{'sealed' if sealed else 'planted'}",
        marks=[pytest.mark.long] if container in LIKE_ANOTHER or nulls is sealed else [],
    )
    for container in CONTAINERS
    for nulls in (False, True)
    for sealed in (True, False)
]
"""In the gate data with sealed records have no nulls, and data in which records are planted have some."""


@pytest.mark.parametrize(("container", "nulls", "sealed"), CLEAN)
def test_a_function_without_a_leak_passes_whatever_the_types(container: str, nulls: bool, sealed: bool) -> None:
    dtypes = list(CONTAINERS[container])
    data, index = table(container, *dtypes, nulls=nulls), indexed(sealed)

    report = checked(nothing, data, index, dtypes, variants=VARIANTS)

    assert report.passed, report.to_text()
    if not nulls:  # a null may have been the last that had a level
        full = [dtype for dtype in dtypes if dtype in FULL]
        assert any(each.endswith(f"were not tested with one: {', '.join(full)}") for each in report.weakenings)


@pytest.mark.parametrize("container", ["pandas", "polars", "table"])
def test_results_of_every_type_are_compared_exactly(container: str) -> None:
    """A function that returns everything: bit for bit itself, and another where one value of one type is."""
    dtypes = list(CONTAINERS[container])
    for nulls in (False, True):
        data = table(container, *dtypes, nulls=nulls)
        assert compare(take_apart(data), take_apart(pickle.loads(pickled(data, "data")))) == []
        for dtype in dtypes:
            one = framed(container, {dtype: made(container, dtype, NUMBERS, nulls=nulls)})
            other = framed(container, {dtype: made(container, dtype, [*NUMBERS[:-1], 20], nulls=nulls)})
            told = compare(take_apart(one), take_apart(other))
            assert "values" in [each.what for each in told], dtype


@pytest.mark.parametrize("dtype", ["Int64", "UInt64", "int64[pyarrow]"])
def test_large_integers_beside_nulls_are_not_rounded(dtype: str) -> None:
    one, other = (take_apart(pd.Series([2**53 + at, None], dtype=dtype)) for at in (0, 1))

    assert [each.rows for each in compare(one, other)] == [1]


IN_GATE = ("polars", False)
#: Of checks in interpreters of their own, those that are in the gate: polars' columns of objects need most on the way.
WHOLE = [
    pytest.param(
        container, sealed, id=f"{container}-{said}", marks=[] if (container, sealed) == IN_GATE else pytest.mark.long
    )
    for container in ("pandas", "polars", "table")
    for sealed, said in ((True, "sealed"), (False, "planted"))
]


@pytest.mark.parametrize(("container", "sealed"), WHOLE)
def test_every_type_goes_through_a_whole_check(container: str, sealed: bool) -> None:
    data, index = table(container, *CONTAINERS[container], nulls=sealed), indexed(sealed)

    report = check_nullity(
        lambda data: ss.scrub(data, index, on=ON, sweep=False), data, index, ON, variants=("unseen",)
    )

    assert report.passed, report.to_text()


@pytest.mark.long
@pytest.mark.parametrize("container", ["pandas", "polars", "table"])
def test_every_type_goes_through_the_report_of_a_leak(container: str) -> None:
    data, index = table(container, *CONTAINERS[container], nulls=True), indexed(True)

    report = check_nullity(lambda data: data, data, index, ON, variants=(), attribute="records", key="id")

    assert report.verdict is NullityVerdict.INTERFERENCE
    assert len(report.places) == 4
    for said in (report.to_text(), report.to_json(), report.to_html()):
        assert "J-003" not in said


@pytest.mark.long
@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "planted"])
def test_every_type_of_parquet_goes_through_a_check_of_files(sealed: bool, tmp_path: Path) -> None:
    left_out = {
        "interval",
        "union",
        "runs",
        "runs of texts",
        "dense union",
        "tensor",
        "dictionary of views",
        "fixed list",
    }  # what Arrow cannot write, or read again
    dtypes = [name for name in CONTAINERS["table"] if name not in left_out]
    pq.write_table(table("table", *dtypes, nulls=True), tmp_path / "data.parquet")
    index = indexed(sealed)

    report = check_nullity(
        lambda path: ss.scrub(pq.read_table(path), index, on=ON), tmp_path / "data.parquet", index, ON, variants=()
    )

    assert report.passed, report.to_text()
