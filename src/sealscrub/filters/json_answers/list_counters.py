"""What may count a list from which something may be removed: it is declared or refused, by what stays of the answer."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator
from typing import Any

from sealscrub.errors import Refused, Spelled

from .answer_shape import Shape
from .locations import Location, Place, Step, members
from .numbers_in_elements import SameNumbers, could_count, is_number, is_whole, whole_value

__all__ = ["StreamCounters", "check_beside"]

_BESIDE_A_PAGE = Spelled(
    "declare everything next to a page: in paging=, or in independent= if it is the same without the sealed records.",
    "declare everything next to a page: with --independent if it is the same without the sealed records.",
)
_DECLARE = (
    "declare each number, each text that is one, each truth value and each array next to a list, and each whole number "
    "in its elements: "
)
_BESIDE_A_LIST = Spelled(
    f"{_DECLARE}totals= counts a list again, parallel= names an array next to it, independent= what is the same "
    "without the sealed records.",
    f"{_DECLARE}--total counts a list again, --independent names what is the same without the sealed records.",
)


def check_beside(
    value: Any, shape: Shape, where: str, *, every: bool = False, besides: Iterable[Location] = ()
) -> None:
    """Refuse an answer in which something undeclared may count a list.

    Parameters
    ----------
    value : object
        What stays of the answer, so the refusal is that of an answer without the sealed records.
    shape : Shape
    where : str
        What the answer is called in errors.
    every : bool
        Whether all values next to a list count, and not numbers, texts that are numbers, truth values and arrays only.
    besides : iterable of Location
        What is declared elsewhere, with all that is in it.

    Raises
    ------
    Refused
    """
    lists = {at: held for each in shape.lists for at, held, _ in each.up_to(len(each.steps) - 1).places(value)}
    is_loose = any(group.record is None for group in shape.groups)
    if not lists and not is_loose:
        return
    named = [each for each in (*_locations(shape), *besides) if Step.KEY not in each.steps]
    said = {at for each in named for at, _, _ in each.places(value)}
    elements = {(*at, key) for at, held in lists.items() for key, _ in members(held)}
    if is_loose:
        elements |= _loose_records(value, shape)
    arrays = None if is_loose else _declared_arrays(value, (*named, *shape.lists))
    walk = _CounterSearch(said, lists, elements, arrays, every=every)
    if any(True for _ in walk.strange(value)):  # its place is not named: the names of a map may be values
        listed = shape.lists[0].text if shape.lists else "a list"
        raise _counts(listed, where, _BESIDE_A_PAGE if every else _BESIDE_A_LIST)


def _counts(listed: str, where: str, hint: Spelled) -> Refused:
    return Refused(f"a value in or next to {listed} may count records that may not be returned", where=where, hint=hint)


class StreamCounters:
    """Looks for what may count the records of a stream: in a record as in an element, elsewhere as next to a list.

    Parameters
    ----------
    shape : Shape
    where : str
        What the stream is called in errors.
    """

    def __init__(self, shape: Shape, where: str) -> None:
        self._shape, self._where = shape, where
        self._same = SameNumbers()
        self._keys = [
            part
            for group in shape.groups
            if group.record is not None and not group.record.steps
            for key in group.keys
            for part in key.parts
        ]

    def check(self, value: Any) -> None:
        """Refuse what stays of a record, or of another value in the stream, if something undeclared may count.

        Raises
        ------
        Refused
        """
        if not self._keys:  # what is in lists of their own was looked at
            return
        said = {at for each in _locations(self._shape) if Step.KEY not in each.steps for at, _, _ in each.places(value)}
        is_record = any(True for part in self._keys for _ in part.places(value))
        left: list[tuple[Place, Any]] = [((), value)]
        fields: dict[Hashable, Any] = {}
        while left:
            place, found = left.pop()
            if place in said:
                continue
            if is_whole(found) or (not is_record and (isinstance(found, list | tuple) or is_number(found))):
                raise self._refused()
            left += [((*place, key), inner) for key, inner in members(found)]
            fields[place] = found
        if is_record:
            self._same.add(fields)

    def close(self) -> None:
        """Refuse the stream if a decimal number that is whole was the same in all its records, as in a list.

        Raises
        ------
        Refused
        """
        if self._same.may_count:
            raise self._refused()

    def _refused(self) -> Refused:
        return _counts("the stream", self._where, _BESIDE_A_LIST)


def _locations(shape: Shape) -> Iterator[Location]:
    """Everything of which it is said what it is."""
    yield from (each for each, _ in (*shape.totals, *shape.ranks))
    yield from (*shape.independent, *shape.empty, *shape.masks)
    yield from (other for _, others in shape.parallel for other in others)
    yield from (part for group in shape.groups for key in group.keys for part in key.parts)


def _loose_records(value: Any, shape: Shape) -> set[Place]:
    """Elements of arrays in which a key was found by its name."""
    parts = [group.keys[0].parts[0] for group in shape.groups if group.record is None]
    return {place[:owner] for part in parts for place, _, owner in part.places(value) if owner}


def _declared_arrays(value: Any, named: Iterable[Location]) -> set[Place]:
    """Arrays of whose elements something is declared, whether or not they have any."""
    numbered = [
        each.up_to(at) for each in named for at, step in enumerate(each.steps) if step is Step.EACH or type(step) is int
    ]
    return {at for each in dict.fromkeys(numbered) for at, _, _ in each.places(value)}


class _CounterSearch:
    """Looks for what may count, and is not declared.

    next to a list that is what has the form of a number or of an array. In its elements, whose fields are their own, it
    is what has the form of a whole number; and a decimal number that is whole, the same in all of them, and not less
    than they are. No verdict depends on an element that is removed.
    """

    def __init__(
        self,
        said: Collection[Place],
        lists: Collection[Place],
        elements: Collection[Place],
        arrays: Collection[Place] | None,
        *,
        every: bool,
    ) -> None:
        self._said, self._lists, self._elements = said, lists, elements
        self._ways = {at[:length] for at in lists for length in range(len(at))}
        self._arrays, self._every = arrays, every

    def strange(self, value: Any) -> Iterator[Place]:
        """Give the places of what may count."""
        decimals: dict[Place, list[tuple[Place, Any]]] = {}
        left: list[tuple[Place, Any]] = [((), value)]
        while left:
            place, found = left.pop()
            if place in self._said:
                continue
            if place in self._elements and place not in self._ways:
                decimals.setdefault(place[:-1], []).append((place, found))
                yield from self._places_below(place, found)
            elif isinstance(found, dict | list | tuple):
                if self._is_strange_array(place, found):
                    yield place
                else:
                    left += [((*place, key), inner) for key, inner in members(found)]
            elif self._every or is_number(found):
                yield place
        for listed in decimals.values():
            yield from self._same_decimals(listed)

    def _is_strange_array(self, place: Place, found: Any) -> bool:
        if self._every:
            return not found and place not in self._lists
        is_array = isinstance(found, list | tuple)
        return is_array and self._arrays is not None and place not in self._arrays

    def _places_below(self, place: Place, element: Any) -> Iterator[Place]:
        left = [(place, element)]
        while left:
            at, found = left.pop()
            if at in self._said:
                continue
            if isinstance(found, dict | list | tuple):
                left += [((*at, key), inner) for key, inner in members(found)]
            elif is_whole(found):
                yield at

    def _same_decimals(self, elements: list[tuple[Place, Any]]) -> Iterator[Place]:
        first, *_ = elements
        left: list[Place] = [()]
        while left:
            below = left.pop()
            place = (*first[0], *below)
            found = _value_below(first[1], below)
            if place in self._said:
                continue
            if isinstance(found, dict):
                left += [(*below, key) for key in found]
                continue
            same = whole_value(found)
            counts = same is not None and could_count(same, len(elements))
            if counts and all(whole_value(_value_below(each, below)) == same for _, each in elements):
                yield place


def _value_below(element: Any, below: Place) -> Any:
    for step in below:
        if not isinstance(element, dict) or step not in element:
            return None
        element = element[step]
    return element
