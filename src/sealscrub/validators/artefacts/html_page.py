"""A model audit as one page of HTML: nothing fetched, no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from sealscrub import __version__
from sealscrub.page import Kind, box, page, verdict
from sealscrub.transforms.formats.names import printable

from .rendering import HEADLINES, OPERATOR_COPY, explanation, next_steps
from .report import ModelAudit

__all__ = ["to_html"]

_KINDS: dict[str, Kind] = {"found": "bad", "incomplete": "warn", "clean": "good"}


def to_html(audit: ModelAudit) -> str:
    """Render as one self-contained page."""
    headline = HEADLINES[audit.verdict]
    facts = {
        "Identifiers": ", ".join(audit.schemes),
        "Coverage": f"{audit.coverage:.1%}",
        "Training rows": "none given" if audit.rows is None else f"{audit.rows:,} sealed",
        "Seals as of": f"{audit.as_of.isoformat()} (epoch {audit.epoch})",
    }
    parts = [
        f'<p class="copy"><strong>Operator’s copy.</strong> {escape(OPERATOR_COPY)}</p>',
        "<main>",
        verdict(
            _KINDS[audit.verdict],
            f"sealscrub audit-model · {printable(audit.target)}",
            headline,
            explanation(audit),
            {term: _text(fact) for term, fact in facts.items()},
        ),
        box("next", "What to do", map(printable, next_steps(audit))),
        _table(
            "Found",
            ("File", "Where", "What", "Sure", "Of", "Records"),
            [(f.file, f.path, f.kind, f.certainty.value, f.detail, f"{f.count:,}") for f in audit.findings],
        ),
        _table("Not checked", ("File", "Where", "Why"), [(n.file, n.path, n.reason) for n in audit.not_checked]),
        _table(
            "Notes", ("File", "Where", "What", "Count"), [(n.file, n.path, n.what, f"{n.count:,}") for n in audit.notes]
        ),
        box("note", "What the reader’s sandbox leaves open", map(printable, audit.weakenings)),
        "</main>",
        f"<footer>sealscrub {escape(__version__)} · index <code>{_text(audit.index_id)}</code></footer>",
    ]
    body = "\n".join(part for part in parts if part)
    return page(f"{headline} · sealscrub audit-model", body)


def _text(text: str) -> str:
    return escape(printable(text)) if text else "–"


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    heads = "".join(f'<th scope="col">{name}</th>' for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"""<section class="card"><h2>{title}</h2>
<div class="scroll" role="region" aria-label="{title}" tabindex="0"><table>
<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div></section>"""
