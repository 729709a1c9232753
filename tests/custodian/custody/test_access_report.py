"""What a monitor reads: who was shown what, what stands out, what is due; and a draw that nobody can choose."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import pytest

from sealscrub.custodian.custody import AuditLog, Entry, Hours, Kind, Result, report_on, sample_entries
from sealscrub.custodian.custody.entries import spell
from sealscrub.errors import ConfigError
from sealscrub.reports import ReportFormat

DAY = dt.date(2026, 11, 4)  # a Wednesday; New York is five hours behind UTC
FIRST, LAST = dt.date(2026, 11, 2), dt.date(2026, 11, 8)


class Written:
    """A log whose entries are of any moment, as no writer's are."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "audit.log"
        self.count = 1
        AuditLog.create(self.path, who="r.alvarez")

    def add(self, entry: Entry, day: dt.date = DAY, hour: int = 15) -> int:
        at = dt.datetime.combine(day, dt.time(hour), dt.UTC)
        with self.path.open("ab") as file:
            file.write(entry.line(self.count, spell(at)))
        self.count += 1
        return self.count - 1

    def act(
        self,
        who: str = "m.chen",
        *,
        kind: Kind = Kind.ACCESS,
        result: Result | None = Result.DONE,
        **when: object,
    ) -> None:
        entry = Entry(kind=kind, who=who, what="registry history", purpose="audit", grant="ab" * 32)
        number = self.add(entry, **when)
        if result is not None:
            self.add(Entry(kind=Kind.OUTCOME, who=who, of=number, result=result, count=2), **when)

    @property
    def log(self) -> AuditLog:
        return AuditLog.open(self.path)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


def test_acts_are_counted_by_account_and_purpose(written: Written) -> None:
    written.act()
    written.act(result=Result.FAILED)
    written.act(result=None)
    written.act(day=LAST + dt.timedelta(days=1))
    written.add(Entry(kind=Kind.DENIAL, who="m.chen", what="registry seals", purpose="audit", why="scope"))
    written.add(Entry(kind=Kind.IMPORT, who="m.chen", what="registry add"))
    report = report_on(written.log, FIRST, LAST)
    (line,) = report.lines

    assert (line.who, line.acts, line.denied, line.failed, line.unfinished, line.records) == ("m.chen", 3, 1, 1, 1, 4)
    assert report.others == {"import": 1}
    assert report.days == {DAY: (3, 0, 1)}
    assert report.grants == {"ab" * 32: 3}
    assert "1 act has no outcome" in report.remarks[-1]


@pytest.mark.parametrize(
    ("day", "hour", "late"), [(DAY, 12, False), (DAY, 11, True), (DAY, 23, False), (LAST, 15, True), (FIRST, 3, True)]
)
def test_office_hours_are_those_of_the_offices_clock(written: Written, day: dt.date, hour: int, late: bool) -> None:
    written.act(day=day, hour=hour)
    report = report_on(written.log, FIRST - dt.timedelta(days=1), LAST)

    assert report.lines[0].out_of_hours == late


def test_a_days_bounds_are_those_of_the_offices_clock(written: Written) -> None:
    written.act(day=LAST + dt.timedelta(days=1), hour=4)
    assert report_on(written.log, FIRST, LAST).entries == 1
    assert report_on(written.log, FIRST, LAST, hours=Hours(zone="UTC")).entries == 0


def test_a_day_of_many_acts_stands_out(written: Written) -> None:
    for day in range(3):
        written.act(day=FIRST + dt.timedelta(days=day))
    assert report_on(written.log, FIRST, LAST).unusual == ()
    for _ in range(12):
        written.act(day=DAY + dt.timedelta(days=1))

    assert report_on(written.log, FIRST, LAST).unusual == (("m.chen", DAY + dt.timedelta(days=1), 12),)


def test_an_expired_grant_that_is_tried_stands_out(written: Written) -> None:
    for why in ("expired", "expired", "unlisted"):
        written.add(Entry(kind=Kind.DENIAL, who="m.chen", what="registry history", why=why))
    remarks = report_on(written.log, FIRST, LAST).remarks

    assert remarks == ("m.chen tried a grant that had expired, 2 times",)


@pytest.mark.parametrize("why", ["grant-expired", "clock", "roster-older", "grant-key", "second-signature"])
def test_what_takes_a_trick_stands_out(why: str, written: Written) -> None:
    written.add(Entry(kind=Kind.DENIAL, who="m.chen", what="registry history", why=why))
    (remark,) = report_on(written.log, FIRST, LAST).remarks
    assert remark.startswith("m.chen tried ")


def test_the_table_and_the_page_say_the_same(written: Written) -> None:
    written.act()
    written.act(who="r.alvarez")
    report = report_on(written.log, FIRST, LAST, sample=sample_entries(written.log, 1, "seed", FIRST, LAST))
    rows = list(csv.DictReader(report.render(ReportFormat.CSV).splitlines()))
    page = report.to_html()

    assert [(row["who"], row["acts"], row["records"]) for row in rows] == [
        ("m.chen", "1", "2"),
        ("r.alvarez", "1", "2"),
    ]
    assert page.count('<ul class="bars">') == 2
    assert "Nothing stands out" in page
    assert "2026-11-04: 2 allowed within office hours" in page
    assert "<script" not in page


def test_whatever_the_text_counts_the_page_counts(written: Written) -> None:
    for number, kind in enumerate(kind for kind in Kind if kind not in (Kind.LOG, Kind.OUTCOME, Kind.DENIAL)):
        for _ in range(number + 2):
            written.act(kind=kind)
    report = report_on(written.log, FIRST, LAST)
    page = re.sub(r"<[^>]*>", " ", report.to_html())

    assert len(report.others) > 5
    for kind, count in report.others.items():
        assert re.search(rf"^  {kind} +{count}$", report.to_text(), flags=re.MULTILINE)
        assert re.search(rf"\b{kind} +{count} ", page)


def test_a_draw_follows_from_its_seed_alone(written: Written) -> None:
    for _ in range(30):
        written.act()
    draws = [sample_entries(written.log, 5, seed, FIRST, LAST) for seed in ("a", "a", "b")]

    assert draws[0] == draws[1] != draws[2]
    assert len({entry.number for entry in draws[0]}) == 5
    assert {entry.kind for entry in draws[0]} == {Kind.ACCESS}
    assert len(sample_entries(written.log, 100, "a", FIRST, LAST)) == 30


def test_what_makes_no_period_is_refused(written: Written) -> None:
    with pytest.raises(ConfigError, match="after the last"):
        report_on(written.log, LAST, FIRST)
    with pytest.raises(ConfigError, match="office hours"):
        Hours(19, 7)
    with pytest.raises(ConfigError, match="time zone"):
        Hours(zone="Nowhere/Land")
