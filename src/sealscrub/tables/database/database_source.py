"""Where a table of a database is: what a plan writes as ``source = "estate.duckdb#arrests"``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from sealscrub.errors import ConfigError, UnreadableInput
from sealscrub.file_system import readable

__all__ = ["DatabaseKind", "DatabaseSource", "TableName", "kind_named", "quoted"]

_SUFFIXES = {".duckdb": "duckdb", ".ddb": "duckdb", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite"}
_NAME = r'(?:"(?:[^"\x00]|"")+"|[^".#\s\x00](?:[^".#\x00]*[^".#\s\x00])?)'
_TABLE = re.compile(rf"(?:(?P<schema>{_NAME})\.)?(?P<table>{_NAME})")
_SOURCE = re.compile(rf"(?P<place>.+?)#(?P<name>(?:{_NAME}\.)?{_NAME})", re.DOTALL)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
# what a URL may set after host, port and names: nothing that runs a statement or reads another file for a secret
_SETTINGS = frozenset({"host", "port", "user", "password", "sslmode", "sslrootcert", "connect_timeout"})
_FORMS = '"estate.duckdb#arrests", "estate.sqlite#arrests" or "postgresql://host/database#schema.table"'


class DatabaseKind(StrEnum):
    """Which engine keeps a table."""

    DUCKDB = "duckdb"
    SQLITE = "sqlite"
    POSTGRES = "postgresql"


class TableName(NamedTuple):
    """A table's name and, if it is given, its schema's; as stored, without quotes."""

    schema: str | None
    table: str

    @classmethod
    def parse(cls, text: str) -> TableName:
        """Read ``table`` or ``schema.table``; a name with a dot or a space at its end is put in double quotes.

        Raises
        ------
        ConfigError
            When it cannot be the name of one.

        Examples
        --------
        >>> TableName.parse('city."arrests.2015"')
        TableName(schema='city', table='arrests.2015')
        """
        found = _TABLE.fullmatch(text)
        if found is None:
            raise ConfigError("a table must be named `table` or `schema.table`", hint='put unusual names in "quotes".')
        return cls(found["schema"] and _unquoted_name(found["schema"]), _unquoted_name(found["table"]))

    @property
    def sql(self) -> str:
        """The name as SQL writes it, every part quoted, so no name is read as anything else."""
        return ".".join(quoted(part) for part in self if part is not None)

    def __str__(self) -> str:
        return ".".join(_quote_if_needed(part) for part in self if part is not None)


@dataclass(frozen=True, slots=True)
class DatabaseSource:
    """One table of one database.

    Parameters
    ----------
    kind : DatabaseKind
        Which engine.
    place : str
        The file's path, or the server's and database's names without user and password.
    name : TableName
        The table.
    file : Path or None
        The file, of the engines that keep a database in one.
    url : str
        The whole URL, password included: never shown.
    """

    kind: DatabaseKind
    place: str
    name: TableName
    file: Path | None = None
    url: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """The address, without a user, a password and the folders of a file."""
        return f"{self.place if self.file is None else self.file.name}#{self.name}"

    @classmethod
    def names_one(cls, text: str, root: str | Path = ".") -> bool:
        """Whether a source is meant as a table of a database, however badly written; a file of that name is that file.

        Examples
        --------
        >>> [DatabaseSource.names_one(text) for text in ("city.db#arrests", "arrests#2.csv", "${ESTATE}#arrests")]
        [True, False, True]
        """
        if text.startswith(tuple(f"{scheme}:" for scheme in _SCHEMES)):
            return True
        if "#" in text and "\x00" not in text and (Path(root) / text).exists():
            return False
        places = (text[: mark.start()] for mark in re.finditer("#", text))
        return any(_VARIABLE.fullmatch(place) or Path(place).suffix.lower() in _SUFFIXES for place in places)

    @classmethod
    def parse(cls, text: str, root: str | Path | None = None) -> DatabaseSource:
        """Read what a plan says.

        Parameters
        ----------
        text : str
            ``FILE#TABLE``, ``postgresql://HOST/DATABASE#SCHEMA.TABLE`` or ``${VARIABLE}#SCHEMA.TABLE``, where the
            environment variable holds the URL. Names are matched as they are stored; a name with a dot in it is put
            in double quotes.
        root : str or Path, optional
            The folder from which files are named, and which they may not leave; without one they may be anywhere.

        Returns
        -------
        DatabaseSource

        Raises
        ------
        ConfigError
            When it is anything else, or a file outside `root`. What a URL holds is never repeated.
        UnreadableInput
            When the file does not exist or is not of the engine that its suffix names.

        Examples
        --------
        >>> DatabaseSource.parse("postgresql://ann:secret@db.example/estate#public.arrests", ".").place
        'postgresql://db.example/estate'
        """
        found = _SOURCE.fullmatch(text)
        if found is None:
            raise ConfigError("this names no table of a database", hint=f"write {_FORMS}.")
        place, name = found["place"], TableName.parse(found["name"])
        variable = _VARIABLE.fullmatch(place)
        if variable:
            return _of_url(_from_environment(variable[1]), name, f"${{{variable[1]}}}")
        if "://" in place:
            return _of_url(place, name, "the URL")
        return _of_file(place, name, None if root is None else Path(root))


def kind_named(path: Path) -> DatabaseKind | None:
    """Return the engine that a file's name says; None if it says none."""
    kind = _SUFFIXES.get(path.suffix.lower())
    return None if kind is None else DatabaseKind(kind)


