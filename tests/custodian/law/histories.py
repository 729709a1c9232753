"""Court histories drawn at random, for what must hold of any."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from sealscrub.custodian.law import Event, EventKind

from .asking import event_of, with_facts

#: The first day of a drawn history, and the days over which one spreads.
BEGIN, DAYS = dt.date(2018, 1, 1), 1500

#: Facts that a row may leave blank. Service and notice are events, and the court says which law is asked.
FACTS = (
    *("law_code", "severity", "offense_class", "substance", "family_offense", "prints_sent", "certified", "acd_until"),
)

TEXTS = (
    *(
        "DISMISSED",
        "DISM 30.30",
        "ACQUITTED",
        "NO TRUE BILL",
        "TOD",
        "DP",
        "VOIDED ARREST",
        "ACD",
        "ACD 170.56",
        "ACD 215.40",
    ),
    *(
        "ACD - DISMISSED",
        "PLED GUILTY",
        "PLED TO DISCON 240.20",
        "GUILTY VTL 1192.1",
        "TIME SERVED",
        "YO ADJUDICATED",
        "PENDING",
    ),
    *(
        "COVERED BY 2014KN012346",
        "DISMISSED/SUPERSEDED BY IND",
        "VACATED 440.10",
        "REVERSED AND DISMISSED",
        "STET",
        "UNK",
    ),
    *("DISMISSAL VACATED", "ACQUITTED CT 1, GUILTY CT 2", "DISM W/LEAVE", "BENCH WARRANT", "ACD 170.55 - RESTORED"),
)
_WORDS = {
    EventKind.DISPOSITION: st.sampled_from(TEXTS),
    EventKind.APPEAL_FILED: st.sampled_from(["", "PEOPLE", "DEFENDANT"]),
    EventKind.APPEAL_DECIDED: st.sampled_from(["AFFIRMED", "REVERSED", "REVERSED AND DISMISSED", "NEW TRIAL ORDERED"]),
    EventKind.VACATED: st.sampled_from(["DISMISSED", "NEW TRIAL ORDERED", "RESTORED", ""]),
    EventKind.SEAL_ORDER: st.sampled_from(["160.50", "CPL 160.55", "160.57", "160.58", "160.59"]),
}
_KINDS = st.sampled_from([*[EventKind.DISPOSITION] * 8, EventKind.SENTENCE, *EventKind])
_DAY = st.integers(0, DAYS).map(lambda n: BEGIN + dt.timedelta(days=n))
_FACTS: dict[str, st.SearchStrategy[Any]] = {
    "law_code": st.sampled_from(["PL 2201600", "PL 220.03", "PL 221.10", "PL 240.20", "VTL1192001", "PL 120.00"]),
    "severity": st.sampled_from(list("FMVI")),
    "offense_class": st.sampled_from(list("ABC")),
    "substance": st.sampled_from(["concentrated cannabis", "cocaine", "marihuana"]),
    "family_offense": st.booleans(),
    "prints_sent": st.booleans(),
    "certified": st.booleans(),
    "acd_until": _DAY,
}


@st.composite
def event(draw: st.DrawFn, charges: tuple[str, ...] = ("", "1", "2"), on: st.SearchStrategy[dt.date] = _DAY) -> Event:
    kind = draw(_KINDS)
    text = draw(_WORDS[kind]) if kind in _WORDS else ""
    facts: dict[str, Any] = {name: draw(st.none() | values) for name, values in _FACTS.items()}
    recorded = draw(st.none() | st.integers(0, 90))
    day = draw(on)
    return event_of(
        event_date=day,
        event=kind,
        text=text,
        charge=draw(st.sampled_from(charges)),
        recorded_at=None if recorded is None else day + dt.timedelta(days=recorded),
        youthful_offender=draw(st.sampled_from([None, None, None, True])),
        **facts,
    )


#: Texts that end a case in favour, and what must be known beside them for a seal.
_FAVOURABLE: tuple[tuple[str, dict[str, Any]], ...] = (
    *((text, {}) for text in ("DISMISSED", "DISM 30.30", "ACQUITTED", "NO TRUE BILL", "NOT GUILTY")),
    *((text, {"certified": True, "prints_sent": True}) for text in ("DP", "VOIDED ARREST")),
    ("ACD 170.55", {"family_offense": False}),
    ("PG PL 240.20 - TIME SERVED", {"prints_sent": True}),
    ("PLED GUILTY", {"law_code": "PL 221.10", "severity": "M", "substance": "marihuana"}),
)
_LASTING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("PENDING", {}),
    ("PLED GUILTY", {"severity": "F", "law_code": "PL 120.05", "offense_class": "A"}),
)


@st.composite
def clear(draw: st.DrawFn, endings: tuple[tuple[str, dict[str, Any]], ...]) -> list[Event]:
    """A case that was pending and ended as files mostly say it."""
    charges = draw(st.sampled_from([("",), ("1",), ("1", "2")]))
    ended = draw(st.integers(0, DAYS // 2))
    rows = []
    for charge in charges:
        text, facts = draw(st.sampled_from(endings))
        severity = draw(st.sampled_from("FM"))
        if draw(st.booleans()):
            pending = BEGIN + dt.timedelta(days=ended - draw(st.integers(1, 60)))
            rows.append(Event(event_date=pending, text="PENDING", charge=charge))
        rows.append(
            event_of(
                **{"event_date": BEGIN + dt.timedelta(days=ended), "severity": severity, **facts},
                text=text,
                charge=charge,
            )
        )
    return rows


#: Many rows of few days, whose order no row gives.
crowded = st.lists(
    event(charges=("", "1"), on=st.integers(0, 2).map(lambda n: BEGIN + dt.timedelta(days=n))), min_size=3, max_size=8
)
favourable, lasting = clear(_FAVOURABLE), clear(_LASTING)
#: Any rows at all, which mostly leave the answer unknown; and cases that are sealed or not.
histories = st.one_of(st.lists(event(), min_size=1, max_size=5), favourable, favourable, lasting)
days = st.integers(0, DAYS + 4000).map(lambda n: BEGIN + dt.timedelta(days=n))
late_days = st.integers(DAYS // 2, DAYS + 4000).map(lambda n: BEGIN + dt.timedelta(days=n))


def without(history: list[Event], place: int, fact: str) -> list[Event]:
    """The same history, with one fact of one row left blank."""
    assert fact in FACTS
    return [with_facts(each, **{fact: None}) if at == place else each for at, each in enumerate(history)]
