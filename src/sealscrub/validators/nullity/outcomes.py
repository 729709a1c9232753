"""What a function returned, taken apart until every piece can be compared bit for bit.

This runs in the process of the function, which alone may know the types of its result.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Column", "Incomparable", "Piece", "take_apart"]

_DEEPEST = 60


class Incomparable(Exception):
    """A result that cannot be compared: what it is, by type, and where."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Values of one column, by row.

    Parameters
    ----------
    name : str
        Its name.
    dtype : str
        Its type, with the levels of a categorical.
    bits : numpy.ndarray
        One value by row that is equal where the values are bit for bit equal, all NaN being one.
    numbers : numpy.ndarray or None
        The values as float64, where they are numbers.
    """

    name: str
    dtype: str
    bits: np.ndarray
    numbers: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One piece of a result.

    Parameters
    ----------
    path : str
        Where it is in the result: ``""``, ``X``, ``features``, ``model.coef_``.
    kind : str
        ``table``, ``array`` or ``value``.
    columns : tuple of Column
        Of a table or array.
    facts : mapping of str to str
        What else must be equal, by what it is called: ``(attrs)``, ``(dtype)``, ``(type)``.
    """

    path: str
    kind: str
    columns: tuple[Column, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def take_apart(result: Any, probe: Any = None) -> list[Piece]:
    """Take a result apart.

    Raises
    ------
    Incomparable
        When it holds something that has no bits to compare: a generator, a lock, an open file.
    """
    return list(_pieces(result, "", probe, 0))


def _pieces(value: Any, path: str, probe: Any, depth: int) -> Iterator[Piece]:
    if depth > _DEEPEST:
        raise Incomparable(f"{path or 'the result'} is nested too deeply")
    for walk in (_table, _array, _sparse, _estimator, _container, _file, _figure):
        found = walk(value, path, probe, depth)
        if found is not None:
            yield from found
            return
    yield _value(value, path)


def _table(value: Any, path: str, _probe: Any, _depth: int) -> Iterator[Piece] | None:
    kind = _library(value)
    name = type(value).__name__
    if kind == "pandas" and name in ("DataFrame", "Series"):
        return iter([_pandas(value, path)])
    if kind == "polars" and name == "LazyFrame":
        value, name = value.collect(), "DataFrame"
    if kind == "polars" and name in ("DataFrame", "Series"):
        frame = value if name == "DataFrame" else value.to_frame(value.name or "values")
        return iter([_polars(frame, path, f"polars.{type(value).__name__}")])
    if kind == "pyarrow" and name in ("Table", "RecordBatch", "ChunkedArray"):
        return iter([_arrow(value, path)])
    if name == "DuckDBPyRelation":
        return iter([_arrow(value.to_arrow_table(), path)])
    return None


def _library(value: Any) -> str:
    return type(value).__module__.partition(".")[0]


def _pandas(value: Any, path: str) -> Piece:
    import pandas as pd

    frame = (
        value.to_frame(name="values" if value.name is None else value.name) if isinstance(value, pd.Series) else value
    )
    index = frame.index
    columns = [_column(str(name), frame.iloc[:, at].dtype, frame.iloc[:, at]) for at, name in enumerate(frame.columns)]
    levels = [index.get_level_values(at) for at in range(index.nlevels)]
    columns += [
        _column("(index)" if at == 0 else f"(index {at})", level.dtype, level) for at, level in enumerate(levels)
    ]
    facts = {
        "(type)": f"{type(value).__module__}.{type(value).__name__}",
        "(attrs)": _digest(value.attrs) if value.attrs else "",
        "(index)": f"{type(index).__name__} {list(index.names)!r} {getattr(index, 'freq', '')}",
        "(columns)": f"{type(frame.columns).__name__} {frame.columns.dtype} {list(frame.columns.names)!r}",
    }
    return Piece(path, "table", tuple(columns), facts)


def _column(name: str, dtype: Any, values: Any) -> Column:
    """A pandas column; its values as Arrow sees them, cell by cell where it does not."""
    import pyarrow as pa

    said = str(dtype)
    categories = getattr(dtype, "categories", None)
    if categories is not None:
        said += f" {_digest(list(categories))} {dtype.ordered}"
    array = values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values)
    if array.dtype.kind in "iufbmMc":
        return Column(name, said, _bits(array), _numbers(array))
    try:
        arrow = pa.array(values, from_pandas=True) if array.dtype != object else pa.array(list(values))
        return Column(name, said, _arrow_bits(arrow))
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return Column(name, said, np.array([_digest(cell) for cell in array], dtype=object))


