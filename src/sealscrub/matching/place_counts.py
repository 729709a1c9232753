"""What was counted of one place, and whether its values are like ids or like codes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from .value_search import Likeness

__all__ = ["PlaceCounts"]

_SHARE = 0.1  # of the values, that are different if they are like ids
_MANY = 1_000  # different values that are like ids, whatever their share
_SMALL_SHARE = 0.9  # of the different values, that are small numbers or years if they are codes
_SMALL = r"^[+-]?0*(?:[0-9]{1,2}|1[01][0-9]|12[0-7]|19[0-9]{2}|20[0-9]{2})(?:\.0*)?$"
_ENOUGH = 4_096  # different values of which nothing more need be known: small numbers are fewer
_MOST_NAMES = 1_000
_LONGEST = 256  # bytes of a value that is remembered


@dataclass(slots=True)
class _Spread:
    """How different values are. Nothing in it depends on their order, or on how they are divided."""

    values: int = 0
    chance: int = 0
    different: dict[int, bool] | None = field(default_factory=dict)

    def saw(self, values: pl.Series, counts: int) -> None:
        self.values += counts
        if self.different is not None:
            texts = values.cast(pl.String)
            self._add(dict(zip(texts.hash().to_list(), texts.str.contains(_SMALL).to_list(), strict=True)))

    def join(self, other: _Spread) -> None:
        self.values, self.chance = self.values + other.values, self.chance + other.chance
        if other.different is None:
            self.different = None
        else:
            self._add(other.different)

    def _add(self, more: dict[int, bool]) -> None:
        if self.different is not None:
            self.different |= more
            if len(self.different) > _ENOUGH:
                self.different = None

    @property
    def like_ids(self) -> bool:
        if self.different is None:
            return True
        count = len(self.different)
        small = sum(self.different.values())
        return (count >= _MANY or count >= _SHARE * self.values) and small < _SMALL_SHARE * count


@dataclass(slots=True)
class PlaceCounts:
    """Counts of one place.

    Attributes
    ----------
    by_likeness : ndarray of int64
        Values, by :class:`Likeness`.
    unread : int
        Values that cannot be read.
    column : str
        The column that the place is in.
    texts : bool
        Whether its values are texts.
    keys : bool
        Whether one of them is a key of the index as a whole.
    known : set of str
        Some values that are not in the index, and have none within.
    """

    by_likeness: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Likeness), np.int64))
    unread: int = 0
    column: str = ""
    texts: bool = False
    keys: bool = False
    _own: _Spread = field(default_factory=_Spread)
    _items: dict[str, _Spread] = field(default_factory=dict)
    _one: bool = False
    known: set[str] = field(default_factory=set)

    def of(self, column: str, *, texts: bool) -> None:
        """Say in which column the place is, and whether values of it are texts."""
        self.column, self.texts = column, self.texts or texts

    def saw(self, values: pl.Series, count: int | None = None) -> None:
        """Take note of values, in the index or not; with a `count`, of the different ones of so many."""
        if self._own.different is None:
            self._own.values += len(values) if count is None else count
        elif count is None:
            self._own.saw(values.unique(), len(values))
        else:
            self._own.saw(values, count)

    def know(self, clean: pl.Series) -> None:
        """Remember values that are not in the index, and have none within, while they are few."""
        if len(self.known) < _ENOUGH:
            self.known.update(clean.filter(clean.str.len_bytes() <= _LONGEST))

    def saw_items(self, items: pl.DataFrame) -> None:
        """Take note of values within texts of the place: ``name``, ``item``, their ``count``, and their ``flag``."""
        for (name,), group in items.group_by("name"):
            spread = self._spread(str(name))
            spread.saw(group["item"], int(group["count"].sum()))
            spread.chance += int(group.filter(flag=Likeness.CHANCE)["count"].sum())

    @property
    def ambiguous(self) -> int:
        """Values that the index holds and that may be chance, if they are like ids; and texts with such numbers."""
        own = int(self.by_likeness[Likeness.CHANCE_IN_TEXT])
        own += int(self.by_likeness[Likeness.CHANCE]) if self._own.like_ids else 0
        return own + sum(each.chance for each in self._items.values() if each.chance and each.like_ids)

    def join(self, other: PlaceCounts) -> None:
        """Add what was counted of other rows; what is remembered of values is not taken over."""
        self.by_likeness += other.by_likeness
        self.unread += other.unread
        self.keys = self.keys or other.keys
        self.of(other.column or self.column, texts=other.texts)
        self._own.join(other._own)
        if other._one:
            self._put_together()
        for name, spread in other._items.items():
            self._spread(name).join(spread)

    def _put_together(self) -> None:
        if not self._one:
            together = _Spread()
            for each in self._items.values():
                together.join(each)
            self._items, self._one = {"": together}, True

    def _spread(self, name: str) -> _Spread:
        """The values under one name in JSON; under any, if there are too many names."""
        if name not in self._items and len(self._items) >= _MOST_NAMES:
            self._put_together()
        return self._items.setdefault("" if self._one else name, _Spread())
