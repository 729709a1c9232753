"""Which levels of a categorical stay, and in which order: the order is a trace as well."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["first_appearance", "recode", "used_levels"]

Codes = npt.NDArray[np.int64]


def used_levels(codes: Codes, levels: int) -> Codes:
    """Give the codes in use, ascending; negative codes are nulls.

    >>> used_levels(np.array([3, 1, -1, 3]), 5).tolist()
    [1, 3]
    """
    seen = np.zeros(levels, dtype=np.bool_)
    seen[codes[codes >= 0]] = True
    return np.flatnonzero(seen).astype(np.int64)


def first_appearance(codes: Codes, levels: int) -> Codes:
    """Give the codes in use in the order of their first appearance; negative codes are nulls.

    >>> first_appearance(np.array([3, 1, -1, 3]), 5).tolist()
    [3, 1]
    """
    present = codes[codes >= 0]
    first = np.full(levels, len(present), dtype=np.int64)
    first[present[::-1]] = np.arange(len(present) - 1, -1, -1)  # of repeated codes, the last written is the first
    used = np.flatnonzero(first < len(present))
    return used[np.argsort(first[used], kind="stable")].astype(np.int64)


def recode(codes: Codes, order: Codes, levels: int) -> Codes:
    """Renumber codes by their place in `order`; nulls stay -1.

    >>> recode(np.array([3, 1, -1, 3]), np.array([3, 1]), 5).tolist()
    [0, 1, -1, 0]
    """
    place = np.full(levels + 1, -1, dtype=np.int64)  # the last slot answers for code -1
    place[order] = np.arange(len(order))
    return place[codes]
