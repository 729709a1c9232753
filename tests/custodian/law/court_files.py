"""Files of a court drawn at random: few dockets that name one another, persons with several, rows given twice."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

from sealscrub.custodian.law import Decision, Event, decide, decide_charges, read_cases, read_charges, related

from .asking import facts_of
from .histories import favourable, histories, lasting

FLAG = {None: "", True: "Y", False: "N"}
DOCKETS = tuple(f"2014KN{number:06}" for number in range(1, 8))
_NAMING = (
    *("COVERED BY {}", "SUPERSEDED BY IND {}", "DISMISSED - COVERED BY {}", "SATISFIED BY PLEA TO {}"),
    *("Covered by {}", "CONSOLIDATED WITH {}"),
)
_DAYS = ("recorded_at", "acd_until", "served_on", "notified_on")
_SAID = ("law_code", "severity", "offense_class", "court", "substance")
_FLAGS = ("family_offense", "prints_sent", "certified", "youthful_offender")

NAMES = (
    *("docket", "defendant_id", "arrest_number", "indictment", "tracking_number"),
    *("arrest_date", "crime_date", "birth_date"),
)

Row = dict[str, str]
#: What is said about an action, and what is decided.
Answered = tuple[tuple[str, ...], Decision]


@st.composite
def court_files(draw: st.DrawFn) -> list[Row]:
    """Rows of a file, in an order of their own."""
    rows: list[Row] = []
    people = draw(st.integers(1, 3))
    shared = draw(st.lists(histories, min_size=1, max_size=3))  # several cases go alike, as files have it
    for docket in DOCKETS[: draw(st.integers(2, len(DOCKETS)))]:
        who = draw(st.integers(1, people))
        arrest = draw(st.integers(2 * who, 2 * who + 1))
        named = {
            "docket": draw(st.sampled_from([docket, docket, docket, ""])),
            "defendant_id": draw(st.sampled_from([f"{who}", f"{who}", f"{who}a"])),
            "nysid": f"1000000{who}A",
            "arrest_number": f"K140000{arrest:02}",
            "indictment": draw(st.sampled_from(["", "", "", "", f"IND-0{draw(st.integers(1, 3))}/2014"])),
        }
        begun = {
            "arrest_date": draw(st.sampled_from(["", "2017-10-01"])),
            "birth_date": draw(st.sampled_from(["", "2005-12-02"])),
        }
        for row in _history(draw, shared):
            rows.append(row | named | begun | _otherwise(draw))
    rows += draw(st.lists(st.sampled_from(rows), min_size=1, max_size=3))
    return rows


def _history(draw: st.DrawFn, shared: Sequence[list[Event]]) -> Iterator[Row]:
    for event in draw(
        st.one_of(favourable, favourable, lasting, lasting, st.sampled_from(shared), st.sampled_from(shared))
    ):
        text = event.text
        if event.event == "disposition" and draw(st.integers(0, 7)) == 0:
            text = draw(st.sampled_from(_NAMING)).format(draw(st.sampled_from(DOCKETS)))
        told = facts_of(event)
        facts = {name: told.get(name) for name in (*_SAID, *_DAYS)}
        flags = {name: FLAG[told.get(name)] for name in _FLAGS}
        said = {name: "" if value is None else str(value) for name, value in facts.items()}
        charge = {"charge": event.charge, "event": str(event.event), "event_date": str(event.event_date)}
        yield {**said, **flags, **charge, "disposition": text}


def _otherwise(draw: st.DrawFn) -> Row:
    """Now and then a row says something else of its action."""
    other = {
        "arrest_date": "2017-09-30",
        "birth_date": "2001-01-01",
        "crime_date": draw(st.sampled_from(["2017-09-01", "2017-09-02"])),
        "arrest_number": "K14000099",
        "indictment": "IND-09/2014",
        "court": "superior",
        "law_code": draw(st.sampled_from(["PL 155.25", "PL 155.30", "PL 140.15"])),
    }
    chosen = draw(st.sampled_from([*[None] * 12, *other]))
    return {"crime_date": ""} | ({} if chosen is None else {chosen: other[chosen]})


def as_rows(file: Sequence[Row]) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in file]


@contextmanager
def written(file: Sequence[Row]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dispositions.csv"
        with path.open("w", newline="") as out:
            writer = csv.DictWriter(out, list(file[0]))
            writer.writeheader()
            writer.writerows(file)
        yield path


def from_lines(head: str, lines: Iterable[str]) -> list[Row]:
    """Rows of a file that is written as text."""
    names = head.split(",")
    return [dict(zip(names, line.split(","), strict=True)) for line in lines]


def one_by_one(path: Path, as_of: dt.date, known_at: dt.date | None = None, *, law: str = "us-ny") -> Counter[Answered]:
    """What is decided of each action of a file by itself, the person's others being known."""
    cases = read_cases(path, law=law)
    return Counter(
        (
            tuple(str(getattr(case[0], name) or "") for name in NAMES),
            decide(*case, as_of, known_at, linked=related(case, cases), law=law, explain=False),
        )
        for case in cases
    )


def all_at_once(
    path: Path, as_of: dt.date, known_at: dt.date | None = None, *, law: str = "us-ny"
) -> Counter[Answered]:
    """What is decided of all of them in bulk."""
    charges = read_charges(path, law=law)
    named = charges.actions.select(pl.col(NAMES).cast(pl.String).fill_null("")).iter_rows()
    return Counter(zip(named, decide_charges(charges, as_of, known_at, law=law), strict=True))
