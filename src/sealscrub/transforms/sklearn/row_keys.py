"""Where an estimator gets the keys of its rows from: columns of ``X``, or the metadata ``key``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.matching import Policy, Sweep, SweepTally, TableMatcher, Verdicts, parse_on
from sealscrub.matching.key_columns import On
from sealscrub.tables.containers import is_frame
from sealscrub.tables.frame_table import FrameTable
from sealscrub.tables.key_sources import key_batch
from sealscrub.tables.levels import LevelRules
from sealscrub.tables.row_verdicts import KnownRows, RemainingRows
from sealscrub.tables.value_free_errors import unquoted

from ..level_rules import level_rules
from ..table_sweep import check_elsewhere, sweep_keys, swept

__all__ = ["judged", "key_levels", "key_names"]


def key_names(on: On) -> tuple[str, ...]:
    """Names of the columns that are keys.

    Raises
    ------
    ConfigError, SchemeError
        When nothing is named, or what is named cannot be a key.
    """
    return tuple(dict.fromkeys(column for key in parse_on(on) for column in key.columns))


class Asking(Protocol):
    """An estimator that asks which rows are sealed: its parameters."""

    index: Index
    on: On
    use: str
    policy: Policy | None
    sweep: bool
    leave: Mapping[str, str] | None


def key_levels(asking: Asking) -> LevelRules:
    """Say which columns are keys, and which levels may be in no list."""
    return level_rules(asking.index, parse_on(asking.on), asking.policy, leave=asking.leave or {})


def judged(asking: Asking, X: Any, key: Any) -> Verdicts:
    """Judge the rows of `X`, and compare what is not a key in those that stay with the index, if `X` is a frame.

    Arrays hold numbers without names, and are not compared.

    Parameters
    ----------
    asking : estimator
        Whose parameters say what is asked, as those of :func:`sealscrub.scrub` do.
    X : frame, array, sparse matrix or list
        The rows.
    key : array of shape (n,), frame, or None
        Their keys, if `X` does not hold them.

    Raises
    ------
    UnsuitableIndex, ExpiredIndex
        When the index is not for this use, holds no keys of a scheme, or is past its last day.
    ColumnError, SchemeError, WrongColumnError, ConfigError
        When keys are given nowhere or twice, or mostly do not parse.
    UncheckedKeys, LowCoverage
        When something could not be checked.
    SealedElsewhere
        When a row that stays names a sealed record in another column.
    """
    name, index, policy = type(asking).__name__, asking.index, asking.policy
    if not isinstance(index, Index):
        raise ConfigError(
            "index is not an open index", where=name, hint="open one: sealscrub.open_index(FILE, key=KEY)."
        )
    if policy is not None and not isinstance(policy, Policy):
        raise ConfigError("policy is not a Policy", where=name, hint="say sealscrub.Policy(…).")
    index.require_use(asking.use)
    keys = parse_on(asking.on, where=name)
    with unquoted(name):
        wanted = tuple(dict.fromkeys(column for each in keys for column in each.columns))
        batch = key_batch(X, key, wanted, name)
    matcher = TableMatcher(index, keys, policy, name)
    verdicts = matcher.judge(batch)
    matcher.check_columns()
    matcher.check_complete()
    if asking.sweep and is_frame(X):
        check_elsewhere(name, _sweep_elsewhere(X, batch, verdicts, matcher, asking.leave or {}))
    return verdicts


def _sweep_elsewhere(
    X: Any, keys: pl.DataFrame, verdicts: Verdicts, matcher: TableMatcher, leave: Mapping[str, str]
) -> tuple[SweepTally, ...]:
    sweep, stay = Sweep(matcher.index, matcher.policy, leave=leave, declared=matcher.columns), verdicts.keep
    with unquoted(matcher.name):
        known = KnownRows(RemainingRows(stay))
        sweep_keys([keys], matcher.tally().keys, known, sweep, where=matcher.name)
        table = FrameTable(matcher.name, X)
        return swept(table, KnownRows(RemainingRows(stay)), matcher.columns, sweep)
