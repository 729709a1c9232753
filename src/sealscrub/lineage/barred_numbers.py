"""An index put to the dictionary of record numbers: which numbers it bars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import polars as pl

from sealscrub.errors import UsageError
from sealscrub.identifiers import RecordKey, digest_column
from sealscrub.index import Index, Reason

from .members import Members, Space
from .membership import Membership, roaring, spaces_of
from .run_record import RunRecord

if TYPE_CHECKING:
    from pyroaring import BitMap

__all__ = ["AskedIndex", "AskedRegistry", "PastSeal", "SealHistory"]

_BARRING = ("sealed", "withheld")


class PastSeal(Protocol):
    """A seal as it was: ``sealed``, ``withheld`` or another state, and the keys of its record."""

    @property
    def state(self) -> str:
        """Its state."""

    @property
    def keys(self) -> Iterable[RecordKey]:
        """The keys of its record."""


@runtime_checkable
class SealHistory(Protocol):
    """What the custodian's registry answers about the past."""

    @property
    def id(self) -> str:
        """The registry's id, as its indexes have it."""

    def seals(self, as_of: dt.date | None = None, *, epoch: int | None = None) -> Iterable[PastSeal]:
        """Give the seals as of a day, as known at an epoch.

        Raises
        ------
        UsageError
            When the epoch is not one of the registry.
        """


class AskedIndex:
    """The numbers that an index bars.

    Parameters
    ----------
    index : Index
    members : Members
        The dictionary; every id in it is looked up once.

    Attributes
    ----------
    sealed, withheld : pyroaring.BitMap
    """

    def __init__(self, index: Index, members: Members) -> None:
        index.verify()
        self.index = index
        self.spaces = frozenset(spaces_of(index, index.schemes))
        bitmap = roaring()
        self.sealed, self.withheld = bitmap(), bitmap()
        for space in self.spaces & members.blocks.keys():
            table = members.table(space)
            digests = np.ascontiguousarray(table.select("high", "low").to_numpy())
            reasons = index.lookup(space.scheme, digests)
            numbers = table["number"].to_numpy()
            self.sealed |= bitmap(numbers[reasons == Reason.SEALED])
            self.withheld |= bitmap(numbers[reasons == Reason.WITHHELD])

    def barred(self, allowed: Iterable[str]) -> BitMap:
        """Give the numbers that may not be in data for which this was allowed."""
        return self.sealed if "withheld" in allowed else self.sealed | self.withheld

    def is_about(self, membership: Membership, min_coverage: float) -> bool:
        """Whether each record of a membership would have been recognised, and enough of the seals."""
        held = set(membership.spaces) <= self.spaces
        schemes = [space.scheme for space in membership.spaces]
        return held and self.index.recognised(schemes, bounded="withheld" not in membership.allowed) >= min_coverage


class AskedRegistry:
    """What the registry knew, and what was so in law, on the day of a run: by the numbers of its sealed records.

    Parameters
    ----------
    registry : SealHistory
        The custodian's, open.
    index : Index
        Under whose key the numbers' digests are.
    members : Members
    """

    def __init__(self, registry: SealHistory, index: Index, members: Members) -> None:
        self.registry, self._index, self._members = registry, index, members
        self._known: dict[Any, BitMap] = {}

    def known_then(self, record: RunRecord) -> BitMap | None:
        """Give what was sealed on the day of a run's index, as known at its epoch; None for another registry."""
        return self._sealed(record, record.epoch)

    def sealed_in_law(self, record: RunRecord) -> BitMap | None:
        """Give what was sealed on the day of a run's index, as is known now."""
        return self._sealed(record, None)

    def should_have_stayed(self, record: RunRecord) -> list[BitMap]:
        """Give the numbers of each record that a run's index barred, and that nothing barred on its day, as known now.

        A record whose keys have no number is an empty set of them: the run's data may lack it all the same.
        """
        if record.registry != self.registry.id:
            return []
        try:
            then = self.registry.seals(record.as_of, epoch=record.epoch)
        except UsageError:  # an epoch that this registry has not got
            return []
        still = {key for seal in self.registry.seals(record.as_of) if seal.state in _BARRING for key in seal.keys}
        never = [seal.keys for seal in then if seal.state in _BARRING and not still.intersection(seal.keys)]
        return [self._numbers_of_keys(keys) for keys in never]

    def _sealed(self, record: RunRecord, epoch: int | None) -> BitMap | None:
        if record.registry != self.registry.id:
            return None
        asked = (record.as_of, epoch)
        if asked not in self._known:
            try:
                self._known[asked] = self._numbers(record.as_of, epoch)
            except UsageError:  # an epoch that this registry has not got
                return None
        return self._known[asked]

    def _numbers(self, as_of: dt.date, epoch: int | None) -> BitMap:
        seals = self.registry.seals(as_of, epoch=epoch)
        return self._numbers_of_keys(key for seal in seals if seal.state == "sealed" for key in seal.keys)

    def _numbers_of_keys(self, keys: Iterable[RecordKey]) -> BitMap:
        values: dict[str, list[str]] = {}
        for key in keys:
            values.setdefault(key.scheme, []).append(key.value)
        found = roaring()()
        for space in set(spaces_of(self._index, self._index.schemes)) & self._members.blocks.keys():
            column = pl.Series(values.get(space.scheme, []), dtype=pl.String)
            digests = digest_column(column, self._index.scheme_key(space.scheme))
            found |= roaring()(self._members.numbers_of(Space(*space), digests))
        return found
