"""What an index says about systems whose rows were linked to seals: how many of the seals the links find, at least."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

__all__ = ["LINKAGE", "MOST_ALPHA", "RecallBound", "bound_in_words", "bounds_of", "document_of"]

LINKAGE: Final = "linkage"
"""The extension of the header."""
MOST_ALPHA: Final = 0.05
"""A bound that may be too high in a larger share of cases is not asked for by anyone who does not say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallBound:
    """A lower bound on recall: of the seals that a system should hold, the share that its links find.

    Attributes
    ----------
    lower : float
        The share, 0 to 1.
    method : str
        How it was found.
    sampled : int
        How many seals were drawn.
    alpha : float
        Share of cases in which the bound may be too high.
    made_on : datetime.date
        When its seals were drawn: it is of those that were in force then.
    draws : int
        How many samples had been drawn for the system when it was made: one drawn again until it pleased shows.
    frame : str
        In words, of which seals it is; empty if that was not declared.

    Raises
    ------
    ValueError
        If it is not a share, or not of a sample.

    Examples
    --------
    >>> RecallBound(lower=0.9499, method="clopper-pearson", sampled=400, alpha=0.05, made_on=date(2026, 11, 25)).stated
    '0.949'
    """

    lower: float
    method: str
    sampled: int
    alpha: float
    made_on: date
    draws: int = 0
    frame: str = ""

    def __post_init__(self) -> None:
        if not (0 <= self.lower <= 1 and 0 < self.alpha < 1 and self.sampled > 0):
            raise ValueError("a bound on recall must be a share, and its sample must not be empty")

    @property
    def stated(self) -> str:
        """The share to three decimals, never above it."""
        return str(Decimal(str(self.lower)).quantize(Decimal("0.001"), ROUND_FLOOR))

    @property
    def in_words(self) -> str:
        """What it says and of what, without a count of records."""
        frame = f" ({self.frame})" if self.frame else ""
        drawn = f", of {self.draws} samples that were drawn" if self.draws > 1 else ""
        return (
            f"is at least {self.stated} of the seals that the system should hold{frame}, by "
            f"{bound_in_words(self.alpha, self.made_on)} ({self.method}{drawn})"
        )


def bound_in_words(alpha: float, made_on: date | str) -> str:
    """Say of which day a bound is, and how often it may be wrong.

    Examples
    --------
    >>> bound_in_words(0.05, date(2026, 11, 25))
    'a bound as of 2026-11-25, for rows linked by then, that is too high in at most 5% of cases'
    """
    return f"a bound as of {made_on}, for rows linked by then, that is too high in at most {100 * alpha:.4g}% of cases"


def document_of(bounds: Mapping[str, RecallBound | None]) -> dict[str, Any]:
    """What the header holds: by scheme, its bound, or null if none was made."""
    return {
        scheme: bound
        and {
            "alpha": bound.alpha,
            "draws": bound.draws,
            "frame": bound.frame,
            "lower": bound.lower,
            "made_on": bound.made_on.isoformat(),
            "method": bound.method,
            "sampled": bound.sampled,
        }
        for scheme, bound in sorted(bounds.items())
    }


def bounds_of(document: Any) -> dict[str, RecallBound | None]:
    """Read what :func:`document_of` wrote; raises ValueError, KeyError or TypeError if it is something else."""
    return {
        str(scheme): None
        if held is None
        else RecallBound(
            lower=float(held["lower"]),
            method=str(held["method"]),
            sampled=int(held["sampled"]),
            alpha=float(held["alpha"]),
            made_on=date.fromisoformat(held["made_on"]),
            draws=int(held.get("draws", 0)),
            frame=str(held.get("frame", "")),
        )
        for scheme, held in dict(document).items()
    }
