"""Dispositions of which some rows cannot be read or registered."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.errors import NoticeError, UsageError, WriteFailed

from .custodian import Custodian
from .dispositions import DAY, HEAD, derive, states, write

GOOD = "2018KN000001,7,K18000001,2018-01-01,1,,,ACQUITTED,2018-05-01"
NO_DAY = "2018KN000002,8,K18000002,2018-02-30,1,,,PLED GUILTY,2018-05-01"
SAME_PERSON = "2018KN000003,8,K18000003,2018-01-01,1,,,ACQUITTED,2018-05-01"
NO_NUMBER = "2018KN000004,9,SECRET,2018-01-01,1,,,ACQUITTED,2018-05-01"
ITS_PERSON = "2018KN000005,9,K18000005,2018-01-01,1,,,ACQUITTED,2018-05-01"
RAGGED = "2018KN000006,10"
ROWS = (GOOD, NO_DAY, SAME_PERSON, NO_NUMBER, ITS_PERSON, RAGGED)


def test_bad_rows_go_to_a_private_file_and_the_rest_is_derived(custodian: Custodian) -> None:
    rejects = custodian.folder / "rejects.csv"
    result = derive(custodian, *ROWS, reject_file=rejects)

    assert (result.rows, result.actions, result.sealed, result.rejected) == (6, 1, 1, 5)
    assert set(states(custodian)) == {"2018KN000001"}
    assert rejects.read_text() == "\n".join([HEAD, *ROWS[1:]]) + "\n"
    assert rejects.stat().st_mode & 0o777 == 0o600
    assert [(line, column) for line, column, _ in result.problems] == [
        (3, "arrest_date"),
        (4, ""),
        (5, "arrest_number"),
        (6, ""),
        (7, ""),
    ]
    assert "SECRET" not in str(result)


def test_without_a_reject_file_nothing_is_derived(custodian: Custodian) -> None:
    with pytest.raises(NoticeError, match="2 of 6 rows cannot be read") as unread:
        derive(custodian, *ROWS)
    with pytest.raises(NoticeError, match="1 of 2 rows cannot be registered; nothing was registered") as unregistered:
        derive(custodian, GOOD, NO_NUMBER)

    assert "--reject-file FILE" in unread.value.in_shell()
    assert "--reject-file FILE" in unregistered.value.in_shell()
    assert "SECRET" not in str(unregistered.value)
    assert custodian.registry.epoch == 0


def test_mended_rejects_are_derived(custodian: Custodian) -> None:
    rejects = custodian.folder / "rejects.csv"
    derive(custodian, *ROWS[:5], reject_file=rejects)
    rejects.write_text(rejects.read_text().replace("2018-02-30", "2018-02-28").replace("SECRET", "K18000004"))

    assert custodian.registry.derive(rejects, as_of=DAY).actions == 4
    assert len(states(custodian)) == 5


def test_a_row_that_cannot_be_read_holds_back_what_it_may_bear_on(custodian: Custodian) -> None:
    """The other docket of an arrest may be a conviction: without it, the arrest would look sealed."""
    sealed = "2018KN000001,7,K18000001,2018-01-01,1,,,ACQUITTED,2018-05-01"
    other = "2018KN000002,7,K18000001,2018-01-01,1,,,PLED GUILTY,2018-05-41"
    nobodys = "2018KN000003,,K18000003,2018-01-01,1,,,ACQUITTED,2018-05-01"
    of_that_arrest = "2018KN000004,12,K18-000003,2018-01-01,1,,,ACQUITTED,2018-05-01"
    result = derive(custodian, sealed, other, nobodys, of_that_arrest, GOOD.replace("7,K18000001", "8,K18000009"),
                    reject_file=custodian.folder / "r.csv")  # fmt: skip

    assert result.rejected == 5  # the docket of the first is the last's too
    assert custodian.registry.seals(DAY) == ()


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_rejects_have_the_format_of_the_file(custodian: Custodian, suffix: str) -> None:
    frame = pl.read_csv(write(custodian, *ROWS[:5]), infer_schema=False)
    path, rejects = custodian.folder / f"d.{suffix}", custodian.folder / f"r.{suffix}"
    {"parquet": frame.write_parquet, "jsonl": frame.write_ndjson}[suffix](path)
    custodian.registry.derive(path, as_of=DAY, reject_file=rejects)

    back = {"parquet": pl.read_parquet, "jsonl": pl.read_ndjson}[suffix](rejects)
    assert back["docket"].to_list() == frame["docket"].to_list()[1:]


def test_where_rejects_cannot_be_written_nothing_is_derived(custodian: Custodian) -> None:
    with pytest.raises(WriteFailed):
        derive(custodian, *ROWS, reject_file=custodian.folder / "absent" / "rejects.csv")
    for path in (custodian.folder / "d.csv", Path(custodian.place)):
        for option in ("reject_file", "explain"):
            with pytest.raises(UsageError, match="would replace an input"):
                derive(custodian, *ROWS, **{option: path})
    assert custodian.registry.epoch == 0


def test_decisions_and_rejects_are_two_files(custodian: Custodian) -> None:
    one = custodian.folder / "one.jsonl"
    with pytest.raises(UsageError, match="need two files"):
        derive(custodian, GOOD, explain=one, reject_file=custodian.folder / "." / "one.jsonl")


def test_where_decisions_cannot_be_written_nothing_is_derived(custodian: Custodian) -> None:
    with pytest.raises(WriteFailed):
        derive(custodian, GOOD, explain=custodian.folder / "absent" / "decisions.jsonl")
    assert custodian.registry.epoch == 0


def test_a_dry_run_says_what_cannot_be_registered(custodian: Custodian) -> None:
    result = derive(custodian, GOOD, NO_NUMBER, dry_run=True)

    assert (result.sealed, result.rejected) == (2, 0)
    assert [(line, column) for line, column, _ in result.problems] == [(3, "arrest_number")]


def test_the_command_says_how_many_and_where(custodian: Custodian, capsys: pytest.CaptureFixture[str]) -> None:
    path, rejects = write(custodian, *ROWS), custodian.folder / "rejects.csv"
    ask = ["registry", "derive", str(custodian.place), str(path), "--as-of", "2026-06-01"]

    assert run(ask) == 2
    assert "line 3, column arrest_date: is not a date" in capsys.readouterr().err
    assert run([*ask, "--dry-run", "--reject-file", str(rejects)]) == 0
    capsys.readouterr()
    assert run([*ask, "--reject-file", str(rejects)]) == 0
    said = capsys.readouterr().err
    assert "5 rows could not be registered, and are in" in said
    assert "line 5, column arrest_number: does not parse as a NYPD arrest number" in said
    assert "SECRET" not in said
