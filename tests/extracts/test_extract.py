"""Extracts: what goes into one, what is refused, and who opens its file."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import ColumnError, ConfigError, SealscrubError, UnreadableInput, UsageError, WriteFailed
from sealscrub.extracts import FIELDS, Extract, extract, open_extract
from sealscrub.identifiers import AnnexKey, generate_keys, load_annex, load_recipient
from sealscrub.identifiers.canonical import canonicalise_part

PLANTED = "Zebedee-Canary"
ROWS = pl.DataFrame(
    {
        "ID": [7, 8, 9],
        "L": ["Doe", " ", None],
        "D": [dt.date(2024, 3, 1), None, None],
        "T": [dt.datetime(2024, 3, 1, 23, 59), None, None],
        "secret": [PLANTED] * 3,
    }
)
BY = {"last_name": "L", "arrest_date": "D", "birth_date": "T"}


@pytest.fixture
def keys(tmp_path: Path) -> tuple[bytes, AnnexKey]:
    _, _, annex, _, public = generate_keys(tmp_path / "seal.key")
    return load_recipient(public), load_annex(annex)


def made(rows: Any = ROWS, **options: Any) -> Extract:
    return extract(rows, **{"row_id": "ID", "fields": BY} | options)


def test_dates_are_days_blanks_are_null_and_rows_that_nothing_links_stay_out() -> None:
    found = made()
    assert found.frame.rows() == [("7", "Doe", None, None, "2024-03-01", "2024-03-01", *[None] * 4)]
    assert (found.left_out, found.fields) == (2, ("last_name", "birth_date", "arrest_date"))
    assert found.frame.columns == ["id", *FIELDS]


def test_a_file_holds_the_columns_named_alone_and_opens_with_the_annex_key(
    tmp_path: Path, keys: tuple[bytes, AnnexKey]
) -> None:
    public, private = keys
    place = tmp_path / "vendor.linkin"
    made().write(place, public)
    opened = open_extract(place, private)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert opened.frame.equals(made().frame)
    assert (opened.digest, opened.fields, opened.created) == (made().digest, made().fields, made().created)
    assert not any(word in place.read_bytes() for word in (b"Doe", PLANTED.encode(), b"last_name"))


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(5)), st.integers(0, 4))
def test_the_digest_is_of_the_rows_and_not_of_their_order(order: list[int], changed: int) -> None:
    rows = pl.DataFrame({"ID": range(5), "L": list("abcde")})
    by = {"last_name": "L"}
    other = rows.with_columns(L=pl.when(pl.col("ID") == changed).then(pl.lit("x")).otherwise("L"))
    first = made(rows, fields=by).digest
    assert made(rows[order], fields=by).digest == first
    assert made(other, fields=by).digest != first


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "absent", "another key", "text"])
def test_a_file_that_does_not_open_is_refused(tmp_path: Path, keys: tuple[bytes, AnnexKey], damage: str) -> None:
    public, private = keys
    place = tmp_path / "vendor.linkin"
    made().write(place, public)
    held = place.read_bytes()
    if damage == "another key":
        private = load_annex(generate_keys(tmp_path / "other.key")[2])
    elif damage == "absent":
        place.unlink()
    else:
        place.write_bytes(
            {"cut": held[:-1], "changed": held[:-1] + bytes([held[-1] ^ 1]), "empty": b"", "text": b"ID,L\n"}[damage]
        )
    with pytest.raises(UnreadableInput) as refused:
        open_extract(place, private)
    assert refused.value.where == str(place)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"ID": [PLANTED, PLANTED, "b"]}, UsageError),
        ({"ID": [f" {PLANTED}", PLANTED, "b"]}, UsageError),
        ({"ID": [PLANTED, "a", None]}, UsageError),
        ({"ID": [PLANTED, "a", " "]}, UsageError),
        ({"ID": [1.5, 2.0, 3.0]}, UsageError),
        ({"L": [[PLANTED], [], None]}, UsageError),
        ({"L": [PLANTED.encode(), b"\xff", None]}, UsageError),
        ({"ID": [PLANTED.encode(), b"\xff", b"c"]}, UsageError),
        ({"D": [PLANTED, "3/4/19", None]}, UsageError),
    ],
)
def test_rows_that_no_link_could_name_are_refused_unshown(change: dict[str, Any], error: type[Exception]) -> None:
    rows = ROWS.with_columns(*(pl.Series(name, values) for name, values in change.items()))
    with pytest.raises(error) as refused:
        made(rows)
    assert PLANTED not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"fields": {}}, ConfigError),
        ({"fields": {PLANTED: "L"}}, ConfigError),
        ({"fields": {"last_name": "absent"}}, ColumnError),
        ({"row_id": "absent"}, ColumnError),
    ],
)
def test_wrong_use(options: dict[str, Any], error: type[SealscrubError]) -> None:
    with pytest.raises(error) as refused:
        made(**options)
    assert PLANTED not in str(refused.value)


def test_a_frame_without_rows_makes_an_extract_without_rows() -> None:
    assert made(ROWS.head(0)).frame.is_empty()


def test_no_name_in_a_representation() -> None:
    assert "Doe" not in repr(made())


def test_what_is_there_stays_when_nothing_can_be_written(tmp_path: Path, keys: tuple[bytes, AnnexKey]) -> None:
    with pytest.raises(WriteFailed):
        made().write(tmp_path / "absent" / "vendor.linkin", keys[0])
    with pytest.raises(UsageError):
        made().write(tmp_path / "vendor.linkin", b"short")
    assert not (tmp_path / "vendor.linkin").exists()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2019-03-04T23:50:00Z", "2019-03-04"),
        ("2019-03-04 23:50:00.123+01:00", "2019-03-04"),
        ("2019-03-04T23:50-0500", "2019-03-04"),
        ("4-Mar-2019", "2019-03-04"),
        ("04-MAR-2019", "2019-03-04"),
        ("20190304.0", "2019-03-04"),
        (20190304.0, "2019-03-04"),
        ("3/4/2019", "2019-03-04"),
        ("3/4/19", None),
        ("31-Feb-2019", None),
        ("no day", None),
    ],
)
def test_dates_are_read_as_they_are_written(written: object, day: str | None) -> None:
    other = 20200101.0 if isinstance(written, float) else "2020-01-01"
    rows = pl.DataFrame({"ID": ["a", "b"], "D": [written, other]})
    found = made(rows, fields={"arrest_date": "D"})
    read = canonicalise_part(found.frame.sort("id")["arrest_date"], "date").values[0]
    assert read == day
    assert found.read == {"arrest_date": (2, 1 + (day is not None))}


def test_what_is_filled_and_what_can_be_read() -> None:
    rows = pl.DataFrame({"ID": list("abc"), "B": ["1984", "x", None], "N": ["01234567A", " ", "?"]})
    found = made(rows, fields={"birth_date": "B", "nysid": "N"})
    assert found.read == {"birth_date": (2, 1), "nysid": (2, 1)}


def test_ids_that_are_floats_are_named_so() -> None:
    with pytest.raises(UsageError, match="floats"):
        made(ROWS.with_columns(ID=pl.Series([1.5, 2.0, 3.0])))


@pytest.mark.parametrize(
    "written", ["04.03.2019", "04MAR2019", "4 Mar 2019", "20190304.0", "2019-03-04T23:50:00Z", "3/4/2019"]
)
def test_a_day_that_linkage_reads_is_read_in_an_extract(written: str) -> None:
    rows = pl.DataFrame({"ID": ["a"], "D": [written]})

    found = made(rows, fields={"arrest_date": "D"})

    assert found.read == {"arrest_date": (1, 1)}
    assert found.frame["arrest_date"].to_list() == ["2019-03-04"]


@pytest.mark.parametrize(("exchanged", "refused"), [(0, False), (1, False), (2, False), (3, True), (4, True)])
def test_date_columns_that_were_named_for_each_other_are_refused(exchanged: int, refused: bool) -> None:
    dates = [("2019-03-04", "1984-07-31") if at < exchanged else ("1984-07-31", "2019-03-04") for at in range(4)]
    rows = pl.DataFrame([(str(at), *each) for at, each in enumerate(dates)], schema=["ID", "B", "A"], orient="row")
    by = {"birth_date": "B", "arrest_date": "A"}
    if not refused:
        assert made(rows, fields=by).frame.height == 4
        return
    with pytest.raises(UsageError, match="before they were born: 'A' and 'B'") as caught:
        made(rows, fields=by)
    assert "1984" not in str(caught.value)
