"""What happens to the rows of a text file, and how many of each there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import UnreadableInput

from ..row_verdicts import RowVerdicts
from .records import BlockFault

__all__ = ["Fates", "FileCounts", "Progress", "Tell", "at_line", "fates"]

Progress = Callable[[int, int], None]  # rows so far, bytes read from the disk so far
Tell = Callable[[Any, RowVerdicts], None]  # rows of a block, and the verdicts about them


@dataclass(frozen=True, slots=True)
class FileCounts:
    """What was done to a file. For the operator: none of it may travel.

    Parameters
    ----------
    rows : int
        How many rows were judged.
    removed : int
        How many left for being matched, or by the matcher's word.
    quarantined : int
        How many were quarantined.
    """

    rows: int = 0
    removed: int = 0
    quarantined: int = 0

    def __add__(self, other: FileCounts) -> FileCounts:
        """Add the counts of another part of the file."""
        return FileCounts(self.rows + other.rows, self.removed + other.removed, self.quarantined + other.quarantined)


@dataclass(frozen=True, slots=True)
class Fates:
    """What happens to each row: at most one of these."""

    removed: npt.NDArray[np.bool_]
    quarantined: npt.NDArray[np.bool_]

    @property
    def leave(self) -> npt.NDArray[np.bool_]:
        """Which rows leave the output."""
        return self.removed | self.quarantined

    def counts(self) -> FileCounts:
        """Count the rows."""
        removed, quarantined = (int(np.count_nonzero(rows)) for rows in (self.removed, self.quarantined))
        return FileCounts(int(self.removed.size), removed, quarantined)


def fates(verdicts: RowVerdicts, *, quarantine: bool) -> Fates:
    """Say what happens to each row.

    A matched row is never quarantined: what is known to be sealed does not go into another file.
    """
    matched = np.asarray(verdicts.matched, dtype=np.bool_)
    keep = np.asarray(verdicts.keep, dtype=np.bool_)
    aside = np.asarray(verdicts.unchecked, dtype=np.bool_) & ~matched & quarantine
    return Fates(~keep & ~aside, aside)


def at_line(fault: BlockFault, lines_before: int, name: str) -> UnreadableInput:
    """Say in which line of a file a block's fault is."""
    return UnreadableInput(fault.message, where=f"{name}, line {lines_before + fault.line + 1}", hint=fault.hint)
