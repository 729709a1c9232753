"""Texts of pyarrow arrays inside pickles, as pandas writes its string columns."""

from __future__ import annotations

import itertools

import numpy as np

from .arrays import bytes_of
from .inert import Damaged, Global, Inert

__all__ = ["texts_of_arrow"]


def texts_of_arrow(made: Inert) -> list[str] | None:
    """The texts of an array of texts; None where the object is something else.

    Raises
    ------
    Damaged
        When its buffers contradict each other.
    """
    maker = made.made_by
    if not isinstance(maker, Global) or maker.name != "_restore_array" or not maker.module.startswith("pyarrow"):
        return None
    described = made.args[0] if len(made.args) == 1 else made.args
    if not isinstance(described, tuple) or len(described) < 6:
        raise Damaged
    kind, length, _, offset, buffers = described[:5]
    name = _name(kind)
    if any(part in name for part in ("view", "dictionary", "list")):
        raise Damaged  # whose buffers aren't put together here
    if not ("string" in name or "utf8" in name):
        return None
    if not isinstance(buffers, list | tuple) or len(buffers) != 3 or type(length) is not int or type(offset) is not int:
        raise Damaged
    width = np.dtype("<i8" if "large" in name else "<i4")
    offsets = np.frombuffer(bytes_of(buffers[1]), width)[offset : offset + length + 1]
    data = bytes(bytes_of(buffers[2])) if buffers[2] is not None else b""
    ends = offsets.tolist()
    return [data[start:end].decode("utf-8", "replace") for start, end in itertools.pairwise(ends)]


def _name(kind: object) -> str:
    if isinstance(kind, Inert) and isinstance(kind.made_by, Global):
        given = [part for part in kind.args if isinstance(part, str)]
        return " ".join([kind.made_by.name, *given])
    return ""
