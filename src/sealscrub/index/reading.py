"""Opening an index and looking keys up in it.

The file is memory-mapped, so that it opens at once whatever its size and workers share its pages. A chunk of the
body is verified against the signed header before what it says is relied on, for a miss as for a hit.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BufferedReader
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sealscrub.errors import CorruptIndex, UnreadableInput, UnsuitableIndex, UsageError
from sealscrub.identifiers import AudienceKey, get_scheme

from .fitness import check_dates, check_use, the_day
from .header import MAGIC, MAX_HEADER_BYTES, PREFIX_BYTES, SIGNATURE_BYTES, IndexHeader, Layout
from .planting import overlay
from .purposes import Reason

__all__ = ["Index", "read_header"]

_REASON_BITS = 2
_SLAB = 1 << 18  # keys looked up at a time
_ANEW = "take the index anew from whoever publishes it."

Digests = npt.NDArray[np.uint64]
_Item = TypeVar("_Item", bound=np.generic)


class Index:
    """A published index, open for look-ups. Made by :func:`sealscrub.open_index`.

    Its representation shows epoch, date and size, never content. It pickles and copies as a reference to its file.
    """

    def __init__(self, file: MappedFile, key: AudienceKey) -> None:
        self.path = file.path
        self.header = header = file.header
        self._file = file
        self._key = key
        layout, n = file.layout, header.entries
        self._prefix_shift = np.uint64(64 - header.prefix_bits)
        self._bucket_shift = np.uint64(64 - header.bucket_bits)
        self._bitmap = file.array(layout.bitmap, (1 << header.prefix_bits) // 8, np.uint8)
        self._buckets = file.array(layout.buckets, (1 << header.bucket_bits) + 1, np.uint32)
        self._high = file.array(layout.high, n, np.uint64)
        self._low = file.array(layout.low, n, np.uint64)
        self._codes = file.array(layout.codes, n, np.uint8)
        self._layout = layout

    @property
    def epoch(self) -> int:
        """Number of the registry's last committed change."""
        return self.header.facts.epoch

    @property
    def as_of(self) -> date:
        """The day whose law and facts the index gives."""
        return self.header.facts.as_of

    @property
    def not_after(self) -> date:
        """The last day on which the index may be trusted."""
        return self.header.facts.not_after

    @property
    def uses(self) -> tuple[str, ...]:
        """The uses from which its entries are barred."""
        return self.header.facts.uses

    @property
    def audience(self) -> str:
        """To whom its entries are barred."""
        return self.header.facts.audience

    @property
    def schemes(self) -> tuple[str, ...]:
        """Schemes whose keys it holds, by name."""
        return tuple(self.header.schemes)

    @property
    def id(self) -> str:
        """Digest of the signed header, 32 hex digits: names these very contents."""
        return self._file.id

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it was opened from: the index, and its key where that came from one."""
        return (self._file.absolute_path,) if self._key.path is None else (self._file.absolute_path, self._key.path)

    def __len__(self) -> int:
        return self.header.entries

    def __repr__(self) -> str:
        return f"Index(epoch={self.epoch}, as_of={self.as_of.isoformat()}, entries={len(self)})"

    def coverage(self, schemes: Iterable[str]) -> float:
        """Share of the seals that carry a key of at least one of these schemes."""
        return self.header.covered(get_scheme(name).name for name in schemes)

    def require(self, scheme: str) -> str:
        """Return the scheme's own name, if the index holds keys of it.

        Raises
        ------
        UnsuitableIndex
            When it holds none, or the scheme is defined otherwise here than where the index was published.
        """
        definition = get_scheme(scheme)
        facts = self.header.schemes.get(definition.name)
        if facts is None:
            held = ", ".join(self.schemes) or "no scheme at all"
            raise UnsuitableIndex(
                f"the index holds no keys of the scheme {definition.name}, so nothing would be checked",
                where=str(self.path),
                hint=f"it holds {held}; name a key column of one of these.",
            )
        if facts.fingerprint != definition.fingerprint:
            raise UnsuitableIndex(
                f"the scheme {definition.name} is defined otherwise here than where the index was published",
                where=str(self.path),
                hint="use the same version of sealscrub and the same scheme file on both sides.",
            )
        return definition.name

    def require_use(self, use: str, today: date | None = None) -> None:
        """Check that the index was published for a use and may be trusted still.

        Raises
        ------
        UnsuitableIndex
            When it was published for other uses.
        FutureIndex, ExpiredIndex
            When its dates do not fit the day.
        """
        check_use(self.path, self.header, use)
        check_dates(self.path, self.header, today or the_day())

    def scheme_key(self, scheme: str) -> bytes:
        """Key under which the index holds values of a scheme."""
        return self._key.scheme_key(get_scheme(scheme).name)

    def surrogate_key(self, label: str) -> bytes:
        """Key under which ids of an output get surrogates; outputs with one label share it. Keep it on this host."""
        return self._key.surrogate_key(label)

    def lookup(self, scheme: str, digests: Digests) -> npt.NDArray[np.uint8]:
        """Look digests of one scheme up.

        Parameters
        ----------
        scheme : str
            Whose keys they are.
        digests : numpy.ndarray of uint64, shape (n, 2)
            From :func:`sealscrub.identifiers.digest_column` under :meth:`scheme_key`.

        Returns
        -------
        numpy.ndarray of uint8, shape (n,)
            0 where the index has no such key, else a :class:`Reason`.

        Raises
        ------
        CorruptIndex
            When a chunk that decides the answer is not what the publisher signed.
        UnsuitableIndex
            When the index holds no keys of the scheme.
        """
        number = self.header.schemes[self.require(scheme)].number
        found = np.zeros(len(digests), np.uint8)
        for start in range(0, len(digests) if len(self) else 0, _SLAB):
            self._lookup_slab(digests[start : start + _SLAB], number, found[start : start + _SLAB])
        overlay(self, get_scheme(scheme).name, digests, found, Reason.SEALED)
        return found

    def verify(self) -> None:
        """Verify every chunk of the file.

        Raises
        ------
        CorruptIndex
            When one is not what the publisher signed.
        """
        self._file.verify_all()

    def _lookup_slab(self, digests: Digests, number: int, found: npt.NDArray[np.uint8]) -> None:
        file, layout = self._file, self._layout
        prefix = digests[:, 0] >> self._prefix_shift
        cell = (prefix >> np.uint64(3)).view(np.int64)
        file.verify_touched(layout.bitmap, cell, 1)
        rows = np.flatnonzero(self._bitmap[cell] >> (prefix & np.uint64(7)).astype(np.uint8) & 1)
        high = digests[rows, 0]
        bucket = (high >> self._bucket_shift).view(np.int64)
        file.verify_touched(layout.buckets, bucket, 4)
        file.verify_touched(layout.buckets, bucket + 1, 4)
        at, end = self._buckets[bucket].astype(np.int64), self._buckets[bucket + 1].astype(np.int64)
        alive = np.flatnonzero(at < end)
        while len(alive):
            rows, high, at, end = rows[alive], high[alive], at[alive], end[alive]
            file.verify_touched(layout.high, at, 8)
            entry = self._high[at]
            same = np.flatnonzero(entry == high)
            hit = same[self._is_entry(at[same], digests[rows[same], 1], number, found, rows[same])]
            open_rows = entry <= high
            open_rows[hit] = False
            at = at + 1
            alive = np.flatnonzero(open_rows & (at < end))

    def _is_entry(
        self,
        at: npt.NDArray[np.int64],
        low: npt.NDArray[np.uint64],
        number: int,
        found: npt.NDArray[np.uint8],
        rows: npt.NDArray[np.intp],
    ) -> npt.NDArray[np.bool_]:
        """Whether entries have these low halves and this scheme; where they do, their reasons are noted."""
        self._file.verify_touched(self._layout.low, at, 8)
        self._file.verify_touched(self._layout.codes, at, 1)
        codes = self._codes[at]
        hit: npt.NDArray[np.bool_] = (self._low[at] == low) & (codes >> _REASON_BITS == number)
        found[rows[hit]] = codes[hit] & ((1 << _REASON_BITS) - 1)
        return hit

    def __copy__(self) -> Index:
        return self

    def __deepcopy__(self, memo: object) -> Index:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        key_path = str(self._key.path) if self._key.path else None
        return (reopen, (str(self._file.absolute_path), key_path, self.id, self.epoch))


class MappedFile:
    """An index file in memory, its header read and its chunks verified as they are used.

    A mapped file that somebody cuts short ends the process that reads on (SIGBUS). A copy in memory does not, and is
    shared with nobody.
    """

    def __init__(self, path: Path, *, copied: bool = False) -> None:
        self.path, self.absolute_path = path, path.absolute()
        self.head, self.signature, size = _read_head(path)
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
            raise CorruptIndex("the header contradicts itself", where=str(path), hint=_ANEW)
        if size != layout.end:
            way = "shorter" if size < layout.end else "longer"
            raise CorruptIndex(f"the file is {way} than its header says", where=str(path), hint=_ANEW)
        try:
            with path.open("rb") as file:
                self._map = _copied(file, size) if copied else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            raise CorruptIndex("the file changed while it was opened", where=str(path), hint="open it again.") from None
        if self._map[: len(self.head)] != self.head or len(self._map) != size:
            raise CorruptIndex("the file changed while it was opened", where=str(path), hint="open it again.")
        gap = self._map[len(self.head) + SIGNATURE_BYTES : self._body]
        if any(gap):
            raise CorruptIndex("there are bytes between header and body", where=str(path), hint=_ANEW)

    def array(self, offset: int, count: int, dtype: type[_Item]) -> npt.NDArray[_Item]:
        """A part of the file as an array that shares its memory."""
        if not count:
            return np.zeros(0, dtype)
        return np.frombuffer(self._map, np.dtype(dtype).newbyteorder("<"), count, offset)

    def verify_touched(self, offset: int, items: npt.NDArray[np.signedinteger], size: int) -> None:
        """Verify the chunks in which some items of an array at an offset lie."""
        if self.all_verified or not len(items):
            return
        chunk_bytes = self.header.chunk_bytes
        touched = np.zeros(len(self._verified), bool)
        touched[(offset - self._body + items.astype(np.int64) * size) // chunk_bytes] = True
        for chunk in np.flatnonzero(touched & ~self._verified):
            self._verify_chunk(int(chunk))

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
            raise CorruptIndex("its content is not what the publisher signed", where=str(self.path), hint=_ANEW)
        self._verified[chunk] = True


def read_header(path: str | Path) -> IndexHeader:
    """Read what an index file says of itself, without a key and so without verifying it.

    Raises
    ------
    CorruptIndex
        When the file is no index, or is truncated.
    UnreadableInput
        When it cannot be read.
    """
    return MappedFile(Path(path)).header


def reopen(path: str, key_path: str | None, wanted: str, epoch: int) -> Index:
    """Open the index that a pickle refers to.

    Raises
    ------
    UsageError
        When no key file is known, or the file is another index now. Never goes on without an index.
    """
    from .opening import open_index

    path = os.environ.get("SEALSCRUB_INDEX", path)
    key = os.environ.get("SEALSCRUB_KEY_FILE", key_path)
    if key is None:
        raise UsageError("a pickled index does not say where its key is", hint="set SEALSCRUB_KEY_FILE.")
    index = open_index(path, key)
    if index.id != wanted:
        raise UnsuitableIndex(
            f"another index than the pickled one of epoch {epoch} is there now (epoch {index.epoch})",
            where=path,
            hint="make the pickle anew with this index.",
        )
    return index


def _copied(file: BufferedReader, size: int) -> mmap.mmap:
    copy = mmap.mmap(-1, size)
    with memoryview(copy) as view:
        if file.readinto(view) != size:
            raise ValueError
    return copy


def _read_head(path: Path) -> tuple[bytes, bytes, int]:
    try:
        if path.exists() and not path.is_file():  # opening a FIFO would wait for ever
            raise CorruptIndex("this is no file", where=str(path), hint=_ANEW)
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            prefix = file.read(PREFIX_BYTES)
            if prefix[: len(MAGIC)] != MAGIC:
                raise CorruptIndex("this is no sealscrub index of this format", where=str(path), hint=_ANEW)
            length = int.from_bytes(prefix[len(MAGIC) :], "little")
            if length > min(size, MAX_HEADER_BYTES):
                raise CorruptIndex("the file is truncated", where=str(path), hint=_ANEW)
            header, signature = file.read(length), file.read(SIGNATURE_BYTES)
    except FileNotFoundError:
        raise UsageError("there is no such index", where=str(path), hint="publish one: sealscrub publish.") from None
    except OSError as error:
        raise UnreadableInput(f"the index cannot be read ({error.strerror})", where=str(path)) from None
    if len(header) < length or len(signature) < SIGNATURE_BYTES:
        raise CorruptIndex("the file is truncated", where=str(path), hint=_ANEW)
    return prefix + header, signature, size
