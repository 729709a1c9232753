"""Lists of ids that are unique only within something which stands in the row, such as case numbers and the county."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ColumnError, ConfigError, SealscrubError, UncheckedKeys
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan

register_scheme(Scheme(name="elements_county", level=Level.EVENT, spellings=[Spelling(r"[A-Z]+")]))
register_scheme(
    Scheme(name="elements_case", level=Level.EVENT, spellings=[Spelling(r"(?P<n>\d{1,6})", "{n:0>6}")], number_width=6)
)
register_scheme(
    Scheme(name="elements_action", level=Level.ACTION, parts=("elements_county", "elements_case")),
)

COUNTIES = ("KINGS", "QUEENS", "ERIE")
NUMBERS = range(1, 7)
SEALED = frozenset({("KINGS", 1), ("KINGS", 2), ("QUEENS", 2), ("QUEENS", 3)})
Row = tuple[str, tuple[int, ...]]  # the spelled county, and the numbers of its cases


@cache
def index() -> Index:
    return example_index({"elements_action": [f"{county}@{number:06}" for county, number in SEALED]})


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    counties = st.sampled_from([*COUNTIES, "kings", " Queens "])
    return draw(st.lists(st.tuples(counties, st.lists(st.sampled_from(NUMBERS), max_size=4).map(tuple)), min_size=1))


def is_sealed(county: str, number: int) -> bool:
    return (county.strip().upper(), number) in SEALED


def world_without(rows: list[Row], empty: str) -> list[tuple[str, tuple[int, ...] | None]]:
    """The rows as they are where the sealed cases never were."""
    left: list[tuple[str, tuple[int, ...] | None]] = []
    for county, numbers in rows:
        stay = tuple(number for number in numbers if not is_sealed(county, number))
        lost_all = bool(numbers) and not stay
        if not (lost_all and empty == "drop"):
            left.append((county, None if lost_all and empty == "null" else stay))
    return left


Rows = list[tuple[str, tuple[int, ...] | None]]
Form = Callable[[tuple[int, ...]], Any]


def spelled(number: int) -> str:
    return f"{number:06}" if number % 2 else str(number)


FORMS: dict[str, tuple[dict[str, str], Any, Form]] = {
    "list": ({}, pl.List(pl.String), lambda numbers: [spelled(number) for number in numbers]),
    "numbers": ({}, pl.List(pl.Int64), list),
    "structs": (
        {"field": "no"},
        pl.List(pl.Struct({"no": pl.String, "role": pl.String})),
        lambda numbers: [{"no": spelled(number), "role": "a"} for number in numbers],
    ),
    "separated": ({"separator": ";"}, pl.String, lambda numbers: "; ".join(map(spelled, numbers))),
    "json": ({}, pl.String, lambda numbers: json.dumps([spelled(number) for number in numbers])),
    "json objects": (
        {"field": "no"},
        pl.String,
        lambda numbers: json.dumps([{"no": spelled(number)} for number in numbers]),
    ),
}


def frame(rows: Rows, form: str) -> pl.DataFrame:
    _, kind, write = FORMS[form]
    cases = [None if numbers is None else write(numbers) for _, numbers in rows]
    return pl.DataFrame(
        {"at": range(len(rows)), "county": pl.Series([county for county, _ in rows], dtype=pl.String)},
    ).with_columns(pl.Series("cases", cases, dtype=kind))


def plan_of(form: str, empty: str, root: Path | None = None, source: str = "lists", **more: Any) -> Plan:
    elements = {
        "column": "cases",
        "scheme": "elements_action",
        "columns": {"elements_county": "county"},
        "empty": empty,
        **FORMS[form][0],
    }
    spec = {"version": 1, "tables": {"lists": {"source": source, "elements": elements, **more}}}
    return Plan.from_dict(spec, root=root or ".")


def in_memory(rows: Rows, form: str, empty: str, make: Callable[[pl.DataFrame], Any]) -> Any:
    clean = plan_of(form, empty).scrub({"lists": make(frame(rows, form).drop("at"))}, index())["lists"]
    if isinstance(clean, pl.DataFrame):
        return clean.to_dicts()
    nulls = clean["cases"].isna()  # of texts they are NaN
    return [(row.county, None if nulls[row.Index] else list(row.cases)) for row in clean.itertuples()]


def in_file(rows: Rows, form: str, empty: str, suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        root, name = Path(folder), f"lists.{suffix}"
        table = frame(rows, form).drop("at")
        table.write_csv(root / name) if suffix == "csv" else table.write_parquet(root / name)
        plan_of(form, empty, root, name).scrub(None, index(), output=root / "clean")
        written = root / "clean" / name
        made = written.read_bytes() if written.exists() else b""
        return made.replace(b',""\n', b",\n")  # an empty text is written so by polars where no other field is quoted


IN_MEMORY = ("list", "numbers", "structs", "separated")
PLACES: dict[str, tuple[tuple[str, ...], Callable[[Rows, str, str], Any]]] = {
    "polars": (IN_MEMORY, lambda rows, form, empty: in_memory(rows, form, empty, lambda table: table)),
    "pandas": (IN_MEMORY, lambda rows, form, empty: in_memory(rows, form, empty, pl.DataFrame.to_pandas)),
    "parquet": (IN_MEMORY, lambda rows, form, empty: in_file(rows, form, empty, "parquet")),
    "csv": (("separated", "json", "json objects"), lambda rows, form, empty: in_file(rows, form, empty, "csv")),
}


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=25, deadline=None)
@given(rows=tables(), data=st.data(), empty=st.sampled_from(["empty", "null", "drop"]))
def test_a_scrub_leaves_what_would_be_without_the_sealed_cases(
    place: str, rows: list[Row], data: st.DataObject, empty: str
) -> None:
    forms, scrub = PLACES[place]
    form = data.draw(st.sampled_from(forms))

    assert scrub(list(rows), form, empty) == scrub(world_without(rows, empty), form, empty)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("rows", [[], [("KINGS", ())], [("KINGS", None)]], ids=["no rows", "empty", "null"])
@pytest.mark.parametrize(("place", "form"), [(place, form) for place in PLACES for form in PLACES[place][0]])
def test_lists_without_elements_stay_as_they_are(place: str, form: str, rows: Rows) -> None:
    scrub = PLACES[place][1]

    assert scrub(rows, form, "null") == scrub(rows, form, "empty")


@pytest.mark.parametrize("form", IN_MEMORY)
def test_the_same_number_of_another_county_stays(form: str) -> None:
    rows: Rows = [("Kings", (1, 3)), ("QUEENS", (1, 3)), ("erie", (1, 2, 3))]

    clean = plan_of(form, "empty").scrub({"lists": frame(rows, form)}, index())["lists"]

    assert clean.equals(frame([("Kings", (3,)), ("QUEENS", (1,)), ("erie", (1, 2, 3))], form))


def test_the_report_names_both_columns() -> None:
    report = plan_of("list", "empty").scan({"lists": frame([("KINGS", (1, 2, 4))], "list")}, index())

    (key,) = report.tables[0].keys
    assert (key.scheme, key.column, key.sealed) == ("elements_action", "county+cases", 2)
    assert report.exit_code == 1


@pytest.mark.parametrize("county", [None, "", "UNKNOWN"])
def test_an_element_of_a_row_without_the_part_is_not_checked(county: str | None) -> None:
    many: Rows = [("ERIE", (1, 2, 3, 4))] * 10
    table = frame([*many, ("ERIE", (5,))], "list").with_columns(
        county=pl.when(pl.col("at") == len(many)).then(pl.lit(county)).otherwise("county")
    )
    plan = plan_of("list", "empty")

    assert plan.scan({"lists": table}, index()).exit_code == 3
    with pytest.raises(UncheckedKeys):
        plan.scrub({"lists": table}, index())
    aside = plan.scrub({"lists": table}, index(), policy=Policy(quarantine=True))["lists"]
    assert aside.height == len(many)
    accepted = plan.scrub({"lists": table}, index(), policy=Policy(accept={"unparsable"}))["lists"]
    assert accepted.equals(table)


def test_a_list_without_elements_needs_no_part() -> None:
    rows: Rows = [("KINGS", (4,)), ("x", ()), ("x", None)]
    table = frame(rows, "list").with_columns(county=pl.when(pl.col("county") != "x").then("county"))

    assert plan_of("list", "empty").scrub({"lists": table}, index())["lists"].equals(table)


def test_a_column_that_is_not_there_is_named() -> None:
    table = frame([("KINGS", (1,))], "list").rename({"county": "place"})

    for run in (plan_of("list", "empty").scan, plan_of("list", "empty").scrub):
        with pytest.raises(ColumnError, match="county"):
            run({"lists": table}, index())
    problems = plan_of("list", "empty").check({"lists": table}).tables[0].problems
    assert any("county" in problem for problem in problems)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no part is left": ({"columns": {"elements_county": "county", "elements_case": "case"}}, "parts"),
    "a part that is none": ({"columns": {"elements_town": "county"}}, "parts"),
    "too few parts": ({"columns": {}}, "parts"),
    "a scheme of one column": ({"scheme": "arrest_number"}, "one column"),
    "a link": ({"scheme": None, "link": "lists.county"}, "columns"),
    "the list itself": ({"columns": {"elements_county": "cases"}}, "the list"),
}


@pytest.mark.parametrize("case", WRONG)
def test_parts_that_do_not_fit_are_refused(case: str) -> None:
    wrong, said = WRONG[case]
    elements = {"column": "cases", "scheme": "elements_action", "columns": {"elements_county": "county"}}
    elements = {key: value for key, value in (elements | wrong).items() if value is not None}

    with pytest.raises(SealscrubError, match=said):
        Plan.from_dict({"version": 1, "tables": {"lists": {"source": "lists", "elements": elements}}})


def test_an_edit_of_the_part_is_refused_since_the_elements_that_stay_could_not_be_checked_again() -> None:
    more: dict[str, Any] = {"keys": {"arrest_number": "arrest"}}
    more |= {"on_match": "null", "null": ["county", "arrest"], "accept_null": "none"}
    table = frame([("KINGS", (4,)), ("ERIE", (4,))], "list").with_columns(arrest=pl.Series(["K14612345", "M14000017"]))

    with pytest.raises(ConfigError, match=r"county\+cases"):
        plan_of("list", "empty", **more).scrub({"lists": table}, index())


def test_a_part_is_accounted_for_and_is_neither_derived_nor_emptied() -> None:
    table = frame([("KINGS", (4,))], "list")

    assert plan_of("list", "empty", independent={"at": "the order"}).check({"lists": table}).exit_code == 0
    with pytest.raises(ConfigError, match="county"):
        plan_of("list", "empty", columns={"county": "null"})


def test_pandas_with_categories_of_counties() -> None:
    table = frame([("KINGS", (1, 4)), ("ERIE", (1,))], "list").to_pandas()
    table["county"] = pd.Categorical(table["county"])

    clean = plan_of("list", "drop").scrub({"lists": table}, index())["lists"]

    assert [list(cases) for cases in clean["cases"]] == [["4"], ["000001"]]


def test_the_support_of_an_edge() -> None:
    table = frame([("KINGS", (1, 4)), ("KINGS", (2,)), ("ERIE", (1,))], "list").with_columns(n=pl.Series([2, 1, 1]))
    edges = {
        "support": "cases",
        "scheme": "elements_action",
        "columns": {"elements_county": "county"},
        "count": "n",
    }
    plan = Plan.from_dict({"version": 1, "tables": {"lists": {"source": "lists", "edges": edges}}})

    clean = plan.scrub({"lists": table}, index())["lists"]

    assert clean["cases"].to_list() == [["4"], ["000001"]]
    assert clean["n"].to_list() == [1, 1]
