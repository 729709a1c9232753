"""The rows of a file of Parquet, as a new Delta or Iceberg table takes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["LakeRows"]


class LakeRows:
    """The rows of a file of Parquet.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What it is called in errors.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name, self._path = name, path

    @property
    def kinds(self) -> pa.Schema:
        """The types of the columns; a list of levels is not part of a table of a lake, and goes."""
        return pa.schema([_without_levels(field) for field in pq.read_schema(self._path)])

    def changed_parts(self) -> Iterator[pa.Table]:
        """Give the rows at once, so that the files of the table do not depend on parts of this one; none if none."""
        rows = pq.read_table(self._path, partitioning=None)
        if rows.num_rows:
            kinds = self.kinds
            columns = [column.cast(field.type) for column, field in zip(rows.columns, kinds, strict=True)]
            yield pa.table(columns, schema=kinds)


def _without_levels(field: pa.Field) -> pa.Field:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    return pa.field(field.name, kind, field.nullable)
