"""Coverage as one page with a chart."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sealscrub.page import Kind, box, breakable, page, verdict

from .standing import Item, ItemKind, Standing

if TYPE_CHECKING:
    from .coverage import Coverage

__all__ = ["coverage_page"]

_COLOURS = {
    Standing.NEVER: "--bad",
    Standing.UNPROVEN: "--bad",
    Standing.STALE: "--warn",
    Standing.UNCHECKED: "--bar-rest",
    Standing.COVERED: "--good",
}
_HEADINGS = {0: "Everything is covered", 1: "Not everything is covered", 3: "Not everything could be checked"}
_KINDS: dict[int, Kind] = {0: "good", 1: "bad", 3: "warn"}
_WIDTH, _LEFT, _STEP = 900, 90, 30


def coverage_page(found: Coverage) -> str:
    """Write it as one HTML file."""
    head = verdict(
        _KINDS[found.exit_code],
        "Coverage",
        _HEADINGS[found.exit_code],
        "What there is, when it was last checked against the seals, and what shows it. No record is named or counted.",
        {
            "Newest epoch": str(found.epoch),
            "As of": str(found.as_of),
            "Use": escape(found.use),
            "Index": f"<code>{escape(found.index[:16])}</code>",
            "Day": str(found.today),
        },
    )
    warnings = [
        f"{item.name} is served ({', '.join(item.served)}), and is {item.taint}" for item in found.served_tainted
    ]
    warnings += [f"the index {item.name} is in use past its last day" for item in found.past_their_date]
    body = [head, box("warn", "At once", warnings), _chart(found), _table(found)]
    return page("Coverage", f"<main>{''.join(body)}</main>")


def _chart(found: Coverage) -> str:
    """One bar for each kind of thing, in parts by how they stand."""
    kinds = [kind for kind in ItemKind if any(item.kind is kind for item in found.items)]
    most = max((sum(item.kind is kind for item in found.items) for kind in kinds), default=1)
    drawn = []
    for place, kind in enumerate(kinds):
        y, x = 6 + place * _STEP, float(_LEFT)
        drawn.append(f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{kind}</text>')
        for standing in Standing:
            count = sum(item.kind is kind and item.standing is standing for item in found.items)
            width = count / most * (_WIDTH - _LEFT - 10)
            if count:
                drawn.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{max(width - 1.5, 1):.1f}" height="20" '
                    f'style="fill:var({_COLOURS[standing]})"><title>{kind}: {count} {standing}</title></rect>'
                )
            x += width
    legend = " · ".join(f'<span style="color:var({colour})">■</span> {name}' for name, colour in _COLOURS.items())
    svg = (
        f'<svg viewBox="0 0 {_WIDTH} {12 + _STEP * len(kinds)}" role="img" aria-label="How things stand, by kind" '
        f'style="width:100%;height:auto;margin-top:.75rem;fill:var(--ink);font-size:13px">{"".join(drawn)}</svg>'
    )
    return f'<section class="card"><h2>How things stand</h2><p class="sum">{legend}</p>{svg}</section>' if kinds else ""


def _table(found: Coverage) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("Thing", "Stands", "Last checked", "Against", "Shown by"))
    rows = "".join(map(_row, found.items))
    return (
        '<section class="card"><h2>Inventory</h2><div class="scroll"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _row(item: Item) -> str:
    last = item.evidence
    against = f"epoch {last.epoch}<br><small>as of {last.as_of}</small>" if last else ""
    shown = f"{escape(last.proof)}<br><small>{breakable(last.source)}</small>" if last else ""
    why = f"<br><small>{escape(item.why)}</small>" if item.why else ""
    made = str(last.made) if last is not None and last.made is not None else ""
    return (
        f"<tr><th>{breakable(item.name)}<small>{item.kind} · {breakable(item.place)}</small></th>"
        f"<td>{item.standing}{why}</td><td>{made}</td><td>{against}</td><td>{shown}</td></tr>"
    )
