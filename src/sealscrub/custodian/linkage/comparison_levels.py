"""The levels to which two values of a field agree, best first; what is not said on one side is ``missing``."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CLOSE", "LEVELS", "MISSING", "SIMILAR", "TEXT_CLOSE", "code_of"]

MISSING = 0
CLOSE = 0.92
"""Names are close from this Jaro-Winkler similarity on: a letter or two."""
SIMILAR = 0.82
"""Names are similar from here on."""
TEXT_CLOSE = 90.0
"""Charges are close from this share of common words on, in percent."""

_NAME = ("missing", "exact", "close", "part", "short", "similar", "different")
LEVELS: Mapping[str, tuple[str, ...]] = {
    "last_name": _NAME,
    "first_name": _NAME,
    "name_order": ("missing", "straight", "exchanged"),
    "middle_name": ("missing", "exact", "initial", "different"),
    "suffix": ("missing", "exact", "different"),
    "birth_date": ("missing", "exact", "exchanged", "year_off", "month_off", "day_off", "year_alone", "different"),
    "arrest_date": ("missing", "same_day", "in_window", "outside"),
    "charge": ("missing", "exact", "close", "different"),
    "sex": ("missing", "exact", "different"),
    "race": ("missing", "exact", "different"),
    "nysid": ("missing", "exact", "close", "different"),
}
"""For each field that a model weighs, its levels; the place of a level is its number."""


def code_of(field: str, level: str) -> int:
    """The number of a level."""
    return LEVELS[field].index(level)
