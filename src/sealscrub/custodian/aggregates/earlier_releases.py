"""What earlier releases and clean data sets say about totals that are to be published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sealscrub.boundary.array_types import Floats, Ints, Mask
from sealscrub.errors import UsageError

from .cube import Totals
from .ledger import keyed
from .ledger_entries import Cell, Entry, Levels
from .linked_releases import Finer, Rolled, rolled_up

__all__ = ["Figured", "Told", "told"]

_EMPTY_CELL = Cell(0, 0, True, 0.0)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Figured:
    """Today's figures of all totals."""

    totals: Totals
    counts: Ints
    people: Ints
    is_by_person: bool
    sums: Floats | None = None
    value: str | None = None


@dataclass(eq=False, repr=False)
class Told:
    """What a reader of all of them knows of each total.

    Attributes
    ----------
    shown : numpy.ndarray of bool
        It was published, and is what it was.
    empty : numpy.ndarray of bool
        It was published as that of no event.
    differing : numpy.ndarray of bool
        It differs by a few from what was published, or was suppressed and has hardly changed.
    above, below : numpy.ndarray of float
        How far above and below the truth a reader must hold it for possible.
    low, high : numpy.ndarray of float
        Between which counts it is, by rounded figures and clean data sets.
    risen, fallen : numpy.ndarray of float
        What was published before of those that differ by a few: from which they rose, and to which they fell; else 0
        and infinite.
    summed : numpy.ndarray of bool
        Its sum was published, and is what it was.
    sums_differ : numpy.ndarray of bool
        Its sum differs, by what a few people gave.
    clean : numpy.ndarray of float
        Which count it reaches at least, by clean data sets alone.
    before : list of tuple
        Of each of them: between which counts each total lay (nan if it says nothing).
    """

    shown: Mask
    empty: Mask
    differing: Mask
    above: Floats
    below: Floats
    low: Floats
    high: Floats
    risen: Floats
    fallen: Floats
    summed: Mask
    sums_differ: Mask
    clean: Floats
    before: list[tuple[Floats, Floats]] = field(default_factory=list)

    @classmethod
    def nothing(cls, size: int) -> Told:
        """Know nothing."""
        masks = ("shown", "empty", "differing", "summed", "sums_differ")
        no: dict[str, Any] = {name: np.zeros(size, bool) for name in masks}
        zero: dict[str, Any] = {name: np.zeros(size) for name in ("above", "below", "low", "risen", "clean")}
        return cls(**no, **zero, high=np.full(size, np.inf), fallen=np.full(size, np.inf))

    def one_way(self) -> None:
        """Take a reader to know which way figures went, if all earlier ones agree on it.

        Seals only take away: of two figures that are suppressed and of which each lost a few, a reader who knows what
        both lost together would else know that it is a few.
        """
        fell = (self.risen == 0) & np.isfinite(self.fallen)
        rose = (self.risen > 0) & ~np.isfinite(self.fallen)
        self.high[fell] = np.minimum(self.high, self.fallen)[fell]
        self.low[rose] = np.maximum(self.low, self.risen)[rose]
        self.above[fell] = 0.0
        self.below[~fell] = 0.0

    def few_apart(self, low: Floats, high: Floats, minimum: int) -> Mask:
        """Say where figures between these are sure to be a few away from what was known before, and not the same."""
        made = np.zeros(len(low), bool)
        for least, greatest in self.before:
            down, up = low - greatest, high - least
            made |= ((down > 0) & (up < minimum)) | ((up < 0) & (down > -minimum))
        return made


def told(now: Figured, entries: Sequence[Entry], minimum: int, finer: Finer) -> Told:
    """Compare figures that are to be published with what is known already.

    Raises
    ------
    UsageError
        When a clean data set has more of something than there is: it is of another source.
    """
    made = Told.nothing(now.totals.size)
    for entry in entries:
        if entry.method == "noise":
            continue
        least, greatest = np.full(now.totals.size, np.nan), np.full(now.totals.size, np.nan)
        for axes, start in zip(now.totals.sets, now.totals.starts, strict=True):
            by, levels = keyed(now.totals, axes)
            cells, rolled = entry.tables.get(by), None
            if cells is None:
                rolled = rolled_up(entry, by, finer)
                if rolled is None:
                    continue
                if entry.kind == "clean" and rolled.adrift:
                    raise _foreign()
                cells = rolled.cells
            elif entry.kind == "clean" and not set(cells) <= set(levels):
                raise _foreign()
            part = slice(start, start + len(levels))
            then = _EarlierGroup.of([cells.get(each, _EMPTY_CELL) for each in levels], levels, rolled)
            least[part], greatest[part] = _compare_totals(now, made, entry, then, part, minimum)
        made.before.append((least, greatest))
    made.one_way()
    return made


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _EarlierGroup:
    """What a group of totals was."""

    cells: Sequence[Cell]
    counts: Ints
    shown: Mask
    fewest: Ints  # people, if it was said what distinguishes them
    most: Ints
    adrift: int  # how many events more any of them may have had

    @classmethod
    def of(cls, cells: Sequence[Cell], levels: Sequence[Levels], rolled: Rolled | None) -> _EarlierGroup:
        adrift = rolled.adrift if rolled else 0
        most = np.array([cell.people or 0 for cell in cells], np.int64)
        return cls(
            cells,
            np.array([cell.count for cell in cells], np.int64),
            np.array([cell.shown for cell in cells], bool) & (adrift == 0),
            np.array([rolled.fewest.get(each, 0) for each in levels], np.int64) if rolled else most,
            most,
            adrift,
        )

    def people_apart(self, people: Ints, minimum: int) -> Mask:
        """Whether there may be only few people more or fewer now."""
        if any(cell.people is None for cell in self.cells):
            return np.zeros(len(people), bool)
        return (people - self.most < minimum) & (people - self.fewest > -minimum)


