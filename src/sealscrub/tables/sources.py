"""Which files a run is about: names, folders and globs, and the format of each file."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from sealscrub.errors import ColumnError, ConfigError, Spelled, UnreadableInput, UsageError
from sealscrub.file_system import readable

from .database.database_source import DatabaseSource
from .file import FileTable, Opening, SourceFile
from .formats import file_formats, format_begun, format_called, format_named, known_format
from .lake_folders import refuse_lake_parts
from .reading_options import ReadAs
from .text.compression import Compression, compression_named

__all__ = [
    "FileNames",
    "Sources",
    "check_names",
    "find_sources",
    "is_hidden",
    "open_file",
    "refuse_partition_keys",
    "refuse_unread",
]

FileNames: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


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
        Files, folders (all data files in and below them) and globs. If a file holds several tables, ``#`` and
        the name of one follow the file's: ``book.xlsx#Arrests``.
    format : str, optional
        Format of all files; by default each file's suffix and first bytes decide.

    Returns
    -------
    Sources
        In the order given; within a folder or glob in the order of names.

    Raises
    ------
    UsageError
        When a file does not exist or is not a regular file, a folder or glob holds no data file, or one is of a Delta
        table, which is named by its address.
    ConfigError
        When the format of a file cannot be recognised.
    UnreadableInput
        When a file or folder cannot be read, or a file is empty that needs a header.
    """
    named = [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)
    found = _FoundFiles()
    for name in named:
        with readable(str(name)):
            found.expand(Path(name))
    if not found.files:
        raise UsageError("no input given", hint="name files, folders or quoted globs.")
    return Sources(
        tuple(_source(path, relative, format) for path, relative in _distinct_relative_paths(found.files)),
        folder=found.folder or len(named) > 1,
        roots=tuple(found.roots),
        unread=tuple(found.unread),
    )


def _source(path: Path, relative: Path, format: str | None) -> SourceFile:
    part = None
    if "#" in path.name and not path.exists():  # one of several tables of a file
        name, _, part = path.name.partition("#")
        path, relative = path.with_name(name), relative.with_name(name)
    kind = _format(path, format)
    return SourceFile(path, kind.relative(relative, part), kind.format, part)


@dataclass(slots=True)
class _FoundFiles:
    """What names, folders and globs come to: files with their place below an output folder."""

    files: list[tuple[Path, Path]] = field(default_factory=list)
    roots: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    folder: bool = False

    def expand(self, path: Path) -> None:
        if path.is_dir():
            self.folder = True
            self._find_in_folder(path, path)
        elif not path.exists() and glob.has_magic(str(path)):
            self.folder = True
            self._matching(path)
        else:
            refuse_lake_parts(path)
            self.files.append((path, Path(path.name)))

    def _matching(self, pattern: Path) -> None:
        matches = sorted(Path(name) for name in glob.glob(str(pattern), recursive=True))
        # of a folder and what is below it, the folder says it all
        folders = {match for match in matches if match.is_dir()}
        matches = [match for match in matches if not folders.intersection(match.parents)]
        if not matches:
            raise UsageError("nothing matches", where=str(pattern), hint="quote the pattern, and check the folder.")
        common = Path(os.path.commonpath([match.parent for match in matches]))
        for beside in {match.parent for match in matches}:
            refuse_lake_parts(beside)
        for match in matches:
            if match in folders:
                self._find_in_folder(match, common)
            else:
                self.files.append((match, match.relative_to(common)))

    def _find_in_folder(self, folder: Path, above: Path) -> None:
        """Find the data files of a folder; names that begin with a dot or an underline are not data by convention."""
        refuse_lake_parts(folder)
        before = len(self.files)
        self.roots.append(folder)
        for path in sorted(_below(folder)):
            hidden = any(map(is_hidden, path.relative_to(folder).parts))
            if path.is_dir():
                refuse_lake_parts(path)
                if path.is_symlink() and not hidden:
                    raise UsageError(
                        "is a symbolic link to a folder, which is not followed",
                        where=str(path),
                        hint="name the folder that it points to as an input of its own.",
                    )
            elif not hidden and known_format(path) is not None:
                self.files.append((path, path.relative_to(above)))
            elif format_named(path) is not None or not hidden:
                self.unread.append(path)
        if len(self.files) == before:
            raise UsageError(
                "the folder holds no data file", where=str(folder), hint="name the file, or a folder of Parquet or CSV."
            )


