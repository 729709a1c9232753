"""What scrubbing a text file asks for and gives back: the matcher, its verdicts, the edit, the counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UnreadableInput

from .records import BlockFault

__all__ = ["Fates", "FileCounts", "Matcher", "Progress", "RowEdit", "Verdicts", "at_line", "fates"]

Progress = Callable[[int, int], None]  # rows so far, bytes read from the disk so far


class Verdicts(Protocol):
    """What the matcher says of the rows of a batch."""

    @property
    def matched(self) -> npt.NDArray[np.bool_]:
        """Which rows are of a sealed or withheld record."""

    @property
    def unchecked(self) -> npt.NDArray[np.bool_]:
        """Which rows have a key that could not be checked."""

    @property
    def keep(self) -> npt.NDArray[np.bool_]:
        """Which rows stay."""


class Matcher(Protocol):
    """Says which rows are of sealed records. Batches come from several threads at a time."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""

    def judge(self, batch: pl.DataFrame, /) -> Verdicts:
        """Judge rows, given as its columns in text, null for a value that is absent or empty."""


class RowEdit(Protocol):
    """What happens to a matched row that stays."""

    @property
    def null(self) -> tuple[str, ...]:
        """The columns that lose their value."""

    @property
    def set(self) -> Mapping[str, str]:
        """The columns that get a value."""

    @property
    def truths(self) -> Collection[str]:
        """Those of them whose value was given as true or false, and not as a text that says so."""


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
        How many went to quarantine.
    edited : int
        How many matched rows stayed and were edited.
    unseen : tuple of str
        The edited columns in which no other row has, byte for byte, what was written there: it marks the row.
    """

    rows: int = 0
    removed: int = 0
    quarantined: int = 0
    edited: int = 0
    unseen: tuple[str, ...] = ()

    def __add__(self, other: FileCounts) -> FileCounts:
        """Add the counts of another part of the file."""
        return FileCounts(
            self.rows + other.rows,
            self.removed + other.removed,
            self.quarantined + other.quarantined,
            self.edited + other.edited,
            self.unseen,
        )


@dataclass(frozen=True, slots=True)
class Fates:
    """What becomes of each row: at most one of these."""

    removed: npt.NDArray[np.bool_]
    quarantined: npt.NDArray[np.bool_]
    edited: npt.NDArray[np.bool_]

    @property
    def leave(self) -> npt.NDArray[np.bool_]:
        """Which rows leave the output."""
        return self.removed | self.quarantined

    def counts(self) -> FileCounts:
        """Count the rows."""
        removed, quarantined, edited = (
            int(np.count_nonzero(rows)) for rows in (self.removed, self.quarantined, self.edited)
        )
        return FileCounts(int(self.removed.size), removed, quarantined, edited)


def fates(verdicts: Verdicts, *, quarantine: bool, edit: bool) -> Fates:
    """Say what becomes of each row.

    A matched row is never quarantined: what is known to be sealed does not go into another file.
    """
    matched = np.asarray(verdicts.matched, dtype=np.bool_)
    keep = np.asarray(verdicts.keep, dtype=np.bool_)
    aside = np.asarray(verdicts.unchecked, dtype=np.bool_) & ~matched & quarantine
    return Fates(~keep & ~aside, aside, matched & keep & edit)


def at_line(fault: BlockFault, lines_before: int, name: str) -> UnreadableInput:
    """Say in which line of a file a block's fault is."""
    return UnreadableInput(fault.message, where=f"{name}, line {lines_before + fault.line + 1}", hint=fault.hint)
