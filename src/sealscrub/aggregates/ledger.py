"""The ledger: what was published of a source before, and what clean data sets of it hold, so that no difference tells.

A file of JSON lines, appended to and never changed, readable by its owner alone: it holds the counts that were held
back. Each line names the digest of the line before it, so that an edited or missing one is found; that lines are cut
off at the end is not, unless their number is kept elsewhere.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError, UnreadableInput, UsageError
from sealscrub.frames import frame_adapter
from sealscrub.frames.aggregate_mark import refuse_marked

from .cube import Totals, cube_of

__all__ = ["Entry", "Ledger", "counts_by_levels", "differences"]

_Mask = npt.NDArray[np.bool_]
_NONE = "0" * 64
Levels = tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Entry:
    """One release, or one clean data set.

    Attributes
    ----------
    kind : str
        ``release`` or ``clean``.
    source : str
        What was counted, such as ``arrests 2025``: figures of one source are compared.
    name : str
        What it is called; of a release, its id.
    method : str
        Of a release: ``suppress``, ``round`` or ``noise``.
    tables : dict
        By the names of columns, in order of the alphabet: from levels to the true count and whether it was published.
    minimum : int
        Of the release's rules.
    """

    kind: str
    source: str
    name: str
    method: str
    tables: dict[tuple[str, ...], dict[Levels, tuple[int, bool]]]
    minimum: int = 10

    def as_json(self) -> dict[str, Any]:
        """Give what stands in a line."""
        tables = [
            {"by": list(by), "cells": [[*levels, count, int(shown)] for levels, (count, shown) in cells.items()]}
            for by, cells in self.tables.items()
        ]
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return {
            "kind": self.kind, "source": self.source, "name": self.name, "method": self.method, "at": at,
            "minimum": self.minimum, "tables": tables,
        }  # fmt: skip

    @classmethod
    def of_json(cls, line: dict[str, Any]) -> Entry:
        """Read what stands in a line."""
        tables = {
            tuple(table["by"]): {tuple(cell[:-2]): (int(cell[-2]), bool(cell[-1])) for cell in table["cells"]}
            for table in line["tables"]
        }
        return cls(line["kind"], line["source"], line["name"], line["method"], tables, int(line["minimum"]))

    def __repr__(self) -> str:
        return f"Entry({self.kind})"


class Ledger:
    """A ledger of releases. It is the operator's copy: whoever reads it reads the counts that were held back.

    Parameters
    ----------
    path : str or Path
        The file; it is made, 0600, when something is first recorded.

    Examples
    --------
    >>> import tempfile, polars as pl
    >>> from sealscrub.aggregates import aggregate
    >>> ledger = Ledger(Path(tempfile.mkdtemp()) / "releases.jsonl")
    >>> arrests = pl.DataFrame({"precinct": [14] * 40 + [79] * 50 + [83] * 30})
    >>> aggregate(arrests, "precinct", ledger=ledger, source="2025").table("precinct")["count"].to_list()
    [40, 50, 30]
    >>> later = arrests[1:]  # one arrest less: last month's figure minus this month's is one person
    >>> aggregate(later, "precinct", ledger=ledger, source="2025").table("precinct")["count"].to_list()
    [None, 50, 30]
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @contextlib.contextmanager
    def locked(self) -> Iterator[_Open]:
        """Hold the ledger alone, from reading what was published to recording what will be.

        Raises
        ------
        ConfigError
            When others may read the file.
        UnreadableInput
            When it is no ledger, or not as it was written.
        """
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UnreadableInput(f"cannot be opened ({error.strerror})", where=str(self.path)) from None
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise ConfigError(
                    "others may read this ledger, which holds what was held back",
                    where=str(self.path),
                    hint=f"chmod 600 {self.path}",
                )
            yield _Open(file, self.path)

    def entries(self, source: str | None = None) -> list[Entry]:
        """Read what was recorded, of one source or of all."""
        with self.locked() as opened:
            return [each for each in opened.entries if source in (None, each.source)]

    def record_clean(self, data: Any, by: str | Sequence[str], *, source: str, name: str = "clean") -> int:
        """Record the counts of a scrubbed data set: a report's figure minus its count is the number sealed.

        Parameters
        ----------
        data : pandas, polars, pyarrow or DuckDB table
        by : str, or sequence of str
            The columns that reports count by.
        source : str
            Of what it was scrubbed.
        name : str
            What it is called.

        Returns
        -------
        int
            How many figures published before differ from it by a few, which cannot be called back.

        Raises
        ------
        ColumnError, Refused, ConfigError, UnreadableInput
            When it could not be counted, or the ledger cannot be used.
        """
        names = [by] if isinstance(by, str) else list(by)
        adapter = frame_adapter(data)
        refuse_marked(adapter.columns, "")
        cube = cube_of(adapter.values(names), names)
        totals = Totals.of(cube, [names])
        counts = totals.of_combinations(cube.counted())
        entry = Entry("clean", source, name, "", counts_by_levels(totals, counts, np.zeros(totals.size, bool)))
        with self.locked() as opened:
            told = sum(_told(entry, each) for each in opened.entries if each.source == source)
            opened.append(entry)
        return told

    def __repr__(self) -> str:
        return "Ledger()"


