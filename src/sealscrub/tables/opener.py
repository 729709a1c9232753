"""Data of whatever kind as tables: by the type of a frame, the suffix of a file, or the address in a database."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import polars as pl
import pyarrow as pa

from sealscrub.errors import ConfigError, MissingExtra, SealscrubError, Spelled, UnreadableInput, UsageError

from .database import DatabaseSource, DatabaseStore
from .database.stores import open_table_in
from .delta.delta_address import DeltaAddress, delta_address
from .file import Opening
from .frame_table import FrameTable
from .iceberg.iceberg_address import IcebergAddress, iceberg_address
from .reading_options import ReadAs
from .sources import find_sources, open_file, refuse_unread
from .spark.spark_types import is_spark_frame
from .table import Table

if TYPE_CHECKING:  # tables of lakes are loaded where one is named
    from .iceberg.iceberg_table import IcebergTable

__all__ = [
    "DataSource",
    "Named",
    "Stores",
    "lake_named",
    "names_of",
    "open_frame",
    "open_named",
    "pandas_of",
    "read_frame",
    "read_pandas",
    "refuse_lake",
    "refuse_lake_on_spark",
    "source_named",
]

Named: TypeAlias = DatabaseSource | DeltaAddress | IcebergAddress | Path
"""What a name can mean: an address, or else files."""

Stores: TypeAlias = dict[str, tuple[DatabaseSource, DatabaseStore]]
"""Databases that are open, by their places."""


class DataSource:
    """What a run is about: a frame, or files and tables of databases by their names. Use it as a context manager.

    Parameters
    ----------
    data : frame, or str, path-like or several of these
        A frame of any container that is known here; files, folders and globs; addresses of tables of databases,
        such as ``city.duckdb#arrests``; of Delta tables, ``delta:FOLDER``; or of Iceberg tables,
        ``iceberg:CATALOG/NAMESPACE.TABLE``.
    opening : Opening, optional
        How it is opened.
    name : str
        What a frame is called in errors and reports.
    history : bool
        Whether all that earlier versions of a Delta or Iceberg table left is a table of its own.

    Raises
    ------
    UsageError, ConfigError
        When a file does not exist, or its format is unknown, or a part of `read_as` has no effect.
    UnreadableInput
        When a file, folder or database cannot be read.

    Examples
    --------
    >>> import polars as pl
    >>> with DataSource(pl.DataFrame({"precinct": [73, 75]})) as source:
    ...     [table.rows for table in source.tables()]
    [2]
    """

    def __init__(self, data: Any, opening: Opening | None = None, *, name: str = "data", history: bool = False) -> None:
        self.opening, self._name, self._frame = opening or Opening(), name, data
        self._stores: Stores = {}
        names = names_of(data)
        self.in_memory = names is None
        named = [source_named(each) for each in names or ()]
        self.databases = tuple(each for each in named if isinstance(each, DatabaseSource))
        self.lakes = tuple(each for each in named if isinstance(each, DeltaAddress))
        icebergs = [each for each in named if isinstance(each, IcebergAddress)]
        self.icebergs: tuple[IcebergTable, ...] = ()
        if icebergs:
            from .iceberg.iceberg_table import IcebergTable

            self.icebergs = tuple(IcebergTable.open(each, self.opening) for each in icebergs)
        self._history = history
        if history and not (names and len(self.lakes) + len(icebergs) == len(names)):
            raise ConfigError(
                "only Delta and Iceberg tables have a history",
                hint="name only delta:FOLDER, or iceberg:CATALOG/NAMESPACE.TABLE.",
            )
        paths = [each for each in named if isinstance(each, Path)]
        found = find_sources(paths, self.opening.read_as.format) if paths or names == [] else None
        self.files = found.files if found is not None else ()
        refuse_unread(self.files, self.opening.read_as)
        self.folder = found is not None and (found.folder or len(names or ()) > 1)
        folders = (*(each.path for each in self.lakes), *(root for each in self.icebergs for root in each.roots))
        self.roots = (*(found.roots if found is not None else ()), *folders)
        self.unread = found.unread if found is not None else ()

    @property
    def paths(self) -> list[Path]:
        """Files that are read, which no output may replace."""
        databases = [each.file for each in self.databases if each.file is not None]
        lakes = [*(each.path for each in self.lakes), *(each.place for each in self.icebergs)]
        return [*(file.path for file in self.files), *databases, *lakes]

    @property
    def schemas(self) -> bool:
        """Whether what is read is kept on a server, and the output is a schema there."""
        return any(each.file is None for each in self.databases)

    def tables(self) -> Iterator[Table]:
        """Open the tables, one after the other."""
        how = self.opening
        if self.in_memory:
            yield open_frame(self._name, self._frame, how)
        for file in self.files:
            yield open_file(file, how)
        for source in self.databases:
            yield open_named(source, how, self._stores)
        for address in self.lakes:
            from .delta.delta_history import DeltaHistory
            from .delta.delta_table import DeltaTable

            table = DeltaTable.open(address, how)
            yield table
            if self._history:
                yield DeltaHistory(f"{address.shown} (history)", table.snapshot, how)
        for held in self.icebergs:
            held.with_history = self._history
            yield held
            if self._history:
                from .iceberg.iceberg_history import IcebergHistory

                yield IcebergHistory(f"{held.name} (history)", held.snapshot, how)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, store in self._stores.values():
            store.close()


def source_named(name: Any, root: Path | None = None) -> Named:
    """Say what a name means: the address of a table, or else files.

    Parameters
    ----------
    name : str, path-like or Named
    root : Path, optional
        The folder that files of databases are relative to.

    Raises
    ------
    ConfigError
        When it is an address, and badly written.
    """
    if isinstance(name, DatabaseSource | DeltaAddress | IcebergAddress):
        return name
    for lake in (DeltaAddress, IcebergAddress):
        if lake.names_one(name):
            return lake.parse(name)
    text = os.fspath(name)
    return DatabaseSource.parse(text, root) if DatabaseSource.names_one(text, root or ".") else Path(name)


def refuse_lake(name: Any) -> None:
    """Refuse the address of a Delta or Iceberg table where only files and folders of files are read.

    Raises
    ------
    UsageError
    """
    if DeltaAddress.names_one(name) or IcebergAddress.names_one(name):
        raise UsageError(
            "Delta and Iceberg tables are not read here, only files",
            where=os.fspath(name),
            hint="write its rows to a file of Parquet with its own library, and name that.",
        )


def refuse_lake_on_spark(name: Any, where: str | None = None) -> None:
    """Refuse the address of a Delta or Iceberg table where Spark reads or writes.

    Parameters
    ----------
    name : str or path-like, or anything else
        What was named.
    where : str, optional
        Where it was; by default, its name.

    Raises
    ------
    ConfigError
    """
    if DeltaAddress.names_one(name) or IcebergAddress.names_one(name):
        raise ConfigError(
            "Delta and Iceberg tables are not read or written with Spark, which needs Java packages for them",
            where=where or os.fspath(name),
            hint=Spelled(
                "leave out engine: they are read and written without Spark.",
                "leave out --engine: they are read and written without Spark.",
            ),
        )


def open_named(
    source: DatabaseSource | DeltaAddress | IcebergAddress,
    opening: Opening,
    stores: Stores,
    name: str | None = None,
) -> Table:
    """Open the table of an address; the tables of one database share one state of it."""
    if isinstance(source, DeltaAddress):
        from .delta.delta_table import DeltaTable

        return DeltaTable.open(source, opening, name)
    if isinstance(source, IcebergAddress):
        from .iceberg.iceberg_table import IcebergTable

        return IcebergTable.open(source, opening, name)
    table = open_table_in(source, name or source.shown, stores)
    if "comment" in opening.keep_metadata:
        table.store.commented.add(table.layout.name)
    return table


def open_frame(name: str, frame: Any, opening: Opening) -> Table:
    """Open data that is handed in."""
    if is_spark_frame(frame):
        from .spark.spark_table import SparkTable

        return SparkTable(name, frame, opening.keep_metadata)
    return FrameTable(
        name,
        frame,
        keep_levels=opening.keep_levels,
        keep_metadata=opening.keep_metadata,
        keep_index=opening.keep_index,
    )


def names_of(data: Any) -> list[Any] | None:
    """Give the names of files or addresses, of a Delta or Iceberg table its own; None if data is handed in."""
    data = lake_named(data)
    if isinstance(data, str | os.PathLike):
        return [data]
    several = isinstance(data, list | tuple) and bool(data) and all(isinstance(one, str | os.PathLike) for one in data)
    return list(data) if several else None


def lake_named(data: Any) -> Any:
    """Give the address of a Delta or Iceberg table that its own library has opened; anything else as it is."""
    return delta_address(data) or iceberg_address(data) or data


def read_frame(
    place: str | os.PathLike[str],
    format: str | None = None,
    *,
    typed: bool = False,
    schema: Mapping[str, pl.DataType] | None = None,
    texts: Collection[str] = (),
) -> pl.DataFrame:
    """Read a file of any format, or a table of a database, whole.

    Parameters
    ----------
    place : str or path-like
        One file, or the address of a table.
    format : str, optional
        A file's format; by default its suffix and first bytes decide.
    typed : bool
        Whether values of a format of text are what they look like, over all rows; by default they are text.
    schema : mapping of str to polars.DataType, optional
        The types that they have, if `typed`.
    texts : collection of str
        Columns that are text also if `typed`.

    Raises
    ------
    UsageError
        When the file does not exist.
    ConfigError
        When its format cannot be recognised.
    UnreadableInput
        When it cannot be read to its end.
    """
    with _one_table(place, format) as table:
        return table.frame(typed=typed, schema=schema, texts=texts)


def read_pandas(place: str | os.PathLike[str], *, typed: bool = False, texts: Collection[str] = ()) -> Any:
    """Read a file or a table of a database as :func:`read_frame` does, as pandas' own reader gives it.

    Raises
    ------
    MissingExtra
        When pandas is not installed.
    UsageError, ConfigError, UnreadableInput
        As :func:`read_frame` does.
    """
    with _one_table(place) as table:
        return pandas_of(table, typed=typed, texts=texts)


def pandas_of(table: Table, *, typed: bool = False, texts: Collection[str] = ()) -> Any:
    """Give a table as a frame of pandas.

    Raises
    ------
    MissingExtra
        When pandas is not installed.
    """
    if importlib.util.find_spec("pandas") is None:
        raise MissingExtra.of("pandas", "pandas")
    return table.pandas_frame(typed=typed, texts=texts)


@contextmanager
def _one_table(place: str | os.PathLike[str], format: str | None = None) -> Iterator[Table]:
    with DataSource(place, Opening(read_as=ReadAs(format=format))) as source:
        if source.folder:
            raise UsageError("this is a folder", where=str(place), hint="give one file.")
        (table,) = source.tables()
        try:
            yield table
        except SealscrubError:
            raise
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException, OSError, ValueError):
            raise UnreadableInput("it cannot be read to its end", where=table.name) from None
