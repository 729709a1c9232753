"""HTML: a page that a manager reads, prints and files. Operator's copy.

One file: no script, nothing fetched, and a policy that says so to the browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from sealscrub import __version__
from sealscrub.page import Kind, box, breakable, page, verdict

from ..report import KeyReport, Report, TableReport, Verdict
from .names import printable, sentence
from .wording import (
    GLOSSARY,
    OPERATOR_COPY,
    accepted_weakenings,
    explanation,
    headline,
    next_steps,
    percent,
    removed_label,
    table_notes,
    table_state,
)

__all__ = ["to_html"]

_KINDS: dict[Verdict, Kind] = {
    Verdict.FOUND: "bad",
    Verdict.INCOMPLETE: "warn",
    Verdict.DRY_RUN: "warn",
    Verdict.CLEAN: "good",
    Verdict.SCRUBBED: "good",
}


def to_html(report: Report) -> str:
    """Render as one self-contained page: the verdict, what was accepted, each table, the words."""
    body = "\n".join(part for part in _parts(report) if part)
    return page(f"{headline(report)} · sealscrub {report.action}", body)


def _parts(report: Report) -> Iterator[str]:
    yield f'<p class="copy"><strong>Operator’s copy.</strong> {escape(OPERATOR_COPY)}</p>'
    yield "<main>"
    yield _verdict(report)
    yield box("warn", "Why it is incomplete", [sentence(text) for text in report.problems])
    yield box("warn", "Accepted by the operator", accepted_weakenings(report))
    yield box("note", "Warnings", [sentence(text) for text in report.warnings])
    yield box("next", "What to do", next_steps(report))
    yield _overview(report)
    yield from (_table(number, table, report) for number, table in enumerate(report.tables, 1))
    yield _glossary()
    yield "</main>"
    yield (
        f"<footer>sealscrub {escape(__version__)} · {report.action} against index "
        f"<code>{_name(report.index_id)}</code>, epoch {report.epoch}, as of {report.as_of.isoformat()}. "
        "A report of rows and keys, not legal advice.</footer>"
    )


def _verdict(report: Report) -> str:
    facts = {
        "Not to be used for": escape(printable(report.use).replace("_", " ")),
        "By": _name(report.audience),
        "Seals as of": f"{report.as_of.isoformat()} <small>epoch {report.epoch}</small>",
        "Valid until": report.not_after.isoformat(),
    }
    over = f"sealscrub {report.action}{' · dry run' if report.dry_run else ''}"
    return verdict(_KINDS[report.verdict], over, headline(report), explanation(report), facts)


def _overview(report: Report) -> str:
    if len(report.tables) < 2:
        return ""
    label = removed_label(report)
    heads = ["Rows read", *([label.capitalize()] if label else [])]
    rows = []
    for number, table in enumerate(report.tables, 1):
        counts = [table.rows, *([table.removed] if label else [])]
        rows.append(
            f'<tr><th scope="row"><a href="#table-{number}">{_name(table.name)}</a></th>'
            f"<td>{_state(table, report)}</td>{''.join(_count(count) for count in counts)}</tr>"
        )
    head = "".join(f'<th scope="col" class="number">{text}</th>' for text in heads)
    return f"""<section class="card overview"><h2>All tables</h2>
<div class="scroll" role="region" aria-label="All tables" tabindex="0"><table>
<thead><tr><th scope="col">Table</th><th scope="col">State</th>{head}</tr></thead>
<tbody>{"".join(rows)}</tbody>
</table></div></section>"""


def _table(number: int, table: TableReport, report: Report) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in table_notes(table, report))
    label = removed_label(report)
    facts = [
        f"<strong>{table.rows:,}</strong> {'row' if table.rows == 1 else 'rows'} read",
        *([f"<strong>{table.removed:,}</strong> {label}"] if label else []),
    ]
    if len(table.keys) > 1:
        facts.append(f"coverage of the key columns together <strong>{percent(table.coverage)}</strong>")
    return f"""<section class="card" id="table-{number}">
<div class="title"><h2>{_name(table.name)}</h2>{_state(table, report)}</div>
<p class="sum">{" · ".join(facts)}</p>
{_keys(table, report)}{f'<ul class="notes">{notes}</ul>' if notes else ""}
</section>"""


def _keys(table: TableReport, report: Report) -> str:
    if not table.keys:
        return ""
    words = ("sealed", "withheld", "near", "unparsable", "null")
    heads = "".join(
        f'<th scope="col" class="number"><a href="#word-{word}">{word.capitalize()}</a></th>' for word in words
    )
    label = f"Key columns of {escape(printable(table.name))}"
    return f"""<div class="scroll" role="region" aria-label="{label}" tabindex="0">
<table>
<thead><tr><th scope="col">Key column</th>{heads}
<th scope="col"><a href="#word-coverage">Coverage</a></th></tr></thead>
<tbody>{"".join(_key(key, table, report) for key in table.keys)}</tbody>
</table></div>"""


def _key(key: KeyReport, table: TableReport, report: Report) -> str:
    # what a scrub met is news, what a scan met is an alarm
    met = "bad" if report.action == "scan" else "met"
    counts = (
        _count(key.sealed, met),
        _count(key.withheld, met),
        _count(key.near, "warn"),
        _count(key.unparsable, "warn"),
        _count(key.null),
    )
    width = max(0.0, min(1.0, key.coverage)) * 100
    low = " low" if table.coverage < report.min_coverage else ""
    bar = f'<span class="bar{low}" aria-hidden="true"><span style="width:{width:.1f}%"></span></span>'
    return (
        f'<tr><th scope="row">{_name(key.column)}<small>{_name(key.scheme)}</small></th>{"".join(counts)}'
        f'<td class="coverage">{bar}{percent(key.coverage)}</td></tr>'
    )


def _state(table: TableReport, report: Report) -> str:
    kind, words = table_state(table, report)
    return f'<span class="state {kind}">{escape(words)}</span>'


def _count(number: int, kind: str = "") -> str:
    return f'<td class="number {kind if number else "none"}">{number:,}</td>'


def _glossary() -> str:
    entries = "".join(
        f'<div id="word-{word}"><dt>{word.capitalize()}</dt><dd>{escape(meaning)}</dd></div>'
        for word, meaning in GLOSSARY.items()
    )
    return f'<section class="card words"><h2>What the words mean</h2><dl>{entries}</dl></section>'


def _name(text: str) -> str:
    return breakable(printable(text))
