"""Identifiers in texts: every spelling is found, and what is none stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, Refused, UsageError
from sealscrub.filters import GuardedText, StreamGuard, explain_text, guard_text

INDEX = example_index(
    {
        "arrest_number": ["K14612345"],
        "docket": ["2014KN012345"],
        "cjtn": ["64512345K"],
        "voucher": ["1234567"],
        "indictment": ["IND-70123-21/001"],
        "opaque:sys": ["aB-77x"],
    }
)

SPELLINGS = [
    "K14612345",
    "k14-612345",
    "K 14 612345",
    "K2014-612345",
    "K/14/612345",
    "K14\n612345",
    "K14 -\r\n  612345",
    "K-1-4-6-1-2-3-4-5",
    "K14 612 345",
    "\u041a14612345",
    "\uff2b\uff11\uff14\uff16\uff11\uff12\uff13\uff14\uff15",
    "K14\u200b6\u00ad12345",
    "K\u030114612345",
    "K14\u2011612345",
    "K14<b>612345</b>",
    "K14<span class='x'>612</span>345",
    "K%314612345",
    "%4B14%2D612345",
    "&#75;14&#x36;12345",
    "K14&nbsp;612345",
    "\\u004B14612345",
    "**K14**-612345",
    "K\u0661\u0664612345",
    "2014KN012345",
    "2014 kn 12345",
    "CR-012345-14KN",
    "CR 12345 2014/KN",
    "64512345K",
    "CJTN 64512345-k",
    "voucher no. 1234567",
    "IND-70123-21/001",
    "ind 70123 2021 1",
    "aB-77x",
]


MORE = {
    "markdown that is escaped": r"K14\-612\-345",
    "an escape of a programming language": r"\x4b\x31\x34\x36\x31\x32\x33\x34\x35",
    "an escape of JavaScript and Rust": r"K14\u{2d}612345",
    "a long escape of JavaScript": r"\u{00004b}14\u{2011}612345",
    "a form": "K14+612345",
    "escapes without an end": "&#75&#49&#52&#54&#49&#50&#51&#52&#53",
    "a middle dot": "K14\u00b7612345",
    "a bullet": "K14\u2022612345",
    "a terminal": "K14\x1b[1m612\x1b[0m345",
    "no letter at all": "K\u28001\ufffc4\ufffd6\ud80012345",
    "circles": "\U0001f15a\u2776\u2779\u277b\u2776\u2777\u2778\u2779\u277a",
    "brackets": "\U0001f11a\u2474\u2477\u2479\u2474\u2475\u2476\u2477\u2478",
    "a square": "\U0001f17a14612345",
    "a flag": "\U0001f1f014612345",
    "Cherokee": "\u13e614612345",
    "Lisu": "\ua4d714612345",
    "Coptic": "\u2c9414612345",
    "quoted-printable": "K14=2D612345",
    "a space in quoted-printable": "K14=20612345",
    "spaces in quoted-printable and tags": "K=2014<b>=20=20612</b>=20345",
    "a space in quoted-printable between letters": "2014K=20N012345",
    "a space in a numbered line of quoted-printable": "2014K\n(12) =20N012345",
    "a numbered line of quoted-printable": "K14=20\n(2) 612345",
    "lines of quoted-printable": "K14=20\r\n612=\n345",
    "a wide hyphen in quoted-printable": "K14=E2=80=91612345",
    "RTF": r"K14\'2d612345",
    "a wide hyphen in RTF": r"K14\u8209?612345",
    "a wide hyphen in RTF, and a narrow one": r"K14\u8209\'2d612345",
    "a paragraph of RTF": r"{\b K14}\par 612345",
    "tags": "".join(chr(0xE0000 + ord(sign)) for sign in "K14612345"),
    "the number of a line": "K14\n14 612345",
    "numbers of lines": "K\r\n 14: 14-\r\n 15: 612\r\n 16: 345",
    "the number of a line behind an escape and a tag": "K14<b>&#10;14 </b>612345",
    "invisible characters around it": "so\u200bK14612345\ufeffis",
}


@pytest.mark.parametrize("spelling", MORE.values(), ids=MORE)
def test_more_spellings_go(spelling: str) -> None:
    text = f"Two were found. One is {spelling}, it seems. Then nothing more."
    assert guard_text(text, INDEX) == "Two were found. Then nothing more."
    guard = StreamGuard(INDEX)
    assert "".join(map(guard.feed, text)) + guard.close() == "Two were found. Then nothing more."


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("policy", ["sentence", "token"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_goes(spelling: str, policy: str) -> None:
    left = guard_text(f"Two were found. One is {spelling}, it seems. Then nothing more.", INDEX, on_match=policy)

    told = {"sentence": "Two were found. Then nothing more.", "token": "Two were found. One is"}[policy]
    assert left.startswith(told)
    assert "612345" not in left
    assert "345" not in left
    assert left.endswith(" Then nothing more.")


@pytest.mark.parametrize(
    "text",
    [
        "K1461234567",
        "7K14612345",
        "New YorK 14612345",
        "cafeK14612345f00d",
        "K146123456",
        "K14612346",
        "NYSID 64512345K",
        "the total is 1234567",
        "K14, 612345",
        "Ab-77x",
        "K14 and 612345",
        r"C:\K14\parts\612345",
        "?b=14612345&c=2C14612345",
        "?y=2014&b=14612345",
        r"K\u{110000}14612345",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert guard_text(f"Look: {text}. Done.", INDEX) == f"Look: {text}. Done."


@pytest.mark.parametrize(
    "between",
    [
        "\n> 10:30 ",
        "\n[10:31:01] ",
        "\n> [2] ",
        "\r\n(2) ",
        "\n1| ",
        "\n12|\t",
        "\n\n13\n00:00:01,000 --> 00:00:03,500\n",
    ],
)
def test_an_id_over_the_lines_of_a_transcript_goes(between: str) -> None:
    text = f"Two were found. One is K14{between}612345. Then nothing more."
    guard = StreamGuard(INDEX)

    left = guard_text(text, INDEX).replace("\n> ", "\n")  # what begins the line stays, as the line does
    assert left.split() == ["Two", "were", "found.", "Then", "nothing", "more."]
    assert "".join(map(guard.feed, text)) + guard.close() == guard_text(text, INDEX)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["123", "4567", "AB", "612345", "012345", "KN", "K14612346"]),
            st.sampled_from([" ", ": ", "\t"]),
        ),
        min_size=2,
        max_size=12,
    ),
    st.sampled_from(["", "Voucher Quantity\n"]),
    st.integers(1, 2_000),
)
@example([("AB", " "), ("4567", " ")], "Voucher Quantity\n", 1)
@settings(max_examples=20, deadline=None)
def test_a_list_of_numbers_stays(rows: list[tuple[str, str]], head: str, first: int) -> None:
    index = example_index(
        {"arrest_number": ["K14612345"], "docket": ["2015KN012345"], "voucher": ["1234567", "AB4567"]}
    )
    text = head + "".join(f"{first + at}{mark}{number}\n" for at, (number, mark) in enumerate(rows))

    assert guard_text(text, index) == text


CHATS = {
    "ChatML": ("", "<|im_start|>user\n{}<|im_end|>\n", "<|im_start|>assistant\n{}<|im_end|>\n"),
    "Llama 3": (
        "<|begin_of_text|>",
        "<|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\n{}<|eot_id|>",
    ),
    "Phi": ("<|system|>\nBe kind<|end|>\n", "<|user|>\n{}<|end|>\n", "<|assistant|>\n{}<|end|>\n"),
    "Gemma": ("<bos>", "<start_of_turn>user\n{}<end_of_turn>\n", "<start_of_turn>model\n{}<end_of_turn>\n"),
    "Llama 2": ("<s>[INST] <<SYS>>\nBe kind\n<</SYS>>\n\n", "[INST]{}[/INST]", " {}</s><s>"),
    "DeepSeek": (
        "<\uff5cbegin\u2581of\u2581sentence\uff5c>",
        "<\uff5cUser\uff5c>{}",
        "<\uff5cAssistant\uff5c>{}<\uff5cend\u2581of\u2581sentence\uff5c>",
    ),
}


@pytest.mark.parametrize("template", CHATS)
@pytest.mark.parametrize("sealed", ["Who is K14612345?", "Who is\nK14-612345"])
def test_a_turn_of_a_chat_goes_alone(template: str, sealed: str) -> None:
    begin, asked, answered = CHATS[template]
    chat = f"{begin}{asked}{answered}{asked}{answered}"
    text = chat.format(sealed, "No idea", "And he?", f"He is fine. {sealed}")
    rest = chat.format("", "No idea", "And he?", "He is fine.")
    guard = StreamGuard(INDEX)

    assert guard_text(text, INDEX) == rest
    assert "".join(map(guard.feed, text)) + guard.close() == rest


def test_a_label_of_a_looser_scheme_hides_nothing() -> None:
    assert guard_text("Complaint K14612345, invoice K14612345.", INDEX) == ""


def test_look_alike_letters_are_read_as_digits_where_that_is_asked_for() -> None:
    text = "See K14G12345, KI4612345, K146I2E45 and K1461Z345."

    assert guard_text(text, INDEX) == text
    assert guard_text(text, INDEX, on_match="token", ocr=True) == "See K14G12345,, K146I2E45 and."


def test_the_result_says_what_was_checked() -> None:
    left = guard_text("Nothing.", INDEX)

    assert isinstance(left, GuardedText)
    assert set(left.checked) == {"arrest_number", "docket", "cjtn", "voucher", "indictment", "opaque:sys"}


def test_refuse_refuses_the_whole_text() -> None:
    assert guard_text("Nothing.", INDEX, on_match="refuse") == "Nothing."
    with pytest.raises(Refused) as refused:
        guard_text("One is K14-612345.", INDEX, on_match="refuse")
    assert "612345" not in f"{refused.value!r} {refused.value}"


def test_bytes_and_unknown_policies_are_refused() -> None:
    with pytest.raises(UsageError):
        guard_text(b"K14612345", INDEX)
    with pytest.raises(ConfigError):
        guard_text("K14612345", INDEX, on_match="mask")


def test_the_former_name_of_on_match_is_refused_with_the_new_one() -> None:
    for call in (guard_text, lambda _, index, **old: StreamGuard(index, **old)):
        with pytest.raises(ConfigError, match="policy= of texts is now on_match="):
            call("K14612345", INDEX, policy="token")


MARKS = ("*", "**", "_", "`", "~~", '"', "'")  # of Markdown and quotations


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("A one. K14612345 two. B three.", "A one. B three."),
        ("K14612345 two. B three.", "B three."),
        ("A one. K14612345 two.", "A one."),
        ("A one.\n\nK14612345 two. B three.", "A one.\n\nB three."),
        ("A one.\n\nK14612345 two.\n\nB three.\n", "A one.\n\nB three.\n"),
        ("A one. K14612345 two.\n\nB three.", "A one.\n\nB three."),
        ("- a\n- K14612345\n- b", "- a\n- b"),
        ("Arrest No. K14612345 it was. So.", "So."),
        ("He was seen\nin K14612345 twice. So.", "So."),
        ("Um K14. 612345 es. So.", "So."),
        ("He ran. \U0001f600 1. K14612345 ran. He fell.", "He ran. He fell."),
        ("He ran. \u2705 1. K14612345 ran. He fell.", "He ran. He fell."),
        *((f"So it {mark}ran.{mark} K14612345 two. B three.", f"So it {mark}ran.{mark} B three.") for mark in MARKS),
    ],
)
def test_a_sentence_leaves_no_gap(text: str, left: str) -> None:
    assert guard_text(text, INDEX) == left


def test_a_unit_has_no_more_than_two_thousand_characters() -> None:
    words = "word " * 1_000

    left = guard_text(f"{words}K14612345 {words}", INDEX)

    assert len(words) * 2 - 2_001 <= len(left) <= len(words) * 2 - 1_900


def test_the_custodian_is_told_where() -> None:
    told = explain_text("A. Is K14<i>612345</i>? And 64512345K", INDEX)

    assert [(m.start, m.end, m.what, m.certain) for m in told.mentions] == [
        (6, 18, "arrest_number", True),
        (28, 37, "cjtn", True),
    ]
    assert "14" not in repr(told)


HOSTILE = st.sampled_from(
    ["K", "14", "612345", " ", "-", "1", "<", ">", "%", "&#", ";", "\\u", "\n", ".", "\u200b", "a"]
)


@given(st.lists(HOSTILE, max_size=60).map("".join))
@settings(max_examples=100, deadline=None)
def test_any_text_is_answered_with_parts_of_it(text: str) -> None:
    left = guard_text(text, INDEX)
    rest = iter(text)

    assert all(letter in rest for letter in left)  # nothing is put in, and nothing changes its place
    assert (left == text) == (explain_text(text, INDEX).mentions == ())
    assert not re.search(r"(?<![0-9A-Za-z])K14612345(?![0-9A-Za-z])", left)


def test_with_known_an_unknown_identifier_goes_as_a_sealed_one_does() -> None:
    said = [guard_text(f"You asked for {each}. So.", INDEX, known={"arrest_number": KNOWN}) for each in ASKED]
    assert said == ["So.", "So.", "You asked for M14000017. So."]
    for each, left in zip(ASKED, said, strict=True):
        guard = StreamGuard(INDEX, known={"arrest_number": KNOWN})
        assert "".join(map(guard.feed, f"You asked for {each}. So.")) + guard.close() == left
    with pytest.raises(ConfigError):
        guard_text("a", INDEX, known=KNOWN)


ASKED = ["K14612345", "q14-000 777", "M14000017"]
KNOWN = ["M14000017"]
