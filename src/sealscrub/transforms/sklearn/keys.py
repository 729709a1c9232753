"""Where an estimator gets the keys of its rows from: columns of ``X``, or the metadata ``key``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError, UsageError
from sealscrub.frames import FrameAdapter, frame_adapter
from sealscrub.frames.interface import unfit_keys
from sealscrub.frames.unquoted import unquoted
from sealscrub.index import Index
from sealscrub.matching import KeyColumn, Policy, TableMatcher, Verdicts, parse_on
from sealscrub.matching.key_columns import On

from .containers import is_frame, row_count

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
        batch = _batch(X, key, keys, name)
    matcher = TableMatcher(index, keys, policy, name)
    verdicts = matcher.judge(batch)
    matcher.check_columns()
    matcher.check_complete()
    return verdicts


def _batch(X: Any, key: Any, keys: Sequence[KeyColumn], name: str) -> pl.DataFrame:
    rows = row_count(X)
    wanted = list(dict.fromkeys(column for each in keys for column in each.columns))
    frame = frame_adapter(X) if is_frame(X) else None
    if key is None:
        if frame is None:
            raise ConfigError(
                "the rows have no keys, so nothing would be checked",
                where=name,
                hint="give them as key=…, one for each row, or give X as a frame with the columns that on names.",
            )
        return frame.key_batch(wanted)
    given = _given(key, keys, name)
    if given.rows != rows:
        raise UsageError(f"there are {given.rows} keys for {rows} rows", where=name, hint="give one for each.")
    there = set(frame.columns) if frame is not None else set()
    twice = [column for column in wanted if column in there and column in given.columns]
    if twice:
        raise ConfigError(
            f"the keys {twice[0]!r} are a column of X and are given as key= too", where=name, hint="give them once."
        )
    from_x = [column for column in wanted if column in there]
    others = given.key_batch([column for column in wanted if column not in there])
    return others if frame is None or not from_x else others.hstack(frame.key_batch(from_x).get_columns())


def _given(key: Any, keys: Sequence[KeyColumn], name: str) -> FrameAdapter:
    """Take what was passed as ``key``: a frame with columns of keys, or one key for each row."""
    if is_frame(key):
        return frame_adapter(key)
    if len(keys) != 1 or len(keys[0].columns) != 1:
        raise ConfigError(
            "on names several key columns, and key= gives one array", where=name, hint="give a frame with them."
        )
    return frame_adapter(_one_column(key, keys[0].columns[0]))


def _one_column(key: Any, name: str) -> Any:
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    if isinstance(key, pl.Series):
        return key.alias(name).to_frame()
    if pandas is not None and isinstance(key, pandas.Series | pandas.Index | pandas.api.extensions.ExtensionArray):
        return pandas.DataFrame({name: pandas.Series(key).reset_index(drop=True)})
    if pyarrow is not None and isinstance(key, pyarrow.Array | pyarrow.ChunkedArray):
        return pyarrow.table({name: key})
    values = np.asarray(key) if not isinstance(key, list | tuple) else np.array([*key, None], dtype=object)[:-1]
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise UsageError("key= is no array of one key for each row", hint="give a frame where there are several.")
    if values.dtype.kind in "OU":
        return pl.DataFrame({name: _objects(values, name)})
    return pl.DataFrame({name: pl.Series(name, values, nan_to_null=True)})


def _objects(values: Any, name: str) -> pl.Series:
    """Make key values of objects; NaN and its kind are null, which they are not equal to themselves for."""
    plain = [None if value is None or _is_missing(value) else value for value in values.tolist()]
    try:
        return pl.Series(name, plain, strict=True)
    except (TypeError, pl.exceptions.PolarsError, OverflowError):
        raise unfit_keys(name) from None


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
