"""Frames and tables of a result as pieces: pandas, polars, Arrow, DuckDB."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from sealscrub.tables.spark.spark_types import is_spark_frame

from .arrow_storage import stored
from .pieces import Column, Piece, bits, cell_bits, digest, numbers, plain
from .text_bits import text_bits

__all__ = ["arrow_piece", "table_piece"]

_FLOATS = {"halffloat": "float16", "float": "float32", "double": "float64"}
"""What numpy calls Arrow's types; integers have one name."""


def table_piece(value: Any, path: str) -> Piece | None:
    """Give a frame, series or table as a piece; None of anything else."""
    kind = type(value).__module__.partition(".")[0]
    name = type(value).__name__
    if kind == "pandas":
        return _of_pandas(value, path)
    if kind == "polars" and name in ("LazyFrame", "DataFrame", "Series"):
        frame = value.collect() if name == "LazyFrame" else value
        facts = {"(type)": f"polars.{'DataFrame' if name == 'LazyFrame' else name}"}
        if name == "Series":
            frame = value.to_frame("" if path else value.name or "values")
            facts["(name)"] = value.name if path else ""
        return _polars(frame, path, facts)
    if kind == "pyarrow" and name == "RecordBatch":
        return arrow_piece(value, path)
    if kind == "pyarrow" and (name in ("Table", "ChunkedArray") or name.endswith("Array")):
        return arrow_piece(value, path)
    if is_spark_frame(value):
        return arrow_piece(value.toArrow(), path)
    if name == "DuckDBPyRelation":
        return arrow_piece(value.to_arrow_table(), path)
    return None


def _of_pandas(value: Any, path: str) -> Piece | None:
    import pandas as pd

    if isinstance(value, pd.Index):
        return _pandas(value.to_frame(index=False), path, value)
    if isinstance(value, pd.Series):
        return _pandas(value.to_frame("" if path else "values" if value.name is None else value.name), path, value)
    return _pandas(value, path, value) if isinstance(value, pd.DataFrame) else None


def _of_labels(labels: Any) -> list[str]:
    """What labels say other than their values: kind, names, frequency, and levels that no label may use."""
    said = [type(labels).__name__, repr(list(labels.names)), str(getattr(labels, "freq", ""))]
    for level in getattr(labels, "levels", [labels]):
        categories = getattr(level.dtype, "categories", None)
        held = level if level is not labels else [] if categories is None else categories
        said.append(digest([cell_bits(label) for label in held]))
    return said


def _pandas(frame: Any, path: str, value: Any) -> Piece:
    import pandas as pd

    index = frame.index
    columns = [_column(str(name), frame.iloc[:, at].dtype, frame.iloc[:, at]) for at, name in enumerate(frame.columns)]
    levels = [index.get_level_values(at) for at in range(index.nlevels)]
    columns += [
        _column("(index)" if at == 0 else f"(index {at})", level.dtype, level) for at, level in enumerate(levels)
    ]
    facts = {
        "(type)": f"{type(value).__module__}.{type(value).__name__}",
        "(attrs)": digest(value.attrs) if getattr(value, "attrs", None) else "",
        "(index)": " ".join(_of_labels(value if isinstance(value, pd.Index) else index)),
        "(columns)": " ".join((*_of_labels(frame.columns), str(frame.columns.dtype))),
    }
    if path and isinstance(value, pd.Series):
        facts["(name)"] = repr(value.name)
    return Piece(path, "table", tuple(columns), facts)


def _column(name: str, dtype: Any, values: Any) -> Column:
    """A pandas column; its values as Arrow sees them, cell by cell if it does not."""
    import pyarrow as pa

    said = str(dtype)
    categories = getattr(dtype, "categories", None)
    if categories is not None:
        said += f" {digest(list(categories))} {dtype.ordered}"
    held = values.array
    if hasattr(held, "asi8"):  # points in time with a zone or without, periods
        return Column(name, said, bits(held.asi8))
    if hasattr(held, "__arrow_array__"):  # numpy has no integers with nulls, and would round the large ones
        with contextlib.suppress(pa.ArrowException, TypeError, ValueError, OverflowError):
            return _arrow_column(name, said, held.__arrow_array__())
    array = values.to_numpy()
    if array.dtype.kind in "iufbc":
        return Column(name, said, _one_by_row(array), numbers(array))
    return Column(name, said, _cells(array))


