"""Fields of a ranking that depend on all its records: they are computed again over those that stay, or refused."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError, Refused, Spelled

__all__ = ["Derived", "SharedFields", "best_first"]

Scores = npt.NDArray[Any]
Derived = Mapping[str, "str | Callable[[Scores], Any]"]

_SHARED = frozenset(
    {
        *("decile", "minmax", "norm_score", "normalised_score", "normalized_score", "pct", "pct_rank", "percent_rank"),
        *("percentile", "place", "pos", "position", "quantile", "quartile", "ranking", "relative_score", "share"),
        *("softmax", "z", "z_score", "znorm", "zscore"),
    }
)
"""Names that say that a field depends on the other records too."""


def best_first(scores: Scores, *, ascending: bool = False) -> npt.NDArray[np.intp]:
    """Order scores, the best first; equal ones stay as they were, and what is not a number comes last.

    Examples
    --------
    >>> best_first(np.array([0.5, np.nan, 0.9, 0.5])).tolist()
    [2, 0, 3, 1]
    """
    lost = np.isnan(scores) if scores.dtype.kind == "f" else np.zeros(len(scores), bool)
    there = np.flatnonzero(~lost)
    values = scores[there]
    if ascending:
        order = np.argsort(values, kind="stable")
    else:  # stable from behind, turned around
        order = len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
    return np.concatenate([there[order], np.flatnonzero(lost)])


def _softmax(scores: Scores) -> Scores:
    powers = np.exp(scores - scores.max(initial=-np.inf))
    return np.asarray(powers / powers.sum())


def _zscore(scores: Scores) -> Scores:
    spread = scores.std() if len(scores) else 1.0
    return np.asarray((scores - scores.mean()) / (spread or 1.0) if len(scores) else scores)


def _minmax(scores: Scores) -> Scores:
    low, high = scores.min(initial=np.inf), scores.max(initial=-np.inf)
    return np.asarray((scores - low) / ((high - low) or 1.0))


def _percentile(scores: Scores) -> Scores:
    return np.asarray(100.0 * np.searchsorted(np.sort(scores), scores, side="right") / max(1, len(scores)))


def _rank_function(dense: bool) -> Callable[[Scores], Scores]:
    def ranks(scores: Scores) -> Scores:
        other = np.ones(len(scores), bool)
        other[1:] = scores[1:] != scores[:-1]
        firsts = np.flatnonzero(other)
        return np.asarray(np.cumsum(other) if dense else firsts[np.cumsum(other) - 1] + 1)

    return ranks


_WAYS: Mapping[str, Callable[[Scores], Any]] = {
    "softmax": _softmax,
    "zscore": _zscore,
    "minmax": _minmax,
    "percentile": _percentile,
    "rank_dense": _rank_function(dense=True),
    "rank_min": _rank_function(dense=False),
}


class SharedFields:
    """Which fields of a ranking depend on all its records, and how they are computed.

    Parameters
    ----------
    derived : mapping, optional
        Way of each field: ``rank`` (1, 2, 3 …), ``rank_min`` and ``rank_dense`` (equal scores share a rank),
        ``softmax``, ``zscore`` (population), ``minmax``, ``percentile`` (share of the records with no higher score,
        in per cent), or a function of the scores of the records that stay, best first.
    own : collection of str
        Fields that are a record's own in spite of their name.
    score : str, optional
        The field with the raw score.

    Raises
    ------
    ConfigError
        When a way is not known.
    """

    def __init__(self, derived: Derived | None, own: Collection[str], score: str | None) -> None:
        given = {"rank": "rank", **(derived or {})}
        self.derived = {name: way for name, way in given.items() if name not in own or name in (derived or {})}
        self.own = frozenset(own)
        self.score = score
        for name, way in self.derived.items():
            if way != "rank" and not callable(way) and way not in _WAYS:
                raise ConfigError(
                    f"the field {name!r} cannot be computed in that way",
                    hint=f"use one of rank, {', '.join(sorted(_WAYS))}, or a function of scores.",
                )

    def needs_all(self, names: Iterable[str]) -> bool:
        """Whether any of these fields can be computed from all records only."""
        return any(self.derived.get(name, "rank") not in ("rank",) for name in names)

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Name the fields that are to be computed, of those that there are.

        Raises
        ------
        Refused
            When one depends on the other records and no one said how, or its raw score is missing.
        """
        there = list(names)
        for name in there:
            if name in self.derived or name in self.own or name == self.score:
                continue
            if name.casefold() in _SHARED or name.casefold() == "rank":
                raise Refused(
                    f"the field {name!r} depends on records that may not be returned",
                    hint=Spelled(
                        f"say how it is computed, derived={{{name!r}: 'percentile'}}, or that it is a record's own, "
                        f"own=[{name!r}].",
                        "if it is the rank, name it with --rank; otherwise leave it out of the file, and compute "
                        "it afterwards.",
                    ),
                )
        found = tuple(name for name in self.derived if name in there)
        if self.needs_all(found) and (self.score is None or self.score not in there):
            raise Refused(
                "a field depends on records that may not be returned, and the raw scores to compute it are missing",
                hint=Spelled(
                    "let the source give them, and name the field: score=…",
                    "let the source give them, and name the column with --score.",
                ),
            )
        return found

    def values(self, name: str, scores: Scores | None, start: int, rows: int) -> Any:
        """Compute a field of all records that stay, from their scores, best first."""
        way = self.derived[name]
        if way == "rank":
            return np.arange(start + 1, start + rows + 1)
        if scores is None:
            raise Refused(
                "the raw scores are missing",
                hint=Spelled(
                    "name the field that holds them: score=…", "name the column that holds them with --score."
                ),
            )
        made = way(scores) if callable(way) else _WAYS[way](scores.astype(np.float64))
        return np.asarray(made)
