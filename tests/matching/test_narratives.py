"""Texts that are read together: each is left as it would be alone, however many there are and whoever reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index, example_names
from sealscrub.filters import explain_text, guard_text
from sealscrub.index import Index, TextIndex
from sealscrub.matching import Policy, Sweep
from sealscrub.matching import narrative_batches as module
from sealscrub.matching.narrative_batches import Narratives
from sealscrub.matching.texts.many_texts import ManyTexts
from sealscrub.matching.texts.mentions import IdentifierFinder
from sealscrub.matching.texts.name_mentions import NameFinder

HELD = {"arrest_number": ["K14612345", "M14000017"], "docket": ["2014KN012345"], "voucher": ["1234567"]}
INDEX = example_index({**HELD, "person_arrest": ["12345678A@2014-01-05"]})
NAMES = example_names([("QUILLFEATHER", "WILBUR", "1990-02-03"), ("WOBBE", "BILL")])

NASTY = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "K14",
                    "612345",
                    "K14612345",
                    "k14-612 345",
                    "M14000017",
                    "2014",
                    "KN",
                    "012345",
                    "voucher",
                    "1234567",
                ),
                *(
                    "Voucher No. 1234567",
                    "12345678A",
                    "01/05/2014",
                    "Wilbur",
                    "Bill Wobbe",
                    "Quillfeather",
                    "Bill Wob-",
                    "Bi*ll* Wobbe",
                ),
                *(
                    "docket no.",
                    "Then it was so.",
                    "He went home",
                    "no",
                    "K14&#54;12345",
                    "K146*12345",
                    "DOB 02/03/1990",
                ),
            ]
        ),
        st.sampled_from(
            [
                *(" ", "\n- ", ". ", "! ", "-", "\n\n", "<b", "<!--", ">", "](", ")", "%20", "​", ", "),
                *("\u2019s ", "\u00e9", "\u00ad", "\u00ad\n", " (so) ", " & ", "% ", "[", " + ", "\n14 ", "\n[10:30] "),
            ]
        ),
    ),
    max_size=12,
).map("".join)
PLAIN = [
    "Two units came.",
    "He left at 10:30!",
    "No. 12 was shut.",
    "Was it so?",
    "The fee was $1,200.50.",
    "5'10\" & 180 lbs.",
]
SEALED = ["See K14-612345.", "Arrest M14000017 was made!", "Wilbur Quillfeather ran.", "Docket 2014KN012345 is his."]


def left(texts: list[str], names: TextIndex | None = NAMES, index: Index = INDEX, **options: Any) -> list[str]:
    with Narratives(index, names, **options) as narratives:
        rows, changed = narratives.left_of(pl.Series(texts, dtype=pl.String))
    out = list(texts)
    for row, text in zip(rows.tolist(), changed, strict=True):
        out[row] = text
    return out


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NASTY, max_size=8))
@example(["So it was ](", "See Wil*bur* Quillfeather). So."])
@example(["So it was [a][", "See Wil*bur* Quillfeather]. So."])
@example(["So it was [^", "See Wil*bur* Quillfeather]. So."])
@example(["So it was <a", "See Wil*bur* Quillfeather>. So."])
@example(["So it was <!--", "See Wil*bur* Quillfeather -->. So."])
@example(["So it was <a href='", "See Wil*bur* Quillfeather'>. So."])
@example(["So it was 1*", "See Wilbur*Quillfeather. So."])
@example(["See K14612345. So it was M14<!--", "-->000017. So. See K14612345."])
@example(["So it was (100%) [1", "[2 Wilbur] Quillfeather\u2019s. So."])
@example(["So it was \u00e9 K14\u00ad", "612345. So."])
def test_no_text_changes_what_another_says(texts: list[str]) -> None:
    together = left(texts)

    assert together == [left([text])[0] for text in texts]
    assert left(together) == together
    assert all(explain_text(text, INDEX, NAMES).mentions == () for text in together)


def guarded(text: str, **options: Any) -> str:
    """What the text guard, which reads one text unit by unit, leaves once it finds nothing more."""
    while (rest := str(guard_text(text, INDEX, NAMES, **options))) != text:
        text = rest
    return text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NASTY, max_size=8), st.sampled_from(["remove", "keep"]))
@example(["See K14612345. So it is. A voucher", "1234567 was so."], "remove")
@example(["See K14612345. So K14<b", "M14000017. Then b>612345 is so."], "remove")
@example(["So Bill\n- K14612345\n- Wobbe went."], "remove")
@example(["Bill Wobbe. Then on 02/03/1990.", "Wilbur Quillfeather. Born 02/03/1990.", "Wilbur Quillfeather"], "keep")
def test_texts_read_together_are_left_as_the_guard_leaves_each(texts: list[str], possible: str) -> None:
    finder = ManyTexts(IdentifierFinder(INDEX), NameFinder(NAMES, possible, with_certainty=False))
    found = finder.left_of(texts)

    assert [found.get(place, text) for place, text in enumerate(texts)] == [
        guarded(text, possible=possible) for text in texts
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(st.sampled_from(PLAIN + SEALED), max_size=8), max_size=6), st.sampled_from([" ", "\n\n", "  "])
)
def test_what_is_left_is_the_text_in_which_those_sentences_never_stood(drawn: list[list[str]], between: str) -> None:
    texts = [between.join(parts) for parts in drawn]
    without = [between.join(part for part in parts if part not in SEALED) for parts in drawn]

    assert left(texts) == without == left(without)
    assert without == [str(guard_text(text, INDEX, NAMES)) for text in texts]


LINES = st.tuples(
    st.sampled_from(["- so", "* he ran at 10", "- K14-612345", "- Bill Wobbe"]), st.sampled_from(["", " ", "  "])
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=7), st.sampled_from(["", "\n", "\r\n"]))
@example([("- so", " "), ("- K14-612345", "")], "")
@example([("- so", " "), ("- K14-612345", "  ")], "\n")
@example([("- K14-612345", " ")], "\n")
def test_of_lines_each_that_stays_is_as_it_was(lines: list[tuple[str, str]], last: str) -> None:
    """If the last line is removed, the text ends without the spaces at the end of the one before."""
    end = last or "\n"
    text = end.join(map("".join, lines)) + last
    stays = [said not in ("- K14-612345", "- Bill Wobbe") for said, _ in lines]
    rest = end.join("".join(line) for line, keep in zip(lines, stays, strict=True) if keep) + last
    if not last and not all(stays[-1:]):
        rest = rest.rstrip(" ")

    assert left([text]) == [rest]
    assert guard_text(text, INDEX, NAMES) == rest


def test_what_stays_is_clean_for_the_sweep_as_well() -> None:
    index = example_index({"voucher": ["1234567"], "opaque:incident": ["inc-77"]})
    long = "He wrote of it at length, and of much else besides, until it was late. " * 3
    texts = [f"{long}Then 1234567 was shut. So.", "1234567. So.", f"{long}(inc-77) {long}", long]
    out = left(texts, None, index)
    sweep = Sweep(index)
    sweep.add("note", pl.Series(out))

    assert sweep.tally() == ()
    assert out[0] == f"{long}So."
    assert out[1:] == ["So.", out[2], long]
    assert "inc-77" not in out[2] != ""


def test_a_text_that_is_an_id_as_a_whole_goes_whatever_the_grammar_of_texts_says() -> None:
    index = example_index({"opaque:incident": ["case 77 / b (2014)"]})

    assert left(["case 77 / b (2014)", "case 78 / b (2014)"], None, index) == ["", "case 78 / b (2014)"]


def test_names_without_a_second_fact_may_be_kept() -> None:
    texts = ["Wilbur Quillfeather ran. So.", "Wilbur Quillfeather, born 02/03/1990, ran. So."]

    assert left(texts) == ["So.", "So."]
    assert left(texts, possible="keep") == [texts[0], "So."]
    assert left(texts, None) == texts


def test_withheld_records_may_be_mentioned_where_that_is_allowed() -> None:
    index = example_index(["K14612345"], withheld=["M14000017"])
    texts = ["See K14612345. So.", "See M14000017. So.", "M14000017"]

    assert left(texts, None, index) == ["So.", "So.", ""]
    assert left(texts, None, index, policy=Policy(allow=frozenset({"withheld"}))) == ["So.", *texts[1:]]


@pytest.mark.parametrize("workers", [1, 2, pytest.param(3, marks=pytest.mark.long)])
def test_any_number_of_processes_leaves_the_same(workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ALONE", 1)
    monkeypatch.setattr(module, "_AT_ONCE", 2_000)
    index = example_index(["K14612345"], folder=tmp_path)
    names = example_names([("QUILLFEATHER", "WILBUR")], folder=tmp_path)
    texts = [
        f"Report {at} of many. " + (SEALED[0] if at % 7 == 0 else SEALED[2] if at % 5 == 0 else "") for at in range(400)
    ]

    assert left(texts, names, index, workers=workers) == left(texts, names, index, workers=1)


def test_processes_that_cannot_open_the_index_leave_the_work_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ALONE", 1)
    monkeypatch.setattr(module, "_AT_ONCE", 100)
    texts = ["See K14612345. So." for _ in range(30)]

    monkeypatch.setattr("sys.executable", "/nowhere")
    assert left(texts, workers=2) == ["So."] * 30


def test_a_text_of_any_length_is_read() -> None:
    unit = "The officer went home at 10:30 and wrote of it. " * 60 + "\n\n"
    text = unit * 400 + "See K14612345. " + unit
    assert len(text) > 1 << 20

    assert left([text, "K14612345. So."], None) == [text.replace("See K14612345. ", ""), "So."]
