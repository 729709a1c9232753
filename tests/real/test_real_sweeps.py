"""What the sweep finds in real public files, which the table of its page says too.

As in the other tests on real files, only counts, names of columns and verdicts are asserted.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.index import Index

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not os.environ.get("SEALSCRUB_REAL_DATA"), reason="SEALSCRUB_REAL_DATA names no folder of real files"
    ),
]

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "sweep.md"
NO_KEY = ss.Policy(accept={"null"}, min_coverage=0)
COMPAS = ("c_case_number", "r_case_number", "vr_case_number")

On = Mapping[str, str | tuple[str, ...]]
CASES: dict[str, tuple[str, On]] = {
    "COMPAS, its own case": ("compas", {"opaque:compas": COMPAS[0]}),
    "COMPAS, all three": ("compas", {"opaque:compas": COMPAS}),
    "arrests in Queens": ("queens", {"opaque:queens": "ARREST_KEY"}),
    "hate crimes": ("hate crimes", {"arrest_number": "Arrest Id"}),
    "inmates": ("inmates", {"opaque:inmates": "INMATEID"}),
    "stops of 2014": ("stops of 2014", {"arrest_number": "arrest_no"}),
    "stops of 2015": ("stops of 2015", {"arrest_number": "arrest_no"}),
}
OWN = {
    "compas": "opaque:compas",
    "queens": "opaque:queens",
    "hate crimes": "arrest_number",
    "inmates": "opaque:inmates",
    "stops of 2014": "arrest_number",
    "stops of 2015": "arrest_number",
}


def real(name: str) -> Path:
    path = Path(os.environ["SEALSCRUB_REAL_DATA"]) / name
    if not path.is_file():
        pytest.skip(f"{name} is not among the real files")
    return path


@cache
def data(name: str) -> pl.DataFrame:
    if name.startswith("stops of "):
        frame = pl.read_parquet(real(f"nypd_stops_{name[-4:]}.parquet"))
        numbers = pl.Series("arrest_no", [f"M{name[-2:]}{at:06d}" for at in range(1, frame.height + 1)])  # made up
        return frame.with_columns(numbers.set(frame["arstmade"].cast(pl.String) != "Y", None))
    files = {"compas": "compas_two_years", "queens": "nypd_arrests_2021_queens", "hate crimes": "nypd_hate_crimes"}
    frame = pl.read_csv(real(f"{files.get(name, 'nyc_inmates')}.csv"), infer_schema=False)
    return frame.rename({frame.columns[0]: "INMATEID"}) if name == "inmates" else frame


def share(ids: Iterable[str | None], one_in: int = 10) -> list[str]:
    distinct = sorted({value for value in ids if value})
    return random.Random(160).sample(distinct, len(distinct) // one_in)


@cache
def sealed(name: str) -> tuple[str, ...]:
    """A tenth of the ids of a file; of COMPAS what its pages seal, and of the stops half of the arrests."""
    frame = data(name)
    if name == "compas":
        uncharged = frame.filter(pl.col("c_charge_desc") == "arrest case no charge")["c_case_number"]
        return tuple(sorted({*uncharged, *share(frame["r_case_number"])}))
    if name.startswith("stops"):
        return tuple(share(frame["arrest_no"], 2))
    return tuple(share(frame[{"queens": "ARREST_KEY", "hate crimes": "Arrest Id"}.get(name, "INMATEID")]))


@cache
def index_of(*names: str) -> Index:
    """One index of the ids of these files."""
    ids: dict[str, list[str]] = {}
    for name in names:
        ids.setdefault(OWN[name], []).extend(sealed(name))
    return example_index(ids)


def cells() -> dict[str, list[str]]:
    """Rows of the page's table, by their first cell."""
    rows = [line.strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}


@pytest.mark.parametrize("case", CASES)
def test_what_a_file_holds_of_its_own_sealed_records(case: str) -> None:
    name, on = CASES[case]

    report = ss.scan(data(name), index_of(name), on, policy=NO_KEY)

    places = report.tables[0].elsewhere
    said = ", ".join(f"`{place.place}` {place.found}" for place in places if place.found) or "nothing"
    unchecked = ", ".join(f"`{place.place}`" for place in places if place.ambiguous) or "nothing"
    assert [said, unchecked] == cells()[case][1:3]
    assert [(place.near, place.unread) for place in places] == [(0, 0)] * len(places)
    assert (report.exit_code, len(report.problems)) == (1, sum(place.ambiguous > 0 for place in places))


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[] if case == "hate crimes" else [pytest.mark.long])
        for case in CASES
        if case != "COMPAS, its own case"
    ],
)
def test_an_index_of_all_files_leaves_short_numbers_to_be_left_by_name(case: str) -> None:
    """Some ids of inmates have four digits, which are met by chance among numbers of any other file."""
    name, on = CASES[case]
    index = index_of(*OWN)

    report = ss.scan(data(name), index, on, policy=NO_KEY)

    places = report.tables[0].elsewhere
    said = ", ".join(f"`{place.place}`" for place in places) or "nothing"
    assert said == cells()[case][3]
    assert [(place.found, place.near, place.unread) for place in places] == [(0, 0, 0)] * len(places)
    leave = {place.place: "numbers that count or measure" for place in places}
    clean = ss.scrub(data(name), index, on, policy=NO_KEY, leave=leave)
    assert 0 < clean.height < data(name).height
    assert ss.scan(clean, index, on, policy=NO_KEY, leave=leave).exit_code == 0
