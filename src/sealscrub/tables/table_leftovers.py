"""What is in the folder of a table of a lake that one version of it does not need."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sealscrub.errors import UnreadableInput, UsageError

__all__ = ["ORPHANED", "FolderKinds", "Leftovers", "find_leftovers", "remove_empty_folders"]

ORPHANED = "orphaned "  # which the kind of a file begins with that no version names
_SHOWN = 5
_LETTERS = re.compile(r"([A-Za-z_]{1,20}/)*[A-Za-z_]{1,20}(\.[a-z]{1,8}){1,2}")
_PLAIN = re.compile(r"\.[a-z]{1,8}")


@dataclass(frozen=True, slots=True)
class FolderKinds:
    """What files of a format there are in a table's folder.

    Attributes
    ----------
    format : str
        What the format is called.
    log : str
        The folder of what says which files a version has.
    kind : callable
        Gives the kind of a file by its name below the table's folder, and when it is deleted; None of an unknown one.
    """

    format: str
    log: str
    kind: Callable[[str], tuple[int, str] | None]


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is in a table's folder and is not needed by a version, in the order in which it can be deleted.

    Attributes
    ----------
    files : dict of Path to str
        Each file, and its kind.
    sizes : dict of Path to int
        Bytes of each.
    young : dict of Path to str
        Orphans that are not deleted, since an engine that tries again may commit them yet.
    """

    files: dict[Path, str]
    sizes: dict[Path, int]
    young: dict[Path, str] = field(default_factory=dict)

    def among(self, others: Leftovers) -> Leftovers:
        """Give those that are among others too."""
        return self._without([path for path in self.files if path not in others.files], self.young)

    def without_young(self, before: float) -> Leftovers:
        """Set orphans apart that were written after a moment, in seconds since 1970."""
        orphans = [path for path, kind in self.files.items() if kind.startswith(ORPHANED)]
        young = {path: self.files[path] for path in orphans if path.lstat().st_mtime > before}
        return self._without(young, young)

    def _without(self, gone: Collection[Path], young: dict[Path, str]) -> Leftovers:
        files = {path: kind for path, kind in self.files.items() if path not in gone}
        return Leftovers(files, {path: self.sizes[path] for path in files}, young)

    @property
    def said(self) -> str:
        """How many files there are, by kind, and how large they are together.

        Examples
        --------
        >>> a, b = Path("a.parquet"), Path("b.parquet")
        >>> Leftovers({a: "data file", b: "data file"}, {a: 1024, b: 1024}).said
        '2 data files (2,048 bytes)'
        """
        return f"{_counted(self.files) or 'no file'} ({sum(self.sizes.values()):,} bytes)"

    @property
    def said_of_young(self) -> str:
        """How many orphans there are that are not deleted, by kind."""
        return _counted(self.young)


def find_leftovers(
    folder: Path, needed: Iterable[Path], kinds: FolderKinds, kept: Collection[Path] = frozenset()
) -> Leftovers:
    """Find what a version does not need.

    Parameters
    ----------
    folder : Path
        The table's.
    needed : iterable of Path
        The files that the version consists of.
    kinds : FolderKinds
        What files of the format there are.
    kept : collection of Path
        More files that stay, whether they are there or not.

    Raises
    ------
    UsageError
        When there are files that are not known as those of the format.
    UnreadableInput
        When the folder holds a symbolic link, or cannot be listed.
    """
    try:
        return _find(folder, {_identity(path) for path in needed}, kinds, kept)
    except OSError as error:
        raise UnreadableInput(
            f"the folder cannot be listed ({error.strerror}), and nothing was deleted", where=folder.name
        ) from None


def remove_empty_folders(folder: Path, kept: Path | None = None) -> None:
    """Remove the empty folders below a folder, but for one."""
    for root, names, _ in os.walk(folder, topdown=False):
        for path in (Path(root, name) for name in names):
            if path != kept and not any(path.iterdir()):
                path.rmdir()


def _find(folder: Path, needed: Collection[tuple[int, int]], kinds: FolderKinds, kept: Collection[Path]) -> Leftovers:
    ranked: dict[Path, tuple[int, str]] = {}
    unknown: list[Path] = []
    for path in _walk(folder):
        if path in kept or _identity(path) in needed:
            continue
        found = kinds.kind(path.relative_to(folder).as_posix())
        if found is None:
            unknown.append(path)
        elif not (found[1] == "checksum" and _is_checksum_of_needed(path, needed)):
            ranked[path] = found
    if unknown:
        raise _not_known(folder, unknown, kinds)
    ordered = sorted(ranked, key=lambda path: (ranked[path][0], path.as_posix()))
    return Leftovers({path: ranked[path][1] for path in ordered}, {path: path.lstat().st_size for path in ordered})


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


def _is_checksum_of_needed(path: Path, needed: Collection[tuple[int, int]]) -> bool:
    """Whether Hadoop's checksum is next to a file that is needed."""
    other = path.with_name(path.name[1:].removesuffix(".crc"))
    return path.name.startswith(".") and other.is_file() and _identity(other) in needed


def _not_known(folder: Path, unknown: Collection[Path], kinds: FolderKinds) -> UsageError:
    inside = [path for path in unknown if path.relative_to(folder).parts[0] == kinds.log]
    suffixes = sorted({path.suffix for path in unknown if _PLAIN.fullmatch(path.suffix)})
    shown = f" ({', '.join(suffixes)})" if suffixes else ""
    place = f"{len(inside)} of them in {kinds.log}" if inside else f"none of them in {kinds.log}"
    count = f"{len(unknown):,} {_plural('file', len(unknown))}{shown}"
    names = sorted({path.relative_to(folder).as_posix() for path in unknown})
    plain = [name for name in names if _LETTERS.fullmatch(name)][:_SHOWN]  # others could be ids
    named = f": {', '.join(plain)}{' and others' if len(plain) < len(names) else ''}" if plain else ""
    article = "an" if kinds.format[0] in "AEIOU" else "a"
    return UsageError(
        f"the folder holds {count} not known as of {article} {kinds.format} table, {place}{named}",
        where=folder.name,
        hint="move or delete them, and run it again; nothing was deleted.",
    )


def _counted(files: dict[Path, str]) -> str:
    return ", ".join(f"{count:,} {_plural(kind, count)}" for kind, count in Counter(files.values()).items())


def _plural(kind: str, count: int) -> str:
    if count == 1:
        return kind
    first, of, rest = kind.partition(" of ")
    return (f"{first[:-1]}ies" if first.endswith("y") else f"{first}s") + of + rest
