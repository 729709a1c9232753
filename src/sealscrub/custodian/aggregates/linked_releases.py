"""Which earlier tables of a source hang together with those asked for, and must be looked at with them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from sealscrub.errors import ConfigError, Refused, Spelled

from .cube import LARGEST
from .ledger import plain
from .ledger_entries import Cell, Entry, Levels

__all__ = ["Linked", "Rolled", "linked", "rolled_up"]

By = tuple[str, ...]
Finer = dict[tuple[str, str], dict[Any, Any]]


@dataclass(frozen=True, slots=True, repr=False)
class Linked:
    """Earlier tables that share columns with those asked for, directly or through others.

    Attributes
    ----------
    tables : tuple of tuple of str
        Their columns; and pairs of columns of which one is finer.
    finer : dict
        By the names of a column and of one whose levels are unions of its levels, such as a precinct and its borough:
        from level to level. A reader knows the map.
    shown : frozenset of tuple of str
        The earlier tables and their margins, as they were published.
    """

    tables: tuple[By, ...] = ()
    finer: Finer = field(default_factory=dict)
    shown: frozenset[By] = frozenset()

    @property
    def columns(self) -> list[str]:
        """All their columns."""
        return sorted({name for table in self.tables for name in table})


def linked(events: pl.DataFrame, names: list[str], tables: Sequence[Sequence[str]], entries: Sequence[Entry]) -> Linked:
    """Find them.

    Parameters
    ----------
    events : polars.DataFrame
        With the columns of earlier tables, as far as there are such.
    names : list of str
        The columns asked for.
    tables : sequence of sequence of str
    entries : sequence of Entry
        Of the same source.

    Raises
    ------
    ConfigError
        When a column is cut into other levels than before.
    Refused
        When there are too many combinations to look at together.
    """
    present = set(events.columns)
    releases = [each for each in entries if each.kind == "release"]
    earlier = _maximal_tables(by for entry in releases for by in entry.tables if set(by) <= present)
    # a clean data set is counted by columns too, and a coarser figure is compared with its counts added up
    told = {name for entry in entries for by in entry.tables if set(by) <= present for name in by}
    known = sorted(told | set(names))
    for name in known:
        _check_cut(events, name, entries)
    finer = dict(_finer(events, known, names))
    rounded = [set(by) for entry in releases if entry.method == "round" for by in entry.tables]
    # rounded figures have no exact total, so today's reveals them though no column is common
    near = _reachable_tables(
        set(names), earlier, finer, [by for by in earlier if any(each <= set(by) for each in rounded if each)]
    )
    current = [set(table) for table in tables]
    kept = _without_known_margins(
        events, [by for by in near if not any(set(by) <= each for each in current)], current, finer, entries
    )
    columns = set(names).union(*kept)
    pairs = [(fine, coarse) for fine, coarse in finer if {fine, coarse} <= columns]
    size = 1
    for name in columns:
        size *= events[name].n_unique()
    if kept and size > LARGEST:
        raise Refused(
            "earlier releases of this source are too many to check this one against",
            hint=Spelled(
                "count by columns of earlier tables, by fewer or coarser ones, or with noise (noise=).",
                "count by columns of earlier tables, by fewer or coarser ones, or with noise (--dp-epsilon).",
            ),
        )
    shown = frozenset(by for entry in releases if entry.method != "noise" for by in entry.tables)
    return Linked((*kept, *pairs), finer, shown)


@dataclass(frozen=True, slots=True, repr=False)
class Rolled:
    """What a release says about a table that it has only in finer levels.

    Attributes
    ----------
    cells : dict
        The counts added up, and whether they follow from what was published; of people as many as there were at most.
    fewest : dict
        How many people there were at least.
    adrift : int
        Events of levels that no event has any more, so nothing says which coarser level they belong to.
    """

    cells: dict[Levels, Cell]
    fewest: dict[Levels, int]
    adrift: int


def rolled_up(entry: Entry, by: By, finer: Finer) -> Rolled | None:
    """Add up what a release has in finer levels; none when it has no such table."""
    for names in itertools.product(*([name, *(fine for fine, coarse in finer if coarse == name)] for name in by)):
        source = tuple(sorted(names))
        cells = entry.tables.get(source)
        if cells is None or source == by or len(set(names)) < len(by):
            continue
        made: dict[Levels, Cell] = {}
        fewest: dict[Levels, int] = {}
        adrift = 0
        for levels, cell in cells.items():
            at = dict(zip(source, levels, strict=True))
            if any(name != each and at[name] not in finer[name, each] for name, each in zip(names, by, strict=True)):
                adrift += cell.count
                continue
            coarse = tuple(
                at[name] if name == each else finer[name, each][at[name]] for name, each in zip(names, by, strict=True)
            )
            made[coarse] = _sum_of_cells(made.get(coarse), cell)
            fewest[coarse] = max(fewest.get(coarse, 0), cell.people or 0)
        unknown = [levels for levels, cell in made.items() if not cell.shown]
        whole = entry.tables.get((), {}).get(())
        if len(unknown) == 1 and whole is not None and whole.shown:  # the total less all others
            made[unknown[0]] = replace(made[unknown[0]], shown=True)
        return Rolled(made, fewest, adrift)
    return None


def _sum_of_cells(so_far: Cell | None, cell: Cell) -> Cell:
    if so_far is None:
        return Cell(cell.count, cell.people, cell.shown)
    people = None if so_far.people is None or cell.people is None else so_far.people + cell.people
    return Cell(so_far.count + cell.count, people, so_far.shown and cell.shown)


def _maximal_tables(given: Iterable[By]) -> list[By]:
    distinct = sorted(set(given), key=lambda by: (-len(by), by))
    return [by for at, by in enumerate(distinct) if by and not any(set(by) < set(each) for each in distinct[:at])]


def _check_cut(events: pl.DataFrame, name: str, entries: Sequence[Entry]) -> None:
    now = {plain(level): count for level, count in events[name].value_counts().iter_rows()}
    for entry in entries:
        cells = entry.tables.get((name,))
        if cells is None:
            continue
        gone = any(cell.count >= entry.minimum for (level,), cell in cells.items() if level not in now)
        come = any(count >= entry.minimum for level, count in now.items() if (level,) not in cells)
        if gone and come:
            raise ConfigError(
                f"the column {name!r} has other levels than in earlier releases of this source",
                hint="use one column for each set of levels, such as age_5 and age_10, and keep both in the events.",
            )


def _finer(events: pl.DataFrame, known: list[str], asked: list[str]) -> Iterator[tuple[tuple[str, str], Any]]:
    heights = {name: events[name].n_unique() for name in known}
    for fine, coarse in itertools.permutations(known, 2):
        # a column of one level is above every other: it matters where a figure by it is asked for
        if heights[fine] < heights[coarse] or (heights[coarse] < 2 and coarse not in asked):
            continue
        pairs = events.select(fine, coarse).unique()
        if pairs.height == heights[fine]:
            yield (fine, coarse), {plain(level): plain(above) for level, above in pairs.iter_rows()}


def _reachable_tables(reached: set[str], earlier: list[By], finer: Finer, always: list[By]) -> list[By]:
    """Give the earlier tables that can be reached from columns, by common ones or by one that is finer; some always."""
    near, reached = list(always), reached.union(*always)
    while True:
        beside = reached | {other for pair in finer for other in pair if set(pair) & reached}
        more = [by for by in earlier if by not in near and set(by) & beside]
        if not more:
            return near
        near += more
        reached = reached.union(*more)


def _without_known_margins(
    events: pl.DataFrame, near: list[By], current: list[set[str]], finer: Finer, entries: Sequence[Entry]
) -> list[By]:
    """Leave out what reveals nothing about the other tables but a margin that is known whole.

    Tables that have only such a margin in common can be put together in every way that agrees with it.
    """
    kept = list(near)
    while True:
        for by in kept:
            rest = set().union(*current, *(each for each in kept if each != by))
            rest |= {other for pair in finer for other in pair if set(pair) & rest}
            common = tuple(name for name in by if name in rest)
            if common != by and _is_known(events, common, entries):
                kept.remove(by)
                if common and not any(set(common) <= each for each in [*current, *map(set, kept)]):
                    kept.append(common)
                break
        else:
            return kept


def _is_known(events: pl.DataFrame, by: By, entries: Sequence[Entry]) -> bool:
    """Whether a release showed a whole table, and events have it unchanged."""
    if by:
        counted = events.group_by(by).len()
        now = {tuple(map(plain, levels)): count for *levels, count in counted.select(*by, "len").iter_rows()}
    else:
        now = {(): events.height}
    return any(
        entry.tells_exactly
        and by in entry.tables
        and {levels: cell.count for levels, cell in entry.tables[by].items() if cell.shown} == now
        for entry in entries
    )
