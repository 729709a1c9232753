"""Keys of two columns that somebody defined: records are planted and sealed, whichever part comes last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.identifiers import load_schemes
from sealscrub.testing import check_nullity, check_output_nullity

COUNTIES = [["KINGS", "QUEENS", "BRONX"][at % 3] for at in range(40)]
CASES = [4000 + at for at in range(40)]
ORDERS = {"nullity_county_case": "county+number", "nullity_case_county": "number+county"}
FRAMES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "polars": pl.DataFrame,
    "pandas": pd.DataFrame,
    "pyarrow": pa.table,
    "pandas, decimals": lambda columns: pd.DataFrame(columns).assign(number=[Decimal(each) for each in CASES]),
}


def register() -> None:
    """Define them, in each interpreter that reads such keys."""
    from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme

    county = Scheme(name="nullity_county", level=Level.EVENT, spellings=[Spelling("[A-Z]+")])
    case = Scheme(name="nullity_case", level=Level.EVENT, spellings=[Spelling(r"(?P<n>\d{1,6})", "{n:0>6}")])
    pairs = (("nullity_county", "nullity_case"), ("nullity_case", "nullity_county"))
    for scheme in (county, case):
        register_scheme(scheme)
    for name, parts in zip(("nullity_county_case", "nullity_case_county"), pairs, strict=True):
        register_scheme(Scheme(name=name, level=Level.ACTION, parts=parts))


def data(frame: str) -> Any:
    ages = [18 + at * 7 % 40 for at in range(40)]
    return FRAMES[frame]({"county": COUNTIES, "number": CASES, "age": ages})


def held(scheme: str, *, sealed: bool) -> list[str]:
    numbers = [f"{CASES[at]:06d}" for at in (3, 20, 39)] if sealed else ["900000"] * 3
    pairs = zip([COUNTIES[at] for at in (3, 20, 39)], numbers, strict=True)
    return ["@".join(pair if scheme == "nullity_county_case" else pair[::-1]) for pair in pairs]


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "planted"])
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("scheme", ORDERS)
def test_a_clean_system_passes_and_a_leaky_one_does_not(scheme: str, frame: str, sealed: bool) -> None:
    register()
    index, on = example_index({scheme: held(scheme, sealed=sealed)}), {scheme: ORDERS[scheme]}
    options: dict[str, Any] = {"isolated": False, "targets": 1, "random": 1, "k": 2, "kinds": ("itself", "random")}

    def clean(data: Any) -> Any:
        return ss.scrub(data, index, on=on)

    def counted(data: Any) -> Any:
        return len(data), clean(data)

    def asked(built: Any, probe: Any) -> Any:
        return built

    passed = check_output_nullity(clean, data(frame), index, on, query=asked, variants=("unseen",), **options)
    assert passed.verdict.value == "PASS", passed.to_text()
    leaked = check_output_nullity(counted, data(frame), index, on, query=asked, variants=("unseen",), **options)
    assert leaked.verdict.value == "INTERFERENCE", leaked.to_text()


SCHEMES = """
[schemes.whole_county]
level = "event"
spellings = [{ pattern = '[A-Z]+' }]

[schemes.whole_case]
level = "event"
spellings = [{ pattern = '(?P<n>\\d{1,6})', form = "{n:0>6}" }]

[schemes.whole_county_case]
level = "action"
parts = ["whole_county", "whole_case"]
"""


@pytest.mark.parametrize(
    ("frame", "sealed"),
    [
        pytest.param("polars", False, id="polars, planted"),
        pytest.param("pandas", True, id="pandas, sealed", marks=pytest.mark.long),
    ],
)
def test_a_whole_check_over_schemes_of_a_file(frame: str, sealed: bool, tmp_path: Path) -> None:
    """Each run is an interpreter of its own, which has to know the schemes."""
    (tmp_path / "counties.toml").write_text(SCHEMES)
    load_schemes(tmp_path / "counties.toml")
    index = example_index({"whole_county_case": held("nullity_county_case", sealed=sealed)})
    on = {"whole_county_case": "county+number"}

    def clean(data: Any) -> Any:
        return ss.scrub(data, index, on=on)

    def by_county(data: Any) -> Any:
        """It counts the cases of each county, and scrubs afterwards."""
        counts = Counter(data["county"])
        return sorted(counts.items()), clean(data)

    passed = check_nullity(clean, data(frame), index, on, variants=("unseen",))
    assert passed.verdict.value == "PASS", passed.to_text()
    leaked = check_nullity(by_county, data(frame), index, on, variants=())
    assert leaked.verdict.value == "INTERFERENCE", leaked.to_text()
    for number in CASES:
        assert str(number) not in leaked.to_text()
