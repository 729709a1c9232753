"""The report of a nullity test as one self-contained page: no script, nothing fetched. Operator's copy."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from sealscrub import __version__
from sealscrub.page import Kind, box, breakable, page, verdict
from sealscrub.transforms.formats.names import printable, sentence

from .report_words import (
    MEANINGS,
    NEXT_STEPS,
    chance_outcome,
    chance_powers,
    shown_change,
    shown_first,
    shown_paths,
    shown_rows,
    shown_what,
    tested_with,
    timing,
)

if TYPE_CHECKING:
    from .comparing import Difference
    from .report import NullityReport

__all__ = ["nullity_html"]

_KINDS: dict[str, Kind] = {"PASS": "good", "INTERFERENCE": "bad", "AMBIENT_INPUT": "bad"}
_HEADLINES = {
    "PASS": "No sealed record shows",
    "INTERFERENCE": "Sealed records show",
    "VACUOUS": "The result does not depend on the data",
    "NONDETERMINISTIC": "Two runs over the same data differ",
    "AMBIENT_INPUT": "It uses something beside its argument",
    "NO_SEALED_ROWS": "Nothing to test with",
    "INCONCLUSIVE": "It could not be told",
}
_COPY = "It counts sealed rows and says where they show: it stays on the trusted host."
_AGAINST = (
    "The result with the sealed records, against the result without them. A change is what the sealed records add to "
    "(+) or take from (−) a value; ± where both occur."
)
_TWICE = "Two results over the same data, one against the other."
_MOST = 500


def nullity_html(report: NullityReport) -> str:
    """Render a report as a page that needs nothing else: the verdict, what differs, what to do, what the words mean.

    Parameters
    ----------
    report : NullityReport

    Returns
    -------
    str
        HTML, with a policy that lets it fetch and run nothing.
    """
    body = "\n".join(part for part in _parts(report) if part)
    return page(f"{printable(report.function)}: {report.verdict.value} · sealscrub nullity", body)


def _parts(report: NullityReport) -> Iterator[str]:
    yield f'<p class="copy"><strong>Operator’s copy.</strong> {_COPY}</p>'
    yield "<main>"
    yield _verdict(report)
    yield box("warn", "Why", [sentence(report.reason)] if report.reason else [])
    yield box("warn", "It was refused", map(printable, report.denied))
    yield _differences(report)
    yield box("note", "Where these rows came from (rows that are not sealed, counted from 0)", shown_paths(report))
    if report.chance is not None:
        yield box("warn", "Beyond chance", [chance_outcome(report.chance)])
        yield box("note", "What such a test finds, at p ≤ 0.05", chance_powers(report.chance))
    yield box("next", "What to do", [] if report.passed else [NEXT_STEPS[report.verdict.value]])
    yield box("note", "What makes the test weaker", map(sentence, report.weakenings))
    yield _words(report)
    yield "</main>"
    yield (
        f"<footer>sealscrub {escape(__version__)} · nullity test against index "
        f"<code>{escape(printable(report.index_id))}</code>, epoch {report.epoch} · {timing(report)}. It speaks of "
        "this function on this data, and is not legal advice.</footer>"
    )


def _verdict(report: NullityReport) -> str:
    name = report.verdict.value
    facts = {
        "Function": f"<code>{escape(printable(report.function))}</code>",
        "Sealed rows in the test": f"{report.sealed_rows:,}" + (" <small>planted</small>" if report.planted else ""),
        "Runs": f"{report.runs}" + (f" <small>{report.variants} of variants</small>" if report.variants else ""),
        "Columns that differ": f"{len(report.contaminated)}" if report.differences else "none found",
    }
    over = f"sealscrub nullity test · {name}"
    return verdict(_KINDS.get(name, "warn"), over, _HEADLINES[name], f"{MEANINGS[name]} {tested_with(report)}", facts)


def _differences(report: NullityReport) -> str:
    if not report.differences:
        return ""
    shown = report.differences[:_MOST]
    rest = len(report.differences) - len(shown)
    more = f'<p class="sum">… and {rest:,} more.</p>' if rest else ""
    return f"""<section class="card"><h2>What differs</h2>
<p class="sum">{_AGAINST if report.hints else _TWICE} Rows are counted from 0.</p>
<div class="scroll" role="region" aria-label="What differs" tabindex="0"><table>
<thead><tr><th scope="col">Name</th><th scope="col">How</th><th scope="col" class="number">Rows</th>
<th scope="col" class="number">Largest change</th><th scope="col">First rows</th>
<th scope="col">Probable cause</th></tr></thead>
<tbody>{"".join(_difference(each, report) for each in shown)}</tbody>
</table></div>{more}</section>"""


def _difference(difference: Difference, report: NullityReport) -> str:
    return (
        f'<tr><th scope="row">{_name(difference.name)}</th><td>{escape(shown_what(difference))}</td>'
        f'<td class="number bad">{shown_rows(difference)}</td><td class="number">{shown_change(difference)}</td>'
        f"<td>{shown_first(difference)}</td><td>{escape(report.hints.get(difference.name, ''))}</td></tr>"
    )


def _name(text: str) -> str:
    return breakable(printable(text))


def _words(report: NullityReport) -> str:
    entries = "".join(
        f"<div><dt>{name}{' (this one)' if name == report.verdict.value else ''}</dt><dd>{escape(meaning)}</dd></div>"
        for name, meaning in MEANINGS.items()
    )
    return (
        f'<section class="card words"><h2>What the verdicts mean</h2><p class="sum">Only PASS is a pass. It says '
        f"nothing of records that the index does not name.</p><dl>{entries}</dl></section>"
    )
