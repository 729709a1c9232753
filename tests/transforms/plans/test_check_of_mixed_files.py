"""A check reads no more of a folder's files than the plan asks for."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sealscrub.transforms.plans import Plan


def test_a_column_that_the_plan_does_not_read_may_be_of_another_type_in_each_file(tmp_path: Path) -> None:
    (tmp_path / "stops").mkdir()
    numbers = [f"M14{at:06d}" for at in range(1, 101)]
    flags = [0, 1] * 50
    for year, born in (("2014", [1990] * 100), ("2015", [None] * 100)):
        rows = pl.DataFrame({"arrest_no": numbers, "dob": born, "frisked": flags})
        rows.write_parquet(tmp_path / "stops" / f"{year}.parquet")
    table = {"source": "stops", "keys": {"arrest_number": "arrest_no"}}
    check = Plan.from_dict({"version": 1, "tables": {"stops": table}}, root=tmp_path).check()
    assert check.exit_code == 0
    assert ["frisked" in note and "dob" not in note for note in check.tables[0].notes] == [True]
