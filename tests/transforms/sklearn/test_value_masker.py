"""The transform: every row stays, and cells of sealed ones are missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings

from sealscrub.errors import ColumnError, ConfigError, UsageError
from sealscrub.matching import Policy
from sealscrub.transforms.sklearn import SealedValueMasker

from .arrests import ON, World, index, masks, world

CONTAINERS: dict[str, Any] = {
    "pandas": lambda rows: rows,
    "pandas[nullable]": lambda rows: rows.convert_dtypes(),
    "pandas[arrow]": lambda rows: rows.convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.from_pandas,
    "pyarrow": lambda rows: pa.Table.from_pandas(rows, preserve_index=False),
    "pyarrow[batch]": lambda rows: pa.RecordBatch.from_pandas(rows, preserve_index=False),
}
containers = pytest.mark.parametrize("build", CONTAINERS.values(), ids=CONTAINERS)


def mixed(here: World) -> pd.DataFrame:
    """Columns of many types, with an index that is not counted."""
    made = here.frame
    rows = len(made)
    made["count"] = np.arange(rows)
    made["flag"] = np.arange(rows) % 2 == 0
    made["level"] = pd.Categorical(np.where(here.sealed, "only sealed", "felony"))
    made["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(rows), unit="D")
    return made


MASKED = ["age", "count", "flag", "level", "day"]


def without_content(rows: pd.DataFrame, sealed: Any) -> pd.DataFrame:
    """Give other content to the sealed rows: what is masked may not depend on it."""
    made = rows.copy()
    made.loc[sealed, "age"] = -1.0
    made.loc[sealed, "count"] = 10**6
    made.loc[sealed, "flag"] = True
    made["level"] = made["level"].astype("str").where(~sealed, "felony").astype("category")
    made.loc[sealed, "day"] = pd.Timestamp("1999-01-01")
    return made


def as_bytes(data: Any) -> bytes:
    if isinstance(data, pd.DataFrame):
        table = pa.Table.from_pandas(data)
    elif isinstance(data, pl.DataFrame):
        table = data.to_arrow()
    else:
        table = data if isinstance(data, pa.Table) else pa.Table.from_batches([data])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def texts_of(data: Any) -> dict[str, list[str | None]]:
    """Give the values of each column as text, whatever number type they have."""
    frame = data if isinstance(data, pl.DataFrame) else pl.DataFrame(data)
    numbers = pl.selectors.numeric() | pl.selectors.boolean()
    return frame.with_columns(numbers.cast(pl.Float64).fill_nan(None)).cast(pl.String).to_dict(as_series=False)


@containers
@given(sealed=masks)
@settings(max_examples=5, deadline=None)
def test_cells_are_missing_and_all_else_stays(build: Any, sealed: Any) -> None:
    rows = mixed(World(sealed))
    masker = SealedValueMasker(index(), ON, columns=MASKED)

    made = masker.fit_transform(build(rows))

    assert type(made) is type(build(rows))
    after, before = texts_of(made), texts_of(build(rows))
    for name in rows.columns:
        barred = sealed if name in MASKED else np.zeros(len(rows), bool)
        assert after[name] == [None if gone else text for gone, text in zip(barred, before[name], strict=True)]


@containers
@given(sealed=masks)
@settings(max_examples=5, deadline=None)
def test_what_comes_out_does_not_depend_on_what_was_sealed(build: Any, sealed: Any) -> None:
    rows = mixed(World(sealed))
    masker = SealedValueMasker(index(), ON, columns=MASKED)

    one, other = masker.fit_transform(build(rows)), masker.fit_transform(build(without_content(rows, sealed)))

    assert as_bytes(one) == as_bytes(other)


@containers
def test_types_do_not_tell_whether_a_row_matched(build: Any) -> None:
    some, none = mixed(world()), mixed(World(np.zeros(120, bool)))
    masker = SealedValueMasker(index(), ON, columns=["count", "flag"])

    one, other = masker.fit_transform(build(some)), masker.fit_transform(build(none))

    schema = "schema" if hasattr(one, "schema") else "dtypes"
    assert str(getattr(one, schema)) == str(getattr(other, schema))


def test_an_index_of_rows_stays() -> None:
    rows = mixed(world()).set_index(pd.Index(range(120, 0, -1), name="row"))

    made = SealedValueMasker(index(), ON, columns=["age"]).fit_transform(rows)

    assert made.index.equals(rows.index)
    sliced = mixed(world()).iloc[40:80]
    assert SealedValueMasker(index(), ON).fit_transform(sliced).index.equals(sliced.index)


def test_all_columns_are_masked_if_none_is_named() -> None:
    here = world()

    made = SealedValueMasker(index(), ON).fit_transform(here.frame)

    assert made.isna().all(axis=1).tolist() == here.sealed.tolist()


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool", "object"])
def test_arrays_are_masked_by_position(dtype: str) -> None:
    here = world()
    rows = here.features.to_numpy().round().astype(dtype)

    made = SealedValueMasker(index(), ON, columns=[0, 2]).fit_transform(rows, key=here.keys)

    expected = rows.astype(dtype if dtype in ("float32", "float64", "object") else "float64")
    expected[np.ix_(here.sealed, [0, 2])] = np.nan
    assert made.dtype == expected.dtype
    assert pd.DataFrame(made).equals(pd.DataFrame(expected))


def test_set_output_is_heeded() -> None:
    here = world()
    masker = SealedValueMasker(index(), ON, columns=[0]).set_output(transform="pandas")

    made = masker.fit_transform(here.features.to_numpy(), key=here.keys)

    assert list(made.columns) == ["x0", "x1", "x2", "x3"]
    assert masker.get_feature_names_out().tolist() == list(made.columns)


def test_declared_levels_stay() -> None:
    rows = mixed(world())

    trimmed = SealedValueMasker(index(), ON, columns=["level"]).fit_transform(rows)
    declared = SealedValueMasker(index(), ON, columns=["level"], keep_levels=["level"]).fit_transform(rows)

    assert trimmed["level"].cat.categories.tolist() == ["felony"]
    assert declared["level"].cat.categories.tolist() == ["felony", "only sealed"]


def test_one_row_at_predict() -> None:
    here = world()
    masker = SealedValueMasker(index(), ON, columns=["age"]).fit(here.frame)

    assert masker.transform(here.frame.iloc[[0]])["age"].isna().all()
    assert masker.transform(here.frame.iloc[[1]])["age"].notna().all()


def test_rows_that_were_set_aside_are_masked() -> None:
    rows = world().frame
    rows.loc[1, "arrest_no"] = "K14O00001"

    made = SealedValueMasker(index(), ON, columns=["age"], policy=Policy(quarantine=True)).fit_transform(rows)

    assert made["age"].isna()[1]


def test_integers_that_no_float_holds_are_refused() -> None:
    here = world()
    rows = here.frame.assign(big=2**53 + 1)

    with pytest.raises(UsageError, match="cannot hold some integers"):
        SealedValueMasker(index(), ON, columns=["big"]).fit_transform(rows)
    rows.loc[~here.sealed, "big"] = 7  # what the sealed rows hold does not matter
    assert SealedValueMasker(index(), ON, columns=["big"]).fit_transform(rows)["big"].max() == 7


@pytest.mark.parametrize(
    ("columns", "error"),
    [(["absent"], ColumnError), ([], ConfigError), ("age", ConfigError), ([0], ConfigError)],
)
def test_columns_that_are_not_there_are_refused(columns: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        SealedValueMasker(index(), ON, columns=columns).fit(world().frame)


@pytest.mark.parametrize(("columns", "error"), [([4], ColumnError), (["age"], ColumnError), ([-1], ColumnError)])
def test_columns_of_an_array_are_counted(columns: Any, error: type[Exception]) -> None:
    here = world()
    with pytest.raises(error):
        SealedValueMasker(index(), ON, columns=columns).fit(here.features.to_numpy(), key=here.keys)
