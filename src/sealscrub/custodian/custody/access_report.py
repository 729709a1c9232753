"""What a monitor reads of a log: who was shown what for which purpose, what stands out, and what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sealscrub.reports import Bars, Column, Count, CsvReport, Document, Name, Notes, Part, Table, counted

from .entries import Entry
from .hours import Hours
from .monitor_findings import Finding

__all__ = ["AuditReport", "Line"]

_MOST_BARS = 62
_MOST_ACCOUNTS = 15
_SERIES = {"allowed within office hours": "--bar", "allowed outside office hours": "--warn", "refused": "--bad"}
_NUMBERS = ("let in", "refused", "out of hours", "failed", "unfinished", "shown")
_EXPIRED = "a grant that had expired"
_REFUSAL_WORDS = {
    **dict.fromkeys(("expired", "order-expired", "roster-expired", "grant-expired"), _EXPIRED),
    "clock": "with the clock set back",
    "roster-older": "an older roster",
    "grant-key": "a grant without its holder's key",
    "second-signature": "to end a seal by one signature",
}


@dataclass(kw_only=True)
class Line:
    """What one account did for one purpose.

    Attributes
    ----------
    who, purpose : str
    acts, denied, out_of_hours, failed, unfinished : int
        Entries: let in; refused; either, outside office hours; let in and failed; let in, without an outcome.
    records : int
        How many events or seals the acts showed or published, together.

    Examples
    --------
    >>> line = Line(who="r.alvarez", purpose="audit", acts=3)
    >>> line.acts, line.denied
    (3, 0)
    """

    who: str
    purpose: str
    acts: int = 0
    denied: int = 0
    out_of_hours: int = 0
    failed: int = 0
    unfinished: int = 0
    records: int = 0


@dataclass(frozen=True, kw_only=True)
class AuditReport(CsvReport):
    """What is in a log between two days. It names staff and no record: a monitor's copy.

    Attributes
    ----------
    since, until : datetime.date
        The days, by the office's clock; both count.
    entries : int
    lines : tuple of Line
        By account and purpose.
    others : mapping of str to int
        Acts of other kinds: imports, certificates, scrubs.
    denials : mapping of (str, str) to int
        By account and why.
    unusual : tuple of (str, datetime.date, int)
        Days on which an account did three times what it usually does, and at least ten acts.
    days : mapping of datetime.date to (int, int, int)
        Of each day: let in within hours, allowed outside office hours, refused.
    grants : mapping of str to int
        By digest of a roster or an order, how often it let somebody in.
    overrides : mapping of (str, str) to int
        By account and what was overridden.
    unfiled : int
        Acts that were let in by an order of which the log has no filing.
    findings : tuple of Finding
        What stands out other than the accesses.
    due : tuple of str
        What a next period brings.
    sample : tuple of Entry
        Drawn for a check by hand.

    Examples
    --------
    >>> first, last = dt.date(2026, 11, 1), dt.date(2026, 11, 30)
    >>> report = AuditReport(
    ...     since=first, until=last, hours=Hours(), entries=0, lines=(), others={}, denials={}, unusual=(), days={},
    ...     grants={},
    ... )
    >>> report.remarks
    ()
    """

    since: dt.date
    until: dt.date
    hours: Hours
    entries: int
    lines: tuple[Line, ...]
    others: dict[str, int]
    denials: dict[tuple[str, str], int]
    unusual: tuple[tuple[str, dt.date, int], ...]
    days: dict[dt.date, tuple[int, int, int]]
    grants: dict[str, int]
    overrides: dict[tuple[str, str], int] = field(default_factory=dict)
    unfiled: int = 0
    findings: tuple[Finding, ...] = ()
    due: tuple[str, ...] = ()
    sample: tuple[Entry, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What stands out, in sentences."""
        said = [
            f"{who} did {counted(count, 'act')} on {day}, more than three times a usual day"
            for who, day, count in self.unusual
        ]
        late = sum(line.out_of_hours for line in self.lines)
        said += [f"{counted(late, 'act', 'was', 'were')} tried or done outside office hours"] if late else []
        said += [
            f"{who} tried {_REFUSAL_WORDS[why]}, {counted(count, 'time')}"
            for (who, why), count in self.denials.items()
            if why in _REFUSAL_WORDS
        ]
        cut = sum(line.unfinished for line in self.lines)
        said += [f"{counted(cut, 'act', 'has', 'have')} no outcome: cut short, or going on"] if cut else []
        said += [f"{who} overrode {what}, {counted(count, 'time')}" for (who, what), count in self.overrides.items()]
        said += (
            [f"{counted(self.unfiled, 'act', 'was', 'were')} allowed by an order that was never filed"]
            if self.unfiled
            else []
        )
        return (*said, *(f"{each.concern}: {each.said}" for each in self.findings))

    def _rows(self) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        """A row for each account and purpose, each finding and each thing that is due."""
        names = ["who", "purpose", "acts", "denied", "out_of_hours", "failed", "unfinished", "records"]
        rows: list[dict[str, object]] = [{"section": "access"} | asdict(line) for line in self.lines]
        rows += [
            {"section": each.concern, "what": each.what, "since": each.since, "said": each.said}
            for each in self.findings
        ]
        rows += [{"section": "due", "said": said} for said in self.due]
        return ["section", *names, "what", "since", "said"], rows

    def _facts(self) -> Mapping[str, Any]:
        columns, rows = self._rows()
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "entries": self.entries,
            "others": self.others,
            "remarks": list(self.remarks),
            "rows": [{name: _json_value(row[name]) for name in columns if name in row} for row in rows],
            "sample": [each.number for each in self.sample],
        }

    def _document(self) -> Document:
        acts, refused = (sum(getattr(line, name) for line in self.lines) for name in ("acts", "denied"))
        brief = self._brief()
        return replace(
            brief,
            facts={
                **brief.facts,
                "Let in": Count(acts),
                "Refused": Count(refused),
                "Entries, without outcomes": Count(self.entries),
            },
            parts=tuple(_parts(self)),
            operators_copy="It names staff and what they were shown, but no record.",
        )

    def _headline(self) -> str:
        if self.remarks:
            return "Something stands out"
        if not self.entries:
            return "The log has no entry of this period"
        refused = any(line.denied for line in self.lines)
        return "There were refusals, and nothing else stands out" if refused else "Nothing stands out"

    def _brief(self) -> Document:
        remarks = self.remarks
        return Document(
            tool="audit report",
            kind="warn" if remarks else "good",
            headline=self._headline(),
            lede="Who was shown what the custodian holds, and for which purpose.",
            facts={
                "Period": f"{self.since} to {self.until}, days of {self.hours.zone}",
                "Office hours": f"{self.hours.first}–{self.hours.last}, {self.hours.zone}",
            },
            steps=("Ask the persons named about these findings, and check the papers that justified them.",)
            if remarks
            else (),
        )


