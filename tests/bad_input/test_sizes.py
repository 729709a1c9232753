"""Cells of a hundred megabytes, and counts beyond 2^31."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sealscrub.reports import ReportFormat
from sealscrub.transforms import Report
from sealscrub.transforms.scrub_report_values import KeyReport, TableReport

HUGE = 100 << 20
SIZES = [pytest.param(20 << 20, id="20 MB"), pytest.param(HUGE, id="100 MB", marks=pytest.mark.long)]
BEYOND = 3_000_000_000


@pytest.mark.parametrize("huge", SIZES)
@pytest.mark.parametrize("quoted", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_huge_cell_of_text_stays_or_goes_with_its_row(bench, canary, quoted, huge):
    cell = b"y" * huge if not quoted else b'"' + (b"y" * (huge // 100) + b',""\n') * 100 + b'"'
    path, out = bench.folder / "x.csv", bench.folder / "clean.csv"
    path.write_bytes(b"arrest_no,note\nM13000001," + cell + b"\n" + canary.encode() + b",x\nM13000002,x\n")

    assert bench.run(*bench.args("scrub", path, more=["-o", str(out)])).code == 0

    assert out.read_bytes() == b"arrest_no,note\nM13000001," + cell + b"\nM13000002,x\n"


@pytest.mark.long
def test_a_huge_cell_of_json_lines_stays(bench, canary):
    line = b'{"arrest_no": "M13000001", "note": "' + b"y" * HUGE + b'"}\n'
    path, out = bench.folder / "x.jsonl", bench.folder / "clean.jsonl"
    path.write_bytes(line + b'{"arrest_no": "' + canary.encode() + b'"}\n')

    assert bench.run(*bench.args("scrub", path, more=["-o", str(out)])).code == 0

    assert out.read_bytes() == line


@pytest.mark.parametrize("huge", SIZES)
@pytest.mark.parametrize("nested", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_huge_cell_of_parquet_stays_or_goes_with_its_row(bench, arrests, nested, huge):
    path, out = bench.folder / "x.parquet", bench.folder / "clean.parquet"
    cells = ["x", "y" * huge, "z" * 1_000_000, "x"]
    table = pa.table({"arrest_no": arrests(4), "note": [[cell] for cell in cells] if nested else cells})
    pq.write_table(table, path)

    assert bench.run(*bench.args("scrub", path, more=["-o", str(out)])).code == 0

    assert pq.read_table(out).equals(table.take([0, 1, 3]))


@pytest.mark.parametrize("huge", SIZES)
@pytest.mark.parametrize("suffix", [pytest.param("csv", marks=pytest.mark.long), "parquet"])
def test_a_huge_key_cannot_be_checked(bench, suffix, huge):
    path = bench.folder / f"x.{suffix}"
    frame = pl.DataFrame({"arrest_no": [*(f"M13{number:06d}" for number in range(1, 99)), "K" * huge]})
    frame.write_csv(path) if suffix == "csv" else frame.write_parquet(path)

    assert bench.run(*bench.args("scrub", path)).code == 3
    assert not list(bench.folder.glob("clean*"))


def varint(number):
    out = bytearray()
    number <<= 1
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


@pytest.mark.parametrize("claims", [BEYOND, (1 << 32) + 5, (1 << 62) + 1])
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("everywhere", [False, True])
def test_parquet_that_claims_more_rows_than_it_has_is_refused(bench, claims, nested, everywhere):
    rows = 77_777
    path = bench.folder / "x.parquet"
    table = pa.table({"arrest_no": pa.array(["M13000001"] * rows), "n": pa.array([[1] if nested else 1] * rows)})
    pq.write_table(table, path, compression="none", store_schema=False, write_statistics=False)
    whole = path.read_bytes()
    length = int.from_bytes(whole[-8:-4], "little")
    footer = whole[-8 - length : -8]
    assert footer.count(varint(rows)) >= 3
    footer = footer.replace(varint(rows), varint(claims), -1 if everywhere else 1)
    path.write_bytes(whole[: -8 - length] + footer + len(footer).to_bytes(4, "little") + b"PAR1")

    for verb in ("scan", "scrub"):
        bench.refused(bench.args(verb, path), 3, "x.parquet")


@pytest.fixture
def big_report():
    key = KeyReport(
        scheme="arrest_number",
        column="arrest_no",
        rows=9 * BEYOND,
        sealed=2 * BEYOND,
        withheld=BEYOND,
        near=0,
        unparsable=0,
        null=BEYOND + 1,
        coverage=1.0,
    )
    table = TableReport(name="big.parquet", rows=9 * BEYOND, removed=3 * BEYOND, keys=(key,), coverage=1.0)
    return Report(
        epoch=1 << 40,
        as_of=date(2026, 11, 25),
        complete=True,
        tables=(table,),
        action="scrub",
        use="training",
        audience="police",
        index_id="7c1e",
        not_after=date(2026, 12, 25),
    )


def test_counts_beyond_32_bits_go_through_json(big_report):
    told = json.loads(big_report.to_json())["tables"][0]

    assert told["rows"] == 9 * BEYOND
    assert told["keys"][0]["sealed"] == 2 * BEYOND
    assert Report.from_json(big_report.to_json()) == big_report


@pytest.mark.parametrize("kind", [ReportFormat.TEXT, ReportFormat.HTML])
def test_counts_beyond_32_bits_are_shown_whole(big_report, kind):
    said = big_report.render(kind).replace(",", "").replace(" ", "").replace("\u202f", "").replace("\u00a0", "")

    assert str(9 * BEYOND) in said
    assert str(2 * BEYOND) in said


@pytest.mark.parametrize("kind", [ReportFormat.SARIF, ReportFormat.JUNIT])
def test_counts_of_any_size_do_not_travel(big_report, kind):
    said = big_report.render(kind)

    assert str(2 * BEYOND) not in said
    assert str(3 * BEYOND) not in said
