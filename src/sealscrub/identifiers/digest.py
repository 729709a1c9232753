"""Keyed digests of whole columns: AES-CMAC over canonical values.

The digest is AES-CMAC (NIST SP 800-38B, RFC 4493) under a 256-bit key: 16 bytes for the UTF-8 bytes of a canonical
value. A value of up to 16 bytes is one AES block, so a column is a byte matrix, an exclusive-or with a subkey, and
one call into the block cipher; longer values are chained block by block across the column.
"""

from __future__ import annotations

import struct
import threading
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .inline_texts import inline_views, padded_blocks

__all__ = ["OneDigest", "digest_column", "digest_rows"]

_BLOCK = 16
_HALVES = struct.Struct(">QQ")
_PADDING = tuple(b"\x80".ljust(_BLOCK - length, b"\0") for length in range(_BLOCK))
_SLAB = 1 << 15  # rows worked on at a time: the byte matrix stays in the processor's cache
_ROWS_A_LENGTH = 256  # values of one length that are worth working on apart

Digests = npt.NDArray[np.uint64]
_Bytes = npt.NDArray[np.uint8]


def digest_column(values: pl.Series, key: bytes) -> Digests:
    """Digest a column of canonical values under the key of its scheme.

    Parameters
    ----------
    values : polars.Series of String
        Canonical values; null if there is none.
    key : bytes
        32 bytes, the key of the scheme (:meth:`sealscrub.identifiers.AudienceKey.scheme_key`).

    Returns
    -------
    numpy.ndarray of uint64, shape (len(values), 2)
        The 16 bytes of each digest as two big-endian halves; zeros if the value is null.

    Examples
    --------
    RFC 4493's first example has AES-128; the same construction with AES-256 gives, for the empty message:

    >>> import polars as pl
    >>> key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    >>> digest_column(pl.Series([""]), key).astype(">u8").tobytes().hex()
    '028962f61b7bf89efc6b551f4667d983'
    """
    cipher = _BlockCipher(key)
    digests = np.zeros((len(values), 2), np.uint64)
    for start in range(0, len(values), _SLAB):
        slab = values.slice(start, _SLAB)
        part = digests[start : start + _SLAB]
        _digest_slab(slab, cipher, part)
        if slab.null_count():
            part[slab.is_null().to_numpy()] = 0
    return digests


def digest_rows(rows: _Bytes, key: bytes | OneDigest, lengths: npt.NDArray[np.int64] | None = None) -> Digests:
    """Digest the rows of a matrix of bytes, as :func:`digest_column` does texts.

    Parameters
    ----------
    rows : numpy.ndarray of uint8, shape (n, width)
    key : bytes, or OneDigest
        32 bytes; or what has set the cipher up already, for a few rows.
    lengths : numpy.ndarray of int64, shape (n,), optional
        Of a matrix of at most 16 columns, how many bytes of each row count; the others are zeros.

    Returns
    -------
    numpy.ndarray of uint64, shape (n, 2)

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.frombuffer(b"K14612345M14000017", np.uint8).reshape(2, 9)
    >>> bool((digest_rows(rows, bytes(32)) == digest_column(pl.Series(["K14612345", "M14000017"]), bytes(32))).all())
    True
    """
    cipher = key.cipher if isinstance(key, OneDigest) else _BlockCipher(key)
    if not len(rows):
        return np.zeros((0, 2), np.uint64)
    return _cmac(rows, rows.shape[1] if lengths is None else lengths, cipher)


class _BlockCipher:
    """AES on a matrix of blocks, and the two subkeys of CMAC."""

    def __init__(self, key: bytes) -> None:
        cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - CMAC is built of it; nothing is encrypted
        self.block = cipher.encryptor().update
        self.whole_number = _double(int.from_bytes(self.block(bytes(_BLOCK)), "big"))
        self.padded_number = _double(self.whole_number)
        self.whole = np.frombuffer(self.whole_number.to_bytes(_BLOCK, "big"), np.uint8)
        self.padded = np.frombuffer(self.padded_number.to_bytes(_BLOCK, "big"), np.uint8)

    def __call__(self, blocks: _Bytes) -> _Bytes:
        out = self.block(np.ascontiguousarray(blocks).data.cast("B"))
        return np.frombuffer(out, np.uint8).reshape(blocks.shape)


class _OfThread(threading.local):
    """A cipher's context is one thread's."""

    cipher: _BlockCipher | None = None


