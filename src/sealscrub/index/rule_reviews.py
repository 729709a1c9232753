"""What an index says about the law behind it: which of the regimes that bar its uses somebody reviewed, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

__all__ = ["REVIEWS", "RegimeReview", "RegimeReviews", "reviews_document", "reviews_in_words", "reviews_of"]

REVIEWS: Final = "reviews"
"""The extension of the header."""

_FORM_DIGITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeReview:
    """A regime all of whose rules were reviewed as they were.

    Attributes
    ----------
    form : str
        SHA-256 of the canonical forms of its rules, in hex digits.
    on : datetime.date
        The day of the newest review of one of them.
    """

    form: str
    on: date

    def __post_init__(self) -> None:
        if len(self.form) != _FORM_DIGITS or not set(self.form) <= set("0123456789abcdef"):
            raise ValueError("a form must be a SHA-256 digest")


RegimeReviews = Mapping[str, Mapping[str, RegimeReview | None]]
"""By jurisdiction and regime; None if a rule of the regime was not reviewed."""


def reviews_document(reviews: RegimeReviews) -> dict[str, Any]:
    """What the header holds: by jurisdiction and regime, the review, or null if there is none."""
    return {
        place: {regime: held and {"form": held.form, "on": held.on.isoformat()} for regime, held in found.items()}
        for place, found in reviews.items()
    }


def reviews_of(document: Any) -> RegimeReviews:
    """Read what :func:`reviews_document` wrote; raises ValueError, KeyError, TypeError or AttributeError otherwise."""
    return {
        str(place): {
            str(regime): None
            if held is None
            else RegimeReview(form=str(held["form"]), on=date.fromisoformat(held["on"]))
            for regime, held in dict(found).items()
        }
        for place, found in dict(document).items()
    }


def reviews_in_words(reviews: RegimeReviews) -> dict[str, str]:
    """Say by jurisdiction how many of the regimes were reviewed, of how many, and when last.

    Examples
    --------
    >>> review = RegimeReview(form="0" * 64, on=date(2026, 11, 25))
    >>> reviews_in_words({"us-ny": {"us-ny/cpl-160.50": review, "us-ny/cpl-160.55": None}, "us-or": {"us-or/a": None}})
    {'us-ny': '1 of 2 regimes reviewed, the newest review of 2026-11-25', 'us-or': '0 of 1 regimes reviewed'}
    """
    return {place: _in_words([*found.values()]) for place, found in sorted(reviews.items())}


def _in_words(found: list[RegimeReview | None]) -> str:
    days = [each.on for each in found if each is not None]
    said = f"{len(days)} of {len(found)} regimes reviewed"
    return f"{said}, the newest review of {max(days)}" if days else said
