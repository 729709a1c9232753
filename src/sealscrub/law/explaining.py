"""An answer in words."""

from __future__ import annotations

from collections.abc import Iterator

from .decisions import Answer, Decision
from .jurisdictions import find_rule

__all__ = ["explain"]

_SAYS = {
    Answer.SEALED: "sealed",
    Answer.NOT_SEALED: "not sealed",
    Answer.UNKNOWN: "not known",
}


def explain(decision: Decision) -> str:
    """Say a decision in words, with the citations of its rules and the tree of its reasons.

    Parameters
    ----------
    decision : Decision

    Returns
    -------
    str
        Lines without any number of the action.

    Examples
    --------
    >>> import datetime as dt
    >>> from sealscrub.law import Action, Event, decide
    >>> acquitted = Event(event_date=dt.date(2014, 5, 1), text="ACQUITTED")
    >>> print(explain(decide(Action(), [acquitted], dt.date(2020, 1, 1), explain=False)))
    The action is sealed under us-ny/cpl-160.50 (3)(c), from 2014-05-01.
    Rule us-ny/cpl-160.50/3c version 1: CPL 160.50(3)(c) [own]. A verdict of complete acquittal.
    This is no legal advice; no lawyer has reviewed the rules.
    """
    return "\n".join(_lines(decision))


def _lines(decision: Decision) -> Iterator[str]:
    text = f"The action is {_SAYS[decision.answer]}"
    if decision.answer is Answer.UNKNOWN:
        text = "Whether the action is sealed is not known"
    if decision.regimes:
        text += f" under {', '.join(decision.regimes)}"
    text += f" {decision.paragraph}" if decision.paragraph else ""
    text += f", from {decision.legal_from}" if decision.legal_from else ""
    yield f"{text}."
    if decision.missing:
        yield f"It would be known with: {', '.join(decision.missing)}."
    if decision.eligible_from:
        yield f"Eligible from {decision.eligible_from}; eligible is not sealed."
    if decision.may_apply_from:
        yield f"A court may be asked to seal it from {decision.may_apply_from}, as far as the file tells."
    if decision.next_change:
        yield f"The answer changes by itself on {decision.next_change}."
    if decision.withheld:
        yield "It is withheld: not proven sealed, and not to be used for training."
    for rule_id, version in decision.rules:
        rule = next(rule for rule in find_rule(rule_id) if rule.version == version)
        yield f"Rule {rule.id} version {rule.version}: {rule.citation} [{rule.mark}]. {rule.text}"
    if decision.reasons is not None:
        yield from decision.reasons.lines()
    yield "This is no legal advice; no lawyer has reviewed the rules."
