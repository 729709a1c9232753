"""Arrays as files describe them, put together from their bytes without numpy's own unpickling."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .inert_objects import Damaged, Global, Inert, Table

__all__ = [
    "ARRAYS",
    "ENCODE",
    "ObjectArray",
    "array_kind",
    "array_of",
    "beside_array",
    "bytes_of",
    "dtype_of",
    "nested_in_dtype",
    "raw_array",
    "shape_of",
]

Array = npt.NDArray[Any]
_DEEPEST = 16  # structures in structures

_RECONSTRUCT = Global("numpy.core.multiarray", "_reconstruct")
_FROM_BUFFER = Global("numpy.core.numeric", "_frombuffer")
_SCALAR = Global("numpy.core.multiarray", "scalar")
_MASKED_ARRAY = Global("numpy.ma.core", "_mareconstruct")
_DTYPE = Global("numpy", "dtype")
ARRAYS = frozenset({_RECONSTRUCT, _FROM_BUFFER, _SCALAR, _MASKED_ARRAY})
"""Functions of numpy that give an array or a number of one."""
_KINDS = frozenset(
    {
        *(Global("numpy", name) for name in ("ndarray", "matrix", "recarray", "memmap")),
        *(Global("numpy.rec", "recarray"), Global("numpy.matrixlib.defmatrix", "matrix")),
        *(Global("numpy.ma", "MaskedArray"), Global("numpy.ma.core", "MaskedArray")),
    }
)
ENCODE = Global("_codecs", "encode")
_LATIN = ("latin1", "latin-1")
_BYTES = frozenset(
    {
        *(Global("builtins", name) for name in ("bytes", "bytearray")),
        *(Global("pyarrow.lib", "py_buffer"), Global("pickle", "PickleBuffer")),
    }
)


class ObjectArray:
    """An array of Python objects, as the list of them."""

    __slots__ = ("items", "shape")

    def __init__(self, shape: tuple[int, ...], items: list[object]) -> None:
        self.shape, self.items = shape, items


def array_of(made: Inert) -> Array | ObjectArray | None:
    """The array (or scalar, without dimensions) that an object stands for; None if it is not an array.

    Raises
    ------
    Damaged
        When it is one and its parts contradict each other.
    """
    if isinstance(made.array, np.ndarray | ObjectArray):
        return made.array
    parts = _parts(made)
    if parts is None:
        return None
    data, dtype, shape, fortran = parts
    return _array_of(data, dtype_of(dtype), shape_of(shape), fortran=fortran)


def beside_array(made: Inert) -> list[object]:
    """What an array's pickle holds other than its numbers: a mask, and what its type describes."""
    parts = _parts(made)
    masked = made.state[5:] if made.called == _MASKED_ARRAY and isinstance(made.state, tuple) else ()
    return [] if parts is None else [*masked, *nested_in_dtype(parts[1])]


def array_kind(named: object) -> bool:
    """Whether a name is of an array of numpy's own."""
    return isinstance(named, Global) and named.canonical in _KINDS


def _parts(made: Inert) -> tuple[object, object, object, bool] | None:
    """Data, type, shape, and whether it stands by columns."""
    maker, args, state = made.called, made.args, made.state
    if maker in (_RECONSTRUCT, _MASKED_ARRAY) and isinstance(state, tuple):
        kinds = args[:-2]
        if not kinds or not all(map(array_kind, kinds)) or args[-2] != (0,) or len(bytes_of(args[-1])) > 1:
            return None
        if len(state) != (5 if maker == _RECONSTRUCT else 7):
            raise Damaged
        return state[4], state[2], state[1], bool(state[3])
    if maker == _FROM_BUFFER and len(args) == 4 and state is None:
        return args[0], args[1], args[2], args[3] == "F"
    if maker == _SCALAR and len(args) == 2 and state is None:
        return args[1], args[0], (), False
    return None


def _array_of(data: object, dtype: np.dtype[Any], shape: tuple[int, ...], *, fortran: bool) -> Array | ObjectArray:
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
    if not data:
        return np.zeros(shape if dtype.itemsize else 0, dtype)  # of no bytes each there may be any number
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def shape_of(shape: object) -> tuple[int, ...]:
    """A shape, checked."""
    if not isinstance(shape, tuple) or len(shape) > 32 or not all(type(n) is int and n >= 0 for n in shape):
        raise Damaged
    return shape


def bytes_of(data: object) -> bytes | bytearray:
    """Bytes, also as Python 2 and protocol 2 write them.

    Raises
    ------
    Damaged
        When they are not arrays, or are made by a call that isn't followed.
    """
    for _ in range(3):  # a buffer of a byte array of a text
        if not isinstance(data, Inert):
            break
        made, given = data, data.args
        coded = len(given) == 2 and isinstance(given[0], str) and given[1] in _LATIN
        if not made.plain or not (made.called in _BYTES or (made.called == ENCODE and coded)):
            raise Damaged
        if not (coded or len(given) == 0 or (len(given) == 1 and isinstance(given[0], bytes | bytearray | Inert))):
            raise Damaged
        data = given[0] if given else b""
    if isinstance(data, str):
        return data.encode("latin-1")
    if isinstance(data, bytes | bytearray):
        return data
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
    if depth > _DEEPEST or not isinstance(described, Inert) or described.called != _DTYPE or not described.args:
        raise Damaged
    if not isinstance(described.array, np.dtype):
        described.array = _dtype(described, depth)  # structures that share parts would take time without end
    return described.array


def _dtype(described: Inert, depth: int) -> np.dtype[Any]:
    base = described.args[0]
    if isinstance(base, Global):
        base = base.name
    state = described.state if isinstance(described.state, tuple) else ()
    if len(state) > 4 and isinstance(state[3], tuple) and isinstance(state[4], Table):
        return _structured_dtype(state, depth)
    if len(state) > 2 and isinstance(state[2], tuple) and len(state[2]) == 2:
        return np.dtype((dtype_of(state[2][0], depth + 1), shape_of(state[2][1])))
    simple = _simple(base)
    if simple.kind in "mM" and len(state) > 8:
        simple = _with_unit(simple, state[8])
    swapped = len(state) > 1 and state[1] in ("<", ">")
    return simple.newbyteorder(str(state[1])) if swapped else simple  # type: ignore[arg-type]  # one of two signs


def nested_in_dtype(described: object) -> list[object]:
    """Parts of a type's description that may hold more than its name: fields with their titles, metadata."""
    if not isinstance(described, Inert) or not isinstance(described.state, tuple):
        return []
    return [part for part in described.state if isinstance(part, Table | Inert | list | tuple | bytes)]


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


def _structured_dtype(state: tuple[Any, ...], depth: int) -> np.dtype[Any]:
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
