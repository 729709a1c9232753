"""Which rows of the data a row that differs came from, and which sealed rows share its key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.testing import NullityReport
from sealscrub.validators.nullity.comparison import compare
from sealscrub.validators.nullity.paths import PathOfRow, SealedOnPath, paths_of_rows
from sealscrub.validators.trial.result_pieces import take_apart
from sealscrub.validators.trial.worlds import make_worlds

from .conftest import ON
from .reports import REPORTS

Found = tuple[tuple[PathOfRow, ...], tuple[SealedOnPath, ...]]
LENIENT = Policy(accept=frozenset({"near", "unparsable"}), max_unparsable=1.0, min_coverage=0.0)


def traced(function: Callable[[Any], Any], data: Any, index: Index, *, key: str | None = None, on: Any = ON) -> Found:
    worlds = make_worlds(data, index, on, plan=None, plant="auto", policy=LENIENT, seed=0)
    clean, whole = take_apart(function(worlds.without())), take_apart(function(worlds.as_is))
    return paths_of_rows(clean, compare(clean, whole, key=key), worlds, key)


def test_a_group_is_traced_to_its_rows(arrests: pl.DataFrame, index: Index) -> None:
    paths, sealed = traced(lambda data: data.group_by("person").len().sort("person"), arrests, index)

    assert [(path.name, path.row, path.by) for path in paths] == [("len", 2, "person"), ("len", 5, "person")]
    assert paths[0].rows == (9, 16, 23, 30, 37)  # row 2, of the same person, is sealed
    assert paths[0].of == 5
    assert [each.rows for each in sealed] == [(2,), (19,)]


def test_the_smallest_group_with_sealed_rows_is_taken(arrests: pl.DataFrame, index: Index) -> None:
    def priors(data: pl.DataFrame) -> pl.DataFrame:
        made = data.with_columns(priors=pl.len().over("person"), place=pl.lit(1))
        return made.filter(~pl.col("arrest_no").is_in(["K14000003", "K14000020"]))

    paths, _ = traced(priors, arrests.with_columns(place=pl.lit(1)), index)

    assert {path.by for path in paths} == {"person"}


def test_labels_beside_their_features(arrests: pl.DataFrame, index: Index) -> None:
    def made(data: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
        kept = ~data["arrest_no"].isin(["K14000003", "K14000020"])
        label = data.groupby("person")["age"].transform("max")
        return data[kept][["person"]], label[kept].to_numpy()

    frame = arrests.to_pandas()
    frame.loc[2, "age"] = 99
    paths, _ = traced(made, frame, index)

    assert ("y", "person", "") in {(path.name, path.by, path.table) for path in paths}


def test_every_table_with_the_key_has_rows_on_the_path(arrests: pl.DataFrame, index: Index) -> None:
    people = pl.DataFrame({"person": range(7), "name": list("abcdefg")})

    def joined(data: dict[str, pl.DataFrame]) -> pl.DataFrame:
        return data["people"].join(data["arrests"].group_by("person").len(), on="person").sort("person")

    data = {"arrests": arrests, "people": people}
    paths, sealed = traced(joined, data, index, key="person", on={"arrests": ON})

    assert {(path.row, path.table) for path in paths} == {(2, "arrests"), (2, "people"), (5, "arrests"), (5, "people")}
    assert [path.rows for path in paths if path.table == "people"] == [(2,), (5,)]
    assert [each.rows for each in sealed if each.table == "people"] == [(), ()]


def test_positions_are_those_of_the_data_as_given_where_records_were_planted(arrests: pl.DataFrame) -> None:
    from sealscrub.datasets import example_index

    paths, sealed = traced(
        lambda data: data.group_by("person").len().sort("person"), arrests, example_index({"arrest_number": []})
    )

    assert paths
    for path in paths:
        assert [arrests["person"][row] for row in path.rows] == [path.row] * len(path.rows)
    assert {row for each in sealed for row in each.rows} == {-1}


@pytest.mark.parametrize(
    "function",
    [lambda data: data["age"].sum(), lambda data: [float(data["age"].sum())], lambda data: data.select(n=pl.len())],
)
def test_what_has_no_column_of_the_data_has_no_path(
    function: Callable[[Any], Any], arrests: pl.DataFrame, index: Index
) -> None:
    assert traced(function, arrests, index) == ((), ())


def test_only_the_custodians_file_holds_sealed_rows(tmp_path: Path) -> None:
    report = REPORTS["interference"]
    report.save_records(tmp_path / "records")

    written = json.loads((tmp_path / "records").read_text())
    assert written["paths"] == [{"name": "y", "row": 12, "by": "person", "table": "arrests", "rows": [7777]}]
    for shown in (report.to_text(), report.to_html(), report.to_json(), report.to_junit(), repr(report)):
        assert "7777" not in shown
        assert "7,777" not in shown
    for name in ("person", "4120", "212"):
        assert name not in report.to_junit()


def test_a_check_reports_paths_and_the_records_that_show(checked: Callable[..., NullityReport], tmp_path: Path) -> None:
    report = checked(lambda arrests: arrests.group_by("person").len().sort("person"), attribute="records")

    assert "row 2 of len: the data's rows 9, 16, 23, 30, 37, of the same person" in report.to_text()
    report.save_records(tmp_path / "records")
    assert json.loads((tmp_path / "records").read_text())["rows"] == [
        {"table": "", "row": 2},
        {"table": "", "row": 19},
    ]
