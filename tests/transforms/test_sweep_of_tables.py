"""What the sweep changes of scans, scrubs and plans, as a property: the sealed rows have no part in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import ColumnError, ConfigError, SealedElsewhere, Spelled, UncheckedKeys

from .arrests import CLEAR, ON, SEALED, index

NOTES = [None, "", "theft", "see {id}.", "{id}", "{id}; {other}", '["{id}"]', "ARREST NO. {id}", "14-600003"]
IDS = [*SEALED[:3], *CLEAR[:3]]


@st.composite
def rows(draw: st.DrawFn) -> list[tuple[str, str | None]]:
    note = st.builds(
        lambda form, id, other: None if form is None else form.replace("{id}", id).replace("{other}", other),
        st.sampled_from(NOTES),
        st.sampled_from(IDS),
        st.sampled_from(IDS),
    )
    return draw(st.lists(st.tuples(st.sampled_from(IDS), note), max_size=12))


def outcome(data: pl.DataFrame, **options: Any) -> Any:
    """What a scrub gives, or how it ends; the report's places, which are of the rows that stay."""
    try:
        return ss.scrub(data, index(), ON, **({"sweep": True} | options)).to_dicts()
    except SealedElsewhere as error:
        return str(error), error.report.tables[0].elsewhere


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(rows())
def test_a_scrub_ends_as_it_would_without_the_sealed_rows(drawn: list[tuple[str, str | None]]) -> None:
    data = pl.DataFrame(drawn, schema={"arrest_no": pl.String, "note": pl.String}, orient="row")
    stays = data.filter(~pl.col("arrest_no").is_in(SEALED))
    event("refused" if isinstance(outcome(data), tuple) else "written")
    assert outcome(data) == outcome(stays)
    named = stays["note"].fill_null("").str.contains_any(SEALED).any()
    assert isinstance(outcome(data), tuple) == named


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rows())
def test_what_is_written_scans_clean_under_the_same_options(drawn: list[tuple[str, str | None]]) -> None:
    data = pl.DataFrame(drawn, schema={"arrest_no": pl.String, "note": pl.String}, orient="row")
    for options in ({}, {"leave": {"note": "read by hand"}}, {"sweep": False}):
        made = outcome(data, **options)
        if isinstance(made, list):
            again = pl.DataFrame(made, schema=data.schema)
            report = ss.scan(again, index(), ON, **({"sweep": True} | options))
            assert report.clean
            assert outcome(again, **options) == made


def test_every_report_says_that_a_column_was_left_or_that_there_was_no_sweep() -> None:
    for note in ("nothing", f"see {SEALED[0]}"):
        data = pl.DataFrame({"arrest_no": CLEAR[:1], "note": [note]})
        left = ss.scan(data, index(), ON, sweep=True, leave={"note": "read by hand"})
        assert all("note" in said for said in (left.text(), left.to_json(), left.to_sarif(), left.to_junit()))
        assert "SEAL007" in left.to_sarif()
        blind = ss.scan(data, index(), ON, sweep=False)
        assert "not compared with the index" in blind.text()
        assert '"swept": "no"' in blind.to_sarif()
        assert '"swept": "yes"' in left.to_sarif()
        assert 'name="swept" value="no"' in blind.to_junit()


def test_what_travels_is_the_same_whatever_was_swept_without_a_find() -> None:
    one = pl.DataFrame({"arrest_no": CLEAR[:2], "note": ["theft", None]})
    other = pl.DataFrame({"arrest_no": CLEAR[:2], "note": [f"see {CLEAR[3]}", "K14 and 15"]})
    reports = [ss.scan(data, index(), ON, sweep=True) for data in (one, other)]
    assert reports[0].to_sarif() == reports[1].to_sarif()
    assert reports[0].to_junit() == reports[1].to_junit()


