"""The page that shows a plan's graph."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from sealscrub import __version__
from sealscrub.reports import page, printable

from .boxes import Card, Wire, cards_and_wires
from .graph_values import GraphValues
from .graph_words import KINDS
from .svg import drawing

__all__ = ["graph_page"]


def graph_page(graph: GraphValues, title: str) -> str:
    """Draw a graph on a page; see :meth:`PlanGraph.to_html`."""
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    cards, wires = cards_and_wires(graph)
    name = escape(printable(title))
    summary = _summary(graph, cards, wires)
    body = f"""<header>
<h1>{name}</h1>
<p>{escape(summary)}</p>
</header>
{_legend({wire.kind for wire in wires})}
<main>
<div class="scroll" role="region" aria-label="Graph of the plan" tabindex="0">
{drawing(cards, wires, summary)}
</div>
{_words(cards, wires)}
</main>
<footer>sealscrub {escape(__version__)} · Names and rules of a plan; no data was read for this page.</footer>"""
    return page(f"{printable(title)} · sealscrub plan graph", body, style=style)


def _summary(graph: GraphValues, cards: dict[str, Card], wires: list[Wire]) -> str:
    tables = [card for card in cards.values() if not card.scheme]
    keyed = {wire.target for wire in wires if wire.kind == "seal"}
    columns = {(each.table, column) for each in graph.derivations for column in each.columns}
    whole = {each.table for each in graph.derivations if not each.columns}
    parts = [
        _count(len(tables), "table"),
        f"seals come in at {len(keyed)}",
        f"{sum(card.reached for card in tables)} reached",
        f"{_count(len(columns), 'column')} recomputed",
        *([f"{_count(len(whole), 'table')} recomputed as a whole"] if whole else []),
    ]
    return ", ".join(parts) + "."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _legend(kinds: set[str]) -> str:
    items = "".join(
        f'<li><svg width="44" height="12" aria-hidden="true" class="wire {kind}">'
        f'<path class="line" d="M2 6 H34"/><path class="tip" d="M34 2 L43 6 L34 10 z"/></svg>'
        f"<span><strong>{word}</strong> {escape(says)}</span></li>"
        for kind, (word, says) in KINDS.items()
        if kind in kinds
    )
    return f'<ul class="legend">{items}</ul>' if items else ""


def _words(cards: dict[str, Card], wires: list[Wire]) -> str:
    """The same in words, for those who do not see the drawing, or search in it."""
    rows = "".join(
        f'<tr><th scope="row">{_name(card.name)}</th><td>{escape(card.action)}</td>'
        f"<td>{''.join(_reach(card, wires))}</td></tr>"
        for card in cards.values()
        if not card.scheme
    )
    return f"""<details>
<summary>The same in words</summary>
<table>
<thead><tr><th scope="col">Table</th><th scope="col">What happens to it</th>
<th scope="col">What reaches it</th></tr></thead>
<tbody>{rows}</tbody>
</table>
</details>"""


def _reach(card: Card, wires: list[Wire]) -> Iterator[str]:
    found = [wire for wire in wires if wire.target == card.name]
    if not any(wire.kind != "rekey" for wire in found):
        yield '<p class="none">Nothing reaches it.</p>'
    for wire in found:
        columns = ", ".join(_name(row.full) for row in card.rows if row.group == wire.group)
        source = _name(wire.source.removeprefix("\0"))
        yield f'<p><span class="dot {wire.kind}"></span>{KINDS[wire.kind][0]} {columns} ← {source}</p>'


def _name(text: str) -> str:
    return f"<code>{escape(printable(text))}</code>"
