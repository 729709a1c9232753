"""What of a Delta table's folder one version needs, and what else is there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ..table_leftovers import FolderKinds, Leftovers, find_leftovers
from .delta_log import LOG

__all__ = ["checkpoint_of", "commit_of", "leftovers"]

_ID = r"[0-9a-fA-F-]{36}"
_OF_LOG = (  # in the order in which they are deleted
    ("log entry", re.compile(rf"\d{{20}}(\.\d{{20}}\.compacted)?\.json|_commit_{_ID}\.json(\.tmp)?")),
    ("checkpoint", re.compile(rf"\d{{20}}\.checkpoint\.(parquet|\d{{10}}\.\d{{10}}\.parquet|{_ID}\.(json|parquet))")),
    ("checkpoint", re.compile(r"_sidecars/[^/.][^/]*\.parquet")),
    ("checksum", re.compile(r"\d{20}\.crc|(_sidecars/)?\.[^/]+\.crc")),
    ("unfinished file", re.compile(rf"\.([^/]+\.)?[0-9a-f]{{12,16}}\.part|\.\d{{20}}\.[^/]+\.{_ID}\.tmp")),
)
_OF_DATA = (
    ("file of the change data feed", re.compile(r"_change_data/.*\.parquet")),
    ("data file", re.compile(r".*\.parquet")),
    ("deletion vector", re.compile(rf"(.*/)?deletion_vector_{_ID}\.bin")),
    ("checksum", re.compile(r"(.*/)?\.[^/]+\.crc")),
    ("unfinished file", re.compile(r"\.[0-9a-f]{16}\.part")),
)


def commit_of(folder: Path, version: int) -> Path:
    """Where the commit of a version is."""
    return folder / LOG / f"{version:020}.json"


def checkpoint_of(folder: Path, version: int) -> Path:
    """Where the checkpoint of a version is, in one file."""
    return folder / LOG / f"{version:020}.checkpoint.parquet"


def leftovers(folder: Path, live: Iterable[Path], version: int | None = None) -> Leftovers:
    """Find what a version does not need.

    Parameters
    ----------
    folder : Path
        The table's.
    live : iterable of Path
        The files that the version consists of.
    version : int, optional
        The version, whose log begins at its checkpoint; None if nothing of the log is needed.

    Raises
    ------
    UsageError
        When there are files that are not known as those of a Delta table.
    UnreadableInput
        When the folder holds a symbolic link, or cannot be listed.
    """
    kept = set() if version is None else {commit_of(folder, version), checkpoint_of(folder, version)}
    kept.add(folder / LOG / "_last_checkpoint")  # which the purge replaces
    return find_leftovers(folder, live, FolderKinds("Delta", LOG, _kind), kept)


def _kind(name: str) -> tuple[int, str] | None:
    """Give the kind of a file by its name below the table's folder, and when it is deleted; None of an unknown one."""
    inside = name.removeprefix(f"{LOG}/")
    first = 0 if inside != name else len(_OF_LOG)
    for rank, (kind, pattern) in enumerate(_OF_LOG if inside != name else _OF_DATA, first):
        if pattern.fullmatch(inside):
            return rank, kind
    return None
