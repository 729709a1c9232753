"""Results are taken apart so that whatever differs is named, and what is equal is not."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tempfile
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp

from sealscrub.datasets import example_index
from sealscrub.validators.nullity.comparison import compare
from sealscrub.validators.trial.pieces import Incomparable
from sealscrub.validators.trial.result_pieces import take_apart


def names(one: Any, other: Any) -> list[str]:
    return list(dict.fromkeys(difference.name for difference in compare(take_apart(one), take_apart(other))))


@pytest.mark.parametrize(
    "kind",
    [pa.int8(), pa.uint16(), pa.int64(), pa.uint64(), pa.float16(), pa.float32(), pa.float64(), pa.string()],
    ids=str,
)
def test_a_part_of_an_arrow_table_is_what_it_shows(kind: pa.DataType) -> None:
    whole = pa.table({"n": pa.chunked_array([pa.array([], kind), pa.array(range(9)).cast(kind)])})
    alone = pa.table({"n": pa.array(range(3, 7)).cast(kind)})

    assert names(whole.slice(3, 4), alone) == []
    assert names(whole.slice(3, 4), pa.table({"n": pa.array(range(2, 6)).cast(kind)})) == ["n"]
    assert compare(take_apart(whole.slice(9)), take_apart(alone.slice(4))) == []


@pytest.mark.parametrize("name", ["CountVectorizer", "TfidfVectorizer"])
def test_where_a_list_of_stop_words_lies_in_memory_is_no_result(name: str) -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    one, other, longer = (getattr(text, name)().fit(words) for words in (["a bc"], ["a bc"], ["a bc de"]))
    other._stop_words_id = 8
    assert names(one, other) == []
    assert names(one, longer) != []


def test_results_of_polars_and_arrow_load_no_pandas() -> None:
    """Each interpreter of a check would load it."""
    frame = "pl.DataFrame({'n': [1, 2], 'f': [0.5, None], 't': ['a', None], 'b': [True, False]})"
    script = (
        "import sys, polars as pl\nfrom sealscrub.validators.trial.result_pieces import take_apart\n"
        f"take_apart([{frame}, {frame}.to_arrow(), {frame}['n']])\nprint('pandas' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


@dataclass
class Model:
    weights: dict[str, float]
    seen: set[str] = field(default_factory=set)
    itself: Any = None


class Score(float): ...


class Named(dict[str, int]): ...


class Listed(list[int]): ...


class Array(np.ndarray): ...


class Queue(deque[int]): ...


def _with(value: Any, said: int, name: str = "said") -> Any:
    setattr(value, name, said)
    return value


def _by_two(*people: int) -> pd.DataFrame:
    table = pd.DataFrame({"person": people, "charge": "a", "n": range(len(people))})
    return table.set_index(["person", "charge"]).iloc[:2]


def _field(metadata: dict[str, str] | None = None, *, nullable: bool = True) -> pa.Table:
    return pa.table([pa.array([1])], schema=pa.schema([pa.field("a", pa.int64(), nullable, metadata)]))


def _sparse(values: list[float], columns: list[int]) -> sp.csr_matrix:
    return sp.csr_matrix((np.array(values), np.array(columns), np.array([0, 2])), shape=(1, 2))


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
    "what is masked": (np.ma.masked_array([1.0, 2.0], mask=[0, 0]), np.ma.masked_array([1.0, 2.0], mask=[0, 1]),
                       ["_mask"]),
    "levels of row labels": (_by_two(1, 2), _by_two(1, 2, 3), ["(index)"]),
    "levels of column labels": (_by_two(1, 2).T, _by_two(1, 2, 3).T, ["(columns)"]),
    "levels of column labels that none has": (pd.DataFrame([[1]], columns=pd.CategoricalIndex(["a"])),
                                              pd.DataFrame([[1]], columns=pd.CategoricalIndex(["a"], ["a", "z"])),
                                              ["(columns)"]),
    "the name of a series in a mapping": ({"a": pd.Series([1], name="3")}, {"a": pd.Series([1], name="4")},
                                          ["a.(name)"]),
    "the name of a polars series in a mapping": ({"a": pl.Series("3", [1])}, {"a": pl.Series("4", [1])}, ["a.(name)"]),
    "metadata of a field": (_field({"n": "3"}), _field({"n": "4"}), ["a"]),
    "whether a field may be null": (_field(nullable=True), _field(nullable=False), ["a"]),
    "the order in a sparse matrix": (_sparse([1.0, 2.0], [1, 0]), _sparse([2.0, 1.0], [0, 1]), ["output"]),
    "what a mapping makes of a missing key": (defaultdict(list, a=1), defaultdict(int, a=1), ["default_factory"]),
    "what a number says beside": (_with(Score(0.5), 3), _with(Score(0.5), 4), ["said"]),
    "what such a number is": (_with(Score(0.5), 3), _with(Score(0.6), 3), ["(content)[0]"]),
    "what a mapping says beside": (_with(Named(a=1), 3), _with(Named(a=1), 4), ["said"]),
    "what a list says beside": (_with(Listed([1]), 3), _with(Listed([1]), 4), ["said"]),
    "what an array says beside": (_with(np.zeros(2).view(Array), 3), _with(np.zeros(2).view(Array), 4), ["said"]),
    "what is in a queue with attributes": (_with(Queue([3]), 1), _with(Queue([4]), 1), ["(content)[1]"]),
    "an attribute with a name like Python's": (_with(Model({}), 3, "__n"), _with(Model({}), 4, "__n"), ["__n"]),
    "the order and keys in a cell": (pd.DataFrame({"a": [{"k": 1, "z": None}, {"z": 1}]}),
                                     pd.DataFrame({"a": [{"k": 1}, {"z": 1}]}), ["a"]),
    "two keys of one name": ({"1": {3}, 1: {5}}, {"1": {4}, 1: {5}}, ["1"]),
    "the kind of a number in a list": ([1.0], [np.float64(1.0)], ["output"]),
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
    one, other = tmp_path / "one" / "table.parquet", tmp_path / "other" / "table.parquet"
    one.parent.mkdir()
    other.parent.mkdir()
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


def test_the_name_of_a_file_is_part_of_it(tmp_path: Path) -> None:
    for name in ("features_39.csv", "features_40.csv"):
        (tmp_path / name).write_text("age\n1\n")
    assert names(tmp_path / "features_39.csv", tmp_path / "features_40.csv") == ["(file name)"]


@pytest.mark.parametrize("name", ["notes.txt", "NOTES.TXT", "notes.txt.gz"])
def test_the_first_line_of_free_text_names_nothing(name: str, tmp_path: Path) -> None:
    for note in ("one", "two"):
        text = f"of {note}, a note\nof lines, all alike\n".encode()
        path = tmp_path / note / name
        path.parent.mkdir()
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert names(tmp_path / "one" / name, tmp_path / "two" / name) == ["output"]


def test_a_file_beside_the_log_of_a_table_is_told_by_its_columns(tmp_path: Path) -> None:
    for age in (39, 40):
        folder = tmp_path / str(age)
        (folder / "_delta_log").mkdir(parents=True)
        (folder / "made.csv").write_text(f"age\n{age}\n")
    assert names(tmp_path / "39" / "made.csv", tmp_path / "40" / "made.csv") == ["age"]


def test_files_are_followed_from_lists_and_from_where_the_function_went(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.chdir(folder)
        file = Path(folder, "made.csv")
        for named in ([str(file)], "made.csv", {"file": "made.csv"}):
            file.write_text("age\n1\n")
            one = take_apart(named)
            file.write_text("age\n2\n")
            assert any(each.name.endswith("age") for each in compare(one, take_apart(named)))
        monkeypatch.chdir(os.sep)


@pytest.mark.parametrize(
    "kind", ["bar", "hist", "scatter", "title", "imshow", "hexbin", "colours", "colours of points", "width"]
)
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
            "colours": lambda: axes.bar(["a", "b"], [1, 2], color=["red" if count > 4 else "blue", "blue"]),
            "colours of points": lambda: axes.scatter([1, 2], [3, 4], color=["red" if count > 4 else "blue"] * 2),
            "width": lambda: axes.plot([1, 2], [3, 4], linewidth=count),
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
