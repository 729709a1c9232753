"""Bytes between the parts that a format describes: what was deleted, or put there, may still be in them."""

from __future__ import annotations

from collections.abc import Iterable

from ..leaves import LeafWriter
from .file_source import Source

__all__ = ["say_gaps"]

_STEP = 1 << 20


def say_gaps(source: Source, parts: Iterable[tuple[int, int]], leaves: LeafWriter) -> None:
    """Say that a file is not checked if bytes other than zeros are in none of its parts.

    Parameters
    ----------
    source : Source
    parts : iterable of (int, int)
        Where each begins and ends, in any order; they may overlap.
    leaves : LeafWriter
    """
    at = 0
    for start, end in sorted([*parts, (source.size, source.size)]):
        if start > at and _holds_bytes(source, at, start):
            leaves.unchecked(source.path, "it holds bytes that belong to no part that its format describes")
            return
        at = max(at, end)


def _holds_bytes(source: Source, start: int, end: int) -> bool:
    source.file.seek(start)
    while start < end and (data := source.file.read(min(_STEP, end - start))):
        if data.strip(b"\0"):
            return True
        start += len(data)
    return False
