"""A value without the records that are removed, and with the counts and ranks that it has without them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sealscrub.errors import Refused, Spelled

from ..field_masks import Absent, Placeholder
from .answer_shape import Shape
from .locations import Location, Place, Step, value_at
from .record_verdicts import Gone

__all__ = ["check_counts", "edited", "guard_texts", "masked", "prune", "recount", "remake"]

_PAGE = Spelled(
    "counts what is elsewhere, as on pages, which were cut with the sealed records in them: guard their source "
    "with guard_ranking, or declare paging= of a GuardedRoute.",
    "counts what is elsewhere, as on pages, which were cut with the sealed records in them: guard what they were "
    "cut from.",
)


def prune(value: Any, gone: Gone, shape: Shape) -> Any:
    """Build the value without what is removed. The value itself is not changed."""
    tree: dict[Any, Any] = {}
    for place in sorted(gone.places, key=len):
        if gone.has(place[:-1]):
            continue
        node = tree
        for step in place[:-1]:
            node = node.setdefault(step, {})
        node[place[-1]] = None
    slots = {place: what for slot, what in shape.empty.items() for place, _, _ in slot.places(value)}
    return _prune(value, tree, (), slots)


def masked(value: Any, rows: Mapping[Place, Placeholder], gone: Gone, where: str) -> tuple[Any, Gone]:
    """Placeholder some rows of a value, and say what is removed from the rest of it."""
    if not rows:
        return value, gone

    def covered(place: Place) -> bool:
        """Whether a place is in a field that is masked as a whole."""
        return any(place[:at] in rows and place[at] in rows[place[:at]].values for at in range(len(place)))

    for depth in sorted({len(place) for place in rows}):  # a row can be in an independent field of another
        level = [place for place in rows if len(place) == depth and not covered(place)]
        value = edited(value, {place: rows[place].row(value_at(value, place), where) for place in level})
    left = Gone()
    for place in gone.places:
        if not covered(place):
            left.add(place)
    return value, left


def _prune(value: Any, tree: dict[Any, Any], place: Place, slots: dict[Place, Any]) -> Any:
    if not tree:
        return value
    if isinstance(value, dict):
        kept = {}
        for key, inner in value.items():
            below = tree.get(key, ...)
            if below is None:
                what = slots.get((*place, key), _ABSENT)
                if not isinstance(what, Absent):
                    kept[key] = what
            else:
                kept[key] = inner if below is ... else _prune(inner, below, (*place, key), slots)
        return OrderedDict(kept) if type(value) is OrderedDict else kept
    elements = []
    for at, inner in enumerate(value):
        below = tree.get(at, ...)
        if below is None:
            what = slots.get((*place, at), _ABSENT)
            if not isinstance(what, Absent):
                elements.append(what)
        else:
            elements.append(inner if below is ... else _prune(inner, below, (*place, at), slots))
    return tuple(elements) if type(value) is tuple else elements


_ABSENT = Absent()


def check_counts(value: Any, gone: Gone, shape: Shape, where: str) -> None:
    """Refuse counts and ranks that are not those of the answer as it came, in what stays of it.

    Raises
    ------
    Refused
        When one is not: it says something of records that are not in the answer.
    """
    for place, what in shape.totals:
        if isinstance(what, Location):
            for at, total in _remaining_places(place, value, gone):
                if total is not None and (isinstance(total, bool) or total != _count(what, place, value, at)):
                    raise Refused(f"{place.text} is not the number of {what.text}", where=where, hint=f"it {_PAGE}")
    for place, start in shape.ranks:
        for _, members in _runs(place, value, gone):
            if [rank for _, rank in members] != list(range(start, start + len(members))):
                raise Refused(
                    f"{place.text} does not count from {start} without ties", where=where, hint=f"perhaps it {_PAGE}"
                )


def recount(value: Any, shape: Shape) -> Any:
    """Set totals and ranks to what they are in a value. Only what is on the way to them is copied."""
    nothing = Gone()
    edits: dict[Place, Any] = {}
    for place, start in shape.ranks:
        for _, members in _runs(place, value, nothing):
            edits |= {at: start + number for number, (at, _) in enumerate(members)}
    for place, what in shape.totals:
        if isinstance(what, Location):
            for at, total in _remaining_places(place, value, nothing):
                if total is not None:
                    edits[at] = type(total)(_count(what, place, value, at))
    return edited(value, edits)


def remake(value: Any, shape: Shape, where: str) -> Any:
    """Set what a function makes of a guarded answer."""
    nothing = Gone()
    for place, what in shape.totals:
        if not isinstance(what, Location):
            made = _recomputed_value(what, value, place, where)
            value = edited(value, {at: made for at, _ in _remaining_places(place, value, nothing)})
    return value


def _remaining_places(place: Location, value: Any, gone: Gone) -> list[tuple[Place, Any]]:
    return [(at, found) for at, found, _ in place.places(value) if not gone.has(at)]


def _count(what: Location, total: Location, value: Any, at: Place) -> int:
    """How many there are of what a total counts, within the element that both are in."""
    shared = total.shared(what)
    if shared == len(what.steps):  # a total in each of the elements that it counts
        shared = total.shared(what.up_to(shared - 1))
    return what.count(value_at(value, at[:shared]), shared)


def _runs(place: Location, value: Any, gone: Gone) -> list[tuple[Place, list[tuple[Place, Any]]]]:
    """Ranks by the array that they count: where that is, and each rank with its place."""
    length = max(at for at, step in enumerate(place.steps) if step is Step.EACH)
    runs: dict[Place, list[tuple[Place, Any]]] = {}
    for at, rank, _ in place.places(value):
        runs.setdefault(at[:length], []).append((at, rank))
    return [(holder, members) for holder, members in runs.items() if not gone.has(holder)]


def _recomputed_value(what: Callable[[Any], Any], value: Any, place: Location, where: str) -> Any:
    try:
        return what(value)
    except Exception as error:  # its text may hold a row
        kind = type(error).__name__
    raise Refused(f"the function that recomputes {place.text} failed with {kind}", where=where)


def guard_texts(value: Any, places: Iterable[Location], clean: Callable[[str], str]) -> Any:
    """Clean the texts at some places. What is not text there stays."""
    edits = {at: clean(found) for place in places for at, found, _ in place.places(value) if isinstance(found, str)}
    return edited(value, edits)


def edited(value: Any, edits: dict[Place, Any]) -> Any:
    """A value with other things at some places. Only what is on the way to them is copied."""
    if not edits:
        return value
    if () in edits:
        return edits[()]
    tree: dict[Any, Any] = {}
    for place, new in edits.items():
        node = tree
        for step in place[:-1]:
            node = node.setdefault(step, {})
        node[place[-1]] = _NewValue(new)
    return _replace_at(value, tree)


class _NewValue:
    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def _replace_at(value: Any, tree: dict[Any, Any]) -> Any:
    copy: Any = value.copy() if isinstance(value, dict) else list(value)
    for step, below in tree.items():
        copy[step] = below.value if isinstance(below, _NewValue) else _replace_at(copy[step], below)
    return tuple(copy) if type(value) is tuple else copy
