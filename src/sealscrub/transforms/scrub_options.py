"""What :func:`sealscrub.scrub` takes by name, for type checkers: what it returns depends only on three arguments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Protocol, TypedDict

from sealscrub.index import TextIndex
from sealscrub.matching import Policy
from sealscrub.tables.reading_options import ReadAs

from .narrative_columns import Given
from .options import Progress

__all__ = ["Places", "ScrubOptions"]


class _DeltaTable(Protocol):
    """A ``deltalake.DeltaTable``, which may not be installed: a type that is not known would stand for every type."""

    @property
    def table_uri(self) -> str: ...


class _IcebergTable(Protocol):
    """A ``pyiceberg.table.Table``, in the same way."""

    @property
    def metadata_location(self) -> str: ...


_Lake = _DeltaTable | _IcebergTable
Places = str | PathLike[str] | Sequence[str] | Sequence[PathLike[str]] | Sequence[str | PathLike[str]] | _Lake
"""Names of files, addresses of tables, or a Delta or Iceberg table: no frame comes back for them."""


class ScrubOptions(TypedDict, total=False):
    """All that does not change the kind of what comes back."""

    output: str | Path | None
    use: str
    policy: Policy | None
    null_columns: Iterable[str]
    set_values: Mapping[str, object] | None
    accept_marks: Iterable[str]
    keep_levels: Collection[str]
    keep_metadata: Collection[str]
    keep_index: bool
    quarantine: str | Path | None
    positions: bool
    name: str
    read_as: ReadAs | None
    sweep: bool
    leave: Mapping[str, str] | None
    narrative: Given
    names: TextIndex | None
    in_place: bool
    purge_history: bool
    rewrite: Literal["needed", "all"]
    orphans_older_than: float
    confirm: Callable[[str], object] | None
    engine: Any
    progress: Progress | None
