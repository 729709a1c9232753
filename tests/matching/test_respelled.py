"""Ids of one system that another system or a spreadsheet wrote otherwise are near, and never pass as clean."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import UncheckedKeys
from sealscrub.identifiers.newyork import NEW_YORK
from sealscrub.matching import KeyColumn
from sealscrub.matching.one_record import RecordMatcher
from sealscrub.matching.other_spellings import items_of, other_spellings, respellings, respellings_of

SEALED = {"lower": "ab12-x", "upper": "QX-0099", "mixed": "1234567", "padded": "0004512", "plain": "998877"}
INDEX = example_index({"opaque:jail": list(SEALED.values())})
ON = {"opaque:jail": "id"}
DIGITS = "0123456789"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
RESPELLED = {
    "another case": ("AB12-X", "qx-0099"),
    "full-width digits": (SEALED["plain"].translate(WIDE),),
    "an apostrophe of a spreadsheet": ("'998877", "’0004512", "'ab12-x", "`998877"),
    "quotation marks": ('"998877"', "“QX-0099”"),
    "zeros lost": ("4512",),
    "zeros in front": ("0998877", "0000998877"),
    "thousands separators": ("998,877", "1.234.567", "1 234 567", "1\u00a0234\u202f567", "1'234'567", "1_234_567"),
    "mixtures of case": ("Ab12-X", "aB12-x", "Qx-0099"),
    "zeros in front of letters": ("0ab12-x", "000QX-0099", "0Ab12-X"),
    "a formula of a spreadsheet": ('="0004512"', '="4512"', "=998877", '="AB12-x"'),
    "a sign": ("+998877", "+4512", "+ab12-x"),
    "digits of other scripts": ("٩٩٨٨٧٧", "९९८८७७", "𝟗𝟗𝟖𝟖𝟕𝟕", "QX-００９９"),
    "lakhs": ("12,34,567", "١٬٢٣٤٬٥٦٧"),
    "a list": (
        '["998877"]',
        '["ab12-x", "other"]',
        "998877;554433",
        "QX-0099 | 7",
        "[['1234567']]",
        '{"id":"0004512"}',
    ),
    "brackets": ("(998877)", "<QX-0099>", "[0004512]"),
    "several at once": ("'998,877", "4,512", "'１,２３４,５６７"),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(("why", "written"), [(why, each) for why, all_ in RESPELLED.items() for each in all_])
@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_another_spelling_of_a_sealed_id_is_near(why: str, written: str, kind: str) -> None:
    frame = pl.DataFrame({"id": ["55555", written, "77777"], "n": [1, 2, 3]})
    data = {"pandas": frame.to_pandas, "polars": lambda: frame, "pyarrow": frame.to_arrow}[kind]()
    (key,) = ss.scan(data, INDEX, ON).tables[0].keys

    assert (key.near, key.sealed) == (1, 0), why
    with pytest.raises(UncheckedKeys):
        ss.scrub(data, INDEX, ON)


@pytest.mark.parametrize("others", [0, 499, 500, 2_000])
def test_spellings_are_near_in_a_column_of_any_height(others: int) -> None:
    written = [each for some in RESPELLED.values() for each in some]
    frame = pl.DataFrame({"id": [*written, *(f"9{at:06d}-Q" for at in range(others))]})
    (key,) = ss.scan(frame, INDEX, ON).tables[0].keys

    assert key.near == len(written)


def test_numbers_whose_zeros_a_reader_dropped_are_near() -> None:
    (key,) = ss.scan(pl.DataFrame({"id": [4512, 4513]}), INDEX, ON).tables[0].keys
    assert (key.near, key.sealed) == (1, 0)


IDS = ["007", "4512", "1234567", "100200300", "12345678901234", "Xy-9", "ab12", "K9", "aB-cD-1", "Wachtmeister-3"]
BOTH_WAYS: dict[str, Callable[[str], str]] = {
    "a zero in front": lambda text: "0" + text,
    "zeros in front": lambda text: text.rjust(max(10, len(text) + 3), "0"),
    "no zeros": lambda text: text.lstrip("0"),
    "capitals": str.upper,
    "small letters": str.lower,
    "first letter": str.capitalize,
    "other case": lambda text: text.swapcase() if sum(map(str.isalpha, text)) < 7 else text.upper(),
    "a sign": lambda text: "+" + text,
    "an apostrophe": lambda text: "'" + text,
    "quotation marks": lambda text: f'"{text}"',
    "a formula": lambda text: f'="{text}"',
    **{
        f"thousands {sign!r}": lambda text, sign=sign: f"{int(text):,}".replace(",", sign) if text.isdigit() else text
        for sign in ",.'’_ \u00a0\u202f"
    },
}
ONE_WAY: dict[str, Callable[[str], str]] = {
    script: lambda text, zero=zero: "".join(chr(ord(zero) + int(sign)) if sign in DIGITS else sign for sign in text)
    for script, zero in {"wide": "０", "Arabic": "٠", "Persian": "۰", "Devanagari": "०", "bold": "𝟎"}.items()
}


@pytest.mark.parametrize("why", [*BOTH_WAYS, *ONE_WAY])
def test_spellings_meet_whichever_of_the_two_is_sealed(why: str) -> None:
    spell = (BOTH_WAYS | ONE_WAY)[why]
    spelled = {text: spell(text) for text in IDS if text.upper().lower() == text.lower() or why != "other case"}
    pairs = [(list(spelled), list(spelled.values()))]
    if why in BOTH_WAYS:
        pairs.append((list(spelled.values()), list(spelled)))
    for sealed, written in pairs:
        index = example_index({"opaque:jail": sealed})
        matcher = RecordMatcher(index, [KeyColumn("opaque:jail", ("id",))])
        for text in written:
            (key,) = ss.scan(pl.DataFrame({"id": [text]}), index, ON).tables[0].keys
            assert key.near + key.sealed == 1, text
            if key.near:
                assert matcher.canonical({"id": text}) is None


def folded(text: str) -> str:
    """What two spellings of one id have in common, written in another way than the rule."""
    text = unicodedata.normalize("NFKC", text)
    text = (
        "".join(str(unicodedata.decimal(sign, sign)) for sign in text).lstrip(" \t'’‘`´\"“”=+").rstrip(" \t'’‘`´\"“”")
    )
    parts = re.split("[,.'’_ \u066c]", text)
    if all(re.fullmatch("[0-9]+", part) for part in parts) and len(parts[-1]) == 3 and len(parts[0]) <= 3:
        text = "".join(parts) if all(len(part) in (2, 3) for part in parts[1:]) else text
    return text.casefold().lstrip("0") or "0"


@example("0=")
@example("00'7")
@given(st.text(st.sampled_from("0129abXßy-,.' _＋+=\"٣"), min_size=1, max_size=9))
def test_every_other_spelling_has_the_rest_in_common(value: str) -> None:
    assert {folded(other) for other in respellings_of(value)} <= {folded(value)}


def test_lawful_ids_beside_sealed_ones_stay() -> None:
    index = example_index({"opaque:jail": IDS})
    lawful = [*(f"{text}{more}" for text in IDS for more in ("0", "1", "x", "-", ".0x")), *(f"1{text}" for text in IDS)]
    lawful += [
        "070",
        "700",
        "45",
        "12-34567",
        "1.23.4567",
        "Xy9",
        "Xy-90",
        "ab-12",
        "K-9",
        "1234567a",
        "-4512",
        "4512%",
    ]
    (key,) = ss.scan(pl.DataFrame({"id": lawful}), index, ON).tables[0].keys
    assert (key.near, key.sealed) == (0, 0)


LAWFUL = st.text(st.sampled_from("0123456789abcXYZ-,. '_０"), min_size=1, max_size=12)


#: Signs that Python's tables know; another version of Unicode may know how others are capitals.
SIGNS = st.sampled_from("0129aAbXßİıΣσςŉǆ-,.'’ _＋+=\"٣०٬ \u00a0\u202fﬀ½²Ⅷ") | st.characters(
    exclude_categories=("Cs", "Cn")
)
OF_SCHEMES = st.one_of(
    [
        st.from_regex(re.compile(each.pattern, re.ASCII), fullmatch=True)
        for scheme in NEW_YORK
        for each in scheme.spellings
    ]
)


@given(st.lists(LAWFUL | OF_SCHEMES | st.text(SIGNS, min_size=1, max_size=14), min_size=1, max_size=8, unique=True))
def test_a_column_and_a_single_id_are_respelled_alike(values: list[str]) -> None:
    """As many rows are respelled by column, and few one by one."""
    columns = list(respellings(pl.Series(values, dtype=pl.String)))
    for at, value in enumerate(values):
        assert {column[at] for column in columns} - {None} == respellings_of(value)


LISTS = st.lists(LAWFUL, min_size=1, max_size=3).flatmap(
    lambda ids: st.sampled_from(
        [json.dumps(ids), str(ids), ";".join(ids), " | ".join(ids), f"({','.join(ids)})", ids[0]]
    )
)


@given(st.lists(LISTS, min_size=1, max_size=8))
def test_items_of_few_and_of_many_texts_are_the_same(values: list[str]) -> None:
    """A text of many rows gives what it gives of few, in whichever way."""

    def told(series: pl.Series) -> set[tuple[int, str]]:
        return {
            (row, text)
            for rows, texts in other_spellings(series)
            for row, text in zip(rows.tolist(), texts, strict=True)
        }

    few, many = told(pl.Series(values)), told(pl.Series([*values, *["Z"] * 500]))
    assert {each for each in many if each[0] < len(values)} - {(at, each) for at, each in enumerate(values)} == few - {
        (at, each) for at, each in enumerate(values)
    }


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        (pl.String, ["00123", "AB1", "1,234"]),
        (pl.Categorical, ["00123", "AB1", "1,234"]),
        (pl.Binary, ["00123", "AB1", "1,234"]),
        (pl.Int16, [123, 1234, 77]),
        (pl.UInt64, [123, 1234, 77]),
        (pl.Decimal(9, 0), [123, 1234, 77]),
    ],
    ids=str,
)
def test_few_and_many_rows_of_each_type_are_near_alike(kind: Any, ids: list[Any]) -> None:
    index = example_index({"opaque:jail": ["0123", "ab1", "01234"]})
    rows = [pl.Series(ids * times).cast(kind) for times in (1, 400)]
    counts = [ss.scan(pl.DataFrame({"id": each}), index, ON).tables[0].keys[0] for each in rows]

    assert counts[0].near >= 2
    assert (counts[1].near, counts[1].sealed) == (400 * counts[0].near, 400 * counts[0].sealed)


@settings(deadline=None)
@given(st.lists(LAWFUL, min_size=1, max_size=8))
def test_nothing_else_is_near(values: list[str]) -> None:
    """Near is what some rule turns into a sealed id, and one record is judged as a table of one."""
    sealed = set(SEALED.values())
    near = [bool((respellings_of(value.strip()) | items_of(value.strip())) & sealed) for value in values]
    matcher = RecordMatcher(INDEX, [KeyColumn("opaque:jail", ("id",))])
    assume(not set(SEALED.values()) & {value.strip() for value in values})
    for value, wanted in zip(values, near, strict=True):
        report = ss.scan(pl.DataFrame({"id": [value]}), INDEX, ON, policy=ss.Policy(max_unparsable=1))
        assert report.tables[0].keys[0].near == wanted
        if wanted:
            assert matcher.canonical({"id": value}) is None


def test_schemes_that_have_spellings_are_not_respelled() -> None:
    index = example_index(["K14612345"])
    (key,) = ss.scan(pl.DataFrame({"id": ["M14000017"]}), index, {"arrest_number": "id"}).tables[0].keys
    assert key.near == 0