def _polars(frame: Any, path: str, kind: str) -> Piece:
    table = frame.to_arrow()
    columns = []
    for at, name in enumerate(frame.columns):
        series = frame.to_series(at)
        said = str(series.dtype)
        if said.startswith("Enum"):
            said += " " + _digest(series.cat.get_categories().to_list())
        columns.append(_arrow_column(name, said, table.column(at)))
    return Piece(path, "table", tuple(columns), {"(type)": kind})


def _arrow(value: Any, path: str) -> Piece:
    import pyarrow as pa

    if isinstance(value, pa.ChunkedArray):
        value = pa.table({"values": value})
    columns = []
    for at, part in enumerate(value.schema):
        array = value.column(at)
        said = str(part.type)
        if pa.types.is_dictionary(part.type):
            levels = array.chunk(0).dictionary if isinstance(array, pa.ChunkedArray) and array.num_chunks else array
            said += " " + _digest(getattr(levels, "to_pylist", list)())
        columns.append(_arrow_column(part.name, said, array))
    facts = {"(type)": f"pyarrow.{type(value).__name__}", "(attrs)": repr(value.schema.metadata or "")}
    return Piece(path, "table", tuple(columns), facts)


def _arrow_column(name: str, said: str, array: Any) -> Column:
    import pyarrow as pa

    plain = pa.types.is_integer(array.type) or pa.types.is_floating(array.type)
    if plain and not array.null_count:
        numbers = np.asarray(array)
        return Column(name, said, _bits(numbers), _numbers(numbers))
    return Column(name, said, _arrow_bits(array), _arrow_numbers(array) if plain else None)


def _arrow_bits(array: Any) -> np.ndarray:
    """One value by row; of anything but plain text the row's content as text or bytes."""
    found = np.empty(len(array), dtype=object)
    found[:] = [_plain(cell) for cell in array.to_pylist()]
    return found


def _plain(cell: Any) -> Any:
    if cell is None or isinstance(cell, str | bytes | bool | int):
        return (type(cell).__name__, cell)
    if isinstance(cell, float):
        return ("float", "nan" if cell != cell else cell.hex())
    if isinstance(cell, dict):
        return ("dict", tuple((key, _plain(item)) for key, item in cell.items()))
    if isinstance(cell, list | tuple):
        return (type(cell).__name__, tuple(map(_plain, cell)))
    return (type(cell).__name__, repr(cell))


def _arrow_numbers(array: Any) -> np.ndarray:
    return np.array([np.nan if cell is None else float(cell) for cell in array.to_pylist()])


def _bits(array: np.ndarray) -> np.ndarray:
    """The bits of plain values, with one NaN for all."""
    array = np.ascontiguousarray(array)
    if array.dtype.kind in "fc":
        bare = array.copy()
        bare[np.isnan(bare)] = np.nan
        array = bare
    size = array.dtype.itemsize
    if size in (1, 2, 4, 8):
        return array.view(f"u{size}")
    return array.view(np.uint8).reshape(*array.shape, size)


def _numbers(array: np.ndarray) -> np.ndarray | None:
    return array.astype(np.float64) if array.dtype.kind in "iufb" else None


def _array(value: Any, path: str, probe: Any, depth: int) -> Iterator[Piece] | None:
    if not isinstance(value, np.ndarray):
        return None
    facts = {"(type)": type(value).__name__, "(dtype)": str(value.dtype), "(shape)": str(value.shape[1:])}
    if value.dtype.names is not None:
        parts = [Column(name, str(value.dtype[name]), _rows(value[name])) for name in value.dtype.names]
        return iter([Piece(path, "array", tuple(parts), facts)])
    if value.dtype == object:
        return _objects(value, path, probe, depth, facts)
    flat = value.reshape(1) if value.ndim == 0 else value
    if flat.ndim <= 1:
        return iter([Piece(path, "array", (Column("", "", _rows(flat), _numbers(flat)),), facts)])
    flat = flat.reshape(flat.shape[0], -1)
    columns = [Column(str(at), "", _rows(flat[:, at]), _numbers(flat[:, at])) for at in range(flat.shape[1])]
    return iter([Piece(path, "array", tuple(columns), facts)])


