"""A new Iceberg table: one commit of the rows that stay, file by file, and nothing of earlier versions."""

from __future__ import annotations

import contextlib
import itertools
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from sealscrub.errors import SealscrubError, UsageError, WriteFailed

from ..lake_folders import ICEBERG
from ..lake_rows import LakeRows
from ..lake_table import ChangedTable, LakeTable
from ..lake_types import fitted, held_schema
from ..value_free_errors import raise_own
from .iceberg_address import IcebergAddress
from .iceberg_catalog import asked, local_path, opened_catalog, opened_io
from .iceberg_data_files import data_files
from .iceberg_features import refuse_unwritten
from .iceberg_schema import kept_properties, partition_transforms, plain_schema
from .iceberg_table import IcebergTable

__all__ = ["catalog_given", "check_new_table", "write_iceberg"]


def check_new_table(
    table: LakeTable | LakeRows, target: IcebergAddress, *, replace: bool = False, read: Collection[str] = ()
) -> None:
    """Refuse a target that exists, or is in no namespace that can have it, and a table of which no copy can be written.

    Parameters
    ----------
    table : LakeTable
        What was read.
    target : IcebergAddress
        The new table.
    replace : bool
        Whether there may be an earlier one.
    read : collection of str
        Ids of tables that none may replace.

    Raises
    ------
    UsageError, ConfigError
    """
    from pyiceberg.catalog import MetastoreCatalog

    if isinstance(table, IcebergTable):
        refuse_unwritten(partition_transforms(table.snapshot.metadata), table.name)
    else:
        held_schema(table.kinds, ICEBERG, table.name)
    with opened_catalog(target, catalog_given(table)) as catalog:
        try:
            there = catalog.namespace_exists(target.identifier[:-1])
            nests = len(target.identifier) == 2 or not isinstance(catalog, MetastoreCatalog)
            taken = there and catalog.table_exists(target.identifier)
            same = taken and str(catalog.load_table(target.identifier).metadata.table_uuid) in read
        except Exception as error:  # of pyiceberg or what it calls; it may show values
            raise_own(error)
            raise WriteFailed("pyiceberg cannot ask the catalog", where=str(target)) from None
    if not there:
        raise UsageError(
            "the catalog has no such namespace",
            where=str(target),
            hint="create it first, with pyiceberg.",
        )
    if not nests:
        raise UsageError(
            "pyiceberg writes no new table in a namespace below another one, in a catalog of this kind",
            where=str(target),
            hint="name a table in a namespace of one level, such as iceberg:CATALOG/NAMESPACE.NEW.",
        )
    if same:
        raise UsageError("the output would replace the input", where=str(target), hint="name a new table.")
    if taken and not replace:
        raise UsageError("the table already exists", where=str(target), hint="name a new table.")


def write_iceberg(rows: LakeRows | ChangedTable, target: IcebergAddress, *, apart: bool = False) -> str:
    """Write rows of files, or a table with a change, as a new table; it is there when all is written, or not at all.

    Each file is written as one of the rows of it that stay, in their order, and none if no row is left. Of an Iceberg
    table schema, partitions, sort order, format version and structural properties are kept; of a Delta table its
    columns.

    Parameters
    ----------
    rows : LakeRows or ChangedTable
        What is written.
    target : IcebergAddress
        The new table.
    apart : bool
        Whether its folder is one of its own, since an earlier table of its name has that folder.

    Returns
    -------
    str
        Where its metadata file is.

    Raises
    ------
    UsageError
        When the table already exists, or its folder holds files.
    WriteFailed
        When pyiceberg fails; the message says whether there is a table.
    """
    with opened_catalog(target, catalog_given(_source(rows))) as catalog:
        try:
            return _write_new(rows, target, catalog, apart=apart)
        except SealscrubError:
            raise
        except Exception as error:  # of pyiceberg or what it calls; it may show values
            raise_own(error)
            raise _failed(False, target) from None


def catalog_given(table: LakeTable | LakeRows) -> Any:
    """Give the catalog of a table that was handed in; None of one that is named."""
    return table.snapshot.address.catalog_of_loaded if isinstance(table, IcebergTable) else None


