"""Pages that stand alone: one file, no script, nothing fetched, and a policy that says so to the browser.

Every report of every room is such a page. What is handed in as HTML has been escaped by who wrote it; what is handed
in as text is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from typing import Literal

__all__ = ["Kind", "box", "breakable", "page", "verdict"]

Kind = Literal["good", "warn", "bad"]

_SIGNS: dict[Kind, str] = {
    "good": '<path d="M14 25l7 7 14-15"/>',
    "warn": '<path d="M24 13v14"/><path d="M24 34v.5"/>',
    "bad": '<path d="M16 16l16 16"/><path d="M32 16l-16 16"/>',
}
# the page may fetch nothing and run nothing, whatever a name in it says
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title: str, body: str, *, style: str | None = None) -> str:
    """Put a body into a page.

    Parameters
    ----------
    title : str
        Text.
    body : str
        HTML.
    style : str, optional
        CSS; by default that of reports.

    Returns
    -------
    str
    """
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8") if style is None else style
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def verdict(kind: Kind, over: str, heading: str, lede: str, facts: Mapping[str, str]) -> str:
    """Head a report: a sign, its verdict in words, and some facts.

    Parameters
    ----------
    kind : {"good", "warn", "bad"}
    over : str
        What the report is of; text, above the heading.
    heading, lede : str
        Text.
    facts : mapping of str to str
        HTML, by its term.

    Returns
    -------
    str
        HTML.
    """
    items = "".join(f"<div><dt>{term}</dt><dd>{fact}</dd></div>" for term, fact in facts.items())
    return f"""<header class="verdict {kind}">
<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/>{_SIGNS[kind]}</svg>
<div>
<p class="over">{escape(over)}</p>
<h1>{escape(heading)}</h1>
<p class="lede">{escape(lede)}</p>
</div>
<dl class="facts">{items}</dl>
</header>"""


def box(kind: str, title: str, items: Iterable[str]) -> str:
    """List sentences under a title, or give nothing where there is none.

    Parameters
    ----------
    kind : str
        ``warn``, ``note`` or ``next``.
    title : str
        HTML.
    items : iterable of str
        Text.

    Returns
    -------
    str
        HTML.
    """
    entries = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f'<section class="box {kind}"><h2>{title}</h2><ul>{entries}</ul></section>' if entries else ""


def breakable(name: str) -> str:
    """Escape a name, so that a long one may break after a dot, a slash or an underscore."""
    return re.sub(r"[./_]", r"\g<0><wbr>", escape(name))
