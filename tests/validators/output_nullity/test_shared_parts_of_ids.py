"""A sealed id shares its county, its docket or its person with open records: an answer about these is no oracle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.testing import Probe, check_guard, check_output_nullity

from ..nullity.test_own_composite_keys import register

SEALED = (3, 20, 39)
COUNTIES = ["KINGS", "QUEENS", "BRONX"]
Case = tuple[pl.DataFrame, dict[str, list[str]], dict[str, str]]


def county_and_number(scheme: str) -> Case:
    """A number is unique within a county, so that each number is in two of the three counties."""
    register()
    rows = [(COUNTIES[(at + turn) % 3], 4000 + at) for turn in range(2) for at in range(40)]
    data = pl.DataFrame(rows, schema=["county", "number"], orient="row").with_columns(age=pl.lit(30))
    keys = [(rows[at][0], f"{rows[at][1]:06d}") for at in SEALED]
    turned = scheme == "nullity_case_county"
    held = ["@".join(key[::-1] if turned else key) for key in keys]
    return data, {scheme: held}, {scheme: "number+county" if turned else "county+number"}


def person_and_day() -> Case:
    days = [date(2014, 1, 1) + timedelta(days=3 * (at // 4)) for at in range(80)]
    data = pl.DataFrame({"nysid": [f"{12345000 + at // 2}A" for at in range(80)], "day": days, "age": 30})
    data = data.with_columns(day=pl.Series([day + timedelta(days=at % 2) for at, day in enumerate(days)]))
    held = [f"{data['nysid'][at]}@{data['day'][at]}" for at in SEALED]
    return data, {"person_arrest": held}, {"person_arrest": "nysid+day"}


def arrest_and_docket() -> Case:
    """Two arrests share a docket; the index knows the arrests alone."""
    data = pl.DataFrame(
        {
            "arrest": [f"J-{at:03d}" for at in range(80)],
            "docket": [f"D-{at // 2:03d}" for at in range(80)],
            "age": 30,
        }
    )
    held = {"opaque:jail": [f"J-{at:03d}" for at in SEALED], "opaque:court": ["D-999"]}
    return data, held, {"opaque:jail": "arrest", "opaque:court": "docket"}


CASES: dict[str, Callable[[], Case]] = {
    "county, number": lambda: county_and_number("nullity_county_case"),
    "number, county": lambda: county_and_number("nullity_case_county"),
    "person, day": person_and_day,
    "arrest and docket": arrest_and_docket,
}


def found(records: pl.DataFrame, probe: Probe, names: tuple[str, ...]) -> Any:
    wanted = [pl.col(name) == pl.lit(probe[name], records.schema[name]) for name in names]
    return records.filter(wanted).select(pl.all().cast(pl.String)).to_dicts()


def by_both(records: pl.DataFrame, probe: Probe, names: tuple[str, ...]) -> Any:
    return found(records, probe, names)


def by_the_first(records: pl.DataFrame, probe: Probe, names: tuple[str, ...]) -> Any:
    return found(records, probe, names[:1])


def by_the_second(records: pl.DataFrame, probe: Probe, names: tuple[str, ...]) -> Any:
    return found(records, probe, names[1:])


def by_each(records: pl.DataFrame, probe: Probe, names: tuple[str, ...]) -> Any:
    return {name: found(records, probe, (name,)) for name in names}


CLEAN = [by_both, by_the_first, by_the_second, by_each]


def asked(look: Callable[..., Any], names: tuple[str, ...], sealed: set[tuple[Any, ...]]) -> Callable[..., Any]:
    """Make a query; one that refuses what is sealed is an oracle."""

    def query(records: pl.DataFrame, probe: Probe) -> Any:
        if tuple(probe[name] for name in names) in sealed:
            return {"error": "you may not see this", "found": []}
        return {"error": None, "found": look(records, probe, names)}

    return query


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("look", CLEAN)
@pytest.mark.parametrize(
    ("case", "refuses"),
    [
        pytest.param(case, refuses, id=f"{case}, {'refusing' if refuses else 'clean'}")
        for case in CASES
        for refuses in (False, True)
    ],
)
def test_an_oracle_is_told_from_an_answer_about_open_records(
    case: str, look: Callable[..., Any], refuses: bool
) -> None:
    data, held, on = CASES[case]()
    index, names = example_index(held), tuple(data.columns[:2])
    sealed = {tuple(data.row(at)[:2]) for at in SEALED} if refuses else set()
    query, clean = asked(look, names, sealed), ss.scrub(data, index, on)

    guard = check_guard(clean, query, data=data, index=index, on=on)
    assert guard.verdict.value == ("ORACLE" if refuses else "PASS"), guard.to_text()

    report = check_output_nullity(
        lambda data: ss.scrub(data, index, on),
        data,
        index,
        on,
        query=query,
        isolated=False,
        variants=(),
        targets=4,
        random=4,
        plant=False,
    )
    assert report.verdict.value == ("ORACLE" if refuses else "PASS"), report.to_text()
