"""Which files a run is about: names, folders and globs, and the format of each file."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sealscrub.errors import ConfigError, UnreadableInput, UsageError

__all__ = ["FileFormat", "SourceFile", "Sources", "find_sources", "format_named"]


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
    """The files of a run, and whether their output is a folder."""

    files: tuple[SourceFile, ...]
    folder: bool


def find_sources(inputs: str | Path | Iterable[str | Path], format: str | None = None) -> Sources:
    """Find the files of a run.

    Parameters
    ----------
    inputs : str or Path, or several
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
        When a file cannot be read, or is empty.
    """
    named = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    files: list[tuple[Path, Path]] = []
    folder = len(named) != 1
    for name in named:
        found, many = _expand(Path(name))
        files += found
        folder |= many
    if not files:
        raise UsageError("no input is named")
    relatives = [relative for _, relative in files]
    if len(set(relatives)) < len(relatives):
        raise UsageError("two inputs would be written to one place", hint="scrub them one at a time.")
    return Sources(tuple(SourceFile(path, relative, _format(path, format)) for path, relative in files), folder)


def _expand(path: Path) -> tuple[list[tuple[Path, Path]], bool]:
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.is_file() and _data_name(file))
        hidden = [file for file in inside if not any(part.startswith((".", "_")) for part in _below(file, path).parts)]
        if not hidden:
            raise UsageError(
                "the folder holds no data file", where=str(path), hint="name the file, or a folder of Parquet or CSV."
            )
        return [(file, _below(file, path)) for file in hidden], True
    if not path.exists() and glob.has_magic(str(path)):
        matches = sorted(Path(name) for name in glob.glob(str(path), recursive=True) if Path(name).is_file())
        if not matches:
            raise UsageError("nothing matches", where=str(path), hint="quote the pattern, and check the folder.")
        common = Path(os.path.commonpath([match.parent for match in matches]))
        return [(match, _below(match, common)) for match in matches], True
    return [(path, Path(path.name))], False


def _below(file: Path, folder: Path) -> Path:
    return file.relative_to(folder)


def _data_name(file: Path) -> bool:
    return format_named(file) is not None


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
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError(
                "this is no regular file, and it has to be read more than once",
                where=str(path),
                hint="write its content to a file first.",
            )
        if not facts.st_size:
            raise UnreadableInput("the file is empty: it has not even a header", where=str(path))
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
