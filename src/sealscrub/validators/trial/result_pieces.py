"""What a function returned, taken apart until every piece can be compared bit for bit.

This runs in the process of the function, the only one that may know the types of its result.
"""

from __future__ import annotations

import types
from array import array
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from sealscrub.index import Index

from .pieces import Column, Incomparable, Piece, bits, digest, is_plain, numbers, plain
from .result_figures import drawn
from .result_files import made_here, names_files, path_pieces
from .result_tables import table_piece

__all__ = ["take_apart"]

_DEEPEST = 60
_ADDRESS = "_stop_words_id"  # the address of a vectorizer's list of words, which differs in each process
#: Modules whose objects are single values, with no state that says more than their bits.
_SINGLE = {"datetime", "decimal", "fractions", "uuid", "pathlib", "enum", "re", "zoneinfo", "collections"}
#: Kinds with content that is not in their attributes, where a class of them has attributes too.
_CONTENT = (str, bytes, bytearray, int, float, complex, deque, array, Decimal, Fraction, BaseException, date, time)
_ESTIMATOR_METHODS = ("predict_proba", "decision_function", "predict", "transform")


@dataclass(frozen=True, slots=True)
class _ResultWalk:
    """Where a walk through a result is: what estimators are asked about, and the objects that hold this one."""

    probe: Any = None
    above: Mapping[int, str] = field(default_factory=dict)

    def below(self, value: Any, path: str) -> _ResultWalk:
        """Walk one step down; what an estimator holds is not asked about again."""
        probe = self.probe if isinstance(value, dict | list | tuple) else None
        return _ResultWalk(probe, {**self.above, id(value): path})


def take_apart(result: Any, probe: Any = None) -> list[Piece]:
    """Take a result apart.

    Raises
    ------
    Incomparable
        When it holds something that has no bits to compare: a generator, a lock, an open file.

    Examples
    --------
    >>> [piece.path for piece in take_apart({"auc": 0.5, "model": {"weights": [1.0, 2.0]}})]
    ['', 'auc', 'model', 'model.weights']
    """
    return list(_pieces(result, "", _ResultWalk(probe)))


def _pieces(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece]:
    if id(value) in walk.above and not is_plain(value):
        yield Piece(path, "value", (), {"(again)": walk.above[id(value)]})
        return
    if len(walk.above) > _DEEPEST:
        raise Incomparable(f"{path or 'the result'} is nested too deeply")
    table = table_piece(value, path)
    if table is not None:
        yield table
        yield from _pieces_beside(value, path, walk)
        return
    for way in (_array, _sparse, _index, _estimator, _container, _file, _figure, _object):
        found = way(value, path, walk)
        if found is not None:
            yield from found
            if way in (_array, _sparse, _container):
                yield from _pieces_beside(value, path, walk)
            return
    yield _value(value, path)


def _pieces_beside(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece]:
    """What a frame, array or container of its own class has other than its content: attributes, masks, factories."""
    names = dict(getattr(value, "__dict__", None) or {})
    if isinstance(value, np.memmap) or _library(value) in ("scipy", "polars", "pyarrow", "duckdb", "pyspark"):
        names = {}
    elif _library(value) == "pandas" or hasattr(value, "_mgr"):
        kept = {name for name in getattr(value, "_metadata", ()) if name != "_name"}
        known: Any = getattr(value, "_accessors", set())
        names = {name: names[name] for name in names if name in kept or not (name.startswith("_") or name in known)}
    if isinstance(value, defaultdict):
        names["default_factory"] = value.default_factory
    yield from _of_state(
        {name: part for name, part in names.items() if part is not value}, path, walk.below(value, path)
    )


def _joined_path(path: str, name: str) -> str:
    return f"{path}{name}" if name.startswith("[") else f"{path}.{name}".lstrip(".")


