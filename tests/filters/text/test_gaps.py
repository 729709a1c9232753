"""Identifiers whose parts stand apart, or that are glued to something: whatever is between or beside the parts."""

from __future__ import annotations

import functools
from typing import Any
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import Refused
from sealscrub.filters import StreamGuard, explain_text, guard_json, guard_text
from sealscrub.matching import Policy

from ...examples import examples

INDEX = example_index(
    {
        "arrest_number": ["K14612345", "M14000017"],
        "docket": ["2014KN012345"],
        "cjtn": ["64512345K"],
        "indictment": ["IND-70123-21/001"],
        "voucher": ["1234567"],
    }
)
PARTS = [
    ["K14", "612345"],
    ["k", "14", "612", "345"],
    ["K", "1", "4", "6", "1", "2", "3", "4", "5"],
    ["K", "2014", "612345"],
    ["2014", "KN", "012345"],
    ["64512345", "K"],
    ["IND", "70123", "21", "001"],
]
SIGNS = [
    *(" ", "\u00a0", "\u2003", "\t", "\n", "\r\n", "\u2028", "-", "\u2014", "\u2011", "\u2212", "&nbsp;", "&ndash;"),
    *("%20", "%2D", "&#32;", "\\u00a0", "<b>", "</td><td>", "<br/>", "<!-- <i> -->", "**", "`", "~~", "](x)", "](<y>)"),
    *('<a href="x" title="a > b">', "<td title='>'>", "<b x=1 title='a < b > c' y=\"'>\">", '<br title=">"/>'),
    *("][1]", "|", " | ", "\n> ", "\n>> ", "(", ") (", "[", "/", ".", "_", ":", "\u2502", "\u200b ", "\\\n", "#", "="),
    *('"', "\u2019", "{", "+", "\x1b[1m", "\u00ad-", "[^1] ", "&comma;", "<a href='" + "x" * 300 + "'>"),
]
#: Kinds of Unicode's characters that are no letter, digit or other number; of surrogates, no text has one alone.
KINDS: list[Any] = ["Cc", "Cf", "Cn", "Co", "Mc", "Me", "Mn", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps"]
KINDS += ["Sc", "Sk", "Sm", "So", "Zl", "Zp", "Zs"]
STOPS = "\u3001\u3002\uff61\uff64\ufe11\ufe12\ufe51"  # the full stops and commas of Chinese and Japanese
OTHER = st.sampled_from(KINDS).flatmap(lambda kind: st.characters(categories=[kind], exclude_characters=STOPS))
TIGHT = [",", ";", "!", "?"]  # with white space behind them they divide
BEFORE = ["", "arrest", "x", "M14000017", "64512345K", "id_", "(", "|", "[", "**"]
BEHIND = ["", "s", "and", "M14000017", "x", "_id", ")", "|", "]", "**"]


def _filled(sign: str, size: int) -> str:
    return sign * max(1, size // len(sign))


@st.composite
def written(draw: st.DrawFn) -> str:
    """An identifier, what stands between its parts, and what is glued to it."""
    parts = draw(st.sampled_from(PARTS))
    left = 1_000 - sum(map(len, parts))
    out = parts[0]
    for number, part in enumerate(parts[1:]):
        most = max(1, left // (len(parts) - 1 - number)) if draw(st.booleans()) else 40
        kind = draw(st.sampled_from(["one", "many", "mixed", "tight"]))
        sign = draw(st.sampled_from(SIGNS) | OTHER)
        if kind == "mixed":
            gap = "".join(draw(st.lists(st.sampled_from(SIGNS[:20]), min_size=1, max_size=6)))
        elif kind == "tight":
            gap = draw(st.sampled_from(TIGHT))
        else:
            gap = _filled(sign, draw(st.integers(1, most)) if kind == "many" else 1)
        gap = gap if len(gap) <= most or len(gap) <= left - 30 * (len(parts) - number) else "-"
        left -= len(gap)
        out += gap + part
    return out


SEALED = st.one_of(
    written(),
    st.tuples(st.sampled_from(BEFORE), st.sampled_from(["K14612345", "k14-612345"]), st.sampled_from(BEHIND)).map(
        "".join
    ),
)


def streamed(text: str, sizes: list[int], policy: str = "sentence") -> str:
    guard, out, at, turn = StreamGuard(INDEX, on_match=policy), "", 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        out += guard.feed(text[at : at + size])
        at, turn = at + size, turn + 1
    return out + guard.close()


SIZES = st.lists(st.integers(1, 400), min_size=1, max_size=4)


@given(SEALED, SIZES)
@example("IND 70123&nbsp;21\x7f001", [1])
@settings(max_examples=150, deadline=None)
def test_whatever_stands_between_the_parts_the_identifier_goes(said: str, sizes: list[int]) -> None:
    text = f"Two were found. One is {said} it seems. Then nothing more was said about any of them."
    with pytest.raises(Refused):
        guard_text(text, INDEX, on_match="refuse")
    for policy in ("sentence", "token"):
        whole = guard_text(text, INDEX, on_match=policy)
        assert whole != text
        assert explain_text(whole, INDEX).mentions == ()
        assert streamed(text, sizes, policy) == whole


@functools.cache
def signs_of_kinds() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for sign in map(chr, range(0x110000)):
        found.setdefault(category(sign), []).append(sign)
    return found


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("size", [1, 300])
@pytest.mark.parametrize("kind", KINDS)
def test_no_character_but_letters_and_numbers_hides_an_identifier(kind: str, size: int) -> None:
    """All of a kind at once; of those that mean nothing yet, and of private ones, some."""
    signs = [sign for sign in signs_of_kinds()[kind] if sign not in STOPS]
    signs = signs[:: 9_973 if kind in ("Cn", "Co") else 1 if size == 1 else 41]
    said = [part.replace("+", sign * size) for sign in signs for part in ("K14+612345", "IND+70123+21+001")]
    found = explain_text("\n\n".join(f"see {each} there" for each in said), INDEX).mentions

    at, missed = 4, []
    starts = {mention.start for mention in found}
    for each in said:
        if at not in starts:
            missed.append(each.encode("unicode_escape"))
        at += len(each) + 12
    assert missed == []


@given(SEALED)
@settings(max_examples=60, deadline=None)
def test_a_string_of_a_json_answer_goes_too(said: str) -> None:
    options: dict[str, Any] = {"undeclared": "drop", "complete": True, "policy": Policy(min_coverage=0)}
    value = {"hits": [{"id": "M14000018", "of": f"see {said}."}, {"id": "M14000019", "of": "none"}]}

    assert guard_json(value, INDEX, {"arrest_number": "$.hits[*].id"}, **options) == {"hits": value["hits"][1:]}


@pytest.mark.parametrize(
    "said",
    [
        *("K14,612,345", "K14:612345", "K14: 612345", "K14(612345)", "|K14|612345|", "| K14 | 612345 |"),
        *("[K14](x)612345", "> K14\n> 612345", "K14" + " " * 990 + "612345", "K14" + "\u00a0" * 990 + "612345"),
        *("K14" + "-" * 990 + "612345", "K14" + "<b>" * 330 + "612345", "K14" + "\u200b" * 300 + " " * 600 + "612345"),
        *(
            "arrestK14612345",
            "K14612345M14000018",
            "M14000018K14612345",
            "K14612345s",
            "XK14612345",
            "arrestk14-612345",
        ),
        *("M14000018K14612345M14000019and", "K14612345M14 000018", "\u5728K14612345\u4e2d", "CJTN64512345K"),
        *("IND-70123-21<b>001", "IND-70123-21**001"),
        *("voucher no. 1,234,567", "voucher1234567", "5<td>2014<b>KN</b>012345", "K14<!-- a > b -->612345"),
        *("K14\u2122612345", "K14\u24b6612345", "IND-70123-21\u0301001", "IND\x0070123\x0021\x00001"),
        *("K14\u0903612345", "K14\ue000612345", "K14" + "\u2026" * 990 + "612345", "K14\u0378612345"),
        *("K14\u201c612345\u201d", "K14\uff1a612345", "K14\u2502612345", "K14<a href='" + "y" * 900 + "'>612345"),
    ],
)
def test_ways_of_writing_one(said: str) -> None:
    text = f"Two were found. One is {said} it seems. Then nothing more."
    whole = guard_text(text, INDEX)

    assert whole != text
    assert explain_text(whole, INDEX).mentions == ()
    assert streamed(text, [1]) == whole


@pytest.mark.parametrize(
    "said",
    [
        *(
            "K14, 612345",
            "K14; 612345",
            "K14! 612345",
            "K14\u3002 612345",
            "K14" + " " * 1_000 + "612345",
            "K14 or 612345",
        ),
        *("K14\u5728612345", "7K14612345", "K146123456", "0xfaK14612345", "M14000018K146123456", "bank 14612345"),
        *("voucher A1234567", "voucher 1234567X", "64512345 km", "arrestK 14612345"),
    ],
)
def test_what_is_divided_or_a_part_of_something_longer_stays(said: str) -> None:
    text = f"Two were found. One is {said} it seems. Then nothing more."

    assert guard_text(text, INDEX) == text
    assert streamed(text, [3]) == text


_ID = st.tuples(st.sampled_from("MBKQS"), st.integers(10, 24), st.integers(1, 999_999)).map(
    lambda drawn: f"{drawn[0]}{drawn[1]}{drawn[2]:06d}"
)
_NUMBERS = st.one_of(
    _ID,
    st.integers(0, 10**8).map(str),
    st.integers(1_000, 10**7).map(lambda number: f"{number:,}"),
    st.dates().map(str),
    st.tuples(st.integers(1990, 2026), st.integers(0, 999_999)).map(lambda drawn: f"{drawn[0]}KN{drawn[1]:06d}"),
    st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.uuids().map(str),
    st.sampled_from(["K14", "612345", "K", "14", "64512345", "2014", "KN", "York", "km", "the", "of", "police,"]),
)
LAWFUL = st.lists(
    st.tuples(
        _NUMBERS, st.sampled_from([" ", ", ", "; ", " and ", ". ", "|", "\n| ", "\n> ", " (", ") ", ",", ": "])
    ).map("".join),
    min_size=5,
    max_size=40,
).map("".join)
_VALUES = ["K14612345", "M14000017", "2014KN012345", "64512345K", "70123", "1234567"]


def _named(text: str) -> bool:
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    return any(value in plain for value in _VALUES)


def test_ordinary_numbers_do_not_meet_by_accident() -> None:
    """Of many numbers in a row, none goes unless its signs, one after the other, are a sealed identifier's."""
    drawn, counted = 0, 0

    @given(LAWFUL, SIZES)
    @examples(100)
    def check(text: str, sizes: list[int]) -> None:
        nonlocal drawn, counted
        named = _named(text)
        drawn, counted = drawn + 1, counted + (not named)
        whole = guard_text(text, INDEX)
        assert named or whole == text
        assert streamed(text, sizes) == whole

    check()
    assert counted >= 0.6 * drawn


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_number_that_stands_among_many_is_found_and_no_other(data: st.DataObject) -> None:
    ids = data.draw(st.lists(_ID.filter(lambda each: each not in _VALUES), min_size=2, max_size=12, unique=True))
    sealed = data.draw(st.sampled_from(ids))
    join = data.draw(st.sampled_from([" ", "|", ",", ", ", "", "\n- ", " and "]))
    text = "See " + join.join(ids) + "."
    index = example_index([sealed])
    mentions = explain_text(text, index).mentions

    assert sealed in {text[each.start : each.end] for each in mentions}
    assert all(text[each.start : each.end] == sealed for each in mentions)
