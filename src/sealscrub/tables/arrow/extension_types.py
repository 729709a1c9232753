"""Parameters of Arrow's extension types whose grammar is known; of others no one can know what they say.

Canonical types: https://arrow.apache.org/docs/format/CanonicalExtensions.html; GeoArrow:
https://geoarrow.org/extension-types; pandas writes periods and intervals.
"""

from __future__ import annotations

import json
from typing import Any

from .crs import plain_crs
from .type_names import is_frequency, is_numpy_type

__all__ = ["EXTENSION", "PARAMETERS", "is_json", "parameters"]

EXTENSION, PARAMETERS = b"ARROW:extension:name", b"ARROW:extension:metadata"
_PLAIN = frozenset({"arrow.uuid", "arrow.json", "arrow.bool8", "arrow.parquet.variant", "parquet.variant"})
_GEOARROW = frozenset(
    {
        *("geoarrow.wkb", "geoarrow.wkt", "geoarrow.point", "geoarrow.linestring", "geoarrow.polygon"),
        *("geoarrow.multipoint", "geoarrow.multilinestring", "geoarrow.multipolygon", "geoarrow.geometry"),
        *("geoarrow.geometrycollection", "geoarrow.box"),
    }
)


def is_json(kind: Any) -> bool:
    """Whether a type is Arrow's of JSON."""
    return getattr(kind, "extension_name", "") == "arrow.json"


def parameters(name: str, told: bytes) -> bytes | None:
    """Give an extension type's parameters as they may stay.

    Parameters
    ----------
    name : str
        The type's name.
    told : bytes
        Its parameters, serialized.

    Returns
    -------
    bytes or None
        None if the type, or a parameter, is not known.

    Examples
    --------
    >>> parameters("pandas.period", b'{"freq": "D"}'), parameters("pandas.period", b'{"freq": "K14612345"}')
    (b'{"freq": "D"}', None)
    """
    known = name in _PLAIN or name in _GEOARROW or name in _CHECKS
    if not told:
        return told if known and name not in _CHECKS else None
    try:
        noted = json.loads(told)
    except (ValueError, RecursionError):
        return None
    if not known or not isinstance(noted, dict):
        return None
    if name in _PLAIN:
        return told if told == b"{}" else None
    made = _geoarrow(noted) if name in _GEOARROW else noted if _CHECKS[name](noted) else None
    if made is None:
        return None
    spelled = json.dumps(made), json.dumps(made, separators=(",", ":"))
    return told if told.decode() in spelled else spelled[0].encode()


def _is_period(noted: dict[str, Any]) -> bool:
    return set(noted) == {"freq"} and is_frequency(noted["freq"])


def _is_interval(noted: dict[str, Any]) -> bool:
    sides = ("left", "right", "both", "neither")
    return set(noted) == {"subtype", "closed"} and is_numpy_type(noted["subtype"]) and noted["closed"] in sides


def _is_tensor(noted: dict[str, Any]) -> bool:
    numbers = [noted.get("shape"), noted.get("permutation", [])]
    return set(noted) <= {"shape", "permutation"} and all(
        isinstance(each, list) and all(type(number) is int for number in each) for each in numbers
    )


def _geoarrow(noted: dict[str, Any]) -> dict[str, Any] | None:
    """What GeoArrow says about a column, its reference system without remarks; None if something is not known."""
    kinds = ("projjson", "authority_code", None)
    edges = ("spherical", "vincenty", "thomas", "andoyer", "karney", "planar", None)
    known = (
        set(noted) <= {"crs", "crs_type", "edges"}
        and noted.get("crs_type") in kinds
        and noted.get("edges") in edges
        and (noted.get("crs") is None) == (plain_crs(noted.get("crs")) is None)
    )
    return {**noted, **({"crs": plain_crs(noted["crs"])} if "crs" in noted else {})} if known else None


_CHECKS = {"pandas.period": _is_period, "pandas.interval": _is_interval, "arrow.fixed_shape_tensor": _is_tensor}
