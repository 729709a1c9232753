"""A rule in print: for the command line, and for the page that lawyers read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from .rules import Jurisdiction, RegimeRules, Rule
from .three_values import Truth

__all__ = ["print_law", "show_rule"]

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
    >>> print(show_rule(find_rule("us-ny/cpl-160.50/3c")[0]))
    us-ny/cpl-160.50/3c, version 1
      cites: CPL 160.50(3)(c) [own]
      says: A verdict of complete acquittal.
      in force: from 1991-11-01, by ended_on
      needs: ended_on, ending
      when: ending is ACQUITTED_COMPLETE
      then: sealed from ended_on
      if unknown: withheld
      reviewed by: no one
    """
    return "\n".join([f"{rule.id}, version {rule.version}", *(f"  {name}: {text}" for name, text in _rows(rule))])


def _rows(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "cites", f"{rule.citation} [{rule.mark}]"
    yield "says", rule.text
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


def print_law(place: Jurisdiction, tests: dict[str, list[str]]) -> Iterator[str]:
    """Print a place's rules as a page of Markdown.

    Parameters
    ----------
    place : Jurisdiction
    tests : dict of str to list of str
        For each rule, the tests that name it.

    Yields
    ------
    str
        Lines.

    Examples
    --------
    >>> from sealscrub.custodian.law import jurisdiction
    >>> next(line for line in print_law(jurisdiction("us-ny"), {}) if line)
    '## us-ny/cpl-160.50'
    """
    for group in place.regimes:
        yield from ("", f"## {group.regime}", "", *_regime(group), *_uses(place, group.regime))
        for rule in group.rules:
            yield from _section(rule, tests)
    yield from ("", "## Doubts of every regime that seals at law", "")
    for rule in place.doubts:
        yield from _section(rule, tests)
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
    yield from ("", "| audience | may not use it for | may |", "|---|---|---|")
    for audience in dict.fromkeys(line.audience for line in lines):
        said: dict[bool, list[str]] = {True: [], False: []}
        for line in lines:
            if line.audience == audience:
                said[line.barred].append(f"{line.use} [{line.mark}]")
        yield f"| {audience} | {', '.join(said[True]) or 'nothing'} | {', '.join(said[False]) or 'nothing'} |"


def _section(rule: Rule, tests: dict[str, list[str]]) -> Iterator[str]:
    yield from ("", f"### {rule.id}, version {rule.version}", "", "| | |", "|---|---|")
    for name, text in _rows(rule):
        yield f"| {name} | {text.replace('|', '/')} |"
    yield f"| tests | {', '.join(f'`{name}`' for name in tests.get(rule.id, [])) or 'none'} |"
