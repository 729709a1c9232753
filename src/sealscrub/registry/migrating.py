"""Copying a registry into a new place, with the schema of this version.

Nothing may be rewritten, so a registry is never altered where it is. The copy keeps the registry's id, its epochs
and their recorded times; it notes the digest of what it was copied from.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from sealscrub.custody import Purpose, Terms
from sealscrub.errors import IncompleteError, RegistryError

from .bulk import Progress, append, read_chunks
from .custodied import FACT, Keeper
from .schema import EPOCHS, EVENT_KEYS, EVENT_PERSONS, EVENTS, SCHEMA_VERSION
from .store import Store, lay_out, new_store, put_up_guards, read_facts, refuse_absent

__all__ = ["migrate"]

_COPIED = (EPOCHS, EVENTS, EVENT_KEYS, EVENT_PERSONS)
_KEY_ORDER = ("scheme", "value")


def migrate(
    old: str | Path,
    new: str | Path,
    *,
    custody: Terms | None = None,
    progress: Progress | None = None,
) -> str:
    """Copy a registry into a new file or database with this version's schema.

    Parameters
    ----------
    old : str or Path
        A registry of this or an earlier schema version; it is left as it is.
    new : str or Path
        Where the copy goes: a file that does not exist, or an empty database. SQLite and PostgreSQL in any order.
    custody : Terms, optional
        Whose roster governs the copy; by default whose governs the old one.
    progress : callable, optional
        As in :meth:`Registry.add`.

    Returns
    -------
    str
        SHA-256 of the old registry, as the new one records it: of a file its bytes, of a database its rows.

    Raises
    ------
    RegistryError
        When there is no registry, or one of a later version, or the new place is taken.
    IncompleteError
        When the old registry changed meanwhile; nothing was made.
    """
    source = Store(old)
    if source.path is not None:
        refuse_absent(source.path)
    digest = _file_digest(source.path) if source.path else ""
    with source.reading() as reading:
        facts = read_facts(reading)
        stood = dict(facts)
        copy = _reader(facts.get("schema_version", ""), source.label)
        if source.path is None:
            digest = _rows_digest(reading)
        now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S}Z"
        facts |= {
            "schema_version": str(SCHEMA_VERSION),
            "migrated_at": now,
            "predecessor_schema_version": facts["schema_version"],
            "predecessor_sha256": digest,
        }
        if custody is not None:
            facts[FACT] = custody.to_text()
        keeper = Keeper(stood, None)
        with keeper.shown("registry migrate", purpose=Purpose.KEEPING_REGISTRY), new_store(new) as writing:
            lay_out(writing, facts)
            copy(reading, writing, progress)
            put_up_guards(writing)
            if source.path is not None and _file_digest(source.path) != digest:
                raise IncompleteError(
                    "changed while it was being copied; nothing was made", where=source.label, hint="try again."
                )
    source.close()
    return digest


def _copy_version_1(reading: sa.Connection, writing: sa.Connection, progress: Progress | None) -> None:
    for table in _COPIED:
        done = 0
        for rows in read_chunks(reading, _ordered(table)):
            frame = pl.DataFrame(rows, schema=table.columns.keys(), orient="row", infer_schema_length=None)
            append(writing, table, frame)
            done += len(rows)
            if progress is not None:
                progress(f"copying {table.name}", done, 0)


def _ordered(table: sa.Table) -> sa.Select[Any]:
    """A table's rows in a fixed order, less those that no epoch closed."""
    if table is EPOCHS:
        return sa.select(table).order_by(table.c.epoch)
    last = sa.select(sa.func.max(EPOCHS.c.last_event)).scalar_subquery()
    order = [table.c[name] for name in ("event_id", *_KEY_ORDER) if name in table.c]
    return sa.select(table).where(table.c.event_id <= last).order_by(*order)


# How each schema version is read. A later version adds a line and keeps these.
_READERS: dict[int, Callable[[sa.Connection, sa.Connection, Progress | None], None]] = {1: _copy_version_1}


def _reader(version: str, where: str) -> Callable[[sa.Connection, sa.Connection, Progress | None], None]:
    if not version.isdecimal():
        raise RegistryError("is no registry", where=where, hint="name the registry to copy.")
    if int(version) not in _READERS:
        raise RegistryError(
            f"has schema version {version}, this sealscrub reads up to {SCHEMA_VERSION}",
            where=where,
            hint="use a newer sealscrub.",
        )
    return _READERS[int(version)]


def _file_digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RegistryError(f"cannot be read ({error.strerror})", where=str(path)) from None


def _rows_digest(connection: sa.Connection) -> str:
    digest = hashlib.sha256()
    for table in _COPIED:
        for rows in read_chunks(connection, _ordered(table)):
            for row in rows:
                digest.update(repr(row).encode())
    return digest.hexdigest()
