"""Copying a registry into a new place, with the schema of this version.

Nothing may be rewritten, so a registry is never altered where it is. The copy keeps the registry's id, its epochs
and their recorded times; it notes the digest of what it was copied from. A registry comes to be encrypted at rest in
the same way, so no page of the new file ever held an identifier in the clear.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from sealscrub.custodian.custody import Asker, Purpose, Terms
from sealscrub.errors import IncompleteError, RegistryError, UsageError, WriteFailed
from sealscrub.file_system import sha256_of

from .at_rest import under
from .at_rest_key import KeyService, cipher_for, key_service, new_cipher, without_key
from .bulk_rows import Progress, append, read_chunks
from .custody_terms import FACT, Keeper
from .registry_store import Store, lay_out, new_store, put_up_guards, read_facts, refuse_absent
from .schema import EPOCHS, EVENT_KEYS, EVENT_PERSONS, EVENTS, NUMBERED, SCHEMA_VERSION

__all__ = ["migrate"]

_COPIED = (EPOCHS, EVENTS, EVENT_KEYS, EVENT_PERSONS, *NUMBERED[1:])
_KEY_ORDER = ("scheme", "value")
_NEW_IN_2 = frozenset({"reason"})
_NEW_IN_3 = frozenset(table.name for table in NUMBERED[1:])


def migrate(
    old: str | Path,
    new: str | Path,
    *,
    custody: Terms | None = None,
    encryption_key: str | Path | KeyService | None = None,
    new_encryption_key: str | Path | KeyService | None = None,
    grant: str | Path | None = None,
    erase_old: bool = False,
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
    encryption_key : str, Path or KeyService, optional
        What opens the old registry, if it is encrypted at rest: as :meth:`Registry.open` takes it.
    new_encryption_key : str, Path or KeyService, optional
        Under what the copy is encrypted; by default under what the old one is. An encrypted one is never copied into
        the clear.
    grant : str or Path, optional
        As in :meth:`Registry.open`.
    erase_old : bool
        Whether the old file is overwritten and deleted when the copy is complete.
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
    KeyFileError
        When a key does not open the old one.
    UsageError
        When a database is to be erased, which its owner has to do; or the copy would be under terms that do not name
        the old one's second approver.
    IncompleteError
        When the old registry changed meanwhile; nothing was made.

    Examples
    --------
    >>> import tempfile
    >>> from sealscrub.custodian.registry import Registry
    >>> folder = Path(tempfile.mkdtemp())
    >>> Registry.create(folder / "old.db").close()
    >>> digest = migrate(folder / "old.db", folder / "new.db")
    >>> len(digest), (folder / "new.db").exists()
    (64, True)
    """
    source = Store(old)
    if source.path is not None:
        refuse_absent(source.path)
    elif erase_old:
        raise UsageError(
            "a database cannot be erased from here", hint="drop its tables, run VACUUM FULL, and check its backups."
        )
    digest = sha256_of(source.path, kind=RegistryError) if source.path else ""
    with source.reading() as reading:
        facts = read_facts(reading)
        stood = dict(facts)
        copied = _reader(facts.get("schema_version", ""), source.label)
        reading = under(reading, cipher_for(facts, encryption_key, source.label))
        if source.path is None:
            digest = _rows_digest(reading, copied)
        now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S}Z"
        facts = without_key(facts) | {
            "schema_version": str(SCHEMA_VERSION),
            "migrated_at": now,
            "predecessor_schema_version": facts["schema_version"],
            "predecessor_sha256": digest,
        }
        cipher, named = None, new_encryption_key if new_encryption_key is not None else encryption_key
        if named is not None:
            cipher, held = new_cipher(key_service(named))
            # a file of one notice could be guessed by its digest
            (facts["predecessor_sha256"],) = cipher.seal(EPOCHS.c.source_sha256, [digest])
            facts |= held
        if custody is not None:
            facts[FACT] = custody.to_text()
        asker = Asker(user=None if source.path else source.user(), grant=None if grant is None else Path(grant))
        keeper = Keeper(stood, None, asker)
        less = _other_terms(keeper.terms, custody, source.label)
        with (
            keeper.shown("registry migrate", purpose=Purpose.KEEPING_REGISTRY, overrides=less),
            new_store(new) as writing,
        ):
            lay_out(writing, facts)
            _copy(reading, under(writing, cipher), copied, progress)
            put_up_guards(writing)
            if source.path is not None and sha256_of(source.path, kind=RegistryError) != digest:
                raise IncompleteError(
                    "changed while it was being copied; no copy was made", where=source.label, hint="try again."
                )
    source.close()
    if erase_old and source.path is not None:
        _erase(source.path, digest)
    return digest


