"""``sealscrub inspect``: what an index says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["inspect_index"]


def inspect_index(
    file: Annotated[Path, typer.Argument(help="An index.")],
    format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Show the header of an index. It needs no key, and so verifies nothing.

    Example: sealscrub inspect training.sealindex
    """
    from sealscrub.errors import ConfigError
    from sealscrub.index import read_header

    header = read_header(file)
    facts = header.facts
    shown: dict[str, object] = {
        "epoch": facts.epoch,
        "as_of": facts.as_of.isoformat(),
        "known_at": facts.known_at,
        "not_after": facts.not_after.isoformat(),
        "uses": list(facts.uses),
        "audience": facts.audience,
        "jurisdiction": facts.jurisdiction,
        "rules": facts.rules,
        "law_enforcement_duties": facts.law_enforcement_duties,
        "entries": header.entries,
        "allow_empty": facts.allow_empty,
        "key_id": header.key_id,
        "schemes": {
            name: {"entries": scheme.entries, "coverage": round(header.covered([name]), 4)}
            for name, scheme in header.schemes.items()
        },
    }
    if format == "json":
        typer.echo(json.dumps(shown, indent=2))
    elif format == "text":
        for name, value in shown.items():
            typer.echo(f"{name.replace('_', ' '):12} {_said(value)}")
        typer.echo("not verified: that needs the key (scan and scrub verify every byte)", err=True)
    else:
        raise ConfigError(f"no format is called {format!r}", hint="text or json.")


def _said(value: object) -> str:
    if isinstance(value, dict):
        return (
            ", ".join(f"{n} ({s['entries']:,} entries, covers {s['coverage']:.1%})" for n, s in value.items()) or "none"
        )
    if isinstance(value, list):
        return ", ".join(value)
    return str(value)
