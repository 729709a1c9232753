"""Which places have rules: every package of this room that offers a ``jurisdiction``; the engine lists none."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import MutableSequence
from functools import lru_cache
from pathlib import Path

from sealscrub.errors import DOCS, ConfigError
from sealscrub.identifiers import load_schemes

__all__ = ["add_rooms", "folder_of", "places", "room_digest", "room_file", "rooms"]

_SCHEMES = "schemes.toml"


def places() -> tuple[str, ...]:
    """Names of the places, in order of the alphabet.

    Examples
    --------
    >>> "us-ny" in places()
    True
    """
    return _places(tuple(_search_path()))


@lru_cache
def _places(folders: tuple[str, ...]) -> tuple[str, ...]:
    found = {each.parent.name for folder in folders for each in Path(folder).glob("*/jurisdiction.py")}
    return tuple(sorted(name.replace("_", "-") for name in found))


def folder_of(place: str) -> str:
    """The package of a place.

    Examples
    --------
    >>> folder_of("us-ny")
    'us_ny'
    """
    return place.replace("-", "_")


def room_file(place: str, name: str) -> Path:
    """A file of a place's folder.

    Raises
    ------
    ConfigError
        When it has none of that name.
    """
    for folder in _search_path():
        if (file := Path(folder) / folder_of(place) / name).is_file():
            return file
    raise ConfigError(
        f"{place} has no {name}", hint=f"write one in its folder, {folder_of(place)}; see {DOCS}how-to/add-a-state.md."
    )


def room_digest(place: str) -> str:
    """Digest every file of a place's folder, its modules and its data: SHA-256, the same for any line ends.

    Parameters
    ----------
    place : str

    Examples
    --------
    >>> room_digest("us-ny") == room_digest("us-pa")
    False
    """
    return _digest(room_file(place, "jurisdiction.py").parent)


@lru_cache
def _digest(folder: Path) -> str:
    """Once for each folder: its modules are loaded once too."""
    digest = hashlib.sha256()
    names = {each.relative_to(folder).as_posix(): each for each in folder.rglob("*") if each.is_file()}
    for name in sorted(names):
        if name.endswith((".pyc", ".pyo")) or any(part.startswith((".", "__pycache__")) for part in name.split("/")):
            continue
        content = hashlib.sha256(names[name].read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        digest.update(f"{content} {name}\n".encode())
    return digest.hexdigest()


def add_rooms(folder: str | Path) -> None:
    """Look for places in one more folder, whose packages are then found as those of this room are.

    Parameters
    ----------
    folder : str or Path
        It holds a package for each place, written as those of this room.

    Raises
    ------
    ConfigError, SchemeError
        When a place's schemes cannot be read.
    """
    path = str(Path(folder).resolve())
    if path not in _search_path():
        _search_path().append(path)
    for schemes in sorted(Path(path).glob(f"*/{_SCHEMES}")):
        load_schemes(schemes)


def rooms() -> tuple[str, ...]:
    """The folders that hold a package for each place."""
    return tuple(_search_path())


def _search_path() -> MutableSequence[str]:
    """Where Python looks for the packages of this room."""
    return sys.modules[__package__ or ""].__path__
