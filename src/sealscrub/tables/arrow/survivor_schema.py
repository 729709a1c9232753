"""The schema of a table of the rows that stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pyarrow as pa

from .geo_metadata import rewrite_geo
from .pandas_metadata import categorical_codes, pandas_categoricals, rewrite
from .schema_entries import stripped_schema

__all__ = ["written_schema"]


def written_schema(
    schema: pa.Schema,
    rows: int,
    levels: Mapping[str, int],
    *,
    keep: Collection[str] = (),
) -> pa.Schema:
    """Make a schema's metadata again from the rows and columns that are there, and the types of pandas' categoricals.

    pandas writes the codes of a categorical in the narrowest type that counts its levels. Lists of categories stay
    as they are: :mod:`.enum_lists` makes them fit.

    Parameters
    ----------
    schema : pyarrow.Schema
        Of the table as it was.
    rows : int
        Number of rows that stay.
    levels : mapping of str to int
        How many levels each categorical column has.
    keep : collection of str
        Entries of metadata that stay.

    Returns
    -------
    pyarrow.Schema

    Raises
    ------
    UsageError
        When the pandas index is a range of ids.
    """
    bare, _ = stripped_schema(schema, keep)
    metadata = dict(bare.metadata or {})
    made = {
        b"pandas": rewrite(metadata[b"pandas"], bare.names, rows, levels, keep) if b"pandas" in metadata else None,
        b"geo": rewrite_geo(metadata[b"geo"], bare.names) if b"geo" in metadata else None,
    }
    kept = {key: made.get(key, value) for key, value in metadata.items()}
    counted = pandas_categoricals(metadata).intersection(levels)
    fields = [_narrowed(field, levels[field.name]) if field.name in counted else field for field in bare]
    return pa.schema(fields, {key: value for key, value in kept.items() if value is not None} or None)


def _narrowed(field: pa.Field, levels: int) -> pa.Field:
    kind = field.type
    if not pa.types.is_dictionary(kind):
        return field
    return field.with_type(pa.dictionary(pa.from_numpy_dtype(categorical_codes(levels)), kind.value_type, kind.ordered))
