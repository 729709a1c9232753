"""The demo's picture: which values are wrong after dropping rows, and after a plan."""

from __future__ import annotations

from html import escape

from .demo_compare import Comparison

__all__ = ["picture"]

_WIDTH = 540
_LEFT_MARGIN = 160  # where bars begin
_LONGEST = 262
_ROW = 26
_TOP_MARGIN = 108
_STYLE = """
    .leaks text { font: 14px system-ui, sans-serif; fill: #1f2328 }
    .leaks .title { font-size: 17px; font-weight: 600 }
    .leaks .name { font: 13px ui-monospace, monospace; text-anchor: end }
    .leaks .small { font-size: 13px; fill: #59636e }
    .leaks .ground { fill: #fff; stroke: #d1d9e0 }
    .leaks .dropped { fill: #b3541e }
    .leaks .planned { stroke: #1a6f8a; stroke-width: 4 }
    @media (prefers-color-scheme: dark) {
      .leaks text { fill: #f0f6fc }
      .leaks .small { fill: #9198a1 }
      .leaks .ground { fill: #0d1117; stroke: #3d444d }
      .leaks .dropped { fill: #e0854a }
      .leaks .planned { stroke: #58b4d1 }
    }"""


def picture(found: Comparison) -> str:
    """Draw the features and labels as bars, as long as the share of rows with a wrong value.

    Parameters
    ----------
    found : Comparison

    Returns
    -------
    str
        An SVG, readable on a light and a dark ground, on paper and without colour.
    """
    height = _TOP_MARGIN + _ROW * len(found.wrong) + 16
    summary = (
        f"After the sealed rows were dropped, {found.contaminated[0]} of {found.columns} columns have wrong values; "
        f"after a plan, {found.contaminated[1]}."
    )
    lines = [
        f'<svg class="leaks" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        'aria-labelledby="t d">',
        '  <title id="t">Values that are wrong in the rows that stay</title>',
        f'  <desc id="d">{escape(summary)}</desc>',
        f"  <style>{_STYLE}\n  </style>",
        f'  <rect class="ground" x=".5" y=".5" width="{_WIDTH - 1}" height="{height - 1}" rx="6"/>',
        f'  <text class="title" x="20" y="32">Values that are wrong in the {found.rows:,} rows that stay</text>',
        '  <rect class="dropped" x="20" y="48" width="14" height="14"/>',
        '  <text class="small" x="40" y="60">after dropping the sealed rows</text>',
        '  <line class="planned" x1="27" y1="70" x2="27" y2="88"/>',
        '  <text class="small" x="40" y="84">after a plan, which computes the columns again</text>',
    ]
    for number, (name, (dropped, planned)) in enumerate(found.wrong.items()):
        lines += _bar(name, dropped, planned, max(1, found.rows), _TOP_MARGIN + _ROW * number)
    return "\n".join([*lines, "</svg>", ""])


def _bar(name: str, dropped: int, planned: int, rows: int, top: int) -> list[str]:
    length, mark = (round(_LONGEST * count / rows, 1) for count in (dropped, planned))
    return [
        f'  <text class="name" x="{_LEFT_MARGIN - 12}" y="{top + 15}">{escape(name)}</text>',
        f'  <rect class="dropped" x="{_LEFT_MARGIN}" y="{top + 3}" width="{length}" height="16"/>',
        f'  <line class="planned" x1="{_LEFT_MARGIN + mark}" y1="{top}" x2="{_LEFT_MARGIN + mark}" y2="{top + 22}"/>',
        f'  <text class="small" x="{_LEFT_MARGIN + length + 10}" y="{top + 16}">{dropped:,} → {planned:,}</text>',
    ]
