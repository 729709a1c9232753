"""A digest of everything that a model holds, the same for the same bits in another process."""

from __future__ import annotations

import hashlib
import re
import struct
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from sealscrub.errors import UsageError

__all__ = ["model_digest"]

_CLOCK = re.compile(r"(mean|std)_(fit|score)_time|refit_time_")
"""What a search notes of how long its fits took: no two have the same."""


def model_digest(model: Any) -> str:
    """Digest a model's state, to the bit.

    Everything that a pickle would hold is walked, in its order: arrays with dtype, shape and memory order, numbers by
    their bits, other objects by what they reduce to. Two models have one digest if they were trained by the same
    steps on the same data; how long a search took is passed over. It does not depend on which parts of the model are
    one object, as a pickle's bytes do.

    Parameters
    ----------
    model : object
        A fitted estimator, or any other value that can be pickled.

    Returns
    -------
    str
        ``sha256:`` and 64 hexadecimal digits.

    Raises
    ------
    UsageError
        When a part of it cannot be pickled.

    Examples
    --------
    >>> import numpy as np
    >>> model_digest({"coef": np.array([1.0, 2.0])}) == model_digest({"coef": np.array([1.0, 2.0])})
    True
    >>> model_digest({"coef": np.array([1.0, 2.0])}) == model_digest({"coef": np.array([1.0, 2.0 + 1e-15])})
    False
    """
    try:
        return f"sha256:{_StateWalk().digest(model).hex()}"
    except RecursionError:
        raise UsageError("the model is nested too deeply to be compared") from None


class _StateWalk:
    """One walk; an object that is met again is digested once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}
        self._open: list[int] = []

    def digest(self, value: Any) -> bytes:
        """Digest a value with all that it holds."""
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        if id(value) in self._open:
            return _hash_parts("again", [str(len(self._open) - self._open.index(id(value))).encode()])
        self._open.append(id(value))
        made = _hash_parts(*self._parts(value))
        self._open.pop()
        self._known[id(value)] = (value, made)
        return made

    def _parts(self, value: Any) -> tuple[str, Iterable[bytes]]:
        """Give the kind of a value and its parts."""
        kind = type(value)
        if value is None or kind in (bool, int, str, complex):
            return kind.__name__, [repr(value).encode("utf-8", "surrogatepass")]
        if kind is float:
            return "float", [struct.pack("<d", value)]
        if kind in (bytes, bytearray):
            return kind.__name__, [bytes(value)]
        if kind in (list, tuple):
            return kind.__name__, map(self.digest, value)
        if kind is dict:
            return "dict", self._items(value)
        if kind in (set, frozenset):
            return kind.__name__, sorted(map(self.digest, value))
        if kind is np.ndarray:
            return "array", self._array(value)
        if isinstance(value, type | types.BuiltinFunctionType | types.ModuleType | np.ufunc):
            return "name", [_name(value)]
        if isinstance(value, types.FunctionType):
            return "function", [_name(value), *map(self.digest, _of_function(value))]
        if kind is types.CodeType:
            return "code", [value.co_code, self.digest((value.co_consts, value.co_names, value.co_varnames))]
        return "object", self._reduced_parts(value)

    def _items(self, value: Mapping[Any, Any]) -> Iterator[bytes]:
        for key, item in value.items():
            if not (isinstance(key, str) and _CLOCK.fullmatch(key)):
                yield self.digest(key)
                yield self.digest(item)

    def _array(self, value: Any) -> Iterator[bytes]:
        order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
        yield f"{value.dtype.str}{value.shape}{order}".encode()
        if value.dtype.names:  # by field, since no one sets the bytes between them
            for name in value.dtype.names:
                yield name.encode()
                yield self.digest(np.ascontiguousarray(value[name]))
        elif value.dtype.hasobject:
            yield from map(self.digest, value.ravel().tolist())
        else:
            yield value.tobytes()

    def _reduced_parts(self, value: Any) -> Iterator[bytes]:
        if isinstance(value, np.ma.MaskedArray):
            yield self.digest(np.ma.getdata(value))
            yield self.digest(np.ma.getmaskarray(value))
            return
        try:
            reduced = value.__reduce_ex__(4)
        except Exception:  # whatever its type raises, which may show what it holds
            raise UsageError(
                f"the model holds a {type(value).__qualname__}, which cannot be pickled and so not be compared"
            ) from None
        if isinstance(reduced, str):
            yield _name(value)
            return
        maker, arguments, *rest = reduced
        state, items, pairs = [*rest, None, None, None][:3]
        yield self.digest(maker)
        yield self.digest(arguments)
        yield self.digest(state)
        yield self.digest(list(items) if items is not None else None)
        yield self.digest(dict(pairs) if pairs is not None else None)


def _of_function(value: types.FunctionType) -> list[Any]:
    """Give what a function does and what it took along; what it finds among globals is by name."""
    cells = [getattr(cell, "cell_contents", None) for cell in value.__closure__ or ()]
    return [value.__code__, value.__defaults__, value.__kwdefaults__, cells]


def _name(value: Any) -> bytes:
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value)}".encode()


def _hash_parts(kind: str, parts: Iterable[bytes]) -> bytes:
    """Digest a kind and parts, each with its length before it."""
    made = hashlib.sha256(kind.encode())
    for part in parts:
        made.update(len(part).to_bytes(8, "little"))
        made.update(part)
    return made.digest()
