"""Which actions belong together: those of one person, and of one arrest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .events import Action, Event

__all__ = ["Case", "one_arrest", "one_person", "related", "runs"]

Case = tuple[Action, Sequence[Event]]


def one_arrest(action: Action, other: Action) -> bool:
    """Whether two actions share an arrest, by its number or its cycle's.

    Examples
    --------
    >>> one_arrest(Action(arrest_number="K1", tracking_number="9"), Action(arrest_number="K2", tracking_number="9"))
    True
    >>> one_arrest(Action(), Action())
    False
    """
    return bool(action.arrests() & other.arrests())


def one_person(action: Action, other: Action) -> bool:
    """Whether two actions are of one person; where one does not say who it is, whether they share an arrest.

    Examples
    --------
    >>> one_person(Action(defendant_id="7"), Action(defendant_id="8")), one_person(Action(), Action())
    (False, False)
    """
    if action.who and other.who:
        return action.who == other.who
    return one_arrest(action, other)


def related(case: Case, cases: Iterable[Case]) -> list[Case]:
    """Give a person's other actions, as :func:`~sealscrub.custodian.law.decide` wants them in `linked`.

    Parameters
    ----------
    case : (Action, sequence of Event)
    cases : iterable of (Action, sequence of Event)
        Of a file.

    Examples
    --------
    >>> cases = [(Action(docket=docket, defendant_id=who), []) for docket, who in (("1", "A"), ("2", "A"), ("3", "B"))]
    >>> len(related(cases[0], cases))
    1
    """
    return [other for other in cases if other is not case and one_person(case[0], other[0])]


def runs(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """Give the actions of one person at a time, where they follow one another."""
    run: list[Case] = []
    for case in cases:
        if run and not one_person(case[0], run[-1][0]):
            yield run
            run = []
        run.append(case)
    if run:
        yield run
