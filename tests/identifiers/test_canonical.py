"""Every spelling of one identifier meets, and no two identifiers do."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.errors import SchemeError
from sealscrub.identifiers import Status, canonicalise, canonicalise_parts, digest_column

from .ids import LABELS, STRATEGIES, Written, written
from .reference import reference

SCHEMES = sorted(STRATEGIES)
MANY = pl.Series(["not an id"] * 250)


def verdicts(values: list[str | None], scheme: str) -> list[tuple[str | None, Status]]:
    """What is said of values, whether or not they are in a column with many others."""
    column = pl.Series(values, dtype=pl.String)
    alone, among = canonicalise(column, scheme), canonicalise(pl.concat([column, MANY]), scheme)
    said = [(value, Status(status)) for value, status in zip(alone.values, alone.status, strict=True)]
    some = zip(among.values.head(len(said)), among.status[: len(said)], strict=True)
    assert [(value, Status(status)) for value, status in some] == said
    return said


@pytest.mark.parametrize("scheme", SCHEMES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_spelling_meets_and_a_canonical_value_stays(scheme: str, data: st.DataObject) -> None:
    ids = data.draw(st.lists(written(scheme), min_size=1, max_size=12))
    expected = [(one.canonical, Status.OK) for one in ids]
    assert verdicts([one.raw for one in ids], scheme) == expected
    assert verdicts([one.canonical for one in ids], scheme) == expected


@given(value=st.text(max_size=20))
@example("e\u200b\u0301")
@example("e\x00\u0301")
@example("\u2212\u0338")
@example(" \u00ad 7")
@settings(max_examples=200, deadline=None)
def test_an_opaque_canonical_value_stays(value: str) -> None:
    [(once, status)] = verdicts([value], "opaque:a")
    if status == Status.OK:
        assert verdicts([once], "opaque:a") == [(once, Status.OK)]
    else:
        assert once is None


@st.composite
def dirty(draw: st.DrawFn, scheme: str) -> str:
    """A text that was an identifier, of this scheme or another, before something happened to it."""
    one: Written = draw(written(draw(st.sampled_from([scheme] * 4 + SCHEMES))))
    text = one.raw if draw(st.booleans()) else one.canonical
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        sign = draw(st.sampled_from("0123456789OISBlo KNMQCRDEA-/.#_+\u0661\u00b2\u2013\u200b"))
        text = text[:at] + sign + text[at + draw(st.integers(0, 1)) :]
    return str(draw(st.floats(0, 1e12))) if draw(st.integers(0, 9)) == 0 else text


@pytest.mark.parametrize("scheme", SCHEMES)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_few_lines_of_python_say_the_same_row_by_row(scheme: str, data: st.DataObject) -> None:
    column = data.draw(st.lists(st.none() | dirty(scheme), min_size=1, max_size=20))
    assert verdicts(column, scheme) == [reference(text, scheme) for text in column]


@pytest.mark.parametrize(
    ("scheme", "canonical"),
    [
        *(("arrest_number", each) for each in ("K14612345", "S99999998", "K14000001")),
        *(("cjtn", each) for each in ("61234567Q", "99999998A")),
        *(("docket", each) for each in ("2014KN000001", "2019SR123456")),
    ],
)
def test_each_sign_at_each_place_of_a_canonical_value(scheme: str, canonical: str) -> None:
    """Also in the places of two, which may be one sign of two bytes; next to rows that are canonical, null or none."""
    signs = [chr(code) for code in range(128)]
    column: list[str | None] = [canonical, None, canonical[:-6] + "000000", "NONE", "9" * len(canonical)]
    for at in range(len(canonical)):
        column += [canonical[:at] + sign + canonical[at + 1 :] for sign in (*signs, "")]
        column += [canonical[:at] + sign + canonical[at + 2 :] for sign in ("\u00e9", "\u0662", "\u07ff", "\x80")]
    assert verdicts(column, scheme) == [reference(text, scheme) for text in column]
    assert verdicts([canonical] * 3, scheme) == [(canonical, Status.OK)] * 3


@pytest.mark.parametrize("others", [1, 250])
@pytest.mark.parametrize("second", ["M14000017", "m14-000017"])
def test_what_was_in_the_place_of_a_null_is_not_read(second: str, others: int) -> None:
    held = pa.array(["K14612345", *[second] * others], pa.string_view())
    valid = pa.py_buffer(bytes([0b11111110, *[0xFF] * (others // 8)]))
    nulled = pa.Array.from_buffers(held.type, 1 + others, [valid, *held.buffers()[1:]])
    found = canonicalise(pl.Series(pl.from_arrow(nulled)), "arrest_number")
    assert found.values.to_list() == [None, *["M14000017"] * others]
    assert found.status.tolist() == [Status.NULL, *[Status.OK] * others]


@given(text=st.text(max_size=30), scheme=st.sampled_from([*SCHEMES, "opaque:a"]))
@settings(max_examples=200, deadline=None)
def test_any_text_has_an_outcome(text: str, scheme: str) -> None:
    [(value, status)] = verdicts([text], scheme)
    assert (value is not None) == (status == Status.OK)
    if value is not None and scheme != "opaque:a":
        assert value.isascii()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_label_is_dropped_once(scheme: str) -> None:
    raw = {"arrest_number": "K14612345", "docket": "2014KN012345", "complaint": "2014-079-001234"}.get(
        scheme, "IND-1-14/1" if scheme == "indictment" else "IND-1-14" if scheme == "indictment_case" else "1234567Q"
    )
    plain = verdicts([raw], scheme)
    assert plain[0][1] == Status.OK
    assert verdicts([label + raw for label in LABELS[scheme]], scheme) == plain * len(LABELS[scheme])


NEAR = [
    ("arrest_number", "K146I2345"),
    ("arrest_number", "K14-6I2345"),
    ("arrest_number", "k2O14-612345"),
    ("arrest_number", "KI4612345"),
    ("nysid", "1234567BA"),
    ("nysid", "O234567Q"),
    ("cjtn", "S4512345K"),
    ("docket", "2O14KN012345"),
    ("docket", "CR-O12345-21KN"),
    ("indictment", "IND-7OI23-21/001"),
    ("complaint", "2014-O79-001234"),
    ("voucher", "A-1O0"),
]


@pytest.mark.parametrize(("scheme", "raw"), NEAR)
def test_look_alike_letters_are_reported_and_never_read(scheme: str, raw: str) -> None:
    assert verdicts([raw], scheme) == [(None, Status.NEAR)]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(
    "word", ["", " ", "-", "(null)", "NULL", "none", "N/A", "NaN", "<NA>", "unknown", "UNK", "nil"]
)
@pytest.mark.parametrize("scheme", [*SCHEMES, "opaque:a"])
def test_words_for_none_are_null(scheme: str, word: str) -> None:
    assert verdicts([word, f" {word}\u00a0"], scheme) == [(None, Status.NULL)] * 2


@pytest.mark.parametrize(
    ("scheme", "raw"),
    [
        ("nysid", "00000009"),
        ("nysid", "000000009"),
        ("nysid", "00000009A"),
        ("nysid", "0000009A"),
        ("nysid", "99999999Z"),
        ("nysid", "00000000A"),
        ("cjtn", "00000000A"),
        ("cjtn", "0000000"),
        ("cjtn", "99999999"),
        ("arrest_number", "000000000"),
        ("arrest_number", "K14000000"),
        ("arrest_number", "K-14-0"),
        ("arrest_number", "M99999999"),
        ("docket", "2014KN000000"),
        ("complaint", "2014-079-000000"),
        ("voucher", "000000"),
        ("voucher", "9999"),
        ("nysid", "NYSID: NONE"),
    ],
)
def test_numbers_for_none_are_null(scheme: str, raw: str) -> None:
    usual = {"nysid": "12345678A", "cjtn": "12345678A", "arrest_number": "K14612345"}.get(scheme, raw)
    assert verdicts([raw], scheme) == [(None, Status.NULL)]
    assert verdicts([usual, raw], scheme)[1] == (None, Status.NULL)


@pytest.mark.parametrize(
    "raw", ["K3014-612345", "K1914612345", "K14612345X", "X14612345", "K1461234", "K1\u0664612345", "K14612345²"]
)
def test_what_is_no_arrest_number_is_unparsable(raw: str) -> None:
    assert verdicts([raw], "arrest_number") == [(None, Status.UNPARSABLE)]


@pytest.mark.parametrize("raw", ["123456.0", "1.23E+08", "1.23e+08", "1.23e16", "-5.0", "1E+08", " 7.000 "])
@pytest.mark.parametrize("scheme", ["arrest_number", "opaque:a", "voucher"])
def test_text_that_went_through_a_float_is_damaged(scheme: str, raw: str) -> None:
    assert verdicts([raw], scheme) == [(None, Status.DAMAGED)]


def test_legacy_ucms_and_summons_dockets() -> None:
    legacy = ["2014KN012345", "2014 KN 12345", "CR-012345-14KN", "CR-12345-14/KN", "cr-12345-2014 kn"]
    assert {value for value, _ in verdicts(legacy, "docket")} == {"2014KN012345"}
    assert verdicts(["14sk12345"], "docket") == [("2014SK012345", Status.OK)]
    assert verdicts(["Q-800720"], "docket") == [(None, Status.UNPARSABLE)]


def test_defendants_on_one_indictment_are_two_actions() -> None:
    values = {
        value for value, _ in verdicts(["IND-70123-21/001", "IND-70123-21/002", "SCI-70123-21/001"], "indictment")
    }
    assert len(values) == 3
    assert verdicts(["IND-70123-21"], "indictment") == [(None, Status.UNPARSABLE)]
    assert verdicts(["IND-70123-21/001"], "indictment_case") == [(None, Status.UNPARSABLE)]


@pytest.mark.parametrize("name", ["cjtn", "court_control_number", "obts_number", "501_number", " CCN "])
def test_four_names_are_one_number(name: str) -> None:
    assert verdicts(["6451234-5K", "64512345k"], name)[1] == ("64512345K", Status.OK)


def test_two_systems_ids_are_two_keys(tmp_path: object) -> None:
    column = pl.Series(["123"])
    assert canonicalise(column, "opaque:a").values.to_list() == canonicalise(column, "opaque:b").values.to_list()
    values = canonicalise(column, "opaque:a").values
    keys = [bytes(32), bytes([1]) * 32]
    assert not np.array_equal(digest_column(values, keys[0]), digest_column(values, keys[1]))


DAYS = ["2014-01-05", "1/5/2014", "01/05/2014", "20140105", "2014/1/5", "01-05-2014", "2014-01-05T23:59:00",
        "01/05/2014 12:00:00 AM", " 2014-01-05 "]  # fmt: skip


def test_person_and_arrest_date_in_every_form() -> None:
    found = canonicalise_parts(
        {
            "nysid": pl.Series(["1234567q", "NYSID#01234567-Q", *["01234567Q"] * (len(DAYS) - 2)]),
            "date": pl.Series(DAYS),
        },
        "person_arrest",
    )
    assert set(found.values) == {"01234567Q@2014-01-05"}


def of_dates(dates: pl.Series) -> list[tuple[str | None, Status]]:
    found = canonicalise_parts({"nysid": pl.Series(["12345678A"] * len(dates)), "date": dates}, "person_arrest")
    return [
        (value and value.partition("@")[2], Status(status))
        for value, status in zip(found.values, found.status, strict=True)
    ]


@pytest.mark.parametrize(
    "raw",
    ["2014115", "2014-02-30", "13/13/2014", "+2014-01-05", "01/05/14", "9999-12-31", "0999-01-01", "5.1.2014", "x"],
)
def test_a_day_that_is_not_plain_is_never_guessed(raw: str) -> None:
    assert of_dates(pl.Series([raw, "2014-01-05"])) == [(None, Status.UNPARSABLE), ("2014-01-05", Status.OK)]


def test_days_of_every_type() -> None:
    day, ok = date(2014, 1, 5), [("2014-01-05", Status.OK)]
    assert of_dates(pl.Series([day])) == ok
    assert of_dates(pl.Series([20140105])) == ok
    assert of_dates(pl.Series(["2014-01-05"], dtype=pl.Categorical)) == ok
    assert of_dates(pl.Series([b"2014-01-05"])) == ok
    late = pl.Series(["2014-01-05T23:30:00"]).str.to_datetime()
    assert of_dates(late) == ok
    assert of_dates(late.dt.replace_time_zone("America/New_York")) == ok
    assert of_dates(pl.Series([20140105.0])) == [(None, Status.DAMAGED)]
    assert of_dates(pl.Series([float("nan"), None], dtype=pl.Float64)) == [(None, Status.UNPARSABLE)] * 2
    assert of_dates(pl.Series([None, "(null)", ""])) == [(None, Status.UNPARSABLE)] * 3
    assert of_dates(pl.Series([None])) == [(None, Status.UNPARSABLE)]
    assert of_dates(pl.Series([b"\xff"])) == [(None, Status.UNPARSABLE)]
    assert of_dates(pl.Series([date(9999, 12, 31)])) == [(None, Status.UNPARSABLE)]


def test_a_part_that_is_missing_or_bad_decides_for_the_whole() -> None:
    found = canonicalise_parts(
        {
            "nysid": pl.Series([None, "00000009", "1234567O1", "12345678A", "1234567BA", "x"]),
            "date": pl.Series(["2014-01-05", "2014-01-05", "2014-01-05", "x", "2014-01-05", None]),
        },
        "person_arrest",
    )
    assert found.values.null_count() == 6
    assert [Status(status).name for status in found.status] == [
        "NULL", "NULL", "UNPARSABLE", "UNPARSABLE", "NEAR", "UNPARSABLE",
    ]  # fmt: skip


def test_a_time_of_day_elsewhere_does_not_tell_the_local_day() -> None:
    """Half past eleven at night in New York is the next day in UTC: a key of that day would miss the seal."""
    late = pl.Series(["2014-01-05T23:30:00"]).str.to_datetime().dt.replace_time_zone("America/New_York")
    assert of_dates(late) == [("2014-01-05", Status.OK)]
    assert of_dates(late.dt.convert_time_zone("UTC")) == [(None, Status.UNPARSABLE)]
    assert of_dates(pl.Series(["2014-01-06T04:30:00Z", "2014-01-06T04:30:00+00:00"])) == [(None, Status.UNPARSABLE)] * 2
    midnight = pl.Series(["2014-01-05T00:00:00"]).str.to_datetime().dt.replace_time_zone("UTC")
    assert of_dates(midnight) == [("2014-01-05", Status.OK)]
    assert of_dates(pl.Series(["2014-01-05T00:00:00Z"])) == [("2014-01-05", Status.OK)]


def test_a_composite_needs_its_parts_and_nothing_else() -> None:
    column = pl.Series(["12345678A"])
    with pytest.raises(SchemeError):
        canonicalise(column, "person_arrest")
    with pytest.raises(SchemeError):
        canonicalise_parts({"nysid": column}, "person_arrest")
    with pytest.raises(SchemeError):
        canonicalise_parts({"nysid": column}, "nysid")