def _one_by_row(array: Any) -> np.ndarray:
    """Bits of numbers; as values if they are wider than any integer, or do not use all of their width."""
    if array.dtype.itemsize <= 8:
        return bits(array)
    found = np.empty(len(array), dtype=object)
    found[:] = ["nan" if each != each else repr(each) for each in array]
    return found


def _cells(array: Any) -> np.ndarray:
    found = np.empty(len(array), dtype=object)
    found[:] = [cell_bits(cell) for cell in array]
    return found


def _polars(frame: Any, path: str, facts: dict[str, str]) -> Piece:
    return Piece(path, "table", tuple(map(_polars_column, frame.get_columns())), facts)


def _polars_column(series: Any) -> Column:
    import polars as pl

    said = str(series.dtype)
    if isinstance(series.dtype, pl.Enum):
        said += " " + digest(series.dtype.categories.to_list())
    if series.dtype == pl.Object:  # Arrow would get addresses of objects
        return Column(series.name, said, _cells(series.to_list()))
    try:
        return _arrow_column(series.name, said, series.to_arrow())
    except (ValueError, pl.exceptions.PanicException):  # Arrow has no integers of 128 bits
        return Column(series.name, said, _plain_cells(series.to_list()))


def arrow_piece(value: Any, path: str) -> Piece:
    """Give an Arrow table or array as a piece, with the levels of its dictionaries."""
    import pyarrow as pa

    if isinstance(value, pa.ChunkedArray | pa.Array):
        value = pa.table({"" if path else "values": value})
    columns = []
    for at, part in enumerate(value.schema):
        array = value.column(at)
        said = f"{part.type}{'' if part.nullable else ' not null'}{_metadata(part)}"
        if pa.types.is_dictionary(part.type):
            chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
            said += " " + digest([chunk.dictionary.to_pylist() for chunk in chunks])
        columns.append(_arrow_column(part.name, said, array))
    facts = {"(type)": f"pyarrow.{type(value).__name__}", "(attrs)": repr(value.schema.metadata or "")}
    return Piece(path, "table", tuple(columns), facts)


def _metadata(field: Any) -> str:
    """Metadata of a field and of those in it, which hold what a whole table's does not."""
    inner = [field.type.field(at) for at in range(field.type.num_fields)] if hasattr(field.type, "field") else []
    return f"{dict(field.metadata) if field.metadata else ''}{''.join(map(_metadata, inner))}"


def _arrow_column(name: str, said: str, array: Any) -> Column:
    import pyarrow as pa

    plain = pa.types.is_integer(array.type) or pa.types.is_floating(array.type)
    if plain and not array.null_count:
        cells = _numbers_of(array)
        return Column(name, said, bits(cells), numbers(cells))
    short = text_bits(array)
    if short is not None:
        return Column(name, said, short)
    return Column(name, said, _arrow_bits(array), _arrow_numbers(array) if plain else None)


def _numbers_of(array: Any) -> np.ndarray:
    """Numbers without nulls from their buffers: pyarrow's conversion to an array would load pandas."""
    kind = np.dtype(_FLOATS.get(str(array.type), str(array.type)))
    chunks = [chunk for chunk in getattr(array, "chunks", [array]) if len(chunk)]
    found = [np.frombuffer(each.buffers()[1], kind, len(each), each.offset * kind.itemsize) for each in chunks]
    return np.concatenate(found) if found else np.zeros(0, kind)


def _arrow_bits(array: Any) -> np.ndarray:
    """One value by row; of anything but plain text the row's content as text or bytes."""
    import pyarrow as pa

    with contextlib.suppress(pa.ArrowException):
        array = stored(array)
    return _plain_cells(array.to_pylist())


def _plain_cells(cells: list[Any]) -> np.ndarray:
    found = np.empty(len(cells), dtype=object)
    found[:] = [plain(cell) for cell in cells]
    return found


def _arrow_numbers(array: Any) -> np.ndarray:
    return np.array([np.nan if cell is None else float(cell) for cell in array.to_pylist()])
