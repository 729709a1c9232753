"""A plan's graph is drawn whole, without overlaps, and whatever its tables are called."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import UsageError
from sealscrub.reports import printable
from sealscrub.transforms.plans import Plan
from sealscrub.transforms.plans.graph.graph_values import Derivation, GraphTable, Link, Rekey, Seal
from sealscrub.transforms.plans.graph.layout import Box, lay_out
from sealscrub.transforms.plans.graph.plan_graph import PlanGraph

GOLDENS = Path(__file__).parent / "goldens"
ACTIONS = ["drop", "null", "elements", "edges", "files", "columns", "derived", "independent"]
HOSTILE = [
    "<script>alert(1)</script>",
    "</svg></title></style><img src=x onerror=alert(1)>",
    '"><b onmouseover="x',
    "&amp;&#60;",
    "a\nb\x1b[2J\x00\u202e",
    "```mermaid\nclick t0 callback",
    '"]; click t0 "javascript:alert(1)"',
    "end",
    "%%{init: {}}%%",
    "x" * 300,
    "逮捕記録",
    "\ud800",
]

small = st.text(st.sampled_from('ab<>&"|;#\n\u202e`'), max_size=5)
names = st.one_of(st.sampled_from(HOSTILE), small)


@st.composite
def graphs(draw: st.DrawFn, name: st.SearchStrategy[str] = names) -> PlanGraph:
    tables = draw(st.lists(name, min_size=1, max_size=9, unique=True))
    table = st.sampled_from(tables)
    links = st.lists(st.builds(Link, table, table, name), max_size=6).map(tuple)
    columns = st.lists(name, max_size=12, unique=True).map(tuple)
    return PlanGraph(
        tuple(GraphTable(each, draw(st.sampled_from(ACTIONS))) for each in tables),
        draw(links),
        draw(links),
        draw(st.lists(st.builds(Derivation, table, table, columns), max_size=5).map(tuple)),
        draw(st.lists(st.builds(Seal, name, table, name), max_size=6).map(tuple)),
        draw(st.lists(st.builds(Rekey, table, name, table), max_size=3).map(tuple)),
    )


def whole_graph() -> PlanGraph:
    """A plan with every kind of line: keys, links, orphans, recipes and surrogates."""
    return PlanGraph(
        tables=(
            GraphTable("arrests"),
            GraphTable("charges"),
            GraphTable("people"),
            GraphTable("stops", "null"),
            GraphTable("features"),
            GraphTable("precinct_month", "derived"),
        ),
        links=(Link("charges", "arrests", "arrest_id"), Link("features", "arrests", "arrest_id")),
        orphans=(Link("people", "arrests", "person_id"),),
        derivations=(
            Derivation("features", "arrests", ("priors_count", "rearrested")),
            Derivation("precinct_month", "arrests"),
        ),
        seals=(Seal("arrest_number", "arrests", "arrest_no"), Seal("arrest_number", "stops", "arrest_no")),
    )


def svg_of(html: str) -> ET.Element:
    found = re.findall(r'<svg class="graph".*?</svg>', html, flags=re.DOTALL)
    assert len(found) == 1
    return ET.fromstring(found[0])  # noqa: S314 - what the test made itself


class Tags(HTMLParser):
    """All elements of a page and the names of their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.values: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.values += [value or "" for _, value in attrs]
        if tag not in ("meta", "wbr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_whole_plan_as_mermaid() -> None:
    assert whole_graph().to_mermaid() == (GOLDENS / "graph.mmd").read_text("utf-8")


def test_a_whole_plan_as_a_drawing() -> None:
    svg = re.findall(r'<svg class="graph".*?</svg>', whole_graph().to_html(), flags=re.DOTALL)

    assert svg == [(GOLDENS / "graph.svg").read_text("utf-8").rstrip("\n")]


def test_a_seal_flows_from_left_to_right() -> None:
    svg = svg_of(whole_graph().to_html())
    left = {}
    for card in svg.findall("g"):
        place = re.fullmatch(r"translate\(([-0-9.]+) ([-0-9.]+)\)", card.get("transform", ""))
        if place:
            left[card.findtext("title")] = float(place[1])

    assert left["arrest_number"] < left["arrests"] == left["stops"]
    assert left["arrests"] < left["charges"] == left["features"] == left["people"] == left["precinct_month"]


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_any_names_are_shown_and_do_nothing(graph: PlanGraph) -> None:
    html = replace(graph, name=graph.tables[0].name).to_html()
    tags = Tags(html)

    assert tags.open == []
    assert not {"script", "img", "b", "a", "link", "iframe", "object", "foreignobject", "use", "image"} & tags.found
    assert not [name for name in tags.attributes if name.startswith("on") or name in ("href", "src", "xlink:href")]
    assert not [value for value in tags.values if "url(" in value and not re.fullmatch(r"url\(#end-[a-z]+\)", value)]
    assert html.replace("\n", "").isprintable()

    svg = svg_of(html)
    titles = [title.text for title in svg.iter("title")]
    assert {printable(table.name) for table in graph.tables} <= set(titles)
    joins = (*graph.links, *graph.orphans, *graph.seals)
    looped = [rekey for rekey in graph.rekeys if (rekey.origin or rekey.table) == rekey.table]
    lines = [each for each in svg.iter("g") if (each.get("class") or "").startswith("wire ")]
    assert len(lines) >= len(joins) + len(graph.rekeys) - len(looped)


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_mermaid_gets_names_as_numbers(graph: PlanGraph) -> None:
    text = graph.to_mermaid()
    first, *lines = text.splitlines()
    label = r'"(?:\w|[ \-.,/()]|#\d+;|<br/>|: )*"'
    line = re.compile(
        rf"    (?:[ts]\d+(?:\[{label}\]|\(\[{label}\]\))|[ts]\d+ (?:==>|-->|-\.->)(?:\|{label}\|)? t\d+"
        r"|linkStyle [\d,]+ stroke:#[0-9a-f]{6})"
    )

    assert first == "flowchart LR"
    assert [each for each in lines if not line.fullmatch(each)] == []
    plain = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)
    assert all(f'["{printable(table.name)}<br/>' in plain for table in graph.tables)


