"""Catalogs of Iceberg tables, as pyiceberg is configured to open them, and places on this machine."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sealscrub.errors import ConfigError, MissingExtra, UnreadableInput, UsageError

from ..value_free_errors import raise_own
from .iceberg_address import IcebergAddress

__all__ = [
    "PATHS",
    "asked",
    "checked_manifests",
    "is_inside",
    "loaded_table",
    "local_path",
    "opened_catalog",
    "opened_io",
    "table_folders",
]

PATHS = ("write.data.path", "write.metadata.path")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
AnswerT = TypeVar("AnswerT")


@contextlib.contextmanager
def opened_catalog(address: IcebergAddress, given: Any = None) -> Iterator[Any]:
    """Open the catalog of an address, by what pyiceberg's configuration says now.

    Parameters
    ----------
    address : IcebergAddress
        Of a table in it.
    given : pyiceberg.catalog.Catalog, optional
        One that is open; it is taken if it has the name.

    Raises
    ------
    MissingExtra
        When pyiceberg, or what it needs for the catalog, is not installed.
    ConfigError
        When the catalog cannot be opened.
    """
    if given is not None and given.name == address.catalog:
        yield given
        return
    from pyiceberg.catalog import load_catalog
    from pyiceberg.exceptions import NotInstalledError
    from pyiceberg.utils.config import Config

    try:
        configured: dict[str, Any] = dict(Config().get_catalog_config(address.catalog) or {})
        catalog = load_catalog(address.catalog, **configured)
    except NotInstalledError:
        raise MissingExtra.of("what pyiceberg opens this kind of catalog with", "iceberg") from None
    except Exception as error:  # of pyiceberg or what it calls; it may show values
        raise_own(error)
        raise ConfigError(
            "pyiceberg cannot open this catalog",
            where=address.catalog,
            hint="configure it in .pyiceberg.yaml, or by variables PYICEBERG_CATALOG__NAME__URI.",
        ) from None
    try:
        yield catalog
    finally:
        catalog.close()


def loaded_table(address: IcebergAddress) -> Any:
    """Load a table by its address; one that was handed in is as it was.

    Raises
    ------
    MissingExtra, ConfigError
        As :func:`opened_catalog`.
    UsageError
        When the table does not exist.
    UnreadableInput
        When its metadata cannot be read.
    """
    if address.loaded is not None:
        return address.loaded
    with opened_catalog(address) as catalog:
        try:
            return catalog.load_table(address.identifier)
        except Exception as error:  # of pyiceberg or what it calls; it may show values
            raise_own(error)
            if type(error).__name__ in ("NoSuchTableError", "NoSuchNamespaceError"):
                raise UsageError(
                    "the catalog has no table of this name",
                    where=str(address),
                    hint="list the tables of the namespace with pyiceberg.",
                ) from None
            raise UnreadableInput(
                "pyiceberg cannot load this table",
                where=str(address),
                hint="see that its metadata file can be read, and that pyiceberg knows its version.",
            ) from None


def table_folders(metadata: Any, where: str) -> tuple[Path, ...]:
    """Give the folder of a table, and those outside of it in which its properties put files.

    Raises
    ------
    UsageError
        As :func:`local_path`.
    """
    places = [metadata.location, *(metadata.properties[name] for name in PATHS if metadata.properties.get(name))]
    return tuple(dict.fromkeys(local_path(place, where) for place in places))


def asked(question: Callable[[], AnswerT]) -> AnswerT | None:
    """Ask a catalog something; None if it cannot be asked."""
    try:
        return question()
    except Exception:  # of whatever kind: it is asked after an error, when what was written is taken back
        return None


def opened_io(catalog: Any, metadata: Any) -> Any:
    """Give what pyiceberg reads and writes files of a new table of a catalog with."""
    from pyiceberg.io import load_file_io

    return load_file_io({**catalog.properties, **metadata.properties}, metadata.location)


def checked_manifests(io: Any) -> Any:
    """Give what pyiceberg reads manifests and lists of them with, of which none is damaged."""
    from .iceberg_avro import CheckedManifests  # loads pyiceberg

    return CheckedManifests(io)


def local_path(location: str, where: str) -> Path:
    """Give the place of a file or folder of a table, which has to be on this machine.

    Raises
    ------
    UsageError
        When it is in a store, or its name is read in two ways.
    """
    if _SCHEME.match(location) is None:
        return Path(location).absolute()  # whatever signs are in it, as pyiceberg takes it
    found = urlsplit(location)
    if found.scheme != "file" or found.netloc:
        raise UsageError(
            "an Iceberg table is read from folders of this machine, and files of this one are in a store",
            where=where,
            hint="copy or mount the warehouse, and register the table there.",
        )
    if found.query or found.fragment:
        raise UsageError("the name of a folder holds ? or #", where=where, hint="rename the folder.")
    return Path(found.path).absolute()


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a file or folder is in another, or is it, by whichever names they are given."""
    return path.resolve().is_relative_to(folder.resolve())
