"""The sweep: what is left of records of an index in columns that no one declared keys, and in names."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers.texts_of_bytes import digits_of_bytes, text_of_bytes
from sealscrub.index import Index

from .chance import SeenNumbers
from .held_rows import judged_texts
from .name_search import search_names
from .nested_values import inner_values
from .part_cipher import PartCipher
from .place_counts import PlaceCounts
from .policy import Policy
from .text_items import UNREAD, may_have_items
from .value_search import Flags, Likeness, ValueSearch
from .whole_numbers import whole_numbers

__all__ = ["NAMELESS", "Sweep", "SweepTally"]

NAMELESS = "(a column whose name is an id)"
_NO_IDS = (pl.Boolean, pl.Date, pl.Datetime, pl.Time, pl.Duration, pl.Null)
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
Times = npt.NDArray[np.int64]
_NAMES = "(names)"
_PROBE = 256  # values that tell whether a column has few that are different


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepTally:
    """What the sweep met in one place, in values.

    Attributes
    ----------
    place : str
        The column, ``column.field`` of a struct, ``column[]`` of a list, or a place in parentheses: ``(column names)``.
    found : int
        Values that name a sealed record, or a withheld one that is not allowed.
    near : int
        Values that would, if letters that look like digits were digits.
    ambiguous : int
        Numbers or short values that the index holds, where chance explains how many they are.
    unread : int
        Values of a type that cannot be read, or with escapes that cannot be resolved.
    column : str
        The column that the place is in, or the place.
    texts : bool
        Whether its values are texts.
    keys : bool
        Whether one of them is a key of the index as a whole.
    declared : bool
        Whether the column is declared a key, so these are values that do not parse.

    Examples
    --------
    >>> tally = SweepTally(place="facts.note", column="facts", found=2, near=1)
    >>> tally.whole, tally.unchecked
    (False, 1)
    """

    place: str
    found: int = 0
    near: int = 0
    ambiguous: int = 0
    unread: int = 0
    column: str = ""
    texts: bool = False
    keys: bool = False
    declared: bool = False

    @property
    def whole(self) -> bool:
        """Whether the place is all of the column."""
        return self.column in ("", self.place)

    @property
    def unchecked(self) -> int:
        """Values that are neither found nor known to be clean."""
        return self.near + self.ambiguous + self.unread


class Sweep:
    """Takes the values of the rows that stay, place by place, and counts those that the index holds.

    Parameters
    ----------
    index : Index
        An open index.
    policy : Policy, optional
    leave : collection of str
        Places that are not looked at.
    declared : collection of str
        Key columns, of which values that do not parse are taken.
    run : str, optional
        Names the run of which parts are counted apart and joined: see :attr:`counted`. By default a run of its own, of
        which no other sweep is a part.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> sweep = Sweep(example_index(["K14612345"]))
    >>> sweep.add("note", pl.Series(["see K14-612345", "theft", None]))
    >>> [(each.place, each.found) for each in sweep.tally()]
    [('note', 1)]
    """

    def __init__(
        self,
        index: Index,
        policy: Policy | None = None,
        *,
        leave: Collection[str] = (),
        declared: Collection[str] = (),
        run: str | None = None,
    ) -> None:
        self._asked = index, policy
        self._search = ValueSearch(index, policy)
        self._leave, self._declared = frozenset(leave), frozenset(declared)
        self._chance = policy is None or "chance" not in policy.accept
        self._places: dict[str, PlaceCounts] = {}
        self._cipher = PartCipher(index, secrets.token_hex(16) if run is None else run)

    def reads(self, kind: pl.DataType) -> bool:
        """Say whether values of a type can be ids of a scheme of the index, or hold some, or names of fields do.

        Of an ``Enum`` only its own values count.
        """
        if isinstance(kind, pl.Struct):
            inside = any(self.reads(_instance(each.dtype)) for each in kind.fields)
            return inside or self._search.composite or bool(self._likeness([each.name for each in kind.fields]).any())
        if isinstance(kind, pl.List | pl.Array):
            return self.reads(_instance(kind.inner))
        if kind.is_numeric():
            return self._search.numeric
        if isinstance(kind, pl.Enum):
            return bool(self._search.may_hold(kind.categories).any())
        return kind not in _NO_IDS

    def add(self, place: str, values: pl.Series) -> None:
        """Take values of one place."""
        for path, leaf in self._leaves(place, values):
            self._add_leaf(path, leaf)
            if path in self._places:
                self._places[path].of(place, texts=leaf.dtype in _TEXTS)

    def add_counted(self, place: str, values: pl.Series, times: Times) -> None:
        """Take values of one place that differ, of a type that is not nested, and how often each is there."""
        if place not in self._leave:
            self._add_leaf(place, values, times)
            if place in self._places:
                self._places[place].of(place, texts=values.dtype in _TEXTS)

    @property
    def counted(self) -> dict[str, str]:
        """What was counted so far, place by place and enciphered: to be joined to another sweep of the run."""
        return {place: self._cipher.seal(place, counts.plain) for place, counts in self._places.items()}

    def join(self, part: Mapping[str, str]) -> None:
        """Count values that another sweep of the same index, policy and run took.

        Raises
        ------
        UnreadableInput
            When what was counted was joined before, is of another place or run, or was not counted by a sweep.
        """
        for place, counts in part.items():
            self._counts(place).join(self._cipher.open(place, counts, PlaceCounts.of_plain))

    def add_names(self, place: str, names: Iterable[str]) -> None:
        """Take names: of columns, of files and folders. They are not compared with others, as values are.

        A name counts once, in however many batches it is.
        """
        if place in self._leave:
            return
        counts = self._counts(place)
        texts = [name for name in dict.fromkeys(names) if name not in counts.names]
        flags = self._likeness(texts)
        flags[flags == Likeness.CHANCE] = Likeness.CHANCE_IN_TEXT
        counts.by_likeness += np.bincount(flags, minlength=len(Likeness))
        counts.names.update(texts[at] for at in np.flatnonzero(flags))

    def names_held(self, names: Iterable[str]) -> bool:
        """Say whether one of some names holds an id that may not stay."""
        return bool((self._likeness(names) == Likeness.HELD).any())

    def unread(self, place: str, values: int) -> None:
        """Say that values of a place cannot be read."""
        if place not in self._leave:
            self._counts(place).unread += values

    def tally(self) -> tuple[SweepTally, ...]:
        """Give what was met, place by place; places of which there is nothing to say are left out."""
        shown = self._shown_places()
        judged = {place: counts.judge(self._search.chance_explains) for place, counts in self._places.items()}
        made = (
            SweepTally(
                place=shown[place],
                found=int(counts.by_likeness[Likeness.HELD]) + judged[place][0],
                near=int(counts.by_likeness[Likeness.NEAR]),
                ambiguous=judged[place][1] if self._chance else 0,
                unread=counts.unread,
                column="" if shown[place] == NAMELESS else counts.column,
                texts=counts.texts,
                keys=counts.keys,
                declared=counts.column in self._declared,
            )
            for place, counts in self._places.items()
        )
        return tuple(each for each in made if each.found or each.unchecked)

    def __reduce__(self) -> str:
        raise TypeError("cannot pickle a Sweep: it remembers values")

    def __repr__(self) -> str:
        return f"Sweep({len(self._places)} places)"

    def _shown_places(self) -> dict[str, str]:
        """Places as they may be said: one whose own name is an id is not named."""
        places = list(self._places)
        named = self._likeness(places) == Likeness.HELD
        return {place: NAMELESS if held else place for place, held in zip(places, named, strict=True)}

    def _likeness(self, names: Iterable[str]) -> Flags:
        return search_names(*self._asked, names)

    def _counts(self, place: str) -> PlaceCounts:
        return self._places.setdefault(place, PlaceCounts())

    def _leaves(self, place: str, values: pl.Series) -> Iterator[tuple[str, pl.Series]]:
        """Give the plain columns that a nested one is made of."""
        if place in self._leave:
            return
        values = values.alias("values")  # polars reads some names as patterns
        if values.dtype == pl.Struct:
            values = values.drop_nulls()
            self.add_names(f"{place} (names)", values.struct.fields)
            held, untried = self._search.structs(values), self._search.untried(values)
            self._counts(place).by_likeness[Likeness.HELD] += int(held.sum())
            self._counts(place).unread += int((untried & ~held).sum())
        inner = inner_values(values)
        for path, within, _ in inner or ():
            yield from self._leaves(f"{place}{path}", within)
        if inner is None:
            yield place, values

    def _add_leaf(self, place: str, values: pl.Series, times: Times | None = None) -> None:
        kind = values.dtype
        if kind != pl.Enum and not self.reads(kind):
            return
        values, times = _without_nulls(values, times)
        if kind == pl.Object:
            self.unread(place, len(values))
        elif kind.is_numeric():
            self._add_numbers(place, values, times)
        elif kind == pl.Binary:
            self._add_bytes(place, values, times)
        else:
            self._add_texts(place, values, times)

    def _add_numbers(self, place: str, values: pl.Series, times: Times | None) -> None:
        counts = self._counts(place)
        counts.keys = True
        if not self._search.may_hold_numbers(values):
            return
        if values.dtype.is_integer():  # counting numbers is cheaper than counting their digits
            values, times = _distinct_counts(values, times)
        distinct, times = _distinct_counts(*_without_nulls(whole_numbers(values), times))
        seen: list[SeenNumbers] = []
        counts.by_likeness += _tallied(self._search.numbers(distinct, seen), times)
        counts.saw(seen)

    def _add_bytes(self, place: str, values: pl.Series, times: Times | None) -> None:
        distinct, times = _distinct_counts(values, times)
        texts = text_of_bytes(distinct)
        counts = self._counts(place)
        flags = self._judge_texts(counts, texts, times)
        for digits in digits_of_bytes(distinct) if self._search.opaque else ():
            flags = np.maximum(flags, self._judge_texts(counts, digits.fill_null(""), times, told=False))
        counts.by_likeness += _tallied(flags, times)

    def _add_texts(self, place: str, values: pl.Series, times: Times | None) -> None:
        counts = self._counts(place)
        if times is not None or values.dtype != pl.String or _repeats(values):
            distinct, times = _distinct_counts(values, times)
            distinct = distinct.cast(pl.String)
            new = ~np.fromiter(map(counts.known.__contains__, distinct), bool, len(distinct))
            if new.any():
                self._add_different(counts, distinct.filter(pl.Series(new)), times[new])
            return
        values = values.filter(pl.Series(self._search.may_hold(values)))
        distinct, times = _distinct_counts(values)
        counts.by_likeness += _tallied(self._judge_texts(counts, distinct, times), times)

    def _add_different(self, counts: PlaceCounts, distinct: pl.Series, times: Times) -> None:
        """Take values that are different, and remember those that say nothing for the batches to come."""
        matters = self._search.may_hold(distinct)
        plain = ~matters
        some = distinct.filter(pl.Series(matters))
        flags = self._judge_texts(counts, some, times[matters])
        plain[np.flatnonzero(matters)] = (flags == Likeness.NONE) & ~may_have_items(some).to_numpy()
        counts.know(distinct.filter(pl.Series(plain)))
        counts.by_likeness += _tallied(flags, times[matters])

    def _judge_texts(self, counts: PlaceCounts, texts: pl.Series, times: Times, *, told: bool = True) -> Flags:
        """Judge different texts, and count the values in those that are lists or JSON; take note of what is `told`."""
        seen: list[SeenNumbers] = []
        flags, pieces = judged_texts(self._search, texts, seen)
        counts.saw(seen if told else ())
        unread = np.zeros(len(texts), bool)
        for items, within in pieces:
            rows = items["row"].to_numpy()
            unread[rows[(items["item"] == UNREAD).to_numpy()]] = True
            if self._search.may_be_chance:
                named = items.with_columns(pl.col("name").fill_null(_NAMES), count=pl.Series(times[rows]))
                counts.saw_items(named, within)
        met = flags > Likeness.NONE
        counts.keys = counts.keys or (bool(met.any()) and self._search.any_key(texts.filter(pl.Series(met))))
        counts.unread += int(times[unread & (flags < Likeness.NEAR)].sum())
        return flags


def _without_nulls(values: pl.Series, times: Times | None) -> tuple[pl.Series, Times | None]:
    """Leave nulls out."""
    if not values.null_count():
        return values, times
    return values.drop_nulls(), None if times is None else times[values.is_not_null().to_numpy()]


def _repeats(values: pl.Series) -> bool:
    """Say whether the first values make it likely that few are different."""
    return len(values) > _PROBE and values.head(_PROBE).n_unique() < _PROBE // 2


def _distinct_counts(values: pl.Series, times: Times | None = None) -> tuple[pl.Series, Times]:
    """Give the values that are different, and how often each is there."""
    if times is not None:
        return values, times
    counted = values.alias("values").value_counts(name="count")
    return counted["values"], counted["count"].cast(pl.Int64).to_numpy()


def _tallied(flags: Flags, times: Times) -> Times:
    return np.bincount(flags, weights=times, minlength=len(Likeness)).astype(np.int64)


def _instance(kind: Any) -> pl.DataType:
    made: pl.DataType = kind() if isinstance(kind, type) else kind
    return made
