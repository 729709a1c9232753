"""A rule in print: for the command line, and for the page that lawyers read."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from .jurisdictions import jurisdiction
from .rules import NO_STATUTE, Jurisdiction, RegimeRules, Rule
from .ruling_types import Mark, Ruling
from .three_values import Truth

__all__ = ["print_law", "show_rule"]

_UNKNOWN = "unknown"
#: Why a rule is without the statute's words, by its mark.
_NO_WORDS = {
    Mark.RETOLD: "not here: retold from a copy or a summary",
    Mark.INFERENCE: "none: a reading",
    Mark.OWN: "not read",
}
_SILENT = {("if unknown", "withheld"), ("reviewed by", "no one")}
_ANSWERS = {Truth.YES: "sealed", Truth.UNKNOWN: "unknown", Truth.NO: "not sealed"}


def show_rule(rule: Rule) -> str:
    """Print a rule.

    Parameters
    ----------
    rule : Rule
        One version, from :func:`find_rule`.

    Examples
    --------
    >>> from sealscrub.custodian.law import find_rule
    >>> print(show_rule(find_rule("us-ny/cpl-160.50/3c")[0]))  # doctest: +ELLIPSIS
    us-ny/cpl-160.50/3c, version 1
      cites: CPL 160.50(3)(c) [own]
      says: A verdict of complete acquittal.
      the statute's words: "Upon the termination ... shall be sealed"
      in force: from 1991-11-01, by ended_on
      needs: ended_on, ending
      when: ending is ACQUITTED_COMPLETE
      then: sealed from ended_on
      if unknown: withheld
      reviewed by: no one
    """
    words = jurisdiction(rule.id.partition("/")[0]).words_of(rule)
    rows = (f"  {name}: {text}" for name, text in _rows(rule, words))
    return "\n".join([f"{rule.id}, version {rule.version}", *rows])


def _rows(rule: Rule, words: str) -> Iterator[tuple[str, str]]:
    yield "cites", f"{rule.citation} [{rule.mark}]"
    yield "says", rule.text
    if rule.citation != NO_STATUTE:
        yield "the statute's words", f'"{words}"' if words else f"{_NO_WORDS[rule.mark]} [{rule.mark}]"
    yield "in force", f"{_days(rule.in_force_from, rule.in_force_to)}, by {rule.governed_by}"
    yield "needs", ", ".join(sorted({*rule.requires, *rule.starts, rule.governed_by} - {"as_of"}))
    yield "when", rule.when.words()
    if rule.doubt.facts():
        yield "in doubt where", rule.doubt.words()
    if rule.clock is not None:
        yield "clock", rule.clock.words()
    then = _ANSWERS[rule.answer]
    yield "then", f"{then} from {', else '.join(rule.starts)}" if rule.answer is Truth.YES else then
    yield "if unknown", rule.unknown
    if rule.uncertainty:
        yield "uncertain", rule.uncertainty
    yield "reviewed by", rule.reviewed_by or "no one"


def _days(begin: dt.date | None, end: dt.date | None) -> str:
    parts = [f"from {begin}" if begin else "", f"before {end}" if end else ""]
    return " and ".join(part for part in parts if part) or "always"


def print_law(place: Jurisdiction) -> Iterator[str]:
    """Print a place's rules as a page of Markdown.

    A rule's latest version is printed whole, and of the others what differs. What several rules of a regime are
    uncertain about is printed once, as a note.

    Parameters
    ----------
    place : Jurisdiction

    Yields
    ------
    str
        Lines.

    Examples
    --------
    >>> from sealscrub.custodian.law import jurisdiction
    >>> next(line for line in print_law(jurisdiction("us-ny")) if line)
    '## us-ny/cpl-160.50'
    """
    for group in place.regimes:
        yield from ("", f"## {group.regime}", "", *_regime(group), *_uses(place, group.regime))
        yield from _sections(place, group.rules)
    yield from ("", "## Doubts of every regime that seals at law", *_sections(place, place.doubts))
    if place.changes:
        yield from ("", "## Versions of the rules", "", "| version | what it changed |", "|---|---|")
        yield from (f"| {version} | {said} |" for version, said in place.changes)


def _regime(group: RegimeRules) -> Iterator[str]:
    copies = ", ".join(group.effect.copies)
    yield f"Mode: {group.mode}. Unit: {group.unit}. Effect: {group.effect.kind}, on the copies of {copies}."
    if group.blocked.facts():
        yield ""
        yield f"Nothing is sealed under it if {group.blocked.words()}."


def _uses(place: Jurisdiction, regime: str) -> Iterator[str]:
    """To whom the regime's records are closed for what, by the lines of the table that have no end."""
    lines = [line for line in place.rulings if line.regime == regime and line.in_force_to is None]
    if not lines:
        return
    said = {audience: _uses_of(audience, lines) for audience in dict.fromkeys(line.audience for line in lines)}
    yield from ("", "| audience | may not use it for | may |", "|---|---|---|")
    for uses in dict.fromkeys(said.values()):
        yield f"| {', '.join(name for name in said if said[name] == uses)} | {uses[0]} | {uses[1]} |"


