"""Zip archives, member by member, never trusting what they say about their sizes."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator

from .file_source import NotReadable, Source
from .inert_objects import Damaged

__all__ = ["archive_parts", "member", "members", "opened"]

_MOST_MEMBERS = 100_000
_HEAD = 30  # bytes of a member's own header, before its name and extra field
_SIZES_BEHIND = 8  # a flag of members whose sizes are behind their data
_MARKED, _BARE = 4, (12, 20)  # bytes of the mark before these, and of the checksum and sizes themselves


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
        raise NotReadable("it has too many members to read")
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


def archive_parts(source: Source, archive: zipfile.ZipFile) -> Iterator[tuple[int, int]]:
    """Where the members are that the directory names, and the directory itself: starts and ends.

    Raises
    ------
    Damaged
        When a member isn't where the directory says.
    """
    for info in archive.infolist():
        source.file.seek(info.header_offset)
        head = source.file.read(_HEAD)
        if len(head) < _HEAD or not head.startswith(b"PK\3\4"):
            raise Damaged
        name, extra = struct.unpack_from("<HH", head, 26)
        end = info.header_offset + _HEAD + name + extra + info.compress_size
        if info.flag_bits & _SIZES_BEHIND:
            end += _trailer_length(source, end, info.CRC)
        yield info.header_offset, end
    yield archive.start_dir, source.size


def _trailer_length(source: Source, at: int, checksum: int) -> int:
    """How long a member's checksum and sizes are that are behind its data."""
    source.file.seek(at)
    data = source.file.read(_MARKED + _BARE[1] + 4)
    marked = _MARKED if data.startswith(b"PK\7\x08") else 0
    if data[marked : marked + 4] != struct.pack("<I", checksum):
        return 0
    return next((marked + size for size in _BARE if data[marked + size :][:2] == b"PK"), marked + _BARE[0])
