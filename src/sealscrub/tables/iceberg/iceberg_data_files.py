"""Data files of an Iceberg table, written as pyiceberg writes them."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from .iceberg_projection import pyiceberg_functions

__all__ = ["data_files"]


def data_files(
    rows: pa.Table, metadata: Any, io: Any, commit: uuid.UUID, counter: itertools.count[int]
) -> Iterator[Any]:
    """Write rows as files of a table, one of each partition, or more of many rows.

    Parameters
    ----------
    rows : pyarrow.Table
        The rows, in the types of the table's schema.
    metadata : pyiceberg.table.metadata.TableMetadata
        What the table says about schema, partitions and properties.
    io : pyiceberg.io.FileIO
        What they are written with.
    commit : uuid.UUID
        Which the names of the files end with.
    counter : itertools.count
        Which the names begin with; of one commit there is one.

    Yields
    ------
    pyiceberg.manifest.DataFile
    """
    # pyiceberg has no public name for it, which is why the extra has an upper bound
    write = pyiceberg_functions(exact=True)["_dataframe_to_data_files"]
    yield from write(metadata, rows, io, write_uuid=commit, counter=counter)
