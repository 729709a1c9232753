"""What a series of releases of one source reveals together, when a reader knows that seals only take away.

Each release has counts of its own. Where a count did not rise, it is that of the next release and what was sealed
between the two; so the counts of all releases are sums of numbers that are not below 0, and the attacker solves for
them as for the counts of one release. It is asked what any release suppressed, and how many were sealed between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from sealscrub.boundary.array_types import Floats, Mask
from sealscrub.errors import Refused, Spelled

from .attacker import Known, Ranges, attack, sparse
from .cube import Totals
from .ledger_entries import Entry
from .release_grid import NOTHING, Grid
from .table_request import Asked

__all__ = ["Needed", "Series", "series_of"]


@dataclass(frozen=True, eq=False, repr=False)
class Needed:
    """Of each total, whether it must not be told, and how far a reader's range has to reach from the truth.

    Of those where `either` is true, it is enough that it reaches so far on one side.
    """

    asked: Mask
    truth: Floats
    below: Floats
    above: Floats
    either: Mask

    def missed(self, ranges: Ranges) -> Mask:
        """Which of them a reader knows too well."""
        slack = 1e-6 * np.maximum(np.abs(self.truth), 1.0)
        high, low = ranges.greatest < self.truth + self.above - slack, ranges.least > self.truth - self.below + slack
        near = np.where(self.either, high & low, high | low)
        return self.asked & (near | ranges.determined)

    def attacked(self, known: Known) -> Mask:
        """Let the attacker try, at first roughly; say which it knows too well."""
        missed = self.asked
        for roughly in (True, False):
            if missed.any():
                asked, loose = replace(self, asked=missed), (self.below == 0) & (self.above == 0)
                least = np.where(missed, self.truth - self.below, np.inf)
                greatest = np.where(missed, self.truth + self.above + loose, -np.inf)
                missed = asked.missed(attack(known, least, greatest, roughly=roughly))
        return missed


@dataclass(eq=False, repr=False)
class Series:
    """The releases before this one, as an attacker has them.

    Attributes
    ----------
    own : scipy.sparse.csr_matrix
        Of which unknowns each total of this release is the sum.
    before : Known
        What earlier releases reveal, by the same unknowns, and how many were sealed between any two.
    needed : Needed
        Of these.
    changed : numpy.ndarray of bool
        Which totals of this release are not what an earlier one showed.
    cells : int
        How many combinations of levels there are: so many unknowns has each release.
    """

    own: Any
    before: Known
    needed: Needed
    changed: Mask
    cells: int

    def exposed(self, known: Known, silent: Known, needed: Needed, may: Mask, *, last: Mask) -> Mask:
        """Choose totals of this release to suppress besides, where the series would tell what must not be told.

        Parameters
        ----------
        known : Known
            What this release is to tell.
        silent : Known
            What it would tell if it suppressed all that it can.
        needed : Needed
            Of its totals.
        may : numpy.ndarray of bool
            Which of its totals can still be suppressed.
        last : numpy.ndarray of bool
            Which of these if no other helps.

        Raises
        ------
        Refused
            When nothing that can be suppressed helps.
        """
        every = Needed(*(np.concatenate(pair) for pair in zip(_parts(needed), _parts(self.needed), strict=True)))
        missed = every.attacked(self._join_known(known))
        if missed.any():
            # what is told though this release suppressed all that it can, cannot be called back
            missed &= ~replace(every, asked=missed).attacked(self._join_known(silent))
        more = np.zeros(len(may), bool)
        for row in np.flatnonzero(missed).tolist():
            if not more[self._overlapping_totals(row) & may].any():
                more[self._cheapest(row, needed.truth, may & ~more, last)] = True
        return more

    def _join_known(self, known: Known) -> Known:
        own, before = known, self.before
        low, high = (
            np.concatenate([each, before_each])
            for each, before_each in ((own.low, before.low), (_high(own), _high(before)))
        )
        return Known(
            sparse().vstack([self.own, before.of]).tocsr(),
            np.concatenate([own.values, before.values]),
            np.concatenate([own.empty, before.empty]),
            low,
            high,
        )

    @cached_property
    def _combinations(self) -> Any:
        """Which combinations of levels each total, of this release or an earlier one, is about."""
        rows = sparse().vstack([self.own, self.before.of]).tocoo()
        return sparse().csr_matrix(
            (np.ones(len(rows.row)), (rows.row, rows.col % self.cells)), shape=(rows.shape[0], self.cells)
        )

    def _overlapping_totals(self, row: int) -> Mask:
        """Totals of this release that have a combination in common with another total."""
        own = self._combinations[: self.own.shape[0]]
        found: Mask = np.asarray((own @ self._combinations[row].T).todense()).reshape(-1) > 0
        return found

    def _cheapest(self, row: int, counts: Floats, may: Mask, last: Mask) -> int:
        """What reveals something new about a total; else whatever is next to it."""
        beside = self._overlapping_totals(row) & may
        choices = (beside & self.changed & ~last, beside & ~last, beside)
        found = next((np.flatnonzero(each) for each in choices if each.any()), np.zeros(0, np.int64))
        if not found.size:
            raise Refused(
                "together with earlier releases of this source, it would reveal a few arrests",
                hint=Spelled(
                    "count by fewer or coarser levels, or with noise: epsilon=.",
                    "count by fewer or coarser levels, or with noise (--dp-epsilon).",
                ),
            )
        return int(found[np.argmin(counts[found])])


def _high(known: Known) -> Floats:
    return np.full(len(known.values), np.inf) if known.high is None else known.high


def _parts(needed: Needed) -> tuple[Any, ...]:
    return needed.asked, needed.truth, needed.below, needed.above, needed.either


def series_of(asked: Asked, entries: Sequence[Entry], minimum: int, *, rounds: bool) -> Series | None:
    """Put a release after those before it; none if it shares nothing with them.

    Parameters
    ----------
    asked : Asked
        Its events and totals.
    entries : sequence of Entry
        What was published before, in the order of time.
    minimum : int
    rounds : bool
        Whether its figures are rounded.

    Raises
    ------
    Refused
        When there is too much to look at.
    """
    names = set(asked.totals.cube.columns)
    releases = [each for each in reversed(entries) if each.kind == "release" and each.method != "noise"]
    releases = [each for each in releases if any(set(by) <= names for by in each.tables)]
    if not releases:
        return None
    return _Chain(Grid.of(asked, releases), asked.totals, releases, minimum, rounds).series()


class _Chain:
    """The unknowns of each release: what is its own, and what the next one has too."""

    def __init__(self, grid: Grid, totals: Totals, releases: Sequence[Entry], minimum: int, rounds: bool) -> None:
        self.grid, self.totals, self.releases, self.minimum, self.rounds = grid, totals, releases, minimum, rounds
        size, count = grid.size, len(releases) + 1
        self.linked = [np.zeros(size, bool)]
        can = sparse().diags(grid.possible.astype(float))
        made = can @ sparse().eye(size, count * size, format="csr")
        self.unknowns = [sparse().diags(grid.now.astype(float)) @ made]
        for at, entry in enumerate(releases, start=1):
            linked = self._did_not_rise(entry, releases[at - 2] if at > 1 else None)
            own = can @ sparse().eye(size, count * size, k=at * size, format="csr")
            self.unknowns.append((own + sparse().diags(linked.astype(float)) @ self.unknowns[-1]).tocsr())
            self.linked.append(linked)

    def _did_not_rise(self, entry: Entry, later: Entry | None) -> Mask:
        """Which combinations did not rise since a release, as far as the tables show."""
        made = np.ones(self.grid.size, bool)
        for other in [None] if later is None else [later, None]:
            common = [by for by in self._tables(entry) if other is None or by in other.tables]
            for by in common:
                if any(set(by) < set(each) for each in common):
                    continue
                then = self.grid.counted(by, entry.tables[by])
                now = self.grid.counted(by, None if other is None else other.tables[by])
                made &= (now <= then)[self.grid.places(by)]
        return made

    def _tables(self, entry: Entry) -> list[tuple[str, ...]]:
        return [by for by in entry.tables if set(by) <= set(self.grid.columns)]

    def series(self) -> Series | None:
        """Give what all of them reveal."""
        if not self.linked[1].any():
            return None
        parts = [self._release(at, by) for at, entry in enumerate(self.releases, 1) for by in self._tables(entry)]
        parts += [
            self._sealed_between(at, later, by)
            for at, entry in enumerate(self.releases, 1)
            for later in range(at)
            for by in self._tables(entry)
            if later == 0 or by in self.releases[later - 1].tables
        ]
        of, values, low, high, asked, truth, below, above, either = zip(*parts, strict=True)
        shown = np.concatenate(values)
        before = Known(
            sparse().vstack(of).tocsr(),
            shown,
            shown == 0,
            np.concatenate(low),
            np.concatenate(high),
        )
        needed = Needed(*map(np.concatenate, (asked, truth, below, above, either)))
        return Series(self._own_sums(), before, needed, self._changed_totals(), self.grid.size)

    def _own_sums(self) -> Any:
        rows = [self._sums(by) for by in self._sets()]
        return (sparse().vstack(rows) @ self.unknowns[0]).tocsr()

    def _sets(self) -> Iterator[list[str]]:
        for axes in self.totals.sets:
            yield [self.totals.cube.columns[axis] for axis in axes]

    def _sums(self, by: Sequence[str], *, now: bool = True) -> Any:
        """Which combinations are in each total by some columns; of this release, without levels that it has not."""
        places = self.grid.places(by)
        cells = np.flatnonzero(self.grid.now) if now else np.arange(self.grid.size)
        height = sum(1 for _ in self.grid.keys(by))
        made = sparse().csr_matrix((np.ones(len(cells)), (places[cells], cells)), shape=(height, self.grid.size))
        return made[np.unique(places[self.grid.now])] if now else made

    def _changed_totals(self) -> Mask:
        made = []
        for by in self._sets():
            named = tuple(sorted(by))
            rows = np.unique(self.grid.places(by)[self.grid.now])
            now = self.grid.counted(by)[rows]
            other = np.zeros(len(now), bool)
            # an earlier release has its columns in order of the alphabet
            keys = [tuple(key[by.index(name)] for name in named) for key in self.grid.keys(by)]
            for entry in self.releases:
                if named in entry.tables:
                    cells = [entry.tables[named].get(keys[row], NOTHING) for row in rows]
                    other |= np.array([not cell.shown or cell.count != n for cell, n in zip(cells, now, strict=True)])
            made.append(other)
        return np.concatenate(made)

    def _release(self, at: int, by: tuple[str, ...]) -> tuple[Any, ...]:
        """What a release showed of the totals by some columns."""
        entry = self.releases[at - 1]
        cells = [entry.tables[by].get(key, NOTHING) for key in self.grid.keys(by)]
        counts = np.array([cell.count for cell in cells], np.float64)
        people = np.array([cell.count if cell.people is None else cell.people for cell in cells], np.float64)
        shown = np.array([cell.shown for cell in cells], bool)
        few = (counts > 0) & ((counts < entry.minimum) | (people < entry.minimum))
        low, high = np.where(shown, 0.0, 1.0), np.full(len(cells), np.inf)
        above = np.where(few, np.maximum(entry.minimum - counts, entry.minimum - people), 0.0)
        if entry.tells_exactly:
            values, asked = np.where(shown, counts, np.nan), ~shown
        else:
            base = entry.base or 1
            middle = (counts + base // 2) // base * base
            low, high = (
                np.where(shown, np.maximum(middle - base // 2, 0), 0),
                np.where(shown, middle + base // 2, np.inf),
            )
            values, asked, above = np.full(len(cells), np.nan), few, np.zeros(len(cells))
        of, nothing = self._sums(by, now=False) @ self.unknowns[at], np.zeros(len(cells))
        return of, values, low, high, asked, counts, nothing, np.maximum(above, 0.0), nothing > 0

    def _sealed_between(self, at: int, later: int, by: tuple[str, ...]) -> tuple[Any, ...]:
        """How many were sealed between two releases, of totals that only fell; that it is few must not be told.

        Of rounded figures, that it is surely few: a range that begins at 0 or reaches the minimum tells no such thing.
        """
        entry, other = self.releases[at - 1], None if later == 0 else self.releases[later - 1]
        cells, after = entry.tables[by], None if other is None else other.tables[by]
        sums = self._sums(by, now=False)
        fell = np.logical_and.reduce(self.linked[later + 1 : at + 1])
        whole = np.asarray(sums @ (~fell).astype(float)) == 0
        then = self.grid.counted(by, cells)
        lost = then - self.grid.counted(by, after)
        most = np.minimum(self.minimum, np.where(then > lost, then - 1, then))  # what is suppressed is not 0
        exact = entry.tells_exactly and not (self.rounds if other is None else not other.tells_exactly)
        told = np.zeros(len(lost), bool)
        if after is not None and exact:
            told = np.array(
                [cells.get(key, NOTHING).shown and after.get(key, NOTHING).shown for key in self.grid.keys(by)], bool
            )
        gone = self.grid.peopled(by, cells) - self.grid.peopled(by, after)
        few = np.flatnonzero(whole & (lost > 0) & ((lost < self.minimum) | (gone < self.minimum)) & ~told)
        of = sums[few] @ (self.unknowns[at] - self.unknowns[later])
        above = np.maximum(most - lost, 0)[few].astype(np.float64)
        lost = lost[few].astype(np.float64)
        nothing = np.zeros(len(few))
        below = nothing if exact else lost
        unknown = (np.full(len(few), np.nan), nothing, np.full(len(few), np.inf), nothing == 0)
        return of, *unknown, lost, below, above, np.full(len(few), not exact)
