"""Texts and files that are in other clothes: base64 and hexadecimal in texts, letters as numbers, wide letters."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np

__all__ = ["decoded", "letters", "spelled", "texts_in"]

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_PRINTABLE = re.compile(rb"[\x20-\x7e]{4,}")
_WIDE_TEXTS = (re.compile(rb"(?:[\x20-\x7e]\0){4,}"), re.compile(rb"(?:\0[\x20-\x7e]){4,}"))
_WIDEST = (re.compile(rb"(?:[\x20-\x7e]\0\0\0){4,}"), re.compile(rb"(?:\0\0\0[\x20-\x7e]){4,}"))
_MOST_LETTERS = 1 << 26
_SHORTEST = 6


def decoded(text: str) -> Iterator[bytes]:
    """Bytes that are in a text as base64 or hexadecimal digits; most runs of letters are neither.

    Examples
    --------
    >>> list(decoded("data:;base64,SzE0NjEyMzQ1"))
    [b'K14612345']
    """
    if len(text) < 12:
        return
    for run in _BASE64.findall(text):
        whole = run.rstrip("=").replace("-", "+").replace("_", "/")
        whole = whole if len(whole) % 4 != 1 else whole[:-1]
        try:
            data = base64.b64decode(whole + "=" * (-len(whole) % 4))
        except (binascii.Error, ValueError):
            continue
        if _is_text_or_file(data):
            yield data
    for run in _HEX.findall(text):
        data = bytes.fromhex(run)
        if _is_text_or_file(data):
            yield data


def _is_text_or_file(data: bytes) -> bool:
    """Whether bytes are text, or start as a file or pickle does: so are few that came about by chance."""
    if _PRINTABLE.fullmatch(data):
        return True
    return len(data) >= 16 and (data[:1] in (b"\x80", b"x") or data.startswith(_MARKS))


_MARKS = (
    b"PK\3\4",
    b"\x93NUMPY",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\0",
    b"PAR1",
    b"ARROW1",
    b"\x28\xb5\x2f\xfd",
    b"{",
    b"[",
)


def texts_in(data: bytes) -> list[str]:
    """Runs of printable letters in bytes, of one, two or four bytes each."""
    found = [run.decode("ascii") for run in _PRINTABLE.findall(data)]
    if b"\0" in data:
        for patterns, width in ((_WIDE_TEXTS, 2), (_WIDEST, 4)):
            for pattern, start in zip(patterns, (0, width - 1), strict=True):
                found += [run[start::width].decode("ascii") for run in pattern.findall(data)]
    return found


def spelled(texts: Sequence[str]) -> list[str]:
    """Texts whose letters are texts of their own, one after the other.

    Examples
    --------
    >>> spelled(["id", *"K14612345", "yes"])
    ['K14612345']
    """
    runs = ("".join(run) for alone, run in groupby(texts, lambda text: len(text) == 1) if alone)
    return [run for run in runs if len(run) >= _SHORTEST]


def letters(numbers: np.ndarray[Any, Any] | Sequence[int]) -> list[str]:
    """Texts whose letters are numbers of an array, one each."""
    array = np.asarray(numbers)
    if array.dtype.kind not in "iu" or not _SHORTEST <= array.size <= _MOST_LETTERS:
        return []
    if array.dtype.itemsize == 1:
        return texts_in(array.tobytes())
    if int(array.min()) < 0 or int(array.max()) > 255:
        return []
    return texts_in(array.astype(np.uint8).tobytes())
