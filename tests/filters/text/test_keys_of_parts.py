"""Keys of several columns that a custodian defined: all their parts in one unit are one key."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.filters import StreamGuard, explain_text, guard_text
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme

for scheme in (
    Scheme(name="text_court", level=Level.EVENT, spellings=(Spelling(r"C\d{3}"),)),
    Scheme(name="text_serial", level=Level.EVENT, spellings=(Spelling(r"\d{3,7}"),)),
    Scheme(name="text_count", level=Level.EVENT, spellings=(Spelling(r"\d{1,2}"),), labels=("COUNT",)),
    Scheme(name="text_case", level=Level.ARREST, parts=("text_court", "text_serial")),
    Scheme(name="text_numbers", level=Level.ARREST, parts=("text_serial", "arrest_number")),
    Scheme(name="text_charge", level=Level.ARREST, parts=("text_court", "text_serial", "text_count")),
    Scheme(name="text_day", level=Level.ARREST, parts=("date", "text_serial")),
):
    register_scheme(scheme)

KEYS = {
    "text_case": (["C123@98765"], "Court C123 has the case 98765."),
    "text_numbers": (["98765@K14612345"], "In k14-612 345 the number is 98765."),
    "text_charge": (["C123@98765@2"], "Before C123 stands count 2 of 98765."),
    "text_day": (["2014-01-05@98765"], "On January 5, 2014 it was 98765."),
    "person_arrest": (["12345678A@2014-01-05"], "NYSID 12345678-A was arrested on 01/05/2014."),
}


@pytest.mark.parametrize("name", KEYS)
def test_the_parts_in_one_sentence_go(name: str) -> None:
    values, said = KEYS[name]
    index = example_index({name: values})
    text = f"Two were found. {said} Then nothing more."

    assert name in guard_text(text, index).checked
    assert guard_text(text, index) == "Two were found. Then nothing more."
    guard = StreamGuard(index)
    assert "".join(map(guard.feed, text)) + guard.close() == "Two were found. Then nothing more."
    assert {mention.what for mention in explain_text(text, index).mentions} == {name}


@pytest.mark.parametrize("name", KEYS)
def test_parts_of_other_records_and_parts_in_other_sentences_stay(name: str) -> None:
    index = example_index({name: KEYS[name][0]})
    text = (
        "C123 has 98766. C124 has 98765. The number is 98766 in K14612345. In K14612346 it is 98765. On 2014-01-06 it "
        "was 98765. C123. 98765. Count 2. Count 3 of 98765 before C1234. NYSID 12345678A. Arrested on 2014-01-05."
    )

    assert guard_text(text, index) == text


@given(
    st.lists(st.tuples(st.integers(100, 104), st.integers(98_763, 98_767)), min_size=1, max_size=6),
    st.sampled_from(["C{} has {}", "{1}, C{0}", "C{}|{}|", "C{} ({})", "C{}" + " " * 600 + "{}"]),
    st.integers(1, 60),
)
@settings(max_examples=60, deadline=None)
def test_only_the_pairs_of_the_index_go(drawn: list[tuple[int, int]], way: str, size: int) -> None:
    index = example_index({"text_case": ["C102@98765", "C100@98764"]})
    sealed = {(102, 98_765), (100, 98_764)}
    said = [way.format(court, serial) for court, serial in drawn]
    text = "".join(f"It is {each}. " for each in said)
    left = "".join(f"It is {each}. " for each, pair in zip(said, drawn, strict=True) if pair not in sealed)
    guard = StreamGuard(index)
    out = "".join(guard.feed(text[at : at + size]) for at in range(0, len(text), size)) + guard.close()

    assert out == guard_text(text, index)
    assert out.strip() == left.strip()
