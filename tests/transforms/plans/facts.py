"""What happened in a small city: plain facts, drawn by Hypothesis, and the same without what is sealed.

Nothing here, and nothing in :mod:`.worlds`, knows how a plan is carried out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypeVar

from hypothesis import strategies as st

__all__ = ["DECOYS", "Arrest", "Facts", "Seals", "facts", "seals_of", "without"]

#: Numbers that an index holds and no row has, so that it holds every scheme.
DECOYS = {"arrest_number": "K14699999", "docket": "2014KN099999"}


T = TypeVar("T")
#: Things of one kind, each with its id.
Numbered = tuple[tuple[int, T], ...]


@dataclass(frozen=True)
class Arrest:
    """One arrest of one person; its charges are numbered. `rows`: how often it stands in the table of arrests."""

    id: int
    number: str | None
    person: int | None
    complaint: int | None
    day: int
    precinct: int
    weight: int | None
    dockets: tuple[str, ...] = ()
    charges: tuple[tuple[int, str | None], ...] = ()
    rows: int = 1


@dataclass(frozen=True)
class Facts:
    """Everything that happened, each kind in the order in which its table holds it."""

    arrests: tuple[Arrest, ...]
    people: tuple[int, ...]
    summonses: Numbered[tuple[str | None, int | None]]
    stray_charges: Numbered[int | None]
    stops: Numbered[str | None]
    lists: Numbered[tuple[int, ...] | None]
    edges: Numbered[tuple[int, ...]]
    ties: Numbered[tuple[int, ...]]
    notes: Numbered[int | None]
    pairs: Numbered[tuple[int | None, int | None]]
    numbers: dict[int, str | None]
    wrong: tuple[int, ...] = ()


@dataclass(frozen=True)
class Seals:
    """Sealed numbers by scheme."""

    arrests: frozenset[str] = frozenset()
    dockets: frozenset[str] = frozenset()

    def __or__(self, other: Seals) -> Seals:
        return Seals(self.arrests | other.arrests, self.dockets | other.dockets)


def _arrest_number(at: int) -> str:
    return f"K14{600000 + at}"


def docket_number(at: int) -> str:
    """Give the number of a docket."""
    return f"2014KN{10000 + at:06d}"


@st.composite
def facts(draw: st.DrawFn, *, most: int = 8, wrong: bool = False) -> Facts:
    """Draw a city: gaps, dangling ids and filler included; seldom one without an arrest."""
    count = draw(st.integers(1, most)) if draw(_often) else 0
    ids = draw(st.permutations(range(1, count + 1)))
    ghosts = [most + 5, most + 6]  # ids that no table has
    arrests = tuple(_draw_arrest(draw, at) for at in ids)
    if arrests and not any(arrest.number for arrest in arrests):  # a seal has something to reach
        arrests = (replace(arrests[0], number=_arrest_number(arrests[0].id)), *arrests[1:])
    some = st.sampled_from([*ids, *ghosts])
    listed = st.lists(some, max_size=4).map(tuple)
    numbers = {arrest.id: arrest.number for arrest in arrests}
    known = st.sampled_from([*numbers.values(), None, "B16800001"])
    summons = st.tuples(st.none() | st.integers(50, 53).map(docket_number), st.none() | st.integers(1, 7))
    return Facts(
        arrests=arrests,
        people=tuple(draw(st.permutations(range(1, 7)))[: draw(st.integers(0, 6))]),
        summonses=draw(_numbered(summons)),
        stray_charges=draw(_numbered(st.none() | st.sampled_from(ghosts), 2)),
        stops=draw(_numbered(known)),
        lists=draw(_numbered(st.none() | listed)),
        edges=draw(_numbered(listed)),
        ties=draw(_numbered(listed)),
        notes=draw(_numbered(st.none() | st.integers(1, 5))),
        pairs=draw(_numbered(st.tuples(st.none() | some, some))),
        numbers=numbers,
        wrong=tuple(draw(st.lists(st.sampled_from(ids), max_size=2, unique=True))) if wrong and ids else (),
    )


def _numbered(things: st.SearchStrategy[T], most: int = 4) -> st.SearchStrategy[Numbered[T]]:
    return st.lists(things, max_size=most).map(lambda drawn: tuple(enumerate(drawn, start=1)))


def _draw_arrest(draw: st.DrawFn, at: int) -> Arrest:
    shared = draw(st.booleans())  # two rows of one arrest number, as after an amendment
    number = draw(st.sampled_from([_arrest_number(at), _arrest_number(at), _arrest_number(at), None]))
    dockets = draw(st.lists(st.integers(0, 1).map(lambda more: docket_number(2 * at + more)), max_size=2, unique=True))
    return Arrest(
        id=at,
        number=_arrest_number(1) if shared and at == 2 else number,
        person=draw(st.none() | st.integers(1, 4)),
        complaint=draw(st.none() | st.integers(1, 3)),
        day=draw(st.integers(0, 75)),
        precinct=draw(st.integers(1, 2)),
        weight=draw(st.none() | st.integers(0, 5)),
        dockets=tuple(dockets),
        charges=draw(_numbered(st.sampled_from([None, *dockets]), 3)),
        rows=draw(st.sampled_from([1, 1, 1, 1, 2])),
    )


@st.composite
def seals_of(draw: st.DrawFn, known: Facts) -> Seals:
    """Draw a set of seals: some, seldom all or none, and of arrests in the city mostly."""
    numbers = sorted({arrest.number for arrest in known.arrests if arrest.number})
    dockets = {number for arrest in known.arrests for number in arrest.dockets}
    dockets |= {number for _, (number, _) in known.summonses if number}
    if not draw(_often):
        return draw(st.sampled_from([Seals(), Seals(frozenset(numbers), frozenset(dockets))]))
    dockets_sealed = draw(_some(sorted(dockets)))
    least = 0 if dockets_sealed and not draw(_often) else 1  # a docket's seal reaches only what has a docket
    return Seals(draw(_some(numbers, least)), dockets_sealed)


_often = st.sampled_from([True] * 19 + [False])


def _some(names: list[str], least: int = 0) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names), min_size=least) if names else st.just(frozenset())


def without(known: Facts, seals: Seals, *, dockets: bool, when: str, by_key: bool, parts: Collection[str]) -> Facts:
    """Give the facts of a world in which what is sealed never happened.

    Parameters
    ----------
    dockets : bool
        Whether the estate has a table of dockets, by which their seals reach arrests.
    when : {"all", "any"}
        Whether a note about a complaint goes when all of its arrests went, or any.
    by_key : bool
        Whether lists name arrests by their numbers, and so only by what is sealed under a number.
    parts : collection of str
        Tables of the estate.
    """
    gone = {arrest.id for arrest in known.arrests if arrest.number in seals.arrests and arrest.number}
    if dockets:
        gone |= {a.id for a in known.arrests if a.dockets and all(number in seals.dockets for number in a.dockets)}
    stays = [_less_dockets(a, seals, dockets) for a in known.arrests if a.id not in gone]
    summonses = tuple(each for each in known.summonses if each[1][0] not in seals.dockets)
    unlisted = gone
    if by_key:
        unlisted = {a.id for a in known.arrests if a.number and a.number in seals.arrests}
    return replace(
        known,
        arrests=tuple(stays),
        people=_people(known, stays, summonses, summoned="summonses" in parts),
        summonses=summonses,
        stops=tuple((at, None if number in seals.arrests else number) for at, number in known.stops),
        lists=tuple((at, None if each is None else _less(each, unlisted)) for at, each in known.lists),
        edges=tuple((at, left) for at, each in known.edges if (left := _less(each, unlisted)) or not each),
        ties=tuple((at, left) for at, each in known.ties if (left := _less(each, gone)) or not each),
        notes=tuple(note for note in known.notes if not _note_goes(note[1], known, gone, when)),
        pairs=tuple(pair for pair in known.pairs if gone.isdisjoint(pair[1])),
        wrong=tuple(each for each in known.wrong if each not in gone),
    )


def _less_dockets(arrest: Arrest, seals: Seals, dockets: bool) -> Arrest:
    if not dockets:
        return arrest
    return replace(
        arrest,
        dockets=tuple(number for number in arrest.dockets if number not in seals.dockets),
        charges=tuple(each for each in arrest.charges if each[1] not in seals.dockets),
    )


def _less(ids: tuple[int, ...], gone: Collection[int]) -> tuple[int, ...]:
    return tuple(each for each in ids if each not in gone)


def _people(
    known: Facts, stays: list[Arrest], summonses: Numbered[tuple[str | None, int | None]], *, summoned: bool
) -> tuple[int, ...]:
    """People of whom something is left, and those of whom there never was anything: victims, witnesses."""
    before = {arrest.person for arrest in known.arrests}
    after = {arrest.person for arrest in stays}
    if summoned:
        before |= {person for _, (_, person) in known.summonses}
        after |= {person for _, (_, person) in summonses}
    return tuple(person for person in known.people if person not in before or person in after)


def _note_goes(complaint: int | None, known: Facts, gone: Collection[int], when: str) -> bool:
    about = [arrest.id in gone for arrest in known.arrests if complaint and arrest.complaint == complaint]
    return bool(about) and (all(about) if when == "all" else any(about))