class OneDigest:
    """The digest of one value at a time. May be asked by several threads.

    Parameters
    ----------
    key : bytes
        32 bytes, the key of the scheme.

    Examples
    --------
    >>> key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    >>> hex(OneDigest(key)("")[0])
    '0x28962f61b7bf89e'
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._mine = _OfThread()

    @property
    def cipher(self) -> _BlockCipher:
        """The cipher of this thread."""
        if self._mine.cipher is None:
            self._mine.cipher = _BlockCipher(self._key)
        return self._mine.cipher

    def __call__(self, value: str) -> tuple[int, int]:
        """Give the two halves of the digest of a canonical value."""
        cipher = self._mine.cipher or self.cipher
        block = cipher.block
        message = value.encode()
        if len(message) < _BLOCK:
            state = int.from_bytes(message + _PADDING[len(message)], "big") ^ cipher.padded_number
            return _HALVES.unpack(block(state.to_bytes(_BLOCK, "big")))
        last = max(0, (len(message) - 1) // _BLOCK) * _BLOCK
        state = 0
        for at in range(0, last, _BLOCK):
            part = int.from_bytes(message[at : at + _BLOCK], "big")
            state = int.from_bytes(block((state ^ part).to_bytes(_BLOCK, "big")), "big")
        end = message[last:]
        if len(end) == _BLOCK:
            state ^= int.from_bytes(end, "big") ^ cipher.whole_number
        else:
            state ^= int.from_bytes((end + b"\x80").ljust(_BLOCK, b"\0"), "big") ^ cipher.padded_number
        return _HALVES.unpack(block(state.to_bytes(_BLOCK, "big")))

    def __repr__(self) -> str:
        return "OneDigest(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("OneDigest cannot be pickled: it holds a key")


def _double(value: int) -> int:
    shifted = (value << 1) & ((1 << 128) - 1)
    return shifted ^ 0x87 if value >> 127 else shifted


def _digest_slab(values: pl.Series, cipher: _BlockCipher, out: Digests) -> None:
    views = inline_views(values)
    if views is not None:
        blocks = padded_blocks(views, cipher.padded.view(np.uint64))
        out[:] = cipher(blocks.view(np.uint8)).view(">u8")
        return
    offsets, data = text_bytes(values)
    lengths = np.diff(offsets)
    if not len(lengths):
        return
    longest = int(lengths.max())
    if longest == int(lengths.min()):
        matrix = data[offsets[0] : offsets[-1]].reshape(len(lengths), longest)
        out[:] = _cmac(matrix, longest, cipher)
        return
    different = np.flatnonzero(np.bincount(lengths)) if longest < _ROWS_A_LENGTH else lengths
    if len(different) * _ROWS_A_LENGTH <= len(lengths):  # few lengths, each of many values
        for length in different.tolist():
            rows = np.flatnonzero(lengths == length)
            out[rows] = _cmac(data[offsets[rows][:, None] + np.arange(length)], length, cipher)
        return
    blocks = np.maximum(1, -(-lengths // _BLOCK))
    for count in np.unique(blocks):
        rows = np.flatnonzero(blocks == count)
        out[rows] = _cmac(_gather(data, offsets, rows, int(count) * _BLOCK), lengths[rows], cipher)


def _cmac(matrix: _Bytes, lengths: npt.NDArray[np.int64] | int, cipher: _BlockCipher) -> Digests:
    """CMAC of each row; all rows need the same number of blocks."""
    rows, width = matrix.shape
    count = max(1, -(-width // _BLOCK))
    if isinstance(lengths, int) and lengths == _BLOCK:
        numbers = np.ascontiguousarray(matrix).view(np.uint64) ^ cipher.whole.view(np.uint64)
        return cipher(numbers.view(np.uint8)).view(">u8").astype(np.uint64)
    message = np.zeros((rows, count * _BLOCK), np.uint8)
    message[:, :width] = matrix
    if isinstance(lengths, int):
        short = lengths < count * _BLOCK
        if short:
            message[:, lengths] = 0x80
        message.view(np.uint64)[:, -2:] ^= (cipher.padded if short else cipher.whole).view(np.uint64)
    else:
        shorter = lengths < count * _BLOCK
        at = np.flatnonzero(shorter)
        message[at, lengths[at]] = 0x80
        message[:, -_BLOCK:] ^= np.where(shorter[:, None], cipher.padded, cipher.whole)
    state = cipher(message[:, :_BLOCK])
    for block in range(1, count):
        state = cipher(state ^ message[:, block * _BLOCK : (block + 1) * _BLOCK])
    return np.ascontiguousarray(state).view(">u8").astype(np.uint64)


def _gather(data: _Bytes, offsets: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], width: int) -> _Bytes:
    """Values of some rows as a matrix, filled with zeros to the right."""
    starts, lengths = offsets[rows], offsets[rows + 1] - offsets[rows]
    total = int(lengths.sum())
    within = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    matrix = np.zeros((len(rows), width), np.uint8)
    matrix[np.repeat(np.arange(len(rows)), lengths), within] = data[np.repeat(starts, lengths) + within]
    return matrix


def text_bytes(values: pl.Series) -> tuple[npt.NDArray[np.int64], _Bytes]:
    """Offsets and bytes of a text column; a null has length zero."""
    array = values.to_arrow()
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    array = array.cast(pa.large_string())
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else np.zeros(0, np.uint8)
    return offsets, data
