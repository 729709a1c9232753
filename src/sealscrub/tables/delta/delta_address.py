"""Where a Delta Lake table is: ``delta:PATH``, and ``delta:PATH@vN`` for an earlier version."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sealscrub.errors import ConfigError, UnreadableInput, UsageError

from ..lake_folders import DELTA, LAKES, begins_with, behind_prefix, lake_format, lake_hint

__all__ = ["DeltaAddress", "delta_address"]

_PREFIX = "delta:"
_VERSION = re.compile(r"(?P<path>.+)@v(?P<version>\d{1,18})", re.DOTALL)
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")


@dataclass(frozen=True, slots=True)
class DeltaAddress:
    """The folder of a Delta table, and which version of it is meant.

    Attributes
    ----------
    path : Path
        The folder that holds ``_delta_log``.
    version : int or None
        None for the newest.
    """

    path: Path
    version: int | None = None

    @classmethod
    def names_one(cls, text: object) -> bool:
        """Whether a name is meant as the address of a Delta table, however badly written.

        Examples
        --------
        >>> [DeltaAddress.names_one(each) for each in ("delta:arrests", "arrests.parquet")]
        [True, False]
        """
        return begins_with(_PREFIX, text)

    @classmethod
    def parse(cls, text: str | os.PathLike[str]) -> DeltaAddress:
        """Read an address.

        Raises
        ------
        ConfigError
            When it names nothing, or a place that is not a folder of this machine.

        Examples
        --------
        >>> DeltaAddress.parse("delta:lake/arrests@v3")
        DeltaAddress(path=PosixPath('lake/arrests'), version=3)
        """
        place = behind_prefix(_PREFIX, text)
        if not place or "\x00" in place:
            raise ConfigError("this names no Delta table", hint="write delta:FOLDER.")
        if place.startswith("file:/"):  # of three slashes a path keeps one
            place = unquote(urlsplit(place).path)
        if _REMOTE.match(place) or _REMOTE.match(place.replace(":/", "://", 1)):
            raise ConfigError(
                "cannot read a Delta table from a store, only from a folder of this machine",
                hint="copy or mount the table's folder.",
            )
        found = None if Path(place).exists() else _VERSION.fullmatch(place)
        if found is not None:
            return cls(Path(found["path"]), int(found["version"]))
        return cls(Path(place))

    def __str__(self) -> str:
        return f"{_PREFIX}{self.path}" + ("" if self.version is None else f"@v{self.version}")

    def __fspath__(self) -> str:
        return str(self)

    @property
    def shown(self) -> str:
        """The address without the folders above the table's own."""
        return f"{_PREFIX}{self.path.name}" + ("" if self.version is None else f"@v{self.version}")

    def check_name(self) -> None:
        """Refuse a folder by whose name deltalake would open another one.

        Raises
        ------
        UnreadableInput
        """
        place = str(self.path.absolute())
        if unquote(place) != place:
            raise UnreadableInput(
                "the name of a folder holds a percent sign that deltalake reads as the code of another character",
                where=str(self),
                hint="rename the folder.",
            )

    def check(self) -> None:
        """Refuse a folder that does not exist or is not that of a Delta table, and a name that deltalake misreads.

        Raises
        ------
        UsageError
        UnreadableInput
        """
        self.check_name()
        found = lake_format(self.path)
        if found != DELTA:
            raise self._refusal(found)

    def _refusal(self, found: str | None) -> UsageError:
        table, at, _ = self.path.name.rpartition("@")
        if found is not None:
            wrong, hint = f"this is the folder of {LAKES[found]}", lake_hint(found, str(self.path))
        elif self.path.is_file():
            wrong, hint = "this is a file, and not the folder of a Delta table", f"leave out {_PREFIX}: {self.path}"
        elif self.path.is_dir():
            wrong, hint = "this is not a Delta table: the folder holds no _delta_log", f"name it: {_PREFIX}FOLDER."
        elif at and table and lake_format(self.path.with_name(table)) == DELTA:
            wrong, hint = "what is behind the @ is not a version", "write @v and its number, such as @v3."
        else:
            wrong, hint = "the folder does not exist", f"name the table's own folder: {_PREFIX}FOLDER."
        return UsageError(wrong, where=str(self), hint=hint)


def delta_address(data: Any) -> str | None:
    """Give the address of a deltalake.DeltaTable, at the version that it has loaded; None of anything else."""
    library = sys.modules.get("deltalake")
    if library is None or not isinstance(data, library.DeltaTable):
        return None
    place = data.table_uri
    path = unquote(urlsplit(place).path) if place.startswith("file://") else place
    return f"{_PREFIX}{path.rstrip('/') or '/'}@v{data.version()}"
