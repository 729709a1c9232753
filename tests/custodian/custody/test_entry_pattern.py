"""Lines recognised without JSON are those that JSON's reader takes, and mean the same; no other line is."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from sealscrub.custodian.custody import Entry, Kind, Result
from sealscrub.custodian.custody.entries import read_entry, spell
from sealscrub.custodian.custody.log_lines import recognise

WORDS = st.text("aZ09 ._@/\\-", max_size=79).map("x".__add__)
HEXES = st.binary(min_size=4, max_size=32).map(bytes.hex)
NUMBERS = st.integers(0, 10**15 - 1)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(Kind))
    outcome = {"of": draw(NUMBERS), "result": draw(st.sampled_from(Result))} if kind is Kind.OUTCOME else {}
    return Entry(
        kind=kind,
        who=draw(WORDS),
        what=draw(st.just("") | WORDS),
        purpose=draw(st.none() | WORDS),
        why=draw(st.none() | WORDS),
        references=tuple(draw(st.lists(HEXES, max_size=3))),
        grant=draw(st.none() | HEXES),
        digest=draw(st.none() | HEXES),
        epoch=draw(st.none() | NUMBERS),
        count=draw(st.none() | st.integers(-3, 10**15)),
        **outcome,
    )


MOMENTS = st.datetimes(dt.datetime(1900, 1, 1), timezones=st.just(dt.UTC))


@given(entries(), NUMBERS, MOMENTS)
def test_what_is_written_is_read_the_same_in_either_way(entry: Entry, number: int, at: dt.datetime) -> None:
    line = entry.line(number, spell(at))[:-1]
    read, facts = read_entry(line), json.loads(line)

    assert read.line(number, facts["at"]) == line + b"\n"
    assert (read.number, read.at) == (number, at)
    for field in fields(Entry):
        if field.name not in ("number", "at"):
            assert getattr(read, field.name) == getattr(entry, field.name)
    plain = b"\\" not in line and b'"count":-' not in line and number < 10**15 and (entry.count or 0) < 10**15
    assert not plain or recognise(line) is not None


@given(entries(), MOMENTS, st.data())
def test_a_changed_line_is_recognised_only_where_json_takes_it_too(
    entry: Entry, at: dt.datetime, data: st.DataObject
) -> None:
    line = entry.line(7, spell(at))[:-1]
    place = data.draw(st.integers(0, len(line)))
    cut = data.draw(st.integers(0, 3))
    changed = line[:place] + data.draw(st.binary(max_size=3) | st.sampled_from([b"0", b",", b'"', b"-", b"f"]))
    changed += line[place + cut :]
    if recognise(changed) is not None:
        facts = json.loads(changed)
        taken = Entry(
            **{name: value for name, value in facts.items() if name not in ("n", "at", "kind", "result", "references")},
            kind=Kind(facts["kind"]),
            result=Result(facts["result"]) if "result" in facts else None,
            references=tuple(facts.get("references", ())),
        )
        assert taken.check().line(facts["n"], facts["at"]) == changed + b"\n"
        assert spell(dt.datetime.fromisoformat(facts["at"])) == facts["at"]
        assert read_entry(changed) is not None
