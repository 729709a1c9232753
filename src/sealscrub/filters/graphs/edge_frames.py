"""Tables of edges, or of nodes, as they would be had the sealed records never existed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from sealscrub.errors import UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.tables import frame_adapter
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.containers import FrameT
from sealscrub.tables.levels import LevelRules

from ..barred_records import Judge
from ..known_ids import Known
from ..live_index import LiveIndex
from .supports import Left, Recount, Supports, check_accounted, recounted

__all__ = ["guard_edges"]


def guard_edges(
    edges: FrameT,
    index: Index | LiveIndex,
    on: On,
    *,
    recount: Mapping[str, Recount] | None = None,
    independent: Iterable[str] = (),
    known: Known | None = None,
    policy: Policy | None = None,
) -> FrameT:
    """Give a table of edges, or of nodes, without what only sealed records support.

    Parameters
    ----------
    edges : pandas, polars, pyarrow or DuckDB table
        A row for each edge. Its key columns hold one supporting record, or a list of them.
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping, or iterable of str
        Which columns name the supporting records.
    recount : mapping of str to callable, optional
        With lists: columns that were computed from the supporting records, ``{"weight": len}``.
    independent : iterable of str
        With lists: all other columns, such as the two ends. With one record in each row none needs to be named.
    known : collection, mapping or callable, optional
        The ids that the scrubbed system holds.
    policy : Policy, optional
        What to do with near and unparsable keys; by default they are an error.

    Returns
    -------
    table of the same kind
        Its rows are in the order in which they were.

    Raises
    ------
    ConfigError
        When a column is neither a key, nor recounted, nor independent.
    UncheckedKeys
        When a key could not be checked and the policy says nothing else.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> edges = pl.DataFrame({"a": [1, 2], "b": [2, 3], "n": [2, 1], "of": [["M14000017", "K14612345"], ["K14612345"]]})
    >>> index, on = example_index(["K14612345"]), {"arrest_number": "of"}
    >>> guard_edges(edges, index, on, recount={"n": len}, independent=["a", "b"]).to_dicts()
    [{'a': 1, 'b': 2, 'n': 1, 'of': ['M14000017']}]
    """
    judge = Judge(index, on, known=known, policy=policy, where="edges")
    adapter = frame_adapter(edges).knowing(LevelRules(frozenset(judge.columns)))
    typed = adapter.values(judge.columns)
    lists = [isinstance(kind, pl.List | pl.Array) for kind in typed.dtypes]
    if not any(lists):
        kept: FrameT = adapter.keep(~judge.start().gone(adapter.key_batch(judge.columns)))
        return kept
    if not all(lists):
        raise UsageError("some key columns hold lists and some do not", where="edges", hint="make all of them lists.")
    recipes, free = dict(recount or {}), independent if isinstance(independent, str) else tuple(independent)
    check_accounted(set(adapter.columns) - set(judge.columns), recipes, free, "the edges")
    supports = Supports(judge.start())
    for row in typed.iter_rows(named=True):
        supports.add(row)
    left = supports.left()
    stays = np.array([not each.gone for each in left], bool)
    patches = {name: _lists(typed[name], left) for name in judge.columns}
    stored = adapter.values(list(recipes))
    patches |= {name: _recounts(name, recipe, stored[name], left) for name, recipe in recipes.items()}
    changed: FrameT = adapter.changed(TableChange(stays, patches))
    return changed


def _lists(column: pl.Series, left: list[Left]) -> Patch:
    rows = [at for at, each in enumerate(left) if not each.gone and not all(each.stays)]
    values = [left[at].of(column[at].to_list()) for at in rows]
    return Patch(np.array(rows, np.int64), pl.Series(column.name, values, column.dtype))


def _recounts(name: str, recipe: Recount, column: pl.Series, left: list[Left]) -> Patch:
    rows = [at for at, each in enumerate(left) if each.records]
    values = [recounted(name, recipe, left[at].records) for at in rows]
    try:
        return Patch(np.array(rows, np.int64), pl.Series(name, values, column.dtype, strict=True))
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        raise UsageError(f"the recipe of {name!r} gives other values than the column holds") from None
