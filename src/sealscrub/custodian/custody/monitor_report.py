"""Counting in a log what a monitor's report says."""

from __future__ import annotations

import datetime as dt
import hashlib
import heapq
import statistics
from collections import Counter
from collections.abc import Iterable

from sealscrub.errors import ConfigError, Spelled

from .access_purposes import Purpose
from .access_report import AuditReport, Line
from .audit_log import AuditLog
from .entries import STANDS_ALONE, Entry, Kind, Result, spell
from .hours import Hours
from .monitor_findings import Finding
from .papers import Order, Roster

__all__ = ["report_on", "sample_entries"]

_LEAST_UNUSUAL, _TIMES_USUAL = 10, 3
_LOOK_AHEAD = dt.timedelta(days=45)
_SHOWING = frozenset({Kind.ACCESS, Kind.PUBLICATION})


def report_on(
    log: AuditLog,
    since: dt.date,
    until: dt.date,
    *,
    hours: Hours | None = None,
    roster: Roster | None = None,
    orders: Iterable[Order] = (),
    findings: Iterable[Finding] = (),
    due: Iterable[tuple[dt.date, str]] = (),
    sample: Iterable[Entry] = (),
) -> AuditReport:
    """Report on a log between two days.

    Parameters
    ----------
    log : AuditLog
    since, until : datetime.date
        By the office's clock; both days count.
    hours : Hours, optional
        When the office works; by default weekdays from 7 to 19 in New York.
    roster : Roster, optional
        The one in force, of which the report says what is due.
    orders : iterable of Order
        In force, of which it says the same.
    findings : iterable of Finding
        What was found elsewhere: :func:`late_seals`, and what a survey of data sets and models found.
    due : iterable of (datetime.date, str)
        What else runs out, and when.
    sample : iterable of Entry
        For a check by hand, from :func:`sample_entries`.

    Raises
    ------
    UnreadableInput
        When a line is not an entry: verify the log first.
    ConfigError
        When the first day is after the last.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> log = AuditLog.create(Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> report_on(log, dt.date(2020, 1, 1), dt.date(2020, 1, 31)).entries
    0
    """
    if since > until:
        raise ConfigError(
            "the first day is after the last",
            hint=Spelled("give a since= that is not later than until=.", "--from 2026-10-01 --until 2026-12-31"),
        )
    found = _Counts(hours or Hours())
    for entry in log:
        found.take(entry, since, until)
    return AuditReport(
        since=since,
        until=until,
        hours=found.hours,
        entries=found.entries,
        lines=tuple(found.lines[each] for each in sorted(found.lines)),
        others={kind: count for kind, count in sorted(found.others.items()) if count},
        denials=dict(sorted(found.denials.items())),
        unusual=found.unusual(),
        days={day: (a, b, c) for day, (a, b, c) in sorted(found.days.items())},
        grants=dict(found.grants),
        overrides=dict(sorted(found.overrides.items())),
        unfiled=found.unfiled,
        findings=tuple(findings),
        due=_due_lines(since, until, roster, orders, due),
        sample=tuple(sample),
    )


def sample_entries(log: AuditLog, count: int, seed: str, since: dt.date, until: dt.date) -> tuple[Entry, ...]:
    """Draw acts for a check by hand: the same ones for the same seed, anyone who draws.

    Those with the least SHA-256 of seed and line are drawn, so no one can choose them who cannot choose the
    seed: take one that was not known when the acts were done, such as the root of a later checkpoint.

    Parameters
    ----------
    log : AuditLog
    count : int
    seed : str
    since, until : datetime.date
        In UTC; both days count.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> log = AuditLog.create(Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> sample_entries(log, 5, "seed", dt.date(2020, 1, 1), dt.date(2020, 1, 31))
    ()
    """
    start = seed.encode() + b"\0"
    wanted = (
        (
            hashlib.sha256(start + entry.line(entry.number, spell(entry.at))).digest(),
            entry.number,
            entry,
        )
        for entry in log
        if entry.at is not None and since <= entry.at.date() <= until and entry.kind not in (Kind.OUTCOME, Kind.LOG)
    )
    return tuple(sorted((each[2] for each in heapq.nsmallest(count, wanted)), key=lambda entry: entry.number))


