"""For the custodian alone: why records of a request did not come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.frames.unquoted import unquoted
from sealscrub.matching import TableMatcher

from .judging import Judge, Judgement
from .records import read_records

__all__ = ["GuardExplanation", "explain_guard"]


@dataclass(frozen=True, slots=True, eq=False)
class GuardExplanation:
    """Which records of a request do not come out, and why. It tells who is sealed: keep it on the trusted host.

    Attributes
    ----------
    rows : int
        How many records there were.
    positions : mapping of str to tuple of int
        Of ``sealed``, ``withheld``, ``near``, ``unparsable`` and ``unknown``: which records, from 0. A record stands
        under the first of these that is so of it.
    epoch : int
        Of the index that was asked.
    as_of : date
        The day whose law and facts that index gives.
    """

    rows: int
    positions: Mapping[str, tuple[int, ...]]
    epoch: int
    as_of: date

    def __repr__(self) -> str:
        return f"GuardExplanation(epoch={self.epoch}, as_of={self.as_of.isoformat()})"


def explain_guard(guarded: Any, records: Any, *, keys: Any = None) -> GuardExplanation:
    """Say why a guard does not let records out.

    Parameters
    ----------
    guarded : Guarded or Judge
        The guard; or what any guard asks, a :class:`Judge` with the same index, keys and policy.
    records : frame, array, list, mapping, str or int
        The request, as the guard would get it.
    keys : array or frame, optional
        Keys of the records, where these do not hold them.

    Returns
    -------
    GuardExplanation

    Raises
    ------
    ConfigError
        When `guarded` is no guard.
    UsageError, LowCoverage
        As the guard does. Keys that could not be checked are no error here.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.filters import guard
    >>> safe = guard(len, example_index(["K14612345"]), {"arrest_number": "id"}, oracle_ok=True)
    >>> dict(explain_guard(safe, ["M14000017", "k14-612345"]).positions)
    {'sealed': (1,)}
    """
    judge = guarded if isinstance(guarded, Judge) else getattr(guarded, "_judge", None)
    if not isinstance(judge, Judge):
        raise ConfigError("this is no guard", hint="give what guard(…) made, or a Judge.")
    judgement = judge.start()
    with unquoted(judge.where):
        fields = read_records(records, keys, judge.columns, judge.where).keys()
        batch = fields if isinstance(fields, pl.DataFrame) else judgement.batch(fields)
    reasons = _reasons(judgement, batch)
    found = {name: tuple(np.flatnonzero(reasons == name).tolist()) for name in _ORDER}
    index = judgement.index
    positions = MappingProxyType({name: rows for name, rows in found.items() if rows})
    return GuardExplanation(batch.height, positions, index.epoch, index.as_of)


_ORDER = ("sealed", "withheld", "near", "unparsable", "unknown")


def _reasons(judgement: Judgement, batch: pl.DataFrame) -> Any:
    judge = judgement.judge
    reasons = np.full(batch.height, "", object)

    def verdicts(**policy: Any) -> Any:
        return TableMatcher(judgement.index, judge.keys, replace(judge.policy, **policy), judge.where).judge(batch)

    if judge.known is not None:
        reasons[~judge.known.holds(batch)] = "unknown"
    if "unparsable" not in judge.policy.accept:
        reasons[verdicts(accept={"near"}).unchecked] = "unparsable"
    if "near" not in judge.policy.accept:
        reasons[verdicts(accept={"unparsable"}).unchecked] = "near"
    if "withheld" not in judge.policy.allow:
        reasons[verdicts(allow=()).matched] = "withheld"
    reasons[verdicts(allow={"withheld"}).matched] = "sealed"
    return reasons
