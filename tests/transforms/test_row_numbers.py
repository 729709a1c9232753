"""Columns that may number the rows: their gaps show what a scrub removed, so the operator's report names them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.reports import ReportFormat
from sealscrub.transforms import Report

from .arrests import CLEAR, ON, SEALED, index

ROWS = {"arrest_no": [CLEAR[0], SEALED[0], CLEAR[1]], "precinct": [14, 79, 14]}


def numbered(columns: list[str], **options: Any) -> list[str]:
    """Give the columns that a report names."""
    data = pl.DataFrame({name: ROWS["arrest_no"] if name == "arrest_no" else [0, 1, 2] for name in columns})
    report = ss.scan(data, index(), ON, **options)
    assert report.exit_code == 1  # as without
    return [each for each in report.warnings if "may number the rows" in each]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "Unnamed: 0",
            "Unnamed: 0.1",
            "Unnamed: 12",
            "__index_level_0__",
            "index",
            "level_0",
            "...1",
            "row_nr",
            "X",
        ),
        *("OBJECTID", "ObjectId", "OBJECTID_1", "FID", "ogc_fid"),
    ],
)
def test_names_that_programs_give(name: str) -> None:
    (said,) = numbered([name, "arrest_no", "precinct"])
    assert (f"{name!r}" in said) is bool(name)


@pytest.mark.parametrize(
    "columns",
    [
        ["arrest_no", "precinct"],
        ["X", "Y", "arrest_no"],
        ["arrest_no", "precinct", "X"],
        ["arrest_no", "reindex", "index_no", "level", "Unnamed", "row", "object_id", "fid2"],
    ],
)
def test_other_names(columns: list[str]) -> None:
    assert not numbered(columns)


@pytest.mark.parametrize("options", [{"leave": {"index": "numbers of courts"}}, {"on_index": True}])
def test_what_is_declared_is_not_named(options: dict[str, Any]) -> None:
    if options.pop("on_index", False):
        data = pl.DataFrame({"index": ROWS["arrest_no"]})
        assert not ss.scan(data, index(), {"arrest_number": "index"}).warnings
    else:
        assert not numbered(["index", "arrest_no"], **options)


def test_what_pandas_writes_and_reads_again(tmp_path: Path) -> None:
    """From the file as from the frame that is read of it."""
    written = tmp_path / "arrests.csv"
    pd.DataFrame(ROWS).to_csv(written)
    for data in (written, pd.read_csv(StringIO(written.read_text()))):
        assert any("may number the rows" in each for each in ss.scan(data, index(), ON).warnings)
    pd.DataFrame(ROWS).to_csv(written, index=False)
    assert not ss.scan(written, index(), ON).warnings


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (pd.DataFrame(ROWS), False),
        (pd.DataFrame(ROWS).iloc[[2, 0, 1]], True),
        (pd.DataFrame(ROWS, index=[7, 4, 9]), True),
        (pd.DataFrame(ROWS, index=[4, 6, 8]).set_axis(range(4, 10, 2)), False),
        (pd.DataFrame(ROWS, index=[0.5, 1.5, 2.5]), False),
        (pd.DataFrame(ROWS, index=["a", "b", "c"]), False),
        (pd.DataFrame(ROWS, index=pd.Index([7, 4, 9], name="case_id")), False),
        (pd.DataFrame(ROWS, index=pd.MultiIndex.from_tuples([(0, 1), (0, 2), (1, 0)])), False),
    ],
)
def test_the_index_of_a_frame(data: pd.DataFrame, named: bool) -> None:
    """One that counts evenly is counted again."""
    said = ss.scan(data, index(), ON).warnings
    assert any("the index may number the rows" in each for each in said) is named
    assert not ss.scan(data, index(), ON, leave={"(index)": "numbers of courts"}).warnings
    assert not ss.scan(data.reset_index(drop=True), index(), ON).warnings


def test_files_of_a_folder_are_named_together(tmp_path: Path) -> None:
    for at in range(7):
        pl.DataFrame({"": [0, 1], "arrest_no": CLEAR[:2]}).write_csv(tmp_path / f"{at}.csv")
    (said,) = ss.scan(tmp_path, index(), ON).warnings
    assert said.startswith("0.csv, 1.csv, 2.csv, 3.csv, 4.csv, …: the column without a name")


def test_what_is_shown_unasked_says_that_there_is_one() -> None:
    """Whichever rows are sealed: the names alone decide."""
    for names, said in (["Unnamed: 0", "arrest_no"], True), (["precinct", "arrest_no"], False):
        for rows in ROWS["arrest_no"], CLEAR[:3]:
            report = ss.scan(pl.DataFrame(dict.fromkeys(names, rows)), index(), ON)
            for shown in str(report), report._repr_html_():
                assert ("may number the rows" in " ".join(shown.split())) is said


@pytest.mark.parametrize("format", [each for each in Report.formats if each.travels])
def test_what_travels_is_the_same_with_and_without(format: ReportFormat, tmp_path: Path) -> None:
    made = {}
    for number in ("Unnamed: 0", "precinct"):
        pl.DataFrame({number: [0, 1], "arrest_no": CLEAR[:2]}).write_csv(tmp_path / "arrests.csv")
        made[number] = ss.scan(tmp_path / "arrests.csv", index(), ON).render(format)
    assert made["Unnamed: 0"] == made["precinct"]
    assert "number the rows" not in made["Unnamed: 0"]
