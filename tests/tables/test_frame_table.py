"""A frame with a change is the frame in which the change stood from the start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.errors import ColumnError, UnreadableInput, UsageError
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.frame_table import FrameTable

from .frames.conftest import CONSTRUCTORS, SCHEMA, Constructor, row
from .frames.frame_strategies import row_values

property_test = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Rows = list[tuple[Any, ...]]


@pytest.fixture(params=CONSTRUCTORS, ids=repr)
def constructor(request: pytest.FixtureRequest) -> Constructor:
    made: Constructor = request.param
    return made


def in_order(drawn: tuple[Any, ...]) -> tuple[Any, ...]:
    """Let every dict have its members in one order, as a struct has its fields."""
    return tuple(dict(sorted(value.items())) if isinstance(value, dict) else value for value in drawn)


values = row_values.map(in_order)


@st.composite
def two_worlds(draw: st.DrawFn) -> tuple[Rows, Rows, Any]:
    """Draw rows, the same with other values in some cells, and which stay."""
    before = draw(st.lists(values, max_size=16))
    after = []
    for old in before:
        new = draw(values)
        cells = draw(st.lists(st.booleans(), min_size=len(old), max_size=len(old)))
        after.append(tuple(two if cell else one for one, two, cell in zip(old, new, cells, strict=True)))
    keep = draw(st.lists(st.booleans(), min_size=len(before), max_size=len(before)))
    return before, after, np.array(keep, dtype=np.bool_)


def all_of(table: FrameTable) -> pl.DataFrame:
    return pl.concat(list(table.batches(table.columns)))


def everything(rows: int, **patches: Patch) -> TableChange:
    return TableChange(np.ones(rows, dtype=np.bool_), patches)


def to_other_world(before: Rows, after: Rows, keep: Any, build: Callable[[Rows], Any]) -> TableChange:
    """Give the change that leads from one to the other, its values as the other's table hands them out."""
    values = all_of(FrameTable("after", build(after)))
    patches = {}
    for place, name in enumerate(SCHEMA.names):
        rows = [at for at, (old, new) in enumerate(zip(before, after, strict=True)) if old[place] != new[place]]
        patches[name] = Patch(np.array(rows, dtype=np.int64), values[name].gather(rows))
    return TableChange(keep, patches)


@property_test
@given(drawn=two_worlds())
def test_a_change_gives_the_frame_in_which_it_stood_from_the_start(constructor: Constructor, drawn: Any) -> None:
    before, after, keep = drawn
    change = to_other_world(before, after, keep, constructor.build)

    got = FrameTable("arrests", constructor.build(before)).changed(change)

    world = constructor.build(list(compress(after, keep)))
    expected = FrameTable("arrests", world).changed(everything(int(keep.sum())))
    assert type(got) is type(world)
    if constructor.name != "duckdb":  # it exports chance bytes under nulls
        assert constructor.read(got).equals(constructor.read(expected), check_metadata=True)
    assert constructor.written(got) == constructor.written(expected)
    if "pandas" not in constructor.name:  # where pandas keeps a column tells that it was put there
        assert constructor.pickled(got) == constructor.pickled(expected)


@property_test
@given(rows=st.lists(values, min_size=1, max_size=12))
def test_other_rows_give_the_frame_that_was_made_of_them(constructor: Constructor, rows: Rows) -> None:
    table = FrameTable("arrests", constructor.build(rows))

    got = table.replaced(all_of(table).reverse())

    expected = FrameTable("arrests", constructor.build(rows[::-1])).changed(everything(len(rows)))
    assert type(got) is type(constructor.build(rows))
    if constructor.name != "duckdb":  # it exports chance bytes under nulls
        assert constructor.read(got).equals(constructor.read(expected), check_metadata=True)
    assert constructor.written(got) == constructor.written(expected)


def test_values_are_handed_out_in_their_types(constructor: Constructor) -> None:
    rows = [row("K14600001", 1, notes=["a"]), row(None, 2)]

    values = all_of(FrameTable("arrests", constructor.build(rows)))

    assert values.columns == SCHEMA.names
    kinds = {name: values.schema[name] for name in ("key", "n", "score", "offense", "notes")}
    assert kinds["key"] == kinds["offense"] == pl.String
    assert kinds["n"] == pl.Int64
    assert kinds["score"] == pl.Float64
    assert kinds["notes"] == pl.List(pl.String)
    assert values["key"].to_list() == ["K14600001", None]


def test_no_columns_are_as_many_rows(constructor: Constructor) -> None:
    table = FrameTable("arrests", constructor.build([row("a", 1), row("b", 2)]))
    assert [batch.shape for batch in table.batches([])] == [(2, 0)]
    assert table.rows == 2


