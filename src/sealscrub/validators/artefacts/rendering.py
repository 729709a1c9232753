"""A model audit as text, JSON and JUnit XML."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from xml.etree import ElementTree

from sealscrub import __version__
from sealscrub.transforms.formats.names import printable

from .report import ModelAudit

__all__ = ["HEADLINES", "OPERATOR_COPY", "explanation", "next_steps", "to_json", "to_junit", "to_text"]

OPERATOR_COPY = "It says where sealed records are and how many. Keep it on the trusted host."
HEADLINES = {"found": "Sealed records found", "incomplete": "Not everything was checked", "clean": "Nothing found"}
_WIDTH = 100


def explanation(audit: ModelAudit) -> str:
    """The verdict in a sentence."""
    files = f"{audit.files} file{'' if audit.files == 1 else 's'}"
    if audit.verdict == "found":
        return f"What was read of {files} holds records that the index bars."
    if audit.verdict == "incomplete":
        return f"Nothing was found in what could be read of {files}, and that is no clean bill."
    return f"Everything in {files} was read, and holds no record that the index bars."


def next_steps(audit: ModelAudit) -> list[str]:
    """What to do about it."""
    steps = []
    if audit.findings:
        steps.append("Train anew on scrubbed data, and withdraw this file and its copies.")
    if any("--rows" in each.reason for each in audit.not_checked):
        steps.append("Give the training table: --rows train.parquet --on SCHEME=COLUMN.")
    if audit.coverage < audit.min_coverage:
        steps.append("Ask the custodian for an index with more keys, or name more schemes.")
    if any("--rows" not in each.reason for each in audit.not_checked):
        steps.append("Look at what could not be read by other means, or take it out.")
    return steps


def to_text(audit: ModelAudit) -> str:
    """Render for a terminal."""
    lines = textwrap.wrap(f"{HEADLINES[audit.verdict]}. {explanation(audit)}", _WIDTH)
    lines += [
        "",
        f"Index       epoch {audit.epoch}, as of {audit.as_of.isoformat()}, valid until {audit.not_after.isoformat()}",
        f"Looked for  identifiers: {', '.join(audit.schemes)} (coverage {audit.coverage:.1%})",
        f"            training rows: {'none given' if audit.rows is None else f'{audit.rows:,} sealed'}",
    ]
    lines += _table(
        "Found",
        ("where", "what", "records", "sure", "of"),
        [(_place(f.file, f.path), f.kind, f"{f.count:,}", f.certainty.value, f.detail) for f in audit.findings],
    )
    lines += _table("Not checked", ("where", "why"), [(_place(n.file, n.path), n.reason) for n in audit.not_checked])
    lines += _table(
        "Notes", ("where", "what", "count"), [(_place(n.file, n.path), n.what, f"{n.count:,}") for n in audit.notes]
    )
    lines += _list("What the reader's sandbox leaves open", audit.weakenings)
    lines += _list("What to do", next_steps(audit))
    return "\n".join([*lines, "", f"Operator's copy. {OPERATOR_COPY}", f"sealscrub {__version__}"]) + "\n"


def _place(file: str, path: str) -> str:
    return printable(f"{file}: {path}" if file and path else file or path or "all")


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    cut = [tuple(printable(cell) if cell else "" for cell in row) for row in rows]
    widths = [max(len(row[at]) for row in [head, *cut]) for at in range(len(head))]
    yield from ("", title)
    for row in (head, tuple("─" * width for width in widths), *cut):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _list(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from ("", title)
        for item in items:
            yield from textwrap.wrap(printable(item), _WIDTH, initial_indent="  · ", subsequent_indent="    ")


def to_json(audit: ModelAudit) -> str:
    """Render as JSON."""
    facts = asdict(audit) | {
        "as_of": audit.as_of.isoformat(),
        "not_after": audit.not_after.isoformat(),
        "verdict": audit.verdict,
        "complete": audit.complete,
        "exit_code": audit.exit_code,
        "tool": f"sealscrub {__version__}",
        "copy": f"Operator's copy. {OPERATOR_COPY}",
    }
    return json.dumps(facts, indent=2, ensure_ascii=True) + "\n"


def to_junit(audit: ModelAudit) -> str:
    """Render as JUnit XML: one case for what was found, one for what was read. No counts, no places."""
    root = ElementTree.Element("testsuites", name="sealscrub")
    suite = ElementTree.SubElement(root, "testsuite", name="sealscrub audit-model", tests="2")
    found = ElementTree.SubElement(suite, "testcase", classname="audit-model", name="no sealed record")
    if audit.findings:
        ElementTree.SubElement(found, "failure", type="sealscrub.found", message=HEADLINES["found"])
    read = ElementTree.SubElement(suite, "testcase", classname="audit-model", name="complete")
    if not audit.complete:
        ElementTree.SubElement(read, "error", type="sealscrub.incomplete", message=HEADLINES["incomplete"])
    for element in (root, suite):
        element.set("tests", "2")
        element.set("failures", str(int(bool(audit.findings))))
        element.set("errors", str(int(not audit.complete)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