@settings(max_examples=15, deadline=None)
@given(graphs())
def test_a_graph_is_drawn_alike_each_time(graph: PlanGraph) -> None:
    assert graph.to_html() == graph.to_html()
    assert graph.to_mermaid() == graph.to_mermaid()


boxes = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.lists(st.tuples(st.integers(20, 200), st.integers(20, 160)), min_size=count, max_size=count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30),
    )
)


@settings(max_examples=100, deadline=None)
@given(boxes)
def test_boxes_keep_apart_and_lines_keep_off_them(drawn: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> None:
    sizes, ends = drawn
    placed = [Box(str(at), width, height) for at, (width, height) in enumerate(sizes)]
    lines = [(str(source), str(target)) for source, target in ends]
    place = lay_out(placed, lines)

    rooms = [(*place.corners[box.name], box.width, box.height) for box in placed]
    for at, (x, y, width, height) in enumerate(rooms):
        assert x >= 0
        assert y >= 0
        assert x + width <= place.width
        assert y + height <= place.height + 0.01
        for left, top, across, down in rooms[:at]:
            assert x >= left + across or left >= x + width or y >= top + down or top >= y + height
    for route in place.routes:
        for x, y in route:
            assert not any(left < x < left + across and top < y < top + down for left, top, across, down in rooms)
    for at, (source, target) in enumerate(lines):
        if source != target:
            backwards = place.corners[source][0] > place.corners[target][0]
            assert backwards == (at in place.backward)
            assert place.corners[source][0] != place.corners[target][0]


@settings(max_examples=50, deadline=None)
@given(boxes)
def test_without_a_cycle_nothing_runs_backward(drawn: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> None:
    sizes, ends = drawn
    placed = [Box(str(at), width, height) for at, (width, height) in enumerate(sizes)]

    assert lay_out(placed, [(str(min(pair)), str(max(pair))) for pair in ends]).backward == set()


def test_a_box_stands_one_layer_behind_the_last_that_points_at_it() -> None:
    placed = [Box(name, 10, 10) for name in "abcd"]
    place = lay_out(placed, [("a", "b"), ("b", "c"), ("a", "c"), ("c", "a"), ("a", "d")], between=10)

    assert {name: corner[0] for name, corner in place.corners.items()} == {"a": 0, "b": 20, "c": 40, "d": 20}
    assert place.backward == {3}
    assert [len(route) for route in place.routes] == [0, 0, 2, 2, 0]


def test_lines_that_need_not_cross_do_not() -> None:
    placed = [Box(name, 10, 10) for name in ("a", "b", "c", "x", "y", "z")]
    place = lay_out(placed, [("a", "z"), ("b", "y"), ("c", "x")])
    down = sorted("abc", key=lambda name: place.corners[name][1])

    assert sorted("xyz", key=lambda name: place.corners[name][1]) == [{"a": "z", "b": "y", "c": "x"}[n] for n in down]


def test_parts_that_no_line_joins_are_not_far_apart() -> None:
    placed = [Box(name, 10, 10) for name in "abcdefgh"]
    place = lay_out(placed, [("a", "b"), ("a", "c"), ("a", "d"), ("e", "f"), ("g", "h")])

    assert place.height < 8 * 10 + 7 * 22


def test_nothing_is_drawn_of_nothing() -> None:
    assert lay_out([], []).corners == {}
    assert svg_of(PlanGraph((GraphTable("alone"),)).to_html()).findall("g") != []


def test_forty_tables_are_all_there() -> None:
    tables = tuple(GraphTable(f"table_{number}") for number in range(40))
    graph = PlanGraph(
        tables,
        links=tuple(Link(f"table_{number}", f"table_{number // 3}", "id") for number in range(3, 40)),
        seals=tuple(Seal("arrest_number", f"table_{number}", "no") for number in range(3)),
    )
    html = graph.to_html()

    assert "40 tables, seals enter at 3, 40 reached, 0 columns recomputed." in html
    assert {f"table_{number}" for number in range(40)} <= {title.text for title in svg_of(html).iter("title")}


def test_many_columns_are_counted() -> None:
    columns = tuple(f"c{number}" for number in range(30))
    graph = PlanGraph((GraphTable("a"), GraphTable("b")), derivations=(Derivation("b", "a", columns),))

    assert "30 columns recomputed" in graph.to_html()
    assert "… 22 more" in graph.to_html()
    assert "c0, c1, c2, c3, c4 and 25 more" in graph.to_mermaid()


def test_what_nothing_reaches_is_said() -> None:
    html = PlanGraph((GraphTable("officers"), GraphTable("law", "independent"))).to_html()

    assert "nothing reaches it" in html
    assert "no seal affects it" in html
    assert "0 reached" in html


def test_the_page_fetches_and_runs_nothing() -> None:
    html = whole_graph().to_html()

    assert "default-src 'none'" in html
    assert "://" not in html
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize(
    "parts",
    [
        {"links": (Link("a", "absent"),)},
        {"orphans": (Link("absent", "a"),)},
        {"derivations": (Derivation("a", "absent"),)},
        {"seals": (Seal("docket", "absent"),)},
        {"rekeys": (Rekey("a", "id", "absent"),)},
    ],
)
def test_an_edge_to_no_table_is_refused(parts: dict[str, tuple[object, ...]]) -> None:
    with pytest.raises(UsageError, match="'absent', which is not a table"):
        PlanGraph((GraphTable("a"),), **parts)


def test_a_table_stands_once() -> None:
    with pytest.raises(UsageError, match="twice"):
        PlanGraph((GraphTable("a"), GraphTable("a", "null")))


def test_a_table_of_which_only_columns_are_recomputed_loses_no_rows() -> None:
    people = {"source": "people.csv", "derived": {"arrests": "select count(*) from arrests a where a.id = this.id"}}
    arrests = {"source": "arrests.csv", "keys": {"arrest_number": "arrest_no"}}
    plan = Plan.from_dict(
        {"version": 1, "tables": {"arrests": arrests, "people": people | {"independent": {"id": "own"}}}}
    )
    drawn = plan.graph()
    assert [table.action for table in drawn.tables] == ["drop", "columns"]
    assert "people<br/>rows stay, columns change" in drawn.to_mermaid()
