"""What GeoParquet notes of geometry columns (`GeoParquet 1.1 <https://geoparquet.org/releases/v1.1.0/>`_)."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from .crs import plain_crs
from .type_names import is_version

__all__ = ["rewrite_geo"]

_ENCODINGS = ("WKB", "WKT", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")
_CORNERS = ("xmin", "ymin", "zmin", "xmax", "ymax", "zmax")


def rewrite_geo(metadata: bytes, columns: Collection[str]) -> bytes | None:
    """Make the metadata under the key ``geo`` again, from the columns that are there.

    The extent is computed over all rows, and optional: removed. The list of geometry types becomes empty, which the
    format reads as "not known". What the format does not know is removed, and of a reference system its remarks.

    Parameters
    ----------
    metadata : bytes
        The JSON.
    columns : collection of str
        Names of the columns.

    Returns
    -------
    bytes or None
        None if it is no such JSON.

    Examples
    --------
    >>> geo = b'{"columns": {"g": {"encoding": "WKB", "geometry_types": ["Point"], "bbox": [0, 0, 1, 1]}}}'
    >>> rewrite_geo(geo, ["g"])
    b'{"columns": {"g": {"encoding": "WKB", "geometry_types": []}}}'
    """
    try:
        noted = json.loads(metadata)
    except (ValueError, RecursionError):
        return None
    if not isinstance(noted, dict):
        return None
    made: dict[str, Any] = {}
    if is_version(noted.get("version")):
        made["version"] = noted["version"]
    if noted.get("primary_column") in columns:
        made["primary_column"] = noted["primary_column"]
    if isinstance(noted.get("columns"), dict):
        known = {name: facts for name, facts in noted["columns"].items() if name in columns and isinstance(facts, dict)}
        made["columns"] = {name: _column(facts, columns) for name, facts in known.items()}
    return json.dumps(made).encode()


def _column(facts: dict[str, Any], columns: Collection[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if facts.get("encoding") in _ENCODINGS:
        made["encoding"] = facts["encoding"]
    if "geometry_types" in facts:
        made["geometry_types"] = []
    if "crs" in facts:
        made["crs"] = plain_crs(facts["crs"])
    if facts.get("edges") in ("planar", "spherical"):
        made["edges"] = facts["edges"]
    if facts.get("orientation") == "counterclockwise":
        made["orientation"] = facts["orientation"]
    epoch = facts.get("epoch")
    if isinstance(epoch, int | float) and 1800 <= epoch <= 2200:
        made["epoch"] = epoch
    covering = _covering(facts.get("covering"), columns)
    return made | ({"covering": {"bbox": covering}} if covering else {})


def _covering(covering: object, columns: Collection[str]) -> dict[str, list[str]] | None:
    """Which column holds the extent of each row: fields of a struct, by path."""
    box = covering.get("bbox") if isinstance(covering, dict) else None
    if not isinstance(box, dict):
        return None
    paths = {corner: path for corner, path in box.items() if corner in _CORNERS and isinstance(path, list)}
    fits = all(len(path) == 2 and path[0] in columns and path[1] in _CORNERS for path in paths.values())
    return paths if paths and fits else None
