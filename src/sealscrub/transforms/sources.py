"""Which files a run is about: names, folders and globs, and the format of each file."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput, UsageError

__all__ = ["FileFormat", "FileNames", "SourceFile", "Sources", "find_sources", "format_named", "refuse_partition_keys"]

FileNames: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


class FileFormat(StrEnum):
    """Formats of files that are read and written."""

    PARQUET = "parquet"
    DELIMITED = "csv"
    JSONL = "jsonl"


_SUFFIXES = {
    ".parquet": FileFormat.PARQUET,
    ".pq": FileFormat.PARQUET,
    ".csv": FileFormat.DELIMITED,
    ".tsv": FileFormat.DELIMITED,
    ".tab": FileFormat.DELIMITED,
    ".txt": FileFormat.DELIMITED,
    ".psv": FileFormat.DELIMITED,
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
}
_COMPRESSED = {".gz", ".zst", ".zstd"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a run.

    Attributes
    ----------
    path : Path
        Where it is.
    relative : Path
        Where it goes below an output folder.
    format : FileFormat
        What it is.
    """

    path: Path
    relative: Path
    format: FileFormat


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a run, whether their output is a folder, the folders named, and what they hold that is not read."""

    files: tuple[SourceFile, ...]
    folder: bool
    roots: tuple[Path, ...] = ()
    unread: tuple[Path, ...] = ()


def find_sources(inputs: FileNames, format: str | None = None) -> Sources:
    """Find the files of a run.

    Parameters
    ----------
    inputs : str or path-like, or several
        Files, folders (all data files in and below them) and globs.
    format : str, optional
        Format of all files; by default each file's suffix and first bytes tell.

    Returns
    -------
    Sources
        In the order given; within a folder or glob in the order of names.

    Raises
    ------
    UsageError
        When a file is not there or is no regular file, or a folder or glob holds no data file.
    ConfigError
        When the format of a file cannot be told.
    UnreadableInput
        When a file or folder cannot be read, or a file is empty that needs a header.
    """
    named = [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)
    found = _Found()
    for name in named:
        try:
            found.expand(Path(name))
        except OSError as error:
            raise UnreadableInput(f"cannot be read ({error.strerror})", where=str(name)) from None
    if not found.files:
        raise UsageError("no input is named", hint="name files, folders or quoted globs.")
    return Sources(
        tuple(SourceFile(path, relative, _format(path, format)) for path, relative in _apart(found.files)),
        folder=found.folder or len(named) > 1,
        roots=tuple(found.roots),
        unread=tuple(found.unread),
    )


@dataclass(slots=True)
class _Found:
    """What names, folders and globs come to: files with their place below an output folder."""

    files: list[tuple[Path, Path]] = field(default_factory=list)
    roots: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    folder: bool = False

    def expand(self, path: Path) -> None:
        if path.is_dir():
            self.folder = True
            self._inside(path, path)
        elif not path.exists() and glob.has_magic(str(path)):
            self.folder = True
            self._matching(path)
        else:
            self.files.append((path, Path(path.name)))

    def _matching(self, pattern: Path) -> None:
        matches = sorted(Path(name) for name in glob.glob(str(pattern), recursive=True))
        # of a folder and what is below it, the folder says it all
        folders = {match for match in matches if match.is_dir()}
        matches = [match for match in matches if not folders.intersection(match.parents)]
        if not matches:
            raise UsageError("nothing matches", where=str(pattern), hint="quote the pattern, and check the folder.")
        common = Path(os.path.commonpath([match.parent for match in matches]))
        for match in matches:
            if match in folders:
                self._inside(match, common)
            else:
                self.files.append((match, match.relative_to(common)))

    def _inside(self, folder: Path, above: Path) -> None:
        """Find the data files of a folder; names that begin with a dot or an underline are no data by convention."""
        before = len(self.files)
        self.roots.append(folder)
        for path in sorted(_below(folder)):
            hidden = any(map(_hidden, path.relative_to(folder).parts))
            if path.is_dir():
                if path.is_symlink() and not hidden:
                    raise UsageError(
                        "is a symbolic link to a folder, which is not followed",
                        where=str(path),
                        hint="name the folder that it points to as an input of its own.",
                    )
            elif not hidden and (_suffix(path) in _SUFFIXES or _is_parquet(path)):
                self.files.append((path, path.relative_to(above)))
            elif _suffix(path) in _SUFFIXES or not hidden:
                self.unread.append(path)
        if len(self.files) == before:
            raise UsageError(
                "the folder holds no data file", where=str(folder), hint="name the file, or a folder of Parquet or CSV."
            )


def _below(folder: Path) -> Iterator[Path]:
    """Give all that is below a folder; a folder that cannot be listed was not checked, and is an error."""
    for entry in os.scandir(folder):
        path = folder / entry.name
        yield path
        if entry.is_dir(follow_symlinks=False):
            yield from _below(path)


def _hidden(name: str) -> bool:
    """Whether Hive and Spark take a name for none of data; a partition ``_key=value`` is data all the same."""
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def _is_parquet(path: Path) -> bool:
    """Whether a file without a suffix that is known begins as Parquet does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _apart(files: list[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """Keep files of one name apart by the folders that they come from."""
    if len({relative for _, relative in files}) == len(files):
        return files
    paths = [Path(os.path.abspath(path)) for path, _ in files]
    if len(set(paths)) < len(paths):
        raise UsageError("a file is named twice", hint="name each file once.")
    common = os.path.commonpath([path.parent for path in paths])
    return [(path, whole.relative_to(common)) for (path, _), whole in zip(files, paths, strict=True)]


def refuse_partition_keys(source: SourceFile, keys: Iterable[str], columns: Iterable[str] | None) -> None:
    """Refuse a key that is no column of a file but a partition of its folder, whose name then holds the ids.

    Raises
    ------
    ColumnError
        When there is such a key; the folder is not named.
    """
    partitions = {part.partition("=")[0] for part in source.relative.parts[:-1] if "=" in part}
    for column in keys:
        if column in partitions and column not in (columns or ()):
            raise ColumnError(
                f"{column!r} is a partition of the folder and no column of its files",
                hint="read the folder as a pyarrow dataset with partitioning='hive', or write it without partitions.",
            )


def format_named(path: Path) -> FileFormat | None:
    """Tell the format that a file's name says; None where it says none.

    >>> format_named(Path("arrests.csv.gz")).value
    'csv'
    """
    return _SUFFIXES.get(_suffix(path))


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _format(path: Path, asked: str | None) -> FileFormat:
    head = _head(path)
    found = _told_format(path, head, asked)
    lines = found == FileFormat.JSONL and path.suffix.lower() not in _COMPRESSED
    if not head and not lines:  # lines of JSON have no header: no rows are no bytes
        raise UnreadableInput(
            "the file is empty: it has not even a header",
            where=str(path),
            hint="export it again; a table without rows has a header still.",
        )
    return found


def _told_format(path: Path, head: bytes, asked: str | None) -> FileFormat:
    if asked is not None:
        try:
            return FileFormat(asked)
        except ValueError:
            raise ConfigError(f"no format is called {asked!r}", hint=f"one of {', '.join(FileFormat)}.") from None
    known = format_named(path)
    if known is not None:
        return known
    if head.startswith(b"PAR1"):
        return FileFormat.PARQUET
    raise ConfigError(
        "the suffix of this file names no format",
        where=str(path),
        hint=f"say --input-format {', '.join(FileFormat)}.",
    )


def _head(path: Path) -> bytes:
    """The first bytes of a file, once it is sure to be a file that can be read twice."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(
                "this is no regular file, and it has to be read more than once",
                where=str(path),
                hint="write its content to a file first.",
            )
        with path.open("rb") as file:
            return file.read(8)
    except FileNotFoundError:
        raise UsageError("there is no such file", where=str(path), hint=_nearest_file(path)) from None
    except OSError as error:
        raise UnreadableInput(f"cannot be read ({error.strerror})", where=str(path)) from None


def _nearest_file(path: Path) -> str:
    import difflib

    try:
        names = [file.name for file in path.parent.iterdir()]
    except OSError:
        return f"there is no folder {str(path.parent)!r} either." if not path.parent.exists() else ""
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else ""
