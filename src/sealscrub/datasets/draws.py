"""Randomness that depends on what is drawn, never on when: a value is a function of seed, stream and number.

A generator that is read in sequence gives other values when the work is cut into other pieces. Here each row
has a number, each quantity a stream, and the value is SplitMix64's output at that place (Steele, Lea, Flood:
Fast Splittable Pseudorandom Number Generators, OOPSLA 2014). Only integer arithmetic, multiplication and
square roots follow, so the same seed gives the same city on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Floats

__all__ = ["Draws", "Integers", "permuted"]

Integers = npt.NDArray[np.int64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


class Draws:
    """Values for numbered things, in named streams.

    Parameters
    ----------
    seed : int
        Any integer; equal seeds give equal values.

    Examples
    --------
    >>> import numpy as np
    >>> draws = Draws(7)
    >>> whole = draws.below("coin", np.arange(6), 100)
    >>> bool((whole[3:] == draws.below("coin", np.arange(3, 6), 100)).all())
    True
    """

    def __init__(self, seed: int) -> None:
        self.seed = int(seed)
        self._starts: dict[str, np.uint64] = {}

    def bits(self, stream: str, numbers: Integers) -> npt.NDArray[np.uint64]:
        """Draw 64 bits for each number."""
        start = self._starts.get(stream)
        if start is None:
            digest = hashlib.blake2b(f"{self.seed}/{stream}".encode(), digest_size=8).digest()
            start = self._starts[stream] = np.uint64(int.from_bytes(digest, "big"))
        state = numbers.astype(np.uint64)
        state *= _STEP
        state += start
        state ^= state >> np.uint64(30)
        state *= _FIRST
        state ^= state >> np.uint64(27)
        state *= _SECOND
        state ^= state >> np.uint64(31)
        return state

    def uniform(self, stream: str, numbers: Integers) -> Floats:
        """Draw a float in [0, 1) for each number."""
        return (self.bits(stream, numbers) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, stream: str, numbers: Integers, limit: int) -> Integers:
        """Draw an integer in [0, limit) for each number."""
        return (self.uniform(stream, numbers) * limit).astype(np.int64)

    def pick(self, stream: str, numbers: Integers, weights: Sequence[float] | Floats) -> Integers:
        """Draw a position in `weights` for each number, as often as its weight says."""
        edges = np.cumsum(np.asarray(weights, np.float64))
        at = np.searchsorted(edges, self.uniform(stream, numbers) * edges[-1], side="right")
        place: Integers = np.minimum(at, len(edges) - 1).astype(np.int64)
        return place


def permuted(numbers: Integers, modulus: int, factor: int, offset: int) -> Integers:
    """Put each number at another place below a prime modulus, no two at the same one.

    Serial numbers that no one should be able to continue by counting are made this way.
    """
    moved: Integers = (numbers * factor + offset) % modulus
    return moved
