"""What was counted of one place, and which numbers are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .chance import SeenNumbers
from .number_sample import NumberSample
from .part_cipher import count_of, counts_of
from .value_search import Likeness

__all__ = ["PlaceCounts"]

_ENOUGH_VALUES = 4_096  # values that are remembered
_MOST_NAMES = 1_000
_LONGEST = 256  # bytes of a value that is remembered
ByChance = Callable[[str, NumberSample], bool]


@dataclass(slots=True)
class _Numbers:
    """Numbers that may be in the index by chance, under each scheme, and how many values are that are in it."""

    chance: int = 0
    samples: dict[str, NumberSample] = field(default_factory=dict)

    def saw(self, seen: SeenNumbers) -> None:
        self._of(seen.scheme, seen.seed).add(seen.codes, seen.held)

    def join(self, other: _Numbers) -> None:
        self.chance += other.chance
        for scheme, sample in other.samples.items():
            self._of(scheme, sample.seed).join(sample)

    @property
    def plain(self) -> dict[str, Any]:
        return {"chance": self.chance, "samples": {scheme: each.plain for scheme, each in self.samples.items()}}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> _Numbers:
        samples = {scheme: NumberSample.of_plain(each) for scheme, each in plain["samples"].items()}
        return cls(count_of(plain["chance"]), samples)

    def explained(self, by_chance: ByChance) -> bool:
        return all(by_chance(scheme, sample) for scheme, sample in self.samples.items())

    def _of(self, scheme: str, seed: int) -> NumberSample:
        return self.samples.setdefault(scheme, NumberSample(seed))


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
    names : set of str
        Names that were met.
    """

    by_likeness: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Likeness), np.int64))
    unread: int = 0
    column: str = ""
    texts: bool = False
    keys: bool = False
    _own: _Numbers = field(default_factory=_Numbers)
    _items: dict[str, _Numbers] = field(default_factory=dict)
    _one: bool = False
    known: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def of(self, column: str, *, texts: bool) -> None:
        """Say in which column the place is, and whether values of it are texts."""
        self.column, self.texts = column, self.texts or texts

    def saw(self, seen: Iterable[SeenNumbers]) -> None:
        """Take note of numbers among the values, in the index or not."""
        for each in seen:
            self._own.saw(each)

    def know(self, clean: pl.Series) -> None:
        """Remember values that are not in the index, and have none within, while they are few."""
        if len(self.known) < _ENOUGH_VALUES:
            self.known.update(clean.filter(clean.str.len_bytes() <= _LONGEST))

    def saw_items(self, items: pl.DataFrame, seen: Iterable[SeenNumbers]) -> None:
        """Take note of values within texts of the place.

        Parameters
        ----------
        items : polars.DataFrame
            Their ``name``, ``count`` and ``flag``, and the number of each ``different`` one.
        seen : iterable of SeenNumbers
            The numbers among those that differ, whose rows are these numbers.
        """
        chance = items.filter(flag=Likeness.CHANCE).group_by("name").agg(pl.col("count").sum())
        for name, count in chance.iter_rows():
            self._numbers(name).chance += count
        names = items.select("name", "different").unique()
        for each in seen:
            at = pl.DataFrame({"different": each.rows, "at": np.arange(len(each.rows))})
            for (name,), group in names.join(at, on="different").group_by("name"):
                chosen = group["at"].to_numpy()
                self._numbers(str(name)).saw(each._replace(codes=each.codes[chosen], held=each.held[chosen]))

    def judge(self, by_chance: ByChance) -> tuple[int, int]:
        """Say how many values are in the index that chance does not explain, and how many it does.

        Parameters
        ----------
        by_chance : callable
            Says whether, for a scheme and a sample, chance explains what of it is in the index.
        """
        explained = int(self.by_likeness[Likeness.CHANCE_IN_TEXT])
        found = 0
        for count, numbers in self._chances():
            if count and numbers.explained(by_chance):
                explained += count
            else:
                found += count
        return found, explained

    @property
    def plain(self) -> dict[str, Any]:
        """What was counted in plain values, without the values that are remembered."""
        return {
            "by_likeness": self.by_likeness.tolist(),
            "unread": self.unread,
            "column": self.column,
            "texts": self.texts,
            "keys": self.keys,
            "own": self._own.plain,
            "items": {name: each.plain for name, each in self._items.items()},
            "one": self._one,
        }

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> PlaceCounts:
        """Give the counts that plain values say.

        Raises
        ------
        AttributeError, KeyError, TypeError, ValueError
            When they are not counts of a place.
        """
        column = plain["column"]
        if not isinstance(column, str):
            raise TypeError("not a column")
        return cls(
            counts_of(plain["by_likeness"], (len(Likeness),)),
            count_of(plain["unread"]),
            column,
            plain["texts"] is True,
            plain["keys"] is True,
            _Numbers.of_plain(plain["own"]),
            {name: _Numbers.of_plain(each) for name, each in plain["items"].items()},
            plain["one"] is True,
        )

    def join(self, other: PlaceCounts) -> None:
        """Add what was counted of other rows; what is remembered of values is not taken over."""
        self.by_likeness += other.by_likeness
        self.unread += other.unread
        self.keys = self.keys or other.keys
        self.of(other.column or self.column, texts=other.texts)
        self._own.join(other._own)
        if other._one:
            self._put_together()
        for name, numbers in other._items.items():
            self._numbers(name).join(numbers)

    def _chances(self) -> Iterator[tuple[int, _Numbers]]:
        yield int(self.by_likeness[Likeness.CHANCE]), self._own
        for each in self._items.values():
            yield each.chance, each

    def _put_together(self) -> None:
        if not self._one:
            together = _Numbers()
            for each in self._items.values():
                together.join(each)
            self._items, self._one = {"": together}, True

    def _numbers(self, name: str) -> _Numbers:
        """The numbers under one name in JSON; under any, if there are too many names."""
        if name not in self._items and len(self._items) >= _MOST_NAMES:
            self._put_together()
        return self._items.setdefault("" if self._one else name, _Numbers())
