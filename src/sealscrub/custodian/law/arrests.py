"""An arrest's answer: it is sealed only when all its branches are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sealscrub.errors import UsageError

from .action_answers import decide
from .decisions import Answer, Decision
from .dispositions import DispositionMap
from .linked_actions import Case

__all__ = ["ArrestDecision", "decide_arrest"]


@dataclass(frozen=True, kw_only=True)
class ArrestDecision:
    """The answer about one arrest. It is not legal advice.

    Attributes
    ----------
    answer : Answer
        Sealed when every branch is; not sealed when one is not; or not known.
    branches : tuple of Decision
        One an action, in the order given.
    regimes : tuple of str
        Of all the branches, if it is sealed.
    uses : tuple of (str, tuple of str)
        For each audience, the uses that every branch bars.
    legal_from : datetime.date or None
        When the last branch came to be sealed.
    next_change : datetime.date or None
        The next day on which the answer changes automatically.
    withheld : bool
        Not proven sealed, and not to be used: unknown, or it will seal automatically.

    Examples
    --------
    >>> import datetime as dt
    >>> from sealscrub.custodian.law import Action, Event, decide_arrest
    >>> acquitted = [Event(event_date=dt.date(2014, 5, 1), text="ACQUITTED")]
    >>> case = Action(arrest_number="K14612345", docket="1"), acquitted
    >>> decision = decide_arrest([case], dt.date(2026, 11, 25))
    >>> str(decision.answer), len(decision.branches)
    ('sealed', 1)
    """

    answer: Answer
    branches: tuple[Decision, ...]
    regimes: tuple[str, ...] = ()
    uses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    legal_from: dt.date | None = None
    next_change: dt.date | None = None
    withheld: bool = False


def decide_arrest(
    cases: Iterable[Case],
    as_of: dt.date,
    known_at: dt.date | None = None,
    *,
    linked: Iterable[Case] = (),
    law: str = "us-ny",
    mapping: DispositionMap | None = None,
) -> ArrestDecision:
    """Say whether the law seals an arrest, from all its actions.

    Parameters
    ----------
    cases : iterable of (Action, sequence of Event)
        The actions of the arrest.
    as_of, known_at, law, mapping
        As in :func:`decide`.
    linked : iterable of (Action, sequence of Event)
        The person's actions of other arrests.

    Returns
    -------
    ArrestDecision

    Raises
    ------
    UsageError
        When there is no action.
    ConfigError
        When the law does not exist.

    Examples
    --------
    >>> import datetime as dt
    >>> from sealscrub.custodian.law import Action, Event
    >>> ended = [Event(event_date=dt.date(2014, 5, 1), text=text) for text in ("ACQUITTED", "PENDING")]
    >>> cases = [(Action(arrest_number="K1"), [event]) for event in ended]
    >>> [str(decide_arrest(some, dt.date(2020, 1, 1)).answer) for some in (cases[:1], cases)]
    ['sealed', 'not_sealed']
    """
    branches, others = list(cases), list(linked)
    if not branches:
        raise UsageError(
            "an arrest has no action", hint="for an arrest without an instrument, give an action without a docket."
        )

    decided = [
        decide(
            action,
            events,
            as_of,
            known_at,
            linked=[*branches[:at], *branches[at + 1 :], *others],
            law=law,
            mapping=mapping,
            explain=False,
        )
        for at, (action, events) in enumerate(branches)
    ]
    answer = _least_sealed([each.answer for each in decided])
    changes, seals = _next_change(decided, answer)
    sealed = answer is Answer.SEALED
    return ArrestDecision(
        answer=answer,
        branches=tuple(decided),
        regimes=tuple(dict.fromkeys(name for each in decided for name in each.regimes)) if sealed else (),
        uses=_barred_by_all(decided) if sealed else (),
        legal_from=max((each.legal_from for each in decided if each.legal_from), default=None) if sealed else None,
        next_change=changes,
        withheld=not sealed and (answer is Answer.UNKNOWN or seals),
    )


def _least_sealed(answers: Sequence[Answer]) -> Answer:
    for worst in (Answer.NOT_SEALED, Answer.UNKNOWN):
        if worst in answers:
            return worst
    return Answer.SEALED


def _next_change(decided: Sequence[Decision], answer: Answer) -> tuple[dt.date | None, bool]:
    """The next day on which the answer changes automatically, and whether it comes to be sealed."""
    first, seals = None, False
    for day in sorted({day for each in decided for day, _ in each.changes}):
        later = _least_sealed([_answer_on(each, day) for each in decided])
        first = day if first is None and later is not answer else first
        seals = seals or later is Answer.SEALED
    return first, seals


def _answer_on(decision: Decision, day: dt.date) -> Answer:
    return next((answer for change, answer in reversed(decision.changes) if change <= day), decision.answer)


def _barred_by_all(decided: Sequence[Decision]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    tables = [dict(decision.uses) for decision in decided]
    return tuple(
        (who, tuple(use for use in uses if all(use in table[who] for table in tables)))
        for who, uses in tables[0].items()
    )
