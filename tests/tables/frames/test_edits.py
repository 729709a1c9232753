"""Matched rows that stay get values that other rows have, and nothing of the old ones is left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sealscrub.errors import ColumnError, UsageError
from sealscrub.tables import RowEdit, frame_adapter

from .conftest import CANARY, Constructor, edited, row

MATCHED = np.array([False, True, False, True])
ALL = np.ones(4, dtype=np.bool_)


def rows(**matched: object) -> list[tuple[object, ...]]:
    """Build four rows; the second and the fourth are matched, the third has nulls of its own."""
    return [
        row("a", 0, offense="theft", score=0.5),
        row(CANARY, 1, **{"offense": CANARY, "notes": [CANARY], "score": 771.25, **matched}),
        row(None, 2, offense=None, score=None, notes=None, place=None),
        row("b", 3, offense="fraud", score=2.5, **matched),
    ]


def test_nulls_take_the_place_of_the_values(constructor: Constructor) -> None:
    data = constructor.build(rows(place=None))
    columns = ("key", "offense", "score", "notes")
    edit = RowEdit(null=columns, accept_marks=columns)

    kept = edited(data, edit, MATCHED)

    table = constructor.read(kept)
    assert table.column("key").to_pylist() == ["a", None, None, None]
    assert table.column("offense").to_pylist() == ["theft", None, None, None]
    assert table.column("score").to_pylist() == [0.5, None, None, None]
    assert table.column("n").to_pylist() == [0, 1, 2, 3]
    assert CANARY.encode() not in constructor.pickled(kept)
    assert np.float64(771.25).tobytes() not in constructor.pickled(kept)


def test_the_edited_are_the_rows_that_never_had_the_record(constructor: Constructor) -> None:
    never = [first if not hit else (None, *first[1:]) for first, hit in zip(rows(), MATCHED.tolist(), strict=True)]
    edit = RowEdit(null=("key",), accept_marks=("key",))

    kept = edited(constructor.build(rows()), edit, MATCHED)

    without = frame_adapter(constructor.build(never)).keep(ALL)
    assert constructor.pickled(kept) == constructor.pickled(without)


def test_constants_take_the_place_of_the_values(constructor: Constructor) -> None:
    new = {"key": "a", "offense": "theft", "n": "2", "score": 0.5}
    edit = RowEdit(set=new, accept_marks=tuple(new))

    kept = edited(constructor.build(rows()), edit, MATCHED)

    table = constructor.read(kept)
    assert table.column("key").to_pylist() == ["a", "a", None, "a"]
    assert table.column("offense").to_pylist() == ["theft", "theft", None, "theft"]
    assert table.column("n").to_pylist() == [0, 2, 2, 2]
    assert table.schema.equals(constructor.read(constructor.build(rows())).schema)
    assert CANARY.encode() not in constructor.pickled(
        edited(kept, RowEdit(null=("notes",), accept_marks=("notes",)), MATCHED)
    )


def test_rows_are_edited_and_removed_at_once(constructor: Constructor) -> None:
    mask = np.array([True, True, True, False])

    kept = edited(constructor.build(rows()), RowEdit(null=("key",)), MATCHED, mask)

    assert constructor.read(kept).column("key").to_pylist() == ["a", None, None]


def test_a_null_where_no_other_row_has_one_is_a_mark(constructor: Constructor) -> None:
    data = constructor.build(rows(made=None))  # only the matched rows have a null here
    edit = RowEdit(null=("key", "made"), accept_marks=("key",))

    with pytest.raises(UsageError, match="'made'") as caught:
        edited(data, edit, MATCHED)

    assert CANARY not in str(caught.value)
    accepted = RowEdit(null=("key", "made"), accept_marks=("key", "made"))
    kept = edited(data, accepted, MATCHED)
    assert constructor.read(kept).column("made").to_pylist() == [True, None, True, None]


def test_a_row_that_goes_lends_no_null(constructor: Constructor) -> None:
    mask = np.array([True, True, False, True])

    with pytest.raises(UsageError, match="'key' has a null in no other row"):
        edited(constructor.build(rows()), RowEdit(null=("key",)), MATCHED, mask)


def test_a_constant_that_no_other_row_has_is_a_mark(constructor: Constructor) -> None:
    data = constructor.build(rows())

    with pytest.raises(UsageError, match="'offense' has this value in no other row"):
        edited(data, RowEdit(set={"offense": "sealed"}), MATCHED)

    kept = edited(data, RowEdit(set={"offense": "x"}, accept_marks=("offense",)), MATCHED)
    assert constructor.read(kept).column("offense").to_pylist() == ["theft", "x", None, "x"]


@pytest.mark.parametrize("value", [None, "", "theft"])
@pytest.mark.parametrize("others", range(5))
def test_what_most_rows_that_have_it_got_from_the_edit_is_a_mark(
    constructor: Constructor, value: str | None, others: int
) -> None:
    matched = np.array([True, False, True, *[False] * 5])
    data = [row("a", at, offense=value if 3 <= at < 3 + others else "fraud") for at in range(8)]
    edit = RowEdit(null=("offense",)) if value is None else RowEdit(set={"offense": value})

    def scrub() -> list[object]:
        made: list[object] = (
            constructor.read(edited(constructor.build(data), edit, matched)).column("offense").to_pylist()
        )
        return made

    if others < 2:
        with pytest.raises(UsageError, match="in fewer other rows" if others else "in no other row"):
            scrub()
    else:
        assert scrub().count(value) == 2 + others


def test_without_a_matched_row_nothing_is_marked(constructor: Constructor) -> None:
    data = constructor.build(rows())
    nobody = np.zeros(4, dtype=np.bool_)

    kept = edited(data, RowEdit(null=("made", "n")), nobody)

    assert constructor.read(kept).equals(constructor.read(frame_adapter(data).keep(ALL)))


@pytest.mark.parametrize("column", ["n", "day"])
def test_a_constant_of_another_type_is_refused_unseen(constructor: Constructor, column: str) -> None:
    with pytest.raises(UsageError, match=f"'{column}' is not of its type") as caught:
        edited(constructor.build(rows()), RowEdit(set={column: CANARY}), MATCHED)

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"n": [1, 2, 3, 4]}),
        pd.DataFrame({"n": [True, False, True, False]}),
        pd.DataFrame({"n": pd.arrays.SparseArray([0, 0, 1, 0])}),
        pa.table([pa.array([1, 2, 3, 4])], schema=pa.schema([pa.field("n", pa.int64(), nullable=False)])),
    ],
    ids=["int", "bool", "sparse", "not null"],
)
def test_a_null_that_would_change_the_type_is_a_mark(data: object) -> None:
    with pytest.raises(UsageError, match="'n' its type holds no null and would change"):
        edited(data, RowEdit(null=("n",)), MATCHED)

    kept = edited(data, RowEdit(null=("n",), accept_marks=("n",)), MATCHED)
    column = kept["n"] if isinstance(kept, pd.DataFrame) else kept["n"].to_pandas()
    assert column.isna().tolist() == MATCHED.tolist()


def test_a_null_object_is_the_one_that_the_column_has() -> None:
    data = pd.DataFrame({"o": pd.Series(["a", "b", float("nan"), "c"], dtype=object)})

    kept = edited(data, RowEdit(null=("o",), accept_marks=("o",)), MATCHED)

    assert [type(value) for value in kept["o"]] == [str, float, float, float]


def test_a_matched_level_goes_with_its_last_row() -> None:
    data = pd.DataFrame({"c": pd.Categorical(["a", CANARY, None, CANARY])})

    kept = edited(data, RowEdit(null=("c",), accept_marks=("c",)), MATCHED)

    assert kept["c"].cat.categories.tolist() == ["a"]


def test_an_edit_says_one_thing_of_a_column() -> None:
    with pytest.raises(UsageError, match="to become null and to be set"):
        RowEdit(null=("a",), set={"a": 1})


def test_columns_that_are_not_there_are_named() -> None:
    data = pl.DataFrame({"offense": ["a"] * 4})

    with pytest.raises(ColumnError, match="did you mean 'offense'"):
        edited(data, RowEdit(null=("ofense",)), MATCHED)
    with pytest.raises(UsageError, match="does not fit 4 rows"):
        frame_adapter(data).keep(ALL[:2])


@pytest.mark.parametrize("dtype", [object, "string[python]", "string[pyarrow]", "str"])
def test_an_edit_leaves_texts_of_pandas_of_their_type(dtype: Any) -> None:
    data = pd.DataFrame({"x": pd.Series(["a", "b", None, "b"], dtype=dtype)})
    everything, first = np.ones(4, dtype=np.bool_), np.array([True, False, False, False])

    for edit in (RowEdit(null=("x",)), RowEdit(set={"x": "b"})):
        assert edited(data, edit, first, everything).dtypes["x"] == data.dtypes["x"]
    assert frame_adapter(data).replaced(pl.DataFrame({"x": ["c"]})).dtypes["x"] == data.dtypes["x"]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["b", "a"]), pl.String])
@pytest.mark.parametrize("compat", [pl.CompatLevel.newest(), pl.CompatLevel.oldest()], ids=["views", "texts"])
def test_what_polars_hands_to_arrow_is_edited(dtype: Any, compat: Any) -> None:
    data = pl.DataFrame({"x": pl.Series(["a", "b", None, "b"], dtype=dtype)}).to_arrow(compat_level=compat)
    matched = np.array([True, False, False, False])

    made = edited(data, RowEdit(set={"x": "b"}), matched)
    nulls = edited(data, RowEdit(null=("x",)), matched)

    assert made.schema == nulls.schema == data.schema
    assert made.column(0).to_pylist() == ["b", "b", None, "b"]
    assert nulls.column(0).to_pylist() == [None, "b", None, "b"]
    with pytest.raises(UsageError, match="in no other row"):
        edited(data, RowEdit(set={"x": "a"}), matched)
