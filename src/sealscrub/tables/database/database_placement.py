"""Databases of an estate, written and put in place together: all of them, or none."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import polars as pl

from sealscrub.errors import SealscrubError, UsageError, WriteFailed

from ..changes import TableChange
from ..table import Table
from . import DatabaseKind, DatabaseStore, TableName, Written
from .database_layout import NEW_SCHEMA
from .stores import SCHEMA_NAME, stores_of

__all__ = ["DatabasePlacement"]


class DatabasePlacement:
    """What a run writes into databases; a block that fails leaves no new schema, and each earlier one its name.

    The block holds whatever else has to succeed, such as the rename of the output's folder. Schemas of several servers
    are put in place one after the other: an error takes them back. After a kill, some have the new name and others do
    not; the next run replaces all of them, and names the schemas that the killed one left.
    """

    def __init__(self) -> None:
        self._written: list[tuple[DatabaseStore, Written]] = []
        self._placed: list[tuple[str, str | None]] = []  # of the first so many of those: name, and the earlier one's

    def __enter__(self) -> DatabasePlacement:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self._take_back(error)

    def add(self, store: DatabaseStore, written: Written) -> None:
        """Take charge of what a store has written."""
        self._written.append((store, written))

    def write(
        self,
        tables: Mapping[str, Table],
        changes: Mapping[str, TableChange],
        whole: Mapping[str, pl.DataFrame],
        root: Path,
        part: Path,
    ) -> None:
        """Write each database: a file below `part`, or a PostgreSQL schema under a name for the time being."""
        for group in stores_of(tables).values():
            store, source = group[0].store, group[0].source
            wanted: dict[str | TableName, TableChange | pl.DataFrame] = {
                table.layout.name: whole[table.name] if table.name in whole else changes[table.name] for table in group
            }
            for table in group:
                table.check_lists(wanted[table.layout.name])
            if source is not None and source.kind != DatabaseKind.POSTGRES:
                assert source.file is not None  # noqa: S101 - such a database is a file
                target = part / source.file.resolve().relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                self.add(store, store.write(wanted, target))
            else:
                self.add(store, store.write(wanted, f"{NEW_SCHEMA}{secrets.token_hex(6)}"))

    def place(self, name: str, kept_as: str | None) -> list[str]:
        """Give new schemas the output's name; an earlier one of that name is kept under another.

        Parameters
        ----------
        name : str
        kept_as : str or None
            What an earlier schema of that name is called from now on, where it may be replaced.

        Returns
        -------
        list of str
            What a person should know.

        Raises
        ------
        UsageError
            When there is a schema of the output's name that is not to be replaced.
        """
        from ..postgres.postgres_store import PostgresStore

        said = []
        for store, result in self._written:
            said += [f"{store.place}: not copied: {', '.join(result.left_out)}"] if result.left_out else []
            said += [f"{store.place}: {note}" for note in result.notes]
            earlier = False
            if isinstance(store, PostgresStore):
                if SCHEMA_NAME.fullmatch(name) is None:
                    raise UsageError(
                        "a schema gets the name of the output's folder, which cannot be one",
                        where=name,
                        hint="name an output of letters, digits and underlines.",
                    )
                earlier = store.place_schema(result, name, kept_as)
            if earlier:
                said.append(
                    f"the earlier schema is kept as {kept_as}: drop it: comparing the two reveals the new seals"
                )
            self._placed.append((name, kept_as if earlier else None))
        return said

    def _take_back(self, error: BaseException) -> None:
        from ..postgres.postgres_store import PostgresStore

        stuck = []
        for at, (store, result) in reversed(list(enumerate(self._written))):
            if isinstance(store, PostgresStore):
                try:
                    store.drop_schema(result, *self._placed[at : at + 1])
                except SealscrubError:
                    stuck.append(store.place)
        if stuck:
            because = f": {error.message}" if isinstance(error, SealscrubError) else ""
            raise WriteFailed(
                f"the run failed{because}, and its output could not be removed",
                where=", ".join(stuck),
                hint="drop the new schema (sealscrub_new_…, or the output's name), and rename an earlier one back.",
            ) from None
