"""Weights of pairs: the levels of their fields, looked up in the model's table and added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask

from .comparison_levels import LEVELS, MISSING, code_of
from .standard_records import Records, standardise
from .value_levels import Levels, arrest_levels, birth_levels, level_of_codes

__all__ = [
    "Weighing",
    "Weights",
    "may_be_exchanged",
    "names_together",
    "table_of",
    "waterfall_of",
    "weigh_pairs",
]

Places = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
_TEXTS = ("nysid", "charge", "sex", "race", "suffix", "middle_name")
_PARTLY_ALIKE = code_of("last_name", "part")


class Weighing(Protocol):
    """What of a model is needed to weigh pairs."""

    @property
    def weights(self) -> Mapping[str, Mapping[str, float]]:
        """Weights of levels, by field."""

    @property
    def prior(self) -> float:
        """The weight with which a pair begins."""

    @property
    def lower(self) -> float:
        """The weight below which a pair is nothing."""

    @property
    def window_days(self) -> int:
        """By how many days arrest dates may differ."""


def table_of(model: Weighing, field: str) -> Weights:
    """Weights of a field's levels, in the order of their numbers."""
    return np.array([model.weights[field][level] for level in LEVELS[field]], np.float64)


def weigh_pairs(
    seals: Records, rows: Records, seal: Places, row: Places, model: Weighing
) -> tuple[Places, Weights, Mask]:
    """Weigh pairs of places.

    Returns
    -------
    kept : ndarray of int64
        Places, in `seal` and `row`, of the pairs at or above the lower threshold.
    weights : ndarray of float64
        Their weights.
    doubtful : ndarray of bool
        Where the pair may be another person or another arrest, whatever its weight.
    """
    kept = np.arange(len(seal))
    total = np.full(len(seal), model.prior)
    total += table_of(model, "arrest_date")[arrest_levels(seals.arrest[seal], rows.arrest[row], model.window_days)]
    total += table_of(model, "birth_date")[birth_levels(seals.birth[:, seal], rows.birth[:, row])]
    left = _most_of_names(model) + sum(float(table_of(model, field).max()) for field in _TEXTS)
    for field in _TEXTS:  # what cannot reach the threshold any more is compared no further
        left -= float(table_of(model, field).max())
        weights = table_of(model, field)
        levels = level_of_codes(field, seals.codes[field][seal], rows.codes[field][row], seals.texts[field])
        total += weights[levels]
        open_ = total + left >= model.lower - 1e-9
        kept, total, seal, row = kept[open_], total[open_], seal[open_], row[open_]
    names = _name_levels(seals, rows, seal, row)
    together, exchanged = names_together(model, *names)
    total += together
    first = np.where(exchanged, names[3], names[1])
    total = np.round(total, 6)
    enough = total >= model.lower
    doubtful = _doubtful(seals, rows, seal[enough], row[enough], first[enough], model.window_days)
    return kept[enough], total[enough], doubtful


def _doubtful(seals: Records, rows: Records, seal: Places, row: Places, first: Levels, window: int) -> Mask:
    """Where the pair may be twins, a father and a son, or two arrests.

    Without a common number of a person: given names that are not close, or suffixes that differ while no birth date
    agrees. Else: day and charge both differ.
    """
    numbers = seals.codes["nysid"][seal], rows.codes["nysid"][row]
    suffixes = seals.codes["suffix"][seal], rows.codes["suffix"][row]
    born = birth_levels(seals.birth[:, seal], rows.birth[:, row])
    elder = (suffixes[0] != suffixes[1]) & (np.minimum(*suffixes) >= 0)
    elder &= (born == MISSING) | (born >= code_of("birth_date", "year_alone"))
    relative = (first >= code_of("first_name", "similar")) | elder
    relative &= (numbers[0] != numbers[1]) | (numbers[0] < 0)
    near = arrest_levels(seals.arrest[seal], rows.arrest[row], window) == code_of("arrest_date", "in_window")
    charges = level_of_codes("charge", seals.codes["charge"][seal], rows.codes["charge"][row], seals.texts["charge"])
    doubtful: Mask = relative | (near & (charges == code_of("charge", "different")))
    return doubtful


def _most_of_names(model: Weighing) -> float:
    return float(
        table_of(model, "last_name").max() + table_of(model, "first_name").max() + table_of(model, "name_order").max()
    )


def _name_levels(seals: Records, rows: Records, seal: Places, row: Places) -> tuple[Levels, Levels, Levels, Levels]:
    """Levels of both names, and of each with the other one; the latter only where the former are unsure."""
    last, first = seals.codes["last_name"][seal], seals.codes["first_name"][seal]
    its_last, its_first = rows.codes["last_name"][row], rows.codes["first_name"][row]
    texts = seals.texts["last_name"]
    straight = (
        level_of_codes("last_name", last, its_last, texts),
        level_of_codes("first_name", first, its_first, texts),
    )
    crossed = (np.zeros(len(seal), np.uint8), np.zeros(len(seal), np.uint8))
    unsure = np.flatnonzero(may_be_exchanged(*straight))
    crossed[0][unsure] = level_of_codes("last_name", last[unsure], its_first[unsure], texts)
    crossed[1][unsure] = level_of_codes("first_name", first[unsure], its_last[unsure], texts)
    return *straight, *crossed


def may_be_exchanged(last: Levels, first: Levels) -> Mask:
    """Where names are compared in the other order too: where one is missing, or not even close."""
    unsure: Mask = (last == MISSING) | (last >= _PARTLY_ALIKE) | (first == MISSING) | (first >= _PARTLY_ALIKE)
    return unsure


def names_together(
    model: Weighing, last: Levels, first: Levels, last_as_first: Levels, first_as_last: Levels
) -> tuple[Weights, Mask]:
    """The weight of two names in the better order, and whether that is the exchanged one."""
    of_last, of_first, order = (table_of(model, field) for field in ("last_name", "first_name", "name_order"))
    straight = of_last[last] + of_first[first] + order[code_of("name_order", "straight")]
    crossed = of_last[last_as_first] + of_first[first_as_last] + order[code_of("name_order", "exchanged")]
    exchanged = crossed > straight
    return np.where(exchanged, crossed, straight), exchanged


def waterfall_of(seal: pl.DataFrame, row: pl.DataFrame, model: Weighing) -> list[tuple[str, str, float]]:
    """The levels and weights of one pair, of the fields that both sides state."""
    seals, rows = standardise(seal, row)
    at = np.zeros(1, np.int64)
    names = _name_levels(seals, rows, at, at)
    exchanged = bool(names_together(model, *names)[1][0])
    found: dict[str, int] = {
        "last_name": int(names[2 * exchanged][0]),
        "first_name": int(names[2 * exchanged + 1][0]),
        "name_order": code_of("name_order", "exchanged") if exchanged else 0,
    }
    for field in _TEXTS:
        found[field] = int(level_of_codes(field, seals.codes[field], rows.codes[field], seals.texts[field])[0])
    found["birth_date"] = int(birth_levels(seals.birth, rows.birth)[0])
    found["arrest_date"] = int(arrest_levels(seals.arrest, rows.arrest, model.window_days)[0])
    said = [(field, levels[found[field]]) for field, levels in LEVELS.items() if found[field] or field == "arrest_date"]
    return [(field, level, model.weights[field][level]) for field, level in said]
