"""How much information a row carries: in how many of 2ⁿ rows of another origin an equal one is expected.

A row that an object holds is a finding if fewer than one in a million objects of as many rows would hold an equal
one by chance. The chance of each value is taken from the table that was given, and the chances of columns are
multiplied:

- a value counts by its digits: the share of the table's values near it, spread over the steps that are between them,
  where a step is the last decimal that it has, a small fraction of which it is a multiple, or the last bit of the
  precision in which it is stored;
- one that other rows have as well counts at least as often as such values recur (Good 1953), and so does one that
  is there once, in a column of which other values recur in rows that are otherwise different;
- of columns that are in the same order, or in the opposite one, only the most informative counts.

Two coordinates of six decimals in a city are one in 10¹¹; an age, a number of priors and an hour are one in some
thousand.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .row_bits import bits_of, hashed

__all__ = ["MOST_CHANCE", "needed_bits", "surprise"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

MOST_CHANCE = 1e-6
"""How many rows that are equal by chance may be expected in an object, at most, for one to be a finding."""
_DIGITS = 16
_MOST_ROWS = 200_000  # of the table, for chances
_MOST_COMPARED = 2_000  # of the table, for the order of columns
_MOST_COLUMNS = 300  # whose orders are compared
_ENOUGH_ROWS = 10  # rows from which on columns can be in the same order, and not by chance
_NEIGHBOURS = 8
_SPREAD = 100  # a few values of a column are taken to spread over this part of their size
_SAME_ORDER = 0.999
_MANY_DECIMALS = 7
_MOST_PARTS = 366
_FEW_TIMES = 5
_SELDOM = 0.25
_MOST_BITS = 50.0  # of one column
_RARELY = 0.5  # a column recurs rarely where more than this share of its values are different


def needed_bits(rows: int) -> float:
    """How much a row has to carry to be a finding among so many.

    Examples
    --------
    >>> round(needed_bits(1000), 1)
    29.9
    """
    return math.log2(max(1, rows) / MOST_CHANCE)


def surprise(rows: Matrix, table: Matrix, precision: str = "f8") -> tuple[Vector, Vector]:
    """Say how much rows carry, in bits.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, features)
    table : ndarray of float64, shape (m, features)
        Rows of the table that these are of, themselves included.
    precision : str
        In which they are stored: ``f8``, ``f4``, ``f2``.

    Returns
    -------
    told, most : ndarray of float64, shape (n,)
        Of each row, and of its most informative column only.

    Examples
    --------
    >>> table = np.random.default_rng(0).integers(0, 90, (500, 3)).astype(float)
    >>> bool((surprise(table, table)[0] < needed_bits(500)).all())
    True
    >>> places = np.random.default_rng(0).uniform(40, 41, (500, 2)).round(6)
    >>> bool((surprise(places, places)[0] > needed_bits(500)).all())
    True
    """
    table = _different(table, precision)
    alike = _in_one_order(table)
    columns = [
        -np.log2(_chance(rows[:, at], table[:, at], precision, _recurring(table, at, alike)))
        for at in range(rows.shape[1])
    ]
    told = np.minimum(np.stack(columns, axis=1), _MOST_BITS) if columns else np.zeros((len(rows), 1))
    most = np.asarray(told.max(axis=1, initial=0.0))
    return np.asarray(told[:, _independent(alike, told)].sum(axis=1)), most


def _different(table: Matrix, precision: str) -> Matrix:
    """The different rows of a table, at most so many, in a precision; all of them if most recur."""
    step = max(1, -(-len(table) // _MOST_ROWS))
    with np.errstate(over="ignore"):
        rows = table[::step].astype(precision).astype(np.float64)
    different = rows[np.unique(hashed(bits_of(rows, "f8")), return_index=True)[1]]
    return different if len(different) > _RARELY * len(rows) else rows


def _chance(values: Vector, column: Vector, precision: str, recurring: Vector) -> Vector:
    """How likely a row of another origin has each value."""
    known = np.sort(column[~np.isnan(column)])
    missing = max(1, len(column) - len(known)) / max(1, len(column))
    if not len(known):
        return np.full(len(values), 1.0)
    with np.errstate(all="ignore"):
        stored = values.astype(precision).astype(np.float64)
        count = np.searchsorted(known, stored, "right") - np.searchsorted(known, stored, "left")
        near = min(len(known), max(_NEIGHBOURS, math.isqrt(len(known))))
        start = np.clip(np.searchsorted(known, stored) - near // 2, 0, len(known) - near)
        width = known[start + near - 1] - known[start]
        if len(known) <= _NEIGHBOURS:
            width = np.maximum(width, np.abs(stored) / _SPREAD)
        step = _step(values, stored, precision)
        by_digits = near / len(column) * step / np.maximum(width, step)
    often = np.where(count < len(recurring), recurring[np.minimum(count, len(recurring) - 1)], count) / len(column)
    chance = np.where(np.isnan(values), missing, np.maximum(by_digits, often))
    return np.asarray(np.clip(np.nan_to_num(chance, nan=1.0, posinf=1.0), 1e-300, 1.0))


def _step(values: Vector, stored: Vector, precision: str) -> Vector:
    """The last decimal that each value has, or the last bit of its precision if that is more."""
    decimals = np.full(len(values), _DIGITS)
    for digits in range(_DIGITS - 1, -1, -1):
        decimals[np.round(values, digits) == values] = digits
    step = np.where(decimals < _DIGITS, 10.0 ** -decimals.astype(np.float64), 0.0)
    many = decimals > _MANY_DECIMALS
    rows = np.flatnonzero(many)
    for parts in range(_MOST_PARTS, 2, -1):
        whole = values[rows] * parts
        step[rows[np.abs(whole - np.round(whole)) <= 2 * np.spacing(np.abs(whole))]] = 1 / parts
    single = values.astype("f4").astype(np.float64)
    kept = np.where(many & (single == values), np.spacing(np.abs(single).astype("f4")).astype(np.float64), 0.0)
    last = np.spacing(np.abs(stored).astype(precision)).astype(np.float64)
    return np.asarray(np.maximum(np.maximum(step, kept), last))


def _recurring(table: Matrix, at: int, alike: npt.NDArray[np.bool_]) -> Vector:
    """In how many of the table's rows a value that is there once, twice, … is expected.

    Values that recur together with a rare one of another column are of the same place or event; how often they do says
    nothing of one that is there once.
    """
    order = np.argsort(table[:, at], kind="stable")
    column = table[order, at]
    times = np.bincount(np.unique(column, return_counts=True)[1], minlength=_FEW_TIMES + 2)
    pairs = np.flatnonzero(column[1:] == column[:-1])
    first, second = order[pairs], order[pairs + 1]
    together = np.zeros(len(pairs), bool)
    for other in np.flatnonzero(~alike[at])[:_MOST_COLUMNS].tolist() if len(pairs) else ():
        if len(np.unique(table[:, other])) > _RARELY * len(table):
            together |= table[first, other] == table[second, other]
    held = np.arange(_FEW_TIMES + 1, dtype=np.float64)
    once = min(2.0, 2 * np.count_nonzero(~together) / max(1, times[1]))
    if len(column) - times[1] < _SELDOM * len(column):  # those that recur do so by chance, as birthdays do
        following = (held + 1) * times[1 : _FEW_TIMES + 2] / np.maximum(1, times[: _FEW_TIMES + 1])
        held = np.clip(following, once, np.maximum(held, once))
    held[:2] = 0, once
    return held


def _in_one_order(table: Matrix) -> npt.NDArray[np.bool_]:
    """Which columns are in the same order as which others, or in the opposite one."""
    count = table.shape[1]
    if len(table) < _ENOUGH_ROWS or count > _MOST_COLUMNS:
        return np.eye(count, dtype=bool)
    few = table[:: max(1, len(table) // _MOST_COMPARED)]
    ranks = np.argsort(np.argsort(few, axis=0, kind="stable"), axis=0).astype(np.float64)
    ranks -= ranks.mean(axis=0)
    return np.asarray(np.abs(ranks.T @ ranks) / (ranks[:, 0] @ ranks[:, 0]) > _SAME_ORDER)


def _independent(alike: npt.NDArray[np.bool_], told: Matrix) -> list[int]:
    """Columns that are in an order of their own; of those in one order, the most informative."""
    chosen: list[int] = []
    for at in np.argsort(-told.sum(axis=0), kind="stable").tolist():
        if not alike[at, chosen].any():
            chosen.append(int(at))
    return chosen
