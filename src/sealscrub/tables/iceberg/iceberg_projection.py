"""Rows under the schema of an Iceberg table, as pyiceberg reads and writes them, but for nulls and times that it loses.

pyiceberg 0.12 turns a list of structs, or a map whose values are structs, that is null into an empty one, both when it
reads a file and when it writes one, and cuts nanoseconds off. Its functions are run here with a visitor that does not;
those of its module stay as they are.
"""

from __future__ import annotations

import functools
from types import FunctionType
from typing import Any

import pyarrow as pa

from sealscrub.errors import UsageError

__all__ = ["pyiceberg_functions", "read_batches"]


def read_batches(task: Any, snapshot: Any, columns: list[str], *, exact: bool = False) -> list[pa.RecordBatch]:
    """Give columns of the rows of a data file that files of deletes leave, under the table's schema.

    Parameters
    ----------
    task : pyiceberg.table.FileScanTask
        The file.
    snapshot : IcebergSnapshot
        The version that it is of.
    columns : list of str
        Which columns.
    exact : bool
        Whether times that the schema's type does not hold are refused, rather than cut as pyiceberg cuts them.

    Raises
    ------
    UsageError
        When there are such times.
    """
    from pyiceberg.expressions import AlwaysTrue
    from pyiceberg.io.pyarrow import ArrowScan
    from pyiceberg.schema import Schema

    metadata, functions = snapshot.metadata, pyiceberg_functions(exact)
    wanted = Schema(*(field for field in metadata.schema().fields if field.name in columns))
    scan = ArrowScan(metadata, snapshot.io, wanted, AlwaysTrue())
    batches = functions["_task_to_record_batches"](
        snapshot.io,
        task,
        scan._bound_row_filter,
        wanted,
        metadata.schema(),
        scan._projected_field_ids,
        functions["_read_all_delete_files"](snapshot.io, [task]).get(task.file.file_path),
        True,
        metadata.name_mapping(),
        metadata.specs().get(task.file.spec_id),
        metadata.format_version,
    )
    return list(batches)  # one after the other, the file would be closed while Arrow's threads read it


@functools.cache
def pyiceberg_functions(exact: bool) -> dict[str, Any]:
    """Give the functions of pyiceberg that read and write rows, with a visitor that keeps nulls.

    Parameters
    ----------
    exact : bool
        Whether the visitor refuses times that a type does not hold.

    Returns
    -------
    dict of str to function
        Private ones of ``pyiceberg.io.pyarrow``, by their names.
    """
    from pyiceberg.io.pyarrow import (
        ArrowProjectionVisitor,
        _dataframe_to_data_files,
        _read_all_delete_files,
        _task_to_record_batches,
        _to_requested_schema,
        write_file,
    )

    scope = dict(_to_requested_schema.__globals__)
    run = (_dataframe_to_data_files, _task_to_record_batches, _to_requested_schema, write_file)
    for held in run:
        made = FunctionType(held.__code__, scope, held.__name__, held.__defaults__, held.__closure__)
        made.__kwdefaults__ = held.__kwdefaults__
        scope[held.__name__] = made
    scope[ArrowProjectionVisitor.__name__] = _visitor(ArrowProjectionVisitor, exact)
    return scope | {"_read_all_delete_files": _read_all_delete_files}


def _visitor(base: Any, exact: bool) -> type:
    class Projection(base):  # type: ignore[misc]  # pyiceberg is not installed everywhere
        def list(self, list_type: Any, list_array: Any, value_array: Any) -> Any:
            return _with_nulls(super().list(list_type, list_array, value_array), list_array)

        def map(self, map_type: Any, map_array: Any, key_result: Any, value_result: Any) -> Any:
            return _with_nulls(super().map(map_type, map_array, key_result, value_result), map_array)

        def _cast_if_needed(self, field: Any, values: Any) -> Any:
            made = super()._cast_if_needed(field, values)
            if exact and _unit(values.type) == "ns" and _unit(made.type) == "us":
                _refuse_nanoseconds(values)
            return made

    return Projection


def _with_nulls(made: Any, held: Any) -> Any:
    """Give a list or map the nulls that it had."""
    if made is None or made.null_count == held.null_count:
        return made
    empty, offsets = held.is_null(), pa.array(made.offsets.to_numpy())
    if pa.types.is_map(made.type):
        return pa.MapArray.from_arrays(offsets, made.keys, made.items, made.type, mask=empty)
    return type(made).from_arrays(offsets, made.values, made.type, mask=empty)


def _unit(kind: pa.DataType) -> str | None:
    return kind.unit if pa.types.is_timestamp(kind) else None


def _refuse_nanoseconds(values: Any) -> None:
    try:
        values.cast(pa.timestamp("us", values.type.tz))
    except pa.ArrowInvalid:
        raise UsageError(
            "a file holds times of nanoseconds, which the table's type does not hold",
            hint="rewrite the table with its own engine first.",
        ) from None
