"""Scan: what it counts, what it says, and that it changes nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

import sealscrub as ss
from sealscrub.datasets import example_index, make_city
from sealscrub.errors import ColumnError, ConfigError, UnreadableInput, UnsuitableIndex, UsageError, WrongColumnError
from sealscrub.matching import Policy
from sealscrub.transforms.scrub_report_values import Verdict

from .arrests import ANY, CLEAR, LENIENT, NULLS, ON, SEALED, WITHHELD, Arrest, arrests, arrow, index, many

CANARY = "CANARY-41c7"


@settings(max_examples=40, deadline=None)
@given(arrests(ANY))
def test_every_row_is_counted_as_what_it_is(rows: list[Arrest]) -> None:
    report = ss.scan(arrow(rows), index(), ON, policy=LENIENT, positions=True)
    kinds = Counter(row.kind for row in rows)
    (table,) = report.tables
    (key,) = table.keys
    counted = (key.sealed, key.withheld, key.null, key.near, key.unparsable)
    assert counted == tuple(kinds[kind] for kind in ("sealed", "withheld", "null", "near", "unparsable"))
    assert (table.rows, key.rows, table.removed) == (len(rows), len(rows), 0)
    assert table.positions == tuple(at for at, row in enumerate(rows) if row.barred)
    assert report.found == any(row.barred for row in rows)
    assert report.complete == (not kinds["near"] and not kinds["unparsable"])
    if report.found:
        assert report.verdict is Verdict.FOUND
    else:
        assert report.verdict is (Verdict.CLEAN if report.complete else Verdict.INCOMPLETE)


@settings(max_examples=15, deadline=None)
@given(arrests(ANY))
def test_a_file_is_scanned_as_the_frame_that_it_holds(tmp_path_factory: Any, rows: list[Arrest]) -> None:
    folder = tmp_path_factory.mktemp("scan")
    pq.write_table(arrow(rows), folder / "data.parquet", row_group_size=3)
    pl.DataFrame(arrow(rows)).write_csv(folder / "data.csv", quote_style="non_numeric")
    expected = ss.scan(arrow(rows), index(), ON, policy=LENIENT, name="data.parquet", positions=True)
    assert ss.scan(folder / "data.parquet", index(), ON, policy=LENIENT, positions=True) == expected
    (text,) = ss.scan(folder / "data.csv", index(), ON, policy=LENIENT).tables
    assert text.keys == expected.tables[0].keys


def test_scan_writes_nothing_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"arrest_no": many(9)}), path)
    before = path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir())
    assert ss.scan(path, index(), ON, policy=NULLS).found
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before


def test_rows_match_by_any_of_several_key_columns() -> None:
    both = example_index({"arrest_number": SEALED[:1], "opaque:compas": ["77"]})
    data = pl.DataFrame({"arrest_no": [SEALED[0], CLEAR[0], SEALED[0], CLEAR[1]], "compas": ["77", "77", "1", "2"]})
    on = {"arrest_number": "arrest_no", "opaque:compas": "compas"}
    report = ss.scan(data, both, on, positions=True, policy=NULLS)
    assert report.tables[0].positions == (0, 1, 2)
    assert [(key.scheme, key.sealed) for key in report.tables[0].keys] == [("arrest_number", 2), ("opaque:compas", 2)]
    assert ss.scrub(data, both, on, policy=NULLS).rows() == [(CLEAR[1], "2")]


def test_one_scheme_can_have_several_columns() -> None:
    data = pl.DataFrame({"this": [CLEAR[0], SEALED[0], CLEAR[1]], "that": [SEALED[1], CLEAR[2], CLEAR[3]]})
    report = ss.scan(data, index(), {"arrest_number": ["this", "that"]}, positions=True, policy=NULLS)
    assert report.tables[0].positions == (0, 1)


def test_withheld_records_are_found_unless_they_are_allowed() -> None:
    data = pl.DataFrame({"arrest_no": [WITHHELD[0], CLEAR[0]]})
    assert ss.scan(data, index(), ON, policy=NULLS).found
    allowed = ss.scan(data, index(), ON, policy=Policy(allow="withheld", accept="null"))
    assert allowed.clean
    assert allowed.tables[0].keys[0].withheld == 1
    assert allowed.allowed == ("withheld",)


def test_accepted_keys_are_counted_and_named() -> None:
    data = pl.DataFrame({"arrest_no": [CLEAR[0], "K1460000O", "nothing like it"]})
    near = ss.scan(data, index(), ON, policy=Policy(accept="near,null", max_unparsable=1))
    assert not near.complete
    both = ss.scan(data, index(), ON, policy=Policy(accept="near,unparsable,null", max_unparsable=1))
    assert both.clean
    assert both.accepted == ("near", "null", "unparsable")
    assert (both.tables[0].keys[0].near, both.tables[0].keys[0].unparsable) == (1, 1)


@pytest.mark.parametrize("limit", [0.05, 0.5])
def test_a_column_that_mostly_does_not_parse_is_the_wrong_one(limit: float) -> None:
    bad = int(100 * limit)
    policy = Policy(max_unparsable=limit, accept="unparsable,null")
    at_limit = [CLEAR[0]] * (100 - bad) + [CANARY] * bad
    assert ss.scan(pl.DataFrame({"arrest_no": at_limit}), index(), ON, policy=policy).complete
    beyond = [CLEAR[0]] * (99 - bad) + [CANARY] * (bad + 1)
    with pytest.raises(WrongColumnError, match="arrest_no") as caught:
        ss.scan(pl.DataFrame({"arrest_no": beyond}), index(), ON, policy=policy)
    assert CANARY not in repr(caught.value) + str(caught.value)
    assert f"the limit is {bad}%" in str(caught.value)
    assert "apostrophe" in caught.value.hint


@pytest.mark.parametrize(
    ("on", "error"),
    [
        ({}, ConfigError),
        ({"arrest_number": "arest_no"}, ColumnError),
        ({"opaque:other": "arrest_no"}, UnsuitableIndex),
        ({"nysid": "arrest_no"}, ss.errors.SchemeError),
        (["arrest_number"], ConfigError),
    ],
)
def test_key_columns_that_cannot_be(on: Any, error: type[Exception], tmp_path: Path) -> None:
    table = pa.table({"arrest_no": many(4)})
    pq.write_table(table, tmp_path / "data.parquet")
    for data in (table, tmp_path / "data.parquet"):
        with pytest.raises(error):
            ss.scan(data, index(), on, policy=NULLS)


def test_the_nearest_column_is_suggested() -> None:
    with pytest.raises(ColumnError, match="arrest_no") as caught:
        ss.scan(pl.DataFrame({"arrest_no": CLEAR}), index(), {"arrest_number": "arrest_nr"}, policy=NULLS)
    assert "did you mean" in caught.value.hint.lower()


def test_an_index_for_another_use_checks_nothing() -> None:
    with pytest.raises(UnsuitableIndex):
        ss.scan(pl.DataFrame({"arrest_no": CLEAR}), index(), ON, use="inference_input", policy=NULLS)


@pytest.mark.parametrize("data", [[], [1, 2], {"arrest_no": CLEAR}, 5, None, [pl.DataFrame()]])
def test_what_is_no_table_is_refused(data: Any) -> None:
    with pytest.raises(UsageError):
        ss.scan(data, index(), ON, policy=NULLS)


def test_rows_without_a_key_are_not_checked_and_no_rows_are_clean() -> None:
    data = pl.DataFrame({"arrest_no": [None, "", "UNKNOWN"]}, schema={"arrest_no": pl.String})
    report = ss.scan(data, index(), ON)
    assert (report.exit_code, report.tables[0].reach) == (3, 0.0)
    assert "3 of 3 rows have no key" in report.problems[0]
    accepted = ss.scan(data, index(), ON, policy=NULLS)
    assert accepted.clean
    assert accepted.warnings
    empty = ss.scan(data.clear(), index(), ON)
    assert empty.clean
    assert (empty.tables[0].rows, empty.tables[0].reach) == (0, 1.0)


def test_a_lazy_query_that_fails_does_not_show_the_value() -> None:
    broken = pl.LazyFrame({"arrest_no": [CANARY]}).with_columns(pl.col("arrest_no").cast(pl.Int64).cast(pl.String))
    for verb in (ss.scan, ss.scrub):
        with pytest.raises(UnreadableInput) as caught:
            verb(broken, index(), ON)
        assert CANARY not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_positions_in_text_files_are_refused_and_not_forgotten(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("arrest_no\n" + "\n".join(many(5)) + "\n")
    with pytest.raises(UsageError, match="positions"):
        ss.scan(tmp_path / "data.csv", index(), ON, positions=True, policy=NULLS)
    with pytest.raises(UsageError, match="positions"):
        ss.scrub(tmp_path / "data.csv", index(), ON, positions=True, output=tmp_path / "out.csv", policy=NULLS)
    assert not (tmp_path / "out.csv").exists()


def test_a_city_is_scanned_to_its_truth() -> None:
    city = make_city(arrests=1500, seed=5)
    truth = city.truth
    sealed = truth.arrests.filter(status="sealed")["arrest_number"].drop_nulls().unique().to_list()
    withheld = truth.arrests.filter(status="withheld")["arrest_number"].drop_nulls().unique().to_list()
    knowing = example_index(sealed, withheld=withheld)
    for table in ("arrests", "stops", "charges"):
        report = ss.scan(
            city.tables[table], knowing, {"arrest_number": "arrest_number"}, policy=LENIENT, positions=True
        )
        mess = truth.spellings.filter(pl.col("kind") != "spelling", table=table, column="arrest_number")
        barred = truth.sealed_rows(table, status=("sealed", "withheld")).arg_true().to_list()
        expected = sorted(set(barred) - set(mess["row"]))
        assert expected
        assert list(report.tables[0].positions or ()) == expected
        assert report.tables[0].keys[0].near == mess.filter(kind="typo").height
