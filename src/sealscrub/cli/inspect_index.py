"""``sealscrub inspect``: what an index says about itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sealscrub.reports import Listing, counted

from . import options as opt

__all__ = ["inspect_index"]


def inspect_index(
    file: Annotated[Path, typer.Argument(help="An index.")],
    *,
    reporting: opt.Reporting,
) -> None:
    """Show the header of an index. It needs no key, and so verifies nothing.

    Example: sealscrub inspect training.sealindex
    """
    from sealscrub.index import read_header
    from sealscrub.index.rule_reviews import reviews_in_words

    reporting.check(Listing)
    header = read_header(file)
    facts = header.facts
    shown: dict[str, object] = {
        "epoch": facts.epoch,
        "as_of": facts.as_of.isoformat(),
        "known_at": facts.known_at,
        "not_after": facts.not_after.isoformat(),
        "uses": list(facts.uses),
        "audience": facts.audience,
        "jurisdictions": dict(facts.jurisdictions),
        "law_enforcement_duties": facts.law_enforcement_duties,
        **({} if facts.holds_prints else {"prints": "none in the data"}),
        **({"reviewed": said} if (said := reviews_in_words(header.reviews)) else {}),
        "entries": header.entries,
        "allow_empty": facts.allow_empty,
        "key_id": header.key_id,
        "schemes": {
            name: {"entries": scheme.entries, "coverage": round(header.covered([name]), 4)}
            for name, scheme in header.schemes.items()
        },
    }
    reporting.say(
        Listing(
            tool="inspect",
            headline="What the index says about itself",
            kind="warn",
            lede="Not verified: that needs the key (scan and scrub verify every byte).",
            facts={name: _value_text(value) for name, value in shown.items()},
            values=shown,
            operators_copy="It counts the keys that the index holds.",
        )
    )


def _facts(facts: str | dict[str, Any]) -> str:
    if isinstance(facts, str):
        return facts or "no table of uses"
    return f"{counted(facts['entries'], 'entry')}, covers {facts['coverage']:.1%}"


def _value_text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} ({_facts(facts)})" for name, facts in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(value)
    return str(value)
