"""Turning slices of a block into a column of text, without a loop over the rows.

Arrow's string views fit: 16 bytes a value, which hold a short value itself and point into the block for a
long one, so only the first twelve bytes of each value are ever copied.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from .dialect import QUOTE, Dialect
from .encoding import TextEncoding, recode_single_byte
from .records import BlockFault, Records

__all__ = ["key_columns", "text_column"]

_Bytes = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint32]
_Offsets = npt.NDArray[np.int64]

_INLINE = 12
_MASKS = np.where(np.arange(_INLINE) < np.arange(_INLINE + 1)[:, None], 0xFF, 0).astype(np.uint8).view("<u4")


def key_columns(records: Records, numbers: dict[str, int], encoding: TextEncoding) -> pl.DataFrame:
    """Read fields of records as columns of text; an empty value is null.

    Parameters
    ----------
    records : Records
        The records.
    numbers : dict of str to int
        Each column's name and the number of its field.
    encoding : TextEncoding
        The file's encoding; the records' bytes were checked to be valid UTF-8 if it is that.

    Raises
    ------
    BlockFault
        If a value has a byte without meaning in the encoding.
    """
    columns = {}
    for name, number in numbers.items():
        begin, end = records.field(number)
        columns[name] = text_column(records.data, begin, end, dialect=records.dialect, encoding=encoding)
    return pl.DataFrame(columns)


def text_column(
    block: bytes,
    begin: _Offsets,
    end: _Offsets,
    *,
    dialect: Dialect | None = None,
    encoding: TextEncoding | None = None,
) -> pl.Series:
    """Read slices of a block as a column of text.

    Parameters
    ----------
    block : bytes
        The bytes.
    begin, end : ndarray of int64, shape (n,)
        The slices; one that is empty, or ends before it begins, is null.
    dialect : Dialect, optional
        If it quotes, quotes around a value are taken off and doubled ones inside made single.
    encoding : TextEncoding, optional
        By default UTF-8.
    """
    if dialect is not None and dialect.quoted and QUOTE in block:
        return _quoted_column(block, begin, end, encoding)
    lengths = np.maximum(end - begin, 0)
    if encoding is not None and not encoding.unicode and not block.isascii():
        data = np.frombuffer(block, dtype=np.uint8)
        return _recoded(_copy_slices(data, begin, lengths), lengths, encoding)
    return _column(_views(block, begin, lengths, 0), lengths, [block])


def _quoted_column(block: bytes, begin: _Offsets, end: _Offsets, encoding: TextEncoding | None) -> pl.Series:
    data = np.frombuffer(block, dtype=np.uint8)
    quoted = (end > begin) & (data[np.minimum(begin, data.size - 1)] == QUOTE)
    inner, lengths = begin + quoted, end - begin - 2 * quoted
    quotes = np.flatnonzero(data == QUOTE)
    doubled = np.searchsorted(quotes, inner + lengths) - np.searchsorted(quotes, inner)
    escaped = np.flatnonzero(doubled)
    recode = encoding is not None and not encoding.unicode and not block.isascii()
    if not escaped.size and not recode:
        return _column(_views(block, inner, lengths, 0), lengths, [block])
    if recode:
        escaped = np.arange(begin.size)
    gathered = _copy_slices(data, inner[escaped], lengths[escaped])
    # quoting was checked: inside of a value quotes come in pairs
    gathered = np.delete(gathered, np.flatnonzero(gathered == QUOTE)[1::2])
    single = lengths.copy()
    single[escaped] -= doubled[escaped] // 2
    if recode and encoding is not None:
        return _recoded(gathered, single, encoding)
    views = _views(block, inner, single, 0)
    side = gathered.tobytes()
    views[escaped] = _views(side, np.cumsum(single[escaped]) - single[escaped], single[escaped], 1)
    return _column(views, single, [block, side])


def _recoded(gathered: _Bytes, lengths: _Offsets, encoding: TextEncoding) -> pl.Series:
    recoded = recode_single_byte(gathered, lengths, encoding.codec)
    if recoded is None:
        raise BlockFault(f"a key has a byte that is not {encoding.codec}", 0, "name the file's encoding.")
    text, sizes = recoded[0].tobytes(), recoded[1]
    return _column(_views(text, np.cumsum(sizes) - sizes, sizes, 0), sizes, [text])


def _copy_slices(data: _Bytes, begin: _Offsets, lengths: _Offsets) -> _Bytes:
    """Copy slices one after another."""
    before = np.cumsum(lengths) - lengths
    return data[np.repeat(begin - before, lengths) + np.arange(int(lengths.sum()))]


def _views(data: bytes, begin: _Offsets, lengths: _Offsets, buffer: int) -> _Words:
    """Make Arrow's views of slices: length, then the value, or its first four bytes, buffer and offset."""
    views = np.empty((begin.size, 4), dtype="<u4")
    views[:, 0] = lengths
    np.bitwise_and(_heads(data, begin, lengths), _MASKS[np.minimum(lengths, _INLINE)], out=views[:, 1:])
    long = np.flatnonzero(lengths > _INLINE)
    if long.size:
        views[long, 2] = buffer
        views[long, 3] = begin[long]
    return views


def _heads(data: bytes, begin: _Offsets, lengths: _Offsets) -> _Words:
    """Copy twelve bytes from each offset, whatever follows the value."""
    last = len(data) - _INLINE
    if last < 0:
        return _heads(data.ljust(_INLINE, b"\0"), begin, lengths)
    every = np.ndarray(shape=(last + 1,), dtype=f"V{_INLINE}", buffer=data, strides=(1,))
    heads = every[np.minimum(begin, last)].view("<u4").reshape(-1, _INLINE // 4)
    for row in np.flatnonzero((begin > last) & (lengths > 0)):  # no more rows than the last few bytes hold
        heads[row] = np.frombuffer(data[begin[row] :].ljust(_INLINE, b"\0")[:_INLINE], dtype="<u4")
    return heads


def _column(views: _Words, lengths: _Offsets, data: list[bytes]) -> pl.Series:
    valid = lengths > 0
    bits = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    buffers = [bits, pa.py_buffer(views), *(pa.py_buffer(part) for part in data)]
    array = pa.Array.from_buffers(pa.string_view(), views.shape[0], buffers)
    series = pl.from_arrow(array)
    if not isinstance(series, pl.Series):
        raise TypeError("an array becomes a series")
    return series
