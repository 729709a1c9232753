"""Where an Apache Iceberg table is: ``iceberg:CATALOG/NAMESPACE.TABLE``, in a catalog that pyiceberg knows."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import Any

from sealscrub.errors import ConfigError, Spelled

from ..lake_folders import begins_with, behind_prefix

__all__ = ["IcebergAddress", "iceberg_address"]

_PREFIX = "iceberg:"
_ADDRESS = re.compile(r"(?P<catalog>[\w.\-]+)/(?P<identifier>[\w\-]+(\.[\w\-]+)+)")


@dataclass(frozen=True, slots=True, eq=False)
class IcebergAddress:
    """The name of an Iceberg table in its catalog.

    Attributes
    ----------
    catalog : str
        What the catalog is called in pyiceberg's configuration.
    identifier : tuple of str
        The namespace, of one or more levels, and the table.
    loaded : pyiceberg.table.Table, optional
        The table, if it was handed in.
    """

    catalog: str
    identifier: tuple[str, ...]
    loaded: Any = None

    @classmethod
    def names_one(cls, text: object) -> bool:
        """Whether a name is meant as the address of an Iceberg table, however badly written.

        Examples
        --------
        >>> [IcebergAddress.names_one(each) for each in ("iceberg:city/police.arrests", "arrests.parquet")]
        [True, False]
        """
        return begins_with(_PREFIX, text)

    @classmethod
    def parse(cls, text: str | os.PathLike[str]) -> IcebergAddress:
        """Read an address.

        Raises
        ------
        ConfigError
            When it does not name a catalog, a namespace and a table, or names a version.

        Examples
        --------
        >>> str(IcebergAddress.parse("iceberg:city/police.arrests"))
        'iceberg:city/police.arrests'
        """
        if isinstance(text, IcebergAddress):
            return text
        place, at, _ = behind_prefix(_PREFIX, text).partition("@")
        found = _ADDRESS.fullmatch(place)
        if found is None or at:
            if found is not None:
                raise ConfigError(
                    "an earlier version of an Iceberg table has no address",
                    hint=Spelled(
                        "leave out what is behind the @: the current version is read; history=True scans all.",
                        "leave out what is behind the @: the current version is read; --history scans all.",
                    ),
                )
            raise ConfigError("this names no Iceberg table", hint="write iceberg:CATALOG/NAMESPACE.TABLE.")
        return cls(found["catalog"], tuple(found["identifier"].split(".")))

    def __str__(self) -> str:
        return f"{_PREFIX}{self.catalog}/{'.'.join(self.identifier)}"

    @property
    def shown(self) -> str:
        """The address."""
        return str(self)

    @property
    def is_static(self) -> bool:
        """Whether the table was handed in without a catalog that versions are committed to."""
        return self.loaded is not None and isinstance(self.loaded, sys.modules["pyiceberg.table"].StaticTable)

    @property
    def catalog_of_loaded(self) -> Any:
        """The catalog of a table that was handed in; None of one that is named."""
        return None if self.loaded is None else self.loaded.catalog

    def newest(self) -> IcebergAddress:
        """Give the address of the table as its catalog has it now."""
        if self.loaded is None:
            return self
        return IcebergAddress(self.catalog, self.identifier, self.loaded.catalog.load_table(self.identifier))

    def __fspath__(self) -> str:
        return str(self)


def iceberg_address(data: Any) -> IcebergAddress | None:
    """Give the address of a pyiceberg Table, at the version that it has loaded; None of anything else."""
    library = sys.modules.get("pyiceberg.table")
    if library is None or not isinstance(data, library.Table):
        return None
    name = tuple(map(str, data.name()))
    catalog = getattr(data.catalog, "name", None)
    return IcebergAddress(str(catalog or "metadata"), name, data)
