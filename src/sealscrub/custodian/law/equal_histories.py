"""Which of many histories are alike: the same labels, and days in the same order and distances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

__all__: list[str] = []

Numbers = npt.NDArray[np.int64]
#: Stands for a day that is not known.
NO_DAY = np.iinfo(np.int64).max


class Group(NamedTuple):
    """Histories that are alike.

    Attributes
    ----------
    labels : tuple of int
        What they share, or what stands for it.
    places : tuple of int or None
        For each of a history's days, its place among its distinct days in order; None if it is not known.
    members : numpy.ndarray
        Which they are.
    given : numpy.ndarray
        For each of them its distinct days, in order.
    """

    labels: tuple[int, ...]
    places: tuple[int | None, ...]
    members: Numbers
    given: Numbers


def alike(labels: Numbers, days: Numbers, members: Numbers, shown: Numbers | None = None) -> Iterator[Group]:
    """Put histories together, a row each; in the order in which the first of a group stands.

    Parameters
    ----------
    labels : numpy.ndarray, one row a history
    days : numpy.ndarray, one row a history
        Days since 1970-01-01, or :data:`NO_DAY`.
    members : numpy.ndarray
        The histories' numbers.
    shown : numpy.ndarray, optional, one row a history
        Of the first of a group, these are given as its labels.

    Examples
    --------
    >>> labels, days = np.array([[1], [1], [1]]), np.array([[5, 9], [6, 6], [2, 3]])
    >>> [(group.places, group.members.tolist()) for group in alike(labels, days, np.arange(3))]
    [((0, 1), [0, 2]), ((0, 0), [1])]
    """
    places = _places(days)
    narrow = labels.max(initial=0) <= np.iinfo(np.int32).max
    keys = pl.DataFrame(np.hstack([labels, places]).astype(np.int32 if narrow else np.int64))
    if keys.width == 0:  # they hold nothing at all
        keys = pl.DataFrame({"none": np.zeros(len(members), np.int32)})
    found = keys.with_row_index("at").group_by(keys.columns, maintain_order=True).agg("at")["at"]
    for rows in found:
        at = rows.to_numpy().astype(np.int64)
        where = places[at[0]]
        given = np.empty((len(at), int(where.max(initial=-1)) + 1), np.int64)
        for column, place in enumerate(where.tolist()):
            if place >= 0:
                given[:, place] = days[at, column]
        named = tuple(None if place < 0 else place for place in where.tolist())
        yield Group(tuple((labels if shown is None else shown)[at[0]].tolist()), named, members[at], given)


def _places(days: Numbers) -> npt.NDArray[np.int32]:
    """The place of each day among the distinct ones of its row; -1 if it is not known."""
    order = np.argsort(days, axis=1, kind="stable")
    listed = np.take_along_axis(days, order, axis=1)
    steps = np.zeros(days.shape, np.int32)
    steps[:, 1:] = np.cumsum(listed[:, 1:] != listed[:, :-1], axis=1)
    places = np.empty(days.shape, np.int32)
    np.put_along_axis(places, order, steps, axis=1)
    places[days == NO_DAY] = -1
    return places
