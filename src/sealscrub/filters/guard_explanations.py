"""Only for the custodian: why records of a request were not returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.matching import TableMatcher
from sealscrub.tables import frame_adapter
from sealscrub.tables.containers import is_frame
from sealscrub.tables.value_free_errors import unquoted

from .barred_records import Judge, Judgement
from .graphs.supports import Supports
from .json_answers import JsonGuard
from .request_records import read_records

__all__ = ["GuardExplanation", "explain_guard"]


@dataclass(frozen=True, slots=True, eq=False)
class GuardExplanation:
    """Which records of a request are not returned, and why. It reveals who is sealed: keep it on the trusted host.

    Attributes
    ----------
    rows : int
        How many records there were.
    positions : mapping of str to tuple
        Of ``sealed``, ``withheld``, ``near``, ``unparsable`` and ``unknown``: which records. A record is under the
        first of these that is so of it. Records of a request are numbered from 0; those of a JSON answer are named by
        location, ``$.hits[1]``; those of a graph by what they support: a node ``(node,)``, an edge ``(node, node)``,
        with its key in a multigraph.
    epoch : int
        Of the index that was asked.
    as_of : date
        The day whose law and facts that index gives.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.filters import guard
    >>> safe = guard(len, example_index(["K14612345"]), {"arrest_number": "id"}, oracle_ok=True)
    >>> explanation = explain_guard(safe, ["M14000017", "k14-612345"])
    >>> explanation.rows, explanation.positions["sealed"], explanation.epoch
    (2, (1,), 1)
    """

    rows: int
    positions: Mapping[str, tuple[Any, ...]]
    epoch: int
    as_of: date

    def __repr__(self) -> str:
        return f"GuardExplanation(epoch={self.epoch}, as_of={self.as_of.isoformat()})"


def explain_guard(guarded: Any, records: Any, *, keys: Any = None) -> GuardExplanation:
    """Say why a guard does not let records out.

    Parameters
    ----------
    guarded : Guarded, JsonGuard, NullGallery or Judge
        The guard; or what any guard asks, a :class:`Judge` with the same index, keys and policy.
    records : frame, array, list, mapping, str or int
        The request, as the guard would get it; for a :class:`JsonGuard` an answer before it is guarded, for a
        :class:`NullGallery` ids that were given to it, or the table of their keys; for a `Judge` also a graph of
        networkx whose nodes and edges name supporting records, or a table of edges with lists of them.
    keys : array or frame, optional
        Keys of the records, if these do not hold them.

    Returns
    -------
    GuardExplanation

    Raises
    ------
    ConfigError
        When `guarded` is not a guard.
    UsageError, LowCoverage
        As the guard does. Keys that could not be checked are not error here.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.filters import guard
    >>> safe = guard(len, example_index(["K14612345"]), {"arrest_number": "id"}, oracle_ok=True)
    >>> dict(explain_guard(safe, ["M14000017", "k14-612345"]).positions)
    {'sealed': (1,)}
    """
    if isinstance(guarded, JsonGuard):
        return _explanation_of([(judgement, batch, places) for judgement, batch, places in guarded.judged(records)])
    judge = guarded if isinstance(guarded, Judge) else getattr(guarded, "_judge", None)
    if not isinstance(judge, Judge):
        raise ConfigError(
            "this is not a guard", hint="give what guard(…) made, a JsonGuard, a NullGallery, or a Judge."
        )
    judgement = judge.start()
    supported = _supported(judgement, records) if keys is None else None
    if supported is not None:
        batch, places = supported
        return _explanation_of([(judgement, batch, places)])
    with unquoted(judge.where):
        fields = read_records(records, keys, judge.columns, judge.where).keys()
        batch = fields if isinstance(fields, pl.DataFrame) else judgement.batch(fields)
    return _explanation_of([(judgement, batch, range(batch.height))])


_JudgedBatch = tuple[Judgement, pl.DataFrame, Sequence[Any]]


def _explanation_of(judged: Sequence[_JudgedBatch]) -> GuardExplanation:
    found: dict[str, dict[Any, None]] = {name: {} for name in _ORDER}  # as a set that keeps its order
    for judgement, batch, places in judged:
        for place, reason in zip(places, _reasons(judgement, batch).tolist(), strict=True):
            if reason:
                found[reason][place] = None
    index = judged[0][0].index
    positions = MappingProxyType({name: tuple(places) for name, places in found.items() if places})
    return GuardExplanation(sum(batch.height for _, batch, _ in judged), positions, index.epoch, index.as_of)


def _supported(judgement: Judgement, data: Any) -> tuple[pl.DataFrame, list[Any]] | None:
    """Key fields of the records that support the elements of a graph, with the element of each; None for others."""
    columns = judgement.judge.columns
    elements: list[tuple[Any, Mapping[str, Any]]]
    if callable(getattr(data, "nodes", None)) and callable(getattr(data, "edges", None)):
        multi = {"keys": True} if data.is_multigraph() else {}
        elements = [((node,), facts) for node, facts in data.nodes(data=True)]
        elements += [(tuple(edge), facts) for *edge, facts in data.edges(data=True, **multi)]
    elif is_frame(data) and set(columns) <= set(frame_adapter(data).columns):
        typed = frame_adapter(data).values(columns)
        if not any(isinstance(kind, pl.List | pl.Array) for kind in typed.dtypes):
            return None
        elements = list(enumerate(typed.iter_rows(named=True)))
    else:
        return None
    supports = Supports(judgement)
    for _, facts in elements:
        supports.add(facts)
    places = [place for (place, _), count in zip(elements, supports.counts, strict=True) for _ in range(count)]
    return judgement.batch(supports.fields), places


_ORDER = ("sealed", "withheld", "near", "unparsable", "unknown")


def _reasons(judgement: Judgement, batch: pl.DataFrame) -> Any:
    judge = judgement.judge
    reasons = np.full(batch.height, "", object)

    def verdicts(**policy: Any) -> Any:
        return TableMatcher(judgement.index, judge.keys, replace(judge.policy, **policy), judge.where).judge(batch)

    if judge.known is not None:
        reasons[~judge.known.holds(batch)] = "unknown"
    if "unparsable" not in judge.policy.accept:
        reasons[verdicts(accept={"near", "null"}).unchecked] = "unparsable"
    if "near" not in judge.policy.accept:
        reasons[verdicts(accept={"unparsable", "null"}).unchecked] = "near"
    if "withheld" not in judge.policy.allow:
        reasons[verdicts(allow=()).matched] = "withheld"
    reasons[verdicts(allow={"withheld"}).matched] = "sealed"
    return reasons
