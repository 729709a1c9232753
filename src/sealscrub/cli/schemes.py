"""``sealscrub schemes``: which identifiers are known."""

from __future__ import annotations

import typer

from .shared_options import SchemeFile, load_own_schemes

__all__ = ["schemes"]

_ARTICLE = {"person": "a", "event": "an"}


def schemes(own: SchemeFile = None) -> None:
    """List the schemes that --on and notices can name, and what each names.

    Example: sealscrub schemes --schemes ours.toml
    """
    from rich.console import Console
    from rich.table import Table

    from sealscrub.identifiers import get_scheme, scheme_names

    load_own_schemes(own)
    table = Table("scheme", "names", "title", "other names", box=None, pad_edge=False)
    for name in scheme_names():
        scheme = get_scheme(name)
        names = f"one {scheme.level}" if scheme.published else f"{_ARTICLE[scheme.level]} {scheme.level}: linkage only"
        table.add_row(name, names, scheme.title, ", ".join(scheme.aliases))
    table.add_row("opaque:NAMESPACE", "one arrest", "a system's own id, compared as it is written", "")
    Console(width=110 if not typer.get_text_stream("stdout").isatty() else None).print(table)
