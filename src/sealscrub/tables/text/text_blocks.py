"""The loop over a text file's blocks, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..row_verdicts import RowVerdicts
from .compression import ByteSink
from .records import BlockFault
from .row_fates import FileCounts, Progress, Tell, at_line
from .stream import encoded
from .survivors import Ending
from .text_source import TextSource

__all__ = ["BlockDone", "write_blocks"]


@dataclass(frozen=True, slots=True)
class BlockDone:
    """What happened to a block.

    Parameters
    ----------
    kept, aside : bytes
        What stays, and what goes to quarantine.
    counts : FileCounts
        What was done.
    lines : int
        How many lines the block has.
    rows : object, optional
        The rows, if they were judged.
    verdicts : RowVerdicts, optional
        About these.
    """

    kept: bytes
    aside: bytes
    counts: FileCounts
    lines: int
    rows: Any = None
    verdicts: RowVerdicts | None = None


def write_blocks(
    source: TextSource[Any],
    work: Callable[[Iterator[bytes]], Iterator[BlockDone]],
    out: ByteSink | None,
    quarantine: ByteSink | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> FileCounts:
    """Write what is left of a file's blocks, as whatever works on them gives it, in their order.

    Raises
    ------
    UnreadableInput
        If the file is not what it should be, with the line. What was written until then is to be thrown away.
    """
    kept = None if out is None else Ending(encoded(out, source.encoding))
    aside = None if quarantine is None else Ending(encoded(quarantine, source.encoding))
    for sink in (kept, aside):
        if sink is not None:
            sink.write(source.prefix)
    lines = source.prefix.count(source.newline)
    ended = not source.prefix or source.prefix.endswith(source.newline)
    total = FileCounts()

    def watched() -> Iterator[bytes]:
        nonlocal ended
        for block in source.blocks():
            ended = block.endswith(source.newline)
            yield block

    try:
        for done in work(watched()):
            if kept is not None:
                kept.write(done.kept)
            if aside is not None:
                aside.write(done.aside)
            if tell is not None and done.verdicts is not None:
                tell(done.rows, done.verdicts)
            lines += done.lines
            total += done.counts
            if progress is not None:
                progress(total.rows, source.position())
    except BlockFault as fault:
        raise at_line(fault, lines, source.name) from None
    for sink in (kept, aside):
        if sink is not None:
            sink.finish(ended=ended)
    return total
