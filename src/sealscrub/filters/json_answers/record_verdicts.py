"""Which records of one answer may not be returned, from the outermost inwards, and what falls with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import Refused, SealscrubError, Spelled, UncheckedKeys
from sealscrub.index import Index
from sealscrub.index.planted_keys import is_planted
from sealscrub.matching import Policy

from ..barred_records import Judge, Judgement
from ..field_masks import Placeholder
from ..known_ids import Known
from ..live_index import LiveIndex
from .answer_shape import Group, Key, Shape, column_of
from .known_records import KnownRecords, lists_by_scheme
from .locations import Location, Place, Step, Steps, members, value_at, written

__all__ = ["Gone", "RecordJudge", "key_fields", "spread_to_holders"]

_NO_KEY = (dict, list, tuple, bool)
_MAP_KEY = (Step.KEY,)
_TEXT_OR_NONE = frozenset({str, type(None)})
_MOST_KEPT = 100_000


class Gone:
    """Places of records that may not be returned; what is within one is removed with it.

    Attributes
    ----------
    places : set
    masked : dict
        Places of rows that stay, and what they look like without their record.
    """

    def __init__(self) -> None:
        self.places: set[Place] = set()
        self.masked: dict[Place, Placeholder] = {}
        self._lengths: set[int] = set()

    def add(self, place: Place) -> None:
        """Take a record out."""
        self.places.add(place)
        self._lengths.add(len(place))

    def has(self, place: Place) -> bool:
        """Whether a place is removed, on its own or with what it is in."""
        return not self.places.isdisjoint([place[:length] for length in self._lengths])

    def __repr__(self) -> str:
        return f"Gone({len(self.places)} records)"


@dataclass(slots=True)
class _Record:
    place: Place
    fields: dict[str, Any]
    present: bool = True  # whether any of its keys has a place in it, with a value or without
    problem: SealscrubError | None = None  # raised if the record stays: whether it does, another key may say

    @property
    def has_key(self) -> bool:
        return any(value is not None for value in self.fields.values())


class RecordJudge:
    """Judges the records of answers of one shape.

    Parameters
    ----------
    index : Index or LiveIndex
    shape : Shape
    known : optional
        As :class:`Judge` takes it. A record is known when one of its keys is, and none is unknown.
    policy : Policy, optional
    where : str
        What the answer is called in errors.
    allow_absent : bool
        Whether an answer may hold none of the declared locations.
    """

    def __init__(
        self,
        index: Index | LiveIndex,
        shape: Shape,
        *,
        known: Known | None = None,
        policy: Policy | None = None,
        where: str = "answer",
        allow_absent: bool = False,
    ) -> None:
        self.shape, self.where, self.allow_absent = shape, where, allow_absent
        policy = policy or Policy()
        self.whole = Judge(index, shape.on, policy=policy, where=where)
        part = replace(policy, min_coverage=0.0)  # the keys of all groups cover together
        self.judges = [Judge(index, group.on, policy=part, where=where) for group in shape.groups]
        lists = lists_by_scheme(known, self.whole.keys)
        if lists is not None:
            for judge in self.judges:
                judge.known = KnownRecords(judge.keys, lists)
        self.lists = lists
        self.knows = lists is not None
        may_keep = not any(callable(ids) for ids in (lists or {}).values())
        self._verdicts = [_Verdicts(group, may_keep=may_keep) for group in shape.groups]

    def start(self, index: Index | None = None) -> list[Judgement]:
        """Begin an answer: a judgement for each group of keys, all by one index."""
        if index is None:
            index = self.whole.start().index
        for key in self.whole.keys:
            index.require(key.scheme)
        return [judge.start(index) for judge in self.judges]

    def gone(self, value: Any, judgements: list[Judgement]) -> Gone:
        """Say which records of a value may not be returned.

        Raises
        ------
        Refused
            When the value is not of the declared shape.
        UncheckedKeys
            When a key of a record that may be returned cannot be checked.
        """
        gone = Gone()
        found = [list(_records(group, value, self.where)) for group in self.shape.groups]
        if not any(found) and not self.allow_absent and not self._has_container(value):
            raise Refused(
                "the response has none of the declared locations",
                where=self.where,
                hint=Spelled(
                    "fix on=, or set allow_absent=True if a response may lack them.",
                    "name the location of its keys with --on.",
                ),
            )
        masks = [self.shape.masks.get(group.record) if group.record else None for group in self.shape.groups]
        for depth in sorted({len(record.place) for records in found for record in records}):
            for mask, verdicts, judgement, records in zip(masks, self._verdicts, judgements, found, strict=True):
                level = [
                    each for each in records if len(each.place) == depth and (each.problem is None or each.has_key)
                ]
                if gone.places:
                    level = [each for each in level if not gone.has(each.place)]
                if level:
                    for record in verdicts.barred(judgement, level):
                        if mask is None:
                            gone.add(record.place)
                        else:
                            gone.masked[record.place] = mask
            for main, others in self.shape.parallel:
                _spread_to_parallel(gone, value, main, others, self.where)
        for mask, records in zip(masks, found, strict=True):
            _require_readable(records, gone)
            if mask is not None:
                for record in records:
                    if not gone.has(record.place):
                        _check_row(value_at(value, record.place), mask, self.where)
        if not self.allow_absent:
            unmasked = [records for mask, records in zip(masks, found, strict=True) if mask is None]
            self._require_keys(chain.from_iterable(unmasked), gone)
        return gone

    def judged(self, value: Any) -> list[tuple[Judgement, pl.DataFrame, list[str]]]:
        """For the custodian: key fields and location of each record, by group, with what judges them."""
        made = []
        for group, judgement in zip(self.shape.groups, self.start(), strict=True):
            records = list(_records(group, value, self.where))
            _require_readable(records, Gone())
            columns = judgement.judge.columns
            batch = judgement.batch({name: [record.fields[name] for record in records] for name in columns})
            made.append((judgement, batch, [written(record.place) for record in records]))
        return made

    def _require_keys(self, records: Iterable[_Record], gone: Gone) -> None:
        """Refuse an answer that holds a record without a place for a key, or none with a key."""
        left, keyed, lacking = False, False, False
        for record in records:
            if (keyed and record.present) or gone.has(record.place):
                continue
            left = True
            keyed = keyed or record.has_key
            lacking = lacking or not record.present
        if left and (lacking or not keyed):
            raise Refused(
                "a record of the response has no key at the declared location",
                where=self.where,
                hint=Spelled(
                    "fix on=, or set allow_absent=True if records may lack it.",
                    "name the location of each record's key with --on.",
                ),
            )

    def _has_container(self, value: Any) -> bool:
        """Whether a place where records could be exists, and empty."""
        for group in self.shape.groups:
            if group.record is None:
                return True
            for at, step in enumerate(group.record.steps):
                holders = group.record.up_to(at).places(value) if step is Step.EACH else ()
                if any(at + 1 == len(group.record.steps) or not held for _, held, _ in holders):
                    return True
        return False


def _records(group: Group, value: Any, where: str) -> Iterator[_Record]:
    """Records of a group with the values of their keys."""
    if group.record is None:
        yield from _anywhere(group.keys[0], value, where)
        return
    fields_of = group.fields
    of_map = any(below == _MAP_KEY for _, _, below in fields_of)
    for place, inner in _places_of_records(group, value, where):
        fields: dict[str, Any] = {}
        present = False
        problem: SealscrubError | None = None
        if isinstance(inner, _Unreadable):
            yield _Record(place, {column: None for column, _, _ in fields_of}, problem=inner.problem)
            continue
        for column, text, below in fields_of:
            there, found = _map_key(value, place) if of_map and below == _MAP_KEY else _field(inner, below)
            if isinstance(found, _NO_KEY):
                found, problem = None, _no_key(text, where)
            present = present or there
            fields[column] = found
        if present or place:  # an answer without the key of its root is about no record
            if not present and inner is not None:
                problem = _wrong_kind(inner, [below for _, _, below in fields_of], group.record.text, where)
            has_place = present or any(_ends_in_null(inner, below) for _, _, below in fields_of)
            yield _Record(place, fields, present=has_place, problem=problem)


def _require_readable(records: Iterable[_Record], gone: Gone) -> None:
    """Refuse an answer in which the keys of a record that stays cannot be read."""
    for record in records:
        if record.problem is not None and not gone.has(record.place):
            raise record.problem


@dataclass(slots=True)
class _Unreadable:
    problem: SealscrubError


def _check_row(row: Any, mask: Placeholder, where: str) -> None:
    """Refuse a row of which it is not declared what it looks like without its record."""
    if not isinstance(row, dict):
        raise Refused("a row to mask is not an object", where=where)
    mask.check(row, where)


def _places_of_records(group: Group, value: Any, where: str) -> Iterator[tuple[Place, Any]]:
    """Where the records of a group are, and what they are."""
    record, holder = group.record, group.holder
    if record is None:
        return
    if holder is None:
        for place, inner, _ in record.places(value):
            yield place, inner
        return
    for place, held, _ in holder.places(value):
        if held is not None and not isinstance(held, dict | list | tuple):
            yield (
                place,
                _Unreadable(Refused(f"the parent of {record.text} is neither an array nor an object", where=where)),
            )
        for key, inner in members(held):
            yield (*place, key), inner


def _wrong_kind(record: Any, ways: list[Steps], text: str, where: str) -> Refused | None:
    """What is wrong with a record that cannot have a key: its keys have names and it is an array, or the opposite."""
    if not isinstance(record, dict | list | tuple):
        return Refused(f"a record at {text} is neither an array nor an object", where=where)
    wanted = str if isinstance(record, dict) else int
    if any(below and isinstance(below[0], wanted) for below in ways):
        return None
    return Refused(f"a record at {text} has another type than the declared location needs", where=where)


def _anywhere(key: Key, value: Any, where: str) -> Iterator[_Record]:
    part = key.parts[0]
    for place, found, owner in part.places(value):
        problem = _no_key(part.text, where) if isinstance(found, _NO_KEY) else None
        yield _Record(place[:owner], {column_of(part): found if problem is None else None}, problem=problem)


def _field(record: Any, steps: Steps) -> tuple[bool, Any]:
    """Whether a record has the field that some steps lead to, and its value."""
    for step in steps:
        named = isinstance(step, str) and isinstance(record, dict) and step in record
        numbered = isinstance(step, int) and isinstance(record, list | tuple) and -len(record) <= step < len(record)
        if not (named or numbered):
            return False, None
        record = record[step]
    return True, record


def key_fields(shape: Shape, items: Location, element: Any) -> Any:
    """What says which element of a list this is: its keys, or all of it if it has none of its own."""
    groups = [group for group in shape.groups if group.record is not None and group.record.steps == items.steps]
    return [_field(element, below) for group in groups for _, _, below in group.fields] or element


def _ends_in_null(record: Any, steps: Steps) -> bool:
    """Whether there is a null if steps lead to something further on: a slot for a record, and none in it."""
    for count in range(len(steps) + 1):
        there, found = _field(record, steps[:count])
        if there and found is None:
            return True
    return False


def _map_key(value: Any, place: Place) -> tuple[bool, Any]:
    """The key of a map's entry at a place; an array's elements have none."""
    return (True, place[-1]) if isinstance(value_at(value, place[:-1]), dict) else (False, None)


def _no_key(location: str, where: str) -> UncheckedKeys:
    return UncheckedKeys(
        f"{location} holds a value that is not an identifier",
        where=where,
        hint="name the location of the identifier itself; [*] is each element of an array.",
    )


class _Verdicts:
    """Verdicts of one group of keys, kept as long as the index is the same: a service shows the same records often.

    Only for records with a single key that is text, where the list of known ids cannot change meanwhile.
    """

    def __init__(self, group: Group, *, may_keep: bool) -> None:
        self.columns = list(dict.fromkeys(column_of(part) for key in group.keys for part in key.parts))
        self._may_keep = may_keep and len(self.columns) == 1
        self._kept: tuple[str, dict[Any, bool]] = ("", {})

    def barred(self, judgement: Judgement, records: list[_Record]) -> list[_Record]:
        """Which records may not be returned."""
        if self._may_keep and not is_planted():
            name = self.columns[0]
            values = [record.fields[name] for record in records]
            if _TEXT_OR_NONE.issuperset(map(type, values)):
                kept = self._known_verdicts(judgement, values)
                return [record for record, value in zip(records, values, strict=True) if kept[value]]
        fields = {name: [record.fields[name] for record in records] for name in self.columns}
        return [records[at] for at in np.flatnonzero(judgement.gone_of(fields)).tolist()]

    def _known_verdicts(self, judgement: Judgement, values: list[Any]) -> dict[Any, bool]:
        of, kept = self._kept
        if of != judgement.index.id or len(kept) > _MOST_KEPT:
            kept = {}
            self._kept = (judgement.index.id, kept)
        asked = [value for value in dict.fromkeys(values) if value not in kept]
        if asked:
            kept.update(zip(asked, judgement.gone_of({self.columns[0]: asked}).tolist(), strict=True))
        return kept

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_kept": ("", {})}  # what was kept names records


def spread_to_holders(gone: Gone, value: Any, shape: Shape) -> None:
    """Add the holders that exist only by what is in them, if nothing is left."""
    for container in shape.support:
        length = shape.record_length(container)
        for place, held, owner in container.places(value):
            if gone.has(place) or not isinstance(held, dict | list | tuple):
                continue
            keys = held.keys() if isinstance(held, dict) else range(len(held))
            if all((*place, key) in gone.places for key in keys):
                gone.add(place[: owner if length is None else length])


def _spread_to_parallel(gone: Gone, value: Any, main: Location, others: tuple[Location, ...], where: str) -> None:
    """Add the same elements of the arrays that run next to one."""
    for place, held, _ in main.places(value):
        if gone.has(place):
            continue
        for other in others:
            shared = main.shared(other)
            near = place[:shared]
            beside = [(at, found) for at, found, _ in other.places(value_at(value, near), near, shared)]
            for at, found in beside:
                if not isinstance(found, list | tuple) or not isinstance(held, list | tuple) or len(found) != len(held):
                    raise Refused(f"{other.text} does not have the length of {main.text}", where=where)
                for number in range(len(held)):
                    if (*place, number) in gone.places:
                        gone.add((*at, number))
