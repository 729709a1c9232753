"""What every format of files does, whichever it is: found by asking the registry, so that a new one is held to it."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.certificates.content import content_digest
from sealscrub.errors import ColumnError, MissingExtra, UncheckedKeys, UnreadableInput, UsageError
from sealscrub.identifiers import generate_certifier
from sealscrub.matching import Policy
from sealscrub.tables.changes import TableChange
from sealscrub.tables.formats import file_formats
from sealscrub.tables.sources import find_sources, open_file
from sealscrub.validators.certification import certify

from ..transforms.arrests import CLEAR, NULLS, ON, SEALED, index

Row = tuple[str | None, int, str | None]
NEAR = "K14-60O001"  # a letter for a digit
COLUMNS = ["arrest_no", "precinct", "note"]


@contextmanager
def columns_named(*names: str) -> Iterator[None]:
    """Give the columns of what is put meanwhile other names."""
    before = list(COLUMNS)
    COLUMNS[:] = names
    try:
        yield
    finally:
        COLUMNS[:] = before


def table(rows: Sequence[Row]) -> pa.Table:
    schema = pa.schema(zip(COLUMNS, (pa.string(), pa.int64(), pa.string()), strict=True))
    return pa.Table.from_pylist([dict(zip(COLUMNS, row, strict=True)) for row in rows], schema=schema)


def by_excel(made: pa.Table, path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Arrests")
    sheet.write_row(0, 0, made.column_names)
    for at, row in enumerate(made.to_pylist(), 1):
        sheet.write_row(at, 0, row.values())
    book.close()


TABLE_WRITERS: dict[str, Callable[[pa.Table, Path], Any]] = {
    "arrow": lambda made, path: pa.feather.write_feather(made, str(path), compression="zstd"),
    "csv": lambda made, path: pl.DataFrame(pl.from_arrow(made)).write_csv(path),
    "excel": by_excel,
    "jsonl": lambda made, path: path.write_text("".join(json.dumps(row) + "\n" for row in made.to_pylist())),
    "orc": lambda made, path: pa.orc.write_table(made, path, compression="zstd"),
    "parquet": pq.write_table,
}


def rows_by(write: Callable[[pa.Table, Path], Any]) -> Callable[[Sequence[Row], Path], Any]:
    return lambda rows, path: write(table(rows), path)


WRITERS = {format: rows_by(write) for format, write in TABLE_WRITERS.items()}
ROWS: list[Row] = [
    (SEALED[0], 75, "a sealed note"),
    (CLEAR[0], 40, "seen"),
    (CLEAR[1], 41, None),
    (SEALED[1], 40, "seen"),
    (None, 75, "seen"),
]
KEPT = [row for row in ROWS if row[0] not in SEALED]
every_format = pytest.mark.parametrize("format", sorted(file_formats()))


def put(format: str, rows: Sequence[Row], folder: Path, name: str = "data") -> Path:
    path = folder / f"{name}{file_formats()[format].suffixes[0]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    WRITERS[format](rows, path)
    return path


def target(path: Path, name: str = "out") -> Path:
    """An output beside a file, of the first format that it is written in."""
    kind = file_formats()[find_sources(path).files[0].format]
    return path.with_name(name).with_suffix(kind.relative(path).suffix)


def content(path: Path) -> list[tuple[Any, ...]]:
    """The rows of a file, everything as text."""
    file = open_file(find_sources(path).files[0])
    frames = [frame.cast(pl.String) for frame in file.batches(COLUMNS)]
    return [row for frame in frames for row in frame.rows()]


def as_text(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    return [tuple(None if value is None else str(value) for value in row) for row in rows]


def test_every_format_has_a_writer() -> None:
    assert set(WRITERS) == set(file_formats())


def test_every_format_has_a_row_in_the_docs() -> None:
    page = Path(__file__).parents[2].joinpath("docs/how-to/scrub-files.md").read_text("utf-8")
    rows = re.findall(r"^\|[^|]+\| `(\w+)` \| ([^|]+) \|", page, re.MULTILINE)
    told = {name: {each.strip("`,") for each in suffixes.split()} for name, suffixes in rows}
    assert set(told) == set(file_formats())
    assert all(set(kind.suffixes) <= told[name] for name, kind in file_formats().items())


def test_a_format_whose_package_is_missing_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put("excel", ROWS, tmp_path)
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingExtra, match=re.escape("sealscrub[excel]")):
        ss.scan(path, index(), ON, policy=NULLS)


@every_format
def test_a_format_is_told_by_its_suffixes_and_by_its_name(format: str, tmp_path: Path) -> None:
    path = put(format, ROWS, tmp_path)
    assert find_sources(path).files[0].format == format
    plain = path.rename(tmp_path / "data")
    assert find_sources(plain, format).files[0].format == format
    if file_formats()[format].magic:
        assert find_sources(plain).files[0].format == format


@every_format
def test_a_scan_finds_and_changes_nothing(format: str, tmp_path: Path) -> None:
    path = put(format, ROWS, tmp_path)
    before = path.read_bytes()
    report = ss.scan(path, index(), ON, policy=NULLS)
    assert (report.tables[0].rows, report.tables[0].keys[0].sealed, report.clean) == (5, 2, False)
    assert path.read_bytes() == before


@every_format
def test_a_scrub_gives_what_the_rows_that_stay_would_give(format: str, tmp_path: Path) -> None:
    """With and without the sealed rows the same bytes, which hold nothing of these."""
    with_sealed, without = put(format, ROWS, tmp_path / "with"), put(format, KEPT, tmp_path / "without")
    for path in (with_sealed, without):
        ss.scrub(path, index(), ON, output=target(path), policy=NULLS)
    assert target(with_sealed).read_bytes() == target(without).read_bytes()
    assert content(target(with_sealed)) == as_text(KEPT)
    assert ss.scan(target(with_sealed), index(), ON, policy=NULLS).clean


@every_format
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*SEALED[:2], *CLEAR[:3]]), st.integers(0, 120), st.none() | st.sampled_from(["x", "é"])
        ),
        min_size=1,
        max_size=9,
    )
)
def test_nullity(format: str, tmp_path: Path, rows: list[Row]) -> None:
    kept = [row for row in rows if row[0] not in SEALED]
    first, second = put(format, rows, tmp_path / "with"), put(format, kept, tmp_path / "without")
    if not kept and format == "excel":  # a sheet without rows has columns without types
        return
    for path in (first, second):
        ss.scrub(path, index(), ON, output=target(path), policy=Policy())
    assert target(first).read_bytes() == target(second).read_bytes()


@every_format
def test_an_edit_keeps_the_rows(format: str, tmp_path: Path) -> None:
    path = put(format, ROWS, tmp_path)
    edit = {"null_columns": ["arrest_no"], "set_values": {"note": "seen"}, "accept_marks": ["arrest_no"]}
    ss.scrub(path, index(), ON, output=target(path), policy=NULLS, **edit)
    edited = [(None, row[1], "seen") if row[0] in SEALED else row for row in ROWS]
    assert content(target(path)) == as_text(edited)


@every_format
def test_an_edit_that_would_mark_the_rows_is_refused(format: str, tmp_path: Path) -> None:
    path = put(format, ROWS, tmp_path)
    with pytest.raises(UsageError, match="mark"):
        ss.scrub(path, index(), ON, output=target(path), set_values={"note": "never seen"}, policy=NULLS)
    assert not target(path).exists()


@every_format
def test_rows_that_could_not_be_checked_are_set_aside(format: str, tmp_path: Path) -> None:
    rows: list[Row] = [*ROWS, (NEAR, 1, "near")]
    path = put(format, rows, tmp_path)
    with pytest.raises(UncheckedKeys):
        ss.scrub(path, index(), ON, output=target(path), policy=NULLS)
    assert not target(path).exists()
    aside = target(path, "aside")
    ss.scrub(path, index(), ON, output=target(path), quarantine=aside, policy=NULLS)
    assert (content(target(path)), content(aside)) == (as_text(KEPT), as_text([(NEAR, 1, "near")]))
    assert aside.stat().st_mode & 0o777 == 0o600


@every_format
def test_a_plan_scrubs_it_and_what_hangs_on_it(format: str, tmp_path: Path) -> None:
    arrests = put(format, ROWS, tmp_path, "arrests")
    charges = put(format, [(row[0], row[1], "charge") for row in ROWS], tmp_path, "charges")
    tables = {
        path.stem: {
            "source": path.name,
            "keys": {"arrest_number": "arrest_no"},
            "independent": "the arrest itself",
            "accept_null": "a stop without an arrest",
        }
        for path in (arrests, charges)
    }
    plan = ss.Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path)
    assert plan.scan(index=index()).found
    plan.scrub(index=index(), output=tmp_path / "clean")
    made = sorted((tmp_path / "clean").iterdir())
    assert [path.stem for path in made] == ["arrests", "charges"]
    assert content(made[0]) == as_text(KEPT)


@every_format
def test_what_comes_out_can_be_certified(format: str, tmp_path: Path) -> None:
    path = put(format, ROWS, tmp_path)
    ss.scrub(path, index(), ON, output=target(path), policy=NULLS)
    clean = target(path)
    kind = file_formats()[find_sources(clean).files[0].format]
    schema = {"arrest_no": pl.String(), "precinct": pl.Int64(), "note": pl.String()} if kind.text else None
    expected = content_digest(table(KEPT))
    assert content_digest(clean, schema=schema) == expected
    if schema is None:
        generate_certifier(tmp_path / "team.key")
        issued = certify(clean, index(), ON, signer=load_signer(tmp_path / "team.key"), policy=NULLS)
        assert expected.value.encode() in base64.b64decode(json.loads(issued.certificate)["payload"])


@every_format
def test_other_rows_are_written_as_the_file_is(format: str, tmp_path: Path) -> None:
    file = open_file(find_sources(put(format, ROWS, tmp_path)).files[0])
    rows = pl.concat(list(file.batches(COLUMNS))).head(2)
    out = target(file.path)
    file.replaced(rows, out)
    assert content(out) == as_text(ROWS[:2])
    with pytest.raises(UsageError):
        file.changed(TableChange(pl.Series([True]).to_numpy()), tmp_path / out.with_stem("short").name)


@every_format
def test_a_column_that_is_absent(format: str, tmp_path: Path) -> None:
    path = put(format, ROWS, tmp_path)
    with pytest.raises(ColumnError):
        ss.scan(path, index(), {"arrest_number": "absent"}, policy=NULLS)


@every_format
def test_damage_is_refused_and_leaves_what_was_there(format: str, tmp_path: Path) -> None:
    path = put(format, ROWS, tmp_path)
    out = target(path)
    out.write_bytes(b"as it was")
    path.write_bytes(b'{"cut' if file_formats()[format].text else path.read_bytes()[:-9])
    with pytest.raises((UnreadableInput, ColumnError)) as caught:
        ss.scrub(path, index(), ON, output=out, policy=NULLS)
    assert out.read_bytes() == b"as it was"
    assert SEALED[0] not in str(caught.value)


@every_format
def test_a_file_that_changes_under_the_run_is_noticed(format: str, tmp_path: Path) -> None:
    path = put(format, ROWS, tmp_path)
    file = open_file(find_sources(path).files[0])
    put(format, KEPT, tmp_path)
    with pytest.raises(UnreadableInput, match="changed"):
        file.changed(TableChange(pl.Series([True] * 5).to_numpy()), target(path))
