"""The columns of records that are linked, and what a frame of them must hold."""

from __future__ import annotations

import polars as pl

from sealscrub.errors import ColumnError, UsageError
from sealscrub.identifiers.linkage_fields import FIELDS

__all__ = ["checked_pairs", "checked_records"]


def checked_records(frame: pl.DataFrame, *, side: str, unique: bool) -> pl.DataFrame:
    """The column ``id`` and every field, in order; a field that the source does not have is null.

    Raises
    ------
    ColumnError
        When there is no ``id``, or a column is not one that is compared.
    UsageError
        When it is another kind of frame; when an id is null, a field is not text, or, if ids are unique, one is
        there twice.
    """
    if not isinstance(frame, pl.DataFrame):
        kind: type = type(frame)
        raise UsageError(
            f"linkage reads a polars.DataFrame, not {kind.__module__.partition('.')[0]}.{kind.__name__}",
            where=f"frame {side!r}",
            hint="polars.from_pandas(...) makes one of a pandas.DataFrame.",
        )
    ColumnError.require(["id"], frame.columns)
    for name in frame.columns:
        if name != "id" and name not in FIELDS:
            raise ColumnError(
                "linkage does not compare this column",
                where=f"frame {side!r}, column {name!r}",
                hint=f"leave it out; the columns are id, {', '.join(FIELDS)}.",
            )
        if frame.schema[name] not in (pl.String, pl.Null):
            raise UsageError(
                f"linkage reads text, not {type(frame.schema[name]).__name__}",
                where=f"frame {side!r}, column {name!r}",
                hint="cast it to String, as the source writes it.",
            )
    if frame["id"].null_count():
        raise UsageError(
            "a record has no id", where=f"frame {side!r}, column 'id'", hint="give every record its id in the source."
        )
    if unique and frame["id"].n_unique() < frame.height:
        raise UsageError(
            "an id appears twice",
            where=f"frame {side!r}, column 'id'",
            hint="choose a column with unique values.",
        )
    empty = [pl.lit(None, pl.String).alias(name) for name in FIELDS if name not in frame.columns]
    return frame.with_columns(empty).select(pl.col("id", *FIELDS).cast(pl.String))


def checked_pairs(pairs: pl.DataFrame, *, name: str) -> pl.DataFrame:
    """Pairs of ``seal`` and ``row``, as text.

    Raises
    ------
    ColumnError
        When one of the columns does not exist.
    """
    ColumnError.require(("seal", "row"), pairs.columns, where=f"frame {name!r}")
    return pairs.with_columns(pl.col("seal", "row").cast(pl.String))
