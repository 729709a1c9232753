"""Values of a key column that do not parse are swept as any other column is: accepting them does not hide an id."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import SealedElsewhere, UncheckedKeys, UsageError
from sealscrub.index import open_index
from sealscrub.matching import TableMatcher, parse_on
from sealscrub.transforms.sklearn import SealedRowDropper
from sealscrub.transforms.worker_judge import WorkerJudge

from .arrests import CLEAR, ON, SEALED, index

ACCEPTED = ss.Policy(accept={"unparsable", "null"}, max_unparsable=1)
LISTED = f"{CLEAR[0]}; {SEALED[0]}"


def as_csv(rows: pl.DataFrame, folder: Path) -> Any:
    rows.write_csv(folder / "data.csv")
    return folder / "data.csv"


def as_parquet(rows: pl.DataFrame, folder: Path) -> Any:
    rows.write_parquet(folder / "data.parquet")
    return folder / "data.parquet"


def as_lines(rows: pl.DataFrame, folder: Path) -> Any:
    rows.write_ndjson(folder / "data.jsonl")
    return folder / "data.jsonl"


def as_objects(rows: pl.DataFrame, folder: Path) -> Any:
    return pd.DataFrame({name: pd.Series(rows[name].to_list(), dtype=object) for name in rows.columns})


def as_levels(rows: pl.DataFrame, folder: Path) -> Any:
    return rows.to_pandas().astype({"arrest_no": "category"})


MADE: dict[str, Callable[[pl.DataFrame, Path], Any]] = {
    "polars": lambda rows, folder: rows,
    "lazy": lambda rows, folder: rows.lazy(),
    "pandas": lambda rows, folder: rows.to_pandas(),
    "objects": as_objects,
    "categories": as_levels,
    "arrow": lambda rows, folder: rows.to_arrow(),
    "csv": as_csv,
    "parquet": as_parquet,
    "jsonl": as_lines,
}


def places(report: Any) -> list[tuple[str, int]]:
    return [(each.place, each.found) for table in report.tables for each in table.elsewhere]


@pytest.mark.parametrize("made", MADE)
def test_accepted_values_are_swept(made: str, tmp_path: Path) -> None:
    rows = pl.DataFrame({"arrest_no": [*CLEAR[:3], LISTED, None, "not known"], "n": range(6)})
    data = MADE[made](rows, tmp_path)

    report = ss.scan(data, index(), ON, policy=ACCEPTED)
    assert places(report) == [("arrest_no", 1)]
    assert report.exit_code == 1
    output = {"output": tmp_path / "out.parquet"} if isinstance(data, Path) and made == "parquet" else {}
    output = {"output": tmp_path / f"out{data.suffix}"} if isinstance(data, Path) else output
    with pytest.raises(SealedElsewhere, match="arrest_no") as refused:
        ss.scrub(data, index(), ON, policy=ACCEPTED, **output)
    assert "quarantine" in refused.value.hint
    assert SEALED[0] not in f"{refused.value}{refused.value.hint}{report.text()}{report.to_json()}"
    clear = MADE[made](rows.with_columns(pl.col("arrest_no").str.replace(SEALED[0], CLEAR[5])), tmp_path)
    assert places(ss.scan(clear, index(), ON, policy=ACCEPTED)) == []


VALUES = [
    *SEALED[:2], *CLEAR[:2], None, "not known", LISTED, f"{SEALED[1]}, {CLEAR[1]}", f"see {SEALED[2]}.",
    json.dumps([CLEAR[0], SEALED[0]]), f"{CLEAR[0]} {CLEAR[1]}",
]  # fmt: skip


def outcome(data: pl.DataFrame) -> Any:
    try:
        return ss.scrub(data, index(), ON, policy=ACCEPTED).to_dicts()
    except SealedElsewhere as error:
        return str(error), error.hint, error.report.tables[0].elsewhere


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from([None, "theft", SEALED[0]])), max_size=10))
def test_only_what_stays_decides(drawn: list[tuple[str | None, str | None]]) -> None:
    data = pl.DataFrame(drawn, schema={"arrest_no": pl.String, "note": pl.String}, orient="row")
    stays = data.filter(~pl.col("arrest_no").is_in(SEALED).fill_null(False))
    named = any(id in (value or "") for value in [*stays["arrest_no"], *stays["note"]] for id in SEALED)
    assert outcome(data) == outcome(stays)
    assert isinstance(outcome(data), tuple) == named


def test_rows_that_are_set_aside_or_removed_are_not_swept() -> None:
    data = pl.DataFrame({"arrest_no": [*CLEAR[:3], LISTED], "other": [None, None, None, SEALED[1]]})
    both = {"arrest_number": ["arrest_no", "other"]}
    assert places(ss.scan(data, index(), both, policy=ACCEPTED)) == []
    aside = ss.Policy(quarantine=True, max_unparsable=1)
    assert places(ss.scan(data.drop("other"), index(), ON, policy=aside)) == []
    with pytest.raises(UncheckedKeys):
        ss.scrub(data.drop("other"), index(), ON, policy=ss.Policy(max_unparsable=1))


@pytest.mark.parametrize("day", [None, "no day", f"2014-01-15, see {SEALED[0]}"])
@pytest.mark.parametrize("nysid", [None, "unknown to us", f"{SEALED[1]}"])
def test_parts_of_a_key_are_swept_where_a_row_does_not_have_all(nysid: str | None, day: str | None) -> None:
    both = example_index({"arrest_number": SEALED, "person_arrest": ["01234567Q@2014-01-15"]})
    data = pl.DataFrame({"nysid": ["01234568K", nysid], "day": ["2014-01-15", day]})
    policy = ss.Policy(accept={"unparsable", "null"}, max_unparsable=1, min_coverage=0)
    report = ss.scan(data, both, {"person_arrest": "nysid+day"}, policy=policy)
    held = [name for name, value in (("nysid", nysid), ("day", day)) if value is not None and "K14" in value]
    assert [each.place for each in report.tables[0].elsewhere if each.found] == held


def test_a_value_that_parses_under_one_of_two_keys_is_not_swept() -> None:
    two = example_index({"arrest_number": SEALED, "voucher": ["1001234567"]})
    data = pl.DataFrame({"id": [CLEAR[0], "1001234568", LISTED]})
    policy = ss.Policy(accept={"unparsable"}, max_unparsable=1)
    report = ss.scan(data, two, {"arrest_number": "id", "voucher": "id"}, policy=policy)
    assert places(report) == [("id", 1)]


@pytest.mark.parametrize("link", [False, True])
def test_in_a_plan(link: bool, tmp_path: Path) -> None:
    rows = pl.DataFrame({"arrest_no": [*CLEAR[:3], SEALED[1], LISTED], "n": range(5)})
    tables: dict[str, Any] = {"arrests": {"source": "arrests.csv", "keys": ON, "independent": "as booked"}}
    rows.write_csv(tmp_path / "arrests.csv")
    if link:
        tables["charges"] = {"source": "charges.csv", "link": {"arrest_no": "arrests.arrest_no"}}
        pl.DataFrame({"arrest_no": [CLEAR[0], SEALED[1]], "law": ["a", "b"]}).write_csv(tmp_path / "charges.csv")
    plan = ss.Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path)
    report = plan.scan(index=index(), policy=ACCEPTED)
    assert [(each.place, each.found) for each in report.tables[0].elsewhere] == [("arrest_no", 1)]
    with pytest.raises(SealedElsewhere, match="arrest_no"):
        plan.scrub(index=index(), policy=ACCEPTED, output=tmp_path / "clean")


@pytest.mark.parametrize("sealed", [False, True])
def test_elements_that_do_not_parse_are_swept_in_a_plan(sealed: bool) -> None:
    listed = LISTED if sealed else f"{CLEAR[0]}; {CLEAR[1]}"
    data = pl.DataFrame({"arrest_no": CLEAR[:2], "hits": [[CLEAR[2], SEALED[1]], [CLEAR[3], listed]]})
    table = {"source": "arrests", "keys": ON, "elements": [{"column": "hits", "scheme": "arrest_number"}]}
    plan = ss.Plan.from_dict({"version": 1, "tables": {"arrests": table}})
    report = plan.scan({"arrests": data}, index(), policy=ACCEPTED)
    assert places(report) == ([("hits[]", 1)] if sealed else [])


@pytest.mark.parametrize("beside", [False, True])
def test_in_an_estimator(beside: bool) -> None:
    keys = pd.DataFrame({"arrest_no": [*CLEAR[:2], SEALED[1], LISTED]})
    rows = pd.DataFrame({"n": [1.0, 2.0, 3.0, 4.0]})
    dropper = SealedRowDropper(index(), ON, policy=ACCEPTED)
    given_rows = rows if beside else rows.join(keys)
    given_keys = {"key": keys} if beside else {}
    with pytest.raises(SealedElsewhere, match="arrest_no"):
        dropper.fit_resample(given_rows, **given_keys)


def test_a_worker_says_which_rows_stay_and_have_a_value_that_does_not_parse(tmp_path: Path) -> None:
    known = open_index(*_published(tmp_path))
    judge = WorkerJudge.of(TableMatcher(known, parse_on(ON), ACCEPTED), "UTC")
    stays = pickle.loads(pickle.dumps(partial(judge.stays_unparsed, "arrest_no")))
    values = [CLEAR[0], SEALED[1], LISTED, None, "not known"]
    assert stays([pa.array(values)]).tolist() == [False, False, True, False, True]


def _published(folder: Path) -> tuple[Path, Path]:
    example_index(SEALED, folder=folder)
    return folder / "example.sealindex", folder / "example.key"


def test_a_key_column_of_another_type_is_refused_as_before() -> None:
    with pytest.raises(UsageError):
        ss.scan(pl.DataFrame({"arrest_no": [[CLEAR[0]]]}), index(), ON, policy=ACCEPTED)
