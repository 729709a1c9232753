"""Other tables of a catalog that use files of one table's folder, which then may not be deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sealscrub.errors import SealscrubError, UsageError

from ..value_free_errors import raise_own
from .iceberg_catalog import is_inside, opened_catalog
from .iceberg_named import NamedFiles
from .iceberg_snapshot import IcebergSnapshot

__all__ = ["refuse_shared", "shown_names"]

_LETTERS = re.compile(r"[A-Za-z]{1,20}([_-][A-Za-z]{1,20}){0,3}")
_GONE = ("NoSuchTableError", "NoSuchIcebergTableError")


def refuse_shared(snapshot: IcebergSnapshot) -> None:
    """Refuse a table of whose folder another table of the catalog uses files, or puts files there.

    All versions of all tables that the catalog lists are looked at.

    Raises
    ------
    UsageError
        When there is one, or the catalog or a table of it cannot be asked.
    """
    shared: list[str] = []
    unread: list[str] = []
    address, where = snapshot.address, str(snapshot.address)
    with opened_catalog(address, address.catalog_of_loaded) as catalog:
        try:
            names = [tuple(name) for space in _namespaces(catalog) for name in catalog.list_tables(space)]
        except Exception as error:  # of pyiceberg or what it calls; it may show values
            raise_own(error)
            raise UsageError(
                "the catalog does not list its tables, and another one may use files of the folder",
                where=where,
                hint="see that it can be read, or scrub it into a new table.",
            ) from None
        for name in sorted(set(names) - {address.identifier}):
            found = _uses_folder(catalog, name, snapshot)
            (shared if found else unread).extend([name[-1]] if found is not False else [])
    if shared:
        raise UsageError(
            f"another table uses files of the folder, or puts files there: {shown_names(shared)}",
            where=where,
            hint="scrub it into a new table, or rewrite the other table elsewhere first.",
        )
    if unread:
        raise UsageError(
            f"a table of the catalog cannot be read, and may use files of the folder: {shown_names(unread)}",
            where=where,
            hint="repair it or drop it from the catalog.",
        )


def _namespaces(catalog: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in (tuple(each) for each in catalog.list_namespaces(above)):
        if len(name) > len(above):
            yield name
            yield from _namespaces(catalog, name)


def _uses_folder(catalog: Any, name: tuple[str, ...], snapshot: IcebergSnapshot) -> bool | None:
    """Whether a table names files in the folder; None if that cannot be known."""
    try:
        table = catalog.load_table(name)
        held = NamedFiles(table, "", foreign=True)
    except FileNotFoundError:
        return False  # its metadata file is gone, and with it the table
    except SealscrubError:
        return None
    except Exception as error:  # of pyiceberg or what it calls; it may show values
        raise_own(error)
        return False if type(error).__name__ in _GONE else None
    return any(is_inside(path, snapshot.folder) for path in (*held.files, *held.folders))


def shown_names(names: list[str]) -> str:
    """Give names that are of letters alone, and how many more there are: others could be ids."""
    plain = [name for name in names if _LETTERS.fullmatch(name)]
    more = len(names) - len(plain)
    return ", ".join([*plain, *([f"{more} whose names are not of letters alone"] if more else [])])
