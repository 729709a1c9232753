"""Bodies that an application compressed all the same, unpacked within bounds."""

from __future__ import annotations

import zlib

import pyarrow as pa

from sealscrub.errors import Refused, UnreadableInput

__all__ = ["Unpacker"]

_PIECE = 1 << 16
_GZIP = ("gzip", "x-gzip")
_HEAD_BYTES = 2
_BY_ARROW = {"br": "brotli", "zstd": "zstd"}


class Unpacker:
    """Unpacks a body piece by piece.

    Parameters
    ----------
    coding : str
        Of the ``Content-Encoding``: nothing, ``identity``, ``gzip``, ``deflate``, ``br`` or ``zstd``. The last two are
        unpacked once they are complete, if pyarrow was built with them.
    most : int
        Bytes that may be returned in all; more is refused before it is unpacked.
    is_stream : bool
        Whether pieces are needed as they come.

    Raises
    ------
    Refused
        When it is packed in another way, or several times.

    Examples
    --------
    >>> import gzip
    >>> unpacker = Unpacker("gzip", 100)
    >>> b"".join(unpacker.feed(gzip.compress(b"{}"))), unpacker.close()
    (b'{}', [])
    """

    def __init__(self, coding: str, most: int, *, is_stream: bool = False) -> None:
        coding = coding.strip().lower()
        codec = _BY_ARROW.get(coding, "")
        self._codec = codec if codec and not is_stream and pa.Codec.is_available(codec) else ""
        self._held: list[bytes] = []
        if not self._codec and coding not in ("", "identity", "deflate", *_GZIP):
            raise Refused(
                "the response has a compression that the guard cannot read",
                hint="compress outside the guard: add the compression middleware after it.",
            )
        self._packed = zlib.decompressobj(31) if coding in _GZIP else None
        self._head: bytes | None = b"" if coding == "deflate" else None
        self._left = self._most = most

    def feed(self, packed: bytes) -> list[bytes]:
        """What a further piece unpacks to.

        Raises
        ------
        Refused
            When it is too large.
        UnreadableInput
            When it is damaged.
        """
        if self._codec:
            self._count(packed)
            self._held.append(packed)
            return []
        if self._head is not None:
            packed = self._head + packed
            self._head = packed if len(packed) < _HEAD_BYTES else None
            if self._head is not None:
                return []
            self._packed = zlib.decompressobj(15 if _has_zlib_head(packed) else -15)
        if self._packed is None:
            self._count(packed)
            return [packed] if packed else []
        pieces = []
        while packed and not self._packed.eof:
            pieces.append(_unpacked(self._packed, packed))
            self._count(pieces[-1])
            packed = self._packed.unconsumed_tail
        if packed or self._packed.unused_data:
            raise UnreadableInput("bytes follow the end of a compressed response")
        return pieces

    def close(self) -> list[bytes]:
        """Give what is left, and make sure that the body ended where it should.

        Raises
        ------
        UnreadableInput, Refused
            As :meth:`feed`.
        """
        if self._codec:
            return self._all_of_it()
        if self._head is not None or (self._packed is not None and not self._packed.eof):
            raise UnreadableInput("a compressed response is incomplete")
        return []

    def _all_of_it(self) -> list[bytes]:
        packed, self._held, self._left = b"".join(self._held), [], self._most
        pieces: list[bytes] = []
        failed = False
        try:
            with pa.CompressedInputStream(pa.BufferReader(packed), self._codec) as stream:
                while piece := stream.read(_PIECE):
                    self._count(piece)
                    pieces.append(piece)
        except (OSError, pa.ArrowException):
            failed = True
        if failed or not pieces:
            raise UnreadableInput("a compressed response is damaged or incomplete")
        return pieces

    def _count(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise Refused(f"the answer has more than {self._most:,} bytes", hint="respond in smaller pieces.")


def _unpacked(packed: zlib._Decompress, piece: bytes) -> bytes:
    try:
        return packed.decompress(piece, _PIECE)
    except zlib.error:
        pass
    raise UnreadableInput("a compressed response is damaged")


def _has_zlib_head(packed: bytes) -> bool:
    """Whether deflated bytes have the header that they should have (RFC 1950); many senders leave it out."""
    return packed[0] & 15 == 8 and (packed[0] << 8 | packed[1]) % 31 == 0