def _uses_of(audience: str, lines: Sequence[Ruling]) -> tuple[str, str]:
    """What an audience may not use the records for, and what it may."""
    barred, free = (
        [
            f"{line.use} [{_UNKNOWN if line.unknown else line.mark}]"
            for line in lines
            if line.audience == audience and line.barred is barred
        ]
        for barred in (True, False)
    )
    return ", ".join(barred) or "nothing", ", ".join(free) or "nothing"


def _sections(place: Jurisdiction, rules: Sequence[Rule]) -> Iterator[str]:
    said = Counter(sentence for rule in rules for sentence in _sentences(rule))
    notes = {text: f"note {number}" for number, text in enumerate((text for text in said if said[text] > 1), start=1)}
    yield from (line for text, note in notes.items() for line in ("", f"{note.capitalize()}. {text}"))
    for name in dict.fromkeys(rule.id for rule in rules):
        versions = sorted((rule for rule in rules if rule.id == name), key=_last_day, reverse=True)
        yield from _section(place, versions, notes)


def _sentences(rule: Rule) -> list[str]:
    return re.split(r"(?<=[.\]])\s+(?=[A-Z])", rule.uncertainty) if rule.uncertainty else []


def _last_day(rule: Rule) -> dt.date:
    return rule.in_force_to or dt.date.max


def _section(place: Jurisdiction, versions: Sequence[Rule], notes: Mapping[str, str]) -> Iterator[str]:
    latest, *others = (_page_rows(rule, place.words_of(rule), notes) for rule in versions)
    named = {name: latest[name] for name in ("cites", "says", "in force")}
    yield from ("", f"### {versions[0].id}", "", f"{named['cites']}: {named['says']}")
    yield from ("", f"| version {versions[0].version} | {named['in force']} |", "|---|---|")
    yield from (f"| {name} | {text} |" for name, text in latest.items() if name not in named)
    for rule, rows in zip(versions[1:], others, strict=True):
        differing = [name for name in (latest | rows) if latest.get(name) != rows.get(name) and name != "in force"]
        own = "; ".join(f"{name}: {rows.get(name, 'nothing')}" for name in differing)
        yield from ("", f"Version {rule.version}, {rows['in force']}: {own or 'the same'}")


def _page_rows(rule: Rule, words: str, notes: Mapping[str, str]) -> dict[str, str]:
    """What the page says about a rule, by name, but for what goes without saying or another row says too."""
    rows = {name: text.replace("|", "/") for name, text in _rows(rule, words) if (name, text) not in _SILENT}
    del rows["needs"]
    if rule.uncertainty:
        rows["uncertain"] = " ".join(
            f"{notes[each].capitalize()}." if each in notes else each.replace("|", "/") for each in _sentences(rule)
        )
    return rows
