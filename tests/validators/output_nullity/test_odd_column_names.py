"""Tables with columns that have no name, or share one: a leak through any of them is found, and nothing else is."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.testing import check_output_nullity
from sealscrub.validators.trial.pickled_functions import pickled
from sealscrub.validators.trial.variants import VARIANTS

ON = {"opaque:jail": "id"}
IDS = [f"J-{at:03d}" for at in range(40)]
VALUES: list[list[Any]] = [
    [18 + at * 7 % 40 for at in range(40)],
    IDS,
    [f"text {at % 9}" for at in range(40)],
    [at % 4 == 0 for at in range(40)],
]
NAMES = {
    "nameless": ["", "id", "column_0", "a"],
    "as polars would name it": ["column_0", "id", "", "column_1"],
    "shared": ["n", "id", "n", "n"],
    "nameless twice": ["", "id", "", "n"],
}
Build = Callable[[list[str]], Any]


def arrow(names: list[str]) -> pa.Table:
    return pa.table([pa.array(values) for values in VALUES], names=names)


def pandas(names: list[str]) -> pd.DataFrame:
    frame = pd.concat([pd.Series(values) for values in VALUES], axis=1)
    frame.columns = pd.Index(names)
    return frame


FRAMES: dict[str, Build] = {
    "pandas": pandas,
    "pandas[pyarrow]": lambda names: pandas(names).convert_dtypes(dtype_backend="pyarrow"),
    "pyarrow": arrow,
    "pyarrow[batch]": lambda names: arrow(names).to_batches()[0],
    "polars": lambda names: pl.DataFrame(dict(zip(names, VALUES, strict=True))),
    "polars[lazy]": lambda names: FRAMES["polars"](names).lazy(),
}
CASES = [
    pytest.param(build, names, sealed, id=f"{frame}-{said}-{'sealed' if sealed else 'planted'}")
    for frame, build in FRAMES.items()
    for said, names in NAMES.items()
    for sealed in (True, False)
    if not frame.startswith("polars") or len(set(names)) == len(names)  # polars has no two columns of one name
]


def with_column(data: Any, at: int, value: Any) -> Any:
    """Give a frame with one value in all rows of a column."""
    if isinstance(data, pd.DataFrame):
        made = data.copy()
        made.isetitem(at, [value] * len(data))
        return made
    if isinstance(data, pl.DataFrame):
        return data.clone().replace_column(at, pl.Series(data.columns[at], [value] * data.height))
    return data.set_column(at, data.schema.names[at], pa.array([value] * data.num_rows))


def rows(data: Any) -> int:
    return int(data.num_rows if hasattr(data, "num_rows") else len(data))


@pytest.mark.thinned(together=1, between="-")
@pytest.mark.parametrize(("build", "names", "sealed"), CASES)
def test_a_leak_through_any_column_is_found_and_none_without(build: Build, names: list[str], sealed: bool) -> None:
    index = example_index({"opaque:jail": [IDS[3], IDS[20], IDS[39]] if sealed else ["J-900"]})
    options: dict[str, Any] = {"isolated": False, "targets": 1, "random": 1, "k": 2, "kinds": ("itself", "random")}

    def collected(data: Any) -> Any:
        return data.collect() if isinstance(data, pl.LazyFrame) else data

    def clean(data: Any) -> Any:
        return collected(ss.scrub(data, index, on=ON))

    def asked(built: Any, probe: Any) -> Any:
        return built, {name: value for name, value in probe.record.items() if name != "id"}

    passed = check_output_nullity(clean, build(names), index, ON, query=asked, variants=VARIANTS, **options)
    assert passed.verdict.value == "PASS", passed.to_text()
    for at in (0, 2, 3):

        def leaky(data: Any, at: int = at) -> Any:
            return with_column(clean(data), at, rows(collected(data)))

        report = check_output_nullity(leaky, build(names), index, ON, query=asked, variants=(), **options)
        assert report.verdict.value == "INTERFERENCE", (at, report.to_text())


def test_a_nameless_column_beside_objects_keeps_none_on_its_way() -> None:
    frame = pl.DataFrame({"": [1, 2], "column_0": pl.Series([("a",), ("b",)], dtype=pl.Object)})

    assert pickle.loads(pickled(frame, "data")).columns == ["", "column_0"]
