"""Keys, and parts of keys, that hold no digit: what is said to be checked is found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import UnsuitableIndex
from sealscrub.filters import StreamGuard, guard_json, guard_text
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme

_CASE = Spelling(r"(?P<n>\d{1,6})", "{n:0>6}")
for scheme in (
    Scheme(name="word_county", level=Level.EVENT, spellings=(Spelling(r"[A-Z]+"),)),
    Scheme(name="word_place", level=Level.EVENT, spellings=(Spelling(r"(?P<a>[A-Z]+) (?P<b>[A-Z]+)", "{a} {b}"),)),
    Scheme(name="word_mixed", level=Level.EVENT, spellings=(Spelling(r"[A-Z0-9]{2,8}"),)),
    Scheme(name="word_case", level=Level.EVENT, spellings=(_CASE,)),
    Scheme(name="word_action", level=Level.ACTION, parts=("word_county", "word_case")),
    Scheme(name="word_other", level=Level.ACTION, parts=("word_case", "word_mixed")),
    Scheme(name="word_placed", level=Level.ACTION, parts=("word_place", "word_case")),
    Scheme(name="word_day", level=Level.ACTION, parts=("word_county", "date")),
    Scheme(name="word_three", level=Level.ACTION, parts=("word_county", "word_case", "word_mixed")),
    Scheme(name="word_only", level=Level.ACTION, parts=("word_county", "word_mixed")),
    Scheme(name="word_alone", level=Level.ARREST, spellings=(Spelling(r"[A-Z]{6}"),)),
    Scheme(name="word_loose", level=Level.ARREST, spellings=(Spelling(r"[A-Z0-9]{6}"),), shape="[A-Z0-9]" * 6),
):
    register_scheme(scheme)

KEYS = {
    "word_action": ("KINGS@004512", ["Kings", "4512"]),
    "word_other": ("004512@QXB", ["4512", "qxb"]),
    "word_placed": ("NEW YORK@004512", ["New York", "4512"]),
    "word_day": ("KINGS@2014-01-05", ["Kings", "January 5, 2014"]),
    "word_three": ("KINGS@004512@QXB", ["Kings", "4512", "QXB"]),
    "word_alone": ("QXBVWT", ["qxbvwt"]),
    "word_loose": ("QXBVWT", ["Qxbvwt"]),
    "opaque:words": ("Qxbvwt", ["Qxbvwt"]),
}
WAYS = [
    "{} {}",
    "{}@{}",
    "{}/{}",
    "{}: {}",
    "| {} | {} |",
    "{} County, number {}",
    "{} (**{}**)",
    "{}" + " " * 500 + "{}",
]


def _said(parts: list[str], way: str) -> str:
    text = parts[0]
    for part in parts[1:]:
        text = way.format(text, part)
    return text


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", KEYS)
def test_what_is_checked_is_found(name: str, way: str) -> None:
    value, parts = KEYS[name]
    index = example_index({name: [value]})
    text = f"Two were found. Now {_said(parts, way)} is odd. Fine."

    assert guard_text("Fine.", index).checked == (name,)
    assert guard_text(text, index) == "Two were found. Fine."
    guard = StreamGuard(index)
    assert "".join(map(guard.feed, text)) + guard.close() == "Two were found. Fine."
    both = example_index({name: [value], "arrest_number": [f"M140001{n}" for n in range(10, 50)]})
    rows = [{"id": "K14612345", "note": f"see {_said(parts, way)}"}, {"id": "K14612346", "note": "see nothing 77"}]
    assert guard_json(rows, both, on={"arrest_number": "$[*].id"}, undeclared="drop", complete=True) == rows[1:]


@pytest.mark.parametrize("said", ["KINGS004512", "Kings4512", "4512Kings"])
def test_parts_may_be_glued_to_each_other(said: str) -> None:
    index = example_index({"word_action": ["KINGS@004512"]})

    assert guard_text(f"Now {said} is odd. Fine.", index) == "Fine."


@pytest.mark.parametrize("name", KEYS)
def test_other_keys_and_parts_in_other_sentences_stay(name: str) -> None:
    index = example_index({name: [KEYS[name][0]]})
    text = (
        "Kings 4513 and Queens 45120. The skings 4512. New Yorks 4513. Yorks 4512. Kings. New York. QXBVWTA and qxbvw. "
        "Kings met on January 6, 2014. 4512. Qxb."
    )

    assert guard_text(text, index) == text


def test_a_key_that_any_two_words_may_be_is_not_said_to_be_checked() -> None:
    index = example_index({"word_only": ["KINGS@QXB"], "arrest_number": ["K14612345"]})

    assert guard_text("Kings QXB.", index).checked == ("arrest_number",)
    with pytest.raises(UnsuitableIndex):
        guard_text("Kings QXB.", example_index({"word_only": ["KINGS@QXB"]}))


def test_of_keys_that_any_word_may_be_known_ids_remove_none() -> None:
    index = example_index({"word_action": ["KINGS@004512"], "word_loose": ["QXBVWT"]})
    known = {"word_action": [("QUEENS", "000007")], "word_loose": ["ABCDEF", "ABC123"]}

    assert guard_text("The 5 cats slept.", index, known=known) == "The 5 cats slept."
    assert guard_text("Kings 4512. XYZ789 slept. Plenty sleeps.", index, known=known) == "Plenty sleeps."


@given(
    st.lists(
        st.tuples(st.sampled_from(["Kings", "QUEENS", "bronx"]), st.integers(4_510, 4_513)), min_size=1, max_size=6
    ),
    st.sampled_from(WAYS),
    st.integers(1, 60),
)
@settings(max_examples=40, deadline=None)
def test_only_the_pairs_of_the_index_go(drawn: list[tuple[str, int]], way: str, size: int) -> None:
    index = example_index({"word_action": ["KINGS@004512", "BRONX@004511"]})
    sealed = {("KINGS", 4_512), ("BRONX", 4_511)}
    said = [way.format(*each) for each in drawn]
    text = "".join(f"It is {each}. " for each in said)
    left = "".join(f"It is {each}. " for each, (a, b) in zip(said, drawn, strict=True) if (a.upper(), b) not in sealed)
    guard = StreamGuard(index)
    out = "".join(guard.feed(text[at : at + size]) for at in range(0, len(text), size)) + guard.close()

    assert out == guard_text(text, index)
    assert out.strip() == left.strip()
