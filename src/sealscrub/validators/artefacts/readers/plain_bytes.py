"""Plain text anywhere in the bytes of a file, whatever its reader makes of them.

A reader follows what its format describes: the members that a directory names, the pages that a footer counts. What
is between these, in fields that nothing reads, or as numbers of a tensor, is seen here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..leaves import IN_BYTES, LeafWriter
from .file_source import Source

__all__ = ["write_plain_texts"]

_STEP = 1 << 22
_OVERLAP = 1 << 10
_SHORTEST = 6
_WIDTHS = (1, 2, 4)  # bytes of a letter
_DIGITS = frozenset("0123456789")
_FIRST, _LAST = 0x20, 0x7E

Bytes = npt.NDArray[np.uint8]


def write_plain_texts(source: Source, leaves: LeafWriter) -> None:
    """Write the runs of printable letters in a file that hold a digit, from its first byte to its last."""
    for start in range(0, source.size, _STEP):
        source.file.seek(start)
        data = np.frombuffer(source.file.read(_STEP + _OVERLAP), np.uint8)
        runs = [run for width in _WIDTHS for phase in range(width) for run in _runs(data[phase:], width)]
        telling = [run for run in dict.fromkeys(runs) if not _DIGITS.isdisjoint(run)]
        leaves.texts(f"{source.path}{IN_BYTES}", telling)


def _runs(data: Bytes, width: int) -> list[str]:
    """Runs of letters, one every so many bytes and zeros between them."""
    letters: Any = data[::width]
    printable = (letters >= _FIRST) & (letters <= _LAST)
    goes_on = printable.copy()
    for behind in range(1, width):
        between = data[behind::width]
        goes_on[: len(between)] &= between == 0
        goes_on[len(between) :] = False
    edges = np.flatnonzero(np.diff(goes_on, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    # the last letter of one has other bytes behind it, where its zeros are before it
    ends = ends + ((ends < len(printable)) & printable[np.minimum(ends, len(printable) - 1)]) if len(ends) else ends
    long = ends - starts >= _SHORTEST
    spans = zip(starts[long].tolist(), ends[long].tolist(), strict=True)
    return [letters[start:end].tobytes().decode("ascii") for start, end in spans]
