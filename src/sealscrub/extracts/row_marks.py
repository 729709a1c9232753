"""Keyed marks of the rows of an extract, by which another extract is known to hold the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UsageError
from sealscrub.identifiers import digest_column

__all__ = ["row_marks", "share_marked"]

Marks = npt.NDArray[np.uint64]

_MARKED: Final = ("last_name", "first_name", "birth_date", "arrest_date", "nysid")
"""Each is marked for itself, together with the row's id: an extract that lacks some of them is known by the others."""
_MOST: Final = 2_048


def row_marks(rows: pl.DataFrame, key: bytes) -> dict[str, tuple[str, ...]]:
    """Mark rows by what they say.

    Parameters
    ----------
    rows : polars.DataFrame
        ``id`` and the fields that linkage compares.
    key : bytes
        32 bytes: without it no mark can be tested against a guess.

    Returns
    -------
    dict of str to tuple of str
        Of each field that the rows have the smallest marks, 2,048 at most: a sample of rows that does not depend on the
        others, so that two extracts choose the same ones.

    Examples
    --------
    >>> rows = pl.DataFrame({"id": ["a", "b"], "last_name": ["DOE", "ROE"], "sex": ["F", "M"]})
    >>> {field: len(marks) for field, marks in row_marks(rows, bytes(32)).items()}
    {'last_name': 2}
    """
    return {
        field: tuple(f"{mark:016x}" for mark in np.sort(marks)[:_MOST].tolist())
        for field in _MARKED
        if len(marks := _marks(rows, field, key))
    }


def share_marked(rows: pl.DataFrame, marks: Mapping[str, tuple[str, ...]], key: bytes) -> float:
    """Say how many of the rows have one of some marks.

    Parameters
    ----------
    rows, key
        As of :func:`row_marks`.
    marks : mapping of str to tuple of str
        What it gave of other rows.

    Returns
    -------
    float
        The largest share by any field, 0 to 1, estimated on the rows whose marks are as small as these. Of far fewer
        rows than were marked there may be none, and then it is 0.

    Raises
    ------
    UsageError
        When a mark is not one.

    Examples
    --------
    >>> rows = pl.DataFrame({"id": ["a", "b"], "last_name": ["DOE", "ROE"], "birth_date": ["1980-01-02", None]})
    >>> marks = row_marks(rows, bytes(32))
    >>> share_marked(rows.drop("last_name"), marks, bytes(32))
    1.0
    """
    shares = [0.0]
    for field, held in marks.items():
        known = _read(held)
        ours = _marks(rows, field, key)
        if len(known) >= _MOST:
            ours = ours[ours <= known.max()]
        if len(ours) and len(known):
            shares.append(float(np.isin(ours, known).mean()))
    return max(shares)


def _read(held: tuple[str, ...]) -> Marks:
    try:
        return np.array([int(mark, 16) for mark in held], np.uint64)
    except (ValueError, OverflowError, TypeError):
        raise UsageError("a mark of a row is damaged", hint="give what row_marks returned.") from None


def _marks(rows: pl.DataFrame, field: str, key: bytes) -> Marks:
    """A mark of each row that says something in a field."""
    if field not in rows.columns:
        return np.zeros(0, np.uint64)
    said = rows.filter(pl.col(field).is_not_null())
    text = pl.concat_str(pl.lit(field), "id", pl.col(field).str.to_uppercase(), separator="\x1f")
    return digest_column(said.select(text.alias("text"))["text"], key)[:, 0]
