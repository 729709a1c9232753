"""The sweep of texts: what the text guard finds in a text is found, wherever and however it stands there."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.filters import guard_text
from sealscrub.identifiers import Level, Scheme, Spelling, Status, canonicalise, register_scheme
from sealscrub.matching import Policy, Sweep

from ..filters.text.test_spellings_in_texts import INDEX as SPELLED
from ..filters.text.test_spellings_in_texts import MORE, SPELLINGS

DIGEST = hashlib.sha512(b"arrest").hexdigest()
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OPAQUE = ["aB-77x9", "QWERTYU", "zz/top_9", "123456789012", "12E45678", UUID, DIGEST, "Ünïcödé77", "one id, of words"]
INDEX = example_index({"opaque:court": OPAQUE})
NUMBERED = example_index(
    {
        "arrest_number": ["K14612345", "K14700001"],
        "docket": ["2014KN012345"],
        "cjtn": ["64512345K"],
        "voucher": ["1234567", "AB7654321"],
        "indictment": ["IND-70123-21/001"],
    }
)
IDS = ["K14612345", "k14-612345", "2014KN012345", "64512345K", "1234567", "AB7654321", "IND-70123-21/001"]


def tallied(values: pl.Series, index: Any = INDEX, **options: Any) -> tuple[int, int, int, int]:
    """Found, near, ambiguous and unread values of a column."""
    sweep = Sweep(index, **options)
    sweep.add("x", values)
    tally = sweep.tally()
    found, near = sum(each.found for each in tally), sum(each.near for each in tally)
    return found, near, sum(each.ambiguous for each in tally), sum(each.unread for each in tally)


WITHIN = [
    "{}",
    "https://host/{}",
    "https://host/a?id={}&b=c",
    "id:{}",
    "ref-{}",
    "case_{}",
    "{}+ZZ",
    "{}~1",
    "({}).",
    "seen by {} at noon",
    "a & b; {}\tc",
    "C:\\\\cases\\\\{}.pdf",
    "“{}”",
    '{{"a": [1, {{"b": "{}"}}]}}',
    "{}\n",
    "see #{}, and others",
    "https://host/?q=x%3D{}%26b",
    "a line\\n{}\\nanother",
    "&lt;{}&gt;",
]


@pytest.mark.parametrize("id", OPAQUE[:-1])
def test_an_id_of_one_system_is_found_within_a_word_and_without_a_digit(id: str) -> None:
    assert tallied(pl.Series(["nothing", *(form.format(id) for form in WITHIN)]))[0] == len(WITHIN)
    assert tallied(pl.Series(["nothing", *(form.format(id[:-1] + "0") for form in WITHIN)])) == (0, 0, 0, 0)


@pytest.mark.parametrize("form", ["{}", '{{"a": "{}"}}', "first; {}; third", '["{}", "b"]'])
def test_an_id_of_several_words_is_found_as_a_value(form: str) -> None:
    index = example_index({"opaque:court": ["one id of words"]})
    assert tallied(pl.Series([form.format("one id of words")]), index)[0] == 1


SEPARATORS = [";", "; ", "|", " | ", "/", "\t", "\n", " and ", "+", " + ", " & ", ", ", ",", " / ", " or ", ",\n"]


LISTS = [each for id in IDS for each in (["B16800001", id], [id, "B16800001"], ["M15000007", id, "B16800001"])]


@pytest.mark.long
@pytest.mark.parametrize("separator", SEPARATORS, ids=repr)
def test_an_id_is_found_in_a_list_whatever_separates_it(separator: str) -> None:
    assert tallied(pl.Series([separator.join(parts) for parts in LISTS]), NUMBERED)[0] == len(LISTS)


def test_an_id_is_found_in_lists_that_are_separated_in_every_way() -> None:
    lists = [separator.join(parts) for at, separator in enumerate(SEPARATORS) for parts in LISTS[at % 3 :: 3]]
    assert tallied(pl.Series(lists), NUMBERED)[0] == len(lists)


def test_a_number_in_a_list_may_be_an_id_whatever_separates_it() -> None:
    index = example_index({"opaque:jail": ["17"]})
    lists = [separator.join(("17", "77")) for separator in SEPARATORS if separator != "+"]  # that is within items, too
    assert tallied(pl.Series(lists), index) == (0, 0, len(lists), 0)


@pytest.mark.parametrize(
    "text",
    [
        "K14612345K14700001",
        "arrestK14612345",
        "K14612345s",
        "xK14612345",
        "K146123452014KN012345",
        "idK14612345B16800001",
    ],
)
def test_ids_that_are_glued_into_one_word_are_found(text: str) -> None:
    assert tallied(pl.Series([text]), NUMBERED)[0] == 1


def test_what_only_looks_like_an_id_within_something_longer_is_not_found() -> None:
    digests = [hashlib.sha256(b"%d" % at).digest() for at in range(500)]
    texts = [each.hex() for each in digests] + [base64.b64encode(each).decode() for each in digests]
    texts += [str(uuid.UUID(bytes=each[:16])) for each in digests]
    inside = [f"deadK14612345beef{at}" for at in range(10)] + ["77K14612345", "K146123459", "flat S15-64"]
    index = example_index({"arrest_number": ["K14612345", "S15000064"], "docket": ["2014KN012345"]})
    assert tallied(pl.Series(texts + inside), index) == (0, 0, 0, 0)
    assert tallied(pl.Series([*texts, "S15-64", "S1564"]), index) == (0, 0, 1, 0)


NOISE = ["see", "theft", ".", ",", " ", "\n", "x9", "12", "-", "(", ")", "arrest", "/", ";", "&", "é", "“"]
TELLING = [each for each in (*SPELLINGS, *MORE.values()) if "77x" not in each and "\ud800" not in each]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.sampled_from([*NOISE, *TELLING]), min_size=1, max_size=4), st.sampled_from(["", " "]))
def test_what_the_text_guard_finds_the_sweep_finds(parts: list[str], between: str) -> None:
    text = between.join(parts)
    for written in (text, json.dumps([text])):
        if guard_text(written, SPELLED) != written:
            assert tallied(pl.Series([written, "none"]), SPELLED)[0] == 1


NUMBERS = ["12345678.0", "12345678.", "1.2345678e7", "1.2345678E+07", "12345678.000", " 12345678.0 ", "+12345678.0"]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "form", ["{}", "5; {}; 7", "[5, {}]", '{{"a": {}}}', '{{"a": "{}"}}', "the number {} was seen"]
)
@pytest.mark.parametrize("scheme", ["opaque:court", "voucher"])
def test_a_number_that_was_printed_as_a_float_is_found(number: str, form: str, scheme: str) -> None:
    index = example_index({scheme: ["12345678"]})
    assert tallied(pl.Series([form.format(number), "5"]), index)[0] == 1
    assert tallied(pl.Series([form.format(number.replace("78", "79").replace("678e", "679e"))]), index)[0] == 0


JSON = {
    "values with spaces": '{"case": "K14 612345", "n": "one id"}',
    "names that are there twice": '{"a": "K14\\u002d612345", "a": 1}',
    "a name": '{"K14\\u002d612345": 1}',
    "three thousand lists": "[" * 3_000 + '"K14\\u002d612345"' + "]" * 3_000,
    "a mark of the order of bytes": '\ufeff{"a": "K14\\u002d612345"}',
    "cut off": '{"a": 1, "b": "K14\\u002d612345',
    "not quite JSON": '{\'a\': NaN, "b": "K14\\u002d612345",}',
    "JSON in JSON": json.dumps({"a": json.dumps({"b": json.dumps({"c": "K14-612345"}).replace("-", "\\u002d")})}),
    "lines of JSON": '{"a": 1}\n{"a": "K14\\u002d612345"}\n',
    "half of a pair": '{"a": "\\ud83d", "b": "K14\\u002d612345"}',
    "letters": '["\\u004b\\u0031\\u0034\\u0036\\u0031\\u0032\\u0033\\u0034\\u0035"]',
}


@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
def test_json_is_read_however_it_is_made(text: str) -> None:
    index = example_index({"arrest_number": ["K14612345"], "opaque:court": ["K14-612345"]})
    alone = example_index({"opaque:court": ["K14-612345", "K14 612345", "K14612345"]})
    assert tallied(pl.Series([text]), index)[0] == 1
    assert tallied(pl.Series([text]), alone)[0] == 1
    assert tallied(pl.Series([text.replace("612345", "612349").replace("0035", "0039")]), index) == (0, 0, 0, 0)


def test_escapes_that_cannot_be_resolved_are_not_read() -> None:
    assert tallied(pl.Series(['{"a": "K14\\u00-612345"}', '{"a": "b"}'])) == (0, 0, 0, 1)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(
    "form", ["{}", "B16800001; {}", "B16800001, {}, x", "Seen as {}, and gone.", '["{}"]', '{{"a": "{}"}}']
)
@pytest.mark.parametrize("near", ["K146I2345", "k14-61234S", "2O14KN012345"])
def test_near_values_are_treated_alike_in_columns_lists_and_sentences(form: str, near: str) -> None:
    values = pl.Series([form.format(near), "none"])
    assert tallied(values, NUMBERED) == (0, 1, 0, 0)
    assert tallied(values, NUMBERED, policy=Policy(accept=frozenset({"near"}))) == (0, 0, 0, 0)


WITH_LETTERS = [  # of a borough, a kind or a check, that look like digits themselves
    *(("docket", f"2014{county}015850") for county in ("BX", "RI", "SK", "SX", "SQ", "SR", "SB", "SN", "KN")),
    *(("indictment", id) for id in ("SCI-000123-2021-001", "IND-070123-2021-001-BX", "IND-070123-2021-001-RI")),
    *(("cjtn", f"64512345{check}") for check in "BIKLOSZ"),
    *(("arrest_number", id) for id in ("K14612345", "S15801580", "B10580158")),
]


@pytest.mark.parametrize(("scheme", "id"), WITH_LETTERS)
def test_a_letter_for_any_digit_is_near_whatever_letters_the_id_has(scheme: str, id: str) -> None:
    index = example_index({scheme: [id]})
    places = [at for at, sign in enumerate(id) if sign in "0158"]
    respelled = [id[:at] + "OISB"["0158".index(id[at])] + id[at + 1 :] for at in places]
    near = [each for each in respelled if canonicalise(pl.Series([each]), scheme).status[0] == Status.NEAR]
    assert near
    for form in ("{}", "Seen as {}, and gone."):
        missed = [each for each in near if tallied(pl.Series([form.format(each)]), index) != (0, 1, 0, 0)]
        assert missed == []


LONG = {
    "words": lambda id: "word " * 400_000 + id + " word" * 400_000,
    "one word": lambda id: "x" * 1_100_000 + " " + id + " " + "y" * 1_100_000,
    "JSON": lambda id: json.dumps([{"n": at, "said": "nothing"} for at in range(40_000)] + [{"n": 1, "id": id}]),
    "lines": lambda id: "a line\n" * 200_000 + id + "\na line" * 200_000,
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize(("id", "found"), [("K14-612345", 1), ("aB-77x9", 1), ("B16-800001", 0)])
def test_a_very_long_text_is_read_to_its_end(kind: str, id: str, found: int) -> None:
    index = example_index({"arrest_number": ["K14612345"], "opaque:court": ["aB-77x9"]})
    assert tallied(pl.Series([LONG[kind](id)]), index)[0] == found


def test_very_long_json_is_read_as_json_to_its_end() -> None:
    index = example_index({"opaque:jail": ["17"]})
    assert tallied(pl.Series([json.dumps(["nothing"] * 150_000 + ["17"])]), index) == (0, 0, 1, 0)


register_scheme(Scheme(name="sweep_folder", level=Level.ARREST, spellings=(Spelling(r"F\d{5}"),)))
register_scheme(Scheme(name="sweep_page", level=Level.ARREST, spellings=(Spelling(r"P\d{3}"),)))
register_scheme(Scheme(name="sweep_triple", level=Level.ARREST, parts=("sweep_folder", "sweep_page", "date")))
SEVERAL = example_index({"person_arrest": ["12345678A@2014-01-05"], "sweep_triple": ["F12345@P123@2014-01-05"]})
PARTS = [("12345678A", "2014-01-05"), ("F12345", "P123", "2014-01-05")]


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize(
    "form",
    [
        lambda parts: "|".join(parts),
        lambda parts: (
            f"The man {parts[0]} was seen by two of the officers who came by on {' '.join(parts[1:])} in the evening"
        ),
        lambda parts: json.dumps({"who": {"id": parts[0]}, "and": parts[1:], "more": "a long story of words " * 5}),
        lambda parts: json.dumps(dict(zip("abc", parts, strict=False))),
        lambda parts: "A sentence of no interest. " * 200 + f"Seen {', '.join(parts)} then. " + "Another. " * 200,
    ],
)
def test_a_key_of_several_columns_is_found_in_texts(parts: tuple[str, ...], form: Any) -> None:
    assert tallied(pl.Series([form(parts)]), SEVERAL)[0] == 1
    assert tallied(pl.Series([form((*parts[:-1], "2014-01-06"))]), SEVERAL)[0] == 0


@pytest.mark.parametrize("parts", PARTS)
def test_a_key_of_several_columns_is_found_in_structs(parts: tuple[str, ...]) -> None:
    named = dict(zip("abc", parts, strict=False))
    for made in (
        named,
        {"n": 1, "in": named},
        {"in": {"a": parts[0]}, "x": "theft"} | dict(zip("bc", parts[1:], strict=False)),
    ):
        assert tallied(pl.Series([made]), SEVERAL)[0] >= 1
        assert tallied(pl.Series([[made]]), SEVERAL)[0] >= 1


@pytest.mark.parametrize(
    "text",
    [
        "[K14](x)612345",
        "[K14][x]612345",
        "[K14](http://host/1)612345",
        "[K14][12]612345",
        "K14[^1]612345",
        "K14<!-- a -->612345",
        'K14<b a="<">612345',
        "K14<b a='9<8'>612345",
        "K14\x1b[0m612345",
    ],
)
def test_an_id_is_found_around_any_markup_within_it(text: str) -> None:
    assert tallied(pl.Series([text, f"see {text}, dismissed"]), NUMBERED)[0] == 2