@pytest.mark.parametrize(
    ("leave", "error"),
    [
        ({"absent": "because"}, ColumnError),
        ({"note": ""}, ConfigError),
        ({"note": " "}, ConfigError),
        ({"arrest_no": "a key"}, ConfigError),
    ],
)
def test_a_column_is_left_with_a_reason_and_has_to_be_there(leave: dict[str, str], error: type[Exception]) -> None:
    data = pl.DataFrame({"arrest_no": CLEAR[:1], "note": ["a"]})
    with pytest.raises(error):
        ss.scan(data, index(), ON, sweep=True, leave=leave)


def test_a_column_is_left_out_of_a_sweep_only() -> None:
    with pytest.raises(ConfigError, match="only if a sweep is made"):
        ss.scan(pl.DataFrame({"arrest_no": CLEAR[:1], "note": ["a"]}), index(), ON, sweep=False, leave={"note": "why"})


def test_an_index_of_pandas_and_its_names_are_swept() -> None:
    frame = pd.DataFrame({"arrest_no": CLEAR[:2], "n": [1, 2]}, index=[SEALED[0], "x"])
    levels = frame.set_index(pd.MultiIndex.from_tuples([(1, "x"), (2, f"see {SEALED[1]}")]))
    for data in (frame, levels):
        assert [(each.place, each.found) for each in ss.scan(data, index(), ON, sweep=True).tables[0].elsewhere] == [
            ("(index)", 1)
        ]
    named = pd.DataFrame({"arrest_no": CLEAR[:2], SEALED[0]: [1, 2]})
    assert [each.place for each in ss.scan(named, index(), ON, sweep=True).tables[0].elsewhere] == ["(column names)"]
    with pytest.raises(SealedElsewhere, match="column names") as caught:
        ss.scrub(named, index(), ON, sweep=True)
    assert SEALED[0] not in str(caught.value)


NAMED = {
    "of a text": pl.Struct({SEALED[0]: pl.String}),
    "of a number": pl.Struct({"n": pl.Struct({SEALED[0]: pl.Int8})}),
    "of a day": pl.List(pl.Struct({f"arrest {SEALED[0]}": pl.Date})),
    "of nothing": pl.List(pl.Struct({SEALED[0]: pl.Null})),
}


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("rows", [0, 2])
@pytest.mark.parametrize("source", ["polars", "arrow", "duckdb", "a.parquet", "a.arrow"])
def test_the_name_of_a_field_is_found_whatever_the_field_holds(
    kind: str, rows: int, source: str, tmp_path: Path
) -> None:
    facts = pl.Series("facts", [None] * rows, dtype=NAMED[kind])
    frame = pl.DataFrame([pl.Series("arrest_no", CLEAR[:rows], dtype=pl.String), facts])
    data: Any = {"polars": frame, "arrow": frame.to_arrow()}.get(source, tmp_path / source)
    if source == "duckdb":
        if kind == "of nothing":
            pytest.skip("DuckDB has no such type")
        data = duckdb.from_arrow(frame.to_arrow())
    elif source == "a.parquet":
        frame.write_parquet(data)
    elif source == "a.arrow":
        frame.write_ipc(data)
    report = ss.scan(data, index(), ON)
    assert report.exit_code == 1
    assert [each.found for each in report.tables[0].elsewhere] == [1]
    assert ss.scan(data, index(), ON, leave={"facts": "read by hand"}).exit_code == 0


def test_folders_and_files_whose_names_are_ids_are_found(tmp_path: Path) -> None:
    for folder in ("by_case/arrest=B16800001", f"by_case/arrest={SEALED[0]}"):
        (tmp_path / folder).mkdir(parents=True)
        pl.DataFrame({"arrest_no": CLEAR[:2]}).write_parquet(tmp_path / folder / "part.parquet")
    report = ss.scan(tmp_path / "by_case", index(), ON, sweep=True)
    assert [each.place for table in report.tables for each in table.elsewhere] == ["(file name)"]
    assert report.exit_code == 1


