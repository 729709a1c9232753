"""Seals that were not applied in time, what was overridden, orders that nobody filed, and what is due."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from sealscrub.custodian.custody import (
    Concern,
    Entry,
    Finding,
    Kind,
    Purpose,
    Recorded,
    late_seals,
    report_on,
)
from sealscrub.custodian.registry import Registry
from sealscrub.identifiers import generate_keys
from sealscrub.reports import ReportFormat

from ...cli.conftest import Ended, sealscrub
from ...today import today
from .conftest import SEALED, Custodian, listed
from .test_access_report import DAY, FIRST, LAST, Written
from .test_audit_entries import publish

__all__ = ["sealscrub"]

Call = Callable[..., Ended]
LATEST = DAY + dt.timedelta(20)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


def recorded(epoch: int, day: dt.date) -> Recorded:
    return Recorded(epoch, dt.datetime.combine(day, dt.time(12), dt.UTC))


def applied(written: Written, kind: Kind, epoch: int, day: dt.date, what: str = "publish") -> None:
    number = written.add(Entry(kind=kind, who="m.chen", what=what, epoch=epoch), day=day, hour=15)
    written.add(Entry(kind=Kind.OUTCOME, who="m.chen", of=number, result="done", epoch=epoch), day=day, hour=15)


def said(written: Written, *epochs: Recorded, days: int = 7) -> list[str]:
    found = late_seals(written.log, epochs, days=days, since=FIRST, until=LATEST)
    assert all(each.concern is Concern.NOT_APPLIED for each in found)
    return [each.said for each in found]


def after(days: int) -> dt.date:
    return DAY + dt.timedelta(days=days)


@pytest.mark.parametrize(("took", "late"), [(0, False), (7, False), (8, True)])
def test_a_change_is_applied_by_the_first_index_that_holds_it(written: Written, took: int, late: bool) -> None:
    applied(written, Kind.PUBLICATION, 3, after(-1))
    applied(written, Kind.PUBLICATION, 5, after(took))
    applied(written, Kind.PUBLICATION, 6, after(took + 1))
    found = said(written, recorded(3, after(-2)), recorded(4, DAY), recorded(5, DAY))

    assert found == [f"epoch {each}, recorded on {DAY}, was published 8 days later" for each in (4, 5) if late]


def test_what_still_waits_is_said_once(written: Written) -> None:
    applied(written, Kind.PUBLICATION, 3, DAY)
    epochs = [recorded(3, DAY), recorded(4, after(1)), recorded(5, after(2)), recorded(6, LATEST)]
    waits = (LATEST - after(1)).days

    assert said(written, *epochs) == [
        f"epochs 4 to 5, recorded on {after(1)}, are not published yet, {waits} days later"
    ]
    assert said(written, *epochs, days=365) == []
    assert said(written, recorded(9, LATEST + dt.timedelta(1))) == []


def test_scrubs_count_where_the_log_has_any(written: Written) -> None:
    applied(written, Kind.PUBLICATION, 4, DAY)
    assert said(written, recorded(4, DAY)) == []
    applied(written, Kind.SCRUB, 3, after(1), "scrub")
    applied(written, Kind.SCRUB, 4, after(2), "scrub dry-run")
    applied(written, Kind.SCRUB, 4, after(9), "scrub plan")

    assert said(written, recorded(4, DAY)) == [f"epoch 4, recorded on {DAY}, was used by a scrub 9 days later"]


def test_an_act_that_failed_applies_nothing(written: Written) -> None:
    number = written.add(Entry(kind=Kind.PUBLICATION, who="x", what="publish"), day=DAY)
    written.add(Entry(kind=Kind.OUTCOME, who="x", of=number, result="failed", epoch=4), day=DAY)

    assert len(said(written, recorded(4, DAY))) == 1


def test_overrides_and_orders_that_nobody_filed_stand_out(written: Written) -> None:
    for what in ("scrub accept near", "scrub accept near", "publish as-of 2020-01-01"):
        written.add(Entry(kind=Kind.OVERRIDE, who="m.chen", what=what), day=DAY)
    for digest in ("aa" * 32, "bb" * 32):
        written.add(
            Entry(kind=Kind.ACCESS, who="m.chen", what="registry history", purpose=Purpose.COURT_ORDER, grant=digest),
            day=DAY,
        )
    written.add(Entry(kind=Kind.ORDER, who="m.chen", what="roster file", digest="aa" * 32), day=DAY)
    report = report_on(written.log, FIRST, LAST)

    assert (report.unfiled, report.overrides["m.chen", "scrub accept near"]) == (1, 2)
    assert "m.chen overrode scrub accept near, 2 times" in report.remarks
    assert "1 act was allowed by an order that was never filed" in report.remarks


def test_findings_and_what_is_due_stand_in_every_form(written: Written) -> None:
    written.act()
    finding = Finding(concern=Concern.NOT_RERUN, what="=train", since=DAY, said="dataset <train>: checked too long ago")
    due = [
        (LAST + dt.timedelta(46), "too far"),
        (LAST + dt.timedelta(45), "just so"),
        (FIRST, "at once"),
        (FIRST - dt.timedelta(1), "gone by"),
    ]
    report = report_on(written.log, FIRST, LAST, findings=[finding], due=due)
    rows = list(csv.DictReader(report.render(ReportFormat.CSV).splitlines()))
    page = report.to_html()

    assert report.due == ("at once", "just so")
    assert [row["section"] for row in rows] == ["access", "scrub not rerun", "due", "due"]
    assert (rows[1]["what"], rows[1]["since"]) == ("'=train", str(DAY))
    assert "scrub not rerun: dataset <train>" in report.to_text()
    assert "dataset &lt;train&gt;: checked too long ago" in page
    assert "Other findings" in page


def test_the_command_asks_the_registry_and_the_inventory(
    custodian: Custodian, sealscrub: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(custodian.folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    generate_keys(custodian.folder / "seal.key")
    custodian.roster(listed("publishing_index", "registry"), listed("audit", "registry"))
    with Registry.open(custodian.place, purpose="audit") as registry:
        (only,) = registry.epochs()
    assert (only.epoch, only.at.date()) == (1, today())
    publish(custodian)
    custodian.order(SEALED, account="d.okafor", until=20)
    Path("orders/bad.json").write_text("{}")
    Path("train.csv").write_text("arrest_no\n")
    Path("inventory.toml").write_text('version = 1\n[[datasets]]\nname = "train"\npath = "train.csv"\n')
    until = today() + dt.timedelta(30)
    words = ["audit", "report", "audit.log", "--from", today(), "--until", until, "--registry", "seals.db"]
    words += ["--purpose", "audit", "--inventory", "inventory.toml", "--index", "training.sealindex"]
    words += ["--key-file", "seal.key", "--orders", "orders", "--roster", "roster.json"]
    words += ["--public-key", "court.key.pub", "--report", "q.html", "--report", "q.csv"]
    ended = sealscrub(*words)
    assert ended.code == 0, ended.err
    assert "never covered, or not proven: dataset train: no evidence" in ended.out
    assert f"the order of {today() - dt.timedelta(20)} (C) ends on" in ended.out
    assert "bad.json: is not an order" in ended.err
    assert "not published" not in ended.out
    with Path("more.csv").open("w") as file:
        file.write((custodian.folder / "notices.csv").read_text().replace("S1", "S8").replace("S2", "S9"))
    custodian.roster(listed("keeping_registry", "registry"), listed("audit", "registry"), version=2)
    with Registry.open(custodian.place) as registry:
        registry.add(Path("more.csv"))
    assert "not published" not in sealscrub(*words).out
    monkeypatch.setattr("sealscrub.cli.monitor_sources._today", lambda: until)
    assert f"epoch 2, recorded on {today()}, is not published yet, 30 days later" in sealscrub(*words).out
    assert Path("q.csv").read_text().count("never covered, or not proven") == 1
    assert sealscrub(*words[:-8], "--roster", "roster.json").code == 2
    assert sealscrub("audit", "report", "audit.log", "--from", today(), "--until", until, "--inventory", "i").code == 2