def _declared(table: LakeTable | LakeRows) -> dict[str, Any]:
    """Say what a new table is like, as a catalog is asked for it."""
    if not isinstance(table, IcebergTable):
        return {"schema": held_schema(table.kinds, ICEBERG, table.name)}
    metadata, kept = table.snapshot.metadata, table.opening.keep_metadata
    return {
        "schema": plain_schema(metadata, kept),
        "partition_spec": _spec(metadata),
        "sort_order": metadata.sort_order_by_id(metadata.default_sort_order_id),
        "properties": kept_properties(metadata, kept),
    }


def _source(rows: LakeRows | ChangedTable) -> LakeTable | LakeRows:
    return rows.table if isinstance(rows, ChangedTable) else rows


def _rows(rows: LakeRows | ChangedTable) -> Iterator[pa.Table]:
    """Give the rows that stay, one Arrow table after the other, in types of Iceberg."""
    source = _source(rows)
    if isinstance(rows, ChangedTable):
        made = rows.table.changed_parts(rows.change)
    else:
        made = itertools.chain.from_iterable(rows.changed_parts())
    if isinstance(source, IcebergTable):
        return made
    kinds = held_schema(source.kinds, ICEBERG, source.name)
    return (fitted(each, kinds) for each in made)


def _write_new(given: LakeRows | ChangedTable, target: IcebergAddress, catalog: Any, *, apart: bool) -> str:
    declared = _declared(_source(given))
    new = catalog.create_table_transaction(target.identifier, **declared)
    if apart:
        place = f"{new.table_metadata.location}-{secrets.token_hex(6)}"
        new = catalog.create_table_transaction(target.identifier, location=place, **declared)
    folder = local_path(new.table_metadata.location, str(target))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            "the folder of the new table holds files, which may be those of an earlier one",
            where=str(target),
            hint="name another table, or remove its folder from the warehouse.",
        )
    commit = ""
    try:
        with new.update_snapshot().fast_append() as append:
            commit = str(append.commit_uuid)
            io = opened_io(catalog, new.table_metadata)
            counter = itertools.count()
            for rows in _rows(given):
                for file in data_files(rows, new.table_metadata, io, append.commit_uuid, counter):
                    append.append_data_file(file)
        return str(new.commit_transaction().metadata_location)
    except BaseException as error:
        written = asked(lambda: _is_written(catalog, target, new))
        if written is False:
            _remove_files(folder, commit)
        if isinstance(error, SealscrubError) or not isinstance(error, Exception):
            raise
        raise_own(error)
        raise _failed(written, target) from None  # of pyiceberg or what it calls; it may show values


def _is_written(catalog: Any, target: IcebergAddress, new: Any) -> bool:
    if not catalog.table_exists(target.identifier):
        return False
    return bool(catalog.load_table(target.identifier).metadata.table_uuid == new.table_metadata.table_uuid)


def _failed(written: bool | None, target: IcebergAddress) -> WriteFailed:
    """Say what there is after an error of pyiceberg; None is for what the catalog cannot be asked about."""
    if written is None:
        return WriteFailed(
            "pyiceberg failed, and the catalog cannot be asked whether the table was created",
            where=str(target),
            hint="when the catalog can be opened: drop the table if it is there, and run it again.",
        )
    if written:
        return WriteFailed(
            "the table was created, but pyiceberg failed afterwards",
            where=str(target),
            hint="drop the table, and run it again.",
        )
    return WriteFailed(
        "pyiceberg cannot write the table; nothing was created",
        where=str(target),
        hint="see that the warehouse can be written, and that no one else makes a table of this name.",
    )


def _spec(metadata: Any) -> Any:
    """Give the partitions of a new table, without those of columns that were dropped."""
    from pyiceberg.partitioning import PartitionSpec

    return PartitionSpec(*(field for field in metadata.spec().fields if str(field.transform) != "void"))


def _remove_files(folder: Path, commit: str) -> None:
    """Remove what a commit that failed has written, by its id; others may have made files here meanwhile."""
    with contextlib.suppress(OSError):
        for path in sorted(folder.rglob("*"), reverse=True) if commit else ():
            if path.is_dir() and not path.is_symlink():
                with contextlib.suppress(OSError):
                    path.rmdir()  # if it is empty
            elif commit in path.name:
                path.unlink()
        folder.rmdir()
