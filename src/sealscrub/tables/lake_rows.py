"""The rows of files of Parquet, as a new Delta or Iceberg table takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import ConfigError

__all__ = ["LakeRows"]

_BLOCK = 1 << 20  # rows that are held at once: a row group, as pyarrow writes it


class LakeRows:
    """The rows of files of Parquet.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    name : str
        What they are called in errors.
    """

    def __init__(self, paths: Sequence[Path], name: str) -> None:
        self.name, self._paths = name, paths

    @property
    def kinds(self) -> pa.Schema:
        """The types of the columns; a list of levels is not part of a table of a lake, and goes.

        Raises
        ------
        ConfigError
            When the files do not have the same columns.
        """
        first, *others = map(_kinds, self._paths)
        if any(other != first for other in others):
            raise ConfigError(
                "the files do not have the same columns in one order, of the same types, and make no one table",
                where=self.name,
                hint="scrub them one by one.",
            )
        return first

    def changed_parts(self) -> Iterator[Iterator[pa.Table]]:
        """Give the rows of each file, some at a time, by their number alone: not as they are in parts of the file."""
        return map(_blocks, self._paths)


def _blocks(path: Path) -> Iterator[pa.Table]:
    kinds = _kinds(path)
    held, count = [kinds.empty_table()], 0
    with pq.ParquetFile(path) as file:
        groups = range(file.num_row_groups)  # one by one: pyarrow would keep them all
        for batch in (each for at in groups for each in file.iter_batches(min(_BLOCK, 1 << 16), row_groups=[at])):
            columns = [column.cast(field.type) for column, field in zip(batch.columns, kinds, strict=True)]
            held, count = [*held, pa.table(columns, schema=kinds)], count + batch.num_rows
            if count >= _BLOCK:
                whole = pa.concat_tables(held)
                yield whole.slice(0, _BLOCK).combine_chunks()
                held, count = [whole.slice(_BLOCK)], count - _BLOCK
    if count:
        yield pa.concat_tables(held).combine_chunks()


def _kinds(path: Path) -> pa.Schema:
    return pa.schema([_without_levels(field) for field in pq.read_schema(path)])


def _without_levels(field: pa.Field) -> pa.Field:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    return pa.field(field.name, kind, field.nullable)
