"""What was counted on another machine: plain values, enciphered, and read for the place that they are of alone."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealscrub.errors import UnreadableInput
from sealscrub.index import Index

__all__ = ["PartCipher", "count_of", "counts_of", "parts_of_bytes"]

_NONCE = 12  # bytes
_MOST = 1 << 53  # of what is counted
Read = TypeVar("Read")


class PartCipher:
    """Enciphers what was counted of one place of one run, so that it cannot pass for what was counted of another.

    A part is read once: the same part again is refused; the nonces of what was read are kept for this, 12 bytes a part,
    as long as the run lasts. Every worker has the key: a worker can say what it likes of the
    rows that it counts, and make nothing run.

    Parameters
    ----------
    index : Index
        An open index, of whose key the cipher's is derived.
    run : str
        Names the run of which the parts are.
    """

    def __init__(self, index: Index, run: str) -> None:
        self._cipher = AESGCM(index.surrogate_key("parts of a sweep"))
        self._run = index.id, run
        self._read: set[bytes] = set()

    def seal(self, place: str, plain: Mapping[str, Any]) -> str:
        """Encipher plain values of a place."""
        nonce = os.urandom(_NONCE)
        text = json.dumps(plain).encode()
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text, self._bound(place))).decode()

    def open(self, place: str, part: str, read: Callable[[Any], Read]) -> Read:
        """Read what was enciphered for a place.

        Parameters
        ----------
        place : str
        part : str
            From :meth:`seal`.
        read : callable
            From plain values to what was counted; it raises when they are not of this form.

        Raises
        ------
        UnreadableInput
            When it was read before, is of another place, of another run or not of this form.
        """
        try:
            data = base64.b64decode(part, validate=True)
            nonce = data[:_NONCE]
            result = read(json.loads(self._cipher.decrypt(nonce, data[_NONCE:], self._bound(place))))
        except (InvalidTag, AttributeError, KeyError, RecursionError, TypeError, ValueError):
            raise _unreadable() from None
        if nonce in self._read:
            raise _unreadable()
        self._read.add(nonce)
        return result

    def _bound(self, place: str) -> bytes:
        return json.dumps([*self._run, place]).encode()

    def __repr__(self) -> str:
        return "PartCipher()"


def parts_of_bytes(data: bytes) -> dict[str, str]:
    """Read enciphered parts by their places, from JSON.

    Raises
    ------
    UnreadableInput
        When they are not of this form.
    """
    try:
        parts = json.loads(data)
    except (ValueError, RecursionError):
        raise _unreadable() from None
    if not isinstance(parts, dict) or not all(isinstance(part, str) for part in parts.values()):
        raise _unreadable()
    return parts


def count_of(value: Any) -> int:
    """Give a plain value that is a count.

    Raises
    ------
    ValueError
        When it is not one.
    """
    if type(value) is not int or not 0 <= value < _MOST:
        raise ValueError("not a count")
    return value


def counts_of(values: Iterable[Any], shape: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Give plain values that are so many counts, as an array.

    Raises
    ------
    ValueError
        When they are not.
    """
    return np.array([*map(count_of, values)], np.int64).reshape(shape)


def _unreadable() -> UnreadableInput:
    return UnreadableInput(
        "a worker's counts cannot be read, were read before, or belong to another run",
        hint="run it again; if it stays so, check who can write to the workers.",
    )
