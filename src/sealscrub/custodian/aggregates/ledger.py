"""The ledger: what was published of a source before, and what clean datasets of it hold, against differences.

A file of JSON lines, appended to and never changed, readable only by its owner: it holds the counts that were held
back. Each line names the digest of the line before it, so an edited or missing one is found; that lines are cut
off at the end is not, unless the last one's digest is kept elsewhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.atomic_write import refuse_address
from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError, Spelled, UnreadableInput
from sealscrub.file_system import BINARY, locked, open_to_others
from sealscrub.tables import frame_adapter
from sealscrub.tables.aggregate_mark import marks_of, refuse_marked

from .cube import Totals
from .ledger_entries import Cell, Entry, Levels, Tables

__all__ = ["Ledger", "budgeted", "cells_of", "keyed", "plain"]

_NONE = "0" * 64


class Ledger:
    """A ledger of releases. It is the operator's copy: anyone who reads it reads the counts that were suppressed.

    Parameters
    ----------
    path : str or Path
        The file; it is made, 0600, when something is first recorded.
    holds : str, optional
        A digest that :meth:`head` gave before. A ledger that was cut, or put back from an older copy, lacks it and is
        refused.
    new_source : bool
        Whether a source that nothing was recorded of is meant. Without it such a one is refused, since a misspelt name,
        or a ledger elsewhere, would compare with nothing and begin a new budget.

    Examples
    --------
    >>> import tempfile, polars as pl
    >>> from sealscrub.custodian.aggregates import aggregate
    >>> ledger = Ledger(Path(tempfile.mkdtemp()) / "releases.jsonl", new_source=True)
    >>> arrests = pl.DataFrame({"precinct": [14] * 40 + [79] * 50 + [83] * 30})
    >>> aggregate(arrests, "precinct", ledger=ledger, source="2025").table("precinct")["count"].to_list()
    [40, 50, 30]
    >>> later = arrests[1:]  # one arrest less: last month's figure minus this month's is one person
    >>> aggregate(later, "precinct", ledger=ledger, source="2025").table("precinct")["count"].to_list()
    [None, 50, 30]
    """

    def __init__(self, path: str | Path, *, holds: str | None = None, new_source: bool = False) -> None:
        refuse_address(path)
        self.path, self.holds, self.new_source = Path(path), holds, new_source

    @contextlib.contextmanager
    def locked(self) -> Iterator[_LockedLedger]:
        """Hold the ledger exclusively, from reading what was published to recording what will be.

        Raises
        ------
        ConfigError
            When others may read the file.
        UnreadableInput
            When it is not a ledger, or not as it was written.
        """
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | BINARY, 0o600)
        except OSError as error:
            raise UnreadableInput(f"cannot be opened ({error.strerror})", where=str(self.path)) from None
        try:
            with locked(handle), os.fdopen(handle, "r+b", closefd=False) as file:
                if open_to_others(handle):
                    raise ConfigError(
                        "others can read this ledger, which holds suppressed figures",
                        where=str(self.path),
                        hint=f"chmod 600 {self.path}",
                    )
                opened = _LockedLedger(file, self.path, self.new_source)
                if self.holds is not None and self.holds not in opened.digests:
                    raise UnreadableInput(
                        "the ledger lacks an entry that it had: it was cut, or is an older copy",
                        where=str(self.path),
                        hint="restore the ledger from its newest copy; nothing may be published without it.",
                    )
                yield opened
        finally:
            os.close(handle)

    def head(self) -> tuple[int, str]:
        """Give how many entries there are, and the last one's digest, to be kept where its writers cannot write."""
        with self.locked() as opened:
            return len(opened.entries), opened.digests[-1]

    def entries(self, source: str | None = None) -> list[Entry]:
        """Read what was recorded, of one source or of all."""
        with self.locked() as opened:
            return [each for each in opened.entries if source in (None, each.source)]

    def record_clean(
        self, data: Any, by: str | Sequence[str], *, source: str, name: str = "clean", person: str | None = None
    ) -> int:
        """Record the counts of a scrubbed data set: a report's figure minus its count is the number sealed.

        Parameters
        ----------
        data : pandas, polars, pyarrow or DuckDB table
        by : str, or sequence of str
            The columns that reports count by. Tables that were published before of the source are counted too, as far
            as data has their columns.
        source : str
            Of what it was scrubbed.
        name : str
            What it is called.
        person : str, optional
            Which column distinguishes people: many sealed arrests of one person are one person.

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
        refuse_marked(marks_of(data, adapter.columns), "")
        with self.locked() as opened:
            before = opened.of(source)
            wanted = {name for each in before for table in each.tables for name in table} & set(adapter.columns)
            read = adapter.values(list(dict.fromkeys([*names, *sorted(wanted), *([person] if person else [])])))
            tables = {subset for size in range(len(names) + 1) for subset in combinations(sorted(names), size)}
            tables |= {table for each in before for table in each.tables if set(table) <= wanted | set(names)}
            entry = Entry("clean", source, name, "", {table: _count_cells(read, table, person) for table in tables})
            told = sum(_small_differences(entry, each) for each in before)
            opened.append(entry)
        return told

    def spent(self, source: str) -> tuple[float, float]:
        """Give the epsilon that releases of a source have lost, and what they may lose together; 0 if never agreed."""
        return budgeted(self.entries(source))

    def __repr__(self) -> str:
        return "Ledger()"


class _LockedLedger:
    """A ledger that is held: what is in it, and a way to add to it."""

    def __init__(self, file: BinaryIO, path: Path, new_source: bool) -> None:
        self._file, self.digests, self._new_source = file, [_NONE], new_source
        self.entries: list[Entry] = []
        for number, line in enumerate(file, start=1):
            try:
                read = json.loads(line)
                if not line.endswith(b"\n") or read["previous"] != self.digests[-1]:
                    raise ValueError
                self.entries.append(Entry.of_json(read))
            except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
                raise UnreadableInput(
                    f"line {number} is not as it was written, or one before it is missing",
                    where=str(path),
                    hint="restore the ledger from its copy; nothing may be published without it.",
                ) from None
            self.digests.append(hashlib.sha256(line).hexdigest())

    def of(self, source: str) -> list[Entry]:
        """Give what was recorded of a source.

        Raises
        ------
        ConfigError
            When nothing was, and no new source is meant.
        """
        found = [each for each in self.entries if each.source == source]
        if not found and not self._new_source:
            known = ", ".join(sorted({each.source for each in self.entries})) or "none"
            raise ConfigError(
                f"no release was recorded of a source {source!r}: figures would be compared with nothing",
                hint=Spelled(
                    f"its sources: {known}. For a new source: new_source=True.",
                    f"its sources: {known}. For a new source: --new-source.",
                ),
            )
        return found

    def append(self, entry: Entry) -> None:
        """Add an entry, and bring it to the disk before anything is handed out.

        Raises
        ------
        UnreadableInput
            When the disk does not take it; the ledger is as it was.
        """
        line = json.dumps({**entry.as_json(), "previous": self.digests[-1]}, ensure_ascii=False).encode() + b"\n"
        end = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file.fileno(), end)
            raise UnreadableInput(
                f"the ledger could not be written ({error.strerror})", hint="free disk space."
            ) from None
        self.digests.append(hashlib.sha256(line).hexdigest())
        self.entries.append(entry)


def budgeted(entries: Sequence[Entry]) -> tuple[float, float]:
    """Add up the epsilon of releases of one source, and give what was agreed."""
    return math.fsum(each.epsilon for each in entries), max((each.budget for each in entries), default=0.0)


def cells_of(
    totals: Totals,
    counts: npt.NDArray[np.int64],
    people: npt.NDArray[np.int64] | None,
    sums: npt.NDArray[np.float64] | None,
    hidden: Mask,
) -> Tables:
    """Write published totals by the names of their columns and levels; those of 0 are left out."""
    made = {}
    for axes, start in zip(totals.sets, totals.starts, strict=True):
        if totals.inner[start]:
            continue
        by, levels = keyed(totals, axes)
        made[by] = {
            each: Cell(
                int(counts[at]),
                None if people is None else int(people[at]),
                not hidden[at],
                None if sums is None else float(sums[at]),
            )
            for at, each in enumerate(levels, start=start)
            if counts[at] > 0
        }
    return made


def keyed(totals: Totals, axes: tuple[int, ...]) -> tuple[tuple[str, ...], list[Levels]]:
    """Give the names of the columns of a group of totals, in order of the alphabet, and the levels of each of them."""
    names = sorted(totals.cube.columns[axis] for axis in axes)
    if not names:
        return (), [()]
    return tuple(names), [tuple(map(plain, row)) for row in totals.labels(axes).select(names).iter_rows()]


def plain(level: Any) -> Any:
    """Write a level as JSON has it."""
    return level if level is None or isinstance(level, bool | int | float | str) else str(level)


def _count_cells(data: pl.DataFrame, by: Sequence[str], person: str | None) -> dict[Levels, Cell]:
    """Count a data set that was scrubbed; every figure of it counts as known."""
    many = pl.lit(None, pl.Int64) if person is None else pl.col(person).n_unique()
    counted = data.group_by(*by) if by else data.group_by(pl.lit(0).alias(_NONE))
    rows = counted.agg(pl.len().alias(_NONE + "count"), many.alias(_NONE + "people"))
    return {
        tuple(map(plain, levels)): Cell(count, people, True)
        for *levels, count, people in rows.select(*by, _NONE + "count", _NONE + "people").iter_rows()
    }


def _small_differences(clean: Entry, release: Entry) -> int:
    """How many published figures of a release are a few more than the clean data set's counts."""
    if release.kind != "release" or release.method != "suppress":
        return 0
    return sum(
        cell.shown and 0 < cell.count - clean.tables[by].get(levels, Cell(0, 0, True)).count < release.minimum
        for by, cells in release.tables.items()
        if by in clean.tables
        for levels, cell in cells.items()
    )
