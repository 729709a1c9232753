"""What names a key column, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.errors import ColumnError, ConfigError, SchemeError, Spelled
from sealscrub.matching import KeyColumn, Policy, parse_on

ARREST = KeyColumn("arrest_number", ("Arrest Id",))


@pytest.mark.parametrize(
    "on",
    [
        {"arrest_number": "Arrest Id"},
        {"arrest_number": ["Arrest Id"]},
        ["arrest_number=Arrest Id"],
        ("arrest_number=Arrest Id",),
        "arrest_number=Arrest Id",
        [" arrest_number =Arrest Id"],
        ["arrest_number=Arrest Id"] * 2,
        {"arrest_number": ["Arrest Id", "Arrest Id"]},
        iter(["arrest_number=Arrest Id"]),
    ],
)
def test_every_way_to_name_a_column(on: Any) -> None:
    assert parse_on(on) == (ARREST,)
    assert ARREST.label == "Arrest Id"


def test_several_columns_and_schemes_keep_their_order() -> None:
    keys = parse_on(["docket=A", "arrest_number=B", "docket=C", "opaque:compas=D", "person_arrest=NYSID+DATE"])
    assert [(key.scheme, key.label) for key in keys] == [
        ("docket", "A"),
        ("arrest_number", "B"),
        ("docket", "C"),
        ("opaque:compas", "D"),
        ("person_arrest", "NYSID+DATE"),
    ]
    assert keys[-1].columns == ("NYSID", "DATE")


def test_an_alias_is_its_scheme() -> None:
    assert parse_on(["obts_number=A", "cjtn=A"]) == (KeyColumn("cjtn", ("A",)),)


def test_a_column_s_name_is_taken_as_it_is() -> None:
    assert [key.label for key in parse_on(["docket= A=B ", "docket=A+B"])] == [" A=B ", "A+B"]


@pytest.mark.parametrize(
    ("scheme", "instead"),
    [("nysid", "person_arrest"), ("complaint", "arrest_number"), ("indictment_case", "indictment")],
)
def test_who_or_what_has_other_records_is_refused_with_a_way_out(scheme: str, instead: str) -> None:
    for on in ({scheme: "A"}, [f"{scheme}=A"]):
        with pytest.raises(SchemeError) as refused:
            parse_on(on)
        assert instead in refused.value.hint


def test_an_unknown_scheme_gets_the_nearest() -> None:
    with pytest.raises(SchemeError) as refused:
        parse_on({"arest_number": "A"})
    assert "arrest_number" in refused.value.hint


@pytest.mark.parametrize("on", [["Arrest #=arrest_number"], {"Arrest #": "arrest_number"}])
def test_a_scheme_and_a_column_that_are_swapped_are_put_right(on: Any) -> None:
    with pytest.raises(SchemeError, match="unknown scheme 'Arrest #'") as refused:
        parse_on(on)
    assert refused.value.hint == "the scheme comes first: on={'arrest_number': 'Arrest #'}."
    assert Spelled.in_shell(refused.value.hint) == "the scheme comes first: --on 'arrest_number=Arrest #'."


@pytest.mark.parametrize("on", [{}, [], (), {"docket": []}])
def test_no_key_column_would_check_nothing(on: Any) -> None:
    with pytest.raises(ConfigError, match="nothing would be checked"):
        parse_on(on)


@pytest.mark.parametrize(
    "on",
    [
        ["docket"],
        ["=A"],
        ["docket="],
        [""],
        [" = "],
        {"docket": ""},
        {"docket": 5},
        {"docket": [5]},
        {5: "A"},
        [5],
        5,
        None,
        ["person_arrest=NYSID"],
        ["person_arrest=NYSID+"],
        ["person_arrest=A+B+C"],
        {"person_arrest": ["NYSID", "DATE"]},
    ],
    ids=repr,
)
def test_what_names_no_column_is_refused(on: Any) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_on(on)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("named", "columns", "suggested"),
    [
        ("ARREST_ID", ["Arrest Id", "Date"], "'Arrest Id'"),
        ("INMATEID", ["ï..INMATEID", "RACE"], "'ï..INMATEID'"),
        ("arrest_no", ["ARREST_NO", "ARREST_DT"], "'ARREST_NO'"),
        ("id", [], ""),
    ],
)
def test_an_absent_column_gets_the_nearest(named: str, columns: list[str], suggested: str) -> None:
    with pytest.raises(ColumnError, match="there is no column") as refused:
        parse_on({"arrest_number": named}, columns, where="data.csv")
    assert suggested in refused.value.hint
    assert refused.value.where == "data.csv"


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ColumnError, match="columns 1 and 3"):
        parse_on({"docket": "A"}, ["A", "B", "A"])
    assert parse_on({"docket": "A"}, ["A", "B", "B"])


def test_each_column_of_a_composite_must_be_there() -> None:
    with pytest.raises(ColumnError, match="'DATE'"):
        parse_on({"person_arrest": "NYSID+DATE"}, ["NYSID"])


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"accept": "near,unparsable"}, {"accept": {"near", "unparsable"}}),
        ({"accept": ["near", " unparsable "]}, {"accept": {"near", "unparsable"}}),
        ({"accept": ["near,unparsable"]}, {"accept": {"near", "unparsable"}}),
        ({"accept": ""}, {"accept": set()}),
        ({"allow": "withheld"}, {"allow": {"withheld"}}),
        ({}, {"allow": set(), "accept": set(), "quarantine": False, "min_coverage": 0.95, "max_unparsable": 0.05}),
        ({"min_coverage": 0, "max_unparsable": 1}, {"min_coverage": 0, "max_unparsable": 1}),
    ],
)
def test_a_policy_as_it_is_written(given: dict[str, Any], read: dict[str, Any]) -> None:
    policy = Policy(**given)
    assert {name: getattr(policy, name) for name in read} == read


@pytest.mark.parametrize(
    "given",
    [
        {"accept": "sealed"},
        {"accept": "near;unparsable"},
        {"accept": 5},
        {"accept": None},
        {"allow": "sealed"},
        {"allow": ["withheld", "near"]},
        {"min_coverage": -0.01},
        {"min_coverage": 1.01},
        {"min_coverage": 95},
        {"min_coverage": float("nan")},
        {"min_coverage": "0.9"},
        {"max_unparsable": float("inf")},
        {"max_unparsable": None},
    ],
    ids=repr,
)
def test_a_policy_out_of_range_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Policy(**given)
