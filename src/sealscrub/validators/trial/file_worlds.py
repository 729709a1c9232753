"""Worlds of files: the function gets the path of a copy, with and without the sealed records."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import ConfigError, Spelled, UsageError
from sealscrub.index import Index
from sealscrub.index.planted_keys import planted
from sealscrub.matching import Policy
from sealscrub.tables.changes import TableChange
from sealscrub.tables.file import FileTable
from sealscrub.tables.formats import format_called
from sealscrub.tables.sources import find_sources, open_file
from sealscrub.transforms import scan, scrub

from .worlds import NAME_KEYS, Table, make_worlds

__all__ = ["FileWorlds", "make_file_worlds", "opened_files"]

_BATCH_ROWS = 1 << 16


@dataclass(slots=True, eq=False)
class FileWorlds:
    """Copies of a file or folder for the runs of a function."""

    path: Path
    index: Index
    on: Any
    policy: Policy
    sealed_rows: int
    planted: dict[str, list[str]] = field(default_factory=dict)
    folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="sealscrub-worlds-")
    )
    unvaried: str = "of files"

    @property
    def files(self) -> list[Path]:
        """Where the copies are."""
        return [Path(self.folder.name)]

    def close(self) -> None:
        """Delete the copies."""
        self.folder.cleanup()

    @property
    def rows_left(self) -> int:
        """Whether rows are left that are not sealed: files are halved, which needs none."""
        return 1

    @property
    def as_is(self) -> Path:
        """A copy as it is, planted rows included."""
        return self._copy("as-is", self.path)

    def without(self) -> Path:
        """A copy without the sealed records."""
        target = Path(self.folder.name, "without", self.path.name)
        if not target.exists():
            target.parent.mkdir(parents=True)
            with planted(self.planted):
                scrub(self.path, self.index, self.on, output=target, policy=self.policy, sweep=False)
        return target

    def without_others(self, seed: int) -> Path:
        """A copy without the sealed records and without every second one of the others."""
        return self._thinned("control", slice(None, None, 2))

    def without_one(self, seed: int) -> Path:
        """A copy without the sealed records and without the last row of each file: the gentlest control."""
        return self._thinned("gentler control", slice(None, -1))

    def _thinned(self, name: str, kept: slice) -> Path:
        target = self._copy(name, self.without())
        for table in opened_files(target):
            _thin(table, kept)
        return target

    def varied(self, name: str, change: Callable[[Table], Any]) -> Path:
        """Files are not varied: the data as it is."""
        return self.as_is

    def _copy(self, name: str, source: Path) -> Path:
        target = Path(self.folder.name, name, self.path.name)
        if not target.exists():
            target.parent.mkdir(parents=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copyfile(source, target)
        return target


def opened_files(path: Path) -> Iterator[FileTable]:
    """Open a file, or each data file of a folder."""
    return map(open_file, find_sources(path).files)


def _thin(table: FileTable, kept: slice) -> None:
    """Keep some of the rows of a data file."""
    keep = np.zeros(sum(batch.height for batch in table.batches(())), dtype=np.bool_)
    keep[kept] = True
    made = table.path.with_name(f".{table.path.name}")
    table.changed(TableChange(keep), made)
    os.replace(made, table.path)


def make_file_worlds(path: Path, index: Index, on: Any, *, policy: Policy, plant: str | bool, seed: int) -> FileWorlds:
    """Look into files, and plant records if that is asked for.

    Raises
    ------
    ConfigError
        When a file is of a format that is not written, or records are to be planted in a folder.
    """
    if on is None:
        raise ConfigError("no key column given", hint=NAME_KEYS)
    for file in find_sources(path).files:
        if format_called(file.format).writes:
            raise ConfigError(
                f"the function would get a copy without the sealed records, and no {file.format} is written",
                where=str(file.path),
                hint=Spelled("give it a frame of the file's rows.", "--as polars, pandas or pyarrow."),
            )
    report = scan(path, index, on, policy=policy, sweep=False)
    sealed = sum(key.sealed + key.withheld for table in report.tables for key in table.keys)
    worlds = FileWorlds(path, index, on, policy, sealed)
    if plant is True or (plant == "auto" and not sealed):
        try:
            _plant(worlds, seed)
        except BaseException:
            worlds.close()
            raise
    return worlds


def _plant(worlds: FileWorlds, seed: int) -> None:
    if worlds.path.is_dir():
        raise ConfigError(
            "records can be planted in one file only",
            hint=Spelled("plant=False, or give a frame to the test.", "--no-plant, or let the function take a frame."),
        )
    (table,) = opened_files(worlds.path)
    rows = make_worlds(_rows(table), worlds.index, worlds.on, plan=None, plant=True, policy=worlds.policy, seed=seed)
    place = Path(worlds.folder.name, "planted", table.path.name)
    place.parent.mkdir(parents=True)
    if isinstance(rows.as_is, pl.DataFrame):
        table.replaced(rows.as_is, place)
    else:
        pq.write_table(rows.as_is, place)
    worlds.path, worlds.planted, worlds.sealed_rows = place, rows.planted, rows.sealed_rows


def _rows(table: FileTable) -> Any:
    """Give all rows, as Arrow has them if they are of types that polars does not have."""
    try:
        return table.frame()
    except UsageError:
        return pa.Table.from_batches(list(table.arrow_batches(_BATCH_ROWS)))
