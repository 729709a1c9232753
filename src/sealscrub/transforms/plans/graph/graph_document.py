"""What a plan's graph says: the picture, and the same in words."""

from __future__ import annotations

from collections.abc import Iterator

from sealscrub.reports import Cell, Column, Document, Drawing, Name, Number, Table, counted, printable

from .boxes import Card, Wire, cards_and_wires
from .graph_values import GraphValues
from .graph_words import KINDS
from .svg import drawing

__all__ = ["graph_document"]


def graph_document(graph: GraphValues, title: str) -> Document:
    """Say what a graph shows; see :class:`.plan_graph.PlanGraph`."""
    cards, wires = cards_and_wires(graph)
    facts = _facts(graph, cards, wires)
    columns = (Column("table"), Column("what happens to it"), Column("what reaches it"))
    kinds = {wire.kind for wire in wires}
    return Document(
        tool="plan graph",
        of=title,
        kind="good" if graph.seals else "warn",
        headline="how a seal flows through the plan" if graph.seals else "no seal enters the plan",
        lede="Names and rules of a plan: no data was read for it.",
        facts=facts,
        parts=(
            Drawing(title="Graph of the plan", svg=drawing(cards, wires, _summary(facts))),
            Table(title="The same in words", columns=columns, rows=tuple(_rows(cards, wires))),
        ),
        glossary={word: says for kind, (word, says) in KINDS.items() if kind in kinds},
    )


def _facts(graph: GraphValues, cards: dict[str, Card], wires: list[Wire]) -> dict[str, Cell]:
    tables = [card for card in cards.values() if not card.scheme]
    columns = {(each.table, column) for each in graph.derivations for column in each.columns}
    whole = {each.table for each in graph.derivations if not each.columns}
    return {
        "Tables": Number(len(tables)),
        "Seals enter at": Number(len({wire.target for wire in wires if wire.kind == "seal"})),
        "Reached": Number(sum(card.reached for card in tables)),
        "Columns recomputed": Number(len(columns)),
        **({"Tables recomputed as a whole": Number(len(whole))} if whole else {}),
    }


def _summary(facts: dict[str, Cell]) -> str:
    tables, seals, reached, columns, *whole = (each for each in facts.values() if isinstance(each, Number))
    parts = [
        counted(tables, "table"),
        f"seals enter at {seals}",
        f"{reached} reached",
        f"{counted(columns, 'column')} recomputed",
        *(f"{counted(each, 'table')} recomputed as a whole" for each in whole),
    ]
    return ", ".join(parts) + "."


def _rows(cards: dict[str, Card], wires: list[Wire]) -> Iterator[tuple[Cell, ...]]:
    """Give the same in words, for those who do not see the drawing, or search in it."""
    for card in cards.values():
        if not card.scheme:
            yield Name(card.name), card.action, "; ".join(_reach(card, wires))


def _reach(card: Card, wires: list[Wire]) -> Iterator[str]:
    found = [wire for wire in wires if wire.target == card.name]
    if not any(wire.kind != "rekey" for wire in found):
        yield "nothing reaches it"
    for wire in found:
        columns = ", ".join(printable(row.full) for row in card.rows if row.group == wire.group)
        yield f"{KINDS[wire.kind][0]} {columns} ← {printable(wire.source.removeprefix(chr(0)))}"
