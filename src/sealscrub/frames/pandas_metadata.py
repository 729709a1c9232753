"""Counts that writers leave in schema metadata, made to say what is there.

pandas notes in the ``pandas`` key of an Arrow or Parquet schema how long a ``RangeIndex`` was and how many
levels each categorical had (`pandas developer documentation
<https://pandas.pydata.org/docs/development/developer.html#storing-pandas-dataframe-objects-in-apache-parquet-format>`_).
GeoParquet notes in ``geo`` the extent of each geometry column (`GeoParquet 1.1
<https://geoparquet.org/releases/v1.1.0/>`_). All of these were computed over rows that went.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sealscrub.errors import UsageError

__all__ = ["rewrite", "rewrite_geo", "rewrite_schema"]


def rewrite(metadata: bytes, rows: int, levels: Mapping[str, int]) -> bytes:
    """Let pandas metadata speak of the rows and levels that are there.

    Parameters
    ----------
    metadata : bytes
        The JSON under the key ``pandas``. What is no such JSON comes back as it is.
    rows : int
        Number of rows written.
    levels : mapping of str to int
        Number of levels of each categorical column, by its field name.

    Returns
    -------
    bytes
        The same JSON with the stop of a range index and the numbers of categories put right, written as pandas
        writes it whether anything had to be put right or not: spaces would tell.

    Raises
    ------
    UsageError
        When a range index has a name and does not count rows from 0: then it holds ids, which would be others.

    Examples
    --------
    >>> rewrite(b'{"index_columns": [{"kind": "range", "start": 5, "stop": 25, "step": 2}]}', 3, {})
    b'{"index_columns": [{"kind": "range", "start": 5, "stop": 11, "step": 2}]}'
    """
    noted = _object(metadata)
    if noted is None:
        return metadata
    counted = False
    for index in _dicts(noted.get("index_columns")):
        if index.get("kind") == "range":
            if index.get("name") is not None and (index.get("start"), index.get("step")) != (0, 1):
                raise UsageError(
                    "the pandas index of this table is a range of ids, whose values are nowhere in the data",
                    hint="write the table with its index as a column: reset_index() in pandas.",
                )
            index["stop"] = _int(index.get("start"), 0) + rows * _int(index.get("step"), 1)
            counted = True
    for column in _dicts(noted.get("columns")):
        facts = column.get("metadata")
        count = levels.get(str(column.get("field_name") or column.get("name")))
        if isinstance(facts, dict) and "num_categories" in facts and count is not None:
            facts["num_categories"] = count
            counted = True
    return json.dumps(noted).encode() if counted else metadata


def rewrite_geo(metadata: bytes) -> bytes:
    """Drop from GeoParquet metadata what was computed over all rows.

    The extent is optional and goes; the list of geometry types becomes empty, which the format reads as
    "not known".

    Parameters
    ----------
    metadata : bytes
        The JSON under the key ``geo``. What is no such JSON comes back as it is.

    Returns
    -------
    bytes
        The same JSON without them.

    Examples
    --------
    >>> rewrite_geo(b'{"columns": {"g": {"geometry_types": ["Point"], "bbox": [0, 0, 1, 1]}}}')
    b'{"columns": {"g": {"geometry_types": []}}}'
    """
    noted = _object(metadata)
    if noted is None:
        return metadata
    columns = noted.get("columns")
    computed = False
    for column in columns.values() if isinstance(columns, dict) else ():
        if isinstance(column, dict) and ("bbox" in column or "geometry_types" in column):
            column.pop("bbox", None)
            if "geometry_types" in column:
                column["geometry_types"] = []
            computed = True
    return json.dumps(noted).encode() if computed else metadata


def rewrite_schema(
    metadata: Mapping[bytes, bytes] | None, rows: int, levels: Mapping[str, int]
) -> dict[bytes, bytes] | None:
    """Apply :func:`rewrite` and :func:`rewrite_geo` to a schema's metadata; other keys stay as they are.

    Parameters
    ----------
    metadata : mapping of bytes to bytes, optional
        Of an Arrow or Parquet schema.
    rows, levels
        See :func:`rewrite`.

    Returns
    -------
    dict of bytes to bytes, or None
        None where there was none.
    """
    if metadata is None:
        return None
    result = dict(metadata)
    if b"pandas" in result:
        result[b"pandas"] = rewrite(result[b"pandas"], rows, levels)
    if b"geo" in result:
        result[b"geo"] = rewrite_geo(result[b"geo"])
    return result


def _object(metadata: bytes) -> dict[str, Any] | None:
    try:
        noted = json.loads(metadata)
    except ValueError:
        return None
    return noted if isinstance(noted, dict) else None


def _dicts(items: object) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _int(value: object, default: int) -> int:
    return value if isinstance(value, int) else default
