"""Narratives in tables: what is written is what texts give in which sentences about sealed records never stood."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index, example_names
from sealscrub.errors import ColumnError, ConfigError, SealedElsewhere, UnsuitableIndex, UsageError
from sealscrub.transforms import NarrativeReport, scrub_text

from ..contracts.test_every_format import WRITERS
from .arrests import CLEAR, ON, SEALED, index

NAMES = example_names([("QUILLFEATHER", "WILBUR")])
PLAIN = ["Two units came.", "He left at 10:30.", 'A "knife", it said.', "Was it so?"]
BARRED = [f"See {SEALED[0]}.", f"Arrest K14-{SEALED[1][3:]} was made.", "Wilbur Quillfeather ran."]

Drawn = list[tuple[str, list[str] | None]]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([*SEALED[:2], *CLEAR[:4]]),
        st.one_of(st.none(), st.lists(st.sampled_from(PLAIN + BARRED), max_size=5)),
    ),
    max_size=10,
)
SOME: Drawn = [
    (CLEAR[0], [PLAIN[0], BARRED[0], PLAIN[1]]),
    (CLEAR[1], [BARRED[1]]),
    (SEALED[0], [BARRED[0]]),
    (CLEAR[2], None),
    (CLEAR[3], [PLAIN[2], BARRED[2]]),
    (CLEAR[4], []),
]


def frame(rows: Drawn, barred: list[str] | None = None) -> pl.DataFrame:
    """Make a table of the rows, without some of the sentences."""
    gone = set(barred or ())
    texts = [None if parts is None else " ".join(part for part in parts if part not in gone) for _, parts in rows]
    columns = {"arrest_no": [key for key, _ in rows], "precinct": list(range(len(rows))), "note": texts}
    return pl.DataFrame(columns, schema={"arrest_no": pl.String, "precinct": pl.Int64, "note": pl.String})


def other_world(rows: Drawn) -> pl.DataFrame:
    """Make the table in which there are neither sealed rows nor sentences about them."""
    return frame(rows, BARRED).filter(~pl.col("arrest_no").is_in(SEALED))


def levels_of(data: pd.DataFrame) -> pd.DataFrame:
    return data.astype({"note": pd.CategoricalDtype(sorted(data["note"].dropna().unique()))})


def encoded(data: pa.Table) -> pa.Table:
    return data.set_column(2, "note", data["note"].cast(pa.string()).dictionary_encode())


CONTAINERS: dict[str, Any] = {
    "polars": lambda data: data,
    "lazy": lambda data: data.lazy(),
    "categorical": lambda data: data.with_columns(pl.col("note").cast(pl.Categorical)),
    "pandas": lambda data: data.to_pandas(),
    "pandas levels": lambda data: levels_of(data.to_pandas()),
    "arrow": lambda data: data.to_arrow(),
    "arrow levels": lambda data: encoded(data.to_arrow()),
    "relation": lambda data: duckdb.from_arrow(data.to_arrow()),
}


def seen(data: Any) -> Any:
    """All that a container shows."""
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, duckdb.DuckDBPyRelation):
        data = data.arrow()
        data = data.read_all() if hasattr(data, "read_all") else data
    if isinstance(data, pd.DataFrame):
        return data.to_dict("list").__repr__(), [str(kind) for kind in data.dtypes], list(data.index), _levels(data)
    if isinstance(data, pa.Table):
        return data.schema, data.to_pylist(), [_dictionary(column) for column in data.columns]
    return data.schema, data.to_dicts()


def _levels(data: pd.DataFrame) -> list[Any]:
    return [list(data[name].cat.categories) for name in data if isinstance(data[name].dtype, pd.CategoricalDtype)]


def _dictionary(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks().dictionary.to_pylist() if pa.types.is_dictionary(column.type) else None


@pytest.mark.parametrize("name", sorted(CONTAINERS))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS)
def test_a_scrubbed_frame_is_as_if_nothing_had_been_written_of_sealed_records(name: str, rows: Drawn) -> None:
    make = CONTAINERS[name]
    options: dict[str, Any] = {"narrative": "note", "names": NAMES}
    marks = {"accept_marks": ["note"]}  # the other world has the empty texts to begin with
    made = ss.scrub(make(frame(rows)), index(), ON, **options, **marks)

    assert seen(made) == seen(ss.scrub(make(other_world(rows)), index(), ON, **options))
    assert ss.scan(made, index(), ON, **options).clean
    assert ss.scan(made, index(), ON, sweep=True).clean
    alone = scrub_text(make(frame(rows)), "note", index(), NAMES, accept_marks=["note"])
    assert seen(alone) == seen(scrub_text(make(frame(rows, BARRED)), "note", index(), NAMES))


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_a_scrubbed_file_is_as_if_nothing_had_been_written_of_sealed_records(format: str, tmp_path: Path) -> None:
    suffix = {"excel": "xlsx", "arrow": "arrow"}.get(format, format)
    files = {}
    for world, data in (("with", frame(SOME)), ("without", other_world(SOME))):
        if format in ("csv", "excel"):  # in which a text of nothing is no text
            data = data.with_columns(pl.col("note").replace("", None))
        path = tmp_path / world / f"data.{suffix}"
        path.parent.mkdir()
        WRITERS[format]([tuple(row) for row in data.rows()], path)
        target = tmp_path / world / ("clean.csv" if format == "excel" else f"clean.{suffix}")
        report = ss.scrub(path, index(), ON, narrative={"note": "sentence"}, names=NAMES, output=target, sweep=True)
        assert report.verdict.value == "scrubbed"
        assert ss.scan(target, index(), ON, narrative="note", names=NAMES).exit_code == 0
        files[world] = target.read_bytes()

    assert files["with"] == files["without"]


JSON_WRITERS: dict[str, Callable[[str], str]] = {
    "python": json.dumps,
    "as it is": lambda text: json.dumps(text, ensure_ascii=False),
    "php": lambda text: json.dumps(text).replace("/", "\\/"),
    "go": lambda text: json.dumps(text, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e"),
    "capitals": lambda text: re.sub(r"\\u....", lambda found: found[0].upper().replace("U", "u"), json.dumps(text)),
    "all escaped": lambda text: '"' + "".join(f"\\u{ord(sign):04x}" for sign in text) + '"',
}


@pytest.mark.parametrize("writer", JSON_WRITERS)
def test_what_is_left_in_json_lines_is_escaped_as_it_was(writer: str, tmp_path: Path) -> None:
    left = 'Jos\u00e9 said "a/b\\c" & <so>\t\u2028 \u00ff.'
    escaped = JSON_WRITERS[writer]
    made = []
    for text in (f"{BARRED[0]} {left} {BARRED[1]}", left):
        source, target = tmp_path / "data.jsonl", tmp_path / f"clean{len(made)}.jsonl"
        lines = [f'{{"n":{at},"note":{escaped(some)}}}\n' for at, some in enumerate([text, left, "x"])]
        source.write_text("".join(lines), encoding="utf-8")
        ss.scrub(source, index(), {}, narrative="note", output=target)
        made.append(target.read_bytes())

    assert made[0] == made[1] == source.read_bytes()


@pytest.mark.parametrize("suffix", ["duckdb", "sqlite"])
def test_a_table_of_a_database_is_scrubbed(suffix: str, tmp_path: Path) -> None:
    import sqlite3

    place = tmp_path / f"city.{suffix}"
    data = frame(SOME)
    connection: Any = duckdb.connect(str(place)) if suffix == "duckdb" else sqlite3.connect(place)
    connection.execute("create table arrests (arrest_no varchar, precinct bigint, note varchar)")
    connection.executemany("insert into arrests values (?, ?, ?)", data.rows())
    if suffix == "sqlite":
        connection.commit()
    connection.close()
    target = tmp_path / f"clean.{suffix}"
    ss.scrub(f"{place}#arrests", index(), ON, narrative="note", names=NAMES, output=target)

    connection = duckdb.connect(str(target)) if suffix == "duckdb" else sqlite3.connect(target)
    notes = [row[0] for row in connection.execute("select note from arrests order by precinct").fetchall()]
    connection.close()
    assert [note or None for note in notes] == [note or None for note in other_world(SOME)["note"].to_list()]


def test_files_of_texts_without_any_key_are_scrubbed_and_counted_for_the_operator(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    frame(SOME).select("note").write_ndjson(path)
    report = ss.scan(path, index(), {}, narrative="note", names=NAMES)

    assert report.exit_code == 1
    assert report.tables[0].narratives == (NarrativeReport(column="note", mentions=4, names=True),)
    assert "mention" in report.to_html()
    assert ss.transforms.Report.from_json(report.to_json()) == report
    ss.scrub(path, index(), {}, narrative="note", names=NAMES, output=tmp_path / "clean.jsonl", accept_marks=["note"])
    assert ss.scan(tmp_path / "clean.jsonl", index(), {}, narrative="note", names=NAMES).clean


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, None),
        ({"narrative": "note"}, "not looked for"),
        ({"narrative": "note", "names": NAMES}, "looked for in narratives alone"),
    ],
)
def test_reports_say_where_names_were_looked_for(options: dict[str, Any], said: str | None) -> None:
    data = frame(SOME).with_columns(memo=pl.lit("Wilbur Quillfeather"))
    report = ss.scan(data, index(), ON, **options)

    for shown in (report.to_text(), str(report), report.to_html()):
        assert (f"{said}" in shown) if said else ("looked for" not in shown)


@pytest.mark.parametrize("plain", [False, True], ids=["keyed", "plain"])
def test_reports_warn_of_names_without_entries(plain: bool) -> None:
    data = frame(SOME)
    plan = ss.Plan.from_dict({"version": 1, "tables": {"a": {"source": "a.csv", "narrative": {"note": "sentence"}}}})
    for names, warned in ((example_names([("WOBBE", "")], plain=plain), True), (NAMES, False)):
        for report in (
            ss.scan(data, index(), ON, narrative="note", names=names),
            plan.scan({"a": data}, index(), names=names),
        ):
            assert any("names has no entries" in each for each in report.warnings) is warned


@pytest.mark.parametrize("planned", [False, True], ids=["frame", "plan"])
@pytest.mark.parametrize("other", ["sentence", "null", "drop"])
def test_counts_are_of_what_changes_and_say_whether_names_were_looked_for(other: str, planned: bool) -> None:
    """In a row that is dropped for one narrative the others change nothing."""
    data = frame(SOME[:2]).with_columns(memo=pl.Series([BARRED[0], "So."]))
    texts = {"note": "null", "memo": other}
    if planned:
        table = {"source": "a.csv", "narrative": texts, "accept_marks": list(texts)}
        plan = ss.Plan.from_dict({"version": 1, "tables": {"a": table}})
        report = plan.scrub({"a": data}, index(), names=NAMES, detail=True).report
    else:
        report = scrub_text(data, texts, index(), NAMES, accept_marks=list(texts), detail=True).report

    counts = {each.column: (each.mentions, each.names) for each in report.tables[0].narratives}
    assert counts == {"note": (1 if other == "drop" else 2, True), "memo": (1, True)}
    assert ("its row was removed" in report.to_text()) == (other == "drop")


CHAT = [
    {"role": "user", "content": "Who was it? Say."},
    {"role": "assistant", "content": f"Two. One: {SEALED[0]}."},
]


SAID = f"Two. One: {SEALED[0]}."
OVER = [{"role": "user", "content": f"Say. Was it {SEALED[0]}"}, {"role": "assistant", "content": "Ok. So. So."}]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"messages": CHAT}),
        json.dumps(CHAT, indent=2),
        json.dumps(OVER),
        json.dumps({"a": "Hi. ", "b": f"see. {SEALED[0]} x. ", "c": "Fine. "}),
        "\ufeff" + json.dumps(CHAT),
        json.dumps({"n": 0, "say": SAID}).replace("0,", "1" * 5000 + ",", 1),
        '{"n": ' + "[" * 5000 + "]" * 5000 + f', "say": "{SAID}"}}',
        json.dumps({"say": SAID}) + "\n" + json.dumps({"say": "So."}),
        f"```json\n{json.dumps({'say': SAID})}\n```",
        f"Say:\n\n~~~\n{json.dumps(SAID)}\n~~~\n\nSo.",
        json.dumps({"call": json.dumps({"a": f"Who? Is {SEALED[0]} it.", "b": "Fine. So."})}),
        json.dumps({"say": f"```json\n{json.dumps({'a': f'Who? Is {SEALED[0]} it.', 'b': 'Fine. So.'})}\n```"}),
    ],
    ids=[
        *("chat", "indented", "over two messages", "a key", "with a mark", "a long number", "deep", "lines", "a fence"),
        *("a string in a fence", "JSON in a string", "a fence in a string"),
    ],
)
def test_json_that_would_be_none_without_a_sentence_is_refused(text: str) -> None:
    data = pl.DataFrame({"note": [text, json.dumps(CHAT[:1]), "", "[So. See B16800001. So.", None]})
    assert scrub_text(data, {"note": "null"}, index())["note"].to_list() == [None, *data["note"][1:]]
    assert scrub_text(data, {"note": "drop"}, index()).height == 4
    with pytest.raises(UsageError, match="are JSON, and would be none") as refused:
        scrub_text(data, "note", index())
    assert SEALED[0] not in str(refused.value)


@pytest.mark.parametrize("text", [json.dumps({"messages": CHAT}), json.dumps(CHAT, indent=2), f"[So. {SAID}", SAID])
def test_a_text_that_stays_json_or_was_none_loses_its_sentence(text: str) -> None:
    inside = text.replace(f"{SEALED[0]}.", f"{SEALED[0]}. So.")
    assert "Two. So." in scrub_text(pl.DataFrame({"note": [inside, ""]}), "note", index())["note"][0]


@pytest.mark.parametrize("other", ["", "  ", None, '"Two. So."', "7", "null", '{"a": "Two."}'])
def test_a_string_of_json_is_refused_in_a_column_of_json_also_if_marks_are_accepted(other: str | None) -> None:
    data = pl.DataFrame({"note": [json.dumps(SAID), other, ""]})
    with pytest.raises(UsageError, match="are JSON, and would be none"):
        scrub_text(data, "note", index(), accept_marks=["note"])


def test_a_quotation_among_other_texts_loses_its_sentence_and_what_is_dropped_is_no_other_text() -> None:
    rows = {"note": [json.dumps(SAID), "So."], "memo": ["So.", f"It is {SEALED[0]}."]}
    assert scrub_text(pl.DataFrame(rows), "note", index())["note"].to_list() == ['"Two.', "So."]
    with pytest.raises(UsageError, match="are JSON, and would be none"):
        scrub_text(pl.DataFrame(rows), {"note": "sentence", "memo": "drop"}, index())


def test_what_travels_of_a_scrub_is_the_same_whatever_was_mentioned() -> None:
    reports = [
        scrub_text(frame(rows, barred), "note", index(), NAMES, accept_marks=["note"], detail=True).report
        for rows, barred in ((SOME, None), (SOME, BARRED))
    ]
    assert reports[0].to_junit() == reports[1].to_junit()
    assert reports[0].to_sarif() == reports[1].to_sarif()


def test_a_row_is_dropped_for_its_narrative_and_may_repeat_ids_elsewhere() -> None:
    data = frame(SOME).with_columns(other=pl.Series([SEALED[0], SEALED[0], SEALED[0], "x", SEALED[1], "x"]))
    kept = ss.scrub(data, index(), ON, narrative={"note": "drop"}, names=NAMES, sweep=True)

    assert kept.to_dicts() == data.filter(pl.col("other") == "x").to_dicts()
    with pytest.raises(SealedElsewhere):
        ss.scrub(data, index(), ON, narrative={"note": "sentence"}, names=NAMES, sweep=True)


def test_a_null_that_would_mark_its_row_is_refused() -> None:
    rows: Drawn = [(CLEAR[0], [PLAIN[0]]), (CLEAR[1], [BARRED[0]])]
    with pytest.raises(UsageError, match="a null in no other row") as refused:
        ss.scrub(frame(rows), index(), ON, narrative={"note": "null"})
    assert "accept_marks" in str(refused.value)
    kept = ss.scrub(frame(rows), index(), ON, narrative={"note": "null"}, accept_marks=["note"])
    assert kept["note"].to_list() == [PLAIN[0], None]
    more: Drawn = [*rows, (CLEAR[2], None)]
    assert ss.scrub(frame(more), index(), ON, narrative={"note": "null"})["note"].to_list() == [PLAIN[0], None, None]
    sealed: Drawn = [*rows, (SEALED[0], None)]
    with pytest.raises(UsageError, match="a null in no other row"):
        ss.scrub(frame(sealed), index(), ON, narrative={"note": "null"})


@pytest.mark.parametrize(("others", "made"), [(['""', ""], ""), (["", '""'], ""), (['""', '""'], '""')])
def test_a_null_of_a_delimited_file_is_bare_if_one_that_stays_is(tmp_path: Path, others: list[str], made: str) -> None:
    path, target = tmp_path / "notes.csv", tmp_path / "clean.csv"
    lines = [f"{CLEAR[0]},{others[0]}", f"{SEALED[0]},", f'{CLEAR[1]},"{BARRED[0]}"', f"{CLEAR[2]},{others[1]}"]
    path.write_text("\n".join(["arrest_no,note", *lines, ""]))
    ss.scrub(path, index(), ON, narrative={"note": "null"}, output=target)

    assert target.read_text().splitlines()[1:] == [lines[0], f"{CLEAR[1]},{made}", lines[3]]


@pytest.mark.parametrize(
    ("others", "made"), [(['""', ""], '""'), (["", '""'], '""'), (["", ""], ""), (['""', '""'], '""')]
)
def test_a_text_of_a_delimited_file_is_empty_as_one_that_stays_is(tmp_path: Path, others: list[str], made: str) -> None:
    path, target = tmp_path / "notes.csv", tmp_path / "clean.csv"
    lines = [f"{CLEAR[0]},{others[0]}", f"{CLEAR[1]},{BARRED[0]}", f"{CLEAR[2]},{others[1]}"]
    path.write_text("\n".join(["arrest_no,note", *lines, ""]))
    ss.scrub(path, index(), ON, narrative="note", output=target)

    assert target.read_text().splitlines()[1:] == [lines[0], f"{CLEAR[1]},{made}", lines[2]]


LEFT_EMPTY: dict[str, tuple[Any, list[object]]] = {
    "sentence": ("", [BARRED[0], PLAIN[0], f"  {BARRED[1]}"]),
    "null": (None, [PLAIN[0], f"{PLAIN[1]} {BARRED[0]}", ""]),
}


@pytest.mark.parametrize("kind", [*CONTAINERS, "parquet", "csv", "jsonl", "duckdb", "plan"])
@pytest.mark.parametrize("handling", LEFT_EMPTY)
@pytest.mark.thinned(together=2)
def test_what_is_left_empty_and_would_mark_its_row_is_refused(kind: str, handling: str, tmp_path: Path) -> None:
    value, texts = LEFT_EMPTY[handling]

    def scrub(some: list[object], **options: Any) -> list[object]:
        columns = {"arrest_no": CLEAR[: len(some)], "precinct": range(len(some)), "note": some}
        made = scrubbed_as(
            kind, pl.DataFrame(columns, schema_overrides={"note": pl.String}), handling, tmp_path, options
        )
        return made["note"].to_list()

    csv = kind == "csv"  # in which an empty text is no text
    with pytest.raises(UsageError, match="would mark the rows whose text mentions") as refused:
        scrub([text for text in texts if text or not csv])
    assert "K14" not in str(refused.value)
    assert ("accept_marks = ['note']" if kind == "plan" else "accept_marks=['note']") in str(refused.value)
    with pytest.raises(UsageError, match="would mark the rows"):  # also if another row that mentions something is so
        scrub([*texts[:2], BARRED[1]] if csv else [*texts, BARRED[1]])
    accepted = scrub([text for text in texts if text or not csv], accept_marks=["note"])
    assert any((text or None) == (value or None) for text in accepted)
    assert (scrub([*texts, value, value])[-1] or None) == (value or None)


@pytest.mark.parametrize("handling", LEFT_EMPTY)
def test_a_scan_counts_what_only_a_scrub_is_refused_for(handling: str) -> None:
    data = pl.DataFrame({"note": [text for text in LEFT_EMPTY[handling][1] if text]})
    report = ss.scan(data, index(), {}, narrative={"note": handling})

    assert (report.exit_code, report.tables[0].narratives[0].mentions) == (1, 1 + (handling == "sentence"))


def test_a_column_whose_schema_forbids_nulls_gets_them_if_that_is_accepted() -> None:
    field = pa.field("note", pa.string(), nullable=False)
    data = pa.table([pa.array([BARRED[0], "So."])], schema=pa.schema([field]))
    with pytest.raises(UsageError, match="holds no null"):
        scrub_text(data, {"note": "null"}, index())
    made = scrub_text(data, {"note": "null"}, index(), accept_marks=["note"])

    assert (made.to_pylist(), made.schema.field("note").nullable) == ([{"note": None}, {"note": "So."}], True)
    made.validate(full=True)


def scrubbed_as(kind: str, data: pl.DataFrame, handling: str, folder: Path, options: dict[str, Any]) -> pl.DataFrame:
    how: dict[str, Any] = {"narrative": {"note": handling}, **options}
    if kind == "plan":
        spec = {"version": 1, "tables": {"a": {"source": "a.parquet", "keys": ON, **how}}}
        return cast(pl.DataFrame, ss.Plan.from_dict(spec).scrub({"a": data}, index())["a"])
    if kind in CONTAINERS:
        made = ss.scrub(CONTAINERS[kind](data), index(), ON, **how)
        made = made.to_arrow_table() if isinstance(made, duckdb.DuckDBPyRelation) else made
        return made.collect() if isinstance(made, pl.LazyFrame) else pl.DataFrame(made)
    source, target = folder / f"data.{kind}", folder / f"clean.{kind}"
    for path in (source, target):
        path.unlink(missing_ok=True)
    if kind != "duckdb":
        getattr(data, {"jsonl": "write_ndjson"}.get(kind, f"write_{kind}"))(source)
        ss.scrub(source, index(), ON, **how, output=target)
        return cast(pl.DataFrame, getattr(pl, {"jsonl": "read_ndjson"}.get(kind, f"read_{kind}"))(target))
    with duckdb.connect(str(source)) as connection:
        connection.register("data", data.to_arrow())
        connection.execute("create table arrests as select * from data")
    ss.scrub(f"{source}#arrests", index(), ON, **how, output=target)
    with duckdb.connect(str(target), read_only=True) as connection:
        return pl.DataFrame(connection.sql("select * from arrests").to_arrow_table())


def test_edits_quarantine_and_the_index_of_pandas_go_with_narratives(tmp_path: Path) -> None:
    data = frame(SOME)
    edited = ss.scrub(
        data, index(), ON, narrative="note", names=NAMES, null_columns=["precinct"], accept_marks=["note", "precinct"]
    )
    assert edited["note"].to_list() == frame(SOME, BARRED)["note"].to_list()
    assert edited["precinct"].to_list() == [0, 1, None, 3, 4, 5]
    kept = ss.scrub(data.to_pandas(), index(), ON, narrative="note", names=NAMES, keep_index=True)
    assert list(kept.index) == [0, 1, 3, 4, 5]
    path = tmp_path / "data.csv"
    data.with_columns(arrest_no=pl.Series([*data["arrest_no"].to_list()[:4], "K14-60O001", CLEAR[4]])).write_csv(path)
    ss.scrub(path, index(), ON, narrative="note", output=tmp_path / "clean.csv.gz", quarantine=tmp_path / "aside.csv")
    assert pl.read_csv(tmp_path / "clean.csv.gz")["precinct"].to_list() == [0, 1, 3, 5]
    assert pl.read_csv(tmp_path / "aside.csv")["precinct"].to_list() == [4]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("handling", ["null", "sentence", "drop"])
@pytest.mark.parametrize("edit", [{"null": ["seen"]}, {"set": {"precinct": 4, "seen": "no"}}])
@pytest.mark.parametrize("kind", ["frame", "parquet", "jsonl"])
def test_an_edit_and_narratives_of_a_table_are_one_change(
    kind: str, edit: dict[str, Any], handling: str, tmp_path: Path
) -> None:
    """By the verb and by a plan, whatever becomes of the texts."""
    data = frame(SOME[:5]).with_columns(seen=pl.Series(["yes", "no", "yes", None, "no"]))
    verb = {"null_columns": edit.get("null", ()), "set_values": edit.get("set", {}), "accept_marks": ["note"]}
    rules = {"source": f"a.{kind}", "keys": ON, "independent": "the arrest itself", "accept_marks": ["note"]}
    rules |= {"on_match": "null", **edit, "narrative": {"note": handling}}
    plan = ss.Plan.from_dict({"version": 1, "tables": {"a": rules}}, root=tmp_path)
    if kind == "frame":
        made = ss.scrub(data, index(), ON, narrative={"note": handling}, **verb)
        assert made.equals(plan.scrub({"a": data}, index())["a"])
        assert made["seen"].to_list() != data["seen"].to_list()
        return
    path, clean = tmp_path / f"a.{kind}", tmp_path / f"clean.{kind}"
    data.write_parquet(path) if kind == "parquet" else data.write_ndjson(path)
    ss.scrub(path, index(), ON, narrative={"note": handling}, output=clean, **verb)
    plan.scrub(index=index(), output=tmp_path / "clean")
    assert clean.read_bytes() == (tmp_path / "clean" / path.name).read_bytes()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"narrative": {"note": "token"}}, ConfigError),
        ({"narrative": "absent"}, ColumnError),
        ({"narrative": "note", "accept_marks": ["note", "absent"]}, ColumnError),
        ({"narrative": "note", "accept_marks": "absent"}, ColumnError),
        ({"narrative": [], "accept_marks": ["note"]}, ConfigError),
        ({"narrative": [], "names": NAMES}, ConfigError),
        ({"narrative": "precinct"}, ColumnError),
        ({"narrative": "arrest_no"}, ConfigError),
        ({"names": NAMES}, ConfigError),
        ({"narrative": "note", "null_columns": ["note"]}, ConfigError),
        ({"narrative": "note", "leave": {"note": "read"}, "sweep": True}, ConfigError),
        ({"narrative": "note", "names": example_names([("A", "B")], uses=["output"])}, UnsuitableIndex),
    ],
)
def test_wrong_use_is_refused(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error) as refused:
        ss.scrub(frame(SOME), index(), ON, **options)
    assert "Hint: " in str(refused.value)
    if "accept_marks" in options and error is ColumnError:  # and so in a plan
        table = {"source": "a", "keys": ON, "narrative": {"note": "sentence"}, "accept_marks": ["note", "absent"]}
        with pytest.raises(error, match="absent"):
            ss.Plan.from_dict({"version": 1, "tables": {"a": table}}).scrub({"a": frame(SOME)}, index())
    if "names" not in options or "narrative" in options:
        with pytest.raises(error):
            ss.scrub(frame([]), index(), ON, **options)


def test_an_enum_holds_no_other_text_and_loses_the_levels_of_texts_that_go() -> None:
    levels = pl.Enum(["an old remark", *frame(SOME)["note"].drop_nulls().to_list()])
    data = frame(SOME).with_columns(pl.col("note").cast(levels))
    for some in (data, data.head(0)):
        with pytest.raises(ColumnError, match="lists its values"):
            scrub_text(some, "note", index())
    for handling in ("null", "drop"):
        kept = scrub_text(data, {"note": handling}, index(), NAMES, accept_marks=["note"])
        assert pl.Series(kept.schema["note"].categories).to_list() == [""]


def test_an_enum_of_duckdb_is_refused_as_one_of_polars() -> None:
    relation = duckdb.sql(f"select cast(note as enum ('{BARRED[0]}', 'So.')) as note from (values ('So.')) as t(note)")
    with pytest.raises(ColumnError, match="lists its values"):
        scrub_text(relation, "note", index())
    assert scrub_text(relation, {"note": "drop"}, index()).fetchall() == [("So.",)]


def test_a_scrub_without_key_columns_says_nothing_of_their_reach() -> None:
    said = scrub_text(frame(SOME), "note", index(), NAMES, accept_marks=["note"], detail=True).report
    assert said.tables[0].reach is None
    for text in (said.to_text(), said.to_html()):
        assert "The key columns could have recognised" not in text
        assert "reach 100%" not in text


def test_texts_need_a_column_and_an_index_whose_keys_stand_in_texts() -> None:
    with pytest.raises(ConfigError):
        scrub_text(frame(SOME), (), index())
    with pytest.raises(ConfigError):
        scrub_text("corpus.jsonl", "note", index())
    with pytest.raises(UnsuitableIndex):
        scrub_text(frame(SOME), "note", example_index(["K14612345"], uses=["output"]))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, handling=st.sampled_from(["sentence", "drop"]))
def test_a_plan_scrubs_narratives(rows: Drawn, handling: str) -> None:
    plan = ss.Plan.from_dict(
        {
            "version": 1,
            "tables": {
                "arrests": {
                    "source": "arrests.parquet",
                    "keys": ON,
                    "narrative": {"note": handling},
                    "accept_marks": ["note"],
                },
                "visits": {"source": "visits.parquet", "link": {"precinct": "arrests.precinct"}},
                "sizes": {"source": "sizes.parquet", "derived_from": "select sum(length(note)) as size from arrests"},
            },
        }
    )

    def estate(data: pl.DataFrame) -> dict[str, pl.DataFrame]:
        size = pl.DataFrame({"size": [data["note"].str.len_chars().sum() if data["note"].count() else None]})
        return {"arrests": data, "visits": data.select("precinct"), "sizes": size.cast(pl.Decimal(38, 0))}

    gone = [handling == "drop" and bool(set(parts or ()) & set(BARRED)) for _, parts in rows]
    stays = [key not in SEALED and not lost for (key, _), lost in zip(rows, gone, strict=True)]
    made = plan.scrub(estate(frame(rows)), index(), names=NAMES, sweep=True)
    there = plan.scrub(estate(frame(rows, BARRED).filter(pl.Series(stays, dtype=pl.Boolean))), index(), names=NAMES)
    assert {name: data.to_dicts() for name, data in made.items()} == {
        name: data.to_dicts() for name, data in there.items()
    }
    met = any(set(parts or ()) & set(BARRED) for key, parts in rows if key not in SEALED)
    assert plan.scan(estate(frame(rows)), index(), names=NAMES).found == (met or any(key in SEALED for key, _ in rows))
