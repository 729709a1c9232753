"""Valid time and recorded time, against a replay that goes through every event one by one."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.registry import EventKind, Registry
from sealscrub.errors import UsageError

from .custodian import LAW, Custodian, Row, notice, write_notices

DAYS = [dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(5)]
SEALS = ["S1", "S2", "S3"]
ARRESTS = {seal: f"K1400000{at}" for at, seal in enumerate(SEALS, start=1)}


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """An event of a seal; only what begins one brings keys, since an ending's keys must be the seal's."""
    event = draw(st.sampled_from([each for each in EventKind if each is not EventKind.MISTAKEN]))
    row = notice(draw(st.sampled_from(SEALS)), event, effective_from=draw(st.sampled_from(DAYS)).isoformat())
    if event in ("sealed", "withheld"):
        row["arrest_number"] = ARRESTS[row["seal_id"]]  # what a seal gets later has a key of what it had
    if event in ("sealed", "withheld", "open"):
        row["docket"] = f"2014KN{draw(st.integers(1, 6)):06d}"
        row["nysid"] = draw(st.sampled_from(["", "12345678A"]))
        row["regime"] = draw(st.sampled_from(["", LAW, "us-ny/cpl-160.55"]))
    row["notified_on"] = draw(st.sampled_from(DAYS)).isoformat()
    return row


BEGINNING = [
    notice(seal, docket="2014KN000001", arrest_number=arrest, effective_from="2020-01-03")
    for seal, arrest in ARRESTS.items()
]


class Replay:
    """The registry as a list of rows with their epoch, asked by going through all of them."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, Row]] = []
        self.epoch = 0

    def add(self, batch: list[Row]) -> None:
        known = [row for _, row in self.rows]
        fresh = []
        for row in batch:
            plain = {name: value for name, value in row.items() if value}
            if plain not in known:
                known.append(plain)
                fresh.append(plain)
        if fresh:
            self.epoch += 1
            self.rows += [(self.epoch, row) for row in fresh]

    def seals(self, as_of: dt.date, epoch: int) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for seal in SEALS:
            state: tuple[Any, ...] = ()
            last = ""
            keys: set[tuple[str, str]] = set()
            for recorded, row in self.rows:
                if row["seal_id"] != seal or recorded > epoch:
                    continue
                keys |= {(scheme, row[scheme]) for scheme in ("docket", "nysid", "arrest_number") if scheme in row}
                if row["effective_from"] <= as_of.isoformat() and row["effective_from"] >= last:
                    last = row["effective_from"]
                    state = (row["event"], row.get("regime"), last, recorded)
            if state:
                answer[seal] = (*state, keys)
        return answer


def asked(registry: Registry, as_of: dt.date, epoch: int) -> dict[str, Any]:
    return {
        seal.seal_id: (
            seal.state,
            seal.regime,
            seal.effective_from.isoformat(),
            seal.epoch,
            {(key.scheme, key.value) for key in seal.keys},
        )
        for seal in registry.seals(as_of, epoch=epoch)
    }


