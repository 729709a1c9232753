"""Coordinate reference systems: numbers and names that mean the same for everybody, without what somebody remarked.

PROJJSON: https://proj.org/en/stable/specifications/projjson.html
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["plain_crs"]

_REMARKS = frozenset({"remarks", "scope", "area", "bbox", "usages", "vertical_extent", "temporal_extent"})
_KEY = re.compile(r"[a-z_$]{1,32}")
_TEXT = re.compile(r"[\w .,:;/()+\-°'&=\[\]$]{0,100}")
_DIGITS = re.compile(r"\d{5}|[A-Z]\d{4}")
_SCHEMA = re.compile(r"https://proj\.org/schemas/v\d\.\d/projjson\.schema\.json")
_CODE = re.compile(r"[A-Z]{2,8}:(?:\d{1,6}|[A-Z]{2,8}\d{0,2})")
_DEPTH = 24


def plain_crs(crs: Any) -> Any:
    """Give a reference system without remarks, and with "unknown" if a name reads like an identifier.

    Parameters
    ----------
    crs : dict, str or None
        PROJJSON, an authority's code such as ``EPSG:2263``, or None.

    Returns
    -------
    dict, str or None
        None if it is nothing of these.

    Examples
    --------
    >>> plain_crs({"type": "GeographicCRS", "name": "WGS 84", "remarks": "of K14612345"})
    {'type': 'GeographicCRS', 'name': 'WGS 84'}
    """
    if isinstance(crs, str):
        return crs if _CODE.fullmatch(crs) else None
    return _known_crs(crs, 0) if isinstance(crs, dict) else None


def _known_crs(value: Any, depth: int) -> Any:
    if depth > _DEPTH:
        return None
    if isinstance(value, dict):
        known = {key: each for key, each in value.items() if _KEY.fullmatch(key) and key not in _REMARKS}
        return {key: _known_crs(each, depth + 1) for key, each in known.items()}
    if isinstance(value, list):
        return [_known_crs(each, depth + 1) for each in value]
    if isinstance(value, str):
        plain = _TEXT.fullmatch(value) and not _DIGITS.search(value)
        return value if plain or _SCHEMA.fullmatch(value) else "unknown"
    return value
