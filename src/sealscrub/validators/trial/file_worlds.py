"""Worlds of files: the function gets the path of a copy, with and without the sealed records."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError, Spelled
from sealscrub.index import Index
from sealscrub.index.planted_keys import planted
from sealscrub.matching import Policy
from sealscrub.transforms import scan, scrub

from .rows import gathered, rows_of
from .worlds import NAME_KEYS, Table, make_worlds

__all__ = ["FileWorlds", "make_file_worlds", "read_parquet"]


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
        for file in [target] if target.is_file() else sorted(each for each in target.rglob("*") if each.is_file()):
            _thin(file, kept)
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


def _thin(file: Path, kept: slice) -> None:
    """Keep some of the rows of a data file."""
    if file.suffix == ".parquet":
        frame = read_parquet(file)
        _write_parquet(gathered(frame, np.arange(rows_of(frame))[kept]), file)
    elif file.suffix in (".csv", ".tsv", ".txt"):
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join([*lines[:1], *lines[1:][kept]]))
    elif file.suffix in (".jsonl", ".ndjson"):
        file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[kept]))


def make_file_worlds(path: Path, index: Index, on: Any, *, policy: Policy, plant: str | bool, seed: int) -> FileWorlds:
    """Look into files, and plant records if that is asked for.

    Raises
    ------
    ConfigError
        When records are to be planted in anything but one Parquet or CSV file.
    """
    if on is None:
        raise ConfigError("no key column given", hint=NAME_KEYS)
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


def read_parquet(file: Path) -> Any:
    """Read a Parquet file, by Arrow if it has types that polars does not have."""
    try:
        return pl.read_parquet(file)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        import pyarrow.parquet as pq

        return pq.read_table(file)


def _write_parquet(frame: Any, file: Path) -> None:
    if isinstance(frame, pl.DataFrame):
        frame.write_parquet(file)
    else:
        import pyarrow.parquet as pq

        pq.write_table(frame, file)


def _plant(worlds: FileWorlds, seed: int) -> None:
    source = worlds.path
    if source.suffix not in (".parquet", ".csv"):
        raise ConfigError(
            "records can be planted in one Parquet or CSV file only",
            hint=Spelled("plant=False, or give a frame to the test.", "--no-plant, or let the function take a frame."),
        )
    frame = read_parquet(source) if source.suffix == ".parquet" else pl.read_csv(source, infer_schema=False)
    rows = make_worlds(frame, worlds.index, worlds.on, plan=None, plant=True, policy=worlds.policy, seed=seed)
    place = Path(worlds.folder.name, "planted", source.name)
    place.parent.mkdir(parents=True)
    data = rows.as_is
    if source.suffix == ".parquet":
        _write_parquet(data, place)
    else:
        data.write_csv(place)
    worlds.path, worlds.planted, worlds.sealed_rows = place, rows.planted, rows.sealed_rows
