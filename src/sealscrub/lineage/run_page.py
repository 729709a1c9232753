"""A page about a run: its lineage as a graph, digests and verdicts. Nothing is fetched, nothing is run."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from sealscrub import __version__
from sealscrub.transforms import Report

from .run_graph import RunGraph

__all__ = ["page_head", "run_page", "table"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --box: #8881; --ok: #1a7f37; --open: #9a6700; --bad: #c0362c; }
@media (prefers-color-scheme: dark) { :root { --ok: #4ac26b; --open: #d4a72c; --bad: #ff7b72; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; } p { margin: .3rem 0 1rem; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
td, th { padding: .35rem .8rem .35rem 0; border-top: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; } code { font-size: .85em; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 12px; }
svg .t { font-weight: 600; font-size: 13px; } svg .h { font-size: 11px; opacity: .7; }
svg rect { fill: var(--box); stroke: var(--line); } svg path { fill: none; stroke: var(--line); stroke-width: 1.5; }
.pass { color: var(--ok); } .open { color: var(--open); } .bad { color: var(--bad); }
.copy { border: 1px solid var(--bad); padding: .5rem .8rem; }
footer { margin-top: 2rem; font-size: .85rem; opacity: .8; }
"""
_WIDTH, _GAP, _HEIGHT, _STEP = 168, 42, 62, 78
_TITLES = ("data", "run", "logged models", "registered versions", "deployed as")
_MOST = 40  # boxes of a column

Box = tuple[str, str, str]  # its id, its title, what stands beneath


def run_page(graph: RunGraph, scrubbed: Report | None = None) -> str:
    """Render a run.

    Parameters
    ----------
    graph : RunGraph
    scrubbed : Report, optional
        What was taken out, by class. With it the page is the operator's copy, and may not travel.

    Returns
    -------
    str
        HTML.
    """
    title = escape(graph.name or graph.run)
    copy = ""
    if scrubbed is not None:
        copy = (
            '<p class="copy">Operator\'s copy: it counts sealed records, and stays on the trusted host.</p>'
            f"<h2>Taken out</h2>{_taken_out(scrubbed)}"
        )
    foot = (
        "It counts what was taken out; the copy in the tracking store does not."
        if scrubbed is not None
        else "It says nothing of how many records were taken out, or whether there were any."
    )
    return f"""{page_head(graph.name or graph.run)}
<h1>{title}</h1>
<p>run <code>{escape(graph.run)}</code>, checked against the index of epoch
{escape(graph.tags.get("sealscrub.epoch", "?"))} as of {escape(graph.tags.get("sealscrub.as_of", "?"))}</p>
{copy}
<h2>Lineage</h2>
{_svg(graph)}
<h2>Verdicts</h2>
{_verdicts(graph)}
<h2>Digests</h2>
{_digests(graph)}
<footer>Made by sealscrub {escape(__version__)}. {foot} Where a version is deployed is as MLflow said when this page was
written.</footer>
</body>
</html>
"""


def page_head(title: str) -> str:
    """Begin a page that lets itself fetch and run nothing, up to its body."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)} · sealscrub</title>
<style>{_STYLE}</style>
</head>
<body>"""


def _columns(graph: RunGraph) -> tuple[list[list[Box]], list[tuple[str, str]]]:
    run = (f"r:{graph.run}", graph.name or "run", graph.run[:12])
    data = [(f"d:{each['name']}", each["name"], str(each["digest"]).rpartition(":")[2][:16]) for each in graph.datasets]
    models = [(f"m:{model}", name, model[:18]) for model, name in graph.models.items()]
    versions: list[Box] = []
    deployed: list[Box] = []
    edges = [(key, run[0]) for key, *_ in data] + [(run[0], key) for key, *_ in models]
    for each in graph.versions:
        key = f"v:{each.name}/{each.version}"
        versions.append((key, f"{each.name} {each.version}", each.taint or "taint not asked"))
        edges.append((f"m:{each.source}" if each.source in graph.models else run[0], key))
        places = [("a", "alias", alias) for alias in each.aliases] + [("e", "endpoint", end) for end in each.endpoints]
        for kind, what, name in places:
            deployed.append((f"{kind}:{each.name}/{name}", name, what))
            edges.append((key, f"{kind}:{each.name}/{name}"))
    return [data, [run], models, versions, deployed], edges


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
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="lineage of the run">{"".join(parts)}</svg>'


def _verdicts(graph: RunGraph) -> str:
    rows = []
    for each in graph.datasets:
        for check, result in sorted(each.get("checks", {}).items()):
            sign, kind = ("passed", "pass") if result == "pass" else ("not checked", "open")
            rows.append([escape(each["name"]), escape(check), f'<span class="{kind}">{sign}</span>'])
    for version in graph.versions:
        said = version.taint or "not asked"
        kind = {"untainted": "pass", "not asked": "open", "possible": "open", "unknown": "open"}.get(said, "bad")
        rows.append(
            [escape(f"{version.name} {version.version}"), "taint", f'<span class="{kind}">{escape(said)}</span>']
        )
    return table(["of", "check", "verdict"], rows)


def _digests(graph: RunGraph) -> str:
    rows = [["index", f"<code>{escape(graph.tags.get('sealscrub.index', ''))}</code>"]]
    for each in graph.datasets:
        rows.append([f"data {escape(each['name'])}", f"<code>{escape(str(each['digest']))}</code>"])
        if each.get("plan"):
            rows.append([f"plan of {escape(each['name'])}", f"<code>{escape(str(each['plan']))}</code>"])
    code = {part: value for each in graph.datasets for part, value in each.get("code", {}).items()}
    seeds = {what: seed for each in graph.datasets for what, seed in each.get("seeds", {}).items()}
    rows += [[escape(part), f"<code>{escape(str(value))}</code>"] for part, value in sorted(code.items())]
    rows += [[f"seed of {escape(what)}", f"<code>{seed}</code>"] for what, seed in sorted(seeds.items())]
    return table(["of", "digest"], rows)


def _taken_out(report: Report) -> str:
    rows = [
        [
            escape(table.name),
            escape(key.scheme),
            escape(key.column),
            *(f"{count:,}" for count in (key.sealed, key.withheld, key.near, key.unparsable)),
        ]
        for table in report.tables
        for key in table.keys
    ]
    removed = "".join(
        f"<p>{escape(table.name)}: {table.removed:,} of {table.rows:,} rows</p>" for table in report.tables
    )
    return removed + table(["table", "scheme", "column", "sealed", "withheld", "near", "unparsable"], rows, numbers=3)


def table(head: Iterable[str], rows: Iterable[list[str]], numbers: int = 99) -> str:
    """Write a table of escaped cells; columns from `numbers` on are set to the right."""

    def cells(texts: Iterable[str], tag: str) -> str:
        return "".join(
            f'<{tag} class="n">{text}</{tag}>' if at >= numbers else f"<{tag}>{text}</{tag}>"
            for at, text in enumerate(texts)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f"<table><tr>{cells(head, 'th')}</tr>{body}</table>"


def _short(text: str) -> str:
    return text if len(text) <= 21 else text[:20] + "…"
