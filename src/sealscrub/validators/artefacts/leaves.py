"""Leaves: what the reading child reports to its parent about a file, and the frames in which it does.

A leaf has a header (JSON) and a payload (texts as JSON, or the bytes of an array). The parent trusts neither: it
bounds both and reads nothing else of what the child says.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

__all__ = ["IN_BYTES", "BrokenFrame", "Leaf", "LeafWriter", "TooMuch", "read_leaf"]

IN_BYTES = "(bytes)"
"""How the path of texts ends that are in the bytes of a file, whatever their reader made of them."""
_HEAD = struct.Struct("<IQ")
_MOST_HEADER = 1 << 16
_MOST_PAYLOAD = 1 << 28
_SLAB = 1 << 26  # bytes of an array that travel at a time
_TEXTS = 20_000
_MOST_REASONS = 50  # of one kind that are said about a file

# What a file may say, and how much it may have its reader do: a constant, and so much for each of its bytes. Real
# files stay far below: what they hold is said about once.
_MOST_SAID = (1 << 29, 64)
_MOST_STEPS = (4_000_000, 8)
_ABOUT = frozenset({"begin", "end", "weakening", "unchecked"})  # leaves that say how the reading was
_LEAF_COSTS = 1000  # bytes for each leaf, other than its own


class BrokenFrame(Exception):
    """The child was stopped within a frame, or says what no reader of ours says."""


class TooMuch(Exception):
    """A file says far more than it holds, or would take its reader far longer than its size lets expect."""


@dataclass(frozen=True)
class Leaf:
    """One thing that a file holds.

    Attributes
    ----------
    kind : str
        ``texts``, ``numbers``, ``bytes``, ``note``, ``rows`` (an object that stores training rows), ``again`` (what
        was at the place ``what`` before), ``unchecked``, ``weakening``, ``begin``, ``end``.
    path : str
        Where in the object; names of attributes and positions, never a key that may be a value.
    owner, name : str
        Class of the object that holds it, and the attribute.
    what : str
        Of a note or of what is unchecked: the reason.
    count : int
        Of a note.
    """

    kind: str
    path: str = ""
    owner: str = ""
    name: str = ""
    what: str = ""
    count: int = 0
    dtype: str = ""
    shape: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    payload: bytes = b""

    def __repr__(self) -> str:
        return f"Leaf({self.kind!r})"

    @property
    def texts(self) -> list[str]:
        """The texts of a leaf of texts; half of a surrogate pair, which only an escape can write, is replaced."""
        given = json.loads(self.payload)
        if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
            raise BrokenFrame
        return [text if text.isascii() else _whole_letters(text) for text in given]

    @property
    def numbers(self) -> npt.NDArray[Any]:
        """The array of a leaf of numbers."""
        dtype = np.dtype(self.dtype)
        if dtype.kind not in "biuf":
            raise BrokenFrame
        try:
            return np.frombuffer(self.payload, dtype).reshape(self.shape)
        except ValueError:
            raise BrokenFrame from None


def _whole_letters(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class LeafWriter:
    """Writes leaves to a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.within: Callable[[bytes, str], bool] = lambda data, path: False
        """Reads bytes that are a file of their own, at a path; False if they are not a file."""
        self.start(lambda: 0)

    def start(self, size: Callable[[], int]) -> None:
        """Start with a file.

        Parameters
        ----------
        size : callable
            How many bytes it has, those that were unpacked from it included.
        """
        self._size, self._said, self._steps = size, 0, 0
        self._reasons: set[str] = set()

    def write(self, leaf: Leaf) -> None:
        """Write one leaf.

        Raises
        ------
        TooMuch
            When the leaves of this file are far more than it.
        """
        facts = asdict(leaf)
        payload = facts.pop("payload")
        header = json.dumps({key: value for key, value in facts.items() if value}).encode()
        self._stream.write(_HEAD.pack(len(header), len(payload)) + header)
        self._stream.write(payload)
        if leaf.kind in _ABOUT:
            return
        self._said += len(payload) + _LEAF_COSTS
        if self._said > _MOST_SAID[0] and self._said > _MOST_SAID[0] + _MOST_SAID[1] * self._size():
            raise TooMuch

    def work(self, steps: int) -> None:
        """Count what is done for this file.

        Raises
        ------
        TooMuch
            When it is far more than its size lets expect.
        """
        self._steps += steps
        if self._steps > _MOST_STEPS[0] and self._steps > _MOST_STEPS[0] + _MOST_STEPS[1] * self._size():
            raise TooMuch

    def texts(self, path: str, texts: list[str], *, owner: str = "", name: str = "") -> None:
        """Write texts, in as many leaves as they need."""
        for start in range(0, len(texts), _TEXTS):
            for part in _bounded(texts[start : start + _TEXTS]):
                payload = json.dumps(part).encode()
                self.write(Leaf("texts", path=path, owner=owner, name=name, payload=payload))

    def numbers(
        self, path: str, array: npt.NDArray[Any], *, owner: str = "", name: str = "", columns: tuple[str, ...] = ()
    ) -> None:
        """Write an array of numbers, cut along its longer side; more dimensions than two are laid flat to two."""
        if array.dtype.kind not in "biuf" or not array.size:
            return
        if array.dtype.itemsize > 8:
            array = array.astype(np.float64)
        if array.ndim > 2:
            array = array.reshape(-1, array.shape[-1])
        array = np.atleast_1d(array)
        along = int(array.ndim == 2 and array.shape[1] > array.shape[0])
        length = array.shape[along]
        step = max(1, _SLAB // max(1, array.nbytes // max(1, length)))
        for start in range(0, length, step):
            part = array[:, start : start + step] if along else array[start : start + step]
            part = np.ascontiguousarray(part, part.dtype.newbyteorder("<"))
            self.write(
                Leaf(
                    "numbers",
                    path=path,
                    owner=owner,
                    name=name,
                    dtype=part.dtype.str,
                    shape=part.shape,
                    columns=columns,
                    payload=part.tobytes(),
                )
            )

    def note(self, path: str, what: str, count: int = 0) -> None:
        """Write a note."""
        self.write(Leaf("note", path=path, what=what, count=count))

    def rows(self, path: str, owner: str) -> None:
        """Say that an object stores training rows."""
        self.write(Leaf("rows", path=path, owner=owner))

    def again(self, path: str, first: str) -> None:
        """Say that what is at a place was at another one before."""
        self.write(Leaf("again", path=path, what=first))

    def unchecked(self, path: str, what: str) -> None:
        """Say that something couldn't be read."""
        self.write(Leaf("unchecked", path=path, what=what))

    def unchecked_once(self, path: str, what: str) -> None:
        """Say so at the first of the places of this file if the reason is the same."""
        if what not in self._reasons:
            self._reasons.add(what)
            if len(self._reasons) <= _MOST_REASONS:
                self.unchecked(path, what)

    def raw(self, path: str, data: memoryview | bytes, overlap: int = 1 << 16) -> None:
        """Write bytes in which rows are looked for at any position, in slabs that overlap."""
        start = 0
        while start < len(data):
            part = bytes(data[start : start + _SLAB])
            self.write(Leaf("bytes", path=path, payload=part))
            if start + _SLAB >= len(data):
                return
            start += _SLAB - overlap


def _bounded(texts: list[str]) -> list[list[str]]:
    """Parts whose payload stays bounded, and long texts cut where they overlap."""
    parts: list[list[str]] = [[]]
    size = 0
    for text in texts:
        for start in range(0, max(1, len(text)), 1 << 20):
            piece = text[max(0, start - 256) : start + (1 << 20)]
            if size + len(piece) > 1 << 22 and parts[-1]:
                parts.append([])
                size = 0
            parts[-1].append(piece)
            size += len(piece)
    return parts


def read_leaf(stream: BinaryIO) -> Leaf | None:
    """Read a leaf; None at the end of the stream.

    Raises
    ------
    BrokenFrame
        When the stream ends within it, or it isn't one.
    """
    head = stream.read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise BrokenFrame
    header_size, size = _HEAD.unpack(head)
    if header_size > _MOST_HEADER or size > _MOST_PAYLOAD:
        raise BrokenFrame
    header, payload = stream.read(header_size), stream.read(size)
    if len(header) < header_size or len(payload) < size:
        raise BrokenFrame
    try:
        facts = json.loads(header)
        facts["shape"] = tuple(int(n) for n in facts.get("shape", ()))
        facts["columns"] = tuple(str(n) for n in facts.get("columns", ()))
        leaf = Leaf(**facts, payload=payload)
    except (ValueError, TypeError, AttributeError):
        raise BrokenFrame from None
    texts = (leaf.kind, leaf.path, leaf.owner, leaf.name, leaf.what, leaf.dtype)
    if type(leaf.count) is not int or not all(type(text) is str for text in texts):
        raise BrokenFrame
    return leaf
