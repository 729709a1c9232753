"""What becomes of a column whose ids are not text, or were text once."""

from __future__ import annotations

import datetime
from decimal import Decimal

import polars as pl
import pytest

from sealscrub.errors import ColumnError
from sealscrub.identifiers import Scheme, Spelling, Status, canonicalise

BOOKING = Scheme(
    name="tests_booking",
    level="arrest",
    spellings=[Spelling(r"(?P<serial>\d{8})", "{serial}")],
    number_width=8,
)


def outcome(column: pl.Series, scheme: str | Scheme) -> list[tuple[str | None, str]]:
    found = canonicalise(column, scheme)
    return [(value, Status(status).name) for value, status in zip(found.values, found.status, strict=True)]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt8, pl.Int32, pl.UInt64, pl.Int128, pl.Decimal(9, 0)])
def test_integers_are_read_as_they_are_written(dtype: pl.DataType) -> None:
    assert outcome(pl.Series([123, None, 0]).cast(dtype), "opaque:a") == [("123", "OK"), (None, "NULL"), ("0", "OK")]


def test_the_largest_integers_keep_every_digit() -> None:
    assert outcome(pl.Series([2**64 - 1], dtype=pl.UInt64), "opaque:a") == [("18446744073709551615", "OK")]
    assert outcome(pl.Series([Decimal(10**37 + 1)]), "opaque:a") == [(str(10**37 + 1), "OK")]


def test_an_integer_column_gets_its_leading_zeros_back_only_where_the_scheme_says_how_many() -> None:
    assert outcome(pl.Series([1234567, 12345678]), BOOKING) == [("01234567", "OK"), ("12345678", "OK")]
    assert outcome(pl.Series([123456789, -1234567]), BOOKING) == [(None, "UNPARSABLE")] * 2
    assert outcome(pl.Series(["1234567"]), BOOKING) == [(None, "UNPARSABLE")]
    assert outcome(pl.Series([1234567]), "arrest_number") == [(None, "UNPARSABLE")]
    assert outcome(pl.Series(["007", "7"]), "opaque:a") == [("007", "OK"), ("7", "OK")]


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64, pl.Decimal(12, 2)])
@pytest.mark.parametrize("scheme", ["arrest_number", "opaque:a"])
def test_what_went_through_a_float_is_damaged_whatever_it_looks_like(dtype: pl.DataType, scheme: str) -> None:
    column = pl.Series([14612345.0, None]).cast(dtype)
    assert outcome(column, scheme) == [(None, "DAMAGED"), (None, "NULL")]


def test_not_a_number_is_null_and_infinity_is_damaged() -> None:
    assert outcome(pl.Series([float("nan"), float("inf")]), "opaque:a") == [(None, "NULL"), (None, "DAMAGED")]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["k14-612345", "(null)"])])
def test_categories_are_read_as_their_texts(dtype: pl.DataType) -> None:
    column = pl.Series(["k14-612345", None, "(null)"], dtype=dtype)
    assert outcome(column, "arrest_number") == [("K14612345", "OK"), (None, "NULL"), (None, "NULL")]


def test_bytes_are_read_as_text_where_they_are_text() -> None:
    expected = [("K14612345", "OK"), (None, "NULL")]
    assert outcome(pl.Series([b"k14-612345", None]), "arrest_number") == expected
    assert outcome(pl.Series([b"k14-612345", None, b"\xff\xfe"]), "arrest_number") == [*expected, (None, "UNPARSABLE")]


def test_a_column_of_nulls_is_null() -> None:
    assert outcome(pl.Series([None, None]), "docket") == [(None, "NULL")] * 2
    assert outcome(pl.Series([], dtype=pl.String), "docket") == []


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("C", [True, None]),
        pl.Series("C", [datetime.date(2014, 1, 5)]),
        pl.Series("C", [datetime.datetime(2014, 1, 5, tzinfo=datetime.UTC)]),
        pl.Series("C", [datetime.timedelta(1)]),
        pl.Series("C", [["K14612345"]]),
        pl.Series("C", [{"a": "K14612345"}]),
        pl.Series("C", [object()], dtype=pl.Object),
    ],
    ids=lambda column: str(column.dtype.base_type()),
)
@pytest.mark.parametrize("scheme", ["arrest_number", "opaque:a"])
def test_types_that_hold_no_ids_are_refused_by_name(column: pl.Series, scheme: str) -> None:
    with pytest.raises(ColumnError, match="'C'") as refused:
        canonicalise(column, scheme)
    assert refused.value.hint
    assert "14612345" not in str(refused.value)


@pytest.mark.parametrize("sign", ["\x00", "\x1f", "\x7f", "\u200b", "\u2069", "\ufe0f", "\u061c"])
def test_signs_that_nobody_sees_do_not_hide_an_opaque_id(sign: str) -> None:
    assert outcome(pl.Series([f"12{sign}3{sign}"]), "opaque:a") == [("123", "OK")]


def test_case_and_inner_signs_of_an_opaque_id_are_its_own() -> None:
    column = pl.Series(["ab-1", "AB-1", "ab 1", " ab\u20131 "])
    assert [value for value, _ in outcome(column, "opaque:a")] == ["ab-1", "AB-1", "ab 1", "ab-1"]
