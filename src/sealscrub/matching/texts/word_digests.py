"""Digests of the words of texts, of which those that were met before are remembered: language repeats its words."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers import OneDigest
from sealscrub.identifiers.digest import digest_rows
from sealscrub.index.text_index import digest_words

from .name_words import Words

__all__ = ["WordDigests"]

Numbers = npt.NDArray[np.uint64]

_AT_ONCE = 1 << 13
_HALF = 8  # letters of which a number is made
_MOST = 2 * _HALF
_FIRST = np.array([(1 << 8 * size) - 1 for size in range(_HALF + 1)], np.uint64)  # so many letters of a number
_BITS = 16  # of the table, which the processor's cache holds
_SPREAD, _STIR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)  # odd, to spread words over the table


class _Table(threading.local):
    """Words as two numbers and their digests, each where its numbers say: one word replaces another. A thread's own."""

    def __init__(self) -> None:
        self.heads, self.tails, self.digests = (np.zeros(1 << _BITS, np.uint64) for _ in range(3))
        self.shift = np.uint64(64 - _BITS)


class WordDigests:
    """Digests words as :func:`sealscrub.index.text_index.digest_words` does, each as seldom as it can.

    Parameters
    ----------
    key : bytes

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.identifiers.letters import fold_letters
    >>> digests = WordDigests(bytes(32)).of(Words(fold_letters("to be or not to be")))
    >>> digests.tolist() == digest_words(pl.Series("to be or not to be".upper().split()), bytes(32)).tolist()
    True
    """

    def __init__(self, key: bytes) -> None:
        self._key, self._cipher = key, OneDigest(key)
        self._known = _Table()

    def of(self, words: Words) -> Numbers:
        """Give the digest of each word.

        Parameters
        ----------
        words : Words

        Returns
        -------
        numpy.ndarray of uint64, shape (len(words),)
        """
        eight = words.eights()
        if eight is None:
            different, which = words.different()
            return digest_words(different, self._key)[which]
        digests = np.empty(len(words), np.uint64)
        for start in range(0, len(words), _AT_ONCE):
            self._digest_some(words, eight, start, digests[start : start + _AT_ONCE])
        long = np.flatnonzero(words.ends - words.starts > _MOST)
        if len(long):
            digests[long] = digest_words(pl.Series(words.chosen(long), dtype=pl.String), self._key)
        return digests

    def _digest_some(self, words: Words, eight: Numbers, start: int, digests: Numbers) -> None:
        """Digest those of some words that have at most so many letters; of what others get nothing is remembered."""
        begins = words.starts[start : start + _AT_ONCE]
        sizes = words.ends[start : start + _AT_ONCE] - begins
        heads = eight[begins] & _FIRST[np.minimum(sizes, _HALF)]
        tails = np.zeros(len(heads), np.uint64)
        long = np.flatnonzero(sizes > _HALF)
        tails[long] = eight[begins[long] + _HALF] & _FIRST[np.minimum(sizes[long] - _HALF, _HALF)]
        known = self._known
        slots = (((tails * _STIR ^ heads) * _SPREAD) >> known.shift).view(np.int64)
        digests[:] = known.digests[slots]
        new = np.flatnonzero((known.heads[slots] != heads) | (known.tails[slots] != tails))
        new = new[sizes[new] <= _MOST]
        if len(new):
            letters = np.stack([heads[new], tails[new]], axis=1).astype("<u8", copy=False).view(np.uint8)
            digests[new] = digest_rows(letters, self._cipher, sizes[new])[:, 0]
            slots, first = np.unique(slots[new], return_index=True)
            new = new[first]
            known.heads[slots], known.tails[slots], known.digests[slots] = heads[new], tails[new], digests[new]

    def __repr__(self) -> str:
        return "WordDigests(…)"
