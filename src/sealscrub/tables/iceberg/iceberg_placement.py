"""Iceberg tables of an estate, put into their catalogs together with the rest of it: all of them, or none."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from sealscrub.errors import SealscrubError, WriteFailed

from ..changes import TableChange
from ..lake_table import ChangedTable, LakeTable
from .iceberg_address import IcebergAddress
from .iceberg_catalog import asked, local_path, opened_catalog
from .iceberg_writer import catalog_given, write_iceberg

__all__ = ["IcebergPlacement"]


@dataclass(slots=True)
class _Placed:
    """A table that is in its catalog, or of which an earlier one has another name."""

    target: IcebergAddress
    given: Any
    earlier: tuple[str, ...] | None = None
    metadata: str | None = None


class IcebergPlacement:
    """What a run writes into catalogs; a block that fails leaves no new table, and each earlier one its name.

    The block holds whatever else has to succeed, such as the rename of the output's folder. Tables are created one
    after the other: an error takes them back, and names those that it cannot. After a kill, some are there and others
    are not; each of these is whole.
    """

    def __init__(self) -> None:
        self._placed: list[_Placed] = []

    def __enter__(self) -> IcebergPlacement:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self._take_back(error)

    def place(self, table: LakeTable, change: TableChange, target: IcebergAddress, kept_as: str | None) -> list[str]:
        """Write a table as a new one of its catalog; an earlier one of that name is kept under another.

        Parameters
        ----------
        table : LakeTable
            What was read.
        change : TableChange
            Which rows stay, and what changes in them.
        target : IcebergAddress
            The new table.
        kept_as : str or None
            What the name of an earlier table ends with from now on, where it may be replaced.

        Returns
        -------
        list of str
            What a person should know.

        Raises
        ------
        UsageError
            When there is a table of that name that is not to be replaced.
        WriteFailed
            When pyiceberg fails.
        """
        placed = _Placed(target, catalog_given(table))
        self._placed.append(placed)
        with opened_catalog(target, placed.given) as catalog:
            if kept_as is not None and asked(lambda: catalog.table_exists(target.identifier)):
                *namespace, name = target.identifier
                earlier = (*namespace, f"{name}_{kept_as}")
                if not asked(lambda: catalog.rename_table(target.identifier, earlier) is not None):
                    raise WriteFailed(
                        "the catalog cannot rename the earlier table",
                        where=str(target),
                        hint="name a new table in the plan, or drop the earlier one.",
                    )
                placed.earlier = earlier
            placed.metadata = write_iceberg(ChangedTable(table, change), target, apart=placed.earlier is not None)
        if placed.earlier is None:
            return []
        name = ".".join(placed.earlier)
        return [f"the earlier table is kept as {name}: drop it, and delete its folder: comparing reveals the new seals"]

    def _take_back(self, error: BaseException) -> None:
        stuck = [str(placed.target) for placed in reversed(self._placed) if not asked(partial(_taken_back, placed))]
        if stuck:
            because = f": {error.message}" if isinstance(error, SealscrubError) else ""
            raise WriteFailed(
                f"the run failed{because}, and tables that it placed could not be removed",
                where=", ".join(stuck),
                hint="drop them; an earlier table of such a name is there as NAME_earlier_…: rename it back.",
            ) from None


def _taken_back(placed: _Placed) -> bool:
    """Remove a new table, if it is as it was written, and give an earlier one its name."""
    identifier = placed.target.identifier
    with opened_catalog(placed.target, placed.given) as catalog:
        if placed.metadata is not None:
            held = catalog.load_table(identifier)
            if held.metadata_location != placed.metadata:
                return False
            folder: Path = local_path(held.metadata.location, str(placed.target))
            catalog.drop_table(identifier)
            shutil.rmtree(folder)
        if placed.earlier is not None:
            catalog.rename_table(placed.earlier, identifier)
    return True