@pytest.mark.parametrize("name", [f"arrest={SEALED[0]}/part", f"case={SEALED[0]}/arrest=B16800001/part"])
def test_a_file_named_alone_is_in_the_folders_of_its_partition(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.parquet"
    file.parent.mkdir(parents=True)
    pl.DataFrame({"arrest_no": CLEAR[:2]}).write_parquet(file)
    for source in (file, file.parent):
        report = ss.scan(source, index(), ON)
        assert [each.place for each in report.tables[0].elsewhere] == ["(file name)"]


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
@pytest.mark.parametrize("form", ["arrest={id}/part", "mug_{id}"])
@pytest.mark.parametrize("by", ["scrub", "dry run", "plan"])
@pytest.mark.parametrize("stays", [True, False])
def test_a_file_that_is_left_out_may_have_the_id_of_its_rows_as_name(
    suffix: str, form: str, by: str, stays: bool, tmp_path: Path
) -> None:
    rows = {
        form.replace("{id}", CLEAR[0]): CLEAR[:2],
        form.replace("{id}", SEALED[0]): [*SEALED[:2], *CLEAR[2:3] * stays],
    }
    for name, ids in rows.items():
        file = tmp_path / "in" / f"{name}{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        frame = pl.DataFrame({"arrest_no": ids})
        {".csv": frame.write_csv, ".jsonl": frame.write_ndjson}.get(suffix, frame.write_parquet)(file)
    source, output = tmp_path / "in", tmp_path / "out"
    tables = {"arrests": {"source": "in", "keys": ON, "independent": "as booked"}}
    scrubs: dict[str, Any] = {
        "scrub": lambda: ss.scrub(source, index(), ON, output=output),
        "dry run": lambda: ss.scrub(source, index(), ON, dry_run=True),
        "plan": lambda: ss.Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path).scrub(
            index=index(), output=output
        ),
    }
    if stays:
        with pytest.raises(SealedElsewhere):
            scrubs[by]()
        return
    scrubs[by]()
    assert by == "dry run" or not any(SEALED[0] in str(each) for each in output.rglob("*"))


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize(("column", "form"), [("kind", "{}"), ("kind", "{}[]"), ("arrest_no", "{}")])
def test_a_table_of_a_database_is_scanned_though_its_types_list_values(
    sealed: bool, column: str, form: str, tmp_path: Path
) -> None:
    levels = ", ".join(f"'{id}'" for id in [*CLEAR[:2], *SEALED[:sealed]])
    types = {"arrest_no": "VARCHAR", "kind": "VARCHAR", column: form.format(f"ENUM({levels})")}
    with duckdb.connect(tmp_path / "a.duckdb") as database:
        database.execute(f"CREATE TABLE a ({', '.join(f'{name} {type}' for name, type in types.items())})")
        database.execute("INSERT INTO a VALUES (?, NULL)", [CLEAR[0]])
    report = ss.scan(f"{tmp_path}/a.duckdb#a", index(), ON)
    assert report.exit_code == sealed
    assert [each.column for each in report.tables[0].levels if each.found] == [column] * sealed


def test_a_file_whose_name_is_an_id_is_not_named_where_its_name_is_left(tmp_path: Path) -> None:
    file = tmp_path / f"{SEALED[0]}.csv"
    pl.DataFrame({"arrest_no": CLEAR[:2]}).write_csv(file)
    for leave in ({}, {"(file name)": "numbers of rolls of film"}):
        report = ss.scan(file, index(), ON, leave=leave)
        assert report.exit_code == (0 if leave else 1)
        assert SEALED[0] not in report.to_sarif() + report.to_junit() + report.to_text() + report.to_json()


HINTS = {
    "hits": ([["M14000017"], [SEALED[0]]], "narrative={'hits': 'null'}", "--null-elsewhere hits"),
    "the case": (["theft", SEALED[0]], "narrative={'the case': 'sentence'}", "--narrative 'the case'"),
    "told": ([{"a": "b"}, {"a": SEALED[0]}], "leave={'told.a': 'reason'}", "--leave told.a=REASON"),
}


