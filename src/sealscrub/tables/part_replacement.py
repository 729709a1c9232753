"""Which files of a table of a lake are replaced when it is changed in place, and which stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from .changes import TableChange

__all__ = ["Renewed", "changes_of_parts", "kept_parts", "replaced_parts"]


class _Part(Protocol):
    rows: int


PartT = TypeVar("PartT", bound=_Part)

Renewed: TypeAlias = Callable[[Any], bool]
"""Says whether a file of which no row is removed is replaced all the same."""


def changes_of_parts(parts: Sequence[PartT], change: TableChange) -> Iterator[tuple[PartT, TableChange]]:
    """Give each file with its part of a change of their table."""
    start = 0
    for part in parts:
        yield part, change.within(start, start + part.rows)
        start += part.rows


def replaced_parts(
    parts: Sequence[PartT], change: TableChange, renewed: Renewed | None = None
) -> list[tuple[PartT, TableChange]]:
    """Give the files that are replaced, each with its part of a change."""
    return [pair for pair in changes_of_parts(parts, change) if not _stays(*pair, renewed)]


def kept_parts(parts: Sequence[PartT], change: TableChange, renewed: Renewed | None = None) -> list[PartT]:
    """Give the files that stay as they are."""
    return [part for part, within in changes_of_parts(parts, change) if _stays(part, within, renewed)]


def _stays(part: Any, within: TableChange, renewed: Renewed | None) -> bool:
    return within.empty and (renewed is None or not renewed(part))
