"""The report of a nullity test of outputs as one self-contained page: no script, nothing fetched. Operator's copy."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from sealscrub import __version__
from sealscrub.page import Kind, box, breakable, page, verdict
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

_KINDS: dict[str, Kind] = {"PASS": "good", "INTERFERENCE": "bad", "ORACLE": "bad", "AMBIENT_INPUT": "bad"}
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
    body = "\n".join(part for part in _parts(report) if part)
    return page(f"{printable(report.function)}: {report.verdict.value} · sealscrub output nullity", body)


def _parts(report: OutputNullityReport) -> Iterator[str]:
    verdict = report.verdict.value
    missing = [f"No probes of the kind “{kind}”: {why}" for kind, why in report.missing.items()]
    yield f'<p class="copy"><strong>Operator’s copy.</strong> {_COPY}</p>'
    yield "<main>"
    yield _verdict(report)
    yield box("warn", "Why", [sentence(report.reason)] if report.reason else [])
    yield box("warn", "It was refused", map(printable, report.denied))
    yield _findings(report)
    yield box("next", "Probable cause", [f"{sentence(CAUSES[cause])} → {REMEDIES[cause]}" for cause in report.causes])
    yield box("next", "What to do", [] if report.passed else [NEXT_STEPS[verdict]])
    yield box("note", "What makes the test weaker", map(sentence, [*report.weakenings, *missing]))
    yield box("note", "Timing (no verdict hangs on it)", map(shown_timing, report.timing))
    yield _words(report)
    yield "</main>"
    code = f"index <code>{escape(printable(report.index_id))}</code>, epoch {report.epoch} · "
    index = code if report.index_id else ""
    yield (
        f"<footer>sealscrub {escape(__version__)} · nullity test of outputs · {index}{spent(report)}. It speaks of "
        "this system on this data, and is not legal advice.</footer>"
    )


def _verdict(report: OutputNullityReport) -> str:
    name = report.verdict.value
    planted = " <small>planted</small>" if report.planted else ""
    facts = {
        "System": f"<code>{escape(printable(report.function))}</code>",
        "Sealed ids" if report.running else "Sealed rows in the test": f"{report.sealed_rows:,}{planted}",
        "Probes": f"{sum(report.probes.values()):,}",
        "Parts that differ": f"{len(report.findings)}" if report.findings else "none found",
    }
    over = f"sealscrub nullity test of outputs · {name}"
    return verdict(_KINDS.get(name, "warn"), over, _HEADLINES[name], f"{meaning(report)} {asked_with(report)}", facts)


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
    return breakable(printable(text))


def _words(report: OutputNullityReport) -> str:
    entries = "".join(
        f"<div><dt>{name}{' (this one)' if name == report.verdict.value else ''}</dt><dd>{escape(said)}</dd></div>"
        for name, said in MEANINGS.items()
    )
    return (
        '<section class="card words"><h2>What the verdicts mean</h2><p class="sum">Only PASS is a pass. It says '
        f"nothing of records that the index does not name.</p><dl>{entries}</dl></section>"
    )