class _Open:
    """A ledger that is held: what stands in it, and a way to add to it."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._last = file, _NONE
        self.entries: list[Entry] = []
        for number, line in enumerate(file, start=1):
            try:
                read = json.loads(line)
                if not line.endswith(b"\n") or read["previous"] != self._last:
                    raise ValueError
                self.entries.append(Entry.of_json(read))
            except (ValueError, KeyError, TypeError, IndexError):
                raise UnreadableInput(
                    f"line {number} is not as it was written, or one before it is missing",
                    where=str(path),
                    hint="restore the ledger from its copy; nothing may be published without it.",
                ) from None
            self._last = hashlib.sha256(line).hexdigest()

    def append(self, entry: Entry) -> None:
        """Add an entry, and bring it to the disk before anything is handed out.

        Raises
        ------
        WriteFailed
            When the disk does not take it; the ledger is as it was.
        """
        line = json.dumps({**entry.as_json(), "previous": self._last}, ensure_ascii=False).encode() + b"\n"
        end = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file.fileno(), end)
            raise UnreadableInput(
                f"the ledger could not be written ({error.strerror})", hint="free the disk."
            ) from None
        self._last = hashlib.sha256(line).hexdigest()
        self.entries.append(entry)


def counts_by_levels(
    totals: Totals, counts: npt.NDArray[np.int64], hidden: _Mask
) -> dict[tuple[str, ...], dict[Levels, tuple[int, bool]]]:
    """Write counts by the names of their columns and levels; those of 0 are left out."""
    made = {}
    for axes, start in zip(totals.sets, totals.starts, strict=True):
        if totals.inner[start]:
            continue
        by, levels = _keyed(totals, axes)
        made[by] = {
            each: (int(counts[start + at]), not hidden[start + at])
            for at, each in enumerate(levels)
            if counts[start + at] > 0
        }
    return made


def differences(
    totals: Totals, counts: npt.NDArray[np.int64], entries: Iterable[Entry], minimum: int
) -> tuple[_Mask, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Compare counts that are to be published with what is known already.

    Returns
    -------
    hidden : numpy.ndarray of bool
        Totals that differ by a few from one that is known, or that were held back and have hardly changed.
    above : numpy.ndarray of float
        How far above the truth an attacker must hold each for possible.
    low : numpy.ndarray of float
        What a clean data set tells that each reaches at least.

    Raises
    ------
    UsageError
        When a clean data set has more of something than there is: it is of another source.
    """
    hidden, above, low = np.zeros(totals.size, bool), np.zeros(totals.size), np.zeros(totals.size)
    for entry in entries:
        for axes, start in zip(totals.sets, totals.starts, strict=True):
            by, levels = _keyed(totals, axes)
            cells = entry.tables.get(by)
            if cells is None or (entry.kind == "release" and entry.method != "suppress"):
                continue
            at = slice(start, start + len(levels))
            known = [cells.get(each, (0, True)) for each in levels]
            earlier, shown = np.array([n for n, _ in known], np.int64), np.array([each for _, each in known], bool)
            apart = counts[at] - earlier
            if entry.kind == "clean":
                if (apart < 0).any() or not set(cells) <= set(levels):
                    raise UsageError(
                        "a clean data set of this source has more events than there are: it is of another source",
                        hint="give each source a name of its own.",
                    )
                low[at] = np.maximum(low[at], earlier)
            few = (np.abs(apart) < minimum) & (counts[at] > 0)
            hidden[at] |= few & (~shown | (apart != 0))
            above[at] = np.maximum(above[at], np.where(few & shown & (apart != 0), minimum - apart, 0))
    return hidden, above, low


def _told(clean: Entry, release: Entry) -> int:
    """How many published figures of a release are a few more than the clean data set's counts."""
    if release.kind != "release" or release.method != "suppress":
        return 0
    return sum(
        shown and 0 < count - clean.tables[by].get(levels, (0, True))[0] < release.minimum
        for by, cells in release.tables.items()
        if by in clean.tables
        for levels, (count, shown) in cells.items()
    )


def _keyed(totals: Totals, axes: tuple[int, ...]) -> tuple[tuple[str, ...], list[Levels]]:
    names = sorted(totals.cube.columns[axis] for axis in axes)
    if not names:
        return (), [()]
    return tuple(names), [tuple(map(_plain, row)) for row in totals.labels(axes).select(names).iter_rows()]


def _plain(level: Any) -> Any:
    """Write a level as JSON has it."""
    return level if level is None or isinstance(level, bool | int | float | str) else str(level)
