"""What a certificate says, for a terminal: every text in it is its signer's, and none may draw a line of ours."""

from __future__ import annotations

from collections.abc import Iterator

from sealscrub.certificates import Statement
from sealscrub.reports import printable, shortened

__all__ = ["columns_of", "facts_of", "unchecked"]

_WIDTH = 66  # with what is before it, no text reaches the end of a line of 80 cells
_NOTE = 120  # the report breaks and indents the lines of a note


def facts_of(statement: Statement, key_id: str) -> tuple[tuple[str, str], ...]:
    """Rows of what a certificate says, one text a row."""
    predicate = statement.predicate
    index = predicate.index
    passed = [f"{each.id} {each.detail}" for each in predicate.checks if each.result == "pass"]
    facts = [
        ("about", [each.name for each in statement.subject]),
        ("table", [f"{each.format} {each.table}" for each in statement.versions()]),
        ("version", [each.version or "none" for each in statement.versions()]),
        ("signed by", [f"{predicate.signer}, key {key_id[:16]}"]),
        ("issued", [predicate.issued_at]),
        ("until", [predicate.not_after]),
        ("index", [f"epoch {index.epoch} as of {index.as_of}, {index.id[:16]}"]),
        ("keys", [f"{'+'.join(key.columns)} ({key.scheme})" for key in predicate.keys] or ["none"]),
        ("accepted", [", ".join(predicate.accepted) or "nothing"]),
        *([("coverage", [f"{predicate.min_coverage} or more of the seals"])] if predicate.min_coverage else []),
        ("recall", [f"{scheme} {said}" for scheme, said in sorted((predicate.recall or {}).items())]),
        ("law", [f"{place}: {said}" for place, said in sorted((predicate.reviewed or {}).items())]),
        ("checked", passed or ["nothing"]),
    ]
    return tuple((name if not at else "", _line(text)) for name, texts in facts for at, text in enumerate(texts))


def columns_of(statement: Statement) -> str:
    """Key columns of the certified dataset."""
    return ", ".join(shortened(printable("+".join(key.columns)), 40) for key in statement.predicate.keys)


def unchecked(statement: Statement) -> list[str]:
    """What was not checked when the certificate was issued: what it says so of, and what it says nothing of."""
    said = [f"{each.id}: {each.detail}" for each in statement.predicate.checks if each.result != "pass"]
    return [_line(text, _NOTE) for text in (*said, *_unsaid(statement))]


def _unsaid(statement: Statement) -> Iterator[str]:
    checks = statement.predicate.checks
    there = {each.id for each in checks}
    if statement.content() is not None and "rowScan" not in there:
        yield "rowScan: it does not say that the rows were scanned"
    about = {each.detail.partition(": not all")[0] for each in checks if each.id == "artefactScan"}
    for name in statement.files():
        if name not in about:
            yield f"artefactScan: it does not say that this was: {name}"
    if "nullity" not in there:
        yield "nullity: it does not say that the code was tested"


def _line(text: str, width: int = _WIDTH) -> str:
    return shortened(printable(" ".join(text.split())), width)
