"""Joins: what comes to stand side by side when something goes is not a mention either."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index, example_names
from sealscrub.filters import StreamGuard, explain_text, guard_text
from sealscrub.matching.texts.mentions import IdentifierFinder, Mention
from sealscrub.matching.texts.name_mentions import NameFinder
from sealscrub.matching.texts.text_joins import Joined
from sealscrub.matching.texts.text_policies import TextPolicy
from sealscrub.matching.texts.units import unit_ends

INDEX = example_index({"arrest_number": ["K14612345", "M14000017"], "docket": ["2014KN012345"], "voucher": ["1234567"]})
NAMES = example_names([("QUILLFEATHER", "WILBUR"), ("WOBBE", "BILL")])
POLICIES = pytest.mark.parametrize("policy", ["sentence", "token"])

PARTS = st.sampled_from(
    [
        *("K14", "612345", "K14612345", "M14", "M14000017", "000017", "2014", "KN", "012345", "voucher", "1234567"),
        *("Wilbur", "Bill Wobbe", "Quillfeather", "Then it was so.", "He went home", "no", "x"),
    ]
)
SIGNS = st.sampled_from(
    [
        " ",
        "\n- ",
        ". ",
        "! ",
        "-",
        "\n\n",
        "\u3002",
        "<b",
        ">",
        "%20",
        "\u200b",
        "",
        ", ",
        "\n> ",
        "\r\n# ",
        "\n| ",
        ". |",
        "\n[",
        "] ",
        "\n[10:31] ",
        "\n  - ",
    ]
)
TEXTS = st.lists(st.tuples(PARTS, SIGNS).map("".join), max_size=40).map("".join)
NESTED = st.tuples(st.integers(0, 12), st.integers(0, 12), SIGNS).map(
    lambda drawn: ("K14" + drawn[2]) * drawn[0] + ("612345" + drawn[2]) * drawn[1]
)


@POLICIES
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("A list.\n- K14\n- M14000017\n- 612345\n- So.", ["A list.\n- So.", None]),
        ("A list.\n- Wilbur\n- Bill Wobbe\n- Quillfeather\n- So.", ["A list.\n- So.", None]),
        ("Here is K14 M14000017 612345. So it was.", ["So it was.", "Here is. So it was."]),
        ("Here is K14 K14 612345 612345. So it was.", ["So it was.", "Here is. So it was."]),
    ],
)
def test_the_halves_on_either_side_of_what_is_gone_go_too(text: str, left: list[str | None], policy: str) -> None:
    out = guard_text(text, INDEX, NAMES, on_match=policy)

    wanted = left[policy == "token"]
    assert wanted is None or out == wanted
    assert not any(half in out for half in ("K14", "612345", "Wilbur", "Quillfeather"))


@pytest.mark.parametrize("id", ["2014-044-01234", "12345678", "2014-01-05"])
def test_an_id_where_a_time_stands_is_not_what_begins_the_line(id: str) -> None:
    index = example_index({"opaque:case": [id]})
    out = guard_text(f"A man.\n[{id}] A man was held. He left the place.\nB man.", index)
    assert out == "A man.\nHe left the place.\nB man."


def test_a_half_before_what_is_gone_is_held_until_its_neighbour_is_known() -> None:
    guard = StreamGuard(INDEX)
    out = guard.feed("All of it is told here.\n- K14\n- M14000017 was one of them, and so on it went from there.\n- ")
    assert out == "All of it is told here."
    assert out + guard.feed("612345\n- The rest of it was told elsewhere.\n") + guard.close() == (
        "All of it is told here.\n- The rest of it was told elsewhere.\n"
    )


def test_what_stands_beside_what_goes_gives_what_it_gives_without_it() -> None:
    apart = "One was met.\n- K14\n- M14000017\n- 612345\n- So."
    side_by_side = "One was met.\n- K14\n- 612345\n- So."

    assert guard_text(apart, INDEX) == guard_text(side_by_side, INDEX) == "One was met.\n- So."


def check(text: str, size: int, policy: str) -> None:
    whole = guard_text(text, INDEX, NAMES, on_match=policy)
    guard = StreamGuard(INDEX, NAMES, on_match=policy)
    out = ""
    for at in range(0, len(text), size):
        out += guard.feed(text[at : at + size])
        assert whole.startswith(out)

    assert out + guard.close() == whole
    assert explain_text(whole, INDEX, NAMES).mentions == ()


ANY = st.one_of(TEXTS, st.tuples(TEXTS, NESTED, TEXTS).map("".join))


@given(ANY, st.integers(1, 60), st.sampled_from(["sentence", "token"]))
@example("K14 " * 9 + "612345 " * 9, 7, "token")
@example("K14\n- " * 9 + "612345\n- " * 9, 7, "sentence")
@example("So.\n[2014KN012345] A man was held. He left.\n[1234567] So.", 7, "sentence")
@settings(max_examples=80, deadline=None)
def test_what_comes_out_is_clean_and_a_stream_gives_the_same(text: str, size: int, policy: str) -> None:
    check(text, size, policy)


@pytest.mark.long
@given(
    st.tuples(ANY, st.sampled_from(["K14\n- ", "x. ", "K14 ", "Bill\n- "]), st.integers(0, 900), ANY).map(
        lambda p: p[0] + p[1] * p[2] + p[3]
    ),
    st.integers(1, 900),
    st.sampled_from(["sentence", "token"]),
)
@settings(max_examples=60, deadline=None)
def test_any_text_does(text: str, size: int, policy: str) -> None:
    check(text, size, policy)


@pytest.mark.parametrize("size", [pytest.param(1, marks=pytest.mark.long), 700])
def test_beyond_a_thousand_characters_of_joins_the_second_half_goes_alone(size: int) -> None:
    firsts, seconds = "K14\n- " * 200, "612345\n- " * 200
    whole = guard_text(firsts + seconds, INDEX)

    assert whole == "K14\n- " * 32  # the first 32 had left for good: 168 others stood within 1,000 characters
    guard, out, most = StreamGuard(INDEX), [], 0
    for at in range(0, len(firsts + seconds), size):
        out.append(guard.feed((firsts + seconds)[at : at + size]))
        most = max(most, guard.held)
    assert "".join(out) + guard.close() == whole
    assert most <= 6_400


def test_within_a_thousand_characters_both_halves_go() -> None:
    assert guard_text("K14\n- " * 160 + "612345\n- " * 160, INDEX).strip("\n- ") == ""


class _Counted(IdentifierFinder):
    """Counts how much it is asked to read."""

    read = 0

    def find(self, text: str, read: Any, start: int, stop: int, units: Any) -> list[Mention]:
        self.read += len(text)
        return super().find(text, read, start, stop, units)

    def closed(self, letters: Any) -> bool:
        self.read += len(letters.text)
        return super().closed(letters)


@pytest.mark.parametrize("unit", [f"\n- {'x' * 36} K14", f"\n- {'x' * 36}. Y."])
def test_what_is_read_of_many_joins_grows_with_their_number(unit: str) -> None:
    def read(count: int) -> int:
        finder = _Counted(INDEX)
        joined = Joined([finder], TextPolicy.SENTENCE)
        for _ in range(count):  # as a stream brings them, one by one
            joined.kept(unit, [0, len(unit)])
            joined.leaving("\n", final=False)
            joined.gone("\n- M14000017")
            joined.leaving("\n", final=False)
        return finder.read

    assert read(180) - read(120) <= 1.1 * (read(120) - read(60))


UNMARKED = st.lists(
    st.tuples(PARTS, st.sampled_from([" ", "\n- ", ". ", "! ", "-", "\n\n", "\u3002", "\u200b", ", "])).map("".join),
    min_size=4,
    max_size=40,
).map("".join)


@given(st.lists(st.tuples(st.one_of(UNMARKED, TEXTS), st.integers(0, 2**40)), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
@example([("K14. So it was. 612345. Then. K14\n- x\n- M14\n- 000017", 0b101010)])
def test_joins_looked_through_at_once_leave_what_they_leave_one_by_one(drawn: list[tuple[str, int]]) -> None:
    finders = [IdentifierFinder(INDEX), NameFinder(NAMES)]
    at_once, one_by_one = Joined(finders, TextPolicy.SENTENCE), Joined(finders, TextPolicy.SENTENCE)
    left = ["", ""]
    for text, bits in drawn:
        units = [0, *unit_ends(text, 0, 0, final=True)[0]]
        named = explain_text(text, INDEX, NAMES).mentions
        spans = [
            [(start, end)] if bits >> number & 1 or any(m.start < end and m.end > start for m in named) else []
            for number, (start, end) in enumerate(pairwise(units))
        ]
        at_once.add(text, units, spans)
        for (start, end), of in zip(pairwise(units), spans, strict=True):
            if of:
                one_by_one.gone(text[start:end])
            else:
                one_by_one.kept(text, [start, end])
        left = [
            so_far + each.leaving("", final=False) for so_far, each in zip(left, (at_once, one_by_one), strict=True)
        ]
        assert left[0] == left[1]

    assert left[0] + at_once.leaving("", final=True) == left[1] + one_by_one.leaving("", final=True)


@given(
    st.lists(
        st.sampled_from(["K14612345", "M14000017", "1", "612", ". ", " ", "Quillfeather Wilbur", "K14", "s", "K2014"]),
        min_size=3,
        max_size=9,
    ).map("".join),
    st.sampled_from([0, 1, 100]),
)
@example("K14612345M140000171. 612Quillfeather Wilbur1", 0)
@settings(max_examples=100, deadline=None)
def test_a_name_that_goes_leaves_nothing_to_be_found_again(said: str, before: int) -> None:
    index = example_index(["K14612345"])
    names = example_names([("QUILLFEATHER", "WILBUR", "1990-02-03")])
    start = "Long ago it was so. " * before
    text = start + said
    once = guard_text(text, index, names, on_match="token")

    assert guard_text(once, index, names, on_match="token") == once
    guard = StreamGuard(index, names, on_match="token")
    assert "".join(map(guard.feed, [start, *said])) + guard.close() == once
