"""Zip archives, member by member, never trusting what they say of their sizes."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator

from .inert import Damaged
from .source import NotReadable, Source

__all__ = ["member", "members", "opened"]

_MOST_MEMBERS = 100_000


def opened(source: Source) -> zipfile.ZipFile:
    """The archive that a source is.

    Raises
    ------
    Damaged
        When its directory can't be read.
    """
    try:
        archive = zipfile.ZipFile(source.file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError):
        raise Damaged from None
    if len(archive.infolist()) > _MOST_MEMBERS:
        raise NotReadable("it has more members than may be read")
    return archive


def members(archive: zipfile.ZipFile) -> list[str]:
    """Names of the files in it."""
    return [info.filename for info in archive.infolist() if not info.is_dir()]


def member(source: Source, archive: zipfile.ZipFile, name: str, path: str = "") -> Source:
    """One member, unpacked.

    Raises
    ------
    NotReadable
        When it is encrypted, or unpacks to too much.
    Damaged
        When it isn't there or isn't whole.
    """
    return source.inner(_pieces(archive, name), name.rsplit("/", 1)[-1], path or source.path)


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as file:
            while piece := file.read(1 << 20):
                yield piece
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
        raise Damaged from None
    except (RuntimeError, NotImplementedError):
        raise NotReadable("a member is encrypted, or compressed in a way that can't be read") from None
