"""Columns of short texts as bytes of one width, compared and sent far faster than cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from .pieces import plain

__all__ = ["cell_by_cell", "text_bits"]

_WIDEST = 64
_TEXT, _NULL, _END = b"s", b"n", 1


def text_bits(array: Any) -> np.ndarray | None:
    r"""Give an Arrow array of texts as fixed-width bytes; None if it holds long ones, or none of that kind.

    Each begins with what distinguishes a text from a null, and ends with a byte that keeps zeros at its end apart.

    Examples
    --------
    >>> import pyarrow as pa
    >>> text_bits(pa.array(["a", None, ""])).tolist()
    [b'sa\x01', b'n', b's\x01']
    """
    import pyarrow as pa

    if str(array.type) not in ("string", "large_string", "string_view"):
        return None
    try:
        whole = array.cast(pa.large_string())
        whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    except pa.ArrowException:
        return None
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], pa.large_string())
    rows = len(whole)
    _, ends, held = whole.buffers()
    if not rows or ends is None:
        return np.zeros(0, "S2") if not rows else None
    offsets = np.frombuffer(ends, np.int64, rows + 1, whole.offset * 8)
    data = np.frombuffer(held, np.uint8) if held is not None else np.zeros(0, np.uint8)
    known = pl.Series(whole.is_valid()).to_numpy()  # pyarrow's own conversion would load pandas
    lengths = np.where(known, np.diff(offsets), 0)
    width = int(lengths.max())
    if width > _WIDEST:
        return None
    cells = np.zeros((rows, width + 2), np.uint8)
    cells[:, 0] = np.where(known, _TEXT[0], _NULL[0])
    for at in range(width):
        reached = np.flatnonzero(lengths > at)
        cells[reached, 1 + at] = data[offsets[reached] + at]
    texts = np.flatnonzero(known)
    cells[texts, 1 + lengths[texts]] = _END
    return cells.reshape(-1).view(f"S{width + 2}")


def cell_by_cell(bits: np.ndarray) -> np.ndarray:
    """Give such bytes as the bits of plain values, if another column of the name holds those."""
    found = np.empty(len(bits), dtype=object)
    found[:] = [_plain_cell(cell) for cell in bits.tolist()]
    return found


def _plain_cell(cell: Any) -> Any:
    if not isinstance(cell, bytes):
        return cell
    if cell == _NULL:
        return plain(None)
    return plain(cell[1:-1].decode("utf-8", "surrogateescape"))
