"""HTML: a document as a self-contained page, or in short for a notebook.

A page is one file: no script, nothing fetched, and a policy that says so to the browser. Every text is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from importlib.resources import files
from urllib.parse import quote

from sealscrub import __version__

from .display_names import printable, sentence
from .document import Bars, Column, Document, Drawing, Notes, Part, Table
from .report_cells import Cell, Count, Kind, Link, Name, Share, State, plain

__all__ = ["to_html", "to_snippet"]

_SIGNS: dict[Kind, str] = {
    "good": '<path d="M14 25l7 7 14-15"/>',
    "warn": '<path d="M24 13v14"/><path d="M24 34v.5"/>',
    "bad": '<path d="M16 16l16 16"/><path d="M32 16l-16 16"/>',
}
# the page may fetch nothing and run nothing, whatever a name in it says
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_COLOURS: dict[Kind, str] = {"good": "#2a8a57", "warn": "#b07514", "bad": "#cf3a3a"}
_WIDE_TABLE = 5


def to_html(document: Document) -> str:
    """Render a document as one self-contained page.

    Parameters
    ----------
    document : Document

    Examples
    --------
    >>> "No sealed records found" in to_html(Document(tool="scan", kind="good", headline="No sealed records found"))
    True
    """
    title = f"{document.of}: {document.headline}" if document.of else document.headline
    body = "\n".join(part for part in _body(document) if part)
    return _page(f"{sentence(title)} · sealscrub {document.tool}", body)


def to_snippet(document: Document) -> str:
    """Render a document's verdict, facts and steps as a part of another page, such as a notebook."""
    of = f"<code>{_name(document.of)}</code>: " if document.of else ""
    facts = " · ".join(f"{_html(name)} <strong>{_text(value)}</strong>" for name, value in document.facts.items())
    steps = "".join(f"<li>{_html(step)}</li>" for step in document.steps)
    return (
        f'<div style="border-left:6px solid {_COLOURS[document.kind]};padding:.2em 1em">'
        f"<p><strong>{of}{_html(document.headline)}.</strong> {_html(document.lede)}</p>"
        f"<p>{facts}</p>" + (f"<p>What to do</p><ul>{steps}</ul>" if steps else "") + "</div>"
    )


def _page(title: str, body: str) -> str:
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{_html(title)}</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _body(document: Document) -> Iterator[str]:
    if document.operators_copy:
        yield f'<p class="copy"><strong>Operator’s copy.</strong> {_html(document.operators_copy)}</p>'
    yield "<main>"
    yield _verdict(document)
    warnings = [part for part in document.parts if isinstance(part, Notes) and part.kind == "warn"]
    yield from (_notes(part) for part in warnings)
    yield _box("next", "What to do", document.steps)
    numbered = _number_tables(document.parts)
    yield _overview(numbered)
    for at, part in enumerate(document.parts):
        if part not in warnings:
            yield _part(part, numbered.get(at, (0, part))[0])
    yield _glossary(document.glossary)
    yield "</main>"
    closing = " ".join(_html(text) for text in document.closing)
    yield f"<footer>sealscrub {escape(__version__)} · {escape(document.tool)}. {closing}</footer>"


def _verdict(document: Document) -> str:
    facts = "".join(
        f"<div><dt>{_html(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in document.facts.items()
    )
    of = f" · <code>{_name(document.of)}</code>" if document.of else ""
    lede = f'\n<p class="lede">{_html(document.lede)}</p>' if document.lede else ""
    return f"""<header class="verdict {document.kind}">
<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/>{_SIGNS[document.kind]}</svg>
<div>
<p class="over">sealscrub {escape(document.tool)}{of}</p>
<h1>{_html(document.headline[:1].upper() + document.headline[1:])}</h1>{lede}
</div>
{f'<dl class="facts">{facts}</dl>' if facts else ""}
</header>"""


def _notes(notes: Notes) -> str:
    return _box(notes.kind, notes.title, notes.items, notes.links)


def _box(kind: str, title: str, items: Iterable[str], links: Mapping[str, str] | None = None) -> str:
    entries = "".join(f"<li>{_linked_sentence(item, links or {})}</li>" for item in items)
    return f'<section class="box {kind}"><h2>{_html(title)}</h2><ul>{entries}</ul></section>' if entries else ""


def _linked_sentence(text: str, links: Mapping[str, str]) -> str:
    """Say a sentence in which some words lead to a page; of two that begin alike the longer one does."""
    names = {_html(name): address for name, address in links.items() if _html(name)}
    if not names:
        return _html(text)
    longest = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(longest, lambda found: f'<a href="{escape(names[found[0]])}">{found[0]}</a>', _html(text))


def _part(part: Part, number: int) -> str:
    match part:
        case Table():
            return _table(part, number)
        case Notes():
            return _notes(part)
        case Bars():
            return _bars(part)
        case Drawing(title=title, svg=svg, words=words, wide=wide):
            cue = _scroll(title, svg, wide=wide)
            items = "".join(f"<li>{_html(item)}</li>" for item in words)
            said = f'<details><summary>In words</summary><ul class="notes">{items}</ul></details>' if words else ""
            return f'<section class="card"><h2>{_html(title)}</h2>{cue}{said}</section>'


def _number_tables(parts: tuple[Part, ...]) -> dict[int, tuple[int, Table]]:
    """Number the tables of a document that say how they stand, by their places in it."""
    found = [(at, part) for at, part in enumerate(parts) if isinstance(part, Table) and part.state is not None]
    return {at: (number, part) for number, (at, part) in enumerate(found, 1)}


