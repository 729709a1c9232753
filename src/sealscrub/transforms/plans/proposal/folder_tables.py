"""Which tables a folder holds: a table for each file, or for files that are parts of one table."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from sealscrub.errors import ColumnError, MissingExtra, SealscrubError, UnreadableInput, UsageError
from sealscrub.identifiers import Status, canonicalise, get_scheme, scheme_names
from sealscrub.tables.database.database_source import kind_named
from sealscrub.tables.file import FileTable, SourceFile
from sealscrub.tables.formats import format_begun, format_named
from sealscrub.tables.lake_folders import LAKES, lake_format, lake_hint, refuse_lake_parts
from sealscrub.tables.opener import refuse_lake
from sealscrub.tables.sources import is_hidden
from sealscrub.tables.text.records import BlockFault

__all__ = ["FoundFile", "FoundTable", "Looked", "is_value", "look_into"]

_OTHER_SUFFIXES = frozenset({".avro", ".dbf", ".json", ".pkl", ".sas7bdat", ".xls", ".xml"})
_LONG = 60
_BARE_NUMBER = re.compile(r"[\d\s./:+-]+")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A data file, its format and the names of its columns."""

    path: Path
    relative: Path
    format: str
    columns: tuple[str, ...]
    types: str = ""

    @property
    def source(self) -> SourceFile:
        """The file, as it is opened."""
        return SourceFile(self.path, self.relative, self.format)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table: what the plan calls it, its source there, and its files in their order."""

    name: str
    source: str
    files: tuple[FoundFile, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.files[0].columns


@dataclass(slots=True)
class Looked:
    """What a folder holds.

    Attributes
    ----------
    tables : list of FoundTable
        In the order of their names.
    unread : list of (str, str)
        Files of which no table was made, and why. A name that looks like an identifier is masked.
    databases : list of str
        Files that are databases.
    others : Counter of str
        How many other files there are that may hold data, by suffix.
    """

    tables: list[FoundTable] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def look_into(folder: Path) -> Looked:
    """Find the data files in and below a folder, and put those together that are parts of one table.

    Raises
    ------
    UsageError
        When it is not a folder, or is in that of a Delta, Iceberg or Hudi table.
    UnreadableInput
        When it cannot be listed.
    """
    if not folder.is_dir():
        refuse_lake(folder)
        raise UsageError("this is not a folder", where=str(folder), hint="name the folder that holds the data files.")
    refuse_lake_parts(folder)
    looked, files = Looked(), []
    for path in _files_below(folder):
        relative = path.relative_to(folder)
        suffix = relative.suffix.lower()
        if (lake := lake_format(path)) is not None:
            looked.unread.append((_masked(relative), f"it is the folder of {LAKES[lake]}: {lake_hint(lake, 'FOLDER')}"))
        elif path.is_dir():
            looked.unread.append((_masked(relative), "it is a link to a folder, and such are not followed"))
        elif kind_named(relative) is not None:
            looked.databases.append(_masked(relative))
        elif (kind := _format(path)) is not None:
            try:
                files.append(_inspect_file(path, relative, kind))
            except (SealscrubError, BlockFault) as error:
                looked.unread.append((_masked(relative), _why(error)))
        elif suffix in _OTHER_SUFFIXES:
            looked.others[suffix] += 1
    looked.tables = _tables(files)
    return looked


def is_value(name: str, *, header: bool = False) -> bool:
    """Return whether what is used as a name may be a value: an identifier, a number, a date, a long text.

    Parameters
    ----------
    name : str
        Name of a column or file.
    header : bool
        Whether it is in a header of text, which a file may lack; then a bare number is a value as well.
    """
    if len(name) > _LONG or (header and _BARE_NUMBER.fullmatch(name)):
        return True
    parts = [name, *re.split(r"[\s_./=]+", name)]
    texts = pl.Series([part for part in parts if re.search(r"\d{2}", part)], dtype=pl.String)
    return any((canonicalise(texts, scheme).status == Status.OK).any() for scheme in _schemes_of_one_shape())


def _schemes_of_one_shape() -> Iterator[str]:
    """Schemes whose values have one form; a voucher may be any letters and digits."""
    for name in scheme_names():
        scheme = get_scheme(name)
        if scheme.shape and not scheme.parts:
            yield name


def _files_below(folder: Path) -> Iterator[Path]:
    """Give the files below a folder, and links to folders and lake tables, which are not followed."""

    def stop(error: OSError) -> None:
        raise UnreadableInput(f"cannot be listed ({error.strerror})", where=str(folder)) from None

    for root, folders, names in os.walk(folder, onerror=stop):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for above in [Path(root, name) for name in folders]:
            in_lake = lake_format(above) is not None
            if in_lake:
                folders.remove(above.name)
            if in_lake or above.is_symlink():
                yield above
        yield from (Path(root, name) for name in sorted(names) if not is_hidden(name) and Path(root, name).is_file())


def _format(path: Path) -> type[FileTable] | None:
    known = format_named(path)
    if known is not None or path.suffix:
        return known
    try:
        with path.open("rb") as file:
            return format_begun(file.read(8))
    except OSError:
        return None


def _inspect_file(path: Path, relative: Path, kind: type[FileTable]) -> FoundFile:
    _encodable(relative)
    table = kind(SourceFile(path, relative, kind.format))
    names = table.common_columns()
    if table.text and table.header is not None:
        if path.suffix.lower() == ".txt" and len(names) == 1:
            raise UnreadableInput("it is one column of text")
        if any(is_value(name, header=True) for name in names):
            raise UnreadableInput("its header looks like a row")
    alone = [name for name in names if names.count(name) == 1]
    return FoundFile(path, relative, kind.format, tuple(names), "" if table.text else str(table.types(alone)))


def _encodable(relative: Path) -> None:
    try:
        str(relative).encode()
    except UnicodeEncodeError:
        raise UnreadableInput("its name is not UTF-8", hint="give it another name.") from None


def _why(error: Exception) -> str:
    """Say why without the names that an error about columns or sheets shows."""
    if isinstance(error, UnreadableInput | BlockFault | MissingExtra):
        return str(error.message)
    return "its header cannot be used" if isinstance(error, ColumnError) else "it holds several tables: name one"


def _tables(files: list[FoundFile]) -> list[FoundTable]:
    """Put files together: all below a folder, or numbered files of one folder, if their columns are the same."""
    groups: dict[str, list[FoundFile]] = {}
    folders, numbered = _folders(files), _numbered_patterns(files)
    for file in files:
        source = next((folders[above] for above in _parent_folders(file) if above in folders), None)
        source = source or numbered.get(file.relative) or _masked(file.relative)
        groups.setdefault(source, []).append(file)
    taken: set[str] = set()
    found = [FoundTable(_table_name(source, taken), source, tuple(group)) for source, group in groups.items()]
    return sorted(found, key=lambda table: table.name)


def _parent_folders(file: FoundFile) -> list[Path]:
    """The folders that a file is in, the highest first; the top itself does not count."""
    return [path for path in reversed(file.relative.parents) if path.parts]


def _folders(files: list[FoundFile]) -> dict[Path, str]:
    """Folders whose files are parts of one table, and how the plan writes them."""
    inside: dict[Path, list[FoundFile]] = {}
    for file in files:
        for above in _parent_folders(file):
            inside.setdefault(above, []).append(file)
    return {above: _masked(above) for above, below in inside.items() if len(below) > 1 and _same_layout(below)}


def _numbered_patterns(files: list[FoundFile]) -> dict[Path, str]:
    """Files that differ by numbers in their names only, each with the pattern that finds them and no others."""
    inside: dict[Path, list[FoundFile]] = {}
    for file in files:
        inside.setdefault(file.relative.parent, []).append(file)
    found: dict[Path, str] = {}
    for parent, beside in inside.items():
        patterns: dict[str, list[FoundFile]] = {}
        for file in beside:
            patterns.setdefault(re.sub(r"\d+", "*", file.relative.name), []).append(file)
        for pattern, group in patterns.items():
            matched = [file for file in beside if re.fullmatch(_as_regex(pattern), file.relative.name)]
            odd = any(re.search(r"[*?\[]", str(file.relative)) for file in matched)
            if len(group) > 1 and len(matched) == len(group) and _same_layout(group) and not odd:
                found |= {file.relative: _masked(parent / pattern) for file in group}
    return found


def _as_regex(pattern: str) -> str:
    return ".*".join(map(re.escape, pattern.split("*")))


def _same_layout(files: Iterable[FoundFile]) -> bool:
    return len({(file.format, file.columns, file.types) for file in files}) == 1


def _masked(relative: Path) -> str:
    """Write a path as it is, or with a question mark for each digit if a part looks like an identifier."""
    parts = [re.sub(r"\d", "?", part) if is_value(part) else part for part in relative.parts]
    return "/".join(parts)


def _table_name(source: str, taken: set[str]) -> str:
    stem = re.sub(r"(\.[A-Za-z0-9]+)+$", "", source)
    name = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_").lower() or "table"
    name = f"t_{name}" if name[0].isdigit() or name == "this" else name
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}_{number}"
    taken.add(unique)
    return unique
