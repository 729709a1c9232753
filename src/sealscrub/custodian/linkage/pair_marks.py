"""Keyed marks of what pairs say, so that a clerk's answer holds only for what the clerk has read."""

from __future__ import annotations

import polars as pl

from sealscrub.identifiers import digest_column
from sealscrub.identifiers.linkage_fields import FIELDS

from .record_fields import checked_pairs, checked_records

__all__ = ["pair_marks"]

_NEXT_FIELD, _NOTHING, _NEXT_NAME, _NEXT_SIDE = "\x1f", "\x00", "\x1e", "\x1d"


def pair_marks(pairs: pl.DataFrame, seals: pl.DataFrame, rows: pl.DataFrame, key: bytes) -> pl.Series:
    """Mark each pair by all that its row and its seal's notices say.

    Parameters
    ----------
    pairs : polars.DataFrame
        ``seal`` and ``row``.
    seals, rows : polars.DataFrame
        As of :func:`link`.
    key : bytes
        32 bytes: without it no mark can be tested against a guess.

    Returns
    -------
    polars.Series of String
        ``seen``, in the order of the pairs; null of a pair of which a side is missing.

    Raises
    ------
    ColumnError, UsageError
        As :func:`link`.

    Examples
    --------
    >>> names = pl.DataFrame({"id": ["s1", "a"], "last_name": ["DOE", "DOE"]})
    >>> pairs = pl.DataFrame({"seal": ["s1", "s1"], "row": ["a", "b"]})
    >>> pair_marks(pairs, names, names, bytes(32)).str.len_chars().to_list()
    [33, None]
    """
    wanted = checked_pairs(pairs, name="pairs").select("seal", "row")
    its = _said(checked_records(seals, side="seals", unique=False), wanted["seal"]).rename({"id": "seal"})
    theirs = _said(checked_records(rows, side="rows", unique=True), wanted["row"]).rename({"id": "row"})
    both = wanted.join(its, on="seal", how="left", maintain_order="left")
    both = both.join(theirs, on="row", how="left", maintain_order="left", suffix="_row")
    text = both.select(text=pl.concat_str("said", "said_row", separator=_NEXT_SIDE))["text"]
    marks = [f"p{high:016x}{low:016x}" for high, low in digest_column(text, key).tolist()]
    return pl.Series("seen", marks, dtype=pl.String).set(text.is_null(), None)


def _said(records: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """``id``, and ``said``: all that its records say, in whatever order."""
    line = pl.concat_str([pl.col(name).fill_null(_NOTHING) for name in FIELDS], separator=_NEXT_FIELD)
    ours = records.filter(pl.col("id").is_in(ids.implode()))
    return ours.select("id", said=line).group_by("id").agg(pl.col("said").sort().str.join(_NEXT_NAME))
