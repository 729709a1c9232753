"""What a guard of JSON is given: where keys are, what is counted, what falls with what; read once, for every answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from sealscrub.errors import ConfigError, Spelled
from sealscrub.identifiers import get_scheme

from ..field_masks import Placeholder
from .locations import Location, Step, Steps, parse_all, parse_location, written

__all__ = ["JsonOn", "Shape", "Totals"]

JsonOn: TypeAlias = Mapping[str, "str | Sequence[str]"]
Totals: TypeAlias = Mapping[str, "str | Callable[[Any], Any]"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a record: its scheme, and the location of each of its parts."""

    scheme: str
    parts: tuple[Location, ...]


@dataclass(frozen=True)
class Group:
    """Keys that are fields of the same records.

    Attributes
    ----------
    record : Location or None
        Where the records are. None for a key that is looked for anywhere: then the value decides.
    keys : tuple of Key
    """

    record: Location | None
    keys: tuple[Key, ...]

    @cached_property
    def holder(self) -> Location | None:
        """The array or map whose elements or entries the records are; None if they are not such."""
        steps = () if self.record is None else self.record.steps
        return self.record.up_to(len(steps) - 1) if self.record is not None and steps[-1:] == (Step.EACH,) else None

    @cached_property
    def fields(self) -> tuple[tuple[str, str, Steps], ...]:
        """Of each part of a key: its column, its location as it was written, and the steps to it from its record."""
        start = 0 if self.record is None else len(self.record.steps)
        return tuple((column_of(part), part.text, part.steps[start:]) for key in self.keys for part in key.parts)

    @property
    def on(self) -> dict[str, list[str]]:
        """The keys, as a :class:`sealscrub.filters.Judge` gets them: each part's column bears its location."""
        found: dict[str, list[str]] = {}
        for key in self.keys:
            found.setdefault(key.scheme, []).append("+".join(column_of(part) for part in key.parts))
        return found


def column_of(location: Location) -> str:
    """The name of the column that a location's values are judged in."""
    return location.text.replace("+", "＋")  # a plus sign parts the columns of a composite key


@dataclass(frozen=True)
class Shape:
    """Everything that is said about an answer's form. Made by :func:`read_shape`."""

    groups: tuple[Group, ...]
    totals: tuple[tuple[Location, Location | Callable[[Any], Any]], ...] = ()
    ranks: tuple[tuple[Location, int], ...] = ()
    support: tuple[Location, ...] = ()
    parallel: tuple[tuple[Location, tuple[Location, ...]], ...] = ()
    empty: Mapping[Location, Any] = field(default_factory=dict)
    texts: tuple[Location, ...] = ()
    masks: Mapping[Location, Placeholder] = field(default_factory=dict)
    independent: tuple[Location, ...] = ()
    is_complete: bool = False
    complete: tuple[Location, ...] = ()

    @property
    def on(self) -> dict[str, list[str]]:
        """All keys."""
        found: dict[str, list[str]] = {}
        for group in self.groups:
            for scheme, columns in group.on.items():
                found.setdefault(scheme, []).extend(columns)
        return found

    @cached_property
    def lists(self) -> tuple[Location, ...]:
        """The lists, as locations of their elements, from which something may be removed."""
        records = [group.record for group in self.groups if group.holder is not None and group.record is not None]
        found = [each for each in records if each not in self.masks]
        for container in self.support:
            length = self.record_length(container)
            holder = None if length is None else container.up_to(length)
            if holder is not None and holder.steps[-1:] == (Step.EACH,):
                found.append(holder)
        return tuple(dict.fromkeys(Location(written(each.steps), each.steps) for each in found))

    def require_complete(self, besides: Collection[Location] = (), *, anywhere: bool = False) -> None:
        """Refuse lists that are not declared to hold all that was found.

        Parameters
        ----------
        besides : collection of Location
            Lists of which something else was said.
        anywhere : bool
            Whether elements of any array may be removed.

        Raises
        ------
        ConfigError
        """
        if self.is_complete:
            return
        steps = {each.steps for each in (*self.complete, *besides)}
        open_lists = [each.text for each in self.lists if each.steps not in steps]
        if any(group.record is None for group in self.groups) or anywhere:
            open_lists.append("an array")
        if open_lists:
            raise ConfigError(
                f"{open_lists[0]} is not declared complete",
                hint=Spelled(
                    "complete=True if lists have every record found. A page or top-k list was cut with its sealed "
                    "records: guard its source with guard_ranking, or declare paging= of a GuardedRoute.",
                    "--complete if lists have every record found; guard a page or top-k list before it is cut.",
                ),
            )

    def record_length(self, location: Location) -> int | None:
        """After how many steps of a location its record is; None if the value decides."""
        slots = [len(slot.steps) for slot in self.empty if location.steps[: len(slot.steps)] == slot.steps]
        found = location.record_steps
        if found is None:
            anywhere = location.steps.index(Step.ANYWHERE)
            deep = [slot for slot in slots if slot > anywhere]
            return max(deep, default=None)
        return max([found, *slots])


