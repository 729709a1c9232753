"""A bad row is told by line, column and reason, never by value, and keeps the others out or goes to its own file."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import stat
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.registry import Registry
from sealscrub.errors import NoticeError, SealscrubError, UsageError, WriteFailed

from .custodian import Custodian, Row, notice, write_notices

GOOD = notice("S1", docket="2014KN000001")
CANARY = "CANARYX"
BAD: list[tuple[Row, str, str]] = [
    (notice("", docket="2014KN000002"), "seal_id", "is missing"),
    (notice("none", docket="2014KN000002"), "seal_id", "is missing"),
    (notice("S2", "", docket="2014KN000002"), "event", "is missing"),
    (notice("S2", f"sealed {CANARY}", docket="2014KN000002"), "event", "is not one of"),
    (notice("S2", docket="2014KN000002", regime=f"{CANARY} 160.50"), "regime", "not a name of a regime"),
    (notice("S2", docket="2014KN000002", basis=CANARY), "basis", "is not one of"),
    (notice("S2", docket="2014KN000002", effective_from=""), "effective_from", "is missing"),
    (notice("S2", docket="2014KN000002", effective_from=CANARY), "effective_from", "is not a date"),
    (notice("S2", docket="2014KN000002", effective_from="2020-02-30"), "effective_from", "is not a date"),
    (notice("S2", docket="2014KN000002", effective_from="0020-02-03"), "effective_from", "is not a date"),
    (notice("S2", docket="2014KN000002", effective_from="2190-02-03"), "effective_from", "too far ahead"),
    (notice("S2", docket="2014KN000002", notified_on=CANARY), "notified_on", "is not a date"),
    (notice("S2", docket="2014KN000002", notified_on="2190-01-01"), "notified_on", "too far ahead"),
    (notice("S2", docket="2014KN000002", birth_date="13/13/1990"), "birth_date", "is not a date"),
    (notice("S2", nysid="12345678A", arrest_date=CANARY), "arrest_date", "is not a date"),
    (notice("S2", docket=CANARY), "docket", "does not parse"),
    (notice("S2", docket="2O14KN000002"), "docket", "near miss"),
    (notice("S2", docket="2014KN000002", nysid=f"{CANARY}1"), "nysid", "does not parse"),
    (notice("S2", **{"opaque:x": "1.23E+08"}), "opaque:x", "was read as a number"),
    (notice("S2", indictment=CANARY), "indictment", "does not parse"),
    (notice("S2", docket="(null)"), "", "holds no key"),
    (notice("S2", "withheld"), "", "holds no key"),
    (notice("", "open", nysid="12345678A"), "", "no key that names one record"),
    (notice("", "vacated", nysid="12345678A"), "", "names no seal"),
    (notice(f"{CANARY}9", "vacated"), "", "no seal that is known"),
    (notice("", "released", docket="2014KN000009"), "", "no seal that is known"),
    (notice("S1", "vacated", docket="2014KN000009"), "", "none of the keys of the seal"),
]


@pytest.mark.parametrize("field", ["seal_id", "charge", "last_name"])
def test_a_nul_is_refused_since_postgresql_keeps_none(custodian: Custodian, field: str) -> None:
    row = notice("S2", docket="2014KN000002") | {field: f"{CANARY}\0"}
    with pytest.raises(NoticeError) as caught:
        custodian.registry.add(custodian.file(row, suffix=".jsonl"))

    assert caught.value.problems == ((1, field, "holds a NUL character"),)


@pytest.mark.parametrize("event", ["sealed", "withheld"])
@pytest.mark.parametrize(
    ("keys", "refused"),
    [
        ({"docket": "2014KN000009"}, True),
        ({"docket": "2014KN000009", "arrest_number": "K14000001"}, True),
        ({"docket": "2014KN000001", "arrest_number": "K14000001"}, False),
        ({"arrest_number": "K14000001"}, False),
    ],
)
def test_a_seal_id_that_each_file_has_of_its_own_does_not_join_two_records(
    custodian: Custodian, event: str, keys: Row, refused: bool
) -> None:
    custodian.add(GOOD)
    if not refused:
        assert custodian.add(notice("S1", event, notified_on="2024-05-05", **keys)).registered == 1
        return
    with pytest.raises(NoticeError, match="the seal_id of another record"):
        custodian.add(notice("S1", event, notified_on="2024-05-05", **keys))
    assert custodian.registry.epoch == 1


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize(("row", "column", "said"), BAD)
def test_a_bad_row_registers_nothing_and_is_told_without_its_values(
    custodian: Custodian, row: Row, column: str, said: str, suffix: str
) -> None:
    file = custodian.file(GOOD, row, suffix=suffix)
    with pytest.raises(NoticeError) as caught:
        custodian.registry.add(file)

    ((line, where, reason),) = caught.value.problems
    assert (line, where) == ({".csv": 3, ".jsonl": 2, ".parquet": 2}[suffix], column)
    assert said in reason
    assert reason in str(caught.value)
    assert CANARY not in f"{caught.value} {caught.value!r} {caught.value.problems}"
    assert caught.value.__cause__ is None
    assert custodian.registry.epoch == 0


@pytest.mark.parametrize(("row", "column", "said"), BAD)
def test_with_a_reject_file_the_good_rows_are_registered(
    custodian: Custodian, row: Row, column: str, said: str
) -> None:
    rejects = custodian.folder / "rejects.csv"
    file = custodian.file(GOOD, row)
    result = custodian.registry.add(file, reject_file=rejects)

    assert (result.rows, result.registered, result.rejected) == (2, 1, 1)
    assert [problem[:2] for problem in result.problems] == [(3, column)]
    assert rejects.read_text() == "".join(file.read_text().splitlines(keepends=True)[::2])
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        (notice("S2", docket="x", effective_from="y", basis="z"), ["basis", "docket", "effective_from"]),
        (notice("", docket="2014KN000002", regime="x"), ["regime", "seal_id"]),
        (notice("", docket="2O14KN000002"), ["docket", "seal_id"]),  # a key that cannot be read is not missing too
        (notice("S2", regime="x"), ["", "regime"]),
        (notice("", "vacated", nysid="12345678A", notified_on="x"), ["", "notified_on"]),
    ],
)
def test_every_problem_of_a_row_is_told(custodian: Custodian, row: Row, columns: list[str]) -> None:
    with pytest.raises(NoticeError) as caught:
        custodian.add(row)
    assert [column for _, column, _ in caught.value.problems] == columns
    assert caught.value.exit_code == 2


def test_a_column_is_told_by_the_files_own_name(custodian: Custodian) -> None:
    file = custodian.file(GOOD | {"Docket No": "x"})
    with pytest.raises(NoticeError) as caught:
        custodian.registry.add(file, map={"Docket No": "docket", "docket": ""})
    assert caught.value.problems == ((2, "Docket No", "does not parse as a criminal court docket number"),)


def test_lines_are_counted_across_line_breaks_and_blank_lines(custodian: Custodian) -> None:
    file = custodian.folder / "lines.csv"
    file.write_text(
        "seal_id,event,effective_from,docket,charge\n"
        'S1,sealed,2020-01-01,2014KN000001,"one\ntwo\nthree"\n'
        "\n"
        "S2,sealed,2020-01-01,bad,x\n"  # line 6
        'S3,sealed,2020-01-01,"a\nb"\n'  # line 7: ragged
        "S4,sealed,2020-01-01,bad,x\n"  # line 9
        "S5,sealed,2020-01-01,bad,x,y\n"  # line 10: ragged
        "S6,sealed,2020-01-01,bad,x\n"  # line 11
    )
    with pytest.raises(NoticeError) as caught:
        custodian.registry.add(file)
    assert [line for line, _, _ in caught.value.problems] == [6, 7, 9, 10, 11]
    assert caught.value.problems[1] == (7, "", "has 4 cells, the header has 5")

    rejects = custodian.folder / "rejects.csv"
    assert custodian.registry.add(file, reject_file=rejects).rejected == 5
    assert rejects.read_text() == (
        "seal_id,event,effective_from,docket,charge\n"
        "S2,sealed,2020-01-01,bad,x\n"
        'S3,sealed,2020-01-01,"a\nb"\n'
        "S4,sealed,2020-01-01,bad,x\n"
        "S5,sealed,2020-01-01,bad,x,y\n"
        "S6,sealed,2020-01-01,bad,x\n"
    )


@pytest.mark.parametrize(
    "filler", [100, 1_000_000, 5_000_000], ids=["one block", "some blocks", "a row of several blocks"]
)
def test_lines_and_rejects_of_a_large_file_are_those_of_a_small_one(custodian: Custodian, filler: int) -> None:
    width = filler if filler > 1_000_000 else 1_000
    good = "".join(f"A{at},sealed,2020-01-01,2014KN{at:06},{'x' * width}\n" for at in range(1, filler * 5 // width + 2))
    bad = "B1,sealed,2020-01-01,bad,x\nB2,sealed,2020-01-01,x\n"
    file = custodian.folder / "large.csv"
    file.write_text(f"seal_id,event,effective_from,docket,charge\n{bad}{good}{bad}")
    rows = good.count("\n")
    with pytest.raises(NoticeError) as caught:
        custodian.registry.add(file)
    assert [line for line, _, _ in caught.value.problems] == [2, 3, rows + 4, rows + 5]

    rejects = custodian.folder / "rejects.csv"
    added = custodian.registry.add(file, reject_file=rejects)
    assert (added.registered, added.rejected) == (rows, 4)
    assert rejects.read_text() == f"seal_id,event,effective_from,docket,charge\n{bad}{bad}"


def test_a_line_that_is_no_json_object_is_a_bad_row(custodian: Custodian) -> None:
    file = custodian.folder / "lines.jsonl"
    good, twice = json.dumps(GOOD), '{"seal_id": "S2", "seal_id": "S3"}'
    file.write_text(f'{good}\n{{"seal_id": \n\n[1]\n{twice}\nNaN\n')
    with pytest.raises(NoticeError) as caught:
        custodian.registry.add(file)
    assert [line for line, _, _ in caught.value.problems] == [2, 4, 5, 6]

    rejects = custodian.folder / "rejects.jsonl"
    result = custodian.registry.add(file, reject_file=rejects)
    assert (result.rows, result.registered, result.rejected) == (5, 1, 4)
    assert rejects.read_text() == f'{{"seal_id": \n[1]\n{twice}\nNaN\n'


def test_rejects_of_parquet_are_parquet(custodian: Custodian) -> None:
    rejects = custodian.folder / "rejects.parquet"
    file = custodian.file(GOOD, notice("S2", docket="bad"), suffix=".parquet")
    custodian.registry.add(file, reject_file=rejects)

    assert pl.read_parquet(rejects).equals(pl.read_parquet(file)[1:])


def test_mended_rejects_are_registered(custodian: Custodian) -> None:
    rejects = custodian.folder / "rejects.csv"
    custodian.add(GOOD, notice("S2", docket="bad"), reject_file=rejects)
    rejects.write_text(rejects.read_text().replace("bad", "2014KN000002"))

    assert custodian.registry.add(rejects).registered == 1


def test_what_is_wrong_with_rows_and_with_the_seals_that_they_end_is_told_at_once(custodian: Custodian) -> None:
    with pytest.raises(NoticeError) as caught:
        custodian.add(GOOD, notice("S2", docket="bad"), notice("S3", event="vacated"))
    assert [line for line, _, _ in caught.value.problems] == [3, 4]
    assert custodian.registry.epoch == 0


def test_without_bad_rows_there_is_no_reject_file(custodian: Custodian) -> None:
    rejects = custodian.folder / "rejects.csv"
    custodian.add(GOOD, reject_file=rejects)
    assert not rejects.exists()


def test_where_rejects_cannot_be_written_nothing_is_registered(custodian: Custodian) -> None:
    with pytest.raises(WriteFailed):
        custodian.add(GOOD, notice("S2", docket="bad"), reject_file=custodian.folder / "absent" / "rejects.csv")
    assert custodian.registry.epoch == 0


def test_rejects_never_overwrite_the_notices_or_the_registry(custodian: Custodian) -> None:
    file = custodian.file(GOOD, notice("S2", docket="bad"))
    before = file.read_bytes()
    for taken in (file, custodian.folder / "seals.db"):
        with pytest.raises(UsageError, match="would replace an input"):
            custodian.registry.add(file, reject_file=taken)
    assert file.read_bytes() == before
    assert custodian.registry.epoch == 0


def test_an_order_to_seal_from_a_day_to_come_is_a_notice(custodian: Custodian) -> None:
    ahead = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=400)
    assert custodian.add(GOOD | {"effective_from": ahead.isoformat()}).registered == 1


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12).map(
    lambda text: f"{CANARY}{text}"
)


@given(
    row=st.dictionaries(
        st.sampled_from(
            ["seal_id", "event", "regime", "effective_from", "basis", "docket", "nysid", "arrest_date", "charge"]
        ),
        cells,
        min_size=1,
    )
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_cell_of_a_bad_row_is_ever_told(row: Row) -> None:
    with tempfile.TemporaryDirectory() as folder, Registry.create(Path(folder) / "seals.db") as registry:
        file = write_notices(Path(folder) / "notices.jsonl", [GOOD, {"event": "?", "effective_from": "?"} | row])
        with pytest.raises(NoticeError) as caught:
            registry.add(file)
        assert caught.value.problems
        assert CANARY not in f"{caught.value} {caught.value!r} {caught.value.problems}"
        assert registry.epoch == 0


VALID = (
    b"seal_id,event,regime,effective_from,docket,nysid,arrest_date\n"
    b'S1,sealed,us-ny/cpl-160.50,2020-01-01,2014KN000001,12345678A,"2014-03-03"\n'
    b"S2,withheld,,2020-01-01,2014KN000002,,\n"
)


@given(
    name=st.sampled_from(["n.csv", "n.tsv", "n.jsonl", "n.parquet"]),
    content=st.one_of(
        st.binary(max_size=60),
        st.tuples(st.integers(0, len(VALID)), st.binary(max_size=3)).map(
            lambda cut: VALID[: cut[0]] + cut[1] + VALID[cut[0] :]
        ),
        st.text('{}[]"\\ud8:,seal_idvnt0 \n', max_size=60).map(str.encode),
    ),
)
@example(
    name="n.jsonl", content=b'{"seal_id": "\\ud800", "event": "sealed", "effective_from": "2020-01-01", "docket": "x"}'
)
@example(name="n.jsonl", content=b'{"\\ud800": 1}\n{"seal_id": "S1"}')
@example(name="n.jsonl", content=b"[" * 100_000)
@example(name="n.csv", content=VALID.replace(b"S2", b"S\x002"))
@example(name="n.csv", content=VALID.replace(b"\n", b"\r"))
@example(name="n.csv", content=b"event\n")
@example(name="n.csv", content=b"\n\n0")
@example(name="n.csv", content=VALID + b"\xff,ragged\n")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_bytes_are_it_is_registered_or_an_error_of_ours(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, Registry.create(Path(folder) / "seals.db") as registry:
        file = Path(folder) / name
        file.write_bytes(content)
        registered = 0
        with contextlib.suppress(SealscrubError):
            registered = registry.add(file).registered
        assert registry.epoch == (1 if registered else 0)
        assert len(registry.seals(dt.date(2190, 1, 1))) <= registered


@pytest.mark.parametrize("cited", ["CPL 160.50", "cpl § 160.50", "CPL-160.50", "Cpl160.50", "us-ny/cpl-160.50"])
def test_a_regime_may_be_cited_by_its_section(custodian: Custodian, cited: str) -> None:
    custodian.add(notice("S1", docket="2014KN000001", regime=cited))

    assert {seal.regime for seal in custodian.registry.seals()} == {"us-ny/cpl-160.50"}


@pytest.mark.parametrize("cited", ["CPL 160.50(5)", "160.50", "CPL 160", "sealed under CPL 160.50", "PL 160.50"])
def test_a_section_that_is_no_regime_of_one_place_is_refused(custodian: Custodian, cited: str) -> None:
    with pytest.raises(NoticeError, match="not a name of a regime"):
        custodian.add(notice("S1", docket="2014KN000001", regime=cited))


def test_rows_that_are_wrong_in_one_way_are_told_in_one_line(custodian: Custodian) -> None:
    rows = [notice(f"S{at}", docket=f"2014KN{at:06}", regime="x") for at in range(30)]
    with pytest.raises(NoticeError) as refused:
        custodian.add(*rows, notice("S99", docket="2014KN000099", event="x"))

    assert "  lines 2, 3, 4, 5, 6 and 25 more, column regime: is not a name of a regime" in str(refused.value)
    assert "  line 32, column event: " in str(refused.value)
