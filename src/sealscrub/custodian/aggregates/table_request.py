"""What was asked for: events read and checked, and the totals of the tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Ints, Mask
from sealscrub.errors import ColumnError, ConfigError, Spelled, UsageError
from sealscrub.filters import Judge
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.tables import frame_adapter
from sealscrub.tables.aggregate_mark import MARK, marks_of, refuse_marked

from .cube import Cube, Totals, cube_of
from .disclosure_rules import Rules, people_in
from .figures import BY, COUNT, STATED
from .ledger_entries import Entry
from .linked_releases import Linked, linked
from .noisy_counts import Noise, bounded

__all__ = ["Asked", "Request"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Request:
    """Which tables of which columns, as :func:`sealscrub.custodian.aggregates.aggregate` describes them."""

    tables: Any
    person: str | None = None
    value: str | None = None
    share: str | None = None
    levels: Mapping[str, Iterable[Any]] | None = None
    index: Index | None = None
    on: On | None = None
    policy: Policy | None = None
    noise: Noise | None = None

    def __repr__(self) -> str:
        return "Request()"


class Asked:
    """Events in a cube, and the totals of the tables, with those that earlier releases reveal."""

    def __init__(
        self, left: pl.DataFrame, tables: list[list[str]], asked: Request, entries: Sequence[Entry] = ()
    ) -> None:
        names = list(dict.fromkeys(name for table in tables for name in table))
        levels, share = dict(asked.levels or {}), asked.share
        self.share_axis = len(names) if share else None
        if share:
            names, tables = [*names, share], [[*table, share] for table in tables]
            levels[share] = [False, True]
        self.declared = frozenset(levels)
        self.linked: Linked = linked(left, names, tables, entries)
        names += [name for name in self.linked.columns if name not in names]
        self.cube: Cube = cube_of(left, names, levels)
        self.totals = Totals.of(self.cube, tables, self.linked.tables)
        self.counts = self.cube.counted()
        people = left[asked.person].rank("dense").fill_null(0) if asked.person else pl.Series(np.arange(left.height))
        self.people = people.cast(pl.Int64).to_numpy()
        self.weights = left[asked.value].cast(pl.Float64).to_numpy() if asked.value else None
        self.value, self.is_by_person = asked.value, asked.person is not None

    @classmethod
    def of(cls, events: Any, asked: Request, entries: Sequence[Entry] = ()) -> Asked:
        """Read events.

        Raises
        ------
        UsageError, ConfigError, ColumnError, Refused
            As :func:`sealscrub.custodian.aggregates.aggregate` says.
        """
        adapter = frame_adapter(events)
        refuse_marked(marks_of(events, adapter.columns), "")
        tables = _table_columns(asked.tables)
        names = list(dict.fromkeys(name for table in tables for name in table))
        _check_names(names, asked)
        wanted = [name for name in dict.fromkeys([*names, asked.person, asked.value, asked.share]) if name is not None]
        ColumnError.require(wanted, adapter.columns, where="events")
        told = {name for entry in entries for by in entry.tables for name in by}
        wanted += [name for name in adapter.columns if name in told and name not in wanted]
        left = adapter.values(wanted)
        if asked.index is not None and asked.on is not None:
            judge = Judge(asked.index, asked.on, policy=asked.policy, where="events", use="aggregate_report")
            if set(judge.columns) & set(names):
                raise ConfigError("cannot count by a key column", hint="count by what arrests have in common.")
            left = left.filter(pl.Series(~judge.start().gone(adapter.key_batch(judge.columns))))
        if not left.height:
            raise UsageError(
                "there are no events: nothing was counted", where="events", hint="check that it is the right table."
            )
        _check_values(left, asked.value, asked.share)
        if asked.noise is not None and asked.person is not None:
            left = bounded(left, asked.person, asked.noise.per_person)
        return cls(left, tables, asked, entries)

    @property
    def impossible(self) -> Mask:
        """Which totals have no event because one of their columns is finer than the other: a precinct elsewhere."""
        made, counts = np.zeros(self.totals.size, bool), self.counted[0]
        for axes, start in zip(self.totals.sets, self.totals.starts, strict=True):
            names = [self.cube.columns[axis] for axis in axes]
            if len(axes) == 2 and (tuple(names) in self.linked.finer or tuple(names[::-1]) in self.linked.finer):
                part = slice(start, start + self.totals.height(axes))
                made[part] = counts[part] == 0
        return made

    def rare(self, rules: Rules) -> list[Mask]:
        """Say, for each column, which levels so few have that their name is not shown."""
        people = self.people if self.is_by_person else np.arange(len(self.people))
        at = np.unravel_index(self.cube.places, self.cube.shape)
        return [
            np.zeros(height, bool) if name in self.declared else people_in(place, height, people) < rules.minimum
            for name, height, place in zip(self.cube.columns, self.cube.shape, at, strict=True)
        ]

    @cached_property
    def counted(self) -> tuple[Ints, Ints]:
        """How many events, and how many people, each total has."""
        counts = self.totals.of_combinations(self.counts)
        if not self.is_by_person:
            return counts, counts
        return counts, self.totals.of_events(lambda groups, height: people_in(groups, height, self.people))

    def summed(self) -> npt.NDArray[np.float64] | None:
        """Sum the magnitude of each total."""
        return None if self.weights is None else self.totals.of_combinations(self.cube.summed(self.weights))


def _table_columns(tables: Any) -> list[list[str]]:
    given = [tables] if isinstance(tables, str) else list(tables)
    listed = [[each] if isinstance(each, str) else list(each) for each in given]
    if not listed or not all(table and all(isinstance(name, str) for name in table) for table in listed):
        raise ConfigError(
            "no table given",
            hint=Spelled(
                'name the columns of each: [["precinct", "offense"]]', "name the columns of each: --by precinct,offense"
            ),
        )
    if any(len(set(table)) < len(table) for table in listed):
        raise ConfigError("a table has a column twice", hint="give each once.")
    if max(map(len, listed)) > 4:
        raise ConfigError("a table can have at most 4 columns", hint="ask for several tables.")
    return listed


def _check_names(names: list[str], asked: Request) -> None:
    person, value, share = asked.person, asked.value, asked.share
    if (asked.index is None) != (asked.on is None):
        hint = Spelled('on={"arrest_number": "ARREST_NO"}', "--on arrest_number=ARREST_NO")
        raise ConfigError("an index needs its key columns", hint=hint)
    if person is not None and person in names:
        raise ConfigError("cannot count by a column that identifies people", hint="count by what they share.")
    if (share is not None and share in names) or (value is not None and value in names):
        raise ConfigError("a column cannot be counted by and summed at once", hint="give it once.")
    if {BY, COUNT, MARK, *STATED} & set(names):
        raise ConfigError("a column to count by has the name of a column of the figures", hint="rename it.")
    if asked.noise is None:
        return
    if person is None:
        hint = Spelled('person="nysid"', "--person nysid")
        raise ConfigError("noise needs the column that identifies people", hint=hint)
    undeclared = [name for name in names if name not in (asked.levels or {})]
    if undeclared:
        raise ConfigError(
            f"with noise, all levels of {undeclared[0]!r} must be declared: those that occur would be revealed",
            hint=Spelled('levels={"level": ["F", "M", "V"]}', "--levels level=F,M,V"),
        )


def _check_values(left: pl.DataFrame, value: str | None, share: str | None) -> None:
    if value is not None:
        column = left[value]
        if not column.dtype.is_numeric():
            raise UsageError(f"column {value!r} is not numeric", hint="cast it to a number.")
        numbers = column.cast(pl.Float64)
        if column.null_count() or not bool(numbers.is_finite().all()) or bool((numbers < 0).any()):
            raise UsageError(
                f"the column {value!r} has null, negative or infinite values", hint="fill or drop these rows."
            )
        if not math.isfinite(float(numbers.sum())):
            raise UsageError(f"the column {value!r} has a sum that no number can hold", hint="use a larger unit.")
    if share is not None and (left[share].dtype != pl.Boolean or left[share].null_count()):
        raise UsageError(f"the column {share!r} is not Boolean", hint="compute it with a comparison.")
