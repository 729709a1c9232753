"""Planted keys: while a nullity test runs, every index also holds keys that were made for the test.

Planting only ever adds: what an index holds it holds all the same. It lasts for a block of code in one process, and
is meant only for the validators.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers import digest_column

__all__ = ["Planted", "is_planted", "names_of_planted", "overlay", "planted"]

_naming = secrets.token_bytes(32)


class Planted:
    """Keys that are planted, by scheme, and how often an index was asked while they were.

    Parameters
    ----------
    keys : mapping of str to sequence of str
        Canonical values by scheme.

    Attributes
    ----------
    name : bytes
        The same for the same keys, in this process.
    """

    def __init__(self, keys: Mapping[str, Sequence[str]]) -> None:
        self._keys = {scheme: list(values) for scheme, values in keys.items()}
        self._digests: dict[tuple[str, bytes], npt.NDArray[np.uint64]] = {}
        self.name = blake2b(repr(self._keys).encode("utf-8", "surrogatepass"), key=_naming).digest()
        self.asked = 0
        self.met = 0

    def digests(self, scheme: str, key: bytes) -> npt.NDArray[np.uint64]:
        """Give the digests of a scheme's keys under an index's key."""
        if (scheme, key) not in self._digests:
            values = pl.Series(self._keys.get(scheme, []), dtype=pl.String)
            self._digests[scheme, key] = digest_column(values, key)
        return self._digests[scheme, key]


_now: list[Planted] = []


@contextlib.contextmanager
def planted(keys: Mapping[str, Sequence[str]]) -> Iterator[Planted]:
    """Let every index of this process hold some more keys, as sealed, until the block ends.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.transforms import scan
    >>> arrests = pl.DataFrame({"arrest_no": ["M14000017"]})
    >>> index = example_index(["K14612345"])
    >>> with planted({"arrest_number": ["M14000017"]}):
    ...     scan(arrests, index, {"arrest_number": "arrest_no"}).found
    True
    >>> scan(arrests, index, {"arrest_number": "arrest_no"}).found
    False
    """
    plant = Planted(keys)
    _now.append(plant)
    try:
        yield plant
    finally:
        _now.remove(plant)


def is_planted() -> bool:
    """Whether keys are planted now, so no earlier verdict holds."""
    return bool(_now)


def names_of_planted() -> tuple[bytes, ...]:
    """Ask what is planted now: an answer of an index holds while the names are the same. It counts as asked."""
    for plant in _now:
        plant.asked += 1
    return tuple(plant.name for plant in _now)


def overlay(
    scheme_key: Callable[[str], bytes],
    scheme: str,
    digests: npt.NDArray[Any],
    found: npt.NDArray[np.uint8],
    sealed: int,
) -> None:
    """Note planted keys in the answer of an index, by its keys of schemes."""
    for plant in _now:
        plant.asked += 1
        wanted = plant.digests(scheme, scheme_key(scheme))
        for row in np.flatnonzero(np.isin(digests[:, 0], wanted[:, 0])):
            if (wanted == digests[row]).all(axis=1).any():
                found[row] = sealed
                plant.met += 1
