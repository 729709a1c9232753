"""Which sealed records show in a result: adaptive group testing, since each trial is a run of the function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["blamed_records"]

Rows = npt.NDArray[np.int64]


def blamed_records(count: int, shows: Callable[[Rows], bool], more: Callable[[], bool]) -> tuple[int, ...]:
    """Find the sealed rows that show, each on its own.

    Halves that show are halved again, so k among n are found in about k·log2(n/k) trials. A row that shows only
    together with others is not found; that assumes an influence which grows with the rows.

    Parameters
    ----------
    count : int
        How many sealed rows there are.
    shows : callable
        Whether some of them, and no others, change the result.
    more : callable
        Whether there is time for another trial.

    Examples
    --------
    >>> blamed_records(8, lambda rows: bool(set(rows.tolist()) & {2, 5}), lambda: True)
    (2, 5)
    """
    found: list[int] = []
    waiting = [np.arange(count, dtype=np.int64)]
    while waiting and more():
        rows = waiting.pop()
        if not shows(rows):
            continue
        if len(rows) == 1:
            found.append(int(rows[0]))
            continue
        half = len(rows) // 2
        waiting += [rows[half:], rows[:half]]
    return tuple(sorted(found))