@given(batches=st.lists(st.lists(rows(), min_size=1, max_size=6), max_size=4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_answer_is_that_of_a_replay(batches: list[list[Row]]) -> None:
    replay = Replay()
    with tempfile.TemporaryDirectory() as folder, Registry.create(Path(folder) / "seals.db") as registry:
        for number, batch in enumerate([BEGINNING, *batches]):
            replay.add(batch)
            registry.add(write_notices(Path(folder) / f"{number}.csv", batch))
        assert registry.epoch == replay.epoch
        for epoch in range(replay.epoch + 1):
            for day in [DAYS[0] - dt.timedelta(days=1), *DAYS]:
                assert asked(registry, day, epoch) == replay.seals(day, epoch)


@given(batches=st.lists(st.lists(rows(), min_size=1, max_size=6), min_size=1, max_size=4), day=st.sampled_from(DAYS))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_changes_are_the_difference_of_two_answers(batches: list[list[Row]], day: dt.date) -> None:
    replay = Replay()
    with tempfile.TemporaryDirectory() as folder, Registry.create(Path(folder) / "seals.db") as registry:
        for number, batch in enumerate([BEGINNING, *batches]):
            replay.add(batch)
            registry.add(write_notices(Path(folder) / f"{number}.csv", batch))
        for since in range(replay.epoch + 1):
            for until in range(since, replay.epoch + 1):
                changes = registry.changes(since, until, as_of=day)
                before = {seal: answer[0] for seal, answer in replay.seals(day, since).items()}
                after = {seal: answer[0] for seal, answer in replay.seals(day, until).items()}
                assert changes.states == {
                    seal: (before.get(seal), after[seal]) for seal in after if before.get(seal) != after[seal]
                }
                assert [event.epoch for event in changes.events] == [
                    epoch for epoch, _ in replay.rows if since < epoch <= until
                ]


def test_what_was_known_at_a_moment_is_what_had_been_recorded_by_then(custodian: Custodian) -> None:
    day = dt.date(2020, 6, 1)
    before = dt.datetime.now(dt.UTC)
    custodian.add(notice("S1", docket="2014KN000001"))
    (event,) = custodian.registry.history("docket", "2014KN000001")

    assert before - dt.timedelta(seconds=1) < event.recorded_at < dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    assert custodian.registry.seals(day, known_at=event.recorded_at - dt.timedelta(milliseconds=1)) == ()
    assert len(custodian.registry.seals(day, known_at=event.recorded_at)) == 1
    assert len(custodian.registry.seals(day, known_at=event.recorded_at.date())) == 1
    assert custodian.registry.seals(day, known_at=event.recorded_at.date() - dt.timedelta(days=1)) == ()


def test_recorded_times_never_go_back(custodian: Custodian) -> None:
    for number in range(4):
        custodian.add(notice(f"S{number}", docket="2014KN000001"))
    times = [event.recorded_at for event in custodian.registry.history("docket", "2014KN000001")]

    assert len(times) == 4
    assert times == sorted(times)


def test_the_history_of_a_key_is_that_of_all_seals_that_ever_had_it(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001", arrest_number="K14612345"), notice("S2", docket="2014KN000002"))
    custodian.add(notice("S1", "vacated", effective_from="2021-01-01"))
    custodian.add(notice("S3", docket="CR-000001-14KN", last_name="DOE", birth_date="1990-02-01"))

    history = custodian.registry.history("docket", " 2014-kn-1 ")

    assert [(event.seal_id, event.event, event.epoch) for event in history] == [
        ("S1", "sealed", 1),
        ("S1", "vacated", 2),
        ("S3", "sealed", 3),
    ]
    assert [event.source for event in history] == ["notices1.csv:2", "notices2.csv:2", "notices3.csv:2"]
    assert history[2].person is not None
    assert history[2].person.birth_date == dt.date(1990, 2, 1)
    assert custodian.registry.history("docket", "2014KN000009") == ()


def test_the_history_of_a_persons_arrest(custodian: Custodian) -> None:
    custodian.add(notice("S1", nysid="12345678A", arrest_date="2014-03-03"))
    for spelled in ("12345678a+03/03/2014", "12345678A@2014-03-03"):
        assert len(custodian.registry.history("person_arrest", spelled)) == 1
    for spelled in ("12345678A", "12345678A+yesterday", "1+2+3"):
        with pytest.raises(UsageError):
            custodian.registry.history("person_arrest", spelled)


@pytest.mark.parametrize("options", [{"epoch": 2}, {"epoch": -1}, {"epoch": 1, "known_at": dt.date(2026, 1, 1)}])
def test_a_question_without_an_answer_is_refused(custodian: Custodian, options: dict[str, Any]) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    with pytest.raises(UsageError):
        custodian.registry.seals(**options)


def test_a_moment_without_a_time_zone_is_refused(custodian: Custodian) -> None:
    with pytest.raises(UsageError, match="time zone"):
        custodian.registry.seals(known_at=dt.datetime(2026, 1, 1))


def test_epochs_are_given_in_order(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    with pytest.raises(UsageError, match="before"):
        custodian.registry.changes(1, 0)


def test_a_value_that_is_no_key_is_not_repeated(custodian: Custodian) -> None:
    with pytest.raises(UsageError) as caught:
        custodian.registry.history("docket", "CANARY-7")
    assert "CANARY" not in str(caught.value)


def test_representations_show_no_identifier(custodian: Custodian) -> None:
    custodian.add(notice("CANARY-1", docket="2014KN012345", nysid="12345678A", last_name="CANARY", charge="CANARY"))
    shown = repr(
        [
            custodian.registry,
            custodian.registry.seals(),
            custodian.registry.history("docket", "2014KN012345"),
            custodian.registry.changes(0),
        ]
    )
    for secret in ("CANARY", "12345"):
        assert secret not in shown
