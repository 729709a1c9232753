"""A plan's graph as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sealscrub.reports import printable

from .graph_values import GraphValues
from .graph_words import DOES, recomputed

__all__ = ["mermaid"]

_PLAIN = frozenset(" _-.,/()")
_COLOURS = {"seal": "#b3261e", "link": "#2563a8", "orphan": "#7b4bb3", "derived": "#1b7f4d", "rekey": "#7a8594"}


def mermaid(graph: GraphValues) -> str:
    """Write a graph; see :meth:`PlanGraph.to_mermaid`."""
    schemes = {scheme: f"s{at}" for at, scheme in enumerate(dict.fromkeys(seal.scheme for seal in graph.seals))}
    tables = {table.name: f"t{at}" for at, table in enumerate(graph.tables)}
    lines = ["flowchart LR"]
    lines += [f'    {node}(["seals by {_text(scheme)}"])' for scheme, node in schemes.items()]
    lines += [
        f'    {tables[table.name]}["{_text(table.name)}<br/>{_text(DOES.get(table.action, table.action))}"]'
        for table in graph.tables
    ]
    kinds = []
    for kind, edge in _edges(graph, schemes, tables):
        kinds.append(kind)
        lines.append(f"    {edge}")
    for kind, colour in _COLOURS.items():
        numbers = ",".join(str(at) for at, each in enumerate(kinds) if each == kind)
        if numbers:
            lines.append(f"    linkStyle {numbers} stroke:{colour}")
    return "\n".join([*lines, ""])


def _edges(graph: GraphValues, schemes: dict[str, str], tables: dict[str, str]) -> Iterator[tuple[str, str]]:
    for seal in graph.seals:
        yield "seal", f"{schemes[seal.scheme]} {_arrow('==>', [seal.label])} {tables[seal.table]}"
    for link in graph.links:
        yield "link", f"{tables[link.parent]} {_arrow('-->', ['link', link.label])} {tables[link.table]}"
    for link in graph.orphans:
        yield "orphan", f"{tables[link.parent]} {_arrow('-.->', ['orphans', link.label])} {tables[link.table]}"
    for each in graph.derivations:
        what = ["recomputed", recomputed(each.columns)]
        yield "derived", f"{tables[each.source]} {_arrow('-->', what)} {tables[each.table]}"
    for rekey in graph.rekeys:
        origin = tables[rekey.origin or rekey.table]
        yield "rekey", f"{origin} {_arrow('-.->', ['surrogate', rekey.column])} {tables[rekey.table]}"


def _arrow(arrow: str, words: Iterable[str]) -> str:
    label = ": ".join(_text(word) for word in words if word)
    return f'{arrow}|"{label}"|' if label else arrow


def _text(name: str) -> str:
    """Write a name by which no syntax of Mermaid or HTML can be meant: all but plain characters by their numbers."""
    return "".join(char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in printable(name))
