"""An index file in memory, its header read and its chunks verified as they are used."""

from __future__ import annotations

import hashlib
import mmap
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sealscrub.errors import CorruptIndex, Spelled, UnreadableInput, UsageError

from .header import MAGIC, MAX_HEADER_BYTES, PREFIX_BYTES, SIGNATURE_BYTES, IndexHeader, Layout

__all__ = ["read_header"]

_NEW_COPY = "get a new copy of the index from its publisher."
_Item = TypeVar("_Item", bound=np.generic)


class MappedFile:
    """An index file in memory, its header read and its chunks verified as they are used.

    A mapped file that somebody cuts short ends the process that reads on (SIGBUS). A copy in memory does not, and is
    shared with no one.
    """

    def __init__(self, path: Path, *, copied: bool = False) -> None:
        self.path, self.absolute_path = path, path.absolute()
        with _opened(path) as file:  # once: another may be put in its place at any time
            self.head, self.signature, size = _read_head(file, path)
            self._read_header(size)
            self._map = self._read_map(file, size, copied)
        gap = self._map[len(self.head) + SIGNATURE_BYTES : self._body]
        if any(gap):
            raise CorruptIndex("there are bytes between header and body", where=str(path), hint=_NEW_COPY)

    def _read_header(self, size: int) -> None:
        path = self.path
        self.header_bytes = len(self.head) - PREFIX_BYTES
        self.header = IndexHeader.from_bytes(self.head[PREFIX_BYTES:], str(path))
        self.id = hashlib.sha256(self.head).hexdigest()[:32]
        self._verified = np.zeros(len(self.header.chunks), bool)
        self.all_verified = False
        header = self.header
        self.layout = layout = Layout.of(self.header_bytes, header.entries, header.prefix_bits, header.bucket_bits)
        self._body = layout.bitmap
        chunks = -(-self.header.body_bytes // max(1, self.header.chunk_bytes))
        if layout.end - layout.bitmap != self.header.body_bytes or chunks != len(self.header.chunks):
            raise CorruptIndex("the header contradicts itself", where=str(path), hint=_NEW_COPY)
        if size != layout.end:
            way = "shorter" if size < layout.end else "longer"
            raise CorruptIndex(f"the file is {way} than its header says", where=str(path), hint=_NEW_COPY)

    def _read_map(self, file: BufferedReader, size: int, copied: bool) -> mmap.mmap:
        error = CorruptIndex(
            "the file was written into while it was opened", where=str(self.path), hint="open it again."
        )
        try:
            found = _copy_to_memory(file, size) if copied else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            raise error from None
        if found[: len(self.head)] != self.head or len(found) != size:
            raise error
        return found

    def array(self, offset: int, count: int, dtype: type[_Item]) -> npt.NDArray[_Item]:
        """A part of the file as an array that shares its memory."""
        if not count:
            return np.zeros(0, dtype)
        found = np.frombuffer(self._map, np.dtype(dtype).newbyteorder("<"), count, offset)
        return found.view(dtype) if sys.byteorder == "little" else found

    def verify_touched(self, offset: int, items: npt.NDArray[np.signedinteger], size: int) -> None:
        """Verify the chunks in which some items of an array at an offset are."""
        if self.all_verified or not len(items):
            return
        chunk_bytes, before = self.header.chunk_bytes, offset - self._body
        first, last = (before + int(item) * size for item in (items.min(), items.max()))
        if self._verified[first // chunk_bytes : last // chunk_bytes + 1].all():
            return
        touched = np.zeros(len(self._verified), bool)
        touched[(before + items.astype(np.int64) * size) // chunk_bytes] = True
        for chunk in np.flatnonzero(touched & ~self._verified):
            self._verify_chunk(int(chunk))

    def verify_item(self, offset: int, item: int, size: int) -> None:
        """Verify the chunk in which one item of an array at an offset is."""
        if not self.all_verified:
            chunk = (offset - self._body + item * size) // self.header.chunk_bytes
            if not self._verified[chunk]:
                self._verify_chunk(chunk)

    def verify_all(self) -> None:
        """Verify every chunk that has not been."""
        if not self.all_verified:
            with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
                list(pool.map(self._verify_chunk, np.flatnonzero(~self._verified).tolist()))
            self.all_verified = True

    def _verify_chunk(self, chunk: int) -> None:
        start = self._body + chunk * self.header.chunk_bytes
        end = min(start + self.header.chunk_bytes, self._body + self.header.body_bytes)
        with memoryview(self._map) as view:
            digest = hashlib.sha256(view[start:end]).hexdigest()
        if digest != self.header.chunks[chunk]:
            raise CorruptIndex("its content is not what the publisher signed", where=str(self.path), hint=_NEW_COPY)
        self._verified[chunk] = True


def _copy_to_memory(file: BufferedReader, size: int) -> mmap.mmap:
    copy = mmap.mmap(-1, size)
    file.seek(0)
    with memoryview(copy) as view:
        if file.readinto(view) != size:
            raise ValueError
    return copy


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:
        if path.exists() and not path.is_file():  # opening a FIFO would wait for ever
            raise CorruptIndex("this is not a file", where=str(path), hint=_NEW_COPY)
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise UsageError(
            "the index does not exist",
            where=str(path),
            hint=Spelled(
                "check the path. The custodian publishes an index with Registry.publish.",
                "check the path. The custodian publishes an index with sealscrub publish.",
            ),
        ) from None
    except OSError as error:
        raise UnreadableInput(f"the index cannot be read ({error.strerror})", where=str(path)) from None


def _read_head(file: BufferedReader, path: Path) -> tuple[bytes, bytes, int]:
    size = os.fstat(file.fileno()).st_size
    prefix = file.read(PREFIX_BYTES)
    if prefix[: len(MAGIC)] != MAGIC and prefix[:7] == MAGIC[:7]:
        raise CorruptIndex(
            "unsupported version of the format", where=str(path), hint="publish it again with this sealscrub."
        )
    if prefix[: len(MAGIC)] != MAGIC:
        raise CorruptIndex("this is not a sealscrub index of this format", where=str(path), hint=_NEW_COPY)
    length = int.from_bytes(prefix[len(MAGIC) :], "little")
    if length > min(size, MAX_HEADER_BYTES):
        raise CorruptIndex("the file is truncated", where=str(path), hint=_NEW_COPY)
    header, signature = file.read(length), file.read(SIGNATURE_BYTES)
    if len(header) < length or len(signature) < SIGNATURE_BYTES:
        raise CorruptIndex("the file is truncated", where=str(path), hint=_NEW_COPY)
    return prefix + header, signature, size


def read_header(path: str | Path) -> IndexHeader:
    """Read what an index file says about itself, without a key and so without verifying it.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    CorruptIndex
        When the file is not an index, or is truncated.
    UnreadableInput
        When it cannot be read.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])

    >>> read_header(index.path).facts.uses
    ('output', 'training')
    """
    return MappedFile(Path(path)).header