def _rows(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind in "iufbmMc":
        bits = _bits(array)
    elif array.dtype.kind in "US":
        return array
    else:
        bits = np.array([_digest(cell) for cell in array], dtype=object)
    return bits if bits.ndim == 1 else np.array([row.tobytes() for row in bits], dtype=object)


def _objects(value: np.ndarray, path: str, probe: Any, depth: int, facts: Mapping[str, str]) -> Iterator[Piece]:
    plain = all(cell is None or isinstance(cell, str | bytes | bool | int | float) for cell in value.ravel())
    if plain:
        cells = np.empty(value.size, dtype=object)
        cells[:] = [_plain(cell) for cell in value.ravel()]
        yield Piece(path, "array", (Column("", "", cells),), facts)
        return
    yield Piece(path, "array", (), dict(facts) | {"(length)": str(value.size)})
    for at, cell in enumerate(value.ravel()):
        yield from _pieces(cell, f"{path}[{at}]", probe, depth + 1)


def _sparse(value: Any, path: str, probe: Any, depth: int) -> Iterator[Piece] | None:
    if _library(value) != "scipy" or not hasattr(value, "tocsr"):
        return None
    rows = value.tocsr().sorted_indices()
    coo = rows.tocoo()
    parts = (
        Column("(row)", "", np.asarray(coo.row)),
        Column("(column)", "", np.asarray(coo.col)),
        Column("values", "", _bits(coo.data), _numbers(coo.data)),
    )
    facts = {"(type)": type(value).__name__, "(dtype)": str(value.dtype), "(shape)": str(value.shape)}
    return iter([Piece(path, "array", parts, facts)])


def _estimator(value: Any, path: str, probe: Any, depth: int) -> Iterator[Piece] | None:
    if not (hasattr(value, "fit") and hasattr(value, "get_params")) or isinstance(value, type):
        return None
    return _of_estimator(value, path, probe, depth)


def _of_estimator(value: Any, path: str, probe: Any, depth: int) -> Iterator[Piece]:
    yield Piece(path, "value", (), {"(type)": f"{type(value).__module__}.{type(value).__name__}"})
    if probe is not None and depth <= 1:
        for method in ("predict_proba", "decision_function", "predict", "transform"):
            if hasattr(value, method):
                answer = getattr(value, method)(probe)
                yield from _pieces(answer, f"{path}.{method}".lstrip("."), None, depth + 1)
    yield from _state(value, path, depth)


def _state(value: Any, path: str, depth: int) -> Iterator[Piece]:
    state = value.__getstate__() if hasattr(value, "__getstate__") else vars(value)
    if isinstance(state, tuple) and len(state) == 2:
        state = {**(state[0] or {}), **(state[1] or {})}
    if not isinstance(state, dict):
        yield from _pieces(state, f"{path}.(state)".lstrip("."), None, depth + 1)
        return
    for name in sorted(state, key=str):
        if not str(name).startswith("__"):
            yield from _pieces(state[name], f"{path}.{name}".lstrip("."), None, depth + 1)


def _container(value: Any, path: str, probe: Any, depth: int) -> Iterator[Piece] | None:
    if isinstance(value, dict):
        names = [str(key) if isinstance(key, str) else repr(key) for key in value]
        parts = zip(names, value.values(), strict=True)
    elif isinstance(value, list | tuple) and not all(_is_plain(item) for item in value):
        labels = ("X", "y") if isinstance(value, tuple) and len(value) == 2 else None
        names = [labels[at] if labels else f"[{at}]" for at in range(len(value))]
        parts = zip(names, value, strict=True)
    elif isinstance(value, list | tuple):
        cells = np.empty(len(value), dtype=object)
        cells[:] = [_plain(cell) for cell in value]
        return iter([Piece(path, "array", (Column("", "", cells),), {"(type)": type(value).__name__})])
    else:
        return None
    return _of_container(type(value).__name__, names, parts, path, probe, depth)


def _of_container(
    kind: str, names: list[str], parts: Iterator[tuple[str, Any]], path: str, probe: Any, depth: int
) -> Iterator[Piece]:
    yield Piece(path, "value", (), {"(type)": kind, "(keys)": _digest(names)})
    for name, part in parts:
        joined = f"{path}{name}" if name.startswith("[") else f"{path}.{name}".lstrip(".")
        yield from _pieces(part, joined, probe, depth + 1)


def _is_plain(item: Any) -> bool:
    return item is None or isinstance(item, str | bytes | bool | int | float)


def _file(value: Any, path: str, probe: Any, depth: int) -> Iterator[Piece] | None:
    if not isinstance(value, Path):
        return None
    return _of_path(value, path, probe, depth)


def _of_path(value: Path, path: str, probe: Any, depth: int) -> Iterator[Piece]:
    if value.is_dir():
        names = sorted(str(item.relative_to(value)) for item in value.rglob("*") if item.is_file())
        yield Piece(path, "value", (), {"(files)": _digest(names)})
        for name in names:
            yield from _of_path(value / name, f"{path}.{name}".lstrip("."), probe, depth + 1)
        return
    if not value.is_file():
        raise Incomparable("the function returned a path at which there is nothing")
    content = value.read_bytes()
    yield Piece(path, "value", (), {"(bytes)": hashlib.sha256(content).hexdigest()})
    suffix = value.suffix.lower()
    if suffix in (".parquet", ".csv", ".tsv", ".jsonl"):
        import polars as pl

        source = io.BytesIO(content)
        if suffix == ".parquet":
            frame = pl.read_parquet(source)
        elif suffix == ".jsonl":
            frame = pl.read_ndjson(source) if content.strip() else pl.DataFrame()
        else:
            frame = pl.read_csv(source, infer_schema=False, separator="\t" if suffix == ".tsv" else ",")
        yield _polars(frame, path, "file")


def _figure(value: Any, path: str, probe: Any, depth: int) -> Iterator[Piece] | None:
    if _library(value) != "matplotlib" or not hasattr(value, "get_axes"):
        return None
    return _of_figure(value, path, probe, depth)


def _of_figure(value: Any, path: str, probe: Any, depth: int) -> Iterator[Piece]:
    for at, axes in enumerate(value.get_axes()):
        for kind, items in (("lines", axes.get_lines()), ("collections", axes.collections), ("patches", axes.patches)):
            for number, item in enumerate(items):
                data = item.get_xydata() if kind == "lines" else _drawn(item)
                yield from _pieces(
                    np.asarray(data), f"{path}.axes[{at}].{kind}[{number}]".lstrip("."), probe, depth + 1
                )
        for number, image in enumerate(axes.images):
            data = np.asarray(image.get_array())
            yield from _pieces(data, f"{path}.axes[{at}].images[{number}]".lstrip("."), probe, depth + 1)


def _drawn(item: Any) -> Any:
    if hasattr(item, "get_offsets"):
        return np.asarray(item.get_offsets())
    return np.asarray(item.get_path().vertices)


def _value(value: Any, path: str) -> Piece:
    if isinstance(value, types.GeneratorType | Iterator):
        raise Incomparable(f"{path or 'the result'} is an iterator, which can be read only once: return a list")
    facts = {"(type)": f"{type(value).__module__}.{type(value).__qualname__}"}
    if _is_plain(value):
        return Piece(path, "value", (), facts | {"(value)": repr(_plain(value))})
    return Piece(path, "value", (), facts | {"(value)": _digest(value)})


def _digest(value: Any) -> str:
    try:
        content = pickle.dumps(value, protocol=4)
    except Exception:
        cloudpickle = sys.modules.get("cloudpickle")
        try:
            if cloudpickle is None:
                raise
            content = cloudpickle.dumps(value)
        except Exception:
            raise Incomparable(f"a {type(value).__name__} has no bits that could be compared") from None
    return hashlib.sha256(content).hexdigest()
