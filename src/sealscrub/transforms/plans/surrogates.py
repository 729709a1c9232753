"""Surrogates for ids: unlike serial numbers they leave no gaps and have no order that reveals what is missing.

Whole numbers go through a keyed permutation (a Feistel network of six rounds whose round function is AES), so
two ids never get one surrogate; texts become a keyed digest of them. The key is derived from the index's own key and
a label, so runs for one output agree and outputs with other labels cannot be joined.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sealscrub.errors import UsageError
from sealscrub.identifiers import digest_column

__all__ = ["number_bits", "surrogates"]

Words = npt.NDArray[np.uint64]

_ROUNDS = 6
_BITS = {"Int64": 62, "UInt64": 62, "Int32": 30, "UInt32": 30}  # even, and free of the sign


def number_bits(dtypes: Iterable[pl.DataType]) -> int | None:
    """Choose how surrogates of ids that share values are made: as numbers of so many bits, or (None) as text.

    They are numbers if any of the columns holds numbers, and no larger than the smallest of these can hold.
    """
    bits = [_BITS.get(str(dtype), 0) for dtype in dtypes if dtype.is_integer()]
    return min(bits) if bits else None


def surrogates(values: pl.Series, key: bytes, *, bits: int | None, where: str) -> pl.Series:
    """Give each value its surrogate, of the column's own type; null stays null.

    Parameters
    ----------
    values : polars.Series
        Whole numbers, or text.
    key : bytes
        32 bytes.
    bits : int or None
        From :func:`number_bits`.
    where : str
        The column's place in the plan.

    Raises
    ------
    UsageError
        When the type has no room for surrogates, or a value is not a number where others are.

    Examples
    --------
    >>> found = surrogates(pl.Series("id", [1, 2, 2, None]), bytes(32), bits=62, where="tables.arrests.rekey")
    >>> found[1] == found[2], found[3] is None, found[0] != found[1]
    (True, True, True)
    """
    if bits is None:
        if values.dtype != pl.String:
            raise _no_room(values, where)
        return _digests(values, key)
    if not (values.dtype.is_integer() or values.dtype == pl.String) or not bits:
        raise _no_room(values, where)
    numbers = values.cast(pl.Int64, strict=False)
    if numbers.null_count() > values.null_count():
        raise UsageError(
            "an id is not a 63-bit integer, but the ids that it links to are",
            where=where,
            hint="give the linked columns one type at their source.",
        )
    filled = numbers.fill_null(0)
    if len(filled) and (int(filled.min()) < 0 or int(filled.max()) >= 1 << bits):  # type: ignore[arg-type]  # ints
        raise UsageError(f"an id is negative, or has more than {bits} bits", where=where, hint="store it as text.")
    mixed = _permuted(filled.cast(pl.UInt64).to_numpy(), key, bits // 2)
    return pl.Series(values.name, mixed).cast(pl.Int64).cast(values.dtype).set(values.is_null(), None)


def _no_room(values: pl.Series, where: str) -> UsageError:
    return UsageError(
        f"an id of type {values.dtype} has no room for a surrogate", where=where, hint="store it as text or int64."
    )


def _digests(values: pl.Series, key: bytes) -> pl.Series:
    digests = np.ascontiguousarray(digest_column(values, key).astype(">u8"))
    raw = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(values), [None, pa.py_buffer(digests)])
    binary = pl.Series(values.name, pl.from_arrow(raw.cast(pa.binary())))
    return binary.bin.encode("hex").set(values.is_null(), None)


def _permuted(values: Words, key: bytes, half: int) -> Words:
    mask = np.uint64((1 << half) - 1)
    left, right = values >> np.uint64(half), values & mask
    for number in range(_ROUNDS):
        left, right = right, left ^ (_round(right, key, number) & mask)
    return (left << np.uint64(half)) | right


def _round(words: Words, key: bytes, number: int) -> Words:
    blocks = np.zeros((len(words), 2), np.uint64)
    blocks[:, 0] = words
    blocks[:, 1] = number
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - single blocks, as a keyed function
    mixed = encryptor.update(blocks.tobytes()) + encryptor.finalize()
    return np.frombuffer(mixed, np.uint64).reshape(-1, 2)[:, 0]
