"""Arrays of pyarrow inside pickles, as pandas writes its string columns: texts, and numbers of plain widths."""

from __future__ import annotations

import itertools

import numpy as np

from .arrays import bytes_of
from .inert_objects import Damaged, Global, Inert

__all__ = ["arrow_values"]

_ALIAS = Global("pyarrow.lib", "type_for_alias")
_TEXTS = {"string": "<i4", "utf8": "<i4", "large_string": "<i8", "large_utf8": "<i8"}
_NUMBERS = {"double": "<f8", "float": "<f4", "halffloat": "<f2"}
_NUMBERS |= {f"{sign}int{8 * size}": f"<{sign or 'i'}{size}" for sign in ("", "u") for size in (1, 2, 4, 8)}


def arrow_values(made: Inert) -> list[object] | None:
    """The values of an array of texts or numbers; None if it is of another type.

    Raises
    ------
    Damaged
        When its buffers contradict each other.
    """
    described = made.args[0] if len(made.args) == 1 else made.args
    if not isinstance(described, tuple) or len(described) < 5:
        raise Damaged
    kind, length, _, offset, buffers = described[:5]
    name = _name(kind)
    if (name not in _TEXTS and name not in _NUMBERS) or any(described[5:]):
        return None
    if not isinstance(buffers, list) or type(length) is not int or type(offset) is not int or min(length, offset) < 0:
        raise Damaged
    try:
        if name in _NUMBERS:
            (_, data) = buffers
            return [np.frombuffer(bytes_of(data), _NUMBERS[name], length, offset * np.dtype(_NUMBERS[name]).itemsize)]
        (_, ends, data) = buffers
        width = np.dtype(_TEXTS[name])
        starts = np.frombuffer(bytes_of(ends), width, length + 1, offset * width.itemsize).tolist()
    except ValueError:
        raise Damaged from None
    raw = b"" if data is None else bytes(bytes_of(data))
    if sorted(starts) != starts or starts[0] < 0 or starts[-1] > len(raw):
        raise Damaged
    return [[raw[start:end].decode("utf-8", "replace") for start, end in itertools.pairwise(starts)]]


def _name(kind: object) -> str:
    if isinstance(kind, Inert) and kind.called == _ALIAS and kind.plain and len(kind.args) == 1:
        return str(kind.args[0]) if isinstance(kind.args[0], str) else ""
    return ""
