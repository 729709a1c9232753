"""One identifier at a time is read as a column of it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.identifiers import (
    UNSETTLED,
    Level,
    OneDigest,
    Scheme,
    Spelling,
    Status,
    canonical_rule,
    canonicalise,
    canonicalise_parts,
    digest_column,
    get_scheme,
    plain_digests,
    register_scheme,
    scheme_names,
)

register_scheme(
    Scheme(
        name="loose_number",
        level=Level.ARREST,
        spellings=(
            Spelling(r"(?P<a>[A-Z]?)(?P<year>\d{2,4})-(?P<serial>[0-9+]{1,6})", "{a}{year:year4}{serial:0>6}"),
            Spelling(r"(?P<year>\d{2,4})/(?P<rest>\w+)?", "{year:year2}/{rest}"),
        ),
        labels=("LOOSE", "LOOSE  NUMBER"),
        sentinels=("X1",),
        number_width=8,
    )
)
register_scheme(
    Scheme(
        name="plain_number",
        level=Level.ARREST,
        spellings=(
            Spelling(r"(?P<year>[A-Z0-9]{2,4})[-](?P<serial>\d{1,6})", "{year:year4}{serial:0>6}"),
            Spelling(r"(?P<year>[A-Z0-9]{2,4})(?P<rest>[/]\d{1,3})?", "{year:year2}{rest}"),
        ),
    )
)
register_scheme(
    Scheme(
        name="short_number",
        level=Level.ARREST,
        spellings=(Spelling(r"(?P<letters>[A-Z]{1,2})[\s-]?(?P<serial>\d{1,2})", "{letters}{serial:0>2}"),),
        shape="A99",
        labels=("K",),
        sentinels=("49",),
        serial_digits=5,
    )
)
SCHEMES = sorted([*(name for name in scheme_names() if not get_scheme(name).parts), "opaque:sys"])
few = settings(max_examples=30, deadline=None)

_marks = st.sampled_from(["", " ", "-", ".", "/", "#", "_", "\t", "\n", "\x0b", "\x1c", "\x00", "\xa0", "–", "\u200b"])
WORDS = """K M k KN NY CR IND SCI Q A O I 14 2014 49 50 1950 2050 012345 612345 000000 99 999999 1234567 12345678
    ARREST_NO docket_number NONE null N/A 1 1.0 1E+08 0 9 00000009 é Ⅳ ٣ LOOSE_NUMBER X1 +5"""
_words = st.sampled_from([word.replace("_", " ") for word in WORDS.split()])
raw_texts = st.one_of(
    st.lists(st.tuples(_marks, _words), max_size=6).map(lambda parts: "".join(a + b for a, b in parts)),
    st.from_regex(r"[MBKQS]\d{8}", fullmatch=True, alphabet=st.characters(max_codepoint=127)),
    st.from_regex(r"\d{4}(KN|SN|XX)\d{6}", fullmatch=True, alphabet=st.characters(max_codepoint=127)),
    st.from_regex(r"\d{7,8}[A-Z]", fullmatch=True, alphabet=st.characters(max_codepoint=127)),
    st.from_regex(r"[A-Z]{0,4}[ -]?[0-9OISB]{1,8}[-/]?[0-9OISB]{0,6}", fullmatch=True),
    st.text(max_size=8),
)
raw_values = st.none() | raw_texts | st.integers(-1, 2**62) | st.floats(0, 9) | st.booleans() | st.binary(max_size=4)


def by_column(value: Any, scheme: str, rows: int = 250) -> tuple[str | None, int]:
    found = canonicalise(pl.Series("key", [value] * rows, dtype=pl.String if value is None else None), scheme)
    return found.values[0], int(found.status[0])


@pytest.mark.parametrize("scheme", SCHEMES)
@few
@given(value=raw_values)
def test_one_value_is_read_as_its_column_is(scheme: str, value: Any) -> None:
    said = canonical_rule(scheme)([value])

    if type(value) is bool:  # no column of them holds ids
        assert said == UNSETTLED
        return
    assert by_column(value, scheme, 1) == by_column(value, scheme)
    if said == UNSETTLED:
        return
    assert (said, Status.NULL if said is None else Status.OK) == by_column(value, scheme)


@pytest.mark.parametrize(
    ("scheme", "raw"),
    [
        ("arrest_number", "K14612345"),
        ("arrest_number", "arrest no. k14-612345"),
        ("arrest_number", "K2014-12345"),
        ("docket", "CR-012345-21KN"),
        ("cjtn", "1234567q"),
        ("indictment", "IND-70123-21/001"),
        ("opaque:sys", " 12a "),
    ],
)
def test_the_usual_spellings_are_settled(scheme: str, raw: str) -> None:
    assert canonical_rule(scheme)([raw]) == by_column(raw, scheme)[0] != None  # noqa: E711 - it has one


FORMS = ["%Y-%m-%d", "%m/%d/%Y", "%Y%m%d", "%Y/%m/%d", "%m-%d-%Y", "%d.%m.%Y"]
TIMES = ["", " 00:00", "T0:00:00.000Z", " 13:05", "T10:11:12", " 1:05 pm", "+00:00", " 00:00:00-05:00", "Z", "\n"]
ODD_DAYS = ["2014-02-30", "2/3/2014", "2014-1-5", "20141301", "2014115", "123.0", "none", "00/00/2014", "1.5E+07"]
days = st.sampled_from(ODD_DAYS) | st.builds(
    lambda day, form, time: f" {day:{form}}{time}",
    st.dates(date(1890, 1, 1), date(2210, 1, 1)),
    st.sampled_from(FORMS),
    st.sampled_from(TIMES),
)


@settings(max_examples=100, deadline=None)
@example(("12345678q", "1.0\n 10:00"))
@given(st.tuples(st.none() | raw_texts | st.just("12345678q"), st.none() | raw_texts | days))
def test_a_composite_key_is_read_as_its_columns_are(values: tuple[Any, Any]) -> None:
    said = canonical_rule("person_arrest")(values)
    columns = {name: pl.Series("key", [v] * 250, pl.String) for name, v in zip(("nysid", "date"), values, strict=True)}
    found = canonicalise_parts(columns, "person_arrest")
    alone = canonicalise_parts({name: column.head(1) for name, column in columns.items()}, "person_arrest")

    assert (alone.values[0], alone.status[0]) == (found.values[0], found.status[0])
    assert said == UNSETTLED or (said, Status.OK) == (found.values[0], found.status[0])
    assert canonical_rule("person_arrest")(["12345678q", "2014-01-05"]) == "12345678Q@2014-01-05"


@few
@given(st.text(max_size=70), st.binary(min_size=32, max_size=32))
def test_one_digest_is_that_of_a_column(text: str, key: bytes) -> None:
    assert list(OneDigest(key)(text)) == digest_column(pl.Series([text]), key)[0].tolist()


@pytest.mark.parametrize("scheme", ["arrest_number", "docket", "cjtn", "opaque:sys", "voucher", "person_arrest"])
@few
@given(values=st.lists(raw_values | raw_texts, max_size=4))
def test_plain_identifiers_are_digested_as_a_column_of_them(scheme: str, values: list[Any]) -> None:
    key = bytes(range(32))
    said = plain_digests(values, scheme, key)

    if said is not None:
        found = canonicalise(pl.Series("key", values, pl.String), scheme)
        assert (found.status == Status.OK).all()
        assert said.tolist() == digest_column(found.values, key).tolist()


def test_lists_of_canonical_values_are_plain() -> None:
    assert plain_digests(["K14612345", "M14000017"], "arrest_number", bytes(32)) is not None
    for values in (["K14612345", None], ["K14000000"], ["K1461234", "5K14612345"], ["K1461234é"], []):
        assert plain_digests(values, "arrest_number", bytes(32)) is None
