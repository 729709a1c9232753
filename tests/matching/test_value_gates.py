"""The gates of the sweep let through every text in which something is found."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.identifiers import Level, Scheme, Spelling, Status, canonicalise, get_scheme, scheme_names
from sealscrub.matching import Sweep
from sealscrub.matching.chance import SHORTEST, SeenNumbers
from sealscrub.matching.held_rows import judged_texts
from sealscrub.matching.other_digits import PRINTED_NUMBER
from sealscrub.matching.text_words import phrases_in, without_escapes, words_in
from sealscrub.matching.texts.shapes import BESIDE_DIGIT, Shapes, shape_of
from sealscrub.matching.value_gates import ValueGates
from sealscrub.matching.value_search import ValueSearch

OWN = Scheme(
    name="ticket",
    level=Level.ACTION,
    labels=("Ticket No", "T-#"),
    spellings=(
        Spelling(r"(?P<a>[A-Z]\d[A-Z]|\d{3}|X.Y)[\s:]*(?P<b>\d{1,2}(?:[A-F]\d)?)", "{a}{b:0>2}"),
        Spelling("[^0-9]{2}[0-4]+"),
    ),
)
SPELLED = {each.name: each for each in (*map(get_scheme, scheme_names()), OWN) if each.spellings}
MARKS = [
    "-",
    "/",
    " ",
    ".",
    "#",
    "_",
    "\u2013",
    "\n",
    "\t",
    "\u200b",
    "\u00ad",
    "\x7f",
    "<b>",
    "%2D",
    "&#45;",
    "\\n",
    ":",
    "=",
    ",",
    ";",
    "|",
    "(",
    "\n14 ",
    "\r\n > 9: ",
    "\\n14 ",
]
AROUND = [
    "",
    " ",
    ",",
    ";",
    "\n",
    "see ",
    " and gone",
    "case=",
    "(",
    ")",
    '"',
    "x",
    "4",
    "no. ",
    "\u00e9",
    "\uff11",
    "--",
    "{",
    "lobby ",
    " 12",
]
DIGITS, LOOKALIKES = "01580121", "OISBolZ\u0661"
INDEX = {
    "arrest_number": ["K14612345"],
    "docket": ["2014KN012345"],
    "indictment": ["IND-070123-2021-001"],
    "cjtn": ["12345678A"],
    "voucher": ["1234567890", "AB1234567", "501234"],
    "person_arrest": ["12345678A@2014-01-05"],
}


@lru_cache
def gates(name: str, *, near: bool = True) -> ValueGates:
    return ValueGates([SPELLED[name]], [SPELLED[name]], Shapes([]), near=near)


@st.composite
def written(draw: st.DrawFn, scheme: Scheme) -> str:
    """A value of a scheme, with other marks and letters in it, a label before it, and something around it."""
    spelling = draw(st.sampled_from(scheme.spellings))
    text = draw(st.from_regex(spelling.pattern, fullmatch=True, alphabet=st.characters(max_codepoint=126)))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(MARKS)) + text[at:]
    if draw(st.booleans()):
        at = draw(st.integers(0, len(DIGITS) - 1))
        text = text.replace(DIGITS[at], LOOKALIKES[at], draw(st.integers(1, 3)))
    if draw(st.booleans()):
        text = text.lower()
    if draw(st.booleans()) and scheme.labels:
        label = draw(st.sampled_from(sorted(scheme.labels)))
        text = (
            draw(st.sampled_from([label, label.lower()]))
            + draw(st.sampled_from([" ", "-", " NO. ", "#", "\n", ": "]))
            + text
        )
    return draw(st.sampled_from(AROUND)) + text + draw(st.sampled_from(AROUND))


def parsed(texts: pl.Series, scheme: Scheme, *, near: bool = True) -> npt.NDArray[np.int64]:
    """Which texts have a canonical value, or would with other digits."""
    return np.flatnonzero(
        np.isin(canonicalise(texts, scheme).status, [Status.OK, Status.NEAR] if near else [Status.OK])
    )


@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("name", SPELLED)
@given(data=st.data())
def test_a_value_passes_the_gate_of_its_scheme(name: str, data: st.DataObject) -> None:
    texts = pl.Series(data.draw(st.lists(written(SPELLED[name]), min_size=4, max_size=12)))
    for near in (True, False):
        gate = gates(name, near=near)
        found = set(parsed(texts, SPELLED[name], near=near).tolist())
        assert found <= set(gate.whole(texts, name).tolist())
        assert found <= set(gate.whole(texts).tolist())


@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("name", SPELLED)
@given(data=st.data())
def test_a_text_with_a_value_among_its_words_passes_the_gate_of_words(name: str, data: st.DataObject) -> None:
    values = written(SPELLED[name])
    texts = pl.Series(
        data.draw(st.lists(st.lists(values, min_size=1, max_size=3).map(" ".join), min_size=3, max_size=8))
    )
    plain = without_escapes(texts)
    behind = words_in(plain["text"], 1)
    behind = behind.with_columns(row=plain["row"].gather(behind["row"]))
    parts = pl.concat([words_in(texts, 1), phrases_in(texts), behind])
    found = parts[parsed(parts["word"], SPELLED[name])]
    assert set(found["row"]) <= set(gates(name).words(texts, short=True).tolist())
    telling = [row for row, word in found.iter_rows() if sum(map(str.isalnum, word)) >= SHORTEST]
    assert set(telling) <= set(gates(name).words(texts).tolist())


@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("name", SPELLED)
@given(data=st.data())
def test_whether_a_text_fits_does_not_depend_on_others(name: str, data: st.DataObject) -> None:
    texts = data.draw(st.lists(written(SPELLED[name]), min_size=3, max_size=8))
    for near in (True, False):
        shapes = Shapes([[*([BESIDE_DIGIT] if near else []), shape_of(SPELLED[name], near=near)]])
        alone = [bool(shapes.fit(pl.Series([text]))[0]) for text in texts]
        assert shapes.fit(pl.Series([*texts, "\u00e9"])).tolist()[:-1] == alone
        assert shapes.fit(pl.Series([*texts, *["at noon"] * 200])).tolist()[: len(texts)] == alone


@pytest.mark.parametrize("others", [[], ["at noon"] * 200, ["\u00e9"]], ids=["alone", "among many", "among others"])
def test_an_escape_in_a_text_may_be_any_sign(others: list[str]) -> None:
    shapes = Shapes([[shape_of(SPELLED["arrest_number"])]])
    assert shapes.fit(pl.Series(["of &#75;14612345", "of &#75;146", *others])).tolist()[:2] == [True, False]


@pytest.mark.parametrize("spelling", ["2014K=20N012345", "2014%4B\n(2) =20N012345"])
def test_a_sign_may_be_a_space_or_a_year(spelling: str) -> None:
    shapes = Shapes([[shape_of(SPELLED["docket"])]])
    texts = [spelling, "d=2014KN012345", "d=2014%4B\n(2) N012345", "?y=2026"]
    assert shapes.fit(pl.Series(texts)).tolist() == [True, True, True, False]
    assert shapes.fit(pl.Series([*texts, *["at noon"] * 200])).tolist()[:4] == [True, True, True, False]


@lru_cache
def search(*schemes: str) -> ValueSearch:
    return ValueSearch(example_index({scheme: INDEX[scheme] for scheme in schemes}))


SETS = [("arrest_number", "docket"), ("voucher", "arrest_number"), ("cjtn", "person_arrest"), tuple(INDEX)]


@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("schemes", SETS, ids="+".join)
@given(data=st.data())
def test_a_text_of_which_something_is_found_may_hold_it(schemes: tuple[str, ...], data: st.DataObject) -> None:
    """A number as a float is printed is another matter: whether one is looked at depends on its digits."""
    held = st.sampled_from([value.replace("@", " ") for scheme in schemes for value in INDEX[scheme]])
    marked = st.tuples(held, st.sampled_from(MARKS), st.integers(1, 9)).map(
        lambda e: e[0][: e[2]] + e[1] + e[0][e[2] :]
    )
    near = held.map(lambda each: each.replace("1", "I").replace("0", "O"))
    one = st.tuples(st.sampled_from(AROUND), held | marked | near, st.sampled_from(AROUND)).map("".join)
    shapes = [one, st.lists(one, max_size=3).map(str), st.lists(one, max_size=3).map(", ".join)]
    texts = pl.Series(data.draw(st.lists(st.one_of(*shapes), min_size=4, max_size=12)), dtype=pl.String)
    texts = texts.filter(~texts.str.contains(PRINTED_NUMBER))
    seen: list[SeenNumbers] = []
    flags, pieces = judged_texts(search(*schemes), texts, seen)
    found = set(np.flatnonzero(flags).tolist()) | {row for each in seen for row in each.rows.tolist()}
    found |= {row for items, _ in pieces for row in items.filter(pl.col("flag") > 0)["row"]}
    assert found <= set(np.flatnonzero(search(*schemes).may_hold(texts)).tolist())


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ({"arrest_number": ["K00550150"]}, '["KOOSSOISO"]'),  # no digit, so the text guard reads nothing
        ({"voucher": ["1234567890"]}, "seen %31%32%33%34%35%36%37%38%39%30"),
        ({"voucher": ["1234567890"]}, "no &#49;&#50;&#51;4567890 at all"),
        ({"voucher": ["AB1234567890"]}, "at noon, AB 1234567890, and gone"),
        ({"voucher": ["ABCD1234567"]}, "left at noon\\nABCD1234567 and gone"),
        ({"arrest_number": ["K14612345"]}, "see K14<b>612345</b>"),
        ({"voucher": ["1234500000"]}, "a sum of 12345E5 at noon"),
        ({"voucher": ["AB12345"]}, "left with INVOICE:AB12345 and gone"),
        ({"docket": ["2014KN012345"]}, "docket 2014K\n14 N012345 at noon"),
        ({"docket": ["2014KN012345"]}, "docket 2014K&#10;> 14: N012345 at noon"),
    ],
    ids=[
        *(
            "near in JSON",
            "escaped",
            "a part escaped",
            "a phrase",
            "an escaped line",
            "a tag",
            "an exponent",
            "a label",
        ),
        *("the number of a line", "and the line escaped"),
    ],
)
def test_what_only_one_way_of_reading_finds_passes(key: dict[str, list[str]], text: str) -> None:
    sweep = Sweep(example_index(key))
    sweep.add("x", pl.Series([text, "theft"]))
    assert [each.found + each.near for each in sweep.tally()] == [1]
