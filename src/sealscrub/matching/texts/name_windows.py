"""Which words of a text may be one name: linked ones, between which an initial or two may be that it does not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Mask
from sealscrub.identifiers.person_names import MOST_WORDS

from .name_words import Words

__all__ = ["MOST_INITIALS", "Window", "continued", "pairs_of"]

MOST_INITIALS = 2
"""Initials that a text may have in a name, and the name does not."""

Rows = npt.NDArray[np.int64]
Window = tuple[int, ...]
"""The words of a name, by their numbers."""


def pairs_of(words: Words, start: int, stop: int) -> Iterator[tuple[Rows, Rows]]:
    """Give the first words that a name may have, and the second: next to each other, and with initials between.

    Examples
    --------
    >>> from sealscrub.identifiers.letters import fold_letters
    >>> [(a.tolist(), b.tolist()) for a, b in pairs_of(Words(fold_letters("Juan C. Cruz")), 0, 3)]
    [([0, 1], [1, 2]), ([0], [2]), ([], [])]
    """
    first = np.arange(start, min(stop, len(words) - 1))
    first = first[words.linked[start : start + len(first)]]
    yield first, first + 1
    for behind in range(2, MOST_INITIALS + 2):
        first = first[_behind_initial(words, first + behind)]
        yield first, first + behind


def continued(words: Words, begun: Sequence[Rows]) -> Iterator[Rows]:
    """Give what may be names of three words, of four and so on.

    Parameters
    ----------
    words : Words
    begun : sequence of numpy.ndarray of int64, shape (n, 2)
        The first two words of longer names.

    Yields
    ------
    numpy.ndarray of int64, shape (n, words of a name)
    """
    names = np.concatenate(begun) if begun else np.zeros((0, 2), np.int64)
    while len(names) and names.shape[1] < MOST_WORDS:
        names = names[names[:, -1] < len(words) - 1]
        names = names[words.linked[names[:, -1]]]
        more = [np.column_stack([names, names[:, -1] + 1])]
        for behind in range(2, MOST_INITIALS + 2):
            names = names[_behind_initial(words, names[:, -1] + behind)]
            names = names[names[:, -1] + behind - names[:, 0] - names.shape[1] <= MOST_INITIALS]
            more.append(np.column_stack([names, names[:, -1] + behind]))
        names = np.concatenate(more)
        yield names


def _behind_initial(words: Words, places: Rows) -> Mask:
    """Which words are there, and linked to an initial before them."""
    found: Mask = places < len(words)
    before = places[found] - 1
    found[found] = words.single[before] & words.linked[before]
    return found
