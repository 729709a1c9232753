"""The report of a nullity test of outputs as one self-contained page: no script, nothing fetched. Operator's copy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from sealscrub import __version__
from sealscrub.transforms.formats.names import printable, sentence

from .causes import CAUSES
from .report_words import (
    MEANINGS,
    NEXT_STEPS,
    REMEDIES,
    asked_with,
    meaning,
    shown_cause,
    shown_change,
    shown_channel,
    shown_kinds,
    shown_timing,
    spent,
)

if TYPE_CHECKING:
    from .findings import Finding
    from .report import OutputNullityReport

__all__ = ["output_nullity_html"]

_KINDS = {"PASS": "good", "INTERFERENCE": "bad", "ORACLE": "bad", "AMBIENT_INPUT": "bad"}
_SIGNS = {
    "good": '<path d="M14 25l7 7 14-15"/>',
    "warn": '<path d="M24 13v14"/><path d="M24 34v.5"/>',
    "bad": '<path d="M16 16l16 16"/><path d="M32 16l-16 16"/>',
}
_HEADLINES = {
    "PASS": "No sealed record shows",
    "INTERFERENCE": "Sealed records show in the answers",
    "ORACLE": "Its answers tell which ids are sealed",
    "VACUOUS": "The probes do not reach the data",
    "NONDETERMINISTIC": "One question gets two answers",
    "AMBIENT_INPUT": "It reads something beside its data",
    "NO_SEALED_ROWS": "Nothing to test with",
    "INCONCLUSIVE": "It could not be told",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_COPY = "It counts sealed rows and says where they show: it stays on the trusted host."
_MOST = 300
_MOST_KINDS = 12


def output_nullity_html(report: OutputNullityReport) -> str:
    """Render a report as a page that needs nothing else: the verdict, what shows and by which probes, what to do.

    Parameters
    ----------
    report : OutputNullityReport

    Returns
    -------
    str
        HTML, with a policy that lets it fetch and run nothing.
    """
    style = files("sealscrub.transforms.formats").joinpath("html.css").read_text(encoding="utf-8")
    body = "\n".join(part for part in _parts(report) if part)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{escape(printable(report.function))}: {report.verdict.value} · sealscrub output nullity</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _parts(report: OutputNullityReport) -> Iterator[str]:
    verdict = report.verdict.value
    missing = [f"No probes of the kind “{kind}”: {why}" for kind, why in report.missing.items()]
    yield f'<p class="copy"><strong>Operator’s copy.</strong> {_COPY}</p>'
    yield "<main>"
    yield _verdict(report)
    yield _box("warn", "Why", [sentence(report.reason)] if report.reason else [])
    yield _box("warn", "It was refused", map(printable, report.denied))
    yield _findings(report)
    yield _box("next", "Probable cause", [f"{sentence(CAUSES[cause])} → {REMEDIES[cause]}" for cause in report.causes])
    yield _box("next", "What to do", [] if report.passed else [NEXT_STEPS[verdict]])
    yield _box("note", "What makes the test weaker", map(sentence, [*report.weakenings, *missing]))
    yield _box("note", "Timing (no verdict hangs on it)", map(shown_timing, report.timing))
    yield _words(report)
    yield "</main>"
    code = f"index <code>{escape(printable(report.index_id))}</code>, epoch {report.epoch} · "
    index = code if report.index_id else ""
    yield (
        f"<footer>sealscrub {escape(__version__)} · nullity test of outputs · {index}{spent(report)}. It speaks of "
        "this system on this data, and is not legal advice.</footer>"
    )


def _verdict(report: OutputNullityReport) -> str:
    verdict = report.verdict.value
    kind = _KINDS.get(verdict, "warn")
    planted = " <small>planted</small>" if report.planted else ""
    facts = {
        "System": f"<code>{escape(printable(report.function))}</code>",
        "Sealed ids" if report.running else "Sealed rows in the test": f"{report.sealed_rows:,}{planted}",
        "Probes": f"{sum(report.probes.values()):,}",
        "Parts that differ": f"{len(report.findings)}" if report.findings else "none found",
    }
    items = "".join(f"<div><dt>{term}</dt><dd>{fact}</dd></div>" for term, fact in facts.items())
    return f"""<header class="verdict {kind}">
<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/>{_SIGNS[kind]}</svg>
<div>
<p class="over">sealscrub nullity test of outputs · {verdict}</p>
<h1>{_HEADLINES[verdict]}</h1>
<p class="lede">{escape(meaning(report))} {escape(asked_with(report))}</p>
</div>
<dl class="facts">{items}</dl>
</header>"""


def _box(kind: str, title: str, items: Iterable[str]) -> str:
    entries = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f'<section class="box {kind}"><h2>{title}</h2><ul>{entries}</ul></section>' if entries else ""


def _findings(report: OutputNullityReport) -> str:
    if not report.findings:
        return ""
    rest = len(report.findings) - _MOST
    more = f'<p class="sum">… and {rest:,} more.</p>' if rest > 0 else ""
    return f"""<section class="card"><h2>What shows</h2>
<p class="sum">Parts of the answers that differ, and how many answers of each kind of probe differ by them.</p>
<div class="scroll" role="region" aria-label="What shows" tabindex="0"><table>
<thead><tr><th scope="col">Part of the answer</th><th scope="col">What it is</th>
<th scope="col" class="number">Largest change</th><th scope="col">Probes: answers that differ</th>
<th scope="col">Probable cause</th></tr></thead>
<tbody>{"".join(map(_finding, report.findings[:_MOST]))}</tbody>
</table></div>{more}</section>"""


def _finding(finding: Finding) -> str:
    return (
        f'<tr><th scope="row">{_name(finding.part)}</th><td>{escape(shown_channel(finding))}</td>'
        f'<td class="number">{shown_change(finding)}</td><td>{escape(shown_kinds(finding, _MOST_KINDS))}</td>'
        f"<td>{escape(shown_cause(finding))}</td></tr>"
    )


def _name(text: str) -> str:
    return re.sub(r"[./_]", r"\g<0><wbr>", escape(printable(text)))


def _words(report: OutputNullityReport) -> str:
    entries = "".join(
        f"<div><dt>{name}{' (this one)' if name == report.verdict.value else ''}</dt><dd>{escape(said)}</dd></div>"
        for name, said in MEANINGS.items()
    )
    return (
        '<section class="card words"><h2>What the verdicts mean</h2><p class="sum">Only PASS is a pass. It says '
        f"nothing of records that the index does not name.</p><dl>{entries}</dl></section>"
    )
