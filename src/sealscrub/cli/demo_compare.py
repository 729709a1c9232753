"""What dropping rows leaves in a table of features, and what a plan leaves, against the world without."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = ["Comparison", "compare"]

_LABEL = "rearrested"
# What a model sees: facts of the row's own arrest, what was computed from other arrests, and the label.
_INPUT_COLUMNS = ["hour", "precinct", "age"]
_DERIVED = [
    "priors_count",
    "days_since_last",
    "n_coarrest",
    "precinct_rate",
    "cell_count",
    "heat",
    "charge_rate",
    "age_z",
    "age_bin",
    "bail_filled",
    _LABEL,
]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Counts after a row drop, and after a plan.

    Parameters
    ----------
    wrong : dict of str to (int, int)
        By derived column, the rows with another value than in the world without.
    columns : int
        How many columns a model sees.
    identified : (int, int)
        People with a sealed arrest whom their `priors_count` gives away.
    precision : float
        Share of right guesses after a row drop, 0 to 1.
    rows : int
        How many stay.
    """

    wrong: dict[str, tuple[int, int]]
    columns: int
    identified: tuple[int, int]
    precision: float
    rows: int

    @property
    def contaminated(self) -> tuple[int, int]:
        """Columns with any wrong value."""
        return sum(a > 0 for a, _ in self.wrong.values()), sum(b > 0 for _, b in self.wrong.values())

    @property
    def labels(self) -> tuple[int, int]:
        """Wrong labels."""
        return self.wrong[_LABEL]


def compare(stored: pl.DataFrame, planned: pl.DataFrame, right: pl.DataFrame, gone: pl.Series) -> Comparison:
    """Compare features as stored, as a plan left them, and as they are in the world without.

    Parameters
    ----------
    stored, planned, right : polars.DataFrame
        The features; the rows of `stored` that stay, and those of the others, are in one order.
    gone : polars.Series
        ``arrest_id`` of the removed arrests.
    """
    dropped = stored.filter(~pl.col("arrest_id").is_in(gone.implode()))
    wrong = {
        name: (_count_differing(dropped[name], right[name]), _count_differing(planned[name], right[name]))
        for name in _DERIVED
    }
    sealed = stored.filter(pl.col("arrest_id").is_in(gone.implode()))["person_id"].unique().implode()
    guessed, left = _exposed_people(dropped), _exposed_people(planned)
    hits = int(guessed.is_in(sealed).sum())
    return Comparison(
        wrong, len(_INPUT_COLUMNS) + len(_DERIVED), (hits, len(left)), hits / max(1, len(guessed)), right.height
    )


def _count_differing(one: pl.Series, other: pl.Series) -> int:
    return int(one.ne_missing(other).sum())


def _exposed_people(features: pl.DataFrame) -> pl.Series:
    """People with more priors than arrests that can be seen."""
    seen = pl.col("arrest_date").rank("min").over("person_id") - 1  # no one is arrested twice on one day
    return features.filter(pl.col("priors_count") > seen)["person_id"].unique()
