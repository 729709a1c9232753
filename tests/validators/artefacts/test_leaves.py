"""How much a file may have its reader do, and say, depends on its size and on nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from sealscrub.validators.artefacts.leaves import Leaf, LeafWriter, TooMuch

MILLION = 1_000_000


def work(leaves: LeafWriter) -> None:
    leaves.work(MILLION)


def say(leaves: LeafWriter) -> None:
    leaves.write(Leaf("texts", payload=b"0" * 16 * MILLION))


class Nowhere(io.RawIOBase):
    def write(self, data: object) -> int:
        return 0


def times(act: Callable[[LeafWriter], None], size: int) -> int:
    leaves = LeafWriter(Nowhere())  # type: ignore[arg-type]  # it writes alone
    leaves.start(lambda: size)
    for at in range(1000):
        try:
            act(leaves)
        except TooMuch:
            return at
    raise AssertionError("without end")


@pytest.mark.parametrize("act", [work, say])
def test_a_small_file_comes_to_an_end_before_a_large_one(act: Callable[[LeafWriter], None]) -> None:
    assert 0 < times(act, 100) < times(act, 10 * MILLION)
