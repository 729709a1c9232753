"""Steps for a state's own kinds of event, put together from the common ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .dispositions import DispositionMap
from .events import Event, EventKind
from .state_declarations import Step
from .status_transitions import Standing, common_step

__all__ = ["Like", "like", "notes"]


@dataclass(frozen=True)
class Like:
    """A step that takes an event for one of a common kind, also where a day's events are put in order.

    Attributes
    ----------
    kind, text : str
        The common kind, and what the event then says.
    """

    kind: str
    text: str

    def event(self, event: Event) -> Event:
        """The event for which it is taken."""
        return replace(event, event=EventKind.named(self.kind), text=self.text)

    def __call__(self, state: Standing, event: Event, mapping: DispositionMap) -> Standing:
        """Do what the common kind does."""
        return common_step(state, self.event(event), mapping)


def like(kind: str, text: str) -> Step:
    """Take the event for one of a common kind, with words of its own.

    Parameters
    ----------
    kind : str
        An :class:`~sealscrub.custodian.law.EventKind`.
    text : str
        What the event then says: of a disposition, words that the state's phrases map.

    Returns
    -------
    callable

    Examples
    --------
    >>> step = like("disposition", "DISMISSED")
    """
    return Like(kind, text)


def notes(name: str, value: str = "Y", *, on: str = "") -> Step:
    """Note a fact of the charge, and its day under a name of its own.

    Parameters
    ----------
    name, value : str
        The fact, and what it comes to.
    on : str
        Under which name the day of the event is a fact; empty if it is not a fact.

    Returns
    -------
    callable

    Notes
    -----
    A fact stands when the case ends another time if the state lists it in ``kept``.

    Examples
    --------
    >>> import datetime as dt
    >>> step = notes("paid", on="paid_on")
    >>> step({}, Event(event_date=dt.date(2024, 5, 1)), None)
    {'paid': 'Y', 'paid_on': datetime.date(2024, 5, 1)}
    """

    def taken(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
        return {**state, name: value, **({on: event.event_date} if on else {})}

    return taken
