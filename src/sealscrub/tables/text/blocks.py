"""Cutting a stream into blocks of whole records."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .dialect import QUOTE, Dialect
from .records import NO_QUOTES, BlockFault, check_quotes

__all__ = ["BLOCK_SIZE", "MAX_RECORD", "cut_blocks"]

BLOCK_SIZE = 8 << 20
MAX_RECORD = 512 << 20
_STEPS = 16


def cut_blocks(
    read: Callable[[int], bytes], dialect: Dialect, *, size: int = BLOCK_SIZE, longest: int = MAX_RECORD
) -> Iterator[bytes]:
    """Cut a stream into blocks that end where a record does.

    Parameters
    ----------
    read : callable
        Gives about as many bytes as it is asked for, none at the end.
    dialect : Dialect
        How the file is written.
    size : int
        About how many bytes a block has; a longer record makes a longer block.
    longest : int
        The most bytes that a record may have.

    Raises
    ------
    BlockFault
        If a record is longer, or a stray quote is met while looking for its end.
    """
    waiting = b""
    while data := read(max(size, len(waiting))):  # doubling: a long record is searched few times
        waiting = waiting + data if waiting else data
        end = _last_record_end(waiting, dialect)
        if end:
            yield waiting[:end]
            waiting = waiting[end:]
            continue
        if dialect.quoted:
            view = np.frombuffer(waiting, dtype=np.uint8)
            check_quotes(view, np.flatnonzero(view == QUOTE), dialect, whole=False)
        if len(waiting) > longest:
            raise BlockFault(f"a record of more than {longest >> 20} MiB; is a quote never closed?", 0, NO_QUOTES)
    if waiting:
        yield waiting


def _last_record_end(data: bytes, dialect: Dialect) -> int:
    """Give the offset after the last line end outside of quotes; 0 if there is none."""
    newline = bytes([dialect.newline])
    at = data.rfind(newline)
    if at < 0 or not dialect.quoted or QUOTE not in data:
        return at + 1
    view = np.frombuffer(data, dtype=np.uint8)
    quotes = int(np.count_nonzero(view == QUOTE))
    upto = len(data)
    for _ in range(_STEPS):
        quotes -= data.count(b'"', at, upto)
        if quotes % 2 == 0:
            return at + 1
        upto, at = at, data.rfind(newline, 0, at)
        if at < 0:
            return 0
    ends = np.flatnonzero(view == dialect.newline)
    outside = np.searchsorted(np.flatnonzero(view == QUOTE), ends) % 2 == 0
    return int(ends[outside][-1]) + 1 if outside.any() else 0
