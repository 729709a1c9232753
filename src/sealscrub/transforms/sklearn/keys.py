"""Where an estimator gets the keys of its rows from: columns of ``X``, or the metadata ``key``."""

from __future__ import annotations

from typing import Any

from sealscrub.errors import ConfigError
from sealscrub.frames.given_keys import key_batch
from sealscrub.frames.unquoted import unquoted
from sealscrub.index import Index
from sealscrub.matching import Policy, TableMatcher, Verdicts, parse_on
from sealscrub.matching.key_columns import On

__all__ = ["judged", "key_names"]


def key_names(on: On) -> tuple[str, ...]:
    """Names of the columns that are keys.

    Raises
    ------
    ConfigError, SchemeError
        When nothing is named, or what is named cannot be a key.
    """
    return tuple(dict.fromkeys(column for key in parse_on(on) for column in key.columns))


def judged(X: Any, key: Any, index: Index, on: On, use: str, policy: Policy | None, name: str) -> Verdicts:
    """Judge the rows of `X`.

    Parameters
    ----------
    X : frame, array, sparse matrix or list
        The rows.
    key : array of shape (n,), frame, or None
        Their keys, where `X` does not hold them.
    index, on, use, policy
        As in :func:`sealscrub.scrub`.
    name : str
        Who asks, for errors.

    Raises
    ------
    UnsuitableIndex, ExpiredIndex
        When the index is not for this use, holds no keys of a scheme, or is past its last day.
    ColumnError, SchemeError, WrongColumnError, ConfigError
        When keys are given nowhere or twice, or mostly do not parse.
    UncheckedKeys, LowCoverage
        When something could not be checked.
    """
    if not isinstance(index, Index):
        raise ConfigError("index is no open index", where=name, hint="open one: sealscrub.open_index(FILE, key=KEY).")
    if policy is not None and not isinstance(policy, Policy):
        raise ConfigError("policy is no Policy", where=name, hint="say sealscrub.Policy(…).")
    index.require_use(use)
    keys = parse_on(on, where=name)
    with unquoted(name):
        wanted = tuple(dict.fromkeys(column for each in keys for column in each.columns))
        batch = key_batch(X, key, wanted, name)
    matcher = TableMatcher(index, keys, policy, name)
    verdicts = matcher.judge(batch)
    matcher.check_columns()
    matcher.check_complete()
    return verdicts
