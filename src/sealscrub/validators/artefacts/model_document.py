"""A model audit as a document: the operator's, and in short what may travel."""

from __future__ import annotations

from collections.abc import Iterator

from sealscrub.errors import Spelled
from sealscrub.reports import (
    Case,
    Cell,
    Column,
    Count,
    Document,
    Kind,
    Name,
    Notes,
    Part,
    Rule,
    Share,
    Suite,
    Table,
    Verdicts,
    counted,
)

from .audit_values import ROWS_WANTED, AuditValues

__all__ = ["OPERATOR_COPY", "model_brief", "model_document"]

OPERATOR_COPY = "It says where sealed records are and how many. Keep it on the trusted host."
_HEADLINES = {"found": "Sealed records found", "incomplete": "Not everything was checked", "clean": "Nothing found"}
_KINDS: dict[str, Kind] = {"found": "bad", "incomplete": "warn", "clean": "good"}
_LEARNED_NOTE = "No file shows what forests, boosters, linear models and networks learned from sealed rows."
_FOUND_RULE = Rule(code="found", outcome="failure", message=_HEADLINES["found"])
_INCOMPLETE = Rule(code="incomplete", outcome="error", message=_HEADLINES["incomplete"])
_PLACE = Column("where")


def model_document(audit: AuditValues) -> Document:
    """Say everything of an audit: the operator's copy."""
    files = counted(audit.files, "file")
    ledes = {
        "found": f"What was read of {files} holds records that the index bars.",
        "incomplete": f"Nothing was found in what could be read of {files}, and that is not a clean bill.",
        "clean": f"Everything in {files} was read, and holds no record that the index bars.",
    }
    rows = "none given" if audit.rows is None else Count(audit.rows)
    return Document(
        tool="audit-model",
        kind=_KINDS[audit.verdict],
        headline=_HEADLINES[audit.verdict],
        lede=ledes[audit.verdict],
        facts=_facts(audit) | {"Sealed training rows looked for": rows, "Index": Name(audit.index_id)},
        parts=tuple(_parts(audit)),
        steps=tuple(_steps(audit)),
        closing=(_LEARNED_NOTE,),
        operators_copy=OPERATOR_COPY,
    )


def model_brief(audit: AuditValues) -> Document:
    """Give what may travel of an audit."""
    cases = (
        Case(name="no sealed record", rules=(_FOUND_RULE,) if audit.findings else ()),
        Case(name="complete", rules=() if audit.complete else (_INCOMPLETE,)),
    )
    return Document(
        tool="audit-model",
        kind=_KINDS[audit.verdict],
        headline=_HEADLINES[audit.verdict],
        facts=_facts(audit),
        steps=tuple(_steps(audit, travelling=True)),
        closing=(_LEARNED_NOTE,),
        verdicts=Verdicts(
            run=Suite(name="sealscrub audit-model", classname="audit-model", cases=cases),
            exit_code=audit.exit_code,
            complete=audit.complete,
        ),
    )


def _facts(audit: AuditValues) -> dict[str, Cell]:
    return {
        "Audited": Name(audit.target),
        "Identifiers looked for": Name(", ".join(audit.schemes)),
        "Coverage": Share(audit.coverage, low=bool(audit.too_few)),
        **({"Recall of the links": audit.recall} if audit.recall else {}),
        "Seals as of": f"{audit.as_of.isoformat()}, epoch {audit.epoch}",
        "Valid until": audit.not_after,
    }


def _parts(audit: AuditValues) -> Iterator[Part]:
    if audit.findings:
        yield Table(
            title="Found",
            columns=(_PLACE, Column("what"), Column("records", number=True), Column("sure"), Column("of")),
            rows=tuple(
                (_place(f.file, f.path), f.kind, Count(f.count), f.certainty.value, f.detail) for f in audit.findings
            ),
        )
    if audit.not_checked:
        rows = tuple((_place(n.file, n.path), n.reason) for n in audit.not_checked)
        yield Table(title="Not checked", columns=(_PLACE, Column("why")), rows=rows)
    if audit.notes:
        noted = tuple((_place(n.file, n.path), n.what, Count(n.count)) for n in audit.notes)
        yield Table(title="Notes", columns=(_PLACE, Column("what"), Column("count", number=True)), rows=noted)
    yield Notes(title="What the reader's sandbox leaves open", items=audit.weakenings)


def _place(file: str, path: str) -> str:
    return f"{file}: {path}" if file and path else file or path or "all"


def _steps(audit: AuditValues, *, travelling: bool = False) -> Iterator[str]:
    if audit.findings:
        yield "Train again on scrubbed data, and withdraw this file and its copies."
    if any(ROWS_WANTED in each.reason for each in audit.not_checked):
        give = "Give the training table, and name its key columns"
        yield Spelled(f"{give} (rows, on).", f"{give}: --rows FILE --on SCHEME=COLUMN.")
    if audit.too_few:
        ask = "Ask the custodian for an index with more keys, or a bound on its links, or name more schemes"
        yield f"{ask}." if travelling else f"{ask}: {audit.too_few}."  # whose numbers the facts say
    if any(ROWS_WANTED not in each.reason for each in audit.not_checked):
        yield "Check the unread parts by other means, or remove them."
