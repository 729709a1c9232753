"""A key column whose keys match the rows of several records is named in a warning, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme
from sealscrub.transforms.plans import Plan
from sealscrub.transforms.scrub_report import Report

from .arrests import CLEAR, ON, SEALED, WITHHELD, index

counts = st.lists(st.sampled_from([0, 1, 2, 9, 10, 11, 60, 99, 100, 101]), min_size=len(SEALED), max_size=len(SEALED))


def frame_of(rows: list[int]) -> pl.DataFrame:
    numbers = [number for number, count in zip(SEALED, rows, strict=True) for _ in range(count)]
    frame = pl.DataFrame(
        {"arrest_no": [*numbers, *CLEAR * 50], "precinct": 1}, schema_overrides={"arrest_no": pl.String}
    )
    return frame.sample(fraction=1, shuffle=True, seed=1)


def warned(report: Report) -> list[str]:
    return [each for each in report.warnings if "should name one record" in each]


@settings(max_examples=60, deadline=None)
@example([100, *[0] * (len(SEALED) - 1)])
@given(counts)
def test_it_is_warned_of_many_rows_by_few_keys(rows: list[int]) -> None:
    keys = sum(count > 0 for count in rows)
    crowded = max(rows) > 100 or (sum(rows) >= 100 and sum(rows) > 10 * keys)
    named = "1 key" if keys == 1 else f"{keys} keys"
    found = warned(ss.scan(frame_of(rows), index(), ON))

    assert len(found) == crowded
    for each in found:
        assert f"{sum(rows):,} rows match by {named} in arrest_no, {max(rows):,} of them by one key" in each


CROWDED = [30] * len(SEALED)
FEW = [3] * len(SEALED)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(("rows", "expected"), [(CROWDED, 1), (FEW, 0)])
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_files_and_plans_warn_as_frames_do(tmp_path: Path, rows: list[int], expected: int, suffix: str) -> None:
    frame, place = frame_of(rows), tmp_path / f"arrests.{suffix}"
    if suffix == "parquet":
        frame.write_parquet(place, row_group_size=7)
    else:
        frame.write_csv(place)
    plan = Plan.from_dict({"version": 1, "tables": {"arrests": {"source": place.name, "keys": ON}}}, root=tmp_path)
    reports = [
        ss.scan(frame, index(), ON),
        ss.scan(place, index(), ON),
        ss.scrub(frame, index(), ON, detail=True).report,
        ss.scrub(place, index(), ON, output=tmp_path / f"clean.{suffix}"),
        plan.scan(index=index()),
        plan.scrub(index=index(), output=tmp_path / "clean"),
    ]

    for report in reports:
        assert len(warned(report)) == expected
        assert report.complete
        assert report.exit_code == (1 if report.action == "scan" else 0)
        assert "should name one record" not in report.to_junit() + report.to_sarif()
    assert len({each.partition(": ")[2] for report in reports for each in warned(report)}) == expected


def test_what_travels_of_a_scrub_is_the_same_with_and_without(tmp_path: Path) -> None:
    crowded, few = (ss.scrub(frame_of(rows), index(), ON, detail=True).report for rows in (CROWDED, FEW))

    assert warned(crowded)
    assert crowded.to_sarif() == few.to_sarif()
    assert crowded.to_junit() == few.to_junit()


def test_rows_that_stay_by_permission_are_not_counted() -> None:
    frame = pl.DataFrame({"arrest_no": WITHHELD * 50})

    assert warned(ss.scan(frame, index(), ON))
    assert not warned(ss.scan(frame, index(), ON, policy=ss.Policy(allow={"withheld"})))


#: Keys of an arrest and of an action, of one column and of several, of New York's schemes and of a system's own.
SCHEMES = {
    "arrest_number": "K14612345",
    "cjtn": "64012345K",
    "docket": "2014KN000001",
    "voucher": "1000123456",
    "opaque:jail": "J-17",
    "person_arrest": "12345678A@2014-01-05",
    "crowded_case": "KINGS@000007",
}


@pytest.mark.parametrize("rows", [100, 101])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_keys_of_every_level_are_to_name_one_record(scheme: str, rows: int) -> None:
    register_scheme(Scheme(name="crowded_county", level=Level.EVENT, spellings=(Spelling("[A-Z]+"),)))
    register_scheme(Scheme(name="crowded_number", level=Level.EVENT, spellings=(Spelling(r"\d{6}"),)))
    register_scheme(Scheme(name="crowded_case", level=Level.ACTION, parts=("crowded_county", "crowded_number")))
    parts = SCHEMES[scheme].split("@")
    columns = [f"part {at}" for at in range(len(parts))]
    frame = pl.DataFrame(dict(zip(columns, ([part] * rows for part in parts), strict=True)))

    found = warned(ss.scan(frame, example_index({scheme: [SCHEMES[scheme]]}), {scheme: "+".join(columns)}))

    assert len(found) == 1  # of 100 rows on average, or of 101 by one key
    assert f"{rows} of them by one key" in found[0]
    assert "+".join(columns) in found[0]