def _below(folder: Path) -> Iterator[Path]:
    """Give all that is below a folder; a folder that cannot be listed was not checked, and is an error."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = folder / entry.name
            yield path
            if entry.is_dir(follow_symlinks=False):
                yield from _below(path)


def is_hidden(name: str) -> bool:
    """Say whether Hive and Spark skip what has this name; a partition ``_key=value`` is data all the same."""
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def _distinct_relative_paths(files: list[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """Keep files of one name apart by the folders that they come from."""
    if len({relative for _, relative in files}) == len(files):
        return files
    paths = [Path(os.path.abspath(path)) for path, _ in files]
    if len(set(paths)) < len(paths):
        raise UsageError("a file is named twice", hint="name each file once.")
    common = os.path.commonpath([path.parent for path in paths])
    return [(path, whole.relative_to(common)) for (path, _), whole in zip(files, paths, strict=True)]


def refuse_partition_keys(source: SourceFile, keys: Iterable[str], columns: Iterable[str] | None) -> None:
    """Refuse a key that is not a column of a file but a partition of its folder, whose name then holds the ids.

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
                hint=Spelled(
                    "read the folder as a pyarrow dataset with partitioning='hive', or write it without partitions.",
                    "write the folder without partitions, so its files hold the column.",
                ),
            )


def refuse_unread(files: Collection[SourceFile], read_as: ReadAs) -> None:
    """Refuse a part of `read_as` that has no effect on any of the files.

    Raises
    ------
    ConfigError
    """
    asked = [name for name in ("delimiter", "encoding", "quoting") if getattr(read_as, name) != getattr(ReadAs(), name)]
    formats = file_formats() if asked else {}
    for name in asked:
        if not any(name in formats[file.format].read_as for file in files):
            known = " and ".join(each for each, kind in formats.items() if name in kind.read_as)
            raise ConfigError(f"{name} has no effect on this data", hint=f"leave it out: it is for {known}.")
    if read_as.format is not None and not files:
        raise ConfigError(
            Spelled("format= is for files, and there is none", "--input-format is for files, and there is none"),
            hint=Spelled("leave format= out of ReadAs.", "leave --input-format out."),
        )


def check_names(table: FileTable, output: Path, aside: Path | None) -> None:
    """Check the names of the output and of the quarantine, and let them say how these are compressed.

    Raises
    ------
    ConfigError
        When a suffix is another format's than the output's, or names a compression of a format that has none.
    """
    for path in (output, aside):
        if path is not None:
            _check_name(table, path)
    table.outputs = (_compression(table, output), _compression(table, aside or output))
    table.output_formats = (_written(table, output), _written(table, aside or output))


def _check_name(table: FileTable, path: Path) -> None:
    named, written = format_named(path), " or ".join(table.written_as)
    if named is not None and named.format not in table.written_as:
        as_input = ", like the input" if table.written_as == (table.format,) else ""
        raise ConfigError(
            f"the name says {named.format}, but the output is {written}{as_input}",
            where=str(path),
            hint="give the output a suffix of the input's format." if as_input else f"name a file of {written}.",
        )
    if not table.text and compression_named(path) != Compression.NONE:
        raise ConfigError(
            f"{written.capitalize()} compresses inside, and a file of it is not compressed again",
            where=str(path),
            hint="leave the last suffix out.",
        )


def _written(table: FileTable, path: Path) -> str:
    named = format_named(path)
    return named.format if named is not None else table.written_as[0]


def _compression(table: FileTable, path: Path) -> Compression:
    """How an output of this name is compressed: as its name says, or as the input if it says nothing."""
    claimed = compression_named(path)
    return claimed if claimed != Compression.NONE or format_named(path) is not None else table.compression


def open_file(source: SourceFile, opening: Opening | None = None) -> FileTable:
    """Open a file of a run by its format.

    Raises
    ------
    UnreadableInput
        When it is not of its format.
    ColumnError
        When two columns of a sheet have one name.
    """
    return format_called(source.format)(source, opening)


def _format(path: Path, asked: str | None) -> type[FileTable]:
    head = _head(path)
    found = _told_format(path, head, asked)
    if not head and not (found.empty and compression_named(path) == Compression.NONE):
        raise UnreadableInput(
            "the file is empty: it has not even a header",
            where=str(path),
            hint="export it again; a table without rows has a header still.",
        )
    return found


def _told_format(path: Path, head: bytes, asked: str | None) -> type[FileTable]:
    if asked is not None:
        if asked not in file_formats():
            raise ConfigError(f"unknown format {asked!r}", hint=f"use one of {', '.join(file_formats())}.")
        return file_formats()[asked]
    told = format_named(path) or format_begun(head)
    if told is None and DatabaseSource.names_one(f"{path}#"):
        raise ConfigError(
            "this is a database, and no table of it is named", where=str(path), hint=f"name one: {path.name}#TABLE."
        )
    if told is None:
        known = ", ".join(file_formats())
        raise ConfigError(
            "the suffix of this file names no format",
            where=str(path),
            hint=Spelled(f"use ReadAs(format=…): {known}.", f"use --input-format {known}."),
        )
    return told


def _head(path: Path) -> bytes:
    """The first bytes of a file, once it is sure to be a file that can be read twice."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(
                "this is not a regular file, and it has to be read more than once",
                where=str(path),
                hint="write its content to a file first.",
            )
        with path.open("rb") as file:
            return file.read(8)
    except FileNotFoundError:
        raise UsageError("the file does not exist", where=str(path), hint=_nearest_file(path)) from None
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
