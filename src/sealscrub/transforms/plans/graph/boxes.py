"""The boxes of the drawing and the lines between them: what is in a box, and where lines end at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sealscrub.reports import cells, printable, shortened

from .graph_values import GraphValues
from .graph_words import DOES, KINDS
from .layout import Box

__all__ = ["CELL", "HEAD", "ROW", "Card", "CardRow", "Wire", "box_of", "cards_and_wires"]

CELL = 7.25
"""Width of a character of the drawing's text of fixed width."""
HEAD, ROW, FOOT = 46.0, 21.0, 7.0
"""Heights of a box's head, of a row in it, and of what is left below."""

_NAME, _MOST_ROWS, _SIDES = 34, 9, 28.0


@dataclass(slots=True)
class CardRow:
    """A row of a box: a column, and what it is; other rows of its group are one end for lines."""

    kind: str
    text: str
    full: str
    group: int


@dataclass(slots=True)
class Card:
    """A box: a scheme, by which seals enter, or a table."""

    name: str
    title: str
    action: str
    rows: list[CardRow] = field(default_factory=list)
    scheme: bool = False
    reached: bool = False
    span: float = 0.0

    @property
    def width(self) -> float:
        """How wide it is drawn."""
        rows = [cells(row.text) + cells(KINDS[row.kind][0]) + 3 for row in self.rows]
        own = max(cells(self.title) + 1, round(cells(self.action) * 0.92), *rows, 0) * CELL + _SIDES
        return max(own, self.span)

    @property
    def height(self) -> float:
        """How high it is drawn."""
        return HEAD + (len(self.rows) * ROW + FOOT if self.rows else 0)

    def end_of(self, group: int) -> float:
        """How far below its top the lines of a group end."""
        at = [number for number, row in enumerate(self.rows) if row.group == group]
        return HEAD + (at[0] + at[-1] + 1) / 2 * ROW if at else HEAD / 2


@dataclass(frozen=True, slots=True)
class Wire:
    """A line: from which box to which group of rows of another."""

    kind: str
    source: str
    target: str
    group: int
    says: str


def cards_and_wires(graph: GraphValues) -> tuple[dict[str, Card], list[Wire]]:
    """Make the boxes and lines of a graph. A scheme's box has a name that no table has."""
    cards = {_scheme(seal.scheme): _scheme_card(seal.scheme) for seal in graph.seals}
    for table in graph.tables:
        cards[table.name] = Card(
            table.name,
            shortened(printable(table.name), _NAME),
            shortened(printable(DOES.get(table.action, table.action)), _NAME),
        )
    wires: list[Wire] = []
    for seal in graph.seals:
        wires.append(_wire(cards, "seal", _scheme(seal.scheme), seal.table, [seal.label or seal.scheme]))
    for link in graph.links:
        wires.append(_wire(cards, "link", link.parent, link.table, [link.label or "rows"]))
    for link in graph.orphans:
        wires.append(_wire(cards, "orphan", link.parent, link.table, [link.label or "rows"]))
    for rekey in graph.rekeys:
        wires.append(_wire(cards, "rekey", rekey.origin or rekey.table, rekey.table, [rekey.column]))
    wires += _recipe_wires(graph, cards)
    for card in cards.values():
        _shorten(card)
        if not (card.reached or card.scheme) and card.action == DOES["drop"]:
            card.action = "nothing reaches it"
    return cards, wires


def box_of(card: Card) -> Box:
    """What is to be placed of a box: schemes come first."""
    return Box(card.name, card.width, card.height, 0 if card.scheme else 1)


def _scheme(scheme: str) -> str:
    return f"\0{scheme}"


def _scheme_card(scheme: str) -> Card:
    return Card(_scheme(scheme), shortened(printable(scheme), _NAME), "seals enter", scheme=True)


def _wire(cards: dict[str, Card], kind: str, source: str, target: str, columns: Iterable[str]) -> Wire:
    card, columns = cards[target], list(columns)
    card.reached = card.reached or kind != "rekey"
    known = {row.full: row.group for row in card.rows if row.kind == kind}
    group = next((known[each] for each in columns if each in known), None)
    if group is None:
        group = 1 + max((row.group for row in card.rows), default=-1)
        for column in columns:
            card.rows.append(CardRow(kind, shortened(printable(column), _NAME), column, group))
    ends = f"{cards[source].title} → {card.title}"
    return Wire(kind, source, target, group, f"{ends}: {KINDS[kind][0]} {', '.join(map(printable, columns))}")


def _recipe_wires(graph: GraphValues, cards: dict[str, Card]) -> Iterable[Wire]:
    """Lines of recipes: columns that are computed from the same tables are one group."""
    sources: dict[tuple[str, str], set[str]] = {}
    for each in graph.derivations:
        for column in each.columns or ("all columns",):
            sources.setdefault((each.table, column), set()).add(each.source)
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (table, column), read in sources.items():
        groups.setdefault((table, tuple(sorted(read))), []).append(column)
    for (table, read_from), columns in groups.items():
        for source in read_from:
            yield _wire(cards, "derived", source, table, columns)


def _shorten(card: Card) -> None:
    """Leave out rows of a box that would be too high; lines that ended there end where it says how many there are."""
    if len(card.rows) <= _MOST_ROWS:
        return
    kept, rest = card.rows[: _MOST_ROWS - 1], card.rows[_MOST_ROWS - 1 :]
    group = rest[0].group
    left_out = CardRow(rest[0].kind, f"… {len(rest)} more", ", ".join(row.full for row in rest), group)
    card.rows = [*kept, left_out]