def _json_value(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def _parts(report: AuditReport) -> Iterator[Part]:
    yield Notes(title="Stands out", items=report.remarks, kind="warn")
    yield Bars(title="By day", series=_SERIES, bars=_days(report))
    yield Bars(title="By account", series={"let in": "--bar"}, bars=_accounts(report))
    yield Table(
        title="By account and purpose",
        columns=(Column("account"), Column("purpose"), *(Column(name, number=True) for name in _NUMBERS)),
        rows=tuple(
            (
                Name(line.who),
                line.purpose or "no purpose",
                *map(Count, (line.acts, line.denied, line.out_of_hours, line.failed, line.unfinished, line.records)),
            )
            for line in report.lines
        ),
    )
    if report.others:
        others = tuple((str(kind), Count(count)) for kind, count in report.others.items())
        yield Table(title="Other acts", columns=(Column("act"), Column("how often", number=True)), rows=others)
    if report.findings:
        yield Table(
            title="Other findings",
            columns=(Column("what"), Column("concern"), Column("found"), Column("since")),
            rows=tuple((each.what, str(each.concern), each.said, each.since) for each in report.findings),
        )
    yield Notes(title="Due by 45 days after the period", items=report.due)
    if report.sample:
        columns = (Column("entry", number=True), *map(Column, ("when", "who", "what", "purpose")))
        rows = tuple(
            (entry.number, f"{entry.at:%Y-%m-%d %H:%M}Z", Name(entry.who), entry.what, entry.purpose)
            for entry in report.sample
        )
        yield Table(title="To check by hand, against the paper that justified it", columns=columns, rows=rows)


def _days(report: AuditReport) -> dict[str, tuple[Count, ...]]:
    """Give a bar for each day with an act; of a long period, for each week or month."""
    length = (report.until - report.since).days
    step = next((days for days in (1, 7) if length // days < _MOST_BARS), 31)
    bars: dict[str, list[int]] = {}
    for day, three in sorted(report.days.items()):
        first = report.since + dt.timedelta(days=(day - report.since).days // step * step)
        bar = bars.setdefault(first.isoformat(), [0, 0, 0])
        bar[:] = [before + number for before, number in zip(bar, three, strict=True)]
    return {day: tuple(map(Count, bar)) for day, bar in bars.items()}


def _accounts(report: AuditReport) -> dict[str, tuple[Count, ...]]:
    """Give a bar for each of those who were let in most."""
    totals: dict[str, int] = {}
    for line in report.lines:
        totals[line.who] = totals.get(line.who, 0) + line.acts
    most = sorted(totals.items(), key=lambda each: (-each[1], each[0]))[:_MOST_ACCOUNTS]
    return {who: (Count(count),) for who, count in most}
