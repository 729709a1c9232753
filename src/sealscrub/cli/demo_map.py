"""The demo's map: arrests by cell of the generated city, as stored, after a row drop, and after a plan."""

from __future__ import annotations

from bisect import bisect_right
from html import escape

import polars as pl

__all__ = ["hot_spots"]

_SIDE = 300
_GAP = 24
_TOP = 62
_FROM = (1, 5, 10, 20, 40)
"""The least arrests of a cell of each shade."""
_STYLE = """
    .hot text { font: 14px system-ui, sans-serif; fill: #1f2328 }
    .hot .what { font-weight: 600 }
    .hot .soft { fill: #59636e }
    .hot .ground { fill: #fff; stroke: #d1d9e0 }
    .hot .s0 { fill: #d5dfe8 } .hot .s1 { fill: #9dbdd2 } .hot .s2 { fill: #5a93b5 } .hot .s3 { fill: #1f6489 }
    .hot .s4 { fill: #08304a }
    @media (prefers-color-scheme: dark) {
      .hot text { fill: #f0f6fc }
      .hot .soft { fill: #9198a1 }
      .hot .ground { fill: #0d1117; stroke: #3d444d }
      .hot .s0 { fill: #22323f } .hot .s1 { fill: #2e5871 } .hot .s2 { fill: #3f8bb3 } .hot .s3 { fill: #7cc4ea }
      .hot .s4 { fill: #e6f5ff }
    }"""


def hot_spots(maps: dict[str, pl.DataFrame]) -> str:
    """Draw maps beside each other, in one frame and one scale: the more arrests a cell has, the stronger its shade.

    Parameters
    ----------
    maps : dict of str to polars.DataFrame
        By what each is of, cells as `cell_x`, `cell_y` and `arrests`.

    Returns
    -------
    str
        An SVG, readable on a light and a dark ground, on paper and without colour.
    """
    every = pl.concat(list(maps.values()))
    across, along = (every[name].to_list() or [0] for name in ("cell_x", "cell_y"))
    left, low = min(across), min(along)
    wide, high = max(across) - left + 1, max(along) - low + 1
    scale = _SIDE / max(wide, high)
    width, height = len(maps) * (_SIDE + _GAP) + _GAP, _TOP + _SIDE + 60
    summary = "; ".join(f"{name}: {cells.height:,} cells with arrests" for name, cells in maps.items())
    lines = [
        f'<svg class="hot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(summary)}" style="width:100%;min-width:44rem">',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="6"/>',
    ]
    for number, (name, cells) in enumerate(maps.items()):
        at = _GAP + number * (_SIDE + _GAP)
        lines += [
            f'<text class="what" x="{at}" y="30">{escape(name)}</text>',
            f'<text class="soft" x="{at}" y="49">{cells.height:,} cells with arrests</text>',
            f'<g transform="translate({at} {_TOP}) scale({scale:.4f})">',
            *(f'<path class="s{shade}" d="{path}"/>' for shade, path in _shades(cells, left, low, high)),
            "</g>",
        ]
    return "".join([*lines, *_legend(_TOP + _SIDE + 22), "</svg>"])


def _shades(cells: pl.DataFrame, left: int, low: int, high: int) -> list[tuple[int, str]]:
    """Give the squares of each shade as one path; north is up."""
    squares: dict[int, list[str]] = {}
    for x, y, arrests in cells.select("cell_x", "cell_y", "arrests").rows():
        shade = bisect_right(_FROM, arrests) - 1
        squares.setdefault(shade, []).append(f"M{x - left} {high - 1 - (y - low)}h1v1h-1z")
    return sorted((shade, "".join(parts)) for shade, parts in squares.items())


def _legend(top: int) -> list[str]:
    lines = [f'<text class="soft" x="{_GAP}" y="{top + 13}">arrests in a cell:</text>']
    for shade, least in enumerate(_FROM):
        at = _GAP + 130 + 80 * shade
        last = f"–{_FROM[shade + 1] - 1}" if shade + 1 < len(_FROM) else " or more"
        lines.append(f'<rect class="s{shade}" x="{at}" y="{top}" width="16" height="16"/>')
        lines.append(f'<text class="soft" x="{at + 22}" y="{top + 13}">{least}{last}</text>')
    return lines
