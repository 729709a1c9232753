"""Where a registry lives: a SQLite file, or a PostgreSQL database named by its URL.

A SQLite registry is one file: it keeps a rollback journal next to it only while it is being written, and what a
killed process leaves of that is rolled back when the file is next opened. One process writes at a time; another
waits for it, and gives up with an error that says so.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from sealscrub.atomic_write import refuse_address
from sealscrub.boundary import bound
from sealscrub.errors import IncompleteError, MissingExtra, RegistryError, Spelled, UsageError, WriteFailed
from sealscrub.file_system import open_to_others

from . import append_only_triggers
from .at_rest import ColumnCipher, under
from .schema import META, SCHEMA_VERSION, metadata

__all__: list[str] = []

_CACHE_KIB = 256 * 1024
DEFAULT_WAIT = 10.0


@bound
class Store:
    """An open registry's database: connections, transactions, and errors without values.

    Parameters
    ----------
    place : str or Path
        A file, or a URL such as ``postgresql://host/database``.
    wait : float
        Seconds to wait for another process that is writing.
    """

    def __init__(self, place: str | Path, *, wait: float = DEFAULT_WAIT) -> None:
        self.path, url = _place(place)
        self.wait = wait
        self.label = str(self.path) if self.path else url.render_as_string(hide_password=True)
        self._closed = False
        self.cipher: ColumnCipher | None = None
        try:
            self.engine = (
                sa.create_engine("sqlite://", creator=self._connect, poolclass=NullPool, hide_parameters=True)
                if self.path
                else sa.create_engine(url, poolclass=NullPool, hide_parameters=True)
            )
        except (ImportError, sa.exc.ArgumentError):
            raise _no_driver(url) from None
        self.dialect = self.engine.dialect.name

    def __repr__(self) -> str:
        return f"Store({self.label!r})"

    def close(self) -> None:
        """Close the database."""
        self._closed = True
        self.engine.dispose()

    def user(self) -> str:
        """Name the user that the database's server let in."""
        with self.reading() as connection:
            return str(connection.exec_driver_sql("SELECT session_user").scalar())

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One state of the registry, whatever is committed meanwhile."""
        with self._connection() as connection, self._errors():
            if self.path:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Write exclusively; committed when the block ends, as if nothing had been when it raises."""
        with self.building() as connection:
            if not self.path:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(self.wait * 1000))}")
                connection.exec_driver_sql("LOCK TABLE epochs IN EXCLUSIVE MODE")
            yield connection

    @contextmanager
    def building(self) -> Iterator[sa.Connection]:
        """One transaction, before there are tables to lock."""
        with self._connection() as connection, self._errors():
            if self.path:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        if self._closed:
            raise RegistryError("is closed", where=self.label, hint="open it again with Registry.open.")
        with self._errors():
            connection = self.engine.connect()
        try:
            yield under(connection, self.cipher)
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(self.path))}?mode=rw",
            uri=True,
            timeout=self.wait,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        return connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Translate what the database raises; its own text may hold a whole row, so nothing of it is passed on."""
        try:
            yield
        except (sa.exc.SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error) as error:  # a driver's own: bulk reads
            ours = self._translated(error)
            try:
                raise ours from None
            finally:
                ours.__context__ = None  # not even as what happened before

    def _translated(self, error: Exception) -> Exception:
        cause = getattr(error, "orig", None) or error
        said = str(cause)
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        state = getattr(cause, "sqlstate", None)
        if append_only_triggers.REFUSAL in said:
            return RegistryError("is append-only: nothing in it is changed or removed", where=self.label)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or state == "55P03":
            return IncompleteError(
                "another process is writing the registry; nothing was done",
                where=self.label,
                hint="try again when it has finished.",
            )
        if code == sqlite3.SQLITE_FULL or state == "53100":
            return WriteFailed(
                "the disk is full; the registry is unchanged",
                where=self.label,
                hint="free disk space, and run it again.",
            )
        if code == sqlite3.SQLITE_READONLY or state in ("42501", "25006"):
            return RegistryError(
                "this user may not do this",
                where=self.label,
                hint=Spelled(
                    "check the file's permissions, or your role in the database (role_statements).",
                    "check the file's permissions, or your role in the database (sealscrub registry roles).",
                ),
            )
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return RegistryError(
                "is not a registry, or is damaged", where=self.label, hint="give a file that registry init made."
            )
        if code == sqlite3.SQLITE_CANTOPEN or state == "3D000":
            return RegistryError("cannot be opened by this user", where=self.label, hint="check its permissions.")
        name = type(cause).__name__
        return IncompleteError(f"the database failed ({name}); nothing was done", where=self.label)


def create_store(
    place: str | Path, facts: dict[str, str], *, wait: float = DEFAULT_WAIT, cipher: ColumnCipher | None = None
) -> Store:
    """Make an empty registry if there is none.

    Raises
    ------
    RegistryError
        When there is something already.
    """
    with new_store(place, wait=wait) as connection:
        lay_out(connection, facts)
        put_up_guards(connection)
    store = Store(place, wait=wait)
    store.cipher = cipher
    return store


@contextmanager
def new_store(place: str | Path, *, wait: float = DEFAULT_WAIT) -> Iterator[sa.Connection]:
    """Make a registry in one transaction; nothing is there when the block raises.

    Raises
    ------
    RegistryError
        When there is something already.
    """
    path, _ = _place(place)
    if path is None:
        with _filling(Store(place, wait=wait)) as connection:
            yield connection
    else:
        with _new_file(path) as beside, _filling(Store(beside, wait=wait)) as connection:
            yield connection


@contextmanager
def _filling(store: Store) -> Iterator[sa.Connection]:
    with store.building() as connection:
        if sa.inspect(connection).has_table("meta"):
            raise RegistryError("a registry already exists", where=store.label)
        yield connection
    store.close()


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Fill a private file next to ``path``, which gets the name when it is complete and the name is free."""
    refuse_address(path)
    if path.exists() or path.is_symlink():
        raise RegistryError("the file already exists", where=str(path), hint="choose another name.")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
    try:
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise WriteFailed(f"cannot be written ({error.strerror})", where=str(path)) from None
    try:
        yield beside
        os.link(beside, path)
    except FileExistsError:
        raise RegistryError("the file already exists", where=str(path)) from None
    except OSError as error:
        raise WriteFailed(f"cannot be written ({error.strerror})", where=str(path)) from None
    finally:
        beside.unlink(missing_ok=True)


