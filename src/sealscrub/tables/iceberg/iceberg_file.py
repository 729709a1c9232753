"""One file of Parquet in an Iceberg table's folder with all its rows, under the names of the table's schema."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import SealscrubError, UnreadableInput

from ..file import Opening, SourceFile
from ..named_file import NamedFile
from ..sources import open_file

__all__ = ["IcebergFile", "field_ids", "holds_others"]

_ID = b"PARQUET:field_id"


class IcebergFile(NamedFile):
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
        with self.hide_path():
            self.file = open_file(SourceFile(path, Path(path.name), "parquet"), opening)
            held = field_ids(path)
        by_id = {number: name for name, number in held.items() if number is not None}
        named = {} if by_id else {name: name for name in held}
        self.names = {name: found for name, number in ids.items() if (found := by_id.get(number, named.get(name)))}
        self.rows = int(self.file.rows or 0)

    @contextlib.contextmanager
    def hide_path(self) -> Iterator[None]:
        """Name only the table in errors."""
        try:
            yield
        except SealscrubError as error:
            error.where = self.where
            raise
        except FileNotFoundError:
            raise UnreadableInput(
                "a file of the table was deleted while it was read", where=self.where, hint="run it again."
            ) from None
        except (OSError, pa.ArrowException):
            raise UnreadableInput("a file cannot be read", where=self.where) from None

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row; a column that the file lacks is null."""
        inside = [self.names[name] for name in columns if name in self.names]
        with self.hide_path():
            for frame in self.file.batches(inside) if inside else [pl.DataFrame(height=self.rows)]:
                series = [
                    frame.get_column(self.names[name]).cast(self.dtypes[name], strict=True).alias(name)
                    if name in self.names
                    else pl.Series(name, [None], dtype=self.dtypes[name]).new_from_index(0, frame.height)
                    for name in columns
                ]
                yield pl.DataFrame(series or None, height=frame.height)


def holds_others(fields: Iterable[pa.Field], ids: Collection[int], names: Collection[str], above: str = "") -> bool:
    """Whether there is a field, at whichever depth, that a schema has not: by its id, or by its name if it has none.

    Parameters
    ----------
    fields : iterable of pyarrow.Field
        Of a file.
    ids : collection of int
        The ids of the schema's fields.
    names : collection of str
        Their names, as pyiceberg gives those of nested ones (``deep.element.a``).
    above : str
        The name of the field that these are in, with a dot.
    """
    for field in fields:
        number = (field.metadata or {}).get(_ID)
        if (f"{above}{field.name}" not in names) if number is None else (int(number) not in ids):
            return True
        if holds_others(_inner(field.type), ids, names, f"{above}{field.name}."):
            return True
    return False


def _inner(kind: pa.DataType) -> list[pa.Field]:
    """Give the fields of a type, under the names that Iceberg gives those of lists and maps."""
    if pa.types.is_map(kind):
        return [kind.key_field.with_name("key"), kind.item_field.with_name("value")]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [kind.value_field.with_name("element")]
    return [kind.field(at) for at in range(kind.num_fields)]


def field_ids(path: Path) -> dict[str, int | None]:
    """Give the columns of a file of Parquet, and the ids of their fields, if they have any."""
    ids = {field.name: (field.metadata or {}).get(_ID) for field in pq.read_schema(path)}
    return {name: None if number is None else int(number) for name, number in ids.items()}