def quoted(name: str) -> str:
    """Write a name as SQL's quoted identifier."""
    if "\x00" in name or not name:
        raise ConfigError("a name of a table or a column is empty or holds a zero character")
    return '"' + name.replace('"', '""') + '"'


def _unquoted_name(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _quote_if_needed(name: str) -> str:
    return name if re.fullmatch(r"[^\W\d]\w*", name) else quoted(name)


def _from_environment(variable: str) -> str:
    url = os.environ.get(variable)
    if not url:
        raise ConfigError(f"the environment variable {variable} is not set", hint=f"export {variable}=postgresql://…")
    return url


def _of_file(text: str, name: TableName, root: Path | None) -> DatabaseSource:
    kind = kind_named(Path(text))
    if kind is None:
        raise ConfigError("this names no table of a database", hint=f"write {_FORMS}.")
    if "\x00" in text:
        raise ConfigError("the path of a database holds a zero character")
    path = Path(text) if root is None else root / text
    if root is not None and not path.resolve().is_relative_to(root.resolve()):
        raise ConfigError("a database outside the plan's folder", where=text, hint="move the plan, or name a root.")
    if not path.is_file():
        raise UnreadableInput(
            "the database file does not exist",
            where=text,
            hint="name the file from the plan's folder." if root is not None else "",
        )
    _check_first_bytes(path, kind)
    return DatabaseSource(kind, str(path), name, file=path)


def _check_first_bytes(path: Path, kind: DatabaseKind) -> None:
    with readable(path), path.open("rb") as file:
        head = file.read(16)
    is_one = head == b"SQLite format 3\0" if kind == DatabaseKind.SQLITE else head[8:12] == b"DUCK"
    if not is_one:
        engine = "an SQLite" if kind == DatabaseKind.SQLITE else "a DuckDB"
        raise UnreadableInput(f"is not {engine} database", where=str(path), hint="the suffix says which engine it is.")


def _of_url(url: str, name: TableName, where: str) -> DatabaseSource:
    """Take a URL apart, and put it together again of what libpq needs and nothing else."""
    hint = "write postgresql://user@host:5432/database; names are percent-encoded."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        settings = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise ConfigError("this is not a URL of a PostgreSQL database", where=where, hint=hint) from None
    database = unquote(parts.path.lstrip("/"))
    if parts.scheme not in _SCHEMES or not database or "/" in database or parts.fragment:
        raise ConfigError("this is not a URL of a PostgreSQL database", where=where, hint=hint)
    unknown = sorted(set(settings) - _SETTINGS)
    if unknown:
        raise ConfigError(
            "the URL sets a parameter that plans may not set",
            where=where,
            hint=f"known: {', '.join(sorted(_SETTINGS))}.",
        )
    shown_host = settings.get("host", host) + (f":{port}" if port else "")
    place = f"postgresql://{shown_host}/{database}"
    user = parts.netloc.rpartition("@")[0]
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in sorted(settings.items()))
    address = f"[{host}]" if ":" in host else host
    whole = f"postgresql://{user + '@' if user else ''}{address}{f':{port}' if port else ''}/{quote(database, safe='')}"
    return DatabaseSource(DatabaseKind.POSTGRES, place, name, url=whole + (f"?{query}" if query else ""))
