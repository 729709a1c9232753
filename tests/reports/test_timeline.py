"""A timeline draws every day within its axis, escapes every name, and says the same in a table."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import UsageError
from sealscrub.reports import Count, Document, Drawing, Event, Name, Table, timeline
from sealscrub.reports.html import to_html

DAY = dt.date(2026, 11, 25)
events = st.builds(
    Event,
    day=st.dates(dt.date(1970, 1, 1), dt.date(2100, 1, 1)),
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    note=st.sampled_from(["", "tainted", "<b>&"]),
    kind=st.sampled_from(["good", "warn", "bad", ""]),
)


def parts(lanes: dict[str, list[Event]]) -> tuple[Drawing, Table]:
    picture, table = timeline("Timeline", lanes)
    assert isinstance(picture, Drawing)
    assert isinstance(table, Table)
    return picture, table


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["seals", "data", "models"]), st.lists(events, min_size=1, max_size=5), min_size=1)
)
def test_every_event_is_drawn_within_the_picture_and_stands_in_the_table(lanes: dict[str, list[Event]]) -> None:
    picture, table = parts(lanes)
    svg = ET.fromstring(picture.svg)  # noqa: S314 - ours; well-formed, whatever the names hold
    width, height = map(float, svg.attrib["viewBox"].split()[2:])
    drawn = [each for each in svg.iter("text") if each.attrib["class"] == "d"]

    assert len(drawn) == len(table.rows) == sum(map(len, lanes.values()))
    assert all(0 <= float(each.attrib["x"]) <= width for each in drawn)
    assert all(0 <= float(each.attrib["y"]) <= height for each in drawn)
    assert sorted(row[0] for row in table.rows) == sorted(each.day for some in lanes.values() for each in some)
    assert to_html(Document(tool="t", kind="good", headline="h", parts=(picture, table))).count("<svg") == 2


def test_kinds_differ_by_shape_and_states_of_the_seals_go_through_everything() -> None:
    kinds = ("good", "warn", "bad", "")
    picture, _ = parts({"all": [Event(day=DAY, name=kind or "epoch", kind=kind) for kind in kinds]})
    marks = re.findall(r'<g class="(?:good|warn|bad|seal)">(.*?)</g>', picture.svg)

    assert len({re.sub(r"[0-9.]+", "", mark) for mark in marks}) == len(kinds)
    assert picture.svg.count('class="state"') == 1


def test_later_days_are_further_right_and_the_latest_are_kept() -> None:
    many = [Event(day=DAY + dt.timedelta(days=at), name=f"n{at}", kind="good") for at in range(45)]
    picture, table = parts({"models": many})
    places = [float(each) for each in re.findall(r'<circle class="full" cx="([0-9.]+)"', picture.svg)]

    assert places == sorted(places)
    assert len(places) == 30
    assert "(and 15 more)" in picture.svg
    assert ">n44<" in picture.svg
    assert len(table.rows) == 45


def test_without_events_there_is_nothing() -> None:
    assert timeline("Timeline", {"seals": [], "models": []}) == ()


def test_a_count_of_records_cannot_be_in_one_that_travels() -> None:
    picture, table = parts({"seals": [Event(day=DAY, name="epoch 4")]})
    rows = (*table.rows, (DAY, "seals", Name("epoch 4"), Count(3)))
    with pytest.raises(UsageError, match="count of records"):
        Document(
            tool="t", kind="good", headline="h", parts=(picture, Table(title="t", columns=table.columns, rows=rows))
        )
