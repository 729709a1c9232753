"""Files of dispositions in every spelling, format and order, and those that are none."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.errors import NoticeError, SealscrubError, UsageError

from .custodian import Custodian
from .dispositions import DAY, HEAD, ROWS, derive, states, write


def test_a_docket_is_one_action_in_every_spelling(custodian: Custodian) -> None:
    one = "2018KN000001,7,K18000001,2018-01-01,1,PL 120.00,M,ACQUITTED,2018-05-01"
    other = "CR-000001-18KN,7,K18-000001,2018-01-01,2,PL 120.00,M,PENDING,2018-05-01"
    result = derive(custodian, one, other)

    assert (result.actions, result.open, dict(result.oddities)) == (1, 1, {})


def test_arrests_without_a_docket_or_a_number_are_told_apart(custodian: Custodian) -> None:
    head = "docket,defendant_id,cjtn,nysid,arrest_date,disposition,event_date,certified,prints_sent"
    rows = (
        "NONE,7,64512345K,,2018-01-01,VOIDED ARREST,2018-05-01,Y,Y",
        "NONE,7,64512346K,,2019-01-01,PENDING,2019-05-01,Y,Y",
        ",8,NONE,12345678A,2018-01-01,VOIDED ARREST,2018-05-01,Y,Y",
        ",8,,12345678A,2019-01-01,PENDING,2019-05-01,Y,Y",
    )
    path = write(custodian, *rows, head=head)
    result = custodian.registry.derive(path, as_of=DAY)

    assert (result.actions, result.sealed) == (4, 2)
    assert set(custodian.published()) == {("cjtn", "64512345K"), ("person_arrest", "12345678A@2018-01-01")}


@pytest.mark.parametrize(
    ("head", "renamed", "column"),
    [
        ("cjtn", {}, "cjtn"),
        ("CJTN", {}, "CJTN"),
        ("tracking_number", {}, "tracking_number"),
        ("arrest event", {"arrest event": "cjtn"}, "arrest event"),
        ("charge", {"charge": "cjtn"}, "charge|tracking_number"),
        ("event", {"event": "tracking_number"}, "event|tracking_number"),
    ],
)
def test_a_number_that_cannot_be_registered_is_named_as_the_file_names_it(
    custodian: Custodian, head: str, renamed: dict[str, str], column: str
) -> None:
    path = write(custodian, "7,2018-05-01,VOIDED ARREST,Quux-1", head=f"defendant_id,event_date,disposition,{head}")

    with pytest.raises(NoticeError, match=rf"line 2, column ({column}): does not parse"):
        custodian.registry.derive(path, as_of=DAY, map=renamed)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_file_in_halves_makes_what_the_whole_does(custodian: Custodian, order: tuple[int, int]) -> None:
    halves = (ROWS[:2], ROWS[2:])
    for half in order:
        derive(custodian, *halves[half])
    found = states(custodian)

    assert derive(custodian, *ROWS).appended == 0
    assert found == states(custodian)


def test_names_of_columns_are_read_as_those_of_notices_are(custodian: Custodian) -> None:
    head = "Docket,DEFENDANT ID,Arrest-Number,arrest_date,Charge,law_code,severity,Disposition,Event Date"
    path = write(custodian, *ROWS, head=head)

    assert custodian.registry.derive(path, as_of=DAY).appended == 5
    assert derive(custodian, *ROWS).appended == 0


def test_numbers_that_went_through_floats_are_the_same_numbers(custodian: Custodian) -> None:
    frame = pl.read_csv(write(custodian, *ROWS), infer_schema=False)
    for number, dtype in enumerate((pl.Int64, pl.Float64, pl.Decimal(10, 2))):
        path = custodian.folder / f"{number}.parquet"
        frame.with_columns(pl.col("defendant_id", "charge").cast(dtype)).write_parquet(path)
        assert custodian.registry.derive(path, as_of=DAY).appended == (5 if number == 0 else 0)


@pytest.mark.parametrize("flag", ["Y", "y", "true", "TRUE"])
def test_a_flag_is_a_flag_in_every_format(custodian: Custodian, flag: str) -> None:
    head = f"{HEAD},family_offense"
    acd = ROWS[4].replace("2026-04-01", "2025-10-01").replace("2026-05-05", "2025-11-05")

    assert custodian.registry.derive(write(custodian, f"{acd},{flag}", head=head), as_of=DAY).sealed == 0
    assert custodian.registry.derive(write(custodian, f"{acd},N", head=head), as_of=DAY).sealed == 1
    frame = pl.read_csv(write(custodian, acd), infer_schema=False).with_columns(family_offense=pl.lit(value=True))
    frame.write_parquet(custodian.folder / "d.parquet")
    frame.write_ndjson(custodian.folder / "d.jsonl")
    for name in ("d.parquet", "d.jsonl"):
        assert custodian.registry.derive(custodian.folder / name, as_of=DAY, dry_run=True).sealed == 0


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("\n".join([HEAD, *ROWS]).encode("utf-16")[:-1], "is damaged UTF-16"),
        (b"\xff\xfe", "the file is empty"),
        (
            "\n".join([HEAD, *ROWS]).replace("STET", "É").replace("ACQUITTED", "ACQUITTÉ").encode("latin-1"),
            "is not UTF-8",
        ),
        ("\n".join([HEAD, ROWS[0].replace("ACQUITTED", '"ACQUITTED'), *ROWS[1:]]).encode(), "never closed"),
        (b"", "the file is empty"),
        ("\n".join(ROWS).encode(), "there are no columns 'defendant_id', 'disposition' and 'event_date'"),
        ("\n".join([HEAD.replace("charge", "docket"), *ROWS]).encode(), "two columns are 'docket'"),
        (b"PK\x03\x04\xff", "is not UTF-8"),
    ],
)
def test_files_that_are_no_dispositions_are_refused(custodian: Custodian, content: bytes, what: str) -> None:
    path = custodian.folder / "d.csv"
    path.write_bytes(content)

    with pytest.raises(SealscrubError, match=what) as caught:
        custodian.registry.derive(path, as_of=DAY, reject_file=custodian.folder / "r.csv")
    assert not any(secret in str(caught.value) for secret in ("2018KN", "K18", "ACQUITT"))
    assert custodian.registry.epoch == 0


@pytest.mark.parametrize(
    ("mark", "more_head", "more_row", "end", "encoding"),
    [
        ("\ufeff", "", "", "\r\n", "utf-8"),
        ("", "", "", "\n\n", "utf-8"),
        ("", ",", ",", "\n", "utf-8"),
        ("", ",x,x", ",1,2", "\n", "utf-8"),
        ("", "", "", "\r", "utf-8"),
        ("\ufeff", "", "", "\r\n", "utf-16-le"),
        ("\ufeff", "", "", "\n", "utf-16-be"),
    ],
)
def test_marks_encodings_ends_of_lines_and_columns_without_a_name_change_nothing(
    custodian: Custodian, mark: str, more_head: str, more_row: str, end: str, encoding: str
) -> None:
    path = custodian.folder / "d.csv"
    lines = [f"{mark}{HEAD}{more_head}", *(f"{row}{more_row}" for row in ROWS)]
    path.write_text("".join(f"{line}{end}" for line in lines), encoding, newline="")

    assert custodian.registry.derive(path, as_of=DAY).appended == 5
    assert derive(custodian, *ROWS).appended == 0


def test_texts_that_are_long_or_formulas_or_hold_control_signs_are_told_plainly(
    custodian: Custodian, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["A" * 1_000_000, "\x1b[31mRED\x07", '"=HYPERLINK(""x"")"', "@SUM", "+CMD", "-CMD"]
    rows = [f"2018KN00000{n},{n},K1800000{n},2018-01-01,1,,,{text},2018-05-01" for n, text in enumerate(texts, 1)]
    path = write(custodian, *rows)

    assert run(["registry", "derive", str(custodian.place), str(path), "--as-of", "2026-06-01"]) == 0
    said = capsys.readouterr().err
    assert max(map(len, said.splitlines())) < 200
    assert "\x1b" not in said
    assert "\x07" not in said


def test_what_was_not_known_on_a_day_does_not_count(custodian: Custodian) -> None:
    """What does not say when it was recorded is recorded now."""
    head = f"{HEAD},recorded_at"
    rows = (f"{ROWS[0]},2018-06-01", f"{ROWS[0].replace('000001', '000009').replace(',7,', ',9,')},")
    path = write(custodian, *rows, head=head)
    sealed = [
        custodian.registry.derive(path, as_of=DAY, known_at=known, dry_run=True).sealed
        for known in (None, dt.date(2019, 1, 1), dt.date(2018, 5, 20))
    ]

    assert sealed == [2, 1, 0]
    with pytest.raises(UsageError, match="none says when it was recorded"):
        derive(custodian, *ROWS, known_at=dt.date(2019, 1, 1))


def test_a_placeholder_is_no_person(custodian: Custodian) -> None:
    for nobody in ("NONE", "unknown", "N/A", " "):
        with pytest.raises(NoticeError, match="line 2, column defendant_id: is missing"):
            derive(custodian, ROWS[0].replace(",7,", f",{nobody},"))
    crowd = (f"2018KN{n:06},0,K18{n:06},2018-01-01,1,,,ACQUITTED,2018-05-01" for n in range(1, 2_002))
    with pytest.raises(UsageError, match=r"one person has more than 2,000 actions, the first in line 2"):
        derive(custodian, *crowd)
    assert custodian.registry.epoch == 0


def test_a_code_that_is_none_counts_as_blank_and_is_told(custodian: Custodian) -> None:
    """Taken as it is, a conviction of severity X would be one of no crime."""
    convicted = "2018KN000002,8,K18000002,2018-01-01,1,PL 120.00,{},PLED GUILTY,2018-05-02"
    plain = derive(custodian, convicted.format("M"), dry_run=True)
    small = derive(custodian, convicted.format("m"), dry_run=True)
    strange = derive(custodian, convicted.format("X"), dry_run=True)
    blank = derive(custodian, convicted.format(""), dry_run=True)

    assert small == plain
    assert dict(strange.oddities) == {"severity is unknown, and counts as blank": (2,)}
    assert (strange.sealed, strange.withheld, strange.open) == (blank.sealed, blank.withheld, blank.open)


def test_a_court_that_is_none_is_refused(custodian: Custodian) -> None:
    path = write(custodian, f"{ROWS[0]},SECRET", head=f"{HEAD},court")
    with pytest.raises(NoticeError, match="line 2, column court: is not one of criminal, superior, family"):
        custodian.registry.derive(path, as_of=DAY)


def test_the_rules_of_a_demonstration_register_nothing(custodian: Custodian) -> None:
    assert derive(custodian, *ROWS, law="us-ca-demonstration", dry_run=True).actions == 5
    with pytest.raises(UsageError, match="are a demonstration"):
        derive(custodian, *ROWS, law="us-ca-demonstration")
    assert custodian.registry.epoch == 0


def test_looking_back_and_deriving_again_gives_the_same_records(custodian: Custodian) -> None:
    """On the earlier day the plea was not sentenced, and the trial was not over."""
    rows = (
        "2018KN000001,7,K18000001,2018-01-01,1,PL 240.20,V,PLED GUILTY,2018-05-01",
        "2018KN000002,8,K18000002,2018-01-01,1,,,PENDING,2018-02-01",
        "2018KN000002,8,K18000002,2018-01-01,1,,,COVERED BY 2018KN000009,2018-05-01",
        *ROWS,
    )
    derive(custodian, *rows)
    before = states(custodian)
    for day in (dt.date(2018, 5, 2), dt.date(2019, 1, 1), dt.date(2018, 3, 1), DAY):
        derive(custodian, *rows, as_of=day)

    assert states(custodian) == before
    assert derive(custodian, *rows).appended == 0