def lay_out(connection: sa.Connection, facts: dict[str, str]) -> None:
    """Make the tables, and say what they are."""
    metadata.create_all(connection)
    connection.execute(sa.insert(META), [{"name": name, "value": value} for name, value in facts.items()])


def put_up_guards(connection: sa.Connection) -> None:
    """Have the database refuse from now on whatever is not an append."""
    for statement in append_only_triggers.statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def open_store(place: str | Path, *, wait: float = DEFAULT_WAIT) -> tuple[Store, dict[str, str]]:
    """Open a registry and read what it says about itself.

    Raises
    ------
    RegistryError
        When there is no registry, or one of another schema version.
    """
    path, _ = _place(place)
    if path is not None:
        refuse_absent(path)
    store = Store(place, wait=wait)
    with store.reading() as connection:
        facts = read_facts(connection)
    version = facts.get("schema_version", "")
    if not version.isdecimal() or "registry_id" not in facts:
        store.close()
        raise RegistryError(
            "is not a registry",
            where=store.label,
            hint=Spelled("Registry.create makes one.", "sealscrub registry init makes one."),
        )
    if int(version) != SCHEMA_VERSION:
        store.close()
        raise RegistryError(
            f"has schema version {version}, this sealscrub reads {SCHEMA_VERSION}",
            where=store.label,
            hint="use a newer sealscrub."
            if int(version) > SCHEMA_VERSION
            else Spelled(
                "migrate(old, new) copies it into a new file.",
                "sealscrub registry migrate OLD NEW copies it into a new file.",
            ),
        )
    if path is not None:
        _refuse_open_to_others(path, store)
    return store, facts


def _refuse_open_to_others(path: Path, store: Store) -> None:
    """Refuse a file that another account reads past every door, a read-only mount excepted."""
    if mode := open_to_others(path, unless_read_only=True):
        store.close()
        raise RegistryError(f"can be read by others (mode {mode:04o})", where=str(path), hint=f"chmod 600 {path}")


def read_facts(connection: sa.Connection) -> dict[str, str]:
    """What a registry says about itself; nothing if there is none."""
    if not sa.inspect(connection).has_table("meta"):
        return {}
    return {row.name: row.value for row in connection.execute(sa.select(META.c.name, META.c.value))}


def refuse_absent(path: Path) -> None:
    # SQLite's locks belong to the process: opening and closing the file here would drop those of another thread,
    # so it is left to SQLite to say what kind of file it is.
    if path.is_dir():
        raise RegistryError("is a folder", where=str(path), hint="give the registry's file.")
    if not path.exists():
        raise RegistryError(
            "the file does not exist",
            where=str(path),
            hint=Spelled("Registry.create makes a registry.", "sealscrub registry init makes a registry."),
        )


def _place(place: str | Path) -> tuple[Path | None, sa.URL]:
    text = os.fspath(place)
    if "://" not in text:
        return Path(text), sa.make_url("sqlite://")
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        raise UsageError("a registry's URL cannot be read", hint="postgresql://HOST/DATABASE") from None
    if url.get_backend_name() == "sqlite":
        if not url.database:
            raise UsageError("a registry needs a file", hint="name one.")
        return Path(url.database), url
    if url.get_backend_name() in ("postgresql", "postgres"):
        return None, url.set(drivername="postgresql+psycopg")
    raise UsageError("a registry must be a SQLite file or a PostgreSQL database", hint="postgresql://HOST/DATABASE")


def _no_driver(url: sa.URL) -> Exception:
    if url.get_backend_name() == "postgresql":
        return MissingExtra.of("psycopg", "postgres")
    return UsageError("a registry's URL cannot be used", hint="postgresql://HOST/DATABASE")
