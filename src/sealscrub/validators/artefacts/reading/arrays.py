"""Arrays as files describe them, put together from their bytes without numpy's own unpickling."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .inert import Damaged, Global, Inert, Table

__all__ = ["ObjectArray", "array_of", "bytes_of", "dtype_of", "raw_array", "shape_of"]

Array = npt.NDArray[Any]
_DEEPEST = 16  # structures in structures


class ObjectArray:
    """An array of Python objects, as the list of them."""

    __slots__ = ("items", "shape")

    def __init__(self, shape: tuple[int, ...], items: list[object]) -> None:
        self.shape, self.items = shape, items


def array_of(made: Inert) -> Array | ObjectArray | None:
    """The array (or scalar, without dimensions) that an object stands for; None where it is none.

    Raises
    ------
    Damaged
        When it is one and its parts contradict each other.
    """
    if isinstance(made.array, np.ndarray):
        return made.array
    maker = made.made_by
    if not isinstance(maker, Global):
        return None
    if maker.name == "_reconstruct" and maker.module.startswith("numpy"):
        return _reconstructed(made.state)
    if maker.name in ("_frombuffer", "frombuffer") and maker.module.startswith("numpy") and len(made.args) >= 4:
        data, dtype, shape, order = made.args[:4]
        return _filled(data, dtype_of(dtype), shape_of(shape), fortran=order == "F")
    if maker == Global(maker.module, "scalar") and maker.module.startswith("numpy") and len(made.args) == 2:
        return _filled(made.args[1], dtype_of(made.args[0]), (), fortran=False)
    return None


def _reconstructed(state: object) -> Array | ObjectArray:
    if not isinstance(state, tuple) or len(state) != 5:
        raise Damaged
    _, shape, dtype, fortran, data = state
    return _filled(data, dtype_of(dtype), shape_of(shape), fortran=bool(fortran))


def _filled(data: object, dtype: np.dtype[Any], shape: tuple[int, ...], *, fortran: bool) -> Array | ObjectArray:
    if isinstance(data, list):
        return ObjectArray(shape, data)
    if dtype.hasobject:
        return ObjectArray(shape, [data])
    return raw_array(bytes_of(data), dtype, shape, fortran=fortran)


def raw_array(data: bytes | bytearray, dtype: np.dtype[Any], shape: tuple[int, ...], *, fortran: bool) -> Array:
    """An array over these bytes.

    Raises
    ------
    Damaged
        When there are more or fewer bytes than the shape needs.
    """
    if int(np.prod(shape, dtype=object)) * dtype.itemsize != len(data):
        raise Damaged
    if not dtype.itemsize or not data:
        return np.zeros(shape, dtype)
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def shape_of(shape: object) -> tuple[int, ...]:
    """A shape, checked."""
    if not isinstance(shape, tuple) or len(shape) > 32 or not all(type(n) is int and n >= 0 for n in shape):
        raise Damaged
    return shape


def bytes_of(data: object) -> bytes | bytearray:
    """Bytes, also as Python 2 and protocol 2 write them."""
    if isinstance(data, bytes | bytearray):
        return data
    if isinstance(data, str):
        return data.encode("latin-1")
    if isinstance(data, Inert) and isinstance(data.made_by, Global):
        if data.made_by == Global("_codecs", "encode") and data.args and isinstance(data.args[0], str):
            return data.args[0].encode("latin-1")
        if data.made_by.name in ("bytearray", "bytes", "py_buffer", "PickleBuffer"):
            return bytes_of(data.args[0]) if data.args else b""
    raise Damaged


def dtype_of(described: object, depth: int = 0) -> np.dtype[Any]:
    """The type of an array's items.

    Raises
    ------
    Damaged
        When it isn't one of numpy's, or is nested without end.
    """
    if isinstance(described, np.dtype):
        return described
    if isinstance(described, Global) and described.module == "numpy":
        return _simple(described.name)
    if depth > _DEEPEST or not isinstance(described, Inert) or not described.args:
        raise Damaged
    base = described.args[0]
    if isinstance(base, Global):
        base = base.name
    state = described.state if isinstance(described.state, tuple) else ()
    if len(state) > 4 and isinstance(state[3], tuple) and isinstance(state[4], Table):
        return _structured(state, depth)
    if len(state) > 2 and isinstance(state[2], tuple) and len(state[2]) == 2:
        return np.dtype((dtype_of(state[2][0], depth + 1), shape_of(state[2][1])))
    simple = _simple(base)
    if simple.kind in "mM" and len(state) > 8:
        simple = _with_unit(simple, state[8])
    swapped = len(state) > 1 and state[1] in ("<", ">")
    return simple.newbyteorder(str(state[1])) if swapped else simple  # type: ignore[arg-type]  # one of two signs


def _with_unit(simple: np.dtype[Any], described: object) -> np.dtype[Any]:
    """The type of points in time or of durations, with the unit that they are counted in."""
    given = described[1] if isinstance(described, tuple) and len(described) == 2 else None
    if not isinstance(given, tuple) or len(given) < 2 or type(given[1]) is not int:
        raise Damaged
    unit = bytes_of(given[0]).decode("ascii", "replace")
    return simple if unit == "generic" else _simple(f"{simple.kind}8[{given[1]}{unit}]")


def _simple(name: object) -> np.dtype[Any]:
    if not isinstance(name, str) or len(name) > 30:
        raise Damaged
    try:
        return np.dtype(name)
    except (TypeError, ValueError, SyntaxError):
        raise Damaged from None


def _structured(state: tuple[Any, ...], depth: int) -> np.dtype[Any]:
    fields = {key: value for key, value in state[4].pairs if isinstance(key, str)}
    names = [name for name in state[3] if isinstance(name, str)]
    try:
        return np.dtype(
            {
                "names": names,
                "formats": [dtype_of(fields[name][0], depth + 1) for name in names],
                "offsets": [int(fields[name][1]) for name in names],
                "itemsize": int(state[5]),
            }
        )
    except (KeyError, TypeError, ValueError, IndexError):
        raise Damaged from None
