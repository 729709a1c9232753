"""What is left of a block: its bytes without some spans, or with other text in their place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .compression import ByteSink

__all__ = ["Ending", "rewritten", "selected", "without"]

_Offsets = npt.NDArray[np.int64]

_JOINING = 700  # to join one run costs about as much as to mask so many bytes


def without(block: bytes, starts: _Offsets, stops: _Offsets) -> bytes:
    """Leave out spans of a block, which are in order and do not overlap."""
    if not starts.size:
        return block
    first = np.ones(starts.size, dtype=np.bool_)
    first[1:] = starts[1:] != stops[:-1]
    last = np.roll(first, -1)
    cut, resume = starts[first], stops[last]
    if cut.size * _JOINING > len(block):
        bounds = np.column_stack((cut, resume)).ravel()
        lengths = np.diff(bounds, prepend=0, append=len(block))
        stays = np.repeat(np.arange(lengths.size) % 2 == 0, lengths)
        kept: bytes = np.frombuffer(block, dtype=np.uint8)[stays].tobytes()
        return kept
    view = memoryview(block)
    begins = [0, *resume.tolist()]
    ends = [*cut.tolist(), len(block)]
    return b"".join([view[begin:end] for begin, end in zip(begins, ends, strict=True)])


def selected(block: bytes, starts: _Offsets, stops: _Offsets) -> bytes:
    """Take spans of a block one after another."""
    view = memoryview(block)
    return b"".join([view[a:b] for a, b in zip(starts.tolist(), stops.tolist(), strict=True)])


def rewritten(block: bytes, starts: _Offsets, stops: _Offsets, texts: Sequence[bytes]) -> bytes:
    """Put a text in the place of each span; the spans may come in any order and do not overlap."""
    view = memoryview(block)
    parts: list[bytes | memoryview] = []
    done = 0
    order = np.argsort(starts, kind="stable")
    for start, stop, which in zip(starts[order].tolist(), stops[order].tolist(), order.tolist(), strict=True):
        parts += (view[done:start], texts[which])
        done = stop
    parts.append(view[done:])
    return b"".join(parts)


class Ending:
    """Holds the last line end back until it is known whether the file has one.

    A file whose last line has no line end was written by something that puts line ends between lines. Without
    its last record it would lack the line end of what is then the last.

    Parameters
    ----------
    sink : ByteSink
        Takes the bytes.
    """

    def __init__(self, sink: ByteSink) -> None:
        self._sink = sink
        self._held = b""

    def write(self, data: bytes) -> None:
        """Hand on what was held back and the data, except for a line end that it ends with."""
        if not data:
            return
        held = 2 if data.endswith(b"\r\n") else 1 if data.endswith((b"\n", b"\r")) else 0
        if self._held:
            self._sink.write(self._held)
        if len(data) > held:
            self._sink.write(data[: len(data) - held] if held else data)
        self._held = data[len(data) - held :] if held else b""

    def finish(self, *, ended: bool) -> None:
        """Hand on the last line end, if the file's own last line has one."""
        if ended and self._held:
            self._sink.write(self._held)
        self._held = b""
