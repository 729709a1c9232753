"""The vendor's training file, computed from arrests.

This is what a careful feature job does, and what goes wrong when sealed arrests are among its input: most
columns of a row hold facts of *other* arrests. Dropping the sealed rows from the result leaves these as they
were.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError

from .draws import Integers

__all__ = ["FEATURE_COLUMNS", "Daily", "compute", "derive_features"]

# Columns of an arrests table that the features are computed from.
_SOURCES = [
    "arrest_id",
    "arrest_number",
    "nysid",
    "arrest_date",
    "precinct",
    "borough",
    "complaint_number",
    "charge",
    "law_category",
    "age",
    "sex",
    "latitude",
    "longitude",
]

#: Columns of the training file that hold facts of other arrests than the row's own.
FEATURE_COLUMNS = ("priors_count", "days_since_last", "precinct_rate", "co_arrests", "rearrested_within_1y")

_YEAR = 365


class Daily:
    """How many arrests each precinct has had before each day.

    Parameters
    ----------
    counts : ndarray of int64, shape (precincts, days)
    """

    def __init__(self, counts: Integers) -> None:
        self._before = np.zeros((counts.shape[0], counts.shape[1] + 1), np.int64)
        np.cumsum(counts, axis=1, out=self._before[:, 1:])

    def last_year(self, precincts: Integers, days: Integers) -> Integers:
        """How many arrests there were in the 365 days before each day, which itself does not count."""
        return self._before[precincts, days] - self._before[precincts, np.maximum(days - _YEAR, 0)]


def derive_features(arrests: pl.DataFrame) -> pl.DataFrame:
    """Compute the vendor's training file from a table of arrests.

    A row that occurs twice (by ``arrest_id``) counts once. NYSIDs are compared without case, hyphens, spaces,
    label and lost zeros; an arrest whose NYSID is a sentinel is no one's prior.

    Parameters
    ----------
    arrests : polars.DataFrame
        A table such as ``city.tables["arrests"]``, whole or scrubbed.

    Returns
    -------
    polars.DataFrame
        One row an arrest, in the order of the arrests: ``arrest_no``, ``arrest_date``, ``precinct``,
        ``borough``, ``offense``, ``law_category``, ``age``, ``sex``, ``latitude``, ``longitude``;
        ``priors_count`` (arrests of the person before that day), ``days_since_last`` (days since the last of
        them, null without one), ``precinct_rate`` (arrests a day in the precinct in the 365 days before),
        ``co_arrests`` (other arrests on the same complaint), and the label ``rearrested_within_1y`` (0 or 1).

    Raises
    ------
    ColumnError
        When a column that is needed is absent.

    Examples
    --------
    What a row drop leaves wrong:

    >>> from sealscrub.datasets import make_city
    >>> city = make_city(arrests=2_000, seed=1, mess=0)
    >>> arrests = city.tables["arrests"]
    >>> sealed = city.truth.sealed_rows("arrests")
    >>> dropped = derive_features(arrests).filter(~sealed)
    >>> right = derive_features(arrests.filter(~sealed))
    >>> dropped.equals(right)
    False
    >>> [name for name in right.columns if not dropped[name].equals(right[name])]
    ['priors_count', 'days_since_last', 'precinct_rate', 'co_arrests', 'rearrested_within_1y']
    """
    ColumnError.require(_SOURCES, arrests.columns)
    once = arrests.select(_SOURCES).unique("arrest_id", keep="first", maintain_order=True)
    precinct = _codes(once["precinct"])
    day = once["arrest_date"].to_physical().to_numpy().astype(np.int64)
    first = int(day.min()) if len(day) else 0
    days = int(day.max()) - first + 1 if len(day) else 1
    places = int(precinct.max(initial=0)) + 1
    counts = np.bincount(precinct * days + day - first, minlength=places * days).reshape(places, days)
    return compute(once, Daily(counts).last_year(precinct, day - first))


def compute(arrests: pl.DataFrame, last_year: Integers) -> pl.DataFrame:
    """Compute the training file of arrests that occur once each, given their precincts' counts."""
    day = arrests["arrest_date"].to_physical().to_numpy().astype(np.int64)
    complaint = _codes(arrests["complaint_number"])
    priors, since, again = _of_person(arrests["nysid"], day)
    features = [
        pl.Series("priors_count", priors.astype(np.int32)),
        pl.Series("days_since_last", since.astype(np.int32)).replace(-1, None),
        pl.Series("precinct_rate", last_year / _YEAR),
        pl.Series("co_arrests", (np.bincount(complaint)[complaint] - 1).astype(np.int32)),
        pl.Series("rearrested_within_1y", again.astype(np.int8)),
    ]
    own = arrests.select(
        pl.col("arrest_number").alias("arrest_no"),
        "arrest_date",
        "precinct",
        "borough",
        pl.col("charge").alias("offense"),
        "law_category",
        "age",
        "sex",
        "latitude",
        "longitude",
    )
    return own.with_columns(features)


def _of_person(nysid: pl.Series, day: Integers) -> tuple[Integers, Integers, npt.NDArray[np.bool_]]:
    """Arrests of the same person before, days since the last of them (-1: none), whether another follows."""
    person = _people(nysid)
    day = day - int(day.min(initial=0))
    span = int(day.max(initial=0)) + 2 * _YEAR
    key = person * span + day
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    begin = np.searchsorted(ordered, person * span)
    left = np.searchsorted(ordered, key, side="left")
    right = np.searchsorted(ordered, key, side="right")
    priors = left - begin
    before = ordered[np.maximum(left - 1, 0)]
    since = np.where(priors > 0, key - before, -1)
    after = ordered[np.minimum(right, len(ordered) - 1)] if len(ordered) else ordered
    gap = after - key
    return priors, since, (gap > 0) & (gap <= _YEAR)


def _people(nysid: pl.Series) -> Integers:
    """Give people numbers; who has no NYSID is somebody else each time."""
    bare = nysid.str.to_uppercase().str.replace("^ *NYSID[ #:]*", "").str.replace_all(r"[\s\-]", "")
    # Eight digits and a letter; a zero that got lost on the way comes back.
    bare = bare.str.pad_start(9, "0")
    known = (bare.str.contains(r"^[0-9O]{8}[A-Z]$") & ~bare.str.starts_with("0000000")).fill_null(False).to_numpy()
    codes = _codes(bare)
    nameless = np.flatnonzero(~known)
    codes[nameless] = int(codes.max(initial=0)) + 1 + np.arange(len(nameless))
    return codes


def _codes(values: pl.Series) -> Integers:
    """Numbers from 0 for equal values; null has its own."""
    ranks = values.rank("dense").cast(pl.Int64).fill_null(0)
    return ranks.to_numpy().copy()
