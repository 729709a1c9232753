"""Noise on a record: numbers move by a share of their spread, texts get a typing error, keys stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Noise"]

_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Noise:
    """How far the numbers of a table spread, by column.

    Examples
    --------
    >>> noise = Noise.of([{"id": "K1", "lat": 40.5}, {"id": "K2", "lat": 41.5}], {"id"})
    >>> moved = noise.applied({"id": "K1", "lat": 40.5}, 0.1, np.random.default_rng(0))
    >>> moved["id"], 40.0 < moved["lat"] < 41.0, moved["lat"] != 40.5
    ('K1', True, True)
    """

    spread: Mapping[str, float]
    fixed: frozenset[str]

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]], fixed: Collection[str]) -> Noise:
        """Learn the spreads from some records."""
        spread = {}
        for name in records[0] if records else ():
            if name not in fixed:
                spread[name] = _standard_deviation([record[name] for record in records])
        return cls(spread, frozenset(fixed))

    def applied(self, record: Mapping[str, Any], scale: float, draws: np.random.Generator) -> dict[str, Any]:
        """Give a record with noise of a share of the spread."""
        return {
            name: value if name in self.fixed else _noisy_value(value, scale * self.spread.get(name, 0.0), draws)
            for name, value in record.items()
        }


def _standard_deviation(values: Sequence[Any]) -> float:
    known = [np.asarray(value, dtype=float).ravel() for value in values if _is_numeric(value)]
    if not known:
        return 0.0
    every = np.concatenate(known)
    every = every[np.isfinite(every)]
    return float(every.std()) if len(every) else 0.0


def _is_numeric(value: Any) -> bool:
    if isinstance(value, bool | np.bool_ | str | bytes) or value is None:
        return False
    if isinstance(value, int | float | np.number):
        return True
    try:
        return np.asarray(value).dtype.kind in "fiu" and np.asarray(value).size > 0
    except (TypeError, ValueError):
        return False


def _noisy_value(value: Any, by: float, draws: np.random.Generator) -> Any:
    if isinstance(value, str):
        at = int(draws.integers(len(value) - 1)) if len(value) >= _SHORTEST else -1
        return value[:at] + value[at + 1] + value[at] + value[at + 2 :] if at >= 0 else value
    if not _is_numeric(value):
        return value
    if isinstance(value, int | np.integer):
        return _nearest_in_type(type(value), int(value) + int(draws.integers(-1, 2)))
    if isinstance(value, float | np.floating):
        return _nearest_in_type(type(value), value + by * draws.standard_normal())
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return value
    moved = (array + by * draws.standard_normal(array.shape)).astype(array.dtype)
    return moved if isinstance(value, np.ndarray) else type(value)(moved.tolist())


def _nearest_in_type(kind: Any, value: Any) -> Any:
    """Give a number in a type, as near to it as the type has one."""
    if issubclass(kind, np.integer):
        value = min(max(value, int(np.iinfo(kind).min)), int(np.iinfo(kind).max))
    elif issubclass(kind, np.floating) and np.isfinite(value):
        value = min(max(value, np.finfo(kind).min), np.finfo(kind).max)
    return kind(value)
