"""A document that travels holds no count, however one tries; and every renderer takes every document."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import UsageError
from sealscrub.reports import (
    Bars,
    Case,
    Column,
    Count,
    Document,
    Drawing,
    Listing,
    Name,
    Notes,
    Number,
    ReportFormat,
    Rule,
    Suite,
    Table,
    Verdicts,
)
from sealscrub.reports.html import to_html, to_snippet
from sealscrub.reports.junit import to_junit
from sealscrub.reports.sarif import to_sarif
from sealscrub.reports.text import to_text

from .documents import documents

modest = settings(max_examples=60, deadline=None)
PLAIN = Document(tool="scan", kind="good", headline="No sealed records found")
COUNTED = Count(18_402)
SAID = "18,402 rows went"
TABLE = Table(title="train.csv", columns=(Column("sealed"),))

TRIES = {
    "a fact": {"facts": {"Sealed": COUNTED}},
    "a plain number": {"facts": {"Sealed": 2}},
    "a share in a float": {"facts": {"Sealed": 0.5}},
    "a number of another library": {"facts": {"Sealed": np.int64(2)}},
    "a bool": {"facts": {"Sealed": True}},
    "a cell": {"parts": (replace(TABLE, rows=((COUNTED,),)),)},
    "a plain number in a cell": {"parts": (replace(TABLE, rows=((2,),)),)},
    "a note of a table": {"parts": (replace(TABLE, notes=(SAID,)),)},
    "a fact of a table": {"parts": (replace(TABLE, facts=(SAID,)),)},
    "a note": {"parts": (Notes(title="Warnings", items=(SAID,)),)},
    "a plain number in a bar": {"parts": (Bars(title="x", series={"x": "--bad"}, bars={"train.csv": (2,)}),)},
    "a bar": {"parts": (Bars(title="x", series={"x": "--bad"}, bars={"train.csv": (COUNTED,)}),)},
    "the headline": {"headline": SAID},
    "the lede": {"lede": SAID},
    "a step": {"steps": (SAID,)},
    "the closing": {"closing": (SAID,)},
    "a word": {"glossary": {"sealed": SAID}},
    "other digits": {"lede": "١٢ rows went"},
    "a fraction": {"lede": "½ of the rows went"},
    "beside a date": {"lede": "as of 2026-11-25, epoch 4: 7 rows went"},
}


@pytest.mark.parametrize("where", TRIES)
def test_a_count_cannot_be_put_into_a_document_that_travels(where: str) -> None:
    with pytest.raises(UsageError, match="cannot hold a count"):
        replace(PLAIN, **TRIES[where])

    assert not replace(PLAIN, operators_copy="It counts.", **TRIES[where]).travelling


def test_a_date_and_an_epoch_may_travel() -> None:
    assert replace(PLAIN, lede="As of 2026-11-25, epoch 42.").travelling


def test_a_number_that_says_nothing_about_records_may_travel_and_is_a_number_still() -> None:
    listed = Listing(
        tool="pets", headline="The pets", rows=[{"name": "Ann", "age": Number(3)}], facts={"Days": Number(7)}
    )

    assert "  Ann     3\n" in str(listed)
    assert listed.to_json() == replace(listed, rows=[{"name": "Ann", "age": 3}]).to_json()
    assert listed.render(ReportFormat.CSV) == "name,age\nAnn,3\n"
    with pytest.raises(UsageError, match="cannot hold a count"):
        str(replace(listed, rows=[{"name": "Ann", "age": 3}]))


@pytest.mark.parametrize("field", ["message", "says", "help"])
def test_a_rule_holds_no_number(field: str) -> None:
    with pytest.raises(UsageError, match="cannot hold a number"):
        Rule(**{"code": "found", "outcome": "failure", "message": "Found.", field: SAID})


VERDICTS = Verdicts(run=Suite(name="sealscrub", cases=(Case(name="complete"),)), exit_code=0)


@pytest.mark.parametrize("render", [to_junit, to_sarif])
def test_an_operators_copy_does_not_reach_a_format_that_travels(render) -> None:
    with pytest.raises(UsageError, match="no verdicts that travel"):
        render(replace(PLAIN, operators_copy="It counts."))
    with pytest.raises(UsageError, match="no verdicts that travel"):
        replace(PLAIN, operators_copy="It counts.", verdicts=VERDICTS)

    assert "<testcase" in to_junit(replace(PLAIN, verdicts=VERDICTS)) or render is to_sarif


@modest
@given(st.data())
def test_what_travels_is_what_holds_no_count(data: st.DataObject) -> None:
    made = data.draw(documents(copy="It counts.", counts=True))
    values = [*made.facts.values()]
    for part in made.parts:
        if isinstance(part, Table):
            values += [cell for row in part.rows for cell in row]
        elif isinstance(part, Bars):
            values += [value for bar in part.bars.values() for value in bar]

    if any(isinstance(value, Count) or type(value) is int for value in values):
        with pytest.raises(UsageError):
            replace(made, operators_copy="")
    else:
        assert replace(made, operators_copy="").travelling


@modest
@given(st.data(), st.booleans())
def test_what_is_said_of_a_document_cannot_steer_a_terminal(data: st.DataObject, colour: bool) -> None:
    """Escapes, control characters and marks of direction: whatever does not print, in whichever place of a document."""
    made = data.draw(documents(copy="It counts.", counts=True))

    said = to_text(made, colour=colour)
    if colour:
        said = re.sub(r"\A\x1b\[1;\d\dm(.*?)\x1b\[0m", r"\1", said, flags=re.DOTALL)
    assert said.replace("\n", "").isprintable()
    for page in (to_html(made), to_snippet(made)):
        assert page.replace("\n", "").isprintable()


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@modest
@given(documents(copy="It counts.", counts=True))
def test_no_text_breaks_out_of_a_page_or_a_terminal(made: Document) -> None:
    assert all(char.isprintable() or char == "\n" for char in to_text(made))
    for page in (to_html(made), to_snippet(made)):
        seen = Tags(page)
        assert not {"script", "img", "link", "iframe", "object", "form", "b"} & set(seen.tags)
        assert not [name for name, _ in seen.attributes if name.startswith("on") or name == "src"]
        assert all(
            (value or "").startswith(("#", "https://", "model-1/page.html"))
            for name, value in seen.attributes
            if name == "href"
        )


@modest
@given(documents(copy="It counts."))
def test_the_operators_copy_says_so(made: Document) -> None:
    assert "Operator's copy. It counts." in " ".join(to_text(made).split())
    assert "Operator’s copy." in to_html(made)


def test_a_wide_table_has_a_cue_and_a_narrow_one_has_none() -> None:
    wide = replace(TABLE, columns=(Column("a"),) * 6, rows=(("x",) * 6,))

    assert 'class="cue"' in to_html(replace(PLAIN, parts=(wide,)))
    assert 'class="cue"' not in to_html(replace(PLAIN, parts=(replace(TABLE, rows=(("x",),)),)))


def test_words_lead_to_a_public_page_and_the_longer_of_two_wins() -> None:
    links = {"A 1": "https://example.org/1", "A 1(b)": 'https://example.org/"1b"', "<b>": "https://example.org/b"}
    notes = Notes(title="Law", items=("See A 1(b), A 1 and <b>.",), links=links)
    page = to_html(replace(PLAIN, operators_copy="x", parts=(notes,)))
    hrefs = [value for name, value in Tags(page).attributes if name == "href"]

    assert hrefs == ['https://example.org/"1b"', "https://example.org/1", "https://example.org/b"]
    assert "    A 1: https://example.org/1\n" in to_text(replace(PLAIN, operators_copy="x", parts=(notes,)))
    for address in ("javascript:alert(1)", "http://example.org", "file:///etc"):
        with pytest.raises(UsageError, match="a link does not lead to a public page"):
            Notes(title="Law", items=("A",), links={"A": address})


WORDS = st.lists(st.text("abcxyz", min_size=1, max_size=20), max_size=9).map(" ".join)


@st.composite
def wide_tables(draw: st.DrawFn) -> Table:
    numbers = draw(st.lists(st.booleans(), min_size=1, max_size=9))
    columns = tuple(Column(draw(WORDS), number=number) for number in numbers)
    row = st.tuples(*(st.integers(0, 10**9).map(Count) if number else WORDS | WORDS.map(Name) for number in numbers))
    return Table(title="T", columns=columns, rows=tuple(draw(st.lists(row, min_size=1, max_size=3))))


@modest
@given(wide_tables())
def test_a_table_in_text_is_as_wide_as_a_paragraph_and_says_every_word(table: Table) -> None:
    said = to_text(replace(PLAIN, parts=(table,), operators_copy="It counts."))

    assert max(map(len, said.splitlines())) <= 100
    for row in table.rows:
        for cell in row:
            words = f"{cell.number:,}" if isinstance(cell, Count) else cell if isinstance(cell, str) else ""
            assert all(word in said for word in words.split())


def test_a_path_that_leaves_no_room_next_to_it_is_below_its_row_in_one_piece() -> None:
    place = "/srv/" + "folder/" * 10 + "train.csv"
    columns = tuple(map(Column, ("state", "place", "why")))
    said = to_text(replace(PLAIN, parts=(replace(TABLE, columns=columns, rows=(("due", place, "a copy"),)),)))

    assert f"  state  why\n  ─────  ──────\n  due    a copy\n      place: {place}\n" in said


def test_of_the_last_column_what_has_no_room_alone_is_below_its_row() -> None:
    columns, rows = tuple(map(Column, ("what", "said"))), (("it", "59"), ("that", "x" * 95))
    said = to_text(replace(PLAIN, parts=(replace(TABLE, columns=columns, rows=rows),)))

    assert f"  it    59\n  that\n      said:\n        {'x' * 95}\n" in said


def test_a_sentence_that_is_too_long_is_folded_in_its_column() -> None:
    columns, rows = (Column("what"), Column("why")), (("it", "word " * 30), ("that", ""))
    said = to_text(replace(PLAIN, parts=(replace(TABLE, columns=columns, rows=rows),)))

    assert f"  it    {'word ' * 17}word\n        {'word ' * 11}word\n  that\n" in said


def test_a_folded_table_stands_on_a_page_alone() -> None:
    folded = replace(PLAIN, parts=(replace(TABLE, rows=(("x",),), folded=True),))

    assert '<details class="card"><summary>' in to_html(folded)
    assert "train.csv" not in to_text(folded)


def test_what_a_picture_shows_is_said_in_words() -> None:
    drawn = replace(PLAIN, parts=(Drawing(title="Days", svg="<svg></svg>", words=("First this.", "Then that.")),))

    assert "Days\n  · First this.\n  · Then that." in to_text(drawn)
    assert "<li>Then that.</li>" in to_html(drawn)


def test_the_verdict_comes_first_then_what_to_do() -> None:
    page = to_html(replace(PLAIN, steps=("Do this.",), parts=(replace(TABLE, rows=(("x",),)),)))

    assert page.index("<h1>") < page.index("Do this.") < page.index("<table")


def test_a_row_that_says_more_of_the_row_above_has_a_blank_heading_and_no_dash() -> None:
    rows = (("about", "data.parquet"), ("", "model.pkl"), ("keys", ""))
    page = to_html(replace(PLAIN, parts=(Table(title="What", columns=(Column("of"), Column("said")), rows=rows),)))

    assert '<th scope="row"></th><td>model.pkl</td>' in page
    assert '<th scope="row">keys</th><td>–</td>' in page
