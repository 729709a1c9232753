"""The worlds that a function is run in: the data as it is, and the data without the sealed records.

If the data holds no sealed rows, or a verdict is to travel, records are planted: clones of real rows under keys
that no one has, with another payload. Every index holds them as sealed while the function runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError, Spelled, UsageError
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.index.planted_keys import planted
from sealscrub.matching import KeyColumn, Policy, TableMatcher, parse_on
from sealscrub.tables import frame_adapter
from sealscrub.transforms import scrub

from .fresh_keys import FreshKeys
from .rows import rows_of, table_rows, taken

__all__ = ["Table", "Worlds", "make_worlds"]

_MOST_PLANTED = 50
NAME_KEYS = Spelled("on={'arrest_number': 'ARREST_NO'}.", "--on arrest_number=ARREST_NO")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table of the data with its keys, and which rows of it are sealed or planted."""

    name: str
    data: Any
    keys: tuple[KeyColumn, ...]
    sealed: Mask
    planted: Mask


@dataclass(slots=True, eq=False)
class Worlds:
    """Data for the runs of a function.

    Parameters
    ----------
    single : bool
        Whether the function takes one frame, and not a mapping.
    tables : dict of str to Table
        As they are, planted rows included.
    planted : dict of str to list of str
        Planted keys by scheme.
    files : tuple of Path
        Files that the data names: none.
    clean : dict of str to frame, optional
        The tables without the sealed records, once they are made.
    """

    single: bool
    tables: dict[str, Table]
    index: Index
    policy: Policy
    planted: dict[str, list[str]] = field(default_factory=dict)
    plan: Any = None
    files: tuple[Path, ...] = ()
    clean: dict[str, Any] | None = None

    def close(self) -> None:
        """Do as worlds of files do, which have copies to delete."""

    @property
    def unvaried(self) -> str:
        """Why no variants of the payload are made; empty if they are."""
        return "with a plan, whose recipes they would not follow" if self.plan is not None else ""

    @property
    def as_is(self) -> Any:
        """The data as it is."""
        return self._as_given({name: table.data for name, table in self.tables.items()})

    @property
    def sealed_rows(self) -> int:
        """How many rows are sealed or planted."""
        return sum(int(np.count_nonzero(table.sealed)) for table in self.tables.values())

    @property
    def rows_left(self) -> int:
        """How many rows of tables with keys are not sealed."""
        return sum(int(np.count_nonzero(~table.sealed)) for table in self.tables.values() if table.keys)

    def without(self) -> Any:
        """The data without the sealed records, through the plan if there is one; made once."""
        if self.clean is None:
            data = {name: table.data for name, table in self.tables.items()}
            with planted(self.planted):
                if self.plan is not None:
                    self.clean = self.plan.scrub(data, self.index, policy=self.policy, sweep=False)
                else:
                    self.clean = {name: self._scrub_table(table) for name, table in self.tables.items()}
        return self._as_given(self.clean)

    def without_others(self, seed: int) -> Any:
        """The data without the sealed records and without as many rows that are not sealed: the positive control."""
        draws = np.random.default_rng(seed)
        clean = self.without()
        data = {"": clean} if self.single else dict(clean)
        for name, table in self.tables.items():
            count = int(np.count_nonzero(table.sealed))
            if not table.keys or not count:
                continue
            adapter = frame_adapter(data[name])
            keep = np.ones(adapter.rows, bool)
            keep[draws.permutation(adapter.rows)[: max(1, min(count, adapter.rows // 2))]] = False
            data[name] = adapter.keep(keep)
        return self._as_given(data)

    def without_one(self, seed: int) -> Any:
        """The data without the sealed records and without one of the others: the gentlest control."""
        clean = self.without()
        data = {"": clean} if self.single else dict(clean)
        rows = {name: frame_adapter(data[name]).rows for name, table in self.tables.items() if table.keys}
        at = int(np.random.default_rng(seed).integers(max(1, sum(rows.values()))))
        for name, count in rows.items():
            if 0 <= at < count:
                data[name] = frame_adapter(data[name]).keep(np.arange(count) != at)
            at -= count
        return self._as_given(data)

    def without_half(self) -> Any:
        """The data without the sealed records and without every second one of the others."""
        clean = self.without()
        data = {"": clean} if self.single else dict(clean)
        for name, table in self.tables.items():
            if table.keys:
                adapter = frame_adapter(data[name])
                data[name] = adapter.keep(np.arange(adapter.rows) % 2 == 1)
        return self._as_given(data)

    def with_only(self, wanted: npt.NDArray[np.int64]) -> Any:
        """The data with some of the sealed rows, counted over the tables in their order, and without the others."""
        data, start = {}, 0
        for name, table in self.tables.items():
            rows = np.flatnonzero(table.sealed)
            keep = ~table.sealed
            inside = wanted[(wanted >= start) & (wanted < start + len(rows))] - start
            keep[rows[inside]] = True
            data[name] = frame_adapter(table.data).keep(keep)
            start += len(rows)
        return self._as_given(data)

    def places_of(self, records: Sequence[int]) -> tuple[tuple[str, int], ...]:
        """Of sealed rows, counted over the tables in their order: table and position in the data as given.

        A planted row has the position -1.
        """
        places: list[tuple[str, int]] = []
        for name, table in self.tables.items():
            given = np.where(table.planted, -1, np.cumsum(~table.planted) - 1)
            places += [(name, int(row)) for row in given[table.sealed]]
        return tuple(places[record] for record in records)

    def varied(self, name: str, change: Any) -> Any:
        """The data with the payload of sealed rows changed by a variant."""
        return self._as_given({table: change(found) for table, found in self.tables.items()})

    def _as_given(self, data: dict[str, Any]) -> Any:
        return next(iter(data.values())) if self.single else data

    def _scrub_table(self, table: Table) -> Any:
        if not table.keys:
            return table.data
        on = [f"{key.scheme}={key.label}" for key in table.keys]
        return scrub(table.data, self.index, on, policy=self.policy, name=table.name or "data", sweep=False)


def make_worlds(data: Any, index: Index, on: Any, *, plan: Any, plant: str | bool, policy: Policy, seed: int) -> Worlds:
    """Take the data apart, find the sealed rows, and plant some if that is asked for.

    Raises
    ------
    ConfigError
        When `on` names a table that does not exist.
    ColumnError, SchemeError, UnsuitableIndex
        As in :func:`sealscrub.scan`.
    """
    single = not isinstance(data, Mapping)
    given = {"": data} if single else dict(data)
    keys = _keys(on, given, single=single, plan=plan)
    tables = {}
    for name, frame in given.items():
        rows = rows_of(frame)
        nothing = np.zeros(rows, bool)
        found = _sealed(frame, keys[name], index, policy, name) if keys[name] else nothing
        tables[name] = Table(name, frame, keys[name], found, nothing)
    worlds = Worlds(single, tables, index, policy, plan=plan)
    if plant is True or (plant == "auto" and not worlds.sealed_rows):
        _plant(worlds, seed)
    return worlds


def _keys(on: Any, data: Mapping[str, Any], *, single: bool, plan: Any) -> dict[str, tuple[KeyColumn, ...]]:
    if on is None and plan is not None:
        return {name: tuple(rule.key for rule in plan.rules[name].keys) for name in data}
    if on is None:
        raise ConfigError("no key column given", hint=NAME_KEYS)
    by_table = {"": on} if single else on
    if not single and isinstance(on, Mapping) and not any(isinstance(part, Mapping | list) for part in on.values()):
        by_table = dict.fromkeys(data, on)
    for name in by_table:
        if name not in data:
            raise ConfigError(f"there is no table {name!r}", hint=f"the data has: {', '.join(map(str, data))}.")
    return {
        name: parse_on(by_table[name], frame_adapter(frame).columns, where=name) if name in by_table else ()
        for name, frame in data.items()
    }


def _sealed(frame: Any, keys: tuple[KeyColumn, ...], index: Index, policy: Policy, name: str) -> Mask:
    matcher = TableMatcher(index, keys, policy, name or "data")
    return matcher.judge(frame_adapter(frame).key_batch(matcher.columns)).matched


def _plant(worlds: Worlds, seed: int) -> None:
    """Put clones of rows, under new keys and with the payload of other rows, next to the rows that they are of."""
    draws = np.random.default_rng(seed)
    for name, table in worlds.tables.items():
        rows = len(table.sealed)
        if not table.keys or not rows:
            continue
        count = min(_MOST_PLANTED, max(1, rows // 20))
        drawn = draws.choice(rows, size=min(count, rows), replace=False)
        sources = np.unique(np.concatenate([drawn, [0, rows - 1]]))  # what is first or last may decide
        keys = frame_adapter(table.data).key_batch(TableMatcher(worlds.index, table.keys, worlds.policy).columns)
        fresh: dict[str, list[Any]] = {}
        for key in table.keys:
            values, canonical = _fresh_keys(key, table.data, keys, sources, worlds, draws)
            fresh |= values
            worlds.planted.setdefault(key.scheme, []).extend(canonical)
        data, places = taken(table.data, sources, fresh)
        planted_rows = np.zeros(rows + len(sources), bool)
        planted_rows[places] = True
        sealed = np.zeros(rows + len(sources), bool)
        sealed[~planted_rows] = table.sealed
        sealed |= planted_rows
        worlds.tables[name] = Table(name, data, table.keys, sealed, planted_rows)


def _fresh_keys(
    key: KeyColumn,
    data: Any,
    keys: pl.DataFrame,
    sources: npt.NDArray[np.intp],
    worlds: Worlds,
    draws: np.random.Generator,
) -> tuple[dict[str, list[Any]], list[str]]:
    """Make keys that no one has, of the form that the column's keys have: raw values by column, canonical values."""
    fresh = FreshKeys(key, keys, worlds.index, draws)
    good = np.flatnonzero(fresh.known.is_not_null())
    if not len(good):
        name = get_scheme(key.scheme).name
        raise UsageError(f"cannot plant: no row has a {name}", hint="check the key column.")
    rows = table_rows(data)
    at_position = frame_adapter(data).position
    like = rows.read(at_position(key.columns[-1]))[int(good[0])]
    raw: dict[str, list[Any]] = {column: [] for column in key.columns}
    canonical = []
    for source in sources.tolist():
        at = source if fresh.known[source] is not None else int(good[0])
        row, text = keys.row(at, named=True), None
        if len(key.columns) == 1:
            row, text = {key.columns[0]: like}, str(fresh.known[at])
        made, value = fresh.like(row, text, lambda column, value: rows.fits(at_position(column), value))
        canonical.append(value)
        for column in key.columns:
            raw[column].append(made[column])
    return raw, canonical
