"""Counting for a report over all arrests, sealed included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, ConfigError, Refused, UsageError
from sealscrub.filters import Judge
from sealscrub.frames import frame_adapter
from sealscrub.frames.aggregate_mark import MARK, refuse_marked
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On

from .attacking import Ranges
from .cube import Cube, Totals, cube_of
from .figures import BY, COUNT, Figures, Measure, framed
from .ledger import Entry, Ledger, counts_by_levels, differences
from .rounding import rounded
from .rules import Largest, Rules, largest_contributions, people_in
from .suppressing import Task, suppress

__all__ = ["Asked", "aggregate"]

_Mask = npt.NDArray[np.bool_]
_SHARE = "share"


def aggregate(
    events: Any,
    tables: str | Iterable[str | Sequence[str]],
    *,
    person: str | None = None,
    value: str | None = None,
    share: str | None = None,
    rules: Rules | None = None,
    round_to: int | None = None,
    levels: Mapping[str, Iterable[Any]] | None = None,
    index: Index | None = None,
    on: On | None = None,
    policy: Policy | None = None,
    ledger: Ledger | None = None,
    source: str | None = None,
) -> Figures:
    """Count all arrests for a report, sealed ones included, and hold back what would tell of few people.

    Parameters
    ----------
    events : pandas, polars, pyarrow or DuckDB table
        A row for each arrest: not scrubbed, and not counted before.
    tables : str, or iterable of str or sequence of str
        The tables that are published together, each by the columns that it counts by: ``["precinct", ["precinct",
        "offense"]]``. All their margins are published too.
    person : str, optional
        Which column tells people apart, so that a figure over few people is held back though it counts many arrests.
        Without it, each row is taken for another person.
    value : str, optional
        A column of numbers, none below 0, to sum besides.
    share : str, optional
        A column of true and false: how many of each figure's arrests have true, and their share, besides.
    rules : Rules, optional
        Minimum, dominance and p-percent.
    round_to : int, optional
        Round counts to this base, 5 is usual, instead of holding small ones back. Not for sums and shares. The figures
        are then near the truth and do not add up.
    levels : mapping of str to iterable, optional
        All levels of a column, which then all have rows. By default those that events have, and rows only of those that
        are not rare: a level of few people is told of by its name.
    index, on, policy : optional
        An index that was published for the use ``aggregate_report``, for a regime that bars records from reports too;
        they are left out. No regime of New York does.
    ledger, source : optional
        What was published before, and the name of what is counted. What differs from an earlier figure, or from the
        count of a clean data set, by fewer than the minimum is held back; so is what was held back before. The release
        is recorded.

    Returns
    -------
    Figures
        Every published figure is true. Of those held back none can be worked out from the published ones, which the
        attacker has tried.

    Raises
    ------
    UsageError
        When there are no events, or a column is not as it must be.
    ConfigError, ColumnError
        When the tables cannot be made.
    Refused
        When there is nothing that may be published, or too much was asked for.
    MissingExtra
        When scipy is not installed (extra ``aggregates``).

    Notes
    -----
    What a reader learns from several releases together is looked at with a ledger:
    :func:`sealscrub.aggregates.Ledger`. A person who knows that an arrest is their own can subtract it.

    Examples
    --------
    >>> rows = [{"precinct": 101 + at % 2, "level": "F" if at < 4 else "M"} for at in range(60)]
    >>> figures = aggregate(pl.DataFrame(rows), [["precinct", "level"]])
    >>> figures.table("precinct", "level")["count"].to_list(), figures.table()["count"].to_list()
    ([None, None], [60])
    """
    asked = Asked.of(events, tables, person, value, share, levels, index, on, policy)
    rules = rules or Rules()
    if round_to is not None and (value or share):
        raise ConfigError("counts alone are rounded", hint="ask for sums and shares without round_to.")
    if ledger is None:
        return _made(asked, rules, events, (), round_to)[0]
    if not source:
        raise ConfigError("a ledger compares figures of one source, and none is named", hint='source="arrests 2025"')
    with ledger.locked() as opened:
        before = [each for each in opened.entries if each.source == source]
        figures, hidden = _made(asked, rules, events, before, round_to)
        told = counts_by_levels(asked.totals, asked.counted()[0], hidden)
        opened.append(Entry("release", source, figures.release, figures.method, told, rules.minimum))
    return figures


def _made(asked: Asked, rules: Rules, events: Any, before: Sequence[Entry], base: int | None) -> tuple[Figures, _Mask]:
    """Make the figures, and say which are held back."""
    rare = asked.rare(rules)
    if base is None:
        hidden, ranges = _suppressed(asked, rules, before)
        measures = _measures(asked, hidden)
        return framed(asked.totals, measures, ranges, "suppress", events, without=asked.share_axis, rare=rare), hidden
    counts, people = asked.counted()
    if ((counts >= rules.minimum) & (people < rules.minimum)).any():
        raise Refused("rounding does not protect many events of few people", hint="leave round_to out.")
    _, _, reached = differences(asked.totals, counts, before, rules.minimum)
    values, hidden = rounded(asked.totals, counts, reached, rules.minimum, base)
    return framed(asked.totals, [Measure(COUNT, values, hidden)], None, "round", events, rare=rare), hidden


class Asked:
    """What was asked for, read and checked: events in a cube, and the totals of the tables."""

    def __init__(
        self,
        left: pl.DataFrame,
        tables: list[list[str]],
        person: str | None,
        value: str | None,
        share: str | None,
        levels: Mapping[str, Iterable[Any]] | None,
    ) -> None:
        names = list(dict.fromkeys(name for table in tables for name in table))
        self.share_axis = len(names) if share else None
        if share:
            names, tables = [*names, share], [[*table, share] for table in tables]
            levels = {**(levels or {}), share: [False, True]}
        self.declared = frozenset(levels or ())
        self.cube: Cube = cube_of(left, names, levels)
        self.totals = Totals.of(self.cube, tables)
        self.counts = self.cube.counted()
        people = left[person].rank("dense").fill_null(0) if person else pl.Series(np.arange(left.height))
        self.people = people.cast(pl.Int64).to_numpy()
        self.weights = left[value].cast(pl.Float64).to_numpy() if value else None
        self.value, self.is_by_person = value, person is not None

    @classmethod
    def of(
        cls,
        events: Any,
        tables: Any,
        person: str | None,
        value: str | None,
        share: str | None,
        levels: Mapping[str, Iterable[Any]] | None,
        index: Index | None,
        on: On | None,
        policy: Policy | None,
    ) -> Asked:
        """Read events.

        Raises
        ------
        UsageError, ConfigError, ColumnError, Refused
            As :func:`aggregate` says.
        """
        adapter = frame_adapter(events)
        refuse_marked(adapter.columns, "")
        listed = _listed(tables)
        names = list(dict.fromkeys(name for table in listed for name in table))
        _check_names(names, person, value, share)
        wanted = [name for name in dict.fromkeys([*names, person, value, share]) if name is not None]
        for name in wanted:
            if name not in adapter.columns:
                raise ColumnError.absent(name, adapter.columns, where="events")
        left = adapter.values(wanted)
        if (index is None) != (on is None):
            raise ConfigError(
                "an index and its key columns are named together", hint='on={"arrest_number": "ARREST_NO"}'
            )
        if index is not None and on is not None:
            judge = Judge(index, on, policy=policy, where="events", use="aggregate_report")
            if set(judge.columns) & set(names):
                raise ConfigError("a key column is nothing to count by", hint="count by what arrests have in common.")
            left = left.filter(pl.Series(~judge.start().gone(adapter.key_batch(judge.columns))))
        if not left.height:
            raise UsageError("there are no events: nothing was counted", where="events", hint="name the right table.")
        _check_values(left, value, share)
        return cls(left, listed, person, value, share, levels)

    def rare(self, rules: Rules) -> list[_Mask]:
        """Say, for each column, which levels so few have that their name is not told."""
        people = self.people if self.is_by_person else np.arange(len(self.people))
        at = np.unravel_index(self.cube.places, self.cube.shape)
        return [
            np.zeros(height, bool) if name in self.declared else people_in(place, height, people) < rules.minimum
            for name, height, place in zip(self.cube.columns, self.cube.shape, at, strict=True)
        ]

    def counted(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Count the events and the people of each total."""
        counts = self.totals.of_combinations(self.counts)
        if not self.is_by_person:
            return counts, counts
        return counts, self.totals.of_events(lambda groups, height: people_in(groups, height, self.people))