def read_shape(
    on: JsonOn,
    *,
    totals: Totals | None = None,
    ranks: Mapping[str, int] | Iterable[str] = (),
    support: Iterable[str] = (),
    parallel: Mapping[str, str | Sequence[str]] | None = None,
    empty: Mapping[str, Any] | None = None,
    texts: str | Iterable[str] = (),
    mask: Mapping[str, Placeholder] | None = None,
    complete: bool | str | Iterable[str] = False,
    independent: str | Iterable[str] = (),
) -> Shape:
    """Read what a guard is given.

    Raises
    ------
    ConfigError
        When a location is invalid, or cannot be used for what it is given for.

    Examples
    --------
    >>> shape = read_shape({"arrest_number": ["$.hits[*].arrest"]}, totals={"$.total": "$.hits[*]"})
    >>> shape.groups[0].record.text
    '$.hits[*]'
    """
    if not isinstance(on, Mapping):
        raise ConfigError(
            "no location of a key is declared",
            hint=Spelled('on={"arrest_number": ["$.hits[*].arrest"]}', "--on arrest_number='$.hits[*].arrest'"),
        )
    slots = parse_all(empty or {})
    draft = Shape((), empty=slots)
    counted = tuple(
        (place, what if callable(what) else parse_location(what)) for place, what in parse_all(totals or {}).items()
    )
    starts = parse_all(ranks) if isinstance(ranks, Mapping) else {parse_location(each): 1 for each in _as_names(ranks)}
    for place in starts:
        if place.record_steps is None or Step.EACH not in place.steps:
            raise ConfigError(f"{place.text} is not a rank of the elements of an array", hint="$.hits[*].rank")
    groups = _groups(on, draft)
    return Shape(
        groups,
        counted,
        tuple(starts.items()),
        tuple(sorted(map(parse_location, _as_names(support)), key=lambda each: -len(each.steps))),
        tuple(
            (place, tuple(map(parse_location, _as_names(others))))
            for place, others in parse_all(parallel or {}).items()
        ),
        slots,
        tuple(map(parse_location, _as_names(texts))),
        _masks(mask or {}, groups),
        tuple(map(parse_location, _as_names(independent))),
        complete is True,
        () if isinstance(complete, bool) else tuple(map(parse_location, _as_names(complete))),
    )


def _masks(mask: Mapping[str, Placeholder], groups: tuple[Group, ...]) -> dict[Location, Placeholder]:
    """Masks by the location of their rows, with the fields that hold the keys."""
    found = {}
    for place, what in parse_all(mask).items():
        group = next((each for each in groups if each.record is not None and each.record.steps == place.steps), None)
        if group is None or group.record is None or not isinstance(what, Placeholder):
            raise ConfigError(
                f"{place.text} is not the place of a masked record",
                hint=Spelled('mask={"$.hits[*]": Placeholder(…)}', "name a place with a record."),
            )
        below = [part.steps[len(place.steps)] for key in group.keys for part in key.parts]
        if not all(isinstance(step, str) for step in below):
            raise ConfigError(f"{place.text} cannot be masked: its key is not one of its fields")
        found[group.record] = what.with_keys([str(step) for step in below])
    return found


def _groups(on: JsonOn, draft: Shape) -> tuple[Group, ...]:
    fixed: dict[Location, list[Key]] = {}
    loose: list[Group] = []
    for scheme, named in on.items():
        for text in _as_names(named):
            key = _key(scheme, text)
            first = key.parts[0]
            length = draft.record_length(first)
            if any(_record_of(part, draft) != _record_of(first, draft) or length is None for part in key.parts[1:]):
                raise ConfigError(f"the parts of {text!r} are not of one record", hint="name fields of one object.")
            if length is None:
                loose.append(Group(None, (key,)))
            else:
                fixed.setdefault(first.up_to(length), []).append(key)
    if not fixed and not loose:
        raise ConfigError("no location of a key given: nothing would be checked", hint="$.hits[*].arrest")
    return (*(Group(record, tuple(keys)) for record, keys in fixed.items()), *loose)


def _record_of(location: Location, draft: Shape) -> tuple[object, ...]:
    return location.steps[: draft.record_length(location)]


def _key(scheme: str, text: str) -> Key:
    definition = get_scheme(scheme)
    parts = re.split(r"\s*\+\s*(?=\$)", text) if isinstance(text, str) else [text]
    needed = len(definition.parts) or 1
    if len(parts) != needed:
        raise ConfigError(
            f"{definition.name} is made of {needed} location{'s' if needed > 1 else ''}",
            hint="+".join(f"$.hits[*].{part}" for part in definition.parts) or "$.hits[*].arrest",
        )
    return Key(definition.name, tuple(map(parse_location, parts)))


def _as_names(named: str | Iterable[str]) -> list[str]:
    return [named] if isinstance(named, str) else list(named)
