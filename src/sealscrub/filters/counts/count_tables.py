"""Tables of counts: made of the events that are left, without cells so small that they point at someone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, Refused
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.tables import frame_adapter

from ..barred_records import Judge
from ..certificate_requirement import RequiredCertificate, require_certified_events
from ..known_ids import Known
from ..live_index import LiveIndex
from .complementary_suppression import exposed_cells, hidden_cells
from .counted_levels import levels_of, places_of
from .frame_kinds import of_kind

__all__ = ["Counts", "guard_counts"]

_COUNT = "count"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Counts:
    """A table of counts as it may be published.

    Attributes
    ----------
    cells : frame
        A row for each combination of levels, with its ``count``; null if it is not published.
    margins : tuple of frame
        With two columns: the totals of each.
    total : int or None
        Of all events.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> events = pl.DataFrame({"id": [f"M14{at:06d}" for at in range(50)], "precinct": [101, 102] * 25})
    >>> counts = guard_counts(events, example_index(["M14000017"]), {"arrest_number": "id"}, "precinct")
    >>> counts.cells["count"].to_list(), counts.margins, counts.total
    ([25, 24], (), 49)
    """

    cells: Any
    margins: tuple[Any, ...]
    total: int | None

    def __repr__(self) -> str:
        return f"Counts({len(self.cells)} cells)"


def guard_counts(
    events: Any,
    index: Index | LiveIndex,
    on: On,
    by: str | Sequence[str],
    *,
    minimum: int = 10,
    levels: Mapping[str, Iterable[Any]] | None = None,
    use: str = "output",
    known: Known | None = None,
    policy: Policy | None = None,
    require_certificate: RequiredCertificate | None = None,
) -> Counts:
    """Count events by one or two columns, and leave out what would identify few people.

    Parameters
    ----------
    events : pandas, polars, pyarrow or DuckDB table
        A row for each event, with its key columns: finished counts cannot be guarded, since no one knows who is in
        them.
    index : Index or LiveIndex
        Published for `use`.
    on : mapping, or iterable of str
        Which columns are keys.
    by : str, or sequence of one or two str
        Columns by whose levels is counted.
    minimum : int
        Least count that is published, 0 excepted; at least 2.
    levels : mapping of str to iterable, optional
        All levels of a column, if the table shows those without events too. By default, levels that events have
        which are left.
    use : {"output", "aggregate_report"}
        ``aggregate_report`` for a report that a statute orders, from which fewer records may be barred.
    known : collection, mapping or callable, optional
        The ids that the scrubbed system holds.
    policy : Policy, optional
        What to do with near and unparsable keys; by default they are an error.
    require_certificate : RequiredCertificate, optional
        The events must be the certified dataset, and certified by the index in force.

    Returns
    -------
    Counts
        Frames of the same kind as `events`; of polars if it is lazy or of DuckDB.

    Raises
    ------
    ConfigError
        When `by` names no or too many columns, or the minimum would publish every count.
    UsageError
        When an event has a level that is not among `levels`.
    UncheckedKeys
        When a key could not be checked and the policy says nothing else.
    InvalidCertificate, StaleCertificate, IncompleteError
        When the events do not have the certificate that is required.

    Notes
    -----
    Which other cells stay unpublished is decided such that no unpublished cell or total follows from the published
    ones, for a reader who knows that it is at least 1. What several such tables say together, or last month's and
    this month's, is not looked at.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> rows = [{"id": f"M14{at:06d}", "precinct": 101 + at % 2} for at in range(50)]
    >>> counts = guard_counts(pl.DataFrame(rows), example_index(["M14000017"]), {"arrest_number": "id"}, "precinct")
    >>> counts.cells.rows(), counts.total
    ([(101, 25), (102, 24)], 49)
    """
    names = [by] if isinstance(by, str) else list(by)
    if not 1 <= len(names) <= 2 or len(set(names)) < len(names) or _COUNT in names:
        raise ConfigError("by= must name one or two columns, and not 'count'", hint="count several tables.")
    if minimum < 2:
        raise ConfigError("a minimum below 2 publishes every count", hint="10 is usual.")
    if use not in ("output", "aggregate_report"):
        raise ConfigError("use= must be a use for counts", hint="use one of output, aggregate_report.")
    adapter = frame_adapter(events)
    judge = Judge(index, on, known=known, policy=policy, where="events", use=use)
    judgement = judge.start()
    require_certified_events(require_certificate, events, judgement.index)
    gone = judgement.gone(adapter.key_batch(judge.columns))
    left = adapter.values(names).filter(pl.Series(~gone))
    axes = [levels_of(left[name], (levels or {}).get(name)) for name in names]
    table = _table(left, axes)
    hidden = hidden_cells(table, minimum)
    if exposed_cells(table, hidden).any():
        raise Refused("the table could not be made safe", hint="count by fewer levels.")
    return _published(table, hidden, axes, events)


def _table(events: pl.DataFrame, axes: list[pl.Series]) -> npt.NDArray[np.int64]:
    """Count, with the totals at the end."""
    places = [places_of(events[axis.name], axis) for axis in axes]
    table = np.zeros([len(axis) + 1 for axis in axes], np.int64)
    np.add.at(table, tuple(places), 1)
    for dimension in range(len(axes)):
        last = [slice(None)] * len(axes)
        last[dimension] = slice(-1, None)
        table[tuple(last)] = table.sum(axis=dimension, keepdims=True)
    return table


def _published(
    table: npt.NDArray[np.int64], hidden: npt.NDArray[np.bool_], axes: list[pl.Series], events: Any
) -> Counts:
    shown = [[None if gone else int(n) for n, gone in zip(line, no, strict=True)] for line, no in _lines(table, hidden)]
    if len(axes) == 1:
        *cells, total = shown[0]
        frame = pl.DataFrame({axes[0].name: axes[0], _COUNT: pl.Series(cells, dtype=pl.Int64)})
        return Counts(of_kind(frame, events), (), total)
    inner = [n for line in shown[:-1] for n in line[:-1]]
    crossed = axes[0].to_frame().join(axes[1].to_frame(), how="cross", maintain_order="left_right")
    margins = (
        pl.DataFrame({axes[0].name: axes[0], _COUNT: pl.Series([line[-1] for line in shown[:-1]], dtype=pl.Int64)}),
        pl.DataFrame({axes[1].name: axes[1], _COUNT: pl.Series(shown[-1][:-1], dtype=pl.Int64)}),
    )
    return Counts(
        of_kind(crossed.with_columns(pl.Series(_COUNT, inner, pl.Int64)), events),
        tuple(of_kind(margin, events) for margin in margins),
        shown[-1][-1],
    )


def _lines(table: npt.NDArray[np.int64], hidden: npt.NDArray[np.bool_]) -> list[tuple[Any, Any]]:
    return list(zip(np.atleast_2d(table), np.atleast_2d(hidden), strict=True))