def _suppressed(asked: Asked, rules: Rules, before: Sequence[Entry] = ()) -> tuple[_Mask, Ranges]:
    totals = asked.totals
    counts, people = asked.counted()
    inner = totals.inner
    empty = (counts == 0) & ~inner
    few = (counts > 0) & ((counts < rules.minimum) | (people < rules.minimum))
    reach = np.maximum(rules.minimum, counts + rules.minimum - np.minimum(people, rules.minimum)) - counts
    nothing = np.zeros(totals.size)
    differing, apart, reached = differences(totals, counts, before, rules.minimum)
    above = np.maximum(np.where(few, reach, 0), apart) * ~inner
    task = Task(
        totals=totals,
        combined=asked.counts.astype(np.float64),
        empty=empty,
        hidden=few | (differing & ~inner),
        shown=np.zeros(totals.size, bool),
        below=nothing,
        above=above.astype(np.float64),
        low=np.maximum(np.where(empty | inner, 0.0, 1.0), reached),
    )
    hidden, ranges = suppress(task)
    if asked.weights is not None:
        largest = _largest(asked, asked.weights, rules)
        sums = totals.of_combinations(asked.cube.summed(asked.weights))
        far = rules.upper(sums, people, largest)
        summing = Task(
            totals,
            asked.cube.summed(asked.weights),
            empty,
            hidden | ((far > 0) & ~inner),
            task.shown,
            np.minimum(far, sums),
            far,
            nothing,
            whole=False,
        )
        while True:
            more, _ = suppress(summing)
            again, ranges = suppress(_holding(task, more))
            if (again == more).all():
                break
            summing = _holding(summing, again)
        hidden = again
    if hidden[~empty & ~inner].all():
        raise Refused("nothing of these tables may be published", hint="count more events, or by fewer levels.")
    return hidden, ranges


