"""The drawing itself, as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from sealscrub.reports import printable

from .boxes import HEAD, ROW, Card, Wire, box_of
from .graph_words import KINDS
from .layout import Layout, Point, lay_out

__all__ = ["drawing"]

_MARGIN = 20.0
_ALONE_WIDTH = 900.0
_BEND = 0.5


def drawing(cards: dict[str, Card], wires: Sequence[Wire], label: str) -> str:
    """Draw boxes and lines; boxes without any line are apart, below.

    Parameters
    ----------
    cards : dict of str to Card
        The boxes by name.
    wires : sequence of Wire
        The lines.
    label : str
        What is said about the drawing to those who do not see it.
    """
    joined = {name for wire in wires if wire.source != wire.target for name in (wire.source, wire.target)}
    shown = [card for name, card in cards.items() if name in joined]
    alone = [card for name, card in cards.items() if name not in joined]
    through = [wire for wire in wires if wire.source != wire.target]
    place = lay_out([box_of(card) for card in shown], [(wire.source, wire.target) for wire in through])
    for name, span in place.spans.items():
        cards[name].span = span
    apart = list(_set_apart(alone, place))
    width, height = place.width + 2 * _MARGIN, place.height + 2 * _MARGIN
    parts = [
        *_wires(cards, through, place),
        *_loops(cards, [wire for wire in wires if wire.source == wire.target and wire.kind != "rekey"], place),
        *apart,
        *(part for card in cards.values() for part in _card(card, place.corners[card.name])),
    ]
    return "\n".join(
        [
            f'<svg class="graph" role="img" aria-label="{escape(label)}" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="{-_MARGIN:.0f} {-_MARGIN:.0f} {width:.0f} {height:.0f}">',
            *_markers(),
            *parts,
            "</svg>",
        ]
    )


def _set_apart(alone: Sequence[Card], place: Layout) -> Iterator[str]:
    """Place boxes in rows below the others; what is written above them is returned."""
    if not alone:
        return
    below = place.height + 44.0 if place.corners else 0.0
    if place.corners:
        yield f'<text class="apart" x="0" y="{place.height + 30:.1f}">No line reaches these</text>'
    limit = max(place.width, _ALONE_WIDTH)
    x, high = 0.0, 0.0
    for card in alone:
        if x and x + card.width > limit:
            x, below, high = 0.0, below + high + 18.0, 0.0
        place.corners[card.name] = (x, below)
        place.width = max(place.width, x + card.width)
        x, high = x + card.width + 18.0, max(high, card.height)
    place.height = below + high


def _markers() -> Iterator[str]:
    yield "<defs>"
    for kind in KINDS:
        yield (
            f'<marker id="end-{kind}" class="end {kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
            'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1 L9 5 L0 9 z"/></marker>'
        )
    yield "</defs>"


def _wires(cards: dict[str, Card], wires: Sequence[Wire], place: Layout) -> Iterator[str]:
    beside: Counter[tuple[str, str]] = Counter()
    for at, wire in enumerate(wires):
        ends = (wire.source, wire.target)
        shift, beside[ends] = 7.0 * (beside[ends] % 3), beside[ends] + 1
        source, target = cards[wire.source], cards[wire.target]
        out, into = place.corners[wire.source], place.corners[wire.target]
        end = (into[0], into[1] + target.end_of(wire.group))
        start = (out[0] + source.width, out[1] + (source.height if source.scheme else HEAD) / 2)
        points = [start, *((x, y + shift) for x, y in place.routes[at]), end]
        back = at in place.backward
        yield _line(wire, _line_back(points, source, out, target, into) if back else _path(points), back=back)


def _line(wire: Wire, path: str, *, back: bool = False) -> str:
    kind = f"{wire.kind} back" if back else wire.kind
    return (
        f'<g class="wire {kind}"><path class="near" d="{path}"/>'
        f'<path class="line" d="{path}" marker-end="url(#end-{wire.kind})"/><title>{escape(wire.says)}</title></g>'
    )


def _path(points: Sequence[Point]) -> str:
    """A smooth line that runs to the right at each point."""
    found = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(y1 - y0) < 0.05:
            found.append(f"L{x1:.1f} {y1:.1f}")
        else:
            bend = (x1 - x0) * _BEND
            found.append(f"C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}")
    return " ".join(found)


def _line_back(points: Sequence[Point], source: Card, out: Point, target: Card, into: Point) -> str:
    """A line that runs back to the left: out on the right, below its box, then below the other, and in on the left."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    low, end = out[1] + source.height + 11.0, into[1] + target.height + 11.0
    across = _path([(out[0], low), *points[1:-1], (into[0] + target.width, end)])
    return (
        f"M{x0:.1f} {y0:.1f} C{x0 + 36:.1f} {y0:.1f} {x0 + 36:.1f} {low:.1f} {x0 - 8:.1f} {low:.1f} L{across[1:]} "
        f"L{x1 + 8:.1f} {end:.1f} C{x1 - 36:.1f} {end:.1f} {x1 - 36:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    )


def _loops(cards: dict[str, Card], wires: Sequence[Wire], place: Layout) -> Iterator[str]:
    """Lines from a box to itself, on its right side: from its head to the row."""
    for at, wire in enumerate(wires):
        card, (x, y) = cards[wire.target], place.corners[wire.target]
        right, far = x + card.width, x + card.width + 14 + 4 * (at % 3)
        begin, end = y + HEAD * 0.72, y + card.end_of(wire.group)
        yield _line(wire, f"M{right:.1f} {begin:.1f} C{far:.1f} {begin:.1f} {far:.1f} {end:.1f} {right:.1f} {end:.1f}")


def _card(card: Card, corner: Point) -> Iterator[str]:
    x, y = corner
    kind = "scheme" if card.scheme else "table" if card.reached else "table unreached"
    full = printable(card.name.removeprefix("\0"))
    radius = HEAD / 2 if card.scheme else 8
    yield f'<g class="card {kind}" transform="translate({x:.1f} {y:.1f})">'
    yield f"<title>{escape(full)}</title>"
    yield f'<rect width="{card.width:.1f}" height="{card.height:.1f}" rx="{radius:.0f}"/>'
    middle = f'x="{card.width / 2:.1f}" text-anchor="middle"' if card.scheme else 'x="12"'
    yield f'<text class="name" {middle} y="19">{escape(card.title)}</text>'
    yield f'<text class="does" {middle} y="35">{escape(card.action)}</text>'
    if card.rows:
        yield f'<path class="rule" d="M0 {HEAD - 2:.1f} H{card.width:.1f}"/>'
    for number, row in enumerate(card.rows):
        top = HEAD + number * ROW
        yield f'<g class="row {row.kind}"><title>{escape(printable(row.full))}</title>'
        begin, end = (
            top + (0 if _next_in_group(card, number - 1) else 2),
            top + ROW - (0 if _next_in_group(card, number) else 2),
        )
        yield f'<path class="bar" d="M4 {begin:.1f} V{end:.1f}"/>'
        yield f'<text class="column" x="12" y="{top + 15:.1f}">{escape(row.text)}</text>'
        word = KINDS[row.kind][0]
        yield f'<text class="word" x="{card.width - 10:.1f}" y="{top + 15:.1f}" text-anchor="end">{word}</text></g>'
    yield "</g>"


def _next_in_group(card: Card, number: int) -> bool:
    """Whether the next row is of the same group."""
    return 0 <= number < len(card.rows) - 1 and card.rows[number + 1].group == card.rows[number].group
