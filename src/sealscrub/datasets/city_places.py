"""Boroughs, precincts and where things happen in the city."""

from __future__ import annotations

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Floats

from .draws import Draws, Integers

__all__ = [
    "BOROUGH_LETTERS",
    "BOROUGH_OF_PRECINCT",
    "COUNTIES",
    "PRECINCTS",
    "PRECINCT_WEIGHTS",
    "coordinates",
]

#: The letter with which an arrest number begins: Manhattan, Bronx, Brooklyn, Queens, Staten Island.
BOROUGH_LETTERS = np.array(list("MBKQS"))

#: The county in a docket number, borough by borough.
COUNTIES = np.array(["NY", "BX", "KN", "QN", "RI"])

_BY_BOROUGH = (
    [1, 5, 6, 7, 9, 10, 13, 14, 17, 18, 19, 20, 22, 23, 24, 25, 26, 28, 30, 32, 33, 34],
    [40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 52],
    [60, 61, 62, 63, 66, 67, 68, 69, 70, 71, 72, 73, 75, 76, 77, 78, 79, 81, 83, 84, 88, 90, 94],
    [100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115],
    [120, 121, 122, 123],
)
#: The precincts' numbers; elsewhere in this room a precinct is a position in this list.
PRECINCTS = np.array([number for numbers in _BY_BOROUGH for number in numbers], np.int64)
BOROUGH_OF_PRECINCT = np.repeat(np.arange(5), [len(numbers) for numbers in _BY_BOROUGH])

# Busy and quiet precincts; the pattern is arbitrary, and the same in every city.
PRECINCT_WEIGHTS: Floats = 1.0 + (np.arange(len(PRECINCTS)) * 7 % 11).astype(np.float64)

_CENTRE = np.array([[40.78, -73.97], [40.85, -73.87], [40.65, -73.95], [40.72, -73.82], [40.58, -74.15]])
_SPREAD = np.array([[0.07, 0.02], [0.04, 0.05], [0.05, 0.05], [0.06, 0.09], [0.04, 0.06]])


def coordinates(draws: Draws, events: Integers, precincts: Integers) -> pl.DataFrame:
    """Where each event took place.

    Parameters
    ----------
    draws : Draws
    events : ndarray of int64, shape (n,)
        Numbers of the events.
    precincts : ndarray of int64, shape (n,)
        Positions in :data:`PRECINCTS`.

    Returns
    -------
    polars.DataFrame
        ``x_coord``, ``y_coord`` (feet, an approximation of New York's state plane), ``latitude``,
        ``longitude`` (degrees, six decimals).
    """
    borough = BOROUGH_OF_PRECINCT[precincts]
    within = np.arange(len(PRECINCTS))[precincts]
    # Precinct centres are on a grid of golden ratios, which spreads any number of points evenly.
    cell = np.stack([within * 0.6180339887 % 1.0, within * 0.7548776662 % 1.0], axis=1) * 2 - 1
    near = np.stack([draws.uniform("event/lat", events), draws.uniform("event/lon", events)], axis=1) * 2 - 1
    degrees = _CENTRE[borough] + _SPREAD[borough] * (cell + near * 0.12)
    micro = (degrees * 1e6).astype(np.int64)
    latitude, longitude = micro[:, 0] / 1e6, micro[:, 1] / 1e6
    return pl.DataFrame(
        {
            "x_coord": ((longitude + 73.94) * 277_000 + 1_000_000).astype(np.int32),
            "y_coord": ((latitude - 40.68) * 364_000 + 190_000).astype(np.int32),
            "latitude": latitude,
            "longitude": longitude,
        }
    )
