"""A run as a report: its lineage as a graph, digests and verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from sealscrub.reports import Cell, Column, Count, Document, Drawing, Kind, Name, Reported, State, Table, counted
from sealscrub.transforms import Report

from .lineage_graph import RunGraph

__all__ = ["RunReport"]

_WIDTH, _GAP, _HEIGHT, _STEP = 168, 42, 62, 78
_TITLES = ("data", "run", "logged models", "registered versions", "deployed as")
_MOST = 40  # boxes of a column

Box = tuple[str, str, str]  # its id, its title, what is beneath


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport(Reported):
    """A run: its lineage as a graph, digests and verdicts.

    Parameters
    ----------
    graph : RunGraph
    scrubbed : Report, optional
        What was removed, by class. With it the report is the operator's copy, and may not travel.
    """

    graph: RunGraph
    scrubbed: Report | None = None

    def _facts(self) -> Mapping[str, Any]:
        removed = {} if self.scrubbed is None else {"scrubbed": json.loads(self.scrubbed.to_json())}
        return {**self.graph.document(), **removed}

    def _document(self) -> Document:
        brief = self._brief()
        if self.scrubbed is None:
            return brief
        return replace(
            brief,
            parts=(_removed(self.scrubbed), *brief.parts),
            closing=("It counts what was removed; the copy in the tracking store does not.",),
            operators_copy="It counts sealed records, and stays on the trusted host.",
        )

    def _brief(self) -> Document:
        graph, rows = self.graph, _verdicts(self.graph)
        states = [row[2].kind for row in rows if isinstance(row[2], State)]
        bad, passed = "bad" in states, bool(states) and set(states) == {"good"}
        left = dict.fromkeys(
            str(check) for _, check, state in rows if isinstance(state, State) and state.kind == "warn"
        )
        missing = f"Not known, or not checked: {', '.join(left)}. " if left else ""
        return Document(
            tool="run",
            of=graph.name or graph.run,
            kind="bad" if bad else "good" if passed else "warn",
            headline="a model is tainted" if bad else "checked" if passed else "not everything was checked",
            lede=f"{missing}Deployments are as in MLflow when this page was written.",
            facts={
                "Run": Name(graph.run),
                "Index": Name(graph.tags["sealscrub.index"]) if "sealscrub.index" in graph.tags else None,
                "Seals as of": f"{graph.tags.get('sealscrub.as_of', '?')}, epoch "
                f"{graph.tags.get('sealscrub.epoch', '?')}",
            },
            parts=(
                Drawing(title="Lineage", svg=_svg(graph)),
                Table(title="Data, runs and models", columns=(Column("from"), Column("to")), rows=tuple(_steps(graph))),
                Table(title="Verdicts", columns=(Column("of"), Column("check"), Column("verdict")), rows=rows),
                Table(title="Digests", columns=(Column("of"), Column("digest")), rows=tuple(_digests(graph))),
            ),
            steps=("Train the tainted model again on scrubbed data.",) if bad else (),
            closing=("It says nothing about how many records were removed, or whether there were any.",),
        )


def _columns(graph: RunGraph) -> tuple[list[list[Box]], list[tuple[str, str]]]:
    run = (f"r:{graph.run}", graph.name or "run", graph.run[:12])
    data = [(f"d:{each['name']}", each["name"], str(each["digest"]).rpartition(":")[2][:16]) for each in graph.datasets]
    models = [(f"m:{model}", name, model[:18]) for model, name in graph.models.items()]
    versions: list[Box] = []
    deployed: list[Box] = []
    edges = [(key, run[0]) for key, *_ in data] + [(run[0], key) for key, *_ in models]
    for each in graph.versions:
        key = f"v:{each.name}/{each.version}"
        versions.append((key, f"{each.name} {each.version}", each.taint or "taint not checked"))
        edges.append((f"m:{each.source}" if each.source in graph.models else run[0], key))
        places = [("a", "alias", alias) for alias in each.aliases] + [("e", "endpoint", end) for end in each.endpoints]
        for kind, what, name in places:
            deployed.append((f"{kind}:{each.name}/{name}", name, what))
            edges.append((key, f"{kind}:{each.name}/{name}"))
    return [data, [run], models, versions, deployed], edges


def _steps(graph: RunGraph) -> Iterator[tuple[Cell, ...]]:
    """Give the lines of the picture in words."""
    columns, edges = _columns(graph)
    named = {key: f"{title}: {name}" for title, column in zip(_TITLES, columns, strict=True) for key, name, _ in column}
    yield from ((Name(named[start]), Name(named[end])) for start, end in edges if start in named and end in named)


def _svg(graph: RunGraph) -> str:
    columns, edges = _columns(graph)
    shown = [column[:_MOST] for column in columns]
    height = 34 + max(len(column) for column in shown) * _STEP
    width = len(columns) * (_WIDTH + _GAP) - _GAP
    places: dict[str, tuple[float, float]] = {}
    parts = []
    for at, (heading, column) in enumerate(zip(_TITLES, shown, strict=True)):
        left = at * (_WIDTH + _GAP)
        left_out = len(columns[at]) - len(column)
        more = f" (and {left_out} more)" if left_out else ""
        parts.append(f'<text class="h" x="{left}" y="14">{heading}{more}</text>')
        top = 28 + (height - 34 - len(column) * _STEP) / 2
        for row, (key, name, beneath) in enumerate(column):
            y = top + row * _STEP
            places[key] = (left, y + _HEIGHT / 2)
            parts.append(
                f"<g><title>{escape(name)}</title>"
                f'<rect x="{left}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>'
                f'<text class="t" x="{left + 12}" y="{y + 26:g}">{escape(_short(name))}</text>'
                f'<text x="{left + 12}" y="{y + 46:g}">{escape(_short(beneath))}</text></g>'
            )
    for start, end in edges:
        if start in places and end in places:
            (x, y), (to_x, to_y) = places[start], places[end]
            x += _WIDTH
            middle = (x + to_x) / 2
            parts.append(f'<path d="M{x} {y:g} C{middle:g} {y:g} {middle:g} {to_y:g} {to_x} {to_y:g}"/>')
    head = f'<svg class="lineage" viewBox="0 0 {width} {height}" role="img" aria-label="lineage of the run">'
    return f"{head}{''.join(parts)}</svg>"


def _verdicts(graph: RunGraph) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    for each in graph.datasets:
        for check, result in sorted(each.get("checks", {}).items()):
            state = State("good", "passed") if result == "pass" else State("warn", "not checked")
            rows.append((Name(each["name"]), check, state))
    kinds: dict[str, Kind] = {"untainted": "good", "not checked": "warn", "possible": "warn", "unknown": "warn"}
    for version in graph.versions:
        said = version.taint or "not checked"
        rows.append((Name(f"{version.name} {version.version}"), "taint", State(kinds.get(said, "bad"), said)))
    return tuple(rows)


def _digests(graph: RunGraph) -> Iterator[tuple[Cell, ...]]:
    for each in graph.datasets:
        yield f"data {each['name']}", str(each["digest"])
        if each.get("plan"):
            yield f"plan of {each['name']}", str(each["plan"])
    code = {part: value for each in graph.datasets for part, value in each.get("code", {}).items()}
    seeds = {what: seed for each in graph.datasets for what, seed in each.get("seeds", {}).items()}
    yield from ((part, str(value)) for part, value in sorted(code.items()))
    yield from ((f"seed of {what}", str(seed)) for what, seed in sorted(seeds.items()))


def _removed(report: Report) -> Table:
    counts = ("sealed", "withheld", "near", "unparsable")
    return Table(
        title="Removed",
        columns=(Column("table"), Column("scheme"), Column("column"), *(Column(name, number=True) for name in counts)),
        rows=tuple(
            (
                Name(table.name),
                Name(key.scheme),
                Name(key.column),
                *map(Count, (key.sealed, key.withheld, key.near, key.unparsable)),
            )
            for table in report.tables
            for key in table.keys
        ),
        notes=tuple(f"{table.name}: {table.removed:,} of {counted(table.rows, 'row')}" for table in report.tables),
    )


def _short(text: str) -> str:
    return text if len(text) <= 21 else text[:20] + "…"
