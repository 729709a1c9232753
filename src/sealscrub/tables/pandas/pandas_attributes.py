"""What a pandas frame carries other than its columns: ``attrs``, flags, attributes of a subclass.

``attrs`` can hold anything, the earlier frame among it; a subclass names in ``_metadata`` attributes of its own,
which pandas copies and pickles. No one can know what they say about the rows, so they are removed unless named.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any

import pandas as pd

from ..aggregate_mark import MARK
from ..arrow.schema_entries import marked
from ..object_texts import object_texts

__all__ = ["attribute_texts", "beside_columns", "carried", "with_attributes"]

_OURS = frozenset({"_mgr", "_attrs", "_flags", "_item_cache", "_cache", "_is_copy"})
_GEOMETRY = "_geometry_column_name"


def beside_columns(data: pd.DataFrame) -> list[str]:
    """Names of what a frame carries other than its columns, but for its flags and a GeoDataFrame's geometry column."""
    return sorted({*map(str, data.attrs), *_attributes(data)} - {MARK})


def carried(data: pd.DataFrame) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Give all that a frame carries other than its columns: ``attrs`` and its attributes, with a geometry column."""
    names = [*_attributes(data), *([_GEOMETRY] if _GEOMETRY in vars(data) else [])]
    return data.attrs, {name: vars(data)[name] for name in names}


def attribute_texts(data: pd.DataFrame) -> dict[str, list[str]]:
    """Give the texts in what a frame carries other than its columns, by name."""
    attrs, attributes = carried(data)
    held = {str(name): value for name, value in attrs.items()} | attributes
    found = {name: object_texts([value]) for name, value in held.items()}
    return {name: [] if texts is None else texts.drop_nulls().to_list() for name, texts in found.items()}


def with_attributes(made: Any, data: pd.DataFrame, keep: Collection[str]) -> Any:
    """Let a frame made from another carry what is kept of what that one carries, and nothing else.

    Parameters
    ----------
    made : pandas.DataFrame
        Of the same class.
    data : pandas.DataFrame
    keep : collection of str
        Names of entries of ``attrs``, and of attributes of a subclass.

    Returns
    -------
    pandas.DataFrame
        `made` itself.
    """
    attrs = {name: copy.deepcopy(value) for name, value in data.attrs.items() if str(name) in keep}
    made.attrs = attrs | ({MARK: marked(data.attrs[MARK])} if MARK in data.attrs else {})
    made.flags.allows_duplicate_labels = bool(data.flags.allows_duplicate_labels)
    if "_is_copy" in vars(made):  # pandas 2 refers by it to the frame that was sliced
        made.__dict__["_is_copy"] = None
    for name in _attributes(made):
        del made.__dict__[name]
    for name in _attributes(data):
        if name in keep:
            object.__setattr__(made, name, copy.deepcopy(data.__dict__[name]))
    for name in getattr(made, "_metadata", ()):
        if not hasattr(type(made), name) and name not in made.__dict__:
            object.__setattr__(made, name, None)  # as pandas has it in a frame made from one without
    if _GEOMETRY in getattr(data, "_metadata", ()):
        geometry = data.__dict__.get(_GEOMETRY)
        known = isinstance(geometry, str) and geometry in data.columns
        object.__setattr__(made, _GEOMETRY, geometry if known else None)
    return made


def _attributes(data: pd.DataFrame) -> list[str]:
    return [name for name in vars(data) if name not in _OURS and name != _GEOMETRY]
