"""A file of notices is registered whole, once, whatever it looks like."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.custodian.registry import notice_intake
from sealscrub.errors import ColumnError, ConfigError, NoticeError, UnreadableInput, UsageError
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme

from .custodian import Custodian, notice, write_notices

ROWS = [
    notice("S1", arrest_number="K14612345", docket="2014KN012345", notified_on="2020-02-03", basis="order"),
    notice("S2", "withheld", arrest_number="M15000001", nysid="12345678A", arrest_date="2015-03-04", last_name="DOE"),
    notice("S3", docket="2016BX000007", first_name='RO,"E', charge="PL 155.25\nPL 165.40"),
    notice("S1", "vacated", effective_from="2021-05-06"),
]
TABLES = ("events", "event_keys", "event_persons")


def keys_of(custodian: Custodian) -> dict[str, set[tuple[str, str]]]:
    return {seal.seal_id: {(key.scheme, key.value) for key in seal.keys} for seal in custodian.every_seal()}


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_every_format_says_the_same(custodian: Custodian, suffix: str) -> None:
    result = custodian.registry.add(custodian.file(*ROWS, suffix=suffix))

    assert (result.epoch, result.rows, result.registered, result.known, result.changed) == (1, 4, 4, 0, True)
    assert keys_of(custodian) == {
        "S1": {("arrest_number", "K14612345"), ("docket", "2014KN012345")},
        "S2": {
            ("arrest_number", "M15000001"),
            ("nysid", "12345678A"),
            ("person_arrest", "12345678A@2015-03-04"),
        },
        "S3": {("docket", "2016BX000007")},
    }
    for other in (".csv", ".tsv", ".jsonl", ".parquet"):
        again = custodian.registry.add(custodian.file(*ROWS, suffix=other))
        assert (again.epoch, again.registered, again.known) == (1, 0, 4)


def test_the_same_rows_in_other_words_and_another_order_change_nothing(custodian: Custodian) -> None:
    custodian.add(
        notice("S1", docket="2014KN012345", arrest_number="K14612345", notified_on="2020-02-03"),
        notice("S2", docket="2015NY000001"),
    )
    respelled = custodian.add(
        {
            "Docket": "CR-000001-15NY",
            "Effective From": "01/01/2020",
            "EVENT": "Sealed",
            "regime": "US-NY/CPL-160.50",
            "seal-id": "S2",
        },
        {
            "Docket": "2014 kn 12345",
            "Effective From": "2020-01-01 00:00:00",
            "EVENT": "SEALED ",
            "regime": " us-ny/cpl-160.50",
            "seal-id": " S1",
            "arrest number": "k14-612345",
            "notified on": "02/03/2020",
            "basis": "notice",
        },
    )
    assert (respelled.registered, respelled.known, custodian.registry.epoch) == (0, 2, 1)


def test_of_a_file_that_grew_the_new_rows_are_registered(custodian: Custodian) -> None:
    custodian.add(*ROWS[:2])
    result = custodian.add(*ROWS, ROWS[2])

    assert (result.epoch, result.registered, result.known) == (2, 2, 3)


def test_a_notice_that_came_before_the_end_of_its_seal_is_told_apart(custodian: Custodian) -> None:
    custodian.add(ROWS[0])
    assert custodian.add(ROWS[0]).superseded == 0

    custodian.add(ROWS[3])
    assert custodian.add(ROWS[0]).superseded == 1

    renewed = custodian.add(ROWS[0] | {"effective_from": "2021-05-06", "notified_on": "2021-06-01"})
    assert (renewed.registered, renewed.superseded) == (1, 0)
    assert {seal.state for seal in custodian.every_seal()} == {"sealed"}


def test_a_file_without_rows_registers_nothing(custodian: Custodian) -> None:
    empty = custodian.folder / "empty.csv"
    empty.write_text("seal_id,event,regime,effective_from,docket\n")
    result = custodian.registry.add(empty)

    assert (result.rows, result.registered, result.epoch) == (0, 0, 0)


def test_blank_lines_byte_order_marks_and_carriage_returns_are_no_notices(custodian: Custodian) -> None:
    file = custodian.folder / "windows.csv"
    file.write_bytes(
        b"\xef\xbb\xbfseal_id;event;regime;effective_from;docket\r\n\r\n"
        b"S1;sealed;us-ny/cpl-160.50;2020-01-01;2014KN000001\r\n;;;;\r\n\r\n"
    )
    result = custodian.registry.add(file)

    assert (result.rows, result.registered) == (1, 1)


def test_columns_are_renamed_and_left_unread(custodian: Custodian) -> None:
    file = custodian.file(
        {"Our Ref": "S1", "event": "sealed", "effective_from": "2020-01-01", "Arrest No": "K14612345", "Court": "x"}
    )
    renamed = {"Our Ref": "seal_id", "Arrest No": "arrest_number", "Court": ""}
    assert custodian.registry.add(file, map=renamed).registered == 1
    assert keys_of(custodian) == {"S1": {("arrest_number", "K14612345")}}


def test_former_names_of_a_scheme_and_ids_of_other_systems_are_columns(custodian: Custodian) -> None:
    custodian.add(notice("S1", **{"obts_number": "12345678K", "opaque:compas": "Case 7", "photo_id": "P1234"}))
    assert keys_of(custodian) == {"S1": {("cjtn", "12345678K"), ("opaque:compas", "Case 7"), ("photo", "P1234")}}


def test_a_scheme_of_ones_own_is_a_column(custodian: Custodian) -> None:
    register_scheme(
        Scheme(name="ward_number", level=Level.ARREST, spellings=[Spelling(r"W(?P<serial>\d{1,5})", "W{serial:0>5}")])
    )
    custodian.add(notice("S1", ward_number="w12"))
    assert custodian.published() == {("ward_number", "W00012"): "sealed"}


def test_two_columns_of_one_scheme_are_two_keys(custodian: Custodian) -> None:
    row = notice("S1", cjtn="12345678K", ccn="12345679K")
    swapped = notice("S1", cjtn="12345679K", ccn="12345678K")
    custodian.add(row)

    assert keys_of(custodian) == {"S1": {("cjtn", "12345678K"), ("cjtn", "12345679K")}}
    assert custodian.add(swapped).known == 1


def test_an_indictment_without_a_defendant_is_kept_for_linkage(custodian: Custodian) -> None:
    custodian.add(notice("S1", indictment="IND-70123-21"), notice("S2", indictment="IND-70123-21/002"))

    assert keys_of(custodian) == {
        "S1": {("indictment_case", "IND-070123-2021")},
        "S2": {("indictment", "IND-070123-2021-002")},
    }
    assert custodian.published() == {("indictment", "IND-070123-2021-002"): "sealed"}


def test_an_open_action_needs_no_id(custodian: Custodian) -> None:
    row = notice("", "open", docket="2014KN000001", arrest_number="K14612345")
    custodian.add(row)
    (seal,) = custodian.every_seal()

    assert seal.state == "open"
    assert seal.seal_id.startswith("open:")
    assert custodian.add(row, row).registered == 0


def test_sentinels_are_no_keys(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001", nysid="00000009", cjtn="NONE", arrest_date="2014-02-03"))
    assert keys_of(custodian) == {"S1": {("docket", "2014KN000001")}}


def test_numbers_in_parquet_are_not_guessed_back(custodian: Custodian) -> None:
    file = custodian.folder / "numbers.parquet"
    pl.DataFrame(
        {"seal_id": ["S1"], "event": ["sealed"], "effective_from": ["2020-01-01"], "opaque:booking": [123456.0]}
    ).write_parquet(file)
    with pytest.raises(NoticeError, match="was read as a number"):
        custodian.registry.add(file)


def test_types_of_parquet_are_read(custodian: Custodian) -> None:
    file = custodian.folder / "typed.parquet"
    frame = pl.DataFrame(
        {
            "seal_id": [1, 2],
            "event": pl.Series(["sealed", "sealed"], dtype=pl.Categorical),
            "effective_from": pl.Series(["2020-01-01", "2020-01-02"]).str.to_date(),
            "opaque:booking": [123456, 7],
            "aliases": [["DOE, JO", "ROE, J"], []],
        }
    )
    frame.write_parquet(file)
    assert custodian.registry.add(file).registered == 2
    history = custodian.registry.history("opaque:booking", "123456")
    assert history[0].person is not None
    assert history[0].person.aliases == "DOE, JO; ROE, J"
    assert keys_of(custodian) == {"1": {("opaque:booking", "123456")}, "2": {("opaque:booking", "7")}}


def test_numbers_in_json_keep_their_digits(custodian: Custodian) -> None:
    file = custodian.folder / "numbers.jsonl"
    line = '{"seal_id": %s, "event": "sealed", "effective_from": "2020-01-01", "opaque:booking": %s}\n'
    file.write_text(line % (1, 12345678901234567890123))
    custodian.registry.add(file)
    assert keys_of(custodian) == {"1": {("opaque:booking", "12345678901234567890123")}}

    file.write_text(line % (2, "1.0"))
    with pytest.raises(NoticeError, match="was read as a number"):
        custodian.registry.add(file)


@pytest.mark.parametrize(
    ("header", "options", "error", "said"),
    [
        ("seal_id,event,effective_from,dockett", {}, ColumnError, "did you mean 'docket'?"),
        ("seal_id,event,efective_from,docket", {}, ColumnError, "did you mean 'effective_from'?"),
        ("seal_id,event,effective_from,docket,docket", {}, ColumnError, "twice"),
        ("seal_id,event,effective_from,docket,Seal ID", {}, ColumnError, "two columns"),
        ("seal_id,event,effective_from,person_arrest", {}, ColumnError, "a column for each part"),
        ("event,effective_from,last_name", {}, ColumnError, "no column holds record keys"),
        ("seal_id,event,docket", {}, ColumnError, "add effective_from: the day from which each event holds"),
        ("seal_id,effective_from,docket", {}, ColumnError, "add event: sealed, or another event, in each row"),
        ("seal_id,event,effective_from,ref", {"map": {"ref": "dokcet"}}, ConfigError, "no scheme"),
        ("seal_id,event,effective_from,docket", {"map": {"Docket No": "docket"}}, ColumnError, "Docket No"),
        ("Docket No", {"map": {"docket": "Docket No"}}, ColumnError, "give the column's name in the file first"),
        (
            "Docket No,Def Last,Status",
            {"map": {"Docket No": "docket"}},
            ColumnError,
            "there are no columns 'event', 'effective_from' and 'seal_id', and there are columns that are not "
            "fields of a notice: 'Def Last', 'Status'",
        ),
        (
            "Arrest Number,Date Sealed,Statute,Arrest Date",
            {},
            ColumnError,
            "event: sealed, or another event, in each row; effective_from: the day from which each event holds; "
            "seal_id: an id of its own",
        ),
        ("docket,Clerk,effective_from", {}, ColumnError, "not fields of a notice: 'Clerk'"),
        ("docket,evnt,effective_from", {}, ColumnError, "did you mean 'event'?"),
        ("docket,Kind,day", {"map": {"Knd": "event"}}, ColumnError, "there is no column 'Knd'"),
        ("docket,Status 2014KN012345", {}, ColumnError, "number 2"),
        ("K14612345,DOE,2014KN012345,x", {}, ColumnError, "the first line names the columns"),
    ],
)
def test_a_column_that_is_not_understood_is_named_with_what_to_do(
    custodian: Custodian, header: str, options: dict[str, Any], error: type[Exception], said: str
) -> None:
    file = custodian.folder / "odd.csv"
    file.write_text(f"{header}\n")
    with pytest.raises(error) as caught:
        custodian.registry.add(file, **options)
    assert said in str(caught.value)
    assert "K14612345" not in str(caught.value)
    assert custodian.registry.epoch == 0


@pytest.mark.parametrize("rows", [1, 30])
def test_a_column_that_every_row_lacks_is_to_be_added(custodian: Custodian, rows: int) -> None:
    """A file of rejects would be the whole file; where some rows lack it, the others can be registered."""
    sealed = "".join(f"sealed,2024-03-01,K146{number:05}\n" for number in range(rows))
    file = custodian.folder / "court.csv"
    file.write_text(f"event,effective_from,arrest_number\n{sealed}")
    with pytest.raises(NoticeError) as every:
        custodian.registry.add(file)
    file.write_text(f"event,effective_from,arrest_number\n{sealed}open,2024-03-01,M14600001\n")
    with pytest.raises(NoticeError) as some:
        custodian.registry.add(file)

    assert every.value.hint == "add the column seal_id: an id of its own for each record that begins a seal."
    assert "reject_file" in some.value.hint


def test_a_header_that_may_be_a_value_is_told_by_its_position(custodian: Custodian) -> None:
    file = custodian.folder / "odd.csv"
    file.write_text("seal_id,event,effective_from,docket,K14612345\n")
    with pytest.raises(ColumnError, match="the column number 5") as caught:
        custodian.registry.add(file)
    assert "K14612345" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("absent.csv", None, UsageError),
        ("empty.csv", b"", UnreadableInput),
        ("blank.csv", b"\xef\xbb\xbf \n\n", UnreadableInput),
        ("empty.jsonl", b"", UnreadableInput),
        ("notices.xlsx", b"PK", UsageError),
        ("notices", b"seal_id", UsageError),
        ("text.parquet", b"seal_id,event\n", UnreadableInput),
        ("parquet.csv", b"PAR1....", UnreadableInput),
        ("cut.parquet", b"PAR1", UnreadableInput),
        (
            "latin.csv",
            b"seal_id,event,effective_from,docket,last_name\nS1,sealed,2020-01-01,2014KN000001,PE\xd1A\n",
            UnreadableInput,
        ),
        ("latin.jsonl", b'{"seal_id": "PE\xd1A"}\n', UnreadableInput),
        ("utf16.csv", "seal_id,event\nS1,sealed\n".encode("utf-16")[:-1], UnreadableInput),
        (
            "open.csv",
            b'seal_id,event,effective_from,docket\nS1,sealed,2020-01-01,2014KN000001\nS2,sealed,2020-01-01,"2014KN00\n1,a\n',
            UnreadableInput,
        ),
    ],
)
def test_what_cannot_be_read_is_an_error(
    custodian: Custodian, name: str, content: bytes | None, error: type[Exception]
) -> None:
    file = custodian.folder / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(error):
        custodian.registry.add(file)
    assert custodian.registry.epoch == 0


def test_a_folder_is_no_file_of_notices(custodian: Custodian, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="folder"):
        custodian.registry.add(tmp_path)


def test_the_line_that_is_not_utf8_is_named(custodian: Custodian) -> None:
    file = custodian.folder / "latin.csv"
    file.write_bytes(b"seal_id,event,effective_from,docket,last_name\n" + b"S1,sealed,2020-01-01,2014KN000001,\n" * 3)
    with file.open("ab") as more:
        more.write(b"S1,sealed,2020-01-01,2014KN000001,PE\xd1A\n")
    with pytest.raises(UnreadableInput, match="line 5 is not UTF-8"):
        custodian.registry.add(file)


@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_large_file_is_registered_in_parts_as_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    same = notice("S4", docket="2016BX000007")
    rows = [*ROWS, same, notice("S6", docket="bad"), notice("", "vacated", docket="2016BX000007"), same]
    told: list[int] = []

    def stored(name: str) -> dict[str, list[tuple[Any, ...]]]:
        (tmp_path / name).mkdir()
        custodian = Custodian(tmp_path / name)
        custodian.add(
            *rows,
            reject_file=tmp_path / f"{name}.csv",
            progress=lambda phase, done, _: told.append(done) if phase == "registering events" else None,
        )
        with contextlib.closing(sqlite3.connect(custodian.place)) as store:
            return {table: sorted(store.execute(f"SELECT * FROM {table}")) for table in TABLES}

    whole = stored("whole")
    assert [len(whole[table]) for table in TABLES] == [7, 9, 2]
    told.clear()
    monkeypatch.setattr(notice_intake, "_PART", part)
    assert stored("parts") == whole
    assert told == sorted(told)
    assert told[-1] == len(whole["events"])


def test_progress_is_told_by_phase(custodian: Custodian) -> None:
    told: list[tuple[str, int, int]] = []
    custodian.add(*ROWS, progress=lambda phase, done, total: told.append((phase, done, total)))

    assert [phase for phase, _, _ in told][:2] == ["reading", "checking"]
    assert ("registering events", 4, 4) in told


def test_written_notices_are_what_the_test_meant(tmp_path: Path) -> None:
    read = pl.read_csv(write_notices(tmp_path / "n.csv", ROWS), infer_schema=False)
    assert read.height == len(ROWS)