UNFIT = {
    "null in numpy integers": (pd.DataFrame({"x": [1, 2]}), None),
    "null in numpy truths": (pd.DataFrame({"x": [True, False]}), None),
    "too large for numpy": (pd.DataFrame({"x": np.array([1, 2], dtype=np.int8)}), 300),
    "a fraction": (pd.DataFrame({"x": [1, 2]}), 987654.5),
    "too exact for a float": (pd.DataFrame({"x": np.array([1, 2], dtype=np.float32)}), 0.1),
    "masked": (pd.DataFrame({"x": pd.array([1, 2], dtype="Int8")}), 300),
    "an ordered level": (
        pd.DataFrame({"x": pd.Categorical(["low", "high"], ["low", "high"], ordered=True)}),
        "987654",
    ),
    "mixed objects": (pd.DataFrame({"x": [1, "a"]}), "987654"),
    "polars": (pl.DataFrame({"x": [1, 2]}, schema={"x": pl.UInt8}), -1),
    "enum": (pl.DataFrame({"x": ["a", "b"]}, schema={"x": pl.Enum(["a", "b"])}), "987654"),
    "required": (pa.table({"x": [1, 2]}, schema=pa.schema([pa.field("x", pa.int64(), nullable=False)])), None),
    "arrow": (pa.table({"x": pa.array([1, 2], pa.int8())}), 987654),
    "dates": (pa.table({"x": pa.array([1, 2], pa.date32())}), "987654"),
    "seconds": (pa.table({"x": pa.array([1, 2], pa.timestamp("s"))}), dt.datetime(2020, 1, 1, 0, 0, 0, 987654)),
    "levels": (
        pa.table({"x": pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), ["b", "a"], ordered=True)}),
        "987654",
    ),
}


@pytest.mark.parametrize("case", UNFIT)
def test_a_value_that_the_column_cannot_hold_is_refused_unseen(case: str) -> None:
    data, value = UNFIT[case]
    change = everything(2, x=Patch(np.array([1]), pl.Series([value])))

    with pytest.raises(UsageError, match="'x' cannot hold") as caught:
        FrameTable("arrests", data).changed(change)

    assert "987654" not in str(caught.value)


def test_a_duckdb_value_that_its_type_cannot_hold_is_refused_unseen() -> None:
    import duckdb

    for kind, value in (("TINYINT", 987654), ("ENUM('a', 'b')", "987654"), ("DATE", "987654")):
        data = duckdb.sql(f"SELECT CAST(x AS {kind}) AS x FROM (VALUES (NULL), (NULL)) AS t(x)")
        with pytest.raises(UsageError, match="'x' cannot hold") as caught:
            FrameTable("arrests", data).changed(everything(2, x=Patch(np.array([1]), pl.Series([value]))))
        assert "987654" not in str(caught.value)


def test_a_value_for_a_row_that_goes_is_not_looked_at() -> None:
    change = TableChange(np.array([True, False]), {"x": Patch(np.array([1]), pl.Series([None], dtype=pl.Int64))})
    assert FrameTable("arrests", pd.DataFrame({"x": [1, 2]})).changed(change)["x"].tolist() == [1]


@pytest.mark.parametrize(
    ("categories", "expected"),
    [(["a", "c"], ["a", "b", "c"]), (["c", "a"], ["a", "b", "c"]), (["x", "c", "a"], ["a", "b"])],
    ids=["sorted", "by first appearance", "given"],
)
def test_a_new_level_stands_where_the_world_without_has_it(categories: list[str], expected: list[str]) -> None:
    values = ["c", "c", "a"] if categories != ["x", "c", "a"] else ["a", "c", "a"]
    data = pd.DataFrame({"x": pd.Categorical(values, categories)})

    got = FrameTable("arrests", data).changed(everything(3, x=Patch(np.array([1]), pl.Series(["b"]))))

    assert got["x"].cat.categories.tolist() == expected


def test_an_ordered_level_has_its_place_where_levels_are_sorted() -> None:
    ordered = pd.DataFrame({"x": pd.Categorical([1, 3, 3], [1, 3], ordered=True)})
    got = FrameTable("arrests", ordered).changed(everything(3, x=Patch(np.array([1]), pl.Series([2]))))
    assert got["x"].cat.categories.tolist() == [1, 2, 3]
    assert got["x"].cat.ordered


def test_columns_that_are_absent_or_there_twice_are_refused(constructor: Constructor) -> None:
    table = FrameTable("arrests", constructor.build([row("a", 1)]))
    with pytest.raises(ColumnError):
        list(table.batches(["no such column"]))
    with pytest.raises(ColumnError):
        table.changed(everything(1, wrong=Patch(np.array([0]), pl.Series([1]))))
    with pytest.raises(UsageError):
        table.changed(everything(2))
    with pytest.raises(UsageError, match="a row that does not exist"):
        table.changed(everything(1, n=Patch(np.array([1]), pl.Series([1]))))
    twice = FrameTable("arrests", pd.DataFrame([[1, 2]], columns=["x", "x"]))
    with pytest.raises(ColumnError):
        list(twice.batches(["x"]))
    with pytest.raises(ColumnError):
        twice.changed(everything(1, x=Patch(np.array([0]), pl.Series([1]))))


def test_new_rows_do_not_say_an_index_that_is_no_count() -> None:
    data = pd.DataFrame({"x": [1]}, index=["id"])
    with pytest.raises(UsageError, match="index"):
        FrameTable("arrests", data).replaced(pl.DataFrame({"x": [2]}))


def test_a_query_that_fails_is_unreadable_without_its_values() -> None:
    lazy = pl.LazyFrame({"x": ["CANARY"]}).select(pl.col("x").cast(pl.Int64))
    with pytest.raises(UnreadableInput) as caught:
        FrameTable("arrests", lazy)
    assert "CANARY" not in str(caught.value)
