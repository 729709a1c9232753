"""Results are taken apart so that whatever differs is named, and what is equal is not."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sealscrub.datasets import example_index
from sealscrub.validators.nullity.comparing import compare
from sealscrub.validators.nullity.outcomes import take_apart
from sealscrub.validators.nullity.pieces import Incomparable


def names(one: Any, other: Any) -> list[str]:
    return list(dict.fromkeys(difference.name for difference in compare(take_apart(one), take_apart(other))))


@dataclass
class Model:
    weights: dict[str, float]
    seen: set[str] = field(default_factory=set)
    itself: Any = None


DIFFERENT = {
    "a number": (3, 4, ["output"]),
    "a number and its type": (3, 3.0, ["output"]),
    "a number in a mapping": ({"auc": 0.5, "n": 1}, {"auc": 0.6, "n": 1}, ["auc"]),
    "a label": ((pd.DataFrame({"a": [1]}), pd.Series([0], name="y")),
                (pd.DataFrame({"a": [1]}), pd.Series([1], name="y")), ["y"]),
    "a model of one's own": (Model({"a": 1.0}), Model({"a": 2.0}), ["weights.a"]),
    "a set in it": (Model({}, {"a"}), Model({}, {"b"}), ["seen"]),
    "levels of an enumeration": (pl.DataFrame({"c": pl.Series(["a"], dtype=pl.Enum(["a"]))}),
                                 pl.DataFrame({"c": pl.Series(["a"], dtype=pl.Enum(["a", "b"]))}), ["c"]),
    "the first of two columns of one name": (pd.DataFrame([[1, 2]], columns=["a", "a"]),
                                             pd.DataFrame([[9, 2]], columns=["a", "a"]), ["a"]),
    "the sign of a zero": (np.array([0.0]), np.array([-0.0]), ["output"]),
    "a missing value of another kind": (pd.Series([None, "a"], dtype=object), pd.Series([np.nan, "a"], dtype=object),
                                        ["values"]),
    "the order of keys": ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ["(keys)"]),
    "the columns of nothing": (np.empty((0, 2)), np.empty((0, 3)), ["2"]),
    "an index": (pd.Index(["a"]), pd.Index(["b"]), ["0"]),
    "an Arrow array": (pa.array([1]), pa.array([2]), ["values"]),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "wanted"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_is_named(one: Any, other: Any, wanted: list[str]) -> None:
    assert set(wanted) <= set(names(one, other))
    assert names(one, one) == []
    assert names(other, other) == []


def test_what_is_equal_is_equal_however_it_came_about() -> None:
    text = "a text that is used twice"
    again = "".join(["a text ", "that is used twice"])
    assert names([(text, text)], [(text, again)]) == []
    forwards, backwards = set(range(100)), set(range(100))
    backwards |= {1000, 2000}
    backwards -= {1000, 2000}
    assert names(Model({}, {*map(str, forwards)}), Model({}, {*map(str, backwards)})) == []


def test_what_holds_itself_is_walked_once() -> None:
    one, other = Model({"a": 1.0}), Model({"a": 2.0})
    one.itself, other.itself = one, other
    assert names(one, one) == []
    assert names(one, other) == ["weights.a"]


def test_what_can_be_read_once_or_has_no_bits_is_refused() -> None:
    with pytest.raises(Incomparable, match="return a list"):
        take_apart(iter([1, 2]))
    with tempfile.TemporaryFile() as file, pytest.raises(Incomparable):
        take_apart({"file": file})


def test_files_tell_more_than_their_rows(tmp_path: Path) -> None:
    table = pa.table({"age": list(range(10))})
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    pq.write_table(table.replace_schema_metadata({"from": "9"}), one)
    pq.write_table(table.replace_schema_metadata({"from": "8"}), other)
    assert names(one, other) == ["(attrs)"]
    pq.write_table(table, one, row_group_size=5)
    pq.write_table(table, other, row_group_size=4)
    assert "(row groups)" in names(one, other)
    assert names(one, one) == []


def test_a_path_given_as_text_is_followed_to_what_was_made() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "made.csv")
        file.write_text("age\n1\n")
        one = take_apart(str(file))
        file.write_text("age\n2\n")
        assert [each.name for each in compare(one, take_apart(str(file)))] == ["age"]


@pytest.mark.parametrize("kind", ["bar", "hist", "scatter", "title", "imshow", "hexbin"])
def test_a_figure_is_compared_by_what_it_shows(kind: str) -> None:
    figures = pytest.importorskip("matplotlib.figure")

    def drawn(count: int) -> Any:
        figure = figures.Figure()
        axes = figure.subplots()
        many = np.repeat([0.1, 0.5, 0.9], [2, 3, count])
        {
            "bar": lambda: axes.bar(["a", "b"], [count, 2]),
            "hist": lambda: axes.hist(many, bins=3),
            "scatter": lambda: axes.scatter([1, 2], [3, 4], s=[count, 2]),
            "title": lambda: axes.set_title(f"{count} arrests"),
            "imshow": lambda: axes.imshow([[count, 1]]),
            "hexbin": lambda: axes.hexbin(many, many, gridsize=4, extent=(0, 1, 0, 1)),
        }[kind]()
        return figure

    assert names(drawn(4), drawn(5))
    assert names(drawn(4), drawn(4)) == []


def test_an_index_in_a_result_is_told_by_what_it_holds() -> None:
    one, other = example_index(["K14000003"]), example_index(["K14000004"])

    assert names(Model({}, itself=one), Model({}, itself=one)) == []
    assert names(Model({}, itself=one), Model({}, itself=other)) == ["itself"]
