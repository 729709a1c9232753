"""Events in time order become, for each charge, how it stands: the facts that rules ask for.

Each charge is folded on its own over its own events and those of the whole instrument. Events of one day whose order
is not given are folded in every order; if the orders do not agree, the charge stands as ``AMBIGUOUS``, which is not
an answer. So is a second final ending that nothing opened the way for, and what is dated before the arrest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, permutations

from .dispositions import Disposition, DispositionMap, all_counted
from .ending_kinds import is_convicted_or_instead, is_ended, is_open, undoes
from .event_steps import Like
from .events import Action, Event, EventKind
from .nameless_counts import with_counts_differ
from .status_transitions import AMBIGUOUS, GIVEN, SIDES, STATED, Standing, contradicted, step

__all__ = ["AMBIGUOUS", "Standing", "fold", "in_turn", "visible"]

_MOST_ORDERS = 4  # events of one day that are folded in every order
_FIRST_TURN, _RANK_OF_SENTENCES = -1.0, 2
# What can only come after the other on one day: what undoes a conviction that stood, a plea of not guilty, an ending, a
# sentence, the rest.
_ORDER_FREE_EVENTS = frozenset(
    {
        EventKind.DISPOSITION,
        EventKind.RESTORED,
        EventKind.VACATED,
        EventKind.APPEAL_DECIDED,
        EventKind.WARRANT,
    }
)


def visible(events: Iterable[Event], as_of: dt.date, known_at: dt.date) -> list[Event]:
    """Events that had happened by one day and were recorded by another, in an order of their own."""
    seen = {e for e in events if e.event_date <= as_of and (e.recorded_at is None or e.recorded_at <= known_at)}
    return sorted(seen, key=_order)


def fold(action: Action, events: Sequence[Event], mapping: DispositionMap) -> dict[str, Standing]:
    """How each charge stands after its events.

    Parameters
    ----------
    action : Action
    events : sequence of Event
        Visible ones, in order of their days.
    mapping : DispositionMap

    Returns
    -------
    dict of str to dict
        By number of the charge, empty for an instrument whose charges no event names: facts by name, of which those
        that are not known are None.
    """
    events = with_counts_differ(events, mapping)
    whole = [event for event in events if not event.charge]
    of_charge: dict[str, list[Event]] = {}
    for event in events:
        if event.charge:
            of_charge.setdefault(event.charge, []).append(event)
    if not of_charge:
        return {"": _fold_charge(action, whole, mapping)}
    if all_counted(of_charge):
        of_charge = {charge: [_of_own_count(event, mapping) for event in own] for charge, own in of_charge.items()}
    together = {charge: sorted([*whole, *own], key=_order) if whole else own for charge, own in of_charge.items()}
    return {charge: _fold_charge(action, together[charge], mapping) for charge in sorted(together)}


def in_turn(action: Action, events: Sequence[Event], mapping: DispositionMap) -> list[Event]:
    """Visible events in the order in which they are folded: of one day, a conviction falls before the case ends again.

    Those of one turn stay as they were: their order is not given.
    """
    turns: dict[Event, float] = {}
    for charge in {event.charge for event in events if event.charge} or {""}:
        own = [event for event in events if event.charge in ("", charge)]
        state = _first_standing(action, own, mapping)
        for day in _by_days(own):
            for turn, alike in _turns(state, day, mapping):
                turns |= {event: min(turn, turns.get(event, turn)) for event in alike}
            state = _fold_day(state, day, mapping)
    return sorted(events, key=lambda event: (event.event_date, turns[event]))


def _of_own_count(event: Event, mapping: DispositionMap) -> Event:
    """If a row for every count is there, that a count was dismissed is all that its row says."""
    ends = event.event == EventKind.DISPOSITION and mapping.dismisses_count(event.charge, event.text)
    return replace(event, text=mapping.tables.dismissed) if ends else event


def _order(event: Event) -> tuple[object, ...]:
    stated = (event.charge, event.text, event.indictment, *(str(getattr(event, name)) for name in STATED))
    flags = (event.severity, event.offense_class)
    return (
        event.event_date,
        event.event,
        *stated,
        *map(str, flags),
        str(event.notified_on),
        str(event.recorded_at),
        str(event.more),
    )


def _rank(event: Event, mapping: DispositionMap) -> float:
    step_of_kind = mapping.place.events.get(event.event)
    if isinstance(step_of_kind, Like):
        event = step_of_kind.event(event)
    if event.event == EventKind.DISPOSITION:
        found = mapping.meaning(event.text).disposition
        if found == Disposition.SENTENCED:
            return _RANK_OF_SENTENCES
        rank = 0 if found == Disposition.PENDING else 1
        return 1.25 + rank / 4 if event.indictment else rank  # the superior court's stage comes later
    if event.event in _ORDER_FREE_EVENTS:
        return 1
    return _RANK_OF_SENTENCES if event.event == EventKind.SENTENCE else 3


def _fold_charge(action: Action, events: list[Event], mapping: DispositionMap) -> Standing:
    state = _first_standing(action, events, mapping)
    for day in _by_days(events):
        state = _fold_day(state, day, mapping)
    first = events[0].event_date if events else dt.date.max
    days = [day for day in (action.crime_date, action.arrest_date, first) if day is not None]
    if days != sorted(days):
        return {**state, "ending": AMBIGUOUS, "why": "its days cannot be: an event before the arrest, or the crime"}
    return state


def _first_standing(action: Action, events: Sequence[Event], mapping: DispositionMap) -> Standing:
    return {
        "ending": str(Disposition.NO_DISPOSITION),
        "known_from": events[0].event_date if events else action.arrest_date or action.crime_date,
        "begun_on": events[0].event_date if events else None,
        "appeal": "none",
        "no_seal_order": "N",
        "ordered": "",
        "new_charged": "N",
        "juvenile_court": "N",
        "said_sealed": "N",
        "held": "N",
        "supervised": "N",
        "removed": "N",
        **mapping.place.begins,
    }


def _by_days(events: Sequence[Event]) -> Iterator[list[Event]]:
    for _, group in groupby(events, key=lambda event: event.event_date):
        yield list(group)


def _fold_day(state: Standing, day: list[Event], mapping: DispositionMap) -> Standing:
    if len(day) == 1:
        return step(state, day[0], mapping)
    for _, alike in _turns(state, day, mapping):
        state = _fold_unordered(state, alike, mapping)
    return state


def _turns(state: Standing, day: list[Event], mapping: DispositionMap) -> list[tuple[float, list[Event]]]:
    """The events of a day by turns, in order: those of one turn are folded in every order."""
    stood = is_convicted_or_instead(state["ending"], mapping.place)
    opening = _opening_first(state, day, mapping) if stood else []
    first = 1.0 if stood and not opening else 0.0  # what is pending again comes after the conviction fell

    def rank(event: Event) -> float:
        return max(first, _rank(event, mapping))

    rest = sorted((event for event in day if event not in opening), key=rank)
    turns = [(turn, list(alike)) for turn, alike in groupby(rest, key=rank)]
    return [(_FIRST_TURN, opening), *turns] if opening else turns


def _opening_first(convicted: Standing, day: list[Event], mapping: DispositionMap) -> list[Event]:
    """What undoes a conviction, if the case ends or is pending that day: only then can it be.

    None if a row of that day may be about the conviction that fell, or says too how the case ended with it.
    """
    left = [_left_by(convicted, event, mapping) for event in day]
    opening = [event for event, ending in zip(day, left, strict=True) if ending and not is_ended(ending, mapping.place)]
    tried_again = any(ending is not None and is_open(ending, mapping.place) for ending in left)
    if tried_again and any(ending is not None and is_ended(ending, mapping.place) for ending in left):
        return []
    follows = [
        event
        for event in day
        if event not in opening and event.event == EventKind.DISPOSITION and _rank(event, mapping) < _RANK_OF_SENTENCES
    ]
    return opening if follows and not any(_may_be_of(convicted, event, mapping) for event in follows) else []


def _left_by(convicted: Standing, event: Event, mapping: DispositionMap) -> str | None:
    """How the case stands when an event has undone the conviction; None if it does not surely do so."""
    if event.event == EventKind.DISPOSITION:
        meaning = mapping.meaning(event.text)
        says_so = undoes(meaning.disposition, mapping.place) or meaning.undoes
        says_so = says_so and meaning.disposition != Disposition.DISMISSAL_VACATED
    else:
        says_so = event.event in (EventKind.VACATED, EventKind.APPEAL_DECIDED)
    after = step(convicted, event, mapping)["ending"] if says_so else AMBIGUOUS
    return None if after in (AMBIGUOUS, convicted["ending"]) else str(after)


def _may_be_of(convicted: Standing, event: Event, mapping: DispositionMap) -> bool:
    """Whether a row may say once more what fell: a warrant for its sentence, or a conviction of its offence."""
    after = step(convicted, event, mapping)
    return mapping.meaning(event.text).disposition == Disposition.WARRANT or (
        after["ending"] == convicted["ending"]
        and is_ended(mapping.meaning(event.text).disposition, mapping.place)
        and all(after.get(name) == convicted.get(name) for name in GIVEN)
    )


def _fold_unordered(state: Standing, day: list[Event], mapping: DispositionMap) -> Standing:
    rows = list({_read(event, mapping): event for event in day}.values())
    if len(rows) == 1:
        return step(state, rows[0], mapping)
    results = list(_in_every_order(state, rows, mapping))
    given = GIVEN | SIDES | {column.name for column in mapping.place.columns}
    settled = [{n: v for n, v in result.items() if n not in given} for result in results]
    agreed = _agreed(results)
    if any(other != settled[0] for other in settled):
        why = "several events of one day, whose order is not given"
        ended = all(contradicted(result, mapping) for result in results)
        return {**agreed, "ending": AMBIGUOUS, "why": why, "contradicted": "Y" if ended else "N"}
    return agreed


def _read(event: Event, mapping: DispositionMap) -> tuple[object, ...]:
    """What a step reads of an event: texts of one meaning are one, and so are a charge's row and the instrument's."""
    said: object = event.text
    if event.event == EventKind.DISPOSITION:
        said = replace(mapping.meaning(event.text), phrase="")
    facts = (getattr(event, name) for name in (*STATED, "severity", "offense_class", "notified_on"))
    return event.event, said, bool(event.indictment), *facts, event.more


def _agreed(results: Sequence[Standing]) -> Standing:
    """The facts that all orders come to; the others are not known."""
    first, *others = results
    names = [*first, *(name for result in others for name in result if name not in first)]
    return {n: first.get(n) if all(other.get(n) == first.get(n) for other in others) else None for n in names}


def _in_every_order(state: Standing, rows: Sequence[Event], mapping: DispositionMap) -> list[Standing]:
    """What the events of a day come to, in every order, or if they are many, enough to see if all agree.

    If each on its own has the same result, and each after another changes nothing, so does every order.
    """
    if len(rows) <= _MOST_ORDERS:
        return [_in_order(state, order, mapping) for order in permutations(rows)]
    alone = [step(state, row, mapping) for row in rows]
    return [*alone, *(step(_agreed(alone), row, mapping) for row in rows)]


def _in_order(state: Standing, rows: Sequence[Event], mapping: DispositionMap) -> Standing:
    for row in rows:
        state = step(state, row, mapping)
    return state
