"""Identifiers in the shapes that New York writes, from plain numbers, a column at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from .city_places import BOROUGH_LETTERS, COUNTIES
from .draws import Integers, permuted

__all__ = [
    "MOST_ARRESTS",
    "arrest_numbers",
    "cjtns",
    "complaint_numbers",
    "docket_numbers",
    "nysids",
    "photo_ids",
    "serial_ids",
    "voucher_numbers",
]

#: More arrests than this would need serial numbers of seven digits.
MOST_ARRESTS = 20_000_000

#: First year whose dockets are numbered by the courts' case management system (``CR-012345-21KN``).
UCMS_YEAR = 2021

_Bytes = npt.NDArray[np.uint8]

_LETTERS = np.frombuffer(b"ABCDEFGHJKLMNPQRSTUVWXYZ", np.uint8)
_PERSONS = 97_999_949  # prime; eight digits from 01000000, clear of the sentinels at both ends
_CYCLES = 97_999_943  # prime
_THINGS = 899_999_963  # prime


def arrest_numbers(boroughs: Integers, years: Integers, serials: Integers) -> pl.Series:
    """Arrest numbers: borough letter, year, serial of six digits.

    Examples
    --------
    >>> import numpy as np
    >>> arrest_numbers(np.array([2]), np.array([2014]), np.array([612345])).to_list()
    ['K14612345']
    """
    letters = BOROUGH_LETTERS[boroughs].astype("S1").view(np.uint8).reshape(-1, 1)
    return _text(letters, _digits(years % 100, 2), _digits(serials, 6))


def nysids(people: Integers) -> pl.Series:
    """NYSIDs: eight digits and a letter, which here carries no check."""
    return _text(
        _digits(1_000_000 + permuted(people, _PERSONS, 48_271_009, 40_961_777), 8),
        _LETTERS[people * 7 % len(_LETTERS)].reshape(-1, 1),
    )


def cjtns(arrests: Integers) -> pl.Series:
    """Criminal justice tracking numbers: eight digits and a letter, one for each arrest."""
    return _text(
        _digits(1_000_000 + permuted(arrests, _CYCLES, 39_916_801, 61_234_567), 8),
        _LETTERS[arrests * 5 % len(_LETTERS)].reshape(-1, 1),
    )


def docket_numbers(boroughs: Integers, years: Integers, serials: Integers) -> pl.Series:
    """Criminal-court dockets, in the old shape or, from 2021, in that of the case management system.

    Examples
    --------
    >>> import numpy as np
    >>> docket_numbers(np.array([2, 2]), np.array([2014, 2021]), np.array([12345, 12345])).to_list()
    ['2014KN012345', 'CR-012345-21KN']
    """
    counties = COUNTIES[boroughs].astype("S2").view(np.uint8).reshape(-1, 2)
    old = _text(_digits(years, 4), counties, _digits(serials, 6))
    new = _text(_letters("CR-", len(serials)), _digits(serials, 6), _letters("-", len(serials)))
    new = new + _text(_digits(years % 100, 2), counties)
    return new.zip_with(pl.Series(years >= UCMS_YEAR, dtype=pl.Boolean), old)


def complaint_numbers(years: Integers, precincts: Integers, serials: Integers) -> pl.Series:
    """Complaint numbers: year, precinct, serial of six digits.

    Examples
    --------
    >>> import numpy as np
    >>> complaint_numbers(np.array([2014]), np.array([79]), np.array([1234])).to_list()
    ['2014-079-001234']
    """
    dash = _letters("-", len(serials))
    return _text(_digits(years, 4), dash, _digits(precincts, 3), dash, _digits(serials, 6))


def photo_ids(arrests: Integers) -> pl.Series:
    """Ids of booking photos: ``PH`` and nine digits."""
    return _text(_letters("PH", len(arrests)), _digits(permuted(arrests, _THINGS, 716_151_937, 31_415_927), 9))


def voucher_numbers(vouchers: Integers) -> pl.Series:
    """Property vouchers: ten digits."""
    return _text(_digits(1_000_000_000 + permuted(vouchers, _THINGS, 433_494_437, 27_182_818), 10))


def serial_ids(prefix: str, serials: Integers, width: int) -> pl.Series:
    """Put a prefix before numbers of so many digits.

    Examples
    --------
    >>> import numpy as np
    >>> serial_ids("N", np.array([7]), 8).to_list()
    ['N00000007']
    """
    return _text(_letters(prefix, len(serials)), _digits(serials, width))


def _digits(values: Integers, width: int) -> _Bytes:
    out = np.empty((len(values), width), np.uint8)
    # Nine digits fit 32 bits, where division is several times faster.
    left = values if width > 9 else values.astype(np.uint32)
    for place in range(width - 1, -1, -1):
        rest = left // 10
        out[:, place] = left - rest * 10 + 48
        left = rest
    return out


def _letters(text: str, rows: int) -> _Bytes:
    return np.broadcast_to(np.frombuffer(text.encode(), np.uint8), (rows, len(text)))


def _text(*parts: _Bytes) -> pl.Series:
    """Rows of bytes as a column of text, without a Python object for any of them."""
    matrix = np.ascontiguousarray(np.concatenate(parts, axis=1))
    rows, width = matrix.shape
    offsets = np.arange(rows + 1, dtype=np.int64) * width
    array = pa.LargeStringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(matrix))
    column = pl.from_arrow(array)
    assert isinstance(column, pl.Series)  # noqa: S101  (an array is never a frame)
    return column
