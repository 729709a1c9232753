"""A report on the audit log as a page with two charts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

from sealscrub.page import box, page, verdict

from .entries import Entry
from .report import AuditReport

__all__ = ["report_page"]

_WIDTH, _HEIGHT, _LEFT, _BASE = 900, 170, 44, 142
_MOST_BARS = 92
_KINDS = (("let in within office hours", "--bar"), ("let in outside them", "--warn"), ("refused", "--bad"))


def report_page(report: AuditReport, sample: Sequence[Entry] = ()) -> str:
    """Write a report as one HTML file.

    Parameters
    ----------
    report : AuditReport
    sample : sequence of Entry
        Drawn for a check by hand.

    Returns
    -------
    str
    """
    remarks = report.remarks
    acts, refused = (sum(getattr(line, name) for line in report.lines) for name in ("acts", "denied"))
    head = verdict(
        "warn" if remarks else "good",
        "Audit log · monitor's copy",
        {0: "Nothing stands out", 1: "One thing stands out"}.get(len(remarks), f"{len(remarks)} things stand out"),
        "Who was shown what the custodian holds, and for which purpose. It names staff, and no record.",
        {
            "Period": f"{report.since} to {report.until}",
            "Let in": f"{acts:,}",
            "Refused": f"{refused:,}",
            "Entries": f"{report.entries:,}",
            "Office hours": f"{report.hours.first}–{report.hours.last}, {escape(report.hours.zone)}",
        },
    )
    parts = [
        head,
        box("warn", "Stands out", remarks),
        _card("By day", _days(report)),
        _card("By account and purpose", _accounts(report) + _table(report)),
        _findings(report),
        box("next", "Due by 45 days after the period", report.due),
        _sample(sample),
    ]
    return page("Audit report", f"<main>{''.join(parts)}</main>")


def _card(title: str, body: str) -> str:
    return f'<section class="card"><h2>{title}</h2>{body}</section>'


def _days(report: AuditReport) -> str:
    """Stacked bars, one for each day, or each week of a long period."""
    step = 1 if (report.until - report.since).days < _MOST_BARS else 7
    if (report.until - report.since).days // step >= _MOST_BARS:
        step = 31
    count = (report.until - report.since).days // step + 1
    bars = [[0, 0, 0] for _ in range(count)]
    for day, three in report.days.items():
        for at, number in enumerate(three):
            bars[(day - report.since).days // step][at] += number
    top = max([1, *(sum(bar) for bar in bars)])
    width = (_WIDTH - _LEFT) / count
    drawn = []
    for place, bar in enumerate(bars):
        base = float(_BASE)
        first = report.since + dt.timedelta(days=place * step)
        for (name, colour), number in zip(_KINDS, bar, strict=True):
            height = number / top * (_BASE - 14)
            base -= height
            if number:
                drawn.append(
                    f'<rect x="{_LEFT + place * width + 0.5:.1f}" y="{base:.1f}" width="{max(width - 1.5, 1):.1f}" '
                    f'height="{height:.1f}" style="fill:var({colour})"><title>{first}: {number:,} {name}</title></rect>'
                )
    axis = (
        f'<line x1="{_LEFT}" y1="{_BASE}" x2="{_WIDTH}" y2="{_BASE}" style="stroke:var(--line)"/>'
        f'<text x="{_LEFT - 6}" y="20" text-anchor="end">{top:,}</text>'
        f'<text x="{_LEFT - 6}" y="{_BASE}" text-anchor="end">0</text>'
        f'<text x="{_LEFT}" y="{_BASE + 20}">{report.since}</text>'
        f'<text x="{_WIDTH}" y="{_BASE + 20}" text-anchor="end">{report.until}</text>'
    )
    legend = " · ".join(f'<span style="color:var({colour})">■</span> {name}' for name, colour in _KINDS)
    unit = {1: "day", 7: "week", 31: "31 days"}[step]
    return f'<p class="sum">Entries each {unit}: {legend}</p>' + _svg(_HEIGHT, "Entries by day", "".join(drawn) + axis)


def _accounts(report: AuditReport) -> str:
    """Bars of who was let in, the longest first."""
    totals: dict[str, int] = {}
    for line in report.lines:
        totals[line.who] = totals.get(line.who, 0) + line.acts
    most = sorted(totals.items(), key=lambda each: (-each[1], each[0]))[:15]
    top = max([1, *(count for _, count in most)])
    drawn = []
    for place, (who, count) in enumerate(most):
        y = 6 + place * 24
        drawn.append(
            f'<text x="190" y="{y + 13}" text-anchor="end">{escape(who[:26])}</text>'
            f'<rect x="200" y="{y}" width="{count / top * 600:.1f}" height="17" style="fill:var(--bar)"/>'
            f'<text x="{206 + count / top * 600:.1f}" y="{y + 13}">{count:,}</text>'
        )
    return _svg(12 + 24 * len(most), "Acts by account", "".join(drawn)) if most else ""


def _svg(height: int, title: str, body: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}" '
        f'style="width:100%;height:auto;margin-top:.75rem;fill:var(--ink);font-size:13px">{body}</svg>'
    )


def _table(report: AuditReport) -> str:
    names = ("let in", "refused", "out of hours", "failed", "unfinished", "shown")
    head = "".join(f'<th class="number">{name}</th>' for name in names)
    rows = []
    for line in report.lines:
        numbers = (line.acts, line.denied, line.out_of_hours, line.failed, line.unfinished, line.records)
        cells = "".join(f'<td class="number">{number:,}</td>' for number in numbers)
        rows.append(f"<tr><th>{escape(line.who)}<small>{escape(line.purpose or 'no purpose')}</small></th>{cells}</tr>")
    return (
        f'<div class="scroll"><table><thead><tr><th>Account</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _findings(report: AuditReport) -> str:
    rows = "".join(
        f"<tr><th>{escape(each.what)}<small>{each.concern}</small></th><td>{escape(each.said)}</td>"
        f"<td>{each.since or ''}</td></tr>"
        for each in report.findings
    )
    head = "<th>What</th><th>Found</th><th>Since</th>"
    table = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return _card("Found beside the accesses", table) if rows else ""


def _sample(sample: Sequence[Entry]) -> str:
    if not sample:
        return ""
    rows = "".join(
        f'<tr><td class="number">{entry.number}</td><td>{entry.at:%Y-%m-%d %H:%M}Z</td><td>{escape(entry.who)}</td>'
        f"<td>{escape(entry.what)}</td><td>{escape(entry.purpose or '')}</td></tr>"
        for entry in sample
    )
    head = '<th class="number">Entry</th><th>When</th><th>Who</th><th>What</th><th>Purpose</th>'
    table = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return _card("To check by hand, against the paper that justified it", table)
