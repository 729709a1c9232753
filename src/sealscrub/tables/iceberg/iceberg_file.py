"""One file of Parquet in an Iceberg table's folder with all its rows, under the names of the table's schema."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import SealscrubError, UnreadableInput

from ..file import FileTable, Opening, SourceFile
from ..levels import LevelRules, Suspect
from ..row_verdicts import KnownRows, Remaining, RemainingRows
from ..sources import open_file
from ..table import Wanted

__all__ = ["IcebergFile", "field_ids", "nested_field_ids"]

_ID = b"PARQUET:field_id"


class IcebergFile:
    """One file of Parquet, whichever versions name it.

    Parameters
    ----------
    path : Path
        The file.
    ids : mapping of str to int
        The columns of the schema, and the ids of their fields.
    dtypes : mapping of str to polars.DataType
        Their types.
    opening : Opening
        How it is opened.
    where : str
        What the table is called in errors: the path of a file may hold values of partition columns.
    """

    def __init__(
        self, path: Path, ids: Mapping[str, int], dtypes: Mapping[str, pl.DataType], opening: Opening, where: str
    ) -> None:
        self.path, self.dtypes, self.where = path, dtypes, where
        with self._hide_path():
            self.file: FileTable = open_file(SourceFile(path, Path(path.name), "parquet"), opening)
            held = field_ids(path)
        by_id = {number: name for name, number in held.items() if number is not None}
        named = {} if by_id else {name: name for name in held}
        self.names = {name: found for name, number in ids.items() if (found := by_id.get(number, named.get(name)))}
        self.rows = int(self.file.rows or 0)

    @contextlib.contextmanager
    def _hide_path(self) -> Iterator[None]:
        try:
            yield
        except SealscrubError as error:
            error.where = self.where
            raise
        except (OSError, pa.ArrowException):
            raise UnreadableInput("a file cannot be read", where=self.where) from None

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row; a column that the file lacks is null."""
        inside = [self.names[name] for name in columns if name in self.names]
        with self._hide_path():
            for frame in self.file.batches(inside) if inside else [pl.DataFrame(height=self.rows)]:
                series = [
                    frame.get_column(self.names[name]).cast(self.dtypes[name], strict=True).alias(name)
                    if name in self.names
                    else pl.Series(name, [None], dtype=self.dtypes[name]).new_from_index(0, frame.height)
                    for name in columns
                ]
                yield pl.DataFrame(series or None, height=frame.height)

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        keys, left = (
            frozenset(self.names[name] for name in named if name in self.names) for named in (levels.keys, levels.left)
        )
        self.file.knowing(replace(levels, keys=keys, left=left))

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels of the file that no row uses and are of interest."""
        with self._hide_path():
            return self.file.unused_levels(suspect)

    def judged(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Judge the rows, and give what is not declared of those that stay, dropped columns among it."""
        judged = [remaining.judge(batch) for batch in self.batches(list(remaining.columns)) if batch.height]
        if not judged:
            return
        keep = np.concatenate([each.keep for each in judged])
        changed = {
            self.names[name]: np.concatenate([each.changed[name] for each in judged])
            for name in judged[0].changed
            if name in self.names
        }
        called = {physical: name for name, physical in self.names.items()}
        hidden = [self.names[name] for name in declared if name in self.names]
        with self._hide_path():
            for physical, values in self.file.undeclared(KnownRows(RemainingRows(keep, changed)), hidden, wanted):
                yield called.get(physical, physical), values


def nested_field_ids(fields: Iterable[pa.Field]) -> Iterator[int]:
    """Give the ids of fields at every depth, those that have one."""
    for field in fields:
        number = (field.metadata or {}).get(_ID)
        if number is not None:
            yield int(number)
        yield from nested_field_ids(field.type.field(at) for at in range(field.type.num_fields))


def field_ids(path: Path) -> dict[str, int | None]:
    """Give the columns of a file of Parquet, and the ids of their fields, if they have any."""
    ids = {field.name: (field.metadata or {}).get(_ID) for field in pq.read_schema(path)}
    return {name: None if number is None else int(number) for name, number in ids.items()}