def _holding(task: Task, hidden: _Mask) -> Task:
    return replace(task, hidden=task.hidden | hidden)


def _largest(asked: Asked, weights: npt.NDArray[np.float64], rules: Rules) -> Any:
    found = [
        largest_contributions(
            row[asked.cube.places] - start, asked.totals.height(axes), asked.people, weights, rules.dominance[0]
        )
        for row, axes, start in zip(asked.totals.numbers, asked.totals.sets, asked.totals.starts, strict=True)
    ]
    return Largest(
        *(np.concatenate([getattr(each, name) for each in found]) for name in ("first", "second", "dominant"))
    )


def _measures(asked: Asked, hidden: _Mask) -> list[Measure]:
    counts = asked.totals.of_combinations(asked.counts)
    made = [Measure(COUNT, counts, hidden)]
    if asked.weights is not None:
        sums = asked.totals.of_combinations(asked.cube.summed(asked.weights))
        made.append(Measure(f"sum_{asked.value}", sums, hidden, pl.Float64))
    if asked.share_axis is not None:
        made += _shares(asked, asked.share_axis, counts, hidden)
    return made


def _shares(asked: Asked, axis: int, counts: Any, hidden: _Mask) -> list[Measure]:
    """Of each total, the one that has true besides: a share is published where both counts are."""
    totals = asked.totals
    name = totals.cube.columns[axis]
    true = np.zeros(totals.size, np.int64)
    gone = np.ones(totals.size, bool)
    starts = dict(zip(totals.sets, totals.starts, strict=True))
    for axes, start in starts.items():
        if axis not in axes:
            height = totals.height(axes)
            # the column stands last, with false before true
            at = starts[(*axes, axis)] + 2 * np.arange(height) + 1
            true[start : start + height], gone[start : start + height] = counts[at], hidden[at]
    share = np.divide(true, counts, out=np.zeros(len(true)), where=counts > 0)
    return [
        Measure(f"count_{name}", true, gone),
        Measure(f"{_SHARE}_{name}", share, gone | hidden | (counts == 0), pl.Float64),
    ]


def _listed(tables: Any) -> list[list[str]]:
    given = [tables] if isinstance(tables, str) else list(tables)
    listed = [[each] if isinstance(each, str) else list(each) for each in given]
    if not listed or not all(table and all(isinstance(name, str) for name in table) for table in listed):
        raise ConfigError("no table is named", hint='name the columns of each: [["precinct", "offense"]]')
    if any(len(set(table)) < len(table) for table in listed):
        raise ConfigError("a table names a column twice", hint="name each once.")
    if max(map(len, listed)) > 4:
        raise ConfigError("a table has at most 4 columns", hint="ask for several tables.")
    return listed


def _check_names(names: list[str], person: str | None, value: str | None, share: str | None) -> None:
    if person is not None and person in names:
        raise ConfigError("a column that tells people apart is nothing to count by", hint="count by what they share.")
    if (share is not None and share in names) or (value is not None and value in names):
        raise ConfigError("a column cannot be counted by and summed at once", hint="name it once.")
    reserved = {BY, COUNT, MARK}
    if reserved & set(names):
        raise ConfigError("no column to count by is called by, count or as the mark", hint="rename it.")


def _check_values(left: pl.DataFrame, value: str | None, share: str | None) -> None:
    if value is not None:
        column = left[value]
        if not column.dtype.is_numeric():
            raise UsageError(f"the column {value!r} is no column of numbers", hint="cast it.")
        numbers = column.cast(pl.Float64)
        if column.null_count() or not bool(numbers.is_finite().all()) or bool((numbers < 0).any()):
            raise UsageError(
                f"the column {value!r} has values that are null, below 0 or not finite", hint="fill or drop them."
            )
    if share is not None and (left[share].dtype != pl.Boolean or left[share].null_count()):
        raise UsageError(f"the column {share!r} is not of true and false alone", hint="make it by a comparison.")
