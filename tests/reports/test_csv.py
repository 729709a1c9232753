"""In a spreadsheet no cell of a report and no name of a column is a formula, and nothing is lost."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sealscrub.reports import printable
from sealscrub.reports.csv import cell_meant, guarded_cell, to_csv

BEGINS = ["=", "+", "-", "@", "\t=", "\r", " =", "\u3000+", "\uff1d", "\uff0d", "\ufe63", "'", "x", ""]
FORMULAS = {"=", "+", "-", "@", "\uff1d", "\uff0d", "\ufe63"}
CELLS = st.tuples(st.sampled_from(BEGINS), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
TEXTS = CELLS.map("".join)


@given(st.lists(TEXTS, min_size=1, max_size=4, unique=True), st.data())
@example(["=1+1"], None)
def test_no_cell_and_no_name_begins_as_a_formula_does(names: list[str], data: st.DataObject | None) -> None:
    cells = [data.draw(TEXTS) if data is not None else "@SUM(A1)" for _ in names]

    read = list(csv.reader(io.StringIO(to_csv(names, [dict(zip(names, cells, strict=True))]), newline="")))

    for shown, meant in zip(read, (names, cells), strict=True):
        assert [cell_meant(each) for each in shown] == [printable(each) if each else "" for each in meant]
        assert not [each for each in shown if each.lstrip()[:1] in FORMULAS]
        assert "".join(shown).isprintable()


@given(TEXTS)
@example("'=1")
@example("''\t")
def test_a_cell_that_is_read_again_is_what_it_was(text: str) -> None:
    shown = guarded_cell(text)

    assert cell_meant(str(shown)) == text
    assert guarded_cell(shown) == shown or str(shown).startswith("'")
    assert str(shown).lstrip()[:1] not in FORMULAS
    assert str(shown)[:1] not in ("\t", "\r")


@pytest.mark.parametrize(("value", "shown"), [(-3, "-3"), (-0.5, "-0.5"), (None, ""), ("a-b", "a-b"), ("1+1", "1+1")])
def test_numbers_and_other_texts_are_as_they_were(value: object, shown: str) -> None:
    assert to_csv(["n", "m"], [{"n": value, "m": 1}]) == f"n,m\n{shown},1\n"
