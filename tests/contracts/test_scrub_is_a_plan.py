"""A scrub is a plan of one table: the same bytes, the same rows set aside, the same counts, the same refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import SealscrubError, UnreadableInput, UsageError
from sealscrub.tables.formats import file_formats

from ..transforms.arrests import CLEAR, ON, SEALED
from .test_every_format import NEAR, ROWS, Row, put
from .test_every_source import SOURCES, Database, DatabaseFile, Delta, DuckDB, Frame, Source, SQLite

ASIDE: list[Row] = [*ROWS, (NEAR, 1, "near")]
ALIKE: list[Row] = [(SEALED[0], 40, "x"), (CLEAR[0], 40, "seen"), (CLEAR[1], 41, None), (CLEAR[2], 75, "seen")]


@dataclass(frozen=True)
class Case:
    """Rows, and what a scrub of them is told."""

    rows: Sequence[Row] = ()
    null: tuple[str, ...] = ()
    set: Mapping[str, object] = field(default_factory=dict)
    accept: tuple[str, ...] = ()
    aside: bool = False
    sealed: Sequence[str] = tuple(SEALED)

    @property
    def policy(self) -> ss.Policy:
        return ss.Policy(accept=frozenset({"null"}), quarantine=self.aside, max_unparsable=1)

    @property
    def index(self) -> ss.Index:
        return example_index(list(self.sealed))

    @property
    def edit(self) -> dict[str, Any]:
        return {"null_columns": self.null, "set_values": self.set, "accept_marks": self.accept}

    def plan(self, root: Path, source: str = "arrests") -> ss.Plan:
        rules: dict[str, Any] = {"source": source, "keys": ON, "independent": "the arrest itself"}
        if self.null or self.set:
            rules |= {"on_match": "null", "null": list(self.null), "set": dict(self.set)}
            rules |= {"accept_marks": list(self.accept)}
        return ss.Plan.from_dict({"version": 1, "tables": {"arrests": rules}}, root=root)


CASES = {
    "sealed rows": Case(ROWS),
    "no sealed row": Case(ROWS[1:3]),
    "an empty index": Case(ROWS, sealed=()),
    "a near key": Case(ASIDE),
    "rows set aside": Case(ASIDE, aside=True),
    "a null that others have": Case(ROWS, null=("note",)),
    "a null of no other": Case(ALIKE, null=("precinct",)),
    "a null that is accepted": Case(ALIKE, null=("precinct",), accept=("precinct",)),
    "keys that become null": Case(ROWS, null=("arrest_no", "note")),
    "a value that others have": Case(ALIKE, set={"note": "seen", "precinct": 75}),
    "a value of no other": Case(ALIKE, set={"note": "never"}),
    "a value that is accepted": Case(ALIKE, set={"precinct": 7}, accept=("precinct",)),
    "a value of another type": Case(ALIKE, set={"precinct": "seen"}, accept=("precinct",)),
    "an edit of no row": Case(ROWS[1:3], null=("note",), set={"precinct": 7}),
    "an edit, and rows set aside": Case(ASIDE, null=("note",), aside=True),
    "an absent column": Case(ROWS, set={"absent": "x"}),
}


def outcome(run: Callable[[], tuple[ss.Report, Any]]) -> dict[str, Any]:
    """Give what is written and what is said of it; or the kind of error, and what its report says."""
    made: Any = None
    try:
        report, made = run()
    except SealscrubError as error:
        report, made = getattr(error, "report", None), type(error)
    if report is None:
        return {"error": made}
    (found,) = report.tables
    return {
        "made": made,
        "rows": (found.rows, found.removed, found.changed, found.quarantined, found.without_key, found.unchecked),
        "keys": [(key.scheme, key.sealed, key.near, key.unparsable, key.null) for key in found.keys],
        "complete": (report.complete, report.exit_code, len(report.problems), len(report.warnings)),
    }


def files(folder: Path, state: Callable[[Path], Any]) -> list[Any]:
    return [state(path) for path in sorted(folder.rglob("*")) if path.is_file()] if folder.exists() else []


def by_verb(source: Source, data: Any, case: Case, name: str) -> tuple[ss.Report, Any]:
    how: dict[str, Any] = {"policy": case.policy, **case.edit}
    if isinstance(source, Frame):
        done = ss.scrub(data, case.index, ON, detail=True, **how)
        aside = None if not case.aside or not done.report.tables[0].quarantined else source.state(done.quarantined)
        return done.report, (source.state(done.data), aside)
    out, aside = source.folder / "verb" / name, source.folder / "verb aside" / name
    if isinstance(source, Database | Delta):
        aside = aside.with_name("arrests.parquet")
    for place in (out, aside):
        place.parent.mkdir()
    told = f"delta:{out}" if isinstance(source, Delta) else out
    report = ss.scrub(data, case.index, ON, output=told, quarantine=aside if case.aside else None, **how)
    return report, (written(source, out.parent), files(aside.parent, Path.read_bytes))


def by_plan(source: Source, data: Any, case: Case) -> tuple[ss.Report, Any]:
    if isinstance(source, Frame):
        done = case.plan(source.folder).scrub({"arrests": data}, case.index, policy=case.policy, detail=True)
        aside = done.quarantined or {}
        return done.report, (source.state(done.data["arrests"]), source.state(aside["arrests"]) if aside else None)
    out, aside = source.folder / "plan", source.folder / "plan aside"
    plan = case.plan(source.folder, str(data).replace(f"{source.folder}/", ""))
    report = plan.scrub(index=case.index, output=out, policy=case.policy, quarantine=aside if case.aside else None)
    return report, (written(source, out), files(aside, Path.read_bytes))


def written(source: Source, folder: Path) -> list[Any]:
    if isinstance(source, DatabaseFile):
        return files(folder, lambda path: source.state(f"{path}#arrests"))
    return files(folder, Path.read_bytes)


NAMES = [
    name
    for name in SOURCES
    if not name.startswith(("pyarrow reader", "postgresql", "delta object", "delta to", "iceberg"))
]
"""A reader is read once; a server writes to its own places, as its tests say; a plan writes Iceberg as Parquet."""


CELLS = [
    pytest.param(kind, case, marks=[] if (at + place) % 3 == 0 else [pytest.mark.long])
    for at, kind in enumerate(NAMES)
    for place, case in enumerate(CASES)
]


@pytest.mark.parametrize(("kind", "case"), CELLS)
def test_a_scrub_and_a_plan_of_one_table_are_one(kind: str, case: str, tmp_path: Path) -> None:
    source, told = SOURCES[kind](tmp_path), CASES[case]
    data = source.put(told.rows)
    name = Path(str(data).partition("#")[0]).name if not isinstance(source, Frame) else ""
    if kind in file_formats():
        name = file_formats()[kind].relative(data).name
    verb = outcome(lambda: by_verb(source, data, told, name))
    assert verb == outcome(lambda: by_plan(source, data, told))


@pytest.mark.parametrize("kind", ["arrow", "parquet", "pandas", "pyarrow table"])
def test_a_key_of_a_type_that_polars_has_not_is_judged_as_text(kind: str, tmp_path: Path) -> None:
    """Decimals of more digits than polars has, and categories of pandas that are texts and numbers."""
    data: Any = pa.table({"case": pa.array([Decimal(7), Decimal(8)], pa.decimal256(50, 0)), "n": [1, 2]})
    if kind == "pandas":
        data = pd.DataFrame({"case": pd.Categorical(["7", 8]), "n": [1, 2]})
    elif kind in file_formats():
        path = tmp_path / f"arrests.{kind}"
        pq.write_table(data, path) if kind == "parquet" else pa.feather.write_feather(data, str(path))
        data = path
    on, policy, index = {"opaque:case": "case"}, ss.Policy(max_unparsable=1), example_index({"opaque:case": ["7"]})
    rules = {"source": "arrests", "keys": on, "independent": "the arrest itself"}
    plan = ss.Plan.from_dict({"version": 1, "tables": {"arrests": rules}})
    reports = ss.scan(data, index, on, policy=policy), plan.scan({"arrests": data}, index, policy=policy)
    assert [[key.sealed for key in report.tables[0].keys] for report in reports] == [[1], [1]]
    reports = (
        ss.scrub(data, index, on, policy=policy, dry_run=True),
        plan.scrub({"arrests": data}, index, policy=policy, dry_run=True),
    )
    assert [report.tables[0].removed for report in reports] == [1, 1]


@pytest.mark.parametrize("kind", [DuckDB, SQLite])
def test_what_a_new_database_has_not_is_said(kind: type[DatabaseFile], tmp_path: Path) -> None:
    source, case = kind(tmp_path), Case(ROWS)
    data = source.put(ROWS)
    connection = source.connect(Path(data.partition("#")[0]))
    connection.execute("CREATE TABLE officers (badge INT)")
    connection.execute("CREATE VIEW badges AS SELECT badge FROM officers")
    connection.close()
    done = ss.scrub(data, case.index, ON, policy=case.policy, output=tmp_path / f"clean.{source.kind}")
    plan = case.plan(tmp_path, Path(data).name)
    written = plan.scrub(index=case.index, output=tmp_path / "clean", policy=case.policy)
    assert done.tables[0].notes == written.warnings
    assert "badges" in done.tables[0].notes[0]


def lines(*rows: str) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


def json_lines(*rests: str) -> bytes:
    """Lines of which the first is of a sealed record."""
    keys = [SEALED[0], *CLEAR]
    return lines(*(f'{{"arrest_no":"{key}"{rest}}}' for key, rest in zip(keys, rests, strict=False)))


def fields(*rests: str, header: str = "arrest_no,x") -> bytes:
    """Records of which the first is of a sealed record."""
    keys = [SEALED[0], *CLEAR]
    return lines(header, *(f"{key},{rest}" for key, rest in zip(keys, rests, strict=False)))


TEXTS: dict[str, tuple[str, bytes, dict[str, Any], bytes | type[SealscrubError]]] = {
    "quoted as the column is": ("csv", fields('"a"', '"b"'), {"set": {"x": "b"}}, fields('"b"', '"b"')),
    "quoted otherwise than the only equal": ("csv", fields("a", '"b"', "c"), {"set": {"x": "b"}}, UsageError),
    "a word for false": ("csv", fields("Y", "Y", "N"), {"set": {"x": False}}, fields("N", "Y", "N")),
    "a word of other rows alone": ("csv", fields("?", "Y", "N"), {"set": {"x": False}}, fields("N", "Y", "N")),
    "an empty field": ("csv", fields("a", "", "b"), {"null": ("x",)}, fields("", "", "b")),
    "no empty field": ("csv", fields("a", "b"), {"null": ("x",)}, UsageError),
    "an empty field in quotes": ("csv", fields('"a"', '""', '"b"'), {"null": ("x",)}, fields('""', '""', '"b"')),
    "a field twice": ("jsonl", json_lines(',"x":1,"x":2', ',"x":1'), {"set": {"x": 1}}, UnreadableInput),
    "a list for a key": ("jsonl", lines('{"arrest_no":["1"]}'), {}, UnreadableInput),
    "two spellings": ("jsonl", json_lines(',"x":1', ',"x":7', ',"x":"7"'), {"set": {"x": "7"}}, UsageError),
    "one spelling": (
        "jsonl", json_lines(',"x":1', ',"x":"7"', ',"x":8', ',"x":9'), {"set": {"x": 7}},
        json_lines(',"x":"7"', ',"x":"7"', ',"x":8', ',"x":9'),
    ),
    "a value of no other, which is accepted": (
        "jsonl", json_lines(',"x":1', ',"x":8'), {"set": {"x": 7}, "accept": ("x",)}, json_lines(',"x":7', ',"x":8'),
    ),
    "a field that others lack": ("jsonl", json_lines(',"x":1', "", ',"x":2'), {"null": ("x",)},
                                 json_lines("", "", ',"x":2')),
    "a field that is null in others": ("jsonl", json_lines(',"x":1', ',"x":null'), {"null": ("x",)},
                                       json_lines(',"x":null', ',"x":null')),
    "no null, and none that lacks it": ("jsonl", json_lines(',"x":1', ',"x":""'), {"null": ("x",)}, UsageError),
    "a field that is added": ("jsonl", json_lines("", ',"x":7'), {"set": {"x": 7}}, json_lines(',"x":7', ',"x":7')),
    "added with a spacing of its own": ("jsonl", json_lines("", ', "x": 7', ',"x":7'), {"set": {"x": 7}}, UsageError),
    "true and false": ("jsonl", json_lines(',"x":true', ',"x":false'), {"set": {"x": False}},
                       json_lines(',"x":false', ',"x":false')),
    "words for them": ("jsonl", json_lines(',"x":"Y"', ',"x":"N"', ',"x":"Y"'), {"set": {"x": False}},
                       json_lines(',"x":"N"', ',"x":"N"', ',"x":"Y"')),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_new_values_of_text_are_written_as_other_rows_write_them(name: str, tmp_path: Path) -> None:
    """Whether a scrub writes them or a plan; a value that no other row has in just these bytes is a mark."""
    suffix, data, told, right = TEXTS[name]
    path, case = tmp_path / f"arrests.{suffix}", Case(**told)
    path.write_bytes(data)
    source = SOURCES[suffix](tmp_path)
    verb = outcome(lambda: by_verb(source, path, case, path.name))
    assert verb == outcome(lambda: by_plan(source, path, case))
    assert verb == {"error": right} if isinstance(right, type) else verb["made"][0] == [right]
    dry = outcome(lambda: (ss.scrub(path, case.index, ON, policy=case.policy, dry_run=True, **case.edit), None))
    assert dry.get("error") == verb.get("error")


@pytest.mark.parametrize("write", [pq.write_table, pa.orc.write_table, pa.feather.write_feather])
@pytest.mark.parametrize("accept", [(), ("precinct",)])
def test_a_column_without_nulls_is_widened_where_a_mark_is_accepted(
    write: Callable[[pa.Table, str], None], accept: tuple[str, ...], tmp_path: Path
) -> None:
    schema = pa.schema([pa.field("arrest_no", pa.string()), pa.field("precinct", pa.int64(), nullable=False)])
    table = pa.Table.from_pylist([{"arrest_no": key, "precinct": 7} for key in (SEALED[0], *CLEAR[:3])], schema=schema)
    kind = {"write_table": "parquet", "write_feather": "arrow"}[write.__name__]
    kind = "orc" if "orc" in write.__module__ else kind
    path, case = tmp_path / f"arrests.{kind}", Case(null=("precinct",), accept=accept)
    write(table, str(path))
    source = SOURCES[kind](tmp_path)
    verb = outcome(lambda: by_verb(source, path, case, path.name))
    assert verb == outcome(lambda: by_plan(source, path, case))
    assert ("error" not in verb) == bool(accept)
    frame = Frame(tmp_path)
    frame.state = lambda made: made  # type: ignore[method-assign]
    by = outcome(lambda: by_verb(frame, table, case, "")), outcome(lambda: by_plan(frame, table, case))
    assert by[0] == by[1]


@pytest.mark.parametrize("kind", ["parquet", "arrow", "frame"])
def test_rows_that_are_set_aside_keep_their_levels(kind: str, tmp_path: Path) -> None:
    levels = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int32()), ["a", "b", "c"], ordered=True)
    table = pa.table({"arrest_no": [SEALED[0], CLEAR[0], NEAR], "offense": levels})
    case = Case(aside=True)
    source, data = Frame(tmp_path), table
    source.state = lambda made: made  # type: ignore[method-assign]
    if kind != "frame":
        source, data = SOURCES[kind](tmp_path), tmp_path / f"arrests.{kind}"
        pq.write_table(table, data) if kind == "parquet" else pa.feather.write_feather(table, str(data))
    verb = outcome(lambda: by_verb(source, data, case, f"arrests.{kind}"))
    assert verb == outcome(lambda: by_plan(source, data, case))
    assert verb["rows"][3] == 1


@pytest.mark.parametrize("format", sorted(file_formats()))
def test_a_file_that_is_cut_short_is_refused_alike(format: str, tmp_path: Path) -> None:
    path = put(format, ROWS, tmp_path, "arrests")
    path.write_bytes(b'{"cut' if format in ("csv", "jsonl") else path.read_bytes()[:-9])
    source, case = SOURCES[format](tmp_path), Case()
    verb = outcome(lambda: by_verb(source, path, case, file_formats()[format].relative(path).name))
    assert set(verb) == {"error"}
    assert verb == outcome(lambda: by_plan(source, path, case))