def _overview(numbered: Mapping[int, tuple[int, Table]]) -> str:
    if len(numbered) < 2:
        return ""
    rows = "".join(
        f'<tr><th scope="row"><a href="#table-{number}">{_name(table.title)}</a></th>'
        f"<td>{_text(table.state)}</td><td>{_html(', '.join(table.facts))}</td></tr>"
        for number, table in numbered.values()
    )
    grid = _grid((Column("Table"), Column("State"), Column("In short")), rows, "All tables")
    return f'<section class="card overview"><h2>All tables</h2>{grid}</section>'


def _table(table: Table, number: int) -> str:
    state = f"\n{_text(table.state)}" if table.state is not None else ""
    facts = f'<p class="sum">{_html(" · ".join(table.facts))}</p>' if table.facts else ""
    notes = "".join(f"<li>{_html(note)}</li>" for note in table.notes)
    grid = ""
    if table.rows:
        body = "\n".join(_row(row, table.columns) for row in table.rows)
        grid = _grid(table.columns, body, table.title)
    if table.folded:
        notes = f'<ul class="notes">{notes}</ul>' if notes else ""
        summary = f"<summary><h2>{_name(table.title)}</h2></summary>"
        return f'<details class="card">{summary}{facts}{grid}{notes}</details>'
    mark = f' id="table-{number}"' if number else ""
    return f"""<section class="card"{mark}>
<div class="title"><h2>{_name(table.title)}</h2>{state}</div>
{facts}{grid}{f'<ul class="notes">{notes}</ul>' if notes else ""}
</section>"""


def _grid(columns: tuple[Column, ...], body: str, label: str) -> str:
    """Lay out rows: of few columns as narrow as a phone is, of many so that they can be swiped."""
    few = len(columns) < _WIDE_TABLE
    kind = ' class="few"' if few else ""
    return _scroll(label, f"<table{kind}>{_heads(columns)}\n<tbody>{body}</tbody></table>", wide=not few)


def _scroll(label: str, inner: str, *, wide: bool = False) -> str:
    cue = '<p class="cue" aria-hidden="true">Swipe sideways for more →</p>' if wide else ""
    named = escape(printable(label))
    return f'{cue}<div class="scroll" role="region" aria-label="{named}" tabindex="0">{inner}</div>'


def _heads(columns: tuple[Column, ...]) -> str:
    cells = []
    for column in columns:
        name = _html(column.name[:1].upper() + column.name[1:])
        linked = f'<a href="#word-{column.word}">{name}</a>' if column.word else name
        cells.append(f'<th scope="col"{_right(column)}>{linked}</th>')
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _row(row: tuple[Cell, ...], columns: tuple[Column, ...]) -> str:
    first, *rest = zip(row, columns, strict=True)
    said = "" if first[0] == "" else _text(first[0])  # the same as in the row above
    cells = [f'<th scope="row">{said}</th>' if not first[1].number else _cell(*first)]
    return f"<tr>{''.join([*cells, *(_cell(cell, column) for cell, column in rest)])}</tr>"


def _cell(cell: Cell, column: Column) -> str:
    if isinstance(cell, Count):
        return f'<td class="number {cell.tone if cell.number else "none"}">{plain(cell)}</td>'
    if isinstance(cell, Share):
        width = max(0.0, min(1.0, cell.share)) * 100
        low = " low" if cell.low else ""
        filled = f'<span class="bar{low}" aria-hidden="true"><span style="width:{width:.1f}%"></span></span>'
        return f'<td class="coverage">{filled}{plain(cell)}</td>'
    return f"<td{_right(column)}>{_text(cell)}</td>"


def _right(column: Column) -> str:
    return ' class="number"' if column.number else ""


def _text(cell: Cell) -> str:
    if isinstance(cell, State):
        return f'<span class="state {cell.kind}">{escape(plain(cell))}</span>'
    if isinstance(cell, Name):
        return _name(cell.text)
    if isinstance(cell, Link):
        return f'<a href="{escape(quote(cell.to))}">{_name(cell.text)}</a>'
    return escape(plain(cell)) or "–"


def _name(text: str) -> str:
    """Say a name, so that a long one may break after a dot, a slash or an underscore."""
    return re.sub(r"[./_]", r"\g<0><wbr>", escape(printable(text)))


def _html(text: str) -> str:
    return escape(sentence(text)) if text else ""


def _bars(chart: Bars) -> str:
    """Draw a bar for each name, in parts, as wide as the page lets it; with a number next to it."""
    if not chart.bars:
        return ""
    numbers = {name: [_number(value) for value in bar] for name, bar in chart.bars.items()}
    most = max(1, *(sum(bar) for bar in numbers.values()))
    drawn = []
    for name, bar in numbers.items():
        parts = "".join(
            f'<span style="width:{number / most * 100:.2f}%;background:var({colour})" '
            f'title="{escape(printable(name))}: {number:,} {_html(series)}"></span>'
            for (series, colour), number in zip(chart.series.items(), bar, strict=True)
            if number
        )
        track = f'<span class="track">{parts}</span>'
        drawn.append(f"<li><span>{_name(name)}</span>{track}<span>{sum(bar):,}</span></li>")
    legend = " · ".join(f'<span style="color:var({c})">■</span> {_html(s)}' for s, c in chart.series.items())
    bars = f'<ul class="bars">{"".join(drawn)}</ul>'
    return f'<section class="card"><h2>{_html(chart.title)}</h2><p class="sum">{legend}</p>{bars}</section>'


def _number(value: int | Count) -> int:
    return value.number if isinstance(value, Count) else value


def _glossary(words: Mapping[str, str]) -> str:
    entries = "".join(
        f'<div id="word-{escape(word)}"><dt>{escape(word[:1].upper() + word[1:])}</dt><dd>{_html(meaning)}</dd></div>'
        for word, meaning in words.items()
    )
    return f'<section class="card words"><h2>What the words mean</h2><dl>{entries}</dl></section>' if entries else ""
