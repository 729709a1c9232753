"""Hot spots: a grid of counts, made of the events that are left and never corrected afterwards."""

from __future__ import annotations

from typing import Any, Protocol, TypedDict, Unpack, overload

import polars as pl

from sealscrub.errors import ConfigError, UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.tables import frame_adapter
from sealscrub.tables.containers import FrameT

from ..barred_records import Judge
from ..certificate_requirement import RequiredCertificate, require_certified_events
from ..known_ids import Known
from ..live_index import LiveIndex
from .frame_kinds import of_kind

__all__ = ["guard_grid"]


class _Relation(Protocol):
    """A relation of DuckDB, which may not be installed: a type that is not known would stand for every type."""

    @property
    def alias(self) -> str: ...


class _GridOptions(TypedDict, total=False):
    k: int | None
    known: Known | None
    policy: Policy | None
    require_certificate: RequiredCertificate | None


@overload
def guard_grid(
    events: pl.LazyFrame | _Relation,
    index: Index | LiveIndex,
    on: On,
    x: str,
    y: str,
    size: float,
    **options: Unpack[_GridOptions],
) -> pl.DataFrame: ...
@overload
def guard_grid(
    events: FrameT,
    index: Index | LiveIndex,
    on: On,
    x: str,
    y: str,
    size: float,
    **options: Unpack[_GridOptions],
) -> FrameT: ...
def guard_grid(
    events: Any,
    index: Index | LiveIndex,
    on: On,
    x: str,
    y: str,
    size: float,
    *,
    k: int | None = None,
    known: Known | None = None,
    policy: Policy | None = None,
    require_certificate: RequiredCertificate | None = None,
) -> Any:
    """Count events in the squares of a grid, the fullest first.

    Parameters
    ----------
    events : pandas, polars, pyarrow or DuckDB table
        A row for each event, with its keys and coordinates. Events without coordinates are left out.
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping, or iterable of str
        Which columns are keys.
    x, y : str
        Columns of the coordinates.
    size : float
        Of a square's side, in the unit of the coordinates. The grid begins at (0, 0): one that began at the outermost
        event would move with it.
    k : int, optional
        How many squares are listed; by default all with an event.
    known : collection, mapping or callable, optional
        The ids that the scrubbed system holds.
    policy : Policy, optional
        What to do with near and unparsable keys; by default they are an error.
    require_certificate : RequiredCertificate, optional
        The events must be the certified dataset, and certified by the index in force.

    Returns
    -------
    table
        Of the same kind as `events` (of polars if it is lazy or of DuckDB): the lower corner of each square, under
        the names of the coordinates, and its ``count``. Of equal counts the southernmost, then westernmost is first.

    Raises
    ------
    UsageError
        When coordinates are not numbers.
    UncheckedKeys
        When a key could not be checked and the policy says nothing else.
    InvalidCertificate, StaleCertificate, IncompleteError
        When the events do not have the certificate that is required.

    See Also
    --------
    guard_forecast : For a map that a fitted model makes.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> events = pl.DataFrame({"id": ["M14000017", "K14612345", "M14000022"], "x": [10.0, 12.0, 70.0], "y": [1, 2, 3]})
    >>> guard_grid(events, example_index(["K14612345"]), {"arrest_number": "id"}, "x", "y", 50).rows()
    [(0.0, 0.0, 1), (50.0, 0.0, 1)]
    """
    if not size > 0 or (k is not None and k < 1) or x == y or "count" in (x, y):
        raise ConfigError("a grid needs two coordinates, a side above 0, and a list of at least 1 square")
    adapter = frame_adapter(events)
    judge = Judge(index, on, known=known, policy=policy, where="events")
    judgement = judge.start()
    require_certified_events(require_certificate, events, judgement.index)
    gone = judgement.gone(adapter.key_batch(judge.columns))
    places = adapter.values([x, y])
    if not all(kind.is_numeric() for kind in places.dtypes):
        raise UsageError("coordinates must be numbers", where="events", hint="cast the columns.")
    left = places.filter(pl.Series(~gone)).with_columns(pl.all().cast(pl.Float64))
    counted = (
        left.filter(pl.all_horizontal(pl.all().is_finite()))
        .with_columns((pl.all() / size).floor() * size + 0.0)
        .group_by(x, y)
        .agg(pl.len().cast(pl.Int64).alias("count"))
        .sort("count", y, x, descending=[True, False, False])
    )
    return of_kind(counted if k is None else counted.head(k), events)