def _compare_totals(
    now: Figured, made: Told, entry: Entry, before: _EarlierGroup, part: slice, minimum: int
) -> tuple[Floats, Floats]:
    """Compare one group of totals, and give between which counts each lay then."""
    counts, then, shown = now.counts[part], before.counts, before.shown
    apart = counts - then
    if entry.kind == "clean":
        if (apart < 0).any():
            raise _foreign()
        made.low[part] = np.maximum(made.low[part], then)
        made.clean[part] = np.maximum(made.clean[part], then)
    if not entry.tells_exactly:
        return _rounded(now, made, entry, then, shown, part, minimum)
    few = np.abs(apart) < minimum
    if now.is_by_person:  # many arrests that only few people more or fewer have
        few |= before.people_apart(now.people[part], minimum)
    few &= counts > 0
    reach = np.where(few & shown & (apart != 0), np.maximum(minimum - apart, 1), 0)
    kept = ~shown & (np.abs(apart) < minimum + before.adrift) & (counts > 0)  # suppressed before, and hardly changed
    made.differing[part] |= (few & shown & (apart != 0)) | kept
    made.above[part] = np.maximum(made.above[part], reach)
    fell, rose = few & shown & (apart < 0), few & shown & (apart > 0)
    made.below[part] = np.maximum(made.below[part], np.where(fell, np.maximum(minimum + apart, 1), 0))
    made.fallen[part] = np.minimum(made.fallen[part], np.where(fell, then, np.inf))
    made.risen[part] = np.maximum(made.risen[part], np.where(rose, then, 0))
    if entry.kind == "release":
        made.low[part] = np.maximum(made.low[part], (~shown & (counts > 0)).astype(float))  # 0 is not suppressed
        made.shown[part] |= shown & (apart == 0) & (counts > 0)
        made.empty[part] |= (then == 0) & (counts == 0)
        _compare_sums(now, made, entry, before.cells, few & shown, part)
    return np.where(shown, then, np.nan), np.where(shown, then, np.nan)


def _compare_sums(now: Figured, made: Told, entry: Entry, cells: Sequence[Cell], few: Mask, part: slice) -> None:
    if now.sums is None or entry.value != now.value:
        return
    then = np.array([np.nan if cell.summed is None or not cell.shown else cell.summed for cell in cells])
    equal = np.isclose(now.sums[part], then, rtol=1e-9, atol=0.0)
    made.summed[part] |= equal & made.shown[part]
    made.sums_differ[part] |= few & ~equal & ~np.isnan(then)


def _rounded(
    now: Figured, made: Told, entry: Entry, then: Ints, shown: Mask, part: slice, minimum: int
) -> tuple[Floats, Floats]:
    half, counts = (entry.base or 1) // 2, now.counts[part]
    middle = (then + half) // (entry.base or 1) * (entry.base or 1)
    least = np.where(shown, np.maximum(middle - half, 0), np.nan).astype(np.float64)
    greatest = np.where(shown, middle + half, np.nan).astype(np.float64)
    inside = (least <= counts) & (counts <= greatest)
    made.low[part] = np.where(inside, np.maximum(made.low[part], least), made.low[part])
    made.high[part] = np.where(inside, np.minimum(made.high[part], greatest), made.high[part])
    down, up = counts - greatest, counts - least
    sure = ((down > 0) & (up < minimum)) | ((up < 0) & (down > -minimum))
    made.differing[part] |= sure & (counts > 0)
    made.above[part] = np.maximum(made.above[part], np.where(sure & (counts > 0), np.maximum(minimum - down, 1), 0))
    return least, greatest


def _foreign() -> UsageError:
    return UsageError(
        "a clean data set of this source has more events than there are: it is of another source",
        hint="give each source a name of its own.",
    )
