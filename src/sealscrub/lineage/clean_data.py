"""Training data without sealed records, handed out again for each training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.matching import Policy, parse_on
from sealscrub.matching.key_columns import On
from sealscrub.tables import frame_adapter
from sealscrub.transforms import scrub
from sealscrub.transforms.plans import Plan

__all__ = ["CleanData"]


@dataclass(frozen=True, eq=False)
class CleanData:
    """Scrubbed data, and of a single frame which rows stayed and which of its columns are keys."""

    data: Any
    before: Any = None
    keep: npt.NDArray[np.bool_] | None = None
    key_columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Any, index: Index, on: Any, *, plan: Plan | None, use: str, policy: Policy | None) -> CleanData:
        """Scrub a frame, several by the keys of each, or an estate by its plan.

        Raises
        ------
        ConfigError
            When it is not said which columns are keys, of each table.
        """
        if plan is not None:
            if on is not None:
                raise ConfigError("keys are given both in the plan and in on=", hint="omit on=.")
            if not isinstance(data, Mapping):
                raise ConfigError("a plan needs several frames here", hint="give data={TABLE: frame}.")
            return cls(plan.scrub(data, index, policy=policy))
        if on is None:
            raise ConfigError("no key column given: nothing would be checked", hint="set on={SCHEME: COLUMN}.")
        if isinstance(data, Mapping):
            return cls(_tables(data, index, on, use, policy))
        done = scrub(data, index, on, use=use, policy=policy, detail=True)
        keys = dict.fromkeys(column for key in parse_on(on) for column in key.columns)
        return cls(done.data, data, done.mask, tuple(keys))

    def fresh(self) -> Any:
        """Give the data as it is before any training: what one changes, the next does not see."""
        return _copy_data(self.data)

    def barred(self) -> Any:
        """Give the rows of the frame that were removed."""
        if self.keep is None:
            raise ConfigError("a decrement needs data in one frame", hint="use method='retrain'.")
        return frame_adapter(self.before).keep(~self.keep)

    def fitting(self, train: Any, target: str | None) -> Callable[[Any], Any]:
        """Give the function that trains: `train` itself, or the fit of a clone of that estimator."""
        if callable(train) and not hasattr(train, "fit"):
            if target is not None:
                raise ConfigError("target= is only for an estimator", hint="let train choose the target column.")
            return train  # type: ignore[no-any-return]  # untyped
        if not hasattr(train, "fit"):
            raise ConfigError("train is not a function or an estimator", hint="give a function of the clean data.")
        if self.keep is None:
            raise ConfigError("an estimator needs one frame", hint="give a function of the clean tables.")
        if not hasattr(train, "get_params"):
            raise ConfigError("train is not an estimator that can be cloned", hint="give a function of the clean data.")
        return lambda clean: _unfitted(train).fit(*self.features_and_target(clean, target))

    def features_and_target(self, rows: Any, target: str | None) -> tuple[Any, Any]:
        """Part a frame into features, which are not keys, and the column to be learned."""
        from sealscrub.tables.containers import is_frame, without_columns

        if not is_frame(rows):
            raise ConfigError("an estimator needs a frame in memory", hint="collect it first.")
        features = without_columns(rows, {*self.key_columns, *([target] if target else [])})
        if target is None:
            return features, None
        position = frame_adapter(rows).position(target)
        if hasattr(rows, "iloc"):
            return features, rows.iloc[:, position]
        return features, rows.to_series(position) if hasattr(rows, "to_series") else rows.column(position)


def _tables(data: Mapping[str, Any], index: Index, on: Any, use: str, policy: Policy | None) -> dict[str, Any]:
    if not isinstance(on, Mapping):
        raise ConfigError("on= does not say to which table its keys belong", hint="use on={TABLE: {SCHEME: COLUMN}}.")
    for name in [*data, *on]:
        if name not in on or name not in data:
            raise ConfigError(
                f"the table {name!r} must be in both data and on",
                hint="give the keys of each table, or None for one that holds no records.",
            )
    keys: Mapping[str, On | None] = on
    return {
        name: frame if keys[name] is None else scrub(frame, index, keys[name], use=use, policy=policy, name=name)  # type: ignore[arg-type]  # parsed
        for name, frame in data.items()
    }


def _unfitted(estimator: Any) -> Any:
    from sklearn.base import clone

    return clone(estimator)


def _copy_data(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _copy_data(frame) for name, frame in data.items()}
    if hasattr(data, "read_next_batch"):
        raise ConfigError(
            "training reads the data more than once, and a RecordBatchReader can be read only once",
            hint="give a table.",
        )
    return data.copy() if hasattr(data, "iloc") else data
