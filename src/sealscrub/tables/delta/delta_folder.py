"""What of a Delta table's folder one version needs, and what else is there."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sealscrub.errors import UnreadableInput, UsageError

from .delta_log import LOG

__all__ = ["Leftovers", "checkpoint_of", "commit_of", "leftovers"]

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
_PLURALS = {"log entry": "log entries", "file of the change data feed": "files of the change data feed"}
_PLAIN = re.compile(r"\.[a-z]{1,8}")


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is in a table's folder and is not needed by a version, in the order in which it can be deleted.

    Attributes
    ----------
    files : dict of Path to str
        Each file, and its kind.
    size : int
        Bytes of all.
    """

    files: dict[Path, str]
    size: int

    @property
    def said(self) -> str:
        """How many files there are, by kind, and how large they are together.

        Examples
        --------
        >>> Leftovers({Path("a.parquet"): "data file", Path("b.parquet"): "data file"}, 2048).said
        '2 data files (2,048 bytes)'
        """
        kinds = [f"{count:,} {_plural(kind, count)}" for kind, count in Counter(self.files.values()).items()]
        return f"{', '.join(kinds) or 'no file'} ({self.size:,} bytes)"


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
    try:
        return _leftovers(folder, live, version)
    except OSError as error:
        raise UnreadableInput(
            f"the folder cannot be listed ({error.strerror}), and nothing was deleted", where=folder.name
        ) from None


def _leftovers(folder: Path, live: Iterable[Path], version: int | None) -> Leftovers:
    needed = {_identity(path) for path in live}
    kept = set() if version is None else {commit_of(folder, version), checkpoint_of(folder, version)}
    kept.add(folder / LOG / "_last_checkpoint")  # which the purge replaces
    ranked: dict[Path, tuple[int, str]] = {}
    unknown: list[Path] = []
    for path in _walk(folder):
        if path in kept or _identity(path) in needed:
            continue
        found = _kind(path.relative_to(folder).as_posix())
        if found is None:
            unknown.append(path)
        elif not (found[1] == "checksum" and _is_checksum_of_needed(path, needed)):
            ranked[path] = found
    if unknown:
        raise _not_known(folder, unknown)
    ordered = sorted(ranked, key=lambda path: (ranked[path][0], path.as_posix()))
    return Leftovers({path: ranked[path][1] for path in ordered}, sum(path.lstat().st_size for path in ordered))


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder, followlinks=False, onerror=_not_listed):
        for name in (*folders, *names):
            path = Path(root, name)
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                yield path
            elif not stat.S_ISDIR(mode):
                raise UnreadableInput(
                    "the folder holds a symbolic link or special file; nothing was deleted",
                    where=folder.name,
                    hint="move it elsewhere, and run it again.",
                )


def _not_listed(error: OSError) -> None:
    raise error


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat(follow_symlinks=False)
    return found.st_dev, found.st_ino


def _kind(name: str) -> tuple[int, str] | None:
    """Give the kind of a file by its name below the table's folder, and when it is deleted; None of an unknown one."""
    inside = name.removeprefix(f"{LOG}/")
    first = 0 if inside != name else len(_OF_LOG)
    for rank, (kind, pattern) in enumerate(_OF_LOG if inside != name else _OF_DATA, first):
        if pattern.fullmatch(inside):
            return rank, kind
    return None


def _is_checksum_of_needed(path: Path, needed: Collection[tuple[int, int]]) -> bool:
    """Whether Hadoop's checksum is next to a file that is needed."""
    other = path.with_name(path.name[1:].removesuffix(".crc"))
    return path.name.startswith(".") and other.is_file() and _identity(other) in needed


def _not_known(folder: Path, unknown: Collection[Path]) -> UsageError:
    inside = [path for path in unknown if path.relative_to(folder).parts[0] == LOG]
    kinds = sorted({path.suffix for path in unknown if _PLAIN.fullmatch(path.suffix)})
    shown = f" ({', '.join(kinds)})" if kinds else ""
    place = f"{len(inside)} of them in {LOG}" if inside else f"none of them in {LOG}"
    count = f"{len(unknown):,} {_plural('file', len(unknown))}{shown}"
    return UsageError(
        f"the folder holds {count} not known as of a Delta table, {place}",
        where=folder.name,
        hint="move them elsewhere, and run it again; nothing was deleted.",
    )


def _plural(kind: str, count: int) -> str:
    return kind if count == 1 else _PLURALS.get(kind, f"{kind}s")
