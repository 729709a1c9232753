"""Each expectation of ours: when it holds, when it does not, and when it says that it could not be checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.index import Index

from .conftest import CLEAN, SEALED, WITHHELD, arrests

ON = {"arrest_number": "arrest_no"}


def run(expectation: Any, data: Any, index: Index | None = None, **options: Any) -> Any:
    from sealscrub.gx import run_suite

    return run_suite([expectation], data, index=index, **options).results[0]


def no_sealed(**options: Any) -> Any:
    from sealscrub.gx import ExpectNoSealedRecords

    return ExpectNoSealedRecords(on=ON, **options)


def elements(**options: Any) -> Any:
    from sealscrub.gx import ExpectNoSealedElements

    return ExpectNoSealedElements(**options)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([*CLEAN[:8], SEALED, WITHHELD, "K14O18O39", None]), min_size=1, max_size=12))
def test_the_verdict_is_that_of_a_scan(numbers: list[str | None]) -> None:
    index = example_index([SEALED], withheld=[WITHHELD])
    data = pd.DataFrame({"arrest_no": pd.Series(numbers, dtype="str")})
    policy = ss.Policy(max_unparsable=1)

    report = ss.scan(data, index, ON, policy=policy)

    assert run(no_sealed(max_unparsable=1), data, index).verdict == report.verdict


@pytest.mark.parametrize(
    ("special", "options", "verdict", "findings"),
    [
        ([], {}, "clean", ()),
        ([SEALED], {}, "found", ("sealed or withheld",)),
        ([WITHHELD], {}, "found", ("sealed or withheld",)),
        ([WITHHELD], {"allow": ["withheld"]}, "clean", ()),
        (["K14O18O39"], {}, "incomplete", ("unchecked keys",)),
        (["K14O18O39"], {"accept": ["near"]}, "clean", ()),
        (["K14O18O39", SEALED], {}, "found", ("sealed or withheld", "unchecked keys")),
        ([], {"use": "aggregate_report"}, "incomplete", ("UnsuitableIndex",)),
        ([], {"min_coverage": 3.0}, "incomplete", ("ConfigError",)),
    ],
)
def test_records(
    special: list[str], options: dict[str, Any], verdict: str, findings: tuple[str, ...], index: Index
) -> None:
    result = run(no_sealed(**options), arrests(*special), index)

    assert (result.verdict, result.findings) == (verdict, findings)


@pytest.mark.parametrize(
    ("options", "verdict", "findings"),
    [
        ({}, "found", ("sealed in another column",)),
        ({"sweep": False}, "clean", ("not compared: other columns",)),
        ({"leave": {"note": "read by hand"}}, "clean", ("not compared: note",)),
    ],
)
def test_what_was_not_compared_stands_in_the_result(
    options: dict[str, Any], verdict: str, findings: tuple[str, ...], index: Index
) -> None:
    data = arrests().assign(note=f"see {SEALED}.")

    result = run(no_sealed(**options), data, index)

    assert (result.verdict, result.findings) == (verdict, findings)
    if options:  # whatever the column holds
        plain = run(no_sealed(**options), data.assign(note="none"), index)
        assert (plain.verdict, plain.findings) == (verdict, findings)


def test_values_of_a_key_column_that_do_not_parse_are_swept(index: Index) -> None:
    listed = [f"{CLEAN[0]}; {SEALED}"]
    accepted = {"accept": ["unparsable"], "max_unparsable": 1}

    result = run(no_sealed(**accepted), arrests(*listed), index)

    assert (result.verdict, result.findings) == ("found", ("sealed in another column",))
    assert run(no_sealed(**accepted), arrests("no number"), index).verdict == "clean"


def test_a_wrong_column_and_one_that_is_absent_are_not_clean(index: Index) -> None:
    from sealscrub.gx import ExpectNoSealedRecords

    wrong = run(ExpectNoSealedRecords(on={"arrest_number": "precinct"}), arrests(), index)
    absent = run(ExpectNoSealedRecords(on={"arrest_number": "nothing"}), arrests(), index)
    empty = run(no_sealed(), arrests().head(0), index)
    without = run(no_sealed(), arrests().head(2).assign(arrest_no=None), index)

    assert (wrong.verdict, wrong.findings[0]) == ("incomplete", "wrong column")
    assert (absent.verdict, absent.findings) == ("incomplete", ("ColumnError",))
    assert (empty.verdict, empty.findings) == ("clean", ())
    assert (without.verdict, without.findings) == ("incomplete", ("unchecked keys",))


def test_low_coverage_is_not_clean() -> None:
    index = example_index({"arrest_number": [SEALED], "docket": ["CR-001234-15KN"] * 1})
    numbers = ["CR-001235-15KN", "CR-001236-15KN"]
    from sealscrub.gx import ExpectNoSealedRecords

    result = run(ExpectNoSealedRecords(on={"docket": "docket"}), pd.DataFrame({"docket": numbers}), index)

    assert (result.verdict, result.findings) == ("incomplete", ("low coverage",))


@pytest.mark.parametrize(
    ("values", "options", "verdict"),
    [
        ([[CLEAN[0]], [CLEAN[1], SEALED]], {}, "found"),
        ([[CLEAN[0]], []], {}, "clean"),
        ([[CLEAN[0]], None], {}, "clean"),
        (['["M14000001", "K14618033"]', "[]"], {}, "found"),
        (['["M14000001"]', None], {}, "clean"),
        (['[{"id": "K14618033"}]'], {"field": "id"}, "found"),
        (["M14000001; K14618033", ""], {"separator": ";"}, "found"),
        (["M14000001;M14000002", ""], {"separator": ";"}, "clean"),
        ([None, None], {}, "clean"),
        (["no list"], {}, "incomplete"),
        ([1, 2], {}, "incomplete"),
    ],
)
def test_elements(values: list[Any], options: dict[str, Any], verdict: str, index: Index) -> None:
    data = pd.DataFrame({"suspects": values})

    assert run(elements(column="suspects", scheme="arrest_number", **options), data, index).verdict == verdict


@pytest.mark.parametrize(
    ("texts", "verdict"),
    [
        (["Nothing here.", None], "clean"),
        (["Arrest k14-618 033 of May.", None], "found"),
        ([1, 2], "incomplete"),
        ([None, None], "clean"),
    ],
)
def test_texts(texts: list[Any], verdict: str, index: Index) -> None:
    assert run(elements(column="notes", text=True), pd.DataFrame({"notes": texts}), index).verdict == verdict


def test_elements_need_a_scheme_of_one_value(index: Index) -> None:
    data = pd.DataFrame({"suspects": [[SEALED]]})

    for scheme in (None, "nysid", "person_arrest"):
        assert run(elements(column="suspects", scheme=scheme), data, index).findings == ("ConfigError",)


@pytest.mark.parametrize(
    ("numbers", "share", "findings"),
    [
        (CLEAN, 1.0, ()),
        ([*CLEAN, SEALED], 1.0, ()),
        ([*CLEAN[:19], "wrong"], 0.95, ()),
        ([*CLEAN[:18], "wrong", "wrong"], 0.95, ("wrong column",)),
        ([*CLEAN[:19], None, "wrong"], 0.95, ()),
        ([None, None], 0.0, ("no keys",)),
        ([], 0.95, ("no keys",)),
    ],
)
def test_the_share_of_keys_that_parse(numbers: list[Any], share: float, findings: tuple[str, ...]) -> None:
    from sealscrub.gx import ExpectKeysParsable

    data = pd.DataFrame({"arrest_no": pd.Series(numbers, dtype="str")})

    assert run(ExpectKeysParsable(on=ON, min_share=share), data).findings == findings


def test_composite_keys_parse(index: Index) -> None:
    from sealscrub.gx import ExpectKeysParsable

    data = pd.DataFrame({"nysid": ["07654321L", "bad"], "day": ["2015-03-02", "2015-03-02"]})
    half = ExpectKeysParsable(on={"person_arrest": "nysid+day"}, min_share=0.5)

    assert run(half, data).verdict == "clean"
    assert run(half.copy(update={"min_share": 0.6}), data).verdict == "found"


def test_an_index_that_is_not_fresh(index: Index) -> None:
    from sealscrub.gx import ExpectIndexFresh

    for options, findings in (
        ({}, ()),
        ({"max_age_days": 0, "min_epoch": 1}, ()),
        ({"min_epoch": 2}, ("old epoch",)),
        ({"use": "aggregate_report"}, ("UnsuitableIndex",)),
        ({"max_age_days": -1}, ("ConfigError",)),
    ):
        assert run(ExpectIndexFresh(**options), arrests(), index).findings == findings


PLAN = """
version = 1
tables.arrests = { source = "arrests.parquet", keys = { arrest_number = "arrest_no" } }
[tables.people]
source = "people.parquet"
orphan_of = { person = "arrests.person" }
derived.arrests = { sql = "select count(*) from arrests a where a.person = this.person", reproduces = 0.5 }
[tables.summary]
source = "summary.parquet"
derived_from = { sql = "select person, count(*) as n from arrests group by person" }
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "plan.toml").write_text(PLAN)
    pl.DataFrame({"arrest_no": CLEAN[:3], "person": [1, 1, 2]}).write_parquet(tmp_path / "arrests.parquet")
    pl.DataFrame({"person": [1, 2], "arrests": [2, 1]}).write_parquet(tmp_path / "people.parquet")
    pl.DataFrame({"person": [1, 2], "n": [2, 1]}).write_parquet(tmp_path / "summary.parquet")
    return tmp_path / "plan.toml"


