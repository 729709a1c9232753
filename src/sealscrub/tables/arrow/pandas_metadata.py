"""What pandas and GeoParquet note in a schema's metadata, made again from the rows and columns that are there.

pandas notes in the ``pandas`` key of an Arrow or Parquet schema how long a ``RangeIndex`` was and how many
levels each categorical had (`pandas developer documentation
<https://pandas.pydata.org/docs/development/developer.html#storing-pandas-dataframe-objects-in-apache-parquet-format>`_).
These were computed over rows that were removed. What the grammar does not know, somebody wrote, and it is removed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import UsageError

from .type_names import is_numpy_type, is_pandas_type, is_version

__all__ = ["attribute_names", "categorical_codes", "kept_attributes", "pandas_categoricals", "rewrite"]

_LIBRARIES = ("pyarrow", "fastparquet", "polars", "cudf", "dask", "awswrangler", "geopandas")


def rewrite(
    metadata: bytes, columns: Collection[str], rows: int, levels: Mapping[str, int], keep: Collection[str] = ()
) -> bytes | None:
    """Make the metadata under the key ``pandas`` again.

    Parameters
    ----------
    metadata : bytes
        The JSON.
    columns : collection of str
        Names of the columns that are there.
    rows : int
        Number of rows written.
    levels : mapping of str to int
        Number of levels of each categorical column, by its field name.
    keep : collection of str
        Entries of ``DataFrame.attrs`` that stay.

    Returns
    -------
    bytes or None
        JSON as pandas writes it; None if it is no such JSON.

    Raises
    ------
    UsageError
        When a range index has a name and does not count rows from 0: then it holds ids, which would be others.

    Examples
    --------
    >>> rewrite(b'{"index_columns": [{"kind": "range", "start": 5, "stop": 25, "step": 2}]}', [], 3, {})
    b'{"index_columns": [{"kind": "range", "name": null, "start": 5, "stop": 11, "step": 2}]}'
    """
    noted = _object(metadata)
    if noted is None:
        return None
    made: dict[str, Any] = {}
    if "index_columns" in noted:
        made["index_columns"] = list(_indexes(noted["index_columns"], columns, rows))
    if "column_indexes" in noted:
        made["column_indexes"] = [_axis(axis) for axis in _dicts(noted["column_indexes"])]
    if "columns" in noted:
        known = [each for each in _dicts(noted["columns"]) if _field_name(each) in columns]
        made["columns"] = [_column(each, columns, levels) for each in known]
    if "attributes" in noted:
        made["attributes"] = kept_attributes(noted["attributes"], keep)[0]
    if "partition_columns" in noted:
        made["partition_columns"] = []
    creator = noted.get("creator")
    if isinstance(creator, dict) and creator.get("library") in _LIBRARIES and is_version(creator.get("version")):
        made["creator"] = {"library": creator["library"], "version": creator["version"]}
    if is_version(noted.get("pandas_version")):
        made["pandas_version"] = noted["pandas_version"]
    return json.dumps(made).encode()


def kept_attributes(attributes: object, keep: Collection[str]) -> tuple[dict[str, Any], list[str]]:
    """Give of ``DataFrame.attrs``, as a dict or as JSON, what stays, and the names of what is removed.

    >>> kept_attributes(b'{"source": "a", "unit": "years"}', ["unit"])
    ({'unit': 'years'}, ['source'])
    """
    noted = _object(attributes) if isinstance(attributes, bytes) else attributes
    if not isinstance(noted, dict):
        return {}, ["PANDAS_ATTRS"] if noted else []
    return {name: noted[name] for name in noted if name in keep}, [name for name in noted if name not in keep]


def attribute_names(metadata: bytes, keep: Collection[str]) -> list[str]:
    """Names of the entries of ``DataFrame.attrs``, in metadata under the key ``pandas``, that are removed."""
    noted = _object(metadata)
    if noted is None:
        return ["pandas"]
    unknown = [name for name in noted if name not in _PANDAS_KEYS]
    return unknown + kept_attributes(noted.get("attributes"), keep)[1]


def pandas_categoricals(metadata: Mapping[bytes, bytes] | None) -> frozenset[str]:
    """Columns that pandas wrote as categoricals."""
    noted = _object((metadata or {}).get(b"pandas")) or {}
    return frozenset(
        _field_name(each) for each in _dicts(noted.get("columns")) if each.get("pandas_type") == "categorical"
    )


def categorical_codes(levels: int) -> npt.DTypeLike:
    """Give the type in which pandas counts so many levels of a categorical: a wider one shows that there were others.

    >>> categorical_codes(126), categorical_codes(127)
    (dtype('int8'), dtype('int16'))
    """
    kinds = (np.dtype(name) for name in ("int8", "int16", "int32"))
    return next((kind for kind in kinds if levels < np.iinfo(kind).max), np.dtype("int64"))


_PANDAS_KEYS = (
    *("index_columns", "column_indexes", "columns", "attributes", "partition_columns", "creator", "pandas_version"),
)


def _indexes(noted: object, columns: Collection[str], rows: int) -> list[Any]:
    made: list[Any] = []
    for index in noted if isinstance(noted, list) else ():
        if isinstance(index, str) and index in columns:
            made.append(index)
        elif isinstance(index, dict) and index.get("kind") == "range":
            name, start, step = index.get("name"), _int(index.get("start"), 0), _int(index.get("step"), 1)
            if name is not None and (start, step) != (0, 1):
                raise UsageError(
                    "the pandas index of this table is a range of ids, whose values are nowhere in the data",
                    hint="write the table with its index as a column: reset_index() in pandas.",
                )
            stop = start + rows * step
            made.append({"kind": "range", "name": _label(name), "start": start, "stop": stop, "step": step})
    return made


def _axis(noted: dict[str, Any]) -> dict[str, Any]:
    """The index of the columns: its name, which is a name as those of the columns are, and its type."""
    facts = noted.get("metadata")
    return {
        "name": _label(noted.get("name")),
        "field_name": _label(noted.get("field_name", noted.get("name"))),
        **_types(noted),
        "metadata": {"encoding": "UTF-8"} if isinstance(facts, dict) and "encoding" in facts else None,
    }


def _column(noted: dict[str, Any], columns: Collection[str], levels: Mapping[str, int]) -> dict[str, Any]:
    field, name = _field_name(noted), noted.get("name")
    made = {"name": name if name is None or name in columns else field}
    if "field_name" in noted:
        made["field_name"] = field
    made |= _types(noted)
    if made["pandas_type"] == "categorical" and field in levels:
        made["numpy_type"] = str(categorical_codes(levels[field]))
    return {**made, "metadata": _facts(noted.get("metadata"), levels.get(field))}


def _facts(facts: object, levels: int | None) -> dict[str, Any] | None:
    if not isinstance(facts, dict):
        return None
    made: dict[str, Any] = {}
    if "num_categories" in facts and levels is not None:
        made["num_categories"] = levels
    if isinstance(facts.get("ordered"), bool):
        made["ordered"] = facts["ordered"]
    zone = facts.get("timezone")
    if is_numpy_type(f"datetime64[ns, {zone}]"):
        made["timezone"] = zone
    for name in ("precision", "scale"):
        if isinstance(facts.get(name), int) and abs(facts[name]) <= 76:
            made[name] = facts[name]
    if facts.get("encoding") == "UTF-8":
        made["encoding"] = "UTF-8"
    return made


def _types(noted: dict[str, Any]) -> dict[str, Any]:
    pandas, numpy = noted.get("pandas_type"), noted.get("numpy_type")
    return {
        "pandas_type": pandas if is_pandas_type(pandas) else "object",
        "numpy_type": numpy if is_numpy_type(numpy) else "object",
    }


def _field_name(noted: dict[str, Any]) -> str:
    return str(noted.get("field_name") or noted.get("name"))


def _label(name: object) -> str | None:
    return name if isinstance(name, str) else None


def _object(metadata: object) -> dict[str, Any] | None:
    try:
        noted = json.loads(metadata) if isinstance(metadata, bytes | str) else None
    except (ValueError, RecursionError):
        return None
    return noted if isinstance(noted, dict) else None


def _dicts(items: object) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _int(value: object, default: int) -> int:
    return value if type(value) is int else default
