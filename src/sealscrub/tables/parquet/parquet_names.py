"""Columns of a Parquet file that share a name: inside, each goes under a name of its own, recognised by its place.

Readers and writers find columns by name. A file whose names differ keeps them all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

__all__ = ["called", "distinct_names", "share_names", "with_names"]

_MARK = "\x1f"


def share_names(names: Sequence[str]) -> bool:
    """Say whether two columns have one name."""
    return len(set(names)) < len(names)


def distinct_names(names: Sequence[str]) -> list[str]:
    r"""Give each column a name of its own; those that differ stay.

    >>> distinct_names(["n", "arrest_no", "n"])
    ['n\x1f0', 'arrest_no', 'n\x1f2']
    """
    counts = Counter(names)
    return [f"{name}{_MARK}{at}" if counts[name] > 1 else name for at, name in enumerate(names)]


def called(name: str) -> str:
    r"""Give the name that the file has for a column.

    >>> called("n\x1f2"), called("arrest_no")
    ('n', 'arrest_no')
    """
    return re.sub(_MARK + r"\d+\Z", "", name)


def with_names(schema: pa.Schema, names: Sequence[str]) -> pa.Schema:
    """Give a schema whose fields have these names."""
    fields = [field.with_name(name) for field, name in zip(schema, names, strict=True)]
    return pa.schema(fields, metadata=schema.metadata)