@pytest.mark.parametrize(
    ("table", "column", "values", "findings"),
    [
        ("people", "arrests", [2, 1], ()),
        ("people", "arrests", [2, 7], ()),
        ("people", "arrests", [3, 7], ("not reproduced",)),
        ("summary", None, [2, 1], ()),
        ("summary", None, [2, 2], ("not reproduced",)),
        ("people", None, [2, 1], ("ConfigError",)),
        ("people", "priors", [2, 1], ("ConfigError",)),
        ("nobody", "arrests", [2, 1], ("ConfigError",)),
    ],
)
def test_recipes_are_tried_on_the_batch(
    table: str, column: str | None, values: list[int], findings: tuple[str, ...], plan: Path
) -> None:
    from sealscrub.gx import ExpectDerivedColumnReproducible

    expectation = ExpectDerivedColumnReproducible(plan=str(plan), table=table, column=column)
    data = pd.DataFrame({"person": [1, 2], "arrests" if table == "people" else "n": np.array(values)})

    assert run(expectation, data).findings == findings


def test_a_suite_cannot_allow_code_to_a_plan(plan: Path) -> None:
    from sealscrub.gx import ExpectDerivedColumnReproducible

    plan.write_text(
        PLAN.replace(
            """{ sql = "select count(*) from arrests a where a.person = this.person", """,
            """{ python = "this_code:f", reads = ["arrests"], """,
        )
    )
    expectation = ExpectDerivedColumnReproducible(plan=str(plan), table="people", column="arrests")

    assert run(expectation, pd.DataFrame({"person": [1], "arrests": [2]})).findings == ("ConfigError",)


def test_no_index_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEALSCRUB_INDEX", raising=False)
    result = run(no_sealed(), arrests())

    assert (result.verdict, result.findings) == ("incomplete", (ConfigError.__name__,))


def test_the_index_comes_from_the_environment(folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEALSCRUB_INDEX", str(folder / "example.sealindex"))
    monkeypatch.setenv("SEALSCRUB_KEY_FILE", str(folder / "example.key"))

    assert run(no_sealed(), arrests(SEALED)).verdict == "found"
    assert run(no_sealed(), arrests()).index["index"] == index.id
    monkeypatch.setenv("SEALSCRUB_INDEX", str(folder / "nothing"))
    assert run(no_sealed(), arrests()).verdict == "incomplete"
