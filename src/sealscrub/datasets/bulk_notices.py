"""Many notices and a large training file, fast: for synthetic indexes and for benchmarks.

Here rows have nothing to do with each other, so any stretch of them can be made on its own.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from sealscrub.errors import ColumnError, UsageError

from .calendar import as_dates
from .city_places import BOROUGH_LETTERS, BOROUGH_OF_PRECINCT, PRECINCTS
from .draws import Draws, Integers, permuted
from .numbers import arrest_numbers, serial_ids
from .police_charges import CATEGORIES, DESCRIPTIONS, OFFENCE_WEIGHTS

__all__ = ["MOST_ROWS", "make_notices", "make_training"]

#: More rows than this would need arrest numbers that do not exist.
MOST_ROWS = 24_000_000

# Ten years, five boroughs, serials 000001 to 999999; the largest prime that fits. Sealed arrests have their
# numbers from the lower half of the places, others from the upper half, so no other row has a sealed
# number by chance.
_PLACES = 49_999_921
_HALF = 25_000_000
_SERIALS = 999_999

_REGIMES = pl.Series("regime", ["us-ny/cpl-160.50", "us-ny/cpl-160.55"])
_REMARKS = pl.Series(
    "remarks",
    [
        f"{opening} {middle}. {ending}"
        for opening in (
            "Deft observed by A/O",
            "C/V identified deft",
            "Deft stopped on radio run",
            "Search warrant",
        )
        for middle in (
            "in front of location",
            "inside of lobby",
            "at T/P/O",
            "on platform",
            "in vehicle",
            "fleeing",
        )
        for ending in (
            "Arrest without incident.",
            "Property vouchered, DA notified.",
            "RMA; no statement made.",
        )
    ],
)


def make_notices(n: int, seed: int = 0) -> pl.DataFrame:
    """Make many seal notices, each of another arrest.

    Parameters
    ----------
    n : int
        How many, up to 24,000,000.
    seed : int
        Equal seeds give equal notices.

    Returns
    -------
    polars.DataFrame
        ``seal_id``, ``event`` (``sealed``), ``regime``, ``effective_from``, ``notified_on``, ``basis``,
        ``arrest_number``.

    Raises
    ------
    UsageError
        When `n` is negative or too large.

    Examples
    --------
    >>> notices = make_notices(1_000, seed=0)
    >>> notices["arrest_number"].n_unique()
    1000
    """
    _check_rows(n)
    draws = Draws(seed)
    number = np.arange(n)
    places = permuted(_sealed_places(draws, number), _PLACES, 12_345_701, 7_654_321)
    borough, year, serial = _parts(places)
    ended = (year - 2014) * 365 + 30 + draws.below("bulk/ended", number, 600)
    told = ended + 1 + draws.below("bulk/told", number, 45)
    return pl.DataFrame(
        [
            serial_ids("N", number + 1, 8).alias("seal_id"),
            pl.repeat("sealed", n, eager=True).alias("event"),
            _REGIMES.gather(draws.pick("bulk/regime", number, [78, 22])),
            as_dates(ended).alias("effective_from"),
            as_dates(told).alias("notified_on"),
            pl.repeat("notice", n, eager=True).alias("basis"),
            arrest_numbers(borough, year, serial).alias("arrest_number"),
        ]
    )


def make_training(
    n: int,
    seed: int = 0,
    *,
    sealed: pl.DataFrame | pl.Series | None = None,
    share: float = 0.45,
    start: int = 0,
) -> pl.DataFrame:
    """Make a stretch of a large training file, of which some rows carry arrest numbers from seal notices.

    Parameters
    ----------
    n : int
        How many rows.
    seed : int
        Equal seeds give equal rows.
    sealed : polars.DataFrame or polars.Series, optional
        Notices with a column ``arrest_number``, or the arrest numbers. Without it no row's arrest is sealed.
        From any other source than :func:`make_notices`, numbers can also be met by chance.
    share : float
        Share of rows that carry one of these numbers.
    start : int
        Number of the first row: rows `start` to `start` + `n` of a file whose rows do not depend on the
        stretch.

    Returns
    -------
    polars.DataFrame
        15 columns: ``arrest_no`` (text), ``arrest_date``, ``hour``, ``precinct``, ``borough``, ``offense``
        (categorical), ``law_category`` (categorical), ``age``, ``sex``, ``latitude``, ``longitude``,
        ``priors_count``, ``days_since_last`` (null without priors), ``remarks`` (free text),
        ``rearrested_within_1y``.

    Raises
    ------
    UsageError
        When there are too many rows, or `share` is invalid.

    Examples
    --------
    >>> notices = make_notices(5_000, seed=0)
    >>> rows = make_training(10_000, seed=0, sealed=notices, share=0.3)
    >>> round(rows["arrest_no"].is_in(notices["arrest_number"].implode()).mean(), 1)
    0.3
    >>> rows[6_000:7_000].equals(make_training(1_000, seed=0, sealed=notices, share=0.3, start=6_000))
    True
    """
    _check_rows(start + n)
    if not 0 <= share <= 1:
        raise UsageError("a share must be between 0 and 1", where="share")
    draws = Draws(seed)
    row = np.arange(start, start + n)
    offence = draws.pick("bulk/offence", row, OFFENCE_WEIGHTS)
    precinct = draws.below("bulk/precinct", row, len(PRECINCTS))
    priors = (draws.uniform("bulk/priors", row) ** 2 * 6).astype(np.int32)
    arrest_no = _training_numbers(draws, row, _numbers_of(sealed), share)
    year = arrest_no.str.slice(1, 2).cast(pl.Int64).to_numpy() + 2000
    day = (year - 2014) * 365 + draws.below("bulk/day", row, 365)
    since = pl.Series("days_since_last", 1 + draws.below("bulk/since", row, 2000).astype(np.int32))
    return pl.DataFrame(
        [
            arrest_no,
            as_dates(day).alias("arrest_date"),
            pl.Series("hour", draws.below("bulk/hour", row, 24).astype(np.int8)),
            pl.Series("precinct", PRECINCTS[precinct].astype(np.int16)),
            _CODES.gather(BOROUGH_OF_PRECINCT[precinct]),
            DESCRIPTIONS.cast(pl.Categorical).gather(offence).alias("offense"),
            CATEGORIES.cast(pl.Categorical).gather(offence),
            pl.Series("age", (16 + draws.below("bulk/age", row, 50)).astype(np.int16)),
            _SEXES.gather(draws.pick("bulk/sex", row, [80, 20])),
            pl.Series("latitude", 40.55 + draws.below("bulk/lat", row, 350_000) / 1e6),
            pl.Series("longitude", -74.2 + draws.below("bulk/lon", row, 450_000) / 1e6),
            pl.Series("priors_count", priors),
            since.set(pl.Series(priors == 0), None),
            _REMARKS.gather(draws.below("bulk/remarks", row, len(_REMARKS))),
            pl.Series("rearrested_within_1y", (draws.uniform("bulk/again", row) < 0.3).astype(np.int8)),
        ]
    )


_CODES = pl.Series("borough", list(BOROUGH_LETTERS), dtype=pl.String)
_SEXES = pl.Series("sex", ["M", "F"])


def _training_numbers(draws: Draws, row: Integers, sealed: pl.Series | None, share: float) -> pl.Series:
    places = permuted(_HALF + (draws.seed % 1000 + row) % MOST_ROWS, _PLACES, 12_345_701, 7_654_321)
    numbers = arrest_numbers(*_parts(places)).alias("arrest_no")
    if sealed is None or not len(sealed):
        return numbers
    hit = np.flatnonzero(draws.uniform("bulk/sealed", row) < share)
    chosen = sealed.gather(draws.below("bulk/which", row[hit], len(sealed)))
    return numbers.scatter(hit, chosen)


def _numbers_of(sealed: pl.DataFrame | pl.Series | None) -> pl.Series | None:
    if isinstance(sealed, pl.DataFrame):
        ColumnError.require(["arrest_number"], sealed.columns)
        sealed = sealed["arrest_number"]
    return None if sealed is None else sealed.drop_nulls()


def _sealed_places(draws: Draws, number: Integers) -> Integers:
    begin = int(draws.below("bulk/begin", np.zeros(1, np.int64), MOST_ROWS)[0])
    return (begin + number) % MOST_ROWS


def _parts(places: Integers) -> tuple[Integers, Integers, Integers]:
    """Borough, year and serial of a place."""
    rest, serial = np.divmod(places, _SERIALS)
    return rest % 5, 2014 + rest // 5, serial + 1


def _check_rows(n: int) -> None:
    if not 0 <= n <= MOST_ROWS:
        raise UsageError(f"at most {MOST_ROWS:,} rows can be made", where="n")