@pytest.mark.parametrize("column", HINTS)
def test_a_hint_names_the_column_and_what_can_be_said_of_it(column: str) -> None:
    values, python, shell = HINTS[column]
    with pytest.raises(SealedElsewhere, match="1 value of ") as caught:
        ss.scrub(pl.DataFrame({"arrest_no": CLEAR[:2], column: values}), index(), ON)
    hint = caught.value.hint
    assert python in str(hint)
    assert shell in Spelled.in_shell(hint or "")
    assert column != "hits" or "sentence" not in str(hint)


PLAN = {
    "version": 1,
    "tables": {
        "arrests": {"source": "arrests.parquet", "keys": {"arrest_number": "arrest_no"}, "independent": "as booked"},
        "charges": {"source": "charges.parquet", "link": {"arrest": "arrests.arrest_no"}, "independent": "as booked"},
    },
}


def spelled(id: str) -> str:
    return f"{id[:3].lower()}-{id[3:]}"


def test_a_link_that_names_a_sealed_record_without_a_row_does_not_pass() -> None:
    arrests = pl.DataFrame({"arrest_no": CLEAR})
    charges = pl.DataFrame({"arrest": [spelled(id) for id in (*SEALED, *CLEAR)]})
    dangling = {**PLAN["tables"]["charges"], "accept_null": "charges of arrests that the file does not have"}
    plan = ss.Plan.from_dict({**PLAN, "tables": {**PLAN["tables"], "charges": dangling}})
    report = plan.scan({"arrests": arrests, "charges": charges}, index(), sweep=True)
    assert [(each.place, each.found) for each in report.tables[1].elsewhere] == [("arrest", len(SEALED))]
    with pytest.raises(SealedElsewhere, match="'arrest'"):
        plan.scrub({"arrests": arrests, "charges": charges}, index(), sweep=True)


def test_a_link_that_is_spelled_otherwise_meets() -> None:
    arrests = pl.DataFrame({"arrest_no": [*SEALED, *CLEAR]})
    charges = pl.DataFrame({"arrest": [spelled(id) for id in (*SEALED, *CLEAR)]})
    found = ss.Plan.from_dict(PLAN).scrub({"arrests": arrests, "charges": charges}, index(), sweep=True)
    assert found["charges"]["arrest"].to_list() == [spelled(id) for id in CLEAR]


def test_a_plan_leaves_a_column_by_its_reason() -> None:
    arrests = pl.DataFrame({"arrest_no": [*SEALED, *CLEAR], "note": [f"with {SEALED[0]}"] * len([*SEALED, *CLEAR])})
    tables = {"arrests": {**PLAN["tables"]["arrests"]}}
    with pytest.raises(SealedElsewhere):
        ss.Plan.from_dict({"version": 1, "tables": tables}).scrub({"arrests": arrests}, index(), sweep=True)
    tables["arrests"]["leave"] = {"note": "read by hand"}
    plan = ss.Plan.from_dict({"version": 1, "tables": tables})
    assert plan.scrub({"arrests": arrests}, index(), sweep=True)["arrests"].height == len(CLEAR)
    assert dict(plan.scan({"arrests": arrests}, index(), sweep=True).tables[0].left) == {"note": "read by hand"}
    tables["arrests"]["leave"] = {"note": " "}
    with pytest.raises(ConfigError, match="reason"):
        ss.Plan.from_dict({"version": 1, "tables": tables})


def test_a_type_that_cannot_be_read_is_not_checked() -> None:
    class Thing:
        pass

    data = pl.DataFrame({"arrest_no": CLEAR[:2], "thing": pl.Series([Thing(), Thing()], dtype=pl.Object)})
    assert ss.scan(data, index(), ON, sweep=True).exit_code == 3
    with pytest.raises(UncheckedKeys, match="thing"):
        ss.scrub(data, index(), ON, sweep=True)
    assert ss.scan(data, index(), ON, sweep=True, leave={"thing": "objects of the program"}).clean
