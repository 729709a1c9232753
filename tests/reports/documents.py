"""Documents of any kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hypothesis import strategies as st

from sealscrub.reports import Bars, Column, Count, Document, Drawing, Link, Name, Notes, Number, Share, State, Table

TEXTS = st.text(st.characters(exclude_categories=["Nd", "Nl", "No"]), max_size=20)
NAMES = st.text(max_size=12) | st.sampled_from(
    ["<b>", "</style><script>x</script>", '" onload="x', "]]>", "{0}", "\x1b[2J"]
)
COUNTS = st.integers(0, 10**9).map(Count) | st.integers(0, 10**9)
CELLS = st.one_of(
    st.none(),
    TEXTS,
    NAMES.map(Name),
    st.integers(0, 10**9).map(Number),
    st.dates().filter(lambda day: day > dt.date(1000, 1, 1)),
    st.floats(0, 1).map(Share),
    st.just(Link("a page", "model-1/page.html")),
    st.sampled_from([State("good", "fine"), State("bad", "found")]),
)


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy = CELLS) -> Table:
    width = draw(st.integers(1, 6))
    rows = draw(st.lists(st.tuples(*[cells] * width), max_size=3))
    return Table(
        title=draw(NAMES),
        columns=tuple(Column(draw(TEXTS), number=draw(st.booleans())) for _ in range(width)),
        rows=tuple(rows),
        state=draw(st.none() | st.just(State("warn", "not checked"))),
        facts=tuple(draw(st.lists(TEXTS, max_size=2))),
        notes=tuple(draw(st.lists(TEXTS, max_size=2))),
        folded=draw(st.booleans()),
    )


@st.composite
def bars(draw: st.DrawFn, values: st.SearchStrategy) -> Bars:
    series = {"done": "--good", "not done": "--bad"}
    return Bars(title="How", series=series, bars=draw(st.dictionaries(NAMES, st.tuples(values, values), max_size=3)))


def parts(*kinds: st.SearchStrategy) -> st.SearchStrategy[Sequence]:
    notes = st.builds(
        Notes,
        title=TEXTS,
        items=st.lists(TEXTS, max_size=2).map(tuple),
        kind=st.sampled_from(["note", "warn"]),
        links=st.dictionaries(
            NAMES | TEXTS, st.sampled_from(["https://example.org/?a=1&b='\"", "https://x"]), max_size=2
        ),
    )
    drawing = st.builds(Drawing, title=NAMES, svg=st.just("<svg></svg>"), words=st.lists(TEXTS, max_size=2).map(tuple))
    return st.lists(st.one_of(tables(), notes, drawing, bars(st.integers(0, 99).map(Number)), *kinds), max_size=3).map(
        tuple
    )


@st.composite
def documents(draw: st.DrawFn, *, copy: str = "", counts: bool = False) -> Document:
    kinds = (tables(CELLS | COUNTS), bars(COUNTS)) if counts else ()
    return Document(
        tool="scan",
        kind=draw(st.sampled_from(["good", "warn", "bad"])),
        headline=draw(TEXTS),
        of=draw(NAMES),
        lede=draw(TEXTS),
        facts=draw(st.dictionaries(TEXTS, CELLS | COUNTS if counts else CELLS, max_size=3)),
        parts=draw(parts(*kinds)),
        steps=tuple(draw(st.lists(TEXTS, max_size=2))),
        glossary=draw(st.dictionaries(st.sampled_from(["sealed", "near"]), TEXTS, max_size=2)),
        closing=tuple(draw(st.lists(TEXTS, max_size=1))),
        operators_copy=copy,
    )
