"""The formats of files: one file each, found by being in this folder.

A format is a module here with a class ``Format``, a :class:`~sealscrub.tables.file.FileTable` that says what it is
called, the suffixes of its files and the bytes that they begin with.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from ..file import FileTable

__all__ = ["file_formats", "format_begun", "format_called", "format_named", "known_format"]

_COMPRESSED = {".gz", ".zst", ".zstd"}
_HEAD = 8


@functools.cache
def file_formats() -> Mapping[str, type[FileTable]]:
    """Give the formats of files by their names.

    Examples
    --------
    >>> {"csv", "jsonl", "parquet"} <= set(file_formats())
    True
    """
    return MappingProxyType({kind.format: kind for kind in _formats()})


def format_called(name: str) -> type[FileTable]:
    """Return the format of a name, and load no other if its module has that name.

    Raises
    ------
    KeyError
        When none has the name.

    Examples
    --------
    >>> format_called("parquet").suffixes
    ('.parquet', '.pq')
    """
    found = next((kind for kind in _formats(name) if kind.format == name), None)
    if found is None:
        raise KeyError(name)
    return found


def _formats(first: str = "") -> Iterator[type[FileTable]]:
    """Load one format after the other, beginning with the module that has a name."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    for module in sorted(modules, key=lambda each: each != first):
        yield importlib.import_module(f"{__name__}.{module}").Format


def format_named(path: Path) -> type[FileTable] | None:
    """Return the format that a file's name says; None if it says none.

    Examples
    --------
    >>> format_named(Path("arrests.csv.gz")).format
    'csv'
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return _of_suffix(suffixes[-1]) if suffixes else None


@functools.cache
def _of_suffix(suffix: str) -> type[FileTable] | None:
    return next((kind for kind in _formats(suffix[1:]) if suffix in kind.suffixes), None)


def format_begun(head: bytes) -> type[FileTable] | None:
    """Return the format whose files begin with these bytes; None if none is recognised so."""
    return next((kind for kind in file_formats().values() if kind.magic and head.startswith(kind.magic)), None)


def known_format(path: Path) -> type[FileTable] | None:
    """Return the format of a file by its name, or else by its first bytes; None if neither says."""
    named = format_named(path)
    if named is not None or not path.is_file():
        return named
    with path.open("rb") as file:
        return format_begun(file.read(_HEAD))