def _other_terms(stood: Terms | None, custody: Terms | None, where: str) -> tuple[str, ...]:
    """Say that a copy comes under other terms; refuse those by which one signature would end what took two."""
    if stood is None or custody is None or custody == stood:
        return ()
    if stood.second and custody.second != stood.second:
        raise UsageError(
            "cannot copy without a second signature: the terms name a second approver",
            where=where,
            hint="the copy's custody.toml names the same key as second.",
        )
    return ("other terms",)


Columns = dict[str, list[str]]


def _copy(reading: sa.Connection, writing: sa.Connection, columns: Columns, progress: Progress | None) -> None:
    for table in _tables_to_copy(columns):
        done = 0
        for rows in read_chunks(reading, _ordered_rows(table, columns)):
            frame = pl.DataFrame(rows, schema=columns[table.name], orient="row", infer_schema_length=None)
            append(writing, table, frame)
            done += len(rows)
            if progress is not None:
                progress(f"copying {table.name}", done, 0)


def _ordered_rows(table: sa.Table, columns: Columns) -> sa.Select[Any]:
    """A table's rows in a fixed order, less those that no epoch closed."""
    query = sa.select(*(table.c[name] for name in columns[table.name]))
    if table is EPOCHS:
        return query.order_by(table.c.epoch)
    last = sa.select(sa.func.max(EPOCHS.c.last_event)).scalar_subquery()
    order = [table.c[name] for name in ("event_id", *_KEY_ORDER) if name in table.c]
    return query.where(table.c.event_id <= last).order_by(*order)


def _columns(*, without: frozenset[str] = frozenset()) -> Columns:
    held = (table for table in _COPIED if table.name not in without)
    return {table.name: [each.name for each in table.c if each.name not in without] for table in held}


def _tables_to_copy(columns: Columns) -> list[sa.Table]:
    return [table for table in _COPIED if table.name in columns]


# What each schema version has. A later version adds a line and keeps these.
_READERS: dict[int, Columns] = {
    1: _columns(without=_NEW_IN_2 | _NEW_IN_3),
    2: _columns(without=_NEW_IN_3),
    3: _columns(),
}


def _reader(version: str, where: str) -> Columns:
    """What is copied of a registry of a version."""
    if not version.isdecimal():
        raise RegistryError("is not a registry", where=where, hint="give the registry to copy.")
    if int(version) not in _READERS:
        raise RegistryError(
            f"has schema version {version}, this sealscrub reads up to {SCHEMA_VERSION}",
            where=where,
            hint="use a newer sealscrub.",
        )
    return _READERS[int(version)]


def _erase(path: Path, digest: str) -> None:
    """Overwrite a file that was copied, and delete it, and what a killed writer left of its journal."""
    if sha256_of(path, kind=RegistryError) != digest:
        raise IncompleteError("changed after it was copied, and was not erased", where=str(path))
    try:
        with path.open("r+b") as file:
            size, zeros = os.fstat(file.fileno()).st_size, bytes(1 << 20)
            for at in range(0, size, len(zeros)):
                file.write(zeros[: size - at])
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        for suffix in ("-journal", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + suffix).unlink()
    except OSError as error:
        raise WriteFailed(f"was copied but could not be erased ({error.strerror})", where=str(path)) from None


def _rows_digest(connection: sa.Connection, columns: Columns) -> str:
    digest = hashlib.sha256()
    for table in _tables_to_copy(columns):
        for rows in read_chunks(connection, _ordered_rows(table, columns)):
            for row in rows:
                digest.update(repr(row).encode())
    return digest.hexdigest()
