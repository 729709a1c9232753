"""Databases of an estate: opened once each, and the schemas that earlier runs have kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sealscrub.errors import ConfigError, SealscrubError, Spelled

from ..table import Table
from . import DatabaseKind, DatabaseSource, DatabaseStore, DatabaseTable, open_store

__all__ = [
    "SCHEMA_NAME",
    "check_confined",
    "close_databases",
    "closing",
    "kept_schemas",
    "open_table_in",
    "outside_plan",
    "stores_of",
]

SCHEMA_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,50}")


def check_confined(source: DatabaseSource, root: Path, where: str, allowed: Collection[str]) -> None:
    """Refuse a database that is outside of a plan's folder, or on a server that is not allowed.

    Raises
    ------
    ConfigError
    """
    if source.file is not None and not source.file.resolve().is_relative_to(root):
        raise outside_plan(where)
    if source.kind == DatabaseKind.POSTGRES:
        _check_allowed(source, where, allowed)


def outside_plan(where: str) -> ConfigError:
    """Make the error of a source that is not in the plan's folder."""
    return ConfigError(
        "is outside of the plan's folder",
        where=where,
        hint=Spelled(
            "put the plan above its data, or name the folder above both: root=.",
            "put the plan above its data, or name the folder above both with --root.",
        ),
    )


def open_table_in(
    source: DatabaseSource, name: str, stores: dict[str, tuple[DatabaseSource, DatabaseStore]]
) -> DatabaseTable:
    """Open a table, and its database if that is not open yet.

    Raises
    ------
    ConfigError
        When the table does not exist.
    UnreadableInput
        When the database cannot be opened.
    """
    if source.place not in stores:
        stores[source.place] = (source, open_store(source))
    table = stores[source.place][1].open_table(name, source.name)
    table.source = source
    return table


def _check_allowed(source: DatabaseSource, where: str, allowed: Collection[str]) -> None:
    """Refuse a server that no one allowed: a plan from somebody else must not make this host call another."""
    server = source.place.partition("://")[2]
    host = server.partition("/")[0]
    if not {server, host, host.rpartition(":")[0] or host} & set(allowed):
        raise ConfigError(
            f"the database server {host} is not allowed",
            where=where,
            hint=Spelled(f"if it is yours: allow_database=[{host!r}].", f"if it is yours: --allow-database {host}."),
        )


def stores_of(tables: Mapping[str, Table]) -> dict[str, list[DatabaseTable]]:
    """Give the tables of each database, by its place."""
    found: dict[str, list[DatabaseTable]] = {}
    for table in tables.values():
        if isinstance(table, DatabaseTable):
            found.setdefault(table.store.place, []).append(table)
    return found


@contextmanager
def closing(tables: Mapping[str, Table]) -> Iterator[None]:
    """Close the databases when the block ends."""
    try:
        yield
    finally:
        close_databases(tables)


def close_databases(tables: Mapping[str, Table]) -> None:
    """Close the databases."""
    for group in stores_of(tables).values():
        group[0].store.close()


def kept_schemas(
    sources: Iterable[str], root: Path, output: str, allowed: Collection[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Find the schemas that runs have kept when they put an output of this name in place.

    Parameters
    ----------
    sources : iterable of str
        As a plan writes them; those on no server are passed over.
    root : Path
        The plan's.
    output : str
        The name of the output's folder, which is the schema's.
    allowed : collection of str
        Servers that may be asked.

    Returns
    -------
    (list of (str, str), list of str)
        Place and name of each schema; and why a server was not asked.
    """
    from ..postgres.postgres_store import PostgresStore

    found, unasked = [], []
    servers: dict[str, DatabaseSource] = {}
    for written in sources:
        if "://" in written or written.startswith("${"):
            try:
                source = DatabaseSource.parse(written, root)
            except ConfigError as error:
                unasked.append(error.message)
            else:
                servers.setdefault(source.place, source)
    pattern = f"^{output}_earlier_[0-9]{{8}}T[0-9]{{6}}Z$"
    query = "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname ~ %s ORDER BY 1"
    for place, source in servers.items():
        try:
            _check_allowed(source, place, allowed)
            with PostgresStore(source) as store:
                if SCHEMA_NAME.fullmatch(output):
                    found += [(place, name) for (name,) in store.ask(query, pattern)]
        except SealscrubError as error:
            unasked.append(f"{place}: {error.message}")
    return found, unasked
