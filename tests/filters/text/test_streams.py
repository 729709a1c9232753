"""Streams: what leaves is what the whole text would have given, and no beginning of a mention ever leaves."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index, example_names
from sealscrub.errors import Refused, UsageError
from sealscrub.filters import StreamGuard, explain_text, guard_text

INDEX = example_index({"arrest_number": ["K14612345"], "docket": ["2014KN012345"], "opaque:sys": ["aB-77x"]})
LONGEST_HELD = 6_400

WORDS = st.sampled_from(
    ["the", "K14", "612345", "K14612345", "No", "2014", "KN", "012345", "aB-77x", "went", "voucher", "Deft", "B", "1"]
)
SIGNS = st.sampled_from(
    [
        *(" ", "\n", "\n\n", "\r\n- ", ". ", "! ", ".", "-", "/", "<b>", "%20", "&#32;", "\u200b", "。", "", " \t "),
        *("=2D", "<|im_start|>user\n", "[/INST]", "\n14 ", "\r\n 9: "),
    ]
)
TEXTS = st.lists(st.tuples(WORDS, SIGNS).map("".join), max_size=60).map("".join)
LONG = st.tuples(
    TEXTS, st.sampled_from(["x", "word ", "\n ", "1-", "\u200b", "K14 "]), st.integers(0, 1_500), TEXTS
).map(lambda parts: parts[0] + parts[1] * parts[2] + parts[3])
POLICIES = st.sampled_from(["sentence", "token"])


def cut(text: str, sizes: list[int]) -> list[str]:
    """A text in pieces of these sizes, over and over."""
    pieces, at, turn = [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        pieces.append(text[at : at + size])
        at, turn = at + size, turn + 1
    return pieces


def check(text: str, sizes: list[int], policy: str) -> None:
    whole = guard_text(text, INDEX, on_match=policy)
    guard = StreamGuard(INDEX, on_match=policy)
    out = ""
    for piece in cut(text, sizes):
        out += guard.feed(piece)
        assert whole.startswith(out)
        assert guard.held <= LONGEST_HELD + len(piece)
    assert out + guard.close() == whole


@given(TEXTS, st.lists(st.integers(1, 40), min_size=1, max_size=5), POLICIES)
@settings(max_examples=60, deadline=None)
def test_a_stream_gives_what_the_whole_gives(text: str, sizes: list[int], policy: str) -> None:
    check(text, sizes, policy)


@given(LONG, st.lists(st.integers(50, 900), min_size=1, max_size=5), POLICIES)
@settings(max_examples=30, deadline=None)
def test_a_long_stream_does_too(text: str, sizes: list[int], policy: str) -> None:
    check(text, sizes, policy)


@pytest.mark.long
@given(st.one_of(TEXTS, LONG), st.lists(st.integers(1, 300), min_size=1, max_size=5), POLICIES)
@settings(max_examples=150, deadline=None)
def test_any_stream_does(text: str, sizes: list[int], policy: str) -> None:
    check(text, sizes, policy)


@pytest.mark.parametrize("policy", ["sentence", "token"])
@pytest.mark.parametrize(
    "text",
    [
        "Two hits. One is K14-612345. The other is clean and so on and so forth.",
        "Docket 2014\nKN\n012345 was dismissed! Next one please, thank you very much indeed.",
        "- K14<b>612345</b>\n- K%314612345\n- aB-77x\n- M14000017",
    ],
)
def test_no_beginning_of_a_mention_leaves_letter_by_letter(text: str, policy: str) -> None:
    mentions = explain_text(text, INDEX).mentions
    assert mentions
    begins = [text[m.start : m.start + 3] for m in mentions]
    guard = StreamGuard(INDEX, on_match=policy)
    out = ""
    for letter in text:
        out += guard.feed(letter)
        assert not any(begin in out for begin in begins)
    out += guard.close()

    assert out == guard_text(text, INDEX, on_match=policy)
    assert not any(begin in out for begin in begins)


def test_a_sentence_leaves_some_words_after_its_end() -> None:
    guard = StreamGuard(INDEX)
    given_at = next(
        at for at, letter in enumerate("It is so. " + "And then more of it came. " * 9) if guard.feed(letter)
    )

    assert 10 <= given_at <= 60


@pytest.mark.parametrize("text", ["Caf\u00e9 K14\u2011612345 ok. \u20acnd.", "\U0001f600 fine. K14612345."])
def test_bytes_may_end_inside_a_character(text: str) -> None:
    guard = StreamGuard(INDEX)
    out = "".join(guard.feed(bytes([each])) for each in text.encode())

    assert out + guard.close() == guard_text(text, INDEX)


@pytest.mark.parametrize("content", [b"K14612345 \xff", b"so far \xe2\x82"])
def test_bytes_that_are_no_text_are_refused_and_say_nothing(content: bytes) -> None:
    guard = StreamGuard(INDEX)
    with pytest.raises(Refused) as refused:
        _ = guard.feed(content) + guard.close()

    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert "K14" not in f"{refused.value!r}{refused.value}"
    with pytest.raises(UsageError):
        guard.close()


def test_what_is_held_is_dropped_on_refusal_on_an_error_and_at_the_end_of_a_block() -> None:
    guard = StreamGuard(INDEX, on_match="refuse")
    assert guard.feed("All is well. One more thing is to be said here today. ") == "All is well."
    with pytest.raises(Refused):
        guard.feed("K14612345. And so on and so forth, on and on it went.")
    assert guard.held == 0
    with pytest.raises(UsageError):
        guard.feed("more")

    with StreamGuard(INDEX) as other:
        assert other.feed("K14") == ""
    assert other.held == 0
    with pytest.raises(UsageError):
        other.close()


def test_a_guard_shows_and_gives_away_nothing_of_its_text() -> None:
    guard = StreamGuard(INDEX)
    guard.feed("K14612345")

    assert repr(guard) == "StreamGuard(open)"
    with pytest.raises(UsageError):
        pickle.dumps(guard)


@pytest.mark.parametrize(
    "text", ["%\u3002*k14-612 345\u3002\u3002)b. So.", "a\uff01\uff01\u300d b\u3002* K14612345 c. D."]
)
def test_wide_full_stops_end_a_sentence_where_they_do_in_the_whole_text(text: str) -> None:
    guard = StreamGuard(INDEX)
    assert "".join(map(guard.feed, text)) + guard.close() == guard_text(text, INDEX)


@pytest.mark.parametrize("text", [".", "..", "a.", " .b", ". K14612345."])
def test_short_texts_with_full_stops_are_searched_for_names(text: str) -> None:
    names = example_names([("QUILLFEATHER", "WILBUR", "1990-02-03")])
    assert guard_text(text, INDEX, names) == guard_text(text, INDEX)