def _array(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece] | None:
    if isinstance(value, np.generic) and not is_plain(value) and value.dtype != object:
        value = np.asarray(value)
    if not isinstance(value, np.ndarray):
        return None
    facts = {"(type)": type(value).__name__, "(dtype)": str(value.dtype), "(shape)": str(value.shape[1:])}
    if value.dtype.names is not None:
        parts = [Column(name, str(value.dtype[name]), _rows(value[name])) for name in value.dtype.names]
        return iter([Piece(path, "array", tuple(parts), facts)])
    if value.dtype == object:
        return _objects(value, path, walk, facts)
    flat = value.reshape(1) if value.ndim == 0 else value
    if flat.ndim <= 1:
        return iter([Piece(path, "array", (Column("", "", _rows(flat), numbers(flat)),), facts)])
    flat = flat.reshape(flat.shape[0], int(np.prod(flat.shape[1:])))
    columns = [Column(str(at), "", _rows(flat[:, at]), numbers(flat[:, at])) for at in range(flat.shape[1])]
    return iter([Piece(path, "array", tuple(columns), facts)])


def _rows(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind in "iufbmMc":
        found = bits(array)
    elif array.dtype.kind in "US":
        return array
    else:
        found = np.array([digest(cell) for cell in array], dtype=object)
    return found if found.ndim == 1 else np.array([row.tobytes() for row in found], dtype=object)


def _objects(value: np.ndarray, path: str, walk: _ResultWalk, facts: Mapping[str, str]) -> Iterator[Piece]:
    if all(map(is_plain, value.ravel())):
        cells = np.empty(value.size, dtype=object)
        cells[:] = [plain(cell) for cell in value.ravel()]
        yield Piece(path, "array", (Column("", "", cells),), facts)
        return
    yield Piece(path, "array", (), dict(facts) | {"(length)": str(value.size)})
    for at, cell in enumerate(value.ravel()):
        yield from _pieces(cell, f"{path}[{at}]", walk.below(value, path))


def _sparse(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece] | None:
    if _library(value) != "scipy" or not hasattr(value, "tocsr"):
        return None
    rows = value.tocsr().sorted_indices()
    coo = rows.tocoo()
    parts = (
        Column("(row)", "", np.asarray(coo.row)),
        Column("(column)", "", np.asarray(coo.col)),
        Column("values", "", bits(coo.data), numbers(coo.data)),
    )
    facts = {"(type)": type(value).__name__, "(dtype)": str(value.dtype), "(shape)": str(value.shape)}
    stored = {name: getattr(value, name, None) for name in ("data", "indices", "indptr", "row", "col", "offsets")}
    facts["(value)"] = digest({name: part for name, part in stored.items() if isinstance(part, np.ndarray)})
    return iter([Piece(path, "array", parts, facts)])


def _index(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece] | None:
    """An index, which estimators hold, is a reference here as it is in a pickle."""
    if not isinstance(value, Index):
        return None
    return iter([Piece(path, "value", (), {"(type)": _type(value), "(value)": value.id})])


def _estimator(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece] | None:
    if not (hasattr(value, "fit") and hasattr(value, "get_params")) or isinstance(value, type):
        return None
    return _of_estimator(value, path, walk)


def _of_estimator(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece]:
    yield Piece(path, "value", (), {"(type)": _type(value)})
    below = walk.below(value, path)
    for method in _ESTIMATOR_METHODS if walk.probe is not None else ():
        if hasattr(value, method):
            yield from _pieces(getattr(value, method)(walk.probe), _joined_path(path, method), below)
    state = _state(value)
    if state is None:
        yield _value(value, path)
        return
    if any(each.__module__ == "sklearn.feature_extraction.text" for each in type(value).__mro__):
        state = {name: part for name, part in state.items() if name != _ADDRESS}
    yield from _of_state(state, path, below)


def _type(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _state(value: Any) -> dict[str, Any] | None:
    """What an object says is its state, by name; None if it has none that could be walked."""
    try:
        state = value.__getstate__() if hasattr(value, "__getstate__") else getattr(value, "__dict__", None)
    except Exception:
        return None
    if isinstance(state, tuple) and len(state) == 2 and all(part is None or isinstance(part, dict) for part in state):
        state = {**(state[0] or {}), **(state[1] or {})}
    return state if isinstance(state, dict) else None


def _of_state(state: dict[str, Any], path: str, walk: _ResultWalk) -> Iterator[Piece]:
    for name in sorted(state, key=str):
        yield from _pieces(state[name], _joined_path(path, str(name)), walk)


def _object(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece] | None:
    """An object of the user's or of a library: its state, by name."""
    if is_plain(value) or isinstance(value, type | types.FunctionType | types.BuiltinFunctionType | types.ModuleType):
        return None
    if isinstance(value, set | frozenset):
        return _of_set(value, path, walk)
    state = None if type(value).__module__ in _SINGLE else _state(value)
    if not state:
        return None
    return _of_object(value, state, path, walk)


def _of_set(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece]:
    yield Piece(path, "value", (), {"(type)": _type(value), "(value)": digest(sorted(map(digest, value)))})
    yield from _pieces_beside(value, path, walk)


def _of_object(value: Any, state: dict[str, Any], path: str, walk: _ResultWalk) -> Iterator[Piece]:
    yield Piece(path, "value", (), {"(type)": _type(value)})
    below = walk.below(value, path)
    yield from _of_state(state, path, below)
    if isinstance(value, _CONTENT):
        made = value.__reduce_ex__(4)
        content = [[part for part in made[1] if part is not type(value)], *(list(part or ()) for part in made[3:5])]
        yield from _pieces(content, _joined_path(path, "(content)"), below)


def _container(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece] | None:
    if isinstance(value, dict):
        names = [str(key) if isinstance(key, str) else repr(key) for key in value]
        parts = zip(names, value.values(), strict=True)
    elif isinstance(value, list | tuple) and not (all(map(is_plain, value)) and not names_files(value)):
        labels = ("X", "y") if isinstance(value, tuple) and len(value) == 2 else None
        names = [labels[at] if labels else f"[{at}]" for at in range(len(value))]
        parts = zip(names, value, strict=True)
    elif isinstance(value, list | tuple):
        cells = np.empty(len(value), dtype=object)
        cells[:] = [(type(cell).__name__, plain(cell)) for cell in value]
        known: Any = np.array(value, dtype=np.float64) if all(type(cell) in (int, float) for cell in value) else None
        return iter([Piece(path, "array", (Column("", "", cells, known),), {"(type)": type(value).__name__})])
    else:
        return None
    return _of_container(value, names, parts, path, walk)


def _of_container(
    value: Any, names: list[str], parts: Iterator[tuple[str, Any]], path: str, walk: _ResultWalk
) -> Iterator[Piece]:
    yield Piece(path, "value", (), {"(type)": type(value).__name__, "(keys)": digest(names)})
    for name, part in parts:
        yield from _pieces(part, _joined_path(path, name), walk.below(value, path))


def _file(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece] | None:
    found = made_here(value) or (value if isinstance(value, Path) else None)
    return None if found is None else _of_file(found, path)


def _of_file(found: Path, path: str) -> Iterator[Piece]:
    if found.is_file():
        yield Piece(path, "value", (), {"(file name)": found.name})
    yield from path_pieces(found, path)


def _figure(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece] | None:
    if _library(value) != "matplotlib" or not (hasattr(value, "get_axes") or hasattr(value, "get_lines")):
        return None
    return _of_figure(value, path, walk)


def _of_figure(value: Any, path: str, walk: _ResultWalk) -> Iterator[Piece]:
    yield Piece(path, "value", (), {"(type)": _type(value)})
    for name, part in drawn(value):
        yield from _pieces(part, _joined_path(path, name), walk.below(value, path))


def _library(value: Any) -> str:
    return type(value).__module__.partition(".")[0]


def _value(value: Any, path: str) -> Piece:
    if isinstance(value, types.GeneratorType | Iterator):
        raise Incomparable(f"{path or 'the result'} is an iterator, which can be read only once: return a list")
    facts = {"(type)": _type(value)}
    if is_plain(value):
        cells = np.empty(1, dtype=object)
        cells[0] = plain(value)
        known = np.array([value], dtype=np.float64) if type(value) in (int, float) and abs(value) < 1e300 else None
        return Piece(path, "array", (Column("", "", cells, known),), facts)
    return Piece(path, "value", (), facts | {"(value)": digest(value)})
