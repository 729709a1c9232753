"""A column whose own name is an id is not named in what travels, whatever it is: key, list, narrative or left."""

from __future__ import annotations

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.reports import ReportFormat
from sealscrub.transforms import Report

from .arrests import CLEAR, SEALED, WITHHELD, index

HIDDEN = "(a column whose name is an id)"
ALLOWED = ss.Policy(allow={"withheld"})


def frame(column: str) -> pl.DataFrame:
    kinds = pl.Series(["a", "b"], dtype=pl.Enum(["a", "b", SEALED[3]]))
    return pl.DataFrame({column: CLEAR[:2], f"list {column}": kinds, f"note {column}": ["a", "b"]})


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("name", [SEALED[0], f"k14-{SEALED[0][3:]}", f"of {SEALED[0]}", WITHHELD[0]])
@pytest.mark.parametrize("format", Report.formats)
def test_no_report_names_it(name: str, format: ReportFormat) -> None:
    on, left = {"arrest_number": name}, {f"note {name}": "read by hand"}
    plan = ss.Plan.from_dict({"version": 1, "tables": {"data": {"source": "data", "keys": on, "leave": left}}})

    for report in (
        ss.scan(frame(name), index(), on, leave=left),
        ss.scan(frame(name), index(), on, leave=left, sweep=True, narrative={f"list {name}": "null"}),
        plan.scan({"data": frame(name)}, index()),
    ):
        said = report.render(format)
        assert name not in said
        assert report.tables[0].keys[0].column == HIDDEN
        assert dict(report.tables[0].left) == {HIDDEN: "read by hand"}


@pytest.mark.parametrize("name", ["arrest_no", CLEAR[0], "K1460000O"])
def test_other_names_stay(name: str) -> None:
    report = ss.scan(frame(name), index(), {"arrest_number": name}, leave={f"note {name}": "read by hand"})

    assert report.tables[0].keys[0].column == name
    assert name in report.to_sarif()
    assert name in report.to_junit()


def test_a_name_that_is_allowed_stays() -> None:
    report = ss.scan(frame(WITHHELD[0]), index(), {"arrest_number": WITHHELD[0]}, policy=ALLOWED)

    assert report.tables[0].keys[0].column == WITHHELD[0]
