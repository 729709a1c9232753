"""A file to read, or a member of one: where it is, what it is called, and how much may still be unpacked."""

from __future__ import annotations

import bz2
import lzma
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .inert_objects import Damaged, TooDeep

__all__ = ["Budget", "NotReadable", "Source", "unpacked"]

_DEEPEST = 5
_STEP = 1 << 20


class NotReadable(Exception):
    """Why something can't be read, in words of ours."""


class Budget:
    """How many bytes may still be unpacked, for one file that a user names."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.spent = 0

    def spend(self, count: int) -> None:
        """Count bytes.

        Raises
        ------
        NotReadable
            When there are too many.
        """
        self.left -= count
        self.spent += count
        if self.left < 0:
            raise NotReadable("it is too large to read when unpacked")


class Source:
    """One file or member.

    Parameters
    ----------
    file : BinaryIO
        Seekable, at its start.
    name : str
        Its own name, for its suffix.
    path : str
        What is before object paths: empty for a file, ``member!`` inside an archive.
    private : Path
        Where it may be unpacked.
    """

    def __init__(self, file: BinaryIO, name: str, path: str, budget: Budget, private: Path, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise TooDeep
        self.file, self.name, self.path, self.budget, self.private, self.depth = (
            file,
            name,
            path,
            budget,
            private,
            depth,
        )
        file.seek(0, 2)
        self.size = file.tell()
        file.seek(0)
        self.head = file.read(64)
        file.seek(0)

    @property
    def suffix(self) -> str:
        """Its suffix in lower case, with the dot."""
        return Path(self.name).suffix.lower()

    def content(self) -> bytes:
        """All of it."""
        self.file.seek(0)
        return self.file.read()

    def inner(self, pieces: Iterator[bytes], name: str, path: str, depth: int | None = None) -> Source:
        """A source of what is unpacked from this one; `depth` if it is not one below."""
        file: Any = tempfile.TemporaryFile(dir=self.private)  # noqa: SIM115 - lives as long as the source
        for piece in pieces:
            self.budget.spend(len(piece))
            file.write(piece)
        return Source(file, name, path, self.budget, self.private, self.depth + 1 if depth is None else depth)


_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"]\x00\x00": "lzma", b"\x04\x22\x4d\x18": "lz4"}
_MAGIC |= {b"\x28\xb5\x2f\xfd": "zstd"}


def unpacked(source: Source) -> Source | None:
    """What a compressed file holds; None if it isn't compressed.

    Raises
    ------
    NotReadable
        When it is by a method that can't be read here, or unpacks to too much.
    Damaged
        When it isn't whole.
    """
    method = next((name for magic, name in _MAGIC.items() if source.head.startswith(magic)), None)
    head = source.head
    if method is None and head[:1] == b"\x78" and len(head) > 1 and (head[0] * 256 + head[1]) % 31 == 0:
        method = "zlib"
    if method is None:
        return None
    name = source.name
    if source.suffix in (".gz", ".bz2", ".xz", ".lzma", ".lz4", ".zst", ".z"):
        name = Path(name).stem
    pieces = _zstd_pieces(source.file) if method == "zstd" else _pieces(source.file, method)
    return source.inner(pieces, name, source.path)


def _zstd_pieces(file: BinaryIO) -> Iterator[bytes]:
    import pyarrow as pa

    try:
        with pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd") as stream:
            while piece := stream.read(_STEP):
                yield piece
    except (OSError, pa.ArrowException):
        raise Damaged from None


def _pieces(file: BinaryIO, method: str) -> Iterator[bytes]:
    new = _decompressor(method)
    machine = new()
    data = file.read(_STEP)
    try:
        while data or not getattr(machine, "eof", True):
            if method in ("gzip", "zlib"):
                yield machine.decompress(data, _STEP)
                data = machine.unconsumed_tail
            else:
                yield machine.decompress(data, _STEP) if method in ("bz2", "xz", "lzma") else machine.decompress(data)
                data = b""
            if machine.eof:
                data = machine.unused_data or file.read(_STEP)
                if not data or not data.strip(b"\0"):
                    return
                machine = new()
            elif not data and getattr(machine, "needs_input", True):
                data = file.read(_STEP)
                if not data:
                    if method in ("gzip", "zlib"):
                        yield machine.flush()
                    if not machine.eof:
                        raise Damaged
                    return
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError, RuntimeError):
        raise Damaged from None


def _decompressor(method: str) -> Callable[[], Any]:
    if method in ("gzip", "zlib"):
        window = 31 if method == "gzip" else 15
        return lambda: zlib.decompressobj(window)
    if method == "bz2":
        return bz2.BZ2Decompressor
    if method in ("xz", "lzma"):
        return lzma.LZMADecompressor
    try:
        from lz4.frame import LZ4FrameDecompressor  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise NotReadable("it is compressed with lz4, and the package lz4 isn't installed") from None
    made: Callable[[], Any] = LZ4FrameDecompressor
    return made
