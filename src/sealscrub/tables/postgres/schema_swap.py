"""Whether tables have changed since they were read, and one schema put in another's place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sealscrub.errors import Spelled, UnreadableInput, UsageError, WriteFailed

from ..database.database_layout import Written
from ..database.database_source import TableName, quoted

__all__ = ["PostgresWritten", "drop_schema", "place_schema", "row_state"]


@dataclass(frozen=True, slots=True)
class PostgresWritten(Written):
    """What was written into a new schema.

    Parameters
    ----------
    schema : str
        The schema that was read.
    schema_new : str
        The one that was written.
    state : dict of TableName to tuple of int
        By which a change of the earlier tables is noticed; it is never shown, since it counts their rows.
    """

    schema: str = ""
    schema_new: str = ""
    state: dict[TableName, tuple[int, int]] = field(default_factory=dict, repr=False)


def row_state(connection: Any, table: TableName) -> tuple[int, int]:
    """Sum up which versions of which rows a table has: their number, and the sum of a hash of place and writer."""
    found = connection.execute(
        f"SELECT count(*), coalesce(sum(hashtidextended(ctid, xmin::text::bigint)), 0) FROM ONLY {table.sql}"  # noqa: S608 - quoted names
    ).fetchone()
    return int(found[0]), int(found[1])


def check_unchanged(connection: Any, state: dict[TableName, tuple[int, int]]) -> None:
    """Refuse to continue when another row, or another version of one, is there than was read.

    Raises
    ------
    UnreadableInput
        Naming the table.
    """
    for table, before in state.items():
        if row_state(connection, table) != before:
            raise UnreadableInput(
                "the table was changed since it was read",
                where=str(table),
                hint="nothing was put in place; run it again, when no one writes.",
            )


def locked(tables: Iterable[TableName]) -> str:
    """List tables for LOCK."""
    return ", ".join(f"ONLY {table.sql}" for table in tables)


def place_schema(connection: Any, written: PostgresWritten, name: str, kept_as: str | None) -> bool:
    """Give the new schema its name, in one transaction; see :meth:`PostgresStore.place_schema`."""
    import psycopg

    if name == written.schema:
        raise UsageError("the output would replace the input", where=name, hint="choose another output.")
    try:
        with connection.transaction():
            connection.execute(f"LOCK TABLE {locked(written.state)} IN SHARE MODE")
            check_unchanged(connection, written.state)
            there = connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", [name]).fetchall()
            if there and kept_as is None:
                raise UsageError(
                    "there is a schema of this name",
                    where=name,
                    hint=Spelled("choose another; or replace=True.", "choose another; or --replace an earlier output."),
                )
            if there:
                connection.execute(f"ALTER SCHEMA {quoted(name)} RENAME TO {quoted(kept_as or '')}")
            connection.execute(f"ALTER SCHEMA {quoted(written.schema_new)} RENAME TO {quoted(name)}")
    except psycopg.Error as error:
        raise WriteFailed(
            f"the schema can't be put in place (PostgreSQL's code {error.sqlstate or 'none'})",
            where=name,
            hint="nothing was changed; check that the name is free, no long transaction runs, and you own the schema.",
        ) from None
    return bool(there)


def drop_schema(connection: Any, written: PostgresWritten, placed: tuple[str, str | None] | None) -> None:
    """Remove a new schema, and give the earlier one its name again; see :meth:`PostgresStore.drop_schema`."""
    import psycopg

    name, earlier = placed or (written.schema_new, None)
    try:
        with connection.transaction():
            connection.execute(f"DROP SCHEMA IF EXISTS {quoted(name)} CASCADE")
            if earlier is not None:
                connection.execute(f"ALTER SCHEMA {quoted(earlier)} RENAME TO {quoted(name)}")
    except psycopg.Error as error:
        raise WriteFailed(
            f"the schema can't be removed (PostgreSQL's code {error.sqlstate or 'none'})",
            where=name,
            hint="drop it by hand.",
        ) from None