class _Counts:
    """What was counted so far."""

    def __init__(self, hours: Hours) -> None:
        self.hours = hours
        self.entries = 0
        self.lines: dict[tuple[str, str], Line] = {}
        self.others: Counter[str] = Counter()
        self.denials: Counter[tuple[str, str]] = Counter()
        self.days: dict[dt.date, list[int]] = {}
        self.grants: Counter[str] = Counter()
        self.overrides: Counter[tuple[str, str]] = Counter()
        self._filed: set[str] = set()
        self._ordered: Counter[str] = Counter()
        self._open: dict[int, Line] = {}
        self._volume: Counter[tuple[str, dt.date]] = Counter()

    @property
    def unfiled(self) -> int:
        return sum(count for digest, count in self._ordered.items() if digest not in self._filed)

    def take(self, entry: Entry, since: dt.date, until: dt.date) -> None:
        if entry.kind is Kind.ORDER and entry.digest:
            self._filed.add(entry.digest)
        if entry.kind is Kind.OUTCOME:
            self._record_outcome(entry)
            return
        if entry.at is None or not since <= (day := self.hours.local(entry.at).date()) <= until:
            return
        self.entries += 1
        if entry.kind not in _SHOWING and entry.kind is not Kind.DENIAL:
            self.others[entry.kind] += entry.kind not in STANDS_ALONE
            if entry.kind is Kind.OVERRIDE:
                self.overrides[entry.who, entry.what] += 1
            return
        line = self.lines.setdefault((entry.who, entry.purpose or ""), Line(who=entry.who, purpose=entry.purpose or ""))
        within = self.hours.hold(entry.at)
        line.out_of_hours += not within
        three = self.days.setdefault(day, [0, 0, 0])
        if entry.kind is Kind.DENIAL:
            line.denied += 1
            three[2] += 1
            self.denials[entry.who, entry.why or ""] += 1
            return
        line.acts += 1
        line.unfinished += 1
        three[not within] += 1
        self._open[entry.number] = line
        self._volume[entry.who, day] += 1
        self.grants[entry.grant or ""] += 1
        if entry.purpose == Purpose.COURT_ORDER and entry.grant:
            self._ordered[entry.grant] += 1

    def _record_outcome(self, outcome: Entry) -> None:
        line = self._open.pop(-1 if outcome.of is None else outcome.of, None)
        if line is not None:
            line.unfinished -= 1
            line.failed += outcome.result is Result.FAILED
            line.records += outcome.count or 0

    def unusual(self) -> tuple[tuple[str, dt.date, int], ...]:
        by_account: dict[str, list[int]] = {}
        for (who, _), count in self._volume.items():
            by_account.setdefault(who, []).append(count)
        return tuple(
            (who, day, count)
            for (who, day), count in sorted(self._volume.items())
            if count >= _LEAST_UNUSUAL and count > _TIMES_USUAL * statistics.median(by_account[who])
        )


def _due_lines(
    since: dt.date,
    until: dt.date,
    roster: Roster | None,
    orders: Iterable[Order],
    others: Iterable[tuple[dt.date, str]],
) -> tuple[str, ...]:
    """Say what runs out by 45 days after the last day."""
    said = list(others)
    if roster is not None:
        said.append((roster.until, f"the roster (version {roster.version}) ends on {roster.until}"))
        said += [(each.until, f"{each.account}'s grant ends on {each.until}") for each in roster.people if each.until]
    said += [(each.until, f"the order of {each.date} ({each.court}) ends on {each.until}") for each in orders]
    return tuple(text for day, text in sorted(said) if since <= day <= until + _LOOK_AHEAD)
