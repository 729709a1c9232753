"""A model audit as one page of HTML: nothing fetched, no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from sealscrub import __version__
from sealscrub.transforms.formats.names import printable

from .rendering import HEADLINES, OPERATOR_COPY, explanation, next_steps
from .report import ModelAudit

__all__ = ["to_html"]

_KINDS = {"found": "bad", "incomplete": "warn", "clean": "good"}
_SIGNS = {
    "clean": '<path d="M14 25l7 7 14-15"/>',
    "incomplete": '<path d="M24 13v14"/><path d="M24 34v.5"/>',
    "found": '<path d="M16 16l16 16"/><path d="M32 16l-16 16"/>',
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def to_html(audit: ModelAudit) -> str:
    """Render as one self-contained page."""
    style = files("sealscrub.transforms.formats").joinpath("html.css").read_text(encoding="utf-8")
    headline = HEADLINES[audit.verdict]
    facts = {
        "Identifiers": ", ".join(audit.schemes),
        "Coverage": f"{audit.coverage:.1%}",
        "Training rows": "none given" if audit.rows is None else f"{audit.rows:,} sealed",
        "Seals as of": f"{audit.as_of.isoformat()} (epoch {audit.epoch})",
    }
    items = "".join(f"<div><dt>{_text(term)}</dt><dd>{_text(fact)}</dd></div>" for term, fact in facts.items())
    parts = [
        f'<p class="copy"><strong>Operator’s copy.</strong> {escape(OPERATOR_COPY)}</p>',
        "<main>",
        f"""<header class="verdict {_KINDS[audit.verdict]}">
<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/>{_SIGNS[audit.verdict]}</svg>
<div><p class="over">sealscrub audit-model · {_text(audit.target)}</p><h1>{escape(headline)}</h1>
<p class="lede">{escape(explanation(audit))}</p></div>
<dl class="facts">{items}</dl>
</header>""",
        _box("next", "What to do", next_steps(audit)),
        _table(
            "Found",
            ("File", "Where", "What", "Sure", "Of", "Records"),
            [(f.file, f.path, f.kind, f.certainty.value, f.detail, f"{f.count:,}") for f in audit.findings],
        ),
        _table("Not checked", ("File", "Where", "Why"), [(n.file, n.path, n.reason) for n in audit.not_checked]),
        _table(
            "Notes", ("File", "Where", "What", "Count"), [(n.file, n.path, n.what, f"{n.count:,}") for n in audit.notes]
        ),
        _box("note", "What the reader’s sandbox leaves open", audit.weakenings),
        "</main>",
        f"<footer>sealscrub {escape(__version__)} · index <code>{_text(audit.index_id)}</code></footer>",
    ]
    body = "\n".join(part for part in parts if part)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{escape(headline)} · sealscrub audit-model</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _text(text: str) -> str:
    return escape(printable(text)) if text else "–"


def _box(kind: str, title: str, items: Sequence[str]) -> str:
    entries = "".join(f"<li>{_text(item)}</li>" for item in items)
    return f'<section class="box {kind}"><h2>{title}</h2><ul>{entries}</ul></section>' if entries else ""


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    heads = "".join(f'<th scope="col">{name}</th>' for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"""<section class="card"><h2>{title}</h2>
<div class="scroll" role="region" aria-label="{title}" tabindex="0"><table>
<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div></section>"""
