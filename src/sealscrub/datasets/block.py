"""The bones of a part of the city: events, who was arrested in each, when, where, and what happened to it.

A city is made of blocks of at most :data:`BLOCK` arrests. People and events never reach across blocks, so
each block can be made on its own; only serial numbers and precinct counts need the others (:mod:`.census`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sealscrub.boundary.array_types import Floats

from .calendar import AS_OF, DAYS, day_of
from .case_outcomes import CONVICTIONS, Kind, docket_counts
from .city_places import BOROUGH_OF_PRECINCT, PRECINCT_WEIGHTS
from .draws import Draws, Integers
from .police_charges import CATEGORIES, OFFENCE_WEIGHTS

__all__ = ["BLOCK", "Block", "block_sizes", "lay_out"]

#: Arrests in a block.
BLOCK = 20_000

# Rooms for numbers that no two blocks share.
_EVENT_ROOM = 4 * BLOCK
_PERSON_ROOM = 2 * BLOCK

# How often an event ends in no arrest, one, two …
_SIZES = np.array([30, 55, 9, 3, 1.5, 0.6, 0.4, 0.2, 0.15, 0.1, 0.05])
_CAREER = 1_300  # days over which one person's arrests are spread
_VIOLATIONS = (CATEGORIES == "V").to_numpy()
_NEEDS_CRIME = np.array([kind in CONVICTIONS for kind in Kind])


@dataclass(frozen=True)
class Block:
    """Arrays of one block. An event's fields have one item an event, an arrest's one item an arrest.

    Events are in order of their day, and arrests in order of their events. Numbers (``event``, ``arrest``,
    ``person``) are unique in the whole city.
    """

    draws: Draws
    event: Integers
    event_day: Integers
    event_minute: Integers
    event_precinct: Integers  # positions in PRECINCTS
    event_offence: Integers  # positions in the lists of offences
    event_size: Integers
    arrest: Integers
    of_event: Integers  # positions in ``event``
    person: Integers
    born: Integers  # day numbers
    offence: Integers
    kind: Integers
    dockets: Integers  # rows in the court's file

    @property
    def day(self) -> Integers:
        """Day number of each arrest."""
        return self.event_day[self.of_event]

    @property
    def precinct(self) -> Integers:
        """Position of each arrest's precinct."""
        return self.event_precinct[self.of_event]

    @property
    def borough(self) -> Integers:
        """Borough of each arrest."""
        return BOROUGH_OF_PRECINCT[self.precinct]

    @property
    def filed(self) -> Integers:
        """How many docket numbers each arrest has: none if no one prosecuted."""
        return np.where(self.kind == Kind.DECLINED, 0, self.dockets)


def block_sizes(arrests: int) -> list[int]:
    """How many arrests each block of a city has."""
    whole, rest = divmod(arrests, BLOCK)
    return [BLOCK] * whole + ([rest] if rest else [])


def lay_out(draws: Draws, block: int, arrests: int, shares: Floats) -> Block:
    """Make the bones of one block.

    Parameters
    ----------
    draws : Draws
    block : int
        The block's place in the city, from 0.
    arrests : int
        How many arrests it has, at most :data:`BLOCK`.
    shares : ndarray of float64, shape (12,)
        How often each kind of outcome occurs (:func:`.outcomes.kind_shares`).

    Returns
    -------
    Block
    """
    event, size = _events(draws, block, arrests)
    people = max(16, arrests // 2)
    room = block * _PERSON_ROOM
    luck = draws.uniform("event/leader", event)
    leader = (luck * np.sqrt(luck) * people).astype(np.int64)
    day = (draws.below("person/from", room + leader, DAYS) + draws.below("event/day", event, _CAREER)) % DAYS
    home = draws.pick("person/home", room + leader, PRECINCT_WEIGHTS)
    away = draws.pick("event/away", event, PRECINCT_WEIGHTS)
    precinct = np.where(draws.uniform("event/at home", event) < 0.7, home, away)

    order = np.lexsort((event, day))
    event, size, leader, day, precinct = (part[order] for part in (event, size, leader, day, precinct))
    of_event = np.repeat(np.arange(len(event)), size)
    within = np.arange(arrests) - np.repeat(np.cumsum(size) - size, size)
    person = _on_different_days((leader[of_event] + within) % people, day[of_event], people)
    arrest = block * BLOCK + np.arange(arrests)
    youth = draws.uniform("person/age", room + person)
    born = -16 * 366 - (youth * youth * 40 * 365).astype(np.int64)

    kind = _kinds(draws, arrest, day[of_event], born, shares)
    offence = draws.pick("event/offence", event, OFFENCE_WEIGHTS)
    charged = offence[of_event]
    # No one is convicted of a crime who was charged with no more than a violation.
    charged = np.where(_NEEDS_CRIME[kind] & _VIOLATIONS[charged], arrest % 4, charged)
    return Block(
        draws=draws,
        event=event,
        event_day=day,
        event_minute=draws.below("event/minute", event, 24 * 60),
        event_precinct=precinct,
        event_offence=offence,
        event_size=size,
        arrest=arrest,
        of_event=of_event,
        person=room + person,
        born=born,
        offence=charged,
        kind=kind,
        dockets=docket_counts(draws, arrest, kind),
    )


def _events(draws: Draws, block: int, arrests: int) -> tuple[Integers, Integers]:
    """Events until they come to so many arrests; the last is cut to fit."""
    event = block * _EVENT_ROOM + np.arange(min(_EVENT_ROOM, arrests * 3 // 2 + 400))
    size = draws.pick("event/size", event, _SIZES)
    total = np.cumsum(size)
    last = int(np.searchsorted(total, arrests))
    size[last] -= total[last] - arrests
    return event[: last + 1], size[: last + 1]


def _on_different_days(person: Integers, day: Integers, people: int) -> Integers:
    """No one is arrested twice on one day: the second arrest is somebody else's."""
    _, first = np.unique(person * DAYS + day, return_index=True)
    again = np.ones(len(person), bool)
    again[first] = False
    person[again] = people + np.arange(int(again.sum()))
    return person


def _kinds(
    draws: Draws,
    arrest: Integers,
    day: Integers,
    born: Integers,
    shares: Floats,
) -> Integers:
    kind = draws.pick("arrest/kind", arrest, shares)
    age = (day - born) // 365
    old_enough = day < day_of(AS_OF) - 5 * 365
    too_old = (kind == Kind.YOUTH) & (age > 18)
    too_soon = (kind == Kind.CLEAN_SLATE) & ~old_enough
    return np.where(too_old | too_soon, int(Kind.CONVICTED), kind)
